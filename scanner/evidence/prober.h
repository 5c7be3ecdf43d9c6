/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * prober -- the thread that gathers evidence on names that are not clean, with an engine of its
 * own.
 *
 *     workers -> prober_suspect() -> queue -> facts -> rows -> block -> writer
 * ("evidence-000.csv.gz")
 *
 * Workers never wait for it: when the queue is full the name gets one row that says so.
 * Memory   PROBER_QUEUE names wait, 300 octets each and what a zone file says of them
 *          (ZONEFILE_RECORDS_MAX). Facts live in two generations: when the young one has grown to
 *          PROBER_OCTETS its names are finished and a new one begins, which finds everything anew.
 *          None grows to twice that: a name that would need more has no evidence, and a row that
 *          says so.
 * End      after prober_close() it works off what is queued, for PROBER_TAIL_NS at most; the rest
 *          gets rows that say so.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "results/rows/row.h"
#include "scanner/evidence/asker.h"
#include "scanner/evidence/hints.h"
#include "scanner/ask/lookout.h"
#include "scanner/ask/pace.h"
#include "scanner/lists/suffixes.h"
#include "scanner/run/writer.h"

#define PROBER_QUEUE 65536
/* Names at a time: few enough that their time is not spent waiting for the paces of the servers
 * they share (a TLD's); and more, some each turn, as long as nothing waits for a pace, but only for
 * servers that are silent: that takes half a minute. */
#define PROBER_JOBS	 64
#define PROBER_JOBS_MOST 512
#define PROBER_JOBS_STEP 4
#define PROBER_OCTETS  (192u << 20)
#define PROBER_TAIL_NS (120 * 1000000000LL)
/* For one name. */
#define PROBER_DEADLINE_NS (60 * 1000000000LL)
#define PROBER_PROBES	   200
#define PROBER_FACTS	   3000
#define PROBER_MESSAGES	   (2u << 20) /* octets, with the records in them */
#define PROBER_LINKS	   4	      /* times chain_budget_default() */

struct prober_config {
	const struct hints *hints;
	const struct suffixes *exclude; /* servers and names never to be asked; NULL: none */
	struct pace *pace;		/* of the whole scan */
	const struct lookout *lookout;	/* when nobody is heard */
	struct writer *writer;		/* of the evidence files */
	double server_qps;		/* to one address; 0: no limit */
	uint16_t port;			/* of name servers: 53 */
	const struct glue *glue;	/* of the zone files that are scanned; NULL: none */
	const struct addr *sources;	/* to ask from, as of engine.h */
	int source_count;
	const struct asker_relay *relays; /* resolvers for where no name server can be reached */
	unsigned relay_count;
	_Atomic bool *stop;    /* take nothing new, come to an end */
	_Atomic bool *abandon; /* ... at once */
};

/* Written by the prober, read by anyone. */
struct prober_counters {
	_Atomic uint64_t suspects; /* taken over from workers */
	_Atomic uint64_t names;	   /* with evidence */
	_Atomic uint64_t skipped;  /* without: queue full, no time left */
	_Atomic uint64_t probes;   /* messages sent */
	_Atomic uint64_t rows, rows_lost;
	_Atomic uint64_t cpu_us;
	_Atomic bool blind; /* no root server can be reached */
};

struct prober;

/* Starts the thread. NULL on error, errno set. */
struct prober *prober_create(const struct prober_config *config);
/* What is known of a name that is handed over; a set. */
enum {
	SUSPECT_FAILING = 1,   /* not clean at some resolver */
	SUSPECT_FETCHABLE = 2, /* some resolver has its records, with CD=1 at least */
};
/* One more name; any thread; never waits. records: as in struct zonefile_name, text NULL: none.
 * debt: paid with the rows; NULL: none. */
void prober_suspect(struct prober *prober, const uint8_t *qname, uint8_t qname_len, uint16_t qtype,
		    unsigned what, struct view records, struct debt *debt);
/* No more names will come. */
void prober_close(struct prober *prober);
bool prober_ended(const struct prober *prober);
/* After prober_close(), or with *stop set: waits for the thread. */
void prober_join(struct prober *prober);
void prober_destroy(struct prober **prober);
const struct prober_counters *prober_counters(const struct prober *prober);
