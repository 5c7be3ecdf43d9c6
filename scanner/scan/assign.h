/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * assign -- whom a name is put to when not all resolvers are asked for each: a few different ones,
 * drawn by a hash of the name.
 *
 * The same name, seed and list give the same resolvers, on every machine; each resolver gets as
 * many names as any other. Where one drops out, its names go to others, and all other names stay
 * where they are. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ASSIGN_MAX 64

struct assign {
	uint64_t seed;
	uint32_t resolvers;
	const bool *out; /* one a resolver: gets no names */
};

/* Fills picked with count (at most ASSIGN_MAX) different ones, or as many as there are. Returns how
 * many. */
unsigned assign_pick(const struct assign *assign, const uint8_t *qname, size_t len, unsigned count,
		     int32_t *picked);
/* Who gets the name in the place of one that is out now; -1: all others have it. */
int32_t assign_instead(const struct assign *assign, const uint8_t *qname, size_t len,
		       unsigned count, int32_t out);
