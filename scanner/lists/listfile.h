/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * listfile -- the small lists a scan goes by (resolvers, exclusions, controls): one entry a line,
 * blanks around it do not matter, "#" at the start or behind a blank begins a comment. A byte order
 * mark and CR are skipped.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "io/buf.h"

/* More complaints than these about one list are only counted. */
#define LISTFILE_COMPLAINTS_MAX 100

/* Room for a text as it is shown in a message. */
#define LISTFILE_SHOWN 84

/* text is neither empty nor terminated and valid during the call; the owner complains into the same
 * errors. */
typedef void (*listfile_entry)(void *owner, const char *text, size_t len, unsigned line);

/*
 * Hands out every entry of path ("-": standard input). False when the file cannot be read or has an
 * impossible line: said in errors, as "FILE: ..." or "FILE:LINE: ...", each ended by LF. Entries
 * before and after a bad line are still handed out.
 */
bool listfile_read(const char *path, listfile_entry entry, void *owner, struct buf *errors);
/* text cut to a bearable length, with octets that do not print as \xHH. Returns shown. */
char *listfile_show(char shown[LISTFILE_SHOWN], const char *text, size_t len);
