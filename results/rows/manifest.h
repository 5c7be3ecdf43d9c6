/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * manifest -- run.json: what a run was asked to do, and what it did. Written by the scanner, read
 * by the aggregator.
 *
 * Keys of the object:
 *   schema      1; a reader refuses higher numbers
 *   program, version
 *   seed        number
 *   host        name of the machine
 *   vantage     where it stands, in the user's words (only if given)
 *   start, end  UTC, RFC 3339 with milliseconds
 *   complete    true: all names were scanned; false: stopped before that, or not all could be read
 *   stopped     why: "signal", "max-runtime", "silence", "output", "input" (empty when complete)
 *   options     object: option -> value as text
 *   totals      object: word -> number. read = scanned + duplicates + rejected + left
 *   parts       array of {name, rows, octets, sha256}: the files of the run directory
 *   resolvers   array of text: as in the pairs
 * Other keys are ignored. Beside results/report/report-json*.c the only door to jansson.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MANIFEST_SCHEMA	 1
#define MANIFEST_WHY_MAX 200

struct manifest_option {
	char *name, *value;
};

struct manifest_total {
	char *name;
	uint64_t value;
};

struct manifest_part {
	char *name, *sha256; /* 64 hexadecimal digits; "" when not known */
	uint64_t rows, octets;
};

/* Texts may be NULL (not known). All is owned by the manifest; change it through the functions. */
struct manifest {
	char *program, *version, *host, *vantage, *stopped;
	uint64_t seed; /* below 2^63 */
	int64_t start_ms, end_ms;
	bool complete;
	bool lacks; /* something was not added for lack of memory: it is not written */
	struct manifest_option *options;
	size_t option_count;
	struct manifest_total *totals;
	size_t total_count;
	struct manifest_part *parts;
	size_t part_count;
	char **resolvers;
	size_t resolver_count;
};

/* NULL when out of memory. */
struct manifest *manifest_create(void);
void manifest_destroy(struct manifest **manifest);

/* Replaces *field, one of the manifest's texts, by a copy of text (may be NULL). False: out of
 * memory (so below). */
bool manifest_set(char **field, const char *text);
bool manifest_add_option(struct manifest *manifest, const char *name, const char *value);
/* sha256 may be NULL. */
bool manifest_add_part(struct manifest *manifest, const char *name, uint64_t rows, uint64_t octets,
		       const char *sha256);
/* Keeps the first `count` parts. */
void manifest_cut_parts(struct manifest *manifest, size_t count);
bool manifest_add_resolver(struct manifest *manifest, const char *resolver);
/* Sets the total of that name, adding it at the end if it is new. */
bool manifest_set_total(struct manifest *manifest, const char *name, uint64_t value);
/* 0 when there is none. */
uint64_t manifest_total(const struct manifest *manifest, const char *name);

/* Writes it whole (outfile). 0 or -errno. */
int manifest_write(const struct manifest *manifest, const char *path);
/* As it is written, in one line; to be freed. NULL when out of memory. */
char *manifest_text(const struct manifest *manifest);
struct manifest *manifest_parse(const char *text, size_t len, char why[MANIFEST_WHY_MAX]);
/* NULL: why says what is wrong with the file. */
struct manifest *manifest_read(const char *path, char why[MANIFEST_WHY_MAX]);
