/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * glue -- the addresses in zone files: for name servers whose own delegation stands elsewhere in
 * the file, before or behind those that need them. So the files are read once for these alone, by a
 * thread of its own, while the scan begins.
 *
 * Memory   24 octets an address, at most GLUE_OCTETS; then the table is not complete.
 * Limits   a name is known by 63 bits of a keyed hash.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/addr.h"

#define GLUE_OCTETS (192u << 20)

struct glue;

/* files: as for the reader; must stay. NULL: out of memory, or no thread. */
struct glue *glue_start(const char *const *files, int count);
/* All is read that can be; any thread. */
bool glue_ready(const struct glue *glue);
/* After glue_ready(): these are all addresses there are in the files. Not so when one is a pipe, or
 * broken, or there are too many. */
bool glue_complete(const struct glue *glue);
/* After glue_ready(), any thread: up to max addresses of the name (wire format) in each family,
 * IPv4 first. */
unsigned glue_find(const struct glue *glue, const uint8_t *name, struct addr *addrs, unsigned max,
		   uint16_t port);
/* Ends the thread. Accepts a pointer to NULL; sets it to NULL. */
void glue_destroy(struct glue **glue);
