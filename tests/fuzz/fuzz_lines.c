/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any octets as a file of lines, gzip or plain: read twice, as plain bytes in small pieces and as
 * lines. Both must tell the same, and end the same way. Of a damaged member the small pieces may
 * have a little less.
 */
#include "io/lines.h"

#include <string.h>

#include "io/buf.h"
#include "io/gzip.h"
#include "tests/fuzz/memory_file.h"

#define ENOUGH (300 * 1024) /* of what a few octets of gzip can swell to */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* 0: the end, -1: an error, 1: enough. */
static int read_bytes(const uint8_t *data, size_t len, struct buf *plain)
{
	struct gzip_reader *reader = gzip_reader_fd(memory_file(NULL, data, len));
	ssize_t got;

	if (!reader)
		abort();
	do {
		size_t piece = plain->len < 2000 && len > 0 ? data[len - 1] % 97 + 1 : 50000;

		if (!buf_reserve(plain, piece))
			abort();
		got = gzip_reader_read(reader, plain->data + plain->len, piece);
		plain->len += got > 0 ? (size_t)got : 0;
	} while (got > 0 && plain->len < ENOUGH);
	if (got <= 0 && (got < 0) != (gzip_reader_error(reader)[0] != '\0'))
		abort();
	if (!gzip_reader_is_gzip(reader) &&
	    (plain->len != len || (len > 0 && memcmp(plain->data, data, len) != 0)))
		abort();
	gzip_reader_close(&reader);
	return got > 0 ? 1 : (int)got;
}

/* Takes the next line of what was read as bytes; false when it is another. */
static bool matches(const struct line *line, const struct buf *plain, size_t *at)
{
	size_t left = plain->len - *at;
	const char *start = plain->data + *at;
	const char *lf = left > 0 ? memchr(start, '\n', left) : NULL;
	size_t full = lf ? (size_t)(lf - start) : left;
	size_t kept = full < LINES_LINE_MAX ? full : LINES_LINE_MAX;

	*at += lf ? full + 1 : full;
	return left > 0 && line->len == kept && line->too_long == (full > kept) &&
	       memcmp(line->text, start, kept) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf plain = BUF_EMPTY;
	struct lines *lines;
	struct line line;
	uint64_t number = 0;
	size_t at = 0;
	int status = read_bytes(data, len, &plain);
	int got = 1;

	lines = lines_fd(memory_file(NULL, data, len));
	if (!lines)
		abort();
	while (plain.len - at > LINES_BUFFER || (status != 1 && got == 1)) {
		got = lines_next(lines, &line);
		if (got != 1)
			break;
		if (line.number != ++number)
			abort();
		if (status == -1 && at + line.len >= plain.len)
			break;
		if (!matches(&line, &plain, &at))
			abort();
	}
	while (status == -1 && got == 1)
		got = lines_next(lines, &line);
	if (status != 1 && got != status)
		abort();
	if (status == 0 && at != plain.len)
		abort();
	lines_close(&lines);
	buf_free(&plain);
	return 0;
}
