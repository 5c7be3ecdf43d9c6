/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * units -- sorted records by the armful: all records of some questions, so that several threads can
 * work on them, each unit by one.
 *
 * Threads  units_take() by any number; what one thread has is in its unit.
 */
#pragma once

#include <pthread.h>

#include "io/sorter.h"

/* A unit ends with the question that makes it as large. */
#define UNITS_OCTETS (512U * 1024)

struct units {
	struct sorter *sorter;
	pthread_mutex_t lock; /* over all of it */
	uint64_t turn;
	bool held; /* a record was taken from the sorter and is not in a unit */
	struct record record;
	unsigned source;
	/*
	 * Called under the lock for each record of a unit: what else comes in the order of
	 * questions is taken here, and added to unit->with. NULL: nothing does. record NULL: all
	 * records are over. 0; 1: what comes before the record is enough for a unit, which ends
	 * before it, and it is asked for once more; -errno.
	 */
	int (*accompany)(void *owner, const struct record *record, struct buf *with);
	void *owner;
};

struct unit {
	uint64_t turn; /* 0, 1, 2 and so on, in the order of questions */
	struct buf records, with;
	size_t at;	/* of the next record */
	size_t with_at; /* its user's */
};

/* sorter: finished. Records without a key are passed over. */
void units_init(struct units *units, struct sorter *sorter);
void units_clear(struct units *units);
/* 1: a unit; 0: no more; -errno. */
int units_take(struct units *units, struct unit *unit);
/* The next record; false: no more. Valid as long as the unit is. */
bool unit_next(struct unit *unit, struct record *record, unsigned *source);
/* The same without taking it. */
bool unit_peek(const struct unit *unit, struct record *record, unsigned *source);
void unit_free(struct unit *unit);
