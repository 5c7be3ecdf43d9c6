/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * progress -- tells how the scan goes: a live line on a terminal, a plain line every 10 s
 * elsewhere, a JSON line a second in a file, a file of metrics every 10 s; and prints the messages
 * between them.
 *
 * The live line is as wide as the terminal is at that moment: what matters least is left out.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "scanner/estimate.h"
#include "scanner/options/options.h"
#include "scanner/scan/totals.h"

struct progress {
	const struct options *options;
	FILE *out;	    /* standard error; NULL: quiet */
	FILE *updates;	    /* JSON lines; NULL: none */
	bool live, colour;  /* `out` is a terminal */
	bool stopping;	    /* the owner's word: no more names are taken */
	bool line_open;	    /* the live line waits for its end */
	unsigned line_wide; /* its columns */
	FILE *log;	    /* messages; NULL: to standard error */
	int64_t next_ns, next_update_ns, next_metrics_ns;
	int metrics_error; /* errno of the last try */
	struct scan_totals last, last_update;
	struct estimate estimate;
};

/* options must outlive it. Returns NULL, or the path that cannot be written, errno set. --dry-run
 * writes to none. */
const char *progress_start(struct progress *progress, const struct options *options);
/* To be called several times a second; prints when it is time to. */
void progress_show(struct progress *progress, const struct scan_totals *totals);
/* All there is to say now, some lines, as messages. */
void progress_tell(struct progress *progress, const struct scan_totals *totals);
/* A message: a line of its own between the progress lines, with the program's name, or in the log,
 * with the time. */
void progress_say(struct progress *progress, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The last line, about the whole run; messages may still follow. Returns NULL, or the file that
 * could not be written, errno set. */
const char *progress_end(struct progress *progress, const struct scan_totals *totals);
/* After the last message. */
void progress_close(struct progress *progress);

/* ---- its parts ---- */

#define PROGRESS_LINE_MAX 512

/* One line of at most `width` columns, without its end; returns its length. progress_line.c */
unsigned progress_line(const struct progress *progress, const struct scan_totals *totals,
		       unsigned width, char line[PROGRESS_LINE_MAX]);
/* 59 s -> "0:59", 3700 s -> "1:01:40". */
const char *progress_duration(int64_t ns, char text[24]);
/* Writes a JSON line. progress_files.c */
void progress_update(FILE *out, const struct progress *progress, const struct scan_totals *totals);
/* Writes metrics for Prometheus' node_exporter (textfile collector): whole, then renamed. 0 or
 * -errno. */
int progress_metrics(const char *path, const struct progress *progress,
		     const struct scan_totals *totals, bool running);
/* Pairs a second since `last`. */
double progress_rate(const struct scan_totals *last, const struct scan_totals *totals);
