/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/judge/agreement.h"

enum side { CANNOT_TELL, RESOLVES, FAILS };

static enum side side_of(enum opinion_kind kind)
{
	if (kind == OPINION_OK || kind == OPINION_RECOVERED)
		return RESOLVES;
	return kind >= OPINION_POLICY && kind < OPINION_RECOVERED ? FAILS : CANNOT_TELL;
}

static void add_pair(struct agreement_pair *pair, enum side first, enum side second, uint64_t times)
{
	if (first == second)
		*(first == FAILS ? &pair->both_fail : &pair->both_resolve) += times;
	else
		*(first == FAILS ? &pair->first_fails : &pair->second_fails) += times;
}

void agreement_add(struct agreement *agreement, const struct opinion *opinions, size_t count,
		   uint64_t times)
{
	struct {
		unsigned identity;
		enum side side;
	} seen[AGREEMENT_MAX];
	size_t known = 0;

	for (size_t i = 0; i < count && known < AGREEMENT_MAX; i++) {
		const struct resolver *resolver = opinions[i].resolver;
		enum side side = side_of(opinions[i].kind);

		if (resolver->identity >= AGREEMENT_MAX)
			continue;
		agreement->name[resolver->identity] = resolver->name;
		if (side == CANNOT_TELL)
			continue;
		for (size_t j = 0; j < known; j++) { /* opinions are sorted by identity */
			add_pair(&agreement->pair[seen[j].identity][resolver->identity],
				 seen[j].side, side, times);
		}
		seen[known].identity = resolver->identity;
		seen[known++].side = side;
	}
}

void agreement_join(struct agreement *into, const struct agreement *from)
{
	for (size_t i = 0; i < AGREEMENT_MAX; i++) {
		if (!into->name[i])
			into->name[i] = from->name[i];
		for (size_t j = i + 1; j < AGREEMENT_MAX; j++) {
			struct agreement_pair *a = &into->pair[i][j];
			const struct agreement_pair *b = &from->pair[i][j];

			a->both_resolve += b->both_resolve;
			a->both_fail += b->both_fail;
			a->first_fails += b->first_fails;
			a->second_fails += b->second_fails;
		}
	}
}
