/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/evidence/fact.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "io/hash.h"
#include "io/random.h"

#define BUCKETS_FIRST 1024

enum fact_state { FACT_READY, FACT_WAITING, FACT_DONE };

/* One fact asked for another. */
struct edge {
	struct edge *next_need;	  /* of the asker */
	struct edge *next_waiter; /* of the needed one, while it is not done */
	struct fact *asker, *needed;
	bool looped;
};

struct fact {
	struct fact *next_in_bucket;
	struct fact *next_ready;
	struct facts *facts;
	struct fact_key key; /* names and address are in the arena */
	uint64_t hash;
	struct job *job;
	uint64_t job_number; /* outlives the job */
	struct edge *needs, *waiters;
	const void *value;
	void *scratch;
	uint32_t pending; /* needed and not done */
	uint32_t stamp;	  /* of the search for loops */
	uint8_t state;
	uint8_t depth[DEPTH_COUNT];
	bool in_table, root;
	bool looped, starved; /* a loop, an unknown was met on the way */
};

struct owned {
	struct owned *next;
	void *thing;
	void (*destroy)(void *thing);
};

struct facts {
	struct facts_config config;
	struct arena arena;
	size_t octets_owned;
	struct owned *owned;
	struct fact **buckets;
	uint32_t mask, count;
	uint64_t secret;
	struct fact *ready_head, *ready_tail;
	uint32_t stamp;
	uint32_t jobs;
	int64_t now_ns, wall_s;
};

/* ---- the table ---- */

static uint64_t key_hash(const struct facts *facts, const struct fact_key *key)
{
	uint64_t hash = facts->secret +
			((uint64_t)key->kind << 32 | (uint32_t)key->variant << 16 | key->qtype) +
			((uint64_t)key->epoch << 48 | (uint64_t)key->road << 40);

	if (key->zone != NULL)
		hash = hash_octets(key->zone, dname_len(key->zone), hash);
	if (key->name != NULL)
		hash = hash_octets(key->name, dname_len(key->name), hash + 1);
	return key->addr != NULL ? addr_hash(key->addr, hash + 2) : hash;
}

static bool same_name(const uint8_t *a, const uint8_t *b)
{
	size_t len;

	if (a == NULL || b == NULL)
		return a == b;
	len = dname_len(a);
	return len == dname_len(b) && memcmp(a, b, len) == 0;
}

static bool key_equal(const struct fact_key *a, const struct fact_key *b)
{
	return a->kind == b->kind && a->variant == b->variant && a->qtype == b->qtype &&
	       a->epoch == b->epoch && a->road == b->road && same_name(a->name, b->name) &&
	       same_name(a->zone, b->zone) && (a->addr == NULL) == (b->addr == NULL) &&
	       (a->addr == NULL || addr_equal(a->addr, b->addr));
}

static struct fact *lookup(const struct facts *facts, const struct fact_key *key, uint64_t hash)
{
	struct fact *fact = facts->buckets[hash & facts->mask];

	while (fact != NULL && (fact->hash != hash || !key_equal(&fact->key, key)))
		fact = fact->next_in_bucket;
	return fact;
}

static void leave_table(struct facts *facts, struct fact *fact)
{
	struct fact **link = &facts->buckets[fact->hash & facts->mask];

	while (*link != fact)
		link = &(*link)->next_in_bucket;
	*link = fact->next_in_bucket;
	fact->in_table = false;
	facts->count--;
}

static void enter_table(struct facts *facts, struct fact *fact)
{
	struct fact **link = &facts->buckets[fact->hash & facts->mask];

	fact->next_in_bucket = *link;
	*link = fact;
	fact->in_table = true;
	facts->count++;
}

static void grow_table(struct facts *facts)
{
	struct fact **old = facts->buckets;
	uint32_t buckets = facts->mask + 1;

	facts->buckets = calloc((size_t)buckets * 2, sizeof(struct fact *));
	if (facts->buckets == NULL) {
		facts->buckets = old; /* a full table only is a slow one */
		return;
	}
	facts->mask = buckets * 2 - 1;
	facts->count = 0;
	for (uint32_t i = 0; i < buckets; i++)
		for (struct fact *fact = old[i], *next; fact != NULL; fact = next) {
			next = fact->next_in_bucket;
			enter_table(facts, fact);
		}
	free(old);
}

/* ---- making and running ---- */

static void make_ready(struct facts *facts, struct fact *fact)
{
	fact->state = FACT_READY;
	fact->next_ready = NULL;
	if (facts->ready_head == NULL)
		facts->ready_head = fact;
	else
		facts->ready_tail->next_ready = fact;
	facts->ready_tail = fact;
}

static struct fact *create(struct facts *facts, struct job *job, const struct fact_key *key,
			   uint64_t hash)
{
	struct arena *arena = &facts->arena;
	struct fact *fact = arena_take(arena, sizeof(*fact));

	fact->facts = facts;
	fact->hash = hash;
	fact->job = job;
	fact->job_number = job->number;
	fact->key = *key;
	if (key->zone != NULL)
		fact->key.zone = arena_copy(arena, key->zone, dname_len(key->zone));
	if (key->name != NULL)
		fact->key.name = arena_copy(arena, key->name, dname_len(key->name));
	if (key->addr != NULL)
		fact->key.addr = arena_copy(arena, key->addr, sizeof(*key->addr));
	if (facts->count > facts->mask)
		grow_table(facts);
	enter_table(facts, fact);
	make_ready(facts, fact);
	return fact;
}

void fact_found(struct fact *fact, const void *value)
{
	struct facts *facts = fact->facts;

	assert(fact->state == FACT_WAITING && value != NULL);
	fact->state = FACT_DONE;
	fact->value = value;
	for (struct edge *edge = fact->waiters; edge != NULL; edge = edge->next_waiter)
		if (--edge->asker->pending == 0)
			make_ready(facts, edge->asker);
	fact->waiters = NULL;
	if (!fact->root)
		return;
	facts->jobs--;
	facts->config.done(fact->job, value);
}

void fact_starve(struct fact *fact)
{
	const struct fact_kind *kind = &fact->facts->config.kinds[fact->key.kind];

	fact->starved = true;
	fact->job->out_of_memory = true;
	fact_found(fact, kind->unknown);
}

bool fact_ready(struct fact *fact)
{
	return arena_ready(&fact->facts->arena);
}

static void run(struct facts *facts, struct fact *fact)
{
	fact->state = FACT_WAITING;
	fact->looped = fact->starved = false;
	fact->value = NULL;
	if (!fact_ready(fact)) {
		fact_starve(fact);
		return;
	}
	if (!facts->config.kinds[fact->key.kind].find(fact))
		return;
	/* what was asked for in vain is waited for all the same: it runs on this fact's account */
	if (fact->pending == 0)
		fact_found(fact, fact->value);
}

void facts_run(struct facts *facts, int64_t now_ns, int64_t wall_s)
{
	facts->now_ns = now_ns;
	facts->wall_s = wall_s;
	while (facts->ready_head != NULL) {
		struct fact *fact = facts->ready_head;

		facts->ready_head = fact->next_ready;
		run(facts, fact);
	}
}

/* ---- needs ---- */

/* Does `fact` wait for `other`, be it by way of others? */
static bool waits_for(struct facts *facts, struct fact *fact, const struct fact *other)
{
	if (fact == other)
		return true;
	if (fact->state == FACT_DONE || fact->stamp == facts->stamp)
		return false;
	fact->stamp = facts->stamp;
	for (const struct edge *edge = fact->needs; edge != NULL; edge = edge->next_need)
		if (!edge->looped && waits_for(facts, edge->needed, other))
			return true;
	return false;
}

static const void *take(struct fact *self, const struct fact *needed)
{
	self->starved |= needed->starved;
	self->looped |= needed->looped;
	return needed->value;
}

/* The job can go no further this way. */
static bool refused(struct fact *self, const struct fact_kind *kind)
{
	struct job *job = self->job;

	if (kind->depth != DEPTH_NONE && self->depth[kind->depth] >= kind->depth_max)
		return true;
	if (job->facts_left == 0)
		job->out_of_facts = true;
	else if (self->facts->now_ns > job->deadline_ns)
		job->out_of_time = true;
	else
		return false;
	return true;
}

static struct edge *asked_before(struct fact *self, const struct fact_key *key, uint64_t hash)
{
	for (struct edge *edge = self->needs; edge != NULL; edge = edge->next_need)
		if (edge->needed->hash == hash && key_equal(&edge->needed->key, key))
			return edge;
	return NULL;
}

/* Known, but not good enough for this asker. */
static bool stale_for(const struct fact *self, const struct fact *found, bool again)
{
	return found->state == FACT_DONE &&
	       ((found->looped && !again) ||
		(found->starved && found->job_number != self->job_number));
}

static struct fact *find_or_create(struct fact *self, const struct fact_key *key, uint64_t hash)
{
	struct facts *facts = self->facts;
	const struct fact_kind *kind = &facts->config.kinds[key->kind];
	struct fact *found = lookup(facts, key, hash);

	if (found != NULL && !stale_for(self, found, false))
		return found;
	if (refused(self, kind))
		return NULL;
	if (found != NULL)
		leave_table(facts, found);
	self->job->facts_left--;
	found = create(facts, self->job, key, hash);
	memcpy(found->depth, self->depth, sizeof(found->depth));
	found->depth[kind->depth]++;
	return found;
}

const void *fact_need(struct fact *self, const struct fact_key *key)
{
	struct facts *facts = self->facts;
	const struct fact_kind *kind = &facts->config.kinds[key->kind];
	uint64_t hash = key_hash(facts, key);
	struct edge *edge = asked_before(self, key, hash);
	struct fact *needed;

	if (edge != NULL && edge->looped) {
		self->looped = true;
		return kind->loop;
	}
	if (edge != NULL && !stale_for(self, edge->needed, true))
		return edge->needed->state == FACT_DONE ? take(self, edge->needed) : NULL;
	needed = find_or_create(self, key, hash);
	if (needed == NULL) {
		self->starved = true;
		return kind->unknown;
	}
	if (edge == NULL) {
		edge = arena_take(&facts->arena, sizeof(*edge));
		edge->asker = self;
		edge->next_need = self->needs;
		self->needs = edge;
	}
	edge->needed = needed;
	facts->stamp++;
	if (needed->state == FACT_DONE)
		return take(self, needed);
	if (waits_for(facts, needed, self)) {
		edge->looped = true;
		self->looped = true;
		return kind->loop;
	}
	edge->next_waiter = needed->waiters;
	needed->waiters = edge;
	self->pending++;
	return NULL;
}

/* ---- small ---- */

const struct fact_key *fact_key(const struct fact *self)
{
	return &self->key;
}

struct facts *fact_facts(const struct fact *self)
{
	return self->facts;
}

struct job *fact_job(const struct fact *self)
{
	return self->job;
}

struct arena *fact_arena(struct fact *self)
{
	return &self->facts->arena;
}

int64_t fact_now_ns(const struct fact *self)
{
	return self->facts->now_ns;
}

int64_t fact_wall_s(const struct fact *self)
{
	return self->facts->wall_s;
}

void *fact_scratch(struct fact *self, size_t octets)
{
	if (self->scratch == NULL)
		self->scratch = arena_take(&self->facts->arena, octets);
	return self->scratch;
}

bool fact_is(struct fact *self, const void *value)
{
	self->value = value;
	return true;
}

void fact_sound(struct fact *self)
{
	self->looped = self->starved = false;
}

void fact_unsound(struct fact *self)
{
	self->starved = true;
}

void fact_own(struct fact *self, void *thing, void (*destroy)(void *thing), size_t octets)
{
	struct facts *facts = self->facts;
	struct owned *owned = arena_take(&facts->arena, sizeof(*owned));

	owned->thing = thing;
	owned->destroy = destroy;
	owned->next = facts->owned;
	facts->owned = owned;
	facts->octets_owned += octets;
}

/* ---- all facts ---- */

struct facts *facts_create(const struct facts_config *config)
{
	struct facts *facts = calloc(1, sizeof(*facts));
	struct random random = RANDOM_INIT;

	if (facts == NULL)
		return NULL;
	facts->config = *config;
	facts->arena.octets_max = config->octets_max;
	facts->mask = BUCKETS_FIRST - 1;
	facts->secret = random_u64(&random);
	facts->buckets = calloc(BUCKETS_FIRST, sizeof(struct fact *));
	if (facts->buckets == NULL) {
		free(facts);
		return NULL;
	}
	return facts;
}

void facts_destroy(struct facts **facts)
{
	struct facts *f = *facts;

	if (f == NULL)
		return;
	for (const struct owned *owned = f->owned; owned != NULL; owned = owned->next)
		owned->destroy(owned->thing);
	arena_free(&f->arena);
	free(f->buckets);
	free(f);
	*facts = NULL;
}

bool facts_start(struct facts *facts, struct job *job, const struct fact_key *key)
{
	struct fact *root;

	if (!arena_ready(&facts->arena))
		return false;
	/* a root of its own: each job ends by its own root. What it needs is shared. */
	root = create(facts, job, key, key_hash(facts, key));
	root->root = true;
	leave_table(facts, root);
	facts->jobs++;
	return true;
}

uint32_t facts_jobs(const struct facts *facts)
{
	return facts->jobs;
}

size_t facts_octets(const struct facts *facts)
{
	return facts->arena.octets + facts->octets_owned +
	       ((size_t)facts->mask + 1) * sizeof(struct fact *);
}

void *facts_world(const struct facts *facts)
{
	return facts->config.world;
}
