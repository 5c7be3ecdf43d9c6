/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * queue -- a bounded first-in first-out queue of pointers between threads.
 *
 * Threads  any number of putters and takers; a mutex and two condition variables, so put batches,
 *          not single names.
 * Owner    a pointer belongs to the queue from a successful put until it is taken.
 * Close    after queue_close() puts fail, takes drain what is left and then return NULL.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct queue;

/* capacity: at least 1. NULL when out of memory. */
struct queue *queue_create(size_t capacity);
/* The queue must be empty (assert), no thread inside. Accepts a NULL pointer; sets *queue to NULL. */
void queue_destroy(struct queue **queue);
/* Waits while full. False when closed: the item stays the caller's. An item is never NULL (assert). */
bool queue_put(struct queue *queue, void *item);
/* Never waits. False when full or closed. */
bool queue_try_put(struct queue *queue, void *item);
/* Waits while empty. NULL when closed and drained. */
void *queue_take(struct queue *queue);
/* Never waits. NULL when empty; *done (may be NULL) tells "closed and drained" from "nothing right
 * now". */
void *queue_try_take(struct queue *queue, bool *done);
void queue_close(struct queue *queue);
/* A momentary count, for progress lines and back-pressure. */
size_t queue_len(struct queue *queue);
