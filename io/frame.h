/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * frame -- a DNS message behind its length in two octets, as it stands in a byte stream (RFC 1035
 * 4.2.2, RFC 7766 8). Pure: knows no connection.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define FRAME_HEADER  2
#define FRAME_MESSAGE 65535 /* the longest message */
#define FRAME_MAX     (FRAME_HEADER + FRAME_MESSAGE)

/*
 * Octets that the frame at the start of data[0..len) takes, header included; more than len as long
 * as it is not all there (FRAME_HEADER while not even that is). 0: no frame, a message of no
 * octets.
 */
size_t frame_octets(const uint8_t *data, size_t len);
/* Writes the frame of a message of len octets, 1..FRAME_MESSAGE; returns FRAME_HEADER + len. */
size_t frame_write(uint8_t *out, const uint8_t *message, size_t len);
