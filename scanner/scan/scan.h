/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * scan -- one run: reader -> queue -> workers -> writer, started together, watched, and brought to
 * an end together.
 *
 *     reader thread --batches--> worker threads --blocks of rows--> writer thread
 *
 * Owner    main(); the functions are called by its thread only.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "io/buf.h"
#include "results/rows/calibration.h"
#include "results/rows/manifest.h"
#include "scanner/lists/controls.h"
#include "scanner/evidence/hints.h"
#include "scanner/run/journal.h"
#include "scanner/options/options.h"
#include "scanner/run/reader.h"
#include "scanner/ask/resolvers.h"
#include "scanner/lists/suffixes.h"
#include "scanner/scan/totals.h"

struct scan;
struct queue;

struct scan_config {
	const struct options *options;
	const struct resolvers *resolvers;
	const struct suffixes *exclude;		/* NULL: none */
	const struct calibration *calibrations; /* one a resolver, before the scan */
	const bool *dropped;			/* one a resolver: not to be asked */
	const struct hints *hints;		/* where evidence begins; NULL: none is gathered */
	struct journal *journal;		/* NULL: none is kept, the run cannot be resumed */
	/* The names that tell whether a resolver is overloaded, what each resolver said of them
	 * before the scan (calibrate.h), and where to put what was found out meanwhile (one a
	 * resolver; those that were not asked are left alone). */
	const struct controls *controls;
	const int16_t *rcodes;
	struct calibration *during;
};

/* Few enough resolvers for ports of their own, each `ports` of them in every thread? */
bool scan_connects(const struct resolvers *resolvers, int64_t ports);
/* How the names of these options are read; rejects are only counted. */
void scan_reader_config(struct reader_config *config, const struct options *options,
			const struct suffixes *exclude, struct queue *names);
/* A resolver that has been given up since the last call; -1: none. */
int32_t scan_next_gone(struct scan *scan);
/* Starts all threads. NULL on error: one line without the program's name is in errors. */
struct scan *scan_start(const struct scan_config *config, struct buf *errors);
void scan_totals(struct scan *scan, struct scan_totals *totals);
/* For how long no resolver has been heard, so that no names are taken; 0: some are. */
int64_t scan_silence_ns(const struct scan *scan);
/* To be called about ten times a second while it runs: sees to it that there are workers enough. */
void scan_tend(struct scan *scan);
/* All names done, or as far as they will be after scan_stop(). */
bool scan_ended(struct scan *scan);
/* Other limits from now on, as of the options of those names. */
void scan_set_rates(struct scan *scan, int64_t rate, int64_t resolver_rate);
/* Takes no new names; what is in flight gets until scan_abandon(). */
void scan_stop(struct scan *scan);
/* Waits for nothing any more. */
void scan_abandon(struct scan *scan);
/* Not one of the input files could be opened. */
bool scan_had_no_input(struct scan *scan);
/* There were lines, and not one of them is a name. */
bool scan_had_no_names(struct scan *scan);
/* 0, or the errno that stopped the writing: stop then. */
int scan_output_error(struct scan *scan);
/*
 * Ends the threads, completes the files, adds parts and totals to the manifest and frees the scan.
 * totals: as after the end. Problems of the input or output are lines in errors. False when rows or
 * rejects were lost, or a file could not be read.
 */
bool scan_finish(struct scan **scan, struct manifest *manifest, struct scan_totals *totals,
		 struct buf *errors);
