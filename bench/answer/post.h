/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * post -- datagrams in and out, many a system call: one by one (recvmmsg, sendmmsg), or in trains
 * (UDP_GRO, UDP_SEGMENT).
 *
 * Owner    one thread.
 * Errors   a datagram that the kernel does not take is counted and gone, as on a network.
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POST_BATCH	  64
#define POST_TRAIN	  64 /* segments; the kernel's UDP_MAX_SEGMENTS was 64 before 6.9 */
#define POST_TRAIN_OCTETS 65000

/* What came by one read of the socket: a datagram, or several of `segment` octets each (the last
 * may be shorter). */
struct arrival {
	const uint8_t *data;
	size_t len, segment;
	struct sockaddr_in6 *from; /* or a sockaddr_in */
	struct in_addr to;	   /* with IP_PKTINFO only */
	int64_t time_ns;	   /* wall clock, with SO_TIMESTAMPNS only; otherwise 0 */
};

struct inbox;
struct inbox *inbox_create(bool trains);
void inbox_destroy(struct inbox **inbox);
/* Reads what is there, up to a batch; how many arrivals, 0 when there are none. */
unsigned inbox_receive(struct inbox *inbox, int fd);
void inbox_arrival(struct inbox *inbox, unsigned index, struct arrival *arrival);

struct outbox;
/* trains: answers of one length to one client leave together. */
struct outbox *outbox_create(int fd, bool trains);
void outbox_destroy(struct outbox **outbox);
/* Copies a datagram into the batch; sends the batch when it is full. source: the address to send
 * from, NULL: the socket's own. */
void outbox_add(struct outbox *outbox, const struct sockaddr_in6 *to, const struct in_addr *source,
		const void *data, size_t len);
void outbox_flush(struct outbox *outbox);
/* Counts since the last call. */
void outbox_counts(struct outbox *outbox, uint64_t *trains, uint64_t *errors);
