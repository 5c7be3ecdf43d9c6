/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * bench-night DIR: a run directory as servfail-scan would have written it, without a scan: the
 * names on standard input, at so many resolvers, so many of them broken. What becomes of a name is
 * decided by a hash of it and the seed.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "io/buf.h"
#include "io/gzip.h"
#include "io/hash.h"
#include "io/lines.h"
#include "io/outfile.h"
#include "results/rows/calibration.h"
#include "results/rows/csv.h"
#include "results/rows/manifest.h"

/* As the scanner's writer has it. */
#define BLOCK_OCTETS (192 * 1024)
#define PARTS_MAX    256
#define START_MS     1793664000000 /* 2026-11-03T00:00:00Z */

struct options {
	unsigned resolvers, parts, broken; /* broken: of 1,000 */
	uint64_t seed;
	bool scatter; /* the rows of a name all over the parts */
	const char *dir;
};

struct part {
	char name[40];
	struct outfile *file;
	struct buf rows;
	uint64_t count;
};

struct night {
	struct options options;
	struct gzip_deflater *deflater;
	struct buf member;
	struct csv_writer writer;
	struct part part[PARTS_MAX];
	char resolver[64][24];
	uint64_t names;
};

static void die(const char *what, int error)
{
	fprintf(stderr, "bench-night: %s: %s\n", what, strerror(error));
	exit(3);
}

/* ---- what a resolver says ---- */

/* How a name is broken, and what five kinds of resolvers make of it. */
enum fault { EXPIRED, STALE_DS, REFUSED, SILENT, SLOW, FAULTS };

static void fill_reply(struct reply *reply, int rcode, unsigned flags, int answers, int64_t rtt_us)
{
	reply->outcome = OUTCOME_ANSWERED;
	reply->rcode = rcode;
	reply->flags = FLAG_RD | FLAG_RA | flags;
	reply->answers = answers;
	reply->tries = 1;
	reply->rtt_us = rtt_us;
}

static void say(struct reply *reply, uint16_t code, struct view text)
{
	reply->ede[reply->ede_count++] = code;
	reply->ede_text = text;
}

static struct view text_of(char *out, size_t size, const char *format, struct view name)
{
	int len = snprintf(out, size, format, (int)name.len, name.text);

	return (struct view){out, (size_t)len < size ? (size_t)len : size - 1};
}

static void fill_bogus(struct row *row, enum fault fault, unsigned resolver, char text[400],
		       char rrsig[400])
{
	static const char *const texts[2][2] = {
		{"validation failure <%.*s. A IN>: signature expired from 192.0.2.53",
		 "validation failure <%.*s. A IN>: no keys have a DS with algorithm "
		 "ECDSAP256SHA256 "
		 "from 192.0.2.53"},
		{"YFJ2: the signatures of %.*s are expired", "EXRU: no valid key at %.*s"}};

	row->normal.rcode = row->again_rcode = RCODE_SERVFAIL;
	row->normal.answers = 0;
	row->normal.flags &= ~(unsigned)FLAG_AD;
	row->again_outcome = OUTCOME_ANSWERED;
	if (resolver % 5 < 2)
		say(&row->normal, fault == EXPIRED ? 7 : 9,
		    text_of(text, 400, texts[resolver % 5][fault == STALE_DS], row->name));
	else if (resolver % 5 < 4)
		say(&row->normal, fault == EXPIRED ? 7 : 6, (struct view){NULL, 0});
	row->cd_rrsig = text_of(rrsig, 400,
				fault == EXPIRED ? "A/13/4423/20260901000000/20261001000000/%.*s"
						 : "A/13/4423/20261001000000/20270101000000/%.*s",
				row->name);
}

static void fill_dead(struct row *row, enum fault fault, unsigned resolver, char text[400])
{
	row->normal.rcode = row->cd.rcode = RCODE_SERVFAIL;
	row->normal.answers = row->cd.answers = 0;
	if (fault == SILENT && resolver % 5 == 4) {
		row->normal.outcome = row->cd.outcome = OUTCOME_TIMEOUT;
		row->normal.rcode = row->cd.rcode = RCODE_UNKNOWN;
		row->normal.rtt_us = row->cd.rtt_us = row->normal.answers = row->cd.answers = -1;
		row->normal.tries = row->cd.tries = 3;
	} else if (resolver % 5 < 3) {
		say(&row->normal, 22,
		    text_of(text, 400,
			    fault == REFUSED ? "[192.0.2.53] rcode=REFUSED for %.*s/a"
					     : "time limit exceeded at delegation %.*s",
			    row->name));
		row->normal.ede[row->normal.ede_count++] = 23;
	}
}

static void fill_row(const struct night *night, struct row *row, uint64_t hash, unsigned resolver,
		     char text[2][400])
{
	uint64_t random = hash_octets(&hash, sizeof(hash), resolver + 1);
	int64_t rtt_us = 400 + (int64_t)(random % 4000);
	bool broken = hash % 1000 < night->options.broken, gone = hash >> 40 & 1 && hash >> 20 & 1;
	bool is_signed = (hash >> 32) % 12 == 0;
	int answers = gone ? 0 : hash >> 46 & 1 ? 1 + (int)(hash >> 44 & 3) : 1;
	enum fault fault = (enum fault)((hash >> 16) % FAULTS);

	if (random >> 60 == 0)
		rtt_us *= 60; /* not out of the cache */
	fill_reply(&row->normal, gone ? RCODE_NXDOMAIN : RCODE_NOERROR, is_signed ? FLAG_AD : 0,
		   answers, rtt_us);
	fill_reply(&row->cd, row->normal.rcode, FLAG_CD, answers,
		   300 + (int64_t)(random >> 32) % 900);
	if (!broken)
		return;
	if (fault <= STALE_DS)
		fill_bogus(row, fault, resolver, text[0], text[1]);
	else if (fault < SLOW)
		fill_dead(row, fault, resolver, text[0]);
	else if (resolver % 5 != 0)
		row->normal.rtt_us = 2500000 + rtt_us;
	else
		fill_dead(row, SILENT, resolver, text[0]);
}

/* ---- the files ---- */

static void put_member(struct night *night, struct part *part)
{
	buf_clear(&night->member);
	if (part->rows.failed ||
	    !gzip_member(night->deflater, part->rows.data, part->rows.len, &night->member))
		die(part->name, ENOMEM);
	if (outfile_write(part->file, night->member.data, night->member.len) != 0)
		die(part->name, errno);
	buf_clear(&part->rows);
}

static void open_parts(struct night *night)
{
	for (unsigned i = 0; i < night->options.parts; i++) {
		struct part *part = &night->part[i];
		char path[4096];

		snprintf(part->name, sizeof(part->name), "pairs-%03u.csv.gz", i);
		snprintf(path, sizeof(path), "%s/%s", night->options.dir, part->name);
		part->file = outfile_create(path);
		if (!part->file || !buf_reserve(&part->rows, BLOCK_OCTETS + CSV_PAIR_MAX))
			die(path, errno);
		part->rows.len = csv_pair_header(part->rows.data);
		put_member(night, part);
	}
}

static void put_name(struct night *night, struct view name)
{
	const struct options *o = &night->options;
	uint64_t hash = hash_octets(name.text, name.len, o->seed),
		 where = hash_octets(&hash, sizeof(hash), 99);

	for (unsigned i = 0; i < o->resolvers; i++) {
		struct part *part = &night->part[(where + (o->scatter ? i : 0)) % o->parts];
		char text[2][400];
		struct row row;

		row_init(&row);
		row.time_ms = START_MS + (int64_t)(night->names / 20) + i * 7;
		row.name = name;
		row.qtype = 1;
		row.resolver = (struct view){night->resolver[i], strlen(night->resolver[i])};
		fill_row(night, &row, hash, i, text);
		part->rows.len +=
			csv_pair_write(&night->writer, part->rows.data + part->rows.len, &row);
		part->count++;
		if (part->rows.len >= BLOCK_OCTETS)
			put_member(night, part);
	}
	night->names++;
}

static void close_parts(struct night *night, struct manifest *manifest)
{
	for (unsigned i = 0; i < night->options.parts; i++) {
		struct part *part = &night->part[i];
		int error;

		if (part->rows.len)
			put_member(night, part);
		manifest_add_part(manifest, part->name, part->count, outfile_size(part->file),
				  NULL);
		error = outfile_commit(&part->file);
		if (error)
			die(part->name, -error);
		buf_free(&part->rows);
	}
}

static void put_calibration(struct night *night)
{
	char line[CALIBRATION_MAX], path[4096];
	struct buf out = BUF_EMPTY;
	int error;

	buf_add(&out, line, csv_header(line, calibration_columns));
	for (unsigned i = 0; i < night->options.resolvers; i++) {
		struct calibration row;

		calibration_init(&row);
		row.resolver = (struct view){night->resolver[i], strlen(night->resolver[i])};
		row.time_ms = START_MS;
		row.reachable = row.validates = row.honours_cd = TRI_YES;
		buf_add(&out, line, calibration_write(line, &row));
	}
	snprintf(path, sizeof(path), "%s/resolvers.csv", night->options.dir);
	error = outfile_put(path, out.data, out.len);
	if (error)
		die(path, -error);
	buf_free(&out);
}

static void put_manifest(struct night *night, struct manifest *manifest)
{
	char path[4096];
	int error;

	manifest_set(&manifest->program, "bench-night");
	manifest_set(&manifest->version, SERVFAIL_VERSION);
	manifest->start_ms = START_MS;
	manifest->end_ms = START_MS + (int64_t)(night->names / 20) + 1000;
	manifest->complete = true;
	manifest_set_total(manifest, "read", night->names);
	manifest_set_total(manifest, "scanned", night->names);
	for (unsigned i = 0; i < night->options.resolvers; i++)
		manifest_add_resolver(manifest, night->resolver[i]);
	snprintf(path, sizeof(path), "%s/run.json", night->options.dir);
	error = manifest_write(manifest, path);
	if (error)
		die(path, -error);
}

static bool parse(int argc, char **argv, struct options *options)
{
	static const struct option list[] = {{"resolvers", required_argument, NULL, 'r'},
					     {"parts", required_argument, NULL, 'p'},
					     {"broken", required_argument, NULL, 'b'},
					     {"seed", required_argument, NULL, 's'},
					     {"scatter", no_argument, NULL, 'x'},
					     {NULL, 0, NULL, 0}};
	int letter;

	*options = (struct options){.resolvers = 5, .parts = 4, .broken = 30};
	while ((letter = getopt_long(argc, argv, "", list, NULL)) != -1) {
		unsigned long value = optarg ? strtoul(optarg, NULL, 10) : 0;

		if (letter == 'r')
			options->resolvers = (unsigned)value;
		else if (letter == 'p')
			options->parts = (unsigned)value;
		else if (letter == 'b')
			options->broken = (unsigned)value;
		else if (letter == 's')
			options->seed = value;
		else if (letter == 'x')
			options->scatter = true;
		else
			return false;
	}
	options->dir = argv[optind];
	return optind + 1 == argc && options->resolvers >= 1 && options->resolvers <= 64 &&
	       options->parts >= 1 && options->parts <= PARTS_MAX;
}

int main(int argc, char **argv)
{
	struct night *night = calloc(1, sizeof(*night));
	struct manifest *manifest = manifest_create();
	struct lines *lines = lines_open("-");
	struct line line;

	if (!night || !manifest || !lines)
		die("start", ENOMEM);
	if (!parse(argc, argv, &night->options)) {
		fputs("usage: bench-night [--resolvers N] [--parts N] [--broken PER-MILLE] "
		      "[--seed N] [--scatter] DIR <NAMES\n",
		      stderr);
		return 2;
	}
	if (mkdir(night->options.dir, 0777) != 0 && errno != EEXIST)
		die(night->options.dir, errno);
	for (unsigned i = 0; i < night->options.resolvers; i++)
		snprintf(night->resolver[i], sizeof(night->resolver[i]), "192.0.2.%u", i + 1);
	night->deflater = gzip_deflater_create(1);
	csv_writer_init(&night->writer);
	open_parts(night);
	while (lines_next(lines, &line) > 0)
		if (line.len > 0 && line.len < 255)
			put_name(night, (struct view){line.text, line.len});
	close_parts(night, manifest);
	put_calibration(night);
	put_manifest(night, manifest);
	manifest_destroy(&manifest);
	lines_close(&lines);
	gzip_deflater_destroy(&night->deflater);
	buf_free(&night->member);
	free(night);
	return 0;
}
