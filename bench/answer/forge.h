/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * forge -- what a scanner must not take for an answer: forged ones before the true one, and names
 * whose answers over UDP are never true. As with reply.h a hash of the QNAME decides.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/answer/reply.h"
#include "io/addr.h"

struct forging {
	unsigned before;     /* forged answers before each true one: ID, question, port in turn */
	unsigned garbled;    /* per mille of the names: cut off in the middle */
	unsigned mismatched; /* per mille: to another question */
	unsigned elsewhere;  /* per mille: from another address or port */
};

enum forge_fate { FORGE_NOT, FORGE_GARBLED, FORGE_MISMATCHED, FORGE_ELSEWHERE };

/* Is there anything to forge? */
bool forge_wanted(const struct forging *forging);
enum forge_fate forge_fate(const struct forging *forging, const struct asking *asking);
/* These change an answer in place. */
void forge_id(uint8_t *answer, unsigned noise);
void forge_question(uint8_t *answer);
/* Returns the new length: header and question are whole, the records are not. */
size_t forge_cut(uint8_t *answer, const struct asking *asking);
/* A socket like the one at `addr`, but elsewhere: another port, and on IPv4 the address next to it.
 * -1 on error. */
int forge_socket(const struct addr *addr);
