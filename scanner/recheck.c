/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/recheck.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "io/clock.h"
#include "results/csv.h"
#include "scanner/assign.h"
#include "scanner/held.h"
#include "scanner/name.h"
#include "scanner/pair.h"

#define TURN_NS (50 * NS_PER_MS)
/* A block that is not full goes to the writer after this long. */
#define BLOCK_AGE_NS (2 * NS_PER_S)

/* Who is overloaded is asked again so often, until he was not. */
#define ROUNDS 4

/* A name that is to be asked again. */
struct again {
	struct again *next;
	struct debt *debt;   /* NULL: none */
	struct cells *asked; /* resolvers that have their row already, or need none; NULL: none has */
	int64_t due_ns;
	uint32_t left; /* pairs not done; +1 until all are started */
	uint16_t qtype;
	uint8_t round;
	bool seen;	       /* it has gone to the evidence */
	bool late;	       /* a resolver was overloaded in this round */
	bool unclean, fetched; /* something was, and no overload; somebody had records */
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
	int32_t *picked;       /* whom; room for all resolvers */
	size_t picked_count, next_picked;
	struct assign assign;
	bool *out; /* of the assignment: dropped or gone, as of out_ns */
	int64_t out_ns;
	struct held held;
	uint32_t now_ms; /* since start_ns */
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

static void put(struct recheck *recheck, struct again *again)
{
	again->due_ns = clock_mono_ns() + recheck->config.delay_ns;
	again->next = NULL;
	ADD(recheck, waiting, 1);
	pthread_mutex_lock(&recheck->lock);
	*recheck->last = again;
	recheck->last = &again->next;
	pthread_mutex_unlock(&recheck->lock);
}

/* Who need not be asked: as the debt tells, which is told in turn. False: out of memory. */
static bool spare(struct again *again, const struct recheck_name *name)
{
	struct debt *debt = name->debt;

	if (debt != NULL && debt->asked != NULL) {
		again->asked = cells_copy(debt->asked);
		return again->asked != NULL;
	}
	if (name->spared == NULL)
		return true;
	again->asked = cells_copy(name->spared);
	if (debt != NULL)
		debt->spared = cells_copy(name->spared);
	return again->asked != NULL && (debt == NULL || debt->spared != NULL);
}

bool recheck_name(struct recheck *recheck, const struct recheck_name *name)
{
	struct cells *spared = name->spared;
	struct again *again = NULL;

	if (atomic_load_explicit(&recheck->counters.waiting, memory_order_relaxed) < RECHECK_NAMES)
		again = malloc(sizeof(*again) + name->qname_len);
	if (again != NULL) {
		*again = (struct again){
			.debt = name->debt, .qtype = name->qtype, .qname_len = name->qname_len, .seen = name->seen};
		memcpy(again->qname, name->qname, name->qname_len);
		if (!spare(again, name)) {
			free_again(again);
			again = NULL;
		}
	}
	cells_destroy(&spared);
	if (again == NULL)
		ADD(recheck, skipped, 1);
	else
		put(recheck, again);
	return again != NULL;
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

static void write_row(struct recheck *recheck, const struct pair *pair, bool overloaded)
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
	row.note = overloaded ? (struct view){"recheck+overload", 16} : (struct view){"recheck", 7};
	pair_row(pair, &row);
	recheck->block->len +=
		csv_pair_write(&recheck->csv, recheck->block->data + recheck->block->len, &row);
	recheck->block->rows++;
	if (again->debt != NULL)
		block_mark(recheck->block, (struct mark){.of = again->debt,
							 .what = MARK_AGAIN,
							 .column = (uint32_t)pair->resolver,
							 .flags = (reply_works(&pair->normal) ? MARK_RECOVERED : 0) |
								  (overloaded ? MARK_OVERLOAD : 0)});
}

/* ---- pairs ---- */

/* A name of which nobody but overloaded resolvers was asked before: now it is known to fail, and nobody has looked into it. */
static void look_into(struct recheck *recheck, const struct again *again)
{
	unsigned what = SUSPECT_FAILING | (again->fetched ? SUSPECT_FETCHABLE : 0);
	struct debt *debt = NULL;

	if (again->debt != NULL && block_room(recheck))
		debt = debt_create(recheck->config.journal, DEBT_EVIDENCE, again->debt->ordinal, again->qname, again->qname_len,
				   again->debt->qtype, what);
	if (debt != NULL)
		block_mark(recheck->block, (struct mark){.of = debt, .what = MARK_OWED});
	/* what a zone file said of it is not kept that long: its parent is asked */
	prober_suspect(recheck->config.prober, again->qname, again->qname_len, again->qtype, what,
		       (struct view){NULL, 0}, debt);
}

/* All its rows are written, but for those a stop cost: then it stays owed; and those of resolvers that were overloaded. */
static void release(struct recheck *recheck, struct again *again)
{
	bool once_more, stopped = recheck->abandoned || atomic_load_explicit(recheck->config.stop, memory_order_relaxed);

	if (--again->left > 0)
		return;
	once_more = again->late && again->round < ROUNDS && again->asked != NULL;
	if (once_more && !stopped) {
		again->late = false;
		again->round++;
		put(recheck, again);
		return;
	}
	if (again->unclean && !again->seen && recheck->config.prober != NULL && !recheck->abandoned)
		look_into(recheck, again);
	if (again->debt != NULL && !recheck->abandoned && !once_more && block_room(recheck))
		block_mark(recheck->block, (struct mark){.of = again->debt, .what = MARK_PAID});
	free_again(again);
}

static void close_pair(struct recheck *recheck, struct pair *pair, bool overloaded)
{
	struct again *again = pair->batch;

	if (!recheck->abandoned) {
		write_row(recheck, pair, overloaded);
		ADD(recheck, pairs, 1);
		ADD(recheck, recovered, reply_works(&pair->normal));
		ADD(recheck, overloaded, overloaded);
		again->late |= overloaded;
		again->unclean |= !overloaded && !pair_clean(pair);
		again->fetched |= reply_works(&pair->normal) || reply_works(&pair->cd);
		if (!overloaded && again->asked != NULL)
			(void)cells_set(again->asked, (uint32_t)pair->resolver, 0);
	}
	pair_free_extras(pair);
	release(recheck, again);
	recheck->free_pairs[recheck->free_count++] = (uint32_t)(pair - recheck->pairs);
}

static void end_pair(struct recheck *recheck, struct pair *pair)
{
	if (recheck->abandoned || recheck->config.troubles == NULL || !pair_doubtful(pair)) {
		close_pair(recheck, pair, false);
		return;
	}
	meter_wait(&recheck->config.meters[pair->resolver]);
	held_put(&recheck->held, pair, recheck->now_ms);
}

static void close_held(struct recheck *recheck)
{
	enum trouble what = TROUBLE_NONE;
	struct pair *pair;

	while (recheck->config.troubles != NULL && (pair = held_take(&recheck->held, recheck->config.troubles, &what)) != NULL)
		close_pair(recheck, pair, what == TROUBLE_SOME);
	while (recheck->abandoned && (pair = held_give_up(&recheck->held)) != NULL)
		close_pair(recheck, pair, false);
}

static void ask(struct recheck *recheck, struct pair *pair);

static void asked_back(void *owner, uintptr_t tag, const struct asked *asked)
{
	struct pair *pair = owner;
	struct recheck *recheck = pair->owner;

	(void)tag;
	meter_take(&recheck->config.meters[pair->resolver], asked);
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
	unsigned what = pair_ask(pair) | resolver_ask(&recheck->config.resolvers->list[pair->resolver]);

	meter_ask(&recheck->config.meters[pair->resolver]);
	engine_ask(recheck->engine, pair->resolver, &question, what, 0, asked_back, pair, 0);
}

static void start_pair(struct recheck *recheck, int32_t resolver)
{
	struct pair *pair = &recheck->pairs[recheck->free_pairs[--recheck->free_count]];

	pair_init(pair);
	pair->owner = recheck;
	pair->batch = recheck->current;
	pair->resolver = resolver;
	pair->begun_ms = recheck->now_ms;
	recheck->current->left++;
	ask(recheck, pair);
}

static bool has_row(const struct again *again, size_t resolver)
{
	return again->asked != NULL && cells_has(again->asked, (uint32_t)resolver, 0);
}

static void see_who_is_out(struct recheck *recheck)
{
	const struct recheck_config *config = &recheck->config;
	int64_t now_ns = engine_now_ns(recheck->engine);

	if (recheck->out_ns != 0 && now_ns - recheck->out_ns < NS_PER_S)
		return;
	recheck->out_ns = now_ns;
	for (size_t r = 0; r < config->resolvers->count; r++)
		recheck->out[r] = config->dropped[r] || atomic_load_explicit(&config->gone[r], memory_order_relaxed);
}

/* Whom to ask about the current name. */
static void pick(struct recheck *recheck)
{
	const struct recheck_config *config = &recheck->config;
	struct again *again = recheck->current;
	size_t count = config->resolvers->count, kept = 0;

	see_who_is_out(recheck);
	/* To know who is to be asked once more. */
	if (again->asked == NULL && config->troubles != NULL)
		again->asked = cells_create((uint32_t)count, 1);
	if (config->per_name > 0) {
		count = assign_pick(&recheck->assign, again->qname, again->qname_len, config->per_name, recheck->picked);
	} else {
		for (size_t r = 0; r < count; r++)
			recheck->picked[r] = (int32_t)r;
	}
	for (size_t i = 0; i < count; i++)
		if (!recheck->out[recheck->picked[i]] && !has_row(again, (size_t)recheck->picked[i]))
			recheck->picked[kept++] = recheck->picked[i];
	recheck->picked_count = kept;
	recheck->next_picked = 0;
}

/* Starts pairs of names whose time has come, as far as there is room. */
static void fill(struct recheck *recheck)
{
	while (recheck->free_count > 0 && !writer_busy(recheck->config.writer)) {
		if (recheck->current == NULL) {
			recheck->current = take(recheck, engine_now_ns(recheck->engine));
			if (recheck->current == NULL)
				return;
			recheck->current->left = 1;
			ADD(recheck, names, recheck->current->round == 0);
			pick(recheck);
		}
		while (recheck->next_picked < recheck->picked_count && recheck->free_count > 0)
			start_pair(recheck, recheck->picked[recheck->next_picked++]);
		if (recheck->next_picked < recheck->picked_count)
			return;
		release(recheck, recheck->current);
		recheck->current = NULL;
	}
}

/* ---- the thread ---- */

static bool finished(struct recheck *recheck)
{
	bool empty;

	if (engine_in_flight(recheck->engine) > 0 || recheck->held.first != NULL)
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
		recheck->now_ms = (uint32_t)((engine_now_ns(recheck->engine) - recheck->config.start_ns) / NS_PER_MS);
		close_held(recheck);
		if (!atomic_load_explicit(recheck->config.stop, memory_order_relaxed))
			fill(recheck);
		engine_turn(recheck->engine, TURN_NS);
		if (recheck->block != NULL && engine_now_ns(recheck->engine) - recheck->block_ns > BLOCK_AGE_NS)
			hand_over_block(recheck);
	}
	recheck->abandoned = true;
	engine_give_up(recheck->engine);
	close_held(recheck);
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
		if (resolver_destination(resolvers, r, recheck->engine,
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
	recheck->picked = calloc(config->resolvers->count + ASSIGN_MAX, sizeof(*recheck->picked));
	recheck->out = calloc(config->resolvers->count, sizeof(*recheck->out));
	recheck->assign = (struct assign){
		.seed = config->seed, .resolvers = (uint32_t)config->resolvers->count, .out = recheck->out};
	if (recheck->pairs != NULL && recheck->free_pairs != NULL && recheck->picked != NULL && recheck->out != NULL &&
	    create_engine(recheck)) {
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
	free(r->picked);
	free(r->out);
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
