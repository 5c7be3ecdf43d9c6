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
#include "scanner/agenda.h"
#include "scanner/assign.h"
#include "scanner/held.h"
#include "scanner/pair.h"

/* A block that is not full goes to the writer after this long, so that the files grow while the scan crawls. */
#define BLOCK_AGE_NS (2 * NS_PER_S)
/* How long to wait for the network when there is nothing to do but to look for names. */
#define IDLE_NS (5 * NS_PER_MS)
/* New pairs start in runs of so many for one resolver, so that trains form; a share of the window holds two runs at least, and
 * with thousands of resolvers only some of them are asked at a time. */
#define RUN_MAX 32
#define HELD_MAX 20000
/* What the limiters hold back would only grow old: no more is begun ahead of them than they let through in that time. */
#define AHEAD_NS (10 * NS_PER_MS)

struct worker {
	struct worker_shared shared;
	pthread_t thread;
	_Atomic bool ended;
	_Atomic uint64_t rows_lost;
	struct worker_counters counters;
	struct event_base *base;
	struct engine *engine;
	struct csv_writer csv;
	struct meter *meters; /* one a resolver */
	/* names */
	struct agenda *agenda;
	int32_t *picked;     /* room for all resolvers */
	uint32_t turn;	     /* which resolver is served first */
	uint32_t share, run; /* pairs in flight for one resolver; new pairs at a time */
	/* pairs */
	struct pair *pairs;
	uint32_t *free_pairs, free_count;
	struct held held;
	int64_t wall_ms;
	uint32_t now_ms; /* since start_ns */
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

static void mark_pair(struct worker *worker, struct block *block, const struct pair *pair, bool overloaded)
{
	const struct batch *batch = pair->batch;
	struct mark mark = {.of = batch->leg,
			    .column = agenda_column(worker->agenda, pair->resolver, pair->qtype_index),
			    .order = batch->names[pair->name_index].order,
			    .what = MARK_PAIR};

	if (batch->leg == NULL)
		return;
	mark.flags |= overloaded ? MARK_OVERLOAD : 0;
	mark.flags |= pair_clean(pair) ? 0 : MARK_UNCLEAN;
	mark.flags |= reply_works(&pair->normal) ? 0 : MARK_FAILED;
	mark.flags |= reply_works(&pair->normal) || reply_works(&pair->cd) ? MARK_FETCHED : 0;
	mark.flags |= pair->normal.outcome == OUTCOME_ANSWERED && pair->normal.rcode == RCODE_SERVFAIL ? MARK_SERVFAIL : 0;
	mark.flags |= pair->normal.outcome == OUTCOME_TIMEOUT ? MARK_TIMEOUT : 0;
	block_mark(block, mark);
}

static void write_row(struct worker *worker, const struct pair *pair, bool overloaded)
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
	if (overloaded)
		row.note = (struct view){"overload", 8};
	pair_row(pair, &row);
	block->len += csv_pair_write(&worker->csv, block->data + block->len, &row);
	block->rows++;
	mark_pair(worker, block, pair, overloaded);
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

/* Those that have their row, where only those are to be asked again that were overloaded. NULL: out of memory. */
static struct cells *find_spared(struct worker *worker, const struct batch *batch, const struct batch_name *name, int qtype)
{
	struct cells *spared = cells_create((uint32_t)worker->shared.resolvers->count, 1);
	size_t count = agenda_pick(worker->agenda, batch, name, worker->picked);

	for (size_t i = 0; spared != NULL && i < count; i++) {
		uint32_t column = agenda_column(worker->agenda, worker->picked[i], qtype);

		if (!cells_has(batch->late, (uint32_t)(name - batch->names), column) &&
		    !cells_set(spared, (uint32_t)worker->picked[i], 0))
			cells_destroy(&spared);
	}
	return spared;
}

static void ask_again(struct worker *worker, const struct batch *batch, const struct batch_name *name, int qtype)
{
	bool all = name->failed & 1u << qtype && worker->shared.options->recheck_ms > 0;
	struct debt *debt = owe(worker, batch, name, DEBT_RECHECK, qtype, 0);
	struct recheck_name again = {
		.qname = batch_qname(batch, name),
		.qname_len = name->wire_len,
		.qtype = worker->shared.options->qtypes[qtype],
		.debt = debt,
		.seen = name->unclean & 1u << qtype || worker->shared.options->evidence == EVIDENCE_ALL,
		.spared = all ? NULL : find_spared(worker, batch, name, qtype),
	};

	if ((all || again.spared != NULL) && recheck_name(worker->shared.recheck, &again))
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
			       worker->shared.options->qtypes[qtype], what, batch_records(batch, name), debt);
}

/* All pairs of a name are done: on to those who look for the reasons, where it wants that. */
static void end_name(struct worker *worker, struct batch *batch, const struct batch_name *name)
{
	struct block *block = batch->leg != NULL ? block_room(worker) : worker->block;
	const struct options *options = worker->shared.options;
	bool all = options->evidence == EVIDENCE_ALL;
	unsigned again;

	ADD(worker, names, 1);
	ADD(worker, unclean, name->unclean != 0);
	if (block != NULL)
		block->names++;
	if (block != NULL && batch->leg != NULL)
		block_mark(block, (struct mark){.of = batch->leg, .order = name->order, .what = MARK_NAME});
	batch->open--;
	again = (options->recheck_ms > 0 ? name->failed : 0) | name->late;
	for (int t = 0; again != 0 && worker->shared.recheck != NULL && t < options->qtype_count; t++)
		if (again & 1u << t)
			ask_again(worker, batch, name, t);
	if (worker->shared.prober == NULL || (name->unclean == 0 && !all))
		return;
	for (int t = 0; t < options->qtype_count; t++)
		if (all || name->unclean & 1u << t)
			look_into(worker, batch, name, t);
}

/* One pair less to do of that name. */
static void end_task(struct worker *worker, struct batch *batch, struct batch_name *name)
{
	if (--name->left == 0)
		end_name(worker, batch, name);
}

static void count_pair(struct worker *worker, const struct pair *pair, struct batch_name *name)
{
	ADD(worker, servfail, pair->normal.outcome == OUTCOME_ANSWERED && pair->normal.rcode == RCODE_SERVFAIL);
	ADD(worker, timeouts, pair->normal.outcome == OUTCOME_TIMEOUT);
	if (!pair_clean(pair))
		name->unclean |= (uint8_t)(1u << pair->qtype_index);
	if (!reply_works(&pair->normal))
		name->failed |= (uint8_t)(1u << pair->qtype_index);
	if (reply_works(&pair->normal) || reply_works(&pair->cd))
		name->fetched |= (uint8_t)(1u << pair->qtype_index);
}

/* Nothing is made of what an overloaded resolver says, but that it is asked again. */
static void ask_later(struct worker *worker, const struct pair *pair, struct batch_name *name)
{
	struct batch *batch = pair->batch;
	uint32_t columns = (uint32_t)(worker->shared.resolvers->count * (size_t)worker->shared.options->qtype_count);

	ADD(worker, overloaded, 1);
	if (batch->late == NULL)
		batch->late = cells_create(batch->count, columns);
	if (batch->late != NULL && cells_set(batch->late, pair->name_index,
					     agenda_column(worker->agenda, pair->resolver, pair->qtype_index)))
		name->late |= (uint8_t)(1u << pair->qtype_index);
}

static void close_pair(struct worker *worker, struct pair *pair, bool overloaded)
{
	struct batch *batch = pair->batch;
	struct batch_name *name = &batch->names[pair->name_index];

	if (!worker->abandoned) {
		write_row(worker, pair, overloaded);
		ADD(worker, pairs, 1);
		if (overloaded)
			ask_later(worker, pair, name);
		else
			count_pair(worker, pair, name);
		end_task(worker, batch, name);
	}
	pair_free_extras(pair);
	worker->free_pairs[worker->free_count++] = (uint32_t)(pair - worker->pairs);
}

static void end_pair(struct worker *worker, struct pair *pair)
{
	if (worker->abandoned || worker->shared.troubles == NULL || !pair_doubtful(pair)) {
		close_pair(worker, pair, false);
		return;
	}
	meter_wait(&worker->meters[pair->resolver]);
	held_put(&worker->held, pair, worker->now_ms);
}

/* Those of which it is known by now whether their resolver was overloaded; or all of them. */
static void close_held(struct worker *worker)
{
	enum trouble what = TROUBLE_NONE;
	struct pair *pair;

	while (worker->shared.troubles != NULL && (pair = held_take(&worker->held, worker->shared.troubles, &what)) != NULL)
		close_pair(worker, pair, what == TROUBLE_SOME);
	while (worker->abandoned && (pair = held_give_up(&worker->held)) != NULL)
		close_pair(worker, pair, false);
}

static void ask(struct worker *worker, struct pair *pair);

static void asked_back(void *owner, uintptr_t tag, const struct asked *asked)
{
	struct pair *pair = owner;
	struct worker *worker = pair->owner;

	(void)tag;
	meter_take(&worker->meters[pair->resolver], asked);
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
	unsigned what = pair_ask(pair) | resolver_ask(&worker->shared.resolvers->list[pair->resolver]) |
			(pair->stage == PAIR_NORMAL ? 0 : ASK_AHEAD);

	meter_ask(&worker->meters[pair->resolver]);
	engine_ask(worker->engine, pair->resolver, &question, what, 0, asked_back, pair, 0);
}

/* ---- names ---- */

static bool has_room(const struct worker *worker)
{
	return worker->free_count > 0 && engine_room(worker->engine) > 0;
}

static void start_pair(struct worker *worker, int32_t resolver, const struct task *task)
{
	struct pair *pair = &worker->pairs[worker->free_pairs[--worker->free_count]];

	pair_init(pair);
	pair->owner = worker;
	pair->batch = task->batch;
	pair->name_index = task->name_index;
	pair->qtype_index = task->qtype_index;
	pair->resolver = resolver;
	pair->begun_ms = worker->now_ms;
	ask(worker, pair);
}

/* The resolver is gone: what it has yet to do goes to others, where each name goes to a few, or is not done. */
static void leave(struct worker *worker, int32_t resolver)
{
	struct task task;

	agenda_drop(worker->agenda, resolver);
	while (has_room(worker) && agenda_next(worker->agenda, resolver, &task)) {
		int32_t instead = agenda_instead(worker->agenda, &task, resolver);

		if (instead >= 0) {
			ADD(worker, moved, 1);
			start_pair(worker, instead, &task);
		} else {
			ADD(worker, skipped, 1);
			end_task(worker, task.batch, &task.batch->names[task.name_index]);
		}
	}
}

/* What 10 ms let through: as many queries may wait for the limiters. */
static uint32_t ahead(const struct worker *worker, int32_t resolver)
{
	uint32_t ours = pace_within(&worker->shared.resolver_paces[resolver], AHEAD_NS);
	uint32_t all = pace_within(worker->shared.pace, AHEAD_NS);
	uint32_t least = ours < all ? ours : all;

	return least < 2 ? 2 : least < worker->share ? least : worker->share;
}

/* Starts new pairs for one resolver, when enough of its share is free for a run of them. */
static void fill_one(struct worker *worker, int32_t resolver)
{
	uint32_t load = engine_load(worker->engine, resolver), waiting = engine_waiting(worker->engine, resolver), most;
	struct task task;

	if (atomic_load_explicit(&worker->shared.gone[resolver], memory_order_relaxed))
		leave(worker, resolver);
	if (agenda_has_dropped(worker->agenda, resolver) || load + worker->run > worker->share)
		return;
	most = ahead(worker, resolver);
	for (; load < worker->share && waiting < most && has_room(worker) && agenda_next(worker->agenda, resolver, &task);
	     load++, waiting++)
		start_pair(worker, resolver, &task);
}

/* Whoever was not served for lack of room comes first the next time. */
static void fill(struct worker *worker)
{
	uint32_t count = (uint32_t)worker->shared.resolvers->count, i = 0;

	if (atomic_load_explicit(worker->shared.stop, memory_order_relaxed) || writer_busy(worker->shared.writer))
		return;
	for (; i < count && has_room(worker); i++)
		fill_one(worker, (int32_t)((worker->turn + i) % count));
	worker->turn = (worker->turn + (i == count ? 1 : i)) % count;
}

/* ---- the thread ---- */

static bool finished(struct worker *worker)
{
	if (engine_in_flight(worker->engine) > 0)
		return atomic_load(worker->shared.abandon);
	if (worker->held.first != NULL)
		return atomic_load(worker->shared.abandon);
	return atomic_load(worker->shared.stop) || agenda_is_done(worker->agenda);
}

static void *worker_main(void *arg)
{
	struct worker *worker = arg;

	while (!finished(worker)) {
		worker->wall_ms = clock_wall_ns() / NS_PER_MS;
		worker->now_ms = (uint32_t)((engine_now_ns(worker->engine) - worker->shared.start_ns) / NS_PER_MS);
		close_held(worker);
		fill(worker);
		engine_turn(worker->engine, IDLE_NS);
		atomic_store_explicit(&worker->counters.in_flight, engine_in_flight(worker->engine),
				      memory_order_relaxed);
		if (worker->block != NULL && engine_now_ns(worker->engine) - worker->block_ns > BLOCK_AGE_NS)
			hand_over_block(worker);
	}
	worker->abandoned = true;
	engine_give_up(worker->engine);
	close_held(worker);
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
		if (resolver_destination(worker->shared.resolvers, r, worker->engine, &worker->shared.resolver_paces[r],
					 worker->shared.connect && worker->shared.calibrations[r].same_address == TRI_YES) < 0)
			return false;
	return worker->engine != NULL;
}

/* How much of the window a resolver has. */
static void divide_window(struct worker *worker, uint32_t resolvers)
{
	uint32_t window = worker->shared.window;

	worker->share = (window + resolvers - 1) / resolvers;
	if (worker->share < 2 * RUN_MAX)
		worker->share = window < 2 * RUN_MAX ? window : 2 * RUN_MAX;
	worker->run = (worker->share + 1) / 2 < RUN_MAX ? (worker->share + 1) / 2 : RUN_MAX;
}

static void nothing_to_do(void *owner, struct batch *batch, struct batch_name *name)
{
	end_name(owner, batch, name);
}

static bool create_agenda(struct worker *worker)
{
	const struct options *options = worker->shared.options;
	struct agenda_config config = {
		.names = worker->shared.names,
		.resolvers = worker->shared.resolvers->count,
		.dropped = worker->shared.dropped,
		.qtype_count = options->qtype_count,
		.per_name = (unsigned)options->resolvers_per_name,
		.seed = (uint64_t)options->seed,
		.nothing_to_do = nothing_to_do,
		.owner = worker,
	};

	worker->agenda = agenda_create(&config);
	return worker->agenda != NULL;
}

struct worker *worker_create(const struct worker_shared *shared, int number)
{
	struct worker *worker = aligned_alloc(64, (sizeof(*worker) + 63) / 64 * 64);
	uint32_t count = (uint32_t)shared->resolvers->count;
	/* Those that are held take nobody's place in the window, as long as they are not too many. */
	uint32_t pairs = shared->window + (shared->troubles == NULL ? 0 : shared->window < HELD_MAX ? shared->window : HELD_MAX);
	char name[16];
	int error;

	if (worker == NULL)
		return NULL;
	memset(worker, 0, sizeof(*worker));
	worker->shared = *shared;
	divide_window(worker, count);
	csv_writer_init(&worker->csv);
	worker->meters = meters_of(shared->meters, (size_t)number);
	worker->picked = calloc(count + ASSIGN_MAX, sizeof(*worker->picked));
	worker->pairs = aligned_alloc(64, pairs * sizeof(*worker->pairs));
	worker->free_pairs = calloc(pairs, sizeof(*worker->free_pairs));
	errno = ENOMEM;
	if (!worker->picked || !worker->pairs || !worker->free_pairs || !create_agenda(worker) || !create_engine(worker)) {
		worker_destroy(&worker);
		return NULL;
	}
	for (uint32_t i = 0; i < pairs; i++)
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
	agenda_destroy(&w->agenda);
	engine_destroy(&w->engine);
	if (w->base != NULL)
		event_base_free(w->base);
	free(w->block);
	free(w->picked);
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
