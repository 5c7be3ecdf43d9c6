/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * arena -- memory for many small things that all end together.
 *
 * Owner    one thread. Nothing is freed before arena_free().
 * Errors   none: what must not fail in the middle of thousands of facts ends the program (abort)
 * when the machine is out of memory; the owner bounds an arena by arena_octets().
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct arena_chunk;

struct arena {
	struct arena_chunk *chunks; /* the first one is being filled */
	size_t octets;		    /* taken from the system */
};

/* Zeroed, aligned for anything. */
void *arena_take(struct arena *arena, size_t octets);
void *arena_copy(struct arena *arena, const void *from, size_t octets);
/* As printf(); the text lives as long as the arena. */
const char *arena_text(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
size_t arena_octets(const struct arena *arena);
void arena_free(struct arena *arena);
