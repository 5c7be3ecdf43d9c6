/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/lists/onpurpose.h"

#include <ctype.h>
#include <string.h>

#include "results/sort/expected.h"
#include "scanner/lists/listfile.h"
#include "scanner/dns/name.h"

struct loading {
	struct buf *text, *errors;
	const char *path;
};

/* "sigfail.*.example": what it matches are names when it is one with a letter for each "*". */
static enum name_reason check_pattern(char pattern[NAME_WIRE_MAX + 1], const char *text, size_t len)
{
	char letters[NAME_WIRE_MAX + 1];
	struct name name;

	if (len > NAME_WIRE_MAX)
		return NAME_TOO_LONG;
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] > 126)
			return NAME_BAD_CHARACTER;
		pattern[i] = (char)tolower((unsigned char)text[i]);
		letters[i] = pattern[i] == '*' ? 'x' : pattern[i];
	}
	pattern[len] = '\0';
	return name_normalise(&name, letters, len);
}

static void add_entry(void *owner, const char *text, size_t len, unsigned line)
{
	struct loading *loading = owner;
	char canonical[NAME_WIRE_MAX + 1], shown[LISTFILE_SHOWN];
	enum name_reason reason;
	struct name name;

	if (memchr(text, '*', len) != NULL) {
		reason = check_pattern(canonical, text, len);
	} else {
		reason = name_normalise(&name, text, len);
		if (reason == NAME_OK)
			name_text(canonical, name.wire, name.wire_len);
	}
	if (reason == NAME_OK && strcmp(canonical, ".") != 0)
		buf_addf(loading->text, "%s\n", canonical);
	else
		buf_addf(loading->errors, "%s:%u: '%s' is no name or pattern: %s\n", loading->path,
			 line, listfile_show(shown, text, len),
			 reason == NAME_OK ? "all names would be broken on purpose"
					   : name_reason_text(reason));
}

bool onpurpose_load(struct buf *text, const char *path, struct buf *errors)
{
	struct loading loading = {text, errors, path};
	size_t before = errors->len;
	const char *entry;

	if (path != NULL)
		return listfile_read(path, add_entry, &loading, errors) && errors->len == before;
	for (size_t i = 0; (entry = expected_default(i)) != NULL; i++)
		buf_addf(text, "%s\n", entry);
	return true;
}
