/* SPDX-License-Identifier: BSD-2-Clause */

#include "io/buf.h"

#include <stdint.h>

#include "tests/tap.h"

static void test_growth(void)
{
	struct buf buf = BUF_EMPTY;
	bool same = true;

	is_str(buf_text(&buf), "", "an empty buffer is an empty text");
	for (int i = 0; i < 100000; i++) {
		char octet = (char)i;

		buf_add(&buf, &octet, 1);
	}
	is_int((long long)buf.len, 100000, "octet by octet");
	for (int i = 0; i < 100000; i++)
		same &= buf.data[i] == (char)i;
	ok(same, "nothing lost while it grew");
	ok(buf.cap < 4 * buf.len, "and not much more memory than needed");
	buf_clear(&buf);
	ok(buf.len == 0 && buf.cap >= 100000, "clearing keeps the memory");
	buf_add(&buf, NULL, 0);
	is_int((long long)buf.len, 0, "adding nothing adds nothing");
	buf_free(&buf);
	ok(!buf.data && buf.len == 0 && buf.cap == 0 && !buf.failed, "freed is empty");
	buf_add_str(&buf, "again");
	is_str(buf_text(&buf), "again", "and usable");
	buf_free(&buf);
}

static void test_text(void)
{
	struct buf buf = BUF_EMPTY;
	struct buf long_one = BUF_EMPTY;
	bool grew = true;

	buf_add_str(&buf, "a");
	buf_addf(&buf, "%d-%s", 42, "b");
	buf_add(&buf, "c\0d", 3);
	is_int((long long)buf.len, 8, "NUL is an octet like any other");
	buf_text(&buf);
	is_int((long long)buf.len, 8, "the final NUL does not count");
	is_str(buf_text(&buf), "a42-bc", "text");
	/* Each length up to past the first and second growth: the format's NUL fits in or makes it
	 * grow. */
	for (int i = 0; i < 1200; i++) {
		buf_clear(&long_one);
		buf_addf(&long_one, "%*d", i, 7);
		grew &= long_one.len == (size_t)(i > 0 ? i : 1);
		grew &= buf_text(&long_one)[long_one.len - 1] == '7';
	}
	ok(grew, "formats of any length");
	buf_free(&long_one);
	buf_free(&buf);
}

static void test_failure(void)
{
	struct buf buf = BUF_EMPTY;

	buf_add_str(&buf, "kept");
	ok(!buf_reserve(&buf, SIZE_MAX), "more than there can be");
	ok(buf.failed, "the error sticks");
	buf_add_str(&buf, "x");
	buf_addf(&buf, "%d", 1);
	is_int((long long)buf.len, 4, "later calls do nothing");
	ok(!buf_text(&buf), "no text of a failed buffer");
	ok(!buf_reserve(&buf, 0), "nor room");
	buf_clear(&buf);
	ok(buf.failed, "clearing does not forgive");
	buf_free(&buf);
	ok(!buf.failed, "freeing does");
	ok(!buf_reserve(&buf, (size_t)PTRDIFF_MAX + 1), "one more than the largest object");
	buf_free(&buf);
}

int main(void)
{
	test_growth();
	test_text();
	test_failure();
	return done_testing();
}
