/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * reader_inside -- what reader.c (files, the thread) and reader_names.c (what becomes of a name)
 * share; nobody else includes it.
 */
#pragma once

#include <pthread.h>

#include "io/buf.h"
#include "scanner/run/batch.h"
#include "scanner/run/journal.h"
#include "scanner/run/reader.h"
#include "scanner/lists/operators.h"
#include "scanner/lists/rejected.h"
#include "scanner/lists/seen.h"
#include "scanner/lists/zonefile.h"

struct reader {
	struct reader_config config;
	struct reader_counters counters;
	_Atomic bool stop;
	int wake; /* eventfd: readable once stop is set */
	pthread_t thread;

	/* The thread's own from here on, until it is joined. */
	struct batch_maker *maker;
	uint32_t target;	 /* names that make a batch now */
	uint64_t ordinal, print; /* of the next name; of all names before it */
	struct past past;	 /* what a run before did */
	struct leg *leg;    /* of the past, whose names are being collected; NULL: new names are */
	struct debt *early; /* of the leg's names */
	struct seen *seen;
	struct rejected *rejected; /* NULL: only counted */
	struct operators *operators; /* NULL: they are not counted */
	struct zonefile *zone;	     /* NULL: one name a line */
	const char *file;
	struct buf problems;
	struct buf first_reject; /* "FILE:LINE: 'text' is no name: why"; excluded names are names */
	unsigned long problem_count;
};

/* One writer, so no locked instruction. */
static inline void reader_count(_Atomic uint64_t *counter, uint64_t more)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + more,
			      memory_order_relaxed);
}

static inline bool reader_stopped(const struct reader *reader)
{
	return atomic_load_explicit(&reader->stop, memory_order_relaxed);
}

/* A line about a file, told when the reader has ended. */
void reader_complain(struct reader *reader, const char *file, const char *what);

/* reader_names.c */
/* What a file says is a name: counted, and asked if it is one, and new. */
void reader_take(struct reader *reader, const struct zonefile_name *source);
void reader_reject(struct reader *reader, uint64_t line, enum name_reason reason, const char *text,
		   size_t len);
/* The names so far go to the workers, as soon as these have room; after reader_stop() they are
 * left. */
void reader_hand_out(struct reader *reader);
/* The names are not those that the run before had: the end. */
void reader_changed(struct reader *reader);
