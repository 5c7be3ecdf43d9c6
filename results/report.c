/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/report.h"

#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
	const struct report_resolver *x = a, *y = b;

	return strcmp(x->resolver->name, y->resolver->name);
}

static enum tri worse(enum tri a, enum tri b)
{
	if (a == TRI_NO || b == TRI_NO)
		return TRI_NO;
	return a == TRI_YES ? a : b;
}

size_t report_resolvers(const struct tally *tally, struct group *group,
			struct report_resolver **list)
{
	size_t all = group_resolver_count(group), count = 0;
	struct report_resolver *r = calloc(all + 1, sizeof(*r));

	*list = r;
	if (!r)
		return 0;
	for (size_t i = 0; i < all; i++) {
		const struct resolver *resolver = group_resolver(group, (int)i);

		r[i].resolver = resolver;
		r[i].reachable = resolver->reachable;
		r[i].validates = resolver->validates;
		r[i].honours_cd = resolver->honours_cd;
		r[i].useless = resolver_is_useless(resolver);
		if (i < tally->resolver_count)
			r[i].sum = tally->resolvers[i];
	}
	qsort(r, all, sizeof(*r), by_name);
	for (size_t i = 0; i < all; i++) {
		if (count && by_name(&r[count - 1], &r[i]) == 0) {
			tally_resolver_join(&r[count - 1].sum, &r[i].sum);
			r[count - 1].reachable = worse(r[count - 1].reachable, r[i].reachable);
			r[count - 1].validates = worse(r[count - 1].validates, r[i].validates);
			r[count - 1].honours_cd = worse(r[count - 1].honours_cd, r[i].honours_cd);
			r[count - 1].useless |= r[i].useless;
		} else {
			r[count++] = r[i];
		}
	}
	return count;
}

static int by_rows(const void *a, const void *b)
{
	const struct report_pair *x = a, *y = b;

	if (x->rows != y->rows)
		return x->rows < y->rows ? 1 : -1;
	return x->normal != y->normal ? (int)x->normal - (int)y->normal : (int)x->cd - (int)y->cd;
}

size_t report_pairs(const struct tally *tally, struct report_pair *list)
{
	size_t count = 0;

	for (unsigned i = 0; i < TALLY_WORDS; i++)
		for (unsigned j = 0; j < TALLY_WORDS; j++)
			if (tally->pairs[i][j])
				list[count++] = (struct report_pair){i, j, tally->pairs[i][j]};
	qsort(list, count, sizeof(*list), by_rows);
	return count;
}

size_t report_causes(const struct tally *tally, enum cause *list)
{
	size_t count = 0;

	for (unsigned cause = 1; cause < CAUSE_COUNT; cause++) {
		size_t i = count;

		if (!tally->cause[cause])
			continue;
		for (; i > 0 && tally->cause[list[i - 1]] < tally->cause[cause]; i--)
			list[i] = list[i - 1];
		list[i] = (enum cause)cause;
		count++;
	}
	return count;
}
