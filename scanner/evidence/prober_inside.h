/* SPDX-License-Identifier: BSD-2-Clause */

/* What the prober's rooms know of each other: prober.c, and prober_rows.c, which hands out rows. */
#pragma once

#include "scanner/evidence/prober.h"

#include <pthread.h>

#include "io/buf.h"
#include "io/queue.h"
#include "scanner/evidence/inquest.h"

/* Why a name has no evidence. */
#define NO_MEMORY "no evidence: out of memory"
#define NO_TIME	  "no evidence: the scan came to its end before"

struct suspect {
	struct debt *debt; /* NULL: none */
	char *records;	   /* as in struct zonefile_name; NULL: none */
	size_t records_len;
	uint16_t qtype;
	uint8_t what; /* SUSPECT_* */
	uint8_t qname_len;
	uint8_t qname[DNAME_MAX];
};

/* A name that is being looked into. */
struct inquiry {
	struct job job;
	struct inquiry *next, **back;
	struct suspect *suspect;
	struct delegation *delegation; /* by the zone file; NULL: none */
	struct prober *prober;
};

struct prober {
	struct prober_config config;
	struct prober_counters counters;
	struct queue *suspects;
	pthread_t thread;
	bool started;
	_Atomic bool closing, ended;
	struct event_base *base;
	struct asker *asker;
	struct facts *young, *old; /* old: only finishes its names; may be NULL */
	struct inquiry *inquiries;
	uint32_t inquiry_count;
	uint64_t number;
	struct buf rows; /* of the name that is being written */
	uint64_t row_count;
	struct block *block;
	int64_t block_ns;
	_Atomic bool last_words; /* the scan was stopped: rows tell of that */
	bool closed;		 /* nothing more in the queue, nor will there be */
	int64_t minded_ns;	 /* when deadlines were looked at last */
	int64_t tail_ns;	 /* when patience ends; INT64_MAX: not yet known */
	/* Rows of names that did not fit into the queue: written by workers. */
	pthread_mutex_t refused_lock;
	struct block *refused;
};

#define ADD(prober, counter, n)                                                                    \
	atomic_fetch_add_explicit(&(prober)->counters.counter, (n), memory_order_relaxed)

/* Hands the block to the writer, if anything is in it. */
void prober_flush(struct prober *prober, struct block **block);
/* All rows of a name that was looked into. */
void prober_tell(struct prober *prober, const struct suspect *suspect, const struct job *job,
		 const struct account *account);
/* The one row of a name that nobody looks into; forgets it. */
void prober_skip(struct prober *prober, struct suspect *suspect, const char *why);
/* NULL: nothing. */
void suspect_forget(struct suspect *suspect);
