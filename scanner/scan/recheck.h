/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * recheck -- asks once more, some time later, what failed: full pairs to the resolvers that were
 * asked, under the resolvers' own limits. What works then was transient, not broken. Rows go to the
 * pairs' files, with the note "recheck".
 *
 * Where only overloaded resolvers failed, these alone are asked again; who is overloaded once more
 * is asked a few times. What such a name then shows to be broken goes to the evidence. Where each
 * name goes to a few resolvers, somebody else is asked in the place of one that is gone.
 *
 *     workers -> recheck_name() -> list in order of time -> pairs -> block -> writer
 *
 * Threads  one of its own, with an engine of its own; recheck_name() may be called by any.
 * Pace     as many pairs at a time as all workers together, so that what fails is not asked again
 *          more slowly than it was found, and names do not pile up here.
 * Memory   RECHECK_NAMES names wait at most, some 300 octets each with what the journal knows of
 *          them; what is beyond is counted, and not asked again.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "scanner/ask/engine.h"
#include "scanner/ask/lookout.h"
#include "scanner/ask/meter.h"
#include "scanner/evidence/prober.h"
#include "scanner/ask/resolvers.h"
#include "scanner/ask/troubles.h"
#include "scanner/run/writer.h"

#define RECHECK_NAMES (1u << 20)

struct recheck_config {
	const struct resolvers *resolvers;
	const bool *dropped;		 /* resolvers not to be asked */
	const _Atomic bool *gone;	 /* ... nor, from now on */
	const struct troubles *troubles; /* as a worker's; NULL: nobody looks */
	struct lookout *lookout;	 /* likewise */
	struct meter *meters;		 /* the thread's own, one a resolver */
	int64_t start_ns;		 /* the clock of troubles begins */
	unsigned per_name;		 /* resolvers a name is put to; 0: all */
	uint64_t seed;			 /* of that choice */
	struct prober *prober;		 /* NULL: nobody gathers evidence */
	struct journal *journal;	 /* NULL: none is kept */
	const struct addr *sources;	 /* to ask from, as of engine.h */
	int source_count;
	struct patience patience;
	struct pace *pace, *resolver_paces; /* the scan's own, shared */
	int connections;		    /* to one resolver */
	uint32_t window;		    /* queries in flight, as in all workers together */
	struct writer *writer;		    /* of the pairs */
	int64_t delay_ns;
	_Atomic bool *stop; /* forget who waits, finish what is in flight */
	_Atomic bool *abandon;
};

struct recheck_counters {
	_Atomic uint64_t names;	  /* asked again */
	_Atomic uint64_t skipped; /* too many waited, or no memory */
	_Atomic uint64_t pairs;
	_Atomic uint64_t recovered;  /* pairs that work now */
	_Atomic uint64_t overloaded; /* pairs of resolvers that were overloaded once more */
	_Atomic uint64_t rows_lost;
	_Atomic uint64_t waiting; /* names; at the end those that nobody was asked about, for the
				     scan was stopped */
};

struct recheck;

/* Starts the thread. NULL on error, errno set. */
struct recheck *recheck_create(const struct recheck_config *config);
struct recheck_name {
	const uint8_t *qname;
	uint8_t qname_len;
	uint16_t qtype;
	struct debt *debt;    /* paid with the rows of all resolvers; NULL: none */
	struct cells *spared; /* resolvers that need not be asked; the callee's from now on. NULL:
				 none need not */
	bool seen;	      /* it has gone to the evidence already, if any is wanted */
};

/* Never waits. Resolvers that have their row in the debt already are spared, too. False: too many
 * wait, nothing will be done. */
bool recheck_name(struct recheck *recheck, const struct recheck_name *name);
/* Nothing will be done about a name for which there was no memory. */
void recheck_skip(struct recheck *recheck);
/* No more names will come. */
void recheck_close(struct recheck *recheck);
bool recheck_ended(const struct recheck *recheck);
/* After recheck_close(). */
void recheck_join(struct recheck *recheck);
void recheck_destroy(struct recheck **recheck);
const struct recheck_counters *recheck_counters(const struct recheck *recheck);
const struct engine_counters *recheck_engine_counters(const struct recheck *recheck);
