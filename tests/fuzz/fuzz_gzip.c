/* SPDX-License-Identifier: BSD-2-Clause */

/* Any octets, as two members of any level, come back as they were. */
#include "io/gzip.h"

#include <string.h>

#include "tests/fuzz/memory_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct gzip_deflater *deflater = gzip_deflater_create(len > 0 ? data[0] % 9 + 1 : 1);
	size_t first = len > 1 ? (size_t)(data[1] << 8) % len : 0;
	struct buf file = BUF_EMPTY;
	struct gzip_reader *reader;
	char *back = malloc(len + 1);
	size_t have = 0;
	ssize_t got;

	if (!deflater || !back || !gzip_member(deflater, data, first, &file) ||
	    !gzip_member(deflater, data + first, len - first, &file))
		abort();
	reader = gzip_reader_fd(memory_file(NULL, file.data, file.len));
	while ((got = gzip_reader_read(reader, back + have, len + 1 - have)) > 0) {
		have += (size_t)got;
		if (have > len)
			abort();
	}
	if (got != 0 || have != len || (len > 0 && memcmp(back, data, len) != 0))
		abort();
	gzip_reader_close(&reader);
	gzip_deflater_destroy(&deflater);
	buf_free(&file);
	free(back);
	return 0;
}
