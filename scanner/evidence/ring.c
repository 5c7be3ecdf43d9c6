/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Zones whose name servers are found only through each other, were it not for the glue that their
 * parent gives for names of other zones than the one it delegates (RFC 9471 2.2: sibling glue).
 */
#include "scanner/evidence/zone.h"

#define RING_MAX 6

/* The zones on the way, the outermost first. */
struct ring {
	const struct zone *zone[RING_MAX];
	unsigned count;
};

static bool has(const struct ring *ring, const struct zone *zone)
{
	for (unsigned i = 0; i < ring->count; i++)
		if (dname_equal(ring->zone[i]->name, zone->name))
			return true;
	return false;
}

/* *found: some name server of the zone is found without sibling glue, or it is not known. False:
 * waits. */
static bool look(struct fact *self, const struct zone *zone, struct ring ring, bool *found)
{
	*found = ring.count == RING_MAX || zone->ns_count == 0;
	if (*found)
		return true;
	ring.zone[ring.count++] = zone;
	for (unsigned i = 0; i < zone->ns_count && !*found; i++) {
		const struct ns *ns = &zone->ns[i];
		const struct place *place;

		*found = ns->inside || ns->glue_count == 0 || *ns->name == 0;
		if (*found)
			return true;
		place = need_place(self, dname_strip(ns->name, 1));
		if (place == NULL)
			return false;
		if (place->kind != PLACE_ZONE && place->kind != PLACE_INSIDE)
			*found = true;
		else if (!has(&ring, place->zone) && !look(self, place->zone, ring, found))
			return false;
	}
	return true;
}

bool zone_in_ring(struct fact *self, const struct zone *zone, bool *in_ring)
{
	struct ring ring = {.count = 0};
	bool found;

	if (!look(self, zone, ring, &found))
		return false;
	*in_ring = !found;
	return true;
}
