/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * totals -- what a scan has done so far: read from the counters of all its threads, told in
 * run.json, taken up again by a run that goes on.
 *
 * Threads  counters have one writer each and are read without a lock: each number is true, their
 * sums are of one look.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "results/rows/manifest.h"
#include "scanner/ask/keeper.h"
#include "scanner/ask/lookout.h"
#include "scanner/evidence/prober.h"
#include "scanner/run/reader.h"
#include "scanner/scan/recheck.h"
#include "scanner/scan/worker.h"

/* A look at the running scan; sums over all threads. */
struct scan_totals {
	uint64_t read, duplicates, rejected, excluded, blank, names,
		left; /* read = names + duplicates + rejected + left */
	uint64_t pairs, servfail, timeouts, unclean, in_flight;
	uint64_t overloaded, moved, pairs_skipped;
	uint64_t anew, silent_ms; /* pairs asked anew; how long nobody was heard */
	uint64_t controls;
	uint64_t sent, sent_again, received, answered, streams, icmp, trains, send_errors;
	uint64_t late, answered_twice, unasked, wrong_address, wrong_question, wrong_case,
		malformed;
	uint64_t distrusted; /* queries asked again over TCP, for answers may have been forged */
	uint64_t octets;     /* of the pairs' files so far */
	uint64_t rows_lost;  /* known after the end */
	uint64_t evidence_names, evidence_skipped, evidence_probes, evidence_rows, evidence_cpu_us;
	uint64_t rechecked, recheck_skipped, recheck_pairs, recheck_recovered, recheck_overloaded;
	uint64_t recheck_waiting;  /* names */
	uint64_t evidence_waiting; /* names handed over and not done */
	bool evidence_blind;	   /* no root server can be reached */
	uint64_t position, size;   /* of the file being read; size 0: not known */
	uint64_t resolvers, resolvers_slowed, resolvers_dropped;
	uint64_t pairs_per_name;
	uint64_t workers;
	double rate; /* queries a second in all, at most; 0: no limit */
	int64_t elapsed_ns;
	bool reading;	    /* more names may come */
	bool output_failed; /* known after the end: rows could not be written, their names are left
			     */
	bool input_changed; /* it is not that of the run to be resumed: nothing more is asked */
	bool input_failed;  /* known after the end: a file could not be read to its end */
};

/* Each adds what one part of the scan has counted. */
void totals_add_worker(struct scan_totals *totals, const struct worker *worker);
void totals_add_keeper(struct scan_totals *totals, const struct keeper *keeper);
void totals_add_lookout(struct scan_totals *totals, const struct lookout *lookout);
void totals_add_recheck(struct scan_totals *totals, const struct recheck *recheck);
void totals_add_prober(struct scan_totals *totals, const struct prober *prober);
void totals_add_reader(struct scan_totals *totals, const struct reader *reader);
/* Adds those of the runs that this one goes on from. Until the reader has come to where the run
 * before was (past), what that had read is what was read. */
void totals_add_prior(struct scan_totals *totals, const struct scan_totals *prior, bool past);

/* Messages that may have been forged: none of them was believed. */
uint64_t totals_forged(const struct scan_totals *totals);
/* All that run.json tells, and back; what it does not tell is left alone. */
void totals_put(const struct scan_totals *totals, struct manifest *manifest);
void totals_take(struct scan_totals *totals, const struct manifest *manifest);
