/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * intake -- reads all parts of all runs, with several threads, into pieces to be sorted.
 *
 * Each thread begins with a part of its own and helps with others at the end; rows on one question
 * that stand together become one piece. What the rows add up to is counted on the way.
 */
#pragma once

#include "io/sorter.h"
#include "results/sort/panel.h"
#include "results/sort/part.h"
#include "results/sort/shared.h"

struct intake {
	struct part **parts;
	size_t part_count;
	/* The panel's number of a resolver in the run that the part is of; -1: out of memory.
	 * Called by any thread. */
	int (*resolver_of)(struct part *part, struct view name);
	struct shared *shared; /* where names that are not clean are marked */
	struct sorter *sorter; /* has at least so many writers */
	unsigned threads;
	struct tally *tally; /* what the rows add up to is added to it */
};

/* 0 or -errno: then not all was read, and not for the parts' fault. */
int intake_read(const struct intake *intake);
