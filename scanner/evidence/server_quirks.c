/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What a server does that only some resolvers stumble over: it stays usable, and is found only
 * where a resolver fails and nothing else is wrong. And signatures that it has and does not give.
 */
#include "scanner/evidence/server.h"

#include <string.h>

#include "io/clock.h"
#include "scanner/dns/records.h"

/* Not one of so many answers was quicker than that. */
#define TARDY_ANSWERS 5
#define TARDY_NS      (1000 * NS_PER_MS)

/* The same question, answered well and not. */
static bool of_nodes(struct fact *self, const struct ladder *l, struct server *server)
{
	const struct probe *bad = NULL, *good = NULL;
	char rcode[NAME_TEXT_MAX];

	for (unsigned i = 0; i < PROBE_PACED_COUNT && l->paced[i] != NULL; i++) {
		bool useful = probe_useful(l->paced[i], l->zone, NULL);

		good = useful ? l->paced[i] : good;
		bad = !useful && probe_answered(l->paced[i]) ? l->paced[i] : bad;
	}
	if (bad == NULL || good == NULL)
		return false;
	server_is(self, server, "answers-differ",
		  "answers %s to SOA at one time, and well at another: nodes that differ?",
		  rcode_name(bad->rcode, rcode));
	return true;
}

/* It went on to answer, after it was asked like that, but for one query at most: where more get lost,
 * the two tries of that one may have been, too. */
static bool answers_on(const struct ladder *l)
{
	unsigned lost = 0;

	for (unsigned i = 0; i < PROBE_PACED_COUNT && l->paced[i] != NULL; i++)
		lost += l->paced[i]->outcome != OUTCOME_ANSWERED;
	return lost <= 1;
}

/* One of the ways in which some resolvers ask. with: what is special about it. */
static void of_way(struct fact *self, const struct ladder *l, struct server *server,
		   const struct probe *probe, const char *with)
{
	char rcode[NAME_TEXT_MAX];

	if (probe == NULL || probe_useful(probe, l->zone, NULL) || probe->truncated)
		return;
	if (probe->outcome == OUTCOME_TIMEOUT && answers_on(l))
		server_is(self, server, "edns-dropped",
			  "no answer to a query with %s, but to others", with);
	else if (probe->outcome == OUTCOME_ANSWERED)
		server_is(self, server, "edns-refused",
			  "answers %s to a query with %s, and well to others",
			  rcode_name(probe->rcode, rcode), with);
	else if (probe->outcome == OUTCOME_MALFORMED)
		server_is(self, server, "answer-malformed",
			  "what comes back to a query with %s does not parse", with);
}

/* Not once quicker than some resolvers ask anew (BIND after 0.8 s): where they need much, DNSSEC
 * above all, they give up before all of it has come. */
static void of_pace(struct fact *self, const struct ladder *l, struct server *server)
{
	const struct probe *first[] = {l->udp, l->dnskey, l->cookie, l->cd, l->mixed};
	int64_t fastest_ns = INT64_MAX;
	unsigned answers = 0;

	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]) + PROBE_PACED_COUNT; i++) {
		size_t paced = i - sizeof(first) / sizeof(first[0]);
		const struct probe *probe =
			i < sizeof(first) / sizeof(first[0]) ? first[i] : l->paced[paced];

		/* of two messages it is not known which one was answered */
		if (probe == NULL || !probe_answered(probe) || probe->tries > 1)
			continue;
		answers++;
		if (probe->rtt_ns < fastest_ns)
			fastest_ns = probe->rtt_ns;
	}
	if (answers >= TARDY_ANSWERS && fastest_ns >= TARDY_NS)
		server_is(self, server, "ns-slow",
			  "no answer comes in less than %lld ms: some resolvers give up before "
			  "they have all that they need",
			  (long long)(fastest_ns / NS_PER_MS));
}

static void of_letters(struct fact *self, const struct ladder *l, struct server *server)
{
	char rcode[NAME_TEXT_MAX];

	if (l->udp->other_case || (l->mixed != NULL && l->mixed->other_case))
		server_is(self, server, "answer-mismatch",
			  "the question comes back in other letters, upper or lower case");
	else if (l->mixed == NULL || probe_useful(l->mixed, l->zone, NULL) || l->mixed->truncated)
		return;
	else if (l->mixed->outcome == OUTCOME_TIMEOUT && answers_on(l))
		server_is(self, server, "ns-error",
			  "no answer to a question in mixed upper and lower case");
	else if (l->mixed->outcome == OUTCOME_ANSWERED)
		server_is(self, server, "ns-error",
			  "answers %s to a question in mixed upper and lower case",
			  rcode_name(l->mixed->rcode, rcode));
}

static void of_answer(struct fact *self, const struct probe *udp, const struct reading *reading,
		      struct server *server)
{
	if (udp->bad_option)
		server_is(self, server, "answer-malformed",
			  "its answers carry a malformed COOKIE option (RFC 7873 4)");
	else if (reading->trailing)
		server_is(self, server, "answer-malformed",
			  "there are octets behind the last record of the answer");
	else if (reading->opt_astray)
		server_is(self, server, "answer-malformed",
			  "its EDNS record stands elsewhere than among the additional records");
	else if (reading->no_name && reading->has_data)
		server_is(self, server, "ns-error",
			  "answers NXDOMAIN, and gives data for that name");
	else if (reading->other_data)
		server_is(self, server, "answer-mismatch",
			  "gives records of another name or type than was asked for");
	else if (reading->misplaced)
		server_is(self, server, "answer-mismatch",
			  "gives what was asked for, but not in the answer section");
	else if (reading->two_aliases)
		server_is(self, server, "records-malformed",
			  "gives two CNAMEs of one name, which may have one (RFC 2181 10.1)");
	else if (reading->self)
		server_is(self, server, "ns-not-authoritative",
			  "answers with AA, but without data or SOA, and refers to itself");
}

void server_quirks(struct fact *self, const struct ladder *l, struct server *server)
{
	struct reading reading;

	if (!server->usable || strcmp(server->finding, "ok") != 0 || of_nodes(self, l, server))
		return;
	of_way(self, l, server, l->cookie, "a COOKIE option (RFC 7873)");
	of_way(self, l, server, l->cd, "CD=1 (RFC 4035 3.1.6)");
	of_letters(self, l, server);
	if (strcmp(server->finding, "ok") == 0)
		of_pace(self, l, server);
	if (probe_useful(l->udp, l->zone, &reading))
		of_answer(self, l->udp, &reading, server);
}

/* ---- signatures held back ---- */

static bool covers(const struct probe *probe, uint16_t type)
{
	const struct record *record;
	unsigned at = 0;

	while ((record = records_next(probe->records, &at, SECTION_ANSWER, probe->qname,
				      TYPE_RRSIG)) != NULL) {
		const uint8_t *rdata = record_rdata(probe->records, record);

		if (record->rdata_len > 2 && (rdata[0] << 8 | rdata[1]) == type)
			return true;
	}
	return false;
}

static bool has(const struct probe *probe, const struct zone *zone)
{
	struct reading reading;

	return probe_useful(probe, zone, &reading) && reading.has_data;
}

static bool any_signed(const struct probe *const probes[SERVER_AGAIN], const struct zone *zone)
{
	struct reading reading;

	for (unsigned i = 0; i < SERVER_AGAIN; i++)
		if (probe_useful(probes[i], zone, &reading) && reading.rrsig)
			return true;
	return false;
}

/* It has them, and why does it not give them? all: in no answer; otherwise not with DNSKEY. */
static void of_denial(const struct ladder *l, struct server *server, bool all)
{
	bool hashed = has(l->nsec3param, l->zone), denies = hashed || has(l->nsec, l->zone);

	if (all && denies && !hashed && !covers(l->rrsig, TYPE_NSEC)) {
		server->withheld = CHAIN_RRSIG_MISSING;
		server->withheld_detail =
			"asked for RRSIG, the server gives some, but none over the NSEC at its "
			"apex: the zone counts as unsigned, and it leaves all RRSIGs out of its "
			"answers";
		return;
	}
	if (!denies) {
		server->withheld = CHAIN_DENIAL_MISSING;
		server->withheld_detail =
			"asked for RRSIG, the server gives them, but leaves them out of its "
			"answers: the zone has neither NSEC nor NSEC3PARAM at its apex, and counts "
			"as unsigned";
		return;
	}
	server->withheld = all ? CHAIN_SERVER_WITHOUT_DNSSEC : CHAIN_RRSIG_MISSING;
	server->withheld_detail = all ? "asked for RRSIG, the server gives them, but it leaves "
					"them out of all other answers"
				      : "asked for RRSIG, the server gives that over DNSKEY, but "
					"it leaves it out of its answer to DNSKEY";
}

void server_withholds(struct fact *self, const struct ladder *l, struct server *server)
{
	struct reading reading;
	bool all;

	/* these were asked because the first answer was not signed */
	if (server->usable && l->dnskey != NULL &&
	    (any_signed(l->again, l->zone) || any_signed(l->dnskey_again, l->zone))) {
		server->withheld = CHAIN_ANSWER_USELESS;
		server->withheld_detail = "signed at one time, and not at another";
		server_is(self, server, "servers-inconsistent",
			  "its answers are signed at one time, and not at another: nodes that "
			  "differ?");
		return;
	}
	if (!has(l->rrsig, l->zone))
		return;
	all = !(probe_useful(l->udp, l->zone, &reading) && reading.rrsig) &&
	      !(probe_useful(l->tcp, l->zone, &reading) && reading.rrsig);
	if (!covers(l->rrsig, TYPE_DNSKEY)) {
		if (!all)
			return; /* the others come */
		server->withheld = CHAIN_DNSKEY_NOT_SIGNED;
		server->withheld_detail =
			"asked for RRSIG, the server gives some, but none over DNSKEY; "
			"because of that it leaves all of them out of its answers";
	} else if (all && !covers(l->rrsig, TYPE_SOA)) {
		server->withheld = CHAIN_RRSIG_MISSING;
		server->withheld_detail =
			"asked for RRSIG, the server gives that over DNSKEY, but none over SOA: "
			"the zone is not signed as a whole, and it leaves all RRSIGs out of its "
			"answers";
	} else {
		of_denial(l, server, all);
	}
}
