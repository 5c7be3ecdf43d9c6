/* SPDX-License-Identifier: BSD-2-Clause */

#include "io/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "io/buf.h"
#include "io/gzip.h"
#include "tests/tap.h"

static struct lines *over(const void *data, size_t len)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	return lines_fd(fd);
}

/* Compares with the obvious way to cut a text into lines. */
static bool same_lines(struct lines *lines, const char *data, size_t len)
{
	uint64_t number = 0;
	struct line line;

	while (len > 0) {
		const char *lf = memchr(data, '\n', len);
		size_t this_len = lf ? (size_t)(lf - data) : len;
		size_t kept = this_len < LINES_LINE_MAX ? this_len : LINES_LINE_MAX;

		if (lines_next(lines, &line) != 1 || line.number != ++number || line.len != kept ||
		    memcmp(line.text, data, kept) != 0 || line.too_long != (this_len > kept)) {
			printf("# line %llu of %zu octets differs\n", (unsigned long long)number,
			       this_len);
			return false;
		}
		data += lf ? this_len + 1 : this_len;
		len -= lf ? this_len + 1 : this_len;
	}
	return lines_next(lines, &line) == 0 && lines_next(lines, &line) == 0;
}

static void check(const char *data, size_t len, const char *name)
{
	struct gzip_deflater *deflater = gzip_deflater_create(1);
	struct lines *lines = over(data, len);
	struct buf file = BUF_EMPTY;
	size_t half = len / 2;

	ok(same_lines(lines, data, len), "%s", name);
	is_str(lines_error(lines), "", "no error");
	lines_close(&lines);
	/* The same out of two gzip members, cut in the middle of whatever is there. */
	if (!gzip_member(deflater, data, half, &file) ||
	    !gzip_member(deflater, data + half, len - half, &file))
		abort();
	lines = over(file.data, file.len);
	ok(same_lines(lines, data, len), "%s, gzip", name);
	lines_close(&lines);
	lines_close(&lines);
	gzip_deflater_destroy(&deflater);
	buf_free(&file);
}

#define CHECK(text, name) check(text, sizeof(text) - 1, name)

static void test_small(void)
{
	CHECK("", "nothing");
	CHECK("\n", "one empty line");
	CHECK("\n\n\n", "three empty lines");
	CHECK("a", "no LF at the end");
	CHECK("a\n", "one line");
	CHECK("a\nb", "two, the last without LF");
	CHECK("a\r\nb\r\n", "CR stays");
	CHECK("a\rb\n\r\n", "CR is no end");
	CHECK("a\0b\n\0\n\0", "NUL is an octet");
	CHECK("\xef\xbb\xbfname\n\xff\xfe\n", "so is any other");
}

/* Lengths around every limit, between short lines, so that all positions in the buffer occur. */
static void test_long(void)
{
	static const size_t lens[] = {LINES_LINE_MAX - 1,
				      LINES_LINE_MAX,
				      LINES_LINE_MAX + 1,
				      LINES_BUFFER - 1,
				      LINES_BUFFER,
				      LINES_BUFFER + 1,
				      1000000};
	struct buf data = BUF_EMPTY;

	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		for (int last = 0; last < 2; last++) {
			buf_clear(&data);
			buf_add_str(&data, "short\n");
			if (!buf_reserve(&data, lens[i]))
				abort();
			memset(data.data + data.len, 'x', lens[i]);
			data.len += lens[i];
			if (!last)
				buf_add_str(&data, "\nshort\n\nlast");
			check(data.data, data.len, "a long line");
		}
	}
	buf_free(&data);
}

static void test_random(void)
{
	struct buf data = BUF_EMPTY;
	unsigned seed = 1;

	for (int i = 0; i < 300; i++) {
		size_t len;

		seed = seed * 1103515245 + 12345;
		len = seed >> 16 & (i % 40 == 0 ? 0x1ffff : i % 3 == 0 ? 0xfff : 0x1f);
		if (!buf_reserve(&data, len + 1))
			abort();
		for (size_t j = 0; j < len; j++) {
			seed = seed * 1103515245 + 12345;
			data.data[data.len++] = (char)(seed >> 16 | 0x10); /* no LF */
		}
		data.data[data.len++] = '\n';
	}
	check(data.data, data.len, "300 lines of all lengths");
	buf_free(&data);
}

static void test_broken(void)
{
	struct gzip_deflater *deflater = gzip_deflater_create(6);
	struct buf file = BUF_EMPTY;
	struct lines *lines;
	struct line line;

	if (!gzip_member(deflater, "one\ntwo\nthr", 11, &file))
		abort();
	lines = over(file.data, file.len - 8); /* all the data, but no trailer */
	ok(lines_next(lines, &line) == 1 && line.len == 3 && memcmp(line.text, "one", 3) == 0,
	   "whole lines come out of a broken file");
	ok(lines_next(lines, &line) == 1 && line.number == 2, "all of them");
	is_int(lines_next(lines, &line), -1, "the last one might have been cut: an error instead");
	is_str(lines_error(lines), "member 1 at octet 0: unexpected end of file", "its message");
	is_int(lines_next(lines, &line), -1, "it stays");
	lines_close(&lines);
	gzip_deflater_destroy(&deflater);
	buf_free(&file);
}

/* A name typed at a terminal is scanned when it is typed. */
/* A file that others cut while it is read, and one that began before us. */
static void test_shrinking(void)
{
	const size_t size = 300000;
	int fd = memfd_create("test", MFD_CLOEXEC);
	struct lines *lines;
	struct line line;
	uint64_t last = 0;
	int got;

	for (size_t i = 0; i < size / 10; i++)
		if (write(fd, "n1.example\n" + i % 2, 10) != 10)
			abort();
	lseek(fd, 0, SEEK_SET);
	lines = lines_fd(dup(fd));
	is_int(lines_next(lines, &line), 1, "a long file");
	if (ftruncate(fd, 1005) != 0)
		abort();
	while ((got = lines_next(lines, &line)) > 0)
		last = line.number;
	is_int(got, -1, "cut while it is read");
	ok(last > 0 && strstr(lines_error(lines), "became shorter while it was read") != NULL,
	   "says so, and what is left of its last line is none");
	lines_close(&lines);
	lseek(fd, 1000, SEEK_SET);
	lines = lines_fd(fd);
	is_int(lines_next(lines, &line), 1, "the end of a file that others began to read");
	is_int(lines_next(lines, &line), 0, "is no shorter than it was");
	lines_close(&lines);
}

static void test_interactive(void)
{
	struct lines *lines;
	struct line line;
	int fds[2];

	if (pipe(fds) != 0)
		abort();
	lines = lines_fd(fds[0]);
	for (int i = 1; i <= 3; i++) {
		if (write(fds[1], "example.org\n", 12) != 12)
			abort();
		ok(lines_next(lines, &line) == 1 && line.number == (uint64_t)i && line.len == 11,
		   "line %d comes at once", i);
	}
	close(fds[1]);
	is_int(lines_next(lines, &line), 0, "the end");
	lines_close(&lines);
}

static void test_open(void)
{
	uint64_t size;
	struct lines *lines;

	ok(!lines_open("no/such/file") && errno == ENOENT, "no such file");
	ok(!lines_open("/") && errno == EISDIR, "a directory");
	ok(!lines_fd(-1) && errno == EBADF, "no descriptor");
	lines = over("abc\n", 4);
	ok(lines_position(lines, &size) == 0 && size == 4, "position");
	lines_close(&lines);
}

static void test_foreign(void)
{
	static const struct {
		const char *octets, *want;
	} files[] = {
		{"\xfd"
		 "7zXZ\0\0\4",
		 "compressed with xz"},
		{"\x28\xb5\x2f\xfd\4\0\0", "compressed with zstd"},
		{"BZh91AY&SY", "compressed with bzip2"},
		{"PK\3\4\24\0\0\0", "a zip archive"},
		{"\xff\xfe"
		 "a\0.\0",
		 "UTF-16"},
		{"\xef\xbb\xbf"
		 "a.example",
		 NULL},
		{"bzh.example", NULL},
		{"", NULL},
		{"PK.example", NULL},
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const char *what = lines_foreign(files[i].octets, files[i].octets[0] ? 7 : 0);

		ok(files[i].want ? what && strncmp(what, files[i].want, strlen(files[i].want)) == 0
				 : !what,
		   "%s", files[i].want ? files[i].want : "lines");
	}
	ok(!lines_foreign("\xff\xfe", 1), "an octet says nothing");
}

int main(void)
{
	alarm(60); /* a reader that waits for what never comes would hang */
	test_small();
	test_long();
	test_random();
	test_broken();
	test_shrinking();
	test_interactive();
	test_open();
	test_foreign();
	return done_testing();
}
