/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * vantage -- what the resolvers of each vantage point come to about one question, and whether these
 * places disagree. Pure.
 */
#pragma once

#include "results/judge/facts.h"

/* Of more places than these, the others are left out. */
#define VANTAGES_MAX 16

struct vantage {
	struct view label;			  /* a run without one: empty */
	unsigned ok, failing, unsettled, unknown; /* resolvers */
};

struct vantages {
	unsigned count;
	struct vantage list[VANTAGES_MAX]; /* in the order of their labels */
};

/* What stands behind the "@" of a resolver's name. */
struct view vantage_of(const struct resolver *resolver);
/* opinions as the rules count them. */
void vantages_read(struct vantages *vantages, const struct opinion *opinions, size_t count);
/* Not all of one mind: some fail it here and none there, or not as many of them. */
bool vantages_differ(const struct vantages *vantages);
/* From one place all resolvers that can tell fail it, from another they all resolve it. */
bool vantages_disagree(const struct vantages *vantages);
