/* SPDX-License-Identifier: BSD-2-Clause */

/* What each resolver answered, how fast, and where two of them differ. */
#include "results/report/page.h"

#include <stdio.h>
#include <string.h>

static struct view name_of(const struct tally_resolver *r)
{
	return view_of(r->name);
}

/* ---- outcomes ---- */

enum answer { NOERROR, NXDOMAIN, SERVFAIL, OTHER_RCODE, TIMEOUT, OTHER, ANSWERS };

static void answers_of(const struct tally_resolver *r, uint64_t part[CHART_SERIES])
{
	const struct reply timeout = {.outcome = OUTCOME_TIMEOUT, .rcode = RCODE_UNKNOWN};

	memset(part, 0, CHART_SERIES * sizeof(*part));
	for (unsigned i = 0; i < TALLY_WORDS; i++) {
		enum answer answer = i == RCODE_NOERROR		 ? NOERROR
				     : i == RCODE_NXDOMAIN	 ? NXDOMAIN
				     : i == RCODE_SERVFAIL	 ? SERVFAIL
				     : i == tally_word(&timeout) ? TIMEOUT
				     : tally_word_is_rcode(i)	 ? OTHER_RCODE
								 : OTHER;

		part[answer] += r->words[i];
	}
}

void page_outcomes_chart(struct page *page)
{
	struct chart chart = {
		.id = "chart-outcomes",
		.title = "What each resolver answered (CD=0)",
		.says = "Bars: shares of each resolver's answers by response code. The "
			"numbers are in the table below.",
		.unit = "share of its rows",
		.series = {[NOERROR] = {"NOERROR", "ok"},
			   [NXDOMAIN] = {"NXDOMAIN", "network"},
			   [SERVFAIL] = {"SERVFAIL", "failing"},
			   [OTHER_RCODE] = {"other RCODE", "zone"},
			   [TIMEOUT] = {"timeout", "partial"},
			   [OTHER] = {"other", "unknown"}},
		.series_count = ANSWERS};
	struct chart_bar bars[PAGE_BARS];
	size_t count = 0;

	for (size_t i = 0; i < page->resolver_count && count < PAGE_BARS; i++) {
		const struct tally_resolver *r = &page->resolvers[i];
		struct chart_bar *bar = &bars[count];
		char number[HTML_NUMBER_MAX];

		if (!r->rows)
			continue;
		*bar = (struct chart_bar){.label = name_of(r), .style = "name"};
		answers_of(r, bar->part);
		snprintf(bar->note, sizeof(bar->note), "%s rows", html_number(r->rows, number));
		count++;
	}
	chart_bars(page->out, &chart, bars, count, true);
}

void page_rtt_chart(struct page *page)
{
	struct chart chart = {
		.id = "chart-rtt",
		.title = "How long they took (CD=0, from the last sending to the answer)",
		.says = "Dot: the median; bar: from the 10th to the 90th of a hundred "
			"answers; line: up to the 99th. The scale is logarithmic.",
		.unit = "round trip time, logarithmic",
		.series = {{"median", "certain"},
			   {"10th to 90th percentile", "likely"},
			   {"to the 99th", "guess"}},
		.series_count = 3};
	struct chart_range ranges[PAGE_BARS];
	size_t count = 0;

	for (size_t i = 0; i < page->resolver_count && count < PAGE_BARS; i++) {
		const struct tally_resolver *r = &page->resolvers[i];
		struct chart_range *range = &ranges[count];
		char text[HTML_NUMBER_MAX];

		if (!r->rows)
			continue;
		*range = (struct chart_range){.label = name_of(r),
					      .low_us = tally_quantile_us(r, 100),
					      .middle_us = tally_quantile_us(r, 500),
					      .high_us = tally_quantile_us(r, 900),
					      .far_us = tally_quantile_us(r, 990)};
		snprintf(range->note, sizeof(range->note), "%s", html_time(range->middle_us, text));
		count++;
	}
	chart_ranges(page->out, &chart, ranges, count);
}

static void time_cell(struct buf *out, int64_t us)
{
	char text[HTML_NUMBER_MAX];

	if (us < 0)
		buf_add_str(out, "<td class=\"n\" data-v=\"\">-</td>");
	else
		buf_addf(out, "<td class=\"n\" data-v=\"%lld\">%s</td>", (long long)us,
			 html_time(us, text));
}

static void resolver_row(struct page *page, const struct tally_resolver *r)
{
	uint64_t part[CHART_SERIES];

	answers_of(r, part);
	buf_add_str(page->out, "<tr>");
	page_name_cell(page->out, name_of(r));
	buf_addf(page->out, "<td%s>%s</td>", r->useless ? " class=\"bad\"" : "", tally_standing(r));
	page_number_cell(page->out, r->rows);
	for (unsigned i = 0; i < ANSWERS; i++)
		page_share_cell(page->out, part[i], r->rows);
	time_cell(page->out, tally_quantile_us(r, 500));
	time_cell(page->out, tally_quantile_us(r, 900));
	time_cell(page->out, tally_quantile_us(r, 990));
	page_share_cell(page->out, r->overloaded, r->rows);
	buf_add_str(page->out, "</tr>\n");
}

void page_resolvers_table(struct page *page)
{
	static const char *const head[] = {"Resolver",	  "Standing",  ".Rows",	       ".NOERROR",
					   ".NXDOMAIN",	  ".SERVFAIL", ".Other RCODE", ".Timeout",
					   ".Other",	  ".Median",   ".90th",	       ".99th",
					   ".Overloaded", NULL};

	page_table_begin(page->out, "tall",
			 "Resolvers: shares of their rows, and their round trip times", head);
	for (size_t i = 0; i < page->resolver_count && i < PAGE_RESOLVERS; i++)
		resolver_row(page, &page->resolvers[i]);
	page_table_end(page->out);
	if (page->resolver_count > PAGE_RESOLVERS)
		page_more(page->out, "The first", page->resolver_count);
}

/* ---- agreement ---- */

static uint64_t compared(const struct agreement_pair *pair)
{
	return pair->both_resolve + pair->both_fail + pair->first_fails + pair->second_fails;
}

/* 0 when they never differ, 5 for 20 % and more. */
static unsigned heat(uint64_t differ, uint64_t all)
{
	static const double limits[] = {0, 0.001, 0.01, 0.05, 0.2};
	double share = all ? (double)differ / (double)all : 0;
	unsigned level = 0;

	while (level < 5 && share > limits[level])
		level++;
	return level;
}

static void agreement_cell(struct page *page, size_t i, size_t j)
{
	const struct agreement *agreement = page->tally->agreement;
	const struct agreement_pair *pair = i < j ? &agreement->pair[i][j] : &agreement->pair[j][i];
	uint64_t all = compared(pair), differ = pair->first_fails + pair->second_fails;
	char share[HTML_NUMBER_MAX], number[HTML_NUMBER_MAX];

	if (i == j) {
		buf_add_str(page->out, "<td></td>");
		return;
	}
	buf_addf(page->out, "<td class=\"h%u\" title=\"%s questions compared\">%s</td>",
		 heat(differ, all), html_number(all, number), html_share(differ, all, share));
}

void page_agreement(struct page *page)
{
	const struct agreement *agreement = page->tally->agreement;
	size_t seen[PAGE_MATRIX], count = 0, all = 0;

	for (size_t i = 0; i < AGREEMENT_MAX; i++) {
		if (agreement->name[i] && count < PAGE_MATRIX)
			seen[count++] = i;
		all += agreement->name[i] != NULL;
	}
	buf_add_str(page->out, "<div class=\"scroll\" tabindex=\"0\" role=\"group\" "
			       "aria-label=\"Share of questions on which two resolvers differ\">"
			       "<table class=\"matrix\"><caption>Share of questions on which two "
			       "resolvers differ</caption><thead><tr><td></td>");
	for (size_t j = 0; j < count; j++) {
		buf_add_str(page->out, "<th scope=\"col\" class=\"name\">");
		html_foreign(page->out, view_of(agreement->name[seen[j]]), 40);
		buf_add_str(page->out, "</th>");
	}
	buf_add_str(page->out, "</tr></thead><tbody>\n");
	for (size_t i = 0; i < count; i++) {
		buf_add_str(page->out, "<tr>");
		page_name_cell(page->out, view_of(agreement->name[seen[i]]));
		for (size_t j = 0; j < count; j++)
			agreement_cell(page, seen[i], seen[j]);
		buf_add_str(page->out, "</tr>\n");
	}
	buf_add_str(page->out, "</tbody></table></div>\n");
	if (all > count)
		page_more(page->out, "The first of those compared", all);
}
