/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/evidence/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALIGN 16

struct arena_chunk {
	struct arena_chunk *next;
	size_t used, size; /* of data */
	_Alignas(ALIGN) unsigned char data[];
};

static struct arena_chunk *chunk_create(struct arena *arena, size_t size)
{
	size_t octets = sizeof(struct arena_chunk) + size;
	struct arena_chunk *chunk;

	if (arena->octets_max != 0 && arena->octets + octets > arena->octets_max)
		return NULL;
	chunk = malloc(octets);
	if (chunk == NULL)
		return NULL;
	chunk->used = 0;
	chunk->size = size;
	arena->octets += octets;
	return chunk;
}

bool arena_ready(struct arena *arena)
{
	if (arena->next == NULL)
		arena->next = chunk_create(arena, ARENA_READY + ARENA_PIECE);
	return arena->next != NULL;
}

static bool has_room(const struct arena_chunk *chunk, size_t octets)
{
	return chunk != NULL && chunk->size - chunk->used >= octets;
}

/* A chunk of its own for what is large, behind the one that is being filled. */
static void *take_large(struct arena *arena, size_t octets)
{
	struct arena_chunk *chunk = chunk_create(arena, octets);
	struct arena_chunk **link = arena->chunks != NULL ? &arena->chunks->next : &arena->chunks;

	if (chunk == NULL)
		return NULL;
	chunk->used = octets;
	chunk->next = *link;
	*link = chunk;
	return memset(chunk->data, 0, octets);
}

void *arena_try(struct arena *arena, size_t octets)
{
	struct arena_chunk *chunk = arena->chunks;
	void *room;

	octets = (octets + ALIGN - 1) / ALIGN * ALIGN;
	if (octets > ARENA_PIECE)
		return take_large(arena, octets);
	if (!has_room(chunk, octets)) {
		if (!arena_ready(arena))
			return NULL;
		chunk = arena->next;
		chunk->next = arena->chunks;
		arena->chunks = chunk;
		arena->next = NULL;
	}
	room = chunk->data + chunk->used;
	chunk->used += octets;
	return memset(room, 0, octets);
}

void *arena_take(struct arena *arena, size_t octets)
{
	void *room = arena_try(arena, octets);

	assert(octets <= ARENA_PIECE && room != NULL);
	return room;
}

void *arena_copy(struct arena *arena, const void *from, size_t octets)
{
	void *room = arena_take(arena, octets);

	if (octets > 0)
		memcpy(room, from, octets);
	return room;
}

const char *arena_text(struct arena *arena, const char *format, ...)
{
	char text[2048];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (len < 0)
		return "";
	if ((size_t)len >= sizeof(text))
		len = sizeof(text) - 1;
	return arena_copy(arena, text, (size_t)len + 1);
}

size_t arena_octets(const struct arena *arena)
{
	return arena->octets;
}

void arena_free(struct arena *arena)
{
	while (arena->chunks != NULL) {
		struct arena_chunk *chunk = arena->chunks;

		arena->chunks = chunk->next;
		free(chunk);
	}
	free(arena->next);
	arena->next = NULL;
	arena->octets = 0;
}
