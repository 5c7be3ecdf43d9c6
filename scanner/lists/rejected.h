/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * rejected -- rejected.csv.gz: the input lines that were no names, with the reason.
 *
 * Columns  file,line,reason,text; text is cut after REJECTED_TEXT_MAX octets, octets that are
 *          neither printable nor UTF-8 and the backslash are written as \xHH.
 * Errors   the first one sticks; later calls do nothing; rejected_close() returns it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "scanner/dns/name.h"

#define REJECTED_TEXT_MAX 200

struct rejected;

/* NULL on error, errno set. */
struct rejected *rejected_create(const char *path);
void rejected_add(struct rejected *rejected, const char *file, uint64_t line,
		  enum name_reason reason, const char *text, size_t len);
/* Completes the file under its final name. Sets *rejected to NULL, whatever happens. 0 or -errno.
 */
int rejected_close(struct rejected **rejected);
/* Removes what was written. Accepts a pointer to NULL; sets it to NULL. */
void rejected_abandon(struct rejected **rejected);
