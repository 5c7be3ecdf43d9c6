/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * writer -- the thread that turns blocks of rows into gzip members and these into files.
 *
 *     worker: rows -> block -> writer_put() -> queue -> deflate -> DIR/pairs-000.csv.gz.part -> (full) rename -> pairs-001 ...
 *
 * Workers never wait for the disk: writer_put() does not block, and writer_busy() tells them to
 * take no new names while the writer is behind. Each file starts with a header line and is a run of
 * complete members.
 * Memory    blocks of 225 KiB; 64 empty ones are kept. When 32 wait, no names are taken, and what
 *           can still come is the rows of what is in flight.
 * Errors    the first one sticks: writer_error(); blocks after it are dropped and counted, for the
 *           scan is about to stop.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <assert.h>

#include "results/rows/csv.h"
#include "scanner/run/journal.h"

/* Rows of one thread on their way to the writer. */
struct block {
	struct block *next;
	uint64_t rows;
	uint64_t names;	    /* whose last row is in it; not all owners count them */
	struct mark *marks; /* what the journal is to know; room for BLOCK_MARKS */
	uint32_t mark_count;
	bool last_words; /* rows that only tell of the end of this run: a resumed one has something better to say */
	size_t len, cap;
	char data[];
};

#define BLOCK_OCTETS (192 * 1024)
#define BLOCK_MARKS  2048
/* What one row may bring along: its own, its name's, and a debt or two for each QTYPE. */
#define BLOCK_MARKS_ROW 32
/* A file is closed and the next begun beyond this size. */
#define WRITER_PART_OCTETS (1ULL << 30)

struct writer;

struct writer_config {
	const char *dir;    /* the run directory, or "-" for standard output */
	const char *prefix; /* "pairs" */
	unsigned first;	    /* the number of the first file */
	const char *header; /* the line each file begins with */
	size_t header_len;
	struct journal *journal; /* NULL: none is kept */
	enum journal_stream stream;
};

/* What did not get into a file. */
struct writer_loss {
	uint64_t rows, names;
};

/* The thread is started at once. NULL on error, errno set. */
struct writer *writer_create(const struct writer_config *config);
/* An empty block, recycled where possible; NULL when out of memory. */
struct block *writer_block(struct writer *writer);
/* One with room for that much, BLOCK_OCTETS at least. */
struct block *writer_large_block(struct writer *writer, size_t octets);
/* Is there room for a row so long, and all it brings along? */
static inline bool block_has_room(const struct block *block, size_t octets)
{
	return block->cap - block->len >= octets &&
	       BLOCK_MARKS - block->mark_count >= BLOCK_MARKS_ROW;
}
static inline void block_mark(struct block *block, struct mark mark)
{
	assert(block->mark_count < BLOCK_MARKS);
	block->marks[block->mark_count++] = mark;
}
/* Hands a block over; it is the writer's from now on. Never waits. */
void writer_put(struct writer *writer, struct block *block);
/* More is waiting to be written than should be: take no new work. */
bool writer_busy(struct writer *writer);
/* 0, or the errno that stopped writing. */
int writer_error(struct writer *writer);
/* Brings what is written to the disk. 0 or -errno. */
int writer_sync(struct writer *writer);
/* Octets written so far. */
uint64_t writer_octets(struct writer *writer);
/*
 * Writes what is left, closes the files under their final names, ends the thread. Returns 0 or
 * -errno. *parts (malloced, the caller's; may be NULL when there are none) and *count tell what was
 * written, *loss (may be NULL) what was not: after a failed write the file ends with the last
 * member that was whole.
 */
int writer_finish(struct writer **writer, struct run_part **parts, size_t *count,
		  struct writer_loss *loss);
/* Ends the thread and removes the file that is being written. Accepts a pointer to NULL; sets it to
 * NULL. */
void writer_abandon(struct writer **writer);
