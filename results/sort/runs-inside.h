/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * runs-inside -- what runs.c (the runs and their parts) and runs-said.c (what a run says of itself)
 * share; nobody else includes it.
 */
#pragma once

#include <sys/types.h>

#include "results/sort/runs.h"

#define RUNS_PATH_MAX 4096

struct run {
	struct runs *runs;
	struct run *next;
	char *path;
	struct manifest *manifest; /* NULL: none */
	pthread_mutex_t lock;	   /* over resolvers */
	struct counts *resolvers;  /* name -> the panel's number; width 1 */
	dev_t device;		   /* these two tell which directory it is, whatever its path */
	ino_t inode;
	bool is_file;
};

struct runs {
	struct runs_plan plan;
	struct run *first;
	struct part **parts;
	size_t part_count;
	bool own_expected, damaged, no_memory;
};

/* What is wrong with a file of the run, NULL: with itself. */
__attribute__((format(printf, 3, 4))) void run_complain(struct run *run, const char *file,
							const char *format, ...);
const char *run_path(const struct run *run, const char *file, char path[RUNS_PATH_MAX]);
int run_resolver(struct run *run, struct view name);

/* runs-said.c: run.json, broken-on-purpose.txt, resolvers.csv and the operators. */
void run_read_said(struct run *run);
