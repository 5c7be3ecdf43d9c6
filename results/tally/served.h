/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * served -- what zone files say of operators, beside what was found broken at them: by TLD and
 * operator.
 *
 * Shards add up. Vantage points ask the same names: the one that has most of them counts. Broken
 * are names whose own zone is at fault, or of which none is known to be, where evidence knows their
 * operators; of all of a TLD, any. What is signed is signed at the parent; of the broken, as far as
 * seen.
 */
#pragma once

#include "results/tally/tally.h"

struct served {
	struct view tld, by; /* by: the operator; empty: all of the TLD */
	uint64_t delegated, with_ds;
	bool known; /* how many are broken: not of "other", nor where the table had to be cut */
	uint64_t broken, signed_broken;
};

struct served_list {
	struct served *row; /* those with most names first */
	size_t count;
	struct counts *texts; /* that the views are into */
};

/* Free it with served_free(), also after false: out of memory. The tally must outlive it. */
bool served_read(struct served_list *list, const struct tally *tally);
void served_free(struct served_list *list);
