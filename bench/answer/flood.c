/* SPDX-License-Identifier: BSD-2-Clause */

#include "bench/answer/flood.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "bench/answer/forge.h"

#define LATELY	   1024 /* queries that are remembered */
#define QUERY_MAX  (12 + 255 + 4)
#define HEADER	   12
#define BATCH	   256
#define RCODE_MARK 6

struct target {
	int fd;
	struct sockaddr_in6 to;
	size_t len;
	uint8_t query[QUERY_MAX];
};

struct flood {
	pthread_mutex_t lock;
	struct target lately[LATELY]; /* under the lock */
	unsigned seen;
	uint64_t count, sent, random;
	_Atomic bool letters; /* upper case was seen */
	_Atomic bool stop;
};

struct flood *flood_create(uint64_t count)
{
	struct flood *flood = calloc(1, sizeof *flood);

	if (!flood)
		return NULL;
	pthread_mutex_init(&flood->lock, NULL);
	flood->count = count;
	flood->random = (uint64_t)time(NULL);
	return flood;
}

void flood_destroy(struct flood **flood)
{
	free(*flood);
	*flood = NULL;
}

void flood_saw(struct flood *flood, int fd, const struct sockaddr_in6 *from, const uint8_t *query,
	       size_t len)
{
	struct target *target;

	if (len > QUERY_MAX)
		return;
	pthread_mutex_lock(&flood->lock);
	target = &flood->lately[flood->seen++ % LATELY];
	target->fd = fd;
	target->to = *from;
	target->len = len;
	memcpy(target->query, query, len);
	for (size_t i = HEADER; i < len - 4; i++)
		flood->letters |= query[i] >= 'A' && query[i] <= 'Z';
	pthread_mutex_unlock(&flood->lock);
}

static uint32_t below(struct flood *flood, uint32_t limit)
{
	flood->random = flood->random * 6364136223846793005U + 1442695040888963407U;
	return (uint32_t)((flood->random >> 32) * limit >> 32);
}

/* Who forges does not see the letters that were drawn: lots of his own. */
static void draw_letters(struct flood *flood, uint8_t *question, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		uint8_t lower = question[i] | 0x20;

		if (question[i] >= 'A' && lower >= 'a' && lower <= 'z')
			question[i] = below(flood, 2) ? lower : lower ^ 0x20;
	}
}

/* To the question, to another one, or to none. */
static size_t forge(struct flood *flood, const struct target *target, uint8_t out[QUERY_MAX])
{
	uint32_t id = below(flood, 65536);

	memcpy(out, target->query, target->len);
	out[0] = (uint8_t)(id >> 8);
	out[1] = (uint8_t)id;
	out[2] = 0x81; /* QR, RD */
	out[3] = 0x80 | RCODE_MARK;
	memset(out + 6, 0, 6);
	if (flood->letters)
		draw_letters(flood, out + HEADER, target->len - HEADER - 4);
	switch (below(flood, 4)) {
	case 0:
		forge_question(out);
		return target->len;
	case 1:
		out[5] = 0; /* QDCOUNT */
		return HEADER;
	default:
		return target->len;
	}
}

static bool pick(struct flood *flood, struct target *target)
{
	unsigned known;

	pthread_mutex_lock(&flood->lock);
	known = flood->seen < LATELY ? flood->seen : LATELY;
	if (known > 0)
		*target = flood->lately[below(flood, known)];
	pthread_mutex_unlock(&flood->lock);
	return known > 0;
}

void *flood_run(void *argument)
{
	static const struct timespec nap = {.tv_nsec = 1000000};
	struct flood *flood = argument;
	struct target target;
	uint8_t out[QUERY_MAX];

	while (flood->sent < flood->count && !atomic_load(&flood->stop)) {
		socklen_t to_len;

		if (!pick(flood, &target)) {
			nanosleep(&nap, NULL);
			continue;
		}
		to_len = target.to.sin6_family == AF_INET ? sizeof(struct sockaddr_in)
							  : sizeof target.to;
		/* A port is worth some tries before another one is. */
		for (unsigned i = 0; i < BATCH / 16 && flood->sent < flood->count; i++)
			flood->sent += sendto(target.fd, out, forge(flood, &target, out), 0,
					      (const struct sockaddr *)&target.to, to_len) > 0;
	}
	puts("flooded");
	fflush(stdout);
	return NULL;
}

void flood_stop(struct flood *flood)
{
	atomic_store(&flood->stop, true);
}

uint64_t flood_sent(const struct flood *flood)
{
	return flood->sent;
}
