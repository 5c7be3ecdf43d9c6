/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * trend -- the nights before this one: what earlier reports say of themselves in summary.json.
 *
 * A report tells of itself and, under "trend", of all before it, so that following --previous from
 * night to night the trend grows, even when the oldest reports are gone. Where --previous is a
 * directory of reports, the latest of them that is earlier than this one is the previous report,
 * and all earlier ones are nights of the trend.
 */
#pragma once

#include <stdio.h>

#include "results/tally/tally.h"

/* The oldest are forgotten beyond that. */
#define TREND_NIGHTS 400

struct night {
	int64_t first_ms, last_ms; /* times of rows; a night without them cannot be placed */
	uint64_t questions, status[STATUS_COUNT], category[CATEGORY_COUNT];
	bool told;     /* by a later report, not by its own */
	bool compared; /* with an earlier one: then broke and mended are known */
	uint64_t broke, mended;
};

struct trend {
	struct night *nights; /* by time, oldest first */
	size_t count;
	struct night previous; /* the report that is compared with; .questions 0: not known */
};

struct night night_of(const struct tally *tally, bool compared);

enum trend_result {
	TREND_FOUND,  /* *dir, to be freed, is the previous report */
	TREND_FIRST,  /* a directory of reports, and none is earlier: there is no previous one */
	TREND_DAMAGED /* there is one, or should be; what is wrong was said. *dir may be NULL */
};

/*
 * path: a report directory, or a directory of them. now: this night, of which nothing may be read,
 * and whose report goes to the directory own. trend: empty; to be cleared, whatever comes of it.
 */
enum trend_result trend_find(struct trend *trend, const char *path, const struct night *now,
			     const char *own, FILE *messages, char **dir);
/* Adds this night at the end. False: out of memory. */
bool trend_add(struct trend *trend, const struct night *night);
void trend_clear(struct trend *trend);

/* report-json-trend.c: adds the night that a summary.json is about and, if wanted, those that it
 * tells of. NULL, or why not. */
const char *trend_read(const char *path, struct night *night, struct trend *earlier,
		       char why[CSV_WHY_MAX]);
