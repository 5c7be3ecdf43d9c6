/* SPDX-License-Identifier: BSD-2-Clause */

/* Pairs of response codes, and Extended DNS Errors. */
#include "results/report/page.h"

#include <stdio.h>
#include <string.h>

#define PAIRS_SHOWN 20

/* What a pair of answers says, in words; NULL: nothing special. */
static const char *meaning(unsigned normal, unsigned cd)
{
	bool cd_works = cd == RCODE_NOERROR || cd == RCODE_NXDOMAIN;

	if (normal == RCODE_NOERROR || normal == RCODE_NXDOMAIN)
		return normal == cd ? "resolves" : "resolves, and differs without validation";
	if (normal == RCODE_SERVFAIL)
		return cd_works		      ? "resolves, but does not validate"
		       : cd == RCODE_SERVFAIL ? "does not resolve, whatever CD says"
					      : "does not resolve";
	if (normal == RCODE_REFUSED)
		return "the resolver refuses";
	return tally_word_is_rcode(normal) ? "another error" : "no answer";
}

void page_pairs(struct page *page)
{
	static const char *const head[] = {"CD=0", "CD=1", ".Rows", ".Share", "Which means", NULL};
	static struct report_pair list[TALLY_WORDS * TALLY_WORDS];
	size_t count = report_pairs(page->tally, list);

	page_table_begin(page->out, "tall", "Pairs of answers, most frequent first", head);
	for (size_t i = 0; i < count && i < PAIRS_SHOWN; i++) {
		buf_addf(page->out, "<tr><th scope=\"row\">%s</th><td>%s</td>",
			 tally_word_name(list[i].normal), tally_word_name(list[i].cd));
		page_number_cell(page->out, list[i].rows);
		page_share_cell(page->out, list[i].rows, page->tally->rows);
		buf_addf(page->out, "<td class=\"quiet\">%s</td></tr>\n",
			 meaning(list[i].normal, list[i].cd));
	}
	page_table_end(page->out);
}

/* ---- Extended DNS Errors ---- */

static const char *code_text(unsigned code, char text[64])
{
	const char *name = ede_name((uint16_t)code);

	if (code == TALLY_EDES - 1)
		return "not registered";
	snprintf(text, 64, "%u %s", code, name ? name : "(not registered)");
	return text;
}

void page_ede_chart(struct page *page)
{
	struct chart chart = {
		.id = "chart-ede",
		.title = "Extended DNS Errors",
		.says = "Bars: rows with each code, in answers that fail and in answers "
			"that resolve. The numbers are in the table.",
		.unit = "rows",
		.series = {{"in failing answers", "failing"}, {"in answers that resolve", "ok"}},
		.series_count = 2};
	const struct tally *t = page->tally;
	struct chart_bar bars[TALLY_EDES];
	char text[TALLY_EDES][64];
	size_t count = 0;

	for (unsigned code = 0; code < TALLY_EDES; code++) {
		uint64_t sum = t->ede_failing[code] + t->ede_answered[code];
		const char *label = code_text(code, text[code]);
		char number[HTML_NUMBER_MAX];
		size_t i = count;
		struct chart_bar bar = {.label = {label, strlen(label)},
					.style = "",
					.part = {t->ede_failing[code], t->ede_answered[code]}};

		if (!sum)
			continue;
		snprintf(bar.note, sizeof(bar.note), "%s", html_number(sum, number));
		for (; i > 0 && bars[i - 1].part[0] + bars[i - 1].part[1] < sum; i--)
			bars[i] = bars[i - 1];
		bars[i] = bar;
		count++;
	}
	chart_bars(page->out, &chart, bars, count < PAGE_BARS ? count : PAGE_BARS, false);
}

/* A column for each resolver that sends any, as far as there is room. */
#define COLUMNS 8

static bool sends_any(const struct tally_resolver *r)
{
	for (unsigned code = 0; code < TALLY_EDES; code++)
		if (r->edes[code])
			return true;
	return false;
}

void page_ede_table(struct page *page)
{
	const struct tally *t = page->tally;
	const struct tally_resolver *column[COLUMNS];
	size_t columns = 0, senders = 0;
	char text[64];

	for (size_t i = 0; i < page->resolver_count; i++) {
		if (!sends_any(&page->resolvers[i]))
			continue;
		if (columns < COLUMNS)
			column[columns++] = &page->resolvers[i];
		senders++;
	}
	buf_add_str(page->out, "<div class=\"scroll tall\" tabindex=\"0\" role=\"group\" "
			       "aria-label=\"Rows with each code, and by resolver\"><table "
			       "class=\"sortable\"><caption>Rows with each code, and by "
			       "resolver</caption><thead><tr><th scope=\"col\">Code</th><th "
			       "scope=\"col\" class=\"n\">Failing</th><th scope=\"col\" "
			       "class=\"n\">Resolving</th>");
	for (size_t i = 0; i < columns; i++) {
		const char *name = column[i]->name;

		buf_add_str(page->out, "<th scope=\"col\" class=\"n\">");
		html_foreign(page->out, view_of(name), 30);
		buf_add_str(page->out, "</th>");
	}
	buf_add_str(page->out, "</tr></thead><tbody>\n");
	for (unsigned code = 0; code < TALLY_EDES; code++) {
		if (t->ede_failing[code] + t->ede_answered[code] == 0)
			continue;
		buf_addf(page->out, "<tr><th scope=\"row\">%s</th>", code_text(code, text));
		page_number_cell(page->out, t->ede_failing[code]);
		page_number_cell(page->out, t->ede_answered[code]);
		for (size_t i = 0; i < columns; i++)
			page_number_cell(page->out, column[i]->edes[code]);
		buf_add_str(page->out, "</tr>\n");
	}
	page_table_end(page->out);
	if (senders > COLUMNS)
		page_more(page->out, "The first resolvers that send any", senders);
}
