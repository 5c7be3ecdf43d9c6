/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/report/report.h"

#include <stdlib.h>
#include <string.h>

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
