/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * report.html: results/report/report.html with its marks filled in.
 *
 *   {{part}}                      what a function of the table below writes
 *   {{?part}} ... {{/part}}       only if there is something to show in that part
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/outfile.h"
#include "results/report/asset.h"
#include "results/report/page.h"

static void put_version(struct page *page)
{
	buf_add_str(page->out, SERVFAIL_VERSION);
}

static void put_style(struct page *page)
{
	buf_add(page->out, asset_style.text, asset_style.len);
}

static void put_script(struct page *page)
{
	buf_add(page->out, asset_script.text, asset_script.len);
}

static void put_style_hash(struct page *page)
{
	buf_add_str(page->out, asset_style.hash);
}

static void put_script_hash(struct page *page)
{
	buf_add_str(page->out, asset_script.hash);
}

/* ---- whether there is something to show ---- */

static bool has_causes(const struct page *page)
{
	return page->tally->questions > page->tally->status[STATUS_OK];
}

static bool has_rows(const struct page *page)
{
	return page->tally->rows > 0;
}

static bool has_resolvers(const struct page *page)
{
	return page->resolver_count > 0;
}

static bool has_agreement(const struct page *page)
{
	size_t count = 0;

	for (size_t i = 0; i < AGREEMENT_MAX; i++)
		count += page->tally->agreement->name[i] != NULL;
	return count > 1;
}

static bool has_ede(const struct page *page)
{
	for (unsigned i = 0; i < TALLY_EDES; i++)
		if (page->tally->ede_failing[i] + page->tally->ede_answered[i])
			return true;
	return false;
}

static bool has_operators(const struct page *page)
{
	return counts_size(page->tally->table[TALLY_OPERATORS]) > 0;
}

static bool has_delegations(const struct page *page)
{
	return counts_size(page->tally->table[TALLY_DELEGATIONS]) > 0;
}

static bool has_vantages(const struct page *page)
{
	return counts_size(page->tally->table[TALLY_VANTAGES]) > 1;
}

static bool has_algorithms(const struct page *page)
{
	for (unsigned i = 0; i < TALLY_ALGORITHMS; i++)
		if (page->tally->algorithms[i][PART_BROKEN])
			return true;
	return false;
}

/* Whether one item has more than one name. */
static bool has_several(const struct page *page, enum tally_table table, size_t number)
{
	struct counts_item **items;
	size_t count = counts_sorted(page->tally->table[table], number, &items);
	bool several = count > 0 && items[0]->number[number] > 1;

	free(items);
	return several;
}

static bool has_domains(const struct page *page)
{
	return has_several(page, TALLY_DOMAINS, PART_BROKEN);
}

static bool has_alike(const struct page *page)
{
	return has_several(page, TALLY_OPERATOR_CAUSES, 0);
}

static bool is_compared(const struct page *page)
{
	return page->compared;
}

static bool has_nights(const struct page *page)
{
	return page->trend->count > 1;
}

static bool has_past(const struct page *page)
{
	return is_compared(page) || has_nights(page);
}

static bool has_transitions(const struct page *page)
{
	return counts_size(page->tally->table[TALLY_TRANSITIONS]) > 0;
}

/* ---- the marks ---- */

static const struct mark {
	const char *name;
	page_part_fn *put;
	bool (*shown)(const struct page *page);
} marks[] = {
	{"version", put_version, NULL},
	{"style", put_style, NULL},
	{"script", put_script, NULL},
	{"style-hash", put_style_hash, NULL},
	{"script-hash", put_script_hash, NULL},
	{"title", page_heading, NULL},
	{"heading", page_heading, NULL},
	{"scope", page_scope, NULL},
	{"sources", page_sources, NULL},
	{"statuses", page_statuses, NULL},
	{"shares", page_shares, has_causes},
	{"highlights", page_highlights, NULL},
	{"since", NULL, has_past},
	{"compared", NULL, is_compared},
	{"changed", page_changed, NULL},
	{"points", page_compared, NULL},
	{"broke", page_broke, NULL},
	{"mended", page_mended, NULL},
	{"moved", NULL, has_transitions},
	{"transitions", page_transitions, NULL},
	{"trend", NULL, has_nights},
	{"trend-chart", page_trend_chart, NULL},
	{"trend-table", page_trend_table, NULL},
	{"causes", NULL, has_causes},
	{"causes-chart", page_causes_chart, NULL},
	{"causes-table", page_causes_table, NULL},
	{"glossary", page_glossary, NULL},
	{"faults-shown", page_faults_shown, NULL},
	{"faults", page_faults, NULL},
	{"alike", page_alike, has_alike},
	{"tlds-chart", page_tlds_chart, NULL},
	{"tlds-table", page_tlds_table, NULL},
	{"domains", NULL, has_domains},
	{"domains-table", page_domains_table, NULL},
	{"operators", NULL, has_operators},
	{"operators-chart", page_operators_chart, NULL},
	{"operators-table", page_operators_table, NULL},
	{"delegations", NULL, has_delegations},
	{"delegations-table", page_delegations_table, NULL},
	{"vantages", NULL, has_vantages},
	{"vantages-differ", page_vantages_differ, NULL},
	{"vantages-chart", page_vantages_chart, NULL},
	{"vantages-table", page_vantages_table, NULL},
	{"algorithms", NULL, has_algorithms},
	{"algorithms-chart", page_algorithms_chart, NULL},
	{"algorithms-table", page_algorithms_table, NULL},
	{"rows", NULL, has_rows},
	{"outcomes-chart", page_outcomes_chart, NULL},
	{"rtt-chart", page_rtt_chart, NULL},
	{"resolvers-table", page_resolvers_table, NULL},
	{"agreement", page_agreement, has_agreement},
	{"pairs", page_pairs, NULL},
	{"ede", NULL, has_ede},
	{"ede-chart", page_ede_chart, NULL},
	{"ede-table", page_ede_table, NULL},
	{"trust", page_trust, NULL},
	{"calibration", page_calibration, has_resolvers},
};

static const struct mark *mark_of(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		if (view_is((struct view){name, len}, marks[i].name))
			return &marks[i];
	return NULL;
}

/* Copies the skeleton, filling marks in. A mark that does not exist is a programmer's error, and
 * the tests see it in the page. */
static void fill(struct page *page, const char *text, size_t len)
{
	const char *end = text + len, *open, *close;

	while ((open = memmem(text, (size_t)(end - text), "{{", 2)) &&
	       (close = memmem(open, (size_t)(end - open), "}}", 2))) {
		const char *name = open + 2 + (open[2] == '?' || open[2] == '/');
		const struct mark *mark = mark_of(name, (size_t)(close - name));
		char until[64];

		buf_add(page->out, text, (size_t)(open - text));
		text = close + 2;
		if (!mark) {
			buf_add(page->out, open, (size_t)(text - open));
		} else if (open[2] == '?' && !mark->shown(page)) {
			snprintf(until, sizeof(until), "{{/%s}}", mark->name);
			open = memmem(text, (size_t)(end - text), until, strlen(until));
			text = open ? open + strlen(until) : end;
		} else if (open[2] != '?' && open[2] != '/') {
			mark->put(page);
		}
	}
	buf_add(page->out, text, (size_t)(end - text));
}

bool report_html(const struct report *report, const char *verdicts, const char *path,
		 char why[CSV_WHY_MAX])
{
	const struct tally *tally = report->tally;
	struct buf out = BUF_EMPTY;
	struct page page = {
		.out = &out, .tally = tally, .trend = report->trend, .compared = report->compared};
	struct survey *survey = survey_read(tally, verdicts, report->threads, why);
	int error;

	if (!survey)
		return false;
	page.survey = survey;
	page.resolvers = tally->resolvers;
	page.resolver_count = tally->resolver_count;
	fill(&page, asset_page.text, asset_page.len);
	error = out.failed || !tally_is_whole(tally) ? -ENOMEM
						     : outfile_put(path, out.data, out.len);
	survey_destroy(&survey);
	buf_free(&out);
	if (error)
		snprintf(why, CSV_WHY_MAX, "%s", strerror(-error));
	return !error;
}
