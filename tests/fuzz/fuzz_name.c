/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any octets as a name: what is taken must be canonical, and its text must be read as the same name
 * again.
 */
#include <stdlib.h>
#include <string.h>

#include "scanner/dns/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int good)
{
	if (!good)
		abort();
}

/* Labels of 1..63 octets of [a-z0-9_-], or one "*" in front; the root at the end, and nowhere else.
 */
static void check_wire(const struct name *name)
{
	size_t at = 0;

	while (name->wire[at]) {
		size_t len = name->wire[at];

		check(len <= 63 && at + 1 + len < name->wire_len);
		for (size_t i = at + 1; i <= at + len; i++)
			check(strchr("abcdefghijklmnopqrstuvwxyz0123456789-_", name->wire[i]) ||
			      (name->wire[i] == '*' && at == 0 && len == 1));
		at += 1 + len;
	}
	check(at + 1 == name->wire_len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[NAME_WIRE_MAX + 1];
	struct name name, again;
	enum name_reason reason = name_normalise(&name, (const char *)data, size);
	size_t len;

	check(reason < NAME_REASON_COUNT && name_reason_text(reason));
	if (reason != NAME_OK)
		return 0;
	check_wire(&name);
	len = name_text(text, name.wire, name.wire_len);
	check(len == strlen(text) && len <= 253);
	check(name_normalise(&again, text, len) == NAME_OK);
	check(again.wire_len == name.wire_len);
	check(memcmp(again.wire, name.wire, name.wire_len) == 0);
	return 0;
}
