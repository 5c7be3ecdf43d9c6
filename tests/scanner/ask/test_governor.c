/* SPDX-License-Identifier: BSD-2-Clause */

/* The governor against resolvers that are played: limits, queues, loss, outages, and names that are
 * broken. */
#include "scanner/ask/governor.h"

#include <math.h>
#include <stdlib.h>

#include "io/clock.h"
#include "tests/tap.h"

#define STEP_MS 20
#define LOOK_MS 200
#define LOST_MS 1000 /* a control has so long to come */
#define LATE_MS 240

/* A resolver, and what is asked of it. */
struct play {
	const char *name;
	double most;	   /* --resolver-rate; 0: none */
	double demand;	   /* what the scan would ask; 0: as much as it may */
	double limit;	   /* queries a second it serves; 0: any number */
	bool drops;	   /* ... and drops the others, otherwise SERVFAIL */
	double queue_s;	   /* ... that do not fit its queue, so long; 0: it has none */
	double loss;	   /* of the path */
	double known_loss; /* ... as found before the scan */
	double broken;	   /* share of names that do not resolve */
	int lag_ms;	   /* of the answers to what is not in the cache */
	int broken_from_s, broken_until_s; /* in which all names are broken */
	int down_from_s, down_until_s;	   /* in which it does not answer */
	double jolts;			   /* share of controls that are wrong for no reason */
	int lossy_from_s;		   /* from then on the path loses 30 % */
	int limit_falls_s;		   /* to a half, then */
	/* what must come of it, over the last 20 s: */
	double least, highest;	/* asked, a second */
	double overloaded_most; /* seconds of all the time */
};

static const struct play plays[] = {
	{.name = "says SERVFAIL above 2,000", .limit = 2000, .least = 1800, .highest = 2100, .overloaded_most = 14},
	{.name = "the same where most names are broken", .limit = 2000, .broken = .6, .least = 1800, .highest = 2100,
	 .overloaded_most = 14},
	{.name = "the same where names take a second", .limit = 2000, .lag_ms = 1000, .least = 1700, .highest = 2100,
	 .overloaded_most = 14},
	{.name = "drops what is above 2,000", .limit = 2000, .drops = true, .least = 1700, .highest = 2200, .overloaded_most = 20},
	{.name = "has a queue of 2 s", .limit = 2000, .queue_s = 2, .least = 1600, .highest = 2100, .overloaded_most = 20},
	{.name = "has a short queue", .limit = 2000, .queue_s = .1, .least = 1700, .highest = 2200, .overloaded_most = 20},
	{.name = "has far less than one begins with", .limit = 100, .most = 500, .least = 85, .highest = 130, .overloaded_most = 30},
	{.name = "the same with a queue", .limit = 100, .most = 500, .queue_s = 5, .least = 70, .highest = 115,
	 .overloaded_most = 40},
	{.name = "has 20,000", .limit = 20000, .least = 18000, .highest = 21000, .overloaded_most = 14},
	{.name = "has half as much after a while", .limit = 4000, .limit_falls_s = 30, .least = 1700, .highest = 2100,
	 .overloaded_most = 25},
	{.name = "has a limit, and jolts", .limit = 2000, .jolts = .005, .least = 1600, .highest = 2100, .overloaded_most = 25},
	{.name = "has jolts alone", .most = 2000, .jolts = .005, .least = 1700, .highest = 2001, .overloaded_most = 20},
	{.name = "has no limit", .least = 1e6, .highest = 1e9, .overloaded_most = 0},
	{.name = "is asked 500 at most", .most = 500, .least = 499, .highest = 501, .overloaded_most = 0},
	{.name = "is asked less than it may", .most = 5000, .demand = 100, .least = 99, .highest = 101, .overloaded_most = 0},
	{.name = "is lossy, as is known", .most = 500, .loss = .2, .known_loss = .2, .least = 490, .highest = 501,
	 .overloaded_most = 3},
	{.name = "is lossy, as is not known", .most = 5000, .loss = .2, .least = 4000, .highest = 5001, .overloaded_most = 20},
	{.name = "loses a few", .most = 5000, .loss = .02, .least = 4500, .highest = 5001, .overloaded_most = 5},
	{.name = "becomes lossy", .most = 5000, .lossy_from_s = 15, .least = 4000, .highest = 5001, .overloaded_most = 20},
	{.name = "is lossy and has a limit", .limit = 2000, .loss = .2, .known_loss = .2, .least = 900, .highest = 2200,
	 .overloaded_most = 20},
	{.name = "has nothing but broken names for 20 s", .most = 5000, .broken_from_s = 10, .broken_until_s = 30, .least = 4999,
	 .highest = 5001, .overloaded_most = 0},
	{.name = "is down for 5 s", .most = 5000, .down_from_s = 20, .down_until_s = 25, .least = 4900, .highest = 5001,
	 .overloaded_most = 14},
};

struct outcome {
	double asked;	 /* a second, over the last 20 s */
	double overloaded_s;
	double controls; /* a second */
	double lowest;	 /* rate at any time */
};

#define SECONDS 60

static double chance(void)
{
	return (double)rand() / ((double)RAND_MAX + 1);
}

/* ---- controls on their way ---- */

static struct control {
	int64_t due_ns, sent_ns;
	enum control_result result;
} pending[1000];
static unsigned pending_count;

static void deliver(struct governor *g, int64_t now_ns)
{
	for (unsigned i = 0; i < pending_count;) {
		if (pending[i].due_ns <= now_ns) {
			governor_control(g, pending[i].result, pending[i].sent_ns);
			pending[i] = pending[--pending_count];
		} else {
			i++;
		}
	}
}

static void ask(int64_t now_ns, double wait_ms, bool lost, bool wrong)
{
	bool out = lost || wait_ms > LOST_MS;

	if (pending_count == sizeof(pending) / sizeof(pending[0]))
		abort();
	pending[pending_count++] = (struct control){
		.sent_ns = now_ns,
		.due_ns = now_ns + (out ? LOST_MS : (int64_t)wait_ms) * NS_PER_MS,
		.result = out ? CONTROL_LOST : wrong ? CONTROL_WRONG : wait_ms > LATE_MS ? CONTROL_LATE : CONTROL_FINE,
	};
}

/* ---- a resolver ---- */

/* What happens to n queries within a step. */
struct served {
	double count, failed, wait_ms; /* served; share that is not; how long a cached name takes */
};

static struct served serve(const struct play *play, double limit, double n)
{
	static double queue, tokens;
	double dt = STEP_MS / 1000.0;
	struct served served = {.count = n, .wait_ms = 20};

	if (n < 0) { /* begin */
		queue = tokens = 0;
	} else if (limit > 0 && play->queue_s > 0) {
		queue += n;
		served.count = fmin(queue, limit * dt);
		queue -= served.count;
		served.failed = fmax(0, queue - limit * play->queue_s) / n;
		queue = fmin(queue, limit * play->queue_s);
		served.wait_ms += queue / limit * 1000;
	} else if (limit > 0) {
		tokens = fmin(tokens + limit * dt, limit * 0.02 + limit * dt);
		served.count = fmin(n, tokens);
		tokens -= served.count;
		served.failed = 1 - served.count / n;
	}
	return served;
}

static bool within(double s, int from_s, int until_s)
{
	return s >= from_s && s < until_s;
}

static struct outcome run(const struct play *play, unsigned seed)
{
	static double worked[SECONDS * 1000 / STEP_MS], answered[SECONDS * 1000 / STEP_MS];
	struct outcome out = {.lowest = 1e9};
	double sent = 0, in_worked = 0, in_answered = 0;
	struct governor g;

	srand(seed);
	pending_count = 0;
	governor_init(&g, play->most, 1, play->known_loss, 0);
	serve(play, 0, -1);
	for (int i = 0; i < SECONDS * 1000 / STEP_MS; i++) {
		int64_t now_ns = (int64_t)i * STEP_MS * NS_PER_MS, since_ns;
		double s = i * STEP_MS / 1000.0, n = fmin(g.rate, play->demand > 0 ? play->demand : 1e9) * STEP_MS / 1000;
		double limit = play->limit * (play->limit_falls_s > 0 && s >= play->limit_falls_s ? 0.5 : 1);
		double loss = play->lossy_from_s > 0 && s >= play->lossy_from_s ? 0.3 : play->loss;
		double broken = within(s, play->broken_from_s, play->broken_until_s) ? 1 : fmax(play->broken, 0.05);
		bool down = within(s, play->down_from_s, play->down_until_s), silent = play->drops || play->queue_s > 0;
		struct served served = serve(play, limit, n);

		worked[i] = down ? 0 : served.count * (1 - loss) * (1 - broken);
		answered[i] = down ? 0 : (silent ? served.count : n) * (1 - loss);
		sent += n;
		in_worked += i * STEP_MS >= play->lag_ms ? worked[i - play->lag_ms / STEP_MS] : 0;
		in_answered += i * STEP_MS >= play->lag_ms ? answered[i - play->lag_ms / STEP_MS] : 0;
		out.asked += s >= SECONDS - 20 ? n / 20 : 0;
		deliver(&g, now_ns);
		if (i == 0 || i * STEP_MS % LOOK_MS != 0)
			continue;
		if (governor_look(&g,
				  &(struct governor_look){.now_ns = now_ns,
							  .sent = (uint32_t)sent,
							  .answered = (uint32_t)in_answered,
							  .worked = (uint32_t)in_worked,
							  .waiting = in_answered > in_worked},
				  &since_ns))
			out.overloaded_s += LOOK_MS / 1000.0;
		out.lowest = fmin(out.lowest, g.rate);
		sent = in_worked = in_answered = 0;
		for (unsigned c = governor_controls(&g); c > 0; c--) {
			bool failed = chance() < served.failed, jolt = chance() < play->jolts;

			ask(now_ns, served.wait_ms, down || chance() < loss || (silent && failed), jolt || (!silent && failed));
			out.controls += 1.0 / SECONDS;
		}
	}
	return out;
}

static void test_plays(void)
{
	for (size_t i = 0; i < sizeof(plays) / sizeof(plays[0]); i++) {
		for (unsigned seed = 1; seed <= 5; seed++) {
			const struct play *play = &plays[i];
			struct outcome out = run(play, seed);

			ok(out.asked >= play->least && out.asked <= play->highest, "%s: is asked %.0f a second", play->name, out.asked);
			ok(out.overloaded_s <= play->overloaded_most, "... is called overloaded for %.1f s", out.overloaded_s);
			ok(out.controls <= fmax(0.06 * fmax(out.asked, GOVERNOR_START_QPS), 1) &&
				   out.controls <= GOVERNOR_BURST * 1000.0 / LOOK_MS,
			   "... costs %.1f controls a second", out.controls);
			ok(out.lowest >= GOVERNOR_LEAST_QPS, "... was never asked less than a few");
		}
	}
}

/* ---- by hand ---- */

static bool look(struct governor *g, int64_t ms, uint32_t sent, uint32_t answered, uint32_t worked, int64_t *since_ns)
{
	return governor_look(g,
			     &(struct governor_look){
				     .now_ns = ms * NS_PER_MS, .sent = sent, .answered = answered, .worked = worked},
			     since_ns);
}

static void controls(struct governor *g, enum control_result result, int64_t sent_ms, int count)
{
	for (int i = 0; i < count; i++)
		governor_control(g, result, sent_ms * NS_PER_MS);
}

static void test_by_hand(void)
{
	struct governor g;
	int64_t since_ns;

	governor_init(&g, 0, 1, 0, 0);
	is_int((long long)g.rate, GOVERNOR_START_QPS, "begins slowly");
	ok(governor_controls(&g) > 0, "with controls");
	ok(!look(&g, 200, 100, 100, 95, &since_ns) && g.rate == GOVERNOR_START_QPS, "is not in a hurry");
	controls(&g, CONTROL_FINE, 10, 4);
	ok(!look(&g, 400, 100, 100, 95, &since_ns) && g.rate == 1.5 * GOVERNOR_START_QPS, "grows when controls come well");
	controls(&g, CONTROL_FINE, 300, 10);
	ok(!look(&g, 800, 300, 300, 280, &since_ns) && g.rate == 1.5 * GOVERNOR_START_QPS, "not by those of before");
	(void)governor_controls(&g);
	look(&g, 1000, 150, 150, 140, &since_ns);
	controls(&g, CONTROL_FINE, 850, 3);
	look(&g, 1200, 150, 150, 140, &since_ns);
	ok(g.rate == 1.5 * GOVERNOR_START_QPS, "not as long as many are not back");

	governor_init(&g, 500, 1, 0, 0);
	look(&g, 200, 100, 100, 95, &since_ns);
	look(&g, 400, 100, 100, 95, &since_ns);
	(void)governor_controls(&g);
	(void)governor_controls(&g);
	ok(!look(&g, 600, 100, 100, 0, &since_ns) && g.rate == 500, "names that fail slow nobody down");
	ok(governor_controls(&g) >= 4, "but have controls asked");
	controls(&g, CONTROL_WRONG, 500, 1);
	controls(&g, CONTROL_FINE, 500, 3);
	ok(!look(&g, 800, 100, 100, 95, &since_ns) && g.rate == 500, "nor does a single wrong one");
	ok(governor_controls(&g) >= 4, "but more are asked");
	controls(&g, CONTROL_WRONG, 800, 1);
	ok(look(&g, 1000, 100, 100, 50, &since_ns) && g.rate < 500 && g.rate >= 250, "a second one does (%.0f)", g.rate);
	controls(&g, CONTROL_WRONG, 900, 5);
	ok(look(&g, 1200, 60, 60, 55, &since_ns) && g.rate >= 250, "but for those asked before that");

	governor_init(&g, 500, 1, 0, 0);
	look(&g, 200, 100, 100, 95, &since_ns);
	controls(&g, CONTROL_LOST, 100, 1);
	controls(&g, CONTROL_FINE, 150, 5);
	ok(!look(&g, 1200, 500, 500, 475, &since_ns) && g.rate == 500, "one that is lost is chance");
	controls(&g, CONTROL_LATE, 900, 1);
	controls(&g, CONTROL_LOST, 1000, 2);
	ok(look(&g, 2200, 500, 500, 475, &since_ns) && g.rate < 500, "several soon after each other are not");
	is_int(since_ns / NS_PER_MS, 100, "and the trouble began with the first");
	ok(look(&g, 2400, 50, 50, 48, &since_ns) && since_ns == 2400 * NS_PER_MS, "it goes on until controls come well");
	controls(&g, CONTROL_FINE, 2300, 20);
	ok(look(&g, 3600, 300, 300, 290, &since_ns) && !look(&g, 3800, 60, 60, 58, &since_ns), "then it is over");

	governor_init(&g, 0, 1.0 / 8, 0, 0);
	ok(g.rate == GOVERNOR_START_QPS / 8.0, "one of eight begins with an eighth");
	ok(g.least == GOVERNOR_LEAST_QPS / 8.0, "and goes down to one");
	governor_init(&g, 30, 1.0 / 100, 0, 0);
	ok(g.rate == 5 && g.least == 1, "one of a hundred is never without any");
}

/* Nothing is sent while nobody is heard, but for the controls. */
static void test_long_outage(void)
{
	struct governor g;
	int64_t since_ns, ms = 0;
	unsigned asked = 0;

	governor_init(&g, 5000, 1, 0, 0);
	for (; ms < 60000; ms += LOOK_MS) {
		look(&g, ms, 0, 0, 0, &since_ns);
		for (unsigned c = governor_controls(&g); c > 0; c--)
			controls(&g, CONTROL_LOST, ms, 1);
	}
	ok(g.overloaded && g.rate <= GOVERNOR_LEAST_QPS, "a minute's outage: at the least rate");
	for (; ms < 120000; ms += LOOK_MS) {
		uint32_t sent = (uint32_t)(g.rate * LOOK_MS / 1000);

		look(&g, ms, sent, sent, sent, &since_ns);
		for (unsigned c = governor_controls(&g); c > 0; c--, asked++)
			controls(&g, CONTROL_FINE, ms, 1);
	}
	ok(asked > 40, "... costs no controls of the time after it: %u", asked);
}

int main(void)
{
	test_plays();
	test_by_hand();
	test_long_outage();
	return done_testing();
}
