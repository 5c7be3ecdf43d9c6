/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/scan/workers.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "io/clock.h"

/* Over so long it is looked how busy they are: some hundred turns. */
#define LOOK_NS (200 * NS_PER_MS)
/* So long the others may take to make room; where dead servers hold the window for longer, they go
 * on as before, and it is tried again later. */
#define ROOM_NS (500 * NS_PER_MS)
#define REST_NS (5 * NS_PER_S)
/* So many IDs of a port are in use at the most: the others are what makes one hard to guess, and
 * soon found. */
#define PORT_FILL 16384
/* ... and so much of the window is enough for anyone: each has memory for its part. */
#define WINDOW_MOST 131072

#define LOAD(counter) atomic_load_explicit(&(counter), memory_order_relaxed)

struct workers {
	struct workers_config config;
	_Atomic uint32_t sharers; /* count, or as many as there will be once the others make room */
	_Atomic int count;
	struct worker **list;
	int64_t looked_ns, cpu_ns; /* when they were looked at last, and what they had used */
	int64_t asked_ns;	   /* when they were asked to make room */
	int64_t rest_until_ns;	   /* no more are wanted before */
};

bool workers_are_busy(int64_t cpu_ns, int64_t time_ns, int count, int busy)
{
	return cpu_ns > time_ns / 100 * busy * count;
}

int workers_first(uint32_t window, int64_t ports, int64_t sets, int most)
{
	int64_t each = ports * sets * PORT_FILL;
	int64_t first;

	if (each > WINDOW_MOST)
		each = WINDOW_MOST;
	first = (window + each - 1) / each;
	return first < most ? (int)first : most;
}

static uint32_t in_flight(const struct worker *worker)
{
	return (uint32_t)LOAD(worker_counters(worker)->in_flight);
}

/* Nobody has more in flight than its part of the window. */
static bool have_made_room(const struct workers *workers)
{
	uint32_t sharers = LOAD(workers->sharers);

	for (int i = 0; i < workers_count(workers); i++)
		if (in_flight(workers->list[i]) >
		    worker_window(workers->config.shared.window, sharers, (uint32_t)i))
			return false;
	return true;
}

static int64_t cpu_of_all(const struct workers *workers)
{
	int64_t cpu_ns = 0;

	for (int i = 0; i < workers_count(workers); i++)
		cpu_ns += worker_cpu_ns(workers->list[i]);
	return cpu_ns;
}

/* From here on it is looked how busy they are. */
static void begin_look(struct workers *workers, int64_t now_ns)
{
	workers->looked_ns = now_ns;
	workers->cpu_ns = cpu_of_all(workers);
}

/* As many as share the window. False: one of them could not be had, errno set. */
static bool take_on(struct workers *workers)
{
	while (workers_count(workers) < (int)LOAD(workers->sharers)) {
		int number = workers_count(workers);

		workers->list[number] = worker_create(&workers->config.shared, number);
		if (workers->list[number] == NULL)
			return false;
		atomic_store_explicit(&workers->count, number + 1, memory_order_release);
	}
	return true;
}

struct workers *workers_create(const struct workers_config *config)
{
	const struct worker_shared *shared = &config->shared;
	struct workers *workers = calloc(1, sizeof(*workers));
	int error;

	assert(config->first >= 1 && config->first <= config->most);
	assert((uint32_t)config->most <= shared->window);
	if (workers == NULL)
		return NULL;
	workers->config = *config;
	workers->config.shared.sharers = &workers->sharers;
	atomic_init(&workers->sharers, (uint32_t)config->first);
	workers->list = calloc((size_t)config->most, sizeof(struct worker *));
	if (workers->list != NULL && take_on(workers)) {
		begin_look(workers, clock_mono_ns());
		return workers;
	}
	error = errno;
	atomic_store(shared->stop, true);
	atomic_store(shared->abandon, true);
	workers_join(workers);
	workers_destroy(&workers);
	errno = error;
	return NULL;
}

static void share_among(struct workers *workers, int count)
{
	atomic_store(&workers->sharers, (uint32_t)count);
}

/* More are to come: as soon as there is room for them. */
static void await_room(struct workers *workers, int64_t now_ns)
{
	if (have_made_room(workers)) {
		if (!take_on(workers)) {
			workers->config.most = workers_count(workers);
			share_among(workers, workers_count(workers));
		}
		begin_look(workers, clock_mono_ns());
	} else if (now_ns - workers->asked_ns > ROOM_NS) {
		share_among(workers, workers_count(workers));
		workers->rest_until_ns = now_ns + REST_NS;
	}
}

void workers_tend(struct workers *workers)
{
	int64_t now_ns = clock_mono_ns(), time_ns = now_ns - workers->looked_ns;
	int count = workers_count(workers), more = count + 1 + count / 2;

	if (LOAD(*workers->config.shared.stop))
		return;
	if (LOAD(workers->sharers) > (uint32_t)count) {
		await_room(workers, now_ns);
		return;
	}
	if (count == workers->config.most || time_ns < LOOK_NS)
		return;
	if (now_ns > workers->rest_until_ns &&
	    workers_are_busy(cpu_of_all(workers) - workers->cpu_ns, time_ns, count,
			     workers->config.busy)) {
		share_among(workers, more < workers->config.most ? more : workers->config.most);
		workers->asked_ns = now_ns;
	}
	begin_look(workers, now_ns);
}

int workers_count(const struct workers *workers)
{
	return atomic_load_explicit(&workers->count, memory_order_acquire);
}

struct worker *workers_at(const struct workers *workers, int number)
{
	assert(number < workers_count(workers));
	return workers->list[number];
}

void workers_pulse(const struct workers *workers, uint64_t *answered, uint64_t *flying)
{
	*answered = *flying = 0;
	for (int i = 0; i < workers_count(workers); i++) {
		*answered += LOAD(worker_engine_counters(workers->list[i])->answered);
		*flying += in_flight(workers->list[i]);
	}
}

bool workers_ended(const struct workers *workers)
{
	for (int i = 0; i < workers_count(workers); i++)
		if (!worker_ended(workers->list[i]))
			return false;
	return true;
}

void workers_join(struct workers *workers)
{
	for (int i = 0; i < workers_count(workers); i++)
		worker_join(workers->list[i]);
}

void workers_destroy(struct workers **workers)
{
	struct workers *w = *workers;

	if (w == NULL)
		return;
	for (int i = 0; i < workers_count(w); i++)
		worker_destroy(&w->list[i]);
	free(w->list);
	free(w);
	*workers = NULL;
}
