/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * batch -- some thousand names on their way from the reader to one worker, in one allocation.
 *
 * Names are ordered by the length of their wire format (equal lengths keep the order of the input),
 * so that queries of equal length follow each other and can leave as one train of datagrams. Owner
 * the reader until it is in the queue, then the worker that takes it, which frees it with
 * batch_destroy().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "results/rows/row.h"
#include "scanner/run/journal.h"
#include "scanner/dns/name.h"

#define BATCH_NAMES   4096	 /* at most */
#define BATCH_RECORDS (1u << 20) /* octets; more than most batches have */
#define BATCH_FIRST   64 /* of several workers' first batches, so that all start at once */

struct batch_name {
	uint32_t offset;  /* of the QNAME in the arena */
	uint32_t records; /* of its records there, behind their length in two octets; 0: none */
	uint8_t wire_len;
	/* The worker's own; 0 at first. */
	uint8_t unclean; /* a bit for each QTYPE */
	uint8_t failed;	 /* likewise: CD=0 did not work */
	uint8_t fetched; /* likewise: CD=0 or CD=1 worked at some resolver */
	uint8_t late;	 /* likewise: a resolver was overloaded, and is to be asked again */
	uint16_t order;	 /* in the leg */
	uint32_t left;
};

struct batch {
	uint32_t count;	    /* at least 1 */
	uint32_t open;	    /* the worker's: names not done yet; count at first */
	struct leg *leg;    /* the journal's; NULL: none is kept */
	uint64_t first;	    /* ordinal of the leg's first name */
	struct cells *done; /* pairs whose rows are there from a run before; NULL: none */
	struct debt *early; /* of its names, paid before they are owed (next_early) */
	struct cells *late; /* the worker's: pairs whose resolver was overloaded; NULL: none was */
	/* QNAMEs one after the other: wire format, lower case; then what a zone file says of them
	 * (as in struct zonefile_name) */
	const uint8_t *arena;
	struct batch_name names[]; /* count of them */
};

static inline const uint8_t *batch_qname(const struct batch *batch, const struct batch_name *name)
{
	return batch->arena + name->offset;
}

/* text NULL: none. */
static inline struct view batch_records(const struct batch *batch, const struct batch_name *name)
{
	const uint8_t *at = batch->arena + name->records;

	if (name->records == 0)
		return (struct view){NULL, 0};
	return (struct view){(const char *)at + 2, (size_t)(at[0] << 8 | at[1])};
}

/* As name_text(). */
static inline size_t batch_name_text(const struct batch *batch, const struct batch_name *name,
				     char text[NAME_WIRE_MAX + 1])
{
	return name_text(text, batch_qname(batch, name), name->wire_len);
}

/* Frees it. Accepts a pointer to NULL; sets it to NULL. */
void batch_destroy(struct batch **batch);

/* Collects names until they are a batch; a scratch area of 1 MiB, and one of BATCH_RECORDS for
 * records, used as they fill. Owner: one thread. */
struct batch_maker;

/* NULL when out of memory. */
struct batch_maker *batch_maker_create(void);
void batch_maker_destroy(struct batch_maker **maker);
/* Must not be full (BATCH_NAMES). order: in its leg, below BATCH_NAMES. records: as in struct
 * zonefile_name, text NULL: none; left out when there is no room. Returns how many names it holds
 * now. */
uint32_t batch_maker_add(struct batch_maker *maker, const struct name *name, uint32_t order,
			 struct view records);
/* No more names, or perhaps no room for one's records. */
bool batch_maker_full(const struct batch_maker *maker);
uint32_t batch_maker_count(const struct batch_maker *maker);
/* The names so far as a batch; the maker is empty then. NULL when out of memory: the maker keeps
 * them. */
struct batch *batch_maker_take(struct batch_maker *maker);
/* Forgets the names so far. */
void batch_maker_clear(struct batch_maker *maker);
