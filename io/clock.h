/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * clock -- the only place that asks the kernel for the time.
 *
 * Everything that depends on time takes it as an argument, in nanoseconds, so that tests can play
 * any clock.
 */
#pragma once

#include <stdint.h>
#include <time.h>

#define NS_PER_US 1000LL
#define NS_PER_MS 1000000LL
#define NS_PER_S  1000000000LL

/* Monotonic time since an arbitrary start; never jumps. */
static inline int64_t clock_mono_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

/* Wall-clock time since 1970-01-01T00:00:00Z. */
static inline int64_t clock_wall_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}
