/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * part -- one file of pairs or evidence while it is read by several threads, block by block.
 *
 * Whoever works on a part takes its next block and then reports what became of it; what is wrong is
 * gathered and said at the end, by line and in the order of the file, however the blocks came back.
 * Threads  part_next() and part_done() by any number.
 */
#pragma once

#include <pthread.h>
#include <stdio.h>
#include <sys/types.h>

#include "io/blocks.h"
#include "io/buf.h"
#include "results/rows/csv.h"
#include "results/rows/evidence.h"
#include "results/rows/manifest.h"

enum part_content { PART_PAIRS, PART_EVIDENCE };

/* So many bad lines of a file are shown, the rest is counted. */
#define PART_SHOWN 5

struct bad_line {
	uint64_t block, line; /* in the block, from 0 */
	char why[CSV_WHY_MAX];
};

struct part {
	void *owner; /* for who knows what it belongs to */
	char *path;
	char *label; /* how it is called in messages */
	enum part_content content;
	uint64_t number;		    /* of all parts */
	dev_t device;			    /* these two tell which file it is */
	ino_t inode;			    /* 0: not known */
	const struct manifest_part *listed; /* what run.json says of it; NULL: nothing */
	bool verify;			    /* hold it against that before it is read */

	pthread_mutex_t lock; /* over all below */
	struct blocks *blocks;
	struct csv_layout layout; /* constant once the first block was handed out */
	char *header;
	size_t header_len;
	bool opened, ended;
	bool differs;			   /* from what is listed */
	bool damaged;			   /* something of it could not be read */
	bool unreadable;		   /* nothing could */
	uint64_t good, bad;		   /* lines */
	uint32_t *lines;		   /* of each block, good or not */
	size_t blocks_known;		   /* room in lines */
	struct bad_line shown[PART_SHOWN]; /* the first ones, in order */
	unsigned shown_count;
	struct buf said; /* about its members */
};

/* What became of a block. */
struct part_report {
	uint64_t good, bad, lines;
	struct bad_line shown[PART_SHOWN];
	unsigned shown_count;
};

/* Copies both texts. NULL when out of memory. */
struct part *part_create(const char *path, const char *label, enum part_content content);
void part_destroy(struct part **part);

/* 1: a block, without the header line; 0: no more; -ENOMEM. */
int part_next(struct part *part, struct block *block);
/* Notes a bad line of a block. */
void part_report_bad(struct part_report *report, uint64_t block, uint64_t line, const char *why);
/* The block with that number is worked off. False when out of memory. */
bool part_done(struct part *part, uint64_t block, const struct part_report *report);
/* When no thread is at it any more: closes the file and writes what was wrong to out. */
void part_tell(struct part *part, FILE *out);
