/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * expected -- the names that are broken on purpose, for tests.
 *
 * A list is a text file, one entry a line, "# comment": a name stands for itself and all below it;
 * an entry with a "*" is matched against the whole name, and "*" matches anything.
 */
#pragma once

#include "results/rows/row.h"

struct expected;

/* Empty. NULL when out of memory. */
struct expected *expected_create(void);
void expected_destroy(struct expected **expected);
/* The names known all over the Internet, one by one; NULL behind the last one. */
const char *expected_default(size_t index);
/* All of them. False: out of memory. */
bool expected_add_defaults(struct expected *expected);
/* One entry, as in a line of a list; empty lines and comments are fine. False: out of memory. */
bool expected_add(struct expected *expected, struct view line);
/* All entries, sorted, each once: *entries is malloc()ed, its texts belong to the list. False: out
 * of memory. */
bool expected_list(const struct expected *expected, const char ***entries, size_t *count);
/* name: lower case, no trailing dot. */
bool expected_has(const struct expected *expected, struct view name);
