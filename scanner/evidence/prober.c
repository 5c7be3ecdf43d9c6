/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/evidence/prober_inside.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "io/clock.h"
#include "io/confine.h"
#include "scanner/evidence/delegation.h"
#include "scanner/lists/glue.h"

#define WINDOW	     4096
#define BUSY_NS	     (30 * NS_PER_MS) /* the longest turn while names are looked into */
#define IDLE_NS	     (50 * NS_PER_MS) /* ... and while there are none */
#define BLOCK_AGE_NS (2 * NS_PER_S)

/* ---- names ---- */

static void done(struct job *job, const void *value)
{
	struct inquiry *inquiry = job->owner;
	struct prober *prober = inquiry->prober;

	if (job->out_of_memory) {
		prober_skip(prober, inquiry->suspect, NO_MEMORY);
	} else {
		prober_tell(prober, inquiry->suspect, job, value);
		suspect_forget(inquiry->suspect);
	}
	free(inquiry->delegation);
	*inquiry->back = inquiry->next;
	if (inquiry->next != NULL)
		inquiry->next->back = inquiry->back;
	prober->inquiry_count--;
	free(inquiry);
}
/* NULL: none that is understood. */
static struct delegation *delegation_of(const struct suspect *suspect)
{
	struct delegation *delegation =
		suspect->records != NULL ? malloc(sizeof(*delegation)) : NULL;

	if (delegation != NULL &&
	    delegation_read(delegation, suspect->records, suspect->records_len))
		return delegation;
	free(delegation);
	return NULL;
}

static void start(struct prober *prober, struct suspect *suspect)
{
	struct inquiry *inquiry = calloc(1, sizeof(*inquiry));
	struct chain_budget work = chain_budget_default();
	struct fact_key key = account_key(suspect->qname, suspect->qtype);

	if (inquiry == NULL) {
		prober_skip(prober, suspect, NO_MEMORY);
		return;
	}
	inquiry->delegation = delegation_of(suspect);
	inquiry->job = (struct job){
		.number = ++prober->number,
		.deadline_ns = asker_now_ns(prober->asker) + PROBER_DEADLINE_NS,
		.probes_left = PROBER_PROBES,
		.facts_left = PROBER_FACTS,
		.octets_left = PROBER_MESSAGES,
		.work = {.signatures = work.signatures * PROBER_LINKS,
			 .hashes = work.hashes * PROBER_LINKS},
		.failing = suspect->what & SUSPECT_FAILING,
		.fetchable = suspect->what & SUSPECT_FETCHABLE,
		.delegation = inquiry->delegation,
		.delegated = suspect->qname,
		.owner = inquiry,
	};
	inquiry->suspect = suspect;
	inquiry->prober = prober;
	if (!facts_start(prober->young, &inquiry->job, &key)) {
		prober_skip(prober, suspect, NO_MEMORY);
		free(inquiry->delegation);
		free(inquiry);
		return;
	}
	inquiry->next = prober->inquiries;
	inquiry->back = &prober->inquiries;
	if (inquiry->next != NULL)
		inquiry->next->back = &inquiry->next;
	prober->inquiries = inquiry;
	prober->inquiry_count++;
}

/* ---- facts ---- */

static struct facts *make_facts(struct prober *prober)
{
	struct facts_config config = {.kinds = fact_kinds,
				      .world = (void *)(uintptr_t)asker_world(prober->asker),
				      .done = done,
				      .octets_max = 2 * PROBER_OCTETS};

	return facts_create(&config);
}

/* A full generation only finishes its names. False: no new names now. */
static bool has_room(struct prober *prober)
{
	if (prober->old != NULL && facts_jobs(prober->old) == 0)
		facts_destroy(&prober->old);
	if (facts_octets(prober->young) < PROBER_OCTETS)
		return true;
	if (prober->old != NULL)
		return false;
	prober->old = prober->young;
	prober->young = make_facts(prober);
	if (prober->young != NULL)
		return true;
	prober->young = prober->old;
	prober->old = NULL;
	return false;
}

/* How many names may be looked into from now on, till the next turn. */
static unsigned jobs_allowed(const struct prober *prober)
{
	unsigned count = prober->inquiry_count;

	if (count < PROBER_JOBS)
		return PROBER_JOBS;
	if (!asker_is_idle(prober->asker) || count + PROBER_JOBS_STEP > PROBER_JOBS_MOST)
		return count;
	return count + PROBER_JOBS_STEP;
}

static void take_suspects(struct prober *prober)
{
	unsigned allowed = jobs_allowed(prober);
	bool end = false;

	if (prober->config.glue != NULL && !glue_ready(prober->config.glue))
		return;
	while (prober->inquiry_count < allowed && has_room(prober) &&
	       !writer_busy(prober->config.writer) && !asker_is_cut_off(prober->asker)) {
		struct suspect *suspect = queue_try_take(prober->suspects, &end);

		if (suspect == NULL)
			break;
		start(prober, suspect);
	}
	prober->closed = end;
}

static void run_facts(struct prober *prober)
{
	int64_t now_ns = asker_now_ns(prober->asker), wall_s = clock_wall_ns() / NS_PER_S;

	facts_run(prober->young, now_ns, wall_s);
	if (prober->old != NULL)
		facts_run(prober->old, now_ns, wall_s);
}

/* ---- the end ---- */

/* After a stop: a resumed run gathers anew what is written from now on. */
static void begin_last_words(struct prober *prober)
{
	if (!atomic_load(prober->config.stop) || prober->last_words)
		return;
	prober_flush(prober, &prober->block);
	prober->last_words = true;
}

/* No time is left: nothing new is asked, what waits gets a row each. */
static void cut_short(struct prober *prober)
{
	struct suspect *suspect;

	begin_last_words(prober);
	while ((suspect = queue_try_take(prober->suspects, &prober->closed)) != NULL)
		prober_skip(prober, suspect, NO_TIME);
	for (struct inquiry *inquiry = prober->inquiries; inquiry != NULL; inquiry = inquiry->next)
		inquiry->job.deadline_ns = 0;
}

static void abandon(struct prober *prober)
{
	cut_short(prober);
	while (prober->inquiries != NULL) {
		asker_give_up(prober->asker);
		run_facts(prober);
	}
}

/* Nobody can be blamed for time that goes by while nobody is heard. */
static void mind_the_time(struct prober *prober)
{
	int64_t now_ns = asker_now_ns(prober->asker), gone_ns = now_ns - prober->minded_ns;

	prober->minded_ns = now_ns;
	if (!asker_is_cut_off(prober->asker))
		return;
	for (struct inquiry *inquiry = prober->inquiries; inquiry != NULL; inquiry = inquiry->next)
		inquiry->job.deadline_ns += gone_ns;
	if (prober->tail_ns != INT64_MAX)
		prober->tail_ns += gone_ns;
}

static bool out_of_patience(struct prober *prober)
{
	int64_t now_ns = asker_now_ns(prober->asker);

	if (atomic_load(prober->config.stop))
		return true;
	if (!atomic_load(&prober->closing))
		return false;
	if (prober->tail_ns == INT64_MAX)
		prober->tail_ns = now_ns + PROBER_TAIL_NS;
	return now_ns > prober->tail_ns;
}

static void *prober_main(void *arg)
{
	struct prober *prober = arg;
	struct rusage usage;

	(void)confine_thread();
	prober->minded_ns = asker_now_ns(prober->asker);
	for (;;) {
		if (atomic_load(prober->config.abandon)) {
			abandon(prober);
			break;
		}
		mind_the_time(prober);
		if (out_of_patience(prober))
			cut_short(prober);
		else
			take_suspects(prober);
		run_facts(prober);
		if (prober->inquiries == NULL &&
		    (prober->closed || atomic_load(prober->config.stop)))
			break;
		asker_turn(prober->asker, prober->inquiries != NULL ? BUSY_NS : IDLE_NS);
		atomic_store_explicit(&prober->counters.probes, asker_sent(prober->asker),
				      memory_order_relaxed);
		atomic_store_explicit(&prober->counters.blind, !asker_sees(prober->asker),
				      memory_order_relaxed);
		if (prober->block != NULL &&
		    asker_now_ns(prober->asker) - prober->block_ns > BLOCK_AGE_NS)
			prober_flush(prober, &prober->block);
	}
	prober_flush(prober, &prober->block);
	if (getrusage(RUSAGE_THREAD, &usage) == 0)
		atomic_store(&prober->counters.cpu_us,
			     (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
				     (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec));
	atomic_store(&prober->ended, true);
	return NULL;
}

/* ---- the prober ---- */

static bool create_asker(struct prober *prober)
{
	struct event_config *config = event_config_new();
	struct asker_config asker = {
		.window = WINDOW,
		.pace = prober->config.pace,
		.lookout = prober->config.lookout,
		.server_qps = prober->config.server_qps,
		.hints = prober->config.hints,
		.exclude = prober->config.exclude,
		.port = prober->config.port,
		.glue = prober->config.glue,
		.sources = prober->config.sources,
		.source_count = prober->config.source_count,
		.relays = prober->config.relays,
		.relay_count = prober->config.relay_count,
	};

	if (config == NULL)
		return false;
	event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
	event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
	prober->base = event_base_new_with_config(config);
	event_config_free(config);
	if (prober->base == NULL)
		return false;
	asker.base = prober->base;
	prober->asker = asker_create(&asker);
	return prober->asker != NULL;
}

struct prober *prober_create(const struct prober_config *config)
{
	struct prober *prober = calloc(1, sizeof(*prober));
	int error = ENOMEM;

	if (prober == NULL)
		return NULL;
	prober->config = *config;
	prober->tail_ns = INT64_MAX;
	pthread_mutex_init(&prober->refused_lock, NULL);
	prober->suspects = queue_create(PROBER_QUEUE);
	if (prober->suspects != NULL && create_asker(prober)) {
		prober->young = make_facts(prober);
		error = prober->young == NULL
				? ENOMEM
				: pthread_create(&prober->thread, NULL, prober_main, prober);
		prober->started = error == 0;
	}
	if (error != 0) {
		prober_destroy(&prober);
		errno = error;
		return NULL;
	}
	pthread_setname_np(prober->thread, "evidence");
	return prober;
}

void prober_close(struct prober *prober)
{
	atomic_store(&prober->closing, true);
	queue_close(prober->suspects);
}

bool prober_ended(const struct prober *prober)
{
	return atomic_load(&prober->ended);
}

void prober_join(struct prober *prober)
{
	struct suspect *suspect;

	if (prober->started)
		pthread_join(prober->thread, NULL);
	prober->started = false;
	begin_last_words(prober);
	prober_flush(prober, &prober->refused);
	/* what workers put there after a stop */
	while ((suspect = queue_try_take(prober->suspects, NULL)) != NULL)
		prober_skip(prober, suspect, NO_TIME);
	prober_flush(prober, &prober->block);
}

void prober_destroy(struct prober **prober)
{
	struct prober *p = *prober;

	if (p == NULL)
		return;
	facts_destroy(&p->old);
	facts_destroy(&p->young);
	asker_destroy(&p->asker);
	if (p->base != NULL)
		event_base_free(p->base);
	queue_destroy(&p->suspects);
	pthread_mutex_destroy(&p->refused_lock);
	buf_free(&p->rows);
	free(p->block);
	free(p->refused);
	free(p);
	*prober = NULL;
}

const struct prober_counters *prober_counters(const struct prober *prober)
{
	return &prober->counters;
}
