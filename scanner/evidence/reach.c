/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/evidence/reach.h"

enum { TYPE_SOA = 6 };

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

bool reaches(const struct reach *reach, const struct addr *addr)
{
	return addr->sa.sa_family == AF_INET6 ? reach->ipv6 : reach->ipv4;
}

struct tally {
	bool waits, unknown; /* some probe; some that was not made */
	bool impostor;	     /* somebody else answers in their place */
};

/* A root server has the root, and says so (AA). Who answers in its place, and has not, is a
 * resolver that the network hands all questions to: what it says is not what name servers say.
 * FORMERR and NOTIMP may be of a root server that knows no EDNS. */
static bool is_root_server(const struct probe *probe)
{
	return probe->flags & FLAG_AA || probe->truncated;
}

static bool is_impostor(const struct probe *probe)
{
	return !is_root_server(probe) && probe->rcode != RCODE_FORMERR &&
	       probe->rcode != RCODE_NOTIMP;
}

static void take(const struct probe *probe, struct tally *tally, bool *reached)
{
	tally->waits |= probe == NULL;
	tally->unknown |= probe != NULL && probe->outcome == OUTCOME_NOT_ASKED;
	if (probe == NULL || probe->outcome != OUTCOME_ANSWERED)
		return;
	tally->impostor |= is_impostor(probe);
	*reached |= !is_impostor(probe);
}

static void ask_family(struct fact *self, int family, enum probe_way way, struct tally *tally,
		       bool *reached)
{
	static const uint8_t root[1] = {0};
	const struct world *world = facts_world(fact_facts(self));
	const struct hints *hints = world->hints;
	unsigned epoch = fact_key(self)->epoch, asked = 0;

	for (unsigned i = 0; i < hints->count && asked < ASKED; i++) {
		/* others each time */
		const struct root_server *server =
			&hints->server[(i + epoch * ASKED) % hints->count];

		for (unsigned a = 0; a < server->addr_count; a++) {
			struct addr addr = server->addr[a];

			if (addr.sa.sa_family != family)
				continue;
			asked++;
			addr_set_port(&addr, world->port);
			take(need_probe_anew(self, &addr, root, TYPE_SOA, way,
					     fact_key(self)->epoch),
			     tally, reached);
			break;
		}
	}
}

static bool knows(const struct hints *hints, int family)
{
	for (unsigned i = 0; i < hints->count; i++)
		for (unsigned a = 0; a < hints->server[i].addr_count; a++)
			if (hints->server[i].addr[a].sa.sa_family == family)
				return true;
	return false;
}

bool reach_find(struct fact *self)
{
	static const enum probe_way ways[] = {PROBE_UDP, PROBE_TCP};
	const struct world *world = facts_world(fact_facts(self));
	struct reach reach = {.ipv4 = false};
	struct tally tally = {.unknown = false};

	/* over TCP only where nobody answers: an impostor who has UDP to himself is one */
	for (unsigned w = 0; w < 2 && !reach.ipv4 && !reach.ipv6 && !tally.impostor; w++) {
		ask_family(self, AF_INET, ways[w], &tally, &reach.ipv4);
		ask_family(self, AF_INET6, ways[w], &tally, &reach.ipv6);
		if (tally.waits)
			return false;
	}
	reach.impostor = tally.impostor;
	/* it was not found out, and the next name will try */
	if (tally.unknown && !tally.impostor && !reach.ipv4 && !reach.ipv6) {
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
