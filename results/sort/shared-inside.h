/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * shared-inside -- what shared is made of. Known to results/sort/shared.c (marks, counts) and
 * results/sort/shared-walk.c (answers) only.
 */
#pragma once

#include <stdatomic.h>

#include "io/sorter.h"
#include "results/rows/counts.h"
#include "results/sort/shared.h"

/* What a record of the counts begins with: of a zone, or of a way to fail below it or of it. */
enum { SHARED_ZONE = 'z', SHARED_WAY = 'w' };
/* Of a way's key behind the zone's: a zero octet and the way. */
#define SHARED_WAY_TAIL (1 + sizeof(uint64_t))

struct shared_thread {
	struct counts *zones; /* by the zone */
	struct counts *ways;  /* by the zone, a zero octet, the way */
	bool alive;	      /* something resolves */
};

struct shared {
	struct shared_plan plan;
	bool alive;
	struct sorter *counts;	/* what the threads have counted, the labels reversed */
	struct sorter *asking;	/* names likewise; payload: the way and the key */
	struct sorter *answers; /* by the key; payload: as three octets */
	_Atomic uint8_t marks[SHARED_MARKS];
	/* Whether any mark of an octet is set: small enough to stay near (256 KiB), and says no of
	 * nearly all that are not. */
	uint64_t any_marks[SHARED_MARKS / 64];
	struct shared_thread thread[];
};

/* From counts and asking to answers. */
int shared_walk(struct shared *shared);
