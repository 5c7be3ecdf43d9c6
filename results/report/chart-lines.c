/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/report/chart.h"

#include <math.h>
#include <stdio.h>

#define HIGH	  210
#define BOTTOM_PX 34
#define LEFT	  9.0 /* per cent of the width, for the numbers of the axis */
#define LABELS	  6   /* of columns, that a phone has room for */

static double share(const struct chart_point *point, size_t series)
{
	return point->all ? 100.0 * (double)point->value[series] / (double)point->all : 0;
}

/* Where the axis ends: 1, 2 or 5 times a power of ten above the greatest share. */
static double most(const struct chart *chart, const struct chart_point *points, size_t count)
{
	static const double nice[] = {1, 2, 5, 10};
	double greatest = 0.001, power;

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < chart->series_count; j++)
			greatest = fmax(greatest, share(&points[i], j));
	power = pow(10, floor(log10(greatest)));
	for (size_t i = 0; i < 4; i++)
		if (nice[i] * power >= greatest * 1.0001)
			return nice[i] * power;
	return 10 * power;
}

static double across(size_t i, size_t count)
{
	return count > 1 ? LEFT + (100 - LEFT - 1) * (double)i / (double)(count - 1) : 50;
}

static void axes(struct buf *out, const struct chart *chart, const struct chart_point *points,
		 size_t count, double top)
{
	for (int i = 0; i <= 4; i++) {
		double y = HIGH - HIGH * i / 4.0;

		buf_addf(out,
			 "<line class=\"%s\" x1=\"%.1f%%\" x2=\"100%%\" y1=\"%.1f\" y2=\"%.1f\"/>"
			 "<text class=\"soft\" x=\"%.1f%%\" y=\"%.1f\" dx=\"-6\" "
			 "text-anchor=\"end\">%.3g %%</text>\n",
			 i ? "grid" : "axis", LEFT, y, y, LEFT, y + 4, top * i / 4);
	}
	for (size_t i = 0; i < count; i++) {
		size_t every = (count + LABELS - 1) / LABELS;

		if ((count - 1 - i) % every == 0)
			buf_addf(out,
				 "<text class=\"soft\" x=\"%.3f%%\" y=\"%d\" "
				 "text-anchor=\"%s\">%s</text>",
				 across(i, count), HIGH + 15,
				 i + 1 == count && count > 1 ? "end" : "middle", points[i].label);
	}
	buf_addf(out, "<text class=\"soft\" x=\"100%%\" y=\"%d\" text-anchor=\"end\">%s</text>\n",
		 HIGH + 29, chart->unit);
}

static void line(struct buf *out, const struct chart *chart, size_t series,
		 const struct chart_point *points, size_t count, double top)
{
	buf_addf(out, "<polyline class=\"s c-%s\" points=\"", chart->series[series].colour);
	for (size_t i = 0; i < count; i++)
		buf_addf(out, "%s%.3f,%.3f", i ? " " : "", across(i, count),
			 100 - 100 * share(&points[i], series) / top);
	buf_add_str(out, "\"/>\n");
}

static void dots(struct buf *out, const struct chart *chart, size_t series,
		 const struct chart_point *points, size_t count, double top)
{
	for (size_t i = 0; i < count; i++)
		buf_addf(out,
			 "<circle class=\"f mark c-%s\" cx=\"%.3f%%\" cy=\"%.2f\" "
			 "r=\"4\"><title>%s, %s: %.3g %%</title></circle>\n",
			 chart->series[series].colour, across(i, count),
			 HIGH - HIGH * share(&points[i], series) / top, points[i].label,
			 chart->series[series].name, share(&points[i], series));
}

void chart_lines(struct buf *out, const struct chart *chart, const struct chart_point *points,
		 size_t count)
{
	double top = most(chart, points, count);

	buf_addf(out, "<figure><figcaption>%s</figcaption><ul class=\"key\">", chart->title);
	for (size_t i = 0; i < chart->series_count; i++)
		buf_addf(out, "<li><i class=\"c-%s\"></i>%s</li>", chart->series[i].colour,
			 chart->series[i].name);
	buf_addf(out,
		 "</ul><svg role=\"img\" aria-labelledby=\"%s-t %s-d\" height=\"%d\">"
		 "<title id=\"%s-t\">%s</title><desc id=\"%s-d\">%s</desc>\n",
		 chart->id, chart->id, HIGH + BOTTOM_PX, chart->id, chart->title, chart->id,
		 chart->says ? chart->says : "The numbers are in the table.");
	axes(out, chart, points, count, top);
	buf_addf(out, "<svg height=\"%d\" viewBox=\"0 0 100 100\" preserveAspectRatio=\"none\">",
		 HIGH);
	for (size_t i = 0; i < chart->series_count && count > 1; i++)
		line(out, chart, i, points, count, top);
	buf_add_str(out, "</svg>\n");
	for (size_t i = 0; i < chart->series_count && count <= 62; i++)
		dots(out, chart, i, points, count, top);
	buf_add_str(out, "</svg></figure>\n");
}
