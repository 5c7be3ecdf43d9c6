/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * servfail-scan -- asks every resolver about every name twice and writes what came back.
 *
 * Exit status: 0 done; 1 done, but something was lost or a resolver was dropped; 2 usage; 3 could not start; 4 stopped half
 * way. Only this file exits.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/clock.h"
#include "io/lines.h"
#include "results/calibration.h"
#include "results/manifest.h"
#include "scanner/calibrate.h"
#include "scanner/controls.h"
#include "scanner/dryrun.h"
#include "scanner/hints.h"
#include "scanner/limits.h"
#include "scanner/onpurpose.h"
#include "scanner/options.h"
#include "scanner/progress.h"
#include "scanner/resolvers.h"
#include "scanner/resume.h"
#include "scanner/rundir.h"
#include "scanner/scan.h"
#include "scanner/suffixes.h"

enum { EXIT_DONE, EXIT_LOSSES, EXIT_USAGE, EXIT_NOT_STARTED, EXIT_STOPPED };

/* After a signal: what is in flight may still be answered for so long. */
#define GRACE_NS   (3 * NS_PER_S)
#define LOOK_NS	   (100 * NS_PER_MS)

struct program {
	struct options options;
	struct resolvers *resolvers;
	struct suffixes *exclude;
	struct controls controls;
	struct hints hints;
	struct buf broken;		  /* names broken on purpose, as text */
	struct calibration *calibrations; /* three a resolver: before, during, after */
	int16_t *rcodes;		  /* what each said of each control before */
	struct buf calibrated;		  /* rows of resolvers.csv from before this run was resumed */
	bool *dropped;
	struct manifest *manifest;
	struct journal *journal; /* NULL: none is kept */
	bool resumed;
	struct progress progress;
	sigset_t signals;
	int64_t start_ns;
	bool losses;
	bool blind; /* that evidence cannot see has been said */
	bool nothing_to_do; /* the run to be resumed came to its end */
	const char *stopped; /* why, NULL: not */
};

#define say(program, ...) progress_say(&(program)->progress, __VA_ARGS__)

/* Says each line of text, and frees it. */
static void complain(struct program *program, struct buf *text)
{
	const char *line = buf_text(text), *end;

	for (; line != NULL && *line != '\0'; line = *end != '\0' ? end + 1 : end) {
		end = strchrnul(line, '\n');
		say(program, "%.*s", (int)(end - line), line);
	}
	buf_free(text);
}

static bool to_standard_output(const struct program *program)
{
	return program->options.output != NULL && strcmp(program->options.output, "-") == 0;
}

/* ---- before ---- */

/* There is room for evidence only in a run directory. */
static bool wants_evidence(const struct program *program)
{
	return program->options.evidence != EVIDENCE_NONE && program->options.output != NULL && !to_standard_output(program);
}

/* Resolvers this program cannot or must not ask. */
static bool check_resolvers(const struct program *program, struct buf *errors)
{
	size_t before = errors->len;

	for (size_t r = 0; program->resolvers != NULL && r < program->resolvers->count; r++) {
		const struct resolver *resolver = &program->resolvers->list[r];
		const char *why = NULL;

		if (program->exclude != NULL && suffixes_match_addr(program->exclude, &resolver->addr))
			why = "is on the list of what is never asked";
		if (why != NULL && program->options.resolvers_file != NULL)
			buf_addf(errors, "%s:%u: '%s': %s\n", program->options.resolvers_file, resolver->line, resolver->text, why);
		else if (why != NULL)
			buf_addf(errors, "resolver %s: %s\n", resolver->text, why);
	}
	return errors->len == before;
}

static int load_lists(struct program *program)
{
	struct buf errors = BUF_EMPTY, warnings = BUF_EMPTY;
	const struct options *options = &program->options;
	bool good = true;

	program->resolvers = resolvers_load(options->resolvers_file, &errors, &warnings);
	good = program->resolvers != NULL;
	if (good)
		good = resolvers_trust(program->resolvers, options->tls_ca_file, &errors);
	good = controls_load(&program->controls, options->controls_file, &errors) && good;
	if (wants_evidence(program))
		good = hints_load(&program->hints, options->root_hints_file, options->trust_anchor_file, &errors) && good;
	if (options->exclude_file != NULL) {
		program->exclude = suffixes_create();
		good = program->exclude != NULL && suffixes_load(program->exclude, options->exclude_file, &errors) && good;
	}
	good = onpurpose_load(&program->broken, options->broken_on_purpose_file, &errors) && good;
	good = check_resolvers(program, &errors) && good;
	complain(program, &warnings);
	complain(program, &errors);
	return good ? EXIT_DONE : EXIT_USAGE;
}

/* Nothing is asked of anybody when there is nothing to ask for. A single file that is missing among others is said later. */
static int check_input(struct program *program)
{
	const struct options *options = &program->options;
	struct buf errors = BUF_EMPTY;
	int bad = 0;

	for (int i = 0; i < options->name_count; i++) {
		struct stat st;
		int error = 0;

		if (strcmp(options->names[i], "-") == 0)
			continue;
		if (stat(options->names[i], &st) != 0 || access(options->names[i], R_OK) != 0)
			error = errno;
		else if (S_ISDIR(st.st_mode))
			error = EISDIR;
		if (error != 0)
			buf_addf(&errors, "%s: %s\n", options->names[i], strerror(error));
		bad += error != 0;
	}
	if (bad == 0 || bad < options->name_count) {
		buf_free(&errors);
		return EXIT_DONE;
	}
	complain(program, &errors);
	return EXIT_NOT_STARTED;
}

static bool record_option(void *owner, const char *name, const char *value)
{
	return manifest_add_option(owner, name, value);
}

/* What is asked of this run; parts and totals come later. NULL when out of memory. */
static struct manifest *make_manifest(const struct program *program)
{
	struct manifest *manifest = manifest_create();
	char host[256] = "";
	bool good;

	if (manifest == NULL)
		return NULL;
	(void)gethostname(host, sizeof(host) - 1);
	manifest->seed = (uint64_t)program->options.seed;
	manifest->start_ms = clock_wall_ns() / NS_PER_MS;
	good = manifest_set(&manifest->program, "servfail-scan") && manifest_set(&manifest->version, SERVFAIL_VERSION) &&
	       manifest_set(&manifest->host, host);
	for (size_t r = 0; good && r < program->resolvers->count; r++)
		good = manifest_add_resolver(manifest, program->resolvers->list[r].text);
	if (!good || !options_each(&program->options, record_option, manifest))
		manifest_destroy(&manifest);
	return manifest;
}

static int make_directory(struct program *program)
{
	const struct buf *broken = &program->broken;
	struct buf errors = BUF_EMPTY;
	bool good = true;

	if (!to_standard_output(program))
		good = rundir_make(program->options.output, program->options.resume, &errors);
	if (good && !to_standard_output(program) && !program->options.resume)
		good = rundir_put(program->options.output, ONPURPOSE_FILE, broken->data, broken->len, &errors);
	complain(program, &errors);
	return good ? EXIT_DONE : EXIT_NOT_STARTED;
}

/* ---- resuming ---- */

/* Without a record of a run there is none to go on with: it begins, unless it came to its end. */
static int begin_instead(struct program *program)
{
	char path[4096], why[MANIFEST_WHY_MAX];
	struct manifest *manifest;
	struct buf errors = BUF_EMPTY;
	bool complete, good;

	snprintf(path, sizeof(path), "%s/run.json", program->options.output);
	manifest = manifest_read(path, why);
	complete = manifest != NULL && manifest->complete;
	manifest_destroy(&manifest);
	if (complete) {
		say(program, "%s: the run is complete, there is nothing left to resume", program->options.output);
		program->nothing_to_do = true;
		return EXIT_DONE;
	}
	good = rundir_is_free(program->options.output, &errors) &&
	       rundir_put(program->options.output, ONPURPOSE_FILE, program->broken.data, program->broken.len, &errors);
	complain(program, &errors);
	return good ? EXIT_DONE : EXIT_NOT_STARTED;
}

/* The rows of resolvers.csv are kept: they tell what the resolvers were able to know when what is there was asked. */
static void keep_calibrations(struct program *program)
{
	char path[4096];
	struct lines *lines;
	struct line line;

	snprintf(path, sizeof(path), "%s/resolvers.csv", program->options.output);
	lines = lines_open(path);
	while (lines != NULL && lines_next(lines, &line) > 0)
		if (line.number > 1 && line.len > 0)
			buf_addf(&program->calibrated, "%.*s\n", (int)line.len, line.text);
	lines_close(&lines);
}

static int resume(struct program *program)
{
	struct buf errors = BUF_EMPTY;
	struct manifest *manifest;
	char why[MANIFEST_WHY_MAX];
	bool missing, good;

	if (!program->options.resume)
		return EXIT_DONE;
	program->journal = journal_load(program->options.output, &missing, why);
	if (program->journal == NULL && missing)
		return begin_instead(program);
	if (program->journal == NULL) {
		say(program, "%s/" JOURNAL_FILE ": %s", program->options.output, why);
		return EXIT_NOT_STARTED;
	}
	manifest = make_manifest(program);
	good = manifest != NULL && resume_check(program->journal, manifest, &program->options, &errors);
	manifest_destroy(&manifest);
	complain(program, &errors);
	program->resumed = good;
	if (good)
		keep_calibrations(program);
	return good ? EXIT_DONE : EXIT_USAGE;
}

/* What --resume needs, from the beginning on; of a run that is resumed the files are brought back to what is recorded. */
static bool keep_journal(struct program *program)
{
	struct buf errors = BUF_EMPTY;
	bool good = true;

	if (program->resumed) {
		good = rundir_take_up(program->options.output, journal_manifest(program->journal), &errors);
	} else if (!to_standard_output(program)) {
		program->journal = resume_begin(&program->options, program->resolvers, program->dropped, make_manifest(program));
		good = program->journal != NULL;
		if (!good)
			buf_add_str(&errors, "out of memory\n");
	}
	complain(program, &errors);
	return good;
}

/* The manifest of this run goes on from that of the run before. */
static bool start_manifest(struct program *program)
{
	const struct manifest *before = program->resumed ? journal_manifest(program->journal) : NULL;
	bool good = (program->manifest = make_manifest(program)) != NULL;

	if (good && before != NULL)
		program->manifest->start_ms = before->start_ms;
	for (size_t i = 0; good && before != NULL && i < before->part_count; i++)
		good = manifest_add_part(program->manifest, before->parts[i].name, before->parts[i].rows, before->parts[i].octets,
					 before->parts[i].sha256);
	return good;
}

static int fit_limits(struct program *program)
{
	struct buf text = BUF_EMPTY;
	bool good = limits_fit(&program->options, program->resolvers, &text);

	complain(program, &text);
	return good ? EXIT_DONE : EXIT_NOT_STARTED;
}

/* A standard descriptor that is closed must not become one of our files; what is opened in its place fails when used. */
static void hold_descriptors(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
}

/* Signals are taken by the main thread, between two looks at the scan. What our parent had us ignore (nohup) stays ignored. */
static void block_signals(struct program *program)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action;

	sigemptyset(&program->signals);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (sigaction(signals[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
			sigaddset(&program->signals, signals[i]);
	pthread_sigmask(SIG_BLOCK, &program->signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

/* Has a signal come, or the time run out? */
static bool told_to_stop(void *owner)
{
	static const struct timespec now;
	struct program *program = owner;
	int64_t runtime_ns = clock_mono_ns() - program->start_ns;

	if (program->stopped == NULL && sigtimedwait(&program->signals, NULL, &now) > 0)
		program->stopped = "signal";
	if (program->stopped == NULL && program->options.max_runtime_ms > 0 &&
	    runtime_ns > program->options.max_runtime_ms * NS_PER_MS)
		program->stopped = "max-runtime";
	return program->stopped != NULL;
}

static int dry_run(struct program *program)
{
	struct buf errors = BUF_EMPTY, text = BUF_EMPTY;
	struct dryrun result;
	int status = EXIT_NOT_STARTED;

	if (dryrun(&result, &program->options, program->exclude, told_to_stop, program, &errors)) {
		status = result.no_input ? EXIT_NOT_STARTED : result.input_failed ? EXIT_LOSSES : EXIT_DONE;
		if (program->stopped != NULL)
			status = EXIT_STOPPED;
		dryrun_tell(&result, &program->options, program->resolvers, &text);
	}
	complain(program, &errors);
	complain(program, &text);
	return status;
}

/* ---- calibration ---- */

/* Behind the header the rows from before the run was resumed, then those of this one. */
static bool put_calibrations(struct program *program, const char *text, size_t len, struct buf *errors)
{
	size_t header = (size_t)(strchrnul(text, '\n') - text) + 1;
	struct buf all = BUF_EMPTY;
	bool good;

	buf_add(&all, text, header);
	buf_add(&all, program->calibrated.data, program->calibrated.len);
	buf_add(&all, text + header, len - header);
	if (all.failed)
		buf_add_str(errors, "resolvers.csv: out of memory\n");
	good = !all.failed && rundir_put(program->options.output, "resolvers.csv", all.data, all.len, errors);
	buf_free(&all);
	return good;
}

static void write_calibrations(struct program *program, size_t phases)
{
	size_t rows = phases * program->resolvers->count, used;
	struct buf errors = BUF_EMPTY;
	char *text = to_standard_output(program) ? NULL : malloc((rows + 1) * CALIBRATION_MAX);

	if (to_standard_output(program))
		return;
	if (text == NULL) {
		buf_add_str(&errors, "resolvers.csv: out of memory\n");
		program->losses = true;
	} else {
		used = csv_header(text, calibration_columns);
		for (size_t i = 0; i < rows; i++)
			if (program->calibrations[i].controls_asked >= 0) /* else it was dropped before */
				used += calibration_write(text + used, &program->calibrations[i]);
		if (!put_calibrations(program, text, used, &errors))
			program->losses = true;
	}
	complain(program, &errors);
	free(text);
}

static bool calibrate_all(struct program *program, enum phase phase, struct calibration *found)
{
	struct calibrate_config config = {
		.controls = &program->controls,
		.resolvers = program->resolvers,
		.options = &program->options,
		.skip = phase == PHASE_BEFORE ? NULL : program->dropped,
		.phase = phase,
		.stop = told_to_stop,
		.owner = program,
		.rcodes = phase == PHASE_BEFORE ? program->rcodes : NULL,
	};

	return calibrate(&config, found);
}

static int calibrate_before(struct program *program)
{
	size_t count = program->resolvers->count, left = count;

	program->calibrations = calloc(3 * count, sizeof(*program->calibrations));
	program->rcodes = calloc(count * (program->controls.count + 1), sizeof(*program->rcodes));
	program->dropped = calloc(count, sizeof(*program->dropped));
	for (size_t i = 0; program->calibrations != NULL && i < 3 * count; i++)
		calibration_init(&program->calibrations[i]);
	if (program->calibrations == NULL || program->rcodes == NULL || program->dropped == NULL ||
	    !calibrate_all(program, PHASE_BEFORE, program->calibrations)) {
		say(program, "cannot ask the resolvers: %s", strerror(errno));
		return EXIT_NOT_STARTED;
	}
	for (size_t r = 0; r < count; r++) {
		const char *unfit = calibration_unfit(&program->calibrations[r]);

		if (unfit == NULL && program->resumed && journal_head(program->journal)->dropped[r])
			unfit = "was dropped when the run was begun";
		if (unfit == NULL)
			continue;
		if (program->calibrations[r].tls_problem != NULL)
			say(program, "resolver %s %s (TLS: %s): dropped", program->resolvers->list[r].text, unfit,
			    program->calibrations[r].tls_problem);
		else
			say(program, "resolver %s %s: dropped", program->resolvers->list[r].text, unfit);
		program->calibrations[r].marks |= CALIBRATION_DROPPED;
		program->dropped[r] = true;
		program->losses = true;
		left--;
	}
	write_calibrations(program, 1);
	if (left > 0)
		return EXIT_DONE;
	say(program, "no resolver is left to ask");
	return EXIT_NOT_STARTED;
}

/* After the scan. Cut short, nothing is lost but this. */
static void calibrate_after(struct program *program)
{
	bool done;

	if (program->controls.count == 0)
		return;
	write_calibrations(program, 2);
	if (program->stopped != NULL)
		return;
	done = calibrate_all(program, PHASE_AFTER, program->calibrations + 2 * program->resolvers->count);
	if (done && program->stopped == NULL)
		write_calibrations(program, 3);
	else
		say(program, "the resolvers were not looked at again after the scan: %s",
		    done ? program->stopped : strerror(errno));
	program->stopped = NULL;
}

/* ---- the manifest ---- */

static bool write_manifest(struct program *program)
{
	char path[4096];
	int error;

	if (to_standard_output(program))
		return true;
	snprintf(path, sizeof(path), "%s/run.json", program->options.output);
	error = manifest_write(program->manifest, path);
	if (error != 0)
		say(program, "%s: %s", path, strerror(-error));
	return error == 0;
}

/* ---- the scan ---- */

/* Said once, and not again when it changes. */
static void say_blind(struct program *program, const struct scan_totals *totals)
{
	if (!totals->evidence_blind || program->blind)
		return;
	program->blind = true;
	say(program, "the root servers cannot be reached from here: evidence comes from resolvers only, for what these can fetch, "
		     "and no server is looked at (--root-hints, --evidence none)");
}

static void say_gone(struct program *program, struct scan *scan)
{
	int32_t gone;

	while ((gone = scan_next_gone(scan)) >= 0) {
		say(program, "resolver %s does not answer any more, or fails every control name: dropped",
		    program->resolvers->list[gone].text);
		program->losses = true;
	}
}

/* Looks at the scan until it ends by itself or has to be ended. */
static void watch(struct program *program, struct scan *scan)
{
	const struct timespec look = {.tv_nsec = LOOK_NS};
	int64_t grace_end = INT64_MAX;
	struct scan_totals totals;

	while (!scan_ended(scan)) {
		int got = sigtimedwait(&program->signals, NULL, &look);
		int64_t now = clock_mono_ns();

		scan_totals(scan, &totals);
		say_blind(program, &totals);
		progress_show(&program->progress, &totals);
		say_gone(program, scan);
		if (got > 0 && program->stopped != NULL)
			scan_abandon(scan); /* told twice */
		else if (got > 0)
			program->stopped = "signal";
		if (scan_output_error(scan) != 0) {
			program->stopped = "output";
			scan_abandon(scan);
		}
		if (told_to_stop(program) && grace_end == INT64_MAX) {
			scan_stop(scan);
			grace_end = now + GRACE_NS;
		}
		if (now > grace_end)
			scan_abandon(scan);
	}
}

static int finish(struct program *program, struct scan **scan)
{
	struct buf errors = BUF_EMPTY;
	struct scan_totals totals;
	struct manifest *manifest = program->manifest;
	bool no_input = scan_had_no_input(*scan);

	if (!scan_finish(scan, manifest, &totals, &errors))
		program->losses = true;
	if (totals.output_failed)
		program->stopped = "output";
	if (!progress_end(&program->progress, &totals))
		buf_addf(&errors, "%s: %s\n", program->options.status_updates_file, strerror(errno));
	complain(program, &errors);
	calibrate_after(program);
	manifest->end_ms = clock_wall_ns() / NS_PER_MS;
	manifest->complete = totals.left == 0 && program->stopped == NULL && !totals.input_failed && !totals.input_changed;
	(void)manifest_set(&manifest->stopped, program->stopped != NULL ? program->stopped : totals.input_failed || totals.input_changed ? "input" : NULL);
	if (!write_manifest(program))
		program->losses = true;
	else if (manifest->complete && program->journal != NULL && journal_clear(program->journal) &&
		 !rundir_remove(program->options.output, JOURNAL_FILE, &errors))
		program->losses = true;
	complain(program, &errors);
	if (totals.input_changed) {
		say(program, "--resume: the names are not those that the run was begun with");
		return EXIT_USAGE;
	}
	if (no_input)
		return EXIT_NOT_STARTED;
	if (program->stopped != NULL)
		say(program, "stopped (%s) with %llu of the names read left", program->stopped, (unsigned long long)totals.left);
	if (program->stopped != NULL)
		return EXIT_STOPPED;
	return program->losses ? EXIT_LOSSES : EXIT_DONE;
}

static int run(struct program *program)
{
	struct scan_config config = {
		.options = &program->options,
		.resolvers = program->resolvers,
		.exclude = program->exclude,
		.calibrations = program->calibrations,
		.dropped = program->dropped,
		.hints = wants_evidence(program) ? &program->hints : NULL,
		.controls = &program->controls,
		.rcodes = program->rcodes,
		.during = program->calibrations + program->resolvers->count,
	};
	struct buf errors = BUF_EMPTY;
	struct scan *scan;

	if (!keep_journal(program))
		return EXIT_NOT_STARTED;
	if (!start_manifest(program)) {
		say(program, "out of memory");
		return EXIT_NOT_STARTED;
	}
	config.journal = program->journal;
	scan = scan_start(&config, &errors);
	complain(program, &errors);
	if (scan == NULL)
		return EXIT_NOT_STARTED;
	if (program->stopped != NULL) /* while the resolvers were greeted */
		scan_abandon(scan);
	watch(program, scan);
	return finish(program, &scan);
}

static void clean_up(struct program *program)
{
	manifest_destroy(&program->manifest);
	journal_destroy(&program->journal);
	buf_free(&program->calibrated);
	resolvers_destroy(&program->resolvers);
	suffixes_destroy(&program->exclude);
	buf_free(&program->broken);
	free(program->calibrations);
	free(program->rcodes);
	free(program->dropped);
	progress_close(&program->progress);
}

/* All there is to do before the scan, in order; the first one that fails ends it. */
static int prepare(struct program *program)
{
	int (*const steps[])(struct program *) = {load_lists, fit_limits, check_input, make_directory, resume, calibrate_before};
	int status = EXIT_DONE;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && status == EXIT_DONE && !program->nothing_to_do; i++)
		status = steps[i](program);
	return status;
}

int main(int argc, char **argv)
{
	struct program program = {.start_ns = clock_mono_ns()};
	const struct options *options = &program.options;
	const char *bad_path;
	int status;

	hold_descriptors();
	status = options_parse(&program.options, argc, argv, stdout, stderr);
	if (status != OPTIONS_GO)
		return status;
	block_signals(&program);
	limits_raise();
	bad_path = progress_start(&program.progress, options->quiet, options->status_updates_file, options->log_file);
	if (bad_path != NULL) {
		fprintf(stderr, "servfail-scan: %s: %s\n", bad_path, strerror(errno));
		status = EXIT_NOT_STARTED;
	} else if (options->dry_run) {
		status = load_lists(&program);
		if (status == EXIT_DONE)
			status = dry_run(&program);
	} else {
		status = prepare(&program);
		if (status == EXIT_DONE && !program.nothing_to_do)
			status = run(&program);
	}
	clean_up(&program);
	return status;
}
