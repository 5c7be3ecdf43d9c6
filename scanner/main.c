/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * servfail-scan -- asks every resolver about every name twice and writes what came back.
 *
 * Exit status: 0 done; 1 done, but something was lost or a resolver was dropped; 2 usage; 3 could
 * not start; 4 stopped half way. Only this file exits.
 */
#include <errno.h>
#include <event2/event.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "io/clock.h"
#include "io/standard.h"
#include "scanner/dryrun.h"
#include "scanner/limits.h"
#include "scanner/program.h"

/* What libevent has to say its callers say as well, with the program's name. */
static void say_nothing(int severity, const char *text)
{
	(void)severity, (void)text;
}

/* Batches of names wait while a resolver lags, and go again: to the system, and not into holes of a
 * heap that would stay as large as the worst moment was. A limit that is set is one that does not
 * move with what is freed. */
static void return_memory(void)
{
#ifdef M_MMAP_THRESHOLD
	(void)mallopt(M_MMAP_THRESHOLD, 64 * 1024);
#endif
}

/* Signals are taken by the main thread, between two looks at the scan. What our parent had us
 * ignore (nohup) stays ignored. */
static void block_signals(struct program *program)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};
	struct sigaction action;

	sigemptyset(&program->signals);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (sigaction(signals[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
			sigaddset(&program->signals, signals[i]);
	pthread_sigmask(SIG_BLOCK, &program->signals, NULL);
	standard_ignore_signals();
}

static int fit_limits(struct program *program)
{
	struct buf text = BUF_EMPTY;
	bool good = limits_fit(&program->options, program->resolvers, &text);

	program_complain(program, &text);
	return good ? EXIT_DONE : EXIT_NOT_STARTED;
}

static int dry_run(struct program *program)
{
	struct buf errors = BUF_EMPTY, text = BUF_EMPTY;
	struct dryrun result = {0};
	int status = EXIT_NOT_STARTED;

	if (dryrun(&result, &program->options, program->exclude, program_told_to_stop, program,
		   &errors)) {
		status = result.no_input       ? EXIT_NOT_STARTED
			 : result.no_names     ? EXIT_USAGE
			 : result.input_failed ? EXIT_LOSSES
					       : EXIT_DONE;
		if (program->stopped != NULL)
			status = EXIT_STOPPED;
		if (!result.no_input)
			dryrun_tell(&result, &program->options, program->resolvers, &text);
	}
	program_complain(program, &errors);
	program_complain(program, &text);
	buf_free(&result.first_reject);
	return status;
}

/* In order; the first step that fails ends it. */
static int scan_all(struct program *program)
{
	int (*const steps[])(struct program *) = {program_load_lists,	 fit_limits,
						  program_check_sources, program_check_input,
						  program_leave_root,	 program_make_directory,
						  program_resume,	 program_calibrate_before,
						  program_scan};
	int status = EXIT_DONE;

	for (size_t i = 0;
	     i < sizeof(steps) / sizeof(steps[0]) && status == EXIT_DONE && !program->nothing_to_do;
	     i++)
		status = steps[i](program);
	return status;
}

int main(int argc, char **argv)
{
	struct program program = {.start_ns = clock_mono_ns()};
	const struct options *options = &program.options;
	const char *bad_path;
	int status;

	return_memory();
	standard_hold();
	event_set_log_callback(say_nothing);
	status = options_parse(&program.options, argc, argv, stdout, stderr);
	if (status != OPTIONS_GO) {
		options_free(&program.options);
		return status;
	}
	block_signals(&program);
	limits_raise();
	bad_path = progress_start(&program.progress, options);
	if (bad_path != NULL) {
		fprintf(stderr, "servfail-scan: %s: %s\n", bad_path, strerror(errno));
		status = EXIT_NOT_STARTED;
	} else if (options->dry_run) {
		status = program_load_lists(&program);
		if (status == EXIT_DONE)
			status = program_check_sources(&program);
		if (status == EXIT_DONE)
			status = dry_run(&program);
	} else if (options->explain) {
		status = program_explain(&program, scan_all);
	} else {
		status = scan_all(&program);
	}
	program_clean_up(&program);
	return status;
}
