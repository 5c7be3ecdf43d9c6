/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * estimate -- how much there is to do, and when it will be done, from how fast it was of late.
 * Pure: no clock.
 *
 * Counted in pairs: a name is done only when its slowest resolver is, so many are nearly done for
 * long. Nothing is said in the first seconds, nor while nothing gets done, nor when the end of the
 * input is not in sight: no estimate is better than a wrong one. What is asked again, and the
 * evidence that is still to be gathered, counts.
 */
#pragma once

#include <stdint.h>

#include "scanner/scan/totals.h"

#define ESTIMATE_SAMPLES 60 /* one a second */

struct estimate {
	struct {
		int64_t ns;
		uint64_t pairs, evidence;
	} sample[ESTIMATE_SAMPLES];
	unsigned count, next;
};

/* A look; more often than one a second changes nothing. */
void estimate_look(struct estimate *estimate, const struct scan_totals *totals);
/* Pairs that need not be done any more. */
uint64_t estimate_done(const struct scan_totals *totals);
/*
 * Pairs there will be in all: exact once all names are read, before that guessed from how much of
 * the only file is read. files: 0: standard input. 0: not known.
 */
uint64_t estimate_pairs(const struct scan_totals *totals, int files);
/* Nanoseconds until the end; recheck_ns: the wait before what failed is asked again. -1: not known.
 */
int64_t estimate_left(const struct estimate *estimate, const struct scan_totals *totals, int files,
		      int64_t recheck_ns);
