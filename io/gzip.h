/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * gzip -- bytes to gzip members and back (RFC 1952). The only door to zlib, and to isa-l where it
 * was found at build time.
 *
 * A file of ours is a run of complete members, each readable on its own: a killed writer loses at
 * most the last one.
 * Memory    allocated when created; later only what gzip_member() appends to its buffer, and the
 *           one window (32 KiB) that zlib takes at the first gzip octet. Never more. A reader takes
 *           about 200 KiB.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "io/buf.h"

/* What goes into one member at most; larger is a programmer's error. */
#define GZIP_MEMBER_MAX (1u << 30)

struct gzip_deflater;

/*
 * level 1..9, as in gzip(1). Levels 1 and 2 are isa-l's where there is one: five times as fast, and
 * about as small as zlib's level 1. NULL when out of memory.
 */
struct gzip_deflater *gzip_deflater_create(int level);
void gzip_deflater_destroy(struct gzip_deflater **deflater);
/* "zlib" or "isa-l": which of them works for this one. */
const char *gzip_deflater_name(const struct gzip_deflater *deflater);
/*
 * Appends one complete member holding data[0..len) to out. False: out of memory; out's content is
 * as before, but out->failed is set.
 */
bool gzip_member(struct gzip_deflater *deflater, const void *data, size_t len, struct buf *out);

/*
 * Reads a file or descriptor, plain or gzip (told by its first two octets), as one stream of plain
 * bytes. After an error what was read before it has been handed out already; small pieces may have
 * missed the last octets of the broken member. Zero octets behind the last member are padding, as
 * gzip(1) has it; anything else there is an error.
 */
struct gzip_reader;

/* Opens path ("-": standard input). NULL on error, errno set (EISDIR for a directory). */
struct gzip_reader *gzip_reader_open(const char *path);
/* Takes over a descriptor, to be closed with the reader (but never standard input). NULL on error,
 * errno set: then it stays open. */
struct gzip_reader *gzip_reader_fd(int fd);
/* Accepts a pointer to NULL; sets it to NULL. */
void gzip_reader_close(struct gzip_reader **reader);
/*
 * wait is called before each read of the descriptor, which may have to wait for input: the owner
 * can do what is to be done meanwhile, and poll. False: read no more; that is an error ("stopped").
 */
void gzip_reader_on_wait(struct gzip_reader *reader, bool (*wait)(void *owner, int fd),
			 void *owner);
/*
 * Up to cap octets (at least 1) into data; fewer rather than wait for more input. 0 at the end, -1
 * on error: gzip_reader_error() says what and where; the end and an error both stay.
 */
ssize_t gzip_reader_read(struct gzip_reader *reader, void *data, size_t cap);
/*
 * "member 3 at octet 1234: unexpected end of file" (the octet at which that member begins: what
 * lies before it is whole), "trailing garbage after member 2 at octet 1234", "read at octet 0:
 * Input/output error", "ends at octet 4096: it became shorter while it was read"; "" when there is
 * none.
 */
const char *gzip_reader_error(const struct gzip_reader *reader);
/*
 * After an error: goes on behind the damage, at the next octets that look like the first member's
 * header (which all members of a file of ours have alike). False: there are none, or the file is no
 * regular one; the error stays. Members are counted from there on.
 */
bool gzip_reader_skip(struct gzip_reader *reader);
/* The number of the member that is being read, from 1, and the octet at which it begins. */
uint64_t gzip_reader_member(const struct gzip_reader *reader, uint64_t *offset);
/* Known from the first read on, false before. */
bool gzip_reader_is_gzip(const struct gzip_reader *reader);
/* Octets of the file consumed so far and its size (0 when not a regular file): for progress. */
uint64_t gzip_reader_position(const struct gzip_reader *reader, uint64_t *size);
