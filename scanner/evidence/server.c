/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/evidence/server.h"

#include <string.h>

#include "io/clock.h"
#include "scanner/evidence/reach.h"
#include "scanner/dns/records.h"

const struct server server_unknown = {
	.finding = "not-asked",
	.detail = "the time or the number of probes for this name was used up"};
const struct reputation reputation_none;

const struct server *need_server(struct fact *self, const struct zone *zone,
				 const struct addr *addr, const uint8_t *qname, uint16_t qtype,
				 unsigned how)
{
	struct fact_key key = {.kind = KIND_SERVER,
			       .road = fact_key(self)->road,
			       .variant = (uint16_t)how,
			       .qtype = qtype,
			       .zone = zone->name,
			       .name = qname,
			       .addr = addr};

	return fact_need(self, &key);
}

/* ---- reputation ---- */

bool reputation_find(struct fact *self)
{
	const struct fact_key *key = fact_key(self);
	const struct world *world = facts_world(fact_facts(self));
	struct reputation reputation = reputation_none;

	if (world->reputation != NULL)
		reputation = world->reputation(world->owner, key->addr, key->zone);
	return fact_is(self, arena_copy(fact_arena(self), &reputation, sizeof(reputation)));
}

static const struct reputation *need_reputation(struct fact *self, const uint8_t *zone,
						const struct addr *addr)
{
	struct fact_key key = {.kind = KIND_REPUTATION, .zone = zone, .addr = addr};

	return fact_need(self, &key);
}

const struct zone *ancestor_server(const struct zone *zone, const struct addr *addr)
{
	for (zone = zone->parent; zone != NULL; zone = zone->parent)
		for (unsigned i = 0; i < zone->ns_count; i++)
			for (unsigned a = 0; a < zone->ns[i].glue_count; a++)
				if (addr_equal(&zone->ns[i].glue[a], addr))
					return zone;
	return NULL;
}

/* ---- the rows ---- */

static void show(struct server *server, const struct probe *probe)
{
	if (probe != NULL && probe->outcome != OUTCOME_NOT_ASKED &&
	    server->shown < SERVER_SHOWN_MAX)
		server->show[server->shown++] = probe;
}

static void show_all(struct server *server, const struct ladder *l)
{
	const struct probe *probes[] = {
		l->udp,	       l->patient,	l->plain,	   l->tcp,
		l->soa,	       l->soa_plain,	l->small,	   l->dnskey,
		l->dnskey_tcp, l->dnskey_plain, l->dnskey_patient, l->dnskey_small,
		l->rrsig,      l->nsec3param,	l->nsec,	   l->cookie,
		l->cd,	       l->mixed,	l->tcp_first,	   l->dnskey_tcp_first};

	for (unsigned i = 0; i < sizeof(probes) / sizeof(probes[0]); i++)
		show(server, probes[i]);
	for (unsigned i = 0; i < SERVER_AGAIN; i++) {
		show(server, l->again[i]);
		show(server, l->dnskey_again[i]);
	}
	for (unsigned i = 0; i < PROBE_PACED_COUNT; i++)
		show(server, l->paced[i]);
	for (unsigned i = 0; i < SERVER_LATER; i++)
		show(server, l->later[i]);
}

/* ---- where nothing is asked ---- */

static bool without_asking(struct fact *self, struct server *server, const char *finding,
			   const char *detail)
{
	server->finding = finding;
	server->detail = detail;
	return fact_is(self, arena_copy(fact_arena(self), server, sizeof(*server)));
}

static enum heard heard(struct fact *self)
{
	const struct world *world = facts_world(fact_facts(self));

	return world->heard != NULL
		       ? world->heard(world->owner, fact_key(self)->addr, fact_key(self)->zone)
		       : HEARD_NEVER;
}

static bool by_reputation(struct fact *self, struct server *server,
			  const struct reputation *reputation)
{
	server->heard = reputation->mute && heard(self) != HEARD_NEVER;
	return without_asking(
		self, server, reputation->finding,
		reputation->mute
			? arena_text(fact_arena(self),
				     "not asked again: no answer to probes for %u other zones",
				     reputation->zones)
			: arena_text(fact_arena(self),
				     "not asked: as %u other zones at this server",
				     reputation->zones));
}

/* A resolver in the place of a name server: it has an answer, or it has none. */
static bool ask_resolver(struct fact *self, const struct zone *zone, struct server *server)
{
	const struct fact_key *key = fact_key(self);
	const struct probe *probe = need_probe(self, key->addr, key->name, key->qtype, PROBE_RELAY);
	char text[120];

	if (probe == NULL)
		return false;
	server->asked = true;
	show(server, probe);
	server->finding = "ok";
	server->detail = "";
	if (probe_useful(probe, zone, &server->reading)) {
		server->usable = true;
		server->answer = probe;
	} else {
		probe_say(text, sizeof(text), probe,
			  probe_answered(probe) ? &server->reading : NULL);
		server->finding = "no-answer";
		server->detail = arena_text(fact_arena(self), "%s", text);
	}
	return fact_is(self, arena_copy(fact_arena(self), server, sizeof(*server)));
}

/* Not even in a world of its own can a server have such an address. */
static bool nobodys(const char *special)
{
	static const char *const kinds[] = {"this-network", "unspecified", "multicast",
					    "broadcast",    "reserved",	   "link-local",
					    "ipv4-mapped",  "discard",	   "ipv4-compatible"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i], special) == 0)
			return true;
	return false;
}

/* In a world of its own, as the root's servers show: a dead address of another kind than theirs. */
static void reconsider_special(struct fact *self, struct server *server, const char *special)
{
	const struct world *world = facts_world(fact_facts(self));
	const struct hints *hints = world->hints;

	if (strcmp(server->finding, "ns-timeout") != 0 &&
	    strcmp(server->finding, "ns-unreachable") != 0)
		return;
	for (unsigned i = 0; i < hints->count; i++)
		for (unsigned a = 0; a < hints->server[i].addr_count; a++) {
			const char *kind = addr_special(&hints->server[i].addr[a]);

			if (kind != NULL && strcmp(kind, special) == 0)
				return;
		}
	server_is(self, server, "ns-address-special", "a %s address; %s", special, server->detail);
}

/* It comes to what it does because TCP failed. */
static bool blames_streams(const struct server *server, const struct ladder *l)
{
	if (strcmp(server->finding, "dnskey-unobtainable") == 0)
		return server->dnskey == NULL && !probe_answered(l->dnskey) &&
		       l->dnskey_tcp != NULL && !probe_answered(l->dnskey_tcp);
	return strcmp(server->finding, "tcp-blocked") == 0 ||
	       strcmp(server->finding, "large-answers-lost") == 0;
}

/* Where TCP does not get out of here, what needs it is not seen. False: waits. */
static bool consider_streams(struct fact *self, struct server *server, const struct ladder *l)
{
	const struct reach *reach =
		blames_streams(server, l) ? need_streams(self) : &reach_all;

	if (reach == NULL)
		return false;
	if (reaches(reach, &server->addr))
		return true;
	server->usable = false;
	server->no_route = true;
	server_is(self, server, "no-route",
		  "what it says needs TCP, over which no root server answers here either");
	return true;
}

/* It comes to what it does because queries got no answer. */
static bool blames_silence(const struct server *server)
{
	static const char *const findings[] = {"ns-timeout",   "udp-blocked",	     "packet-loss",
					       "edns-dropped", "large-answers-lost", "tcp-blocked",
					       "dnskey-unobtainable"};

	for (size_t i = 0; i < sizeof(findings) / sizeof(*findings); i++)
		if (strcmp(server->finding, findings[i]) == 0)
			return true;
	return false;
}

bool server_find(struct fact *self)
{
	const struct fact_key *key = fact_key(self);
	const struct world *world = facts_world(fact_facts(self));
	const char *special = addr_special(key->addr);
	struct server server = {.addr = *key->addr};
	const struct place *place = need_place(self, key->zone);
	const struct reputation *reputation;
	const struct reach *reach;
	struct ladder ladder = {.qname = key->name,
				.qtype = key->qtype,
				.is_signed = key->variant & SERVER_SIGNED,
				.measure = key->variant & SERVER_MEASURE};

	if (place == NULL)
		return false;
	if (place->zone == NULL)
		return fact_is(self, &server_unknown);
	if (key->road == ROAD_RESOLVERS)
		return ask_resolver(self, place->zone, &server);
	reputation = need_reputation(self, key->zone, key->addr);
	reach = need_reach(self, REACH_AGE_NS);
	if (reputation == NULL || reach == NULL)
		return false;
	ladder.zone = place->zone;
	ladder.steady = reputation->steady;
	/* a public name server cannot have it, and whoever has it did not ask to be asked */
	if (special != NULL && (!world->hints->special || nobodys(special)))
		return without_asking(
			self, &server, "ns-address-special",
			arena_text(fact_arena(self), "not asked: a %s address", special));
	if (!reaches(reach, key->addr)) {
		server.no_route = true;
		return without_asking(self, &server, "no-route",
				      key->addr->sa.sa_family == AF_INET6
					      ? "not asked: no root server answers over IPv6 here"
					      : "not asked: no root server answers over IPv4 here");
	}
	if (reputation->finding != NULL)
		return by_reputation(self, &server, reputation);
	if (!server_ask(self, &ladder))
		return false;
	server.asked = true;
	show_all(&server, &ladder);
	ladder.heard = heard(self);
	server_judge(self, &ladder, &server);
	if (!consider_streams(self, &server, &ladder))
		return false;
	server.lossy = world->lossy != NULL && blames_silence(&server) &&
		       world->lossy(world->owner);
	if (special != NULL)
		reconsider_special(self, &server, special);
	if (world->report != NULL && server.asked && !server.no_route)
		world->report(world->owner, key->addr, key->zone, server.finding);
	return fact_is(self, arena_copy(fact_arena(self), &server, sizeof(server)));
}
