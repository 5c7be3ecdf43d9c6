/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * ticker -- says on standard error how far it is: a live line twice a second on a terminal, a line
 * every 10 s elsewhere. What takes less than that says nothing there.
 *
 * Threads  one of its own, which only looks.
 */
#pragma once

#include <stddef.h>

#include "results/sort/part.h"

struct ticker;

/* stage: what is being done, a constant. parts: whose lines are counted; none: count 0. NULL: there
 * is no ticker (out of memory, or threads), and nobody needs it. */
struct ticker *ticker_start(const char *stage, struct part **parts, size_t count);
/* Takes the line away and ends. Accepts a pointer to NULL. */
void ticker_stop(struct ticker **ticker);
