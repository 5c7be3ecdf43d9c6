/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * recheck_inside -- what recheck.c (the thread), recheck_list.c (names that wait) and
 * recheck_pairs.c (asking, and rows) share; nobody else includes it.
 */
#pragma once

#include <event2/event.h>
#include <pthread.h>

#include "results/rows/csv.h"
#include "scanner/scan/assign.h"
#include "scanner/scan/held.h"
#include "scanner/scan/recheck.h"

/* A name that is to be asked again. */
struct again {
	struct again *next;
	struct debt *debt; /* NULL: none */
	struct cells
		*asked; /* resolvers that have their row already, or need none; NULL: none has */
	int64_t due_ns;
	uint32_t left; /* pairs not done; +1 until all are started */
	uint16_t qtype;
	uint8_t round;
	bool seen;	       /* it has gone to the evidence */
	bool late;	       /* a resolver was overloaded in this round */
	bool unclean, fetched; /* something was, and no overload; somebody had records */
	uint8_t qname_len;
	uint8_t qname[];
};

struct recheck {
	struct recheck_config config;
	struct recheck_counters counters;
	pthread_t thread;
	bool started;
	_Atomic bool closed, ended;
	pthread_mutex_t lock;
	struct again *first,
		**last; /* under the lock; due in this order, for all wait equally long */
	/* the thread's own */
	struct event_base *base;
	struct engine *engine;
	struct csv_writer csv;
	struct pair *pairs;
	uint32_t *free_pairs, free_count;
	struct again *current; /* being asked about, resolver by resolver */
	int32_t *picked;       /* whom; room for all resolvers */
	size_t picked_count, next_picked;
	struct assign assign;
	bool *out; /* of the assignment: dropped or gone, as of out_ns */
	int64_t out_ns;
	struct held held;
	uint32_t now_ms; /* since start_ns */
	struct block *block;
	int64_t block_ns;
	bool abandoned;
};

#define ADD(recheck, counter, n)                                                                   \
	atomic_fetch_add_explicit(&(recheck)->counters.counter, (n), memory_order_relaxed)

/* recheck_list.c */
void recheck_free_again(struct again *again);
/* At the end of the list: due after the usual delay. */
void recheck_put(struct recheck *recheck, struct again *again);
/* The first name if its time has come; NULL: not yet, or nobody waits. */
struct again *recheck_take(struct recheck *recheck, int64_t now_ns);
void recheck_forget_all(struct recheck *recheck);

/* recheck_pairs.c */
/* Starts pairs of names whose time has come, as far as there is room. */
void recheck_fill(struct recheck *recheck);
/* Writes those pairs of which it is known by now why they failed, or asks them anew. */
void recheck_see_who_is_out(struct recheck *recheck);
void recheck_close_held(struct recheck *recheck);
/* One pair of the name less to wait for; after the last it is done with, or put in line once more.
 */
void recheck_release(struct recheck *recheck, struct again *again);
void recheck_hand_over_block(struct recheck *recheck);
