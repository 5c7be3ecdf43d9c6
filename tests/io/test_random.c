/* SPDX-License-Identifier: BSD-2-Clause */

#include "io/random.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>

#include "tests/tap.h"

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* A pool used twice, or a part of it, shows as equal words. */
static int duplicates(uint64_t *words, size_t count)
{
	int found = 0;

	qsort(words, count, sizeof(*words), compare);
	for (size_t i = 1; i < count; i++)
		found += words[i] == words[i - 1];
	return found;
}

enum { WORDS = 100000 };

static void test_no_repeats(void)
{
	static uint64_t words[2 * WORDS];
	struct random one = RANDOM_INIT;
	struct random other = RANDOM_INIT;

	for (int i = 0; i < WORDS; i++) {
		words[2 * i] = random_u64(&one);
		words[2 * i + 1] = random_u64(&other);
	}
	is_int(duplicates(words, 2 * WORDS), 0, "two pools, many refills, no word twice");
}

/* All 65,536 IDs occur, about equally often: chi-squared with 65,535 degrees of freedom, standard
 * deviation 362. */
static void test_u16(void)
{
	static unsigned seen[65536];
	struct random random = RANDOM_INIT;
	double chi = 0;

	for (int i = 0; i < 65536 * 16; i++)
		seen[random_u16(&random)]++;
	for (int i = 0; i < 65536; i++)
		chi += (seen[i] - 16.0) * (seen[i] - 16.0) / 16.0;
	ok(chi > 65535 - 6 * 362 && chi < 65535 + 6 * 362, "IDs are even: chi-squared %.0f", chi);
}

static void test_mixed_sizes(void)
{
	struct random random = RANDOM_INIT;
	bool bounded = true;
	uint64_t bits = 0;
	uint64_t all = 0;

	for (int i = 0; i < 10000; i++) {
		bits |= random_u16(&random);
		all |= random_u64(&random);
		bits |= random_u32(&random);
		bounded &= random.left <= RANDOM_POOL;
	}
	ok(bounded && bits == UINT32_MAX && all == UINT64_MAX, "sizes mix at the end of a pool");
}

static void test_below(void)
{
	static const uint32_t limits[] = {1, 2, 3, 7, 10, 1000, 3u << 30, UINT32_MAX};
	struct random random = RANDOM_INIT;
	unsigned seen[7] = {0};
	unsigned thirds[3] = {0};
	bool inside = true;

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		for (int j = 0; j < 10000; j++)
			inside &= random_below(&random, limits[i]) < limits[i];
	ok(inside, "random_below() stays below");
	for (int i = 0; i < 70000; i++)
		seen[random_below(&random, 7)]++;
	inside = true;
	for (int i = 0; i < 7; i++) /* standard deviation 93 */
		inside &= seen[i] > 9400 && seen[i] < 10600;
	ok(inside, "random_below(7) is even");
	/* Where 2^32 is no multiple of the limit a mere modulus would favour the lowest third two
	 * to one. */
	for (int i = 0; i < 30000; i++)
		thirds[random_below(&random, 3u << 30) / (1u << 30)]++;
	inside = true;
	for (int i = 0; i < 3; i++) /* standard deviation 82 */
		inside &= thirds[i] > 9500 && thirds[i] < 10500;
	ok(inside, "random_below(3 * 2^30) is not biased");
}

static void *draw_many(void *out)
{
	static _Thread_local struct random random = RANDOM_INIT;
	uint64_t *words = out;

	for (int i = 0; i < WORDS; i++)
		words[i] = random_u64(&random);
	return NULL;
}

static void test_threads(void)
{
	static uint64_t words[2 * WORDS];
	pthread_t threads[2];

	for (int i = 0; i < 2; i++)
		if (pthread_create(&threads[i], NULL, draw_many, words + i * WORDS) != 0)
			abort();
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	is_int(duplicates(words, 2 * WORDS), 0, "a pool a thread: no word in both");
}

static volatile sig_atomic_t alarms;

static void on_alarm(int number)
{
	(void)number;
	alarms++;
}

/* Signals that interrupt getrandom() change nothing. */
static void test_signals(void)
{
	static uint64_t words[WORDS];
	struct sigaction action = {.sa_handler = on_alarm}; /* no SA_RESTART */
	struct itimerval often = {{0, 100}, {0, 100}};
	struct itimerval never = {{0, 0}, {0, 0}};
	struct random random = RANDOM_INIT;

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	do {
		for (int i = 0; i < WORDS; i++)
			words[i] = random_u64(&random);
	} while (alarms < 20);
	setitimer(ITIMER_REAL, &never, NULL);
	is_int(duplicates(words, WORDS), 0, "interrupted by signals");
}

int main(void)
{
	test_no_repeats();
	test_u16();
	test_mixed_sizes();
	test_below();
	test_threads();
	test_signals();
	return done_testing();
}
