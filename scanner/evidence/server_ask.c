/* SPDX-License-Identifier: BSD-2-Clause */

/* The ladder: what a server is asked, each step where the one before leaves something open. */
#include "scanner/evidence/server.h"

#include <string.h>

#include "scanner/dns/records.h"

/* From here on resolvers begin to give up (unbound's discard-timeout is 1.9 s). */
#define LATE_NS (1800 * NS_PER_MS)
/* Single queries at a time that tell what is lost. */
#define PACED_ROUND (PROBE_PACED_COUNT / 2)

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

/*
 * What UDP has truncated, over TCP. Where the connection is up, and stays silent, it may be slow, or
 * have others of ours to answer before. first: the try that was made before, where there were two.
 */
static bool ask_stream(struct fact *self, const struct probe **to, const struct probe **first,
		       const uint8_t *qname, uint16_t qtype)
{
	const struct probe *late;

	if (!step(self, to, qname, qtype, PROBE_TCP))
		return false;
	if ((*to)->outcome != OUTCOME_TIMEOUT || !(*to)->connected)
		return true;
	if (!step(self, &late, qname, qtype, PROBE_TCP_PATIENT))
		return false;
	if (late->outcome == OUTCOME_NOT_ASKED)
		return true;
	*first = *to;
	*to = late;
	return true;
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
		come = ask_stream(self, &l->tcp, &l->tcp_first, l->qname, l->qtype);
	if (error_of_edns(l->udp))
		come = step(self, &l->plain, l->qname, l->qtype, PROBE_PLAIN) && come;
	return come;
}

static bool any_useful(const struct ladder *l)
{
	return probe_useful(l->udp, l->zone, NULL) || probe_useful(l->patient, l->zone, NULL) ||
	       probe_useful(l->tcp, l->zone, NULL);
}

/* Is it EDNS that gets no answer, or is it the size of this one? */
static bool only_plain(const struct ladder *l)
{
	return l->udp->outcome == OUTCOME_TIMEOUT && l->plain != NULL &&
	       l->plain->outcome == OUTCOME_ANSWERED;
}

/* The zone's SOA, where the question got no good answer. */
static bool ask_soa(struct fact *self, struct ladder *l)
{
	bool come = true;

	if ((any_useful(l) && !only_plain(l)) || l->udp->unsent ||
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
	if (only_plain(l)) /* was that luck? */
		come = step(self, &l->soa_plain, l->zone->name, TYPE_SOA, PROBE_PLAIN);
	if (l->qtype == TYPE_SOA && dname_equal(l->qname, l->zone->name))
		return come;
	return step(self, &l->soa, l->zone->name, TYPE_SOA, PROBE_UDP) && come;
}

/* SOA may be as long, where signatures are. False: waits. */
static bool ask_small(struct fact *self, struct ladder *l)
{
	if (!only_plain(l) || (l->soa != NULL && probe_answered(l->soa)))
		return true;
	return step(self, &l->small, l->qname, l->qtype, PROBE_SMALL);
}

/*
 * REFUSED is said for good, or because of a limit on queries a second, be it the same server that
 * serves others well. False: waits.
 */
static bool ask_later(struct fact *self, struct ladder *l)
{
	static const int after[SERVER_LATER] = {PACED_ROUND - 1, PACED_ROUND + 2};
	bool come = true;

	if (l->steady || !other_error(l->udp) || l->soa_plain == NULL ||
	    !probe_answered(l->soa_plain) || probe_useful(l->soa_plain, l->zone, NULL))
		return true;
	for (int i = 0; i < SERVER_LATER; i++)
		come = step(self, &l->later[i], l->zone->name, TYPE_SOA,
			    (enum probe_way)(PROBE_PACED + after[i])) &&
		       come;
	return come;
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
	bool silent = l->udp->outcome == OUTCOME_TIMEOUT && probe_useful(l->soa, l->zone, NULL);

	if (any_useful(l) || (!silent && !probe_answered(l->udp)) ||
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
	if (probe_answered(l->dnskey) && !probe_useful(l->dnskey, l->zone, NULL)) /* always? */
		return ask_once_more(self, l->dnskey_again, l->zone->name, TYPE_DNSKEY);
	if (probe_answered(l->dnskey) || l->dnskey->outcome == OUTCOME_NOT_ASKED)
		return true;
	if (l->dnskey->outcome == OUTCOME_ANSWERED)
		return ask_stream(self, &l->dnskey_tcp, &l->dnskey_tcp_first, l->zone->name,
				  TYPE_DNSKEY);
	come = step(self, &l->dnskey_tcp, l->zone->name, TYPE_DNSKEY, PROBE_TCP);
	if (l->dnskey->outcome == OUTCOME_TIMEOUT)
		come = step(self, &l->dnskey_patient, l->zone->name, TYPE_DNSKEY, PROBE_PATIENT) &&
		       come;
	if (!step(self, &l->dnskey_plain, l->zone->name, TYPE_DNSKEY, PROBE_PLAIN))
		return false;
	if (l->dnskey->outcome == OUTCOME_TIMEOUT && probe_answered(l->dnskey_plain))
		come = step(self, &l->dnskey_small, l->zone->name, TYPE_DNSKEY, PROBE_SMALL) &&
		       come; /* with its signatures it may be longer */
	return come;
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
	if (!no_keys)
		return come;
	if (!ask_apex(self, l, &l->rrsig, TYPE_RRSIG) || !come)
		return false;
	if (!probe_useful(l->rrsig, l->zone, &reading) || !reading.has_data)
		return true;
	come = ask_apex(self, l, &l->nsec3param, TYPE_NSEC3PARAM);
	return ask_apex(self, l, &l->nsec, TYPE_NSEC) && come;
}

/* As BIND, unbound and Knot Resolver ask. */
static bool ask_others_ways(struct fact *self, struct ladder *l)
{
	bool come;

	if (!l->measure || !probe_useful(l->udp, l->zone, NULL))
		return true;
	come = step(self, &l->cookie, l->qname, l->qtype, PROBE_COOKIE);
	come = step(self, &l->cd, l->qname, l->qtype, PROBE_CD) && come;
	return step(self, &l->mixed, l->qname, l->qtype, PROBE_MIXED) && come;
}

static bool late(const struct probe *probe)
{
	return probe != NULL && probe->outcome == OUTCOME_ANSWERED && probe->way != PROBE_TCP &&
	       (probe->tries > 1 || probe->rtt_ns > LATE_NS || probe->way == PROBE_PATIENT);
}

/* Nothing came the usual way, and something another way, or to somebody else: chance, or a rule? */
static bool by_chance(const struct ladder *l)
{
	return l->udp->outcome == OUTCOME_TIMEOUT &&
	       (l->measure || (l->plain != NULL && l->plain->outcome == OUTCOME_ANSWERED) ||
		(l->soa != NULL && probe_answered(l->soa)) ||
		(l->tcp != NULL && probe_answered(l->tcp)));
}

/* Single SOA queries, from that one on. False: waits. */
static bool ask_paced_from(struct fact *self, struct ladder *l, int first)
{
	bool come = true;

	for (int i = first; i < first + PACED_ROUND; i++)
		come = step(self, &l->paced[i], l->zone->name, TYPE_SOA,
			    (enum probe_way)(PROBE_PACED + i)) &&
		       come;
	return come;
}

static bool ask_paced(struct fact *self, struct ladder *l)
{
	bool heard = false;

	if (!late(l->udp) && !late(l->patient) && !late(l->dnskey) && !late(l->soa) &&
	    !by_chance(l) && !(l->measure && any_useful(l)))
		return true;
	if (!ask_paced_from(self, l, 0))
		return false;
	for (int i = 0; i < PACED_ROUND; i++)
		heard = heard || l->paced[i]->outcome == OUTCOME_ANSWERED;
	return heard || !by_chance(l) || ask_paced_from(self, l, PACED_ROUND);
}

bool server_ask(struct fact *self, struct ladder *l)
{
	return ask_question(self, l) && ask_soa(self, l) && ask_small(self, l) &&
	       ask_later(self, l) && ask_again(self, l) && ask_keys(self, l) &&
	       ask_signatures(self, l) && ask_others_ways(self, l) && ask_paced(self, l);
}
