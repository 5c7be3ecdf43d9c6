/* SPDX-License-Identifier: BSD-2-Clause */

#include "io/record.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/gzip.h"

/* Read at once; a record that is larger makes the buffer so. */
#define BUFFER (64 * 1024)
#define HEAD   (3 * VARINT_MAX)

int record_compare(const struct record *a, const struct record *b)
{
	size_t len = a->key_len < b->key_len ? a->key_len : b->key_len;
	int order = len ? memcmp(a->key, b->key, len) : 0;

	return order ? order : (a->key_len > b->key_len) - (a->key_len < b->key_len);
}

char *varint_put_long(char *out, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		*out++ = (char)(value | 0x80);
	*out++ = (char)value;
	return out;
}

const char *varint_get_long(const char *in, const char *end, uint64_t *value)
{
	unsigned shift = 0;

	*value = 0;
	for (; in < end && shift < 64; shift += 7) {
		uint64_t octet = (unsigned char)*in++;

		*value |= (octet & 0x7f) << shift;
		if (octet < 0x80)
			return in;
	}
	return NULL;
}

void record_put(struct buf *out, struct record_key *before, const struct record *record)
{
	size_t shared = 0, rest;
	char *p;

	assert(record->key_len <= RECORD_KEY_MAX && record->payload_len <= RECORD_PAYLOAD_MAX);
	if (!buf_reserve(out, HEAD + record->key_len + record->payload_len))
		return;
	while (shared < before->len && shared < record->key_len &&
	       before->octets[shared] == record->key[shared])
		shared++;
	rest = record->key_len - shared;
	p = varint_put(out->data + out->len, shared);
	p = varint_put(p, rest);
	p = varint_put(p, record->payload_len);
	if (rest)
		memcpy(p, record->key + shared, rest);
	if (rest)
		memcpy(before->octets + shared, record->key + shared, rest);
	if (record->payload_len)
		memcpy(p + rest, record->payload, record->payload_len);
	before->len = record->key_len;
	out->len = (size_t)(p - out->data) + rest + record->payload_len;
}

struct record_reader {
	struct gzip_reader *file;
	struct record_key key;
	bool ended, failed;
	char error[200];
	char *buffer, *next, *end;
	size_t size;
};

struct record_reader *record_reader_fd(int fd)
{
	struct record_reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return NULL;
	reader->buffer = malloc(BUFFER);
	reader->size = BUFFER;
	reader->next = reader->end = reader->buffer;
	if (!reader->buffer || !(reader->file = gzip_reader_fd(fd))) {
		free(reader->buffer);
		free(reader);
		return NULL;
	}
	return reader;
}

void record_reader_close(struct record_reader **reader)
{
	if (!*reader)
		return;
	gzip_reader_close(&(*reader)->file);
	free((*reader)->buffer);
	free(*reader);
	*reader = NULL;
}

const char *record_reader_error(const struct record_reader *reader)
{
	return reader->error;
}

static bool fail(struct record_reader *reader, const char *why)
{
	reader->failed = true;
	snprintf(reader->error, sizeof(reader->error), "%s", why);
	return false;
}

/* Reads on until `want` octets are there, or the file ends. */
static bool fill(struct record_reader *reader, size_t want)
{
	size_t have = (size_t)(reader->end - reader->next);

	if (have >= want || reader->ended)
		return true;
	if (want > reader->size) {
		char *larger = malloc(want);

		if (!larger)
			return fail(reader, strerror(ENOMEM));
		memcpy(larger, reader->next, have);
		free(reader->buffer);
		reader->buffer = larger;
		reader->size = want;
	} else {
		memmove(reader->buffer, reader->next, have);
	}
	reader->next = reader->buffer;
	reader->end = reader->buffer + have;
	while (have < want && !reader->ended) {
		ssize_t got = gzip_reader_read(reader->file, reader->end, reader->size - have);

		if (got < 0)
			return fail(reader, gzip_reader_error(reader->file));
		reader->ended = got == 0;
		reader->end += got;
		have += (size_t)got;
	}
	return true;
}

/* Is the key whose octets from `shared` on are these less than the one before? */
static bool descends(const struct record_reader *reader, size_t shared, const char *rest,
		     size_t len)
{
	struct record before = {.key = reader->key.octets + shared,
				.key_len = reader->key.len - shared},
		      after = {.key = rest, .key_len = len};

	return before.key_len > 0 && record_compare(&after, &before) < 0;
}

static bool read_record(struct record_reader *reader, struct record *record)
{
	uint64_t shared, rest, payload;
	const char *p = varint_get(reader->next, reader->end, &shared);

	p = p ? varint_get(p, reader->end, &rest) : NULL;
	p = p ? varint_get(p, reader->end, &payload) : NULL;
	if (!p)
		return fail(reader, "a record is cut off");
	if (shared > reader->key.len || rest > RECORD_KEY_MAX - shared ||
	    payload > RECORD_PAYLOAD_MAX)
		return fail(reader, "a record is damaged");
	if ((size_t)(reader->end - p) < rest + payload) {
		size_t head = (size_t)(p - reader->next);

		if (!fill(reader, head + rest + payload))
			return false;
		p = reader->next + head;
		if ((size_t)(reader->end - p) < rest + payload)
			return fail(reader, "a record is cut off");
	}
	if (descends(reader, shared, p, rest))
		return fail(reader, "records are out of order");
	memcpy(reader->key.octets + shared, p, rest);
	reader->key.len = shared + rest;
	*record = (struct record){reader->key.octets, p + rest, reader->key.len, payload};
	reader->next += (size_t)(p - reader->next) + rest + payload;
	return true;
}

int record_reader_next(struct record_reader *reader, struct record *record)
{
	if (reader->failed)
		return -1;
	if (reader->end - reader->next < HEAD && !fill(reader, HEAD))
		return -1;
	if (reader->next == reader->end)
		return 0;
	return read_record(reader, record) ? 1 : -1;
}
