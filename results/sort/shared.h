/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * shared -- what a name has in common with the names around it: one fault with many victims, and
 * zones that are not dead.
 *
 * A zone is blamed for a name below it when it was scanned itself and fails exactly like that name,
 * or when at least SHARED_MIN names below it were scanned and SHARED_SHARE per cent of them fail
 * alike; the topmost such zone counts. And a zone with a name below it that resolves is not dead.
 *
 * Marks    as rows are read, the zones above names that may fail are marked: by a hash, so that it
 *          takes little, and marks a few too many, always the same.
 * Counts   of all questions what lies below (and at) marked zones is counted; questions that are
 *          not clean ask.
 * Answers  then come in the order of names.
 * Memory   what the plan says: counts and questions are sorted, by the labels from the right, so
 *          that a zone stands before all below it, and go to files where need be.
 * Threads  shared_mark() by any; counting and asking by each with its own number; all else by one.
 * Errors   0 or -errno.
 */
#pragma once

#include "io/record.h"
#include "results/judge/facts.h"

#define SHARED_MIN   20
#define SHARED_SHARE 90

/* Octets of marks, so many and the same for all runs, that reports can be put together. */
#define SHARED_MARKS (2U << 20)

struct shared_plan {
	const char *dir; /* must outlive it */
	size_t memory;	 /* beside the marks */
	unsigned threads;
};

struct shared;

/* NULL when out of memory. */
struct shared *shared_create(const struct shared_plan *plan);
void shared_destroy(struct shared **shared);

/* How a question fails: equal for equal opinions and EDE codes of all resolvers; 0 when not all
 * that can know fail it. */
uint64_t shared_way(const struct opinion *opinions, size_t count);

/* Something was seen of this name that is not clean. */
void shared_mark(struct shared *shared, struct view name);
/* SHARED_MARKS octets; and those of another. */
const uint8_t *shared_marks(const struct shared *shared);
void shared_add_marks(struct shared *shared, const uint8_t *marks);

/* All is marked; what follows counts. */
void shared_begin(struct shared *shared);
/* Each question, once. resolves: some resolver has an answer; that to DS says nothing of the name's
 * own zone, for it is the parent's. */
int shared_count(struct shared *shared, unsigned thread, struct view name, uint16_t qtype,
		 bool resolves);
/* Besides, each question that is not clean; its name was marked. key: what the answers will be
 * sorted by. way: 0 when it does not fail. */
int shared_ask(struct shared *shared, unsigned thread, const struct record *key, struct view name,
	       uint64_t way);
/* All is counted and asked. */
int shared_settle(struct shared *shared);

/* Parts of the name that asked. */
struct shared_answer {
	uint8_t at_labels;    /* of the zone to blame; 0: there is none */
	uint8_t alive_labels; /* of the lowest zone above it that something resolves in or below;
				 0: none, but the root where something resolves at all */
	bool alive_anywhere;
	bool alive_below; /* something below it resolves, and something below it does not */
};

/* The answer to what asked with this key. Keys ascend from call to call, and all that asked are
 * asked for. */
int shared_answer(struct shared *shared, const struct record *key, struct shared_answer *answer);
/* Fills shared_at, alive_above and alive_below of facts, with views into facts->name. */
void shared_apply(const struct shared_answer *answer, struct facts *facts);
