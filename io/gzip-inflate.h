/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * gzip-inflate -- one gzip member out of octets that come in pieces: isa-l's where it was found at
 * build time, otherwise zlib's. Known to io/gzip-reader.c only.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct inflater;

struct octets {
	const uint8_t *next;
	size_t left;
};

struct room {
	uint8_t *next;
	size_t left;
};

enum inflated {
	INFLATED_SOME, /* octets went in or out, more may follow */
	INFLATED_END,  /* the member is whole and its sums agree; what follows it was not taken */
	INFLATED_BAD,  /* inflater_error() says why */
};

/* NULL when out of memory. */
struct inflater *inflater_create(void);
void inflater_destroy(struct inflater **inflater);
/* The next octets are the first ones of a member. */
void inflater_begin(struct inflater *inflater);
/* Takes from `in` and puts to `out` what it can. */
enum inflated inflater_run(struct inflater *inflater, struct octets *in, struct room *out);
const char *inflater_error(const struct inflater *inflater);
