/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * worker_inner -- what worker.c (the thread), worker_pairs.c (what is asked) and worker_rows.c
 * (what comes of it) share; nobody else includes it.
 */
#pragma once

#include "results/rows/csv.h"
#include "scanner/scan/agenda.h"
#include "scanner/scan/held.h"
#include "scanner/ask/pair.h"
#include "scanner/scan/worker.h"

struct worker {
	struct worker_shared shared;
	pthread_t thread;
	_Atomic bool ended;
	_Atomic uint64_t rows_lost;
	struct worker_counters counters;
	struct event_base *base;
	struct engine *engine;
	struct csv_writer csv;
	struct meter *meters; /* one a resolver */
	/* the part of the window */
	uint32_t number;
	uint32_t sharers;      /* as it was divided last */
	uint32_t window, most; /* pairs in flight; that there is memory for */
	/* names */
	struct agenda *agenda;
	int32_t *picked;     /* room for all resolvers */
	uint32_t turn;	     /* which resolver is served first */
	uint32_t share, run; /* of the window for one resolver; new pairs at a time */
	/* pairs */
	struct pair *pairs;
	uint32_t *free_pairs, free_count;
	struct held held;
	int64_t wall_ms;
	uint32_t now_ms; /* since start_ns */
	bool abandoned;
	/* rows */
	struct block *block;
	int64_t block_ns;
};

#define ADD(worker, counter, n)                                                                    \
	atomic_store_explicit(                                                                     \
		&(worker)->counters.counter,                                                       \
		atomic_load_explicit(&(worker)->counters.counter, memory_order_relaxed) + (n),     \
		memory_order_relaxed)

/* worker.c */
/* Sees to its part of the window, where others have come to share it. */
void worker_divide(struct worker *worker);

/* worker_pairs.c */
/* Starts pairs, as far as there is room and the limiters let them through. */
void worker_fill(struct worker *worker);
/* Brings to an end what was held of which it is known by now why it failed, or asks it anew; or
 * gives all of it up. */
void worker_close_held(struct worker *worker);

/* worker_rows.c */
/* What came of the pair, in the journal's words: MARK_UNCLEAN and others. */
unsigned worker_flags(const struct pair *pair, bool overloaded);
/* flags: as worker_flags() said. */
void worker_write_row(struct worker *worker, const struct pair *pair, unsigned flags);
/* All pairs of a name are done: on to those who look for the reasons, where it wants that. */
void worker_end_name(struct worker *worker, struct batch *batch, const struct batch_name *name);
/* The writer gets what there is. */
void worker_hand_over(struct worker *worker);
