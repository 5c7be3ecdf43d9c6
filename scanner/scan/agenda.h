/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * agenda -- what a worker has yet to ask of whom: its batches of names, and where each resolver is
 * in them.
 *
 * Each resolver goes through the names at its own pace, some batches apart at most: a slow one holds
 * up the others only once it lags that far behind. All names go to all resolvers, or
 * each to a few of them (assign.h); not those whose rows are there from a run before.
 * Owner    one thread; batches are the agenda's until they are done.
 * Memory   some 45 octets a name: 180 KiB a batch, 46 MB for AGENDA_BATCHES, which is what all
 *          workers have together where a resolver lags in each; more only until a worker has done what
 *          it had taken before others came.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/queue.h"
#include "scanner/run/batch.h"

#define AGENDA_BATCHES 256
/* Of one worker; where many share them, the least. */
#define AGENDA_MOST  128
#define AGENDA_LEAST 8

struct agenda_config {
	struct queue *names; /* of struct batch */
	size_t resolvers;
	const bool *dropped; /* resolvers not to be asked, at first */
	int qtype_count;
	unsigned per_name; /* resolvers a name is put to; 0: all */
	uint64_t seed;
	/* Called for a name of a batch that comes in for which there is nothing to do: all of its
	 * rows are there from a run before, or whose are not was dropped. */
	void (*nothing_to_do)(void *owner, struct batch *batch, struct batch_name *name);
	void *owner;
};

/* One question for one resolver. */
struct task {
	struct batch *batch;
	uint16_t name_index;
	uint8_t qtype_index;
};

struct agenda;

/* NULL when out of memory. */
struct agenda *agenda_create(const struct agenda_config *config);
void agenda_destroy(struct agenda **agenda);

/* So many workers share AGENDA_BATCHES from now on; one did at first. */
void agenda_divide(struct agenda *agenda, unsigned workers);
/* What to ask that resolver next; false when it has had all names there are for now. Each name's
 * `left` is the number of its tasks; whoever ends the last one takes 1 off the batch's `open`. */
bool agenda_next(struct agenda *agenda, int32_t resolver, struct task *task);
/* The column of a resolver and QTYPE in the cells of a batch. */
uint32_t agenda_column(const struct agenda *agenda, int32_t resolver, int qtype);
/* Whom a name goes to, in picked (room for all resolvers). Returns how many. */
size_t agenda_pick(const struct agenda *agenda, const struct batch *batch,
		   const struct batch_name *name, int32_t *picked);
/* The resolver gets no names of batches to come. What it has yet to do of those that are here is
 * still handed out. */
void agenda_drop(struct agenda *agenda, int32_t resolver);
bool agenda_has_dropped(const struct agenda *agenda, int32_t resolver);
/* Who is to do the task of a resolver that was dropped; -1: nobody. */
int32_t agenda_instead(const struct agenda *agenda, const struct task *task, int32_t dropped);
/* No more names will come, and all are done. */
bool agenda_is_done(struct agenda *agenda);
