/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/ask/lookout.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdlib.h>

#include "io/clock.h"
#include "io/confine.h"
#include "scanner/ask/pair.h"

#define LOOK_NS (100 * NS_PER_MS)
#define WAIT_NS (3 * NS_PER_S) /* for the answer to a probe, beside the time it usually takes */
#define WINDOW	(16 * LOOKOUT_PROBED)
#define TYPE_NS 2

struct lookout {
	struct lookout_config config;
	pthread_t thread;
	bool started;
	_Atomic bool closed;
	_Atomic int state; /* enum outage_state */
	_Atomic int doubts;
	_Atomic int64_t silent_ns; /* since when nobody is heard; 0: somebody is */
	struct troubles *troubles; /* of the network, as if it were one resolver */
	/* the thread's own */
	struct event_base *base;
	struct engine *engine;
	int64_t rtt_ns; /* in which somebody is to be heard */
	struct outage outage;
	uint64_t answered;
	bool heard;  /* a probe came back */
	size_t next; /* whom to probe next */
};

/* ---- probes ---- */

static void probe_done(void *owner, uintptr_t tag, const struct asked *asked)
{
	struct lookout *lookout = owner;

	(void)tag;
	if (asked->outcome != OUTCOME_TIMEOUT && asked->outcome != OUTCOME_UNREACHABLE)
		lookout->heard = true;
}

/* What it has at hand. */
static struct question easy_question(const struct lookout *lookout, size_t resolver)
{
	static const uint8_t root[1] = {0};
	const struct controls *controls = lookout->config.controls;

	for (size_t i = 0; controls != NULL && i < controls->count; i++) {
		const struct control *control = &controls->list[i];

		if (control->kind != CONTROL_BOGUS && control->kind != CONTROL_FILTERED &&
		    lookout->config.rcodes[resolver * controls->count + i] == RCODE_NOERROR)
			return (struct question){control->qname, control->qname_len, CONTROL_QTYPE};
	}
	return (struct question){.qname = root, .qname_len = 1, .qtype = TYPE_NS};
}

static void probe(struct lookout *lookout, size_t resolver)
{
	struct question question = easy_question(lookout, resolver);
	unsigned what = PAIR_ASK_NORMAL | resolver_ask(&lookout->config.resolvers->list[resolver]);

	pace_charge(lookout->config.pace, 1);
	engine_ask(lookout->engine, (int32_t)resolver, &question, what, 0, probe_done, lookout, 0);
}

static void probe_some(struct lookout *lookout)
{
	const struct lookout_config *config = &lookout->config;
	size_t count = config->resolvers->count;

	for (size_t n = 0, asked = 0; n < count && asked < LOOKOUT_PROBED; n++) {
		size_t r = lookout->next;

		lookout->next = (lookout->next + 1) % count;
		if (config->dropped[r] ||
		    atomic_load_explicit(&config->gone[r], memory_order_relaxed))
			continue;
		if (engine_room(lookout->engine) == 0)
			return;
		probe(lookout, r);
		asked++;
	}
}

/* ---- looks ---- */

static uint32_t to_ms(const struct lookout *lookout, int64_t ns)
{
	int64_t since_ns = ns - lookout->config.start_ns;

	return since_ns < 0 ? 0 : (uint32_t)(since_ns / NS_PER_MS);
}

static void look(struct lookout *lookout, int64_t now_ns)
{
	uint64_t answered, in_flight;
	struct outage_look look = {.now_ns = now_ns};
	struct outage_verdict verdict;

	lookout->config.pulse(lookout->config.owner, &answered, &in_flight);
	look.heard = lookout->heard || answered != lookout->answered;
	look.waiting = in_flight > 0 || atomic_load(&lookout->doubts) > 0;
	lookout->answered = answered;
	lookout->heard = false;
	verdict = outage_look(&lookout->outage, &look);
	if (verdict.lost)
		troubles_add(lookout->troubles, 0, to_ms(lookout, verdict.from_ns),
			     to_ms(lookout, verdict.until_ns));
	troubles_are_known(lookout->troubles, to_ms(lookout, verdict.known_ns));
	atomic_store(&lookout->silent_ns,
		     lookout->outage.state == OUTAGE_SILENT ? lookout->outage.heard_ns : 0);
	atomic_store(&lookout->state, (int)lookout->outage.state);
	if (verdict.probe)
		probe_some(lookout);
}

static void *lookout_main(void *arg)
{
	struct lookout *lookout = arg;
	int64_t next_ns = 0;

	(void)confine_thread();
	outage_init(&lookout->outage, lookout->rtt_ns, clock_mono_ns());
	while (!atomic_load(&lookout->closed)) {
		int64_t now_ns = clock_mono_ns();

		engine_turn(lookout->engine, next_ns > now_ns ? next_ns - now_ns : 0);
		now_ns = clock_mono_ns();
		if (now_ns < next_ns)
			continue;
		look(lookout, now_ns);
		next_ns = now_ns + LOOK_NS;
	}
	return NULL;
}

/* ---- the lookout ---- */

/* Twice what the quickest one takes. */
static int64_t usual_ns(const struct lookout_config *config)
{
	int64_t least_us = -1;

	for (size_t r = 0; r < config->resolvers->count; r++) {
		int64_t rtt_us = config->dropped[r] ? -1 : config->calibrations[r].median_rtt_us;

		if (rtt_us >= 0 && (least_us < 0 || rtt_us < least_us))
			least_us = rtt_us;
	}
	return least_us < 0 ? 0 : 2 * least_us * NS_PER_US;
}

static bool create_engine(struct lookout *lookout)
{
	const struct resolvers *resolvers = lookout->config.resolvers;
	struct patience patience = patience_make(1, WAIT_NS + lookout->rtt_ns);
	struct engine_config config = {
		.window = WINDOW,
		.patience = &patience,
		.patience_count = 1,
		.sources = lookout->config.sources,
		.source_count = lookout->config.source_count,
		.ports = 1,
		.connections = 1,
	};

	lookout->base = event_base_new();
	if (lookout->base == NULL)
		return false;
	config.base = lookout->base;
	lookout->engine = engine_create(&config);
	for (size_t r = 0; lookout->engine != NULL && r < resolvers->count; r++)
		if (resolver_destination(resolvers, r, lookout->engine, NULL, false) < 0)
			return false;
	return lookout->engine != NULL;
}

struct lookout *lookout_create(const struct lookout_config *config)
{
	struct lookout *lookout = calloc(1, sizeof(*lookout));

	if (lookout == NULL)
		return NULL;
	lookout->config = *config;
	lookout->rtt_ns = usual_ns(config);
	lookout->troubles = troubles_create(1);
	errno = ENOMEM;
	if (lookout->troubles == NULL || !create_engine(lookout)) {
		int error = errno;

		lookout_destroy(&lookout);
		errno = error;
	}
	return lookout;
}

int lookout_start(struct lookout *lookout)
{
	int error = pthread_create(&lookout->thread, NULL, lookout_main, lookout);

	lookout->started = error == 0;
	if (error == 0)
		pthread_setname_np(lookout->thread, "lookout");
	return -error;
}

void lookout_stop(struct lookout *lookout)
{
	atomic_store(&lookout->closed, true);
	if (lookout->started)
		pthread_join(lookout->thread, NULL);
	lookout->started = false;
}

void lookout_destroy(struct lookout **lookout)
{
	struct lookout *l = *lookout;

	if (l == NULL)
		return;
	engine_destroy(&l->engine);
	if (l->base != NULL)
		event_base_free(l->base);
	troubles_destroy(&l->troubles);
	free(l);
	*lookout = NULL;
}

/* ---- what everyone may know ---- */

bool lookout_silent(const struct lookout *lookout)
{
	return atomic_load_explicit(&lookout->state, memory_order_relaxed) == OUTAGE_SILENT;
}

bool lookout_doubts(const struct lookout *lookout)
{
	return atomic_load_explicit(&lookout->state, memory_order_relaxed) != OUTAGE_HEARD;
}

enum trouble lookout_between(const struct lookout *lookout, uint32_t from_ms, uint32_t until_ms)
{
	return troubles_between(lookout->troubles, 0, from_ms, until_ms);
}

void lookout_wait(struct lookout *lookout, int more)
{
	atomic_fetch_add_explicit(&lookout->doubts, more, memory_order_relaxed);
}

int64_t lookout_silence_ns(const struct lookout *lookout)
{
	int64_t since_ns = atomic_load(&lookout->silent_ns);

	return since_ns == 0 ? 0 : clock_mono_ns() - since_ns;
}

uint64_t lookout_total_ms(const struct lookout *lookout)
{
	return troubles_total_ms(lookout->troubles, 0);
}

const struct engine_counters *lookout_engine_counters(const struct lookout *lookout)
{
	return engine_counters(lookout->engine);
}
