/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any octets as a zone file, once as it is and once with every line cut; whatever is wanted of it.
 */
#include <stdlib.h>
#include <string.h>

#include "scanner/evidence/delegation.h"
#include "scanner/lists/zonefile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int good)
{
	if (!good)
		abort();
}

static void take(struct zonefile *zone, int most)
{
	static struct delegation delegation;
	struct zonefile_name source;
	struct name name;

	while (zonefile_next(zone, &source)) {
		check(most-- > 0 && source.len > 0);
		name_normalise(&name, source.text, source.len);
		check(source.records_len <= ZONEFILE_RECORDS_MAX);
		if (source.records)
			delegation_read(&delegation, source.records, source.records_len);
	}
}

static void play(struct zonefile *zone, const char *text, size_t size, bool cut)
{
	zonefile_begin(zone);
	while (size > 0) {
		const char *lf = memchr(text, '\n', size);
		size_t len = lf ? (size_t)(lf - text) : size;
		char *copy = malloc(len + !len); /* so that reading beyond a line is seen */
		enum name_reason reason;

		check(copy != NULL);
		memcpy(copy, text, len);
		reason = zonefile_line(zone, copy, len, cut);
		free(copy);
		check(reason == NAME_OK || reason == NAME_BLANK || reason == NAME_ZONE_SYNTAX ||
		      reason == NAME_ZONE_DIRECTIVE || reason == NAME_ZONE_CLASS);
		take(zone, reason == NAME_OK ? 2 : 0);
		text += len + (lf != NULL);
		size -= len + (lf != NULL);
	}
	check(!cut || zonefile_end(zone) == NAME_OK);
	take(zone, 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (int want = ZONEFILE_NAMES; want <= ZONEFILE_ADDRESSES; want++) {
		struct zonefile *zone = zonefile_create((enum zonefile_want)want);

		check(zone != NULL);
		play(zone, (const char *)data, size, false);
		play(zone, (const char *)data, size, true);
		zonefile_destroy(&zone);
	}
	return 0;
}
