/* SPDX-License-Identifier: BSD-2-Clause */

#include "io/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/gzip.h"

struct lines {
	struct gzip_reader *reader;
	const char *next; /* not yet handed out, up to end */
	const char *end;
	size_t searched; /* octets from next on that are known to hold no LF */
	uint64_t number;
	bool skipping; /* the rest of a line that was too long */
	char buffer[LINES_BUFFER];
};

_Static_assert(LINES_LINE_MAX < LINES_BUFFER, "the first octet too many must fit in");

/* Takes over the reader; NULL for NULL. */
static struct lines *over(struct gzip_reader *reader)
{
	struct lines *lines;

	if (!reader)
		return NULL;
	lines = malloc(sizeof(*lines));
	if (!lines) {
		gzip_reader_close(&reader);
		errno = ENOMEM;
		return NULL;
	}
	lines->reader = reader;
	lines->next = lines->end = lines->buffer;
	lines->searched = 0;
	lines->number = 0;
	lines->skipping = false;
	return lines;
}

struct lines *lines_open(const char *path)
{
	return over(gzip_reader_open(path));
}

struct lines *lines_fd(int fd)
{
	struct gzip_reader *reader = gzip_reader_fd(fd);
	int error = errno;

	if (!reader) {
		close(fd);
		errno = error;
	}
	return over(reader);
}

void lines_close(struct lines **lines)
{
	if (!*lines)
		return;
	gzip_reader_close(&(*lines)->reader);
	free(*lines);
	*lines = NULL;
}

/* Moves what is left to the front, reads on behind it. 1: there is more; 0: the end; -1: error. */
static int fill(struct lines *lines)
{
	size_t left = (size_t)(lines->end - lines->next);
	ssize_t got;

	memmove(lines->buffer, lines->next, left);
	lines->next = lines->buffer;
	lines->end = lines->buffer + left;
	got = gzip_reader_read(lines->reader, lines->buffer + left, LINES_BUFFER - left);
	if (got > 0)
		lines->end += got;
	return got > 0 ? 1 : (int)got;
}

static void hand_out(struct lines *lines, struct line *line, size_t len, size_t consumed)
{
	line->text = lines->next;
	line->too_long = len > LINES_LINE_MAX;
	line->len = line->too_long ? LINES_LINE_MAX : len;
	line->number = ++lines->number;
	lines->next += consumed;
	lines->searched = 0;
}

/* Drops octets up to and with the next LF; all of them when there is none. */
static void skip(struct lines *lines)
{
	const char *lf = memchr(lines->next, '\n', (size_t)(lines->end - lines->next));

	lines->next = lf ? lf + 1 : lines->end;
	lines->skipping = !lf;
}

/* Hands out a line that is whole, or too long already; false when it takes more input to tell. */
static bool cut(struct lines *lines, struct line *line)
{
	size_t len = (size_t)(lines->end - lines->next);
	const char *lf = memchr(lines->next + lines->searched, '\n', len - lines->searched);

	if (lf) {
		len = (size_t)(lf - lines->next);
		hand_out(lines, line, len, len + 1);
	} else if (len > LINES_LINE_MAX) {
		lines->skipping = true;
		hand_out(lines, line, len, len);
	} else {
		lines->searched = len;
	}
	return lf || len > LINES_LINE_MAX;
}

int lines_next(struct lines *lines, struct line *line)
{
	for (;;) {
		size_t left;
		int more;

		if (lines->skipping)
			skip(lines);
		if (!lines->skipping && cut(lines, line))
			return 1;
		more = fill(lines);
		if (more > 0)
			continue;
		left = (size_t)(lines->end - lines->next);
		if (more == 0 && left > 0) {
			hand_out(lines, line, left, left);
			return 1;
		}
		lines->next = lines->end; /* a line that an error cut is no line */
		lines->searched = 0;
		return more;
	}
}

const char *lines_foreign(const void *octets, size_t len)
{
	static const struct {
		char magic[8];
		size_t len;
		const char *what;
	} kinds[] = {
		{"\xfd"
		 "7zXZ",
		 6, "compressed with xz: xz -dc FILE | ... -"},
		{"\x28\xb5\x2f\xfd", 4, "compressed with zstd: zstd -dc FILE | ... -"},
		{"BZh", 3, "compressed with bzip2: bzip2 -dc FILE | ... -"},
		{"\x04\x22\x4d\x18", 4, "compressed with lz4: lz4 -dc FILE | ... -"},
		{"PK\3\4", 4, "a zip archive: unzip -p FILE | ... -"},
		{"PAR1", 4, "Parquet: a column of it as text is needed"},
		{"\xff\xfe", 2, "UTF-16: iconv -f UTF-16 -t UTF-8 FILE | ... -"},
		{"\xfe\xff", 2, "UTF-16: iconv -f UTF-16 -t UTF-8 FILE | ... -"},
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (len > kinds[i].len && memcmp(octets, kinds[i].magic, kinds[i].len) == 0)
			return kinds[i].what;
	return NULL;
}

void lines_on_wait(struct lines *lines, bool (*wait)(void *owner, int fd), void *owner)
{
	gzip_reader_on_wait(lines->reader, wait, owner);
}

const char *lines_error(const struct lines *lines)
{
	return gzip_reader_error(lines->reader);
}

uint64_t lines_position(const struct lines *lines, uint64_t *size)
{
	return gzip_reader_position(lines->reader, size);
}
