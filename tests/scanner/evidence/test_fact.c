/* SPDX-License-Identifier: BSD-2-Clause */

/* The machinery of facts, with toy kinds: what is needed is found once, side by side, and never
 * twice round a loop. */
#include "scanner/evidence/fact.h"

#include <stdlib.h>

#include "tests/tap.h"

/*
 * LEAF: answered by the test. SUM: of the leaves 0 .. variant-1, all needed at once, then of one
 * more that depends on them. RING: needs the next of three, round and round. DEEP: needs the one
 * below, without end. BOTH: needs a ring and a leaf.
 */
enum { LEAF, SUM, RING, DEEP, BOTH, KINDS };

static int leaf_runs, sum_runs, ring_runs, both_runs, deep_runs;
static struct fact *leaves[64];
static int leaf_count;
static const int loop_value = -1, unknown_value = -2;

static const int *need(struct fact *self, uint16_t kind, uint16_t variant)
{
	struct fact_key key = {.kind = kind, .variant = variant};

	return fact_need(self, &key);
}

static bool value_is(struct fact *self, int value)
{
	return fact_is(self, arena_copy(fact_arena(self), &value, sizeof(value)));
}

static bool find_leaf(struct fact *self)
{
	leaf_runs++;
	leaves[leaf_count++] = self;
	return false;
}

static bool find_sum(struct fact *self)
{
	int count = fact_key(self)->variant, sum = 0;
	const int *last;
	bool come = true;

	sum_runs++;
	for (int i = 0; i < count; i++) {
		const int *leaf = need(self, LEAF, (uint16_t)i);

		come = come && leaf != NULL;
		sum += leaf != NULL ? *leaf : 0;
	}
	if (!come)
		return false;
	last = need(self, LEAF, (uint16_t)(100 + count));
	return last != NULL && value_is(self, sum + *last);
}

static bool find_ring(struct fact *self)
{
	const int *next = need(self, RING, (uint16_t)((fact_key(self)->variant + 1) % 3));

	ring_runs++;
	return next != NULL && value_is(self, *next < 0 ? *next : 0);
}

static bool find_deep(struct fact *self)
{
	const int *next = need(self, DEEP, (uint16_t)(fact_key(self)->variant + 1));

	deep_runs++;
	return next != NULL && value_is(self, *next < 0 ? 1 : *next + 1);
}

static bool find_both(struct fact *self)
{
	const int *ring = need(self, RING, 0), *leaf = need(self, LEAF, 7);

	both_runs++;
	if (ring == NULL || leaf == NULL)
		return false;
	fact_sound(self);
	return value_is(self, *ring + *leaf);
}

static const struct fact_kind kinds[KINDS] = {
	[LEAF] = {"leaf", find_leaf, &unknown_value, &loop_value, DEPTH_NONE, 0},
	[SUM] = {"sum", find_sum, &unknown_value, &loop_value, DEPTH_NONE, 0},
	[RING] = {"ring", find_ring, &unknown_value, &loop_value, DEPTH_NONE, 0},
	[DEEP] = {"deep", find_deep, &unknown_value, &loop_value, DEPTH_HOST, 5},
	[BOTH] = {"both", find_both, &unknown_value, &loop_value, DEPTH_NONE, 0},
};

static int done_count, done_value;

static void done(struct job *job, const void *value)
{
	(void)job;
	done_count++;
	done_value = *(const int *)value;
}

static struct facts *small_world(size_t octets_max)
{
	struct facts_config config = {.kinds = kinds, .done = done, .octets_max = octets_max};

	leaf_runs = sum_runs = ring_runs = both_runs = deep_runs = leaf_count = done_count = 0;
	done_value = -99;
	return facts_create(&config);
}

static struct facts *world(void)
{
	return small_world(0);
}

static struct job job_make(uint64_t number)
{
	return (struct job){
		.number = number, .deadline_ns = 1000, .facts_left = 1000, .probes_left = 1000};
}

static void start(struct facts *facts, struct job *job, uint16_t kind, uint16_t variant)
{
	struct fact_key key = {.kind = kind, .variant = variant};

	facts_start(facts, job, &key);
	facts_run(facts, 0, 0);
}

static void answer(struct facts *facts, int which, int value)
{
	fact_found(leaves[which], arena_copy(fact_arena(leaves[which]), &value, sizeof(value)));
	facts_run(facts, 0, 0);
}

static void side_by_side(void)
{
	struct facts *facts = world();
	struct job one = job_make(1), two = job_make(2);

	start(facts, &one, SUM, 3);
	is_int(leaf_count, 3, "three leaves are asked for at once");
	is_int(sum_runs, 1, "in one run");
	start(facts, &two, SUM, 2);
	is_int(leaf_count, 3, "another name that needs two of them asks nothing anew");
	answer(facts, 0, 10);
	answer(facts, 2, 30);
	is_int(sum_runs, 2, "nobody runs before all it waits for is there");
	answer(facts, 1, 20);
	is_int(sum_runs, 4, "then each runs once more");
	is_int(leaf_count, 5, "and asks for what comes next");
	answer(facts, 3, 0);
	answer(facts, 4, 0);
	is_int(done_count, 2, "both are done");
	is_int((int)facts_jobs(facts), 0, "no job is left");
	start(facts, &one, SUM, 3);
	is_int(done_value, 60, "a third job has it at once");
	is_int(leaf_count, 5, "without a question");
	facts_destroy(&facts);
}

static void loops(void)
{
	struct facts *facts = world();
	struct job one = job_make(1), two = job_make(2);
	int runs;

	start(facts, &one, RING, 0);
	is_int(done_count, 1, "a ring is no reason to wait for ever");
	is_int(done_value, -1, "and says that it is one");
	runs = ring_runs;
	start(facts, &two, BOTH, 0);
	ok(ring_runs > runs, "what was found in a loop is found anew for others");
	answer(facts, 0, 5);
	is_int(done_value, 4, "who can do without the ring goes on");
	runs = ring_runs;
	start(facts, &one, BOTH, 0);
	is_int(done_value, 4, "sound: kept");
	facts_destroy(&facts);
}

static void limits(void)
{
	struct facts *facts = world();
	struct job deep = job_make(1), poor = job_make(2), late = job_make(3), rich = job_make(4);

	start(facts, &deep, DEEP, 0);
	is_int(done_value, 6, "depth ends at five below the first");
	is_int(deep.out_of_facts, 0, "which is no lack of anything");
	poor.facts_left = 2;
	start(facts, &poor, SUM, 3);
	is_int(leaf_count, 2, "a job that may ask for two facts asks for two");
	answer(facts, 0, 1);
	answer(facts, 1, 1);
	is_int(done_count, 2, "and ends without the others");
	is_int(poor.out_of_facts, 1, "saying why");
	start(facts, &rich, SUM, 3);
	is_int(leaf_count, 3, "another job finds what the poor one could not");
	late.deadline_ns = -1;
	start(facts, &late, SUM, 40);
	is_int(leaf_count, 3, "after its deadline a job asks for nothing");
	is_int(late.out_of_time, 1, "saying why");
	answer(facts, 2, 1);
	answer(facts, 3, 1);
	is_int(done_value, 4, "the rich one has its sum");
	facts_destroy(&facts);
}

/* More than there is memory for: whatever it was, everybody gets an end and is told. */
static void no_memory(void)
{
	size_t octets_max = 600 << 10;
	struct facts *facts = small_world(octets_max);
	struct job jobs[40], last = job_make(99);
	unsigned told = 0;

	for (unsigned i = 0; i < 40; i++) {
		jobs[i] = job_make(i + 1);
		start(facts, &jobs[i], SUM, 2);
	}
	is_int(done_count, 0, "forty jobs wait");
	while (fact_ready(leaves[0]))
		(void)arena_try(fact_arena(leaves[0]), ARENA_PIECE);
	is_int(facts_start(facts, &last, &(struct fact_key){.kind = SUM, .variant = 3}), false,
	       "without memory none begins");
	fact_starve(leaves[0]);
	fact_starve(leaves[1]);
	facts_run(facts, 0, 0);
	is_int(done_count, 40, "and all come to an end");
	is_int(done_value, unknown_value, "that knows nothing");
	for (unsigned i = 0; i < 40; i++)
		told += jobs[i].out_of_memory;
	is_int((int)told, 40, "each is told why");
	ok(facts_octets(facts) <= octets_max + (16 << 10), "the limit holds");
	facts_destroy(&facts);
}

int main(void)
{
	side_by_side();
	loops();
	limits();
	no_memory();
	return done_testing();
}
