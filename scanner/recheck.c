/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/recheck.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "io/clock.h"
#include "results/csv.h"
#include "scanner/name.h"
#include "scanner/pair.h"

#define TURN_NS (50 * NS_PER_MS)
/* A block that is not full goes to the writer after this long. */
#define BLOCK_AGE_NS (2 * NS_PER_S)

/* A name that is to be asked again. */
struct again {
	struct again *next;
	struct debt *debt;   /* NULL: none */
	struct cells *asked; /* resolvers that have their row already; NULL: none has */
	int64_t due_ns;
	uint32_t left; /* pairs not done; +1 until all are started */
	uint16_t qtype;
	uint8_t qname_len;
	uint8_t qname[];
};

struct recheck {
	struct recheck_config config;
	struct recheck_counters counters;
	pthread_t thread;
	bool started;
	_Atomic bool closed, ended;
	pthread_mutex_t lock;
	struct again *first,
		**last; /* under the lock; due in this order, for all wait equally long */
	/* the thread's own */
	struct event_base *base;
	struct engine *engine;
	struct csv_writer csv;
	struct pair *pairs;
	uint32_t *free_pairs, free_count;
	struct again *current; /* being asked about, resolver by resolver */
	size_t next_resolver;
	struct block *block;
	int64_t block_ns;
	bool abandoned;
};

#define ADD(recheck, counter, n)                                                                   \
	atomic_fetch_add_explicit(&(recheck)->counters.counter, (n), memory_order_relaxed)

/* ---- the list ---- */

static void free_again(struct again *again)
{
	cells_destroy(&again->asked);
	free(again);
}

bool recheck_name(struct recheck *recheck, const uint8_t *qname, uint8_t qname_len, uint16_t qtype, struct debt *debt)
{
	struct again *again = NULL;

	if (atomic_load_explicit(&recheck->counters.waiting, memory_order_relaxed) < RECHECK_NAMES)
		again = malloc(sizeof(*again) + qname_len);
	if (again != NULL) {
		*again = (struct again){.debt = debt,
					.asked = debt != NULL && debt->asked != NULL ? cells_copy(debt->asked) : NULL,
					.due_ns = clock_mono_ns() + recheck->config.delay_ns,
					.qtype = qtype,
					.qname_len = qname_len};
		if (debt != NULL && debt->asked != NULL && again->asked == NULL) {
			free(again);
			again = NULL;
		}
	}
	if (again == NULL) {
		ADD(recheck, skipped, 1);
		return false;
	}
	memcpy(again->qname, qname, qname_len);
	ADD(recheck, waiting, 1);
	pthread_mutex_lock(&recheck->lock);
	*recheck->last = again;
	recheck->last = &again->next;
	pthread_mutex_unlock(&recheck->lock);
	return true;
}

/* A name is not asked again before it is in the files that it is to be. */
static bool is_due(const struct again *again, int64_t now_ns)
{
	return again->due_ns <= now_ns && (again->debt == NULL || atomic_load(&again->debt->owed));
}

/* The first name if its time has come; NULL: not yet, or nobody waits. */
static struct again *take(struct recheck *recheck, int64_t now_ns)
{
	struct again *again;

	pthread_mutex_lock(&recheck->lock);
	again = recheck->first;
	if (again != NULL && !is_due(again, now_ns))
		again = NULL;
	if (again != NULL) {
		recheck->first = again->next;
		if (recheck->first == NULL)
			recheck->last = &recheck->first;
	}
	pthread_mutex_unlock(&recheck->lock);
	if (again != NULL)
		atomic_fetch_sub_explicit(&recheck->counters.waiting, 1, memory_order_relaxed);
	return again;
}

static void forget_all(struct recheck *recheck)
{
	struct again *again;

	for (again = recheck->first; again != NULL; again = recheck->first) {
		recheck->first = again->next;
		free_again(again);
	}
	recheck->last = &recheck->first;
}

/* ---- rows ---- */

static void hand_over_block(struct recheck *recheck)
{
	if (recheck->block == NULL || recheck->block->len + recheck->block->mark_count == 0)
		return;
	writer_put(recheck->config.writer, recheck->block);
	recheck->block = NULL;
}

/* False: out of memory. */
static bool block_room(struct recheck *recheck)
{
	if (recheck->block != NULL && !block_has_room(recheck->block, CSV_PAIR_MAX))
		hand_over_block(recheck);
	if (recheck->block == NULL) {
		recheck->block = writer_block(recheck->config.writer);
		recheck->block_ns = engine_now_ns(recheck->engine);
	}
	return recheck->block != NULL;
}

static void write_row(struct recheck *recheck, const struct pair *pair)
{
	const struct again *again = pair->batch;
	char name[NAME_WIRE_MAX + 1];
	struct row row;

	if (!block_room(recheck)) {
		ADD(recheck, rows_lost, 1);
		return;
	}
	row_init(&row);
	row.time_ms = clock_wall_ns() / NS_PER_MS;
	row.name = (struct view){name, name_text(name, again->qname, again->qname_len)};
	row.qtype = again->qtype;
	row.resolver.text = recheck->config.resolvers->list[pair->resolver].text;
	row.resolver.len = strlen(row.resolver.text);
	row.note = (struct view){"recheck", 7};
	pair_row(pair, &row);
	recheck->block->len +=
		csv_pair_write(&recheck->csv, recheck->block->data + recheck->block->len, &row);
	recheck->block->rows++;
	if (again->debt != NULL)
		block_mark(recheck->block, (struct mark){.of = again->debt,
							 .what = MARK_AGAIN,
							 .column = (uint32_t)pair->resolver,
							 .flags = reply_works(&pair->normal) ? MARK_RECOVERED : 0});
}

/* ---- pairs ---- */

/* All its rows are written, but for those a stop cost: then it stays owed. */
static void release(struct recheck *recheck, struct again *again)
{
	if (--again->left > 0)
		return;
	if (again->debt != NULL && !recheck->abandoned && block_room(recheck))
		block_mark(recheck->block, (struct mark){.of = again->debt, .what = MARK_PAID});
	free_again(again);
}

static void end_pair(struct recheck *recheck, struct pair *pair)
{
	if (!recheck->abandoned) {
		write_row(recheck, pair);
		ADD(recheck, pairs, 1);
		ADD(recheck, recovered, reply_works(&pair->normal));
	}
	pair_free_extras(pair);
	release(recheck, pair->batch);
	recheck->free_pairs[recheck->free_count++] = (uint32_t)(pair - recheck->pairs);
}

static void ask(struct recheck *recheck, struct pair *pair);

static void asked_back(void *owner, uintptr_t tag, const struct asked *asked)
{
	struct pair *pair = owner;
	struct recheck *recheck = pair->owner;

	(void)tag;
	if (!recheck->abandoned) {
		pair_take(pair, asked, true);
		if (pair->stage != PAIR_DONE) {
			ask(recheck, pair);
			return;
		}
	}
	end_pair(recheck, pair);
}

static void ask(struct recheck *recheck, struct pair *pair)
{
	const struct again *again = pair->batch;
	struct question question = {
		.qname = again->qname, .qname_len = again->qname_len, .qtype = again->qtype};
	unsigned what = pair_ask(pair);

	if (recheck->config.resolvers->list[pair->resolver].transport != TRANSPORT_UDP)
		what |= ASK_STREAM;
	engine_ask(recheck->engine, pair->resolver, &question, what, 0, asked_back, pair, 0);
}

static void start_pair(struct recheck *recheck, int32_t resolver)
{
	struct pair *pair = &recheck->pairs[recheck->free_pairs[--recheck->free_count]];

	pair_init(pair);
	pair->owner = recheck;
	pair->batch = recheck->current;
	pair->resolver = resolver;
	recheck->current->left++;
	ask(recheck, pair);
}

static bool has_row(const struct again *again, size_t resolver)
{
	return again->asked != NULL && cells_has(again->asked, (uint32_t)resolver, 0);
}

/* Starts pairs of names whose time has come, as far as there is room. */
static void fill(struct recheck *recheck)
{
	size_t count = recheck->config.resolvers->count;

	while (recheck->free_count > 0 && !writer_busy(recheck->config.writer)) {
		if (recheck->current == NULL) {
			recheck->current = take(recheck, engine_now_ns(recheck->engine));
			if (recheck->current == NULL)
				return;
			recheck->current->left = 1;
			recheck->next_resolver = 0;
			ADD(recheck, names, 1);
		}
		for (; recheck->next_resolver < count && recheck->free_count > 0;
		     recheck->next_resolver++)
			if (!recheck->config.dropped[recheck->next_resolver] && !has_row(recheck->current, recheck->next_resolver))
				start_pair(recheck, (int32_t)recheck->next_resolver);
		if (recheck->next_resolver < count)
			return;
		release(recheck, recheck->current);
		recheck->current = NULL;
	}
}

/* ---- the thread ---- */

static bool finished(struct recheck *recheck)
{
	bool empty;

	if (engine_in_flight(recheck->engine) > 0)
		return atomic_load(recheck->config.abandon);
	if (atomic_load(recheck->config.stop))
		return true;
	if (!atomic_load(&recheck->closed) || recheck->current != NULL)
		return false;
	pthread_mutex_lock(&recheck->lock);
	empty = recheck->first == NULL;
	pthread_mutex_unlock(&recheck->lock);
	return empty;
}

static void *recheck_main(void *arg)
{
	struct recheck *recheck = arg;

	while (!finished(recheck)) {
		if (!atomic_load_explicit(recheck->config.stop, memory_order_relaxed))
			fill(recheck);
		engine_turn(recheck->engine, TURN_NS);
		if (recheck->block != NULL && engine_now_ns(recheck->engine) - recheck->block_ns > BLOCK_AGE_NS)
			hand_over_block(recheck);
	}
	recheck->abandoned = true;
	engine_give_up(recheck->engine);
	if (recheck->current != NULL)
		release(recheck, recheck->current);
	recheck->current = NULL;
	hand_over_block(recheck);
	atomic_store(&recheck->ended, true);
	return NULL;
}

static bool create_engine(struct recheck *recheck)
{
	const struct resolvers *resolvers = recheck->config.resolvers;
	struct event_config *config = event_config_new();
	struct engine_config engine = {
		.window = RECHECK_WINDOW,
		.pace = recheck->config.pace,
		.patience = &recheck->config.patience,
		.patience_count = 1,
		.ports = 8,
		.connections = recheck->config.connections,
		.keep_streams = true,
	};

	if (config == NULL)
		return false;
	event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
	recheck->base = event_base_new_with_config(config);
	event_config_free(config);
	if (recheck->base == NULL)
		return false;
	engine.base = recheck->base;
	recheck->engine = engine_create(&engine);
	for (size_t r = 0; recheck->engine != NULL && r < resolvers->count; r++)
		if (engine_destination(recheck->engine, &resolvers->list[r].addr,
				       &recheck->config.resolver_paces[r], false) < 0)
			return false;
	return recheck->engine != NULL;
}

struct recheck *recheck_create(const struct recheck_config *config)
{
	struct recheck *recheck = calloc(1, sizeof(*recheck));
	int error = ENOMEM;

	if (recheck == NULL)
		return NULL;
	recheck->config = *config;
	recheck->last = &recheck->first;
	pthread_mutex_init(&recheck->lock, NULL);
	csv_writer_init(&recheck->csv);
	recheck->pairs = aligned_alloc(_Alignof(struct pair), RECHECK_WINDOW * sizeof(struct pair));
	recheck->free_pairs = calloc(RECHECK_WINDOW, sizeof(*recheck->free_pairs));
	if (recheck->pairs != NULL && recheck->free_pairs != NULL && create_engine(recheck)) {
		for (uint32_t i = 0; i < RECHECK_WINDOW; i++)
			recheck->free_pairs[recheck->free_count++] = i;
		error = pthread_create(&recheck->thread, NULL, recheck_main, recheck);
		recheck->started = error == 0;
	}
	if (error != 0) {
		recheck_destroy(&recheck);
		errno = error;
		return NULL;
	}
	pthread_setname_np(recheck->thread, "recheck");
	return recheck;
}

void recheck_close(struct recheck *recheck)
{
	atomic_store(&recheck->closed, true);
}

bool recheck_ended(const struct recheck *recheck)
{
	return atomic_load(&recheck->ended);
}

void recheck_join(struct recheck *recheck)
{
	if (recheck->started)
		pthread_join(recheck->thread, NULL);
	recheck->started = false;
	forget_all(recheck);
}

void recheck_destroy(struct recheck **recheck)
{
	struct recheck *r = *recheck;

	if (r == NULL)
		return;
	forget_all(r);
	engine_destroy(&r->engine);
	if (r->base != NULL)
		event_base_free(r->base);
	pthread_mutex_destroy(&r->lock);
	free(r->block);
	free(r->pairs);
	free(r->free_pairs);
	free(r);
	*recheck = NULL;
}

const struct recheck_counters *recheck_counters(const struct recheck *recheck)
{
	return &recheck->counters;
}

const struct engine_counters *recheck_engine_counters(const struct recheck *recheck)
{
	return engine_counters(recheck->engine);
}
