/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * question -- all that is known about one name and type, out of its pieces (piece.h), in whatever
 * order these come.
 *
 * Memory   grows with the rows of one question, and is used again for the next. Texts stay where
 * the pieces are. One owner.
 */
#pragma once

#include "results/sort/panel.h"
#include "results/sort/piece.h"

struct question;

/* NULL when out of memory. */
struct question *question_create(const struct panel *panel);
void question_destroy(struct question **question);

/* Forgets all, and begins with this record's key. False: it is no key of a piece. */
bool question_begin(struct question *question, const struct record *record);
enum question_result {
	QUESTION_TAKEN,
	QUESTION_DAMAGED, /* the octets are no piece; what was read of it does not count */
	QUESTION_NO_MEMORY
};
/* A piece of the question. source: of the panel's numbers. */
enum question_result question_add(struct question *question, const struct record *record,
				  unsigned source);
/*
 * The facts: looks sorted by resolver and time, the evidence of the latest inquiry. Valid until the
 * next question begins. *opinions has room for facts->look_count. False when out of memory.
 */
bool question_facts(struct question *question, struct facts *facts, struct opinion **opinions);
/* Makes it a settled piece: all looks and the evidence, clean or not. */
void question_settle(const struct question *question, const struct facts *facts,
		     struct piece *piece);
