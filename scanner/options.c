/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/options.h"

#include <assert.h>
#include <ctype.h>
#include <getopt.h>
#include <math.h>
#include <sched.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "results/names.h"

#define PROGRAM	    "servfail-scan"
#define THREADS_MAX 64

enum kind {
	KIND_FLAG,    /* bool */
	KIND_TEXT,    /* const char *, not empty */
	KIND_CHOICE,  /* int: which word of arg, from 0 */
	KIND_COUNT,   /* int64_t, k and M understood */
	KIND_SECONDS, /* int64_t, kept in ms, decimals allowed; range and default in seconds */
	KIND_TYPE,    /* one more QTYPE */
	KIND_HELP,
	KIND_VERSION,
};

enum group { GROUP_ASK, GROUP_FIND, GROUP_PACE, GROUP_RUN, GROUP_COUNT };

static const char *const group_titles[GROUP_COUNT] = {
	"What to ask, and whom",
	"What to find out",
	"How fast and how long",
	"The run",
};

struct row {
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

#define AT(field) offsetof(struct options, field)

/* The only place that knows the options; --help shows them in this order. */
/* clang-format off */
static const struct row table[] = {
	{"resolvers", 'r', "FILE", KIND_TEXT, GROUP_ASK, AT(resolvers_file), 0, 0, NULL,
	 "[tcp://|tls://]IP[:PORT] a line, tls://...#WHO (8.8.8.8, 1.1.1.1, 9.9.9.9)"},
	{"resolvers-per-name", 0, "N", KIND_COUNT, GROUP_ASK, AT(resolvers_per_name), 0, 64, "0",
	 "ask so many of them for each name, by its hash (%d: all)"},
	{"tls-ca", 0, "FILE", KIND_TEXT, GROUP_ASK, AT(tls_ca_file), 0, 0, NULL,
	 "authorities that may certify resolvers, PEM (the system's)"},
	{"type", 't', "TYPE", KIND_TYPE, GROUP_ASK, 0, 0, 0, NULL,
	 "QTYPE; may be given up to 8 times (A)"},
	{"zone", 0, NULL, KIND_FLAG, GROUP_ASK, AT(zone), 0, 0, NULL,
	 "NAMES are zone files: ask every delegated name once"},
	{"exclude", 0, "FILE", KIND_TEXT, GROUP_ASK, AT(exclude_file), 0, 0, NULL,
	 "names, suffixes and networks never to be asked"},
	{"shards", 0, "N", KIND_COUNT, GROUP_ASK, AT(shards), 1, 1e6, "1",
	 "split the names into N parts ..."},
	{"shard", 0, "I", KIND_COUNT, GROUP_ASK, AT(shard), 0, 1e6 - 1, "0",
	 "... and ask part I only, from 0"},
	{"seed", 0, "N", KIND_COUNT, GROUP_ASK, AT(seed), 0, 9e15, "0",
	 "another seed makes other shards and choices of resolvers (%d)"},

	{"pairs", 0, "always|failed", KIND_CHOICE, GROUP_FIND, AT(pairs), 0, 0, "always",
	 "CD=1 for every name, or only after a failure (%d)"},
	{"evidence", 0, "none|failed|all", KIND_CHOICE, GROUP_FIND, AT(evidence), 0, 0, "failed",
	 "look for the reasons (%d)"},
	{"recheck", 0, "SECONDS", KIND_SECONDS, GROUP_FIND, AT(recheck_ms), 0, 86400, "20",
	 "ask what failed again, that long after (%d; 0: not)"},
	{"controls", 0, "FILE|none", KIND_TEXT, GROUP_FIND, AT(controls_file), 0, 0, NULL,
	 "NAME good|bogus|unsigned|nxdomain|filtered a line (known ones)"},
	{"broken-on-purpose", 0, "FILE", KIND_TEXT, GROUP_FIND, AT(broken_on_purpose_file), 0, 0, NULL,
	 "names broken for tests, with all below them (the known ones)"},
	{"root-hints", 0, "FILE", KIND_TEXT, GROUP_FIND, AT(root_hints_file), 0, 0, NULL,
	 "where the evidence starts (the root servers)"},
	{"trust-anchor", 0, "FILE", KIND_TEXT, GROUP_FIND, AT(trust_anchor_file), 0, 0, NULL,
	 "DS or DNSKEY the evidence trusts (the root's)"},

	{"rate", 0, "QPS", KIND_COUNT, GROUP_PACE, AT(rate), 0, 1e9, "2000",
	 "queries a second in all (%d; 0: no limit)"},
	{"resolver-rate", 0, "QPS", KIND_COUNT, GROUP_PACE, AT(resolver_rate), 0, 1e9, "500",
	 "... to each resolver, less where it is overloaded (%d; 0: no limit)"},
	{"window", 0, "N", KIND_COUNT, GROUP_PACE, AT(window), 1, 1e6, "10000",
	 "pairs in flight (%d)"},
	{"timeout", 0, "SECONDS", KIND_SECONDS, GROUP_PACE, AT(timeout_ms), 0.1, 300, "15",
	 "for one query over all its tries (%d)"},
	{"tries", 0, "N", KIND_COUNT, GROUP_PACE, AT(tries), 1, 8, "3",
	 "how often to send a query (%d)"},
	{"max-runtime", 0, "SECONDS", KIND_SECONDS, GROUP_PACE, AT(max_runtime_ms), 0, 1e8, "0",
	 "stop after that long (0: when all is done)"},
	{"threads", 0, "N", KIND_COUNT, GROUP_PACE, AT(threads), 1, THREADS_MAX, NULL,
	 "worker threads (one a CPU)"},
	{"ports", 0, "N", KIND_COUNT, GROUP_PACE, AT(ports), 1, 256, "8",
	 "UDP sockets a thread (%d)"},
	{"connections", 0, "N", KIND_COUNT, GROUP_PACE, AT(connections), 1, 64, "16",
	 "TCP or TLS connections to a resolver, where one will not do (%d)"},

	{"output", 'o', "DIR", KIND_TEXT, GROUP_RUN, AT(output), 0, 0, NULL,
	 "the run directory; \"-\": pairs as gzipped CSV on standard output"},
	{"resume", 0, NULL, KIND_FLAG, GROUP_RUN, AT(resume), 0, 0, NULL,
	 "go on with the run that was stopped or killed in DIR"},
	{"status-updates-file", 0, "FILE", KIND_TEXT, GROUP_RUN, AT(status_updates_file), 0, 0, NULL,
	 "a JSON line a second about progress"},
	{"log-file", 0, "FILE", KIND_TEXT, GROUP_RUN, AT(log_file), 0, 0, NULL,
	 "messages are added there, not told on standard error"},
	{"dry-run", 0, NULL, KIND_FLAG, GROUP_RUN, AT(dry_run), 0, 0, NULL,
	 "check options and lists, count names and queries, ask nothing"},
	{"quiet", 'q', NULL, KIND_FLAG, GROUP_RUN, AT(quiet), 0, 0, NULL,
	 "no progress lines"},
	{"version", 0, NULL, KIND_VERSION, GROUP_RUN, 0, 0, 0, NULL,
	 "the version"},
	{"help", 'h', NULL, KIND_HELP, GROUP_RUN, 0, 0, 0, NULL,
	 "this text"},
};
/* clang-format on */

#define ROWS (sizeof(table) / sizeof(table[0]))

/* getopt_long() hands back FIRST + the row's number. */
#define FIRST 256

struct parse {
	struct options *options;
	bool given[ROWS];
	FILE *out, *err;
};

__attribute__((format(printf, 2, 3))) static int complain(const struct parse *parse,
							  const char *format, ...)
{
	va_list args;

	fputs(PROGRAM ": ", parse->err);
	va_start(args, format);
	vfprintf(parse->err, format, args);
	va_end(args);
	fputc('\n', parse->err);
	return 2;
}

static void *field(const struct parse *parse, const struct row *row)
{
	return (char *)parse->options + row->offset;
}

/* Was the option of that name given? An option that is not in the table never was. */
static bool was_given(const struct parse *parse, const char *name)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(table[i].name, name) == 0)
			return parse->given[i];
	return false;
}

static void print_help(FILE *out)
{
	fprintf(out, "Usage: " PROGRAM " [OPTION]... [NAMES]...\n"
		     "Asks every resolver for every name twice, CD=0 then CD=1, and writes what "
		     "came back.\n"
		     "NAMES: files of names, one a line, plain or .gz; \"-\" or none: standard "
		     "input.\n");
	for (enum group group = 0; group < GROUP_COUNT; group++) {
		fprintf(out, "%s:\n", group_titles[group]);
		for (const struct row *row = table; row < table + ROWS; row++) {
			char head[64], letter[5] = "    ";
			const char *gap = strstr(row->help, "%d");

			if (row->group != group)
				continue;
			if (row->letter)
				snprintf(letter, sizeof(letter), "-%c, ", row->letter);
			snprintf(head, sizeof(head), "%s--%s%s%s", letter, row->name,
				 row->arg ? " " : "", row->arg ? row->arg : "");
			fprintf(out, "  %-30s ", head);
			if (gap)
				fprintf(out, "%.*s%s%s\n", (int)(gap - row->help), row->help,
					row->initial, gap + 2);
			else
				fprintf(out, "%s\n", row->help);
		}
	}
	fprintf(out, "N and QPS may end in k or M. The default stands in brackets. See " PROGRAM
		     "(1).\n");
}

/* A number with an optional k or M; false when it is none. */
static bool read_number(const char *text, bool decimals, double *value)
{
	const char *digits = decimals ? "0123456789." : "0123456789";
	size_t span = strspn(text, digits);
	char *end;

	/* strtod() would also take signs, hexadecimal, "inf" and "nan". */
	if (span == 0 || !strpbrk(text, "0123456789"))
		return false;
	*value = strtod(text, &end);
	if (end != text + span)
		return false;
	if (!decimals && (*end == 'k' || *end == 'M'))
		*value *= *end++ == 'k' ? 1e3 : 1e6;
	return *end == '\0';
}

static int set_number(const struct parse *parse, const struct row *row, const char *text)
{
	bool seconds = row->kind == KIND_SECONDS;
	double value;

	if (!read_number(text, seconds, &value))
		return complain(parse, "--%s: '%s' is not a number", row->name, text);
	if (value < row->min || value > row->max)
		return complain(parse, "--%s: %s is out of range (%.15g to %.15g)", row->name, text,
				row->min, row->max);
	*(int64_t *)field(parse, row) = seconds ? llround(value * 1000) : (int64_t)value;
	return OPTIONS_GO;
}

static int set_choice(const struct parse *parse, const struct row *row, const char *text)
{
	int which = 0;

	for (const char *word = row->arg; *word; which++) {
		size_t len = strcspn(word, "|");

		if (strlen(text) == len && memcmp(word, text, len) == 0) {
			*(int *)field(parse, row) = which;
			return OPTIONS_GO;
		}
		word += len + (word[len] == '|');
	}
	return complain(parse, "--%s: '%s' is not one of %s", row->name, text, row->arg);
}

/* Meta-types and QTYPEs that are no data (RFC 6895 3.1) are not for a bulk scanner; ANY is (RFC
 * 8482). */
static bool can_ask(uint16_t qtype)
{
	return qtype != 0 && qtype != 41 && (qtype < 128 || qtype > 254);
}

static int add_type(const struct parse *parse, const struct row *row, const char *text)
{
	struct options *options = parse->options;
	char upper[NAME_TEXT_MAX] = "";
	uint16_t qtype;

	for (size_t i = 0; text[i] && i < sizeof(upper) - 1; i++)
		upper[i] = (char)toupper((unsigned char)text[i]);
	if (strlen(text) >= sizeof(upper) || !qtype_from_name(upper, strlen(upper), &qtype))
		return complain(parse, "--%s: '%s' is no type", row->name, text);
	if (!can_ask(qtype))
		return complain(parse, "--%s: %s is not a type to ask for", row->name, text);
	for (int i = 0; i < options->qtype_count; i++)
		if (options->qtypes[i] == qtype)
			return OPTIONS_GO;
	if (options->qtype_count == OPTIONS_TYPES_MAX)
		return complain(parse, "--%s: more than %d types", row->name, OPTIONS_TYPES_MAX);
	options->qtypes[options->qtype_count++] = qtype;
	return OPTIONS_GO;
}

static int set_option(const struct parse *parse, const struct row *row, const char *text)
{
	switch (row->kind) {
	case KIND_FLAG:
		*(bool *)field(parse, row) = true;
		return OPTIONS_GO;
	case KIND_TEXT:
		if (*text == '\0')
			return complain(parse, "--%s: %s must not be empty", row->name, row->arg);
		*(const char **)field(parse, row) = text;
		return OPTIONS_GO;
	case KIND_CHOICE:
		return set_choice(parse, row, text);
	case KIND_COUNT:
	case KIND_SECONDS:
		return set_number(parse, row, text);
	case KIND_TYPE:
		return add_type(parse, row, text);
	case KIND_HELP:
		print_help(parse->out);
		return 0;
	case KIND_VERSION:
		fputs(PROGRAM " " SERVFAIL_VERSION "\n", parse->out);
		return 0;
	}
	assert(false && "a kind without code");
	return 2;
}

/* CPUs this process may run on: a container's, not the machine's. */
static int64_t cpus_available(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		return 1;
	return CPU_COUNT(&set) < THREADS_MAX ? CPU_COUNT(&set) : THREADS_MAX;
}

/* Defaults that depend on other options. */
static void settle(const struct parse *parse)
{
	struct options *options = parse->options;

	if (options->qtype_count == 0)
		options->qtypes[options->qtype_count++] = 1; /* A */
	if (!was_given(parse, "threads")) {
		options->threads = cpus_available();
		if (options->threads > options->window && options->window > 0)
			options->threads = options->window;
	}
	/* Evidence needs a file of its own, which standard output has no room for. */
	if (options->output && strcmp(options->output, "-") == 0 && !was_given(parse, "evidence"))
		options->evidence = EVIDENCE_NONE;
}

/* Options that make no sense together. */
static int check(const struct parse *parse)
{
	const struct options *options = parse->options;
	int stdin_count = 0;

	if (!options->output && !options->dry_run)
		return complain(parse, "--output: say where to (a directory, or \"-\")");
	if (options->resume && (options->dry_run || strcmp(options->output, "-") == 0))
		return complain(parse, "--resume: needs a run directory (--output), and no --dry-run");
	if (options->shards > 1 && !was_given(parse, "shard"))
		return complain(parse, "--shards: say which one with --shard (0 to %lld)",
				(long long)options->shards - 1);
	if (options->shard > 0 && options->shard >= options->shards)
		return complain(parse, "--shard: %lld is out of range (0 to %lld)",
				(long long)options->shard, (long long)options->shards - 1);
	if (options->threads > options->window && options->window > 0)
		return complain(parse, "--window: %lld is less than --threads %lld",
				(long long)options->window, (long long)options->threads);
	if (options->output && strcmp(options->output, "-") == 0 &&
	    options->evidence != EVIDENCE_NONE)
		return complain(parse, "--evidence: needs a directory, but --output is \"-\"");
	for (int i = 0; i < options->name_count; i++) {
		if (*options->names[i] == '\0')
			return complain(parse, "the name of a file of names is empty");
		stdin_count += strcmp(options->names[i], "-") == 0;
	}
	if (stdin_count > 1)
		return complain(parse, "standard input (\"-\") can be read only once");
	return OPTIONS_GO;
}

/* What getopt_long() did not like, in our words. */
static int refuse(const struct parse *parse, int code, char **argv)
{
	const char *text = argv[optind - 1];
	const char *name = optopt >= FIRST ? table[optopt - FIRST].name : NULL;

	if (code == ':')
		return complain(parse, "--%s: %s is missing", name, table[optopt - FIRST].arg);
	if (name)
		return complain(parse, "--%s: takes no argument", name);
	if (optopt)
		return complain(parse, "-%c: no such option (see --help)",
				isprint(optopt) ? optopt : '?');
	return complain(parse, "%.*s: no such option (see --help)", (int)strcspn(text, "="), text);
}

/* Letters answer with their row's number, like long names. */
static int row_of(int code)
{
	for (size_t i = 0; i < ROWS; i++)
		if (code == table[i].letter)
			return (int)i;
	return code - FIRST;
}

static int read_arguments(struct parse *parse, int argc, char **argv)
{
	struct option longs[ROWS + 1] = {{0}};
	char shorts[2 * ROWS + 2] = ":"; /* ':' first: a missing argument is told apart */
	size_t used = 1;
	int code, result;

	for (size_t i = 0; i < ROWS; i++) {
		longs[i].name = table[i].name;
		longs[i].has_arg = table[i].arg ? required_argument : no_argument;
		longs[i].val = FIRST + (int)i;
		if (!table[i].letter)
			continue;
		shorts[used++] = table[i].letter;
		if (table[i].arg)
			shorts[used++] = ':';
	}
	optind = 0; /* glibc: start afresh */
	opterr = 0;
	while ((code = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		int row;

		if (code == ':' && optopt < FIRST)
			optopt = FIRST + row_of(optopt);
		if (code == '?' || code == ':')
			return refuse(parse, code, argv);
		row = row_of(code);
		result = set_option(parse, &table[row], optarg);
		if (result != OPTIONS_GO)
			return result;
		parse->given[row] = true;
	}
	return OPTIONS_GO;
}

int options_parse(struct options *options, int argc, char **argv, FILE *out, FILE *err)
{
	struct parse parse = {.options = options, .out = out, .err = err};
	int result;

	memset(options, 0, sizeof(*options));
	for (const struct row *row = table; row < table + ROWS; row++) {
		if (!row->initial)
			continue;
		result = set_option(&parse, row, row->initial);
		assert(result == OPTIONS_GO);
	}
	result = read_arguments(&parse, argc, argv);
	if (result != OPTIONS_GO)
		return result;
	options->names = (const char *const *)argv + optind;
	options->name_count = argc - optind;
	settle(&parse);
	return check(&parse);
}

/* All types are one value: "A,MX". */
static bool take_types(const struct options *options, options_take take, void *owner)
{
	char text[OPTIONS_TYPES_MAX * (NAME_TEXT_MAX + 1)] = "", one[NAME_TEXT_MAX];
	size_t len = 0;

	for (int i = 0; i < options->qtype_count; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", i > 0 ? "," : "",
					qtype_name(options->qtypes[i], one));
	return take(owner, "type", text);
}

bool options_each(const struct options *options, options_take take, void *owner)
{
	struct parse parse = {.options = (struct options *)(uintptr_t)options};

	for (const struct row *row = table; row < table + ROWS; row++) {
		char text[64] = "";
		const char *value = text;

		switch (row->kind) {
		case KIND_FLAG:
			value = *(const bool *)field(&parse, row) ? "yes" : "no";
			break;
		case KIND_TEXT:
			value = *(const char *const *)field(&parse, row);
			break;
		case KIND_CHOICE: {
			const char *word = row->arg;

			for (int which = *(const int *)field(&parse, row); which > 0; which--)
				word += strcspn(word, "|") + 1;
			snprintf(text, sizeof(text), "%.*s", (int)strcspn(word, "|"), word);
			break;
		}
		case KIND_COUNT:
			snprintf(text, sizeof(text), "%lld", (long long)*(const int64_t *)field(&parse, row));
			break;
		case KIND_SECONDS:
			snprintf(text, sizeof(text), "%.15g", (double)*(const int64_t *)field(&parse, row) / 1000);
			break;
		case KIND_TYPE: /* several: take_types() */
		case KIND_HELP:
		case KIND_VERSION:
			continue;
		}
		if (value != NULL && !take(owner, row->name, value))
			return false;
	}
	return take_types(options, take, owner);
}
