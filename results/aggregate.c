/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * servfail-aggregate -- reads what servfail-scan found, decides one cause for each question, writes
 * the report.
 *
 * main() reads, then judges, then reports; everything that can go wrong with one input is said and
 * counted, and the rest goes on.
 */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "results/dictionary.h"
#include "results/report.h"
#include "results/run.h"
#include "results/verdicts.h"

enum exit_status {
	EXIT_DONE = 0,
	EXIT_LOST = 1, /* done, but something could not be read */
	EXIT_USAGE = 2,
	EXIT_START = 3, /* nothing could be read, or nothing written */
};

struct options {
	const char *output;
	bool no_verify;
	bool quiet;
};

static const struct option_help {
	char letter; /* upper case: there is no short form */
	const char *name, *arg, *help;
} table[] = {
	{'o', "output", "DIR", "the report directory (./report)"},
	{'N', "no-verify", NULL, "do not compare files with the digests in run.json"},
	{'q', "quiet", NULL, "say nothing when all went well"},
	{'C', "columns", NULL, "every column of every file: tab-separated"},
	{'V', "version", NULL, "the version"},
	{'h', "help", NULL, "this text"},
};

#define OPTIONS (sizeof(table) / sizeof(*table))

static void usage(FILE *out)
{
	fputs("Usage: servfail-aggregate [OPTION]... RUN...\n\n"
	      "RUN is a run directory of servfail-scan, or a file of pairs as CSV, gzip or plain\n"
	      "(\"-\": standard input). Any number of them, in any order.\n\n",
	      out);
	for (size_t i = 0; i < OPTIONS; i++) {
		char left[40];

		snprintf(left, sizeof(left), "--%s%s%s", table[i].name, table[i].arg ? " " : "",
			 table[i].arg ? table[i].arg : "");
		if (isupper((unsigned char)table[i].letter))
			fprintf(out, "      %-18s %s\n", left, table[i].help);
		else
			fprintf(out, "  -%c, %-18s %s\n", table[i].letter, left, table[i].help);
	}
	fputs("\nWrites verdicts.csv.gz, summary.json, summary.txt and report.html.\n"
	      "Exit status: 0 done; 1 done, but something could not be read; 2 usage; 3 could not "
	      "start.\n",
	      out);
}

/* Returns an exit status, or -1: go on. */
static int parse_options(int argc, char **argv, struct options *options)
{
	struct option list[OPTIONS + 1] = {{0}};
	int letter;

	for (size_t i = 0; i < OPTIONS; i++) {
		list[i].name = table[i].name;
		list[i].has_arg = table[i].arg ? required_argument : no_argument;
		list[i].val = table[i].letter;
	}
	while ((letter = getopt_long(argc, argv, "o:qh", list, NULL)) != -1) {
		switch (letter) {
		case 'o':
			options->output = optarg;
			break;
		case 'N':
			options->no_verify = true;
			break;
		case 'q':
			options->quiet = true;
			break;
		case 'C':
			return dictionary_print(stdout) ? EXIT_DONE : EXIT_START;
		case 'V':
			puts("servfail-aggregate " SERVFAIL_VERSION);
			return EXIT_DONE;
		case 'h':
			usage(stdout);
			return EXIT_DONE;
		default:
			fputs("Try servfail-aggregate --help.\n", stderr);
			return EXIT_USAGE;
		}
	}
	if (optind == argc || !*options->output) {
		fprintf(stderr, "servfail-aggregate: %s\nTry servfail-aggregate --help.\n",
			optind == argc ? "no RUN given" : "--output is empty");
		return EXIT_USAGE;
	}
	return -1;
}

static int complain(const char *what, int error)
{
	fprintf(stderr, "servfail-aggregate: %s: %s\n", what, strerror(-error));
	return EXIT_START;
}

/* Reads all runs. Returns an exit status. */
static int read_runs(struct run_input *input, char **paths, int count)
{
	int status = EXIT_DONE, readable = 0;

	for (int i = 0; i < count; i++) {
		switch (run_read(input, paths[i])) {
		case RUN_READ:
			readable++;
			break;
		case RUN_DAMAGED:
			readable++;
			status = EXIT_LOST;
			break;
		case RUN_UNREADABLE:
			return EXIT_START;
		case RUN_NO_MEMORY:
			return complain(paths[i], -ENOMEM);
		}
	}
	return readable ? status : EXIT_START;
}

static int write_report(const char *folder, struct group *group, const struct expected *expected,
			struct tally *tally)
{
	char path[4096];
	int error;

	snprintf(path, sizeof(path), "%s/verdicts.csv.gz", folder);
	error = verdicts_make(group, expected, tally, path);
	if (!error) {
		snprintf(path, sizeof(path), "%s/summary.json", folder);
		error = report_json(tally, group, path);
	}
	if (!error) {
		snprintf(path, sizeof(path), "%s/summary.txt", folder);
		error = report_text(tally, group, path);
	}
	if (!error) {
		char verdicts[4096];

		snprintf(verdicts, sizeof(verdicts), "%s/verdicts.csv.gz", folder);
		snprintf(path, sizeof(path), "%s/report.html", folder);
		error = report_html(tally, group, verdicts, path);
	}
	return error ? complain(path, error) : EXIT_DONE;
}

static void show(const struct tally *tally, const char *folder)
{
	fprintf(stderr,
		"servfail-aggregate: %llu questions: %llu ok, %llu failing, %llu partial, %llu "
		"unknown; "
		"see %s/summary.txt\n",
		(unsigned long long)tally->questions, (unsigned long long)tally->status[STATUS_OK],
		(unsigned long long)tally->status[STATUS_FAILING],
		(unsigned long long)tally->status[STATUS_PARTIAL],
		(unsigned long long)tally->status[STATUS_UNKNOWN], folder);
}

int main(int argc, char **argv)
{
	struct options options = {.output = "report"};
	int status = parse_options(argc, argv, &options), written;
	struct group *group = group_create();
	struct tally *tally = tally_create();
	struct expected *expected = expected_create();
	bool own_expected = false;
	struct run_input input = {group, tally, expected, &own_expected, stderr, !options.no_verify};

	if (status < 0 && (!group || !tally || !expected))
		status = complain("start", -ENOMEM);
	if (status < 0 && mkdir(options.output, 0777) != 0 && errno != EEXIST)
		status = complain(options.output, -errno);
	if (status < 0) {
		status = read_runs(&input, argv + optind, argc - optind);
		if (status != EXIT_START && !group_finish(group))
			status = complain("sort", -ENOMEM);
		if (status != EXIT_START && !own_expected && !expected_add_defaults(expected))
			status = complain("start", -ENOMEM);
		if (status != EXIT_START) {
			written = write_report(options.output, group, expected, tally);
			status = written ? written : status;
		}
		if (status != EXIT_START && !options.quiet)
			show(tally, options.output);
	}
	group_destroy(&group);
	tally_destroy(&tally);
	expected_destroy(&expected);
	return status;
}
