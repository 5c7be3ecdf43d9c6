/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * bench-witness NETWORK...: counts what comes to port 53 of each address, as it passes the loopback
 * device; what comes from one of the networks (the resolvers') is left out. Prints "ready", and on
 * SIGTERM or SIGINT one line for each address:
 *
 *     ADDRESS queries most_in_any_second connections
 *
 * A query is a datagram, or a segment with data over TCP; connections are SYNs, repeated ones
 * included. A second begins anywhere: the highest number of queries within 1,000,000,000 ns, by the
 * kernel's time stamps. Needs CAP_NET_RAW.
 */
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/addr.h"
#include "io/clock.h"
#include "scanner/lists/suffixes.h"

#define PLACES 65536 /* a power of two */
#define LAST   1024  /* queries in a second that can be told apart */

struct target {
	struct addr addr; /* len 0: free */
	uint64_t queries, connections;
	unsigned most;
	int64_t last_ns[LAST]; /* a ring */
};

static struct target *targets[PLACES];
static volatile sig_atomic_t told;

static void tell(int signal_number)
{
	(void)signal_number;
	told = 1;
}

static struct target *target_of(const struct addr *addr)
{
	uint64_t hash = addr_hash(addr, 0);
	struct target **place = &targets[hash & (PLACES - 1)];

	while (*place != NULL && !addr_equal(&(*place)->addr, addr)) {
		hash++;
		place = &targets[hash & (PLACES - 1)];
	}
	if (*place == NULL) {
		*place = calloc(1, sizeof(**place));
		if (*place == NULL)
			abort();
		(*place)->addr = *addr;
	}
	return *place;
}

static void count_query(struct target *target, int64_t time_ns)
{
	unsigned within = 0;

	target->last_ns[target->queries++ % LAST] = time_ns;
	while (within < LAST && within < target->queries &&
	       time_ns - target->last_ns[(target->queries - 1 - within) % LAST] < NS_PER_S)
		within++;
	if (within > target->most)
		target->most = within;
}

/* The transport's header and what is behind it, both by the IP header's word. */
static void count(const struct addr *to, int protocol, const uint8_t *data, size_t len,
		  int64_t time_ns)
{
	const struct tcphdr *tcp = (const void *)data;
	const struct udphdr *udp = (const void *)data;

	if (protocol == IPPROTO_UDP && len >= sizeof(*udp) && ntohs(udp->dest) == 53) {
		count_query(target_of(to), time_ns);
	} else if (protocol == IPPROTO_TCP && len >= sizeof(*tcp) && ntohs(tcp->dest) == 53) {
		if (tcp->syn && !tcp->ack)
			target_of(to)->connections++;
		else if (len > tcp->doff * 4u)
			count_query(target_of(to), time_ns);
	}
}

static void look(const struct suffixes *left_out, const uint8_t *data, size_t len, int64_t time_ns)
{
	const struct ip6_hdr *ip6 = (const void *)data;
	const struct iphdr *ip = (const void *)data;
	struct addr from, to;

	if (len >= sizeof(*ip) && ip->version == 4 && ntohs(ip->tot_len) <= len) {
		if (!addr_from_octets(&from, (const uint8_t *)&ip->saddr, 4, 53) ||
		    !addr_from_octets(&to, (const uint8_t *)&ip->daddr, 4, 53) ||
		    suffixes_match_addr(left_out, &from))
			return;
		count(&to, ip->protocol, data + ip->ihl * 4u,
		      (size_t)(ntohs(ip->tot_len) - ip->ihl * 4), time_ns);
	} else if (len >= sizeof(*ip6) && ip->version == 6) {
		if (!addr_from_octets(&from, ip6->ip6_src.s6_addr, 16, 53) ||
		    !addr_from_octets(&to, ip6->ip6_dst.s6_addr, 16, 53) ||
		    suffixes_match_addr(left_out, &from))
			return;
		count(&to, ip6->ip6_nxt, data + sizeof(*ip6), ntohs(ip6->ip6_plen), time_ns);
	}
}

static int open_socket(void)
{
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ALL)), one = 1;
	int room = 64 << 20;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof(one));
	return fd;
}

static bool next_packet(int fd, const struct suffixes *left_out)
{
	uint8_t data[65536], control[256];
	struct sockaddr_ll from;
	struct iovec iov = {data, sizeof(data)};
	struct msghdr msg = {.msg_name = &from,
			     .msg_namelen = sizeof(from),
			     .msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = control,
			     .msg_controllen = sizeof(control)};
	ssize_t got = recvmsg(fd, &msg, 0);
	struct timespec time = {0};

	if (got < 0)
		return errno == EINTR;
	/* each packet passes loopback twice: out and in */
	if (from.sll_pkttype != PACKET_OUTGOING)
		return true;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c != NULL; c = CMSG_NXTHDR(&msg, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS)
			memcpy(&time, CMSG_DATA(c), sizeof(time));
	look(left_out, data, (size_t)got, (int64_t)time.tv_sec * NS_PER_S + time.tv_nsec);
	return true;
}

static void report(int fd)
{
	struct tpacket_stats lost = {0};
	socklen_t len = sizeof(lost);
	char text[ADDR_TEXT_MAX];

	for (unsigned i = 0; i < PLACES; i++)
		if (targets[i] != NULL)
			printf("%s %llu %u %llu\n", addr_format(&targets[i]->addr, 53, text),
			       (unsigned long long)targets[i]->queries, targets[i]->most,
			       (unsigned long long)targets[i]->connections);
	if (getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &lost, &len) == 0 && lost.tp_drops > 0)
		fprintf(stderr, "bench-witness: %u packets were not seen\n", lost.tp_drops);
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = tell};
	struct suffixes *left_out = suffixes_create();
	int fd = open_socket();

	if (fd < 0 || left_out == NULL) {
		perror("bench-witness");
		return 3;
	}
	for (int i = 1; i < argc; i++) {
		const char *problem = suffixes_add(left_out, argv[i], strlen(argv[i]));

		if (problem != NULL) {
			fprintf(stderr, "bench-witness: %s: %s\n", argv[i], problem);
			return 2;
		}
	}
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	printf("ready\n");
	fflush(stdout);
	while (!told && next_packet(fd, left_out))
		;
	report(fd);
	suffixes_destroy(&left_out);
	close(fd);
	return 0;
}
