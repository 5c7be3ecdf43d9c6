/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * options_inside -- what the files of this room know together: which options there are
 * (options_table.c), how they are read (options.c, options_config.c), what they mean for each other
 * (options_check.c), and how they are told (options_each.c).
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

#include "scanner/options/options.h"

#define OPTIONS_PROGRAM	    "servfail-scan"
#define OPTIONS_THREADS_MAX 64
#define OPTIONS_ROWS_MAX    64
#define OPTIONS_LABEL_MAX   32
#define OPTIONS_NAME_MAX    32 /* letters of an option */

enum kind {
	KIND_FLAG,    /* bool */
	KIND_TEXT,    /* const char *, not empty */
	KIND_CHOICE,  /* int: which word of arg, from 0 */
	KIND_COUNT,   /* int64_t, k, K and M understood */
	KIND_SECONDS, /* int64_t, kept in ms, decimals allowed; range and default in seconds */
	KIND_TYPE,    /* more QTYPEs, joined by commas */
	KIND_SOURCE,  /* more addresses to ask from, joined by commas */
	KIND_HELP,
	KIND_VERSION,
};

enum group { GROUP_ASK, GROUP_FIND, GROUP_PACE, GROUP_RUN, GROUP_COUNT };

struct options_row {
	const char *name;
	char letter;
	const char *arg; /* NULL: takes none; for KIND_CHOICE the words, joined by | */
	enum kind kind;
	enum group group;
	size_t offset;
	double min, max;
	const char *initial; /* the default, read like an argument; NULL: zero */
	const char *help;    /* "%d" is replaced by the default */
};

struct options_parse {
	struct options *options;
	bool given[OPTIONS_ROWS_MAX];
	bool told[OPTIONS_ROWS_MAX]; /* ... on the command line */
	const char *file;	     /* that is being read; NULL: the command line is */
	uint64_t line;		     /* of the file; 0: none yet */
	FILE *out, *err;
};

extern const struct options_row options_table[];
extern const size_t options_rows;

void options_help(FILE *out);
/* Says what is wrong, and where; returns 2. */
int options_complain(const struct options_parse *parse, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Sets one option. text must outlive the options. OPTIONS_GO, or an exit status. */
int options_set(const struct options_parse *parse, const struct options_row *row, const char *text);
/* options_config.c: reads options from a file. Likewise. */
int options_read_config(struct options_parse *parse, const char *path);
/* Where the option's value is kept; not for those that are lists. */
void *options_field(struct options *options, const struct options_row *row);
/* Gives what was not given the default that follows from what was. */
void options_settle(const struct options_parse *parse);
/* OPTIONS_GO, or 2: options that make no sense together, or one that is needed is missing. */
int options_check(const struct options_parse *parse);
