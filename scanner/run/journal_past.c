/* SPDX-License-Identifier: BSD-2-Clause */

#include <stdlib.h>

#include "scanner/run/journal_inner.h"

static int by_first(const void *a, const void *b)
{
	const struct leg *const *x = a, *const *y = b;

	return ((*x)->first > (*y)->first) - ((*x)->first < (*y)->first);
}

static int by_ordinal(const void *a, const void *b)
{
	const struct debt *const *x = a, *const *y = b;

	return ((*x)->ordinal > (*y)->ordinal) - ((*x)->ordinal < (*y)->ordinal);
}

bool past_init(struct past *past, struct journal *journal)
{
	size_t legs = 0, debts = 0;

	*past = (struct past){.journal = journal, .end = journal->next, .print = journal->print};
	for (const struct leg *leg = journal->legs; leg != NULL; leg = leg->next)
		legs++;
	for (const struct debt *debt = journal->debts; debt != NULL; debt = debt->next)
		debts++;
	past->legs = calloc(legs + 1, sizeof(struct leg *));
	past->debts = calloc(debts + 1, sizeof(struct debt *));
	if (past->legs == NULL || past->debts == NULL)
		return false;
	for (struct leg *leg = journal->legs; leg != NULL; leg = leg->next)
		past->legs[past->leg_count++] = leg;
	for (struct debt *debt = journal->debts; debt != NULL; debt = debt->next)
		past->debts[past->debt_count++] = debt;
	qsort(past->legs, legs, sizeof(struct leg *), by_first);
	qsort(past->debts, debts, sizeof(struct debt *), by_ordinal);
	return true;
}

void past_free(struct past *past)
{
	free(past->legs);
	free(past->debts);
	*past = (struct past){0};
}

enum past_says past_look(struct past *past, uint64_t ordinal, uint64_t print)
{
	enum past_says says = PAST_DONE;

	past->leg = NULL;
	past->leg_ends = false;
	if (ordinal >= past->end)
		return PAST_NEW;
	while (past->leg_at < past->leg_count &&
	       ordinal >= past->legs[past->leg_at]->first + past->legs[past->leg_at]->count)
		past->leg_at++;
	if (past->leg_at < past->leg_count && ordinal >= past->legs[past->leg_at]->first) {
		struct leg *leg = past->leg = past->legs[past->leg_at];

		past->leg_ends = ordinal == leg->first + leg->count - 1;
		if (!leg->names[ordinal - leg->first].ended)
			says = PAST_OPEN;
		if (past->leg_ends && leg->print != print)
			return PAST_CHANGED;
	}
	return ordinal == past->end - 1 && print != past->print ? PAST_CHANGED : says;
}

struct debt *past_debt(struct past *past, uint64_t ordinal)
{
	while (past->debt_at < past->debt_count && past->debts[past->debt_at]->ordinal < ordinal)
		past->debt_at++;
	if (past->debt_at == past->debt_count || past->debts[past->debt_at]->ordinal > ordinal)
		return NULL;
	return past->debts[past->debt_at++];
}
