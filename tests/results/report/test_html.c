/* SPDX-License-Identifier: BSD-2-Clause */

/* Text from anywhere as HTML; numbers as they are read; charts of nothing and of much. */
#include "results/report/chart.h"
#include "results/report/html.h"
#include "tests/tap.h"

#include <stdlib.h>

static void text_is(const char *text, size_t len, const char *want, const char *name)
{
	struct buf out = BUF_EMPTY;

	html_text(&out, (struct view){text, len});
	is_str(buf_text(&out), want, name);
	buf_free(&out);
}

#define IS(text, want, name) text_is(text, sizeof(text) - 1, want, name)

static void texts(void)
{
	IS("a.example", "a.example", "plain text");
	IS("<b a=\"1\" c='2'>&amp;", "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;", "markup");
	IS("m\303\274nchen \342\202\254 \360\237\230\200",
	   "m\303\274nchen \342\202\254 \360\237\230\200", "letters of two to four octets");
	IS("a\0b\tc\177d\302\205e", "a[U+0000]b[U+0009]c[U+007F]d[U+0085]e", "control characters");
	IS("\342\200\256gnp.exe\342\201\246", "[U+202E]gnp.exe[U+2066]", "what turns text round");
	IS("a\342\200\213b\357\273\277c\302\255d\363\240\201\201e",
	   "a[U+200B]b[U+FEFF]c[U+00AD]d[U+E0041]e", "what cannot be seen");
	IS("\377\300\200\355\240\200\364\220\200\200\342\202",
	   "\357\277\275\357\277\275\357\277\275\357\277\275\357\277\275\357\277\275\357\277\275"
	   "\357\277\275\357\277\275\357\277\275\357\277\275\357\277\275",
	   "what is not UTF-8: overlong, surrogates, too large, cut off");
	IS("", "", "nothing");
}

static void foreign(void)
{
	struct buf out = BUF_EMPTY;

	html_foreign(&out, (struct view){"a\303\274b", 4}, 2);
	is_str(buf_text(&out), "<bdi>a...</bdi>", "a text is cut between characters");
	buf_clear(&out);
	html_foreign(&out, (struct view){"a\303\274b", 4}, 4);
	is_str(buf_text(&out), "<bdi>a\303\274b</bdi>", "and left alone where it fits");
	buf_free(&out);
}

static void numbers(void)
{
	static const struct {
		uint64_t value;
		const char *number, *brief;
	} cases[] = {
		{0, "0", "0"},
		{999, "999", "999"},
		{1000, "1,000", "1,000"},
		{9999, "9,999", "9,999"},
		{12345, "12,345", "12.3k"},
		{999999, "999,999", "1M"},
		{2500000, "2,500,000", "2.5M"},
		{UINT64_MAX, "18,446,744,073,709,551,615", "1.84e+07T"},
	};
	static const struct {
		uint64_t part, all;
		const char *share;
	} shares[] = {
		{1, 0, "-"},
		{0, 5, "0 %"},
		{5, 5, "100 %"},
		{1, 3, "33.3 %"},
		{1, 50, "2.00 %"},
		{1, 1500, "0.067 %"},
		{999999, 1000000, "100.000 %"},
		{1, 1000000, "&lt; 0.001 %"},
	};
	static const struct {
		int64_t us;
		const char *time;
	} times[] = {{-1, "-"},		 {0, "0.00 ms"},     {123, "0.12 ms"},
		     {12345, "12.3 ms"}, {123456, "123 ms"}, {1500000, "1.5 s"}};
	char text[HTML_NUMBER_MAX];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		is_str(html_number(cases[i].value, text), cases[i].number, "a number");
		is_str(html_short(cases[i].value, text), cases[i].brief, "in short");
	}
	for (size_t i = 0; i < sizeof(shares) / sizeof(*shares); i++)
		is_str(html_share(shares[i].part, shares[i].all, text), shares[i].share, "a share");
	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++)
		is_str(html_time(times[i].us, text), times[i].time, "a time");
}

static bool has(struct buf *out, const char *text)
{
	return strstr(buf_text(out), text) != NULL;
}

static void charts(void)
{
	static const char label[] = "<xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx>";
	struct chart chart = {.id = "c",
			      .title = "T",
			      .unit = "u",
			      .series = {{"one", "ok"}, {"two", "failing"}},
			      .series_count = 2};
	struct chart_bar bar = {
		.label = {label, sizeof(label) - 1}, .style = "name", .part = {1, 2}};
	struct chart_range range = {
		.label = {"r", 1}, .low_us = -1, .middle_us = -1, .high_us = -1, .far_us = -1};
	struct chart_point point = {.label = "2026-11-03"};
	struct buf out = BUF_EMPTY;

	chart_bars(&out, &chart, NULL, 0, false);
	ok(has(&out, "role=\"img\"") && !has(&out, "<rect"), "a chart of nothing");
	buf_clear(&out);
	chart_bars(&out, &chart, &bar, 1, true);
	ok(has(&out, "width=\"33.333%\"") && has(&out, "width=\"66.667%\""), "parts of a whole");
	ok(has(&out, "...<title>&lt;xxx") && !has(&out, "<xxx"), "a long label is cut and escaped");
	buf_clear(&out);
	bar.part[0] = UINT64_MAX / 2;
	bar.part[1] = 0;
	chart_bars(&out, &chart, &bar, 1, false);
	ok(out.len < 5000 && !has(&out, "nan") && !has(&out, "inf"), "the greatest number");
	buf_clear(&out);
	chart_ranges(&out, &chart, &range, 1);
	ok(!has(&out, "nan") && !has(&out, "<circle"), "a range of which nothing is known");
	buf_clear(&out);
	chart_lines(&out, &chart, &point, 1);
	ok(!has(&out, "nan") && has(&out, "<circle"), "one point, of nothing");
	buf_free(&out);
}

int main(void)
{
	texts();
	foreign();
	numbers();
	charts();
	return done_testing();
}
