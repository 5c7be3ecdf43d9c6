/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * server -- what one address of a name server does for a zone and a question: a ladder of probes,
 * each step only where the one before leaves something open.
 *
 *     question over UDP -> truncated: TCP, and patiently where the connection is up and silent
 *                       -> nothing: once more, patiently; without EDNS; over TCP; the zone's SOA
 *                          and nothing with EDNS, be it SOA: with EDNS, but no longer than without
 *                       -> FORMERR, NOTIMP, BADVERS, SERVFAIL: without EDNS
 *                       -> no use: the zone's SOA, to tell a broken zone from a broken type;
 *                          and again, to tell that from nodes that differ
 *     signed? DNSKEY over UDP -> truncated, nothing: TCP, without EDNS; nothing: patiently
 *                             -> no signature anywhere: RRSIG, to see whether they are held back
 *     late or lost? six single SOA queries, to tell slow from lossy; six more where all of these
 *     are lost and something comes another way
 *     silent, and a resolver fails? twelve likewise: who loses four of five is not dead
 *     all well, and yet resolvers fail? as some of them ask: with a cookie, with CD=1, in mixed case
 */
#pragma once

#include "io/clock.h"
#include "scanner/chain/chain.h"
#include "scanner/evidence/zone.h"

#define SERVER_SHOWN_MAX 40
/* How often a question is put again whose answer is worse than the zone's other ones. */
#define SERVER_AGAIN 3
/* ... later: a limit on queries is no fault of the zone. */
#define SERVER_LATER 2

struct server {
	struct addr addr;
	const char *finding; /* constant; "ok" or what is wrong */
	const char *detail;  /* never NULL */
	bool asked;	     /* false: nothing was sent (reputation, special address, no time) */
	bool usable;	     /* resolvers get their answer here */
	bool heard;	     /* silent here, but it answered elsewhere: not dead */
	bool lossy;	     /* ... or hard to hear, as all are from here */
	bool no_route;	     /* this machine cannot send there: says nothing about the server */
	bool excluded;	     /* never to be asked: likewise */
	const struct probe *answer; /* the best answer to the question; NULL: none that parses */
	struct reading reading;	    /* of it */
	const struct probe *dnskey; /* the best answer to DNSKEY; NULL: none, or not asked */
	/* Signatures are there, and not given: why. CHAIN_FAULT_NONE: that is not so, or not known.
	 */
	enum chain_fault withheld;
	const char *withheld_detail;
	/* All probes, for the rows. */
	unsigned shown;
	const struct probe *show[SERVER_SHOWN_MAX];
};

extern const struct server server_unknown;
bool server_find(struct fact *self);
/* How to look at a server; a set. */
enum {
	SERVER_SIGNED = 1, /* the parent has a DS */
	/* it fails somewhere, and here all is well, or silent: how many queries are lost, and whom
	   does it not like? */
	SERVER_MEASURE = 2,
};
const struct server *need_server(struct fact *self, const struct zone *zone,
				 const struct addr *addr, const uint8_t *qname, uint16_t qtype,
				 unsigned how);

/* What one probe shows of the server, as a finding. */
const char *probe_finding(const struct probe *probe, const struct zone *zone);
/* Is the address one of the servers of a zone above, by its glue? */
const struct zone *ancestor_server(const struct zone *zone, const struct addr *addr);

/* The standing of an address (KIND_REPUTATION). */
bool reputation_find(struct fact *self);
extern const struct reputation reputation_none;

/* Beyond this a resolver's own timeout comes first. */
#define SERVER_SLOW_NS (1800 * NS_PER_MS)

/* server_judge.c: all probes of the ladder, NULL where not made. */
struct ladder {
	const struct zone *zone;
	const uint8_t *qname;
	uint16_t qtype;
	bool is_signed, measure;
	bool steady; /* its errors are its way */
	enum heard heard;
	const struct probe *udp, *patient, *plain, *tcp, *soa, *soa_plain, *small;
	const struct probe *again[SERVER_AGAIN], *dnskey_again[SERVER_AGAIN];
	const struct probe *dnskey, *dnskey_tcp, *dnskey_plain, *dnskey_patient, *dnskey_small;
	const struct probe *tcp_first, *dnskey_tcp_first; /* where another try took its place */
	const struct probe *rrsig, *nsec3param, *nsec;
	const struct probe *cookie, *cd, *mixed;
	const struct probe *paced[PROBE_PACED_COUNT];
	const struct probe *later[SERVER_LATER]; /* SOA, some time after an error */
};

/* server_ask.c: makes the probes; zone, question and how to look are set. False: waits. */
bool server_ask(struct fact *self, struct ladder *ladder);
void server_judge(struct fact *self, const struct ladder *ladder, struct server *server);
/* server_time.c: with the paced probes made, whether it is slow or loses queries. */
void server_times(struct fact *self, struct server *server, const struct ladder *ladder);
/* server_say.c: what a whole message shows, as a finding. */
const char *reading_finding(const struct reading *reading, const struct probe *probe,
			    const struct zone *zone);
/* The same as the server's finding and detail. */
void server_says(struct fact *self, struct server *server, const struct ladder *ladder,
		 const struct probe *probe, const struct reading *reading);
const char *stream_failure(const struct probe *tcp);
/* "www.example.org/A", in text. */
const char *ladder_question(const struct ladder *ladder,
			    char text[DNAME_TEXT_MAX + NAME_TEXT_MAX + 2]);
/* Sets finding and detail. */
__attribute__((format(printf, 4, 5))) void server_is(struct fact *self, struct server *server,
						     const char *finding, const char *format, ...);
/* server_quirks.c: what only some resolvers stumble over; and signatures that are held back. */
void server_quirks(struct fact *self, const struct ladder *ladder, struct server *server);
void server_withholds(struct fact *self, const struct ladder *ladder, struct server *server);
/* A probe whose answer is complete and useful for the zone. */
bool probe_useful(const struct probe *probe, const struct zone *zone, struct reading *reading);
