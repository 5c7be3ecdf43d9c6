/* SPDX-License-Identifier: BSD-2-Clause */

/* Servers whose answers come, but late, or only some of them. */
#include "scanner/evidence/server.h"

#include <string.h>

#include "io/clock.h"

/* Loss is measured by at least so many messages, and is one from a third on. */
#define LOSS_MESSAGES 6

/* Of two messages it is not known which one was answered. An answer that comes at once is the
 * second one's; one that takes longer than they are apart, the first one's. */
static int64_t time_taken(const struct probe *probe)
{
	bool late = probe->tries > 1 && probe->rtt_ns > PROBE_SECOND_NS;

	return late ? probe->rtt_ns + PROBE_SECOND_NS : probe->rtt_ns;
}

static void count(const struct probe *probe, unsigned *sent, unsigned *lost, int64_t *slowest_ns,
		  int64_t *fastest_ns)
{
	int64_t took_ns;

	if (probe == NULL || probe->outcome == OUTCOME_NOT_ASKED || probe_way_streams(probe->way) ||
	    probe->way == PROBE_PLAIN)
		return;
	*sent += probe->tries;
	*lost += probe->tries - (probe->outcome == OUTCOME_ANSWERED);
	took_ns = time_taken(probe);
	if (took_ns > *slowest_ns)
		*slowest_ns = took_ns;
	if (took_ns >= 0 && took_ns < *fastest_ns)
		*fastest_ns = took_ns;
}

/* A whole answer that says no. */
static bool denies(const struct probe *probe, const struct zone *zone)
{
	return probe != NULL && probe_answered(probe) && !probe_useful(probe, zone, NULL);
}

/* It answered, and then not one of the queries that followed. */
static bool fell_silent(const struct ladder *l, unsigned *queries)
{
	const struct probe *ways[] = {l->cd, l->mixed};

	*queries = 0;
	for (unsigned i = 0; i < PROBE_PACED_COUNT && l->paced[i] != NULL; i++, (*queries)++)
		if (l->paced[i]->outcome != OUTCOME_TIMEOUT)
			return false;
	for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++, (*queries)++)
		if (ways[i] == NULL || ways[i]->outcome != OUTCOME_TIMEOUT)
			return false;
	return l->udp->outcome == OUTCOME_ANSWERED;
}

void server_times(struct fact *self, struct server *server, const struct ladder *l)
{
	const struct probe *probes[] = {l->soa, l->udp, l->patient, l->dnskey};
	int64_t slowest_ns = -1, fastest_ns = INT64_MAX;
	unsigned sent = 0, lost = 0, queries;
	/* a question that never gets an answer tells of itself, not of the others' chances */
	bool question = l->udp->outcome == OUTCOME_ANSWERED ||
			(l->patient != NULL && l->patient->outcome == OUTCOME_ANSWERED);
	bool all_slow, soa = false;

	for (unsigned i = 0; i < (question ? sizeof(probes) / sizeof(probes[0]) : 1); i++)
		count(probes[i], &sent, &lost, &slowest_ns, &fastest_ns);
	for (unsigned i = 0; i < PROBE_PACED_COUNT && l->paced[i] != NULL; i++) {
		count(l->paced[i], &sent, &lost, &slowest_ns, &fastest_ns);
		soa = soa || l->paced[i]->outcome == OUTCOME_ANSWERED;
	}
	/* that is what it answers, however many others are lost */
	if (denies(l->udp, l->zone) || denies(l->patient, l->zone))
		return;
	if (fell_silent(l, &queries)) {
		server_is(self, server, "packet-loss",
			  "answered at first, and then not one of %u queries in a row: a limit on "
			  "queries?",
			  queries);
		server->usable = false;
		return;
	}
	/* a server that answers at once, but never to SOA, loses nothing */
	if (l->paced[0] == NULL || lost == sent ||
	    (!soa && l->udp->outcome == OUTCOME_ANSWERED && l->udp->tries == 1))
		return;
	/* single tries wait for 2 s only: where the patient one took longer these were not lost */
	all_slow = fastest_ns != INT64_MAX && fastest_ns > SERVER_SLOW_NS;
	if (all_slow)
		server_is(self, server, "ns-slow", "answers after %lld ms",
			  (long long)(slowest_ns / NS_PER_MS));
	else if (sent >= LOSS_MESSAGES && lost * 3 >= sent)
		server_is(self, server, "packet-loss", "%u of %u queries over UDP got no answer",
			  lost, sent);
	else
		return;
	server->usable = false;
}
