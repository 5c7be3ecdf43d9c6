/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/scan/worker.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/clock.h"
#include "io/confine.h"
#include "io/large.h"
#include "scanner/scan/assign.h"
#include "scanner/scan/worker_inner.h"

/* A block that is not full goes to the writer after this long, so that the files grow while the
 * scan crawls. */
#define BLOCK_AGE_NS (2 * NS_PER_S)
/* How long to wait for the network when there is nothing to do but to look for names. */
#define IDLE_NS (5 * NS_PER_MS)
/* New pairs start in runs of so many for one resolver, so that trains form; a share of the window
 * holds two runs at least, and with thousands of resolvers only some of them are asked at a time. */
#define RUN_MAX 32

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

	(void)confine_thread();
	while (!finished(worker)) {
		worker->wall_ms = clock_wall_ns() / NS_PER_MS;
		worker->now_ms =
			(uint32_t)((engine_now_ns(worker->engine) - worker->shared.start_ns) /
				   NS_PER_MS);
		worker_divide(worker);
		worker_close_held(worker);
		worker_fill(worker);
		engine_turn(worker->engine, IDLE_NS);
		atomic_store_explicit(&worker->counters.in_flight, engine_in_flight(worker->engine),
				      memory_order_relaxed);
		if (worker->block != NULL &&
		    engine_now_ns(worker->engine) - worker->block_ns > BLOCK_AGE_NS)
			worker_hand_over(worker);
	}
	worker->abandoned = true;
	engine_give_up(worker->engine);
	worker_close_held(worker);
	worker_hand_over(worker);
	atomic_store(&worker->ended, true);
	return NULL;
}

static bool create_engine(struct worker *worker)
{
	const struct options *options = worker->shared.options;
	struct event_config *config = event_config_new();
	struct engine_config engine = {
		.window = worker->most,
		.pace = worker->shared.pace,
		.patience = &worker->shared.patience,
		.patience_count = 1,
		.ports = (int)options->ports,
		.sources = options->sources,
		.source_count = options->source_count,
		.connections = (int)options->connections,
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
		if (resolver_destination(worker->shared.resolvers, r, worker->engine,
					 &worker->shared.resolver_paces[r],
					 worker->shared.connect &&
						 worker->shared.calibrations[r].same_address ==
							 TRI_YES) < 0)
			return false;
	return worker->engine != NULL;
}

uint32_t worker_window(uint32_t window, uint32_t sharers, uint32_t number)
{
	return window / sharers + (number < window % sharers ? 1 : 0);
}

/* How much of the window a resolver has. */
static void divide_share(struct worker *worker)
{
	uint32_t resolvers = (uint32_t)worker->shared.resolvers->count, window = worker->window;

	worker->share = (window + resolvers - 1) / resolvers;
	if (worker->share < 2 * RUN_MAX)
		worker->share = window < 2 * RUN_MAX ? window : 2 * RUN_MAX;
	worker->run = (worker->share + 1) / 2 < RUN_MAX ? (worker->share + 1) / 2 : RUN_MAX;
}

int worker_connections(int64_t connections, int64_t sharers)
{
	return (int)(connections > sharers ? connections / sharers : 1);
}

static void divide_connections(struct worker *worker)
{
	int64_t all = worker->shared.options->connections;

	if (worker->engine != NULL)
		engine_limit_connections(worker->engine, worker_connections(all, worker->sharers));
}

void worker_divide(struct worker *worker)
{
	uint32_t sharers = atomic_load_explicit(worker->shared.sharers, memory_order_relaxed);

	if (sharers == worker->sharers)
		return;
	worker->sharers = sharers;
	worker->window = worker_window(worker->shared.window, sharers, worker->number);
	if (worker->most == 0)
		worker->most = worker->window;
	if (worker->window > worker->most)
		worker->window = worker->most;
	divide_share(worker);
	agenda_divide(worker->agenda, sharers);
	divide_connections(worker);
}

static void nothing_to_do(void *owner, struct batch *batch, struct batch_name *name)
{
	worker_end_name(owner, batch, name);
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

static bool create_pairs(struct worker *worker)
{
	uint32_t pairs = held_room(worker->most);

	worker->pairs = large_alloc(pairs * sizeof(*worker->pairs));
	worker->free_pairs = calloc(pairs, sizeof(*worker->free_pairs));
	if (worker->pairs == NULL || worker->free_pairs == NULL)
		return false;
	for (uint32_t i = 0; i < pairs; i++)
		worker->free_pairs[worker->free_count++] = i;
	return true;
}

struct worker *worker_create(const struct worker_shared *shared, int number)
{
	struct worker *worker = aligned_alloc(64, (sizeof(*worker) + 63) / 64 * 64);
	size_t count = shared->resolvers->count;
	char name[16];
	int error;

	if (worker == NULL)
		return NULL;
	memset(worker, 0, sizeof(*worker));
	worker->shared = *shared;
	worker->number = (uint32_t)number;
	worker->held = (struct held){.lookout = shared->lookout, .troubles = shared->troubles};
	csv_writer_init(&worker->csv);
	worker->meters = meters_of(shared->meters, (size_t)number);
	worker->picked = calloc(count + ASSIGN_MAX, sizeof(*worker->picked));
	errno = ENOMEM;
	if (worker->picked == NULL || !create_agenda(worker)) {
		worker_destroy(&worker);
		return NULL;
	}
	worker_divide(worker);
	if (!create_pairs(worker) || !create_engine(worker)) {
		worker_destroy(&worker);
		return NULL;
	}
	divide_connections(worker);
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

int64_t worker_cpu_ns(const struct worker *worker)
{
	struct timespec used;
	clockid_t clock;

	if (worker_ended(worker) || pthread_getcpuclockid(worker->thread, &clock) != 0 ||
	    clock_gettime(clock, &used) != 0)
		return 0;
	return used.tv_sec * NS_PER_S + used.tv_nsec;
}

bool worker_ended(const struct worker *worker)
{
	return atomic_load(&worker->ended);
}

uint64_t worker_rows_lost(const struct worker *worker)
{
	return atomic_load(&worker->rows_lost);
}
