/* SPDX-License-Identifier: BSD-2-Clause */

#include "io/large.h"

#include <stdlib.h>
#include <sys/mman.h>

#define LINE 64
#define PAGE ((size_t)2 << 20)

static size_t round_up(size_t octets, size_t to)
{
	return (octets + to - 1) / to * to;
}

void *large_alloc(size_t octets)
{
	void *memory;

	if (octets < PAGE / 2)
		return aligned_alloc(LINE, round_up(octets, LINE));
	octets = round_up(octets, PAGE);
	memory = aligned_alloc(PAGE, octets);
	/* Best effort. */
	if (memory != NULL)
		(void)madvise(memory, octets, MADV_HUGEPAGE);
	return memory;
}
