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

static bool take_calibration(struct run *run, const struct calibration *row)
{
	int number = run_resolver(run, row->resolver);

	if (number < 0)
		return false;
	panel_calibrate(run->runs->plan.panel, number, row);
	return tally_calibration(run->runs->plan.tally, (unsigned)number, row);
}

static void read_calibrations(struct run *run)
{
	struct tally *tally = run->runs->plan.tally;
	char why[CSV_WHY_MAX], path[RUNS_PATH_MAX], *line;
	enum table_result result;
	struct calibration row;
	struct table *table;
	uint64_t bad = 0;
	size_t len;

	table = table_open(run_path(run, "resolvers.csv", path), calibration_columns, why);
	if (!table) {
		tally->damaged_files += access(path, F_OK) == 0;
		run_complain(run, "resolvers.csv", "%s; nothing is known of the resolvers", why);
		return;
	}
	tally->files++;
	while ((result = table_next(table, &line, &len, why)) == TABLE_LINE ||
	       result == TABLE_BAD_LINE) {
		if (result == TABLE_LINE &&
		    calibration_read(table_layout(table), line, len, &row, why))
			run->runs->no_memory |= !take_calibration(run, &row);
		else if (++bad <= PART_SHOWN)
			run_complain(run, "resolvers.csv", "line %llu: %s",
				     (unsigned long long)table_line(table), why);
	}
	tally->bad_lines += bad;
	if (result == TABLE_ERROR) {
		tally->damaged_files++;
		run_complain(run, "resolvers.csv", "%s", why);
	}
	table_close(&table);
}

/* ---- operators ---- */

/* Only a run that read zone files has such a file. */
static void read_operators(struct run *run)
{
	struct tally *tally = run->runs->plan.tally;
	const char *vantage = run->manifest ? run->manifest->vantage : NULL;
	char why[CSV_WHY_MAX], path[RUNS_PATH_MAX], *line;
	enum table_result result;
	struct delegations row;
	struct table *table;
	uint64_t bad = 0;
	size_t len;

	if (access(run_path(run, DELEGATIONS_FILE, path), F_OK) != 0)
		return;
	table = table_open(path, delegations_columns, why);
	if (!table) {
		tally->damaged_files++;
		run_complain(run, DELEGATIONS_FILE, "%s; operators have no delegations", why);
		return;
	}
	tally->files++;
	while ((result = table_next(table, &line, &len, why)) == TABLE_LINE ||
	       result == TABLE_BAD_LINE) {
		if (result == TABLE_LINE &&
		    delegations_read(table_layout(table), line, len, &row, why))
			run->runs->no_memory |= !tally_delegations(tally, &row, vantage);
		else if (++bad <= PART_SHOWN)
			run_complain(run, DELEGATIONS_FILE, "line %llu: %s",
				     (unsigned long long)table_line(table), why);
	}
	tally->bad_lines += bad;
	if (result == TABLE_ERROR) {
		tally->damaged_files++;
		run_complain(run, DELEGATIONS_FILE, "%s", why);
	}
	table_close(&table);
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
