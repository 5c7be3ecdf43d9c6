/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * inquest -- all about one name: the zones on the way to it, each link of the chain, what its own
 * zone's servers do, where its aliases lead, and the zones of name servers that cannot be found;
 * and the rows that say so.
 *
 * Where the way ends before the answer, because name servers cannot be reached from here or treat
 * strangers otherwise, and some resolver gets through with CD=1, the same is gone once more by way
 * of resolvers: each link is checked as ever, only who is silent or refuses then says nothing.
 */
#pragma once

#include "results/rows/evidence.h"
#include "scanner/evidence/state.h"

#define INQUEST_ZONES_MAX 32
#define INQUEST_HOSTS_MAX 2
/* Aliases in a row that some resolver still follows. */
#define INQUEST_ALIASES_MAX 16
/* ... and that some do not (unbound stops at 11). */
#define INQUEST_ALIASES_LONG 9

enum alias_end {
	ALIAS_NONE,	/* the answer is about the name itself, or the aliases end in the message */
	ALIAS_FOLLOWED, /* `next` is about the target */
	ALIAS_LOOP,
	ALIAS_TOO_LONG,
	ALIAS_UNKNOWN, /* nothing more could be asked */
};

struct inquest {
	const uint8_t *qname;
	uint16_t qtype;
	const struct place *place;
	const struct zone *zone; /* its own, or the deepest known; NULL: nothing is known */
	/* From the root to `zone`. */
	unsigned zones;
	struct inquest_zone {
		const struct zone *zone;
		const struct ds *ds;
		const struct keys *keys;
		/* Of a zone on the way, where its servers are slow, or hard to get through to;
		 * NULL: they are not. */
		const struct state *state;
		const char *ds_asked; /* how asking for its DS fails (ds_asked()); NULL */
	} path[INQUEST_ZONES_MAX];
	const struct state *state;
	enum alias_end alias;
	unsigned aliases; /* in a row, from here on */
	const uint8_t *target;
	const struct inquest *next;
	unsigned hosts;
	struct inquest_host {
		const uint8_t *ns;
		const struct state *state; /* of the zone that the name server's name is in */
	} host[INQUEST_HOSTS_MAX];
};

extern const struct inquest inquest_unknown, inquest_loop;
bool inquest_find(struct fact *self);

/* All about one name. */
struct account {
	const struct inquest *seen; /* asking name servers */
	const struct inquest *told; /* asking resolvers, where these get further; NULL: not asked */
	const char *blind;	    /* why nothing could be seen; NULL: something was */
};

extern const struct account account_unknown;
bool account_find(struct fact *self);
struct fact_key account_key(const uint8_t *qname, uint16_t qtype);

/* account_rows.c: hands out all rows, in order. */
struct rows {
	void (*put)(void *owner, const struct evidence *row);
	void *owner;
	struct view name; /* the scanned name and type, for the rows' first columns */
	uint16_t qtype;
	int64_t time_ms;
};

void account_rows(const struct account *account, const struct job *job, const struct rows *rows);
/* One row that says why there are no others. detail: constant. */
void account_skipped(const struct rows *rows, const char *detail);
