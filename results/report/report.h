/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * report -- the tally for people (summary.txt, report.html) and for programs (summary.json).
 *
 * summary.json, schema 1, has the keys that servfail(5) lists. Keys may be added; a change of what
 * one means would be another schema.
 */
#pragma once

#include "results/tally/tally.h"
#include "results/tally/trend.h"

#define REPORT_SCHEMA 1
/* Lists are cut behind so many. */
#define REPORT_FAULTS	 1000
#define REPORT_TLDS	 1000
#define REPORT_OPERATORS 1000
#define REPORT_SERVED	 2000
#define REPORT_DOMAINS	 1000

struct report {
	const struct tally *tally; /* its panel is settled */
	const struct trend *trend; /* this night is the last one */
	bool compared;		   /* with trend->previous: the tally has changes */
	unsigned threads;	   /* to read verdicts.csv.gz with */
};

/* 0 or -errno. */
int report_text(const struct report *report, const char *path);
int report_json(const struct report *report, const char *path);
/* verdicts: the finished verdicts.csv.gz, where examples are found. False: why not. */
bool report_html(const struct report *report, const char *verdicts, const char *path,
		 char why[CSV_WHY_MAX]);

struct report_pair {
	unsigned normal, cd;
	uint64_t rows;
};

/* Sorted, most frequent first; room for TALLY_WORDS * TALLY_WORDS. */
size_t report_pairs(const struct tally *tally, struct report_pair *list);
/* Causes met, most frequent first; room for CAUSE_COUNT. */
size_t report_causes(const struct tally *tally, enum cause *list);
