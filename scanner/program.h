/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * program -- what servfail-scan as a whole holds, and the steps of its life that are not asking:
 * lists, the run directory, resuming, calibration. main() calls them in order.
 *
 * Owner    main(). Each step says itself what is wrong (say()) and returns an exit status,
 * EXIT_DONE: go on.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "io/buf.h"
#include "results/rows/calibration.h"
#include "results/rows/manifest.h"
#include "scanner/lists/controls.h"
#include "scanner/evidence/hints.h"
#include "scanner/run/journal.h"
#include "scanner/options/options.h"
#include "scanner/progress.h"
#include "scanner/ask/resolvers.h"
#include "scanner/lists/suffixes.h"

enum { EXIT_DONE, EXIT_LOSSES, EXIT_USAGE, EXIT_NOT_STARTED, EXIT_STOPPED };

struct program {
	struct options options;
	struct resolvers *resolvers;
	struct suffixes *exclude;
	struct controls controls;
	struct hints hints;
	struct buf broken;		  /* names broken on purpose, as text */
	struct calibration *calibrations; /* three a resolver: before, during, after */
	int16_t *rcodes;		  /* what each said of each control before */
	struct buf calibrated; /* rows of resolvers.csv from before this run was resumed */
	bool *dropped;
	struct manifest *manifest;
	struct journal *journal; /* NULL: none is kept */
	bool resumed;
	struct progress progress;
	sigset_t signals;
	int64_t start_ns;
	bool losses;
	int64_t silence_ns;	       /* of the resolvers, at the last look */
	bool asked_status, asked_rate; /* by SIGUSR1 and SIGUSR2 */
	bool blind;		       /* that evidence cannot see has been said */
	bool nothing_to_do;	       /* the run to be resumed came to its end */
	const char *stopped;	       /* why, NULL: not */
};

#define say(program, ...) progress_say(&(program)->progress, __VA_ARGS__)

/* Says each line of text, and frees it. */
void program_complain(struct program *program, struct buf *text);
bool program_to_standard_output(const struct program *program);
/* Waits that long for a signal that ends the scan; others are noted. True: one came. */
bool program_is_signalled(struct program *program, int64_t wait_ns);
/* Has a signal come, or the time run out? owner is the program. */
bool program_told_to_stop(void *owner);
void program_clean_up(struct program *program);

/* program_lists.c: all that is read before anybody is asked. */
int program_load_lists(struct program *program);
int program_check_sources(struct program *program);
int program_check_input(struct program *program);

/* program_owner.c: root becomes the owner of where the run goes, where that is somebody else. */
int program_leave_root(struct program *program);

/* program_record.c: the run directory, run.json, and the journal of a run that can be resumed. */
int program_make_directory(struct program *program);
int program_resume(struct program *program);
/* What --resume needs, from the beginning on; of a run that is resumed the files are brought back
 * to what is recorded. */
bool program_keep_journal(struct program *program);
/* The manifest of this run goes on from that of the run before. */
bool program_start_manifest(struct program *program);
bool program_write_manifest(struct program *program);

/* program_calibrate.c: what the resolvers are able to know, before and after the scan. */
int program_calibrate_before(struct program *program);
/* Cut short, nothing is lost but this. */
void program_calibrate_after(struct program *program);

/* program_scan.c: the scan itself, watched until it ends or has to be ended. */
int program_scan(struct program *program);

/* program_explain.c: --explain. scan: all steps of a scan, from the lists to the end. */
int program_explain(struct program *program, int (*scan)(struct program *program));
