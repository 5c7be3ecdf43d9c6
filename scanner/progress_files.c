/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/progress.h"

#include <errno.h>
#include <inttypes.h>

#include "io/buf.h"
#include "io/clock.h"
#include "io/outfile.h"
#include "results/rows/csv.h"

static int64_t seconds_left(const struct progress *progress, const struct scan_totals *t)
{
	int64_t left = estimate_left(&progress->estimate, t, progress->options->name_count,
				     progress->options->recheck_ms * NS_PER_MS);

	return left < 0 ? -1 : left / NS_PER_S;
}

void progress_update(FILE *out, const struct progress *progress, const struct scan_totals *t)
{
	int64_t left = seconds_left(progress, t);
	char time[25], eta[24] = "null";

	csv_time(time, clock_wall_ns() / NS_PER_MS);
	if (left >= 0)
		snprintf(eta, sizeof(eta), "%" PRId64, left);
	fprintf(out,
		"{\"time\":\"%s\",\"elapsed_ms\":%" PRId64 ",\"read\":%" PRIu64
		",\"scanned\":%" PRIu64 ",\"duplicates\":%" PRIu64 ",\"rejected\":%" PRIu64
		",\"left\":%" PRIu64 ",\"reading\":%s,\"pairs\":%" PRIu64 ",\"pairs_per_s\":%.0f"
		",\"in_flight\":%" PRIu64 ",\"servfail\":%" PRIu64 ",\"timeouts\":%" PRIu64
		",\"queries\":%" PRIu64 ",\"octets\":%" PRIu64 ",\"evidence_names\":%" PRIu64
		",\"evidence_waiting\":%" PRIu64 ",\"recheck_waiting\":%" PRIu64
		",\"resolvers\":%" PRIu64 ",\"resolvers_slowed\":%" PRIu64
		",\"resolvers_dropped\":%" PRIu64 ",\"workers\":%" PRIu64 ",\"seconds_left\":%s}\n",
		time, (int64_t)(t->elapsed_ns / NS_PER_MS), t->read, t->names, t->duplicates,
		t->rejected, t->left, t->reading ? "true" : "false", t->pairs,
		progress_rate(&progress->last_update, t), t->in_flight, t->servfail, t->timeouts,
		t->sent, t->octets, t->evidence_names, t->evidence_waiting, t->recheck_waiting,
		t->resolvers, t->resolvers_slowed, t->resolvers_dropped, t->workers, eta);
	fflush(out);
}

/* ---- metrics ---- */

static void add(struct buf *text, const char *name, const char *type, const char *help,
		double value)
{
	buf_addf(text, "# HELP servfail_scan_%s %s\n# TYPE servfail_scan_%s %s\n", name, help, name,
		 type);
	buf_addf(text, "servfail_scan_%s %.15g\n", name, value);
}

int progress_metrics(const char *path, const struct progress *progress, const struct scan_totals *t,
		     bool running)
{
	const struct {
		const char *name, *type, *help;
		uint64_t value;
	} rows[] = {
		{"running", "gauge", "1 while the scan runs", running},
		{"names_read_total", "counter", "names read", t->read},
		{"names_done_total", "counter", "names asked to the end", t->names},
		{"names_left", "gauge", "names read and not done", t->left},
		{"names_rejected_total", "counter", "lines that are no names, or excluded",
		 t->rejected},
		{"names_duplicate_total", "counter", "names read before", t->duplicates},
		{"pairs_total", "counter", "pairs done", t->pairs},
		{"pairs_in_flight", "gauge", "pairs on their way", t->in_flight},
		{"pairs_servfail_total", "counter", "pairs with SERVFAIL at CD=0", t->servfail},
		{"pairs_timeout_total", "counter", "pairs without an answer at CD=0", t->timeouts},
		{"pairs_overloaded_total", "counter", "pairs of overloaded resolvers",
		 t->overloaded},
		{"queries_total", "counter", "messages sent", t->sent},
		{"answers_total", "counter", "queries answered", t->answered},
		{"octets_total", "counter", "octets of gzipped pairs", t->octets},
		{"evidence_names_total", "counter", "names looked into", t->evidence_names},
		{"evidence_waiting", "gauge", "names to look into", t->evidence_waiting},
		{"recheck_waiting", "gauge", "names to ask again", t->recheck_waiting},
		{"resolvers", "gauge", "resolvers of the list", t->resolvers},
		{"resolvers_slowed", "gauge", "asked more slowly, for they are overloaded",
		 t->resolvers_slowed},
		{"resolvers_dropped", "gauge", "not asked any more", t->resolvers_dropped},
		{"workers", "gauge", "threads that ask", t->workers},
	};
	struct buf text = BUF_EMPTY;
	int64_t left = seconds_left(progress, t), now_ms = clock_wall_ns() / NS_PER_MS;
	int error;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		add(&text, rows[i].name, rows[i].type, rows[i].help, (double)rows[i].value);
	add(&text, "elapsed_seconds", "gauge", "since the scan began",
	    (double)t->elapsed_ns / NS_PER_S);
	add(&text, "updated_timestamp_seconds", "gauge", "when this was written",
	    (double)now_ms / 1000);
	if (left >= 0)
		add(&text, "left_seconds", "gauge", "until the end, as far as one can tell",
		    (double)left);
	error = text.failed ? -ENOMEM : outfile_put(path, text.data, text.len);
	buf_free(&text);
	return error;
}
