/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any octets as what comes over a TCP connection: cut into frames at once, and again as they come
 * in, in pieces whose size the last octet says. Both must find the same frames, and each is written
 * as it was read.
 */
#include "io/frame.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Octets of the first whole frame, 0 when it is bad or not all there: *bad tells. */
static size_t whole_frame(const uint8_t *data, size_t len, bool *bad)
{
	size_t octets = frame_octets(data, len);

	*bad = octets == 0;
	if (octets > FRAME_MAX || (octets > 0 && octets < FRAME_HEADER))
		abort();
	return octets <= len ? octets : 0;
}

static void check_written(const uint8_t *frame, size_t octets)
{
	uint8_t *again = malloc(octets);

	if (!again)
		return;
	if (frame_write(again, frame + FRAME_HEADER, octets - FRAME_HEADER) != octets ||
	    memcmp(frame, again, octets) != 0)
		abort();
	free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	size_t piece = len > 0 ? data[len - 1] + 1u : 1;
	size_t frames = 0;
	size_t at = 0;
	size_t seen = 0;
	size_t octets;
	bool bad, bad_later = false;

	while ((octets = whole_frame(data + at, len - at, &bad)) > 0) {
		check_written(data + at, octets);
		frames++;
		at += octets;
	}
	for (size_t start = 0; seen < len && !bad_later;) {
		seen = len - seen > piece ? seen + piece : len;
		while ((octets = whole_frame(data + start, seen - start, &bad_later)) > 0) {
			frames--;
			start += octets;
		}
	}
	if (frames != 0 || bad != bad_later)
		abort();
	return 0;
}
