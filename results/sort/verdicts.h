/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * verdicts -- judges every settled question, writes verdicts.csv.gz and counts; with an earlier
 * report also changes.csv.gz.
 */
#pragma once

#include <stdio.h>

#include "results/sort/expected.h"
#include "results/sort/panel.h"
#include "results/sort/previous.h"
#include "results/sort/shared.h"

struct verdicts_plan {
	const struct panel *panel; /* settled */
	struct shared *shared;	   /* settled */
	const struct expected *expected;
	struct tally *tally; /* what the verdicts add up to is added to it */
	unsigned threads;
	size_t memory;		   /* for tables of the tally; they go to files in folder */
	const char *folder;	   /* the report directory: questions.gz is there */
	struct previous *previous; /* NULL: nothing is compared */
};

/* Writes the files whole, or leaves nothing under their names: then *written is the error, and all
 * else goes on. 0 or -errno. */
int verdicts_make(const struct verdicts_plan *plan, int *written);
