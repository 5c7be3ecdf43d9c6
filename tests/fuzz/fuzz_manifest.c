/* SPDX-License-Identifier: BSD-2-Clause */

/* run.json of somebody else's run; what is read is written, and read again. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "results/rows/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char why[MANIFEST_WHY_MAX] = "";
	struct manifest *manifest = manifest_parse((const char *)data, size, why), *again;
	char *text;

	if (manifest == NULL) {
		assert(why[0] != '\0' && memchr(why, '\0', sizeof(why)) != NULL);
		for (const char *c = why; *c; c++)
			assert(*c >= ' ' && *c <= '~');
		return 0;
	}
	text = manifest_text(manifest);
	assert(text != NULL);
	again = manifest_parse(text, strlen(text), why);
	assert(again != NULL);
	assert(again->part_count == manifest->part_count &&
	       again->resolver_count == manifest->resolver_count);
	assert(again->complete == manifest->complete && again->seed == manifest->seed);
	free(text);
	manifest_destroy(&again);
	manifest_destroy(&manifest);
	return 0;
}
