/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * --config: options out of a file, "name = value" a line, as on the command line without the
 * dashes. What stands in a section ("[nightly]") other than "[scan]" is for other programs.
 */
#include "scanner/options/options_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/lines.h"

struct options_text {
	struct options_text *next;
	char text[];
};

/* What may not stand in a file. */
static bool is_for_commands(const struct options_row *row)
{
	return row->kind == KIND_HELP || row->kind == KIND_VERSION ||
	       strcmp(row->name, "config") == 0 || strcmp(row->name, "explain") == 0;
}

static const struct options_row *find(const char *name, size_t len)
{
	for (size_t i = 0; i < options_rows; i++)
		if (strlen(options_table[i].name) == len &&
		    memcmp(options_table[i].name, name, len) == 0)
			return &options_table[i];
	return NULL;
}

static void strip(const char **text, size_t *len)
{
	while (*len > 0 && (**text == ' ' || **text == '\t'))
		++*text, --*len;
	while (*len > 0 && (*text)[*len - 1] != '\0' && strchr(" \t\r", (*text)[*len - 1]) != NULL)
		--*len;
}

/* A copy that lives as long as the options. */
static const char *keep(struct options *options, const char *text, size_t len)
{
	struct options_text *kept = malloc(sizeof(*kept) + len + 1);

	if (kept == NULL)
		return NULL;
	memcpy(kept->text, text, len);
	kept->text[len] = '\0';
	kept->next = options->kept;
	options->kept = kept;
	return kept->text;
}

/* "name = value"; a flag needs no value, or "yes", and is left alone by "no". */
static int take_line(struct options_parse *parse, const char *text, size_t len)
{
	const char *equals = memchr(text, '=', len), *value = "", *kept;
	size_t name_len = equals != NULL ? (size_t)(equals - text) : len, value_len = 0;
	const struct options_row *row;
	const char *name = text;
	int result;

	if (memchr(text, '\0', len) != NULL)
		return options_complain(parse, "a zero octet in the line");
	if (equals != NULL) {
		value = equals + 1;
		value_len = len - name_len - 1;
	}
	strip(&name, &name_len);
	strip(&value, &value_len);
	row = find(name, name_len);
	if (row == NULL)
		return options_complain(parse, "'%.*s' is no option", (int)name_len, name);
	if (is_for_commands(row))
		return options_complain(parse, "%s is for the command line", row->name);
	if (row->kind == KIND_FLAG && value_len == 2 && memcmp(value, "no", 2) == 0)
		return OPTIONS_GO;
	if (row->kind == KIND_FLAG && value_len > 0 &&
	    (value_len != 3 || memcmp(value, "yes", 3) != 0))
		return options_complain(parse, "%s is yes or no", row->name);
	if (row->kind != KIND_FLAG && equals == NULL)
		return options_complain(parse, "%s = %s: the value is missing", row->name,
					row->arg);
	kept = keep(parse->options, value, value_len);
	if (kept == NULL) {
		(void)options_complain(parse, "out of memory");
		return 3;
	}
	/* options_free() frees it. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
	result = options_set(parse, row, kept);
	parse->given[row - options_table] = true;
	return result;
}

static int read_lines(struct options_parse *parse, struct lines *lines)
{
	bool ours = true;
	struct line line;
	int got, result = OPTIONS_GO;

	while (result == OPTIONS_GO && (got = lines_next(lines, &line)) > 0) {
		const char *text = line.text;
		size_t len = line.len;

		parse->line = line.number;
		if (line.number == 1 && len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
			text += 3; /* the byte order mark some editors begin a file with */
			len -= 3;
		}
		strip(&text, &len);
		if (len == 0 || *text == '#' || *text == ';')
			continue;
		if (*text == '[' && text[len - 1] != ']')
			result = options_complain(parse, "'%.*s' lacks its ]", (int)len, text);
		else if (*text == '[')
			ours = len == 6 && memcmp(text, "[scan]", 6) == 0;
		else if (ours)
			result = take_line(parse, text, len);
	}
	if (result == OPTIONS_GO && got < 0)
		result = options_complain(parse, "%s", lines_error(lines));
	return result;
}

int options_read_config(struct options_parse *parse, const char *path)
{
	struct lines *lines = lines_open(path);
	int result;

	parse->file = path;
	parse->line = 0;
	result = lines != NULL ? read_lines(parse, lines)
			       : options_complain(parse, "%s", strerror(errno));
	lines_close(&lines);
	parse->file = NULL;
	return result;
}

void options_free(struct options *options)
{
	struct options_text *text = options->kept, *next;

	for (; text != NULL; text = next) {
		next = text->next;
		free(text);
	}
	options->kept = NULL;
}

bool options_reread(const struct options *options, int64_t *rate, int64_t *resolver_rate, FILE *err)
{
	struct options fresh = {.rate = options->rate, .resolver_rate = options->resolver_rate};
	struct options_parse parse = {.options = &fresh, .out = err, .err = err};
	bool good = options->config_file != NULL &&
		    options_read_config(&parse, options->config_file) == OPTIONS_GO;

	/* What the command line says wins, now as then. */
	*rate = good && !options->rate_told ? fresh.rate : options->rate;
	*resolver_rate =
		good && !options->resolver_rate_told ? fresh.resolver_rate : options->resolver_rate;
	options_free(&fresh);
	return good;
}
