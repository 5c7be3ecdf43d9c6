/* SPDX-License-Identifier: BSD-2-Clause */

/* Why: from category to cause. */
#include "results/report/page.h"

#include <stdio.h>
#include <string.h>

/* Causes of one category that the chart shows one by one. */
#define CAUSES_SHOWN 4
#define BARS	     (CATEGORY_COUNT * (CAUSES_SHOWN + 2))

struct tree {
	const struct tally *tally;
	uint64_t all;
	enum cause list[CAUSE_COUNT]; /* most frequent first */
	size_t count;
	enum category order[CATEGORY_COUNT];
	size_t categories;
};

static void tree_init(struct tree *tree, const struct tally *t)
{
	*tree = (struct tree){.tally = t, .all = t->questions - t->status[STATUS_OK]};
	tree->count = report_causes(t, tree->list);
	for (unsigned category = 1; category < CATEGORY_COUNT; category++) {
		size_t i = tree->categories;

		if (!t->category[category])
			continue;
		for (; i > 0 && t->category[tree->order[i - 1]] < t->category[category]; i--)
			tree->order[i] = tree->order[i - 1];
		tree->order[i] = (enum category)category;
		tree->categories++;
	}
}

static struct chart_bar bar_of(const struct tree *tree, const char *label, const char *style,
			       enum category category, uint64_t names)
{
	struct chart_bar bar = {.label = {label, strlen(label)},
				.style = style,
				.colour = page_colour(category),
				.part = {names}};
	char share[HTML_NUMBER_MAX], number[HTML_NUMBER_MAX];

	snprintf(bar.note, sizeof(bar.note), "%s \302\267 %s", html_number(names, number),
		 html_share(names, tree->all, share));
	return bar;
}

static size_t category_bars(const struct tree *tree, enum category category, struct chart_bar *bars)
{
	uint64_t rest = tree->tally->category[category];
	size_t count = 0, shown = 0;

	for (size_t i = 0; i < tree->count; i++) /* an only child needs no line of its own */
		if (cause_info(tree->list[i])->category == category &&
		    tree->tally->cause[tree->list[i]] == rest) {
			bars[0] =
				bar_of(tree, cause_info(tree->list[i])->id, "name", category, rest);
			return 1;
		}
	bars[count++] = bar_of(tree, category_name(category), "group", category, rest);
	for (size_t i = 0; i < tree->count && shown < CAUSES_SHOWN; i++) {
		const struct cause_info *info = cause_info(tree->list[i]);

		if (info->category != category)
			continue;
		bars[count++] =
			bar_of(tree, info->id, "name", category, tree->tally->cause[tree->list[i]]);
		rest -= tree->tally->cause[tree->list[i]];
		shown++;
	}
	if (rest)
		bars[count++] = bar_of(tree, "others", "soft", category, rest);
	return count;
}

void page_causes_chart(struct page *page)
{
	struct chart chart = {
		.id = "chart-causes",
		.title = "What is not well, by category and cause",
		.says = "Bars: the number of questions for each category, and below it "
			"for its most frequent causes. The numbers are in the table.",
		.unit = "questions",
		.series = {{NULL, "plain"}},
		.series_count = 1};
	struct chart_bar bars[BARS];
	struct tree tree;
	size_t count = 0;

	tree_init(&tree, page->tally);
	for (size_t i = 0; i < tree.categories; i++)
		count += category_bars(&tree, tree.order[i], bars + count);
	chart_bars(page->out, &chart, bars, count, false);
}

static void cause_row(struct page *page, const struct tree *tree, enum cause cause)
{
	const struct cause_info *info = cause_info(cause);
	const uint64_t *confidence = tree->tally->cause_confidence[cause];

	buf_add_str(page->out, "<tr><th scope=\"row\">");
	page_cause(page->out, info);
	buf_addf(page->out, "</th><td>%s</td>", category_name(info->category));
	page_number_cell(page->out, tree->tally->cause[cause]);
	page_share_cell(page->out, tree->tally->cause[cause], tree->all);
	page_number_cell(page->out, confidence[CONFIDENCE_CERTAIN]);
	page_number_cell(page->out, confidence[CONFIDENCE_LIKELY]);
	page_number_cell(page->out, confidence[CONFIDENCE_GUESS]);
	buf_add_str(page->out, "</tr>\n");
}

void page_causes_table(struct page *page)
{
	static const char *const head[] = {"Cause",    "Category", ".Questions", ".Share",
					   ".Certain", ".Likely",  ".Guess",	 NULL};
	struct tree tree;

	tree_init(&tree, page->tally);
	page_table_begin(page->out, "tall high", "All causes met, and how sure they are", head);
	for (size_t i = 0; i < tree.count; i++)
		cause_row(page, &tree, tree.list[i]);
	page_table_end(page->out);
}

/* Without the hints to whoever writes the evidence: "(say which RRset)". */
static size_t meaning_len(const char *meaning)
{
	const char *hint = strstr(meaning, " (say ");

	return hint ? (size_t)(hint - meaning) : strlen(meaning);
}

void page_glossary(struct page *page)
{
	struct tree tree;

	tree_init(&tree, page->tally);
	buf_add_str(page->out, "<dl class=\"glossary\">\n");
	for (unsigned cause = 1; cause < CAUSE_COUNT; cause++) {
		const struct cause_info *info = cause_info((enum cause)cause);

		if (!tree.tally->cause[cause])
			continue;
		buf_addf(page->out,
			 "<div id=\"%s\"><dt class=\"name\"><i class=\"dot c-%s\"></i>%s</dt><dd>",
			 info->id, page_colour(info->category), info->id);
		html_text(page->out, (struct view){info->meaning, meaning_len(info->meaning)});
		buf_add_str(page->out, "</dd><dd class=\"fix\">");
		html_str(page->out, info->fix);
		buf_add_str(page->out, "</dd></div>\n");
	}
	buf_add_str(page->out, "</dl>\n");
}
