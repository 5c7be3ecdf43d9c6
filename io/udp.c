/* SPDX-License-Identifier: BSD-2-Clause */

#include "io/udp.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif
#ifndef SOL_UDP
#define SOL_UDP 17
#endif

/* Without UDP_GRO: an answer to our EDNS size, and what servers send that do not care. */
#define SLOT_PLAIN 4096
#define SLOT_TRAIN 65536
/* Between two of them: at a distance that is a power of two all would have to share a few lines of
 * each cache, and the answers of a batch drive each other out before they are read. */
#define SLOT_APART 256

int udp_open(int family, const struct addr *source, int rcvbuf)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1, saved;
	struct addr any = {.sa.sa_family = (sa_family_t)family,
			   .len = family == AF_INET ? sizeof(struct sockaddr_in)
						    : sizeof(struct sockaddr_in6)};

	if (fd < 0)
		return -1;
	if (family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	/* Best effort: a smaller buffer or missing error queue costs comfort, not truth. */
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof(rcvbuf));
	if (family == AF_INET)
		(void)setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on));
	else
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on));
	if (source == NULL)
		source = &any;
	if (bind(fd, &source->sa, source->len) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

void udp_outbox_clear(struct udp_outbox *out)
{
	out->count = 0;
	out->used = 0;
}

/* Makes the last message a train of segments, or longer by one. */
static void set_segment(struct udp_outbox *out, unsigned i, uint16_t segment)
{
	struct msghdr *header = &out->headers[i].msg_hdr;
	struct cmsghdr *control;

	header->msg_control = out->control[i];
	header->msg_controllen = sizeof(out->control[i]);
	control = CMSG_FIRSTHDR(header);
	control->cmsg_level = SOL_UDP;
	control->cmsg_type = UDP_SEGMENT;
	control->cmsg_len = CMSG_LEN(sizeof(segment));
	memcpy(CMSG_DATA(control), &segment, sizeof(segment));
}

uint8_t *udp_outbox_add(struct udp_outbox *out, const struct addr *to, size_t len, bool trains)
{
	uint8_t *room = out->data + out->used;
	/* sendmmsg does not write to it */
	void *name = to == NULL ? NULL : (void *)(uintptr_t)&to->sa;
	unsigned last = out->count - 1;

	if (len > sizeof(out->data) - out->used)
		return NULL;
	if (trains && out->count > 0 && out->headers[last].msg_hdr.msg_name == name &&
	    out->datagrams[last] < UDP_TRAIN_MAX &&
	    out->vectors[last].iov_len == len * out->datagrams[last]) {
		if (out->datagrams[last]++ == 1)
			set_segment(out, last, (uint16_t)len);
		out->vectors[last].iov_len += len;
		out->used += len;
		return room;
	}
	if (out->count == UDP_BATCH)
		return NULL;
	last = out->count++;
	out->vectors[last] = (struct iovec){.iov_base = room, .iov_len = len};
	out->headers[last].msg_hdr = (struct msghdr){
		.msg_name = name,
		.msg_namelen = to == NULL ? 0 : to->len,
		.msg_iov = &out->vectors[last],
		.msg_iovlen = 1,
	};
	out->datagrams[last] = 1;
	out->used += len;
	return room;
}

unsigned udp_send(int fd, struct udp_outbox *out, unsigned first, int *error)
{
	unsigned sent = 0;

	*error = 0;
	while (first + sent < out->count) {
		int got = sendmmsg(fd, out->headers + first + sent, out->count - first - sent, 0);

		if (got > 0) {
			sent += (unsigned)got;
		} else if (errno != EINTR) {
			*error = errno;
			break;
		}
	}
	return sent;
}

bool udp_inbox_init(struct udp_inbox *in, bool trains)
{
	in->slot = trains ? SLOT_TRAIN : SLOT_PLAIN;
	in->data = malloc(UDP_BATCH * (in->slot + SLOT_APART));
	if (in->data == NULL)
		return false;
	for (unsigned i = 0; i < UDP_BATCH; i++) {
		in->vectors[i] =
			(struct iovec){.iov_base = in->data + i * (in->slot + SLOT_APART),
				       .iov_len = in->slot};
		in->headers[i].msg_hdr = (struct msghdr){
			.msg_name = &in->from[i].sa,
			.msg_iov = &in->vectors[i],
			.msg_iovlen = 1,
		};
	}
	return true;
}

void udp_inbox_free(struct udp_inbox *in)
{
	free(in->data);
	in->data = NULL;
}

bool udp_enable_gro(int fd)
{
	int on = 1;

	return setsockopt(fd, SOL_UDP, UDP_GRO, &on, sizeof(on)) == 0;
}

/* The length of the datagrams in a train; the whole when it is none. */
static size_t segment_len(struct msghdr *header, size_t whole)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c != NULL; c = CMSG_NXTHDR(header, c)) {
		if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO) {
			int len;

			memcpy(&len, CMSG_DATA(c), sizeof(len));
			if (len > 0)
				return (size_t)len;
		}
	}
	return whole;
}

unsigned udp_receive(int fd, struct udp_inbox *in, bool senders, udp_datagrams datagrams,
		     void *owner)
{
	struct udp_datagram list[UDP_BATCH];
	unsigned count = 0;
	int got = -1;

	for (unsigned i = 0; i < UDP_BATCH; i++) {
		in->headers[i].msg_hdr.msg_name = senders ? &in->from[i].sa : NULL;
		in->headers[i].msg_hdr.msg_namelen = senders ? sizeof(struct sockaddr_in6) : 0;
		in->headers[i].msg_hdr.msg_control = in->control[i];
		in->headers[i].msg_hdr.msg_controllen = sizeof(in->control[i]);
	}
	in->errors = false;
	/* Each pending ICMP error fails one call; a socket can only hold so many of them. */
	for (int tries = 0; got < 0 && tries < UDP_BATCH; tries++) {
		got = recvmmsg(fd, in->headers, UDP_BATCH, MSG_DONTWAIT, NULL);
		if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EBADF))
			return 0;
		in->errors |= got < 0;
	}
	if (got <= 0)
		return 0;
	for (int i = 0; i < got; i++) {
		size_t left = in->headers[i].msg_len;
		size_t step = segment_len(&in->headers[i].msg_hdr, left);
		const uint8_t *at = in->vectors[i].iov_base;

		in->from[i].len = in->headers[i].msg_hdr.msg_namelen;
		do {
			size_t len = left < step ? left : step;

			list[count++] =
				(struct udp_datagram){.from = &in->from[i], .data = at, .len = len};
			if (count == UDP_BATCH) {
				datagrams(owner, list, count);
				count = 0;
			}
			at += len;
			left -= len;
		} while (left > 0);
	}
	if (count > 0)
		datagrams(owner, list, count);
	return (unsigned)got;
}

bool udp_next_error(int fd, struct udp_error *error)
{
	char control[512];
	struct iovec vector = {.iov_base = error->head, .iov_len = sizeof(error->head)};
	struct msghdr header = {
		.msg_name = &error->to.sa,
		.msg_namelen = sizeof(struct sockaddr_in6),
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	ssize_t got = recvmsg(fd, &header, MSG_ERRQUEUE | MSG_DONTWAIT);

	if (got < 0)
		return false;
	error->to.len = header.msg_namelen;
	error->head_len = (size_t)got;
	error->error = 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&header); c != NULL; c = CMSG_NXTHDR(&header, c)) {
		if ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
		    (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR)) {
			struct sock_extended_err what;

			memcpy(&what, CMSG_DATA(c), sizeof(what));
			error->error = (int)what.ee_errno;
		}
	}
	return true;
}
