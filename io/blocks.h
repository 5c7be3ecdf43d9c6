/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * blocks -- a file, gzip or plain, in blocks of whole lines, so that several threads can work on
 * it: one takes a block, the next one the next.
 *
 * Damage   costs what it touches: what stands behind a broken gzip member is read on, where there
 *          is a next one (gzip_reader_skip()).
 * Threads  one at a time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Longer lines are left out. */
#define BLOCKS_OCTETS (256 * 1024)
/* Behind a block's text are so many octets that may be read; they are no part of it. */
#define BLOCKS_SLACK 64

struct blocks;

struct block {
	uint64_t number;   /* from 0, in the order of the file */
	char *text;	   /* may be changed */
	size_t len;	   /* its last octet is LF, also where the file's last line has none */
	unsigned too_long; /* lines left out, at the end of the block */
	char memory[BLOCKS_OCTETS + 1 + BLOCKS_SLACK];
};

/* path "-": standard input. NULL on error, errno set. */
struct blocks *blocks_open(const char *path);
/* Accepts a pointer to NULL; sets it to NULL. */
void blocks_close(struct blocks **blocks);
enum blocks_result {
	BLOCKS_END,
	BLOCKS_BLOCK,
	BLOCKS_DAMAGE, /* blocks_error(); the next call goes on behind it, or says that it is the
			  end */
};
enum blocks_result blocks_next(struct blocks *blocks, struct block *block);
/* As gzip_reader_error(), of the last damage. */
const char *blocks_error(const struct blocks *blocks);
/* Octets of the file consumed so far. */
uint64_t blocks_position(const struct blocks *blocks);
