/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/progress.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "io/clock.h"
#include "results/csv.h"

#define LIVE_NS	 (NS_PER_S / 2)
#define PLAIN_NS (10 * NS_PER_S)
#define UPDATE_NS NS_PER_S
#define LINE_MAX_OCTETS 256

const char *progress_start(struct progress *progress, bool quiet, const char *updates_path, const char *log_path)
{
	memset(progress, 0, sizeof(*progress));
	progress->out = quiet ? NULL : stderr;
	progress->live = isatty(STDERR_FILENO);
	progress->next_ns = progress->live ? LIVE_NS : PLAIN_NS;
	progress->next_update_ns = UPDATE_NS;
	if (log_path != NULL && (progress->log = fopen(log_path, "ae")) == NULL)
		return log_path;
	if (updates_path != NULL && (progress->updates = fopen(updates_path, "we")) == NULL)
		return updates_path;
	return NULL;
}

/* Pairs a second since `last`. */
static double rate(const struct scan_totals *last, const struct scan_totals *totals)
{
	int64_t ns = totals->elapsed_ns - last->elapsed_ns;

	return ns > 0 ? (double)(totals->pairs - last->pairs) * NS_PER_S / (double)ns : 0;
}

static double percent(uint64_t part, uint64_t whole)
{
	return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

/* 59 s -> "0:59", 3700 s -> "1:01:40". */
static void duration(char out[24], int64_t ns)
{
	int64_t s = ns / NS_PER_S;

	if (s >= 3600)
		snprintf(out, 24, "%" PRId64 ":%02d:%02d", s / 3600, (int)(s / 60 % 60), (int)(s % 60));
	else
		snprintf(out, 24, "%d:%02d", (int)(s / 60), (int)(s % 60));
}

static int format_line(const struct progress *progress, const struct scan_totals *t, char line[LINE_MAX_OCTETS])
{
	char elapsed[24], share[48] = "";
	uint64_t done = t->names + t->duplicates + t->rejected;

	duration(elapsed, t->elapsed_ns);
	/* How much is left is known once all names are read. */
	if (!t->reading && t->read > 0)
		snprintf(share, sizeof(share), "/%" PRIu64 " %.0f%%", t->read, percent(done, t->read));
	return snprintf(line, LINE_MAX_OCTETS,
			"%s  %" PRIu64 "%s names  %.0f pairs/s  %" PRIu64 " in flight  SERVFAIL %.2f%%  timeout %.2f%%  %.1f MB",
			elapsed, done, share, rate(&progress->last, t), t->in_flight, percent(t->servfail, t->pairs),
			percent(t->timeouts, t->pairs), (double)t->octets / 1e6);
}

static void show_line(struct progress *progress, const struct scan_totals *totals)
{
	char line[LINE_MAX_OCTETS];
	int len = format_line(progress, totals, line);

	if (progress->out == NULL)
		return;
	if (progress->live) {
		struct winsize size = {0};

		/* Cut to the terminal's width, so that the next one overwrites it whole. */
		if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 && len >= size.ws_col)
			len = size.ws_col - 1;
		fprintf(progress->out, "\r%.*s\033[K", len, line);
		progress->line_open = true;
	} else {
		fprintf(progress->out, "%s\n", line);
	}
	fflush(progress->out);
}

static void write_update(struct progress *progress, const struct scan_totals *t)
{
	char time[25];

	if (progress->updates == NULL)
		return;
	csv_time(time, clock_wall_ns() / NS_PER_MS);
	fprintf(progress->updates,
		"{\"time\":\"%s\",\"elapsed_ms\":%" PRId64 ",\"read\":%" PRIu64 ",\"scanned\":%" PRIu64
		",\"duplicates\":%" PRIu64 ",\"rejected\":%" PRIu64 ",\"left\":%" PRIu64 ",\"reading\":%s,\"pairs\":%" PRIu64
		",\"pairs_per_s\":%.0f,\"in_flight\":%" PRIu64 ",\"servfail\":%" PRIu64 ",\"timeouts\":%" PRIu64
		",\"queries\":%" PRIu64 ",\"octets\":%" PRIu64 ",\"evidence_names\":%" PRIu64 "}\n",
		time, (int64_t)(t->elapsed_ns / NS_PER_MS), t->read, t->names, t->duplicates, t->rejected, t->left,
		t->reading ? "true" : "false", t->pairs, rate(&progress->last_update, t), t->in_flight, t->servfail,
		t->timeouts, t->sent, t->octets, t->evidence_names);
	fflush(progress->updates);
	progress->last_update = *t;
}

void progress_show(struct progress *progress, const struct scan_totals *totals)
{
	int64_t now = totals->elapsed_ns;

	if (now >= progress->next_update_ns) {
		write_update(progress, totals);
		progress->next_update_ns = now + UPDATE_NS;
	}
	if (now < progress->next_ns)
		return;
	show_line(progress, totals);
	progress->last = *totals;
	progress->next_ns = now + (progress->live ? LIVE_NS : PLAIN_NS);
}

void progress_say(struct progress *progress, const char *format, ...)
{
	FILE *to = progress->log != NULL ? progress->log : stderr;
	char time[25];
	va_list args;

	if (to == stderr && progress->line_open)
		fputc('\n', stderr);
	if (to == stderr) {
		progress->line_open = false;
		fputs("servfail-scan: ", to);
	} else {
		csv_time(time, clock_wall_ns() / NS_PER_MS);
		fprintf(to, "%s ", time);
	}
	va_start(args, format);
	vfprintf(to, format, args);
	va_end(args);
	fputc('\n', to);
	if (fflush(to) != 0 && to != stderr) {
		/* A log that cannot be written must not swallow what it was told. */
		fprintf(stderr, "servfail-scan: the log file: %s\nservfail-scan: ", strerror(errno));
		va_start(args, format);
		vfprintf(stderr, format, args);
		va_end(args);
		fputc('\n', stderr);
	}
}

bool progress_end(struct progress *progress, const struct scan_totals *totals)
{
	bool good = true;

	/* The last line tells of the whole run. */
	memset(&progress->last, 0, sizeof(progress->last));
	memset(&progress->last_update, 0, sizeof(progress->last_update));
	show_line(progress, totals);
	write_update(progress, totals);
	if (progress->line_open)
		fputc('\n', progress->out);
	progress->line_open = false;
	if (progress->updates != NULL) {
		good = !ferror(progress->updates);
		good = fclose(progress->updates) == 0 && good;
	}
	progress->updates = NULL;
	return good;
}

void progress_close(struct progress *progress)
{
	if (progress->updates != NULL)
		fclose(progress->updates);
	if (progress->log != NULL)
		fclose(progress->log);
}
