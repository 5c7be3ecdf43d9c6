/* SPDX-License-Identifier: BSD-2-Clause */

#include "io/blocks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/gzip.h"

struct blocks {
	struct gzip_reader *reader;
	uint64_t number;
	bool ended;
	bool damaged;  /* to be told before anything else is read */
	bool skipping; /* the rest of a line that is too long, or that damage cut */
	char error[200];
	size_t carried; /* the beginning of a line */
	char carry[BLOCKS_OCTETS];
};

struct blocks *blocks_open(const char *path)
{
	struct blocks *blocks = malloc(sizeof(*blocks));

	if (!blocks)
		return NULL;
	memset(blocks, 0, offsetof(struct blocks, carry));
	blocks->reader = gzip_reader_open(path);
	if (!blocks->reader) {
		free(blocks);
		return NULL;
	}
	return blocks;
}

void blocks_close(struct blocks **blocks)
{
	if (!*blocks)
		return;
	gzip_reader_close(&(*blocks)->reader);
	free(*blocks);
	*blocks = NULL;
}

/* Reads until the block is full. */
static void fill(struct blocks *blocks, struct block *block)
{
	while (block->len < BLOCKS_OCTETS && !blocks->ended && !blocks->damaged) {
		ssize_t got = gzip_reader_read(blocks->reader, block->text + block->len,
					       BLOCKS_OCTETS - block->len);

		if (got > 0) {
			block->len += (size_t)got;
			continue;
		}
		blocks->ended = got == 0;
		if (got == 0)
			break;
		blocks->damaged = true;
		snprintf(blocks->error, sizeof(blocks->error), "%s",
			 gzip_reader_error(blocks->reader));
		blocks->ended = !gzip_reader_skip(blocks->reader);
	}
}

/* Drops the octets up to and with the next LF. */
static void skip(struct blocks *blocks, struct block *block)
{
	const char *lf = memchr(block->text, '\n', block->len);
	size_t gone = lf ? (size_t)(lf - block->text) + 1 : block->len;

	block->text += gone;
	block->len -= gone;
	blocks->skipping = !lf;
}

/* What follows the last LF is left for the next block. */
static void cut(struct blocks *blocks, struct block *block)
{
	const char *lf = block->len ? memrchr(block->text, '\n', block->len) : NULL;
	size_t whole = lf ? (size_t)(lf - block->text) + 1 : 0;
	size_t rest = block->len - whole;

	if (blocks->damaged) { /* a line that an error cut is no line */
		block->len = whole;
	} else if (blocks->ended) {
		if (rest)
			block->text[block->len++] = '\n';
	} else if (rest == BLOCKS_OCTETS) {
		block->len = 0;
		block->too_long++;
		blocks->skipping = true;
	} else {
		memcpy(blocks->carry, block->text + whole, rest);
		blocks->carried = rest;
		block->len = whole;
	}
}

enum blocks_result blocks_next(struct blocks *blocks, struct block *block)
{
	block->too_long = 0;
	do {
		if (blocks->damaged) {
			blocks->damaged = false;
			blocks->skipping = false; /* a member begins with a line */
			return BLOCKS_DAMAGE;
		}
		block->text = block->memory;
		block->len = blocks->carried;
		memcpy(block->text, blocks->carry, blocks->carried);
		blocks->carried = 0;
		fill(blocks, block);
		if (blocks->skipping)
			skip(blocks, block);
		if (!blocks->skipping)
			cut(blocks, block);
		if (block->len || block->too_long) {
			memset(block->text + block->len, 0, BLOCKS_SLACK);
			block->number = blocks->number++;
			return BLOCKS_BLOCK;
		}
	} while (!blocks->ended || blocks->damaged);
	return BLOCKS_END;
}

const char *blocks_error(const struct blocks *blocks)
{
	return blocks->error;
}

uint64_t blocks_position(const struct blocks *blocks)
{
	return gzip_reader_position(blocks->reader, NULL);
}
