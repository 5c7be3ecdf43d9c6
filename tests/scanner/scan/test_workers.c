/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What is decided about workers without any of them: when more come, how many at first, and how the
 * window is divided.
 */
#include "scanner/scan/workers.h"

#include "io/clock.h"
#include "tests/tap.h"

/* The parts of a window make up the whole, and nobody has two more than another. */
static bool divides(uint32_t window, uint32_t sharers)
{
	uint32_t least = UINT32_MAX, most = 0, sum = 0;

	for (uint32_t i = 0; i < sharers; i++) {
		uint32_t part = worker_window(window, sharers, i);

		sum += part;
		least = part < least ? part : least;
		most = part > most ? part : most;
	}
	return sum == window && least >= 1 && most - least <= 1;
}

static void the_window(void)
{
	ok(divides(10000, 1) && divides(10000, 3) && divides(1000000, 64), "a window is divided");
	ok(divides(3, 3) && divides(65, 64), "so is a small one: everybody has a part");
	is_int(worker_connections(16, 1), 16, "one worker has all connections");
	is_int(worker_connections(16, 3), 5, "three have five each");
	is_int(worker_connections(16, 64), 1, "everybody has one");
}

static void busy(void)
{
	ok(!workers_are_busy(0, NS_PER_S, 1, WORKERS_BUSY), "one that sleeps");
	ok(!workers_are_busy(600 * NS_PER_MS, NS_PER_S, 1, WORKERS_BUSY),
	   "one that works for half its time");
	ok(workers_are_busy(900 * NS_PER_MS, NS_PER_S, 1, WORKERS_BUSY),
	   "one that has its hands full");
	ok(!workers_are_busy(900 * NS_PER_MS, NS_PER_S, 2, WORKERS_BUSY), "two that share as much");
	ok(workers_are_busy(1900 * NS_PER_MS, NS_PER_S, 2, WORKERS_BUSY),
	   "two that have their hands full");
	ok(!workers_are_busy(-5 * NS_PER_S, NS_PER_S, 2, WORKERS_BUSY), "one of them has ended");
	ok(workers_are_busy(1, NS_PER_S, 1, 0), "whoever does anything, where nobody is to wait");
}

static void the_first(void)
{
	is_int(workers_first(10000, 8, 4, 16), 1, "one will do for a common window");
	is_int(workers_first(10000, 8, 4, 1), 1, "or is all there may be");
	is_int(workers_first(1000000, 1, 1, 64), 62, "IDs are what a window of a million needs");
	is_int(workers_first(1000000, 1, 1, 8), 8, "as far as there may be workers");
	is_int(workers_first(1000000, 256, 1000, 64), 8, "and memory that is not in one hand");
	is_int(workers_first(1, 1, 1, 1), 1, "a window of one");
}

int main(void)
{
	the_window();
	busy();
	the_first();
	return done_testing();
}
