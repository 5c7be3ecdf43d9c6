/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * run -- reads one RUN into a group and a tally: a run directory, or a single file of pairs ("-":
 * standard input).
 *
 * What can be read is read; all else is said in plain lines that name file, line or gzip member.
 */
#pragma once

#include <stdio.h>

#include "results/expected.h"
#include "results/group.h"
#include "results/tally.h"

enum run_result {
	RUN_READ,
	RUN_DAMAGED,	/* something is missing or broken; it was said */
	RUN_UNREADABLE, /* there is nothing to read; it was said */
	RUN_NO_MEMORY
};

struct run_input {
	struct group *group;
	struct tally *tally;
	struct expected *expected; /* a run's broken-on-purpose.txt is added to it */
	bool *own_expected;	   /* set when a run brought a list of its own */
	FILE *messages;
	bool verify; /* files are what run.json says of them */
};

enum run_result run_read(const struct run_input *input, const char *path);
