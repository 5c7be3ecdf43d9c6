/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * trust -- the chain of trust down to a zone: what the parent says of it (DS), and its keys; each
 * once, for all names.
 *
 *     ds(example.org) = keys(org) and the delegation, or org's answer to example.org/DS
 *     keys(example.org) = ds(example.org) and the zone's answer to example.org/DNSKEY
 *
 * Where one server's data do not validate others are asked (TRUST_SERVERS in all): what any of them
 * can prove is what counts for the zones below.
 */
#pragma once

#include "scanner/evidence/zone.h"

#define TRUST_SERVERS 3

/* What a check came to, kept small. */
struct link {
	enum chain_state state;
	enum chain_fault fault;	       /* NONE: nothing to complain of */
	enum chain_fault parent_fault; /* with PARENT_DS_INVALID */
	enum chain_fault beside;       /* what comes with a good answer is not */
	const char *detail;	       /* never NULL */
	const uint8_t *alias; /* of an answer: good up to there, and this is where it goes on */
};

struct ds {
	struct link link;
	struct chain_ds_set set;   /* with SECURE */
	const struct probe *probe; /* that told it; NULL: nothing was asked */
};

struct keys {
	struct link link;
	const struct keyset *keyset;	   /* NULL: not known */
	const struct probe *probe;	   /* NULL: nothing was asked, or nobody told */
	const struct chain_result *result; /* with BOGUS, for chain_merge(); else NULL */
};

extern const struct ds ds_unknown;
extern const struct keys keys_unknown;

bool ds_find(struct fact *self);
bool keys_find(struct fact *self);
/* zone: must be a delegated one (or the root). */
const struct ds *need_ds(struct fact *self, const struct zone *zone);
const struct keys *need_keys(struct fact *self, const struct zone *zone);

/* What a referral said of a zone's DS and validates: is it to be had by asking for DS, too? *why: how
 * that fails; NULL: it does not, or there is nothing to ask. False: waits. */
bool ds_asked(struct fact *self, const struct zone *zone, const char **why);

/* One server's answer to zone/DNSKEY. */
struct keys keys_of(struct fact *self, const struct ds *ds, const uint8_t *zone,
		    const struct probe *probe);
/* The result in few words, in the arena. */
struct link link_of(struct fact *self, const struct chain_result *result);
/* The budget of one check out of the job's; give back what was not used. */
struct chain_budget trust_budget(struct fact *self);
void trust_spent(struct fact *self, const struct chain_budget *left);
