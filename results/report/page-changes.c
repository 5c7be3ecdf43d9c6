/* SPDX-License-Identifier: BSD-2-Clause */

/* What became of it since an earlier report, and the trend over the nights. */
#include "results/report/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rows of the tables. */
#define PLACES_SHOWN	  60
#define TRANSITIONS_SHOWN 60

static uint64_t in_both(const struct tally *t)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i <= CHANGE_UNKNOWN; i++)
		sum += t->changes[i];
	return sum;
}

/* ---- the numbers ---- */

static void tile(struct page *page, const char *colour, const char *title, uint64_t value,
		 const char *says)
{
	char number[HTML_NUMBER_MAX];

	buf_addf(page->out,
		 "<div class=\"tile c-%s\"><dt>%s</dt><dd><div class=\"big\">%s</div><div "
		 "class=\"say\">%s</div></dd></div>\n",
		 colour, title, html_number(value, number), says);
}

void page_changed(struct page *page)
{
	const struct tally *t = page->tally;

	buf_add_str(page->out, "<dl class=\"tiles\">\n");
	tile(page, "failing", "Broke", t->changes[CHANGE_BROKE], "resolved before, broken now");
	tile(page, "ok", "Mended", t->changes[CHANGE_MENDED], "broken before, resolve now");
	tile(page, "partial", "Broken otherwise",
	     t->changes[CHANGE_CAUSE] + t->changes[CHANGE_WORSE] + t->changes[CHANGE_BETTER],
	     "for another cause, or at more or fewer resolvers");
	tile(page, "unknown", "New and broken", t->new_broken, "not in the list before");
	buf_add_str(page->out, "</dl>\n");
}

static void say(struct page *page, uint64_t value, const char *one, const char *many)
{
	char number[HTML_NUMBER_MAX];

	if (value)
		buf_addf(page->out, "<li>%s %s.</li>\n", html_number(value, number),
			 value == 1 ? one : many);
}

void page_compared(struct page *page)
{
	const struct tally *t = page->tally;
	const struct night *before = &page->trend->previous;
	char number[HTML_NUMBER_MAX], time[25];

	buf_addf(page->out, "<li>Compared are the %s questions that are in both reports",
		 html_number(in_both(t), number));
	if (before->last_ms) {
		csv_time(time, before->last_ms);
		buf_addf(page->out, "; the earlier one ends on %.10s at %.5s UTC", time, time + 11);
	}
	buf_addf(page->out, ". Of these, %s are as they were.</li>\n",
		 html_number(t->changes[CHANGE_NONE], number));
	say(page, t->changes[CHANGE_NEW], "question was not in the list before",
	    "questions were not in the list before");
	say(page, t->changes[CHANGE_GONE], "question is not in the list any more",
	    "questions are not in the list any more");
	say(page, t->changes[CHANGE_UNKNOWN],
	    "question nobody could tell about, then or now: it counts neither as broken nor as "
	    "mended",
	    "questions nobody could tell about, then or now: they count neither as broken nor as "
	    "mended");
	say(page, t->not_compared, "question could not be looked up: the earlier report is damaged",
	    "questions could not be looked up: the earlier report is damaged");
}

/* ---- where ---- */

static void cause_cell(struct page *page, struct view id)
{
	enum cause cause = cause_from_id(id.text, id.len);
	const struct cause_info *info = cause_info(cause);

	buf_add_str(page->out, "<td>");
	if (cause != CAUSE_NONE && page->tally->cause[cause]) {
		page_cause(page->out, info);
	} else { /* it is not explained on this page */
		buf_add_str(page->out, "<span class=\"cause\">");
		if (cause != CAUSE_NONE)
			buf_addf(page->out, "<i class=\"dot c-%s\"></i>",
				 page_colour(info->category));
		buf_add_str(page->out, "<span class=\"name\">");
		html_foreign(page->out, id, 64);
		buf_add_str(page->out, "</span></span>");
	}
	buf_add_str(page->out, "</td>");
}

static void places(struct page *page, enum tally_table table, const char *title,
		   const char *caption)
{
	static const char *const head[] = {".Names", "Zone at fault", "Cause", NULL};
	struct counts_item **items;
	size_t count = counts_sorted(page->tally->table[table], 0, &items);

	buf_addf(page->out, "<div><h3>%s</h3>", title);
	if (count)
		page_table_begin(page->out, "tall low", caption, head);
	else
		buf_add_str(page->out, "<p class=\"quiet\">Nothing.</p>");
	for (size_t i = 0; i < count && i < PLACES_SHOWN; i++) {
		struct view key = items[i]->key;
		const char *space = memrchr(key.text, ' ', key.len);
		struct view at = {key.text, (size_t)(space - key.text)};

		buf_add_str(page->out, "<tr>");
		page_number_cell(page->out, items[i]->number[0]);
		page_name_cell(page->out, at.len ? at : (struct view){"no zone known", 13});
		cause_cell(page, (struct view){space + 1, key.len - at.len - 1});
		buf_add_str(page->out, "</tr>\n");
	}
	if (count)
		page_table_end(page->out);
	if (count > PLACES_SHOWN)
		page_more(page->out, "Those with most names", page->tally->distinct[table]);
	buf_add_str(page->out, "</div>");
	free(items);
}

void page_broke(struct page *page)
{
	places(page, TALLY_BROKE, "What broke", "Zones at fault, where most names broke first");
}

void page_mended(struct page *page)
{
	places(page, TALLY_MENDED, "What was mended",
	       "Zones that were at fault, where most names were mended first");
}

void page_transitions(struct page *page)
{
	static const char *const head[] = {".Names", "Before", "Now", NULL};
	struct counts_item **items;
	size_t count = counts_sorted(page->tally->table[TALLY_TRANSITIONS], 0, &items);

	page_table_begin(page->out, "tall low", "Verdicts before and now, most frequent first",
			 head);
	for (size_t i = 0; i < count && i < TRANSITIONS_SHOWN; i++) {
		struct view key = items[i]->key;
		const char *space = memchr(key.text, ' ', key.len);
		size_t len = (size_t)(space - key.text);

		buf_add_str(page->out, "<tr>");
		page_number_cell(page->out, items[i]->number[0]);
		cause_cell(page, (struct view){key.text, len});
		cause_cell(page, (struct view){space + 1, key.len - len - 1});
		buf_add_str(page->out, "</tr>\n");
	}
	page_table_end(page->out);
	free(items);
}

/* ---- the nights ---- */

enum { BROKEN, FAILING, PARTIAL, BY_DNSSEC, LINES };

void page_trend_chart(struct page *page)
{
	const struct trend *trend = page->trend;
	struct chart_point *points = calloc(trend->count, sizeof(*points));
	struct chart chart = {.id = "chart-trend",
			      .title = "Share of broken names, night by night",
			      .says = "Lines over the nights: all broken names, those that fail "
				      "everywhere, those that fail in part, and those broken by "
				      "DNSSEC, each as a share of all questions. The numbers are "
				      "in the table.",
			      .unit = "month and day of the night, UTC",
			      .series = {[BROKEN] = {"all broken", "unknown"},
					 [FAILING] = {"failing", "failing"},
					 [PARTIAL] = {"partial", "partial"},
					 [BY_DNSSEC] = {"by DNSSEC", "dnssec"}},
			      .series_count = LINES};
	char time[25];

	for (size_t i = 0; points && i < trend->count; i++) {
		const struct night *night = &trend->nights[i];
		uint64_t *value = points[i].value;

		csv_time(time, night->last_ms);
		snprintf(points[i].label, sizeof(points[i].label), "%.5s", time + 5);
		value[FAILING] = night->status[STATUS_FAILING];
		value[PARTIAL] = night->status[STATUS_PARTIAL];
		value[BROKEN] = value[FAILING] + value[PARTIAL];
		value[BY_DNSSEC] = night->category[CATEGORY_DNSSEC];
		points[i].all = night->questions;
	}
	if (points)
		chart_lines(page->out, &chart, points, trend->count);
	else
		page->out->failed = true;
	free(points);
}

static void change_cells(struct page *page, const struct night *night)
{
	if (!night->compared) {
		buf_add_str(page->out, "<td class=\"n\"></td><td class=\"n\"></td>");
		return;
	}
	page_number_cell(page->out, night->broke);
	page_number_cell(page->out, night->mended);
}

/* The only one of its day; then that says enough. */
static bool is_alone(const struct trend *trend, size_t i)
{
	const int64_t day_ms = 86400000;
	int64_t day = trend->nights[i].last_ms / day_ms;

	return (i == 0 || trend->nights[i - 1].last_ms / day_ms != day) &&
	       (i + 1 == trend->count || trend->nights[i + 1].last_ms / day_ms != day);
}

void page_trend_table(struct page *page)
{
	static const char *const head[] = {"Night",  ".Questions", ".Broken", ".Share",
					   ".Broke", ".Mended",	   NULL};
	const struct trend *trend = page->trend;

	page_table_begin(page->out, "tall low", "The nights, the last one first", head);
	for (size_t i = trend->count; i-- > 0;) {
		const struct night *night = &trend->nights[i];
		uint64_t broken = night->status[STATUS_FAILING] + night->status[STATUS_PARTIAL];
		char time[25];

		csv_time(time, night->last_ms);
		buf_addf(page->out, "<tr><th scope=\"row\" class=\"when\">%.10s%s%.*s</th>", time,
			 is_alone(trend, i) ? "" : " ", is_alone(trend, i) ? 0 : 5, time + 11);
		page_number_cell(page->out, night->questions);
		page_number_cell(page->out, broken);
		page_share_cell(page->out, broken, night->questions);
		change_cells(page, night);
		buf_add_str(page->out, "</tr>\n");
	}
	page_table_end(page->out);
}
