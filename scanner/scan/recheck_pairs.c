/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Whom to ask about a name whose time has come, its pairs, and their rows.
 */
#include "scanner/scan/recheck_inside.h"

#include <string.h>

#include "io/clock.h"
#include "scanner/dns/name.h"
#include "scanner/ask/pair.h"

/* Who is overloaded is asked again so often, until he was not. */
#define ROUNDS 8
/* What the limiters hold back would only grow old: so much of it for each resolver. */
#define AHEAD 256

/* ---- rows ---- */

void recheck_hand_over_block(struct recheck *recheck)
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
		recheck_hand_over_block(recheck);
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
		block_mark(
			recheck->block,
			(struct mark){.of = again->debt,
				      .what = MARK_AGAIN,
				      .column = (uint32_t)pair->resolver,
				      .flags = (reply_works(&pair->normal) ? MARK_RECOVERED : 0) |
					       (overloaded ? MARK_OVERLOAD : 0)});
}

/* ---- pairs ---- */

/* A name of which nobody but overloaded resolvers was asked before: now it is known to fail, and
 * nobody has looked into it. */
static void look_into(struct recheck *recheck, const struct again *again)
{
	unsigned what = SUSPECT_FAILING | (again->fetched ? SUSPECT_FETCHABLE : 0);
	struct debt *debt = NULL;

	if (again->debt != NULL && block_room(recheck))
		debt = debt_create(recheck->config.journal, DEBT_EVIDENCE, again->debt->ordinal,
				   again->qname, again->qname_len, again->debt->qtype, what);
	if (debt != NULL)
		block_mark(recheck->block, (struct mark){.of = debt, .what = MARK_OWED});
	/* what a zone file said of it is not kept that long: its parent is asked */
	prober_suspect(recheck->config.prober, again->qname, again->qname_len, again->qtype, what,
		       (struct view){NULL, 0}, debt);
}

/* All its rows are written, but for those a stop cost: then it stays owed; and those of resolvers
 * that were overloaded. */
void recheck_release(struct recheck *recheck, struct again *again)
{
	bool once_more, stopped = recheck->abandoned ||
				  atomic_load_explicit(recheck->config.stop, memory_order_relaxed);

	if (--again->left > 0)
		return;
	once_more = again->late && again->round < ROUNDS && again->asked != NULL;
	if (once_more && !stopped) {
		again->late = false;
		again->round++;
		recheck_put(recheck, again);
		return;
	}
	if (again->unclean && !again->seen && recheck->config.prober != NULL && !recheck->abandoned)
		look_into(recheck, again);
	if (again->debt != NULL && !recheck->abandoned && !once_more && block_room(recheck))
		block_mark(recheck->block, (struct mark){.of = again->debt, .what = MARK_PAID});
	recheck_free_again(again);
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
	recheck_release(recheck, again);
	recheck->free_pairs[recheck->free_count++] = (uint32_t)(pair - recheck->pairs);
}

static void end_pair(struct recheck *recheck, struct pair *pair)
{
	if (recheck->abandoned || !pair_doubtful(pair)) {
		close_pair(recheck, pair, false);
		return;
	}
	if (recheck->config.troubles != NULL)
		meter_wait(&recheck->config.meters[pair->resolver]);
	held_put(&recheck->held, pair, recheck->now_ms);
}

static void ask(struct recheck *recheck, struct pair *pair);

/* Of a resolver that is gone: there is no row of what nobody was asked. */
static void drop_pair(struct recheck *recheck, struct pair *pair)
{
	pair_free_extras(pair);
	recheck_release(recheck, pair->batch);
	recheck->free_pairs[recheck->free_count++] = (uint32_t)(pair - recheck->pairs);
}

static void asked_back(void *owner, uintptr_t tag, const struct asked *asked)
{
	struct pair *pair = owner;
	struct recheck *recheck = pair->owner;

	(void)tag;
	meter_take(&recheck->config.meters[pair->resolver], asked);
	if (!recheck->abandoned && recheck->out[pair->resolver] && asked->tries == 0) {
		drop_pair(recheck, pair);
		return;
	}
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
	unsigned what =
		pair_ask(pair) | resolver_ask(&recheck->config.resolvers->list[pair->resolver]);

	meter_ask(&recheck->config.meters[pair->resolver]);
	engine_ask(recheck->engine, pair->resolver, &question, what, 0, asked_back, pair, 0);
}

/* From the beginning. */
static void begin_pair(struct recheck *recheck, struct pair *pair)
{
	pair_init(pair);
	pair->begun_ms = recheck->now_ms;
	ask(recheck, pair);
}

static bool has_room(const struct recheck *recheck)
{
	return recheck->free_count > 0 && engine_room(recheck->engine) > 0;
}

static bool is_near(const struct recheck *recheck, int32_t resolver)
{
	return engine_waiting(recheck->engine, resolver) < AHEAD;
}

static bool can_ask_anew(const struct recheck *recheck)
{
	return !lookout_silent(recheck->config.lookout) && engine_room(recheck->engine) > 0;
}

void recheck_close_held(struct recheck *recheck)
{
	enum held_why why = HELD_NOTHING;
	struct pair *pair;

	while (!recheck->abandoned &&
	       (pair = held_take(&recheck->held, can_ask_anew(recheck), &why)) != NULL) {
		if (why == HELD_SILENCE) {
			pair_free_extras(pair);
			begin_pair(recheck, pair);
		} else {
			close_pair(recheck, pair, why == HELD_OVERLOAD);
		}
	}
	while (recheck->abandoned && (pair = held_give_up(&recheck->held)) != NULL)
		close_pair(recheck, pair, false);
}

static void start_pair(struct recheck *recheck, int32_t resolver)
{
	struct pair *pair = &recheck->pairs[recheck->free_pairs[--recheck->free_count]];

	pair->owner = recheck;
	pair->batch = recheck->current;
	pair->resolver = resolver;
	recheck->current->left++;
	begin_pair(recheck, pair);
}

static bool has_row(const struct again *again, size_t resolver)
{
	return again->asked != NULL && cells_has(again->asked, (uint32_t)resolver, 0);
}

/* What waits for a resolver that is gone would wait long: it was slowed before. */
void recheck_see_who_is_out(struct recheck *recheck)
{
	const struct recheck_config *config = &recheck->config;
	int64_t now_ns = engine_now_ns(recheck->engine);

	if (recheck->out_ns != 0 && now_ns - recheck->out_ns < NS_PER_S)
		return;
	recheck->out_ns = now_ns;
	for (size_t r = 0; r < config->resolvers->count; r++) {
		recheck->out[r] = config->dropped[r] ||
				  atomic_load_explicit(&config->gone[r], memory_order_relaxed);
		if (recheck->out[r] && engine_waiting(recheck->engine, (int32_t)r) > 0)
			engine_give_up_waiting(recheck->engine, (int32_t)r);
	}
}

/* Whom to ask about the current name. */
static void pick(struct recheck *recheck)
{
	const struct recheck_config *config = &recheck->config;
	struct again *again = recheck->current;
	size_t count = config->resolvers->count, kept = 0;

	/* To know who is to be asked once more. */
	if (again->asked == NULL && config->troubles != NULL)
		again->asked = cells_create((uint32_t)count, 1);
	if (config->per_name > 0) {
		count = assign_pick(&recheck->assign, again->qname, again->qname_len,
				    config->per_name, recheck->picked);
	} else {
		for (size_t r = 0; r < count; r++)
			recheck->picked[r] = (int32_t)r;
	}
	for (size_t i = 0; i < count; i++)
		if (!recheck->out[recheck->picked[i]] &&
		    !has_row(again, (size_t)recheck->picked[i]))
			recheck->picked[kept++] = recheck->picked[i];
	recheck->picked_count = kept;
	recheck->next_picked = 0;
}

/* Starts pairs of names whose time has come, as far as there is room. */
void recheck_fill(struct recheck *recheck)
{
	while (has_room(recheck) && !writer_busy(recheck->config.writer) &&
	       !lookout_silent(recheck->config.lookout)) {
		if (recheck->current == NULL) {
			recheck->current = recheck_take(recheck, engine_now_ns(recheck->engine));
			if (recheck->current == NULL)
				return;
			recheck->current->left = 1;
			ADD(recheck, names, recheck->current->round == 0);
			pick(recheck);
		}
		while (recheck->next_picked < recheck->picked_count && has_room(recheck) &&
		       is_near(recheck, recheck->picked[recheck->next_picked]))
			start_pair(recheck, recheck->picked[recheck->next_picked++]);
		if (recheck->next_picked < recheck->picked_count)
			return;
		recheck_release(recheck, recheck->current);
		recheck->current = NULL;
	}
}
