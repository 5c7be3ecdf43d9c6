/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * digest -- SHA-256 (FIPS 180-4) of what is written and read, as text. One of OpenSSL's doors.
 *
 * Errors   out of memory sticks: the text is "" then.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* 64 hexadecimal digits and a NUL. */
#define DIGEST_TEXT 65

struct digest;

/* NULL when out of memory. */
struct digest *digest_create(void);
/* Accepts a pointer to NULL; sets it to NULL. */
void digest_destroy(struct digest **digest);
void digest_add(struct digest *digest, const void *data, size_t len);
/* Of all that was added so far; then it begins anew. */
void digest_text(struct digest *digest, char text[DIGEST_TEXT]);
/* Of the first `octets` octets of a file. 0 or -errno; -ENODATA when it is shorter. */
int digest_file(const char *path, uint64_t octets, char text[DIGEST_TEXT]);
