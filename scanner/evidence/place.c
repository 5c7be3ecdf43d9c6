/* SPDX-License-Identifier: BSD-2-Clause */

/* Which zone a name belongs to, as the delegations from the root down say. */
#include "scanner/evidence/zone.h"

#include <stdlib.h>
#include <string.h>

#include "scanner/evidence/delegation.h"
#include "scanner/lists/glue.h"
#include "scanner/evidence/reach.h"
#include "scanner/dns/records.h"

enum { TYPE_AAAA = 28 };

const struct place place_unknown = {.kind = PLACE_UNKNOWN, .why = "nothing more was asked"};
const struct place place_loop = {.kind = PLACE_LOOP, .why = "a loop"};

const struct place *need_place(struct fact *self, const uint8_t *name)
{
	struct fact_key key = {.kind = KIND_PLACE, .road = fact_key(self)->road, .name = name};

	return fact_need(self, &key);
}

static bool is(struct fact *self, enum place_kind kind, const struct zone *zone, const char *why)
{
	struct place *place = arena_take(fact_arena(self), sizeof(*place));

	*place = (struct place){.kind = kind, .zone = zone, .why = why};
	return fact_is(self, place);
}

/* Nobody tells what is below the zone. */
static bool is_silent(struct fact *self, const struct zone *zone, const struct asking *asking)
{
	struct place *place = arena_take(fact_arena(self), sizeof(*place));

	*place = (struct place){.kind = asking->loop ? PLACE_LOOP : PLACE_SILENT,
				.zone = zone,
				.why = arena_text(fact_arena(self), "%s", asking->why),
				.excluded = asking->excluded,
				.unsought = asking->unsought};
	return fact_is(self, place);
}

/* ---- the root ---- */

/* Resolvers in the place of all name servers, of the root as of every zone below. */
static bool root_by_resolvers(struct fact *self)
{
	const struct world *world = facts_world(fact_facts(self));
	struct arena *arena = fact_arena(self);
	struct zone *zone = arena_take(arena, sizeof(*zone));

	zone->name = arena_copy(arena, "", 1);
	zone->ns = arena_take(arena, world->relay_count * sizeof(struct ns));
	zone->ns_count = world->relay_count;
	for (unsigned i = 0; i < world->relay_count; i++)
		zone->ns[i] = (struct ns){.name = zone->name,
					  .resolver = world->relays[i].text,
					  .inside = true,
					  .glue = {world->relays[i].addr},
					  .glue_count = 1};
	return is(self, PLACE_ZONE, zone, NULL);
}

static bool root(struct fact *self)
{
	const struct world *world = facts_world(fact_facts(self));
	const struct hints *hints = world->hints;
	struct arena *arena = fact_arena(self);
	const struct reach *reach = need_reach(self, REACH_AGE_NS);
	struct zone *zone;

	if (reach == NULL)
		return false;
	if (!reach->ipv4 && !reach->ipv6) {
		fact_unsound(self); /* later it may be otherwise */
		return is(self, PLACE_UNKNOWN, NULL,
			  reach->why != NULL ? reach->why
					     : "the root servers cannot be reached from here");
	}
	zone = arena_take(arena, sizeof(*zone));
	zone->name = arena_copy(arena, "", 1);
	zone->ns = arena_take(arena, hints->count * sizeof(struct ns));
	zone->ns_count = hints->count;
	for (unsigned i = 0; i < hints->count; i++) {
		zone->ns[i].name =
			arena_copy(arena, hints->server[i].name, dname_len(hints->server[i].name));
		zone->ns[i].inside = true;
		zone->ns[i].glue_count = hints->server[i].addr_count;
		memcpy(zone->ns[i].glue, hints->server[i].addr, sizeof(hints->server[i].addr));
		for (unsigned a = 0; a < zone->ns[i].glue_count; a++)
			addr_set_port(&zone->ns[i].glue[a], world->port);
	}
	return is(self, PLACE_ZONE, zone, NULL);
}

/* ---- a delegation ---- */

static int by_name(const void *a, const void *b)
{
	return dname_compare(((const struct ns *)a)->name, ((const struct ns *)b)->name);
}

static bool has_ns(const struct zone *zone, const uint8_t *name)
{
	for (unsigned i = 0; i < zone->ns_count; i++)
		if (dname_equal(zone->ns[i].name, name))
			return true;
	return false;
}

static void take_glue(struct ns *ns, const struct records *records, uint16_t type, uint16_t port)
{
	const struct record *record;
	unsigned at = 0, taken = 0;

	while (taken < ZONE_FAMILY_MAX &&
	       (record = records_next(records, &at, SECTION_ANSWER | SECTION_ADDITIONAL, ns->name,
				      type)) != NULL) {
		struct addr addr;

		if (!addr_from_octets(&addr, record_rdata(records, record), record->rdata_len,
				      port) ||
		    (addr.sa.sa_family == AF_INET) != (type == TYPE_A))
			continue;
		ns->glue[ns->glue_count++] = addr;
		taken++;
	}
}

/* The NS RRset of `child`, with addresses as far as the parent may tell them. */
static struct zone *read_delegation(struct fact *self, const struct zone *parent,
				    const uint8_t *child, const struct records *records,
				    unsigned sections)
{
	const struct world *world = facts_world(fact_facts(self));
	struct arena *arena = fact_arena(self);
	struct zone *zone = arena_take(arena, sizeof(*zone));
	const struct record *record;
	unsigned at = 0;

	zone->name = arena_copy(arena, child, dname_len(child));
	zone->parent = parent;
	if (fact_key(self)->road == ROAD_RESOLVERS) {
		zone->ns = parent->ns;
		zone->ns_count = parent->ns_count;
		return zone;
	}
	zone->ns = arena_take(arena, ZONE_NS_MAX * sizeof(struct ns));
	while ((record = records_next(records, &at, sections, child, TYPE_NS)) != NULL) {
		uint8_t name[DNAME_MAX];
		struct ns *ns = &zone->ns[zone->ns_count];

		if (record_name(records, record, 0, name) == 0 || has_ns(zone, name))
			continue;
		if (zone->ns_count == ZONE_NS_MAX) {
			zone->ns_left_out = true;
			break;
		}
		zone->ns_count++;
		ns->name = arena_copy(arena, name, dname_len(name));
		ns->inside = dname_under(name, zone->name);
		/* only what lies in the zone that was asked can be known there */
		if (dname_under(name, parent->name)) {
			take_glue(ns, records, TYPE_A, world->port);
			take_glue(ns, records, TYPE_AAAA, world->port);
		}
	}
	qsort(zone->ns, zone->ns_count, sizeof(struct ns), by_name);
	return zone;
}

/* As the zone file has it that the name was read from; NULL: not all is known of it. */
static struct zone *by_file(struct fact *self, const struct zone *parent)
{
	const struct world *world = facts_world(fact_facts(self));
	const struct job *job = fact_job(self);
	const struct delegation *delegation = job->delegation;
	const uint8_t *name = fact_key(self)->name;
	struct arena *arena = fact_arena(self);
	struct zone *zone;

	if (delegation == NULL || fact_key(self)->road != ROAD_SERVERS ||
	    !dname_equal(job->delegated, name) || !dname_below(name, parent->name))
		return NULL;
	zone = arena_take(arena, sizeof(*zone));
	zone->name = arena_copy(arena, name, dname_len(name));
	zone->parent = parent;
	zone->file_ds = arena_copy(arena, &delegation->ds, sizeof(delegation->ds));
	zone->ns = arena_take(arena, ZONE_NS_MAX * sizeof(struct ns));
	zone->ns_left_out = delegation->ns_left_out;
	for (; zone->ns_count < delegation->ns_count; zone->ns_count++) {
		struct ns *ns = &zone->ns[zone->ns_count];
		const uint8_t *host = delegation->ns[zone->ns_count];

		ns->name = arena_copy(arena, host, dname_len(host));
		ns->inside = dname_under(host, name);
		if (world->glue != NULL && dname_under(host, parent->name))
			ns->glue_count = glue_find(world->glue, host, ns->glue, ZONE_FAMILY_MAX,
						   world->port);
		if (ns->inside && ns->glue_count == 0 &&
		    (world->glue == NULL || !glue_complete(world->glue)))
			return NULL;
	}
	qsort(zone->ns, zone->ns_count, sizeof(struct ns), by_name);
	return zone;
}

/*
 * Who is a server of both zones answers as the child's, and need not add addresses (BIND's
 * minimal-responses): resolvers ask for them where they asked for the rest. False: waits.
 */
static bool ask_addresses(struct fact *self, const struct zone *parent, struct zone *child)
{
	static const uint16_t types[] = {TYPE_A, TYPE_AAAA};
	const struct world *world = facts_world(fact_facts(self));
	bool come = true;

	for (unsigned i = 0; i < child->ns_count; i++) {
		struct ns *ns = &child->ns[i];
		bool given = ns->glue_count > 0;

		for (size_t t = 0; ns->inside && !given && t < sizeof(types) / sizeof(*types); t++) {
			struct asking asking;
			enum asking_state state =
				zone_ask(self, parent, ns->name, types[t], 0, &asking);

			come &= state != ASKING_WAITS;
			if (state == ASKING_DONE)
				take_glue(ns, asking.probe->records, types[t], world->port);
		}
	}
	return come;
}

/* The answer to name/NS from a server of `zone`. */
static bool judge(struct fact *self, const struct zone *zone, const struct asking *asking)
{
	const uint8_t *name = fact_key(self)->name;
	const struct reading *reading = &asking->reading;
	const struct records *records = asking->probe->records;
	struct zone *child = NULL;

	if (reading->kind == READING_REFERRAL && dname_equal(reading->owner, name))
		child = read_delegation(self, zone, name, records, SECTION_AUTHORITY);
	else if (reading->kind == READING_ANSWER && reading->has_data && reading->aliases == 0)
		child = read_delegation(self, zone, name, records, SECTION_ANSWER);
	if (child == NULL)
		return is(self,
			  reading->no_name && reading->aliases == 0 ? PLACE_NO_NAME : PLACE_INSIDE,
			  zone, NULL);
	child->delegation = asking->probe;
	child->by_child = reading->kind == READING_ANSWER;
	if (child->by_child && !ask_addresses(self, zone, child))
		return false;
	return is(self, PLACE_ZONE, child, NULL);
}

bool place_find(struct fact *self)
{
	const uint8_t *name = fact_key(self)->name;
	const struct place *above;
	const struct zone *zone;
	struct asking asking;

	if (*name == 0)
		return fact_key(self)->road == ROAD_RESOLVERS ? root_by_resolvers(self)
							      : root(self);
	above = need_place(self, dname_strip(name, 1));
	if (above == NULL)
		return false;
	if (above->kind != PLACE_ZONE && above->kind != PLACE_INSIDE)
		return fact_is(self, above);
	zone = by_file(self, above->zone);
	if (zone != NULL)
		return is(self, PLACE_ZONE, zone, NULL);
	switch (zone_ask(self, above->zone, name, TYPE_NS, 0, &asking)) {
	case ASKING_WAITS:
		return false;
	case ASKING_SILENT:
		return is_silent(self, above->zone, &asking);
	case ASKING_DONE:
		break;
	}
	fact_sound(self);
	return judge(self, above->zone, &asking);
}
