/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/ask/governor.h"

#include <math.h>

#include "io/clock.h"

#define MOST_QPS 1e7

/* A control that the resolver has in its cache is hardly ever answered wrongly by chance; but a
 * moment's jolt is no limit, so more are asked at once, and a second one decides. */
#define WRONG_USUAL 0.01
#define WRONG_ALARM 1.5
/* Of those that stay out or come late, it depends on what the path loses. */
#define LOST_USUAL(loss) (0.05 + 1.5 * (loss))
#define LOST_ALARM(loss) (2.5 + 10 * (loss))
#define LOSS_MAX	 0.5
#define LOSS_WEIGHT	 0.05

/* How much is added: until it was too much for the first time, and later. */
#define STEP_FIRST 0.5
#define STEP_MOST  0.15
#define STEP_LEAST 0.03
/* A queue that has built up is drained at a fraction of the rate that is right, and nobody wonders
 * that answers come late then. */
#define DRAIN_SHARE 0.6
#define DRAIN_NS    (5 * NS_PER_S)
/* Evidence that a rate goes well: so many controls in so long a time, for large and for small
 * steps. */
#define FEW_CONTROLS  4
#define SOME_CONTROLS 10
#define SHORT_NS      (300 * NS_PER_MS)
#define LONG_NS	      (1 * NS_PER_S)
#define HELD_NS	      (2 * NS_PER_S)
#define SHORT_REST_NS (6 * NS_PER_S)
#define REST_NS	      (10 * NS_PER_S)
#define REST_MAX_NS   (60 * NS_PER_S)

/* Controls cost: one in so many queries while a rate is tried, and when it has been found good. */
#define TRYING_SHARE  0.05
#define RESTING_SHARE 0.01
#define DEBT	      8

void governor_init(struct governor *g, double most, double share, double loss, int64_t now_ns)
{
	*g = (struct governor){
		.most = most > 0 ? most : MOST_QPS,
		.step = STEP_FIRST,
		.look_ns = now_ns,
		.since_ns = now_ns,
		.rest_ns = REST_NS,
		.loss = fmin(loss, LOSS_MAX),
		.loss_now = fmin(loss, LOSS_MAX),
		.works = -1,
		.credit = FEW_CONTROLS,
	};
	g->first = GOVERNOR_START_QPS * share;
	g->rate = fmin(g->most, g->first);
	g->least = fmin(g->most, fmax(GOVERNOR_LEAST_QPS * share, 1));
}

void governor_limit(struct governor *g, double most)
{
	bool at_most = g->rate >= g->most;

	g->most = most > 0 ? most : MOST_QPS;
	g->least = fmin(g->most, g->least);
	/* Where nothing but the limit held it back, it begins as it would have begun. */
	g->rate = fmin(g->most, at_most ? fmax(g->rate, g->first) : g->rate);
}

bool governor_is_slowed(const struct governor *g)
{
	return g->overloaded || (g->slowed && g->rate < 0.9 * fmin(g->most, g->first));
}

/* ---- what is seen ---- */

static double add(double sum, double usual, bool bad)
{
	return fmax(0, sum + bad - usual);
}

void governor_control(struct governor *g, enum control_result result, int64_t sent_ns)
{
	bool missed = result == CONTROL_LOST || result == CONTROL_LATE;

	/* Of a higher rate it tells nothing of this one; of a lower one, only what is bad. */
	if (sent_ns < g->slowed_ns || (sent_ns < g->since_ns && result == CONTROL_FINE))
		return;
	g->controls += sent_ns >= g->since_ns;
	g->loss_now += (missed - g->loss_now) * LOSS_WEIGHT;
	if (missed && g->lost_sum <= 0)
		g->lost_since_ns = sent_ns;
	g->wrong_sum = add(g->wrong_sum, WRONG_USUAL, result == CONTROL_WRONG);
	g->lost_sum = add(g->lost_sum, LOST_USUAL(g->loss), missed);
}

/* Fewer names resolve than did: it may be the names, it may be the resolver. */
static void suspect(struct governor *g, const struct governor_look *look)
{
	double share, chance;

	g->suspicious = false;
	if (look->answered == 0)
		return;
	share = (double)look->worked / look->answered;
	if (g->works < 0)
		g->works = share;
	chance = sqrt(g->works * (1 - g->works) / look->answered);
	g->suspicious = look->answered >= 20 && share < g->works - 0.03 - 3 * chance;
	if (!g->overloaded)
		g->works += (share - g->works) * (g->suspicious ? 0.02 : 0.1);
}

/* ---- what follows ---- */

static void set_rate(struct governor *g, double rate, int64_t now_ns)
{
	rate = fmax(fmin(rate, g->most), g->least);
	if (rate < g->rate)
		g->slowed_ns = now_ns;
	g->rate = rate;
	g->since_ns = now_ns;
	g->sent = g->answered = g->worked = 0;
	g->asked = g->asked_before = g->controls = 0;
	g->wrong_sum = g->lost_sum = 0;
}

/* What it was asked at this rate; the limit of the whole scan may be lower. */
static double asked_qps(const struct governor *g, int64_t now_ns)
{
	return (double)g->sent * NS_PER_S / (double)(now_ns - g->since_ns + 1);
}

/* What it served of that. Answers that were still on their way make it less. */
static double served_qps(const struct governor *g, double asked, int64_t now_ns)
{
	double served = (double)g->worked * NS_PER_S / (double)(now_ns - g->since_ns + 1);

	return fmin(g->works > 0.2 ? served / g->works : served, asked);
}

/* Loss that is as much at half the rate is the path's: back to where we were, and it is usual from
 * now on. (A limit lets through the same number; then a larger share is answered.) */
static bool is_path_loss(struct governor *g, double asked, int64_t now_ns)
{
	double share = g->loss_now;
	double answered = g->sent > 0 ? (double)g->answered / (double)g->sent : 0;

	if (g->loss_rate > 0 && asked <= 0.6 * g->loss_rate && share >= 0.6 * g->loss_share &&
	    answered < 1.25 * g->loss_answered) {
		g->loss = fmin(share, LOSS_MAX);
		set_rate(g, g->loss_rate, now_ns);
		g->loss_rate = 0;
		g->too_much = g->drain_to = 0;
		return true;
	}
	if (asked > g->loss_rate) {
		g->loss_rate = asked;
		g->loss_share = share;
		g->loss_answered = answered;
	}
	return false;
}

static void slow_down(struct governor *g, bool lost, int64_t now_ns)
{
	double asked = fmin(g->rate, asked_qps(g, now_ns)), served, rate;
	int64_t rest_ns = g->rest_ns;

	g->overloaded = true;
	if (lost && g->drain_to > 0 && now_ns - g->since_ns < DRAIN_NS) {
		g->lost_sum = 0;
		return;
	}
	if (lost && is_path_loss(g, asked, now_ns))
		return;
	g->slowed = true;
	served = served_qps(g, asked, now_ns);
	rate = fmin(fmax(0.97 * served, 0.5 * asked), 0.97 * asked);
	if (asked < 0.7 * g->held) {
		/* It did serve more than that: an outage, and no limit. Back soon, if it comes
		 * back. */
		g->held *= 0.8;
		g->step = STEP_FIRST;
	} else if (!lost && served > 0.97 * asked) {
		/* It does serve that, but for a moment: a jolt, or it has come to the edge. Which
		 * of them is soon tried. */
		g->too_much = asked;
		g->step = fmin(fmax(g->step / 2, STEP_LEAST), STEP_MOST);
		rest_ns = SHORT_REST_NS;
	} else {
		g->too_much = asked;
		g->held = fmin(g->held, rate / 0.8);
		g->step = fmin(fmax((asked / rate - 1) / 4, STEP_LEAST), STEP_MOST);
	}
	g->dare_ns = now_ns + rest_ns;
	g->drain_to = lost ? rate : 0;
	set_rate(g, lost ? DRAIN_SHARE * rate : rate, now_ns);
}

static bool has_gone_well(const struct governor *g, int64_t now_ns)
{
	bool large = g->step > STEP_MOST || g->rate < 0.7 * g->held;

	/* Who does not come may be lost. */
	if (g->controls < g->asked_before - LOST_USUAL(g->loss) * g->asked_before)
		return false;
	return g->controls >= (large ? FEW_CONTROLS : SOME_CONTROLS) &&
	       now_ns - g->since_ns >= (large ? SHORT_NS : LONG_NS);
}

static void speed_up(struct governor *g, int64_t now_ns)
{
	double rate = g->rate * (1 + (g->rate < 0.7 * g->held ? STEP_FIRST : g->step));

	g->overloaded = false;
	if (g->drain_to > 0) {
		set_rate(g, g->drain_to, now_ns);
		g->drain_to = 0;
		return;
	}
	if (g->rate > g->held && now_ns - g->since_ns >= HELD_NS &&
	    g->controls >= 2 * SOME_CONTROLS)
		g->held = g->rate;
	if (g->rate > 0.9 * g->loss_rate)
		g->loss_rate = 0;
	if (g->rate >= g->most || asked_qps(g, now_ns) < 0.7 * g->rate)
		return;
	if (g->too_much > 0 && rate >= 0.97 * g->too_much) {
		if (now_ns < g->dare_ns)
			return;
		g->too_much = 0;
		g->rest_ns = g->rest_ns * 2 < REST_MAX_NS ? g->rest_ns * 2 : REST_MAX_NS;
	} else if (g->too_much <= 0) {
		g->step = g->slowed ? fmin(STEP_MOST, g->step * 2) : STEP_FIRST;
	}
	set_rate(g, rate, now_ns);
}

bool governor_look(struct governor *g, const struct governor_look *look, int64_t *since_ns)
{
	bool wrong, lost, was = g->overloaded;
	int64_t began_ns = g->lost_since_ns;

	g->sent += look->sent;
	g->answered += look->answered;
	g->worked += look->worked;
	suspect(g, look);
	g->look_ns = look->now_ns;
	g->credit = fmin(GOVERNOR_BURST,
			 g->credit + look->sent * (has_gone_well(g, look->now_ns) ? RESTING_SHARE
										  : TRYING_SHARE));
	g->wanted = look->waiting > 0;
	g->suspicious |= g->wrong_sum > 0.5;
	wrong = g->wrong_sum >= WRONG_ALARM;
	lost = g->lost_sum >= LOST_ALARM(g->loss);
	if (wrong || lost)
		slow_down(g, !wrong, look->now_ns);
	else if (has_gone_well(g, look->now_ns) && g->lost_sum < 1)
		speed_up(g, look->now_ns);
	g->asked_before = g->asked;
	*since_ns = was || wrong ? look->now_ns : began_ns;
	return g->overloaded || was;
}

unsigned governor_controls(struct governor *g)
{
	double wanted = floor(g->credit);

	if (g->credit > -DEBT)
		wanted = fmax(wanted, g->suspicious ? FEW_CONTROLS : g->wanted);
	wanted = fmin(fmax(wanted, g->overloaded), GOVERNOR_BURST);
	/* What a long outage takes is not paid back: nothing would be known of the time after it. */
	g->credit = fmax(g->credit - wanted, -DEBT);
	g->asked += (uint32_t)wanted;
	return (unsigned)wanted;
}
