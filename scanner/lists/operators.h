/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * operators -- who serves the names of a zone file, and how many of them are signed: counted name by
 * name, for operators.csv (results/rows/delegations.h).
 *
 * Bounded   at most OPERATORS_MAX operators; when there are more, the half with the fewest names
 * goes into "other", and one that comes again begins anew. So what a large operator has is exact,
 * and so are all sums. Speed    a set of name servers met before costs one hash and one look-up;
 * the public suffix list is asked for new ones only, and not where all lie below the name itself.
 * One owner.
 */
#pragma once

#include "results/rows/row.h"

#define OPERATORS_MAX 65536

struct operators;

/* NULL when out of memory. */
struct operators *operators_create(void);
void operators_destroy(struct operators **operators);
/* A delegated name, with its last dot; records as in struct zonefile_name, not empty. */
void operators_add(struct operators *operators, struct view name, struct view records);
/* Writes the file whole; none where nothing was counted. 0 or -errno. */
int operators_write(struct operators *operators, const char *path);
