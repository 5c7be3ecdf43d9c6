/* SPDX-License-Identifier: BSD-2-Clause */

#include "io/frame.h"

#include <assert.h>
#include <string.h>

size_t frame_octets(const uint8_t *data, size_t len)
{
	size_t message;

	if (len < FRAME_HEADER)
		return FRAME_HEADER;
	message = (size_t)data[0] << 8 | data[1];
	return message > 0 ? FRAME_HEADER + message : 0;
}

size_t frame_write(uint8_t *out, const uint8_t *message, size_t len)
{
	assert(len > 0 && len <= FRAME_MESSAGE);
	out[0] = (uint8_t)(len >> 8);
	out[1] = (uint8_t)len;
	memcpy(out + FRAME_HEADER, message, len);
	return FRAME_HEADER + len;
}
