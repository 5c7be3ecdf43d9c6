/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * changes -- what became of each question since an earlier report, and the rows of changes.csv.gz.
 *
 * Only broken questions (failing or partial) break or are mended: one that nobody could tell about,
 * in either report, has not changed as far as is known; neither has one that is in one of the lists
 * only. So broken now = broken then + broke - mended + new and broken - gone and broken, but for
 * those unknown in one of both.
 */
#pragma once

#include "io/buf.h"
#include "results/judge/verdict.h"

struct tally;

enum change {
	CHANGE_NONE,	/* the same status and cause */
	CHANGE_BROKE,	/* ok, then broken */
	CHANGE_MENDED,	/* broken, then ok */
	CHANGE_CAUSE,	/* broken for another cause */
	CHANGE_WORSE,	/* partial, then failing, for the same cause */
	CHANGE_BETTER,	/* failing, then partial, for the same cause */
	CHANGE_UNKNOWN, /* unknown in one of both */
	CHANGE_NEW,	/* was not in the earlier report */
	CHANGE_GONE,	/* is not in this one */
	CHANGE_COUNT
};

/* "broke", "new"; "" for CHANGE_NONE. */
const char *change_name(enum change change);

/* A question in one of both reports. */
struct side {
	bool there;
	enum status status;
	struct view cause, at, confidence; /* as in its verdicts */
};

/* At least one of them is there. */
enum change change_between(const struct side *before, const struct side *after);
struct side change_side(const struct verdict *verdict);
/* "ok", the cause, or "unknown"; empty when it is not there. */
struct view change_word(const struct side *side);

/* Columns of changes.csv.gz; header and rows. */
extern const struct csv_column change_columns[];
/* Room for a row, octets. */
#define CHANGE_MAX 4096

/* Counts a question, and appends its row where there is something to tell: it has changed, and is
 * not ok on both sides or on the only one. False: out of memory. */
bool change_note(struct tally *tally, struct buf *out, struct view name, uint16_t qtype,
		 const struct side *before, const struct side *after);
