/* SPDX-License-Identifier: BSD-2-Clause */

/* The addresses of a name server's name, from the servers of the zone that it is in. */
#include "scanner/evidence/zone.h"

#include "scanner/dns/records.h"

enum { TYPE_AAAA = 28 };

const struct host host_unknown = {.kind = HOST_UNKNOWN, .why = "not looked for"};
const struct host host_loop = {.kind = HOST_LOOP, .why = "to find it, it must be known already"};

const struct host *need_host(struct fact *self, const uint8_t *name)
{
	struct fact_key key = {.kind = KIND_HOST, .road = fact_key(self)->road, .name = name};

	return fact_need(self, &key);
}

static bool is(struct fact *self, const struct host *host)
{
	return fact_is(self, arena_copy(fact_arena(self), host, sizeof(*host)));
}

static void take_addresses(struct host *host, const struct probe *probe, const uint8_t *name,
			   uint16_t type, uint16_t port)
{
	const struct records *records = probe->records;
	const struct record *record;
	unsigned at = 0, taken = 0;

	while (taken < ZONE_FAMILY_MAX &&
	       (record = records_next(records, &at, SECTION_ANSWER, name, type)) != NULL)
		if (addr_from_octets(&host->addr[host->addr_count], record_rdata(records, record),
				     record->rdata_len, port)) {
			host->addr_count++;
			taken++;
		}
}

/* Resolvers follow the alias of a name server's name, except BIND (RFC 2181 10.3 forbids it). */
static bool by_alias(struct fact *self, struct host *host, const uint8_t *target, bool loop)
{
	const struct host *other = loop ? &host_loop : need_host(self, target);

	if (other == NULL)
		return false;
	host->kind = HOST_ALIAS;
	host->alias = arena_copy(fact_arena(self), target, dname_len(target));
	host->addr_count = other->addr_count;
	for (unsigned i = 0; i < other->addr_count; i++)
		host->addr[i] = other->addr[i];
	if (host->addr_count > 0)
		fact_sound(self);
	return is(self, host);
}

/* What the two answers say. */
static bool settle(struct fact *self, struct host *host, const struct asking *a,
		   const struct asking *aaaa)
{
	const struct world *world = facts_world(fact_facts(self));
	const struct asking *any = host->probe[0] != NULL ? a : aaaa;
	const uint8_t *name = fact_key(self)->name;

	if (any->reading.aliases > 0)
		return by_alias(self, host, any->reading.target, any->reading.alias_loop);
	if (host->probe[0] != NULL)
		take_addresses(host, a->probe, name, TYPE_A, world->port);
	if (host->probe[1] != NULL)
		take_addresses(host, aaaa->probe, name, TYPE_AAAA, world->port);
	if (host->addr_count > 0) {
		host->kind = HOST_FOUND;
		fact_sound(self);
	} else if (any->reading.no_name) {
		host->kind = HOST_NO_NAME;
	} else {
		host->kind = HOST_NO_ADDRESS;
	}
	return is(self, host);
}

bool host_find(struct fact *self)
{
	const uint8_t *name = fact_key(self)->name;
	const struct place *place = need_place(self, name);
	struct host host = {.kind = HOST_UNRESOLVABLE};
	struct asking a, aaaa;
	enum asking_state got_a, got_aaaa;

	if (place == NULL)
		return false;
	host.zone = place->zone;
	host.why = place->why;
	if (place->kind == PLACE_UNKNOWN)
		return fact_is(self, &host_unknown);
	host.excluded = place->excluded;
	if (place->excluded || place->unsought)
		host.kind = HOST_UNKNOWN;
	if (place->kind == PLACE_LOOP)
		host.kind = HOST_LOOP;
	if (place->kind == PLACE_NO_NAME)
		host.kind = HOST_NO_NAME;
	if (place->kind != PLACE_ZONE && place->kind != PLACE_INSIDE)
		return is(self, &host);
	got_a = zone_ask(self, place->zone, name, TYPE_A, 0, &a);
	got_aaaa = zone_ask(self, place->zone, name, TYPE_AAAA, 0, &aaaa);
	if (got_a == ASKING_WAITS || got_aaaa == ASKING_WAITS)
		return false;
	host.probe[0] = got_a == ASKING_DONE ? a.probe : NULL;
	host.probe[1] = got_aaaa == ASKING_DONE ? aaaa.probe : NULL;
	if (got_a == ASKING_DONE || got_aaaa == ASKING_DONE)
		return settle(self, &host, &a, &aaaa);
	host.excluded = a.excluded;
	/* who was not asked might have told */
	host.kind = a.loop		       ? HOST_LOOP
		    : a.excluded || a.unsought ? HOST_UNKNOWN
					       : HOST_UNRESOLVABLE;
	host.why = arena_text(fact_arena(self), "%s", a.why);
	return is(self, &host);
}
