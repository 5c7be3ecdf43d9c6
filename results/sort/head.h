/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * head -- the first record of questions.gz: what is known beside the questions. Who was asked, what
 * all rows add up to, which names are broken on purpose, what is marked.
 */
#pragma once

#include "results/sort/expected.h"
#include "results/sort/panel.h"
#include "results/sort/shared.h"

struct head {
	struct panel *panel;
	struct tally *tally;
	struct expected *expected;
	bool own_expected; /* a run brought a list of its own */
	struct shared *shared;
};

/* Appends the payload; the panel is settled. False when out of memory. */
bool head_put(struct buf *out, const struct head *head);
/* Adds that of a report, as the panel's source (1, 2 and so on); the panel is not settled yet.
 * False: it is none of this version, or damaged, or memory is out. */
bool head_take(struct head *head, const struct record *record, unsigned source);
