/* SPDX-License-Identifier: BSD-2-Clause */

#include "io/crew.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct member {
	pthread_t thread;
	crew_fn *work;
	void *arg;
	unsigned number;
	int error;
	bool running;
};

static void *run(void *arg)
{
	struct member *member = arg;

	member->error = member->work(member->arg, member->number);
	return NULL;
}

int crew_run(unsigned threads, crew_fn *work, void *arg)
{
	struct member *members = calloc(threads, sizeof(*members));
	int error = 0;

	if (!members)
		return -ENOMEM;
	for (unsigned i = 0; i < threads; i++) {
		members[i] = (struct member){.work = work, .arg = arg, .number = i};
		if (i + 1 == threads) /* also when others could not be started */
			run(&members[i]);
		else
			members[i].running =
				pthread_create(&members[i].thread, NULL, run, &members[i]) == 0;
	}
	for (unsigned i = 0; i < threads; i++) {
		if (members[i].running)
			pthread_join(members[i].thread, NULL);
		error = error ? error : members[i].error;
	}
	free(members);
	return error;
}
