/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * query -- a plain query as octets: RD and AD set, EDNS, QTYPE A; for programs that measure
 * what others cost.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define QUERY_SLOT 288

/* The length; 0: no name. */
static inline uint16_t query_put(uint8_t out[QUERY_SLOT], const char *name, size_t len)
{
	static const uint8_t header[12] = {0, 0, 0x01, 0x20, 0, 1, 0, 0, 0, 0, 0, 1};
	static const uint8_t tail[16] = {0, 0, 1, 0, 1, 0, 0, 41, 1232 >> 8, 1232 & 255};
	uint8_t *p = out + 12;

	if (len == 0 || len > 253)
		return 0;
	memcpy(out, header, sizeof header);
	for (size_t at = 0; at < len;) {
		const char *dot = memchr(name + at, '.', len - at);
		size_t label = dot ? (size_t)(dot - name) - at : len - at;

		if (label == 0 || label > 63)
			return 0;
		*p++ = (uint8_t)label;
		memcpy(p, name + at, label);
		p += label;
		at += label + 1;
	}
	memcpy(p, tail, sizeof tail);
	return (uint16_t)(p + sizeof tail - out);
}
