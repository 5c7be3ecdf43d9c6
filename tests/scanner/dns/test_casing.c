/* SPDX-License-Identifier: BSD-2-Clause */

/* Letters in upper and lower case by lot: each letter takes a lot, and nothing else does. */
#include "scanner/dns/casing.h"

#include <string.h>

#include "tests/tap.h"

static const uint8_t name[] = "\5a-b1c\3zz_\4test";

int main(void)
{
	static const struct {
		uint32_t lots;
		const char *want;
	} cases[] = {
		{0, "\5a-b1c\3zz_\4test"},
		{0xffffffff, "\5A-B1C\3ZZ_\4TEST"},
		{1, "\5A-b1c\3zz_\4test"},
		{4, "\5a-b1C\3zz_\4test"},
		{1u << 8, "\5a-b1c\3zz_\4tesT"},
	};
	uint8_t long_name[64], out[64];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		casing_write(out, name, sizeof(name), cases[i].lots);
		is_str((const char *)out, cases[i].want, "letters as the lots say");
		ok(casing_fits(out, name, sizeof(name), cases[i].lots), "they fit");
		ok(!casing_fits(out, name, sizeof(name), cases[i].lots ^ 2), "other lots do not");
		ok(casing_fits(out, name, sizeof(name), cases[i].lots ^ 1u << 31),
		   "a lot that no letter took does not matter");
	}
	is_int(casing_letters(name, sizeof(name)), 9, "letters");
	memset(long_name, 'a', 63);
	casing_write(out, long_name, 63, 2);
	ok(out[0] == 'a' && out[1] == 'A' && out[32] == 'a' && out[33] == 'A', "beyond 32 the lots are used again");
	casing_write(long_name, long_name, 63, 2);
	is_int(memcmp(long_name, out, 63), 0, "in place");
	return done_testing();
}
