/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * members -- a gzip file written by several threads, the same octets whatever their number.
 *
 * Each thread brings a piece of the text and the number of its turn, 0, 1, 2 and so on; pieces are
 * joined in this order and cut into members where a line ends, so the cuts do not depend on the
 * pieces. What a turn makes whole is compressed by the thread that brought it.
 * Every turn must be taken, if with nothing: the next one waits for it.
 * Errors   0 or -errno, the first one sticks; turns go on, but write nothing.
 */
#pragma once

#include <stdint.h>
#include <stddef.h>

/* A member ends with the first line that ends at or after so many octets of text. */
#define MEMBERS_OCTETS (1U << 20)

struct members;

/* As outfile_create(): nothing appears at path before members_commit(). NULL on error, errno set.
 */
struct members *members_create(const char *path, int level);
int members_put(struct members *members, uint64_t turn, const void *text, size_t len);
/* After the last turn. Frees it, also on error; then nothing is left at path. */
int members_commit(struct members **members);
/* Accepts a pointer to NULL. */
void members_abandon(struct members **members);
