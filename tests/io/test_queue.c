/* SPDX-License-Identifier: BSD-2-Clause */

#include "io/queue.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "tests/tap.h"

static void *number(uintptr_t i)
{
	return (void *)i;
}

static void test_order(void)
{
	struct queue *queue = queue_create(3);
	bool done = true;

	ok(!queue_try_take(queue, &done) && !done, "nothing right now");
	ok(queue_put(queue, number(1)) && queue_put(queue, number(2)) &&
		   queue_put(queue, number(3)),
	   "room for three");
	ok(!queue_try_put(queue, number(4)), "and no more");
	is_int((long long)queue_len(queue), 3, "len");
	ok(queue_take(queue) == number(1), "first in, first out");
	ok(queue_try_put(queue, number(4)), "round the end of the ring");
	ok(queue_take(queue) == number(2) && queue_take(queue) == number(3), "still in order");
	queue_close(queue);
	ok(!queue_put(queue, number(5)) && !queue_try_put(queue, number(5)), "closed");
	ok(queue_try_take(queue, &done) == number(4) && !done, "what is left is drained");
	ok(!queue_try_take(queue, &done) && done, "then it is done");
	ok(!queue_try_take(queue, NULL), "without asking");
	ok(!queue_take(queue), "and no taker waits");
	queue_close(queue);
	queue_destroy(&queue);
	ok(!queue, "destroyed");
	queue_destroy(&queue);
	ok(!queue_create(SIZE_MAX / 2), "no such memory");
}

/* Many putters and takers over a tiny ring: each item comes out once, those of one putter in its
 * order. */
enum { PUTTERS = 4, TAKERS = 3, ITEMS = 50000 };

struct crowd {
	struct queue *queue;
	uintptr_t id;
	_Atomic uint64_t *sum;
	uint64_t count;
	bool ordered;
};

static void *put_many(void *arg)
{
	struct crowd *me = arg;

	for (uintptr_t i = 1; i <= ITEMS; i++)
		if (!queue_put(me->queue, number(me->id << 32 | i)))
			abort();
	return NULL;
}

static void *take_many(void *arg)
{
	struct crowd *me = arg;
	uintptr_t last[PUTTERS] = {0};
	uintptr_t item;

	me->ordered = true;
	while ((item = (uintptr_t)queue_take(me->queue)) != 0) {
		uintptr_t putter = item >> 32;
		uintptr_t i = item & UINT32_MAX;

		me->ordered &= i > last[putter];
		last[putter] = i;
		*me->sum += i * (putter + 1);
		me->count++;
	}
	return NULL;
}

static void test_crowd(size_t capacity)
{
	struct queue *queue = queue_create(capacity);
	struct crowd putters[PUTTERS], takers[TAKERS];
	pthread_t put[PUTTERS], take[TAKERS];
	_Atomic uint64_t sum = 0;
	uint64_t want = 0;
	uint64_t count = 0;
	bool ordered = true;

	for (uintptr_t i = 0; i < TAKERS; i++) {
		takers[i] = (struct crowd){.queue = queue, .id = i, .sum = &sum};
		if (pthread_create(&take[i], NULL, take_many, &takers[i]) != 0)
			abort();
	}
	for (uintptr_t i = 0; i < PUTTERS; i++) {
		putters[i] = (struct crowd){.queue = queue, .id = i};
		if (pthread_create(&put[i], NULL, put_many, &putters[i]) != 0)
			abort();
		want += (uint64_t)ITEMS * (ITEMS + 1) / 2 * (i + 1);
	}
	for (int i = 0; i < PUTTERS; i++)
		pthread_join(put[i], NULL);
	queue_close(queue);
	for (int i = 0; i < TAKERS; i++) {
		pthread_join(take[i], NULL);
		count += takers[i].count;
		ordered &= takers[i].ordered;
	}
	is_int((long long)count, PUTTERS * ITEMS, "every item came out");
	is_int((long long)sum, (long long)want, "each of them once");
	ok(ordered, "each putter's in order, capacity %zu", capacity);
	queue_destroy(&queue);
}

static _Atomic int result;

static void *wait_to_put(void *queue)
{
	result = queue_put(queue, number(9)) ? 1 : 2;
	return NULL;
}

static void *wait_to_take(void *queue)
{
	result = queue_take(queue) ? 1 : 2;
	return NULL;
}

static void sleep_ms(long ms)
{
	nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
}

static void test_close_wakes(void)
{
	struct queue *queue = queue_create(1);
	pthread_t thread;

	queue_put(queue, number(1));
	if (pthread_create(&thread, NULL, wait_to_put, queue) != 0)
		abort();
	sleep_ms(20);
	is_int(result, 0, "a putter waits while it is full");
	queue_close(queue);
	pthread_join(thread, NULL);
	is_int(result, 2, "and is sent away when it closes");
	ok(queue_take(queue) == number(1), "the queue has what it had");
	queue_destroy(&queue);

	queue = queue_create(1);
	result = 0;
	if (pthread_create(&thread, NULL, wait_to_take, queue) != 0)
		abort();
	sleep_ms(20);
	is_int(result, 0, "a taker waits while it is empty");
	queue_close(queue);
	pthread_join(thread, NULL);
	is_int(result, 2, "and is sent away when it closes");
	queue_destroy(&queue);
}

int main(void)
{
	test_order();
	test_crowd(1);
	test_crowd(7);
	test_close_wakes();
	return done_testing();
}
