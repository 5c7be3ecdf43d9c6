/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * alike -- lines of pairs that are like one read before but for the name, the times, the numbers of
 * answers and the instance of the resolver.
 *
 * Nearly all rows of a scan are such: an answer from one of a few resolvers to one of millions of
 * names. What is the same is compared, not read; only clean rows are learnt, so that nothing that a
 * verdict stands on is passed over. Anything unusual (quotes, missing fields) is no match, and is
 * for csv_pair_read(), which alone decides what is valid.
 * Memory   ALIKE_MAX lines. One owner.
 */
#pragma once

#include "results/rows/csv.h"

#define ALIKE_MAX 1024
/* Octets that are read beyond the end of a line, at most. */
#define ALIKE_SLACK 32

/* A line that was learnt. */
struct alike {
	struct row row;	 /* of the first of them, without texts */
	unsigned number; /* the learner's own */
	uint64_t times;	 /* met since it was learnt; the user counts and clears it */
};

struct alike_line {
	struct alike *alike;
	struct view name;
	int64_t time_ms, rtt_us; /* of the CD=0 query */
	const char *end;	 /* behind the LF */
};

struct alikes;

/* NULL when out of memory. */
struct alikes *alikes_create(void);
void alikes_destroy(struct alikes **alikes);
/* For lines of another layout from now on; forgets all. */
void alikes_begin(struct alikes *alikes, const struct csv_layout *layout);
/* The line at p, which ends at an LF and has ALIKE_SLACK octets behind that. */
bool alikes_match(struct alikes *alikes, const char *p, struct alike_line *line);
/* Learns a clean line without quotes, as read: len without LF. NULL when there is no room for more,
 * or the line is not fit for it. */
struct alike *alikes_learn(struct alikes *alikes, const char *line, size_t len,
			   const struct row *row, unsigned number);
/* All learnt so far, to be counted: NULL behind the last one. */
struct alike *alikes_each(struct alikes *alikes, size_t index);
