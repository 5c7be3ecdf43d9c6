/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * runs -- the runs to be judged: run directories, or single files of pairs ("-": standard input).
 *
 * What a run says of itself (run.json, resolvers.csv, broken-on-purpose.txt) is read when it is
 * added; its parts are only listed then, to be read by intake.h. What can be read is read; all
 * else is said in plain lines that name file, line or gzip member.
 */
#pragma once

#include <stdio.h>

#include "results/sort/expected.h"
#include "results/sort/panel.h"
#include "results/sort/part.h"

enum runs_result {
	RUNS_READ,
	RUNS_DAMAGED,	 /* something is missing or broken; it was said */
	RUNS_UNREADABLE, /* there is nothing to read; it was said */
	RUNS_NO_MEMORY
};

struct runs_plan {
	struct panel *panel;
	struct tally *tally;
	struct expected *expected; /* a run's broken-on-purpose.txt is added to it */
	bool verify;		   /* files are what run.json says of them */
	FILE *messages;
};

struct runs;

/* NULL when out of memory. */
struct runs *runs_create(const struct runs_plan *plan);
void runs_destroy(struct runs **runs);
enum runs_result runs_add(struct runs *runs, const char *path);
/* All parts of all runs, each file once: where it is given twice, it was said. Valid until another
 * run is added. */
struct part **runs_parts(struct runs *runs, size_t *count);
/* For intake_read(). */
int runs_resolver_of(struct part *part, struct view name);
/* All parts were read: says what was wrong with them, and what is missing. */
enum runs_result runs_finish(struct runs *runs);
/* A run brought a list of names broken on purpose of its own. */
bool runs_own_expected(const struct runs *runs);
