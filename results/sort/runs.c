/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/sort/runs-inside.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct runs *runs_create(const struct runs_plan *plan)
{
	struct runs *runs = calloc(1, sizeof(*runs));

	if (runs)
		runs->plan = *plan;
	return runs;
}

static void run_free(struct run *run)
{
	if (run->resolvers)
		counts_destroy(&run->resolvers);
	manifest_destroy(&run->manifest);
	pthread_mutex_destroy(&run->lock);
	free(run->path);
	free(run);
}

void runs_destroy(struct runs **runs)
{
	if (!*runs)
		return;
	for (size_t i = 0; i < (*runs)->part_count; i++)
		part_destroy(&(*runs)->parts[i]);
	for (struct run *run = (*runs)->first, *next; run; run = next) {
		next = run->next;
		run_free(run);
	}
	free((*runs)->parts);
	free(*runs);
	*runs = NULL;
}

void run_complain(struct run *run, const char *file, const char *format, ...)
{
	FILE *out = run->runs->plan.messages;
	va_list args;

	run->runs->damaged = true;
	fprintf(out, "%s%s%s: ", run->path, file ? "/" : "", file ? file : "");
	va_start(args, format);
	vfprintf(out, format, args);
	va_end(args);
	fputc('\n', out);
}

const char *run_path(const struct run *run, const char *file, char path[RUNS_PATH_MAX])
{
	snprintf(path, RUNS_PATH_MAX, "%s/%s", run->path, file);
	return path;
}

int runs_resolver_of(struct part *part, struct view name)
{
	return run_resolver(part->owner, name);
}

/* ---- the directory ---- */

static bool ends_with(const char *name, const char *end)
{
	size_t len = strlen(name), tail = strlen(end);

	return len >= tail && strcmp(name + len - tail, end) == 0;
}

static bool is_pairs(const char *name)
{
	return strncmp(name, "pairs-", 6) == 0;
}

static bool is_rows(const char *name)
{
	return is_pairs(name) || strncmp(name, "evidence-", 9) == 0;
}

/* A part, or what a writer that was killed left behind. */
static int is_part(const struct dirent *entry)
{
	const char *name = entry->d_name;

	return is_rows(name) && (ends_with(name, ".csv.gz") || ends_with(name, ".csv") ||
				 ends_with(name, ".csv.gz.part"));
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static const struct manifest_part *listed(const struct run *run, const char *name)
{
	for (size_t i = 0; run->manifest && i < run->manifest->part_count; i++)
		if (strcmp(run->manifest->parts[i].name, name) == 0)
			return &run->manifest->parts[i];
	return NULL;
}

static void add_part(struct run *run, const char *path, enum part_content content,
		     const struct stat *info)
{
	struct runs *runs = run->runs;
	struct part **more = reallocarray(runs->parts, runs->part_count + 1, sizeof(*more)),
		    *part = part_create(path, path, content);

	if (more)
		runs->parts = more;
	if (!more || !part) {
		runs->no_memory = true;
		part_destroy(&part);
		return;
	}
	part->owner = run;
	part->device = info->st_dev;
	part->inode = info->st_ino;
	part->number = runs->part_count;
	part->listed = listed(run, base_of(path));
	part->verify = runs->plan.verify;
	more[runs->part_count++] = part;
}

static void check_missing(struct run *run, struct dirent **names, int count)
{
	uint64_t missing = 0;

	for (size_t i = 0; run->manifest && i < run->manifest->part_count; i++) {
		const char *name = run->manifest->parts[i].name;
		bool found = !is_rows(name); /* other files of the run are none of our business */

		for (int j = 0; j < count && !found; j++)
			found = strcmp(names[j]->d_name, name) == 0;
		if (!found && ++missing <= PART_SHOWN)
			run_complain(run, name, "is missing, though run.json lists it");
	}
	if (missing > PART_SHOWN)
		run_complain(run, NULL, "%llu more files are missing that run.json lists",
			     (unsigned long long)(missing - PART_SHOWN));
	run->runs->plan.tally->missing_files += missing;
}

static enum runs_result add_directory(struct run *run)
{
	struct dirent **names;
	char path[RUNS_PATH_MAX];
	int count = scandir(run->path, &names, is_part, alphasort);
	struct stat info;

	if (count < 0) {
		run_complain(run, NULL, "%s", strerror(errno));
		return RUNS_UNREADABLE;
	}
	if (count == 0 && stat(run_path(run, "run.json", path), &info) != 0) {
		run_complain(
			run, NULL, "%s",
			stat(run_path(run, "questions.gz", path), &info) == 0
				? "a report, not a run directory: that is for --merge"
				: "not a run directory: neither run.json nor pairs-NNN.csv.gz");
		free(names);
		return RUNS_UNREADABLE;
	}
	run_read_said(run);
	check_missing(run, names, count);
	for (int i = 0; i < count; i++) {
		const char *name = names[i]->d_name;

		if (ends_with(name, ".part"))
			run_complain(run, name, "was not finished by its writer");
		if (stat(run_path(run, name, path), &info) != 0)
			info = (struct stat){0}; /* its reader will say why */
		add_part(run, path, is_pairs(name) ? PART_PAIRS : PART_EVIDENCE, &info);
		free(names[i]);
	}
	free(names);
	return RUNS_READ;
}

static void say_twice(const struct runs *runs, const char *path)
{
	fprintf(runs->plan.messages, "%s: is given twice, and read once\n", path);
}

/* As with a symbolic link "latest" beside what it points to. */
static bool is_given_before(const struct run *run)
{
	for (const struct run *other = run->next; other; other = other->next)
		if (!other->is_file && other->inode == run->inode && other->device == run->device)
			return true;
	return false;
}

enum runs_result runs_add(struct runs *runs, const char *path)
{
	struct run *run = calloc(1, sizeof(*run));
	enum runs_result result = RUNS_READ;
	bool standard = strcmp(path, "-") == 0;
	struct stat info = {0};

	if (!run)
		return RUNS_NO_MEMORY;
	pthread_mutex_init(&run->lock, NULL);
	run->runs = runs;
	run->next = runs->first;
	runs->first = run;
	run->path = strdup(path);
	run->resolvers = counts_create(1);
	if (!run->path || !run->resolvers)
		return RUNS_NO_MEMORY;
	if ((standard ? fstat(STDIN_FILENO, &info) : stat(path, &info)) != 0) {
		run_complain(run, NULL, "%s", strerror(errno));
		return RUNS_UNREADABLE;
	}
	run->is_file = standard || !S_ISDIR(info.st_mode);
	run->device = info.st_dev;
	run->inode = info.st_ino;
	if (run->is_file) {
		add_part(run, path, PART_PAIRS, &info);
	} else if (is_given_before(run)) {
		say_twice(runs, path);
		return RUNS_READ;
	} else {
		result = add_directory(run);
	}
	runs->plan.tally->runs += result == RUNS_READ;
	return runs->no_memory ? RUNS_NO_MEMORY : result;
}

/* The same file side by side, first where it lies in a directory that knows more of it. */
static int by_file(const void *a, const void *b)
{
	const struct part *x = *(struct part *const *)a, *y = *(struct part *const *)b;
	const struct run *of_x = x->owner, *of_y = y->owner;

	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	if (of_x->is_file != of_y->is_file)
		return of_x->is_file ? 1 : -1;
	return x->number < y->number ? -1 : 1;
}

static int by_number(const void *a, const void *b)
{
	const struct part *x = *(struct part *const *)a, *y = *(struct part *const *)b;

	return x->number < y->number ? -1 : 1;
}

/* As with a run directory and "DIR/pairs-*.csv.gz". */
static void drop_twice(struct runs *runs)
{
	struct part **parts = runs->parts;
	size_t kept = 0;

	if (runs->part_count < 2)
		return;
	qsort(parts, runs->part_count, sizeof(*parts), by_file);
	for (size_t i = 0; i < runs->part_count; i++) {
		struct part *part = parts[i], *last = kept ? parts[kept - 1] : NULL;
		const struct run *run = part->owner;

		if (!last || !part->inode || part->inode != last->inode ||
		    part->device != last->device) {
			parts[kept++] = part;
			continue;
		}
		say_twice(runs, part->path);
		runs->plan.tally->runs -= run->is_file;
		part_destroy(&part);
	}
	runs->part_count = kept;
	qsort(parts, runs->part_count, sizeof(*parts), by_number);
}

struct part **runs_parts(struct runs *runs, size_t *count)
{
	drop_twice(runs);
	*count = runs->part_count;
	return runs->parts;
}

bool runs_own_expected(const struct runs *runs)
{
	return runs->own_expected;
}

/* ---- when all is read ---- */

static void finish_part(struct runs *runs, struct part *part)
{
	struct run *run = part->owner;
	const struct manifest_part *said = part->listed;
	struct tally *tally = runs->plan.tally;
	uint64_t rows = part->good + part->bad;

	part_tell(part, runs->plan.messages);
	tally->files += !part->unreadable;
	tally->bad_lines += part->bad;
	tally->damaged_files += part->damaged;
	runs->damaged |= part->damaged || part->differs || part->bad;
	if (said && !part->damaged && rows != said->rows)
		run_complain(run, said->name, "%llu rows, run.json says %llu",
			     (unsigned long long)rows, (unsigned long long)said->rows);
}

enum runs_result runs_finish(struct runs *runs)
{
	bool unreadable = false;

	for (size_t i = 0; i < runs->part_count; i++) {
		struct part *part = runs->parts[i];
		const struct run *run = part->owner;

		finish_part(runs, part);
		unreadable |= run->is_file && part->good == 0 && (part->damaged || part->bad);
	}
	return unreadable ? RUNS_UNREADABLE : runs->damaged ? RUNS_DAMAGED : RUNS_READ;
}
