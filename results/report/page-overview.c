/* SPDX-License-Identifier: BSD-2-Clause */

/* The head of the page, and the words that all parts use. */
#include "results/report/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- words of all parts ---- */

uint64_t page_broken(const struct tally *tally)
{
	return tally->status[STATUS_FAILING] + tally->status[STATUS_PARTIAL];
}

uint64_t page_total(const struct tally *tally, const char *name)
{
	const struct counts_item *item = counts_find(tally->table[TALLY_TOTALS], view_of(name));

	return item ? item->number[0] : 0;
}

const char *page_colour(enum category category)
{
	return category == CATEGORY_UNKNOWN ? "undecided" : category_name(category);
}

void page_cause(struct buf *out, const struct cause_info *info)
{
	buf_addf(out,
		 "<span class=\"cause\"><i class=\"dot c-%s\"></i><a class=\"name\" "
		 "href=\"#%s\">%s</a></span>",
		 page_colour(info->category), info->id, info->id);
}

void page_number_cell(struct buf *out, uint64_t value)
{
	char text[HTML_NUMBER_MAX];

	buf_addf(out, "<td class=\"n\">%s</td>", html_number(value, text));
}

void page_share_cell(struct buf *out, uint64_t part, uint64_t all)
{
	char text[HTML_NUMBER_MAX];

	if (all)
		buf_addf(out, "<td class=\"n\" data-v=\"%.6g\">", (double)part / (double)all);
	else
		buf_add_str(out, "<td class=\"n\" data-v=\"\">");
	buf_add_str(out, html_share(part, all, text));
	buf_add_str(out, "</td>");
}

void page_name_cell(struct buf *out, struct view name)
{
	buf_add_str(out, "<th scope=\"row\" class=\"name\">");
	html_foreign(out, name, 0);
	buf_add_str(out, "</th>");
}

void page_table_begin(struct buf *out, const char *style, const char *caption,
		      const char *const *head)
{
	buf_addf(out,
		 "<div class=\"scroll %s\" tabindex=\"0\" role=\"group\" aria-label=\"%s\">"
		 "<table class=\"sortable\"><caption>%s</caption><thead><tr>",
		 style, caption, caption);
	for (; *head; head++)
		buf_addf(out, "<th scope=\"col\"%s>%s</th>", **head == '.' ? " class=\"n\"" : "",
			 *head + (**head == '.'));
	buf_add_str(out, "</tr></thead><tbody>\n");
}

void page_table_end(struct buf *out)
{
	buf_add_str(out, "</tbody></table></div>\n");
}

void page_more(struct buf *out, const char *which, uint64_t all)
{
	char number[HTML_NUMBER_MAX];

	buf_addf(out, "<p class=\"quiet\">%s", which);
	if (all)
		buf_addf(out, ", out of %s", html_number(all, number));
	buf_add_str(out, "; more are in summary.json.</p>\n");
}

/* ---- the head ---- */

/* The TLD that all names are below; NULL: there are several. */
static const struct counts_item *only_tld(const struct tally *tally)
{
	struct counts *tlds = tally->table[TALLY_TLDS];
	struct counts_item **items, *only = NULL;
	size_t count;

	if (counts_size(tlds) != 1)
		return NULL;
	count = counts_sorted(tlds, TLD_NAMES, &items);
	if (count)
		only = items[0];
	free(items);
	return only;
}

void page_heading(struct page *page)
{
	const struct counts_item *tld = only_tld(page->tally);

	buf_add_str(page->out, "Which domains ");
	if (tld && tld->key.len) {
		buf_add_str(page->out, "below .");
		html_text(page->out, tld->key);
		buf_add_str(page->out, " ");
	}
	buf_add_str(page->out, "fail to resolve, and why");
}

void page_scope(struct page *page)
{
	const struct tally *t = page->tally;
	char number[HTML_NUMBER_MAX], from[25], to[25];

	buf_addf(page->out, "%s questions", html_number(t->questions, number));
	buf_addf(page->out, ", %zu resolver%s", page->resolver_count,
		 page->resolver_count == 1 ? "" : "s");
	buf_addf(page->out, ", %s pairs of queries", html_number(t->rows, number));
	if (!t->first_ms)
		return;
	csv_time(from, t->first_ms);
	csv_time(to, t->last_ms);
	buf_addf(page->out, "; %.10s %.5s to ", from, from + 11);
	if (strncmp(from, to, 10) != 0)
		buf_addf(page->out, "%.10s ", to);
	buf_addf(page->out, "%.5s UTC", to + 11);
}

void page_sources(struct page *page)
{
	const struct tally *t = page->tally;
	char number[HTML_NUMBER_MAX];

	buf_addf(page->out, "%s run%s", html_number(t->runs, number), t->runs == 1 ? "" : "s");
	buf_addf(page->out, " and %s rows of evidence", html_number(t->evidence_rows, number));
}

/* ---- the overview ---- */

static const struct {
	const char *title, *says;
} statuses[STATUS_COUNT] = {
	[STATUS_OK] = {"Resolve", "at every resolver that can tell"},
	[STATUS_FAILING] = {"Fail", "at every resolver that can tell"},
	[STATUS_PARTIAL] = {"Fail in part", "at some resolvers, or at some times"},
	[STATUS_UNKNOWN] = {"Not known", "no resolver could tell"},
};

static void tile(struct page *page, enum status status)
{
	const struct tally *t = page->tally;
	char number[HTML_NUMBER_MAX], share[HTML_NUMBER_MAX];

	buf_addf(page->out,
		 "<div class=\"tile c-%s\"><dt>%s</dt><dd><div class=\"big\">%s</div><div "
		 "class=\"part\">",
		 status_name(status), statuses[status].title,
		 html_number(t->status[status], number));
	buf_add_str(page->out, html_share(t->status[status], t->questions, share));
	buf_addf(page->out, "</div><div class=\"say\">%s</div></dd></div>\n",
		 statuses[status].says);
}

void page_statuses(struct page *page)
{
	buf_add_str(page->out, "<dl class=\"tiles\">\n");
	for (unsigned i = 0; i < STATUS_COUNT; i++)
		tile(page, (enum status)i);
	buf_add_str(page->out, "</dl>");
}

/* One bar in parts; the colours are named like the words. */
static void share_bar(struct page *page, struct chart *chart, const char *label,
		      const uint64_t *parts, size_t count, const char *(*colour)(unsigned))
{
	struct chart_bar bar = {.label = view_of(label), .style = ""};
	uint64_t sum = 0;
	char number[HTML_NUMBER_MAX];

	for (unsigned i = 0; i < count; i++) {
		if (!parts[i])
			continue;
		chart->series[chart->series_count].name = colour(i);
		chart->series[chart->series_count].colour = colour(i);
		bar.part[chart->series_count++] = parts[i];
		sum += parts[i];
	}
	snprintf(bar.note, sizeof(bar.note), "%s", html_number(sum, number));
	chart_bars(page->out, chart, &bar, sum ? 1 : 0, true);
}

static const char *status_colour(unsigned status)
{
	return status_name((enum status)status);
}

static const char *category_colour(unsigned category)
{
	return page_colour((enum category)category);
}

void page_shares(struct page *page)
{
	const struct tally *t = page->tally;
	struct chart
		all = {.id = "chart-statuses",
		       .title = "All questions",
		       .says = "One bar: the shares of the statuses that are given above.",
		       .unit = "share"},
		broken = {.id = "chart-categories",
			  .title = "What is not well",
			  .says = "One bar: the shares of the categories; the numbers are in the "
				  "table of causes.",
			  .unit = "share"};

	_Static_assert(STATUS_COUNT <= CHART_SERIES && CATEGORY_COUNT - 1 <= CHART_SERIES,
		       "a part for each; of none there is nothing");
	buf_add_str(page->out, "<div class=\"pair even\">");
	share_bar(page, &all, "by status", t->status, STATUS_COUNT, status_colour);
	share_bar(page, &broken, "by category", t->category, CATEGORY_COUNT, category_colour);
	buf_add_str(page->out, "</div>\n");
}

static void say_broken(struct page *page)
{
	const struct tally *t = page->tally;
	char share[HTML_NUMBER_MAX], number[HTML_NUMBER_MAX];

	buf_add_str(page->out, "<li><b>");
	buf_add_str(page->out, html_share(page_broken(t), t->questions, share));
	buf_addf(page->out, "</b> of all questions are broken: %s fail everywhere, ",
		 html_number(t->status[STATUS_FAILING], number));
	buf_addf(page->out, "%s in part.</li>\n", html_number(t->status[STATUS_PARTIAL], number));
}

static void say_why(struct page *page)
{
	const struct tally *t = page->tally;
	uint64_t all = t->questions - t->status[STATUS_OK];
	unsigned most = 0;
	enum cause list[CAUSE_COUNT];
	char share[HTML_NUMBER_MAX], number[HTML_NUMBER_MAX];

	for (unsigned i = 1; i < CATEGORY_COUNT; i++)
		if (t->category[i] > t->category[most])
			most = i;
	if (!most || !report_causes(t, list))
		return;
	buf_addf(page->out, "<li>The largest part of what is not well is <b>%s</b> (",
		 category_name((enum category)most));
	buf_add_str(page->out, html_share(t->category[most], all, share));
	buf_addf(page->out,
		 "); the most frequent single cause is <a href=\"#%s\"><code>%s</code></a>, %s "
		 "times.</li>\n",
		 cause_info(list[0])->id, cause_info(list[0])->id,
		 html_number(t->cause[list[0]], number));
}

/* Of all names, whatever their TLD: how many are signed, and whether these fare worse. */
static void say_signed(struct page *page)
{
	struct counts_item **items;
	size_t count = counts_sorted(page->tally->table[TALLY_TLDS], TLD_NAMES, &items);
	uint64_t sum[TLD_WIDTH] = {0};
	char share[HTML_NUMBER_MAX];

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < TLD_WIDTH; j++)
			sum[j] += items[i]->number[j];
	free(items);
	if (!sum[TLD_SIGNED])
		return;
	buf_add_str(page->out, "<li><b>");
	buf_add_str(page->out, html_share(sum[TLD_SIGNED], sum[TLD_NAMES], share));
	buf_add_str(page->out, "</b> are signed, as far as was seen; of these, ");
	buf_add_str(page->out, html_share(sum[TLD_SIGNED_BROKEN], sum[TLD_SIGNED], share));
	buf_add_str(page->out, " are broken, of the others ");
	buf_add_str(page->out, html_share(sum[TLD_BROKEN] - sum[TLD_SIGNED_BROKEN],
					  sum[TLD_NAMES] - sum[TLD_SIGNED], share));
	buf_add_str(page->out, ".</li>\n");
}

static void say_large_fault(struct page *page)
{
	const struct survey_fault *fault = page->survey->count ? &page->survey->fault[0] : NULL;
	char number[HTML_NUMBER_MAX], share[HTML_NUMBER_MAX];

	if (!fault || !fault->at.len || fault->names < 2)
		return;
	buf_add_str(page->out, "<li>The fault with most victims lies at <b class=\"name\">");
	html_foreign(page->out, fault->at, 120);
	buf_addf(page->out, "</b> (<code>%s</code>): %s names, ", cause_info(fault->cause)->id,
		 html_number(fault->names, number));
	buf_add_str(page->out,
		    html_share(fault->names,
			       page->tally->questions - page->tally->status[STATUS_OK], share));
	buf_add_str(page->out, " of what is not well.</li>\n");
}

static void say_trust(struct page *page)
{
	const struct tally *t = page->tally;
	size_t useless = 0;

	for (size_t i = 0; i < page->resolver_count; i++)
		useless += page->resolvers[i].useless;
	if (t->runs_incomplete || t->damaged_files || t->missing_files || t->bad_lines || useless)
		buf_add_str(page->out,
			    "<li>There are reservations: <a href=\"#trust\">how far to trust "
			    "this</a>.</li>\n");
	else if (t->questions)
		buf_add_str(page->out, "<li>All input was read, and every resolver counted: <a "
				       "href=\"#trust\">how far to trust this</a>.</li>\n");
}

void page_highlights(struct page *page)
{
	if (page->tally->questions == 0) {
		buf_add_str(page->out, "<li>Nothing was asked: there are no rows to report "
				       "on.</li>\n");
		return;
	}
	say_broken(page);
	say_signed(page);
	say_why(page);
	say_large_fault(page);
	say_trust(page);
}
