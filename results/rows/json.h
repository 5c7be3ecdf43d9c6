/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * json -- whether jansson had the memory it needed. It leaves out what it has none for, and a text
 * with a hole in it must not be taken for a whole one.
 *
 * Threads  each knows of its own.
 */
#pragma once

#include <stdbool.h>

/* Before anything is put together. */
void json_begin(void);
/* Nothing has been left out in this thread since then. */
bool json_is_whole(void);
