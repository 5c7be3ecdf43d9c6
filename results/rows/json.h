/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * json -- whether jansson had the memory it needed: it leaves out what it has none for, and a text
 * with a hole in it must not be taken for a whole one; and what it says of a text that is no JSON.
 *
 * Threads  each knows of its own.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Before anything is put together. */
void json_begin(void);
/* Nothing has been left out in this thread since then. */
bool json_is_whole(void);
/* "line 7: invalid token near 'x'"; what does not print is "?", for the text is from outside. */
void json_why(char *why, size_t max, const json_error_t *error);
