/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/limits.h"

#include <sys/resource.h>

#include "scanner/scan/scan.h"

/* Files, standard streams, the resolvers' calibration; what each thread's loop takes; the
 * evidence's ports and streams. */
#define OF_PROGRAM  24
#define OF_THREAD   8
#define OF_EVIDENCE 64
#define OF_LOOKOUT  8 /* its loop, a port for each family, and a stream now and then */
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

/* connections: to one resolver */
static int64_t streams(const struct resolvers *resolvers, int64_t connections)
{
	int64_t some = (int64_t)resolvers->count < STREAMS ? (int64_t)resolvers->count : STREAMS,
		only = 0;

	for (size_t r = 0; r < resolvers->count; r++)
		only += resolvers->list[r].transport != TRANSPORT_UDP;
	return only * connections > some ? only * connections : some;
}

/* Of each thread, to one resolver, rounded up: as long as there is one thread, it may have all. */
static int64_t most_connections(const struct options *options)
{
	return (options->connections + options->threads - 1) / options->threads;
}

static int64_t descriptors(const struct options *options, const struct resolvers *resolvers)
{
	int64_t count = (int64_t)resolvers->count;
	int64_t sets = scan_connects(resolvers, options->ports)
			       ? count
			       : 2; /* one a resolver, or one a family */
	/* recheck has a thread of its own that uses one set a family */
	int64_t threads = options->threads + (options->recheck_ms > 0);

	return OF_PROGRAM + OF_LOOKOUT + (options->evidence != EVIDENCE_NONE ? OF_EVIDENCE : 0) +
	       threads * (OF_THREAD + sets * options->ports +
			  streams(resolvers, most_connections(options)));
}

/* Says that an option is less than wished. */
static void tell(struct buf *text, rlim_t limit, const char *option, int64_t value, int64_t wish)
{
	if (value < wish)
		buf_addf(text,
			 "only %llu descriptors are allowed here: --%s %lld instead of %lld\n",
			 (unsigned long long)limit, option, (long long)value, (long long)wish);
}

bool limits_fit(struct options *options, const struct resolvers *resolvers, struct buf *text)
{
	struct options fit = *options;
	int64_t least = INT64_MAX;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
		return true;
	while (fit.ports > 0) {
		int64_t needed = descriptors(&fit, resolvers);

		least = needed < least ? needed : least;
		if (needed <= (int64_t)limit.rlim_cur)
			break;
		if (fit.connections > 1)
			fit.connections--;
		else
			fit.ports--;
	}
	if (fit.ports == 0) {
		buf_addf(text,
			 "only %llu descriptors are allowed here, %lld are needed (see ulimit -n, "
			 "or take fewer --threads)\n",
			 (unsigned long long)limit.rlim_cur, (long long)least);
		return false;
	}
	/* Nobody misses connections that nobody is asked over. */
	if (streams(resolvers, options->connections) > streams(resolvers, 1))
		tell(text, limit.rlim_cur, "connections", fit.connections, options->connections);
	tell(text, limit.rlim_cur, "ports", fit.ports, options->ports);
	*options = fit;
	return true;
}
