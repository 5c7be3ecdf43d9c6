/* SPDX-License-Identifier: BSD-2-Clause */

#include "io/gzip.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define WINDOW_BITS_GZIP                                                                           \
	(15 + 16) /* zlib.h: the largest window; 16 more: a gzip wrapper, nothing else */
#define INPUT (128 * 1024)

enum place {
	START,	 /* nothing read yet */
	PLAIN,	 /* no gzip at all */
	BETWEEN, /* where a member, padding or the end may come */
	INSIDE,	 /* a member */
	PADDING, /* zeros up to the end */
	END,
	FAILED,
};

struct gzip_reader {
	int fd;
	bool is_gzip;
	bool eof; /* nothing more to read() */
	enum place place;
	uint64_t offset; /* octets read() so far; z.avail_in of them are not consumed */
	uint64_t size;
	uint64_t member; /* the current one's number, from 1 */
	uint64_t member_offset;
	bool (*wait)(void *owner, int fd); /* NULL: just read */
	void *owner;
	z_stream z;
	char error[160];
	uint8_t input[INPUT];
};

struct gzip_reader *gzip_reader_fd(int fd)
{
	struct gzip_reader *reader;
	struct stat st;

	if (fstat(fd, &st) != 0)
		return NULL;
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return NULL;
	}
	reader = calloc(1, sizeof(*reader));
	if (!reader)
		return NULL;
	if (inflateInit2(&reader->z, WINDOW_BITS_GZIP) != Z_OK) {
		free(reader);
		errno = ENOMEM;
		return NULL;
	}
	reader->fd = fd;
	if (S_ISREG(st.st_mode)) {
		reader->size = (uint64_t)st.st_size;
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL); /* advice only */
	}
	return reader;
}

struct gzip_reader *gzip_reader_open(const char *path)
{
	bool standard = strcmp(path, "-") == 0;
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct gzip_reader *reader;
	int error;

	if (fd < 0)
		return NULL;
	reader = gzip_reader_fd(fd);
	if (!reader && !standard) {
		error = errno;
		close(fd);
		errno = error;
	}
	return reader;
}

void gzip_reader_close(struct gzip_reader **reader)
{
	if (!*reader)
		return;
	inflateEnd(&(*reader)->z);
	if ((*reader)->fd != STDIN_FILENO)
		close((*reader)->fd);
	free(*reader);
	*reader = NULL;
}

static uint64_t position(const struct gzip_reader *reader)
{
	return reader->offset - reader->z.avail_in;
}

/* read(2), however often it is interrupted and whoever made the descriptor non-blocking. */
static ssize_t read_some(struct gzip_reader *reader, void *data, size_t cap)
{
	ssize_t got;

	if (reader->wait && !reader->wait(reader->owner, reader->fd)) {
		reader->place = FAILED;
		snprintf(reader->error, sizeof(reader->error), "stopped");
		return -1;
	}
	while ((got = read(reader->fd, data, cap)) < 0) {
		struct pollfd readable = {.fd = reader->fd, .events = POLLIN};

		if (errno == EAGAIN)
			(void)poll(&readable, 1, -1);
		else if (errno != EINTR)
			break;
	}
	if (got > 0) {
		reader->offset += (uint64_t)got;
	} else if (got == 0) {
		reader->eof = true;
	} else {
		reader->place = FAILED;
		snprintf(reader->error, sizeof(reader->error), "read at octet %" PRIu64 ": %s",
			 reader->offset, strerror(errno));
	}
	return got;
}

/* Reads until `want` octets (a few) of input are there, or the file ends. False on error. */
static bool fill(struct gzip_reader *reader, uInt want)
{
	z_stream *z = &reader->z;

	memmove(reader->input, z->next_in ? z->next_in : reader->input, z->avail_in);
	z->next_in = reader->input;
	while (z->avail_in < want && !reader->eof) {
		ssize_t got = read_some(reader, reader->input + z->avail_in, INPUT - z->avail_in);

		if (got < 0)
			return false;
		z->avail_in += (uInt)got;
	}
	return true;
}

static void fail_member(struct gzip_reader *reader, const char *why)
{
	reader->place = FAILED;
	snprintf(reader->error, sizeof(reader->error),
		 "member %" PRIu64 " at octet %" PRIu64 ": %s", reader->member,
		 reader->member_offset, why);
}

static void fail_garbage(struct gzip_reader *reader)
{
	reader->place = FAILED;
	snprintf(reader->error, sizeof(reader->error),
		 "trailing garbage after member %" PRIu64 " at octet %" PRIu64, reader->member,
		 position(reader));
}

static bool at_magic(const struct gzip_reader *reader) /* RFC 1952, 2.3.1: ID1, ID2 */
{
	const z_stream *z = &reader->z;

	return z->avail_in >= 2 && z->next_in[0] == 0x1f && z->next_in[1] == 0x8b;
}

static void begin_member(struct gzip_reader *reader)
{
	reader->member++;
	reader->member_offset = position(reader);
	reader->place = INSIDE;
	inflateReset(&reader->z);
}

static void step_start(struct gzip_reader *reader)
{
	if (!fill(reader, 2))
		return;
	reader->is_gzip = at_magic(reader);
	if (reader->is_gzip)
		begin_member(reader);
	else
		reader->place = PLAIN;
}

static void step_between(struct gzip_reader *reader)
{
	const z_stream *z = &reader->z;

	if (z->avail_in < 2 && !fill(reader, 2))
		return;
	if (z->avail_in == 0) {
		reader->place = END;
	} else if (at_magic(reader)) {
		begin_member(reader);
	} else if (z->avail_in == 1 && z->next_in[0] == 0x1f) {
		begin_member(reader);
		fail_member(reader, "unexpected end of file");
	} else if (z->next_in[0] == 0) {
		reader->place = PADDING;
	} else {
		fail_garbage(reader);
	}
}

static void step_padding(struct gzip_reader *reader)
{
	z_stream *z = &reader->z;

	if (z->avail_in == 0 && !fill(reader, 1))
		return;
	while (z->avail_in > 0 && z->next_in[0] == 0) {
		z->next_in++;
		z->avail_in--;
	}
	if (z->avail_in > 0)
		fail_garbage(reader);
	else if (reader->eof)
		reader->place = END;
}

static void step_inside(struct gzip_reader *reader)
{
	z_stream *z = &reader->z;

	/* At the end of the file zlib may still have plain octets to give. */
	if (z->avail_in == 0 && !reader->eof && !fill(reader, 1))
		return;
	switch (inflate(z, Z_NO_FLUSH)) {
	case Z_OK:
		break;
	case Z_STREAM_END:
		reader->place = BETWEEN;
		break;
	case Z_BUF_ERROR: /* no input, and nothing was left to give */
		if (reader->eof)
			fail_member(reader, "unexpected end of file");
		break;
	case Z_MEM_ERROR:
		fail_member(reader, strerror(ENOMEM));
		break;
	default:
		fail_member(reader, z->msg ? z->msg : "invalid data");
	}
}

static ssize_t read_plain(struct gzip_reader *reader, void *data, size_t cap)
{
	z_stream *z = &reader->z;

	if (z->avail_in == 0)
		return reader->eof ? 0 : read_some(reader, data, cap);
	if (cap > z->avail_in) /* what was read to look for the magic */
		cap = z->avail_in;
	memcpy(data, z->next_in, cap);
	z->next_in += cap;
	z->avail_in -= (uInt)cap;
	return (ssize_t)cap;
}

ssize_t gzip_reader_read(struct gzip_reader *reader, void *data, size_t cap)
{
	z_stream *z = &reader->z;
	uInt want = cap < UINT32_MAX ? (uInt)cap : UINT32_MAX;

	assert(cap > 0);
	z->next_out = data;
	z->avail_out = want;
	while (z->avail_out > 0 && reader->place != FAILED && reader->place != END) {
		if (z->avail_out < want && z->avail_in == 0 && !reader->eof)
			break; /* hand out what is there before waiting for more */
		if (reader->place == START)
			step_start(reader);
		else if (reader->place == PLAIN)
			return read_plain(reader, data, cap);
		else if (reader->place == BETWEEN)
			step_between(reader);
		else if (reader->place == INSIDE)
			step_inside(reader);
		else
			step_padding(reader);
	}
	if (z->avail_out < want)
		return want - z->avail_out;
	return reader->place == FAILED ? -1 : 0;
}

void gzip_reader_on_wait(struct gzip_reader *reader, bool (*wait)(void *owner, int fd), void *owner)
{
	reader->wait = wait;
	reader->owner = owner;
}

const char *gzip_reader_error(const struct gzip_reader *reader)
{
	return reader->error;
}

bool gzip_reader_is_gzip(const struct gzip_reader *reader)
{
	return reader->is_gzip;
}

uint64_t gzip_reader_position(const struct gzip_reader *reader, uint64_t *size)
{
	if (size)
		*size = reader->size;
	return position(reader);
}
