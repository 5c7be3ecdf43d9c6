/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * survey -- the faults worth showing, each with one name it takes down and what was seen of it, out
 * of a finished verdicts.csv.gz.
 *
 * Chosen are the zones at fault with most victims, then some of each cause that have only one, by
 * name; and faults that no zone is known for, one a cause; and where names broke since an earlier
 * report. The example is the first name, so that the same verdicts make the same survey, whatever
 * the number of threads.
 * Memory   SURVEY_FAULTS of them, with their texts.
 */
#pragma once

#include "results/tally/tally.h"

#define SURVEY_FAULTS 420 /* at most */
#define SURVEY_LARGE  240 /* of these, with several victims */
#define SURVEY_NEWEST 80  /* besides, where names broke since an earlier report */

struct survey_fault {
	struct view at; /* empty: no zone is known */
	enum cause cause;
	uint64_t names;
	uint64_t broke;			     /* of these, since an earlier report */
	char *text;			     /* the example's row; NULL: it was not found */
	struct view column[VERDICT_COLUMNS]; /* its fields, views into text */
};

struct survey {
	struct survey_fault *fault;
	size_t count;
	uint64_t faults; /* that there are, shown or not */
};

/* Chooses by the tally and reads path. NULL: why says what is wrong. The tally must outlive it. */
struct survey *survey_read(const struct tally *tally, const char *path, unsigned threads,
			   char why[CSV_WHY_MAX]);
void survey_destroy(struct survey **survey);
