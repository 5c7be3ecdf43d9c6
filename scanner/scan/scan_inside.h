/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * scan_inside -- what scan.c (the run as a whole) and scan_parts.c (starting its parts) know
 * together.
 */
#pragma once

#include <stdatomic.h>

#include "scanner/lists/glue.h"
#include "scanner/ask/meter.h"
#include "scanner/ask/pace.h"
#include "scanner/scan/workers.h"
#include "scanner/scan/scan.h"
#include "scanner/ask/troubles.h"

struct scan {
	struct scan_config config;
	struct pace pace;
	double rate; /* of the pace; the main thread's */
	struct pace *resolver_paces;
	struct meters *meters;	   /* a line for each worker, and one for the rechecks */
	struct troubles *troubles; /* NULL: nobody looks after the resolvers */
	_Atomic bool *gone;	   /* one a resolver: given up meanwhile */
	bool *told_gone;	   /* ... and said so */
	struct lookout *lookout;
	struct keeper *keeper;
	struct queue *names;
	struct reader *reader;
	struct writer *writer, *evidence_writer;
	struct glue *glue; /* NULL: no zone files, or no evidence */
	struct prober *prober;
	struct recheck *recheck;
	struct workers *workers;
	_Atomic bool stop, abandon;
	char *rejected_path, *operators_path;
	int64_t start_ns;
	uint64_t octets;	  /* after the end */
	struct scan_totals prior; /* of the runs that this one goes on from */
	struct writer_loss
		lost; /* after the end: rows not written, and names that miss some of theirs */
};

/* Is the output standard output, and what to call it? */
bool scan_to_standard_output(const struct options *options);
const char *scan_output_name(const struct scan *scan);
/* Starts files and threads in the order they need each other. False: why is a line in errors; what
 * was started is left running. */
bool scan_start_parts(struct scan *scan, struct buf *errors);
