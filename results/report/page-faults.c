/* SPDX-License-Identifier: BSD-2-Clause */

/* The worst faults, each with an example, what was seen of it, and what mends it. */
#include "results/report/page.h"

#include <stdlib.h>
#include <string.h>

void page_faults_shown(struct page *page)
{
	const struct survey *survey = page->survey;
	char number[HTML_NUMBER_MAX];

	if (survey->count >= survey->faults)
		buf_addf(page->out, "all %s of them", html_number(survey->faults, number));
	else
		buf_addf(page->out,
			 "those with most victims, some of each cause%s, out of %s faults",
			 page->compared ? ", and the newest" : "",
			 html_number(survey->faults, number));
}

static void term(struct buf *out, const char *title, struct view text, size_t max)
{
	if (!text.len)
		return;
	buf_addf(out, "<dt>%s</dt><dd>", title);
	html_foreign(out, text, max);
	buf_add_str(out, "</dd>");
}

/* What mends it; folded behind that, an example and what was seen. */
static void mend(struct buf *out, const struct survey_fault *fault)
{
	const struct view *v = fault->column;

	if (!fault->text) {
		buf_add_str(out, "<p class=\"quiet\">");
		html_str(out, cause_info(fault->cause)->fix);
		buf_add_str(out, "</p>");
		return;
	}
	buf_add_str(out, "<details><summary>");
	html_str(out, cause_info(fault->cause)->fix);
	buf_add_str(out, "</summary><dl>");
	if (fault->names > 1 || !fault->at.len)
		term(out, "Example", v[VERDICT_NAME], 0);
	term(out, "Seen", v[VERDICT_EVIDENCE], PAGE_EVIDENCE);
	term(out, "Operator", v[VERDICT_OPERATOR], 200);
	term(out, "Algorithm", v[VERDICT_ALGORITHM], 0);
	term(out, "EDE", v[VERDICT_EDE], 0);
	buf_add_str(out, "</dl></details>");
}

static void fault_row(struct page *page, const struct survey_fault *fault)
{
	struct buf *out = page->out;
	const struct cause_info *info = cause_info(fault->cause);
	const struct view *v = fault->column;

	buf_addf(out, "<tr data-kind=\"%s\">", category_name(info->category));
	page_number_cell(out, fault->names);
	if (page->compared)
		page_number_cell(out, fault->broke);
	buf_add_str(out, "<td class=\"what\"><span class=\"name\">");
	if (fault->at.len)
		html_foreign(out, fault->at, 0);
	else
		buf_add_str(out, "no zone known");
	buf_add_str(out, "</span>");
	buf_add_str(out, "<p class=\"phone\">");
	page_cause(out, info);
	buf_add_str(out, "</p>");
	mend(out, fault);
	buf_add_str(out, "</td><td class=\"wide-only\">");
	page_cause(out, info);
	buf_add_str(out, "</td><td class=\"wide-only\">");
	html_text(out, v[VERDICT_STATUS]);
	buf_add_str(out, "</td><td class=\"wide-only\">");
	html_text(out, v[VERDICT_CONFIDENCE]);
	buf_add_str(out, "</td></tr>\n");
}

static void tools(struct page *page)
{
	buf_add_str(page->out,
		    "<div class=\"tools\" hidden><label>Search zones, causes and evidence"
		    "<input type=\"search\" autocomplete=\"off\" spellcheck=\"false\"></label>"
		    "<label>Category<select><option value=\"\">all</option>");
	for (unsigned i = 1; i < CATEGORY_COUNT; i++)
		if (page->tally->category[i])
			buf_addf(page->out, "<option>%s</option>", category_name((enum category)i));
	buf_add_str(page->out, "</select></label><output aria-live=\"polite\"></output></div>\n");
}

void page_faults(struct page *page)
{
	const struct survey *survey = page->survey;

	tools(page);
	buf_add_str(
		page->out,
		"<div class=\"scroll tall\" tabindex=\"0\" role=\"group\" aria-label=\"Faults\">"
		"<table class=\"sortable faults\"><caption class=\"hide\">Faults, those with "
		"most victims first</caption><thead><tr><th scope=\"col\" class=\"n\">Names</th>");
	if (page->compared)
		buf_add_str(page->out, "<th scope=\"col\" class=\"n\">Broke</th>");
	buf_add_str(page->out,
		    "<th scope=\"col\">Zone at fault, and what mends it</th>"
		    "<th scope=\"col\" class=\"wide-only\">Cause</th>"
		    "<th scope=\"col\" class=\"wide-only\">Status</th>"
		    "<th scope=\"col\" class=\"wide-only\">Sure</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < survey->count && page->out->len < PAGE_OCTETS; i++)
		fault_row(page, &survey->fault[i]);
	buf_add_str(page->out, "</tbody></table></div>\n");
}

/* Zones that fail alike at one operator's: perhaps one fault, that looks like many. */
void page_alike(struct page *page)
{
	static const char *const head[] = {"Operator", "Cause", ".Names", ".Of all broken", NULL};
	struct counts_item **items;
	size_t count = counts_sorted(page->tally->table[TALLY_OPERATOR_CAUSES], 0, &items), all = 0;

	while (all < count && items[all]->number[0] > 1)
		all++;
	page_table_begin(page->out, "tall",
			 "Names that fail for the same cause at the same operator", head);
	for (size_t i = 0; i < all && i < PAGE_ALIKE; i++) {
		struct view key = items[i]->key;
		const char *space = memrchr(key.text, ' ', key.len);
		struct view name = {key.text, (size_t)(space - key.text)};

		buf_add_str(page->out, "<tr>");
		page_name_cell(page->out, name);
		buf_add_str(page->out, "<td>");
		page_cause(page->out, cause_info(cause_from_id(space + 1, key.len - name.len - 1)));
		buf_add_str(page->out, "</td>");
		page_number_cell(page->out, items[i]->number[0]);
		page_share_cell(page->out, items[i]->number[0], page_broken(page->tally));
		buf_add_str(page->out, "</tr>\n");
	}
	page_table_end(page->out);
	if (all > PAGE_ALIKE)
		page_more(page->out, "Those with most names", all);
	free(items);
}
