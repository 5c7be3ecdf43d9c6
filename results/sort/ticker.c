/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/sort/ticker.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct ticker {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct part **parts;
	size_t count;
	const char *stage;
	bool live, stopped, shown;
	struct timespec start;
};

static long seconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long)(now.tv_sec - start->tv_sec);
}

static void show(struct ticker *ticker)
{
	unsigned long long lines = 0;
	long s = seconds_since(&ticker->start);
	size_t ended = 0;

	for (size_t i = 0; i < ticker->count; i++) {
		struct part *part = ticker->parts[i];

		pthread_mutex_lock(&part->lock);
		lines += part->good + part->bad;
		ended += part->ended;
		pthread_mutex_unlock(&part->lock);
	}
	/* Short enough for any terminal. */
	fprintf(stderr, "%s%ld:%02ld  %s", ticker->live ? "\r" : "", s / 60, s % 60, ticker->stage);
	if (ticker->count > 0)
		fprintf(stderr, "  %zu/%zu files  %llu rows", ended, ticker->count, lines);
	fputs(ticker->live ? "\033[K" : "\n", stderr);
	fflush(stderr);
	ticker->shown = true;
}

static void *run(void *arg)
{
	struct ticker *ticker = arg;
	long every_ns = ticker->live ? 500000000L : 0, every_s = ticker->live ? 0 : 10;
	struct timespec next;

	clock_gettime(CLOCK_MONOTONIC, &next);
	pthread_mutex_lock(&ticker->lock);
	while (!ticker->stopped) {
		next.tv_sec += every_s + (next.tv_nsec + every_ns) / 1000000000L;
		next.tv_nsec = (next.tv_nsec + every_ns) % 1000000000L;
		while (!ticker->stopped &&
		       pthread_cond_timedwait(&ticker->wake, &ticker->lock, &next) == 0)
			continue;
		if (!ticker->stopped)
			show(ticker);
	}
	pthread_mutex_unlock(&ticker->lock);
	return NULL;
}

struct ticker *ticker_start(const char *stage, struct part **parts, size_t count)
{
	struct ticker *ticker = calloc(1, sizeof(*ticker));
	const char *term = getenv("TERM");
	pthread_condattr_t attributes;

	if (!ticker)
		return NULL;
	ticker->parts = parts;
	ticker->count = count;
	ticker->stage = stage;
	ticker->live = isatty(STDERR_FILENO) && (!term || strcmp(term, "dumb") != 0);
	clock_gettime(CLOCK_MONOTONIC, &ticker->start);
	pthread_mutex_init(&ticker->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&ticker->wake, &attributes);
	pthread_condattr_destroy(&attributes);
	if (pthread_create(&ticker->thread, NULL, run, ticker) == 0)
		return ticker;
	pthread_cond_destroy(&ticker->wake);
	pthread_mutex_destroy(&ticker->lock);
	free(ticker);
	return NULL;
}

void ticker_stop(struct ticker **ticker)
{
	struct ticker *t = *ticker;

	if (!t)
		return;
	pthread_mutex_lock(&t->lock);
	t->stopped = true;
	pthread_cond_signal(&t->wake);
	pthread_mutex_unlock(&t->lock);
	pthread_join(t->thread, NULL);
	if (t->live && t->shown)
		fputs("\r\033[K", stderr);
	pthread_cond_destroy(&t->wake);
	pthread_mutex_destroy(&t->lock);
	free(t);
	*ticker = NULL;
}
