/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * keeper -- looks after the resolvers while the scan runs: asks them control names, and sets how
 * fast each is asked.
 *
 *     meters of all threads --+
 *                             +--> a governor for each resolver --> its limiter
 *     controls, asked here ---+                                \--> troubles: when it was
 * overloaded
 *
 * Some times a second; nothing of this is in the way of a query. A resolver that answers no control
 * any more for half a minute, while others do, is given up.
 * Threads  one of its own, with an engine of its own.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "results/rows/calibration.h"
#include "scanner/lists/controls.h"
#include "scanner/ask/engine.h"
#include "scanner/ask/lookout.h"
#include "scanner/ask/meter.h"
#include "scanner/ask/resolvers.h"
#include "scanner/ask/troubles.h"

struct keeper_config {
	const struct controls *controls;
	const struct resolvers *resolvers;
	const struct addr *sources; /* to ask from, as of engine.h */
	int source_count;
	const bool *dropped;			/* resolvers that are not asked */
	const struct calibration *calibrations; /* one a resolver, before the scan */
	const int16_t *rcodes; /* what each then said of each control: calibrate.h */
	double most;	       /* queries a second to each resolver; 0: no limit */
	double share;	       /* of the whole scan, that asks them too: 1 is all of it */
	struct pace *pace, *resolver_paces; /* the scan's own */
	const struct meters *meters;
	struct troubles *troubles;     /* written by the keeper alone */
	const struct lookout *lookout; /* when nobody at all is heard */
	_Atomic bool *gone;	       /* one a resolver: given up */
	int64_t start_ns;	       /* where the clock of the troubles begins */
	int connections;	       /* as of engine.h */
};

struct keeper;

/* Sets the rates to begin with, and starts the thread. NULL on error, errno set. */
struct keeper *keeper_create(const struct keeper_config *config);
/* Another limit for each resolver from now on; 0: none. From another thread. */
void keeper_limit(struct keeper *keeper, double most);
/* Resolvers that are asked more slowly because they are overloaded. From another thread. */
unsigned keeper_slowed(const struct keeper *keeper);
/* The scan is over. */
void keeper_close(struct keeper *keeper);
/* After keeper_close(). */
void keeper_join(struct keeper *keeper);
void keeper_destroy(struct keeper **keeper);
/* What was found out of each resolver, after keeper_join(); those that were not asked are left
 * alone. */
void keeper_tell(const struct keeper *keeper, struct calibration *during);
const struct engine_counters *keeper_engine_counters(const struct keeper *keeper);
