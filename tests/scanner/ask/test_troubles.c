/* SPDX-License-Identifier: BSD-2-Clause */

/* When resolvers were overloaded: what is known when, and of which time. */
#include "scanner/ask/troubles.h"

#include "tests/tap.h"

int main(void)
{
	struct troubles *t = troubles_create(3);

	is_int(troubles_between(t, 0, 0, 0), TROUBLE_NOT_KNOWN, "at first nothing is known");
	troubles_are_known(t, 1000);
	is_int(troubles_between(t, 0, 0, 999), TROUBLE_NONE, "a quiet time");
	is_int(troubles_between(t, 0, 500, 1000), TROUBLE_NOT_KNOWN, "what has just been is not known");
	troubles_add(t, 1, 1200, 1500);
	troubles_are_known(t, 3000);
	is_int(troubles_between(t, 1, 0, 1199), TROUBLE_NONE, "before");
	is_int(troubles_between(t, 1, 0, 1200), TROUBLE_SOME, "into it");
	is_int(troubles_between(t, 1, 1300, 1310), TROUBLE_SOME, "in the middle");
	is_int(troubles_between(t, 1, 1500, 1600), TROUBLE_SOME, "out of it");
	is_int(troubles_between(t, 1, 1501, 1600), TROUBLE_NONE, "after");
	is_int(troubles_between(t, 1, 0, 2000), TROUBLE_SOME, "all of it");
	is_int(troubles_between(t, 0, 0, 2000), TROUBLE_NONE, "another resolver");
	is_int((long long)troubles_total_ms(t, 1), 300, "its length");
	troubles_add(t, 1, 1400, 2000);
	troubles_add(t, 1, 1100, 1300);
	is_int(troubles_between(t, 1, 1100, 1100), TROUBLE_SOME, "it grows to both sides");
	is_int((long long)troubles_total_ms(t, 1), 900, "into one");
	for (uint32_t i = 1; i <= 2 * TROUBLES_KEPT; i++)
		troubles_add(t, 2, i * 10000, i * 10000 + 100);
	troubles_are_known(t, 10000000);
	is_int(troubles_between(t, 2, 2 * TROUBLES_KEPT * 10000 + 50, 9999999), TROUBLE_SOME, "the latest of many");
	is_int(troubles_between(t, 2, (TROUBLES_KEPT + 1) * 10000, (TROUBLES_KEPT + 1) * 10000), TROUBLE_SOME,
	       "the oldest that is kept");
	is_int(troubles_between(t, 2, 10200, 19999), TROUBLE_NONE, "between them");
	is_int((long long)troubles_total_ms(t, 2), 2 * TROUBLES_KEPT * 100, "the length of all");
	troubles_destroy(&t);
	ok(t == NULL, "gone");
	return done_testing();
}
