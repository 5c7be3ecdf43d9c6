/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * tally -- what the bench's server saw: counts, the rate in every millisecond, and the order within
 * pairs.
 *
 * Threads  one struct tally a thread; only the order's filter is shared.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define TALLY_COUNTERS(X)                                                                          \
	X(queries)                                                                                 \
	X(cd0)                                                                                     \
	X(cd1)                                                                                     \
	X(edns)                                                                                    \
	X(dnssec_ok)                                                                               \
	X(answers)                                                                                 \
	X(servfail)                                                                                \
	X(truncated)                                                                               \
	X(forged)                                                                                  \
	X(flooded)                                                                                 \
	X(lost)                                                                                    \
	X(overloaded)                                                                              \
	X(malformed)                                                                               \
	X(tcp_connections)                                                                         \
	X(tcp_queries)                                                                             \
	X(tls_resumed)                                                                             \
	X(receives)                                                                                \
	X(trains_in)                                                                               \
	X(trains_out)                                                                              \
	X(send_errors)                                                                             \
	X(cd1_before_cd0)

struct tally {
#define X(name) uint64_t name;
	TALLY_COUNTERS(X)
#undef X
	uint32_t **rate; /* [address][millisecond since the start]; NULL: not wanted */
	uint32_t addresses;
	int64_t start_ms;
};

#define TALLY_RATE_MAX_MS (600 * 1000)

/* Makes room for the rates. False when out of memory. */
bool tally_want_rate(struct tally *tally, uint32_t addresses, int64_t start_ms);
void tally_arrival(struct tally *tally, uint32_t address, int64_t time_ms);
/* Adds one thread's to the sum's; frees the one's rates. The sum has rates when the one has. */
void tally_add(struct tally *sum, struct tally *one);
/* Frees the rates, if there are any. */
void tally_free(struct tally *tally);
/* One line of JSON. */
void tally_print(const struct tally *tally, double user_s, double sys_s, FILE *out);
/* A line for each address and one for all: see bench/README.md. name(i): the text of address i. */
void tally_print_rate(const struct tally *tally, const char *(*name)(uint32_t), FILE *out);

/* The filter that knows which CD=0 queries came; shared by all threads. False when out of memory.
 */
bool order_create(void);
void order_destroy(void);
void order_saw(uint64_t hash);
/* Whether it (almost certainly) was seen: at 5M pairs one swapped pair of 1,000 goes unnoticed. */
bool order_seen(uint64_t hash);
