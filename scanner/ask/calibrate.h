/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * calibrate -- finds out with control names what each resolver can know, before it is believed.
 *
 * Runs on an engine of its own in the caller's thread, all resolvers at once, under the scan's
 * limits. What it finds are rows of resolvers.csv (results/rows/calibration.h); an aggregator lets
 * nobody vote on what it cannot know.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "results/rows/calibration.h"
#include "scanner/lists/controls.h"
#include "scanner/options/options.h"
#include "scanner/ask/resolvers.h"

/* Asked some hundred times a second: shall it end at once? */
typedef bool (*calibrate_stop)(void *owner);

struct calibrate_config {
	const struct controls *controls;
	const struct resolvers *resolvers;
	const struct options *options;
	const bool *skip; /* resolvers not to be asked, whose controls_asked stays -1; NULL: none */
	enum phase phase;
	calibrate_stop stop; /* cuts it short; then nothing is known of anybody. May be NULL */
	void *owner;
	/* Filled: the RCODE of each resolver (row) to each control with CD=0, RCODE_UNKNOWN where
	 * none came. May be NULL. */
	int16_t *rcodes;
};

/*
 * Asks every resolver every control. found: one row a resolver, its text a view into the list's.
 * Takes as long as one query may take a few times over, at most. False: out of memory or
 * descriptors.
 */
bool calibrate(const struct calibrate_config *config, struct calibration *found);
/* Cannot serve: answers nothing, refuses or fails all. Says why, NULL when it can. */
const char *calibration_unfit(const struct calibration *found);
