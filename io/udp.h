/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * udp -- many datagrams at a time: sendmmsg and recvmmsg, and trains (UDP_SEGMENT, UDP_GRO) where
 * the kernel has them.
 *
 * A train is a run of datagrams of equal length for one address that crosses the kernel as one.
 * Owner    one thread for each socket, inbox and outbox.
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "io/addr.h"

/* Messages in one system call, either way. */
#define UDP_BATCH 64
/* Datagrams in one train: long enough to pay (the gain flattens out at 16), short enough for small
 * buffers on the way. */
#define UDP_TRAIN_MAX  32
#define UDP_OUT_OCTETS (128 * 1024)

/*
 * A non-blocking socket bound to a random port of `source` (NULL: any address). Errors of the
 * network (ICMP) are kept for udp_next_error(). rcvbuf: octets asked of the kernel. Returns the
 * descriptor or -1, errno set.
 */
int udp_open(int family, const struct addr *source, int rcvbuf);

/* ---- out ---- */

struct udp_outbox {
	unsigned count; /* messages (trains or single datagrams) */
	size_t used;	/* octets of data */
	struct mmsghdr headers[UDP_BATCH];
	struct iovec vectors[UDP_BATCH];
	unsigned datagrams[UDP_BATCH]; /* in each message */
	_Alignas(struct cmsghdr) char control[UDP_BATCH][CMSG_SPACE(sizeof(uint16_t))];
	uint8_t data[UDP_OUT_OCTETS];
};

void udp_outbox_clear(struct udp_outbox *out);
/*
 * Room for one datagram of len octets to `to` (which must stay valid until sent; NULL: the socket
 * is connected): the caller writes it there. It joins the train that is being put together when
 * address and length are the same and trains is true. NULL: send first.
 */
uint8_t *udp_outbox_add(struct udp_outbox *out, const struct addr *to, size_t len, bool trains);
/*
 * Sends from message `first` on. Returns how many messages went out (0 and more) and sets *error to
 * 0, or to the errno that stopped the next one: EAGAIN or ENOBUFS (buffers full), EIO or EINVAL (no
 * trains here), ENETUNREACH, EPERM, ...
 */
unsigned udp_send(int fd, struct udp_outbox *out, unsigned first, int *error);

/* ---- in ---- */

struct udp_inbox {
	struct mmsghdr headers[UDP_BATCH];
	struct iovec vectors[UDP_BATCH];
	struct addr from[UDP_BATCH];
	_Alignas(struct cmsghdr) char control[UDP_BATCH][CMSG_SPACE(sizeof(int))];
	bool errors; /* the last udp_receive() met errors: udp_next_error() tells them */
	size_t slot; /* octets for each message */
	uint8_t *data;
};

/* False when out of memory. trains: room for what UDP_GRO puts together (64 KiB a message, touched
 * only when used). */
bool udp_inbox_init(struct udp_inbox *in, bool trains);
void udp_inbox_free(struct udp_inbox *in);
/* Asks the kernel to hand over trains. False when it cannot. */
bool udp_enable_gro(int fd);

/* Valid until the next udp_receive(). */
struct udp_datagram {
	const struct addr *from;
	const uint8_t *data;
	size_t len;
};

/* Some datagrams at once, UDP_BATCH at most, so that the receiver can fetch what it needs for all
 * of them before it looks. */
typedef void (*udp_datagrams)(void *owner, const struct udp_datagram *datagrams, unsigned count);

/* Receives up to UDP_BATCH messages; calls back with the datagrams in them. Returns the number of
 * messages, 0 when there are none. senders: say whom they come from, otherwise `from` means
 * nothing. Pending socket errors are skipped over: they come from udp_next_error(). */
unsigned udp_receive(int fd, struct udp_inbox *in, bool senders, udp_datagrams datagrams,
		     void *owner);

/* What the network said of one datagram of ours (RFC 1122 4.1.3.3). */
struct udp_error {
	struct addr to;	  /* where it was going */
	int error;	  /* ECONNREFUSED, EHOSTUNREACH, ... */
	uint8_t head[64]; /* its first octets, as quoted by the ICMP message */
	size_t head_len;
};

/* The next error waiting at the socket; false when there is none. */
bool udp_next_error(int fd, struct udp_error *error);
