/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * flood -- an attacker who knows the ports and the questions, and guesses the IDs (RFC 5452): a
 * thread that sends forged answers to whoever asked lately, from the address that was asked.
 *
 * All say RCODE 6 (YXDOMAIN), which no true answer does: a row that has it was taken in.
 */
#pragma once

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

struct flood;

/* count: messages to send in all. NULL: out of memory. */
struct flood *flood_create(uint64_t count);
void flood_destroy(struct flood **flood);
/* A query came by this socket; any thread. len: to the end of the question. */
void flood_saw(struct flood *flood, int fd, const struct sockaddr_in6 *from, const uint8_t *query,
	       size_t len);
/* Sends until all are sent or flood_stop(), and says "flooded" on standard output; a pthread's
 * function. */
void *flood_run(void *flood);
void flood_stop(struct flood *flood);
/* How many were sent; when the thread has returned. */
uint64_t flood_sent(const struct flood *flood);
