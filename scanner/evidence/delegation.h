/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * delegation -- what a zone file says of a delegated name: its NS and DS records, as zonefile hands
 * them out and batches carry them, read only for names that want evidence.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scanner/chain/chain.h"

#define DELEGATION_NS_MAX 13

struct delegation {
	unsigned ns_count;
	bool ns_left_out; /* there are more */
	uint8_t ns[DELEGATION_NS_MAX][DNAME_MAX];
	struct chain_ds_set ds;
};

/* records: as in struct zonefile_name. False: some line is not understood, so that not all is
 * known. */
bool delegation_read(struct delegation *delegation, const char *records, size_t len);
