/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/options/options_inside.h"

#include <assert.h>
#include <ctype.h>
#include <getopt.h>
#include <math.h>
#include <sched.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "results/rows/names.h"

/* getopt_long() hands back FIRST + the row's number. */
#define FIRST 256
/* Who waits for an explanation waits less than a scan does. */
#define EXPLAIN_RECHECK_MS 3000

int options_complain(const struct options_parse *parse, const char *format, ...)
{
	va_list args;

	if (parse->file == NULL)
		fputs(OPTIONS_PROGRAM ": ", parse->err);
	else if (parse->line == 0)
		fprintf(parse->err, OPTIONS_PROGRAM ": %s: ", parse->file);
	else
		fprintf(parse->err, OPTIONS_PROGRAM ": %s:%llu: ", parse->file,
			(unsigned long long)parse->line);
	va_start(args, format);
	vfprintf(parse->err, format, args);
	va_end(args);
	fputc('\n', parse->err);
	return 2;
}

static void *field(const struct options_parse *parse, const struct options_row *row)
{
	return (char *)parse->options + row->offset;
}

/* Was the option of that name given? An option that is not in the table never was. */
static bool was_given(const struct options_parse *parse, const char *name)
{
	for (size_t i = 0; i < options_rows; i++)
		if (strcmp(options_table[i].name, name) == 0)
			return parse->given[i];
	return false;
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

static int set_number(const struct options_parse *parse, const struct options_row *row,
		      const char *text)
{
	bool seconds = row->kind == KIND_SECONDS;
	double value;

	if (!read_number(text, seconds, &value))
		return options_complain(parse, "--%s: '%s' is not a number", row->name, text);
	if (value < row->min || value > row->max)
		return options_complain(parse, "--%s: %s is out of range (%.15g to %.15g)",
					row->name, text, row->min, row->max);
	*(int64_t *)field(parse, row) = seconds ? llround(value * 1000) : (int64_t)value;
	return OPTIONS_GO;
}

static int set_choice(const struct options_parse *parse, const struct options_row *row,
		      const char *text)
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
	return options_complain(parse, "--%s: '%s' is not one of %s", row->name, text, row->arg);
}

/* Meta-types and QTYPEs that are no data (RFC 6895 3.1) are not for a bulk scanner; ANY is (RFC
 * 8482). */
static bool can_ask(uint16_t qtype)
{
	return qtype != 0 && qtype != 41 && (qtype < 128 || qtype > 254);
}

static int add_type(const struct options_parse *parse, const struct options_row *row,
		    const char *text)
{
	struct options *options = parse->options;
	char upper[NAME_TEXT_MAX] = "";
	uint16_t qtype;

	for (size_t i = 0; text[i] && i < sizeof(upper) - 1; i++)
		upper[i] = (char)toupper((unsigned char)text[i]);
	if (strlen(text) >= sizeof(upper) || !qtype_from_name(upper, strlen(upper), &qtype))
		return options_complain(parse, "--%s: '%s' is no type", row->name, text);
	if (!can_ask(qtype))
		return options_complain(parse, "--%s: %s is not a type to ask for", row->name,
					text);
	for (int i = 0; i < options->qtype_count; i++)
		if (options->qtypes[i] == qtype)
			return OPTIONS_GO;
	if (options->qtype_count == OPTIONS_TYPES_MAX)
		return options_complain(parse, "--%s: more than %d types", row->name,
					OPTIONS_TYPES_MAX);
	options->qtypes[options->qtype_count++] = qtype;
	return OPTIONS_GO;
}

/* One address, without a port. */
static bool read_source(struct addr *source, const char *text, size_t len)
{
	char one[64];

	if (len == 0 || len >= sizeof(one))
		return false;
	memcpy(one, text, len);
	one[len] = '\0';
	/* A port would show, for nobody gives this one. */
	if (one[0] == '[' || !addr_parse(source, one, 1) ||
	    (source->sa.sa_family == AF_INET && strchr(one, ':') != NULL))
		return false;
	addr_set_port(source, 0);
	return true;
}

static int add_sources(const struct options_parse *parse, const struct options_row *row,
		       const char *text)
{
	struct options *options = parse->options;

	for (const char *at = text;; at++) {
		size_t len = strcspn(at, ",");
		struct addr source;

		if (!read_source(&source, at, len))
			return options_complain(parse, "--%s: '%.*s' is no IP address", row->name,
						(int)(len < 64 ? len : 64), at);
		if (options->source_count == OPTIONS_SOURCES_MAX)
			return options_complain(parse, "--%s: more than %d addresses", row->name,
						OPTIONS_SOURCES_MAX);
		options->sources[options->source_count++] = source;
		at += len;
		if (*at == '\0')
			return OPTIONS_GO;
	}
}

int options_set(const struct options_parse *parse, const struct options_row *row, const char *text)
{
	switch (row->kind) {
	case KIND_FLAG:
		*(bool *)field(parse, row) = true;
		return OPTIONS_GO;
	case KIND_TEXT:
		if (*text == '\0')
			return options_complain(parse, "--%s: %s must not be empty", row->name,
						row->arg);
		*(const char **)field(parse, row) = text;
		return OPTIONS_GO;
	case KIND_CHOICE:
		return set_choice(parse, row, text);
	case KIND_COUNT:
	case KIND_SECONDS:
		return set_number(parse, row, text);
	case KIND_TYPE:
		return add_type(parse, row, text);
	case KIND_SOURCE:
		return add_sources(parse, row, text);
	case KIND_HELP:
		options_help(parse->out);
		return 0;
	case KIND_VERSION:
		fputs(OPTIONS_PROGRAM " " SERVFAIL_VERSION "\n", parse->out);
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
	return CPU_COUNT(&set) < OPTIONS_THREADS_MAX ? CPU_COUNT(&set) : OPTIONS_THREADS_MAX;
}

static bool was_told(const struct options_parse *parse, const char *name)
{
	for (size_t i = 0; i < options_rows; i++)
		if (strcmp(options_table[i].name, name) == 0)
			return parse->told[i];
	return false;
}

/* Defaults that depend on other options. */
static void settle(const struct options_parse *parse)
{
	struct options *options = parse->options;

	if (options->qtype_count == 0)
		options->qtypes[options->qtype_count++] = 1; /* A */
	if (!was_given(parse, "threads")) {
		options->threads = cpus_available();
		if (options->threads > options->window && options->window > 0)
			options->threads = options->window;
	}
	/* A port has one address. */
	if (options->ports < options->source_count)
		options->ports = options->source_count;
	if (options->explain && !was_given(parse, "recheck"))
		options->recheck_ms = EXPLAIN_RECHECK_MS;
	if (options->explain && !was_given(parse, "evidence"))
		options->evidence = EVIDENCE_ALL;
	/* Evidence needs a file of its own, which standard output has no room for. */
	if (options->output && strcmp(options->output, "-") == 0 && !was_given(parse, "evidence"))
		options->evidence = EVIDENCE_NONE;
}

/* It becomes part of resolvers' names in reports, and of folders' names. */
static bool is_label(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";
	size_t len = strspn(text, letters);

	return text[len] == '\0' && len <= OPTIONS_LABEL_MAX && *text != '.' && *text != '-';
}

/* --explain asks for a few names, here and now. */
static int check_explain(const struct options_parse *parse)
{
	const struct options *options = parse->options;
	static const char *const never[] = {"zone", "shards", "resume", "dry-run"};

	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		if (was_given(parse, never[i]))
			return options_complain(parse, "--explain: not together with --%s",
						never[i]);
	if (options->output && strcmp(options->output, "-") == 0)
		return options_complain(parse, "--explain: --output must be a directory");
	if (options->name_count == 0)
		return options_complain(parse, "--explain: which names?");
	if (options->name_count > OPTIONS_EXPLAIN_MAX)
		return options_complain(parse, "--explain: more than %d names are a scan",
					OPTIONS_EXPLAIN_MAX);
	return OPTIONS_GO;
}

/* Options that make no sense together. */
static int check(const struct options_parse *parse)
{
	const struct options *options = parse->options;
	int stdin_count = 0;

	if (options->explain && check_explain(parse) != OPTIONS_GO)
		return 2;
	if (!options->output && !options->dry_run && !options->explain)
		return options_complain(parse, "--output: say where to (a directory, or \"-\")");
	if (options->resume && (options->dry_run || strcmp(options->output, "-") == 0))
		return options_complain(
			parse, "--resume: needs a run directory (--output), and no --dry-run");
	if (options->shards > 1 && !was_given(parse, "shard"))
		return options_complain(parse, "--shards: say which one with --shard (0 to %lld)",
					(long long)options->shards - 1);
	if (options->shard > 0 && options->shard >= options->shards)
		return options_complain(parse, "--shard: %lld is out of range (0 to %lld)",
					(long long)options->shard, (long long)options->shards - 1);
	if (options->vantage && !is_label(options->vantage))
		return options_complain(
			parse,
			"--vantage: '%s' is no label (letters, digits, and ._- within; %d at most)",
			options->vantage, OPTIONS_LABEL_MAX);
	if (options->threads > options->window && options->window > 0)
		return options_complain(parse, "--window: %lld is less than --threads %lld",
					(long long)options->window, (long long)options->threads);
	if (options->output && strcmp(options->output, "-") == 0 &&
	    options->evidence != EVIDENCE_NONE)
		return options_complain(parse,
					"--evidence: needs a directory, but --output is \"-\"");
	for (int i = 0; i < options->name_count; i++) {
		if (*options->names[i] == '\0')
			return options_complain(parse, "the name of a file of names is empty");
		stdin_count += strcmp(options->names[i], "-") == 0;
	}
	if (stdin_count > 1)
		return options_complain(parse, "standard input (\"-\") can be read only once");
	return OPTIONS_GO;
}

/* What getopt_long() did not like, in our words. */
static int refuse(const struct options_parse *parse, int code, char **argv)
{
	const char *text = argv[optind - 1];
	const char *name = optopt >= FIRST ? options_table[optopt - FIRST].name : NULL;

	if (code == ':')
		return options_complain(parse, "--%s: %s is missing", name,
					options_table[optopt - FIRST].arg);
	if (name)
		return options_complain(parse, "--%s: takes no argument", name);
	if (optopt)
		return options_complain(parse, "-%c: no such option (see --help)",
					isprint(optopt) ? optopt : '?');
	return options_complain(parse, "%.*s: no such option (see --help)", (int)strcspn(text, "="),
				text);
}

/* Letters answer with their row's number, like long names. */
static int row_of(int code)
{
	for (size_t i = 0; i < options_rows; i++)
		if (code == options_table[i].letter)
			return (int)i;
	return code - FIRST;
}

/* A list on the command line is not what the file says and more, but instead. */
static void forget_list(struct options *options, enum kind kind)
{
	if (kind == KIND_TYPE)
		options->qtype_count = 0;
	if (kind == KIND_SOURCE)
		options->source_count = 0;
}

/* One argument. files: only those that name files of options, and these are read. */
static int take_argument(struct options_parse *parse, int row, bool files)
{
	bool file = strcmp(options_table[row].name, "config") == 0;
	int result;

	if (files)
		return file ? options_read_config(parse, optarg) : OPTIONS_GO;
	if (!parse->told[row])
		forget_list(parse->options, options_table[row].kind);
	result = options_set(parse, &options_table[row], optarg);
	parse->given[row] = parse->told[row] = true;
	return result;
}

static int read_arguments(struct options_parse *parse, int argc, char **argv, bool files)
{
	struct option longs[OPTIONS_ROWS_MAX + 1] = {{0}};
	char shorts[2 * OPTIONS_ROWS_MAX + 2] =
		":"; /* ':' first: a missing argument is told apart */
	size_t used = 1;
	int code, result;

	for (size_t i = 0; i < options_rows; i++) {
		longs[i].name = options_table[i].name;
		longs[i].has_arg = options_table[i].arg ? required_argument : no_argument;
		longs[i].val = FIRST + (int)i;
		if (!options_table[i].letter)
			continue;
		shorts[used++] = options_table[i].letter;
		if (options_table[i].arg)
			shorts[used++] = ':';
	}
	optind = 0; /* glibc: start afresh */
	opterr = 0;
	while ((code = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (code == ':' && optopt < FIRST)
			optopt = FIRST + row_of(optopt);
		if (code == '?' || code == ':')
			return files ? OPTIONS_GO : refuse(parse, code, argv);
		result = take_argument(parse, row_of(code), files);
		if (result != OPTIONS_GO)
			return result;
	}
	return OPTIONS_GO;
}

int options_parse(struct options *options, int argc, char **argv, FILE *out, FILE *err)
{
	struct options_parse parse = {.options = options, .out = out, .err = err};
	int result;

	memset(options, 0, sizeof(*options));
	for (const struct options_row *row = options_table; row < options_table + options_rows;
	     row++) {
		if (!row->initial)
			continue;
		result = options_set(&parse, row, row->initial);
		assert(result == OPTIONS_GO);
	}
	/* What files say first, and the command line over it. */
	result = read_arguments(&parse, argc, argv, true);
	if (result == OPTIONS_GO)
		result = read_arguments(&parse, argc, argv, false);
	if (result != OPTIONS_GO)
		return result;
	options->rate_told = was_told(&parse, "rate");
	options->resolver_rate_told = was_told(&parse, "resolver-rate");
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

/* All addresses are one value: "192.0.2.1,2001:db8::1". */
static bool take_sources(const struct options *options, options_take take, void *owner)
{
	char text[OPTIONS_SOURCES_MAX * (ADDR_TEXT_MAX + 1)] = "", one[ADDR_TEXT_MAX];
	size_t len = 0;

	for (int i = 0; i < options->source_count; i++) {
		(void)addr_format(&options->sources[i], 0, one);
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", i > 0 ? "," : "",
					one);
	}
	return options->source_count == 0 || take(owner, "source", text);
}

bool options_each(const struct options *options, options_take take, void *owner)
{
	struct options_parse parse = {.options = (struct options *)(uintptr_t)options};

	for (const struct options_row *row = options_table; row < options_table + options_rows;
	     row++) {
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
			snprintf(text, sizeof(text), "%lld",
				 (long long)*(const int64_t *)field(&parse, row));
			break;
		case KIND_SECONDS:
			snprintf(text, sizeof(text), "%.15g",
				 (double)*(const int64_t *)field(&parse, row) / 1000);
			break;
		case KIND_TYPE: /* several: take_types(), take_sources() */
		case KIND_SOURCE:
		case KIND_HELP:
		case KIND_VERSION:
			continue;
		}
		if (value != NULL && !take(owner, row->name, value))
			return false;
	}
	return take_types(options, take, owner) && take_sources(options, take, owner);
}
