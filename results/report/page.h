/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * page -- what the parts of report.html share. Known to page-*.c and report-html.c only.
 *
 * report.html is results/report/report.html with its {{marks}} filled in; each function below fills
 * one. Whatever comes from outside goes through html_text() or html_foreign().
 */
#pragma once

#include "results/report/chart.h"
#include "results/report/report.h"
#include "results/tally/survey.h"

/* Rows of the longer tables; the page says when there are more. */
#define PAGE_TLDS      200
#define PAGE_OPERATORS 100
#define PAGE_DOMAINS   60
#define PAGE_SERVED    200
#define PAGE_ALIKE     40
#define PAGE_RESOLVERS 100
#define PAGE_BARS      14 /* of a chart */
#define PAGE_MATRIX    20 /* resolvers that are compared */
/* Faults are shown as long as the page stays below that many octets. */
#define PAGE_OCTETS 1500000
/* What is shown of an example's evidence, octets. */
#define PAGE_EVIDENCE 700

struct page {
	struct buf *out;
	const struct tally *tally;
	const struct tally_resolver *resolvers; /* of the tally */
	size_t resolver_count;
	const struct survey *survey;
	const struct trend *trend;
	bool compared; /* with an earlier report */
};

typedef void page_part_fn(struct page *page);

/* page-overview.c */
page_part_fn page_heading, page_scope, page_statuses, page_shares, page_highlights, page_sources;
/* page-changes.c */
page_part_fn page_changed, page_compared, page_broke, page_mended, page_transitions,
	page_trend_chart, page_trend_table;
/* page-causes.c */
page_part_fn page_causes_chart, page_causes_table, page_glossary;
/* page-faults.c */
page_part_fn page_faults_shown, page_faults, page_alike;
/* page-places.c */
page_part_fn page_tlds_chart, page_tlds_table, page_domains_table, page_operators_chart,
	page_operators_table, page_algorithms_chart, page_algorithms_table, page_delegations_table;
/* page-vantages.c */
page_part_fn page_vantages_differ, page_vantages_chart, page_vantages_table;
/* page-resolvers.c */
page_part_fn page_outcomes_chart, page_rtt_chart, page_resolvers_table, page_agreement;
/* page-answers.c */
page_part_fn page_pairs, page_ede_chart, page_ede_table;
/* page-trust.c */
page_part_fn page_trust, page_calibration;

uint64_t page_broken(const struct tally *tally); /* failing or partial */
uint64_t page_total(const struct tally *tally, const char *name);
/* A cause with its colour, linked to what is said of it. */
void page_cause(struct buf *out, const struct cause_info *info);
/* The colour's name of a category. */
const char *page_colour(enum category category);

/* Cells: of a number; of a share, sorted by its value; of a text from outside. */
void page_number_cell(struct buf *out, uint64_t value);
void page_share_cell(struct buf *out, uint64_t part, uint64_t all);
void page_name_cell(struct buf *out, struct view name);
/* "<div class=scroll><table class=sortable>...<tbody>". style: "tall": it may scroll. head: column
 * names, "." before those of numbers. */
void page_table_begin(struct buf *out, const char *style, const char *caption,
		      const char *const *head);
void page_table_end(struct buf *out);
/* Below a table that was cut: which rows it has, and out of how many. all 0: that is not known. */
void page_more(struct buf *out, const char *which, uint64_t all);
