/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * chart -- figures as inline SVG that keep the size of their letters, whatever the width of the
 * page: places across are per cent, places down are pixels.
 *
 * Every figure has a title, a sentence that says what is seen (for who cannot look), and labelled
 * axes; colours are classes of report.css. The table behind the figure is the caller's.
 */
#pragma once

#include "results/report/html.h"

#define CHART_SERIES 9

struct chart {
	const char *id;	   /* unique in the page */
	const char *title; /* the caption */
	const char *says;  /* what is to be seen, in a sentence; may be NULL */
	const char *unit;  /* of the axis: "names" */
	/* Parts of each bar, or lines; one without a name is not explained in the key. */
	struct {
		const char *name, *colour;
	} series[CHART_SERIES];
	size_t series_count;
};

struct chart_bar {
	struct view label;
	const char *style;  /* of the label: "name", "group" or "" */
	const char *colour; /* overrides that of the series; NULL: does not */
	uint64_t part[CHART_SERIES];
	char note[48]; /* at the end of the line */
};

/* Bars from left to right, one below the other; whole: all bars are shares of their own sum. */
void chart_bars(struct buf *out, const struct chart *chart, const struct chart_bar *bars,
		size_t count, bool whole);

/* A range on a logarithmic axis of microseconds. */
struct chart_range {
	struct view label;
	int64_t low_us, middle_us, high_us, far_us; /* -1: not known */
	char note[48];
};

void chart_ranges(struct buf *out, const struct chart *chart, const struct chart_range *ranges,
		  size_t count);

/* A column of a chart of lines. */
struct chart_point {
	char label[24];
	uint64_t value[CHART_SERIES];
	uint64_t all; /* the values are shares of this */
};

/* Lines over evenly spaced points, in per cent. */
void chart_lines(struct buf *out, const struct chart *chart, const struct chart_point *points,
		 size_t count);
