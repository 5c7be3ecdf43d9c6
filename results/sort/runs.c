/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/sort/runs.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/lines.h"
#include "results/rows/table.h"

#define PATH_OCTETS 4096

struct run {
	struct runs *runs;
	struct run *next;
	char *path;
	struct manifest *manifest; /* NULL: none */
	pthread_mutex_t lock;	   /* over resolvers */
	struct counts *resolvers;  /* name -> the panel's number; width 1 */
	dev_t device; /* these two tell which it is, whatever its path */
	ino_t inode;  /* 0: not known */
	bool is_file;
};

struct runs {
	struct runs_plan plan;
	struct run *first;
	struct part **parts;
	size_t part_count;
	bool own_expected, damaged, no_memory;
};

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

__attribute__((format(printf, 3, 4))) static void complain(struct run *run, const char *file,
							   const char *format, ...)
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

static const char *path_of(const struct run *run, const char *file, char path[PATH_OCTETS])
{
	snprintf(path, PATH_OCTETS, "%s/%s", run->path, file);
	return path;
}

/* ---- resolvers ---- */

static int resolver_of(struct run *run, struct view name)
{
	struct counts_item *item;
	int number = -1;

	pthread_mutex_lock(&run->lock);
	item = counts_find(run->resolvers, name);
	if (item) {
		number = (int)item->number[0];
	} else {
		number = panel_add(run->runs->plan.panel, run, name,
				   run->manifest ? run->manifest->vantage : NULL);
		item = number < 0 ? NULL : counts_at(run->resolvers, name);
		if (item)
			item->number[0] = (uint64_t)number;
	}
	pthread_mutex_unlock(&run->lock);
	return item ? number : -1;
}

int runs_resolver_of(struct part *part, struct view name)
{
	return resolver_of(part->owner, name);
}

static bool take_calibration(struct run *run, const struct calibration *row)
{
	int number = resolver_of(run, row->resolver);

	if (number < 0)
		return false;
	panel_calibrate(run->runs->plan.panel, number, row);
	return tally_calibration(run->runs->plan.tally, (unsigned)number, row);
}

static void read_calibrations(struct run *run)
{
	struct tally *tally = run->runs->plan.tally;
	char why[CSV_WHY_MAX], path[PATH_OCTETS], *line;
	enum table_result result;
	struct calibration row;
	struct table *table;
	uint64_t bad = 0;
	size_t len;

	table = table_open(path_of(run, "resolvers.csv", path), calibration_columns, why);
	if (!table) {
		tally->damaged_files += access(path, F_OK) == 0;
		complain(run, "resolvers.csv", "%s; nothing is known of the resolvers", why);
		return;
	}
	tally->files++;
	while ((result = table_next(table, &line, &len, why)) == TABLE_LINE ||
	       result == TABLE_BAD_LINE) {
		if (result == TABLE_LINE &&
		    calibration_read(table_layout(table), line, len, &row, why))
			run->runs->no_memory |= !take_calibration(run, &row);
		else if (++bad <= PART_SHOWN)
			complain(run, "resolvers.csv", "line %llu: %s",
				 (unsigned long long)table_line(table), why);
	}
	tally->bad_lines += bad;
	if (result == TABLE_ERROR) {
		tally->damaged_files++;
		complain(run, "resolvers.csv", "%s", why);
	}
	table_close(&table);
}

/* ---- operators ---- */

/* Only a run that read zone files has such a file. */
static void read_operators(struct run *run)
{
	struct tally *tally = run->runs->plan.tally;
	const char *vantage = run->manifest ? run->manifest->vantage : NULL;
	char why[CSV_WHY_MAX], path[PATH_OCTETS], *line;
	enum table_result result;
	struct delegations row;
	struct table *table;
	uint64_t bad = 0;
	size_t len;

	if (access(path_of(run, DELEGATIONS_FILE, path), F_OK) != 0)
		return;
	table = table_open(path, delegations_columns, why);
	if (!table) {
		tally->damaged_files++;
		complain(run, DELEGATIONS_FILE, "%s; operators have no delegations", why);
		return;
	}
	tally->files++;
	while ((result = table_next(table, &line, &len, why)) == TABLE_LINE ||
	       result == TABLE_BAD_LINE) {
		if (result == TABLE_LINE &&
		    delegations_read(table_layout(table), line, len, &row, why))
			run->runs->no_memory |= !tally_delegations(tally, &row, vantage);
		else if (++bad <= PART_SHOWN)
			complain(run, DELEGATIONS_FILE, "line %llu: %s",
				 (unsigned long long)table_line(table), why);
	}
	tally->bad_lines += bad;
	if (result == TABLE_ERROR) {
		tally->damaged_files++;
		complain(run, DELEGATIONS_FILE, "%s", why);
	}
	table_close(&table);
}

/* ---- the directory ---- */

static void read_expected(struct run *run)
{
	char path[PATH_OCTETS];
	struct lines *lines = lines_open(path_of(run, "broken-on-purpose.txt", path));
	struct line line;
	int got;

	if (!lines && errno != ENOENT) {
		run->runs->plan.tally->damaged_files++;
		complain(run, "broken-on-purpose.txt", "%s", strerror(errno));
	}
	if (!lines)
		return;
	run->runs->own_expected = true;
	while ((got = lines_next(lines, &line)) > 0)
		run->runs->no_memory |=
			!expected_add(run->runs->plan.expected, (struct view){line.text, line.len});
	if (got < 0)
		complain(run, "broken-on-purpose.txt", "%s", lines_error(lines));
	lines_close(&lines);
}

static void read_manifest(struct run *run)
{
	struct tally *tally = run->runs->plan.tally;
	char path[PATH_OCTETS], why[MANIFEST_WHY_MAX];

	run->manifest = manifest_read(path_of(run, "run.json", path), why);
	if (run->manifest) {
		run->runs->no_memory |= !tally_manifest(tally, run->manifest);
	} else {
		tally->runs_without_manifest++;
		complain(run, "run.json", "%s", why);
	}
}

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

static void add_part(struct run *run, const char *path, enum part_content content)
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
	part->number = runs->part_count;
	part->listed = listed(run, base_of(path));
	part->verify = runs->plan.verify;
	more[runs->part_count++] = part;
}

static void check_missing(struct run *run, struct dirent **names, int count)
{
	for (size_t i = 0; run->manifest && i < run->manifest->part_count; i++) {
		const char *name = run->manifest->parts[i].name;
		bool found = !is_rows(name); /* other files of the run are none of our business */

		for (int j = 0; j < count && !found; j++)
			found = strcmp(names[j]->d_name, name) == 0;
		if (found)
			continue;
		run->runs->plan.tally->missing_files++;
		complain(run, name, "is missing, though run.json lists it");
	}
}

static enum runs_result add_directory(struct run *run)
{
	struct dirent **names;
	char path[PATH_OCTETS];
	int count = scandir(run->path, &names, is_part, alphasort);
	struct stat info;

	if (count < 0) {
		complain(run, NULL, "%s", strerror(errno));
		return RUNS_UNREADABLE;
	}
	if (count == 0 && stat(path_of(run, "run.json", path), &info) != 0) {
		complain(run, NULL, "%s",
			 stat(path_of(run, "questions.gz", path), &info) == 0
				 ? "a report, not a run directory: that is for --merge"
				 : "not a run directory: neither run.json nor pairs-NNN.csv.gz");
		free(names);
		return RUNS_UNREADABLE;
	}
	read_manifest(run);
	read_expected(run);
	read_calibrations(run);
	read_operators(run);
	check_missing(run, names, count);
	for (int i = 0; i < count; i++) {
		const char *name = names[i]->d_name;

		if (ends_with(name, ".part"))
			complain(run, name, "was not finished by its writer");
		add_part(run, path_of(run, name, path),
			 is_pairs(name) ? PART_PAIRS : PART_EVIDENCE);
		free(names[i]);
	}
	free(names);
	return RUNS_READ;
}

/* As with a symbolic link "latest" beside what it points to. */
static bool is_given_before(const struct run *run)
{
	for (const struct run *other = run->next; other; other = other->next)
		if (run->inode && other->inode == run->inode && other->device == run->device)
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
		complain(run, NULL, "%s", strerror(errno));
		return RUNS_UNREADABLE;
	}
	run->device = info.st_dev;
	run->inode = info.st_ino;
	if (is_given_before(run)) {
		fprintf(runs->plan.messages, "%s: is given twice, and read once\n", path);
		return RUNS_READ;
	}
	run->is_file = standard || !S_ISDIR(info.st_mode);
	if (run->is_file)
		add_part(run, path, PART_PAIRS);
	else
		result = add_directory(run);
	runs->plan.tally->runs += result == RUNS_READ;
	return runs->no_memory ? RUNS_NO_MEMORY : result;
}

struct part **runs_parts(const struct runs *runs, size_t *count)
{
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
		complain(run, said->name, "%llu rows, run.json says %llu", (unsigned long long)rows,
			 (unsigned long long)said->rows);
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
