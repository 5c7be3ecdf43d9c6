/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * recheck -- asks once more, some time later, what failed: full pairs to all resolvers, under the
 * resolvers' own limits. What works then was transient, not broken. Rows go to the pairs' files,
 * with the note "recheck".
 *
 *     workers -> recheck_name() -> list in order of time -> pairs -> block -> writer
 *
 * Threads  one of its own, with an engine of its own; recheck_name() may be called by any.
 * Memory   RECHECK_NAMES names wait at most; what is beyond is counted, and not asked again.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "scanner/engine.h"
#include "scanner/resolvers.h"
#include "scanner/writer.h"

#define RECHECK_NAMES  (1u << 20)
#define RECHECK_WINDOW 1024 /* pairs in flight */

struct recheck_config {
	const struct resolvers *resolvers;
	const bool *dropped; /* resolvers not to be asked */
	struct patience patience;
	struct pace *pace, *resolver_paces; /* the scan's own, shared */
	int connections;		    /* to one resolver */
	struct writer *writer;		    /* of the pairs */
	int64_t delay_ns;
	_Atomic bool *stop; /* forget who waits, finish what is in flight */
	_Atomic bool *abandon;
};

struct recheck_counters {
	_Atomic uint64_t names;	  /* asked again */
	_Atomic uint64_t skipped; /* too many waited */
	_Atomic uint64_t pairs;
	_Atomic uint64_t recovered; /* pairs that work now */
	_Atomic uint64_t rows_lost;
	_Atomic uint64_t waiting; /* names; at the end those that nobody was asked about, for the scan was stopped */
};

struct recheck;

/* Starts the thread. NULL on error, errno set. */
struct recheck *recheck_create(const struct recheck_config *config);
/*
 * Never waits. debt: paid with the rows of all resolvers; those that have theirs already are not asked; NULL: none. False: too many
 * wait, nothing will be done.
 */
bool recheck_name(struct recheck *recheck, const uint8_t *qname, uint8_t qname_len, uint16_t qtype, struct debt *debt);
/* No more names will come. */
void recheck_close(struct recheck *recheck);
bool recheck_ended(const struct recheck *recheck);
/* After recheck_close(). */
void recheck_join(struct recheck *recheck);
void recheck_destroy(struct recheck **recheck);
const struct recheck_counters *recheck_counters(const struct recheck *recheck);
const struct engine_counters *recheck_engine_counters(const struct recheck *recheck);
