/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * resume -- is a run the one that was begun in its directory? Only then can it go on.
 *
 * What decides which rows there are must be the same: types, shards, seed, resolvers, pairs and the
 * like, the files of names and the list of what is excluded (by their size, their first octets and
 * their last). How fast, how long and how it is told may differ.
 */
#pragma once

#include <stdbool.h>

#include "io/buf.h"
#include "scanner/run/journal.h"
#include "scanner/options/options.h"
#include "scanner/ask/resolvers.h"

/* A journal for a run that begins now; takes over the manifest. NULL when out of memory. */
struct journal *resume_begin(const struct options *options, const struct resolvers *resolvers,
			     const bool *dropped, struct manifest *manifest);
/* Of a run that came to its end: was the same asked for? False: what differs is in errors, a line
 * each. What files of names held then is not known any more. */
bool resume_is_same(const struct manifest *then, const struct manifest *now, struct buf *errors);
/* False: what differs is in errors, a line each. manifest: of this program, as it was called. */
bool resume_check(struct journal *journal, const struct manifest *manifest,
		  const struct options *options, struct buf *errors);
