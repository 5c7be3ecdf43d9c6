/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The names that wait to be asked again: all equally long, so they are due in the order in which
 * they came.
 */
#include "scanner/scan/recheck_inside.h"

#include <stdlib.h>
#include <string.h>

#include "io/clock.h"

void recheck_free_again(struct again *again)
{
	cells_destroy(&again->asked);
	free(again);
}

void recheck_put(struct recheck *recheck, struct again *again)
{
	again->due_ns = clock_mono_ns() + recheck->config.delay_ns;
	again->next = NULL;
	ADD(recheck, waiting, 1);
	pthread_mutex_lock(&recheck->lock);
	*recheck->last = again;
	recheck->last = &again->next;
	pthread_mutex_unlock(&recheck->lock);
}

/* Who need not be asked: as the debt tells, which is told in turn. False: out of memory. */
static bool spare(struct again *again, const struct recheck_name *name)
{
	struct debt *debt = name->debt;

	if (debt != NULL && debt->asked != NULL) {
		again->asked = cells_copy(debt->asked);
		return again->asked != NULL;
	}
	if (name->spared == NULL)
		return true;
	again->asked = cells_copy(name->spared);
	if (debt != NULL)
		debt->spared = cells_copy(name->spared);
	return again->asked != NULL && (debt == NULL || debt->spared != NULL);
}

bool recheck_name(struct recheck *recheck, const struct recheck_name *name)
{
	struct cells *spared = name->spared;
	struct again *again = NULL;

	if (atomic_load_explicit(&recheck->counters.waiting, memory_order_relaxed) < RECHECK_NAMES)
		again = malloc(sizeof(*again) + name->qname_len);
	if (again != NULL) {
		*again = (struct again){.debt = name->debt,
					.qtype = name->qtype,
					.qname_len = name->qname_len,
					.seen = name->seen};
		memcpy(again->qname, name->qname, name->qname_len);
		if (!spare(again, name)) {
			recheck_free_again(again);
			again = NULL;
		}
	}
	cells_destroy(&spared);
	if (again == NULL)
		recheck_skip(recheck);
	else
		recheck_put(recheck, again);
	return again != NULL;
}

void recheck_skip(struct recheck *recheck)
{
	ADD(recheck, skipped, 1);
}

/* A name is not asked again before it is in the files that it is to be. */
static bool is_due(const struct again *again, int64_t now_ns)
{
	return again->due_ns <= now_ns && (again->debt == NULL || atomic_load(&again->debt->owed));
}

/* The first name if its time has come; NULL: not yet, or nobody waits. */
struct again *recheck_take(struct recheck *recheck, int64_t now_ns)
{
	struct again *again;

	pthread_mutex_lock(&recheck->lock);
	again = recheck->first;
	if (again != NULL && !is_due(again, now_ns))
		again = NULL;
	if (again != NULL) {
		recheck->first = again->next;
		if (recheck->first == NULL)
			recheck->last = &recheck->first;
	}
	pthread_mutex_unlock(&recheck->lock);
	if (again != NULL)
		atomic_fetch_sub_explicit(&recheck->counters.waiting, 1, memory_order_relaxed);
	return again;
}

void recheck_forget_all(struct recheck *recheck)
{
	struct again *again;

	for (again = recheck->first; again != NULL; again = recheck->first) {
		recheck->first = again->next;
		recheck_free_again(again);
	}
	recheck->last = &recheck->first;
}
