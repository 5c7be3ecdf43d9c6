/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Shards of a scan under their shares: limiters that know nothing of each other, asked at the worst
 * moments, stay below the rate of the whole in any second.
 */
#include "scanner/ask/pace.h"
#include "scanner/ask/share.h"
#include "tests/tap.h"

#include <math.h>
#include <stdlib.h>

#define NS_PER_MS 1000000LL
#define SECONDS	  4
#define SHARDS	  100

static uint32_t sent[SECONDS * 1000]; /* by all of them, in each millisecond */

/* One that rests now and then, and takes all there is when it comes back. */
static void play(int64_t rate, int64_t shards, unsigned seed)
{
	struct pace pace;
	int64_t awake = 0;

	srand(seed);
	pace_init(&pace, share_of(rate, shards), 0);
	for (int64_t ms = 0; ms < SECONDS * 1000; ms++) {
		if (ms < awake)
			continue;
		sent[ms] += pace_take(&pace, 1 << 20, ms * NS_PER_MS);
		awake = ms + (rand() % 400 == 0 ? rand() % 100 : 1);
	}
}

static uint64_t most_in_a_second(void)
{
	uint64_t sum = 0, most = 0;

	for (int ms = 0; ms < SECONDS * 1000; ms++) {
		sum += sent[ms];
		sum -= ms >= 1000 ? sent[ms - 1000] : 0;
		most = sum > most ? sum : most;
	}
	return most;
}

static void test_sum(int64_t rate, int64_t shards)
{
	uint64_t most;

	for (size_t ms = 0; ms < sizeof(sent) / sizeof(*sent); ms++)
		sent[ms] = 0;
	for (int64_t shard = 0; shard < shards; shard++)
		play(rate, shards, (unsigned)(rate + shard));
	most = most_in_a_second();
	ok(most <= (uint64_t)rate && most > 0, "%lld a second among %lld: %llu at most",
	   (long long)rate, (long long)shards, (unsigned long long)most);
}

int main(void)
{
	static const int64_t rates[] = {200, 333, 500, 2000, 10007, 100000, 1000000};

	ok(share_of(0, 8) == 0, "no limit is none for a shard");
	ok(share_of(500, 1) == 500, "one shard has all");
	ok(share_of(800, 8) == 99, "an eighth, less a query");
	ok(share_of(80000, 8) == 9900, "or a hundredth of it");
	ok(share_of(8, 8) == 0.5, "but half of it at least");
	ok(share_of(1, 1000000) > 0, "and never nothing");
	for (int64_t shards = 1; shards < 3000; shards += 7)
		for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++)
			if (share_of(rates[i], shards) * (double)shards > (double)rates[i])
				ok(false, "%lld among %lld is more", (long long)rates[i],
				   (long long)shards);
	for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++) {
		test_sum(rates[i], 2);
		test_sum(rates[i], 8);
		test_sum(rates[i], SHARDS);
	}
	ok(share_of_server(20, 1) == 20, "a server is asked as before");
	ok(share_of_server(20, 8) == 2.5, "less by each of many");
	ok(share_of_server(20, 100) == 1, "but once a second");
	ok(share_of_server(0, 8) == 0, "unless there is no limit");
	return done_testing();
}
