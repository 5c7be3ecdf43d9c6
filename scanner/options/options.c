/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/options/options_inside.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "io/standard.h"
#include "results/rows/names.h"

/* getopt_long() hands back FIRST + the row's number. */
#define FIRST 256

/* What does not print may be a command to a terminal. */
static void put_shown(FILE *err, const char *text)
{
	for (; *text; text++)
		if (*text >= ' ' && *text <= '~')
			fputc(*text, err);
		else
			fprintf(err, "\\x%02x", (unsigned char)*text);
}

int options_complain(const struct options_parse *parse, const char *format, ...)
{
	char *text;
	va_list args;

	if (parse->file == NULL)
		fputs(OPTIONS_PROGRAM ": ", parse->err);
	else if (parse->line == 0)
		fprintf(parse->err, OPTIONS_PROGRAM ": %s: ", parse->file);
	else
		fprintf(parse->err, OPTIONS_PROGRAM ": %s:%llu: ", parse->file,
			(unsigned long long)parse->line);
	va_start(args, format);
	if (vasprintf(&text, format, args) >= 0) {
		put_shown(parse->err, text);
		free(text);
	}
	va_end(args);
	fputc('\n', parse->err);
	return 2;
}

void *options_field(struct options *options, const struct options_row *row)
{
	return (char *)options + row->offset;
}

/* A number with an optional k (or K) or M; false when it is none. */
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
	if (!decimals && *end != '\0' && strchr("kKM", *end) != NULL)
		*value *= *end++ == 'M' ? 1e6 : 1e3;
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
	*(int64_t *)options_field(parse->options, row) =
		seconds ? llround(value * 1000) : (int64_t)value;
	return OPTIONS_GO;
}

static int set_choice(const struct options_parse *parse, const struct options_row *row,
		      const char *text)
{
	int which = 0;

	for (const char *word = row->arg; *word; which++) {
		size_t len = strcspn(word, "|");

		if (strlen(text) == len && memcmp(word, text, len) == 0) {
			*(int *)options_field(parse->options, row) = which;
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
		    const char *text, size_t len)
{
	struct options *options = parse->options;
	char upper[NAME_TEXT_MAX] = "";
	uint16_t qtype;

	for (size_t i = 0; i < len && i < sizeof(upper) - 1; i++)
		upper[i] = (char)toupper((unsigned char)text[i]);
	if (len >= sizeof(upper) || !qtype_from_name(upper, len, &qtype))
		return options_complain(parse, "--%s: '%.*s' is no type", row->name, (int)len,
					text);
	if (!can_ask(qtype))
		return options_complain(parse, "--%s: %.*s is not a type to ask for", row->name,
					(int)len, text);
	for (int i = 0; i < options->qtype_count; i++)
		if (options->qtypes[i] == qtype)
			return OPTIONS_GO;
	if (options->qtype_count == OPTIONS_TYPES_MAX)
		return options_complain(parse, "--%s: more than %d types", row->name,
					OPTIONS_TYPES_MAX);
	options->qtypes[options->qtype_count++] = qtype;
	return OPTIONS_GO;
}

static int add_types(const struct options_parse *parse, const struct options_row *row,
		     const char *text)
{
	for (const char *at = text;; at++) {
		size_t len = strcspn(at, ",");
		int result = add_type(parse, row, at, len);

		at += len;
		if (result != OPTIONS_GO || *at == '\0')
			return result;
	}
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

/* Of what --help and --version say: an exit status. */
static int printed(const struct options_parse *parse)
{
	if (standard_printed(parse->out))
		return 0;
	(void)options_complain(parse, "standard output: %s", strerror(errno));
	return 3;
}

int options_set(const struct options_parse *parse, const struct options_row *row, const char *text)
{
	switch (row->kind) {
	case KIND_FLAG:
		*(bool *)options_field(parse->options, row) = true;
		return OPTIONS_GO;
	case KIND_TEXT:
		if (*text == '\0')
			return options_complain(parse, "--%s: %s must not be empty", row->name,
						row->arg);
		*(const char **)options_field(parse->options, row) = text;
		return OPTIONS_GO;
	case KIND_CHOICE:
		return set_choice(parse, row, text);
	case KIND_COUNT:
	case KIND_SECONDS:
		return set_number(parse, row, text);
	case KIND_TYPE:
		return add_types(parse, row, text);
	case KIND_SOURCE:
		return add_sources(parse, row, text);
	case KIND_HELP:
		options_help(parse->out);
		return printed(parse);
	case KIND_VERSION:
		fputs(OPTIONS_PROGRAM " " SERVFAIL_VERSION "\n", parse->out);
		return printed(parse);
	}
	assert(false && "a kind without code");
	return 2;
}

static bool was_told(const struct options_parse *parse, const char *name)
{
	for (size_t i = 0; i < options_rows; i++)
		if (strcmp(options_table[i].name, name) == 0)
			return parse->told[i];
	return false;
}

/* Letters to change, add or leave out to make a name of text[0..len). */
static size_t distance(const char *text, size_t len, const char *name)
{
	size_t row[OPTIONS_NAME_MAX + 1], name_len = strlen(name);

	assert(name_len <= OPTIONS_NAME_MAX);
	for (size_t j = 0; j <= name_len; j++)
		row[j] = j;
	for (size_t i = 1; i <= len; i++) {
		size_t diagonal = row[0]++;

		for (size_t j = 1; j <= name_len; j++) {
			size_t best = diagonal + (text[i - 1] != name[j - 1]);

			diagonal = row[j];
			if (best > row[j] + 1)
				best = row[j] + 1;
			row[j] = best <= row[j - 1] + 1 ? best : row[j - 1] + 1;
		}
	}
	return row[name_len];
}

/* The option that was probably meant; NULL: none is like that. */
static const char *meant(const char *text, size_t len)
{
	const char *found = NULL;
	size_t least = len / 3 < 2 ? len / 3 : 2;

	for (size_t i = 0; i < options_rows; i++) {
		size_t far = distance(text, len, options_table[i].name);

		if (far > least || (found != NULL && far == least))
			continue;
		found = options_table[i].name;
		least = far;
	}
	return found;
}

/* What getopt_long() did not like, in our words. */
static int refuse(const struct options_parse *parse, int code, char **argv)
{
	const char *text = argv[optind - 1];
	const char *name = optopt >= FIRST ? options_table[optopt - FIRST].name : NULL;
	size_t len;

	if (code == ':')
		return options_complain(parse, "--%s: %s is missing", name,
					options_table[optopt - FIRST].arg);
	if (name)
		return options_complain(parse, "--%s: takes no argument", name);
	if (optopt)
		return options_complain(parse, "-%c: no such option (see --help)",
					isprint(optopt) ? optopt : '?');
	len = strcspn(text, "=");
	name = len > 2 ? meant(text + 2, len - 2) : NULL;
	if (name)
		return options_complain(parse, "%.*s: no such option; did you mean --%s?", (int)len,
					text, name);
	return options_complain(parse, "%.*s: no such option (see --help)", (int)len, text);
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
	options_settle(&parse);
	return options_check(&parse);
}
