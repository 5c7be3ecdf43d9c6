/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What a run directory says of itself, beside its rows.
 */
#include "results/sort/runs-inside.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "io/lines.h"
#include "results/rows/table.h"

/* ---- resolvers ---- */

int run_resolver(struct run *run, struct view name)
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

/* ---- tables ---- */

/* Takes one line. False: it is bad, and why. */
typedef bool take_line(struct run *run, const struct csv_layout *layout, char *line, size_t len,
		       char *why);

/* Takes all lines of a table, and closes it. */
static void take_lines(struct run *run, const char *file, struct table *table, take_line *take)
{
	struct tally *tally = run->runs->plan.tally;
	char why[CSV_WHY_MAX], *line;
	enum table_result result;
	uint64_t bad = 0;
	size_t len;

	tally->files++;
	while ((result = table_next(table, &line, &len, why)) == TABLE_LINE ||
	       result == TABLE_BAD_LINE)
		if ((result == TABLE_BAD_LINE || !take(run, table_layout(table), line, len, why)) &&
		    ++bad <= PART_SHOWN)
			run_complain(run, file, "line %llu: %s",
				     (unsigned long long)table_line(table), why);
	tally->bad_lines += bad;
	if (result == TABLE_ERROR) {
		tally->damaged_files++;
		run_complain(run, file, "%s", why);
	}
	table_close(&table);
}

static bool take_calibration(struct run *run, const struct csv_layout *layout, char *line,
			     size_t len, char *why)
{
	struct calibration row;
	int number;

	if (!calibration_read(layout, line, len, &row, why))
		return false;
	number = run_resolver(run, row.resolver);
	if (number >= 0)
		panel_calibrate(run->runs->plan.panel, number, &row);
	run->runs->no_memory |=
		number < 0 || !tally_calibration(run->runs->plan.tally, (unsigned)number, &row);
	return true;
}

static void read_calibrations(struct run *run)
{
	char why[CSV_WHY_MAX], path[RUNS_PATH_MAX];
	struct table *table =
		table_open(run_path(run, "resolvers.csv", path), calibration_columns, why);

	if (table) {
		take_lines(run, "resolvers.csv", table, take_calibration);
		return;
	}
	run->runs->plan.tally->damaged_files += access(path, F_OK) == 0;
	run_complain(run, "resolvers.csv", "%s; nothing is known of the resolvers", why);
}

static bool take_operator(struct run *run, const struct csv_layout *layout, char *line, size_t len,
			  char *why)
{
	const char *vantage = run->manifest ? run->manifest->vantage : NULL;
	struct delegations row;

	if (!delegations_read(layout, line, len, &row, why))
		return false;
	run->runs->no_memory |= !tally_delegations(run->runs->plan.tally, &row, vantage);
	return true;
}

/* Only a run that read zone files has such a file. */
static void read_operators(struct run *run)
{
	char why[CSV_WHY_MAX], path[RUNS_PATH_MAX];
	struct table *table;

	if (access(run_path(run, DELEGATIONS_FILE, path), F_OK) != 0)
		return;
	table = table_open(path, delegations_columns, why);
	if (table) {
		take_lines(run, DELEGATIONS_FILE, table, take_operator);
		return;
	}
	run->runs->plan.tally->damaged_files++;
	run_complain(run, DELEGATIONS_FILE, "%s; operators have no delegations", why);
}

/* ---- names broken on purpose, and run.json ---- */

static void read_expected(struct run *run)
{
	char path[RUNS_PATH_MAX];
	struct lines *lines = lines_open(run_path(run, "broken-on-purpose.txt", path));
	struct line line;
	int got;

	if (!lines && errno != ENOENT) {
		run->runs->plan.tally->damaged_files++;
		run_complain(run, "broken-on-purpose.txt", "%s", strerror(errno));
	}
	if (!lines)
		return;
	run->runs->own_expected = true;
	while ((got = lines_next(lines, &line)) > 0)
		run->runs->no_memory |=
			!expected_add(run->runs->plan.expected, (struct view){line.text, line.len});
	if (got < 0)
		run_complain(run, "broken-on-purpose.txt", "%s", lines_error(lines));
	lines_close(&lines);
}

static void read_manifest(struct run *run)
{
	struct tally *tally = run->runs->plan.tally;
	char path[RUNS_PATH_MAX], why[MANIFEST_WHY_MAX];

	run->manifest = manifest_read(run_path(run, "run.json", path), why);
	if (run->manifest) {
		run->runs->no_memory |= !tally_manifest(tally, run->manifest);
	} else {
		tally->runs_without_manifest++;
		run_complain(run, "run.json", "%s", why);
	}
}

void run_read_said(struct run *run)
{
	read_manifest(run);
	read_expected(run);
	read_calibrations(run);
	read_operators(run);
}
