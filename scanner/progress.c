/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/progress.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "io/clock.h"
#include "io/outfile.h"
#include "results/rows/csv.h"

#define LIVE_NS	   (NS_PER_S / 2)
#define PLAIN_NS   (10 * NS_PER_S)
#define UPDATE_NS  NS_PER_S
#define METRICS_NS (10 * NS_PER_S)

static bool is_terminal(void)
{
	const char *term = getenv("TERM");

	return isatty(STDERR_FILENO) && (term == NULL || strcmp(term, "dumb") != 0);
}

/* The file itself stays as it is until there is something to say. */
static bool can_be_made(const char *path)
{
	struct outfile *file = outfile_create(path);
	bool good = file != NULL;

	outfile_abandon(&file);
	return good;
}

const char *progress_start(struct progress *progress, const struct options *options)
{
	const char *no_color = getenv("NO_COLOR");

	memset(progress, 0, sizeof(*progress));
	progress->options = options;
	progress->live = is_terminal();
	/* Who asks for an explanation wants that, and to see that something happens. */
	if (!options->quiet && (!options->explain || progress->live))
		progress->out = stderr;
	progress->colour = progress->live && (no_color == NULL || *no_color == '\0');
	progress->next_ns = progress->live ? LIVE_NS : PLAIN_NS;
	progress->next_update_ns = UPDATE_NS;
	if (options->dry_run) /* writes nothing, and is read at once */
		return NULL;
	if (options->log_file != NULL && (progress->log = fopen(options->log_file, "ae")) == NULL)
		return options->log_file;
	if (options->status_updates_file != NULL &&
	    (progress->updates = fopen(options->status_updates_file, "we")) == NULL)
		return options->status_updates_file;
	if (options->metrics_file != NULL && !can_be_made(options->metrics_file))
		return options->metrics_file;
	return NULL;
}

double progress_rate(const struct scan_totals *last, const struct scan_totals *totals)
{
	int64_t ns = totals->elapsed_ns - last->elapsed_ns;

	return ns > 0 ? (double)(totals->pairs - last->pairs) * NS_PER_S / (double)ns : 0;
}

/* ---- the line ---- */

static unsigned terminal_width(void)
{
	struct winsize size = {0};

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : 80;
}

/* Takes the live line away. A terminal that became narrower has broken it into several; these stay:
 * where they are now, only the terminal knows. */
static void erase(struct progress *progress, unsigned width)
{
	bool broken = progress->line_open && progress->line_wide > width;

	fputs(broken ? "\n\r\033[K" : "\r\033[K", progress->out);
	progress->line_open = false;
}

static void show_line(struct progress *progress, const struct scan_totals *totals)
{
	char line[PROGRESS_LINE_MAX];

	if (progress->out == NULL)
		return;
	if (progress->live) {
		unsigned width = terminal_width();

		erase(progress, width);
		/* The last column is left free: some terminals go on in the next line there. */
		progress->line_wide = progress_line(progress, totals, width - 1, line);
		fputs(line, progress->out);
		progress->line_open = true;
	} else {
		progress_line(progress, totals, PROGRESS_LINE_MAX, line);
		fprintf(progress->out, "%s\n", line);
	}
	fflush(progress->out);
}

static void write_metrics(struct progress *progress, const struct scan_totals *totals, bool running)
{
	const char *path = progress->options->metrics_file;
	int error = path != NULL ? -progress_metrics(path, progress, totals, running) : 0;

	/* Said once: a full disk may have room again. */
	if (error != 0 && progress->metrics_error == 0)
		progress_say(progress, "%s: %s", path, strerror(error));
	progress->metrics_error = error;
}

void progress_show(struct progress *progress, const struct scan_totals *totals)
{
	int64_t now = totals->elapsed_ns;

	estimate_look(&progress->estimate, totals);
	if (now >= progress->next_update_ns) {
		if (progress->updates != NULL)
			progress_update(progress->updates, progress, totals);
		progress->last_update = *totals;
		progress->next_update_ns = now + UPDATE_NS;
	}
	if (now >= progress->next_metrics_ns) {
		write_metrics(progress, totals, true);
		progress->next_metrics_ns = now + METRICS_NS;
	}
	if (now < progress->next_ns)
		return;
	show_line(progress, totals);
	progress->last = *totals;
	progress->next_ns = now + (progress->live ? LIVE_NS : PLAIN_NS);
}

/* ---- messages ---- */

void progress_say(struct progress *progress, const char *format, ...)
{
	FILE *to = progress->log != NULL ? progress->log : stderr;
	char time[25];
	va_list args;

	if (to == stderr && progress->line_open)
		erase(progress, terminal_width()); /* it comes again, below */
	if (to == stderr) {
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
		fprintf(stderr,
			"servfail-scan: the log file: %s\nservfail-scan: ", strerror(errno));
		va_start(args, format);
		vfprintf(stderr, format, args);
		va_end(args);
		fputc('\n', stderr);
	}
}

void progress_tell(struct progress *progress, const struct scan_totals *t)
{
	char line[PROGRESS_LINE_MAX], text[24];
	int64_t left = estimate_left(&progress->estimate, t, progress->options->name_count,
				     progress->options->recheck_ms * NS_PER_MS);

	progress_line(progress, t, PROGRESS_LINE_MAX, line);
	progress_say(progress, "status: %s", line);
	progress_say(progress,
		     "status: names: %" PRIu64 " read%s, %" PRIu64 " done, %" PRIu64
		     " duplicates, %" PRIu64 " rejected (%" PRIu64 " excluded), %" PRIu64 " left",
		     t->read, t->reading ? " so far" : ", all", t->names, t->duplicates,
		     t->rejected, t->excluded, t->left);
	progress_say(progress,
		     "status: pairs: %" PRIu64 " done, %" PRIu64 " in flight, %" PRIu64
		     " not clean, %" PRIu64 " SERVFAIL, %" PRIu64 " timeouts, %" PRIu64
		     " of overloaded resolvers",
		     t->pairs, t->in_flight, t->unclean, t->servfail, t->timeouts, t->overloaded);
	progress_say(progress,
		     "status: messages: %" PRIu64 " sent, %" PRIu64 " of them again, %" PRIu64
		     " received, %" PRIu64 " queries answered, %" PRIu64 " connections; %" PRIu64
		     " workers",
		     t->sent, t->sent_again, t->received, t->answered, t->streams, t->workers);
	progress_say(progress,
		     "status: asked again: %" PRIu64 " names, %" PRIu64
		     " waiting; evidence: %" PRIu64 " names, %" PRIu64 " probes, %" PRIu64
		     " names waiting",
		     t->rechecked, t->recheck_waiting, t->evidence_names, t->evidence_probes,
		     t->evidence_waiting);
	progress_say(progress,
		     "status: resolvers: %" PRIu64 ", %" PRIu64 " slowed, %" PRIu64
		     " dropped; at most %.0f queries a second in all; left: %s",
		     t->resolvers, t->resolvers_slowed, t->resolvers_dropped, t->rate,
		     left < 0 ? "not known" : progress_duration(left, text));
}

/* ---- the end ---- */

/* Closes a file that was written to; errno is set where something went wrong. */
static bool close_whole(FILE **file)
{
	bool good = !ferror(*file);

	good = fclose(*file) == 0 && good;
	*file = NULL;
	return good;
}

const char *progress_end(struct progress *progress, const struct scan_totals *totals)
{
	/* The last line tells of the whole run. */
	memset(&progress->last, 0, sizeof(progress->last));
	memset(&progress->last_update, 0, sizeof(progress->last_update));
	if (progress->options->explain && progress->out != NULL)
		erase(progress, terminal_width());
	else
		show_line(progress, totals);
	if (progress->line_open)
		fputc('\n', progress->out);
	progress->line_open = false;
	progress->line_wide = 0;
	write_metrics(progress, totals, false);
	if (progress->updates == NULL)
		return NULL;
	progress_update(progress->updates, progress, totals);
	return close_whole(&progress->updates) ? NULL : progress->options->status_updates_file;
}

void progress_close(struct progress *progress)
{
	if (progress->updates != NULL)
		fclose(progress->updates);
	if (progress->log != NULL)
		fclose(progress->log);
}
