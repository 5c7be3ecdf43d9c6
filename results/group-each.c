/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The second half of a group's life: everything sorted and handed out, question by question.
 */
#include "results/group-store.h"

#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
	const struct resolver *x = *(struct resolver *const *)a, *y = *(struct resolver *const *)b;

	return strcmp(x->name, y->name);
}

/* Equal names, equal identities; in the order of names, so that the order of files does not matter.
 */
static bool identify(struct group *group)
{
	size_t count = group->resolver_count;
	struct resolver **sorted = malloc((count + 1) * sizeof(*sorted));

	if (!sorted)
		return false;
	if (count)
		memcpy(sorted, group->resolvers, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), by_name);
	for (size_t i = 1; i < count; i++)
		sorted[i]->identity = sorted[i - 1]->identity +
				      (strcmp(sorted[i]->name, sorted[i - 1]->name) != 0);
	free(sorted);
	return true;
}

static int by_question(const void *a, const void *b)
{
	const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;
	int order = memcmp(x->name, y->name, x->len < y->len ? x->len : y->len);

	if (order)
		return order;
	return x->len != y->len ? x->len - y->len : x->qtype - y->qtype;
}

bool group_finish(struct group *group)
{
	size_t count = 0;

	group->sorted = malloc((group->size + 1) * sizeof(*group->sorted));
	if (!group->sorted || !identify(group))
		return false;
	for (size_t i = 0; i < group->slots; i++)
		for (struct entry *entry = group->slot[i]; entry; entry = entry->next)
			group->sorted[count++] = entry;
	qsort(group->sorted, count, sizeof(*group->sorted), by_question);
	return true;
}

static int compare_views(struct view a, struct view b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len ? memcmp(a.text, b.text, len) : 0;

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

#define COMPARE(a, b)                                                                              \
	do {                                                                                       \
		if ((a) != (b))                                                                    \
			return (a) < (b) ? -1 : 1;                                                 \
	} while (0)

/* By resolver and time; the rest only makes the order of equal ones the same every time. */
static int by_resolver_and_time(const void *a, const void *b)
{
	const struct look *x = a, *y = b;
	int order;

	COMPARE(x->resolver->identity, y->resolver->identity);
	COMPARE(x->time_ms, y->time_ms);
	COMPARE(x->kind, y->kind);
	COMPARE(x->rtt_us, y->rtt_us);
	COMPARE(x->ad, y->ad);
	if (!x->row || !y->row)
		return (x->row != NULL) - (y->row != NULL);
	COMPARE(x->row->normal.rcode, y->row->normal.rcode);
	COMPARE(x->row->cd.rcode, y->row->cd.rcode);
	COMPARE(x->row->cd.rtt_us, y->row->cd.rtt_us);
	COMPARE(x->row->normal.ede_count, y->row->normal.ede_count);
	order = compare_views(x->row->normal.ede_text, y->row->normal.ede_text);
	return order ? order : compare_views(x->row->cd_rrsig, y->row->cd_rrsig);
}

/* Room for one more element; *max grows by half and some. */
static void *room(void *list, size_t count, size_t *max, size_t size)
{
	void *more = list;

	if (count < *max)
		return list;
	more = reallocarray(list, *max + *max / 2 + 16, size);
	if (more)
		*max += *max / 2 + 16;
	return more;
}

static bool push_look(struct group *group, struct facts *facts, struct look look)
{
	size_t max = group->looks_max;
	struct look *looks = room(group->looks, facts->look_count, &max, sizeof(*looks));

	if (!looks)
		return false;
	group->looks = looks;
	if (max != group->looks_max || !group->opinions) {
		struct opinion *opinions = reallocarray(group->opinions, max, sizeof(*opinions));

		if (!opinions)
			return false;
		group->opinions = opinions;
		group->looks_max = max;
	}
	looks[facts->look_count++] = look;
	return true;
}

static bool push_briefs(struct group *group, const struct entry *entry, struct facts *facts)
{
	for (const struct briefs *briefs = entry->briefs; briefs; briefs = briefs->next) {
		for (unsigned i = 0; i < 3 && briefs->brief[i].resolver != NOBODY; i++) {
			const struct brief *brief = &briefs->brief[i];
			struct look look = {.resolver = group->resolvers[brief->resolver],
					    .kind = LOOK_CLEAN,
					    .ad = brief->ad,
					    .time_ms = (int64_t)brief->time_s * 1000,
					    .rtt_us = -1};

			if (brief->rtt_log2)
				look.rtt_us = (int64_t)(UINT64_C(1) << (brief->rtt_log2 - 1));
			if (!push_look(group, facts, look))
				return false;
		}
	}
	return true;
}

/* ---- evidence ---- */

/* Rows were put before those that they follow: of an inquiry, the first one of its rows comes last.
 */
static const struct proof *first_row(const struct proof *proof)
{
	while (proof->next && proof->next->inquiry == proof->inquiry)
		proof = proof->next;
	return proof;
}

static int compare_evidence(const struct evidence *x, const struct evidence *y)
{
	int order;

	COMPARE(x->time_ms, y->time_ms);
	if ((order = compare_views(x->probe, y->probe)) ||
	    (order = compare_views(x->zone, y->zone)) ||
	    (order = compare_views(x->address, y->address)) ||
	    (order = compare_views(x->finding, y->finding)))
		return order;
	return compare_views(x->detail, y->detail);
}

/* Of two inquiries the one that began later; all their rows decide only where the order of files
 * would. */
static int compare_inquiries(const struct proof *a, const struct proof *b)
{
	uint64_t of_a = a->inquiry, of_b = b->inquiry;
	int order = compare_evidence(&first_row(a)->evidence, &first_row(b)->evidence);

	while (order == 0 && a && b && a->inquiry == of_a && b->inquiry == of_b) {
		order = compare_evidence(&a->evidence, &b->evidence);
		a = a->next;
		b = b->next;
	}
	return order;
}

/* What was found out last about a question: earlier evidence may be of what is mended since. */
static const struct proof *newest_inquiry(const struct proof *proofs)
{
	const struct proof *newest = proofs;

	for (const struct proof *proof = proofs; proof; proof = first_row(proof)->next)
		if (compare_inquiries(proof, newest) > 0)
			newest = proof;
	return newest;
}

/* In the order in which they were written. */
static bool push_inquiry(struct group *group, const struct proof *proofs, struct facts *facts)
{
	size_t count = 0, at;
	const struct proof *proof;

	for (proof = proofs; proof && proof->inquiry == proofs->inquiry; proof = proof->next)
		count++;
	while (group->evidence_max < count) {
		struct evidence *list = room(group->evidence, group->evidence_max,
					     &group->evidence_max, sizeof(*list));

		if (!list)
			return false;
		group->evidence = list;
	}
	for (proof = proofs, at = count; at > 0; proof = proof->next)
		group->evidence[--at] = proof->evidence;
	facts->evidence_count = count;
	return true;
}

static bool push_extra(struct group *group, const struct extra *extra, struct facts *facts)
{
	for (const struct full *full = extra->rows; full; full = full->next) {
		struct look look = {.resolver = group->resolvers[full->resolver],
				    .kind = look_kind(&full->row),
				    .ad = (full->row.normal.flags & FLAG_AD) != 0,
				    .time_ms = full->row.time_ms,
				    .rtt_us = full->row.normal.rtt_us,
				    .row = &full->row};

		if (!push_look(group, facts, look))
			return false;
	}
	return push_inquiry(group, newest_inquiry(extra->proofs), facts);
}

bool group_each(struct group *group, bool dirty_only, group_each_fn *callback, void *arg)
{
	for (size_t i = 0; i < group->size; i++) {
		const struct entry *entry = group->sorted[i];
		struct facts facts = {.name = {entry->name, entry->len}, .qtype = entry->qtype};

		if (dirty_only && !entry->extra)
			continue;
		if (!push_briefs(group, entry, &facts) ||
		    (entry->extra && !push_extra(group, entry->extra, &facts)))
			return false;
		if (facts.look_count)
			qsort(group->looks, facts.look_count, sizeof(*group->looks),
			      by_resolver_and_time);
		facts.looks = group->looks;
		facts.evidence = group->evidence;
		if (!callback(&facts, group->opinions, arg))
			return false;
	}
	return true;
}
