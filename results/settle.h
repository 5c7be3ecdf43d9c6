/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * settle -- from sorted pieces to settled questions: all that is known of each question in one
 * record, and what lies below each zone counted.
 *
 * They go to the file questions.gz of the report directory, sorted; from there the verdicts are
 * made, and reports of disjoint names are put together (--merge), for these are sorted pieces
 * again. Its first record has an empty key and holds the panel and the marks (shared(3)).
 */
#pragma once

#include "io/sorter.h"
#include "results/panel.h"
#include "results/shared.h"

struct settle_plan {
	struct panel *panel;   /* settled */
	struct sorter *sorter; /* finished */
	struct shared *shared;
	unsigned threads;
	const char *path;
	/* The record that was taken from the sorter already; key_len 0: none. */
	struct record held;
	unsigned held_source;
};

/* 0 or -errno. *damaged: records of reports that could not be read, they do not count. */
int settle(const struct settle_plan *plan, uint64_t *damaged);

/* The first record's payload, of a panel that is settled. */
void settle_put_head(struct buf *out, const struct panel *panel, const struct shared *shared);
/* Takes it from a report: its resolvers into the panel (not settled yet) as that source's, its
 * marks to the others. False: it is none of this version, or damaged (or memory is out). */
bool settle_take_head(const struct record *record, struct panel *panel, struct shared *shared,
		      unsigned source);
