/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * explain -- one verdict in plain words, with all that it rests on: what each resolver said, the
 * way from the root down, the chain of trust link by link, each name server, and how to see it
 * oneself.
 *
 *     run directory -> pipeline (the very one of servfail-aggregate) -> verdicts
 *     verdicts + rows of the run -> text
 *
 * Made for runs of a few names: all rows are kept in memory.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "results/prose.h"

struct explain_plan {
	const char *run;	  /* run directory */
	const char *report;	  /* directory for the report on it; exists */
	const char *const *names; /* as in the rows: lower case, A-labels, no trailing dot */
	size_t count;
	FILE *messages; /* as in struct pipeline_plan */
};

/* Writes to prose->out, in which errors stay. False: something could not be read, or written
 * elsewhere, which is in messages. */
bool explain(const struct explain_plan *plan, const struct prose *prose);
