/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any octets as text of a page: what is written holds no markup, no quote that ends an attribute,
 * no character that deceives, and is UTF-8.
 */
#include <stdlib.h>
#include <string.h>

#include "results/report/html.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int good)
{
	if (!good)
		abort();
}

/* Octets of the UTF-8 character at text; 0: it is none. */
static size_t octets(const unsigned char *text, size_t len)
{
	size_t want = text[0] < 0x80   ? 1
		      : text[0] < 0xc2 ? 0
		      : text[0] < 0xe0 ? 2
		      : text[0] < 0xf0 ? 3
				       : 4;

	if (want > len)
		return 0;
	for (size_t i = 1; i < want; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	return want;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = BUF_EMPTY, again = BUF_EMPTY;
	struct view text = {(const char *)data, size};
	size_t used;

	html_text(&out, text);
	html_foreign(&again, text, size / 2 + 1);
	check(!out.failed && !again.failed && again.len >= strlen("<bdi></bdi>"));
	for (size_t i = 0; i < out.len; i += used) {
		const unsigned char *at = (const unsigned char *)out.data + i;

		used = octets(at, out.len - i);
		check(used > 0 && at[0] >= 0x20 && at[0] != 0x7f && !strchr("<>\"'", at[0]));
		check(used != 3 || memcmp(at, "\342\200\256", 3) != 0);
		check(at[0] != '&' || memchr(at, ';', out.len - i));
	}
	buf_free(&out);
	buf_free(&again);
	return 0;
}
