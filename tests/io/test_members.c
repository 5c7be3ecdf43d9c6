/* SPDX-License-Identifier: BSD-2-Clause */

/* However many threads and pieces, the same octets; and every turn comes to an end after an error.
 */
#include "io/members.h"
#include "tests/tap.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "io/gzip.h"

#define TEXT (5 * MEMBERS_OCTETS + 12345)

static char *text, path[64];

struct job {
	struct members *members;
	size_t piece; /* octets of the text a turn */
	_Atomic uint64_t turn;
	_Atomic int errors;
};

static void *work(void *arg)
{
	struct job *job = arg;
	uint64_t turn;

	while ((turn = job->turn++) * job->piece < TEXT) {
		size_t at = turn * job->piece, left = TEXT - at;

		job->errors += members_put(job->members, turn, text + at,
					   left < job->piece ? left : job->piece) != 0;
	}
	return NULL;
}

/* Writes the text; *file is what is there then. Returns the error of the last step. */
static int write_with(unsigned threads, size_t piece, struct buf *file, struct buf *plain)
{
	struct job job = {.members = members_create(path, 1), .piece = piece};
	pthread_t thread[8];
	struct gzip_reader *reader;
	ssize_t got = 1;
	FILE *in;
	int error;

	for (unsigned i = 0; i < threads; i++)
		pthread_create(&thread[i], NULL, work, &job);
	for (unsigned i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	error = members_commit(&job.members);
	file->len = plain->len = 0;
	if (error || !(in = fopen(path, "r")))
		return error;
	while (got > 0 && buf_reserve(file, 65536)) {
		got = (ssize_t)fread(file->data + file->len, 1, 65536, in);
		file->len += (size_t)got;
	}
	fclose(in);
	reader = gzip_reader_open(path);
	do {
		buf_reserve(plain, 65536);
		got = gzip_reader_read(reader, plain->data + plain->len, 65536);
		plain->len += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	gzip_reader_close(&reader);
	return job.errors;
}

static bool same(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

int main(void)
{
	static const struct {
		unsigned threads;
		size_t piece;
	} cases[] = {{1, 100000}, {4, 777}, {3, 3 * MEMBERS_OCTETS}, {8, 50000}};
	struct buf first = BUF_EMPTY, file = BUF_EMPTY, plain = BUF_EMPTY;
	struct rlimit limit = {100000, RLIM_INFINITY};
	char part[80];

	snprintf(path, sizeof(path), "/tmp/servfail-members-%d", (int)getpid());
	text = malloc(TEXT);
	for (size_t i = 0; i < TEXT; i++) {
		uint64_t random = (i * 0x9e3779b97f4a7c15U) >> 40;

		text[i] = random % 97 == 0 ? '\n' : (char)('a' + random % 7);
	}
	is_int(write_with(1, TEXT, &first, &plain), 0, "all at once");
	ok(plain.len == TEXT && memcmp(plain.data, text, TEXT) == 0, "comes back");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		is_int(write_with(cases[i].threads, cases[i].piece, &file, &plain), 0, "in pieces");
		ok(same(&file, &first), "%u threads, pieces of %zu: the same octets",
		   cases[i].threads, cases[i].piece);
	}
	unlink(path);
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	is_int(write_with(4, 50000, &file, &plain), -EFBIG, "a full disk, and no end of turns");
	snprintf(part, sizeof(part), "%s.part", path);
	ok(access(path, F_OK) != 0 && access(part, F_OK) != 0, "nothing is left");
	ok(!members_create("/nonexistent/file", 1), "no directory");
	buf_free(&first);
	buf_free(&file);
	buf_free(&plain);
	free(text);
	return done_testing();
}
