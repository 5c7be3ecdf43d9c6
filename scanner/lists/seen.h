/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * seen -- which names were there before, in bounded memory.
 *
 * A table of fingerprints: 64-octet buckets (one cache line) of 12 fingerprints of 40 bits. A name
 * may stand in either of two buckets and goes to the emptier one.
 * Memory   SEEN_OCTETS of address space, mapped when created; pages are used as names come (10,000
 *          names: some 30 MiB).
 * Limits   holds about 12 million names. When both buckets of a name are full, the oldest entry of
 *          one of them is forgotten: a duplicate further apart than that is not noticed, and its
 *          name is asked twice.
 * Errors   a new name is taken for a duplicate when an equal fingerprint stands in one of its two
 *          buckets: at most 24 * 2^-40 = 2.2e-11 a name with the table full, 24 * 10/12.6 * 2^-40 =
 *          1.7e-11 at 10 million names: in a scan of 160 million names one is lost with a
 *          probability of 0.4 %.
 * Key      fingerprints depend on a secret key, so no list can be made to collide.
 * Owner    one thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEEN_OCTETS	(64 * 1024 * 1024)
#define SEEN_OCTETS_MIN (256 * 1024)

struct seen;

/* octets: a power of two, at least 128. NULL when out of memory. */
struct seen *seen_create(size_t octets, uint64_t key);
void seen_destroy(struct seen **seen);
/* Was it there? It is now. */
bool seen_before(struct seen *seen, const void *data, size_t len);
