/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/prose.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH_PLAIN 100
#define WIDTH_LEAST 60
#define WIDTH_MOST  120
/* Longer paragraphs are cut: a row's longest text is a quarter of that. */
#define TEXT_MAX 8192

void prose_init(struct prose *prose, FILE *out)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	struct winsize size = {0};

	*prose = (struct prose){.out = out, .width = WIDTH_PLAIN};
	if (!isatty(fileno(out)))
		return;
	prose->bold = (!no_color || !*no_color) && term && strcmp(term, "dumb") != 0;
	if (ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		prose->width = size.ws_col < WIDTH_LEAST  ? WIDTH_LEAST
			       : size.ws_col > WIDTH_MOST ? WIDTH_MOST
							  : size.ws_col;
}

/* Replaces what is not text, in place: C0, DEL, and C1 in UTF-8. */
static void disarm(char *text)
{
	for (unsigned char *c = (unsigned char *)text; *c; c++)
		if (*c < 0x20 || *c == 0x7f)
			*c = '?';
		else if (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0)
			c[0] = c[1] = '?';
}

static unsigned columns(const char *text, size_t len)
{
	unsigned count = 0;

	for (size_t i = 0; i < len; i++)
		count += ((unsigned char)text[i] & 0xc0) != 0x80;
	return count;
}

void prose_heading(const struct prose *prose, const char *format, ...)
{
	char text[TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	disarm(text);
	fprintf(prose->out, prose->bold ? "\033[1m%s\033[0m\n" : "%s\n", text);
}

/* Words from the current column on; the first one follows what stands there without a blank. */
static void wrap(const struct prose *prose, unsigned column, unsigned indent, const char *text)
{
	bool first = true;

	while (*(text += strspn(text, " "))) {
		size_t len = strcspn(text, " ");
		unsigned wide = columns(text, len);

		if (!first && column + 1 + wide > prose->width) {
			fprintf(prose->out, "\n%*s", (int)indent, "");
			column = indent;
			first = true;
		}
		fprintf(prose->out, "%s%.*s", first ? "" : " ", (int)len, text);
		column += wide + !first;
		first = false;
		text += len;
	}
	fputc('\n', prose->out);
}

void prose_say(const struct prose *prose, unsigned at, unsigned indent, const char *label,
	       const char *format, ...)
{
	unsigned column = at;
	char text[TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	disarm(text);
	fprintf(prose->out, "%*s%s", (int)at, "", label ? label : "");
	if (!label) {
		wrap(prose, at, indent, text);
		return;
	}
	column += columns(label, strlen(label));
	if (column >= indent)
		fprintf(prose->out, "\n%*s", (int)indent, "");
	else
		fprintf(prose->out, "%*s", (int)(indent - column), "");
	wrap(prose, indent, indent, text);
}
