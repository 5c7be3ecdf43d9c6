/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/limits.h"

#include <sys/resource.h>

#include "scanner/scan.h"

/* Files, standard streams, the resolvers' calibration; what each thread's loop takes; the evidence's ports and streams. */
#define OF_PROGRAM  24
#define OF_THREAD   8
#define OF_EVIDENCE 64
/* Streams each thread may have open for truncated answers before that is felt. */
#define STREAMS 16

void limits_raise(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int64_t streams(const struct resolvers *resolvers)
{
	int64_t some = (int64_t)resolvers->count < STREAMS ? (int64_t)resolvers->count : STREAMS, only = 0;

	for (size_t r = 0; r < resolvers->count; r++)
		only += resolvers->list[r].transport != TRANSPORT_UDP;
	return only > some ? only : some;
}

static int64_t descriptors(const struct options *options, const struct resolvers *resolvers, int64_t ports)
{
	int64_t count = (int64_t)resolvers->count;
	int64_t sets = scan_connects(resolvers, ports) ? count : 2; /* one a resolver, or one a family */
	/* recheck has a thread of its own that uses one set a family */
	int64_t threads = options->threads + (options->recheck_ms > 0);

	return OF_PROGRAM + (options->evidence != EVIDENCE_NONE ? OF_EVIDENCE : 0) +
	       threads * (OF_THREAD + sets * ports + streams(resolvers));
}

bool limits_fit(struct options *options, const struct resolvers *resolvers, struct buf *text)
{
	int64_t ports = options->ports, least = INT64_MAX;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
		return true;
	for (; ports > 0; ports--) {
		int64_t needed = descriptors(options, resolvers, ports);

		least = needed < least ? needed : least;
		if (needed <= (int64_t)limit.rlim_cur)
			break;
	}
	if (ports == 0) {
		buf_addf(text, "only %llu descriptors are allowed here, %lld are needed (see ulimit -n, or take fewer --threads)\n",
			 (unsigned long long)limit.rlim_cur, (long long)least);
		return false;
	}
	if (ports < options->ports)
		buf_addf(text, "only %llu descriptors are allowed here: --ports %lld instead of %lld\n",
			 (unsigned long long)limit.rlim_cur, (long long)ports, (long long)options->ports);
	options->ports = ports;
	return true;
}
