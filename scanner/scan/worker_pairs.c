/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What is asked: pairs from their first query to the last, and when a new one starts.
 */
#include "scanner/scan/worker_inner.h"

#include <assert.h>

#include "io/clock.h"

/* What the limiters hold back would only grow old: no more is begun ahead of them than they let
 * through in that time. */
#define AHEAD_NS (10 * NS_PER_MS)

/* ---- pairs ---- */

/* One pair less to do of that name. */
static void end_task(struct worker *worker, struct batch *batch, struct batch_name *name)
{
	if (--name->left == 0)
		worker_end_name(worker, batch, name);
}

static void count_pair(struct worker *worker, unsigned qtype, unsigned flags,
		       struct batch_name *name)
{
	ADD(worker, servfail, (flags & MARK_SERVFAIL) != 0);
	ADD(worker, timeouts, (flags & MARK_TIMEOUT) != 0);
	if (flags & MARK_UNCLEAN)
		name->unclean |= (uint8_t)(1u << qtype);
	if (flags & MARK_FAILED)
		name->failed |= (uint8_t)(1u << qtype);
	if (flags & MARK_FETCHED)
		name->fetched |= (uint8_t)(1u << qtype);
}

/* Nothing is made of what an overloaded resolver says, but that it is asked again. */
static void ask_later(struct worker *worker, const struct pair *pair, struct batch_name *name)
{
	struct batch *batch = pair->batch;
	uint32_t columns = (uint32_t)(worker->shared.resolvers->count *
				      (size_t)worker->shared.options->qtype_count);

	ADD(worker, overloaded, 1);
	if (batch->late == NULL)
		batch->late = cells_create(batch->count, columns);
	if (batch->late != NULL &&
	    cells_set(batch->late, pair->name_index,
		      agenda_column(worker->agenda, pair->resolver, pair->qtype_index)))
		name->late |= (uint8_t)(1u << pair->qtype_index);
}

static void close_pair(struct worker *worker, struct pair *pair, bool overloaded)
{
	struct batch *batch = pair->batch;
	struct batch_name *name = &batch->names[pair->name_index];

	if (!worker->abandoned) {
		unsigned flags = worker_flags(pair, overloaded);

		worker_write_row(worker, pair, flags);
		ADD(worker, pairs, 1);
		if (overloaded)
			ask_later(worker, pair, name);
		else
			count_pair(worker, pair->qtype_index, flags, name);
		end_task(worker, batch, name);
	}
	pair_free_extras(pair);
	worker->free_pairs[worker->free_count++] = (uint32_t)(pair - worker->pairs);
}

static void end_pair(struct worker *worker, struct pair *pair)
{
	if (worker->abandoned || !pair_doubtful(pair)) {
		close_pair(worker, pair, false);
		return;
	}
	if (worker->shared.troubles != NULL)
		meter_wait(&worker->meters[pair->resolver]);
	held_put(&worker->held, pair, worker->now_ms);
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
	unsigned what = pair_ask(pair) |
			resolver_ask(&worker->shared.resolvers->list[pair->resolver]) |
			(pair->stage == PAIR_NORMAL ? 0 : ASK_AHEAD);

	meter_ask(&worker->meters[pair->resolver]);
	engine_ask(worker->engine, pair->resolver, &question, what, 0, asked_back, pair, 0);
}

/* ---- names ---- */

static bool has_room(const struct worker *worker)
{
	return worker->free_count > 0 && engine_in_flight(worker->engine) < worker->window;
}

/* From the beginning. */
static void begin_pair(struct worker *worker, struct pair *pair)
{
	pair_init(pair);
	pair->begun_ms = worker->now_ms;
	ask(worker, pair);
}

static void start_pair(struct worker *worker, int32_t resolver, const struct task *task)
{
	struct pair *pair = &worker->pairs[worker->free_pairs[--worker->free_count]];

	if (worker->free_count > 0) /* the next one will be wanted soon */
		__builtin_prefetch(&worker->pairs[worker->free_pairs[worker->free_count - 1]], 1);
	pair->owner = worker;
	pair->batch = task->batch;
	pair->name_index = task->name_index;
	pair->qtype_index = task->qtype_index;
	pair->resolver = resolver;
	begin_pair(worker, pair);
}

/* The resolver is gone: what it has yet to do goes to others, where each name goes to a few, or is
 * not done. */
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

/* The first that is held could be asked anew now: there is room, and the limiters do not hold back
 * others. */
static bool can_ask_anew(const struct worker *worker)
{
	const struct pair *pair = held_first(&worker->held);

	return pair != NULL && !lookout_silent(worker->shared.lookout) &&
	       engine_in_flight(worker->engine) < worker->window &&
	       engine_waiting(worker->engine, pair->resolver) < ahead(worker, pair->resolver);
}

void worker_close_held(struct worker *worker)
{
	enum held_why why = HELD_NOTHING;
	struct pair *pair;

	while (!worker->abandoned &&
	       (pair = held_take(&worker->held, can_ask_anew(worker), &why)) != NULL) {
		if (why == HELD_SILENCE) {
			ADD(worker, anew, 1);
			pair_free_extras(pair);
			begin_pair(worker, pair);
		} else {
			close_pair(worker, pair, why == HELD_OVERLOAD);
		}
	}
	while (worker->abandoned && (pair = held_give_up(&worker->held)) != NULL)
		close_pair(worker, pair, false);
}

/* Starts new pairs for one resolver, when enough of its share is free for a run of them. */
static void fill_one(struct worker *worker, int32_t resolver)
{
	uint32_t load = engine_load(worker->engine, resolver),
		 waiting = engine_waiting(worker->engine, resolver), most;
	struct task task;

	if (atomic_load_explicit(&worker->shared.gone[resolver], memory_order_relaxed))
		leave(worker, resolver);
	if (agenda_has_dropped(worker->agenda, resolver) || load + worker->run > worker->share)
		return;
	most = ahead(worker, resolver);
	for (; load < worker->share && waiting < most && has_room(worker) &&
	       agenda_next(worker->agenda, resolver, &task);
	     load++, waiting++)
		start_pair(worker, resolver, &task);
}

/* Whoever was not served for lack of room comes first the next time. */
void worker_fill(struct worker *worker)
{
	uint32_t count = (uint32_t)worker->shared.resolvers->count, i = 0;

	assert(count > 0);
	if (atomic_load_explicit(worker->shared.stop, memory_order_relaxed) ||
	    writer_busy(worker->shared.writer) || lookout_silent(worker->shared.lookout))
		return;
	for (; i < count && has_room(worker); i++)
		fill_one(worker, (int32_t)((worker->turn + i) % count));
	worker->turn = (worker->turn + (i == count ? 1 : i)) % count;
}
