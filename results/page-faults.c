/* SPDX-License-Identifier: BSD-2-Clause */

/* The worst faults, each with an example, what was seen of it, and what mends it. */
#include "results/page.h"

#include <string.h>

void page_faults_shown(struct page *page)
{
	const struct survey *survey = page->survey;
	char number[HTML_NUMBER_MAX];

	if (survey->count >= survey->faults)
		buf_addf(page->out, "all %s of them", html_number(survey->faults, number));
	else
		buf_addf(page->out,
			 "those with most victims, and some of each cause, out of %s faults",
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

static void fault_row(struct buf *out, const struct survey_fault *fault)
{
	const struct cause_info *info = cause_info(fault->cause);
	const struct view *v = fault->column;

	buf_addf(out, "<tr data-kind=\"%s\">", category_name(info->category));
	page_number_cell(out, fault->names);
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
		"most victims first</caption><thead><tr><th scope=\"col\" class=\"n\">Names</th>"
		"<th scope=\"col\">Zone at fault, and what mends it</th>"
		"<th scope=\"col\" class=\"wide-only\">Cause</th>"
		"<th scope=\"col\" class=\"wide-only\">Status</th>"
		"<th scope=\"col\" class=\"wide-only\">Sure</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < survey->count && page->out->len < PAGE_OCTETS; i++)
		fault_row(page->out, &survey->fault[i]);
	buf_add_str(page->out, "</tbody></table></div>\n");
}
