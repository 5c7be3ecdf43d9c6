/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * piece -- rows on one question (a name and a type) that were read one after another, as a record
 * to be sorted: question.h puts pieces together again.
 *
 * Its key is the name, a zero octet, and the type, so that pieces sort by name and type. Its
 * payload begins with one of these letters: c  looks that are clean, all of them; l  looks: one for
 * each row varint resolver's number * 4 + form; varint time, in seconds since that of the look
 * before, zigzag; form 0, 1 (clean; AD is set): octet, 1 + the power of two of the round trip in
 *        microseconds; form 2: the whole row
 *   e  evidence: where it stood, then rows
 *   C  a question that is clean and settled: varint resolver * 2 + AD, for each
 *   S  any other one that is settled: varint number of looks, these, evidence rows
 * Numbers are varints (io/record.h), texts have their length before them.
 */
#pragma once

#include "io/record.h"
#include "results/judge/facts.h"

#define PIECE_KEY_MAX (255 + 3)
/* Rows go on in another piece beyond that. */
#define PIECE_OCTETS (48U * 1024)

enum piece_kind {
	PIECE_CLEAN = 'c',
	PIECE_LOOKS = 'l',
	PIECE_EVIDENCE = 'e',
	PIECE_SETTLED_CLEAN = 'C',
	PIECE_SETTLED = 'S',
};

/* Where evidence stood: pieces that follow each other in a file are of one inquiry. */
struct place {
	uint64_t file, block, index; /* in the order in which they were read */
	bool first, last;	     /* in its block */
	bool continues;		     /* the piece before, which grew too large */
};

struct piece {
	char key[PIECE_KEY_MAX];
	size_t key_len;
	int64_t time_s; /* of the look before */
	struct buf payload;
};

/* ---- writing ---- */

size_t piece_key(char key[PIECE_KEY_MAX], struct view name, uint16_t qtype);
/* Begins a new one, in the same memory. */
void piece_begin(struct piece *piece, enum piece_kind kind);
/* Clean looks are kept short: the second, AD, and the power of two of the round trip. */
void piece_add_clean(struct piece *piece, unsigned number, bool ad, int64_t time_ms,
		     int64_t rtt_us);
/* Any row. kind: its look_kind(). */
void piece_add_row(struct piece *piece, unsigned number, const struct row *row,
		   enum look_kind kind);
void piece_add_place(struct piece *piece, const struct place *place);
/* It was the last of its block: place_end is payload.len behind the place. */
void piece_mark_last(struct piece *piece, size_t place_end);
void piece_add_evidence(struct piece *piece, const struct evidence *evidence);
/* number: of look->resolver. */
void piece_add_look(struct piece *piece, unsigned number, const struct look *look);
void piece_add_number(struct piece *piece, uint64_t number);
/* Valid until it is begun anew. False when it ran out of memory. */
bool piece_record(const struct piece *piece, struct record *record);

/* ---- reading ---- */

/* All texts are views into the octets read. */
struct reading {
	const char *next, *end;
	int64_t time_s; /* of the look before */
	bool failed;	/* the octets are damaged; then all that is read is 0 */
};

bool piece_question(const struct record *record, struct view *name, uint16_t *qtype);
uint64_t piece_read_number(struct reading *in);
/* Fills *look but for the resolver; *row where it is not clean (look->row is left NULL). Returns
 * the resolver's number. */
uint64_t piece_read_look(struct reading *in, struct look *look, struct row *row);
void piece_read_place(struct reading *in, struct place *place);
/* But for name and qtype. */
void piece_read_evidence(struct reading *in, struct evidence *evidence);
