/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * previous -- the verdicts of an earlier report, read beside those that are made: both are in the
 * order of names and types.
 *
 * Damage   what can be read counts. A question that would stand where something could not be read
 *          is not taken for a new one: nothing is known of it (WAS_UNREAD).
 * Columns  by the header line, so reports of earlier versions do; it must have name and status.
 * Memory   two blocks of text, however large the report.
 * Threads  one at a time.
 */
#pragma once

#include <stdio.h>

#include "io/record.h"
#include "results/tally/changes.h"

struct previous;

/* Opens DIR/verdicts.csv.gz. NULL: messages says why, and so below. */
struct previous *previous_open(const char *dir, FILE *messages);
/* Accepts a pointer to NULL. */
void previous_close(struct previous **previous);

enum was_kind {
	WAS_NEW, /* there was no such question */
	WAS_SEEN,
	WAS_UNREAD, /* it may have been among what could not be read */
	WAS_GONE,   /* not the question asked about: one before it, that is no more */
};

struct was {
	enum was_kind kind;
	struct side side; /* WAS_SEEN, WAS_GONE */
	struct view name; /* WAS_GONE */
	uint16_t qtype;
};

/*
 * Appends to `with` all questions before this one that are gone, and then what the one with that
 * key (of piece_key()) was; keys ascend from call to call. NULL: all are over, appends those gone.
 * 0: done. 1: `with` is long enough, the rest by another call for the same key. -errno.
 */
int previous_upto(struct previous *previous, const struct record *key, struct buf *with);
/* Reads the next of what was appended; returns what is behind it. */
const char *was_read(const char *p, struct was *was);

/* Questions gone that had been ok: they are counted, not appended. */
uint64_t previous_gone_well(const struct previous *previous);
/* Something could not be read so far; it was said. */
bool previous_damaged(const struct previous *previous);
/* When all is read: says how many more lines were bad than were shown. */
void previous_tell(const struct previous *previous);
