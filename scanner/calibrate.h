/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * calibrate -- finds out with control names what each resolver can know, before it is believed.
 *
 * Runs on an engine of its own in the caller's thread, all resolvers at once, under the scan's limits. What it finds are rows
 * of resolvers.csv (results/calibration.h); an aggregator lets nobody vote on what it cannot know.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "io/buf.h"
#include "results/calibration.h"
#include "scanner/options.h"
#include "scanner/resolvers.h"

enum control_kind { CONTROL_GOOD, CONTROL_BOGUS, CONTROL_UNSIGNED, CONTROL_NXDOMAIN, CONTROL_KINDS };

#define CONTROLS_MAX 64

struct control {
	enum control_kind kind;
	uint8_t qname[255];
	uint8_t qname_len;
};

struct controls {
	struct control list[CONTROLS_MAX];
	size_t count; /* 0: none, then only reachability is found out */
};

/*
 * path: lines "NAME good|bogus|unsigned|nxdomain", "# comment"; NULL: well-known names of the Internet; "none": none.
 * False: bad lines or no file, a line for each in errors.
 */
bool controls_load(struct controls *controls, const char *path, struct buf *errors);

/* Asked some hundred times a second: shall it end at once? */
typedef bool (*calibrate_stop)(void *owner);
/*
 * Asks every resolver every control. found: one row a resolver, its text a view into the list's. Takes as long as one query
 * may take a few times over, at most. skip (may be NULL): resolvers not to be asked, whose controls_asked stays -1. stop (may be NULL) cuts it short; then nothing is known of anybody.
 * False: out of memory or descriptors.
 */
bool calibrate(const struct controls *controls, const struct resolvers *resolvers, const struct options *options,
	       const bool *skip, enum phase phase, calibrate_stop stop, void *owner, struct calibration *found);
/* Cannot serve: answers nothing, or refuses all. Says why, NULL when it can. */
const char *calibration_unfit(const struct calibration *found);
