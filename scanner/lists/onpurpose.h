/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * onpurpose -- the list of names that are broken for tests: it goes into the run directory, so that
 * whoever judges the run later goes by the same one (results/sort/expected.h).
 */
#pragma once

#include <stdbool.h>

#include "io/buf.h"

#define ONPURPOSE_FILE "broken-on-purpose.txt"

/*
 * Appends the list, one canonical entry a line, to text. path: one entry a line, "# comment", a
 * name with all below it or a pattern with "*"; NULL: the names known all over the Internet. False:
 * no file or bad lines, a line for each in errors.
 */
bool onpurpose_load(struct buf *text, const char *path, struct buf *errors);
