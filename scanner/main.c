/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * servfail-scan -- asks every resolver about every name twice and writes what came back.
 *
 * Exit status: 0 done; 1 done, but something was lost or a resolver was dropped; 2 usage; 3 could not start; 4 stopped half
 * way. Only this file exits.
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/clock.h"
#include "io/outfile.h"
#include "io/random.h"
#include "results/calibration.h"
#include "results/manifest.h"
#include "scanner/calibrate.h"
#include "scanner/hints.h"
#include "scanner/options.h"
#include "scanner/progress.h"
#include "scanner/resolvers.h"
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
	struct calibration *calibrations; /* two a resolver: before, after */
	bool *dropped;
	struct manifest *manifest;
	struct progress progress;
	sigset_t signals;
	bool losses;
	const char *stopped; /* why, NULL: not */
};

/* Prints lines, each with the program's name in front. */
static void complain(struct program *program, struct buf *text)
{
	const char *line = buf_text(text), *end;

	for (; line != NULL && *line != '\0'; line = *end != '\0' ? end + 1 : end) {
		char one[1024];

		end = strchrnul(line, '\n');
		snprintf(one, sizeof(one), "%.*s", (int)(end - line), line);
		progress_say(&program->progress, one);
	}
	buf_clear(text);
}

/* ---- before ---- */

/* There is room for evidence only in a run directory. */
static bool wants_evidence(const struct options *options)
{
	return options->evidence != EVIDENCE_NONE && options->output != NULL && strcmp(options->output, "-") != 0;
}

static int load_lists(struct program *program)
{
	struct buf errors = BUF_EMPTY, warnings = BUF_EMPTY;
	const struct options *options = &program->options;
	bool good = true;

	program->resolvers = resolvers_load(options->resolvers_file, &errors, &warnings);
	good = program->resolvers != NULL;
	good = controls_load(&program->controls, options->controls_file, &errors) && good;
	if (wants_evidence(options))
		good = hints_load(&program->hints, options->root_hints_file, options->trust_anchor_file, &errors) && good;
	if (options->exclude_file != NULL) {
		program->exclude = suffixes_create();
		good = program->exclude != NULL && suffixes_load(program->exclude, options->exclude_file, &errors) && good;
	}
	complain(program, &warnings);
	complain(program, &errors);
	buf_free(&warnings);
	buf_free(&errors);
	if (!good)
		return EXIT_USAGE;
	for (size_t r = 0; r < program->resolvers->count; r++) {
		if (program->resolvers->list[r].transport != TRANSPORT_TLS)
			continue;
		fprintf(stderr, "servfail-scan: %s: this version does not speak TLS\n", program->resolvers->list[r].text);
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

/* The run directory is made here, and must not hold a run already. */
static int make_directory(const struct program *program)
{
	const char *dir = program->options.output;
	char path[4096];

	if (strcmp(dir, "-") == 0)
		return EXIT_DONE;
	if (mkdir(dir, 0777) != 0 && errno != EEXIST) {
		fprintf(stderr, "servfail-scan: %s: %s\n", dir, strerror(errno));
		return EXIT_NOT_STARTED;
	}
	snprintf(path, sizeof(path), "%s/run.json", dir);
	if (access(path, F_OK) == 0) {
		fprintf(stderr, "servfail-scan: %s holds a run already\n", dir);
		return EXIT_NOT_STARTED;
	}
	return EXIT_DONE;
}

/* As many descriptors as the system lets us have: sockets are counted in resolvers and threads. */
static void raise_limits(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* Signals are taken by the main thread, between two looks at the scan. */
static void block_signals(struct program *program)
{
	sigemptyset(&program->signals);
	sigaddset(&program->signals, SIGINT);
	sigaddset(&program->signals, SIGTERM);
	sigaddset(&program->signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &program->signals, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* ---- calibration ---- */

static void write_calibrations(struct program *program, size_t phases)
{
	size_t rows = phases * program->resolvers->count, used;
	char path[4096], *text = malloc((rows + 1) * CALIBRATION_MAX);
	int error = -ENOMEM;

	if (strcmp(program->options.output, "-") == 0) {
		free(text);
		return;
	}
	snprintf(path, sizeof(path), "%s/resolvers.csv", program->options.output);
	if (text != NULL) {
		used = csv_header(text, calibration_columns);
		for (size_t i = 0; i < rows; i++)
			used += calibration_write(text + used, &program->calibrations[i]);
		error = outfile_put(path, text, used);
	}
	if (error != 0) {
		fprintf(stderr, "servfail-scan: %s: %s\n", path, strerror(-error));
		program->losses = true;
	}
	free(text);
}

static int calibrate_before(struct program *program)
{
	size_t count = program->resolvers->count, left = count;

	program->calibrations = calloc(2 * count, sizeof(*program->calibrations));
	program->dropped = calloc(count, sizeof(*program->dropped));
	if (program->calibrations == NULL || program->dropped == NULL ||
	    !calibrate(&program->controls, program->resolvers, &program->options, PHASE_BEFORE, NULL,
		       program->calibrations)) {
		fprintf(stderr, "servfail-scan: cannot ask the resolvers: %s\n", strerror(errno));
		return EXIT_NOT_STARTED;
	}
	for (size_t r = 0; r < count; r++) {
		const char *unfit = calibration_unfit(&program->calibrations[r]);

		if (unfit == NULL)
			continue;
		fprintf(stderr, "servfail-scan: resolver %s %s: dropped\n", program->resolvers->list[r].text, unfit);
		program->dropped[r] = true;
		program->losses = true;
		left--;
	}
	write_calibrations(program, 1);
	if (left > 0)
		return EXIT_DONE;
	fprintf(stderr, "servfail-scan: no resolver is left to ask\n");
	return EXIT_NOT_STARTED;
}

/* ---- the manifest ---- */

static int write_manifest(struct program *program)
{
	char path[4096];
	int error;

	if (strcmp(program->options.output, "-") == 0)
		return 0;
	snprintf(path, sizeof(path), "%s/run.json", program->options.output);
	error = manifest_write(program->manifest, path);
	if (error != 0)
		fprintf(stderr, "servfail-scan: %s: %s\n", path, strerror(-error));
	return error;
}

static bool record_option(void *owner, const char *name, const char *value)
{
	return manifest_add_option(owner, name, value);
}

static bool start_manifest(struct program *program)
{
	struct manifest *manifest = program->manifest = manifest_create();
	char host[256] = "";
	bool good;

	if (manifest == NULL)
		return false;
	(void)gethostname(host, sizeof(host) - 1);
	manifest->seed = (uint64_t)program->options.seed;
	manifest->start_ms = clock_wall_ns() / NS_PER_MS;
	good = manifest_set(&manifest->program, "servfail-scan") && manifest_set(&manifest->version, SERVFAIL_VERSION) &&
	       manifest_set(&manifest->host, host);
	for (size_t r = 0; good && r < program->resolvers->count; r++)
		good = manifest_add_resolver(manifest, program->resolvers->list[r].text);
	return good && options_each(&program->options, record_option, manifest);
}

/* ---- the scan ---- */

/* Looks at the scan until it ends by itself or has to be ended. */
static void watch(struct program *program, struct scan *scan)
{
	const struct timespec look = {.tv_nsec = LOOK_NS};
	int64_t start_ns = clock_mono_ns(), grace_end = INT64_MAX;
	struct scan_totals totals;

	while (!scan_ended(scan)) {
		int got = sigtimedwait(&program->signals, NULL, &look);
		int64_t now = clock_mono_ns();

		scan_totals(scan, &totals);
		progress_show(&program->progress, &totals);
		if (got > 0 && program->stopped != NULL)
			scan_abandon(scan); /* told twice */
		else if (got > 0)
			program->stopped = "signal";
		if (program->stopped == NULL && program->options.max_runtime_ms > 0 &&
		    now - start_ns > program->options.max_runtime_ms * NS_PER_MS)
			program->stopped = "max-runtime";
		if (scan_output_error(scan) != 0) {
			program->stopped = "output";
			scan_abandon(scan);
		}
		if (program->stopped != NULL && grace_end == INT64_MAX) {
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
	progress_end(&program->progress, &totals);
	complain(program, &errors);
	buf_free(&errors);
	if (program->stopped == NULL && program->controls.count > 0 &&
	    calibrate(&program->controls, program->resolvers, &program->options, PHASE_AFTER, NULL,
		      program->calibrations + program->resolvers->count))
		write_calibrations(program, 2);
	manifest->end_ms = clock_wall_ns() / NS_PER_MS;
	manifest->complete = totals.left == 0 && program->stopped == NULL;
	(void)manifest_set(&manifest->stopped, program->stopped);
	if (write_manifest(program) != 0)
		program->losses = true;
	if (no_input)
		return EXIT_NOT_STARTED;
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
		.hints = wants_evidence(&program->options) ? &program->hints : NULL,
	};
	struct buf errors = BUF_EMPTY;
	struct scan *scan;

	if (!start_manifest(program)) {
		fprintf(stderr, "servfail-scan: out of memory\n");
		return EXIT_NOT_STARTED;
	}
	scan = scan_start(&config, &errors);
	complain(program, &errors);
	buf_free(&errors);
	if (scan == NULL)
		return EXIT_NOT_STARTED;
	watch(program, scan);
	return finish(program, &scan);
}

static void clean_up(struct program *program)
{
	manifest_destroy(&program->manifest);
	resolvers_destroy(&program->resolvers);
	suffixes_destroy(&program->exclude);
	free(program->calibrations);
	free(program->dropped);
}

int main(int argc, char **argv)
{
	struct program program = {0};
	int status = options_parse(&program.options, argc, argv, stdout, stderr);

	if (status != OPTIONS_GO)
		return status;
	block_signals(&program);
	raise_limits();
	if (!progress_start(&program.progress, program.options.quiet, program.options.status_updates_file)) {
		fprintf(stderr, "servfail-scan: %s: %s\n", program.options.status_updates_file, strerror(errno));
		return EXIT_NOT_STARTED;
	}
	status = load_lists(&program);
	if (status == EXIT_DONE)
		status = make_directory(&program);
	if (status == EXIT_DONE)
		status = calibrate_before(&program);
	if (status == EXIT_DONE)
		status = run(&program);
	clean_up(&program);
	return status;
}
