/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * agreement -- of each two resolvers, how often they agree on the questions that both can tell
 * about. Sums only. One owner.
 *
 * Memory   for the first AGREEMENT_MAX resolvers by name, 100 kB; the others are not compared.
 */
#pragma once

#include "results/judge/facts.h"

#define AGREEMENT_MAX 56

/* A resolver has an answer, or fails it; who cannot tell, or says now this, now that, does not
 * count. */
struct agreement_pair {
	uint64_t both_resolve, both_fail, first_fails, second_fails;
};

struct agreement {
	const char *name[AGREEMENT_MAX]; /* by identity; NULL: never seen. Owned by the resolvers */
	struct agreement_pair pair[AGREEMENT_MAX][AGREEMENT_MAX]; /* first < second */
};

/* Of `times` questions with the same opinions. */
void agreement_add(struct agreement *agreement, const struct opinion *opinions, size_t count,
		   uint64_t times);
void agreement_join(struct agreement *into, const struct agreement *from);
