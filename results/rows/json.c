/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/rows/json.h"

#include <pthread.h>
#include <stdio.h>
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

void json_why(char *why, size_t max, const json_error_t *error)
{
	if (error->line > 0)
		snprintf(why, max, "line %d: %s", error->line, error->text);
	else
		snprintf(why, max, "%s", error->text);
	for (char *c = why; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
}
