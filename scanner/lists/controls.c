/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/lists/controls.h"

#include <string.h>

#include "scanner/lists/listfile.h"
#include "scanner/dns/name.h"

/* Names of the Internet that have been what they are for many years; the filtered ones are kept by
 * Quad9 and Cloudflare for people to see whether they are filtered. */
static const struct {
	const char *name;
	enum control_kind kind;
} known[] = {
	{"ietf.org", CONTROL_GOOD},
	{"nlnetlabs.nl", CONTROL_GOOD},
	{"dnssec-failed.org", CONTROL_BOGUS},
	{"sigfail.verteiltesysteme.net", CONTROL_BOGUS},
	{"google.com", CONTROL_UNSIGNED},
	{"servfail-control.iana.org", CONTROL_NXDOMAIN},
	{"isitblocked.org", CONTROL_FILTERED},
	{"malware.testcategory.com", CONTROL_FILTERED},
};

static const char *const kinds[CONTROL_KINDS] = {"good", "bogus", "unsigned", "nxdomain",
						 "filtered"};

static bool add_control(struct controls *controls, const char *text, size_t len, const char *kind,
			size_t kind_len)
{
	struct control *control = &controls->list[controls->count];
	struct name name;

	if (controls->count == CONTROLS_MAX || name_normalise(&name, text, len) != NAME_OK)
		return false;
	for (int i = 0; i < CONTROL_KINDS; i++) {
		if (strlen(kinds[i]) != kind_len || memcmp(kinds[i], kind, kind_len) != 0)
			continue;
		control->kind = (enum control_kind)i;
		control->qname_len = name.wire_len;
		memcpy(control->qname, name.wire, name.wire_len);
		controls->count++;
		return true;
	}
	return false;
}

/* What controls_load() reads into, and where it complains. */
struct loading {
	struct controls *controls;
	const char *path;
	struct buf *errors;
};

static void add_line(void *owner, const char *text, size_t len, unsigned line)
{
	struct loading *loading = owner;
	size_t name_len = 0, kind;
	char shown[LISTFILE_SHOWN];

	while (name_len < len && text[name_len] != ' ' && text[name_len] != '\t')
		name_len++;
	kind = name_len;
	while (kind < len && (text[kind] == ' ' || text[kind] == '\t'))
		kind++;
	if (!add_control(loading->controls, text, name_len, text + kind, len - kind))
		buf_addf(loading->errors,
			 "%s:%u: '%s' is no control (NAME good|bogus|unsigned|nxdomain|filtered, "
			 "%d at most)\n",
			 loading->path, line, listfile_show(shown, text, len), CONTROLS_MAX);
}

bool controls_load(struct controls *controls, const char *path, struct buf *errors)
{
	struct loading loading = {controls, path, errors};
	size_t before = errors->len;

	controls->count = 0;
	if (path != NULL && strcmp(path, "none") == 0)
		return true;
	for (size_t i = 0; path == NULL && i < sizeof(known) / sizeof(known[0]); i++)
		add_control(controls, known[i].name, strlen(known[i].name), kinds[known[i].kind],
			    strlen(kinds[known[i].kind]));
	return path == NULL ||
	       (listfile_read(path, add_line, &loading, errors) && errors->len == before);
}
