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

#include "io/gzip-inflate.h"

#define INPUT (128 * 1024)
/* Octets of a member's header that all members of a file of ours have alike: RFC 1952, 2.3. */
#define HEADER 10

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
	uint64_t offset; /* octets read() so far; in.left of them are not consumed */
	uint64_t size;
	off_t begin; /* of standard input, others may have read: offsets count from here */
	uint64_t
		least; /* octets that were there, from where we began to read, when it was opened */
	uint64_t member; /* the current one's number, from 1 */
	uint64_t member_offset;
	bool (*wait)(void *owner, int fd); /* NULL: just read */
	void *owner;
	struct inflater *inflater;
	struct octets in;
	uint8_t header[HEADER]; /* of the first member */
	char error[160];
	uint8_t input[INPUT];
};

struct gzip_reader *gzip_reader_fd(int fd)
{
	struct gzip_reader *reader;
	struct stat st;

	if (fstat(fd, &st) != 0)
		return NULL;
	if (fcntl(fd, F_GETFL) & O_PATH) { /* in the place of one that is closed: standard.h */
		errno = EBADF;
		return NULL;
	}
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return NULL;
	}
	reader = calloc(1, sizeof(*reader));
	if (!reader)
		return NULL;
	reader->inflater = inflater_create();
	if (!reader->inflater) {
		free(reader);
		errno = ENOMEM;
		return NULL;
	}
	reader->fd = fd;
	if (S_ISREG(st.st_mode)) {
		reader->begin = lseek(fd, 0, SEEK_CUR);
		reader->size = (uint64_t)st.st_size;
		if (reader->begin < st.st_size)
			reader->least = (uint64_t)(st.st_size - reader->begin);
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
	inflater_destroy(&(*reader)->inflater);
	if ((*reader)->fd != STDIN_FILENO)
		close((*reader)->fd);
	free(*reader);
	*reader = NULL;
}

static uint64_t position(const struct gzip_reader *reader)
{
	return reader->offset - reader->in.left;
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
	} else if (got == 0 && reader->offset < reader->least) {
		reader->place = FAILED;
		snprintf(reader->error, sizeof(reader->error),
			 "ends at octet %" PRIu64 ": it became shorter while it was read",
			 reader->offset);
		return -1;
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
static bool fill(struct gzip_reader *reader, size_t want)
{
	struct octets *in = &reader->in;

	memmove(reader->input, in->next ? in->next : reader->input, in->left);
	in->next = reader->input;
	while (in->left < want && !reader->eof) {
		ssize_t got = read_some(reader, reader->input + in->left, INPUT - in->left);

		if (got < 0)
			return false;
		in->left += (size_t)got;
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
	const struct octets *in = &reader->in;

	return in->left >= 2 && in->next[0] == 0x1f && in->next[1] == 0x8b;
}

static void begin_member(struct gzip_reader *reader)
{
	reader->member++;
	reader->member_offset = position(reader);
	reader->place = INSIDE;
	inflater_begin(reader->inflater);
}

static void step_start(struct gzip_reader *reader)
{
	if (!fill(reader, reader->size ? HEADER : 2)) /* a pipe may have no more for now */
		return;
	reader->is_gzip = at_magic(reader);
	if (reader->in.left >= HEADER)
		memcpy(reader->header, reader->in.next, HEADER);
	if (reader->is_gzip)
		begin_member(reader);
	else
		reader->place = PLAIN;
}

static void step_between(struct gzip_reader *reader)
{
	const struct octets *in = &reader->in;

	if (in->left < 2 && !fill(reader, 2))
		return;
	if (in->left == 0) {
		reader->place = END;
	} else if (at_magic(reader)) {
		begin_member(reader);
	} else if (in->left == 1 && in->next[0] == 0x1f) {
		begin_member(reader);
		fail_member(reader, "unexpected end of file");
	} else if (in->next[0] == 0) {
		reader->place = PADDING;
	} else {
		fail_garbage(reader);
	}
}

static void step_padding(struct gzip_reader *reader)
{
	struct octets *in = &reader->in;

	if (in->left == 0 && !fill(reader, 1))
		return;
	while (in->left > 0 && in->next[0] == 0) {
		in->next++;
		in->left--;
	}
	if (in->left > 0)
		fail_garbage(reader);
	else if (reader->eof)
		reader->place = END;
}

static void step_inside(struct gzip_reader *reader, struct room *out)
{
	size_t room = out->left, given;

	/* At the end of the file there may still be plain octets to give. */
	if (reader->in.left == 0 && !reader->eof && !fill(reader, 1))
		return;
	given = reader->in.left;
	switch (inflater_run(reader->inflater, &reader->in, out)) {
	case INFLATED_END:
		reader->place = BETWEEN;
		break;
	case INFLATED_BAD:
		fail_member(reader, inflater_error(reader->inflater));
		break;
	default:
		if (reader->eof && reader->in.left == given && out->left == room)
			fail_member(reader, "unexpected end of file");
	}
}

static ssize_t read_plain(struct gzip_reader *reader, void *data, size_t cap)
{
	struct octets *in = &reader->in;

	if (in->left == 0)
		return reader->eof ? 0 : read_some(reader, data, cap);
	if (cap > in->left) /* what was read to look for the magic */
		cap = in->left;
	memcpy(data, in->next, cap);
	in->next += cap;
	in->left -= cap;
	return (ssize_t)cap;
}

ssize_t gzip_reader_read(struct gzip_reader *reader, void *data, size_t cap)
{
	struct room out = {data, cap};

	assert(cap > 0);
	while (out.left > 0 && reader->place != FAILED && reader->place != END) {
		if (out.left < cap && reader->in.left == 0 && !reader->eof)
			break; /* hand out what is there before waiting for more */
		if (reader->place == START)
			step_start(reader);
		else if (reader->place == PLAIN)
			return read_plain(reader, data, cap);
		else if (reader->place == BETWEEN)
			step_between(reader);
		else if (reader->place == INSIDE)
			step_inside(reader, &out);
		else
			step_padding(reader);
	}
	if (out.left < cap)
		return (ssize_t)(cap - out.left);
	return reader->place == FAILED ? -1 : 0;
}

/* The next place in the input that looks like the header of the first member. */
static bool find_header(struct gzip_reader *reader)
{
	struct octets *in = &reader->in;

	for (;;) {
		const uint8_t *found = memmem(in->next, in->left, reader->header, HEADER);

		if (found) {
			in->left -= (size_t)(found - in->next);
			in->next = found;
			return true;
		}
		if (in->left >= HEADER) { /* its beginning may be at the end */
			in->next += in->left - (HEADER - 1);
			in->left = HEADER - 1;
		}
		if (reader->eof || !fill(reader, in->left + 1))
			return false;
	}
}

bool gzip_reader_skip(struct gzip_reader *reader)
{
	off_t next = reader->begin + (off_t)reader->member_offset + 1;

	if (reader->place != FAILED || !reader->is_gzip || !reader->size ||
	    lseek(reader->fd, next, SEEK_SET) < 0)
		return false;
	reader->offset = reader->member_offset + 1;
	reader->in.left = 0;
	reader->eof = false;
	if (!find_header(reader))
		return false;
	begin_member(reader);
	reader->error[0] = '\0';
	return true;
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

uint64_t gzip_reader_member(const struct gzip_reader *reader, uint64_t *offset)
{
	if (offset)
		*offset = reader->member_offset;
	return reader->member;
}
