/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * meter -- what one thread has asked of one resolver, for the keeper to look at. Written by that
 * thread alone, so counting costs no more than a load and a store; sums wrap.
 */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct meter {
	_Atomic uint32_t sent;	   /* messages */
	_Atomic uint32_t answered; /* queries that came to an answer */
	_Atomic uint32_t worked;   /* of these, NOERROR or NXDOMAIN */
	_Atomic uint32_t waiting;  /* rows that waited for a judgement, ever */
};

struct asked;

/* For so many threads; each has a line of meters, one a resolver, with nobody else's in its cache
 * lines. NULL: out of memory. */
struct meters *meters_create(size_t threads, size_t resolvers);
void meters_destroy(struct meters **meters);
struct meter *meters_of(struct meters *meters, size_t thread);

/* A query is about to be asked; and came to this. */
void meter_ask(struct meter *meter);
void meter_take(struct meter *meter, const struct asked *asked);
void meter_wait(struct meter *meter);
/* The sum of all threads. */
struct meter_sum {
	uint32_t sent, answered, worked, waiting;
} meters_sum(const struct meters *meters, size_t resolver);
