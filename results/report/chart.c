/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/report/chart.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Pixels of a bar's line: the label above, the bar below. */
#define LINE_PX	  34
#define GROUP_PX  7 /* more before a group */
#define LABEL_PX  12
#define BAR_PX	  16
#define BAR_HIGH  9
#define AXIS_PX	  34
#define TOP_PX	  3
#define LABEL_MAX 38 /* octets: a phone has room for no more */
#define TICKS_MAX 8

static void key(struct buf *out, const struct chart *chart)
{
	if (chart->series_count < 2)
		return;
	buf_add_str(out, "<ul class=\"key\">");
	for (size_t i = 0; i < chart->series_count; i++)
		if (chart->series[i].name)
			buf_addf(out, "<li><i class=\"c-%s\"></i>%s</li>", chart->series[i].colour,
				 chart->series[i].name);
	buf_add_str(out, "</ul>");
}

static void begin(struct buf *out, const struct chart *chart, int height)
{
	buf_addf(out, "<figure><figcaption>%s</figcaption>", chart->title);
	key(out, chart);
	buf_addf(out,
		 "<svg role=\"img\" aria-labelledby=\"%s-t %s-d\" height=\"%d\">"
		 "<title id=\"%s-t\">%s</title><desc id=\"%s-d\">%s</desc>\n",
		 chart->id, chart->id, height, chart->id, chart->title, chart->id,
		 chart->says ? chart->says : "The numbers are in the table.");
}

static void end(struct buf *out)
{
	buf_add_str(out, "</svg></figure>\n");
}

static const char *anchor_of(double percent)
{
	return percent < 4 ? "start" : percent > 96 ? "end" : "middle";
}

static void tick(struct buf *out, double percent, int bottom, const char *text)
{
	buf_addf(out,
		 "<line class=\"grid\" x1=\"%.3f%%\" x2=\"%.3f%%\" y1=\"0\" y2=\"%d\"/>"
		 "<text class=\"soft\" x=\"%.3f%%\" y=\"%d\" text-anchor=\"%s\">%s</text>\n",
		 percent, percent, bottom, percent, bottom + 14, anchor_of(percent), text);
}

static void axis(struct buf *out, const char *unit, int bottom)
{
	buf_addf(out,
		 "<line class=\"axis\" x1=\"0\" x2=\"100%%\" y1=\"%d\" y2=\"%d\"/>"
		 "<text class=\"soft\" x=\"100%%\" y=\"%d\" text-anchor=\"end\">%s</text>\n",
		 bottom, bottom, bottom + 28, unit);
}

/* 1, 2 or 5 times a power of ten, so that four or five steps reach the most. */
static uint64_t step_of(uint64_t most)
{
	static const unsigned nice[] = {1, 2, 5};
	uint64_t power = 1;

	for (;; power *= 10)
		for (size_t i = 0; i < 3; i++)
			if (power * nice[i] * 5 >= most || power > UINT64_MAX / 100)
				return power * nice[i];
}

static void label(struct buf *out, const struct view *text, const char *style, int y)
{
	buf_addf(out, "<text class=\"%s\" x=\"0\" y=\"%d\">", style, y);
	if (text->len > LABEL_MAX) {
		struct view head = {text->text, LABEL_MAX - 2};

		while (head.len > 0 && ((unsigned char)text->text[head.len] & 0xc0) == 0x80)
			head.len--;
		html_text(out, head);
		buf_add_str(out, "...<title>");
		html_text(out, *text);
		buf_add_str(out, "</title>");
	} else {
		html_text(out, *text);
	}
	buf_add_str(out, "</text>");
}

static void note(struct buf *out, const char *text, int y)
{
	buf_addf(out, "<text class=\"soft\" x=\"100%%\" y=\"%d\" text-anchor=\"end\">%s</text>", y,
		 text);
}

/* ---- bars ---- */

static uint64_t sum_of(const struct chart *chart, const struct chart_bar *bar)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < chart->series_count; i++)
		sum += bar->part[i];
	return sum;
}

static void put_parts(struct buf *out, const struct chart *chart, const struct chart_bar *bar,
		      double scale, int y)
{
	double x = 0;

	for (size_t i = 0; i < chart->series_count; i++) {
		double width = scale > 0 ? 100.0 * (double)bar->part[i] / scale : 0;
		char number[HTML_NUMBER_MAX];

		if (!bar->part[i])
			continue;
		buf_addf(out,
			 "<rect class=\"f c-%s\" x=\"%.3f%%\" y=\"%d\" width=\"%.3f%%\" "
			 "height=\"%d\">",
			 bar->colour ? bar->colour : chart->series[i].colour, x, y,
			 width > 0.15 ? width : 0.15, BAR_HIGH);
		if (chart->series_count > 1)
			buf_addf(out, "<title>%s: %s</title>", chart->series[i].name,
				 html_number(bar->part[i], number));
		buf_add_str(out, "</rect>");
		x += width;
	}
}

static bool is_group(const struct chart_bar *bar)
{
	return strcmp(bar->style, "group") == 0;
}

static int bars_height(const struct chart_bar *bars, size_t count)
{
	int height = TOP_PX;

	for (size_t i = 0; i < count; i++)
		height += LINE_PX + (is_group(&bars[i]) && i > 0 ? GROUP_PX : 0);
	return height;
}

static void put_ticks(struct buf *out, uint64_t most, uint64_t step, bool whole, int bottom)
{
	for (uint64_t i = 0; i <= most / step; i++) {
		uint64_t value = i * step;
		char text[HTML_NUMBER_MAX + 2];

		html_short(value, text);
		if (whole)
			snprintf(text, sizeof(text), "%u %%", (unsigned)value);
		tick(out, 100.0 * (double)value / (double)most, bottom, text);
	}
}

void chart_bars(struct buf *out, const struct chart *chart, const struct chart_bar *bars,
		size_t count, bool whole)
{
	uint64_t most = whole ? 100 : 1, step = 25;
	int y = TOP_PX, bottom = bars_height(bars, count);

	for (size_t i = 0; i < count && !whole; i++)
		if (sum_of(chart, &bars[i]) > most)
			most = sum_of(chart, &bars[i]);
	if (!whole) {
		step = step_of(most);
		most = (most + step - 1) / step * step;
	}
	begin(out, chart, bottom + AXIS_PX);
	put_ticks(out, most, step, whole, bottom);
	for (size_t i = 0; i < count; i++) {
		y += is_group(&bars[i]) && i > 0 ? GROUP_PX : 0;
		label(out, &bars[i].label, bars[i].style, y + LABEL_PX);
		note(out, bars[i].note, y + LABEL_PX);
		put_parts(out, chart, &bars[i],
			  whole ? (double)sum_of(chart, &bars[i]) : (double)most, y + BAR_PX);
		buf_add_str(out, "\n");
		y += LINE_PX;
	}
	axis(out, chart->unit, bottom);
	end(out);
}

/* ---- ranges ---- */

/* Decades of microseconds that hold all ranges. */
static void decades(const struct chart_range *ranges, size_t count, int *from, int *to)
{
	*from = 20;
	*to = 0;
	for (size_t i = 0; i < count; i++) {
		const struct chart_range *r = &ranges[i];

		if (r->middle_us < 0)
			continue;
		if ((int)floor(log10((double)(r->low_us > 0 ? r->low_us : 1))) < *from)
			*from = (int)floor(log10((double)(r->low_us > 0 ? r->low_us : 1)));
		if ((int)ceil(log10((double)r->far_us + 1)) > *to)
			*to = (int)ceil(log10((double)r->far_us + 1));
	}
	if (*from >= *to) {
		*from = 2;
		*to = 6;
	}
}

static double place(int64_t us, int from, int to)
{
	return 100 * (log10((double)(us > 0 ? us : 1)) - from) / (to - from);
}

static void put_range(struct buf *out, const struct chart_range *r, int from, int to, int y)
{
	double low = place(r->low_us, from, to), high = place(r->high_us, from, to),
	       far = place(r->far_us, from, to), middle = place(r->middle_us, from, to);
	int centre = y + BAR_HIGH / 2;

	if (r->middle_us < 0)
		return;
	buf_addf(out,
		 "<line class=\"s c-guess\" x1=\"%.3f%%\" x2=\"%.3f%%\" y1=\"%d\" y2=\"%d\"/>"
		 "<rect class=\"f c-likely\" x=\"%.3f%%\" y=\"%d\" width=\"%.3f%%\" height=\"%d\"/>"
		 "<circle class=\"f mark c-certain\" cx=\"%.3f%%\" cy=\"%d\" r=\"5.5\"/>",
		 high, far, centre, centre, low, y + 1, high - low > 0.3 ? high - low : 0.3,
		 BAR_HIGH - 2, middle, centre);
}

void chart_ranges(struct buf *out, const struct chart *chart, const struct chart_range *ranges,
		  size_t count)
{
	int bottom = TOP_PX + (int)count * LINE_PX, from, to;
	char text[HTML_NUMBER_MAX];

	decades(ranges, count, &from, &to);
	begin(out, chart, bottom + AXIS_PX);
	for (int i = from; i <= to && i - from <= TICKS_MAX * 2; i++) {
		double us = pow(10, i);

		if (us < 1000)
			snprintf(text, sizeof(text), "%g ms", us / 1000);
		else
			snprintf(text, sizeof(text), us < 1e6 ? "%.0f ms" : "%.0f s",
				 us < 1e6 ? us / 1000 : us / 1e6);
		tick(out, 100.0 * (i - from) / (to - from), bottom, text);
	}
	for (size_t i = 0; i < count; i++) {
		int y = TOP_PX + (int)i * LINE_PX;

		label(out, &ranges[i].label, "name", y + LABEL_PX);
		note(out, ranges[i].note, y + LABEL_PX);
		put_range(out, &ranges[i], from, to, y + BAR_PX);
		buf_add_str(out, "\n");
	}
	axis(out, chart->unit, bottom);
	end(out);
}
