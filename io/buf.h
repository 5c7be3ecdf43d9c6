/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * buf -- a growing byte buffer with a sticky error.
 *
 * Owner    whoever holds the struct; never shared between threads.
 * Errors   out of memory sets `failed`, later calls do nothing; check once at the end.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *data; /* NULL while cap is 0; not terminated */
	size_t len;
	size_t cap;
	bool failed;
};

#define BUF_EMPTY                                                                                  \
	(struct buf)                                                                               \
	{                                                                                          \
		NULL, 0, 0, false                                                                  \
	}

/* buf_reserve() where there is no room yet. */
bool buf_grow(struct buf *buf, size_t more);
/* Makes room for `more` octets beyond len; false when out of memory (then failed is set). Here,
 * since it is asked for each row and nearly always there. */
static inline bool buf_reserve(struct buf *buf, size_t more)
{
	return (!buf->failed && more <= buf->cap - buf->len) || buf_grow(buf, more);
}
void buf_add(struct buf *buf, const void *data, size_t len);
void buf_add_str(struct buf *buf, const char *text);
void buf_addf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Adds a final NUL that is not counted in len and returns data; NULL when failed. */
const char *buf_text(struct buf *buf);
/* Forgets the content, keeps the memory. Does not clear `failed`. */
void buf_clear(struct buf *buf);
/* Frees the memory; buf is empty and usable again. */
void buf_free(struct buf *buf);
