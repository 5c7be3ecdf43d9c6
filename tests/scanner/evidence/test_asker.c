/* SPDX-License-Identifier: BSD-2-Clause */

/* What the asker remembers of servers, and that it keeps to their pace; asked is an address of this
 * machine where nobody listens. */
#include "scanner/evidence/asker.h"

#include <event2/event.h>

#include "io/clock.h"
#include "scanner/evidence/probe.h"
#include "scanner/evidence/standing.h"
#include "tests/tap.h"

static struct hints hints;
static struct asker *asker;
static const struct world *world;

static const uint8_t *zone(int number)
{
	static uint8_t name[16];

	name[0] = (uint8_t)snprintf((char *)name + 1, sizeof(name) - 1, "z%d", number);
	return name;
}

static void came_to(const struct addr *addr, int from, int count, const char *finding)
{
	for (int i = from; i < from + count; i++)
		world->report(world->owner, addr, zone(i), finding);
}

static int spared(const struct addr *addr, int from, int count)
{
	int spared = 0;

	for (int i = from; i < from + count; i++)
		spared += world->reputation(world->owner, addr, zone(i)).finding != NULL;
	return spared;
}

static void hosters(void)
{
	struct addr addr;
	int count;

	addr_parse(&addr, "127.9.0.1", 53);
	came_to(&addr, 0, STANDING_SAME - 1, "ns-refused");
	is_int(spared(&addr, 1000, 1000), 0, "49 zones refused: the next are asked");
	came_to(&addr, STANDING_SAME - 1, 1, "ns-refused");
	count = spared(&addr, 1000, 1000);
	printf("# %d of 1000 are spared\n", count);
	ok(count > 900 && count < 990, "50 zones refused: about one in 20 is asked");
	came_to(&addr, 60, 1, "ok");
	is_int(spared(&addr, 1000, 1000), 0, "one zone in order: all are asked again");
	came_to(&addr, 0, 30, "ns-refused");
	came_to(&addr, 30, 30, "ns-timeout");
	came_to(&addr, 60, 1, "ns-refused");
	is_int(spared(&addr, 1000, 1000), 0, "different outcomes are no rule");
	addr_parse(&addr, "127.9.0.2", 53);
	for (int i = 0; i < 100; i++)
		came_to(&addr, 7, 1, "ns-refused");
	is_int(spared(&addr, 1000, 100), 0, "one zone seen a hundred times is one zone");
}

static void mute(void)
{
	struct reputation reputation;
	struct addr addr;

	addr_parse(&addr, "127.9.0.3", 53);
	came_to(&addr, 0, STANDING_MUTE - 1, "ns-timeout");
	is_int(spared(&addr, 100, 1), 0, "mute for two zones: asked");
	came_to(&addr, 10, 1, "ns-timeout");
	reputation = world->reputation(world->owner, &addr, zone(100));
	is_str(reputation.finding, "ns-timeout", "mute for three: not asked");
	is_int(reputation.mute, 1, "for that reason");
	came_to(&addr, 11, 1, "ns-refused");
	is_int(spared(&addr, 100, 1), 0, "an answer changes that");
}

/* Many more servers than there is room for. */
static void heard(void)
{
	struct addr addr, other;

	addr_parse(&addr, "127.9.0.4", 53);
	addr_parse(&other, "127.9.0.5", 53);
	came_to(&addr, 0, 1, "ns-timeout");
	is_int(world->heard(world->owner, &addr, zone(0)), HEARD_NEVER, "silent: not heard");
	came_to(&addr, 0, 1, "ns-slow");
	is_int(world->heard(world->owner, &addr, zone(0)), HEARD_OF_ZONE, "an answer: heard");
	is_int(world->heard(world->owner, &addr, zone(1)), HEARD_NEVER, "but not for another zone");
	is_int(world->heard(world->owner, &other, zone(0)), HEARD_NEVER,
	       "nor from another address");
}

static void many(void)
{
	struct addr addr;
	int remembered = 0;
	char text[32];

	for (int i = 0; i < 60000; i++) {
		snprintf(text, sizeof(text), "127.%d.%d.%d", 20 + i / 65536, i / 256 % 256,
			 i % 256);
		addr_parse(&addr, text, 53);
		came_to(&addr, 0, STANDING_MUTE, "ns-timeout");
	}
	for (int i = 0; i < 60000; i++) {
		snprintf(text, sizeof(text), "127.%d.%d.%d", 20 + i / 65536, i / 256 % 256,
			 i % 256);
		addr_parse(&addr, text, 53);
		remembered += spared(&addr, 5, 1);
	}
	ok(remembered > 0 && remembered <= STANDINGS, "of 60000 servers %d are remembered",
	   remembered);
}

/* ---- loss ---- */

/* The server at 127.9.1.`host`: so many questions for so many names, one in so many lost. */
static void tried(struct standings *standings, int host, int questions, int names, int lost_in)
{
	struct standing *to;
	struct addr addr;
	char text[32];

	snprintf(text, sizeof(text), "127.9.1.%d", host);
	addr_parse(&addr, text, 53);
	to = standings_make(standings, &addr);
	for (int i = 0; i < questions; i++)
		standing_tried(to, zone(i % names), lost_in == 0 || i % lost_in != 0);
}

static void loses(struct event_base *base)
{
	static const struct patience patience = {.tries = 1, .wait_ns = {1}, .stream_ns = 1};
	struct engine_config config = {.base = base,
				       .window = 8,
				       .patience = &patience,
				       .patience_count = 1,
				       .ports = 1,
				       .connections = 1};
	struct engine *engine = engine_create(&config);
	struct standings *standings = standings_create(engine, 0);

	ok(!standings_all_lose(standings), "nobody was asked");
	tried(standings, 1, 40, 20, 2);
	ok(!standings_all_lose(standings), "one that loses half may do so itself");
	tried(standings, 2, 40, 2, 2);
	ok(!standings_all_lose(standings), "... another one, of two names, too");
	tried(standings, 3, 8, 8, 2);
	ok(!standings_all_lose(standings), "... and of a third one little is known");
	tried(standings, 4, 40, 20, 2);
	ok(standings_all_lose(standings), "two that many names were asked of: it is the way");
	tried(standings, 5, 40, 20, 0);
	ok(!standings_all_lose(standings), "unless another one has answered all");
	tried(standings, 5, 200, 20, 2);
	ok(standings_all_lose(standings), "... which was long ago");
	standings_destroy(&standings);
	engine_destroy(&engine);
}

/* ---- pace ---- */

static int come, refused;

static bool find_probe(struct fact *self)
{
	const struct fact_key *key = fact_key(self);

	world->ask(world->owner, self, key->addr, key->name, key->qtype,
		   (enum probe_way)key->variant);
	return false;
}

static bool find_all(struct fact *self)
{
	bool all = true;

	come = refused = 0;
	for (uint16_t type = 1; type <= 30; type++) {
		struct fact_key key = {.kind = 0,
				       .variant = PROBE_PLAIN,
				       .qtype = type,
				       .name = zone(1),
				       .addr = fact_key(self)->addr};
		const struct probe *probe = fact_need(self, &key);

		all = all && probe != NULL;
		come += probe != NULL;
		refused += probe != NULL && probe->outcome == OUTCOME_UNREACHABLE;
	}
	return all && fact_is(self, &come);
}

static bool done;

static void all_done(struct job *job, const void *value)
{
	(void)job, (void)value;
	done = true;
}

/* Thirty questions to one server; how long that takes. */
static double ask_thirty(const char *server)
{
	static const struct fact_kind kinds[] = {
		{"probe", find_probe, &probe_unknown, &probe_unknown, DEPTH_NONE, 0},
		{"all", find_all, &probe_unknown, &probe_unknown, DEPTH_NONE, 0}};
	struct facts_config config = {.kinds = kinds, .done = all_done};
	struct facts *facts = facts_create(&config);
	struct job job = {.number = 1,
			  .deadline_ns = INT64_MAX,
			  .facts_left = 100,
			  .probes_left = 100,
			  .octets_left = 100};
	struct addr addr;
	struct fact_key key = {.kind = 1, .addr = &addr};
	int64_t start = clock_mono_ns();

	done = false;
	addr_parse(&addr, server, 1);
	facts_start(facts, &job, &key);
	while (!done) {
		facts_run(facts, asker_now_ns(asker), 0);
		if (!done)
			asker_turn(asker, 10 * NS_PER_MS);
	}
	facts_destroy(&facts);
	return (double)(clock_mono_ns() - start) / NS_PER_S;
}

static void pace(void)
{
	/* nobody listens at port 1 of this machine: rejected at once */
	double seconds = ask_thirty("127.9.0.9");

	printf("# 30 questions in %.2f s\n", seconds);
	is_int(refused, 30, "all are rejected");
	ok(seconds > 29.0 / STANDING_QPS - 0.1, "at no more than %d a second", STANDING_QPS);
}

static void excluded(void)
{
	uint64_t sent = asker_sent(asker);
	double seconds = ask_thirty("127.9.0.99");

	is_int(come, 30, "a server that is excluded: all questions come back");
	ok(seconds < 1 && refused == 0 && asker_sent(asker) == sent, "at once, and unsent");
}

int main(void)
{
	struct event_base *base = event_base_new();
	struct suffixes *exclude = suffixes_create();
	struct asker_config config = {.base = base,
				      .window = 64,
				      .server_qps = STANDING_QPS,
				      .hints = &hints,
				      .port = 53};

	suffixes_add(exclude, "127.9.0.96/28", 13);
	config.exclude = exclude;
	asker = asker_create(&config);
	world = asker_world(asker);
	hosters();
	mute();
	heard();
	many();
	loses(base);
	pace();
	excluded();
	asker_destroy(&asker);
	suffixes_destroy(&exclude);
	event_base_free(base);
	return done_testing();
}
