/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/dns/dname.h"
#include "tests/tap.h"

#define N(text) ((const uint8_t *)(text))

/* The example of RFC 4034 6.1, in its order. */
static const char *const ordered[] = {
	"\7example",	    "\1a\7example",	  "\10yljkjljk\1a\7example",
	"\1Z\1a\7example",  "\4zABC\1a\7EXAMPLE", "\1z\7example",
	"\1\1\1z\7example", "\1*\1z\7example",	  "\1\200\1z\7example",
};

static void test_order(void)
{
	int count = (int)(sizeof ordered / sizeof *ordered);

	for (int i = 0; i < count; i++)
		for (int j = 0; j < count; j++) {
			int order = dname_compare(N(ordered[i]), N(ordered[j]));

			ok((order > 0) - (order < 0) == (i > j) - (i < j), "order of %d and %d", i,
			   j);
		}
	ok(dname_compare(N(""), N("\1a")) < 0, "the root comes first");
	ok(dname_compare(N("\2ab\1x"), N("\1b\1x")) < 0, "labels compare as octets, not by length");
}

static void test_parts(void)
{
	const uint8_t *name = N("\1a\2bb\3ccc");
	uint8_t out[DNAME_MAX], long_name[DNAME_MAX];
	char text[DNAME_TEXT_MAX];

	is_int((long long)dname_len(name), 10, "length");
	is_int(dname_labels(name), 3, "labels");
	ok(dname_equal(dname_last(name, 2), N("\2bb\3ccc")), "last two labels");
	ok(dname_equal(dname_last(name, 9), name), "more labels than there are");
	ok(dname_strip(name, 9)[0] == 0, "all stripped");
	is_int(dname_common(name, N("\1x\2BB\3ccc")), 2, "labels in common");
	ok(dname_under(name, N("\3CCC")) && dname_under(name, name) && dname_under(name, N("")),
	   "under");
	ok(!dname_under(N("\3ccc"), name) && !dname_under(N("\4xccc"), N("\3ccc")), "not under");
	ok(!dname_below(name, name) && dname_below(name, N("\3ccc")), "below");
	ok(dname_wildcard(out, N("\3ccc")) && dname_equal(out, N("\1*\3ccc")), "wildcard");
	ok(dname_is_wildcard(out) && !dname_is_wildcard(name), "is a wildcard");
	is_str(dname_text(text, name), "a.bb.ccc", "text");
	for (unsigned i = 0; i < 127; i++) {
		long_name[2 * i] = 1;
		long_name[2 * i + 1] = 'a';
	}
	long_name[254] = 0;
	ok(dname_valid(long_name, 255), "127 labels, 255 octets");
	is_int(dname_labels(long_name), 127, "127 labels counted");
	ok(!dname_wildcard(out, long_name), "no room for an asterisk");
	ok(!dname_valid(long_name, 254) && !dname_valid(N("\1a"), 2) && !dname_valid(N(""), 0),
	   "not ended");
	ok(!dname_valid(N("\100a"), 3) && !dname_valid(N("\300\14"), 3),
	   "no label type but the plain one");
}

int main(void)
{
	test_order();
	test_parts();
	return done_testing();
}
