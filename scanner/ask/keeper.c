/* SPDX-License-Identifier: BSD-2-Clause */

#include <errno.h>
#include <event2/event.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/confine.h"
#include "scanner/ask/keeper_inside.h"
#include "scanner/ask/subject.h"

#define LOOK_NS (200 * NS_PER_MS)
/* Controls in flight, to all resolvers. */
#define WINDOW 4096
#define PORTS  4
/* A control comes at once, being in the cache, or it is lost; far resolvers have more time, and slow
 * ones are waited for: they do serve. */
#define WAIT_NS	     (500 * NS_PER_MS)
#define WAIT_FAR_NS  (3 * NS_PER_S)
#define WAIT_RTTS    5
#define WAIT_MOST_NS (15 * NS_PER_S)
#define WAIT_MORE_NS (1 * NS_PER_S) /* than twice the time it takes */
/* Each for as long as it has to be: what the quick ones lose is known at once, beside slow ones. */
#define WAITS 4
static const int64_t waits_ns[WAITS] = {WAIT_NS, WAIT_FAR_NS / 2, WAIT_FAR_NS, WAIT_MOST_NS};
/* Later than that, in addition to twice what nine in ten took before the scan, it has waited in a
 * queue. */
#define LATE_NS (200 * NS_PER_MS)
/* Of how long ago all is known: a control sent a little later has come or is lost. */
#define KNOWN_NS(wait) ((wait) + (WRONG_BEFORE_MS + 200) * NS_PER_MS)
#define TROUBLE_MAX_NS (30 * NS_PER_S)
/* Given up: none of so many controls answered for so long, by a resolver that others outlive. */
#define GONE_NS	      (30 * NS_PER_S)
#define GONE_CONTROLS 15

/* ---- looks ---- */

static void set_rate(struct ward *ward)
{
	if (ward->rate == ward->governor.rate)
		return;
	ward->rate = ward->governor.rate;
	pace_set_rate(&ward->keeper->config.resolver_paces[ward->number], ward->rate);
}

static void look_at(struct ward *ward, int64_t now_ns)
{
	struct keeper *keeper = ward->keeper;
	struct meter_sum sum = meters_sum(keeper->config.meters, (size_t)ward->number),
			 *before = &ward->before;
	struct governor_look look = {
		.now_ns = now_ns,
		.sent = sum.sent - before->sent,
		.answered = sum.answered - before->answered,
		.worked = sum.worked - before->worked,
		.waiting = sum.waiting - before->waiting,
	};
	int64_t since_ns;

	*before = sum;
	if (governor_look(&ward->governor, &look, &since_ns)) {
		if (since_ns < now_ns - TROUBLE_MAX_NS)
			since_ns = now_ns - TROUBLE_MAX_NS;
		troubles_add(keeper->config.troubles, (size_t)ward->number,
			     keeper_ms(keeper, since_ns - LOOK_NS), keeper_ms(keeper, now_ns));
	}
	set_rate(ward);
	for (unsigned n = governor_controls(&ward->governor);
	     n > 0 && engine_room(keeper->engine) > 0; n--)
		keeper_ask_control(ward);
}

static bool is_dark(const struct ward *ward, int64_t now_ns)
{
	/* A single control that went bad is no proof. */
	return ward->dark_ns != 0 && now_ns - ward->dark_ns > GONE_NS &&
	       ward->dark_controls >= GONE_CONTROLS &&
	       (ward->used_count > 1 || ward->failed == ward->lost);
}

/* Where all of them are dark, it is we who are cut off. */
static void give_up_dark(struct keeper *keeper, int64_t now_ns)
{
	bool light = false;

	for (size_t r = 0; r < keeper->count && !light; r++)
		light = keeper->wards[r].asked && !atomic_load(&keeper->config.gone[r]) &&
			keeper->wards[r].dark_ns == 0 && keeper->wards[r].controls > 0;
	for (size_t r = 0; r < keeper->count && light; r++)
		if (keeper->wards[r].asked && is_dark(&keeper->wards[r], now_ns))
			atomic_store(&keeper->config.gone[r], true);
}

/* Others may have changed their mind about the limit. */
static void take_limit(struct keeper *keeper)
{
	double most = atomic_load_explicit(&keeper->most, memory_order_relaxed);

	if (most == keeper->limit)
		return;
	keeper->limit = most;
	for (size_t r = 0; r < keeper->count; r++) {
		if (!keeper->wards[r].asked)
			continue;
		governor_limit(&keeper->wards[r].governor, most);
		set_rate(&keeper->wards[r]);
	}
}

/* What goes by while nobody is heard is held against nobody. A doubt alone cures nobody who was
 * dark before: where he is the last one with something to answer, it comes up every second. */
static void look_away(struct ward *ward)
{
	ward->before = meters_sum(ward->keeper->config.meters, (size_t)ward->number);
	if (!lookout_silent(ward->keeper->config.lookout))
		return;
	ward->dark_ns = 0;
	ward->dark_controls = 0;
}

static bool is_living(const struct keeper *keeper, size_t r)
{
	return keeper->wards[r].asked &&
	       !atomic_load_explicit(&keeper->config.gone[r], memory_order_relaxed);
}

static void look(struct keeper *keeper)
{
	int64_t now_ns = engine_now_ns(keeper->engine);
	unsigned slowed = 0;
	bool cut_off;

	take_limit(keeper);
	keeper->living = 0;
	for (size_t r = 0; r < keeper->count; r++)
		keeper->living += is_living(keeper, r);
	cut_off = keeper_is_cut_off(keeper);
	for (size_t r = 0; r < keeper->count; r++) {
		if (is_living(keeper, r) && cut_off)
			look_away(&keeper->wards[r]);
		else if (is_living(keeper, r))
			look_at(&keeper->wards[r], now_ns);
	}
	for (size_t r = 0; r < keeper->count; r++)
		slowed += keeper->wards[r].asked && !atomic_load(&keeper->config.gone[r]) &&
			  governor_is_slowed(&keeper->wards[r].governor);
	atomic_store_explicit(&keeper->slowed, slowed, memory_order_relaxed);
	give_up_dark(keeper, now_ns);
	troubles_are_known(keeper->config.troubles,
			   keeper_ms(keeper, now_ns - KNOWN_NS(keeper->wait_ns)));
	keeper->look_ns = now_ns + LOOK_NS;
}

/* ---- the thread ---- */

static void *keeper_main(void *arg)
{
	struct keeper *keeper = arg;

	(void)confine_thread();
	while (!atomic_load(&keeper->closed)) {
		int64_t left_ns = keeper->look_ns - engine_now_ns(keeper->engine);

		engine_turn(keeper->engine, left_ns > 0 ? left_ns : 0);
		if (engine_now_ns(keeper->engine) >= keeper->look_ns)
			look(keeper);
	}
	return NULL;
}

static bool create_engine(struct keeper *keeper)
{
	const struct resolvers *resolvers = keeper->config.resolvers;
	struct patience patience[WAITS];
	struct engine_config config = {
		.window = WINDOW,
		.patience = patience,
		.patience_count = WAITS,
		.ports = PORTS,
		.sources = keeper->config.sources,
		.source_count = keeper->config.source_count,
		.connections = keeper->config.connections,
		.keep_streams = true,
	};

	for (unsigned i = 0; i < WAITS; i++)
		patience[i] = patience_make(1, waits_ns[i]);
	keeper->base = event_base_new();
	if (keeper->base == NULL)
		return false;
	config.base = keeper->base;
	keeper->engine = engine_create(&config);
	for (size_t r = 0; keeper->engine != NULL && r < resolvers->count; r++)
		if (resolver_destination(resolvers, r, keeper->engine, NULL, false) < 0)
			return false;
	return keeper->engine != NULL;
}

/* Of its controls those that it has, and will keep, in its cache. */
static void choose_controls(struct ward *ward)
{
	const struct keeper_config *config = &ward->keeper->config;
	const int16_t *rcodes = &config->rcodes[(size_t)ward->number * config->controls->count];

	for (size_t i = 0; i < config->controls->count && ward->used_count < USED_MAX; i++) {
		enum control_kind kind = config->controls->list[i].kind;

		if (kind != CONTROL_BOGUS && kind != CONTROL_FILTERED &&
		    (rcodes[i] == RCODE_NOERROR || rcodes[i] == RCODE_NXDOMAIN))
			ward->used[ward->used_count++] = (uint8_t)i;
	}
	ward->asked = ward->used_count > 0 && !config->dropped[ward->number];
}

/* What was lost before the scan, and as much more as may have been chance. */
static double usual_loss(const struct calibration *found)
{
	double loss = found->loss_percent > 0 ? (double)found->loss_percent / 100 : 0;

	return loss + sqrt(loss * (1 - loss) / SUBJECT_SAMPLES_MAX);
}

/* How long to wait for what usually takes so long. */
static int64_t wait_for(int64_t rtt_ns)
{
	int64_t far_ns = WAIT_RTTS * rtt_ns < WAIT_FAR_NS ? WAIT_RTTS * rtt_ns : WAIT_FAR_NS;
	int64_t slow_ns = 2 * rtt_ns + WAIT_MORE_NS;
	int64_t wait_ns = slow_ns > WAIT_FAR_NS ? slow_ns : far_ns;

	return wait_ns < WAIT_MOST_NS ? wait_ns : WAIT_MOST_NS;
}

static void create_wards(struct keeper *keeper)
{
	const struct keeper_config *config = &keeper->config;

	keeper->wait_ns = WAIT_NS;
	for (size_t r = 0; r < keeper->count; r++) {
		struct ward *ward = &keeper->wards[r];
		const struct calibration *found = &config->calibrations[r];
		int64_t most_us =
			found->most_rtt_us > 0 ? found->most_rtt_us : found->median_rtt_us;
		int64_t most_ns = most_us > 0 ? most_us * NS_PER_US : 0;

		ward->keeper = keeper;
		ward->number = (int32_t)r;
		ward->late_ns = LATE_NS + 2 * most_ns;
		governor_init(&ward->governor, config->most, config->share, usual_loss(found),
			      config->start_ns);
		choose_controls(ward);
		if (!ward->asked)
			continue;
		set_rate(ward);
		while (waits_ns[ward->wait] < wait_for(most_ns))
			ward->wait++;
		if (keeper->wait_ns < waits_ns[ward->wait])
			keeper->wait_ns = waits_ns[ward->wait];
	}
}

struct keeper *keeper_create(const struct keeper_config *config)
{
	struct keeper *keeper = calloc(1, sizeof(*keeper));
	int error = ENOMEM;

	if (keeper == NULL)
		return NULL;
	keeper->config = *config;
	keeper->limit = config->most;
	atomic_init(&keeper->most, config->most);
	keeper->count = config->resolvers->count;
	keeper->wards = calloc(keeper->count, sizeof(*keeper->wards));
	if (keeper->wards != NULL) {
		create_wards(keeper);
		errno = ENOMEM;
		if (create_engine(keeper)) {
			error = pthread_create(&keeper->thread, NULL, keeper_main, keeper);
			keeper->started = error == 0;
		} else {
			error = errno;
		}
	}
	if (error != 0) {
		keeper_destroy(&keeper);
		errno = error;
		return NULL;
	}
	pthread_setname_np(keeper->thread, "keeper");
	return keeper;
}

void keeper_limit(struct keeper *keeper, double most)
{
	atomic_store_explicit(&keeper->most, most, memory_order_relaxed);
}

unsigned keeper_slowed(const struct keeper *keeper)
{
	return atomic_load_explicit(&keeper->slowed, memory_order_relaxed);
}

void keeper_close(struct keeper *keeper)
{
	atomic_store(&keeper->closed, true);
}

void keeper_join(struct keeper *keeper)
{
	if (keeper->started)
		pthread_join(keeper->thread, NULL);
	keeper->started = false;
}

void keeper_destroy(struct keeper **keeper)
{
	struct keeper *k = *keeper;

	if (k == NULL)
		return;
	engine_destroy(&k->engine);
	if (k->base != NULL)
		event_base_free(k->base);
	free(k->wards);
	free(k);
	*keeper = NULL;
}

/* ---- what came of it ---- */

static int by_value(const void *a, const void *b)
{
	const int32_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static int64_t median_us(const struct ward *ward)
{
	uint32_t count = ward->rtt_count < RTTS ? ward->rtt_count : RTTS;
	int32_t sorted[RTTS];

	if (count == 0)
		return -1;
	memcpy(sorted, ward->rtts_us, count * sizeof(sorted[0]));
	qsort(sorted, count, sizeof(sorted[0]), by_value);
	return sorted[count / 2];
}

static unsigned marks_of(const struct ward *ward, uint64_t overload_ms)
{
	unsigned marks = 0;

	if (overload_ms > 0)
		marks |= CALIBRATION_OVERLOAD;
	if (ward->governor.slowed)
		marks |= CALIBRATION_SLOWED;
	if (100 * ward->governor.loss >= SUBJECT_LOSSY_PERCENT)
		marks |= CALIBRATION_LOSSY;
	if (atomic_load(&ward->keeper->config.gone[ward->number]))
		marks |= CALIBRATION_DROPPED;
	return marks;
}

void keeper_tell(const struct keeper *keeper, struct calibration *during)
{
	for (size_t r = 0; r < keeper->count; r++) {
		const struct ward *ward = &keeper->wards[r];
		const char *text = keeper->config.resolvers->list[r].text;
		uint64_t overload_ms = troubles_total_ms(keeper->config.troubles, r);

		if (!ward->asked)
			continue;
		calibration_init(&during[r]);
		during[r].resolver = view_of(text);
		during[r].phase = PHASE_DURING;
		during[r].time_ms = clock_wall_ns() / NS_PER_MS;
		during[r].controls_asked = (int64_t)ward->controls;
		during[r].controls_failed = (int64_t)ward->failed;
		during[r].median_rtt_us = median_us(ward);
		during[r].rate_qps = llround(ward->governor.rate);
		during[r].overload_s = (int64_t)((overload_ms + 999) / 1000);
		during[r].marks = marks_of(ward, overload_ms);
		if (ward->controls == 0)
			continue;
		during[r].reachable = ward->lost < ward->controls ? TRI_YES : TRI_NO;
		during[r].loss_percent =
			(int64_t)((100 * ward->lost + ward->controls / 2) / ward->controls);
	}
}

const struct engine_counters *keeper_engine_counters(const struct keeper *keeper)
{
	return engine_counters(keeper->engine);
}
