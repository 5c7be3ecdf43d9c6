/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/evidence/reach.h"
#include "scanner/evidence/zone.h"

#include <stdio.h>
#include <string.h>

#include "scanner/dns/records.h"

/* Addresses tried for one question. */
#define TRIES_MAX 8
/* Of those, how many again without EDNS and over TCP when nobody answers the usual way. */
#define OTHER_WAYS_MAX 2

/* Resolvers asked in place of them. */
#define RESOLVERS_MAX 3

struct candidates {
	const struct addr *addr[ZONE_NS_MAX * 2 * ZONE_FAMILY_MAX];
	unsigned count;
};

static void collect(struct candidates *to, const struct addr *addrs, unsigned count, int family)
{
	for (unsigned i = 0; i < count; i++)
		if (addrs[i].sa.sa_family == family &&
		    to->count < sizeof(to->addr) / sizeof(to->addr[0]))
			to->addr[to->count++] = &addrs[i];
}

/* IPv4 first; each name begins with another server, so that the load spreads. */
static void by_glue(struct candidates *to, const struct zone *zone, unsigned turn)
{
	static const int families[] = {AF_INET, AF_INET6};

	for (unsigned f = 0; f < 2; f++)
		for (unsigned i = 0; i < zone->ns_count; i++) {
			const struct ns *ns = &zone->ns[(i + turn) % zone->ns_count];

			collect(to, ns->glue, ns->glue_count, families[f]);
		}
}

void probe_say(char *text, size_t size, const struct probe *probe, const struct reading *reading)
{
	char name[NAME_TEXT_MAX];

	if (probe->outcome == OUTCOME_NOT_ASKED)
		snprintf(text, size, "not asked");
	else if (probe->outcome == OUTCOME_TIMEOUT)
		snprintf(text, size, "no answer");
	else if (probe->outcome == OUTCOME_UNREACHABLE)
		snprintf(text, size, probe->unsent ? "no route" : "port closed or unreachable");
	else if (probe->outcome != OUTCOME_ANSWERED)
		snprintf(text, size, "%s", outcome_name(probe->outcome));
	else if (probe->truncated)
		snprintf(text, size, "truncated, and no answer over TCP");
	else if (reading != NULL && reading->kind == READING_ERROR)
		snprintf(text, size, "%s", rcode_name(probe->rcode, name));
	else if (reading != NULL && reading->kind == READING_UPWARD)
		snprintf(text, size, "upward referral");
	else if (reading != NULL && reading->kind == READING_ASIDE)
		snprintf(text, size, "referral to another zone");
	else if (reading != NULL && reading->kind == READING_OTHER_ZONE)
		snprintf(text, size, "answer out of another zone");
	else
		snprintf(text, size, "%s, not authoritative", rcode_name(probe->rcode, name));
}

static void say(struct asking *asking, const struct probe *probe)
{
	char addr[ADDR_TEXT_MAX], what[120];
	size_t len = strlen(asking->why);

	probe_say(what, sizeof(what), probe, &asking->reading);
	snprintf(asking->why + len, sizeof(asking->why) - len, "%s%s: %s", len > 0 ? ", " : "",
		 addr_format(&probe->addr, 53, addr), what);
}

/* One server: UDP, and TCP where that is truncated. DONE: useful. */
static enum asking_state ask_one(struct fact *self, const struct zone *zone,
				 const struct addr *addr, const uint8_t *qname, uint16_t qtype,
				 enum probe_way way, struct asking *asking)
{
	const struct probe *probe = need_probe(self, addr, qname, qtype, way);

	if (probe != NULL && probe->outcome == OUTCOME_ANSWERED && probe->truncated &&
	    way != PROBE_TCP && way != PROBE_RELAY) {
		const struct probe *stream = need_probe(self, addr, qname, qtype, PROBE_TCP);

		if (stream == NULL || probe_answered(stream))
			probe = stream;
	}
	if (probe == NULL)
		return ASKING_WAITS;
	asking->probe = probe;
	asking->excluded |= probe->excluded;
	memset(&asking->reading, 0, sizeof(asking->reading));
	if (!probe_answered(probe))
		return ASKING_SILENT;
	reading_make(&asking->reading, zone->name, qname, qtype, probe->records,
		     way == PROBE_RELAY);
	return reading_useful(&asking->reading) ? ASKING_DONE : ASKING_SILENT;
}

static enum asking_state ask_all(struct fact *self, const struct zone *zone,
				 const struct candidates *candidates, unsigned max,
				 enum probe_way way, const uint8_t *qname, uint16_t qtype,
				 unsigned *skip, struct asking *asking)
{
	const struct reach *reach =
		way == PROBE_RELAY ? &reach_all : need_reach(self, REACH_AGE_NS);

	if (reach == NULL)
		return ASKING_WAITS;
	for (unsigned i = 0; i < candidates->count && i < max; i++) {
		enum asking_state state;

		if (!reaches(reach, candidates->addr[i]))
			continue;
		state = ask_one(self, zone, candidates->addr[i], qname, qtype, way, asking);

		if (state == ASKING_WAITS)
			return state;
		if (state == ASKING_DONE && (*skip)-- == 0)
			return state;
		if (state == ASKING_SILENT && (way == PROBE_UDP || way == PROBE_RELAY))
			say(asking, asking->probe);
	}
	return ASKING_SILENT;
}

/* Names without glue, one at a time: usually the first one does. */
static enum asking_state ask_hosts(struct fact *self, const struct zone *zone, const uint8_t *qname,
				   uint16_t qtype, unsigned turn, unsigned *skip,
				   struct asking *asking)
{
	static const int families[] = {AF_INET, AF_INET6};
	unsigned tried = 0;

	for (unsigned i = 0; i < zone->ns_count && tried < TRIES_MAX; i++) {
		const struct ns *ns = &zone->ns[(i + turn) % zone->ns_count];
		struct candidates candidates = {.count = 0};
		const struct host *host;
		enum asking_state state;

		if (ns->glue_count > 0 || ns->inside)
			continue;
		host = need_host(self, ns->name);
		if (host == NULL)
			return ASKING_WAITS;
		asking->loop |= host->kind == HOST_LOOP;
		asking->excluded |= host->excluded;
		asking->unsought |= host->kind == HOST_UNKNOWN && !host->excluded;
		for (unsigned f = 0; f < 2; f++)
			collect(&candidates, host->addr, host->addr_count, families[f]);
		state = ask_all(self, zone, &candidates, TRIES_MAX - tried, PROBE_UDP, qname, qtype,
				skip, asking);
		if (state != ASKING_SILENT)
			return state;
		tried += candidates.count;
	}
	return ASKING_SILENT;
}

static enum asking_state ask_other_ways(struct fact *self, const struct zone *zone,
					const struct candidates *candidates, const uint8_t *qname,
					uint16_t qtype, unsigned *skip, struct asking *asking)
{
	enum asking_state state = ASKING_SILENT;

	/* without EDNS there is no DO, and hence no signature */
	if (qtype != TYPE_DS && qtype != TYPE_DNSKEY)
		state = ask_all(self, zone, candidates, OTHER_WAYS_MAX, PROBE_PLAIN, qname, qtype,
				skip, asking);
	if (state != ASKING_SILENT)
		return state;
	return ask_all(self, zone, candidates, OTHER_WAYS_MAX, PROBE_TCP, qname, qtype, skip,
		       asking);
}

enum asking_state zone_ask(struct fact *self, const struct zone *zone, const uint8_t *qname,
			   uint16_t qtype, unsigned skip, struct asking *asking)
{
	struct candidates candidates = {.count = 0};
	unsigned turn = 0, wanted = skip;
	enum asking_state state;

	asking->why[0] = '\0';
	asking->probe = NULL;
	asking->loop = asking->excluded = asking->unsought = false;
	if (zone->ns_count == 0)
		return ASKING_SILENT;
	for (const uint8_t *p = qname; *p != 0; p += *p + 1)
		turn = turn * 31 + p[1] + *p;
	turn %= zone->ns_count;
	by_glue(&candidates, zone, turn);
	if (fact_key(self)->road == ROAD_RESOLVERS)
		return ask_all(self, zone, &candidates, RESOLVERS_MAX, PROBE_RELAY, qname, qtype,
			       &skip, asking);
	state = ask_all(self, zone, &candidates, TRIES_MAX, PROBE_UDP, qname, qtype, &skip, asking);
	if (state == ASKING_SILENT)
		state = ask_hosts(self, zone, qname, qtype, turn, &skip, asking);
	if (state == ASKING_SILENT && wanted == 0)
		state = ask_other_ways(self, zone, &candidates, qname, qtype, &skip, asking);
	if (state == ASKING_SILENT && asking->why[0] == '\0')
		snprintf(asking->why, sizeof(asking->why), "%s",
			 asking->loop ? "its name servers can be found only by way of themselves"
			 : asking->unsought ? "its name servers were not looked for any further"
					    : "none of its name servers has an address");
	else
		asking->loop = false;
	return state;
}
