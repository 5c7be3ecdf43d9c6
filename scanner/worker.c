/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/worker.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/clock.h"
#include "results/csv.h"
#include "scanner/batch.h"
#include "scanner/pair.h"

/* A block that is not full goes to the writer after this long, so that the files grow while the scan crawls. */
#define BLOCK_AGE_NS (2 * NS_PER_S)
/* How long to wait for the network when there is nothing to do but to look for names. */
#define IDLE_NS (5 * NS_PER_MS)
/* New pairs start in runs of so many for one resolver, so that trains form; a share of the window holds two runs at least, and
 * with thousands of resolvers only some of them are asked at a time. */
#define RUN_MAX 32

/* Where a resolver is in the names. */
struct cursor {
	uint64_t batch; /* sequence number; first_batch..next_batch */
	uint32_t name;
	uint8_t qtype;
};

struct worker {
	struct worker_shared shared;
	pthread_t thread;
	_Atomic bool ended;
	_Atomic uint64_t rows_lost;
	struct worker_counters counters;
	struct event_base *base;
	struct engine *engine;
	struct csv_writer csv;
	/* names */
	struct batch *batches[WORKER_BATCHES]; /* by sequence number modulo */
	uint64_t first_batch, next_batch;
	struct cursor *cursors; /* one a resolver */
	uint32_t turn;		/* which resolver is served first */
	uint32_t share, run;	/* pairs in flight for one resolver; new pairs at a time */
	uint32_t ahead;		/* queries for one resolver that may wait for the limiters */
	bool names_end;
	/* pairs */
	struct pair *pairs;
	uint32_t *free_pairs, free_count;
	int64_t wall_ms;
	bool abandoned;
	/* rows */
	struct block *block;
	int64_t block_ns;
};

#define ADD(worker, counter, n)                                                                                        \
	atomic_store_explicit(&(worker)->counters.counter,                                                             \
			      atomic_load_explicit(&(worker)->counters.counter, memory_order_relaxed) + (n),           \
			      memory_order_relaxed)

/* ---- rows ---- */

static void hand_over_block(struct worker *worker)
{
	if (worker->block == NULL)
		return;
	if (worker->block->len + worker->block->mark_count > 0) {
		writer_put(worker->shared.writer, worker->block);
		worker->block = NULL;
	}
}

/* Room for one more row; NULL when out of memory. */
static struct block *block_room(struct worker *worker)
{
	if (worker->block != NULL && !block_has_room(worker->block, CSV_PAIR_MAX))
		hand_over_block(worker);
	if (worker->block == NULL) {
		worker->block = writer_block(worker->shared.writer);
		worker->block_ns = engine_now_ns(worker->engine);
	}
	return worker->block;
}

/* The column of a pair in the cells of its leg. */
static uint32_t column(const struct worker *worker, int32_t resolver, int qtype)
{
	return (uint32_t)qtype * (uint32_t)worker->shared.resolvers->count + (uint32_t)resolver;
}

static void mark_pair(struct worker *worker, struct block *block, const struct pair *pair)
{
	const struct batch *batch = pair->batch;
	struct mark mark = {.of = batch->leg,
			    .column = column(worker, pair->resolver, pair->qtype_index),
			    .order = batch->names[pair->name_index].order,
			    .what = MARK_PAIR};

	if (batch->leg == NULL)
		return;
	mark.flags |= pair_clean(pair) ? 0 : MARK_UNCLEAN;
	mark.flags |= reply_works(&pair->normal) ? 0 : MARK_FAILED;
	mark.flags |= reply_works(&pair->normal) || reply_works(&pair->cd) ? MARK_FETCHED : 0;
	mark.flags |= pair->normal.outcome == OUTCOME_ANSWERED && pair->normal.rcode == RCODE_SERVFAIL ? MARK_SERVFAIL : 0;
	mark.flags |= pair->normal.outcome == OUTCOME_TIMEOUT ? MARK_TIMEOUT : 0;
	block_mark(block, mark);
}

static void write_row(struct worker *worker, const struct pair *pair)
{
	const struct batch *batch = pair->batch;
	struct block *block = block_room(worker);
	char name[NAME_WIRE_MAX + 1];
	struct row row;

	if (block == NULL) {
		atomic_fetch_add(&worker->rows_lost, 1);
		return;
	}
	row_init(&row);
	row.time_ms = worker->wall_ms;
	row.name.len = batch_name_text(batch, &batch->names[pair->name_index], name);
	row.name.text = name;
	row.qtype = worker->shared.options->qtypes[pair->qtype_index];
	row.resolver.text = worker->shared.resolvers->list[pair->resolver].text;
	row.resolver.len = strlen(row.resolver.text);
	pair_row(pair, &row);
	block->len += csv_pair_write(&worker->csv, block->data + block->len, &row);
	block->rows++;
	mark_pair(worker, block, pair);
}

/* ---- pairs ---- */

/* What is owed for this name from now on; NULL: no journal is kept, or out of memory. */
static struct debt *owe(struct worker *worker, const struct batch *batch, const struct batch_name *name, enum debt_kind kind,
			int qtype, unsigned what)
{
	uint64_t ordinal = batch->first + name->order;
	struct debt *debt = batch->early;

	if (batch->leg == NULL || worker->block == NULL)
		return NULL;
	while (debt != NULL && (debt->ordinal != ordinal || debt->kind != kind || debt->qtype != qtype))
		debt = debt->next_early;
	if (debt == NULL)
		debt = debt_create(worker->shared.journal, kind, ordinal, batch_qname(batch, name), name->wire_len, qtype,
				   what);
	return debt;
}

static void mark_owed(struct worker *worker, struct debt *debt)
{
	if (debt != NULL)
		block_mark(worker->block, (struct mark){.of = debt, .what = MARK_OWED});
}

static void ask_again(struct worker *worker, const struct batch *batch, const struct batch_name *name, int qtype)
{
	struct debt *debt = owe(worker, batch, name, DEBT_RECHECK, qtype, 0);

	if (recheck_name(worker->shared.recheck, batch_qname(batch, name), name->wire_len,
			 worker->shared.options->qtypes[qtype], debt))
		mark_owed(worker, debt);
	else
		debt_forget(worker->shared.journal, debt);
}

static void look_into(struct worker *worker, const struct batch *batch, const struct batch_name *name, int qtype)
{
	unsigned what = (name->unclean & 1u << qtype ? SUSPECT_FAILING : 0) | (name->fetched & 1u << qtype ? SUSPECT_FETCHABLE : 0);
	struct debt *debt = owe(worker, batch, name, DEBT_EVIDENCE, qtype, what);

	mark_owed(worker, debt);
	if (debt == NULL || !debt->paid)
		prober_suspect(worker->shared.prober, batch_qname(batch, name), name->wire_len,
			       worker->shared.options->qtypes[qtype], what, debt);
}

/* All pairs of a name are done: on to those who look for the reasons, where it wants that. */
static void end_name(struct worker *worker, struct batch *batch, const struct batch_name *name)
{
	struct block *block = batch->leg != NULL ? block_room(worker) : worker->block;
	const struct options *options = worker->shared.options;
	bool all = options->evidence == EVIDENCE_ALL;

	ADD(worker, names, 1);
	ADD(worker, unclean, name->unclean != 0);
	if (block != NULL)
		block->names++;
	if (block != NULL && batch->leg != NULL)
		block_mark(block, (struct mark){.of = batch->leg, .order = name->order, .what = MARK_NAME});
	batch->open--;
	for (int t = 0; name->failed != 0 && worker->shared.recheck != NULL && t < options->qtype_count; t++)
		if (name->failed & 1u << t)
			ask_again(worker, batch, name, t);
	if (worker->shared.prober == NULL || (name->unclean == 0 && !all))
		return;
	for (int t = 0; t < options->qtype_count; t++)
		if (all || name->unclean & 1u << t)
			look_into(worker, batch, name, t);
}

static void end_pair(struct worker *worker, struct pair *pair)
{
	struct batch *batch = pair->batch;
	struct batch_name *name = &batch->names[pair->name_index];

	if (!worker->abandoned) {
		write_row(worker, pair);
		ADD(worker, pairs, 1);
		ADD(worker, servfail, pair->normal.outcome == OUTCOME_ANSWERED && pair->normal.rcode == RCODE_SERVFAIL);
		ADD(worker, timeouts, pair->normal.outcome == OUTCOME_TIMEOUT);
		if (!pair_clean(pair))
			name->unclean |= (uint8_t)(1u << pair->qtype_index);
		if (!reply_works(&pair->normal))
			name->failed |= (uint8_t)(1u << pair->qtype_index);
		if (reply_works(&pair->normal) || reply_works(&pair->cd))
			name->fetched |= (uint8_t)(1u << pair->qtype_index);
		if (--name->left == 0)
			end_name(worker, batch, name);
	}
	pair_free_extras(pair);
	worker->free_pairs[worker->free_count++] = (uint32_t)(pair - worker->pairs);
}

static void ask(struct worker *worker, struct pair *pair);

static void asked_back(void *owner, uintptr_t tag, const struct asked *asked)
{
	struct pair *pair = owner;
	struct worker *worker = pair->owner;

	(void)tag;
	if (!worker->abandoned) {
		pair_take(pair, asked, worker->shared.options->pairs == PAIRS_ALWAYS);
		if (pair->stage != PAIR_DONE) {
			ask(worker, pair);
			return;
		}
	}
	end_pair(worker, pair);
}

static void ask(struct worker *worker, struct pair *pair)
{
	const struct batch *batch = pair->batch;
	const struct batch_name *name = &batch->names[pair->name_index];
	struct question question = {
		.qname = batch_qname(batch, name),
		.qname_len = name->wire_len,
		.qtype = worker->shared.options->qtypes[pair->qtype_index],
	};
	unsigned what = pair_ask(pair) | (pair->stage == PAIR_NORMAL ? 0 : ASK_AHEAD);

	if (worker->shared.resolvers->list[pair->resolver].transport != TRANSPORT_UDP)
		what |= ASK_STREAM;
	engine_ask(worker->engine, pair->resolver, &question, what, 0, asked_back, pair, 0);
}

/* ---- names ---- */

static void drop_finished_batches(struct worker *worker)
{
	while (worker->first_batch < worker->next_batch &&
	       worker->batches[worker->first_batch % WORKER_BATCHES]->open == 0) {
		batch_destroy(&worker->batches[worker->first_batch % WORKER_BATCHES]);
		worker->first_batch++;
	}
}

/* Is that pair's row there from a run before? */
static bool has_row(const struct worker *worker, const struct batch *batch, uint32_t name, int32_t resolver, int qtype)
{
	return batch->done != NULL && cells_has(batch->done, batch->names[name].order, column(worker, resolver, qtype));
}

/* How many rows each name will have, and has not. */
static uint32_t rows_left(const struct worker *worker, const struct batch *batch, uint32_t name)
{
	uint32_t rows = 0;

	for (int32_t r = 0; r < (int32_t)worker->shared.resolvers->count; r++)
		for (int t = 0; !worker->shared.dropped[r] && t < worker->shared.options->qtype_count; t++)
			rows += !has_row(worker, batch, name, r, t);
	return rows;
}

/* A name that only resolvers were left to be asked about which are dropped now is done at once. */
static void enter_names(struct worker *worker, struct batch *batch)
{
	uint32_t all = batch->done == NULL ? rows_left(worker, batch, 0) : 0;

	for (uint32_t i = 0; i < batch->count; i++)
		batch->names[i].left = batch->done == NULL ? all : rows_left(worker, batch, i);
	for (uint32_t i = 0; i < batch->count; i++)
		if (batch->names[i].left == 0)
			end_name(worker, batch, &batch->names[i]);
}

/* Takes one more batch when there is one and room for it. */
static bool take_batch(struct worker *worker)
{
	struct batch *batch;

	drop_finished_batches(worker);
	if (worker->names_end || worker->next_batch - worker->first_batch == WORKER_BATCHES)
		return false;
	batch = queue_try_take(worker->shared.names, &worker->names_end);
	if (batch == NULL)
		return false;
	enter_names(worker, batch);
	worker->batches[worker->next_batch++ % WORKER_BATCHES] = batch;
	return true;
}

static void step(const struct worker *worker, struct cursor *cursor)
{
	if (++cursor->qtype == worker->shared.options->qtype_count) {
		cursor->qtype = 0;
		cursor->name++;
	}
}

/* Where this resolver goes on; false when it has had all names there are for now. */
static bool seek(struct worker *worker, int32_t resolver, struct cursor *cursor)
{
	const struct batch *batch;

	if (cursor->batch < worker->first_batch)
		*cursor = (struct cursor){.batch = worker->first_batch};
	for (;;) {
		if (cursor->batch == worker->next_batch) {
			if (!take_batch(worker))
				return false;
			continue;
		}
		batch = worker->batches[cursor->batch % WORKER_BATCHES];
		while (cursor->name < batch->count && has_row(worker, batch, cursor->name, resolver, cursor->qtype))
			step(worker, cursor);
		if (cursor->name < batch->count)
			return true;
		*cursor = (struct cursor){.batch = cursor->batch + 1};
	}
}

static void start_pair(struct worker *worker, int32_t resolver, struct cursor *cursor)
{
	struct pair *pair = &worker->pairs[worker->free_pairs[--worker->free_count]];

	pair_init(pair);
	pair->owner = worker;
	pair->batch = worker->batches[cursor->batch % WORKER_BATCHES];
	pair->name_index = (uint16_t)cursor->name;
	pair->qtype_index = cursor->qtype;
	pair->resolver = resolver;
	step(worker, cursor);
	ask(worker, pair);
}

/*
 * Starts new pairs for one resolver, when enough of its share is free for a run of them. What the limiters hold back would only
 * grow old: no more than they let through in a moment is begun ahead of them.
 */
static void fill_one(struct worker *worker, int32_t resolver)
{
	uint32_t load = engine_load(worker->engine, resolver), waiting = engine_waiting(worker->engine, resolver);
	struct cursor *cursor = &worker->cursors[resolver];

	if (worker->shared.dropped[resolver] || load + worker->run > worker->share)
		return;
	for (; load < worker->share && waiting < worker->ahead && worker->free_count > 0 && seek(worker, resolver, cursor); load++) {
		start_pair(worker, resolver, cursor);
		waiting++;
	}
}

/* Whoever was not served for lack of room comes first the next time. */
static void fill(struct worker *worker)
{
	uint32_t count = (uint32_t)worker->shared.resolvers->count, i = 0;

	if (atomic_load_explicit(worker->shared.stop, memory_order_relaxed) || writer_busy(worker->shared.writer))
		return;
	for (; i < count && worker->free_count > 0; i++)
		fill_one(worker, (int32_t)((worker->turn + i) % count));
	worker->turn = (worker->turn + (i == count ? 1 : i)) % count;
}

/* ---- the thread ---- */

static bool finished(struct worker *worker)
{
	if (engine_in_flight(worker->engine) > 0)
		return atomic_load(worker->shared.abandon);
	if (atomic_load(worker->shared.stop))
		return true;
	drop_finished_batches(worker);
	return worker->names_end && worker->first_batch == worker->next_batch;
}

static void *worker_main(void *arg)
{
	struct worker *worker = arg;

	while (!finished(worker)) {
		worker->wall_ms = clock_wall_ns() / NS_PER_MS;
		fill(worker);
		engine_turn(worker->engine, IDLE_NS);
		atomic_store_explicit(&worker->counters.in_flight, engine_in_flight(worker->engine),
				      memory_order_relaxed);
		if (worker->block != NULL && engine_now_ns(worker->engine) - worker->block_ns > BLOCK_AGE_NS)
			hand_over_block(worker);
	}
	worker->abandoned = true;
	engine_give_up(worker->engine);
	hand_over_block(worker);
	atomic_store(&worker->ended, true);
	return NULL;
}

static bool create_engine(struct worker *worker)
{
	const struct options *options = worker->shared.options;
	struct event_config *config = event_config_new();
	struct engine_config engine = {
		.window = worker->shared.window,
		.pace = worker->shared.pace,
		.patience = &worker->shared.patience,
		.patience_count = 1,
		.ports = (int)options->ports,
		.connections = worker->shared.connections,
		.trains = worker->shared.trains,
		.keep_streams = true,
	};

	if (config == NULL)
		return false;
	event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
	event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
	worker->base = event_base_new_with_config(config);
	event_config_free(config);
	if (worker->base == NULL)
		return false;
	engine.base = worker->base;
	worker->engine = engine_create(&engine);
	for (size_t r = 0; worker->engine != NULL && r < worker->shared.resolvers->count; r++)
		if (engine_destination(worker->engine, &worker->shared.resolvers->list[r].addr,
				       &worker->shared.resolver_paces[r],
				       worker->shared.connect && worker->shared.calibrations[r].same_address == TRI_YES) < 0)
			return false;
	return worker->engine != NULL;
}

/* How much of the window a resolver has, and how much of that may wait for the limiters: what 10 ms let through. */
static void divide_window(struct worker *worker, uint32_t resolvers)
{
	const struct options *options = worker->shared.options;
	uint32_t window = worker->shared.window;
	int64_t rate = options->resolver_rate;

	worker->share = (window + resolvers - 1) / resolvers;
	if (worker->share < 2 * RUN_MAX)
		worker->share = window < 2 * RUN_MAX ? window : 2 * RUN_MAX;
	worker->run = (worker->share + 1) / 2 < RUN_MAX ? (worker->share + 1) / 2 : RUN_MAX;
	if (rate == 0 || (options->rate > 0 && options->rate < rate))
		rate = options->rate;
	worker->ahead = rate == 0 || rate / 100 > worker->share ? worker->share : (uint32_t)(rate / 100);
	if (worker->ahead < 2)
		worker->ahead = 2;
}

struct worker *worker_create(const struct worker_shared *shared, int number)
{
	struct worker *worker = aligned_alloc(64, (sizeof(*worker) + 63) / 64 * 64);
	uint32_t count = (uint32_t)shared->resolvers->count;
	char name[16];
	int error;

	if (worker == NULL)
		return NULL;
	memset(worker, 0, sizeof(*worker));
	worker->shared = *shared;
	divide_window(worker, count);
	csv_writer_init(&worker->csv);
	worker->cursors = calloc(count, sizeof(*worker->cursors));
	worker->pairs = aligned_alloc(64, shared->window * sizeof(*worker->pairs));
	worker->free_pairs = calloc(shared->window, sizeof(*worker->free_pairs));
	errno = ENOMEM;
	if (!worker->cursors || !worker->pairs || !worker->free_pairs || !create_engine(worker)) {
		worker_destroy(&worker);
		return NULL;
	}
	for (uint32_t i = 0; i < shared->window; i++)
		worker->free_pairs[worker->free_count++] = i;
	error = pthread_create(&worker->thread, NULL, worker_main, worker);
	if (error != 0) {
		worker_destroy(&worker);
		errno = error;
		return NULL;
	}
	snprintf(name, sizeof(name), "scan-%d", number);
	pthread_setname_np(worker->thread, name);
	return worker;
}

void worker_join(struct worker *worker)
{
	pthread_join(worker->thread, NULL);
}

void worker_destroy(struct worker **worker)
{
	struct worker *w = *worker;

	if (w == NULL)
		return;
	for (; w->first_batch < w->next_batch; w->first_batch++)
		batch_destroy(&w->batches[w->first_batch % WORKER_BATCHES]);
	engine_destroy(&w->engine);
	if (w->base != NULL)
		event_base_free(w->base);
	free(w->block);
	free(w->cursors);
	free(w->pairs);
	free(w->free_pairs);
	free(w);
	*worker = NULL;
}

const struct worker_counters *worker_counters(const struct worker *worker)
{
	return &worker->counters;
}

const struct engine_counters *worker_engine_counters(const struct worker *worker)
{
	return engine_counters(worker->engine);
}

bool worker_ended(const struct worker *worker)
{
	return atomic_load(&worker->ended);
}

uint64_t worker_rows_lost(const struct worker *worker)
{
	return atomic_load(&worker->rows_lost);
}
