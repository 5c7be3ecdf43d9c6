/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/lists/listfile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "io/lines.h"
#include "scanner/dns/name.h"

char *listfile_show(char shown[LISTFILE_SHOWN], const char *text, size_t len)
{
	size_t out = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		/* Room for "\xHH", "..." and NUL. */
		if (out + 8 > LISTFILE_SHOWN) {
			memcpy(shown + out, "...", 3);
			out += 3;
			break;
		}
		if (c >= 32 && c < 127)
			shown[out++] = (char)c;
		else
			out += (size_t)sprintf(shown + out, "\\x%02x", c);
	}
	shown[out] = '\0';
	return shown;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Narrows text to the entry of a line; len 0 when there is none. */
static size_t entry_of(const char **text, size_t len)
{
	while (len > 0 && is_blank(**text)) {
		(*text)++;
		len--;
	}
	for (size_t i = 0; i < len; i++)
		if ((*text)[i] == '#' && (i == 0 || is_blank((*text)[i - 1])))
			len = i;
	while (len > 0 && is_blank((*text)[len - 1]))
		len--;
	return len;
}

/* Keeps a list of nonsense from printing a page for each line: cuts what is beyond the limit and
 * counts it. */
static void limit(struct buf *errors, size_t before, int *complaints, unsigned long *untold)
{
	if (errors->len == before)
		return;
	if (*complaints == LISTFILE_COMPLAINTS_MAX) {
		errors->len = before;
		(*untold)++;
	} else {
		(*complaints)++;
	}
}

bool listfile_read(const char *path, listfile_entry entry, void *owner, struct buf *errors)
{
	struct lines *lines = lines_open(path);
	unsigned long untold = 0;
	int complaints = 0, got;
	struct line line;

	if (!lines) {
		buf_addf(errors, "%s: %s\n", path, strerror(errno));
		return false;
	}
	while ((got = lines_next(lines, &line)) > 0) {
		size_t skip = line.number == 1 ? name_bom(line.text, line.len) : 0;
		const char *text = line.text + skip;
		size_t len = entry_of(&text, line.len - skip), before = errors->len;

		if (line.too_long)
			buf_addf(errors, "%s:%llu: line too long\n", path,
				 (unsigned long long)line.number);
		else if (len > 0)
			entry(owner, text, len, (unsigned)line.number);
		limit(errors, before, &complaints, &untold);
	}
	if (untold > 0)
		buf_addf(errors, "%s: %lu more lines like these\n", path, untold);
	if (got < 0)
		buf_addf(errors, "%s: %s\n", path, lines_error(lines));
	lines_close(&lines);
	return got == 0 && complaints == 0;
}
