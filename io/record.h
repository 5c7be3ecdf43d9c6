/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * record -- a key and what belongs to it, and files of such in the order of their keys.
 *
 * Keys are compared octet by octet; where one begins another, the shorter one comes first.
 *
 * A file is gzip members or plain octets, of records one after another, each being
 *   varint  octets that its key shares with the beginning of the key before it
 *   varint  octets of the rest of its key
 *   varint  octets of its payload
 *   the rest of the key, the payload
 * where a varint is seven bits an octet, the lowest first, the highest bit set in all but the last.
 * So an order of records is the same octets wherever buffers or members end.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/buf.h"

/* Longer keys are a programmer's error; in a file, damage. */
#define RECORD_KEY_MAX 1024
/* So are longer payloads. */
#define RECORD_PAYLOAD_MAX (64U << 20)

struct record {
	const char *key, *payload;
	size_t key_len, payload_len;
};

/* < 0, 0, > 0. */
int record_compare(const struct record *a, const struct record *b);

/* ---- numbers ---- */

#define VARINT_MAX 10

/* Those of several octets. */
char *varint_put_long(char *out, uint64_t value);
const char *varint_get_long(const char *in, const char *end, uint64_t *value);
/* Writes one, returns its end: room for VARINT_MAX octets. Nearly all are one octet: these are
 * written and read here. */
static inline char *varint_put(char *out, uint64_t value)
{
	if (value >= 0x80)
		return varint_put_long(out, value);
	*out = (char)value;
	return out + 1;
}
/* The octet behind it; NULL when there is none whole before end. */
static inline const char *varint_get(const char *in, const char *end, uint64_t *value)
{
	if (in >= end || (unsigned char)*in >= 0x80)
		return varint_get_long(in, end, value);
	*value = (unsigned char)*in;
	return in + 1;
}

/* ---- files ---- */

/* The key before, for who writes or reads records one after another. */
struct record_key {
	size_t len;
	char octets[RECORD_KEY_MAX];
};

/* Appends the record as it stands in a file behind the one whose key is in *before, which becomes
 * this record's. Keys must not descend. */
void record_put(struct buf *out, struct record_key *before, const struct record *record);

struct record_reader;

/* Takes over the descriptor. NULL on error, errno set; then it stays open. */
struct record_reader *record_reader_fd(int fd);
void record_reader_close(struct record_reader **reader);
/* 1: a record, valid until the next call; 0: the end; -1: record_reader_error(); the last two stay.
 */
int record_reader_next(struct record_reader *reader, struct record *record);
/* "", or what is wrong with the file and where. */
const char *record_reader_error(const struct record_reader *reader);
