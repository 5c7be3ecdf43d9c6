/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * dryrun -- reads all names as a scan would, asks nobody, and says how many queries a scan would
 * send and how long it would take at least.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "io/buf.h"
#include "scanner/options/options.h"
#include "scanner/ask/resolvers.h"
#include "scanner/lists/suffixes.h"

struct dryrun {
	uint64_t read, names, duplicates, rejected, excluded,
		left;		 /* read = names + duplicates + rejected + left */
	bool no_input;		 /* not one file could be read */
	bool no_names;		 /* there were lines, and not one of them is a name */
	bool input_failed;	 /* a file could not be read to its end */
	struct buf first_reject; /* reader_first_reject(), as text; the caller frees it */
};

/* stop is asked again and again. False: could not start; problems of the input and errors are lines
 * in errors. */
bool dryrun(struct dryrun *result, const struct options *options, const struct suffixes *exclude,
	    bool (*stop)(void *owner), void *owner, struct buf *errors);
/* Adds what it means to text, some lines. */
void dryrun_tell(const struct dryrun *result, const struct options *options,
		 const struct resolvers *resolvers, struct buf *text);
