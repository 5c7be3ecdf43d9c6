/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/rows/row.h"

void row_init(struct row *row)
{
	static const struct row empty = {
		.normal = {.rcode = RCODE_UNKNOWN, .answers = -1, .rtt_us = -1},
		.cd = {.rcode = RCODE_UNKNOWN, .answers = -1, .rtt_us = -1},
		.again_rcode = RCODE_UNKNOWN,
	};

	*row = empty;
}
