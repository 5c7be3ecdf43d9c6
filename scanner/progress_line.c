/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/progress.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "io/clock.h"

/* What a line is made of, in its order. Where there is no room, what is the least important is said
 * in fewer words first, then left out. */
enum part {
	ELAPSED,
	DONE,
	RATE,
	FLIGHT,
	ANSWERED,
	SERVFAIL,
	TIMEOUT,
	OCTETS,
	WAITING,
	RESOLVERS,
	LEFT,
	PARTS
};
static const enum part least_first[PARTS] = {OCTETS, ANSWERED, FLIGHT,	  WAITING, TIMEOUT, RATE,
					     LEFT,   SERVFAIL, RESOLVERS, DONE,	   ELAPSED};

const char *progress_duration(int64_t ns, char text[24])
{
	int64_t s = ns / NS_PER_S;

	if (s >= 3600)
		snprintf(text, 24, "%" PRId64 ":%02d:%02d", s / 3600, (int)(s / 60 % 60),
			 (int)(s % 60));
	else
		snprintf(text, 24, "%d:%02d", (int)(s / 60), (int)(s % 60));
	return text;
}

struct parts {
	char text[PARTS][96], brief[PARTS][48]; /* empty: there is none */
};

static void add(struct parts *parts, enum part part, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void add(struct parts *parts, enum part part, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(parts->text[part], sizeof(parts->text[part]), format, args);
	va_end(args);
}

static void add_done(struct parts *parts, const struct progress *progress,
		     const struct scan_totals *t)
{
	/* Of all there is to do, unless that was cut short. */
	uint64_t done = estimate_done(t),
		 all = progress->stopping ? 0 : estimate_pairs(t, progress->options->name_count);
	double share = all > 0 ? 100.0 * (double)done / (double)all : 0;

	if (!t->reading && t->left == 0)
		add(parts, DONE, "%" PRIu64 " names, %" PRIu64 " pairs", t->read, t->pairs);
	else if (all == 0)
		add(parts, DONE, "%" PRIu64 " names read, %" PRIu64 " pairs", t->read, done);
	else /* 100 % is when all is done, and not before */
		add(parts, DONE,
		    t->reading ? "%" PRIu64 "/~%" PRIu64 " pairs %d%%"
			       : "%" PRIu64 "/%" PRIu64 " pairs %d%%",
		    done, all, (int)share);
	if (all > 0)
		snprintf(parts->brief[DONE], sizeof(parts->brief[DONE]), "%d%%", (int)share);
	else if (progress->stopping)
		snprintf(parts->brief[DONE], sizeof(parts->brief[DONE]), "%" PRIu64 " pairs", done);
}

static void add_waiting(struct parts *parts, const struct scan_totals *t)
{
	if (t->recheck_waiting + t->evidence_waiting == 0)
		return;
	add(parts, WAITING, "%" PRIu64 " names to ask again, %" PRIu64 " to look into",
	    t->recheck_waiting, t->evidence_waiting);
	snprintf(parts->brief[WAITING], sizeof(parts->brief[WAITING]), "%" PRIu64 " to look into",
		 t->evidence_waiting + t->recheck_waiting);
}

static void add_resolvers(struct parts *parts, const struct scan_totals *t)
{
	char *brief = parts->brief[RESOLVERS];

	if (t->resolvers_dropped > 0 && t->resolvers_slowed > 0) {
		add(parts, RESOLVERS,
		    "%" PRIu64 " of %" PRIu64 " resolvers dropped, %" PRIu64 " slowed",
		    t->resolvers_dropped, t->resolvers, t->resolvers_slowed);
		snprintf(brief, sizeof(parts->brief[0]), "%" PRIu64 " dropped, %" PRIu64 " slowed",
			 t->resolvers_dropped, t->resolvers_slowed);
	} else if (t->resolvers_dropped + t->resolvers_slowed > 0) {
		const char *what = t->resolvers_dropped > 0 ? "dropped" : "slowed";
		uint64_t count = t->resolvers_dropped + t->resolvers_slowed;

		add(parts, RESOLVERS, "%" PRIu64 " of %" PRIu64 " resolvers %s", count,
		    t->resolvers, what);
		snprintf(brief, sizeof(parts->brief[0]), "%" PRIu64 "/%" PRIu64 " %s", count,
			 t->resolvers, what);
	}
}

static void add_left(struct parts *parts, const struct progress *progress,
		     const struct scan_totals *t)
{
	int64_t left = estimate_left(&progress->estimate, t, progress->options->name_count,
				     progress->options->recheck_ms * NS_PER_MS);
	int64_t most = progress->options->max_runtime_ms * NS_PER_MS - t->elapsed_ns;
	char text[24];

	if (progress->stopping)
		add(parts, LEFT, "stopping");
	else if (most > 0 && (left < 0 || left > most))
		add(parts, LEFT, "stops in %s", progress_duration(most, text));
	else if (left > 0)
		add(parts, LEFT, "%s left", progress_duration(left, text));
}

static double percent(uint64_t part, uint64_t whole)
{
	return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

static void add_all(struct parts *parts, const struct progress *progress,
		    const struct scan_totals *t)
{
	uint64_t failed = t->servfail + t->timeouts;
	char text[24];

	add(parts, ELAPSED, "%s", progress_duration(t->elapsed_ns, text));
	add_done(parts, progress, t);
	add(parts, RATE, "%.0f/s", progress_rate(&progress->last, t));
	add(parts, FLIGHT, "%" PRIu64 " in flight", t->in_flight);
	add(parts, ANSWERED, "answered %.2f%%",
	    t->pairs > failed ? percent(t->pairs - failed, t->pairs) : 0);
	add(parts, SERVFAIL, "SERVFAIL %.2f%%", percent(t->servfail, t->pairs));
	add(parts, TIMEOUT, "timeout %.2f%%", percent(t->timeouts, t->pairs));
	add(parts, OCTETS, "%.1f MB", (double)t->octets / 1e6);
	add_waiting(parts, t);
	add_resolvers(parts, t);
	add_left(parts, progress, t);
}

static unsigned columns(const struct parts *parts)
{
	unsigned sum = 0;

	for (int i = 0; i < PARTS; i++)
		if (parts->text[i][0] != '\0')
			sum += (unsigned)strlen(parts->text[i]) + (sum > 0 ? 2 : 0);
	return sum;
}

static void be_brief(struct parts *parts, enum part part)
{
	if (parts->brief[part][0] != '\0')
		strcpy(parts->text[part], parts->brief[part]);
}

static void make_fit(struct parts *parts, unsigned width)
{
	for (int i = 0; i < PARTS && columns(parts) > width; i++)
		if (least_first[i] != DONE)
			be_brief(parts, least_first[i]);
	for (int i = 0; i < PARTS - 1 && columns(parts) > width; i++) {
		if (least_first[i] == RATE) /* numbers go before what is worse to miss */
			be_brief(parts, DONE);
		if (columns(parts) > width)
			parts->text[least_first[i]][0] = '\0';
	}
}

unsigned progress_line(const struct progress *progress, const struct scan_totals *totals,
		       unsigned width, char line[PROGRESS_LINE_MAX])
{
	struct parts parts = {0};
	unsigned wide;
	size_t len = 0;

	add_all(&parts, progress, totals);
	make_fit(&parts, width);
	line[0] = '\0';
	wide = columns(&parts);
	for (int i = 0; i < PARTS; i++) {
		bool marked = i == RESOLVERS && progress->colour;

		if (parts.text[i][0] != '\0')
			len += (size_t)snprintf(line + len, PROGRESS_LINE_MAX - len, "%s%s%s%s",
						len > 0 ? "  " : "", marked ? "\033[1m" : "",
						parts.text[i], marked ? "\033[0m" : "");
	}
	return wide;
}
