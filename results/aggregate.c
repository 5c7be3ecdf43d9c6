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
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/messages.h"
#include "io/outfile.h"
#include "io/standard.h"
#include "results/dictionary.h"
#include "results/pipeline.h"

#define MEMORY_DEFAULT ((size_t)1 << 30)
#define MEMORY_LEAST   ((size_t)32 << 20)
#define THREADS_MOST   256

enum exit_status {
	EXIT_DONE = 0,
	EXIT_LOST = 1, /* done, but something could not be read or written */
	EXIT_USAGE = 2,
	EXIT_START = 3, /* nothing could be read, or there is no report directory */
};

struct options {
	const char *output, *previous;
	size_t memory;
	unsigned threads;
	bool merge, no_verify;
	bool quiet;
};

static const struct option_help {
	char letter; /* upper case: there is no short form */
	const char *name, *arg, *help;
} table[] = {
	{'o', "output", "DIR", "the report directory (./report)"},
	{'P', "previous", "DIR", "an earlier report, or the directory of them"},
	{'M', "memory", "SIZE", "memory for sorting: octets, or with K, M, G (1G)"},
	{'T', "threads", "N", "threads (as many as there are processors)"},
	{'J', "merge", NULL, "RUNs are report directories, of names that differ"},
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
	fputs("\nWrites verdicts.csv.gz, summary.json, summary.txt and report.html; with "
	      "--previous\n"
	      "also changes.csv.gz.\n"
	      "Exit status: 0 done; 1 done, but something could not be read or written; 2 usage; 3 "
	      "could not start.\n",
	      out);
}

/* "256M": octets. */
static bool parse_size(const char *text, size_t *size)
{
	static const char units[] = "KMG";
	char *end;
	unsigned long long value = strtoull(text, &end, 10);
	const char *unit = *end ? strchr(units, *end) : NULL;

	if (end == text || *text == '-' || (*end && (!unit || end[1])) || value > SIZE_MAX >> 31)
		return false;
	*size = (size_t)value << (unit ? 10 * (unit - units + 1) : 0);
	return *size >= MEMORY_LEAST;
}

static bool parse_threads(const char *text, unsigned *threads)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	*threads = (unsigned)value;
	return end != text && !*end && value >= 1 && value <= THREADS_MOST;
}

static int refuse(const char *option, const char *value, const char *wanted)
{
	fprintf(stderr, "servfail-aggregate: --%s: '%s' is not valid (wanted: %s)\n", option, value,
		wanted);
	return EXIT_USAGE;
}

/* What getopt_long() did not like, in our words. */
static int refuse_argument(int code, char **argv)
{
	const char *text = argv[optind - 1];

	for (size_t i = 0; i < OPTIONS; i++)
		if (table[i].letter == optopt)
			text = table[i].name;
	if (code == ':')
		fprintf(stderr, "servfail-aggregate: --%s: its argument is missing\n", text);
	else if (optopt != 0 && strncmp(argv[optind - 1], "--", 2) != 0)
		fprintf(stderr, "servfail-aggregate: -%c: no such option (see --help)\n",
			isprint(optopt) ? optopt : '?');
	else if (optopt != 0)
		fprintf(stderr, "servfail-aggregate: --%s: takes no argument\n", text);
	else
		fprintf(stderr, "servfail-aggregate: %.*s: no such option (see --help)\n",
			(int)strcspn(text, "="), text);
	return EXIT_USAGE;
}

/* An exit status. */
static int printed(void)
{
	if (standard_printed(stdout))
		return EXIT_DONE;
	fprintf(stderr, "servfail-aggregate: standard output: %s\n", strerror(errno));
	return EXIT_START;
}

/* Returns an exit status, or -1: go on. */
static int parse_options(int argc, char **argv, struct options *options)
{
	struct option list[OPTIONS + 1] = {{0}};
	int letter;

	for (size_t i = 0; i < OPTIONS; i++) {
		list[i].name = table[i].name;
		list[i].has_arg = table[i].arg ? required_argument : no_argument;
		list[i].val = (unsigned char)table[i].letter;
	}
	opterr = 0;
	while ((letter = getopt_long(argc, argv, ":o:qh", list, NULL)) != -1) {
		switch (letter) {
		case 'o':
			options->output = optarg;
			break;
		case 'P':
			options->previous = optarg;
			break;
		case 'M':
			if (!parse_size(optarg, &options->memory))
				return refuse("memory", optarg, "32M or more, with K, M or G");
			break;
		case 'T':
			if (!parse_threads(optarg, &options->threads))
				return refuse("threads", optarg, "1 to 256");
			break;
		case 'J':
			options->merge = true;
			break;
		case 'N':
			options->no_verify = true;
			break;
		case 'q':
			options->quiet = true;
			break;
		case 'C':
			dictionary_print(stdout);
			return printed();
		case 'V':
			puts("servfail-aggregate " SERVFAIL_VERSION);
			return printed();
		case 'h':
			usage(stdout);
			return printed();
		default:
			return refuse_argument(letter, argv);
		}
	}
	if (options->previous && !*options->previous)
		return refuse("previous", "", "a directory");
	if (!*options->output)
		return refuse("output", "", "a directory");
	if (optind == argc) {
		fputs("servfail-aggregate: no RUN given (see --help)\n", stderr);
		return EXIT_USAGE;
	}
	return -1;
}

/* What a thread of this program may run on. */
static unsigned processors(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
}

/* False: errno says why there is none. */
static bool make_directory(const char *path)
{
	struct stat info;

	if (mkdir(path, 0777) == 0)
		return true;
	if (errno != EEXIST || stat(path, &info) != 0)
		return false;
	errno = ENOTDIR;
	return S_ISDIR(info.st_mode);
}

static int status_of(enum pipeline_result result)
{
	switch (result) {
	case PIPELINE_DONE:
		return EXIT_DONE;
	case PIPELINE_LOST:
		return EXIT_LOST;
	default:
		return EXIT_START;
	}
}

int main(int argc, char **argv)
{
	struct options options = {
		.output = "report", .memory = MEMORY_DEFAULT, .threads = processors()};
	struct pipeline_plan plan;
	FILE *messages;
	int status;

	standard_hold();
	status = parse_options(argc, argv, &options);

	if (status >= 0)
		return status;
	standard_ignore_signals();
	if (!make_directory(options.output)) {
		fprintf(stderr, "servfail-aggregate: %s: %s\n", options.output, strerror(errno));
		return EXIT_START;
	}
	if (!outfile_lock_folder(options.output)) {
		fprintf(stderr, "servfail-aggregate: %s: another program is writing there\n",
			options.output);
		return EXIT_START;
	}
	messages = messages_open("servfail-aggregate");
	if (!messages) {
		fprintf(stderr, "servfail-aggregate: %s\n", strerror(errno));
		return EXIT_START;
	}
	plan = (struct pipeline_plan){.folder = options.output,
				      .previous = options.previous,
				      .paths = argv + optind,
				      .count = (size_t)(argc - optind),
				      .merge = options.merge,
				      .memory = options.memory,
				      .threads = options.threads,
				      .verify = !options.no_verify,
				      .quiet = options.quiet,
				      .messages = messages};
	status = status_of(pipeline_run(&plan));
	fclose(messages);
	return status;
}
