/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * report -- the tally for people (summary.txt) and for programs (summary.json).
 *
 * summary.json, schema 1:
 *   schema, program, version
 *   first, last    times of the first and last row
 *   input          {runs, runs_incomplete, runs_without_manifest, files, rows, evidence_rows,
 * bad_lines, damaged_files, missing_files} totals         the runs' own totals (run.json), summed
 *   questions      names x types judged
 *   status, confidence, category    word -> number
 *   causes         array, most frequent first: {category, cause, names, certain, likely, guess}
 *   faults         array: {at, cause, names}: zones at fault, those with most victims first (at
 * most REPORT_FAULTS) tlds           array: {tld, names, broken, dnssec}: most broken first (at
 * most REPORT_TLDS) resolvers      array: {resolver, rows, answered, timeout, servfail, refused,
 * overloaded, median_rtt_us, reachable, validates, honours_cd, counted}; tri-states are "yes", "no"
 * or "" rcode_pairs    array: {normal, cd, rows}: most frequent first ede            array: {code,
 * name, failing, answered}: rows with it, ascending code
 */
#pragma once

#include "results/group.h"
#include "results/tally.h"

#define REPORT_SCHEMA 1
#define REPORT_FAULTS 1000
#define REPORT_TLDS   1000

/* 0 or -errno. */
int report_text(const struct tally *tally, struct group *group, const char *path);
int report_json(const struct tally *tally, struct group *group, const char *path);

/* What both need: resolvers of one name put together, sorted by name. */
struct report_resolver {
	const struct resolver *resolver; /* of one run; name and calibration */
	struct tally_resolver sum;
	enum tri reachable, validates, honours_cd;
	bool useless;
};

/* malloc()ed; returns the number, 0 also when out of memory. */
size_t report_resolvers(const struct tally *tally, struct group *group,
			struct report_resolver **list);

struct report_pair {
	unsigned normal, cd;
	uint64_t rows;
};

/* Sorted, most frequent first; room for TALLY_WORDS * TALLY_WORDS. */
size_t report_pairs(const struct tally *tally, struct report_pair *list);
/* Causes met, most frequent first; room for CAUSE_COUNT. */
size_t report_causes(const struct tally *tally, enum cause *list);
