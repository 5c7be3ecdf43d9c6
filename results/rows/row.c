/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/rows/row.h"

static void reply_init(struct reply *reply)
{
	*reply = (struct reply){.rcode = RCODE_UNKNOWN, .answers = -1, .rtt_us = -1};
}

/* One for each row written and read: part by part, which is cheaper than all of it at once. */
void row_init(struct row *row)
{
	row->time_ms = 0;
	row->name = (struct view){NULL, 0};
	row->qtype = 0;
	row->resolver = (struct view){NULL, 0};
	reply_init(&row->normal);
	reply_init(&row->cd);
	row->again_outcome = OUTCOME_UNKNOWN;
	row->again_rcode = RCODE_UNKNOWN;
	row->nsid = (struct view){NULL, 0};
	row->note = (struct view){NULL, 0};
	row->cd_rrsig = (struct view){NULL, 0};
}
