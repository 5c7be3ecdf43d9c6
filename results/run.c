/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/run.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "io/lines.h"
#include "results/table.h"
#include "results/trail.h"
#include "results/verify.h"

/* So many bad lines of a file are shown, the rest is counted. */
#define SHOWN_BAD_LINES 5
/* Half of at least so many control queries failed: the resolver was out of order. */
#define CONTROLS_MIN 4

struct run {
	const struct run_input *in;
	const char *path;
	struct manifest *manifest; /* NULL: none */
	struct counts *resolvers;  /* name -> number in the group; width 1 */
	bool damaged, no_memory;
};

__attribute__((format(printf, 3, 4))) static void complain(struct run *run, const char *file,
							   const char *format, ...)
{
	va_list args;

	run->damaged = true;
	fprintf(run->in->messages, "%s%s%s: ", run->path, file ? "/" : "", file ? file : "");
	va_start(args, format);
	vfprintf(run->in->messages, format, args);
	va_end(args);
	fputc('\n', run->in->messages);
}

/* ---- resolvers ---- */

static struct resolver *resolver_of(struct run *run, struct view name, unsigned *number)
{
	struct counts_item *item = counts_find(run->resolvers, name);

	if (!item) {
		const char *vantage = run->manifest ? run->manifest->vantage : NULL;
		int added = group_add_resolver(run->in->group, name, vantage);

		item = added < 0 ? NULL : counts_at(run->resolvers, name);
		if (!item) {
			run->no_memory = true;
			return NULL;
		}
		item->number[0] = (uint64_t)added;
	}
	*number = (unsigned)item->number[0];
	return group_resolver(run->in->group, (int)*number);
}

/* Two phases that differ leave the worse. */
static void worse(enum tri *sum, enum tri value)
{
	if (value == TRI_NO || *sum == TRI_UNKNOWN)
		*sum = value;
}

static void apply(struct resolver *resolver, const struct calibration *c)
{
	/* reachable once is alive; the rest counts at its worst */
	if (c->reachable == TRI_YES || resolver->reachable == TRI_UNKNOWN)
		resolver->reachable = c->reachable;
	worse(&resolver->validates, c->validates);
	worse(&resolver->honours_cd, c->honours_cd);
	if (c->rewrites_nxdomain == TRI_YES || resolver->rewrites_nxdomain == TRI_UNKNOWN)
		resolver->rewrites_nxdomain = c->rewrites_nxdomain;
	resolver->overloaded |= (c->marks & (CALIBRATION_OVERLOAD | CALIBRATION_SLOWED)) != 0;
	resolver->lossy |= (c->marks & CALIBRATION_LOSSY) != 0;
	if (c->phase != PHASE_BEFORE && c->controls_asked >= CONTROLS_MIN &&
	    c->controls_failed * 2 > c->controls_asked)
		resolver->failed_controls = true;
}

/* ---- the lines of one file ---- */

enum content { PAIRS, EVIDENCE, CALIBRATION };

static bool take_pair(struct run *run, const struct csv_layout *layout, char *line, size_t len,
		      char why[CSV_WHY_MAX])
{
	struct resolver *resolver;
	struct row row;
	unsigned number;

	if (!csv_pair_read(layout, line, len, &row, why))
		return false;
	resolver = resolver_of(run, row.resolver, &number);
	if (!resolver)
		return true;
	resolver->rows++;
	resolver->answered += row.normal.outcome == OUTCOME_ANSWERED;
	resolver->refused +=
		row.normal.outcome == OUTCOME_ANSWERED && row.normal.rcode == RCODE_REFUSED;
	if (!group_add_row(run->in->group, (int)number, &row) ||
	    !tally_row(run->in->tally, number, &row))
		run->no_memory = true;
	return true;
}

static bool take_line(struct run *run, enum content content, const struct csv_layout *layout,
		      char *line, size_t len, char why[CSV_WHY_MAX])
{
	struct calibration calibration;
	struct evidence evidence;
	struct resolver *resolver;
	unsigned number;

	switch (content) {
	case PAIRS:
		return take_pair(run, layout, line, len, why);
	case EVIDENCE:
		if (!evidence_read(layout, line, len, &evidence, why))
			return false;
		run->in->tally->evidence_rows++;
		if (trail_wants(&evidence))
			run->no_memory |= !group_add_evidence(run->in->group, &evidence);
		return true;
	default:
		if (!calibration_read(layout, line, len, &calibration, why))
			return false;
		resolver = resolver_of(run, calibration.resolver, &number);
		if (resolver) {
			apply(resolver, &calibration);
			run->no_memory |= !tally_calibration(run->in->tally, number, &calibration);
		}
		return true;
	}
}

/* file NULL: run->path itself. Returns the number of good lines. */
static uint64_t read_table(struct run *run, const char *file, enum content content)
{
	static const struct csv_column *const columns[] = {csv_pair_columns, evidence_columns,
							   calibration_columns};
	char why[CSV_WHY_MAX], path[4096], *line;
	uint64_t good = 0, bad = 0;
	enum table_result result = TABLE_END;
	struct table *table;
	size_t len;

	snprintf(path, sizeof(path), file ? "%s/%s" : "%s", run->path, file);
	table = table_open(path, columns[content], why);
	if (!table) {
		run->in->tally->damaged_files++;
		complain(run, file, "%s", why);
		return 0;
	}
	run->in->tally->files++;
	while (!run->no_memory && ((result = table_next(table, &line, &len, why)) == TABLE_LINE ||
				   result == TABLE_BAD_LINE)) {
		if (result == TABLE_LINE &&
		    take_line(run, content, table_layout(table), line, len, why)) {
			good++;
		} else if (++bad <= SHOWN_BAD_LINES) {
			complain(run, file, "line %llu: %s", (unsigned long long)table_line(table),
				 why);
		}
	}
	if (bad > SHOWN_BAD_LINES)
		complain(run, file, "%llu more bad lines",
			 (unsigned long long)(bad - SHOWN_BAD_LINES));
	if (!run->no_memory && result == TABLE_ERROR) {
		run->in->tally->damaged_files++;
		complain(run, file, "%s; the %llu rows before that count", why,
			 (unsigned long long)good);
	}
	run->in->tally->bad_lines += bad;
	if (content == EVIDENCE)
		group_end_evidence(run->in->group);
	table_close(&table);
	return good;
}

/* ---- the directory ---- */

static void read_expected(struct run *run)
{
	char path[4096];
	struct lines *lines;
	struct line line;
	int got;

	snprintf(path, sizeof(path), "%s/broken-on-purpose.txt", run->path);
	lines = lines_open(path);
	if (!lines)
		return;
	*run->in->own_expected = true;
	while ((got = lines_next(lines, &line)) > 0)
		run->no_memory |=
			!expected_add(run->in->expected, (struct view){line.text, line.len});
	if (got < 0)
		complain(run, "broken-on-purpose.txt", "%s", lines_error(lines));
	lines_close(&lines);
}

static bool ends_with(const char *name, const char *end)
{
	size_t len = strlen(name), tail = strlen(end);

	return len >= tail && strcmp(name + len - tail, end) == 0;
}

/* A part: the prefix, and .csv or .csv.gz, or what a writer that was killed left behind. */
static int is_part(const struct dirent *entry)
{
	const char *name = entry->d_name;

	return (strncmp(name, "pairs-", 6) == 0 || strncmp(name, "evidence-", 9) == 0) &&
	       (ends_with(name, ".csv.gz") || ends_with(name, ".csv") ||
		ends_with(name, ".csv.gz.part"));
}

static const struct manifest_part *listed(const struct run *run, const char *name)
{
	for (size_t i = 0; run->manifest && i < run->manifest->part_count; i++)
		if (strcmp(run->manifest->parts[i].name, name) == 0)
			return &run->manifest->parts[i];
	return NULL;
}

/* What is there is read all the same. */
static void check_part(struct run *run, const char *name, const struct manifest_part *part)
{
	char path[4096], why[VERIFY_WHY_MAX];

	snprintf(path, sizeof(path), "%s/%s", run->path, name);
	if (run->in->verify && !verify_part(path, part, why))
		complain(run, name, "%s", why);
}

static void read_part(struct run *run, const char *name)
{
	const struct manifest_part *part = listed(run, name);
	uint64_t bad = run->in->tally->bad_lines, damaged = run->in->tally->damaged_files, rows;

	if (ends_with(name, ".part"))
		complain(run, name, "was not finished by its writer");
	if (part)
		check_part(run, name, part);
	rows = read_table(run, name, strncmp(name, "pairs-", 6) == 0 ? PAIRS : EVIDENCE);
	bad = run->in->tally->bad_lines - bad;
	if (part && damaged == run->in->tally->damaged_files && rows + bad != part->rows)
		complain(run, name, "%llu rows, run.json says %llu",
			 (unsigned long long)(rows + bad), (unsigned long long)part->rows);
}

static void check_parts(struct run *run, struct dirent **names, int count)
{
	for (size_t i = 0; run->manifest && i < run->manifest->part_count; i++) {
		const char *name = run->manifest->parts[i].name;
		bool found = false;

		/* other files of the run are none of our business */
		if (strncmp(name, "pairs-", 6) != 0 && strncmp(name, "evidence-", 9) != 0)
			continue;
		for (int j = 0; j < count && !found; j++)
			found = strcmp(names[j]->d_name, name) == 0;
		if (found)
			continue;
		run->in->tally->missing_files++;
		complain(run, name, "is missing, though run.json lists it");
	}
}

static void read_manifest(struct run *run)
{
	char path[4096], why[MANIFEST_WHY_MAX];

	snprintf(path, sizeof(path), "%s/run.json", run->path);
	run->manifest = manifest_read(path, why);
	if (run->manifest) {
		run->no_memory |= !tally_manifest(run->in->tally, run->manifest);
	} else {
		run->in->tally->runs_without_manifest++;
		complain(run, "run.json", "%s", why);
	}
}

static enum run_result read_directory(struct run *run)
{
	struct dirent **names;
	int count = scandir(run->path, &names, is_part, alphasort);
	struct stat info;
	char path[4096];

	if (count < 0) {
		complain(run, NULL, "%s", strerror(errno));
		return RUN_UNREADABLE;
	}
	snprintf(path, sizeof(path), "%s/run.json", run->path);
	if (count == 0 && stat(path, &info) != 0) {
		complain(run, NULL, "not a run directory: neither run.json nor pairs-NNN.csv.gz");
		free(names);
		return RUN_UNREADABLE;
	}
	read_manifest(run);
	read_expected(run);
	snprintf(path, sizeof(path), "%s/resolvers.csv", run->path);
	if (stat(path, &info) == 0)
		read_table(run, "resolvers.csv", CALIBRATION);
	else
		complain(run, "resolvers.csv", "%s; nothing is known of the resolvers",
			 strerror(errno));
	check_parts(run, names, count);
	for (int i = 0; i < count; i++) {
		if (!run->no_memory)
			read_part(run, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return RUN_READ;
}

enum run_result run_read(const struct run_input *input, const char *path)
{
	struct run run = {.in = input, .path = path, .resolvers = counts_create(1)};
	enum run_result result = RUN_READ;
	struct stat info;

	if (!run.resolvers)
		return RUN_NO_MEMORY;
	if (strcmp(path, "-") != 0 && stat(path, &info) != 0) {
		complain(&run, NULL, "%s", strerror(errno));
		result = RUN_UNREADABLE;
	} else if (strcmp(path, "-") != 0 && S_ISDIR(info.st_mode)) {
		result = read_directory(&run);
	} else if (read_table(&run, NULL, PAIRS) == 0 && run.damaged) {
		result = RUN_UNREADABLE;
	}
	if (result == RUN_READ)
		input->tally->runs++;
	counts_destroy(&run.resolvers);
	manifest_destroy(&run.manifest);
	if (run.no_memory)
		return RUN_NO_MEMORY;
	return result == RUN_READ && run.damaged ? RUN_DAMAGED : result;
}
