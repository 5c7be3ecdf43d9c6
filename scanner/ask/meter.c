/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/ask/meter.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/ask/engine.h"

#define LINE 64

struct meters {
	size_t threads, stride; /* octets from one thread's to the next one's */
	char *lines;
};

#define COUNT(counter, n)                                                                          \
	atomic_store_explicit(&(counter),                                                          \
			      atomic_load_explicit(&(counter), memory_order_relaxed) + (n),        \
			      memory_order_relaxed)

struct meters *meters_create(size_t threads, size_t resolvers)
{
	struct meters *meters = calloc(1, sizeof(*meters));

	if (meters == NULL)
		return NULL;
	meters->threads = threads;
	meters->stride = (resolvers * sizeof(struct meter) + LINE - 1) / LINE * LINE;
	meters->lines = aligned_alloc(LINE, threads * meters->stride);
	if (meters->lines == NULL)
		meters_destroy(&meters);
	else
		memset(meters->lines, 0, threads * meters->stride);
	return meters;
}

void meters_destroy(struct meters **meters)
{
	if (*meters == NULL)
		return;
	free((*meters)->lines);
	free(*meters);
	*meters = NULL;
}

struct meter *meters_of(struct meters *meters, size_t thread)
{
	return (struct meter *)(void *)(meters->lines + thread * meters->stride);
}

void meter_ask(struct meter *meter)
{
	COUNT(meter->sent, 1);
}

void meter_take(struct meter *meter, const struct asked *asked)
{
	bool answered = asked->outcome == OUTCOME_ANSWERED;

	if (asked->tries > 1)
		COUNT(meter->sent, asked->tries - 1);
	COUNT(meter->answered, answered);
	COUNT(meter->worked, answered && (asked->answer.rcode == RCODE_NOERROR ||
					  asked->answer.rcode == RCODE_NXDOMAIN));
}

void meter_wait(struct meter *meter)
{
	COUNT(meter->waiting, 1);
}

struct meter_sum meters_sum(const struct meters *meters, size_t resolver)
{
	struct meter_sum sum = {0};

	for (size_t i = 0; i < meters->threads; i++) {
		const struct meter *meter =
			(const struct meter *)(const void *)(meters->lines + i * meters->stride) +
			resolver;

		sum.sent += atomic_load_explicit(&meter->sent, memory_order_relaxed);
		sum.answered += atomic_load_explicit(&meter->answered, memory_order_relaxed);
		sum.worked += atomic_load_explicit(&meter->worked, memory_order_relaxed);
		sum.waiting += atomic_load_explicit(&meter->waiting, memory_order_relaxed);
	}
	return sum;
}
