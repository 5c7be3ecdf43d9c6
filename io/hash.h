/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * hash -- one 64-bit hash for tables, shards and samples: the same on every machine for the same
 * key.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* wyhash-like strength is enough for tables keyed by a secret; not cryptographic. */
uint64_t hash_octets(const void *data, size_t len, uint64_t key);
