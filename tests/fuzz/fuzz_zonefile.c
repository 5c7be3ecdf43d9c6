/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any octets as a zone file, once as it is and once with every line cut.
 */
#include <stdlib.h>
#include <string.h>

#include "scanner/zonefile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int good)
{
	if (!good)
		abort();
}

static void take(struct zonefile *zone, int most)
{
	const char *text;
	struct name name;
	size_t len;

	while (zonefile_next(zone, &text, &len)) {
		check(most-- > 0 && len > 0);
		name_normalise(&name, text, len);
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
		      reason == NAME_ZONE_DIRECTIVE);
		take(zone, reason == NAME_OK ? 2 : 0);
		text += len + (lf != NULL);
		size -= len + (lf != NULL);
	}
	check(!cut || zonefile_end(zone) == NAME_OK);
	take(zone, 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct zonefile *zone = zonefile_create();

	check(zone != NULL);
	play(zone, (const char *)data, size, false);
	play(zone, (const char *)data, size, true);
	zonefile_destroy(&zone);
	return 0;
}
