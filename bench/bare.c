/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * bench-bare -- the floor: a bare loop of sendmmsg and recvmmsg over connected sockets, and nothing
 * else.
 *
 * The queries are put together beforehand; within the measured loop only their IDs change. Nobody
 * looks at the answers, they are only counted. What is lost is not asked again. Prints one line,
 * about the loop alone: user s, system s, wall s, queries, answered, q/s, CPU-us/query.
 *
 * With -t the queries leave in trains (UDP_SEGMENT), and answers are looked for after a tick: the
 * floor for whoever does that.
 */
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/query.h"
#include "io/addr.h"
#include "io/clock.h"

#define SOCKETS_MAX 1024
#define BATCH_MAX   64
#define DISTINCT    65536 /* queries that are put together; then they come again with other IDs */
#define BLOCK	    4096
#define GIVE_UP_MS  200 /* without an answer: what is missing is lost */

static struct flight {
	int fd;
	unsigned in_flight;
} flights[SOCKETS_MAX];

static unsigned flight_count, batch = 32;
static bool trains;
static long tick_us; /* sleeps that long before it looks for answers */
static uint8_t (*queries)[QUERY_SLOT];
static uint16_t *query_len;
static uint64_t sent_total, answered_total;

static void die(const char *what)
{
	fprintf(stderr, "bench-bare: %s: %s\n", what, strerror(errno));
	exit(3);
}

static void open_flight(const char *text)
{
	struct addr addr;
	int size = 4 * 1024 * 1024, fd;

	if (flight_count == SOCKETS_MAX || !addr_parse(&addr, text, 5300)) {
		errno = EINVAL;
		die(text);
	}
	fd = socket(addr.sa.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, &addr.sa, addr.len) != 0)
		die(text);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	flights[flight_count++].fd = fd;
}

static void read_queries(const char *path)
{
	FILE *file = fopen(path, "r");
	char line[512];
	uint32_t count = 0;

	queries = malloc(DISTINCT * sizeof *queries);
	query_len = malloc(DISTINCT * sizeof *query_len);
	if (!file || !queries || !query_len)
		die(path);
	while (count < DISTINCT && fgets(line, sizeof line, file)) {
		query_len[count] = query_put(queries[count], line, strcspn(line, "\r\n"));
		count += query_len[count] > 0;
	}
	fclose(file);
	if (count == 0) {
		errno = EINVAL;
		die(path);
	}
	for (uint32_t i = count; i < DISTINCT; i++) {
		memcpy(queries[i], queries[i - count], QUERY_SLOT);
		query_len[i] = query_len[i - count];
	}
}

static int by_length(const void *a, const void *b)
{
	const uint16_t *x = a, *y = b;

	return query_len[*x] - query_len[*y];
}

/* Blocks of queries are ordered by length, so that equal ones are next to each other. */
static void order_queries(void)
{
	uint16_t *order = malloc(DISTINCT * sizeof *order), *len = malloc(DISTINCT * sizeof *len);
	uint8_t(*ordered)[QUERY_SLOT] = malloc(DISTINCT * sizeof *ordered);

	if (!order || !len || !ordered)
		die("memory");
	for (unsigned i = 0; i < DISTINCT; i++)
		order[i] = (uint16_t)i;
	for (unsigned i = 0; i < DISTINCT; i += BLOCK)
		qsort(order + i, BLOCK, sizeof *order, by_length);
	for (unsigned i = 0; i < DISTINCT; i++) {
		memcpy(ordered[i], queries[order[i]], QUERY_SLOT);
		len[i] = query_len[order[i]];
	}
	free(order);
	free(queries);
	free(query_len);
	queries = ordered;
	query_len = len;
}

/* The same queries as messages of many pieces, each message a train. Returns how many queries went
 * out. */
static unsigned send_trains(struct flight *flight, struct mmsghdr *messages, struct iovec *pieces,
			    unsigned count)
{
	static _Alignas(struct cmsghdr) char control[BATCH_MAX][CMSG_SPACE(sizeof(uint16_t))];
	unsigned used = 0, sent = 0;
	int took;

	for (unsigned i = 0; i < count; i++) {
		struct msghdr *header = &messages[used].msg_hdr;

		if (used > 0 && pieces[i].iov_len == pieces[i - 1].iov_len) {
			messages[used - 1].msg_hdr.msg_iovlen++;
			continue;
		}
		*header = (struct msghdr){.msg_iov = &pieces[i], .msg_iovlen = 1};
		header->msg_control = control[used];
		header->msg_controllen = sizeof control[used];
		CMSG_FIRSTHDR(header)->cmsg_level = SOL_UDP;
		CMSG_FIRSTHDR(header)->cmsg_type = UDP_SEGMENT;
		CMSG_FIRSTHDR(header)->cmsg_len = CMSG_LEN(sizeof(uint16_t));
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(header)), &pieces[i].iov_len, sizeof(uint16_t));
		used++;
	}
	took = sendmmsg(flight->fd, messages, used, 0);
	for (int i = 0; i < took; i++)
		sent += (unsigned)messages[i].msg_hdr.msg_iovlen;
	return sent;
}

static void send_batch(struct flight *flight, unsigned count)
{
	static struct mmsghdr messages[BATCH_MAX];
	static struct iovec pieces[BATCH_MAX];
	unsigned sent;
	int took;

	for (unsigned i = 0; i < count; i++) {
		uint32_t index = (uint32_t)(sent_total + i) % DISTINCT;
		uint16_t id = (uint16_t)((sent_total + i) * 40503U);

		memcpy(queries[index], &id, sizeof id);
		pieces[i] = (struct iovec){queries[index], query_len[index]};
		messages[i].msg_hdr = (struct msghdr){.msg_iov = &pieces[i], .msg_iovlen = 1};
	}
	if (trains) {
		sent = send_trains(flight, messages, pieces, count);
	} else {
		took = sendmmsg(flight->fd, messages, count, 0);
		sent = took > 0 ? (unsigned)took : 0;
	}
	sent_total += sent;
	flight->in_flight += sent;
}

static void receive_batch(struct flight *flight)
{
	static struct mmsghdr messages[BATCH_MAX];
	static struct iovec pieces[BATCH_MAX];
	static uint8_t data[BATCH_MAX][2048];
	int got;

	for (unsigned i = 0; i < batch; i++) {
		pieces[i] = (struct iovec){data[i], sizeof data[i]};
		messages[i].msg_hdr = (struct msghdr){.msg_iov = &pieces[i], .msg_iovlen = 1};
	}
	got = recvmmsg(flight->fd, messages, batch, MSG_DONTWAIT, NULL);
	if (got > 0) {
		answered_total += (unsigned)got;
		flight->in_flight -=
			(unsigned)got < flight->in_flight ? (unsigned)got : flight->in_flight;
	}
}

static void wait_for_answers(struct pollfd *polls)
{
	struct timespec tick = {.tv_nsec = tick_us * NS_PER_US};
	int ready;

	if (tick_us)
		nanosleep(&tick, NULL);
	for (unsigned i = 0; i < flight_count; i++)
		polls[i] = (struct pollfd){.fd = flights[i].fd, .events = POLLIN};
	ready = poll(polls, flight_count, GIVE_UP_MS);
	for (unsigned i = 0; i < flight_count; i++) {
		if (ready == 0)
			flights[i].in_flight = 0;
		else if (polls[i].revents)
			receive_batch(&flights[i]);
	}
}

static void run(uint64_t total, unsigned window)
{
	static struct pollfd polls[SOCKETS_MAX];
	unsigned share = window / flight_count ? window / flight_count : 1;
	bool busy = true;

	while (sent_total < total || busy) {
		busy = false;
		for (unsigned i = 0; i < flight_count && sent_total < total; i++) {
			unsigned room = share - flights[i].in_flight;
			uint64_t left = total - sent_total;

			if (room > batch)
				room = batch;
			/* Half a batch at least, unless there is nothing in flight. */
			if (room >= batch / 2 || flights[i].in_flight == 0)
				send_batch(&flights[i], room < left ? room : (unsigned)left);
		}
		wait_for_answers(polls);
		for (unsigned i = 0; i < flight_count; i++)
			busy |= flights[i].in_flight > 0;
	}
}

static double seconds(struct timeval from, struct timeval to)
{
	return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_usec - from.tv_usec) / 1e6;
}

static void measure(uint64_t total, unsigned window)
{
	struct rusage before, after;
	int64_t start_ns = clock_mono_ns();
	double user_s, sys_s, wall_s;

	getrusage(RUSAGE_SELF, &before);
	run(total, window);
	getrusage(RUSAGE_SELF, &after);
	wall_s = (double)(clock_mono_ns() - start_ns) / 1e9;
	user_s = seconds(before.ru_utime, after.ru_utime);
	sys_s = seconds(before.ru_stime, after.ru_stime);
	printf("%.6f %.6f %.6f %llu %llu %.0f %.3f\n", user_s, sys_s, wall_s,
	       (unsigned long long)total, (unsigned long long)answered_total,
	       (double)answered_total / wall_s, (user_s + sys_s) * 1e6 / (double)answered_total);
}

int main(int argc, char **argv)
{
	uint64_t total = 1000000;
	unsigned window = 1000;
	const char *names = NULL;
	int option;

	while ((option = getopt(argc, argv, "n:w:b:d:t:")) != -1) {
		if (option == 'n')
			total = strtoull(optarg, NULL, 10);
		else if (option == 'w')
			window = (unsigned)strtoul(optarg, NULL, 10);
		else if (option == 'b')
			batch = (unsigned)strtoul(optarg, NULL, 10);
		else if (option == 'd')
			names = optarg;
		else if (option == 't')
			trains = true, tick_us = strtol(optarg, NULL, 10);
		else
			optind = argc;
	}
	if (!names || optind == argc || batch < 2 || batch > BATCH_MAX || total == 0) {
		fputs("usage: bench-bare -d NAMES [-n QUERIES] [-w WINDOW] [-b BATCH] "
		      "[-t TICK_US] ADDR[:PORT]...\n",
		      stderr);
		return 2;
	}
	read_queries(names);
	if (trains)
		order_queries();
	while (optind < argc)
		open_flight(argv[optind++]);
	measure(total, window);
	return 0;
}
