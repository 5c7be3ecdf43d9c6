/* SPDX-License-Identifier: BSD-2-Clause */

/* Records in any order come back in order, whatever the memory and the number of writers. */
#include "io/sorter.h"
#include "tests/tap.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static uint64_t seed = 1;

static uint32_t draw(uint32_t below)
{
	seed = seed * 6364136223846793005U + 1442695040888963407U;
	return (uint32_t)(seed >> 33) % below;
}

struct sample {
	char key[40];
	size_t len;
	uint32_t number; /* its payload */
};

static int by_key(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;
	struct record r = {x->key, NULL, x->len, 0}, s = {y->key, NULL, y->len, 0};

	return record_compare(&r, &s);
}

/* Keys of all lengths that share beginnings, with octets of every kind, many of them equal. */
static void fill(struct sample *samples, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		struct sample *s = &samples[i];
		uint32_t kind = draw(4);

		memset(s, 0, sizeof(*s));
		s->number = i;
		s->len = draw(kind == 0 ? 3 : 40);
		for (size_t j = 0; j < s->len; j++)
			s->key[j] = kind == 1	? (char)draw(256)
				    : kind == 2 ? (char)(draw(2) ? 0 : draw(2))
						: "abcdefghijklmnopqrstuvwxyz.example.com00"[j];
		if (kind == 3 && s->len)
			s->key[s->len - 1] = (char)('0' + draw(10));
	}
}

/* Reads all; returns how many records are wrong or out of order. Each number must come once. */
static int check(struct sorter *sorter, const struct sample *samples, uint32_t count,
		 uint32_t parts)
{
	struct sample *sorted = malloc((count + 1) * sizeof(*sorted));
	bool *seen = calloc(count + 1, sizeof(*seen));
	struct record record;
	uint32_t n = 0, number;
	unsigned source;
	int bad = 0, got;

	memcpy(sorted, samples, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), by_key);
	while ((got = sorter_next(sorter, &record, &source)) > 0 && n < count) {
		bad += record.key_len != sorted[n].len ||
		       memcmp(record.key, sorted[n].key, sorted[n].len) != 0;
		if (record.payload_len < 4) {
			bad++;
			break;
		}
		memcpy(&number, record.payload, 4);
		if (number >= count || seen[number] || samples[number].len != record.key_len ||
		    memcmp(samples[number].key, record.key, record.key_len) != 0 ||
		    source != number % parts) {
			bad++;
			break;
		}
		seen[number] = true;
		n++;
	}
	free(sorted);
	free(seen);
	return bad + (got != 0) + (n != count);
}

static void test_orders(void)
{
	static const struct {
		uint32_t count;
		size_t memory;
		unsigned writers;
		uint32_t pad;
	} cases[] = {{0, 1 << 20, 1, 0},     {1, 1 << 20, 1, 0},      {5000, 64 << 20, 1, 0},
		     {5000, 64 << 20, 3, 0}, {60000, 1 << 20, 1, 30}, {60000, 1 << 20, 4, 30},
		     {300000, 1, 2, 100}}; /* so many runs that some are merged before */

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct sorter_plan plan = {"/tmp", cases[i].memory, cases[i].writers};
		struct sorter *sorter = sorter_create(&plan);
		struct sample *samples = malloc((cases[i].count + 1) * sizeof(*samples));
		char payload[104] = "";
		int errors = 0;

		fill(samples, cases[i].count);
		for (uint32_t j = 0; j < cases[i].count; j++) {
			struct record record = {samples[j].key, payload, samples[j].len,
						4 + draw(cases[i].pad + 1)};

			memcpy(payload, &samples[j].number, 4);
			errors += sorter_put(sorter, draw(cases[i].writers), &record) != 0;
		}
		for (unsigned j = 0; j < cases[i].writers; j++)
			errors += sorter_close(sorter, j) != 0;
		errors += sorter_finish(sorter) != 0;
		is_int(errors + check(sorter, samples, cases[i].count, 1), 0, "in order");
		printf("# %u records, %u writers, memory %zu: %llu octets to files\n",
		       cases[i].count, cases[i].writers, cases[i].memory,
		       (unsigned long long)sorter_spilled(sorter));
		ok((sorter_spilled(sorter) > 0) == (cases[i].count >= 60000), "spilled or not");
		sorter_destroy(&sorter);
		free(samples);
	}
}

/* A file of those of the samples whose number is part of parts. */
static int file_of(struct sample *samples, uint32_t count, uint32_t part, uint32_t parts)
{
	int fd = memfd_create("records", MFD_CLOEXEC);
	struct record_key before = {.len = 0};
	struct buf out = BUF_EMPTY;

	for (uint32_t i = 0; i < count; i++) {
		struct record record = {samples[i].key, (char *)&samples[i].number, samples[i].len,
					4};

		if (samples[i].number % parts == part)
			record_put(&out, &before, &record);
	}
	if (write(fd, out.data, out.len) != (ssize_t)out.len || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	buf_free(&out);
	return fd;
}

static void test_files(uint32_t parts)
{
	enum { COUNT = 20000 };
	struct sorter_plan plan = {"/tmp", 1, 0};
	struct sorter *sorter = sorter_create(&plan);
	struct sample *samples = malloc(COUNT * sizeof(*samples)),
		      *sorted = malloc(COUNT * sizeof(*samples));
	int errors = 0;

	fill(samples, COUNT);
	memcpy(sorted, samples, COUNT * sizeof(*samples));
	qsort(sorted, COUNT, sizeof(*sorted), by_key);
	for (uint32_t i = 0; i < parts; i++)
		errors += sorter_add(sorter, file_of(sorted, COUNT, i, parts), i) != 0;
	errors += sorter_finish(sorter) != 0;
	is_int(errors + check(sorter, samples, COUNT, parts), 0, "files, each with its number");
	sorter_destroy(&sorter);
	free(samples);
	free(sorted);
}

/* What is wrong with a file is noted; all before it is handed out. */
static void test_damage(void)
{
	static const struct {
		const char *octets;
		size_t len;
		int records;
		const char *says;
	} cases[] = {{"\0\1\1ax\1\1\1by", 10, 2, NULL},
		     {"\0\1\1ax\1\1\1by", 9, 1, "a record is cut off"},
		     {"\0\1\1ax\1\1", 7, 1, "a record is cut off"},
		     {"\0\1\1ax\2\1\1by", 10, 1, "a record is damaged"},
		     {"\0\1\1bx\0\1\1ay", 10, 1, "records are out of order"},
		     {"\0\1\1bx\0\1\1by", 10, 2, NULL},
		     {"\0\1\1bx\1\0\1y", 9, 2, NULL},
		     {"\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\1\0", 12, 0, "a record is damaged"},
		     {"\0\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\1\0", 14, 0,
		      "a record is cut off"},
		     {"\0\1\x80\x80\x80\x80\1a", 8, 0, "a record is damaged"},
		     {"\x1f\x8b\x08", 3, 0, "member 1 at octet 0: unexpected end of file"}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct sorter_plan plan = {"/tmp", 1, 0};
		struct sorter *sorter = sorter_create(&plan);
		int fd = memfd_create("records", MFD_CLOEXEC), got, records = 0;
		const struct sorter_damage *damage;
		struct record record;
		unsigned source = 0;
		size_t count;

		if (write(fd, cases[i].octets, cases[i].len) < 0 || lseek(fd, 0, SEEK_SET) != 0)
			abort();
		sorter_add(sorter, fd, 7);
		got = sorter_finish(sorter);
		while (got == 0 && (got = sorter_next(sorter, &record, &source)) > 0) {
			records++;
			got = 0;
		}
		is_int(got, 0, "no error");
		is_int(records, cases[i].records, "records before the damage");
		damage = sorter_damages(sorter, &count);
		ok(count == (cases[i].says ? 1 : 0) &&
			   (count == 0 ||
			    (damage->source == 7 && strcmp(damage->why, cases[i].says) == 0)),
		   "%s", count ? damage->why : "none");
		sorter_destroy(&sorter);
	}
}

static void test_errors(void)
{
	struct sorter_plan plan = {"/nonexistent", 1, 1};
	struct sorter *sorter = sorter_create(&plan);
	struct rlimit limit = {100000, RLIM_INFINITY};
	static char payload[300000];
	struct record record = {"key", payload, 3, sizeof(payload)};
	int error = 0;

	is_int(sorter_put(sorter, 0, &record), -E2BIG, "larger than memory");
	record.payload_len = 1000;
	for (int i = 0; i < 1000 && !error; i++)
		error = sorter_put(sorter, 0, &record);
	is_int(error, -ENOENT, "no directory");
	sorter_destroy(&sorter);

	plan.dir = "/tmp";
	sorter = sorter_create(&plan);
	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i] = (char)draw(256);
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	error = 0;
	for (int i = 0; i < 1000 && !error; i++) {
		record.payload = payload + draw(200000);
		error = sorter_put(sorter, 0, &record);
	}
	is_int(error, -EFBIG, "a file that cannot grow");
	sorter_destroy(&sorter);
}

static void test_varints(void)
{
	static const uint64_t values[] = {0, 1, 127, 128, 300, UINT32_MAX, UINT64_MAX};
	char octets[VARINT_MAX];
	int bad = 0;

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		char *end = varint_put(octets, values[i]);
		uint64_t back;

		bad += varint_get(octets, end, &back) != end || back != values[i];
		bad += varint_get(octets, end - 1, &back) != NULL;
	}
	is_int(bad, 0, "numbers there and back");
}

int main(void)
{
	test_varints();
	test_orders();
	test_files(1);
	test_files(5);
	test_files(100); /* more than are merged at once */
	test_damage();
	test_errors();
	return done_testing();
}
