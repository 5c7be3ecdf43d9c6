/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * progress -- tells how the scan goes: a live line on a terminal, a plain line every 10 s elsewhere, JSON lines in a file.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "scanner/scan.h"

struct progress {
	FILE *out;	/* standard error; NULL: quiet */
	FILE *updates;	/* JSON lines; NULL: none */
	bool live;	/* `out` is a terminal */
	bool line_open; /* the live line waits for its end */
	int64_t next_ns;
	struct scan_totals last;
};

/* updates_path may be NULL. False when it cannot be opened, errno set. */
bool progress_start(struct progress *progress, bool quiet, const char *updates_path);
/* To be called several times a second; prints when it is time to. */
void progress_show(struct progress *progress, const struct scan_totals *totals);
/* A line of its own between the progress lines, with the program's name. */
void progress_say(struct progress *progress, const char *text);
void progress_end(struct progress *progress, const struct scan_totals *totals);
