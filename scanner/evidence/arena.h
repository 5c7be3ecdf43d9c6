/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * arena -- memory for many small things that all end together.
 *
 *     if (!arena_ready(arena))
 *             ... out of memory: do without ...
 *     a = arena_take(arena, ...);
 *     b = arena_take(arena, ...);
 *
 * Owner    one thread. Nothing is freed before arena_free().
 * Errors   after arena_ready(), ARENA_READY octets can be taken in pieces of ARENA_PIECE at most,
 * and nothing fails in the middle of what is being done. To take more than that is a mistake
 * (assert).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARENA_READY ((size_t)256 * 1024)
#define ARENA_PIECE (ARENA_READY / 8)

struct arena_chunk;

/* Zeroed: empty. */
struct arena {
	struct arena_chunk *chunks; /* the first one is being filled */
	struct arena_chunk *next;   /* what is filled after it; NULL: not there yet */
	size_t octets;		    /* taken from the system */
	size_t octets_max;	    /* never more; 0: no limit */
};

/* False: out of memory, or at the limit. */
bool arena_ready(struct arena *arena);
/* Zeroed, aligned for anything. */
void *arena_take(struct arena *arena, size_t octets);
/* The same of any size, ready or not. NULL: out of memory, or at the limit. */
void *arena_try(struct arena *arena, size_t octets);
void *arena_copy(struct arena *arena, const void *from, size_t octets);
/* As printf(); the text lives as long as the arena. */
const char *arena_text(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
size_t arena_octets(const struct arena *arena);
void arena_free(struct arena *arena);
