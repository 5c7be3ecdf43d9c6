/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/program.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/clock.h"
#include "scanner/run/rundir.h"
#include "scanner/scan/scan.h"

/* After a signal: what is in flight may still be answered for so long. */
#define GRACE_NS     (3 * NS_PER_S)
#define LOOK_NS	     (100 * NS_PER_MS)
#define FORGED_MANY  100
#define FORGED_SHARE 10000 /* one in so many */

/* Said once, and not again when it changes. */
static void say_blind(struct program *program, const struct scan_totals *totals)
{
	if (!totals->evidence_blind || program->blind)
		return;
	program->blind = true;
	say(program, "the root servers cannot be reached from here: evidence comes from resolvers "
		     "only, for what these can fetch, "
		     "and no server is looked at (--root-hints, --evidence none)");
}

static void say_gone(struct program *program, struct scan *scan)
{
	int32_t gone;

	while ((gone = scan_next_gone(scan)) >= 0) {
		say(program,
		    "resolver %s does not answer any more, or fails every control name: dropped",
		    program->resolvers->list[gone].text);
		program->losses = true;
	}
}

/* SIGUSR2: the rates, as --config says now. */
static void reread_rates(struct program *program, struct scan *scan)
{
	char *said = NULL;
	size_t len = 0;
	FILE *err = open_memstream(&said, &len);
	int64_t rate, resolver_rate;
	bool good = err != NULL && options_reread(&program->options, &rate, &resolver_rate, err);

	if (err != NULL)
		fclose(err);
	if (good) {
		scan_set_rates(scan, rate, resolver_rate);
		say(program, "from now on: rate %lld, resolver-rate %lld", (long long)rate,
		    (long long)resolver_rate);
	} else {
		say(program, "SIGUSR2: the rates stay: %.*s",
		    said != NULL ? (int)strcspn(said, "\n") : 0, said != NULL ? said : "");
	}
	free(said);
}

static void answer_signals(struct program *program, struct scan *scan,
			   const struct scan_totals *totals)
{
	if (program->asked_status)
		progress_tell(&program->progress, totals);
	if (program->asked_rate && program->options.config_file == NULL)
		say(program, "SIGUSR2: there is no --config to read the rates from");
	else if (program->asked_rate)
		reread_rates(program, scan);
	program->asked_status = program->asked_rate = false;
}

/* Said once when no resolver is heard any more, and once when one is. Too long: the run ends, and
 * can be gone on with. */
static void say_silence(struct program *program, struct scan *scan)
{
	int64_t silence_ns = scan_silence_ns(scan), most_ms = program->options.max_silence_ms;

	if (silence_ns > 0 && program->silence_ns == 0)
		say(program,
		    "no resolver is heard any more, as if the network were gone: no names are "
		    "taken until one is (--max-silence)");
	else if (silence_ns == 0 && program->silence_ns > 0)
		say(program,
		    "resolvers are heard again, after %lld s: what was asked meanwhile is asked "
		    "anew",
		    (long long)(program->silence_ns / NS_PER_S));
	program->silence_ns = silence_ns;
	if (program->stopped != NULL || most_ms == 0 || silence_ns <= most_ms * NS_PER_MS)
		return;
	program->stopped = "silence";
	scan_abandon(scan);
}

/* Looks at the scan until it ends by itself or has to be ended. */
static void watch(struct program *program, struct scan *scan)
{
	int64_t grace_end = INT64_MAX;
	struct scan_totals totals;

	while (!scan_ended(scan)) {
		bool signalled = program_is_signalled(program, LOOK_NS);
		int64_t now = clock_mono_ns();

		scan_tend(scan);
		scan_totals(scan, &totals);
		say_blind(program, &totals);
		program->progress.stopping = grace_end < INT64_MAX;
		progress_show(&program->progress, &totals);
		say_gone(program, scan);
		say_silence(program, scan);
		answer_signals(program, scan, &totals);
		if (signalled && program->stopped != NULL)
			scan_abandon(scan); /* told twice */
		else if (signalled)
			program->stopped = "signal";
		if (scan_output_error(scan) != 0) {
			program->stopped = "output";
			scan_abandon(scan);
		}
		if (program_told_to_stop(program) && grace_end == INT64_MAX) {
			scan_stop(scan);
			grace_end = now + GRACE_NS;
		}
		if (now > grace_end)
			scan_abandon(scan);
	}
}

/* Fewer, or a smaller share of what came in, is the noise of the Internet. */
static void say_forged(struct program *program, const struct scan_totals *totals)
{
	uint64_t forged = totals_forged(totals);

	if (forged >= FORGED_MANY && forged * FORGED_SHARE >= totals->received)
		say(program,
		    "%llu messages answer nothing that was asked and may be forged: none was "
		    "believed, and %llu queries were asked again over TCP",
		    (unsigned long long)forged, (unsigned long long)totals->distrusted);
}

static int finish(struct program *program, struct scan **scan)
{
	struct buf errors = BUF_EMPTY;
	struct scan_totals totals;
	struct manifest *manifest = program->manifest;
	bool no_input = scan_had_no_input(*scan), no_names = scan_had_no_names(*scan);
	const char *bad_path;

	if (!scan_finish(scan, manifest, &totals, &errors))
		program->losses = true;
	if (totals.output_failed)
		program->stopped = "output";
	bad_path = progress_end(&program->progress, &totals);
	if (bad_path != NULL)
		buf_addf(&errors, "%s: %s\n", bad_path, strerror(errno));
	program_complain(program, &errors);
	say_forged(program, &totals);
	program_calibrate_after(program);
	manifest->end_ms = clock_wall_ns() / NS_PER_MS;
	manifest->complete = totals.left == 0 && program->stopped == NULL && !totals.input_failed &&
			     !totals.input_changed;
	(void)manifest_set(&manifest->stopped, program->stopped != NULL ? program->stopped
					       : totals.input_failed || totals.input_changed
						       ? "input"
						       : NULL);
	if (!program_write_manifest(program))
		program->losses = true;
	else if (manifest->complete && program->journal != NULL &&
		 journal_clear(program->journal) &&
		 !rundir_remove(program->options.output, JOURNAL_FILE, &errors))
		program->losses = true;
	program_complain(program, &errors);
	if (totals.input_changed) {
		say(program, "--resume: the names are not those that the run was begun with");
		return EXIT_USAGE;
	}
	if (no_input)
		return EXIT_NOT_STARTED;
	if (program->stopped != NULL)
		say(program, "stopped (%s) with %llu of the names read left", program->stopped,
		    (unsigned long long)totals.left);
	if (program->stopped != NULL)
		return EXIT_STOPPED;
	if (no_names)
		return EXIT_USAGE;
	return program->losses ? EXIT_LOSSES : EXIT_DONE;
}

int program_scan(struct program *program)
{
	struct scan_config config = {
		.options = &program->options,
		.resolvers = program->resolvers,
		.exclude = program->exclude,
		.calibrations = program->calibrations,
		.dropped = program->dropped,
		.hints = program->options.evidence != EVIDENCE_NONE ? &program->hints : NULL,
		.controls = &program->controls,
		.rcodes = program->rcodes,
		.during = program->calibrations + program->resolvers->count,
	};
	struct buf errors = BUF_EMPTY;
	struct scan *scan;

	if (!program_keep_journal(program))
		return EXIT_NOT_STARTED;
	if (!program_start_manifest(program)) {
		say(program, "out of memory");
		return EXIT_NOT_STARTED;
	}
	config.journal = program->journal;
	scan = scan_start(&config, &errors);
	program_complain(program, &errors);
	if (scan == NULL)
		return EXIT_NOT_STARTED;
	if (program->stopped != NULL) /* while the resolvers were greeted */
		scan_abandon(scan);
	watch(program, scan);
	return finish(program, &scan);
}
