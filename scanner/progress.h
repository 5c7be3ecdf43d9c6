/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * progress -- tells how the scan goes: a live line on a terminal, a plain line every 10 s elsewhere, a JSON line a second in
 * a file; and prints the messages between them.
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
	FILE *log;	/* messages; NULL: to standard error */
	int64_t next_ns, next_update_ns;
	struct scan_totals last, last_update;
};

/* Paths may be NULL. Returns NULL, or the path that cannot be opened, errno set. */
const char *progress_start(struct progress *progress, bool quiet, const char *updates_path, const char *log_path);
/* To be called several times a second; prints when it is time to. */
void progress_show(struct progress *progress, const struct scan_totals *totals);
/* A message: a line of its own between the progress lines, with the program's name, or in the log, with the time. */
void progress_say(struct progress *progress, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The last line, about the whole run; messages may still follow. False: the file of updates could not be written. */
bool progress_end(struct progress *progress, const struct scan_totals *totals);
/* After the last message. */
void progress_close(struct progress *progress);
