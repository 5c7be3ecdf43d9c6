/* SPDX-License-Identifier: BSD-2-Clause */

#include <assert.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "bench/answer/post.h"
#include "bench/answer/reply.h"

#define TRAINS_OPEN    16 /* trains being put together at a time, and read at a time */
#define DATAGRAM_MAX   2048
#define READ_TRAIN_MAX 65536

struct in_control {
	_Alignas(struct cmsghdr) char octets[CMSG_SPACE(sizeof(struct in_pktinfo)) +
					     CMSG_SPACE(sizeof(int)) +
					     CMSG_SPACE(sizeof(struct timespec))];
};

struct inbox {
	unsigned batch;
	size_t room;
	struct mmsghdr messages[POST_BATCH];
	struct iovec pieces[POST_BATCH];
	struct sockaddr_in6 from[POST_BATCH];
	struct in_control control[POST_BATCH];
	uint8_t *data;
};

struct inbox *inbox_create(bool trains)
{
	struct inbox *inbox = calloc(1, sizeof *inbox);

	if (!inbox)
		return NULL;
	inbox->batch = trains ? TRAINS_OPEN : POST_BATCH;
	inbox->room = trains ? READ_TRAIN_MAX : DATAGRAM_MAX;
	inbox->data = malloc(inbox->batch * inbox->room);
	if (!inbox->data)
		inbox_destroy(&inbox);
	return inbox;
}

void inbox_destroy(struct inbox **inbox)
{
	if (*inbox)
		free((*inbox)->data);
	free(*inbox);
	*inbox = NULL;
}

unsigned inbox_receive(struct inbox *inbox, int fd)
{
	int got;

	for (unsigned i = 0; i < inbox->batch; i++) {
		inbox->pieces[i] = (struct iovec){inbox->data + i * inbox->room, inbox->room};
		inbox->messages[i].msg_hdr = (struct msghdr){
			.msg_name = &inbox->from[i],
			.msg_namelen = sizeof inbox->from[i],
			.msg_iov = &inbox->pieces[i],
			.msg_iovlen = 1,
			.msg_control = &inbox->control[i],
			.msg_controllen = sizeof inbox->control[i],
		};
	}
	got = recvmmsg(fd, inbox->messages, inbox->batch, MSG_DONTWAIT, NULL);
	return got > 0 ? (unsigned)got : 0;
}

void inbox_arrival(struct inbox *inbox, unsigned index, struct arrival *arrival)
{
	struct msghdr *header = &inbox->messages[index].msg_hdr;

	assert(index < inbox->batch);
	*arrival = (struct arrival){
		.data = inbox->pieces[index].iov_base,
		.len = inbox->messages[index].msg_len,
		.segment = inbox->messages[index].msg_len,
		.from = &inbox->from[index],
	};
	for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
		struct in_pktinfo info;
		struct timespec time;
		int segment;

		if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO) {
			memcpy(&segment, CMSG_DATA(c), sizeof segment);
			if (segment > 0)
				arrival->segment = (size_t)segment;
		} else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			memcpy(&info, CMSG_DATA(c), sizeof info);
			arrival->to = info.ipi_addr;
		} else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS) {
			memcpy(&time, CMSG_DATA(c), sizeof time);
			arrival->time_ns = (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
		}
	}
}

struct out_control {
	_Alignas(struct cmsghdr) char octets[CMSG_SPACE(sizeof(struct in_pktinfo)) +
					     CMSG_SPACE(sizeof(uint16_t))];
};

/* One message of a batch: a datagram, or a train of `segments`, all of `segment` octets. */
struct outgoing {
	struct sockaddr_in6 to;
	struct in_addr source;
	bool has_source;
	unsigned segments;
	size_t segment, len;
};

struct outbox {
	int fd;
	bool trains;
	unsigned count, batch;
	size_t room;
	uint64_t trains_sent, errors;
	struct outgoing outgoing[POST_BATCH];
	struct mmsghdr messages[POST_BATCH];
	struct iovec pieces[POST_BATCH];
	struct out_control control[POST_BATCH];
	uint8_t *data;
};

struct outbox *outbox_create(int fd, bool trains)
{
	struct outbox *outbox = calloc(1, sizeof *outbox);

	if (!outbox)
		return NULL;
	outbox->fd = fd;
	outbox->trains = trains;
	outbox->batch = trains ? TRAINS_OPEN : POST_BATCH;
	outbox->room = trains ? POST_TRAIN_OCTETS : REPLY_MAX;
	outbox->data = malloc(outbox->batch * outbox->room);
	if (!outbox->data)
		outbox_destroy(&outbox);
	return outbox;
}

void outbox_destroy(struct outbox **outbox)
{
	if (*outbox)
		free((*outbox)->data);
	free(*outbox);
	*outbox = NULL;
}

static bool same_way(const struct outgoing *out, const struct sockaddr_in6 *to,
		     const struct in_addr *source)
{
	size_t len = to->sin6_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof *to;

	return memcmp(&out->to, to, len) == 0 && (!source || out->source.s_addr == source->s_addr);
}

/* An open train that has room for one more of that length. */
static struct outgoing *open_train(struct outbox *outbox, const struct sockaddr_in6 *to,
				   const struct in_addr *source, size_t len)
{
	for (unsigned i = 0; i < outbox->count; i++) {
		struct outgoing *out = &outbox->outgoing[i];

		if (out->segment == len && out->segments < POST_TRAIN &&
		    out->len + len <= outbox->room && same_way(out, to, source))
			return out;
	}
	return NULL;
}

void outbox_add(struct outbox *outbox, const struct sockaddr_in6 *to, const struct in_addr *source,
		const void *data, size_t len)
{
	struct outgoing *out = outbox->trains ? open_train(outbox, to, source, len) : NULL;

	assert(len <= outbox->room);
	if (!out) {
		if (outbox->count == outbox->batch)
			outbox_flush(outbox);
		out = &outbox->outgoing[outbox->count++];
		*out = (struct outgoing){.to = *to, .segment = len, .has_source = source != NULL};
		if (source)
			out->source = *source;
	}
	memcpy(outbox->data + (size_t)(out - outbox->outgoing) * outbox->room + out->len, data,
	       len);
	out->len += len;
	out->segments++;
}

static struct cmsghdr *add_control(struct msghdr *header, int level, int type, const void *data,
				   size_t len)
{
	struct cmsghdr *c =
		(struct cmsghdr *)(void *)((char *)header->msg_control + header->msg_controllen);

	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), data, len);
	header->msg_controllen += CMSG_SPACE(len);
	return c;
}

static void address_message(struct outbox *outbox, unsigned index)
{
	struct outgoing *out = &outbox->outgoing[index];
	struct msghdr *header = &outbox->messages[index].msg_hdr;

	outbox->pieces[index] = (struct iovec){outbox->data + index * outbox->room, out->len};
	*header = (struct msghdr){
		.msg_name = &out->to,
		.msg_namelen = out->to.sin6_family == AF_INET ? sizeof(struct sockaddr_in)
							      : sizeof(struct sockaddr_in6),
		.msg_iov = &outbox->pieces[index],
		.msg_iovlen = 1,
		.msg_control = &outbox->control[index],
	};
	if (out->has_source) {
		struct in_pktinfo info = {.ipi_spec_dst = out->source};

		add_control(header, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
	}
	if (out->segments > 1) {
		uint16_t segment = (uint16_t)out->segment;

		add_control(header, SOL_UDP, UDP_SEGMENT, &segment, sizeof segment);
		outbox->trains_sent++;
	}
	if (header->msg_controllen == 0)
		header->msg_control = NULL;
}

void outbox_flush(struct outbox *outbox)
{
	for (unsigned i = 0; i < outbox->count; i++)
		address_message(outbox, i);
	for (unsigned sent = 0; sent < outbox->count;) {
		int took = sendmmsg(outbox->fd, outbox->messages + sent, outbox->count - sent, 0);

		if (took > 0) {
			sent += (unsigned)took;
		} else {
			/* The first message is what it did not like; the others may pass. */
			outbox->errors++;
			sent++;
		}
	}
	outbox->count = 0;
}

void outbox_counts(struct outbox *outbox, uint64_t *trains, uint64_t *errors)
{
	*trains = outbox->trains_sent;
	*errors = outbox->errors;
	outbox->trains_sent = outbox->errors = 0;
}
