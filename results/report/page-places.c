/* SPDX-License-Identifier: BSD-2-Clause */

/* Where the broken names are: by TLD, registered domain, operator and DNSSEC algorithm. */
#include "results/report/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/tally/served.h"

/* Broken by DNSSEC, then otherwise: a chart's bars, most broken first. */
static void broken_chart(struct page *page, const char *id, const char *title,
			 const struct chart_bar *bars, size_t count)
{
	struct chart chart = {
		.id = id,
		.title = title,
		.says = "Bars: the number of broken names, those broken by DNSSEC first. "
			"The numbers are in the table.",
		.unit = "names",
		.series = {{"by DNSSEC", "dnssec"}, {"otherwise", "delegation"}},
		.series_count = 2};

	chart_bars(page->out, &chart, bars, count, false);
}

static struct chart_bar bar_of(struct view label, const char *style, uint64_t names,
			       uint64_t broken, uint64_t dnssec)
{
	struct chart_bar bar = {.label = label, .style = style, .part = {dnssec, broken - dnssec}};
	char share[HTML_NUMBER_MAX], number[HTML_NUMBER_MAX];

	if (broken < names)
		snprintf(bar.note, sizeof(bar.note), "%s \302\267 %s", html_number(broken, number),
			 html_share(broken, names, share));
	else
		snprintf(bar.note, sizeof(bar.note), "%s", html_number(broken, number));
	return bar;
}

/* Numbers of a table, as bars: names, broken, dnssec stand at these places. */
static void table_chart(struct page *page, struct counts *table, const char *id, const char *title,
			const size_t at[3])
{
	struct chart_bar bars[PAGE_BARS];
	struct counts_item **items;
	size_t count = counts_sorted(table, at[1], &items), shown = 0;

	for (size_t i = 0; i < count && shown < PAGE_BARS; i++) {
		const uint64_t *n = items[i]->number;

		if (n[at[1]])
			bars[shown++] = bar_of(items[i]->key, "name", n[at[0]], n[at[1]], n[at[2]]);
	}
	broken_chart(page, id, title, bars, shown);
	free(items);
}

/* ---- TLDs ---- */

void page_tlds_chart(struct page *page)
{
	static const size_t at[] = {TLD_NAMES, TLD_BROKEN, TLD_DNSSEC};

	table_chart(page, page->tally->table[TALLY_TLDS], "chart-tlds",
		    "Broken names by top-level domain", at);
}

/* all: how many there are, if that is known (0: it is not, but more than are shown). */
static void say_more(struct page *page, uint64_t all, uint64_t shown)
{
	if (shown > 0 && (all == 0 || all > shown))
		page_more(page->out, "Those most broken", all);
}

void page_tlds_table(struct page *page)
{
	static const char *const head[] = {
		"TLD", ".Names", ".Broken", ".Share", ".By DNSSEC", ".Signed", ".Signed and broken",
		NULL};
	struct counts_item **items;
	size_t count = counts_sorted(page->tally->table[TALLY_TLDS], TLD_BROKEN, &items);

	buf_add_str(page->out, "<div>");
	page_table_begin(page->out, "tall", "Names and broken ones below each top-level domain",
			 head);
	for (size_t i = 0; i < count && i < PAGE_TLDS; i++) {
		const uint64_t *n = items[i]->number;

		buf_add_str(page->out, "<tr>");
		page_name_cell(page->out, items[i]->key);
		page_number_cell(page->out, n[TLD_NAMES]);
		page_number_cell(page->out, n[TLD_BROKEN]);
		page_share_cell(page->out, n[TLD_BROKEN], n[TLD_NAMES]);
		page_number_cell(page->out, n[TLD_DNSSEC]);
		page_share_cell(page->out, n[TLD_SIGNED], n[TLD_NAMES]);
		page_share_cell(page->out, n[TLD_SIGNED_BROKEN], n[TLD_SIGNED]);
		buf_add_str(page->out, "</tr>\n");
	}
	page_table_end(page->out);
	say_more(page, page->tally->distinct[TALLY_TLDS], count < PAGE_TLDS ? count : PAGE_TLDS);
	buf_add_str(page->out, "</div>");
	free(items);
}

/* ---- what is known of broken names only ---- */

static void part_row(struct page *page, struct view name, const uint64_t *part, uint64_t all)
{
	buf_add_str(page->out, "<tr>");
	page_name_cell(page->out, name);
	page_number_cell(page->out, part[PART_BROKEN]);
	page_share_cell(page->out, part[PART_BROKEN], all);
	page_number_cell(page->out, part[PART_DNSSEC]);
	page_number_cell(page->out, part[PART_BROKEN] - part[PART_DNSSEC]);
	page_share_cell(page->out, part[PART_SIGNED], part[PART_BROKEN]);
	buf_add_str(page->out, "</tr>\n");
}

static void part_table(struct page *page, enum tally_table table, const char *what,
		       const char *caption, uint64_t least, size_t most)
{
	const char *const head[] = {what,	  ".Broken names", ".Of all broken",
				    ".By DNSSEC", ".Otherwise",	   ".Signed",
				    NULL};
	struct counts_item **items;
	size_t count = counts_sorted(page->tally->table[table], PART_BROKEN, &items), wanted = 0;

	while (wanted < count && items[wanted]->number[PART_BROKEN] >= least)
		wanted++;
	buf_add_str(page->out, "<div>");
	page_table_begin(page->out, "tall", caption, head);
	for (size_t i = 0; i < wanted && i < most; i++)
		part_row(page, items[i]->key, items[i]->number, page_broken(page->tally));
	page_table_end(page->out);
	say_more(page,
		 count < TALLY_MOST ? wanted
		 : least > 1	    ? 0
				    : page->tally->distinct[table],
		 most);
	buf_add_str(page->out, "</div>");
	free(items);
}

void page_domains_table(struct page *page)
{
	part_table(page, TALLY_DOMAINS, "Domain", "Registered domains and their broken names", 2,
		   PAGE_DOMAINS);
}

void page_operators_chart(struct page *page)
{
	static const size_t at[] = {PART_BROKEN, PART_BROKEN, PART_DNSSEC};

	table_chart(page, page->tally->table[TALLY_OPERATORS], "chart-operators",
		    "Broken names by operator", at);
}

void page_operators_table(struct page *page)
{
	part_table(page, TALLY_OPERATORS, "Operator", "Operators and broken names at them", 1,
		   PAGE_OPERATORS);
}

/* ---- what zone files say ---- */

static void operator_cell(struct buf *out, const struct served *row)
{
	if (row->by.len) {
		html_foreign(out, row->by, 0);
		return;
	}
	buf_add_str(out, "<b>all of ");
	html_foreign(out, row->tld, 0);
	buf_add_str(out, "</b>");
}

static void served_row(struct page *page, const struct served *row)
{
	static const char unknown[] = "<td class=\"n\" data-v=\"\">?</td>";

	buf_add_str(page->out, "<tr><th scope=\"row\" class=\"name\">");
	operator_cell(page->out, row);
	buf_add_str(page->out, "</th><td>");
	html_foreign(page->out, row->tld, 0);
	buf_add_str(page->out, "</td>");
	page_number_cell(page->out, row->delegated);
	page_number_cell(page->out, row->with_ds);
	page_share_cell(page->out, row->with_ds, row->delegated);
	if (row->known) {
		page_number_cell(page->out, row->broken);
		page_number_cell(page->out, row->signed_broken);
		page_share_cell(page->out, row->signed_broken, row->with_ds);
	} else {
		for (unsigned i = 0; i < 3; i++)
			buf_add_str(page->out, unknown);
	}
	buf_add_str(page->out, "</tr>\n");
}

void page_delegations_table(struct page *page)
{
	static const char *const head[] = {"Operator",
					   "TLD",
					   ".Names",
					   ".Signed",
					   ".Signed share",
					   ".Broken",
					   ".Signed and broken",
					   ".Broken share of signed",
					   NULL};
	struct served_list list;

	if (!served_read(&list, page->tally))
		page->out->failed = true;
	page_table_begin(page->out, "tall", "Delegated names, by operator and top-level domain",
			 head);
	for (size_t i = 0; i < list.count && i < PAGE_SERVED; i++)
		served_row(page, &list.row[i]);
	page_table_end(page->out);
	if (list.count > PAGE_SERVED)
		page_more(page->out, "Those with most names", list.count);
	served_free(&list);
}

/* ---- algorithms ---- */

static size_t algorithm_text(unsigned number, char text[48])
{
	const char *name = dnssec_algorithm_name((uint8_t)number);

	return (size_t)snprintf(text, 48, "%u %s", number, name ? name : "(not registered)");
}

void page_algorithms_chart(struct page *page)
{
	const struct tally *t = page->tally;
	struct chart_bar bars[PAGE_BARS];
	char text[PAGE_BARS][48];
	size_t count = 0;

	for (unsigned i = 0; i < TALLY_ALGORITHMS && count < PAGE_BARS; i++) {
		const uint64_t *part = t->algorithms[i];
		size_t len;

		if (!part[PART_BROKEN])
			continue;
		len = algorithm_text(i, text[count]);
		bars[count] = bar_of((struct view){text[count], len}, "", part[PART_BROKEN],
				     part[PART_BROKEN], part[PART_DNSSEC]);
		count++;
	}
	broken_chart(page, "chart-algorithms", "Broken names by DNSSEC algorithm", bars, count);
}

void page_algorithms_table(struct page *page)
{
	static const char *const head[] = {"Algorithm",	 ".Broken names", ".Of all broken",
					   ".By DNSSEC", ".Otherwise",	  ".Signed",
					   NULL};
	const struct tally *t = page->tally;
	char text[48];

	page_table_begin(page->out, "tall", "DNSSEC algorithms of broken names", head);
	for (unsigned i = 0; i < TALLY_ALGORITHMS; i++) {
		if (!t->algorithms[i][PART_NAMES])
			continue;
		part_row(page, (struct view){text, algorithm_text(i, text)}, t->algorithms[i],
			 page_broken(t));
	}
	page_table_end(page->out);
}
