/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * server -- what one address of a name server does for a zone and a question: a ladder of probes,
 * each step only where the one before leaves something open.
 *
 *     question over UDP -> truncated: TCP
 *                       -> nothing: once more, patiently; without EDNS; over TCP; the zone's SOA
 *                       -> FORMERR, NOTIMP, BADVERS, SERVFAIL: without EDNS
 *                       -> no use: the zone's SOA, to tell a broken zone from a broken type
 *     signed? DNSKEY over UDP -> truncated, nothing: TCP, without EDNS
 *     late or lost? six single SOA queries, to tell slow from lossy
 */
#pragma once

#include "scanner/zone.h"

#define SERVER_SHOWN_MAX 20

struct server {
	struct addr addr;
	const char *finding; /* constant; "ok" or what is wrong */
	const char *detail;  /* never NULL */
	bool asked;	     /* false: nothing was sent (reputation, special address, no time) */
	bool usable;	     /* resolvers get their answer here */
	bool heard;	     /* silent here, but it answered elsewhere: not dead */
	bool no_route;	     /* this machine cannot send there: says nothing about the server */
	bool excluded;	     /* never to be asked: likewise */
	const struct probe *answer; /* the best answer to the question; NULL: none that parses */
	struct reading reading;	    /* of it */
	const struct probe *dnskey; /* the best answer to DNSKEY; NULL: none, or not asked */
	/* All probes, for the rows. */
	unsigned shown;
	const struct probe *show[SERVER_SHOWN_MAX];
};

extern const struct server server_unknown;
bool server_find(struct fact *self);
/* How to look at a server; a set. */
enum {
	SERVER_SIGNED = 1,  /* the parent has a DS */
	SERVER_MEASURE = 2, /* find out how many queries are lost, be there a reason or not */
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

/* server_judge.c: all probes of the ladder, NULL where not made. */
struct ladder {
	const struct zone *zone;
	const uint8_t *qname;
	uint16_t qtype;
	bool is_signed, measure;
	enum heard heard;
	const struct probe *udp, *patient, *plain, *tcp, *soa;
	const struct probe *dnskey, *dnskey_tcp, *dnskey_plain;
	const struct probe *paced[PROBE_PACED_COUNT];
};

void server_judge(struct fact *self, const struct ladder *ladder, struct server *server);
/* A probe whose answer is complete and useful for the zone. */
bool probe_useful(const struct probe *probe, const struct zone *zone, struct reading *reading);
