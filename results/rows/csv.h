/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * csv -- fields to CSV lines and back (RFC 4180), and the pairs' columns. No allocation.
 *
 * A column table is the single place that knows names, order and meaning; header, reader and
 * documentation go by it. Writing   a field is quoted only where it must be. What would break a
 * line-wise reader is replaced: control octets become a space, octets that are not UTF-8 become
 * "?"; so a row is one line, whatever a server sent. Reading   goes by the header line: columns in
 * any order, unknown ones ignored, missing ones unknown. A pair must have the name, the type, the
 * resolver, and an outcome or an RCODE. A line that has another number of fields
 * than the header, or a field that does not parse, is refused with the reason.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "results/rows/row.h"

enum csv_type {
	CSV_TEXT,
	CSV_TIME,   /* UTC, RFC 3339, milliseconds */
	CSV_NUMBER, /* whole, not negative */
	CSV_LIST    /* texts joined by "+"; one alone may look like a number */
};

struct csv_column {
	const char *name;
	const char *meaning;
	enum csv_type type;
};

extern const struct csv_column csv_pair_columns[]; /* ends with {NULL, NULL} */

/* An upper bound for one pair line: the caller makes room for so many octets. */
#define CSV_PAIR_MAX 8192
/* Octets of a resolver, as in the list. */
#define CSV_RESOLVER_MAX 320
/* Fields in a line, columns in a table. */
#define CSV_FIELDS_MAX 64
/* Room for a reason: "ede_text: field 8: text after the closing quote". */
#define CSV_WHY_MAX 160

/* ---- writing ---- */

/* A word with its comma, ready to be copied as a block. */
struct csv_word {
	char text[23];
	uint8_t len;
};

/* What a thread that writes pairs keeps: the date of the last second, and all words made ready. One
 * owner. */
struct csv_writer {
	int64_t second;
	char date[24]; /* "2026-11-03T00:00:00." */
	struct csv_word outcomes[OUTCOME_COUNT];
	struct csv_word rcodes[24];
	struct csv_word flags[64];
};

void csv_writer_init(struct csv_writer *writer);
/* Writes the header line of any table (CSV_PAIR_MAX octets of room are enough), returns its length.
 */
size_t csv_header(char *out, const struct csv_column *columns);
/* csv_header() of the pairs. */
size_t csv_pair_header(char *out);
/* Writes one line, returns its length (at most CSV_PAIR_MAX; over-long texts are cut). The
 * scanner's hot path. */
size_t csv_pair_write(struct csv_writer *writer, char *out, const struct row *row);
/* One field without its comma, quoted where it must be, cut to max octets of text: needs 2 * max +
 * 2 octets of room. Returns the end. */
char *csv_field(char *out, struct view field, size_t max);
/* Whether csv_field() would write it as it is, but for quotes. */
bool csv_is_plain(struct view text);
/* A copy as csv_field() would write it, without quotes, of text.len octets or fewer. Returns its
 * length. */
size_t csv_plain(char *out, struct view text);
/* In decimal, into up to 20 octets, without a NUL. Returns the end. */
char *csv_number(char *out, uint64_t value);
/* "2026-11-03T00:00:00.123Z" into 25 octets, with a NUL. Years 0000..9999; others are clamped. */
void csv_time(char out[25], int64_t time_ms);

/* ---- reading ---- */

#define CSV_IGNORED 255

/* Where each field of a line belongs, from the file's header line. */
struct csv_layout {
	const struct csv_column *columns;
	unsigned known;			/* columns of the table */
	unsigned fields;		/* of a line of this file */
	uint8_t column[CSV_FIELDS_MAX]; /* field -> index in columns, or CSV_IGNORED */
};

/* Reads a header line (len without line end; it is changed). False: why says what is wrong with it.
 */
bool csv_layout_read(struct csv_layout *layout, const struct csv_column *columns, char *line,
		     size_t len, char why[CSV_WHY_MAX]);
/* The table's column of that name is in the file. */
bool csv_layout_has(const struct csv_layout *layout, const char *column);
/* Splits a line in place into values[], one for each column of the table (empty where the file has
 * none). A CR at the end is dropped. The values are views into line. */
bool csv_split(const struct csv_layout *layout, char *line, size_t len,
	       struct view values[CSV_FIELDS_MAX], char why[CSV_WHY_MAX]);
/* Reads a pair: layout is of csv_pair_columns, row's texts are views into line. */
bool csv_pair_read(const struct csv_layout *layout, char *line, size_t len, struct row *row,
		   char why[CSV_WHY_MAX]);

/* Single values. Empty text leaves *value alone and is fine. */
bool csv_read_time(struct view text, int64_t *time_ms);
bool csv_read_number(struct view text, int64_t min, int64_t max, int64_t *value);
bool csv_read_ede(struct view text, uint16_t ede[ROW_EDE_MAX], unsigned *count);
