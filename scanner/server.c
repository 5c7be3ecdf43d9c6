/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/server.h"

#include <string.h>

#include "io/clock.h"
#include "scanner/reach.h"
#include "scanner/records.h"

/* From here on resolvers begin to give up (unbound's discard-timeout is 1.9 s). */
#define LATE_NS (1800 * NS_PER_MS)

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

/* ---- the ladder ---- */

/* Asks once; true: has come (or was asked and known). */
static bool step(struct fact *self, const struct probe **to, const uint8_t *qname, uint16_t qtype,
		 enum probe_way way)
{
	*to = need_probe(self, fact_key(self)->addr, qname, qtype, way);
	return *to != NULL;
}

static bool error_of_edns(const struct probe *probe)
{
	return probe_answered(probe) &&
	       (probe->rcode == RCODE_FORMERR || probe->rcode == RCODE_NOTIMP ||
		probe->rcode == RCODE_BADVERS || probe->rcode == RCODE_SERVFAIL);
}

/* Rarely about EDNS, and met most often of all: REFUSED, NOTAUTH. */
static bool other_error(const struct probe *probe)
{
	return probe_answered(probe) && !error_of_edns(probe) && probe->rcode != RCODE_NOERROR &&
	       probe->rcode != RCODE_NXDOMAIN;
}

/* The question itself. False: waits. */
static bool ask_question(struct fact *self, struct ladder *l)
{
	bool come = true;

	if (!step(self, &l->udp, l->qname, l->qtype, PROBE_UDP))
		return false;
	if (l->udp->outcome == OUTCOME_NOT_ASKED || l->udp->unsent)
		return true;
	if (l->udp->outcome != OUTCOME_ANSWERED) {
		if (l->udp->outcome == OUTCOME_TIMEOUT)
			come = step(self, &l->patient, l->qname, l->qtype, PROBE_PATIENT);
		if (l->udp->outcome != OUTCOME_UNREACHABLE)
			come = step(self, &l->plain, l->qname, l->qtype, PROBE_PLAIN) && come;
		return step(self, &l->tcp, l->qname, l->qtype, PROBE_TCP) && come;
	}
	if (l->udp->truncated)
		come = step(self, &l->tcp, l->qname, l->qtype, PROBE_TCP);
	if (error_of_edns(l->udp))
		come = step(self, &l->plain, l->qname, l->qtype, PROBE_PLAIN) && come;
	return come;
}

static bool any_useful(const struct ladder *l)
{
	return probe_useful(l->udp, l->zone, NULL) || probe_useful(l->patient, l->zone, NULL) ||
	       probe_useful(l->tcp, l->zone, NULL);
}

/* The zone's SOA, where the question got no good answer. */
static bool ask_soa(struct fact *self, struct ladder *l)
{
	/* is it EDNS that gets no answer, or is it the size of this one? */
	bool only_plain = l->udp->outcome == OUTCOME_TIMEOUT && l->plain != NULL &&
			  l->plain->outcome == OUTCOME_ANSWERED;
	bool come = true;

	if ((any_useful(l) && !only_plain) || l->udp->unsent ||
	    l->udp->outcome == OUTCOME_NOT_ASKED || l->udp->outcome == OUTCOME_UNREACHABLE)
		return true;
	if (other_error(l->udp)) {
		/* one question for both: without EDNS, and of another type */
		if (!step(self, &l->soa_plain, l->zone->name, TYPE_SOA, PROBE_PLAIN))
			return false;
		if (!probe_useful(l->soa_plain, l->zone, NULL))
			return true;
		come = step(self, &l->plain, l->qname, l->qtype, PROBE_PLAIN);
	}
	if (l->qtype == TYPE_SOA && dname_equal(l->qname, l->zone->name))
		return come;
	return step(self, &l->soa, l->zone->name, TYPE_SOA, PROBE_UDP) && come;
}

/* The same question again, in other words: each way is asked once only. False: waits. */
static bool ask_once_more(struct fact *self, const struct probe *to[SERVER_AGAIN],
			  const uint8_t *qname, uint16_t qtype)
{
	static const enum probe_way ways[SERVER_AGAIN] = {PROBE_PATIENT, PROBE_COOKIE, PROBE_MIXED};
	bool come = true;

	for (int i = 0; i < SERVER_AGAIN; i++)
		come = step(self, &to[i], qname, qtype, ways[i]) && come;
	return come;
}

/* It alone gets no good answer, or none with EDNS: is that a rule, or chance? False: waits. */
static bool ask_again(struct fact *self, struct ladder *l)
{
	if (!probe_answered(l->udp) || any_useful(l) ||
	    (!probe_useful(l->soa, l->zone, NULL) && !probe_useful(l->plain, l->zone, NULL)))
		return true;
	return ask_once_more(self, l->again, l->qname, l->qtype);
}

static bool ask_keys(struct fact *self, struct ladder *l)
{
	bool come;

	if (!l->is_signed || !any_useful(l))
		return true;
	if (!step(self, &l->dnskey, l->zone->name, TYPE_DNSKEY, PROBE_UDP))
		return false;
	if (probe_answered(l->dnskey) || l->dnskey->outcome == OUTCOME_NOT_ASKED)
		return true;
	come = step(self, &l->dnskey_tcp, l->zone->name, TYPE_DNSKEY, PROBE_TCP);
	if (l->dnskey->outcome == OUTCOME_ANSWERED)
		return come;
	if (l->dnskey->outcome == OUTCOME_TIMEOUT)
		come = step(self, &l->dnskey_patient, l->zone->name, TYPE_DNSKEY, PROBE_PATIENT) &&
		       come;
	return step(self, &l->dnskey_plain, l->zone->name, TYPE_DNSKEY, PROBE_PLAIN) && come;
}

/* A whole answer, over TCP where need be, from a server that knows DNSSEC; and no RRSIG in it. */
static bool bare(const struct probe *udp, const struct probe *tcp, const struct zone *zone)
{
	const struct probe *probe = udp != NULL && probe_answered(udp) ? udp : tcp;
	struct reading reading;

	return probe_useful(probe, zone, &reading) && probe->edns_do && !reading.rrsig;
}

/* One of the zone's own types, over TCP where need be. */
static bool ask_apex(struct fact *self, struct ladder *l, const struct probe **to, uint16_t qtype)
{
	if (!step(self, to, l->zone->name, qtype, PROBE_UDP))
		return false;
	return !(*to)->truncated || step(self, to, l->zone->name, qtype, PROBE_TCP);
}

/* Not signed: always, or now and then? Nothing at all: is there nothing, or is it held back? */
static bool ask_signatures(struct fact *self, struct ladder *l)
{
	bool no_keys = l->dnskey != NULL && bare(l->dnskey, l->dnskey_tcp, l->zone);
	bool no_data = l->dnskey != NULL && bare(l->udp, l->tcp, l->zone);
	struct reading reading;
	bool come = true;

	if (no_data)
		come = ask_once_more(self, l->again, l->qname, l->qtype);
	if (no_keys)
		come = ask_once_more(self, l->dnskey_again, l->zone->name, TYPE_DNSKEY) && come;
	if (!no_data || !no_keys)
		return come;
	if (!ask_apex(self, l, &l->rrsig, TYPE_RRSIG) || !come)
		return false;
	if (!probe_useful(l->rrsig, l->zone, &reading) || !reading.has_data)
		return true;
	come = ask_apex(self, l, &l->nsec3param, TYPE_NSEC3PARAM);
	return ask_apex(self, l, &l->nsec, TYPE_NSEC) && come;
}

/* As BIND and Knot Resolver ask. */
static bool ask_others_ways(struct fact *self, struct ladder *l)
{
	bool come;

	if (!l->measure || !probe_useful(l->udp, l->zone, NULL))
		return true;
	come = step(self, &l->cookie, l->qname, l->qtype, PROBE_COOKIE);
	return step(self, &l->mixed, l->qname, l->qtype, PROBE_MIXED) && come;
}

static bool late(const struct probe *probe)
{
	return probe != NULL && probe->outcome == OUTCOME_ANSWERED && probe->way != PROBE_TCP &&
	       (probe->tries > 1 || probe->rtt_ns > LATE_NS || probe->way == PROBE_PATIENT);
}

/* Nothing came the usual way, and something another way: chance, or a rule? */
static bool by_chance(const struct ladder *l)
{
	return l->udp->outcome == OUTCOME_TIMEOUT &&
	       ((l->plain != NULL && l->plain->outcome == OUTCOME_ANSWERED) ||
		(l->tcp != NULL && probe_answered(l->tcp)));
}

static bool ask_paced(struct fact *self, struct ladder *l)
{
	bool come = true;

	if (!late(l->udp) && !late(l->patient) && !late(l->dnskey) && !late(l->soa) &&
	    !by_chance(l) && !(l->measure && any_useful(l)))
		return true;
	for (int i = 0; i < PROBE_PACED_COUNT; i++)
		come = step(self, &l->paced[i], l->zone->name, TYPE_SOA,
			    (enum probe_way)(PROBE_PACED + i)) &&
		       come;
	return come;
}

static void show(struct server *server, const struct probe *probe)
{
	if (probe != NULL && probe->outcome != OUTCOME_NOT_ASKED &&
	    server->shown < SERVER_SHOWN_MAX)
		server->show[server->shown++] = probe;
}

static void show_all(struct server *server, const struct ladder *l)
{
	const struct probe *probes[] = {
		l->udp,	      l->patient,    l->plain,	    l->tcp,	     l->soa,
		l->soa_plain, l->dnskey,     l->dnskey_tcp, l->dnskey_plain, l->dnskey_patient,
		l->rrsig,     l->nsec3param, l->nsec,	    l->cookie,	     l->mixed};

	for (unsigned i = 0; i < sizeof(probes) / sizeof(probes[0]); i++)
		show(server, probes[i]);
	for (unsigned i = 0; i < SERVER_AGAIN; i++) {
		show(server, l->again[i]);
		show(server, l->dnskey_again[i]);
	}
	for (unsigned i = 0; i < PROBE_PACED_COUNT; i++)
		show(server, l->paced[i]);
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

bool server_find(struct fact *self)
{
	const struct fact_key *key = fact_key(self);
	const struct world *world = facts_world(fact_facts(self));
	const char *special = world->hints->special ? NULL : addr_special(key->addr);
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
	/* a public name server cannot have it, and whoever has it did not ask to be asked */
	if (special != NULL)
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
	if (!ask_question(self, &ladder) || !ask_soa(self, &ladder) || !ask_again(self, &ladder) ||
	    !ask_keys(self, &ladder) || !ask_signatures(self, &ladder) ||
	    !ask_others_ways(self, &ladder) || !ask_paced(self, &ladder))
		return false;
	server.asked = true;
	show_all(&server, &ladder);
	ladder.heard = heard(self);
	server_judge(self, &ladder, &server);
	if (world->report != NULL && server.asked)
		world->report(world->owner, key->addr, key->zone, server.finding);
	return fact_is(self, arena_copy(fact_arena(self), &server, sizeof(server)));
}
