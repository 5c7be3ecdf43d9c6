/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/estimate.h"

#include "io/clock.h"

/* Speeds of less than that are chance. */
#define LEAST_NS (10 * NS_PER_S)
/* So much of a file, and so many names, tell how many the rest has. */
#define LEAST_SHARE 100 /* one in so many */
#define LEAST_NAMES 1000

void estimate_look(struct estimate *e, const struct scan_totals *totals)
{
	unsigned last = (e->next + ESTIMATE_SAMPLES - 1) % ESTIMATE_SAMPLES;

	if (e->count > 0 && totals->elapsed_ns - e->sample[last].ns < NS_PER_S)
		return;
	e->sample[e->next].ns = totals->elapsed_ns;
	e->sample[e->next].pairs = estimate_done(totals);
	e->sample[e->next].evidence = totals->evidence_names;
	e->next = (e->next + 1) % ESTIMATE_SAMPLES;
	e->count += e->count < ESTIMATE_SAMPLES;
}

uint64_t estimate_done(const struct scan_totals *totals)
{
	return totals->pairs + totals->pairs_skipped;
}

uint64_t estimate_pairs(const struct scan_totals *t, int files)
{
	uint64_t asked = t->read - t->duplicates - t->rejected, done = estimate_done(t);
	double all = (double)asked * (double)t->pairs_per_name;

	if (t->reading) {
		if (files != 1 || t->size == 0 || t->position > t->size ||
		    t->position < t->size / LEAST_SHARE || t->read < LEAST_NAMES)
			return 0;
		all *= (double)t->size / (double)t->position;
	}
	return all > (double)done ? (uint64_t)all : done;
}

/* Time for `left` more at the speed since then; -1: nothing was done. */
static int64_t time_for(uint64_t left, uint64_t done, int64_t in_ns)
{
	if (left == 0)
		return 0;
	return done > 0 ? (int64_t)((double)left * (double)in_ns / (double)done) : -1;
}

int64_t estimate_left(const struct estimate *e, const struct scan_totals *t, int files,
		      int64_t recheck_ns)
{
	unsigned first = e->count < ESTIMATE_SAMPLES ? 0 : e->next;
	uint64_t all = estimate_pairs(t, files), done = estimate_done(t);
	int64_t ns, pairs, evidence;

	if (e->count == 0 || all == 0)
		return -1;
	ns = t->elapsed_ns - e->sample[first].ns;
	if (ns < LEAST_NS)
		return -1;
	pairs = time_for(all - done, done - e->sample[first].pairs, ns);
	evidence = time_for(t->evidence_waiting, t->evidence_names - e->sample[first].evidence, ns);
	if (pairs < 0 || evidence < 0 || (pairs == 0 && t->recheck_waiting > 0))
		return -1;
	if (pairs > 0 && t->unclean > 0)
		pairs += recheck_ns;
	return pairs > evidence ? pairs : evidence;
}
