/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * keeper_inside -- what keeper.c (the thread, its looks, what came of it) and keeper_control.c (control
 * names on their way) share; nobody else includes it.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "io/clock.h"
#include "scanner/ask/governor.h"
#include "scanner/ask/keeper.h"

/* A wrong answer to a control sent at some time tells of what was asked so long before and after
 * it. */
#define WRONG_BEFORE_MS 600
#define WRONG_AFTER_MS	600

#define USED_MAX 8  /* controls a resolver is asked in turn */
#define RTTS	 64 /* the last ones, for the median */

/* A resolver that is looked after. */
struct ward {
	struct keeper *keeper;
	int32_t number;
	bool asked; /* it has control names that it answered before the scan */
	struct governor governor;
	double rate; /* as set */
	struct meter_sum before;
	int64_t late_ns;
	uint8_t wait; /* which of the keeper's waits, for a control */
	/* controls */
	uint8_t used[USED_MAX], used_count, next;
	unsigned wrong_in_row[USED_MAX], fine_of_others;
	uint8_t wrong_last; /* which was wrong last */
	unsigned broken;    /* a bit for each */
	uint64_t controls, failed, lost;
	int64_t dark_ns; /* since when none was answered as it should; 0: the last one was */
	uint32_t dark_controls;
	int32_t rtts_us[RTTS];
	uint32_t rtt_count;
};

struct keeper {
	struct keeper_config config;
	pthread_t thread;
	bool started;
	_Atomic bool closed;
	struct event_base *base;
	struct engine *engine;
	struct ward *wards;
	size_t count, living; /* living: are asked */
	int64_t wait_ns; /* the longest of its wards' */
	int64_t look_ns;
	_Atomic double most; /* as wanted by others */
	double limit;	     /* as it is */
	_Atomic unsigned slowed;
};

static inline uint32_t keeper_ms(const struct keeper *keeper, int64_t ns)
{
	return ns < keeper->config.start_ns
		       ? 0
		       : (uint32_t)((ns - keeper->config.start_ns) / NS_PER_MS);
}

/* Nobody at all is heard: that tells nothing of any one of them. A single one may be overloaded,
 * unless it lasts: then it is asked nothing any more. */
static inline bool keeper_is_cut_off(const struct keeper *keeper)
{
	return lookout_silent(keeper->config.lookout) ||
	       (keeper->living > 1 && lookout_doubts(keeper->config.lookout));
}

/* keeper_control.c */
/* Asks the next of its control names; what comes of it goes to the governor, and into the ward. */
void keeper_ask_control(struct ward *ward);
