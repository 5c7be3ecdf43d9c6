/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/scan/recheck.h"

#include <errno.h>
#include <stdlib.h>

#include "io/clock.h"
#include "io/confine.h"
#include "scanner/ask/pair.h"
#include "scanner/scan/recheck_inside.h"

#define TURN_NS (50 * NS_PER_MS)
/* A block that is not full goes to the writer after this long. */
#define BLOCK_AGE_NS (2 * NS_PER_S)

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

	(void)confine_thread();
	while (!finished(recheck)) {
		recheck->now_ms =
			(uint32_t)((engine_now_ns(recheck->engine) - recheck->config.start_ns) /
				   NS_PER_MS);
		recheck_see_who_is_out(recheck);
		recheck_close_held(recheck);
		if (!atomic_load_explicit(recheck->config.stop, memory_order_relaxed))
			recheck_fill(recheck);
		engine_turn(recheck->engine, TURN_NS);
		if (recheck->block != NULL &&
		    engine_now_ns(recheck->engine) - recheck->block_ns > BLOCK_AGE_NS)
			recheck_hand_over_block(recheck);
	}
	recheck->abandoned = true;
	engine_give_up(recheck->engine);
	recheck_close_held(recheck);
	if (recheck->current != NULL)
		recheck_release(recheck, recheck->current);
	recheck->current = NULL;
	recheck_hand_over_block(recheck);
	atomic_store(&recheck->ended, true);
	return NULL;
}

static bool create_engine(struct recheck *recheck)
{
	const struct resolvers *resolvers = recheck->config.resolvers;
	struct event_config *config = event_config_new();
	struct engine_config engine = {
		.window = recheck->config.window,
		.pace = recheck->config.pace,
		.patience = &recheck->config.patience,
		.patience_count = 1,
		.ports = 8,
		.sources = recheck->config.sources,
		.source_count = recheck->config.source_count,
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
	uint32_t pairs = held_room(config->window);
	int error = ENOMEM;

	if (recheck == NULL)
		return NULL;
	recheck->config = *config;
	recheck->held = (struct held){.lookout = config->lookout, .troubles = config->troubles};
	recheck->last = &recheck->first;
	pthread_mutex_init(&recheck->lock, NULL);
	csv_writer_init(&recheck->csv);
	recheck->pairs = aligned_alloc(_Alignof(struct pair), pairs * sizeof(struct pair));
	recheck->free_pairs = calloc(pairs, sizeof(*recheck->free_pairs));
	recheck->picked = calloc(config->resolvers->count + ASSIGN_MAX, sizeof(*recheck->picked));
	recheck->out = calloc(config->resolvers->count, sizeof(*recheck->out));
	recheck->assign = (struct assign){.seed = config->seed,
					  .resolvers = (uint32_t)config->resolvers->count,
					  .out = recheck->out};
	if (recheck->pairs != NULL && recheck->free_pairs != NULL && recheck->picked != NULL &&
	    recheck->out != NULL && create_engine(recheck)) {
		for (uint32_t i = 0; i < pairs; i++)
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
	recheck_forget_all(recheck);
}

void recheck_destroy(struct recheck **recheck)
{
	struct recheck *r = *recheck;

	if (r == NULL)
		return;
	recheck_forget_all(r);
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
