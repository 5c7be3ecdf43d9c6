/* SPDX-License-Identifier: BSD-2-Clause */

/* The limiter under a played clock: rate over any second, bursts, stalls, several takers. */
#include "scanner/ask/pace.h"

#include <stdlib.h>

#include "io/clock.h"
#include "tests/tap.h"

#define BINS 4000

/* Takes as much as it can every tick_ns for BINS ms; counts a bin a millisecond. */
static void run(double rate, int64_t tick_ns, int takers, int64_t stall_every_ns, uint32_t bins[BINS])
{
	struct pace pace;
	int64_t start = 5 * NS_PER_S + 12345;

	memset(bins, 0, BINS * sizeof(*bins));
	pace_init(&pace, rate, start);
	for (int64_t t = 0; t < BINS * NS_PER_MS; t += tick_ns) {
		if (stall_every_ns != 0 && t % stall_every_ns < 8 * NS_PER_MS)
			continue;
		for (int i = 0; i < takers; i++)
			bins[t / NS_PER_MS] += pace_take(&pace, i % 2 == 0 ? 1000000 : 7, start + t);
	}
}

static uint64_t most_in(const uint32_t bins[BINS], int window_ms, bool least)
{
	uint64_t sum = 0, best = 0;

	for (int i = 0; i < BINS; i++) {
		sum += bins[i];
		if (i >= window_ms)
			sum -= bins[i - window_ms];
		if (i >= window_ms - 1 && (i == window_ms - 1 || (least ? sum < best : sum > best)))
			best = sum;
	}
	return best;
}

int main(void)
{
	static const double rates[] = {1, 50, 1000, 333.3, 50000, 200000, 1234567};
	static uint32_t bins[BINS];
	struct pace pace;

	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		double rate = rates[i];

		for (int takers = 1; takers <= 4; takers += 3) {
			run(rate, 300000, takers, 0, bins);
			double most = (double)most_in(bins, 1000, false), least = (double)most_in(bins, 1000, true);
			/* the first second holds the tokens of one burst more */
			ok(most <= rate * 1.01 + 1 && least >= rate * 0.99 - 1,
			   "%.0f/s by %d: every second within 1 %% (%.0f..%.0f)", rate, takers, least, most);
			ok((double)most_in(bins, 10, false) <= 2 * rate / 100 + 1, "... and no burst beyond 10 ms' worth");
		}
		run(rate, 300000, 2, 100 * NS_PER_MS, bins);
		ok((double)most_in(bins, 1000, true) >= rate * 0.99 - 1, "... also when everybody stalls for 8 ms at times");
	}
	pace_init(&pace, 0, 0);
	is_int(pace_take(&pace, 12345, 1), 12345, "rate 0: no limit");
	is_int(pace_take(NULL, 17, 1), 17, "no limiter: no limit");
	pace_init(&pace, 1000, 0);
	is_int(pace_take(&pace, 100, NS_PER_S), 9, "after a pause no more than the burst");
	pace_return(&pace, 5);
	is_int(pace_take(&pace, 100, NS_PER_S), 5, "what is given back can be taken again");
	pace_set_rate(&pace, 10000);
	is_int(pace_take(&pace, 100, NS_PER_S + NS_PER_MS), 15, "another rate holds from now on");
	return done_testing();
}
