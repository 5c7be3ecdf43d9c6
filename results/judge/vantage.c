/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/judge/vantage.h"

#include <string.h>

struct view vantage_of(const struct resolver *resolver)
{
	const char *at = strrchr(resolver->name, '@');

	return view_of(at ? at + 1 : "");
}

/* The one of that label; NULL: there is no room for it. */
static struct vantage *find(struct vantages *vantages, struct view label)
{
	unsigned i = 0;
	int order = 1;

	while (i < vantages->count && (order = view_order(vantages->list[i].label, label)) < 0)
		i++;
	if (i < vantages->count && order == 0)
		return &vantages->list[i];
	if (vantages->count == VANTAGES_MAX)
		return NULL;
	memmove(&vantages->list[i + 1], &vantages->list[i],
		(vantages->count - i) * sizeof(vantages->list[0]));
	vantages->list[i] = (struct vantage){.label = label};
	vantages->count++;
	return &vantages->list[i];
}

/* Who does not validate has no vote where others say that it does not. */
static bool is_a_matter_of_validation(const struct opinion *opinions, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (opinions[i].kind == OPINION_VALIDATION || opinions[i].kind == OPINION_MUTE_CD)
			return true;
	return false;
}

void vantages_read(struct vantages *vantages, const struct opinion *opinions, size_t count)
{
	bool validation = is_a_matter_of_validation(opinions, count);

	vantages->count = 0;
	for (size_t i = 0; i < count; i++) {
		struct vantage *vantage = find(vantages, vantage_of(opinions[i].resolver));

		if (!vantage)
			continue;
		switch (opinions[i].kind) {
		case OPINION_NONE:
		case OPINION_EXEMPT:
			vantage->unknown++;
			break;
		case OPINION_OK:
			*(validation && opinions[i].blind ? &vantage->unknown : &vantage->ok) += 1;
			break;
		case OPINION_RECOVERED:
		case OPINION_FLAPS:
			vantage->unsettled++;
			break;
		default:
			vantage->failing++;
		}
	}
}

bool vantages_differ(const struct vantages *vantages)
{
	for (unsigned i = 1; i < vantages->count; i++) {
		const struct vantage *a = &vantages->list[i - 1], *b = &vantages->list[i];
		unsigned bad_a = a->failing + a->unsettled, bad_b = b->failing + b->unsettled;

		if (bad_a * (bad_b + b->ok) != bad_b * (bad_a + a->ok))
			return true;
	}
	return false;
}

bool vantages_disagree(const struct vantages *vantages)
{
	bool fails = false, resolves = false;

	for (unsigned i = 0; i < vantages->count; i++) {
		const struct vantage *v = &vantages->list[i];

		fails |= v->failing && !v->ok && !v->unsettled;
		resolves |= v->ok && !v->failing && !v->unsettled;
	}
	return fails && resolves;
}
