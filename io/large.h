/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * large -- memory for tables that are touched here and there: in large pages where the kernel has
 * them, since each page that a processor does not know by heart (TLB) costs as much as a cache miss
 * or two.
 */
#pragma once

#include <stddef.h>

/* Aligned to 64 octets, not cleared; free() frees it. NULL when out of memory. A megabyte and more
 * is rounded up to whole large pages. */
void *large_alloc(size_t octets);
