/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * html -- text from anywhere into a page, so that it stays text.
 *
 * Escaped for element content and for attribute values in double quotes. Characters that would not
 * be seen, or would change how their neighbours are seen (control characters, bidirectional
 * controls, zero-width and tag characters, interlinear marks), are written as "[U+202E]"; octets
 * that are not UTF-8 as U+FFFD.
 */
#pragma once

#include <stdint.h>

#include "io/buf.h"
#include "results/rows/row.h"

void html_text(struct buf *out, struct view text);
void html_str(struct buf *out, const char *text);
/* A name or other text from outside, isolated from the direction of what stands around it; cut to
 * about `max` octets, "..." standing for the rest. 0: not cut. */
void html_foreign(struct buf *out, struct view text, size_t max);

/* Room for a number written, with NUL. */
#define HTML_NUMBER_MAX 32
/* "1,234,567" */
const char *html_number(uint64_t value, char text[HTML_NUMBER_MAX]);
/* "1.2M", for axes and other narrow places. */
const char *html_short(uint64_t value, char text[HTML_NUMBER_MAX]);
/* "12.3 %" with digits enough to tell it from nothing, "&lt; 0.001 %", "-" of nothing. */
const char *html_share(uint64_t part, uint64_t all, char text[HTML_NUMBER_MAX]);
/* "0.12 ms", "1.5 s" */
const char *html_time(int64_t us, char text[HTML_NUMBER_MAX]);
