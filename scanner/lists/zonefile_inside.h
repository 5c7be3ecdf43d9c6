/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The inside of zonefile: lines are taken apart in zonefile.c, what their records say is put
 * together in zonefile_names.c.
 */
#pragma once

#include <string.h>

#include "scanner/lists/zonefile.h"

/* Longer names are cut: they are too long, and whoever normalises them says so. */
#define TEXT_MAX 1200
#define OUT_MAX	 2

/* A name as text: absolute, in lower case, with its last dot; len 0: none. */
struct text {
	size_t len;
	char at[TEXT_MAX];
};

/* An owner and what is known of it. */
struct entry {
	struct text owner; /* len 0: none */
	uint64_t line;
	bool has_ns;
	bool whole; /* all its records are here */
	size_t len;
	char records[ZONEFILE_RECORDS_MAX];
};

enum expect {
	EXPECT_OWNER,
	EXPECT_TYPE, /* or TTL, or class */
	EXPECT_RDATA,
	EXPECT_NOTHING,
};

enum apex {
	APEX_UNKNOWN,
	APEX_KNOWN,
	APEX_NONE, /* no SOA so far, and no NS owner above all others: an extract */
};

/* Types that something is wanted of. */
enum type { OTHER, SOA, NS, DS, A, AAAA };

struct zonefile {
	enum zonefile_want want;
	uint64_t line;
	struct text origin; /* len 0: no $ORIGIN yet */
	bool origin_missed; /* there was an "@" without one */
	struct text owner;
	enum apex apex_state;
	struct text apex;
	struct entry *held;    /* the first NS owner, while it may still turn out to be the apex */
	struct entry *current; /* whose records are coming in */
	bool by_text, by_labels; /* the order of owners so far */
	int depth;		 /* of parentheses */
	enum expect expect;
	enum type type;
	bool in_rdata; /* of a record that is kept */
	int out_count, out_next;
	struct entry *out[OUT_MAX];
	struct entry entries[2 + OUT_MAX];
};

static inline char zonefile_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* In lower case; what has no room is left out. */
void text_append(struct text *text, const char *more, size_t len);

/* zonefile_names.c: of the owner and type that zone->owner and zone->type say. */
void zonefile_soa(struct zonefile *zone);
bool zonefile_wants(const struct zonefile *zone, enum type type);
/* A record that is wanted: its type, then its RDATA word by word, then its end. */
void zonefile_record(struct zonefile *zone);
void zonefile_rdata(struct zonefile *zone, const char *text, size_t len);
void zonefile_record_end(struct zonefile *zone);
/* All of the current owner's records have come. */
void zonefile_flush(struct zonefile *zone);
