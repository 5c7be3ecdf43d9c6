/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * worker -- one thread of the scan: takes batches of names (agenda.h), asks resolvers about each,
 * writes rows. How many there are is said in workers.h.
 *
 * Each resolver goes through the names at its own pace and has its share of the window. Pairs that
 * fail are held until it is known whether their resolver was overloaded (held.h): if so, the row
 * says it, the name is not blamed, and is asked again; and whether nobody was heard at all: then
 * they are asked anew, as if they had not been, and until then no names are taken.
 *
 * Owner    everything in struct worker belongs to its thread; shared are the queue of names, the
 *          limiters, the writer, the stop flag and the counters (written by this thread only, read
 *          by main).
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "io/queue.h"
#include "results/rows/calibration.h"
#include "scanner/ask/engine.h"
#include "scanner/ask/meter.h"
#include "scanner/options/options.h"
#include "scanner/evidence/prober.h"
#include "scanner/scan/recheck.h"
#include "scanner/ask/resolvers.h"
#include "scanner/ask/troubles.h"
#include "scanner/run/writer.h"

/* The same for all workers, constant while they run. */
struct worker_shared {
	const struct options *options;
	const struct resolvers *resolvers;
	struct patience patience;
	struct pace *pace;			/* of the whole scan */
	struct pace *resolver_paces;		/* one a resolver */
	const struct calibration *calibrations; /* one a resolver */
	const bool *dropped;			/* resolvers not to be asked */
	const _Atomic bool *gone;		/* ... nor, from now on */
	const struct troubles *troubles;	/* when they were overloaded; NULL: nobody looks */
	struct lookout *lookout;		/* when nobody was heard */
	struct meters *meters;			/* a line for each worker */
	int64_t start_ns;			/* the clock of troubles begins */
	bool connect;				/* few enough resolvers for ports of their own */
	struct queue *names;			/* of struct batch */
	struct recheck *recheck;		/* asks again what failed; NULL: nobody does */
	struct prober *prober; /* takes names that want evidence; NULL: nobody gathers any */
	struct writer *writer;
	struct journal *journal; /* NULL: none is kept */
	_Atomic bool *stop;	 /* take no new names, finish what is in flight */
	_Atomic bool *abandon;	 /* ... and do not wait for it */
	uint32_t window;	 /* queries in flight, of all workers */
	/* Among how many workers the window, the connections and what may be read ahead are divided
	 * from now on. */
	const _Atomic uint32_t *sharers;
	bool trains;
};

struct worker_counters {
	_Atomic uint64_t names; /* all pairs done */
	_Atomic uint64_t pairs;
	_Atomic uint64_t servfail, timeouts; /* of CD=0 */
	_Atomic uint64_t unclean;	     /* names */
	_Atomic uint64_t overloaded;	     /* pairs of overloaded resolvers, to be asked again */
	_Atomic uint64_t moved,
		skipped; /* pairs of resolvers that are gone: asked of another one; of nobody */
	_Atomic uint64_t anew; /* pairs asked anew, for nobody was heard */
	_Atomic uint64_t in_flight;
};

struct worker;

/* What the worker of that number, from 0, has of a window with so many sharers. */
uint32_t worker_window(uint32_t window, uint32_t sharers, uint32_t number);
/* How many connections to one resolver each of so many sharers may have. */
int worker_connections(int64_t connections, int64_t sharers);
/* Starts the thread. NULL on error, errno set. It has memory for its part of the window as that is
 * divided now, and never takes more of it. */
struct worker *worker_create(const struct worker_shared *shared, int number);
/* Waits for the thread to end by itself: names used up, or stopped. */
void worker_join(struct worker *worker);
/* After worker_join(). */
void worker_destroy(struct worker **worker);
const struct worker_counters *worker_counters(const struct worker *worker);
const struct engine_counters *worker_engine_counters(const struct worker *worker);
/* The CPU time that the thread has used; 0: it cannot be told, or the thread has ended. */
int64_t worker_cpu_ns(const struct worker *worker);
/* True once the thread has ended. */
bool worker_ended(const struct worker *worker);
/* A row lost to lack of memory or a dead writer: the run cannot be called whole. */
uint64_t worker_rows_lost(const struct worker *worker);
