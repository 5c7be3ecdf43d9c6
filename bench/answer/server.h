/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * server -- the settings of the bench's server, its sockets, and the loop of one of its threads.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bench/answer/flood.h"
#include "bench/answer/forge.h"
#include "bench/answer/reply.h"
#include "bench/answer/tally.h"
#include "io/addr.h"

#define SERVER_ADDRESSES_MAX 4096
#define SERVER_THREADS_MAX   64
/* With more addresses than that (all IPv4, one port) each thread has one socket for all of them. */
#define SERVER_SOCKETS_MAX 64

struct settings {
	struct addr *addresses;
	uint32_t address_count;
	unsigned threads;
	struct shares shares;
	struct forging forging;
	unsigned flood_count; /* forged answers of an attacker */
	struct flood *flood;  /* NULL: there is none */
	unsigned loss;	      /* percent of the queries, at random */
	unsigned delay_ms, jitter_ms;
	bool trains;
	unsigned limit;	  /* queries a second and address; 0: none */
	bool limit_drops; /* what is above it is dropped, not answered with SERVFAIL */
	bool order_check;
	const char
		*tls; /* certificate and key for the streams, which speak TLS then; NULL: plain */
	const char *habit; /* of the streams */
	unsigned habit_after;
	const char *rate_log;
	int stop; /* becomes readable when the threads shall return */
	int64_t start_ms;
};

struct server_thread;

/* Opens the sockets of thread `index`. NULL on error, errno set. */
struct server_thread *server_thread_create(const struct settings *settings, unsigned index);
void server_thread_destroy(struct server_thread **thread);
/* Serves until told to stop; a pthread's function. */
void *server_thread_run(void *thread);
/* Valid when the thread has returned. */
struct tally *server_thread_tally(struct server_thread *thread);

/* All IPv4 and one port, and too many for a socket each. */
bool server_is_wild(const struct settings *settings);
/* A bound socket for address `index` (any IPv4 address when wild), SOCK_DGRAM or SOCK_STREAM. -1 on
 * error. */
int server_socket(const struct settings *settings, uint32_t index, int type, bool shared);
