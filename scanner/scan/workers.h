/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * workers -- those of a scan: as few as can do it.
 *
 * A worker is cheap for what it does at once: a wake-up, a train, a cache filled anew are paid for
 * by all queries of a turn. So there is one at first, with the whole window, and another one comes
 * only when those that are there have their hands full, which is told by the CPU time they take:
 *
 *     busy --> the window is divided anew --> the others have made room --> one more begins
 *
 * None ever leaves; one that is not needed any more has little to do.
 *
 * Threads  workers_count(), workers_at() and workers_pulse() may be called by any; all else is the main
 *          thread's.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "scanner/scan/worker.h"

/* The rest is for what comes in between. */
#define WORKERS_BUSY 75

struct workers_config {
	struct worker_shared shared; /* without `sharers`, which is theirs */
	int first, most; /* workers, from the beginning and ever; 1 or more, and no more than
			    shared.window */
	int busy;	 /* percent of a CPU's time that makes one busy: WORKERS_BUSY */
};

struct workers;

/* Starts the first ones. NULL on error, errno set; none is left running then, and the scan is told to
 * stop. */
struct workers *workers_create(const struct workers_config *config);
/* To be called now and then, about ten times a second: lets more workers begin where that helps. One
 * that cannot be had (memory, threads) is done without. */
void workers_tend(struct workers *workers);
/* How many there are, and each of them; until workers_destroy(). */
int workers_count(const struct workers *workers);
struct worker *workers_at(const struct workers *workers, int number);
/* Sums of all: queries that were answered, and those in flight. */
void workers_pulse(const struct workers *workers, uint64_t *answered, uint64_t *in_flight);
/* All have ended. */
bool workers_ended(const struct workers *workers);
/* Waits until all have ended by themselves: names used up, or stopped. */
void workers_join(struct workers *workers);
/* After workers_join(). */
void workers_destroy(struct workers **workers);

/* Did so many workers take more than `busy` percent of so many CPUs' time? */
bool workers_are_busy(int64_t cpu_ns, int64_t time_ns, int count, int busy);
/* How many are to begin, so that no worker has more in flight than its ports have IDs for. sets:
 * resolvers with ports of their own, or 1. */
int workers_first(uint32_t window, int64_t ports, int64_t sets, int most);
