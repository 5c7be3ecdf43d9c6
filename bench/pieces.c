/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * bench-pieces NAMES -- nanoseconds per operation of what every query and every row goes through.
 * One line a piece: name, ns, octets per operation (0: means nothing here). Each figure is the
 * median of several passes over the first 4096 names of the file, so caches are as warm as within a
 * batch of the scanner.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/answer/reply.h"
#include "io/clock.h"
#include "io/gzip.h"
#include "io/hash.h"
#include "io/random.h"
#include "results/rows/csv.h"
#include "scanner/ask/inflight.h"
#include "scanner/dns/message.h"
#include "scanner/dns/name.h"
#include "scanner/ask/pace.h"
#include "scanner/lists/seen.h"

#define NAMES	 4096
#define TEXT_MAX 256
#define PASSES	 9
#define WINDOW	 8192

#define ASK_FIRST  (ASK_RD | ASK_AD | ASK_EDNS)
#define ASK_SECOND (ASK_RD | ASK_CD | ASK_EDNS | ASK_DO)

static struct sample {
	char text[TEXT_MAX];
	size_t text_len;
	struct name name;
	struct question question;
	uint8_t answer[REPLY_MAX];
	size_t answer_len;
} samples[NAMES];

static char *rows; /* NAMES lines of CSV */
static size_t row_at[NAMES + 1];
static volatile uint64_t sink; /* so that nothing is optimised away */

/* One pass over all names; octets: added up over the operations. Returns how many operations it
 * was. */
typedef uint64_t (*pass)(uint64_t *octets);

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* CPU time, not wall time: the machine may have other things to do. */
static int64_t spent_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static void measure(const char *piece, pass run)
{
	double ns[PASSES];
	uint64_t octets = 0, count = 0;

	run(&octets);
	for (int i = 0; i < PASSES; i++) {
		uint64_t operations = 0;
		int64_t start_ns = spent_now_ns(), spent_ns;

		octets = count = 0;
		do {
			operations += count = run(&octets);
			spent_ns = spent_now_ns() - start_ns;
		} while (spent_ns < 10 * NS_PER_MS);
		octets /= operations;
		ns[i] = (double)spent_ns / (double)operations;
	}
	qsort(ns, PASSES, sizeof *ns, by_value);
	printf("%-28s %9.1f ns %6llu octets\n", piece, ns[PASSES / 2], (unsigned long long)octets);
	fflush(stdout);
}

static void read_samples(const char *path)
{
	FILE *file = fopen(path, "r");
	unsigned count = 0;

	while (file && count < NAMES && fgets(samples[count].text, TEXT_MAX, file)) {
		struct sample *sample = &samples[count];

		sample->text_len = strcspn(sample->text, "\n");
		if (name_normalise(&sample->name, sample->text, sample->text_len) != NAME_OK)
			continue;
		sample->question = (struct question){sample->name.wire, sample->name.wire_len, 1};
		count++;
	}
	if (count < NAMES) {
		fprintf(stderr, "bench-pieces: %s: not %d names\n", path, NAMES);
		exit(3);
	}
	fclose(file);
}

static void make_answers(unsigned ask, struct shares shares)
{
	for (unsigned i = 0; i < NAMES; i++) {
		uint8_t query[MESSAGE_QUERY_MAX];
		size_t len = message_query(query, (uint16_t)i, &samples[i].question, ask);
		struct asking asking;

		if (!reply_read(query, len, &asking))
			abort();
		samples[i].answer_len =
			reply_write(samples[i].answer, query, &asking, &shares, false, false);
	}
}

static unsigned encoded; /* the ask of encode() */

static uint64_t encode(uint64_t *octets)
{
	uint8_t out[MESSAGE_QUERY_MAX];

	for (unsigned i = 0; i < NAMES; i++) {
		*octets += message_query(out, (uint16_t)i, &samples[i].question, encoded);
		sink += out[20];
	}
	return NAMES;
}

static uint64_t read_answers(uint64_t *octets)
{
	struct answer answer;

	for (unsigned i = 0; i < NAMES; i++) {
		struct sample *sample = &samples[i];

		if (message_read(sample->answer, sample->answer_len, &sample->question, &answer) !=
		    MESSAGE_FITS)
			abort();
		*octets += sample->answer_len;
		sink += (unsigned)answer.rcode + answer.ede_count;
	}
	return NAMES;
}

static uint64_t write_rows(uint64_t *octets)
{
	static struct csv_writer writer;
	struct row row;
	size_t at = 0;

	csv_writer_init(&writer);
	row_init(&row);
	row.qtype = 1;
	row.resolver = (struct view){"127.0.0.11:5300", 15};
	row.normal.outcome = row.cd.outcome = OUTCOME_ANSWERED;
	row.normal.answers = row.cd.answers = 1;
	row.normal.tries = row.cd.tries = 1;
	row.normal.rcode = row.cd.rcode = RCODE_NOERROR;
	row.normal.flags = FLAG_RD | FLAG_RA | FLAG_AD;
	row.cd.flags = FLAG_RD | FLAG_RA | FLAG_CD;
	for (unsigned i = 0; i < NAMES; i++) {
		row.time_ms = 1793664000000 + i / 100;
		row.name = (struct view){samples[i].text, samples[i].text_len};
		row.normal.rtt_us = 900 + (int64_t)(hash_octets(&i, sizeof i, 1) % 4000);
		row.cd.rtt_us = 400 + (int64_t)(hash_octets(&i, sizeof i, 2) % 4000);
		row_at[i] = at;
		at += csv_pair_write(&writer, rows + at, &row);
	}
	row_at[NAMES] = at;
	*octets += at;
	return NAMES;
}

static struct gzip_deflater *deflater;

static uint64_t compress_rows(uint64_t *octets)
{
	static struct buf out;

	buf_clear(&out);
	if (!gzip_member(deflater, rows, row_at[NAMES], &out))
		abort();
	*octets += out.len;
	return NAMES;
}

static void measure_compression(int level)
{
	char piece[64];

	deflater = gzip_deflater_create(level);
	if (!deflater)
		abort();
	snprintf(piece, sizeof piece, "compress a row, %s %d", gzip_deflater_name(deflater), level);
	measure(piece, compress_rows);
	gzip_deflater_destroy(&deflater);
}

/* A batch of 32 tokens a call, as the engine takes them; the figure is for one call. */
static uint64_t take_tokens(uint64_t *octets)
{
	static struct pace pace;
	static int64_t now_ns;

	(void)octets;
	if (now_ns == 0)
		pace_init(&pace, 1e9, now_ns);
	for (unsigned i = 0; i < NAMES; i++)
		sink += pace_take(&pace, 32, now_ns += 32);
	return NAMES;
}

/* A query's way through the tables, the window full: slot, ID, deadline, found by its answer, given
 * back. */
static uint64_t fly(uint64_t *octets)
{
	static struct inflight in;
	static uint32_t slots[WINDOW];
	static uint64_t turn;

	(void)octets;
	if (!in.slots && !inflight_init(&in, WINDOW, 12345))
		abort();
	for (unsigned i = 0; i < NAMES; i++, turn++) {
		uint32_t place = turn % WINDOW, slot;

		if (turn >= WINDOW) {
			struct slot *oldest = &in.slots[slots[place]];

			slot = inflight_find(&in, oldest->channel, oldest->id);
			if (slot != slots[place])
				abort();
			inflight_give(&in, slot);
		}
		slot = slots[place] = inflight_take(&in);
		if (slot == SLOT_NONE ||
		    !inflight_enter(&in, slot, (uint32_t)turn % 4, (uint16_t)(turn * 40503)))
			abort();
		inflight_wait(&in, slot, (int64_t)turn * 1000, 2 * NS_PER_S);
	}
	return NAMES;
}

static uint64_t step_query(uint64_t *octets)
{
	static const struct patience patience = {.tries = 3};
	struct query query;

	(void)octets;
	for (unsigned i = 0; i < NAMES; i++) {
		query_init(&query, ASK_FIRST, &patience, 0);
		sink += query_step(&query, QUERY_SENT);
		sink += query_step(&query, QUERY_ANSWERED);
	}
	return NAMES;
}

static uint64_t normalise(uint64_t *octets)
{
	struct name name;

	for (unsigned i = 0; i < NAMES; i++) {
		sink += name_normalise(&name, samples[i].text, samples[i].text_len);
		*octets += samples[i].text_len;
	}
	return NAMES;
}

/* Ever new names into a table half full: memory out of the cache, as in a scan of millions. */
static uint64_t look_up(uint64_t *octets)
{
	static struct seen *seen;
	static uint64_t turn;
	uint64_t last = turn + NAMES;

	(void)octets;
	if (!seen) {
		seen = seen_create(SEEN_OCTETS, 12345);
		last = SEEN_OCTETS / 10;
	}
	if (!seen)
		abort();
	for (; turn < last; turn++) {
		struct name *name = &samples[turn % NAMES].name;

		memcpy(name->wire + 2, &turn, 5);
		sink += seen_before(seen, name->wire, name->wire_len);
	}
	return NAMES;
}

static uint64_t hash_names(uint64_t *octets)
{
	for (unsigned i = 0; i < NAMES; i++) {
		sink += hash_octets(samples[i].name.wire, samples[i].name.wire_len, 12345);
		*octets += samples[i].name.wire_len;
	}
	return NAMES;
}

static uint64_t draw_ids(uint64_t *octets)
{
	static struct random random = RANDOM_INIT;

	(void)octets;
	for (unsigned i = 0; i < NAMES; i++)
		sink += random_u16(&random);
	return NAMES;
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fputs("usage: bench-pieces NAMES\n", stderr);
		return 2;
	}
	rows = malloc((size_t)NAMES * CSV_PAIR_MAX);
	if (!rows)
		abort();
	read_samples(argv[1]);
	encoded = ASK_FIRST;
	measure("encode a query, CD=0", encode);
	encoded = ASK_SECOND;
	measure("encode a query, CD=1 DO=1", encode);
	make_answers(ASK_FIRST, (struct shares){0});
	measure("read an answer, plain", read_answers);
	make_answers(ASK_FIRST, (struct shares){.bogus = 1000, .ede = true});
	measure("read an answer, EDE", read_answers);
	make_answers(ASK_SECOND, (struct shares){.signature = 470});
	measure("read an answer, signed", read_answers);
	measure("a query's states", step_query);
	measure("slot, ID, deadline", fly);
	measure("limiter, 32 tokens", take_tokens);
	measure("random ID", draw_ids);
	measure("format a row", write_rows);
	measure_compression(1);
	measure_compression(3);
	measure_compression(6);
	measure("name made canonical", normalise);
	measure("hash a name", hash_names);
	measure("seen before", look_up);
	free(rows);
	return 0;
}
