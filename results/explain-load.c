/* SPDX-License-Identifier: BSD-2-Clause */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "results/explain-inside.h"
#include "results/rows/table.h"

#define PATH_OCTETS 4096

/* Takes one line of a file; false: it is not valid, why says so. */
typedef bool (*take)(struct explained *all, const struct csv_layout *layout, char *line, size_t len,
		     char why[CSV_WHY_MAX]);

/* Room for one more behind count; rooms are powers of two. */
static bool grow(void *list, size_t count, size_t size)
{
	void **field = list, *more;

	if (count & (count - 1))
		return true; /* not full */
	more = reallocarray(*field, count ? count * 2 : 1, size);
	if (more)
		*field = more;
	return more != NULL;
}

static char *keep(struct explained *all, const char *line, size_t len)
{
	char *kept = NULL;

	if (grow(&all->lines, all->line_count, sizeof(*all->lines)))
		kept = malloc(len + 1);
	if (kept)
		all->lines[all->line_count++] = memcpy(kept, line, len);
	return kept;
}

static bool take_verdict(struct explained *all, const struct csv_layout *layout, char *line,
			 size_t len, char why[CSV_WHY_MAX])
{
	struct view values[CSV_FIELDS_MAX];

	if (!csv_split(layout, line, len, values, why))
		return false;
	if (!grow(&all->verdicts, all->verdict_count, sizeof(*all->verdicts))) {
		snprintf(why, CSV_WHY_MAX, "out of memory");
		return false;
	}
	memcpy(all->verdicts[all->verdict_count++], values, sizeof(*all->verdicts));
	return true;
}

static bool take_row(struct explained *all, const struct csv_layout *layout, char *line, size_t len,
		     char why[CSV_WHY_MAX])
{
	if (!grow(&all->rows, all->row_count, sizeof(*all->rows))) {
		snprintf(why, CSV_WHY_MAX, "out of memory");
		return false;
	}
	return csv_pair_read(layout, line, len, &all->rows[all->row_count], why) &&
	       ++all->row_count;
}

static bool take_evidence(struct explained *all, const struct csv_layout *layout, char *line,
			  size_t len, char why[CSV_WHY_MAX])
{
	if (!grow(&all->evidence, all->evidence_count, sizeof(*all->evidence))) {
		snprintf(why, CSV_WHY_MAX, "out of memory");
		return false;
	}
	return evidence_read(layout, line, len, &all->evidence[all->evidence_count], why) &&
	       ++all->evidence_count;
}

static bool take_resolver(struct explained *all, const struct csv_layout *layout, char *line,
			  size_t len, char why[CSV_WHY_MAX])
{
	struct calibration *row;

	if (!grow(&all->resolvers, all->resolver_count, sizeof(*all->resolvers))) {
		snprintf(why, CSV_WHY_MAX, "out of memory");
		return false;
	}
	row = &all->resolvers[all->resolver_count];
	if (!calibration_read(layout, line, len, row, why))
		return false;
	all->resolver_count += row->phase == PHASE_BEFORE;
	return true;
}

static void load(struct explained *all, const char *path, const struct csv_column *columns,
		 take take_line)
{
	char why[CSV_WHY_MAX] = "", *line;
	struct table *table = table_open(path, columns, why);
	enum table_result got = table ? TABLE_LINE : TABLE_ERROR;
	size_t len;

	while (table && (got = table_next(table, &line, &len, why)) == TABLE_LINE) {
		char *kept = keep(all, line, len);

		if (kept && take_line(all, table_layout(table), kept, len, why))
			continue;
		got = kept ? TABLE_BAD_LINE : TABLE_ERROR;
		break;
	}
	if (got != TABLE_END) {
		fprintf(all->messages, "%s: %s\n", path, *why ? why : "out of memory");
		all->failed = true;
	}
	table_close(&table);
}

static void load_parts(struct explained *all, const char *run, const char *kind,
		       const struct csv_column *columns, take take_line)
{
	char path[PATH_OCTETS];

	for (unsigned i = 0;; i++) {
		snprintf(path, sizeof(path), "%s/%s-%03u.csv.gz", run, kind, i);
		if (access(path, F_OK) != 0)
			return;
		load(all, path, columns, take_line);
	}
}

void explained_load(struct explained *all, const struct explain_plan *plan)
{
	char path[PATH_OCTETS];

	memset(all, 0, sizeof(*all));
	all->messages = plan->messages;
	snprintf(path, sizeof(path), "%s/verdicts.csv.gz", plan->report);
	load(all, path, verdict_columns, take_verdict);
	snprintf(path, sizeof(path), "%s/resolvers.csv", plan->run);
	load(all, path, calibration_columns, take_resolver);
	load_parts(all, plan->run, "pairs", csv_pair_columns, take_row);
	load_parts(all, plan->run, "evidence", evidence_columns, take_evidence);
}

void explained_free(struct explained *all)
{
	for (size_t i = 0; i < all->line_count; i++)
		free(all->lines[i]);
	free(all->lines);
	free(all->verdicts);
	free(all->rows);
	free(all->evidence);
	free(all->resolvers);
	memset(all, 0, sizeof(*all));
}

const char *rtt_text(int64_t rtt_us, char text[24])
{
	if (rtt_us < 0)
		text[0] = '\0';
	else if (rtt_us < 1000000)
		snprintf(text, 24, rtt_us < 10000 ? "%.1f ms" : "%.0f ms", (double)rtt_us / 1000);
	else
		snprintf(text, 24, "%.1f s", (double)rtt_us / 1e6);
	return text;
}
