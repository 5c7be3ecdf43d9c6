/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * hints -- where the evidence begins: the root's servers and its trust anchor, out of files in
 * zone-file format, or those of the Internet, which are compiled in.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "io/addr.h"
#include "io/buf.h"
#include "scanner/chain/chain.h"

#define HINTS_SERVERS_MAX   26
#define HINTS_ADDRESSES_MAX 4

struct hints {
	unsigned count;
	struct root_server {
		uint8_t name[DNAME_MAX];
		unsigned addr_count;
		struct addr addr[HINTS_ADDRESSES_MAX]; /* port 53 */
	} server[HINTS_SERVERS_MAX];
	struct chain_ds_set anchor; /* of the root; count 0: nothing is secure */
	bool special; /* some server's address is not one of the Internet: a world of its own, where
			 such are asked */
};

/* Files may be NULL: the Internet's. False: what is wrong is in errors, a line each. */
bool hints_load(struct hints *hints, const char *root_hints_file, const char *trust_anchor_file,
		struct buf *errors);
