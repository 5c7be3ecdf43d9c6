/* SPDX-License-Identifier: BSD-2-Clause */

/* What the probes of one address come to, together. */
#include "scanner/evidence/server.h"

#include <string.h>

#include "io/clock.h"

/* ---- the question ---- */

static bool take(struct server *server, const struct probe *probe, const struct zone *zone)
{
	struct reading reading;

	if (!probe_useful(probe, zone, &reading))
		return false;
	server->answer = probe;
	server->reading = reading;
	return true;
}

static bool has_soa(const struct probe *probe, const struct zone *zone)
{
	struct reading reading;

	return probe_useful(probe, zone, &reading) && reading.kind == READING_ANSWER &&
	       reading.has_soa;
}

/* The SOA comes and the answer does not: then it is the type (or the name), not the zone. */
static bool only_type(const struct ladder *l)
{
	return has_soa(l->soa, l->zone);
}

/* The same of one that was silent to that question too, but not whenever it was put. */
static bool only_type_later(const struct ladder *l)
{
	for (unsigned i = 0; i < PROBE_PACED_COUNT && l->paced[i] != NULL; i++)
		if (has_soa(l->paced[i], l->zone))
			return true;
	return false;
}

static bool is_truncated(const struct probe *probe)
{
	return probe != NULL && probe->outcome == OUTCOME_ANSWERED && probe->truncated;
}

static void judge_truncated(struct fact *self, struct server *server, const struct ladder *l)
{
	if (take(server, l->tcp, l->zone)) {
		server->usable = true;
		server_says(self, server, l, l->tcp, &server->reading);
		if (l->tcp->rtt_ns > SERVER_SLOW_NS) {
			server->usable = false;
			server_is(self, server, "ns-slow",
				  "truncated over UDP, and answers over TCP after %lld ms",
				  (long long)(l->tcp->rtt_ns / NS_PER_MS));
		} else if (strcmp(server->finding, "ok") == 0) {
			server->detail = "truncated over UDP, and TCP works";
		}
		return;
	}
	if (probe_answered(l->tcp)) {
		struct reading reading;

		(void)probe_useful(l->tcp, l->zone, &reading);
		server_says(self, server, l, l->tcp, &reading);
		if (reading.aliases > 0 && only_type(l)) {
			server->finding = "type-fails";
			server->answer = l->tcp;
			server->reading = reading;
		}
		return;
	}
	server_is(self, server, "tcp-blocked", "truncated over UDP, and %s",
		  stream_failure(l->tcp));
}

/* Without DNSSEC it says that there is nothing, with it SERVFAIL: it cannot prove that. */
static bool proves_nothing(const struct ladder *l)
{
	struct reading reading;

	return l->is_signed && l->udp->rcode == RCODE_SERVFAIL &&
	       probe_useful(l->plain, l->zone, &reading) && reading.kind == READING_ANSWER &&
	       !reading.has_data && reading.aliases == 0;
}

static bool takes_any(struct server *server, const struct ladder *l)
{
	for (unsigned i = 0; i < SERVER_AGAIN; i++)
		if (take(server, l->again[i], l->zone))
			return true;
	return false;
}

static bool later_well(const struct ladder *l)
{
	for (unsigned i = 0; i < SERVER_LATER; i++)
		if (l->later[i] != NULL && probe_useful(l->later[i], l->zone, NULL))
			return true;
	return false;
}

/* The zone is there, this question gets no good answer. */
static void judge_type(struct fact *self, struct server *server, const struct ladder *l,
		       const struct reading *reading)
{
	char question[DNAME_TEXT_MAX + NAME_TEXT_MAX + 2], number[NAME_TEXT_MAX];
	const char *rcode = rcode_name(l->udp->rcode, number);

	ladder_question(l, question);
	if (proves_nothing(l)) {
		server_is(self, server, "denial-missing",
			  "answers SERVFAIL to %s with DO, and without that there is nothing: it "
			  "has no "
			  "NSEC or NSEC3 to prove it",
			  question);
	} else if (reading->kind == READING_ERROR) {
		server_is(self, server, "type-fails", "answers %s to %s, but knows the zone's SOA",
			  rcode, question);
		if (reading->aliases > 0) { /* where they lead may tell why */
			server->answer = l->udp;
			server->reading = *reading;
		}
	} else {
		server_says(self, server, l, l->udp, reading);
	}
}

/* UDP with EDNS brought a whole message. */
static void judge_answered(struct fact *self, struct server *server, const struct ladder *l)
{
	char rcode[NAME_TEXT_MAX];
	struct reading reading;

	if (take(server, l->udp, l->zone)) {
		server->usable = true;
		server_says(self, server, l, l->udp, &server->reading);
		return;
	}
	if (takes_any(server, l)) {
		char question[DNAME_TEXT_MAX + NAME_TEXT_MAX + 2];

		server_is(self, server, "answers-differ",
			  "answers %s to %s at one time, and well at another: nodes that differ?",
			  rcode_name(l->udp->rcode, rcode), ladder_question(l, question));
		return;
	}
	if (later_well(l)) {
		server_is(
			self, server, "answers-differ",
			"answers %s at one time, and well at another: a limit on queries, or nodes "
			"that differ?",
			rcode_name(l->udp->rcode, rcode));
		return;
	}
	(void)probe_useful(l->udp, l->zone, &reading);
	if (only_type(l)) {
		judge_type(self, server, l, &reading);
		return;
	}
	if (take(server, l->plain, l->zone)) {
		/* unsigned: resolvers ask again without, if the error carries no EDNS itself (RFC
		 * 6891 7), or is BADVERS; NOTIMP and SERVFAIL stand */
		server->usable =
			!l->is_signed && ((l->udp->rcode == RCODE_FORMERR && !l->udp->edns) ||
					  l->udp->rcode == RCODE_BADVERS);
		server_is(self, server, "edns-refused",
			  "answers %s to EDNS, and properly without%s",
			  rcode_name(l->udp->rcode, rcode),
			  l->is_signed ? ": but a signed zone needs EDNS" : "");
		return;
	}
	server_says(self, server, l, l->udp, &reading);
}

static bool any_paced(const struct ladder *l)
{
	for (unsigned i = 0; i < PROBE_PACED_COUNT && l->paced[i] != NULL; i++)
		if (l->paced[i]->outcome == OUTCOME_ANSWERED)
			return true;
	return false;
}

/* Something comes without EDNS, nothing with it. */
static void judge_plain_only(struct fact *self, struct server *server, const struct ladder *l)
{
	bool stream = take(server, l->tcp, l->zone);

	if ((l->soa != NULL && probe_answered(l->soa)) ||
	    (l->small != NULL && l->small->outcome == OUTCOME_ANSWERED && !any_paced(l))) {
		/* small answers do come with EDNS */
		server->usable = stream;
		server_is(self, server, "large-answers-lost",
			  "small answers come over UDP, this one does not, and %s",
			  stream ? "TCP works" : stream_failure(l->tcp));
		return;
	}
	if (!stream)
		(void)take(server, l->plain, l->zone);
	if ((l->soa_plain != NULL && l->soa_plain->outcome == OUTCOME_TIMEOUT) || any_paced(l)) {
		server_is(self, server, "packet-loss",
			  "most queries get no answer, with EDNS or without");
		return;
	}
	server_is(self, server, "edns-dropped", "no answer with EDNS, one without (%s)",
		  l->plain->truncated ? "truncated"
		  : stream	      ? "TCP works too"
				      : "TCP does not work either");
}

static void judge_mute(struct fact *self, struct server *server, const struct ladder *l)
{
	char question[DNAME_TEXT_MAX + NAME_TEXT_MAX + 2];
	bool refused = l->tcp->outcome == OUTCOME_UNREACHABLE;

	if (take(server, l->patient, l->zone)) {
		server_says(self, server, l, l->patient, &server->reading);
		server->usable =
			true; /* for those who wait that long; server_times() has the last word */
		return;
	}
	if (l->patient != NULL && probe_answered(l->patient)) {
		struct reading reading;

		(void)probe_useful(l->patient, l->zone, &reading);
		server_says(self, server, l, l->patient, &reading);
		return;
	}
	if (l->udp->outcome == OUTCOME_MISMATCH ||
	    (l->patient != NULL && l->patient->outcome == OUTCOME_MISMATCH))
		server_is(self, server, "answer-mismatch",
			  "what comes back is no answer to it: another ID, question or source "
			  "address, or a query");
	else if (l->udp->outcome == OUTCOME_MALFORMED ||
		 (l->patient != NULL && l->patient->outcome == OUTCOME_MALFORMED))
		server_is(self, server, "answer-malformed", "what comes back does not parse");
	else if (l->plain != NULL && l->plain->outcome == OUTCOME_ANSWERED)
		judge_plain_only(self, server, l);
	else if (takes_any(server, l))
		server_is(self, server, "packet-loss",
			  "no answer to %s at one time, and one at another",
			  ladder_question(l, question));
	else if (only_type(l) || only_type_later(l))
		server_is(self, server, "type-fails", "no answer to %s, but to the zone's SOA",
			  ladder_question(l, question));
	else if (take(server, l->tcp, l->zone))
		server_is(self, server, "udp-blocked", "no answer over UDP, but over TCP");
	else if (l->udp->outcome == OUTCOME_UNREACHABLE)
		server_is(self, server, "ns-unreachable",
			  "UDP is rejected (port or host unreachable), and %s",
			  refused		   ? "TCP too"
			  : probe_answered(l->tcp) ? "TCP does not help"
						   : stream_failure(l->tcp));
	else
		server_is(self, server, "ns-timeout",
			  "no answer over UDP, with EDNS or without, and %s",
			  probe_answered(l->tcp) ? "TCP does not help" : stream_failure(l->tcp));
}

/* ---- keys ---- */

/* One of several questions for DNSKEY has brought it. */
static bool takes_keys(struct server *server, const struct ladder *l)
{
	struct reading reading;

	for (unsigned i = 0; i < SERVER_AGAIN; i++)
		if (probe_useful(l->dnskey_again[i], l->zone, &reading) && reading.has_data) {
			server->dnskey = l->dnskey_again[i];
			return true;
		}
	return false;
}

/* However long one waits; and it is not the type: where it need not be long, a part of it comes. */
static bool lost_over_udp(const struct ladder *l)
{
	return l->dnskey->outcome == OUTCOME_TIMEOUT &&
	       (l->dnskey_patient == NULL || l->dnskey_patient->outcome == OUTCOME_TIMEOUT) &&
	       (is_truncated(l->dnskey_plain) || is_truncated(l->dnskey_small));
}

/* The same with signatures, and not even truncated. */
static bool silent_over_udp(const struct ladder *l)
{
	return l->dnskey->outcome == OUTCOME_TIMEOUT && l->dnskey_patient != NULL &&
	       l->dnskey_patient->outcome == OUTCOME_TIMEOUT &&
	       (l->dnskey_small == NULL || l->dnskey_small->outcome == OUTCOME_TIMEOUT);
}

/* Who tries TCP after silence gets them: most resolvers do not. */
static void judge_keys_over_tcp(struct fact *self, struct server *server, const struct ladder *l)
{
	if (strcmp(server->finding, "ok") != 0)
		return;
	if (lost_over_udp(l))
		server_is(self, server, "large-answers-lost",
			  "DNSKEY does not come over UDP, only truncated to 512 octets, and TCP "
			  "works: not all resolvers try that");
	else if (silent_over_udp(l))
		server_is(self, server, "dnskey-unobtainable",
			  "no answer to DNSKEY with EDNS over UDP, and TCP works: not all "
			  "resolvers try that");
}

static void judge_keys(struct fact *self, struct server *server, const struct ladder *l)
{
	const struct probe *keys = l->dnskey;
	char rcode[NAME_TEXT_MAX];
	struct reading reading;
	bool no_stream;

	if (keys == NULL || keys->outcome == OUTCOME_NOT_ASKED)
		return;
	if (l->dnskey_patient != NULL && probe_answered(l->dnskey_patient))
		keys = l->dnskey_patient;
	else if (!probe_answered(keys) && l->dnskey_tcp != NULL && probe_answered(l->dnskey_tcp))
		keys = l->dnskey_tcp;
	no_stream = l->dnskey_tcp != NULL && !probe_answered(l->dnskey_tcp);
	if (probe_useful(keys, l->zone, &reading) && (reading.has_data || reading.has_soa)) {
		server->dnskey = keys;
		if (keys == l->dnskey_tcp)
			judge_keys_over_tcp(self, server, l);
		if ((keys->way != PROBE_PATIENT && !is_truncated(l->dnskey)) ||
		    keys->rtt_ns <= SERVER_SLOW_NS)
			return;
		server->usable = false;
		server_is(self, server, "ns-slow", "answers DNSKEY after %lld ms",
			  (long long)(keys->rtt_ns / NS_PER_MS));
		return;
	}
	server->usable = false;
	if (takes_keys(server, l))
		server_is(self, server, "answers-differ",
			  "answers %s to DNSKEY at one time, and well at another: nodes that "
			  "differ?",
			  rcode_name(keys->rcode, rcode));
	else if (probe_answered(keys))
		server_is(self, server, "dnskey-unobtainable", "answers %s%s to DNSKEY",
			  rcode_name(keys->rcode, rcode),
			  reading.kind == READING_ERROR ? "" : " without data");
	else if (keys->truncated)
		server_is(self, server, "tcp-blocked", "DNSKEY is truncated over UDP, and %s",
			  stream_failure(l->dnskey_tcp));
	else if (no_stream && lost_over_udp(l))
		server_is(self, server, "large-answers-lost",
			  "DNSKEY does not come over UDP, only truncated to 512 octets, and %s",
			  stream_failure(l->dnskey_tcp));
	else
		server_is(self, server, "dnskey-unobtainable", "no answer to DNSKEY, and %s",
			  stream_failure(l->dnskey_tcp));
}

/* Silence over UDP of one that is not dead: where it has answered for this very zone, queries are
 * lost, be it on the way or on purpose. */
static void judge_silence(struct fact *self, struct server *server, const struct ladder *l)
{
	if (strcmp(server->finding, "ns-timeout") != 0 &&
	    strcmp(server->finding, "udp-blocked") != 0)
		return;
	server->heard = l->heard != HEARD_NEVER;
	if (l->heard == HEARD_OF_ZONE)
		server_is(self, server, "packet-loss", "%s; but it answered others for this zone",
			  server->detail);
}

void server_judge(struct fact *self, const struct ladder *l, struct server *server)
{
	if (l->udp->outcome == OUTCOME_NOT_ASKED) {
		server->asked = false;
		server->excluded = l->udp->excluded;
		server_is(self, server, server->excluded ? "excluded" : "not-asked", "%s",
			  l->udp->why != NULL ? l->udp->why : "");
		return;
	}
	if (l->udp->unsent) {
		server->no_route = true;
		server_is(self, server, "no-route",
			  "this machine has no way there, or does not let queries out");
		return;
	}
	if (is_truncated(l->udp) || is_truncated(l->patient))
		judge_truncated(self, server, l);
	else if (l->udp->outcome == OUTCOME_ANSWERED)
		judge_answered(self, server, l);
	else
		judge_mute(self, server, l);
	if (server->usable)
		judge_keys(self, server, l);
	server_withholds(self, l, server);
	if (l->paced[0] != NULL)
		server_times(self, server, l);
	judge_silence(self, server, l);
	server_quirks(self, l, server);
}
