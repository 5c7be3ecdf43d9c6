/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * settle -- from sorted pieces to settled questions: all that is known of each question in one
 * record, and what lies below each zone counted.
 *
 * They go to the file questions.gz of the report directory, sorted; from there the verdicts are
 * made, and reports of disjoint names are put together (--merge), for these are sorted pieces
 * again. Its first record has an empty key and holds the panel and the marks (shared.h).
 */
#pragma once

#include "io/sorter.h"
#include "results/sort/head.h"

struct settle_plan {
	struct head head;      /* of what is known; the panel is settled */
	struct sorter *sorter; /* finished */
	unsigned threads;
	const char *path;
};

struct settle_losses {
	uint64_t damaged;  /* records of reports that are no pieces: they do not count */
	uint64_t overlaps; /* questions that several reports know */
};

/* 0 or -errno. */
int settle(const struct settle_plan *plan, struct settle_losses *losses);
