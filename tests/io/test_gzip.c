/* SPDX-License-Identifier: BSD-2-Clause */

#include "io/gzip.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "io/gzip-inflate.h"
#include "tests/tap.h"

static int memory_file(const void *data, size_t len)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	return fd;
}

/* Reads all in pieces of `piece` octets; returns the last read's result. */
static ssize_t slurp(struct gzip_reader *reader, size_t piece, struct buf *out)
{
	ssize_t got;

	do {
		if (!buf_reserve(out, piece))
			abort();
		got = gzip_reader_read(reader, out->data + out->len, piece);
		out->len += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	return got;
}

static bool same(const struct buf *a, const void *data, size_t len)
{
	return a->len == len && (len == 0 || memcmp(a->data, data, len) == 0);
}

static void fill(char *data, size_t len, bool text)
{
	static const char words[][9] = {"name", "NOERROR", "SERVFAIL", ",", "\n", "192.0.2."};
	unsigned seed = 1;
	size_t used = 0;

	while (used < len) {
		const char *word;

		seed = seed * 1103515245 + 12345;
		if (!text) {
			data[used++] = (char)(seed >> 16);
			continue;
		}
		for (word = words[(seed >> 16) % 6]; *word && used < len; word++)
			data[used++] = *word;
	}
}

/* ---- round trips ---- */

static void test_round_trip(int level)
{
	static const size_t lens[] = {0, 1, 2, 255, 4096, 65535, 65536, 300000, 1000000};
	struct gzip_deflater *deflater = gzip_deflater_create(level);
	struct buf out = BUF_EMPTY;
	struct buf all = BUF_EMPTY;
	struct buf back = BUF_EMPTY;
	struct gzip_reader *reader;
	size_t text_len = 0;
	size_t shrunk = 0;

	for (size_t i = 0; i < 2 * sizeof(lens) / sizeof(lens[0]); i++) {
		size_t len = lens[i / 2];
		size_t before = out.len;
		char *data = malloc(len + 1);

		fill(data, len, i % 2);
		if (!gzip_member(deflater, data, len, &out))
			abort();
		if (i % 2) {
			text_len += len;
			shrunk += out.len - before;
		}
		buf_add(&all, data, len);
		free(data);
	}
	ok(shrunk < text_len / 3, "level %d (%s) shrinks %zu to %zu", level,
	   gzip_deflater_name(deflater), text_len, shrunk);
	ok(out.len < all.len + 10000, "and hardly swells what does not shrink");
	reader = gzip_reader_fd(memory_file(out.data, out.len));
	is_int(slurp(reader, 65536, &back), 0, "all members are whole");
	ok(same(&back, all.data, all.len), "and back");
	ok(gzip_reader_is_gzip(reader), "it was gzip");
	gzip_reader_close(&reader);
	gzip_deflater_destroy(&deflater);
	ok(!deflater && !reader, "destroyed");
	buf_free(&out);
	buf_free(&all);
	buf_free(&back);
}

/* The same data gives the same octets, whatever was compressed before. */
static void test_repeatable(int level)
{
	struct gzip_deflater *deflater = gzip_deflater_create(level);
	struct buf one = BUF_EMPTY;
	struct buf other = BUF_EMPTY;
	static char data[100000];

	fill(data, sizeof(data), true);
	gzip_member(deflater, data, sizeof(data), &one);
	gzip_member(deflater, "x", 1, &other);
	buf_clear(&other);
	gzip_member(deflater, data, sizeof(data), &other);
	ok(same(&one, other.data, other.len), "level %d: the same each time", level);
	buf_free(&one);
	buf_free(&other);
	gzip_deflater_destroy(&deflater);
}

static void test_no_memory(void)
{
	struct gzip_deflater *deflater = gzip_deflater_create(6);
	struct buf out = BUF_EMPTY;

	buf_add_str(&out, "before");
	buf_reserve(&out, SIZE_MAX);
	ok(!gzip_member(deflater, "abc", 3, &out), "no room: no member");
	is_int((long long)out.len, 6, "and the buffer as before");
	buf_free(&out);
	gzip_deflater_destroy(&deflater);
	gzip_deflater_destroy(&deflater);
}

/* ---- broken and odd files ---- */

enum { MEMBERS = 3 };

struct sample {
	struct buf file, plain;
	size_t file_end[MEMBERS], plain_end[MEMBERS];
};

static void sample_make(struct sample *sample)
{
	struct gzip_deflater *deflater = gzip_deflater_create(6);
	char data[500];

	*sample = (struct sample){BUF_EMPTY, BUF_EMPTY, {0}, {0}};
	for (int i = 0; i < MEMBERS; i++) {
		fill(data, sizeof(data), i != 1); /* the second is not compressible: stored */
		if (!gzip_member(deflater, data, sizeof(data), &sample->file))
			abort();
		buf_add(&sample->plain, data, sizeof(data));
		sample->file_end[i] = sample->file.len;
		sample->plain_end[i] = sample->plain.len;
	}
	gzip_deflater_destroy(&deflater);
}

static void sample_free(struct sample *sample)
{
	buf_free(&sample->file);
	buf_free(&sample->plain);
}

/* What `data` reads as, and the message. */
static ssize_t read_as(const void *data, size_t len, size_t piece, struct buf *out, char error[200])
{
	struct gzip_reader *reader = gzip_reader_fd(memory_file(data, len));
	char octet;
	ssize_t status;

	buf_clear(out);
	status = slurp(reader, piece, out);
	snprintf(error, 200, "%s", gzip_reader_error(reader));
	if (gzip_reader_read(reader, &octet, 1) != status)
		ok(false, "the end or the error does not stay");
	gzip_reader_close(&reader);
	return status;
}

static void test_cut_anywhere(void)
{
	struct buf out = BUF_EMPTY;
	struct sample sample;
	char error[200], want[200];
	int bad = 0;

	sample_make(&sample);
	/* From 2 on: what is shorter than the magic is no gzip. */
	for (size_t len = 2; len <= sample.file.len; len++) {
		ssize_t status = read_as(sample.file.data, len, 64, &out, error);
		size_t whole = 0; /* members */
		size_t from, sure;

		while (whole < MEMBERS && sample.file_end[whole] <= len)
			whole++;
		from = whole ? sample.file_end[whole - 1] : 0;
		sure = whole ? sample.plain_end[whole - 1] : 0;
		snprintf(want, sizeof(want), "member %zu at octet %zu: unexpected end of file",
			 whole + 1, from);
		if (from == len)
			want[0] = '\0';
		if (status != (want[0] ? -1 : 0) || strcmp(error, want) != 0 || out.len < sure ||
		    memcmp(out.data, sample.plain.data, out.len) != 0) {
			printf("# cut at %zu: %zd '%s', want '%s'\n", len, status, error, want);
			bad++;
		}
	}
	is_int(bad, 0, "cut anywhere: all whole members, and the place of the rest");
	/* All but the trailer of the last member is there: so are all its octets. */
	read_as(sample.file.data, sample.file.len - 8, 4096, &out, error);
	ok(same(&out, sample.plain.data, sample.plain.len), "what precedes the cut is not lost");
	sample_free(&sample);
	buf_free(&out);
}

static void test_flip_anywhere(void)
{
	struct buf out = BUF_EMPTY;
	struct sample sample;
	char error[200];
	int unnoticed = 0;
	int noticed = 0;

	sample_make(&sample);
	for (size_t i = 2; i < sample.file.len; i++) {
		ssize_t status;

		sample.file.data[i] = (char)(sample.file.data[i] ^ 0x10);
		status = read_as(sample.file.data, sample.file.len, 4096, &out, error);
		if (status == 0) /* a time stamp, a flag without meaning */
			unnoticed += !same(&out, sample.plain.data, sample.plain.len);
		else
			noticed += error[0] != '\0';
		sample.file.data[i] = (char)(sample.file.data[i] ^ 0x10);
	}
	is_int(unnoticed, 0, "no flipped octet makes it read as anything else");
	ok(noticed > (int)sample.file.len - 60, "%d of %zu flips are errors", noticed,
	   sample.file.len);
	sample_free(&sample);
	buf_free(&out);
}

static void test_messages(void)
{
	struct buf out = BUF_EMPTY;
	struct sample sample;
	char error[200], want[200];
	size_t end;

	sample_make(&sample);
	sample.file.data[sample.file_end[1] - 8]++; /* RFC 1952, 2.3.1: CRC32, ISIZE */
	snprintf(want, sizeof(want), "member 2 at octet %zu: incorrect ", sample.file_end[0]);
	is_int(read_as(sample.file.data, sample.file.len, 100, &out, error), -1, "wrong CRC");
	ok(strncmp(error, want, strlen(want)) == 0, "its message: %s", error);
	ok(same(&out, sample.plain.data, sample.plain_end[1]), "what came before it was read");
	sample.file.data[sample.file_end[1] - 8]--;
	sample.file.data[sample.file_end[1] - 4]++;
	read_as(sample.file.data, sample.file.len, 100, &out, error);
	snprintf(want, sizeof(want), "member 2 at octet %zu: incorrect ", sample.file_end[0]);
	ok(strncmp(error, want, strlen(want)) == 0, "wrong length: %s", error);
	sample.file.data[sample.file_end[1] - 4]--;

	end = sample.file.len;
	buf_add_str(&sample.file, "junk");
	is_int(read_as(sample.file.data, sample.file.len, 100, &out, error), -1, "garbage");
	snprintf(want, sizeof(want), "trailing garbage after member 3 at octet %zu", end);
	is_str(error, want, "its message");
	ok(same(&out, sample.plain.data, sample.plain.len), "all was read");
	sample.file.len = end;
	buf_add(&sample.file, "\0\0\0\0\0", 5);
	is_int(read_as(sample.file.data, sample.file.len, 100, &out, error), 0, "zero padding");
	ok(same(&out, sample.plain.data, sample.plain.len), "all was read");
	buf_add_str(&sample.file, "x");
	is_int(read_as(sample.file.data, sample.file.len, 100, &out, error), -1, "and garbage");
	snprintf(want, sizeof(want), "trailing garbage after member 3 at octet %zu", end + 5);
	is_str(error, want, "its message");

	is_int(read_as("\x1f\x8b\x07\0\0\0\0\0\0\0", 10, 100, &out, error), -1, "not deflate");
	is_str(error, "member 1 at octet 0: unknown compression method", "its message");
	sample_free(&sample);
	buf_free(&out);
}

/* A header with all that RFC 1952 allows: extra field, name, comment, header CRC. */
static void test_full_header(void)
{
	static const unsigned char file[] = {0x1f, 0x8b, 8,    0x1e, 1, 2,    3,    4,	  0,   255,
					     4,	   0,	 'a',  'b',  0, 0,    'n',  'a',  'm', 'e',
					     0,	   'c',	 0,    0,    0, 0x4b, 0x4c, 0x4a, 6,   0,
					     0xc2, 0x41, 0x24, 0x35, 3, 0,    0,    0};
	unsigned char copy[sizeof(file)];
	struct buf out = BUF_EMPTY;
	char error[200];

	memcpy(copy, file, sizeof(file)); /* with zeros for the header CRC, at 23 */
	is_int(read_as(copy, sizeof(copy), 10, &out, error), -1, "a wrong header CRC");
	ok(strncmp(error, "member 1 at octet 0: ", 21) == 0, "its message: %s", error);
	copy[3] = 0x1c; /* without FHCRC the two octets go */
	memmove(copy + 23, copy + 25, sizeof(copy) - 25);
	is_int(read_as(copy, sizeof(copy) - 2, 10, &out, error), 0, "extra, name and comment");
	ok(same(&out, "abc", 3), "are skipped");
	buf_free(&out);
}

/* Whether the member gives "abc" when it comes in two pieces, or, at 0, octet by octet. */
static bool inflates(struct inflater *inflater, const uint8_t *file, size_t len, size_t cut)
{
	uint8_t plain[10];
	struct room out = {plain, sizeof(plain)};
	enum inflated got = INFLATED_SOME;

	inflater_begin(inflater);
	for (size_t at = 0, piece; at < len && got == INFLATED_SOME; at += piece) {
		piece = cut == 0 ? 1 : at == 0 ? cut : len - cut;
		struct octets in = {file + at, piece};

		got = inflater_run(inflater, &in, &out);
	}
	return got == INFLATED_END && out.left == sizeof(plain) - 3 && memcmp(plain, "abc", 3) == 0;
}

/* Each set of optional fields, the header cut anywhere. */
static void test_header_in_pieces(void)
{
	static const uint8_t body[] = {0x4b, 0x4c, 0x4a, 6, 0, 0xc2, 0x41, 0x24, 0x35, 3, 0, 0, 0};
	struct inflater *inflater = inflater_create();
	int bad = 0, tried = 0;

	for (unsigned flags = 0; flags <= 0x1f; flags++) { /* FTEXT FHCRC FEXTRA FNAME FCOMMENT */
		uint8_t start[10] = {0x1f, 0x8b, 8, (uint8_t)flags, 1, 2, 3, 4, 0, 255};
		struct buf file = BUF_EMPTY;

		buf_add(&file, start, sizeof(start));
		if (flags & 4)
			buf_add(&file, "\5\0extra", 7);
		if (flags & 8)
			buf_add(&file, "name", 5);
		if (flags & 16)
			buf_add(&file, "comment", 8);
		if (flags & 2) {
			unsigned long sum =
				crc32(0, (const uint8_t *)file.data, (unsigned)file.len);
			char low[] = {(char)sum, (char)(sum >> 8)};

			buf_add(&file, low, sizeof(low));
		}
		buf_add(&file, body, sizeof(body));
		for (size_t cut = 0; cut < file.len; cut++, tried++)
			bad += !inflates(inflater, (const uint8_t *)file.data, file.len, cut);
		buf_free(&file);
	}
	ok(bad == 0, "%d ways of cutting headers of all kinds, %d of them bad", tried, bad);
	inflater_destroy(&inflater);
}

static void test_empty_members(void)
{
	struct gzip_deflater *deflater = gzip_deflater_create(1);
	struct buf file = BUF_EMPTY;
	struct buf out = BUF_EMPTY;
	char error[200];

	for (int i = 0; i < 20000; i++)
		gzip_member(deflater, "", 0, &file);
	is_int(read_as(file.data, file.len, 100, &out, error), 0, "20000 members of nothing");
	is_int((long long)out.len, 0, "are nothing");
	gzip_member(deflater, "end", 3, &file);
	is_int(read_as(file.data, file.len, 100, &out, error), 0, "and one of something");
	ok(same(&out, "end", 3), "is that");
	buf_free(&file);
	buf_free(&out);
	gzip_deflater_destroy(&deflater);
}

/* ---- plain files ---- */

static void test_plain(void)
{
	static const struct {
		const char *data;
		size_t len;
	} plain[] = {{"", 0},	  {"a", 1},	   {"\x1f", 1},	     {"\x8b\x1f", 2},
		     {"ab\n", 3}, {"\x1f\x9d", 2}, {"\0\x1f\x8b", 3}};
	struct buf out = BUF_EMPTY;
	char error[200];
	static char large[500000];

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		is_int(read_as(plain[i].data, plain[i].len, 1, &out, error), 0, "plain");
		ok(same(&out, plain[i].data, plain[i].len), "as it is (%zu)", i);
	}
	fill(large, sizeof(large), false);
	is_int(read_as(large, sizeof(large), 77777, &out, error), 0, "a large plain file");
	ok(same(&out, large, sizeof(large)), "as it is");
	buf_free(&out);
}

/* ---- where it comes from ---- */

static void test_pipe(void)
{
	struct gzip_deflater *deflater = gzip_deflater_create(6);
	struct buf member = BUF_EMPTY;
	struct gzip_reader *reader;
	char data[100];
	int fds[2];

	gzip_member(deflater, "hello", 5, &member);
	for (int gzip = 0; gzip < 2; gzip++) {
		const char *octets = gzip ? member.data : "hello";
		size_t len = gzip ? member.len : 5;

		if (pipe(fds) != 0 || fcntl(fds[0], F_SETFL, O_NONBLOCK) != 0)
			abort();
		reader = gzip_reader_fd(fds[0]);
		for (int i = 0; i < 2; i++) {
			if (write(fds[1], octets, len) != (ssize_t)len)
				abort();
			is_int(gzip_reader_read(reader, data, sizeof(data)), 5,
			       "what is there comes at once, though the pipe stays open");
		}
		is_int((long long)gzip_reader_position(reader, NULL), (long long)(2 * len),
		       "position");
		close(fds[1]);
		is_int(gzip_reader_read(reader, data, sizeof(data)), 0, "the end");
		gzip_reader_close(&reader);
	}
	buf_free(&member);
	gzip_deflater_destroy(&deflater);
}

/* Damage in one member: all others are still read. */
static void test_skip(void)
{
	struct buf want = BUF_EMPTY, out = BUF_EMPTY;
	struct gzip_reader *reader;
	struct sample sample;
	int bad = 0, skipped = 0, fd;

	sample_make(&sample);
	buf_add(&want, sample.plain.data + sample.plain_end[1],
		sample.plain.len - sample.plain_end[1]);
	for (size_t i = sample.file_end[0] + 2; i < sample.file_end[1]; i++) {
		sample.file.data[i] = (char)(sample.file.data[i] ^ 0x55);
		reader = gzip_reader_fd(memory_file(sample.file.data, sample.file.len));
		buf_clear(&out);
		if (slurp(reader, 4096, &out) < 0) {
			skipped++;
			bad += !gzip_reader_skip(reader) || gzip_reader_member(reader, NULL) != 3 ||
			       slurp(reader, 4096, &out) != 0;
		}
		/* what comes before and after is there, whatever was made of the middle */
		bad += out.len < sample.plain_end[0] + want.len ||
		       memcmp(out.data, sample.plain.data, sample.plain_end[0]) != 0 ||
		       memcmp(out.data + out.len - want.len, want.data, want.len) != 0;
		sample.file.data[i] = (char)(sample.file.data[i] ^ 0x55);
		gzip_reader_close(&reader);
	}
	ok(bad == 0 && skipped > 50,
	   "%d damages of the second member leave the first and the third", skipped);
	/* As standard input may be that others have read from. */
	sample.file.data[sample.file_end[0] + 20] ^= 0x55;
	fd = memory_file(sample.file.data, sample.file.len);
	if (lseek(fd, (off_t)sample.file_end[0], SEEK_SET) < 0)
		abort();
	reader = gzip_reader_fd(fd);
	ok(slurp(reader, 4096, &out) < 0 && gzip_reader_skip(reader), "begun in the middle");
	buf_clear(&out);
	ok(slurp(reader, 4096, &out) == 0 && same(&out, want.data, want.len),
	   "what follows the damage, and nothing twice");
	gzip_reader_close(&reader);
	sample.file.data[sample.file_end[0] + 20] ^= 0x55;
	reader = gzip_reader_fd(memory_file(sample.file.data, sample.file.len - 3));
	ok(slurp(reader, 4096, &out) < 0 && !gzip_reader_skip(reader), "nothing behind a cut");
	ok(strstr(gzip_reader_error(reader), "unexpected end"), "the error stays");
	gzip_reader_close(&reader);
	sample_free(&sample);
	buf_free(&want);
	buf_free(&out);
}

/* A member that comes octet by octet, from another process. */
static void test_dribble(void)
{
	struct sample sample;
	struct buf out = BUF_EMPTY;
	struct gzip_reader *reader;
	int fds[2];

	sample_make(&sample);
	if (pipe(fds) != 0)
		abort();
	fflush(stdout);
	if (fork() == 0) {
		for (size_t i = 0; i < sample.file.len; i++)
			if (write(fds[1], sample.file.data + i, 1) != 1)
				_exit(1);
		_exit(0);
	}
	close(fds[1]);
	reader = gzip_reader_fd(fds[0]);
	is_int(slurp(reader, 1000, &out), 0, "octet by octet");
	ok(same(&out, sample.plain.data, sample.plain.len), "the same");
	gzip_reader_close(&reader);
	sample_free(&sample);
	buf_free(&out);
}

static void test_position(void)
{
	struct gzip_reader *reader;
	struct sample sample;
	uint64_t size = 0;
	uint64_t last = 0;
	bool forward = true;
	char octet;

	sample_make(&sample);
	reader = gzip_reader_fd(memory_file(sample.file.data, sample.file.len));
	ok(gzip_reader_position(reader, &size) == 0 && size == sample.file.len, "at the start");
	while (gzip_reader_read(reader, &octet, 1) > 0) {
		uint64_t now = gzip_reader_position(reader, &size);

		forward &= now >= last && now <= size;
		last = now;
	}
	ok(forward && last <= size, "forward only");
	ok(gzip_reader_position(reader, NULL) == size, "at the end");
	gzip_reader_close(&reader);
	sample_free(&sample);
}

static void test_open(void)
{
	struct gzip_reader *reader;
	char octet;
	int input;

	ok(!gzip_reader_open("no/such/file") && errno == ENOENT, "no such file");
	ok(!gzip_reader_open(".") && errno == EISDIR, "a directory");
	ok(!gzip_reader_fd(-1) && errno == EBADF, "no descriptor");
	reader = gzip_reader_fd(open("/dev/null", O_WRONLY));
	is_int(gzip_reader_read(reader, &octet, 1), -1, "a descriptor that cannot be read");
	is_str(gzip_reader_error(reader), "read at octet 0: Bad file descriptor", "its message");
	gzip_reader_close(&reader);
	reader = gzip_reader_open("/dev/null");
	is_int(gzip_reader_read(reader, &octet, 1), 0, "/dev/null is empty");
	gzip_reader_close(&reader);
	reader = gzip_reader_open("/dev/full"); /* reads as zeros without end */
	is_int(gzip_reader_read(reader, &octet, 1), 1, "/dev/full is plain");
	gzip_reader_close(&reader);

	input = memory_file("standard", 8);
	if (dup2(input, STDIN_FILENO) < 0)
		abort();
	close(input);
	reader = gzip_reader_open("-");
	is_int(gzip_reader_read(reader, &octet, 1), 1, "standard input");
	is_int(octet, 's', "is read");
	gzip_reader_close(&reader);
	ok(fcntl(STDIN_FILENO, F_GETFD) >= 0, "and stays open");
	gzip_reader_close(&reader);
}

/* Somebody else's decoder agrees. */
static void test_gunzip(void)
{
	static char data[300000];

	fill(data, sizeof(data), true);
	for (int level = 1; level <= 9; level += 4) {
		struct gzip_deflater *deflater = gzip_deflater_create(level);
		struct buf out = BUF_EMPTY;
		FILE *gunzip = popen("gzip -t", "w");

		gzip_member(deflater, data, sizeof(data), &out);
		gzip_member(deflater, "", 0, &out);
		gzip_member(deflater, data, 1000, &out);
		if (!gunzip || fwrite(out.data, 1, out.len, gunzip) != out.len)
			abort();
		is_int(pclose(gunzip), 0, "gzip -t");
		buf_free(&out);
		gzip_deflater_destroy(&deflater);
	}
}

int main(void)
{
	alarm(60); /* a reader that waits for what never comes would hang */
	for (int level = 1; level <= 9; level++)
		test_round_trip(level);
	test_repeatable(1);
	test_repeatable(2);
	test_repeatable(6);
	test_no_memory();
	test_cut_anywhere();
	test_flip_anywhere();
	test_messages();
	test_skip();
	test_full_header();
	test_header_in_pieces();
	test_empty_members();
	test_plain();
	test_pipe();
	test_dribble();
	test_position();
	test_open();
	test_gunzip();
	return done_testing();
}
