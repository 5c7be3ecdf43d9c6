/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/evidence/delegation.h"

#include <stdio.h>
#include <string.h>

#include "scanner/dns/name.h"

static bool take_ns(struct delegation *delegation, const char *text, size_t len)
{
	struct name name;

	if (name_normalise(&name, text, len) != NAME_OK)
		return false;
	for (unsigned i = 0; i < delegation->ns_count; i++)
		if (dname_equal(delegation->ns[i], name.wire))
			return true;
	if (delegation->ns_count == DELEGATION_NS_MAX)
		delegation->ns_left_out = true;
	else
		memcpy(delegation->ns[delegation->ns_count++], name.wire, name.wire_len);
	return true;
}

static bool take_ds(struct delegation *delegation, const char *text, size_t len)
{
	static const uint8_t root[1] = {0};
	char line[1024];

	if (len > sizeof(line) - 16)
		return false;
	snprintf(line, sizeof(line), ". IN DS %.*s", (int)len, text);
	return chain_ds_add(&delegation->ds, root, line);
}

bool delegation_read(struct delegation *delegation, const char *records, size_t len)
{
	const char *end = records + len;

	memset(delegation, 0, sizeof(*delegation));
	while (records < end) {
		const char *lf = memchr(records, '\n', (size_t)(end - records));
		size_t size = (size_t)((lf != NULL ? lf : end) - records);
		bool good = false;

		if (size > 3 && memcmp(records, "NS ", 3) == 0)
			good = take_ns(delegation, records + 3, size - 3);
		else if (size > 3 && memcmp(records, "DS ", 3) == 0)
			good = take_ds(delegation, records + 3, size - 3);
		if (!good)
			return false;
		records += size + (lf != NULL);
	}
	return delegation->ns_count > 0;
}
