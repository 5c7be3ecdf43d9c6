/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * fact -- what is found out about the world, each thing once, by functions that read as if nothing
 * ever had to wait.
 *
 * A fact has a kind and a key, and is found by the kind's function. The function asks for other
 * facts with fact_need(). Where one is not known yet it gets NULL, returns false ("not yet"), and
 * is called again FROM THE TOP once all that it asked for is known. So it may ask for several facts
 * before it returns, and they are found side by side; and it must ask for the same facts again on
 * its way to the place where it stopped (these are answered at once).
 *
 *     static bool find_link(struct fact *self)
 *     {
 *             const struct keys *keys = need_keys(self, parent);
 *             const struct probe *probe = need_probe(self, ...);
 *
 *             if (keys == NULL || probe == NULL)
 *                     return false;
 *             return fact_is(self, judge(keys, probe));
 *     }
 *
 * Loops    a fact that would have to wait for itself is not waited for: the asker gets the kind's
 *          `loop` value.
 * Limits   each fact is found on account of a job (the one that asked first). When the job has no
 *          time or facts left, or asks too deep, the asker gets the kind's `unknown` value.
 * Taint    what was found with a loop or an unknown in it may be better found by others: such a
 *          fact is found anew for the next job that asks (or, after a loop, by the next asker),
 *          except where fact_sound() says that it did not matter.
 * Memory   values live in the arena, or are handed to fact_own(), until facts_destroy(). A function
 *          has ARENA_READY octets each time it is called. When there are not as many left it is not
 *          called, the fact is unknown, and so in the end is all that its jobs wanted.
 * Owner    one thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/addr.h"
#include "scanner/evidence/arena.h"
#include "scanner/chain/chain.h"
#include "scanner/dns/dname.h"

struct delegation;
struct fact;
struct facts;

struct fact_key {
	uint16_t kind;
	uint16_t variant;
	uint16_t qtype;
	uint16_t epoch;		    /* of what is found anew from time to time */
	uint8_t road;		    /* by which it is found */
	const uint8_t *zone, *name; /* lower case; NULL: none */
	const struct addr *addr;    /* NULL: none */
};

/* Things whose depth is limited: one counter each. */
enum fact_depth { DEPTH_NONE, DEPTH_HOST, DEPTH_ALIAS, DEPTH_COUNT };

struct fact_kind {
	const char *name;
	/* True: known, fact_is() was called. False: not yet. A leaf returns false without asking
	 * for anything; fact_found() then ends it. */
	bool (*find)(struct fact *self);
	const void *unknown, *loop; /* values */
	enum fact_depth depth;
	uint8_t depth_max;
};

/* On whose account facts are found. Filled in by its owner, who keeps it until `done`. */
struct job {
	uint64_t number; /* unique */
	int64_t deadline_ns;
	uint32_t probes_left; /* messages to send; probe.c counts them */
	uint32_t facts_left;
	uint32_t octets_left; /* of messages to keep */
	struct chain_budget work;
	bool out_of_time, out_of_probes, out_of_facts; /* what was refused */
	bool out_of_memory;		     /* likewise; then nothing that was found counts */
	uint32_t probes;		     /* messages sent */
	bool failing;			     /* the name: what looks fine must be looked at twice */
	const struct delegation *delegation; /* of `delegated` by a zone file; NULL: none */
	const uint8_t *delegated;
	bool fetchable; /* some resolver has its records, be they good or bad */
	void *owner;
};

struct facts_config {
	const struct fact_kind *kinds;
	void *world;	   /* for leaves: facts_world() */
	size_t octets_max; /* of memory; 0: no limit */
	void (*done)(struct job *job, const void *value);
};

struct facts *facts_create(const struct facts_config *config);
/* No job may be under way. */
void facts_destroy(struct facts **facts);
/* Begins to find the fact that the job is about. False: out of memory. */
bool facts_start(struct facts *facts, struct job *job, const struct fact_key *key);
/* Finds all that can be found without waiting; calls `done` of jobs. wall_s: seconds since 1970,
 * for the dates of signatures. */
void facts_run(struct facts *facts, int64_t now_ns, int64_t wall_s);
/* Jobs started and not done. */
uint32_t facts_jobs(const struct facts *facts);
/* Memory taken. */
size_t facts_octets(const struct facts *facts);
void *facts_world(const struct facts *facts);

/* ---- for the functions that find ---- */

/* The value; NULL: not yet known. */
const void *fact_need(struct fact *self, const struct fact_key *key);
const struct fact_key *fact_key(const struct fact *self);
struct facts *fact_facts(const struct fact *self);
struct job *fact_job(const struct fact *self);
struct arena *fact_arena(struct fact *self);
int64_t fact_now_ns(const struct fact *self);
int64_t fact_wall_s(const struct fact *self);
/* Memory of the fact that stays from one call to the next; zeroed at first. */
void *fact_scratch(struct fact *self, size_t octets);
/* The value is found. Returns true. */
bool fact_is(struct fact *self, const void *value);
/* Loops and unknowns on the way here made no difference. */
void fact_sound(struct fact *self);
/* Something was refused on the way here. */
void fact_unsound(struct fact *self);
/* Calls destroy(thing) in facts_destroy(). octets: for the accounts. */
void fact_own(struct fact *self, void *thing, void (*destroy)(void *thing), size_t octets);
/* A leaf's value has come. */
void fact_found(struct fact *leaf, const void *value);
/* Has a leaf ARENA_READY octets for its value, now that it comes? */
bool fact_ready(struct fact *leaf);
/* It has not: its value is the kind's `unknown`. */
void fact_starve(struct fact *leaf);
