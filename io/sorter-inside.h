/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * sorter-inside -- what a sorter is made of. Known to io/sorter.c (arenas) and io/sorter-runs.c
 * (files, and merging) only.
 */
#pragma once

#include "io/sorter.h"

#include <pthread.h>
#include <stdatomic.h>

struct item {
	uint64_t letter; /* octets of the key at the depth that is being sorted, big end first */
	size_t at;	 /* in the arena */
};

struct arena {
	char *base;
	size_t size, used;
	struct item *items; /* the lowest one; they end where the arena ends */
	size_t count, next;
	bool spilled;
	struct buf plain; /* on its way to a file */
};

/* A source of records in order. */
struct run {
	struct record record; /* the next one, when it is in the heap */
	uint64_t letter;      /* its first octets */
	unsigned source;
	bool mixed;	     /* payloads begin with the number of their source */
	struct arena *arena; /* NULL: of a file */
	struct record_reader *reader;
};

/* Runs as a heap: those that have a record, the least first. */
struct merge {
	struct run **heap;
	size_t count;
	bool taken; /* the first one's record was handed out */
};

struct sorter {
	struct sorter_plan plan;
	pthread_mutex_t lock; /* over runs, while writers spill */
	struct run **runs;
	size_t run_count, run_room, run_most;
	struct merge merge;
	struct sorter_damage *damages;
	size_t damage_count;
	_Atomic uint64_t spilled;
	struct arena arena[];
};

/* Items ahead of the one that is read: their records are fetched meanwhile. */
#define SORTER_AHEAD 12
/* The record of an item is about to be read, if there is such an item. */
void sorter_prefetch(const struct arena *arena, size_t index);
/* A record in an arena. */
struct record sorter_record_at(const struct arena *arena, size_t at);
/* The eight octets of a key from depth on, big end first; zeros behind its end. */
uint64_t sorter_letter(const char *key, size_t len, size_t depth);

/* Adds a run of an arena that is sorted. */
int sorter_add_arena(struct sorter *sorter, struct arena *arena);
/* Writes a sorted arena to a file, which becomes a run. */
int sorter_spill_arena(struct sorter *sorter, struct arena *arena);
void sorter_free_runs(struct sorter *sorter);
