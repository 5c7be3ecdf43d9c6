/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * options -- the command line of servfail-scan, read once, constant afterwards.
 *
 * One table (options_table.c) makes getopt_long's options, --help, the defaults and the ranges. A row
 * taken out of the table is an option that does not exist; its field then stays zero.
 *
 * Owner    the caller; texts point into argv, or into what --config read (options_free()).
 * Errors   one plain line on `err`; nothing here exits.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "io/addr.h"

#define OPTIONS_TYPES_MAX   8
#define OPTIONS_SOURCES_MAX 64
#define OPTIONS_EXPLAIN_MAX 100 /* names that --explain takes */

enum options_pairs {
	PAIRS_ALWAYS, /* CD=1 for every name */
	PAIRS_FAILED, /* CD=1 only after a CD=0 answer that is not clean */
};

/* QNAME in upper and lower case by lot: casing.h. */
enum options_casing {
	CASING_OFF,
	CASING_AUTO, /* where calibration saw that the letters come back as they went */
	CASING_ON,
};

enum options_evidence {
	EVIDENCE_NONE,
	EVIDENCE_FAILED,
	EVIDENCE_ALL,
};

struct options {
	/* What to ask, and whom. */
	const char *resolvers_file;		  /* NULL: the default list */
	int64_t resolvers_per_name;		  /* 0: all of them */
	const char *tls_ca_file;		  /* NULL: the system's authorities */
	int casing;				  /* enum options_casing */
	struct addr sources[OPTIONS_SOURCES_MAX]; /* to ask from; port 0 */
	int source_count;			  /* 0: the kernel's choice */
	uint16_t qtypes[OPTIONS_TYPES_MAX];
	int qtype_count; /* at least 1, no type twice */
	bool zone;
	const char *exclude_file; /* NULL: none; likewise the files below */
	int64_t shards, shard;
	int64_t seed;
	const char *vantage; /* NULL: none; else a label as options_parse() allows it */

	/* What comes out. */
	const char *output;	   /* directory or "-"; NULL only with dry_run or explain */
	int evidence;		   /* enum options_evidence */
	int pairs;		   /* enum options_pairs */
	int64_t recheck_ms;	   /* 0: not */
	const char *controls_file; /* NULL: the built-in ones; "none": none */
	const char *broken_on_purpose_file;
	const char *root_hints_file;
	const char *trust_anchor_file;

	/* How fast, how long. */
	int64_t rate, resolver_rate; /* queries a second; 0: no limit */
	int64_t window;		     /* pairs in flight, over all threads; at least `threads` */
	int64_t timeout_ms;	     /* one query, over all its tries */
	int64_t tries;
	int64_t threads;
	int64_t ports;		/* UDP sockets a thread and address family */
	int64_t connections;	/* to one resolver, over all threads */
	int64_t max_runtime_ms; /* 0: no limit */
	int64_t max_silence_ms; /* of all resolvers; 0: no limit */

	/* How to tell. */
	const char *status_updates_file;
	const char *log_file;
	const char *metrics_file;
	const char *config_file; /* the last one that was read */
	bool resume;
	bool dry_run;
	bool explain; /* names are names, not files */
	bool quiet;

	const char *const *names; /* files of names; "-" is standard input */
	int name_count;		  /* 0: standard input */

	bool rate_told, resolver_rate_told; /* by the command line, not by a file */
	struct options_text *kept;	    /* texts of files; options_free() */
};

/* options_parse() says: go on. Anything else is an exit status: 0 after --help and --version, 3 where
 * these cannot be written, 2 for bad usage. */
#define OPTIONS_GO (-1)

/* argv is permuted (names last) and must outlive options. --help and --version go to `out`. What
 * was read is to be freed with options_free(), whatever it says. */
int options_parse(struct options *options, int argc, char **argv, FILE *out, FILE *err);
void options_free(struct options *options);
/* The rates that --config says now, or, where the command line said them, as they were. False:
 * there is no such file, or it is wrong, and a line on err says why; then they are as they were. */
bool options_reread(const struct options *options, int64_t *rate, int64_t *resolver_rate,
		    FILE *err);

/* Hands out every option with its value as text, in the order of --help; options without a value
 * are left out. False as soon as `take` says so. */
typedef bool (*options_take)(void *owner, const char *name, const char *value);
bool options_each(const struct options *options, options_take take, void *owner);
