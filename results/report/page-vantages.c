/* SPDX-License-Identifier: BSD-2-Clause */

/* What each vantage point sees of the same names. */
#include "results/report/page.h"

#include <stdlib.h>

static struct view label_of(const struct counts_item *item)
{
	return item->key.len ? item->key : (struct view){"(no label)", 10};
}

static uint64_t broken_at(const uint64_t *n)
{
	return n[PLACE_FAILING] + n[PLACE_PARTIAL];
}

void page_vantages_differ(struct page *page)
{
	const struct tally *t = page->tally;
	char differ[HTML_NUMBER_MAX], broken[HTML_NUMBER_MAX];

	buf_addf(page->out,
		 "By what the resolvers of each vantage point come to. %s of %s names that are not "
		 "fine everywhere fail from one and resolve from another: then the way there, or "
		 "what stands on it, is more likely to blame than the zone.",
		 html_number(t->places_differ, differ), html_number(page_broken(t), broken));
}

void page_vantages_chart(struct page *page)
{
	struct chart chart = {.id = "chart-vantages",
			      .title = "Broken names by vantage point",
			      .says = "Bars: names that fail from each vantage point, those first "
				      "that all resolvers there fail. The numbers are in the "
				      "table.",
			      .unit = "names",
			      .series = {{"failing", "failing"}, {"partial", "partial"}},
			      .series_count = 2};
	struct chart_bar bars[PAGE_BARS];
	struct counts_item **items;
	size_t count = counts_sorted(page->tally->table[TALLY_VANTAGES], PLACE_FAILING, &items);

	for (size_t i = 0; i < count && i < PAGE_BARS; i++) {
		const uint64_t *n = items[i]->number;

		bars[i] = (struct chart_bar){.label = label_of(items[i]),
					     .style = "name",
					     .part = {n[PLACE_FAILING], n[PLACE_PARTIAL]}};
		html_number(broken_at(n), bars[i].note);
	}
	chart_bars(page->out, &chart, bars, count < PAGE_BARS ? count : PAGE_BARS, false);
	free(items);
}

void page_vantages_table(struct page *page)
{
	static const char *const head[] = {
		"Vantage point",    ".Resolve",		".Fail", ".Fail for some",
		".Nobody can tell", ".Fail here alone", NULL};
	struct counts_item **items;
	size_t count = counts_sorted(page->tally->table[TALLY_VANTAGES], PLACE_FAILING, &items);

	page_table_begin(page->out, "tall", "Names as seen from each vantage point", head);
	for (size_t i = 0; i < count; i++) {
		const uint64_t *n = items[i]->number;

		buf_add_str(page->out, "<tr>");
		page_name_cell(page->out, label_of(items[i]));
		page_number_cell(page->out, n[PLACE_OK]);
		page_number_cell(page->out, n[PLACE_FAILING]);
		page_number_cell(page->out, n[PLACE_PARTIAL]);
		page_number_cell(page->out, n[PLACE_UNKNOWN]);
		page_number_cell(page->out, n[PLACE_ALONE]);
		buf_add_str(page->out, "</tr>\n");
	}
	page_table_end(page->out);
	free(items);
}
