/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/scan/crew.h"

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

struct crew {
	struct crew_config config;
	_Atomic uint32_t sharers; /* count, or as many as there will be once the others make room */
	_Atomic int count;
	struct worker **list;
	int64_t looked_ns, cpu_ns; /* when they were looked at last, and what they had used */
	int64_t asked_ns;	   /* when they were asked to make room */
	int64_t rest_until_ns;	   /* no more are wanted before */
};

bool crew_is_busy(int64_t cpu_ns, int64_t time_ns, int workers, int busy)
{
	return cpu_ns > time_ns / 100 * busy * workers;
}

int crew_first(uint32_t window, int64_t ports, int64_t sets, int most)
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
static bool have_made_room(const struct crew *crew)
{
	uint32_t sharers = LOAD(crew->sharers);

	for (int i = 0; i < crew_count(crew); i++)
		if (in_flight(crew->list[i]) >
		    worker_window(crew->config.shared.window, sharers, (uint32_t)i))
			return false;
	return true;
}

static int64_t cpu_of_all(const struct crew *crew)
{
	int64_t cpu_ns = 0;

	for (int i = 0; i < crew_count(crew); i++)
		cpu_ns += worker_cpu_ns(crew->list[i]);
	return cpu_ns;
}

/* From here on it is looked how busy they are. */
static void begin_look(struct crew *crew, int64_t now_ns)
{
	crew->looked_ns = now_ns;
	crew->cpu_ns = cpu_of_all(crew);
}

/* As many as share the window. False: one of them could not be had, errno set. */
static bool take_on(struct crew *crew)
{
	while (crew_count(crew) < (int)LOAD(crew->sharers)) {
		int number = crew_count(crew);

		crew->list[number] = worker_create(&crew->config.shared, number);
		if (crew->list[number] == NULL)
			return false;
		atomic_store_explicit(&crew->count, number + 1, memory_order_release);
	}
	return true;
}

struct crew *crew_create(const struct crew_config *config)
{
	const struct worker_shared *shared = &config->shared;
	struct crew *crew = calloc(1, sizeof(*crew));
	int error;

	assert(config->first >= 1 && config->first <= config->most);
	assert((uint32_t)config->most <= shared->window);
	if (crew == NULL)
		return NULL;
	crew->config = *config;
	crew->config.shared.sharers = &crew->sharers;
	atomic_init(&crew->sharers, (uint32_t)config->first);
	crew->list = calloc((size_t)config->most, sizeof(struct worker *));
	if (crew->list != NULL && take_on(crew)) {
		begin_look(crew, clock_mono_ns());
		return crew;
	}
	error = errno;
	atomic_store(shared->stop, true);
	atomic_store(shared->abandon, true);
	crew_join(crew);
	crew_destroy(&crew);
	errno = error;
	return NULL;
}

static void share_among(struct crew *crew, int workers)
{
	atomic_store(&crew->sharers, (uint32_t)workers);
}

/* More are to come: as soon as there is room for them. */
static void await_room(struct crew *crew, int64_t now_ns)
{
	if (have_made_room(crew)) {
		if (!take_on(crew)) {
			crew->config.most = crew_count(crew);
			share_among(crew, crew_count(crew));
		}
		begin_look(crew, clock_mono_ns());
	} else if (now_ns - crew->asked_ns > ROOM_NS) {
		share_among(crew, crew_count(crew));
		crew->rest_until_ns = now_ns + REST_NS;
	}
}

void crew_tend(struct crew *crew)
{
	int64_t now_ns = clock_mono_ns(), time_ns = now_ns - crew->looked_ns;
	int count = crew_count(crew), more = count + 1 + count / 2;

	if (LOAD(*crew->config.shared.stop))
		return;
	if (LOAD(crew->sharers) > (uint32_t)count) {
		await_room(crew, now_ns);
		return;
	}
	if (count == crew->config.most || time_ns < LOOK_NS)
		return;
	if (now_ns > crew->rest_until_ns &&
	    crew_is_busy(cpu_of_all(crew) - crew->cpu_ns, time_ns, count, crew->config.busy)) {
		share_among(crew, more < crew->config.most ? more : crew->config.most);
		crew->asked_ns = now_ns;
	}
	begin_look(crew, now_ns);
}

int crew_count(const struct crew *crew)
{
	return atomic_load_explicit(&crew->count, memory_order_acquire);
}

struct worker *crew_worker(const struct crew *crew, int number)
{
	assert(number < crew_count(crew));
	return crew->list[number];
}

void crew_pulse(const struct crew *crew, uint64_t *answered, uint64_t *flying)
{
	*answered = *flying = 0;
	for (int i = 0; i < crew_count(crew); i++) {
		*answered += LOAD(worker_engine_counters(crew->list[i])->answered);
		*flying += in_flight(crew->list[i]);
	}
}

bool crew_ended(const struct crew *crew)
{
	for (int i = 0; i < crew_count(crew); i++)
		if (!worker_ended(crew->list[i]))
			return false;
	return true;
}

void crew_join(struct crew *crew)
{
	for (int i = 0; i < crew_count(crew); i++)
		worker_join(crew->list[i]);
}

void crew_destroy(struct crew **crew)
{
	struct crew *c = *crew;

	if (c == NULL)
		return;
	for (int i = 0; i < crew_count(c); i++)
		worker_destroy(&c->list[i]);
	free(c->list);
	free(c);
	*crew = NULL;
}
