/* SPDX-License-Identifier: BSD-2-Clause */

#include "io/queue.h"

#include <assert.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t room;  /* something was taken, or the queue closed */
	pthread_cond_t items; /* something was put, or the queue closed */
	size_t capacity;
	size_t first; /* the oldest item's place in the ring */
	size_t len;
	bool closed;
	void *ring[];
};

struct queue *queue_create(size_t capacity)
{
	struct queue *queue;

	assert(capacity > 0);
	if (capacity > (PTRDIFF_MAX - sizeof(*queue)) / sizeof(void *))
		return NULL;
	queue = calloc(1, sizeof(*queue) + capacity * sizeof(void *));
	if (!queue)
		return NULL;
	queue->capacity = capacity;
	/* With default attributes none of these can fail on Linux. */
	pthread_mutex_init(&queue->lock, NULL);
	pthread_cond_init(&queue->room, NULL);
	pthread_cond_init(&queue->items, NULL);
	return queue;
}

void queue_destroy(struct queue **queue)
{
	if (!*queue)
		return;
	assert((*queue)->len == 0);
	pthread_cond_destroy(&(*queue)->items);
	pthread_cond_destroy(&(*queue)->room);
	pthread_mutex_destroy(&(*queue)->lock);
	free(*queue);
	*queue = NULL;
}

/* With the lock held and room for one. */
static void append(struct queue *queue, void *item)
{
	size_t place = queue->first + queue->len;

	queue->ring[place < queue->capacity ? place : place - queue->capacity] = item;
	queue->len++;
	pthread_cond_signal(&queue->items);
}

/* With the lock held; NULL when empty. */
static void *remove_first(struct queue *queue)
{
	void *item;

	if (queue->len == 0)
		return NULL;
	item = queue->ring[queue->first];
	queue->first = queue->first + 1 < queue->capacity ? queue->first + 1 : 0;
	queue->len--;
	pthread_cond_signal(&queue->room);
	return item;
}

bool queue_put(struct queue *queue, void *item)
{
	bool put;

	assert(item);
	pthread_mutex_lock(&queue->lock);
	while (!queue->closed && queue->len == queue->capacity)
		pthread_cond_wait(&queue->room, &queue->lock);
	put = !queue->closed;
	if (put)
		append(queue, item);
	pthread_mutex_unlock(&queue->lock);
	return put;
}

bool queue_try_put(struct queue *queue, void *item)
{
	bool put;

	assert(item);
	pthread_mutex_lock(&queue->lock);
	put = !queue->closed && queue->len < queue->capacity;
	if (put)
		append(queue, item);
	pthread_mutex_unlock(&queue->lock);
	return put;
}

void *queue_take(struct queue *queue)
{
	void *item;

	pthread_mutex_lock(&queue->lock);
	while (!queue->closed && queue->len == 0)
		pthread_cond_wait(&queue->items, &queue->lock);
	item = remove_first(queue);
	pthread_mutex_unlock(&queue->lock);
	return item;
}

void *queue_try_take(struct queue *queue, bool *done)
{
	void *item;

	pthread_mutex_lock(&queue->lock);
	item = remove_first(queue);
	if (done)
		*done = !item && queue->closed;
	pthread_mutex_unlock(&queue->lock);
	return item;
}

void queue_close(struct queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->closed = true;
	pthread_cond_broadcast(&queue->room);
	pthread_cond_broadcast(&queue->items);
	pthread_mutex_unlock(&queue->lock);
}

size_t queue_len(struct queue *queue)
{
	size_t len;

	pthread_mutex_lock(&queue->lock);
	len = queue->len;
	pthread_mutex_unlock(&queue->lock);
	return len;
}
