/* SPDX-License-Identifier: BSD-2-Clause */

/* Any octets as a file of records: what is read ascends, and written again it reads the same. */
#include <string.h>

#include "io/record.h"
#include "tests/fuzz/memory_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct record_reader *reader_of(const void *data, size_t size)
{
	struct record_reader *reader = record_reader_fd(memory_file(NULL, data, size));

	if (!reader)
		abort();
	return reader;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record_reader *reader = reader_of(size ? data : (const uint8_t *)"", size), *back;
	struct record_key before = {.len = 0};
	struct buf again = BUF_EMPTY;
	struct record record, same;
	size_t count = 0;
	int got;

	while ((got = record_reader_next(reader, &record)) > 0) {
		struct record last = {.key = before.octets, .key_len = before.len};

		if (count++ > 0 && record_compare(&last, &record) > 0)
			abort();
		record_put(&again, &before, &record);
	}
	if ((got < 0) != (record_reader_error(reader)[0] != '\0'))
		abort();
	record_reader_close(&reader);
	/* what looks like gzip by chance is read as such */
	if (again.len >= 2 && memcmp(again.data, "\x1f\x8b", 2) == 0)
		again.len = 0;
	else
		for (reader = reader_of(size ? data : (const uint8_t *)"", size),
		    back = reader_of(again.len ? again.data : "", again.len);
		     count > 0; count--)
			if (record_reader_next(reader, &record) != 1 ||
			    record_reader_next(back, &same) != 1 ||
			    record_compare(&record, &same) != 0 ||
			    record.payload_len != same.payload_len ||
			    memcmp(record.payload, same.payload, same.payload_len) != 0)
				abort();
	if (reader)
		record_reader_close(&back);
	record_reader_close(&reader);
	buf_free(&again);
	return 0;
}
