/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * gzip -- bytes to gzip members and back (RFC 1952). The only door to zlib, and to isa-l where it was found at build time.
 *
 * A file of ours is a run of complete members, each readable on its own: a killed writer loses at most the last one.
 * Memory    gzip_deflater and gzip_reader allocate when created, nothing later; the reader holds one window, whatever the input.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "io/buf.h"

struct gzip_deflater;

/* level 1..9 (zlib's); the name of the library doing the work is gzip_deflater_name(). NULL when out of memory. */
struct gzip_deflater *gzip_deflater_create(int level);
void gzip_deflater_destroy(struct gzip_deflater **deflater);
const char *gzip_deflater_name(void);
/* Appends one complete member holding data[0..len) to out. False: out of memory; out is as before. */
bool gzip_member(struct gzip_deflater *deflater, const void *data, size_t len, struct buf *out);

/*
 * Reads a file or descriptor, plain or gzip (told by its first two octets), as one stream of plain bytes.
 * After an error what was read before it has been handed out already.
 */
struct gzip_reader;

/* Opens path ("-": standard input). NULL on error, errno set. */
struct gzip_reader *gzip_reader_open(const char *path);
void gzip_reader_close(struct gzip_reader **reader);
/* Up to cap octets into data. 0 at the end, -1 on error: gzip_reader_error() says what and where. */
ssize_t gzip_reader_read(struct gzip_reader *reader, void *data, size_t cap);
/* "member 3 at octet 1234: unexpected end of file", "trailing garbage after member 2", strerror text; "" when there is none. */
const char *gzip_reader_error(const struct gzip_reader *reader);
bool gzip_reader_is_gzip(const struct gzip_reader *reader);
/* Octets of the file consumed so far and its size (0 when not a regular file): for progress. */
uint64_t gzip_reader_position(const struct gzip_reader *reader, uint64_t *size);
