/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * probe -- one question to one address, and what came back: the leaf of all evidence.
 */
#pragma once

#include "io/clock.h"
#include "results/rows/names.h"
#include "scanner/evidence/fact.h"
#include "scanner/evidence/world.h"

/* The kinds of facts; the table is in kinds.c. */
enum kind {
	KIND_PROBE,
	KIND_REACH,	 /* whether name servers can be reached at all */
	KIND_REPUTATION, /* of an address, before a zone is asked for there */
	KIND_PLACE,	 /* which zone a name belongs to */
	KIND_HOST,	 /* the addresses of a name server */
	KIND_DS,	 /* what the parent says of a zone */
	KIND_KEYS,	 /* a zone's keys */
	KIND_SERVER,	 /* what one address does for a zone and question */
	KIND_STATE,	 /* what all of them do */
	KIND_NAME,	 /* all about one name, by one road */
	KIND_ACCOUNT,	 /* all about one name */
	KIND_COUNT
};

extern const struct fact_kind fact_kinds[KIND_COUNT];

struct records;

/* Over UDP a question is put once more after that time. */
#define PROBE_SECOND_NS (800 * NS_PER_MS)

struct probe {
	/* the question */
	struct addr addr;
	const uint8_t *qname;
	uint16_t qtype;
	enum probe_way way;
	/* what came of it */
	enum outcome outcome; /* NOT_ASKED: no time or probes left, see why */
	int rcode;
	unsigned flags; /* FLAG_* */
	int answers;	/* -1: not known */
	unsigned tries;
	int64_t rtt_ns; /* -1: no answer */
	int64_t time_ms;
	bool truncated; /* TC */
	bool closed;	/* an ICMP error or a refused connection */
	bool connected; /* over TCP: the connection was up */
	bool unsent;	/* it did not leave this machine: no way there, or a filter of its own */
	bool excluded;	/* NOT_ASKED, for it is never to be asked */
	bool edns, edns_do;
	bool bad_option; /* an EDNS option of a length that it cannot have */
	bool other_case; /* the question came back in other letters, upper or lower case */
	unsigned mismatches, malformed;
	const uint8_t *message; /* NULL: none */
	size_t len;
	const struct records *records; /* in it; NULL: none, or it does not parse */
	const char *why;	       /* for NOT_ASKED */
};

bool probe_find(struct fact *self);
extern const struct probe probe_unknown;

const struct probe *need_probe(struct fact *self, const struct addr *addr, const uint8_t *qname,
			       uint16_t qtype, enum probe_way way);
/* The same, not the one of an epoch before. */
const struct probe *need_probe_anew(struct fact *self, const struct addr *addr,
				    const uint8_t *qname, uint16_t qtype, enum probe_way way,
				    uint16_t epoch);
/* The text of a way for the column "transport". */
const char *probe_way_text(enum probe_way way);
/* Keeps a copy of the message, and the records in it, in the arena of the fact, on the account of
 * its job. False: there is no memory for it, or the account is empty; nothing is kept, probe->why
 * says so. */
bool probe_keep(struct probe *probe, struct fact *fact, const uint8_t *message, size_t len);
/* A whole answer with some RCODE (TC=1 counts as one only where it came over TCP). */
bool probe_answered(const struct probe *probe);
