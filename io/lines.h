/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * lines -- text lines out of a file, gzip or plain, or standard input.
 *
 * Memory    one buffer of LINES_BUFFER octets; a line longer than LINES_LINE_MAX comes back cut to
 *           that, marked too_long, and the rest of it is skipped.
 * A line ends at LF; the LF is not part of it (a CR before it is). NUL and any other octet may
 * occur inside. A last line without LF counts, unless it was cut by an error.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINES_BUFFER   (256 * 1024)
#define LINES_LINE_MAX (64 * 1024)

struct lines;

struct line {
	const char *text; /* valid until the next call; not terminated */
	size_t len;
	uint64_t number; /* from 1 */
	bool too_long;
};

/* path "-": standard input. NULL on error, errno set. */
struct lines *lines_open(const char *path);
/* Takes over a descriptor. NULL on error, errno set: then it is closed. */
struct lines *lines_fd(int fd);
/* Accepts a pointer to NULL; sets it to NULL. */
void lines_close(struct lines **lines);
/* As gzip_reader_on_wait(): before each read that may have to wait. */
void lines_on_wait(struct lines *lines, bool (*wait)(void *owner, int fd), void *owner);
/*
 * What a file is that begins with these octets, where it is not for us: "compressed with xz", and
 * how to make lines of it; NULL: it may well be lines. len may be anything; 16 are enough.
 */
const char *lines_foreign(const void *octets, size_t len);
/* 1: a line; 0: the end; -1: error, lines_error() says what. The end and an error both stay. */
int lines_next(struct lines *lines, struct line *line);
/* As gzip_reader_error(). */
const char *lines_error(const struct lines *lines);
uint64_t lines_position(const struct lines *lines, uint64_t *size);
