/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_OCTETS (64 * 1024)
#define ALIGN	     16

struct arena_chunk {
	struct arena_chunk *next;
	size_t used, size; /* of data */
	_Alignas(ALIGN) unsigned char data[];
};

static struct arena_chunk *chunk_create(struct arena *arena, size_t size)
{
	struct arena_chunk *chunk = malloc(sizeof(*chunk) + size);

	if (chunk == NULL)
		abort();
	chunk->used = 0;
	chunk->size = size;
	arena->octets += sizeof(*chunk) + size;
	return chunk;
}

/* A chunk of its own for what is large, behind the one that is being filled. */
static void *take_large(struct arena *arena, size_t octets)
{
	struct arena_chunk *chunk = chunk_create(arena, octets);

	chunk->used = octets;
	if (arena->chunks == NULL) {
		chunk->next = NULL;
		arena->chunks = chunk;
	} else {
		chunk->next = arena->chunks->next;
		arena->chunks->next = chunk;
	}
	return memset(chunk->data, 0, octets);
}

void *arena_take(struct arena *arena, size_t octets)
{
	struct arena_chunk *chunk = arena->chunks;
	void *room;

	octets = (octets + ALIGN - 1) / ALIGN * ALIGN;
	if (octets > CHUNK_OCTETS / 4)
		return take_large(arena, octets);
	if (chunk == NULL || chunk->size - chunk->used < octets) {
		chunk = chunk_create(arena, CHUNK_OCTETS);
		chunk->next = arena->chunks;
		arena->chunks = chunk;
	}
	room = chunk->data + chunk->used;
	chunk->used += octets;
	return memset(room, 0, octets);
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
	arena->octets = 0;
}
