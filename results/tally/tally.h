/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * tally -- all that the reports count: rows as they are read, and questions as they are judged.
 *
 * Sums only, or the least and the most: neither the order nor which thread counted changes them.
 * Each thread has a tally of its own; tally_join() puts them together. A new number is a member of
 * the struct and a line of fields[] in tally.c, a new table an enum tally_table and a line of
 * tables[]; nothing else needs to know of it.
 */
#pragma once

#include "io/sorter.h"
#include "results/judge/agreement.h"
#include "results/tally/changes.h"
#include "results/rows/counts.h"
#include "results/rows/delegations.h"
#include "results/rows/manifest.h"
#include "results/judge/verdict.h"

/* What one query came to, as a number for tables: RCODEs below 24 are themselves. */
#define TALLY_WORDS 34
unsigned tally_word(const struct reply *reply);
/* "NOERROR", "other RCODE", "timeout", "not-asked", "-" (not known). */
const char *tally_word_name(unsigned word);
/* An answer came, with an RCODE. */
bool tally_word_is_rcode(unsigned word);

/* INFO-CODEs registered so far are counted one by one, all others together as the last. */
#define TALLY_EDES 64

/* Round trip times in steps of an eighth of their power of two, up to 2^40 us. */
#define TALLY_RTTS 304
/* The least time that is counted there, in microseconds. */
int64_t tally_rtt_us(unsigned index);

#define TALLY_PHASES 3 /* enum phase */

struct tally_resolver {
	const char *name; /* owned by the panel; NULL until that is settled */
	bool useless;	  /* in some run: what it said there does not count */
	bool astray;	  /* in some run: it failed far more than its peers */
	bool unrooted;	  /* in some run: the root did not validate there, at times */
	bool no_cd;	  /* in some run: nothing worked with CD=1 */
	bool fell_silent; /* in some run: it answered at first, and nothing in the end */
	bool ad_always;	  /* in some run: it set AD on what is not signed */
	uint64_t rows, words[TALLY_WORDS], overloaded, tries;
	uint64_t bogus;	     /* rows where CD=0 is SERVFAIL and CD=1 works, */
	uint64_t root_bogus; /* and those of them that say that the root does not validate there */
	uint64_t signatures; /* rows with signatures */
	/* Questions that others find bogus, of which it validates some, and passes some without AD.
	 */
	uint64_t bogus_found, bogus_passed;
	uint64_t cd_works;	 /* rows where CD=1 works, */
	uint64_t cd_alone_fails; /* and where it does not, but CD=0 does */
	uint64_t rtts[TALLY_RTTS];
	uint64_t edes[TALLY_EDES]; /* CD=0 answers with it, whatever their RCODE */
	uint64_t controls_asked[TALLY_PHASES], controls_failed[TALLY_PHASES];
	/* Worst of all phases. .phase, .resolver and the rest of it mean nothing. */
	struct calibration calibration;
};

#define TALLY_ALGORITHMS 256

/* Columns of the TLD table. */
enum tally_tld {
	TLD_NAMES,
	TLD_BROKEN, /* failing or partial */
	TLD_DNSSEC, /* of these, category dnssec */
	TLD_SIGNED, /* of all: signed, as far as seen */
	TLD_SIGNED_BROKEN,
	TLD_WIDTH
};

/* Columns of what is known only of names with evidence, or that fail: operators, algorithms,
 * registered domains. */
enum tally_part {
	PART_NAMES,
	PART_BROKEN, /* failing or partial */
	PART_DNSSEC, /* of these, category dnssec */
	PART_SIGNED, /* of the broken ones: signed, as far as seen */
	PART_WIDTH
};

/* Columns of what zone files say. */
enum tally_delegation { DELEGATION_NAMES, DELEGATION_SIGNED, DELEGATION_WIDTH };

/* Columns of the table of vantage points: questions by what the resolvers there come to. */
enum tally_place {
	PLACE_OK,
	PLACE_FAILING,
	PLACE_PARTIAL,
	PLACE_UNKNOWN,
	PLACE_ALONE, /* of those that fail: elsewhere they all resolve */
	PLACE_WIDTH
};

/* Items that a table of names is cut to in the end. */
#define TALLY_MOST 5000

/* Numbers by a text. */
enum tally_table {
	TALLY_TOTALS,	       /* run.json's totals */
	TALLY_TLDS,	       /* enum tally_tld */
	TALLY_AT,	       /* "zone cause-id" -> names */
	TALLY_OPERATORS,       /* enum tally_part; names with several count for each */
	TALLY_OPERATOR_CAUSES, /* "operator cause-id" -> names; as above, but for those that serve
				  their own zone only */
	TALLY_DOMAINS,	       /* enum tally_part, of broken names only: their registered domains */
	TALLY_TRANSITIONS,     /* "before after" -> questions: words of changes.csv.gz */
	TALLY_BROKE,	   /* "zone cause-id" -> questions that broke there; zone may be empty */
	TALLY_MENDED,	   /* the same of those mended */
	TALLY_VANTAGES,	   /* enum tally_place, by label; empty where no run has one */
	TALLY_DELEGATIONS, /* enum tally_delegation, "tld operator<TAB>vantage point": as the runs'
			      operators.csv have them */
	TALLY_SERVED, /* enum tally_part, "tld operator": of broken names whose own zone is at fault,
			 or none known */
	TALLY_TABLES
};

struct tally {
	/* input */
	uint64_t files, rows, evidence_rows, bad_lines, damaged_files, missing_files;
	uint64_t runs, runs_incomplete, runs_without_manifest;
	int64_t first_ms, last_ms; /* times of rows; 0: no rows */
	/* rows */
	uint64_t pairs[TALLY_WORDS][TALLY_WORDS]; /* CD=0, CD=1 */
	uint64_t ede_failing[TALLY_EDES], ede_answered[TALLY_EDES];
	struct tally_resolver *resolvers; /* by the panel's number; once that is settled, one a
					     name, sorted */
	size_t resolver_count;
	/* verdicts */
	uint64_t questions, status[STATUS_COUNT], category[CATEGORY_COUNT], cause[CAUSE_COUNT];
	uint64_t confidence[CONFIDENCE_COUNT], cause_confidence[CAUSE_COUNT][CONFIDENCE_COUNT];
	uint64_t no_zone[CAUSE_COUNT]; /* no zone is known to be at fault */
	uint64_t
		places_differ; /* questions that fail from one vantage point and resolve from another */
	uint64_t algorithms[TALLY_ALGORITHMS][PART_WIDTH]; /* by DNSSEC algorithm */
	/* since an earlier report: questions for each change, of CHANGE_NEW and CHANGE_GONE those
	 * that are or were broken, and those that the earlier report could not be read about */
	uint64_t changes[CHANGE_COUNT], new_broken, gone_broken, not_compared;
	struct agreement *agreement;

	struct counts *table[TALLY_TABLES];
	uint64_t distinct
		[TALLY_TABLES]; /* of those gathered: keys there were before they were cut */
};

/* NULL when out of memory. */
struct tally *tally_create(void);
void tally_destroy(struct tally **tally);
/* Was there memory for each list of a table that was asked for? Else a report has gaps. */
bool tally_is_whole(const struct tally *tally);
/* Adds all that `from` has. */
bool tally_join(struct tally *into, const struct tally *from);
/*
 * Tables of names can grow beyond all bounds: when those that verdicts are counted in take more
 * than `most` octets, they are put to the sorter and emptied. 0 or -errno.
 */
int tally_spill(struct tally *tally, size_t most, struct sorter *sorter, unsigned writer);
/* All of them were put there: fills the tables with the first TALLY_MOST of each, by what the
 * reports sort them by. The sorter is finished. 0 or -errno. */
int tally_gather(struct tally *tally, struct sorter *sorter);

/*
 * What rows add up to, as octets that a report keeps; the panel is settled. What verdicts add up to
 * is made anew when reports are put together. False when out of memory.
 */
bool tally_keep(const struct tally *tally, struct buf *out);
/* A resolver's number in the panel, by its name; -1: there is none. */
typedef int tally_number_fn(void *arg, struct view name);
/* Adds what was kept; the panel is not settled yet. Returns what is behind it; NULL: it is damaged,
 * or memory is out. */
const char *tally_take(struct tally *tally, const char *p, const char *end,
		       tally_number_fn *number_of, void *arg);

/* All false when out of memory. */

/* A row as it is read. resolver: the panel's number. */
bool tally_row(struct tally *tally, unsigned resolver, const struct row *row);
/* `times` rows that are alike but for their names, times, round trips, and numbers of answers. */
bool tally_rows(struct tally *tally, unsigned resolver, const struct row *row, uint64_t times);
/* And the rest of each. resolver: one that was counted before. */
static inline void tally_time(struct tally *tally, int64_t time_ms)
{
	if (time_ms && (!tally->first_ms || time_ms < tally->first_ms))
		tally->first_ms = time_ms;
	if (time_ms > tally->last_ms)
		tally->last_ms = time_ms;
}
void tally_rtt(struct tally *tally, unsigned resolver, int64_t rtt_us);
bool tally_calibration(struct tally *tally, unsigned resolver, const struct calibration *row);
bool tally_manifest(struct tally *tally, const struct manifest *manifest);
/* vantage: of the run; may be NULL. */
bool tally_delegations(struct tally *tally, const struct delegations *row, const char *vantage);
/* What is counted by name, of one question. */
bool tally_name(struct tally *tally, struct view name, const struct verdict *verdict);
/*
 * All else, of `times` questions that are alike but for their names: facts->name is that of one of
 * them. (Only questions that all resolvers answered well come in bulk.) opinions: count of them, as
 * judge() left them.
 */
bool tally_facts(struct tally *tally, const struct facts *facts, const struct opinion *opinions,
		 size_t count, const struct verdict *verdict, uint64_t times);

/* The time within which `per_mille` of a resolver's answers came, in microseconds, to an eighth
 * from below; -1: no answers. */
int64_t tally_quantile_us(const struct tally_resolver *resolver, unsigned per_mille);
/* Rows in which it answered anything. */
uint64_t tally_answered(const struct tally_resolver *resolver);
/* Why a resolver's answers count for less, or that they count, in a few words. */
const char *tally_standing(const struct tally_resolver *resolver);
/* Adds what b has to a; not the name. */
void tally_resolver_join(struct tally_resolver *a, const struct tally_resolver *b);
