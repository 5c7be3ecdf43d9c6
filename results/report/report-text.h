/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * report-text -- what the parts of summary.txt share. Known to report-text*.c only.
 */
#pragma once

#include "io/buf.h"
#include "results/report/report.h"

#define TEXT_WIDTH 79
#define TEXT_TOP   15 /* rows of the longer tables */

/* "12.34 %", "<0.01 %", and "-" of nothing. */
const char *text_share(uint64_t part, uint64_t all, char text[16]);
/* Names come from outside: what could upset a terminal is shown as "?". Cut to width. */
const char *text_plain(const char *name, char text[TEXT_WIDTH + 1], size_t width);
/* The first cell of a row: a name that is too long for it has a line of its own. */
void text_name_cell(struct buf *out, const char *name, size_t width);
/* "label     text", the text going on below itself where the line is full. */
__attribute__((format(printf, 3, 4))) void text_say(struct buf *out, const char *label,
						    const char *format, ...);

/* report-text-rows.c: who was asked, what came, and how far to trust it. */
void text_rows(struct buf *out, const struct tally *tally);
/* report-text-past.c: since the report before, and the nights. */
void text_past(struct buf *out, const struct report *report);
