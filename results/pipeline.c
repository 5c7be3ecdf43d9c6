/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/pipeline.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "io/sorter.h"
#include "results/intake.h"
#include "results/report.h"
#include "results/runs.h"
#include "results/settle.h"
#include "results/verdicts.h"

/* What each thread takes beside what is sorted: blocks, members, units. */
#define THREAD_OCTETS (6U << 20)
#define LEAST_OCTETS  (8U << 20)

struct pipeline {
	const struct pipeline_plan *plan;
	size_t memory; /* for what is sorted */
	struct panel *panel;
	struct tally *tally;
	struct expected *expected;
	struct runs *runs;
	struct sorter *pieces;
	struct shared *shared;
	bool lost;
};

static void lose(struct pipeline *p, const char *what, const char *why)
{
	p->lost = true;
	fprintf(stderr, "servfail-aggregate: %s: %s\n", what, why);
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
	p->panel = panel_create();
	p->tally = tally_create();
	p->expected = expected_create();
	runs = (struct runs_plan){p->panel, p->tally, p->expected, plan->verify, stderr};
	p->runs = runs_create(&runs);
	p->pieces = sorter_create(&pieces);
	p->shared = shared_create(&shared);
	return p->panel && p->tally && p->expected && p->runs && p->pieces && p->shared;
}

static void end(struct pipeline *p)
{
	runs_destroy(&p->runs);
	sorter_destroy(&p->pieces);
	shared_destroy(&p->shared);
	panel_destroy(&p->panel);
	tally_destroy(&p->tally);
	expected_destroy(&p->expected);
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

static bool read_runs(struct pipeline *p)
{
	struct intake intake = {.resolver_of = runs_resolver_of,
				.shared = p->shared,
				.sorter = p->pieces,
				.threads = p->plan->threads,
				.tally = p->tally};
	enum runs_result result;
	int error;

	intake.parts = runs_parts(p->runs, &intake.part_count);
	error = intake_read(&intake);
	result = runs_finish(p->runs);
	p->lost |= result == RUNS_DAMAGED;
	if (error)
		lose(p, "reading", strerror(-error));
	return !error && result != RUNS_UNREADABLE;
}

/* ---- judging ---- */

static const char *path_of(const struct pipeline *p, const char *file, char path[4096])
{
	snprintf(path, 4096, "%s/%s", p->plan->folder, file);
	return path;
}

static int settle_all(struct pipeline *p)
{
	char path[4096];
	struct settle_plan plan = {.panel = p->panel,
				   .sorter = p->pieces,
				   .shared = p->shared,
				   .threads = p->plan->threads,
				   .path = path_of(p, "questions.gz", path)};
	uint64_t damaged;
	int error = panel_settle(p->panel, p->tally) ? 0 : -ENOMEM;

	if (!error)
		error = sorter_finish(p->pieces);
	if (!error)
		error = settle(&plan, &damaged);
	sorter_destroy(&p->pieces); /* its memory is for what follows */
	return error ? error : shared_settle(p->shared);
}

static bool judge_all(struct pipeline *p)
{
	struct verdicts_plan plan = {.panel = p->panel,
				     .shared = p->shared,
				     .expected = p->expected,
				     .tally = p->tally,
				     .threads = p->plan->threads,
				     .memory = p->memory / 4,
				     .folder = p->plan->folder};
	int error = settle_all(p), written = 0;

	if (!error && !runs_own_expected(p->runs) && !expected_add_defaults(p->expected))
		error = -ENOMEM;
	if (!error)
		error = verdicts_make(&plan, &written);
	if (error)
		lose(p, "judging", strerror(-error));
	if (written)
		lose(p, "verdicts.csv.gz", strerror(-written));
	return !error;
}

/* ---- the report ---- */

static void write_report(struct pipeline *p)
{
	char path[4096], verdicts[4096];
	int error = report_json(p->tally, path_of(p, "summary.json", path));

	if (error)
		lose(p, path, strerror(-error));
	error = report_text(p->tally, path_of(p, "summary.txt", path));
	if (error)
		lose(p, path, strerror(-error));
	error = report_html(p->tally, path_of(p, "verdicts.csv.gz", verdicts),
			    path_of(p, "report.html", path));
	if (error)
		lose(p, path, strerror(-error));
}

static void show(const struct pipeline *p)
{
	const struct tally *tally = p->tally;

	fprintf(stderr,
		"servfail-aggregate: %llu questions: %llu ok, %llu failing, %llu partial, %llu "
		"unknown; see %s/summary.txt\n",
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
	} else if (open_runs(&p) && read_runs(&p)) {
		if (judge_all(&p)) {
			write_report(&p);
			if (!plan->quiet)
				show(&p);
		}
		result = p.lost ? PIPELINE_LOST : PIPELINE_DONE;
	}
	end(&p);
	return result;
}
