/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * tally -- all that the reports count: rows as they are read, verdicts as they are made, and what
 * went wrong on the way.
 *
 * Sums only: neither the order of files nor that of rows changes them. One owner.
 */
#pragma once

#include "results/counts.h"
#include "results/manifest.h"
#include "results/verdict.h"

/* What one query came to, as a number for tables: RCODEs below 24 are themselves. */
#define TALLY_WORDS 34
unsigned tally_word(const struct reply *reply);
/* "NOERROR", "other RCODE", "timeout", "not-asked", "-" (not known). */
const char *tally_word_name(unsigned word);

/* INFO-CODEs registered so far are counted one by one, all others together as the last. */
#define TALLY_EDES 64

/* 2^n microseconds and more, n the index. */
#define TALLY_RTTS 40

struct tally_resolver {
	uint64_t rows, words[TALLY_WORDS], overloaded, tries;
	uint64_t rtts[TALLY_RTTS];
};

/* Columns of the TLD table. */
enum tally_tld {
	TLD_NAMES,
	TLD_BROKEN, /* failing or partial */
	TLD_DNSSEC, /* of these, category dnssec */
	TLD_WIDTH
};

struct tally {
	/* input */
	uint64_t files, rows, evidence_rows, bad_lines, damaged_files, missing_files;
	uint64_t runs, runs_incomplete, runs_without_manifest;
	int64_t first_ms, last_ms; /* times of rows; 0: no rows */
	struct counts *totals;	   /* run.json's totals, summed; width 1 */
	/* rows */
	uint64_t pairs[TALLY_WORDS][TALLY_WORDS]; /* CD=0, CD=1 */
	uint64_t ede_failing[TALLY_EDES], ede_answered[TALLY_EDES];
	struct tally_resolver *resolvers; /* by the group's number */
	size_t resolver_count;
	/* verdicts */
	uint64_t questions, status[STATUS_COUNT], category[CATEGORY_COUNT], cause[CAUSE_COUNT];
	uint64_t confidence[CONFIDENCE_COUNT], cause_confidence[CAUSE_COUNT][CONFIDENCE_COUNT];
	struct counts *tlds; /* width TLD_WIDTH */
	struct counts *at;   /* "zone cause-id" -> names; width 1 */
};

/* NULL when out of memory. */
struct tally *tally_create(void);
void tally_destroy(struct tally **tally);

/* All false when out of memory. resolver: the group's number. */
bool tally_row(struct tally *tally, unsigned resolver, const struct row *row);
bool tally_verdict(struct tally *tally, struct view name, const struct verdict *verdict);
bool tally_manifest(struct tally *tally, const struct manifest *manifest);

/* The median of a resolver's answers in microseconds, to a power of two; -1: no answers. */
int64_t tally_median_us(const struct tally_resolver *resolver);
/* Adds what b has to a. */
void tally_resolver_join(struct tally_resolver *a, const struct tally_resolver *b);
