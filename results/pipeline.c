/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/pipeline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/sorter.h"
#include "results/sort/intake.h"
#include "results/sort/merge.h"
#include "results/sort/previous.h"
#include "results/report/report.h"
#include "results/sort/runs.h"
#include "results/sort/settle.h"
#include "results/sort/ticker.h"
#include "results/sort/verdicts.h"

/* What each thread takes beside what is sorted: blocks, members, units. */
#define THREAD_OCTETS (6U << 20)
#define LEAST_OCTETS  (8U << 20)

struct pipeline {
	const struct pipeline_plan *plan;
	size_t memory; /* for what is sorted */
	struct head head;
	struct runs *runs;
	struct sorter *pieces;
	struct previous *previous; /* NULL: nothing is compared */
	struct trend trend;
	bool lost, written; /* written: verdicts.csv.gz is */
};

static void lose(struct pipeline *p, const char *what, const char *why)
{
	p->lost = true;
	fprintf(p->plan->messages, "%s: %s\n", what, why);
}

/* The report directory, where files to sort in are too, cannot take it. */
static void lose_work(struct pipeline *p, const char *what, int error)
{
	p->lost = true;
	fprintf(p->plan->messages, "%s: %s: %s; there is no report\n", p->plan->folder, what,
		strerror(-error));
}

static const char *path_of(const struct pipeline *p, const char *file, char path[4096])
{
	snprintf(path, 4096, "%s/%s", p->plan->folder, file);
	return path;
}

static bool begin(struct pipeline *p)
{
	const struct pipeline_plan *plan = p->plan;
	size_t taken = plan->threads * THREAD_OCTETS;
	struct sorter_plan pieces = {plan->folder, 0, plan->threads};
	struct shared_plan shared = {plan->folder, 0, plan->threads};
	struct runs_plan runs;

	p->memory = plan->memory > taken + LEAST_OCTETS ? plan->memory - taken : LEAST_OCTETS;
	pieces.memory = p->memory / 8 * 6;
	shared.memory = p->memory / 8;
	p->head.panel = panel_create();
	p->head.tally = tally_create();
	p->head.expected = expected_create();
	runs = (struct runs_plan){p->head.panel, p->head.tally, p->head.expected, plan->verify,
				  plan->messages};
	p->runs = runs_create(&runs);
	p->pieces = sorter_create(&pieces);
	p->head.shared = shared_create(&shared);
	return p->head.panel && p->head.tally && p->head.expected && p->runs && p->pieces &&
	       p->head.shared;
}

static void end(struct pipeline *p)
{
	runs_destroy(&p->runs);
	sorter_destroy(&p->pieces);
	shared_destroy(&p->head.shared);
	panel_destroy(&p->head.panel);
	tally_destroy(&p->head.tally);
	expected_destroy(&p->head.expected);
	previous_close(&p->previous);
	trend_clear(&p->trend);
}

/* ---- reading ---- */

/* The first thing of all: what there is. False: nothing, or an error that was said. */
static bool open_runs(struct pipeline *p)
{
	for (size_t i = 0; i < p->plan->count; i++) {
		switch (runs_add(p->runs, p->plan->paths[i])) {
		case RUNS_UNREADABLE:
			return false;
		case RUNS_NO_MEMORY:
			lose(p, p->plan->paths[i], strerror(ENOMEM));
			return false;
		default:
			break;
		}
	}
	return true;
}

static enum pipeline_result read_runs(struct pipeline *p)
{
	struct intake intake = {.resolver_of = runs_resolver_of,
				.shared = p->head.shared,
				.sorter = p->pieces,
				.threads = p->plan->threads,
				.tally = p->head.tally};
	struct ticker *ticker = NULL;
	enum runs_result result;
	int error;

	intake.parts = runs_parts(p->runs, &intake.part_count);
	if (!p->plan->quiet)
		ticker = ticker_start("reading", intake.parts, intake.part_count);
	error = intake_read(&intake);
	ticker_stop(&ticker);
	if (error) { /* not for the parts' fault */
		lose_work(p, "sorting what was read", error);
		return PIPELINE_LOST;
	}
	result = runs_finish(p->runs);
	p->lost |= result == RUNS_DAMAGED;
	p->head.own_expected = runs_own_expected(p->runs);
	return result == RUNS_UNREADABLE ? PIPELINE_NOTHING : PIPELINE_DONE;
}

/* PIPELINE_DONE: go on. */
static enum pipeline_result read_all(struct pipeline *p)
{
	if (!p->plan->merge)
		return open_runs(p) ? read_runs(p) : PIPELINE_NOTHING;
	return merge_open(p->plan->paths, p->plan->count, &p->head, p->pieces, p->plan->messages)
		       ? PIPELINE_DONE
		       : PIPELINE_NOTHING;
}

/* ---- the report before ---- */

/* What is wrong with it costs the comparison, not the report. */
static void find_previous(struct pipeline *p)
{
	struct night now = night_of(p->head.tally, false);
	char *dir = NULL;

	if (!p->plan->previous)
		return;
	switch (trend_find(&p->trend, p->plan->previous, &now, p->plan->folder, p->plan->messages,
			   &dir)) {
	case TREND_FIRST:
		if (!p->plan->quiet)
			fprintf(p->plan->messages, "%s: no earlier report there\n",
				p->plan->previous);
		break;
	case TREND_DAMAGED:
		p->lost = true;
		break;
	default:
		break;
	}
	if (dir && !(p->previous = previous_open(dir, p->plan->messages)))
		p->lost = true;
	free(dir);
}

static void finish_previous(struct pipeline *p)
{
	char path[4096];

	if (!p->previous) { /* of another comparison */
		if (unlink(path_of(p, "changes.csv.gz", path)) != 0 && errno != ENOENT)
			lose(p, path, strerror(errno));
		return;
	}
	previous_tell(p->previous);
	if (previous_damaged(p->previous))
		lose(p, p->plan->previous,
		     "some of the earlier report could not be read; questions that may have been "
		     "there are not compared");
}

/* ---- judging ---- */

static int settle_all(struct pipeline *p)
{
	char path[4096];
	struct settle_plan plan = {.head = p->head,
				   .sorter = p->pieces,
				   .threads = p->plan->threads,
				   .path = path_of(p, "questions.gz", path)};
	struct settle_losses losses = {0, 0};
	int error = panel_settle(p->head.panel, p->head.tally) ? 0 : -ENOMEM;

	if (!error)
		error = sorter_finish(p->pieces);
	if (!error)
		shared_begin(p->head.shared);
	if (!error)
		error = settle(&plan, &losses);
	p->lost |= merge_tell(p->plan->paths, p->pieces, p->plan->messages) > 0;
	if (losses.damaged)
		lose(p, "merging", "some questions of a report are damaged; they do not count");
	if (losses.overlaps)
		lose(p, "merging",
		     "some questions are in several reports; their clean answers have "
		     "no times any more, and sums of rows count twice");
	sorter_destroy(&p->pieces); /* its memory is for what follows */
	return error ? error : shared_settle(p->head.shared);
}

static bool judge_all(struct pipeline *p)
{
	struct verdicts_plan plan = {.panel = p->head.panel,
				     .shared = p->head.shared,
				     .expected = p->head.expected,
				     .tally = p->head.tally,
				     .threads = p->plan->threads,
				     .memory = p->memory / 4,
				     .folder = p->plan->folder};
	int error = settle_all(p), written = 0;

	if (!error)
		find_previous(p);
	plan.previous = p->previous;
	if (!error && !p->head.own_expected && !expected_add_defaults(p->head.expected))
		error = -ENOMEM;
	if (!error)
		error = verdicts_make(&plan, &written);
	if (error)
		lose_work(p, "judging", error);
	if (written)
		lose(p, p->previous ? "verdicts.csv.gz or changes.csv.gz" : "verdicts.csv.gz",
		     strerror(-written));
	p->written = !written;
	finish_previous(p);
	return !error;
}

/* ---- the report ---- */

static void write_report(struct pipeline *p)
{
	struct report report = {p->head.tally, &p->trend, p->previous != NULL, p->plan->threads};
	struct night now = night_of(p->head.tally, report.compared);
	char path[4096], verdicts[4096], why[CSV_WHY_MAX];
	int error = trend_add(&p->trend, &now)
			    ? report_json(&report, path_of(p, "summary.json", path))
			    : -ENOMEM;

	if (error)
		lose(p, path, strerror(-error));
	error = report_text(&report, path_of(p, "summary.txt", path));
	if (error)
		lose(p, path, strerror(-error));
	if (!p->written) { /* an older one may lie there */
		lose(p, path_of(p, "report.html", path), "not made without verdicts.csv.gz");
		return;
	}
	if (!report_html(&report, path_of(p, "verdicts.csv.gz", verdicts),
			 path_of(p, "report.html", path), why))
		lose(p, path, why);
}

static void show(const struct pipeline *p)
{
	const struct tally *tally = p->head.tally;

	fprintf(p->plan->messages,
		"%llu questions: %llu ok, %llu failing, %llu partial, %llu unknown; see "
		"%s/summary.txt\n",
		(unsigned long long)tally->questions, (unsigned long long)tally->status[STATUS_OK],
		(unsigned long long)tally->status[STATUS_FAILING],
		(unsigned long long)tally->status[STATUS_PARTIAL],
		(unsigned long long)tally->status[STATUS_UNKNOWN], p->plan->folder);
}

enum pipeline_result pipeline_run(const struct pipeline_plan *plan)
{
	struct pipeline p = {.plan = plan};
	enum pipeline_result result = PIPELINE_NOTHING;

	if (!begin(&p)) {
		lose(&p, "start", strerror(ENOMEM));
	} else if ((result = read_all(&p)) == PIPELINE_DONE) {
		struct ticker *ticker = plan->quiet ? NULL : ticker_start("judging", NULL, 0);
		bool judged = judge_all(&p);

		ticker_stop(&ticker);
		if (judged) {
			write_report(&p);
			if (!plan->quiet)
				show(&p);
		}
		result = p.lost ? PIPELINE_LOST : PIPELINE_DONE;
	}
	end(&p);
	return result;
}
