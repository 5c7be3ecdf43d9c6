/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/evidence/reach.h"

#include "scanner/dns/records.h"

/* Root servers asked in each family. */
#define ASKED 3

const struct reach reach_all = {.ipv4 = true, .ipv6 = true};

const struct reach *need_reach(struct fact *self, int64_t max_age_ns)
{
	const struct world *world = facts_world(fact_facts(self));
	struct fact_key key = {.kind = KIND_REACH};

	if (world->epoch == NULL)
		return &reach_all;
	key.epoch = world->epoch(world->owner, max_age_ns);
	return fact_need(self, &key);
}

enum { OF_STREAMS = 1 }; /* variant */

const struct reach *need_streams(struct fact *self)
{
	const struct world *world = facts_world(fact_facts(self));
	struct fact_key key = {.kind = KIND_REACH, .variant = OF_STREAMS};
	const struct reach *found;

	if (world->epoch == NULL)
		return &reach_all;
	found = fact_need(self, &key);
	/* or a name server has answered over TCP, be it that root servers do not */
	return found != NULL && world->streams != NULL && world->streams(world->owner) ? &reach_all
										       : found;
}

bool reaches(const struct reach *reach, const struct addr *addr)
{
	return addr->sa.sa_family == AF_INET6 ? reach->ipv6 : reach->ipv4;
}

/* What is known of the way to the root servers of one family. */
struct tally {
	bool waits, unknown; /* some probe; some that was not made */
	bool impostor;	     /* somebody else answers in their place */
	bool answers, is_signed, large;
	bool lost; /* something small did not come at once: then what is large may be lost, too */
};

/* A root server has the root, and says so (AA). Who answers in its place, and has not, is a
 * resolver that the network hands all questions to: what it says is not what name servers say.
 * FORMERR and NOTIMP may be of a root server that knows no EDNS. */
static bool is_root_server(const struct probe *probe)
{
	return probe->flags & FLAG_AA || probe->truncated || probe->rcode == RCODE_FORMERR ||
	       probe->rcode == RCODE_NOTIMP;
}

static bool has_signature(const struct probe *probe)
{
	return probe->truncated || (probe->records != NULL &&
				    records_find(probe->records, ~0u, NULL, TYPE_RRSIG) != NULL);
}

static bool came(const struct probe *probe, struct tally *tally)
{
	tally->waits |= probe == NULL;
	tally->unknown |= probe != NULL && probe->outcome == OUTCOME_NOT_ASKED;
	return probe != NULL && probe->outcome == OUTCOME_ANSWERED;
}

static const struct probe *ask(struct fact *self, const struct addr *addr, uint16_t qtype,
			       enum probe_way way)
{
	static const uint8_t root[1] = {0};
	const struct world *world = facts_world(fact_facts(self));
	struct addr to = *addr;

	addr_set_port(&to, world->port);
	return need_probe_anew(self, &to, root, qtype, way, fact_key(self)->epoch);
}

/* The root is known to be signed, so its SOA comes with a signature, and its keys come. */
static void ask_server(struct fact *self, const struct addr *addr, enum probe_way way,
		       struct tally *tally)
{
	const struct world *world = facts_world(fact_facts(self));
	const struct probe *soa = ask(self, addr, TYPE_SOA, way);
	bool anchored = world->hints->anchor.count > 0;

	if (anchored && way == PROBE_UDP)
		tally->large |= came(ask(self, addr, TYPE_DNSKEY, way), tally);
	tally->lost |= soa != NULL && (soa->outcome != OUTCOME_ANSWERED || soa->tries > 1);
	if (!came(soa, tally))
		return;
	tally->impostor |= !is_root_server(soa);
	tally->answers |= is_root_server(soa);
	tally->is_signed |= !anchored || has_signature(soa);
}

static struct tally ask_family(struct fact *self, int family, enum probe_way way)
{
	const struct world *world = facts_world(fact_facts(self));
	const struct hints *hints = world->hints;
	unsigned epoch = fact_key(self)->epoch, asked = 0;
	struct tally tally = {.large = hints->anchor.count == 0 || way != PROBE_UDP};

	for (unsigned i = 0; i < hints->count && asked < ASKED; i++) {
		/* others each time */
		const struct root_server *server =
			&hints->server[(i + epoch * ASKED) % hints->count];

		for (unsigned a = 0; a < server->addr_count; a++) {
			if (server->addr[a].sa.sa_family != family)
				continue;
			asked++;
			ask_server(self, &server->addr[a], way, &tally);
			break;
		}
	}
	return tally;
}

/* Why what comes that way says nothing of name servers; NULL: it does. */
static const char *spoilt(const struct tally *tally)
{
	if (tally->impostor && !tally->answers)
		return "what answers here in the place of the root servers is no root server (no "
		       "AA): the network redirects queries";
	if (tally->answers && !tally->is_signed)
		return "the root servers' answers come here without their signatures: something "
		       "on the way takes DNSSEC out";
	if (tally->answers && !tally->large && !tally->lost)
		return "the root's DNSKEY does not come here over UDP: something on the way drops "
		       "large answers, or EDNS";
	return NULL;
}

static bool knows(const struct hints *hints, int family)
{
	for (unsigned i = 0; i < hints->count; i++)
		for (unsigned a = 0; a < hints->server[i].addr_count; a++)
			if (hints->server[i].addr[a].sa.sa_family == family)
				return true;
	return false;
}

static bool sees(const struct tally *tally)
{
	return tally->answers && spoilt(tally) == NULL;
}

static bool find_streams(struct fact *self)
{
	struct tally four = ask_family(self, AF_INET, PROBE_TCP),
		     six = ask_family(self, AF_INET6, PROBE_TCP);
	struct reach reach = {.ipv4 = four.answers, .ipv6 = six.answers};

	if (four.waits || six.waits)
		return false;
	if ((four.unknown || six.unknown) && !reach.ipv4 && !reach.ipv6) {
		fact_unsound(self);
		return fact_is(self, &reach_all);
	}
	reach.ipv4 = reach.ipv6 = reach.ipv4 || reach.ipv6;
	return fact_is(self, arena_copy(fact_arena(self), &reach, sizeof(reach)));
}

bool reach_find(struct fact *self)
{
	static const enum probe_way ways[] = {PROBE_UDP, PROBE_TCP};
	const struct world *world = facts_world(fact_facts(self));
	struct reach reach = {.why = NULL};
	bool unknown = false;

	if (fact_key(self)->variant == OF_STREAMS)
		return find_streams(self);
	/* over TCP only where nobody answers: who has spoilt UDP may let TCP pass */
	for (unsigned w = 0; w < 2 && !reach.ipv4 && !reach.ipv6 && reach.why == NULL; w++) {
		struct tally four = ask_family(self, AF_INET, ways[w]),
			     six = ask_family(self, AF_INET6, ways[w]);

		if (four.waits || six.waits)
			return false;
		unknown |= four.unknown || six.unknown;
		reach.ipv4 = sees(&four);
		reach.ipv6 = sees(&six);
		reach.why = spoilt(&four) != NULL ? spoilt(&four) : spoilt(&six);
	}
	/* it was not found out, and the next name will try */
	if (unknown && !reach.ipv4 && !reach.ipv6) {
		fact_unsound(self);
		return fact_is(self, &reach_all);
	}
	/* a family that the hints know nobody of may be fine */
	if (!knows(world->hints, AF_INET))
		reach.ipv4 = reach.ipv6;
	if (!knows(world->hints, AF_INET6))
		reach.ipv6 = reach.ipv4;
	world->reached(world->owner, &reach);
	return fact_is(self, arena_copy(fact_arena(self), &reach, sizeof(reach)));
}
