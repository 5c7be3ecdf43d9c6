/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * reader -- the thread that turns the input into batches of names.
 *
 *     files, gzip or plain -> lines -> name or zone file -> shard -> seen before? -> excluded? ->
 * batch -> queue
 *                                         \-> rejected.csv.gz, operators.csv
 *
 * Batches have BATCH_NAMES names; for several workers they grow to that from BATCH_FIRST. While a
 * pipe or terminal has nothing to read, what is there is handed out.
 * Queue    the reader puts batches and closes the queue when it is over, so that takers drain it
 *          and end.
 * Memory   one batch, one line, SEEN_OCTETS of names seen (less for short files); whatever the
 *          input.
 * Errors   a file that cannot be opened or is broken is one message (reader_problems()); what was
 *          read before it counts, the next files go on. What becomes the exit status is main()'s
 *          business.
 * Balance  read = rejected + other_shard + duplicates + excluded + done_before + handed_out + left
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/buf.h"
#include "io/queue.h"
#include "results/rows/row.h"
#include "scanner/dns/name.h"

struct debt;
struct journal;
struct reader;
struct suffixes;

/* Must outlive the reader, with all it points to. */
struct reader_config {
	const char *const *files;	/* "-": standard input */
	int file_count;			/* 0: standard input */
	bool zone;			/* the files are zone files: every delegated name once */
	bool records;			/* ... with its NS and DS records */
	const char *rejected_path;	/* of rejected.csv.gz; NULL: rejects are only counted */
	const char *operators_path;	/* of operators.csv, with `zone`; NULL: not counted */
	uint64_t seed;			/* of the shards: the same on every machine of a scan */
	uint32_t shards, shard;		/* 0 or 1 shards: all names */
	const struct suffixes *exclude; /* NULL: nothing */
	struct queue *queue;
	int workers;		 /* that take from it at first; 0: as one */
	struct journal *journal; /* knows what was done before; NULL: none is kept */
	/* Takes what is owed for a name that is done. */
	void (*owed)(void *owner, struct debt *debt, const struct name *name, struct view records);
	void *owner;
};

/* Written by the reader, read by anyone (relaxed). */
struct reader_counters {
	_Atomic uint64_t lines; /* of all files; in a zone file also those that name nothing */
	_Atomic uint64_t
		read; /* lines that are names or rejected; in a zone file delegated names */
	_Atomic uint64_t blank; /* lines that are neither: blank, comments */
	_Atomic uint64_t rejected, other_shard, duplicates, excluded;
	_Atomic uint64_t handed_out; /* names in batches that went into the queue */
	_Atomic uint64_t left; /* names that did not, because of reader_stop() or a closed queue */
	_Atomic uint64_t files_opened,
		files_failed; /* a file that breaks half way counts in both, one that is
					   no list only here */
	_Atomic uint64_t
		output_failed; /* files that are not whole: rejected.csv.gz, operators.csv */
	/* Octets of the current file read and its size, 0 when not known; a new file begins anew.
	 */
	_Atomic uint64_t position, size;
	_Atomic uint64_t done_before; /* names that a run before was done with */
	_Atomic bool past;	      /* what was handed out before is not all read again yet */
	_Atomic bool
		changed; /* the names are not those of the run that is resumed: nothing more is handed out */
	_Atomic bool done; /* all that follows is the end of the thread */
};

/*
 * Opens rejected_path and starts the thread, with all signals blocked. NULL on error; one line
 * without the program's name is then in errors.
 */
struct reader *reader_start(const struct reader_config *config, struct buf *errors);
const struct reader_counters *reader_counters(const struct reader *reader);
/* There were lines so far, and not one of them was a name, excluded, another shard's or our own. */
bool reader_found_no_names(const struct reader *reader);
/* From any thread, not from a signal handler: no more names; closes the queue. What is in the queue
 * stays there. */
void reader_stop(struct reader *reader);
/* Waits for the end of the thread and completes rejected.csv.gz and operators.csv. Once. */
void reader_join(struct reader *reader);
/* After reader_join(): "FILE: No such file or directory\n" and the like, a line each; "" when all
 * went well. */
const char *reader_problems(const struct reader *reader);
/* After reader_join(): "a.csv:1: '1,example.org' is no name: bad character", the first line that was
 * rejected; "" when there is none. */
const char *reader_first_reject(const struct reader *reader);
/* After reader_join(). Accepts a pointer to NULL; sets it to NULL. */
void reader_destroy(struct reader **reader);
