/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * lookout -- looks whether anybody is heard at all while the scan runs (outage.h), and tells
 * everyone.
 *
 *     answers of all threads --+--> outage --> names: taken, or not  (lookout_silent)
 *     probes, asked here ------+          \--> when nobody was heard (lookout_between)
 *
 * While all is well it asks nothing. In silence it asks a few resolvers now and then, a control
 * name that they knew before the scan, or, without any, for the root's NS.
 * Threads  one of its own, with an engine of its own; the other functions may be called by any.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "results/rows/calibration.h"
#include "scanner/lists/controls.h"
#include "scanner/ask/outage.h"
#include "scanner/ask/resolvers.h"
#include "scanner/ask/troubles.h"

/* Resolvers that are probed at a time. */
#define LOOKOUT_PROBED 8

struct lookout_config {
	const struct resolvers *resolvers;
	const bool *dropped;	  /* one a resolver: not to be asked */
	const _Atomic bool *gone; /* ... nor, from now on */
	const struct controls *controls;
	const int16_t *rcodes;	    /* what each said of each control: calibrate.h */
	const struct calibration *calibrations; /* one a resolver, before the scan */
	struct pace *pace;	    /* of the whole scan */
	const struct addr *sources; /* to ask from, as of engine.h */
	int source_count;
	int64_t start_ns; /* where its clock begins */
	/* How many queries were answered so far, and how many are in flight, in all threads. */
	void (*pulse)(void *owner, uint64_t *answered, uint64_t *in_flight);
	void *owner;
};

struct lookout;

/* Nothing is looked at before lookout_start(). NULL on error, errno set. */
struct lookout *lookout_create(const struct lookout_config *config);
/* 0 or -errno. */
int lookout_start(struct lookout *lookout);
void lookout_stop(struct lookout *lookout);
/* After lookout_stop(), or when it was never started. */
void lookout_destroy(struct lookout **lookout);

/* Nobody is heard: take no names. */
bool lookout_silent(const struct lookout *lookout);
/* Nobody was heard for a while, which may mean nothing: what is lost now tells nothing yet. */
bool lookout_doubts(const struct lookout *lookout);
/* Was nobody heard at some time between? Milliseconds since start_ns. */
enum trouble lookout_between(const struct lookout *lookout, uint32_t from_ms, uint32_t until_ms);
/* So many more (or less) wait to know that. */
void lookout_wait(struct lookout *lookout, int more);
/* For how long nobody has been heard; 0: somebody was. */
int64_t lookout_silence_ns(const struct lookout *lookout);
/* How long that was so far, over all times. */
uint64_t lookout_total_ms(const struct lookout *lookout);
const struct engine_counters *lookout_engine_counters(const struct lookout *lookout);
