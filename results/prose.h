/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * prose -- text for people: lines wrapped between blanks, with a hanging indent.
 *
 * Columns are counted in code points. What a terminal would take for a command (C0 and C1 controls)
 * becomes "?", for much of the text was sent by servers.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

struct prose {
	FILE *out;	/* errors stay in it: ferror() */
	unsigned width; /* columns */
	bool bold;	/* headings, by escape sequences */
};

/* To standard output: as wide as the terminal is, bold unless NO_COLOR is set; elsewhere plain, 100
 * columns. */
void prose_init(struct prose *prose, FILE *out);
/* A line, bold where that is possible. */
void prose_heading(const struct prose *prose, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* A paragraph from column `indent` on; label, which may be NULL, begins its first line at column
 * `at`. */
void prose_say(const struct prose *prose, unsigned at, unsigned indent, const char *label,
	       const char *format, ...) __attribute__((format(printf, 5, 6)));
