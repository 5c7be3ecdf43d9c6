/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/rows/json.h"

#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>

static _Thread_local bool failed;

static void *take(size_t size)
{
	void *memory = malloc(size);

	failed |= memory == NULL;
	return memory;
}

static void watch(void)
{
	json_set_alloc_funcs(take, free);
}

void json_begin(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, watch);
	failed = false;
}

bool json_is_whole(void)
{
	return !failed;
}
