/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * pipeline -- from runs to a report.
 *
 *     runs -> parts -> blocks -> rows -> pieces -> sorted -> settled questions -> verdicts -> tally
 * -> report
 *
 * Memory   bounded: what does not fit is sorted in files of the report directory that have no
 * names.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct pipeline_plan {
	const char *folder;   /* the report directory; exists */
	const char *previous; /* an earlier report, or a directory of them; NULL: none */
	char **paths;	      /* runs; or reports of names that differ, to be merged */
	bool merge;
	size_t count;
	size_t memory; /* octets */
	unsigned threads;
	bool verify; /* files are what run.json says of them */
	bool quiet;
	FILE *messages; /* what there is to say, in lines */
};

enum pipeline_result {
	PIPELINE_DONE,
	PIPELINE_LOST,	  /* done, but something could not be read or written; it was said */
	PIPELINE_NOTHING, /* nothing could be read; it was said */
};

enum pipeline_result pipeline_run(const struct pipeline_plan *plan);
