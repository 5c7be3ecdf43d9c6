/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/rows/names.h"
#include "tests/tap.h"

static void rcodes(void)
{
	char text[NAME_TEXT_MAX];
	int wrong = 0, rcode = 7;

	is_str(rcode_name(RCODE_NOERROR, text), "NOERROR", "rcode 0");
	is_str(rcode_name(RCODE_SERVFAIL, text), "SERVFAIL", "rcode 2");
	is_str(rcode_name(RCODE_BADVERS, text), "BADVERS", "rcode 16");
	is_str(rcode_name(3841, text), "RCODE3841", "an unknown rcode");
	is_str(rcode_name(RCODE_UNKNOWN, text), "", "no rcode");
	for (int i = 0; i < 4096; i++) {
		const char *name = rcode_name(i, text);

		wrong += !rcode_from_name(name, strlen(name), &rcode) || rcode != i;
	}
	is_int(wrong, 0, "every rcode reads back");
	ok(!rcode_from_name("SERVFAI", 7, &rcode), "half a name is none");
	ok(!rcode_from_name("SERVFAILX", 9, &rcode), "a longer name is none");
	ok(!rcode_from_name("SERVFAIL\0\0\0\0", 12, &rcode), "nor is one with NULs behind it");
	ok(rcode_from_name("SERVFAILX", 8, &rcode) && rcode == 2, "the length counts");
	ok(!rcode_from_name("RCODE4096", 9, &rcode), "RCODE4096 does not exist");
	ok(!rcode_from_name("RCODE-1", 7, &rcode), "nor RCODE-1");
	ok(!rcode_from_name("SERVFAIL\0\0", 10, &rcode), "NULs are no end");
	ok(rcode_from_name("", 0, &rcode) && rcode == RCODE_UNKNOWN, "empty is unknown");
}

static void qtypes(void)
{
	char text[NAME_TEXT_MAX];
	int wrong = 0;
	uint16_t qtype = 0;

	is_str(qtype_name(1, text), "A", "type 1");
	is_str(qtype_name(257, text), "CAA", "type 257");
	is_str(qtype_name(65280, text), "TYPE65280", "an unknown type (RFC 3597)");
	for (unsigned i = 0; i < 65536; i++) {
		const char *name = qtype_name((uint16_t)i, text);

		wrong += !qtype_from_name(name, strlen(name), &qtype) || qtype != i;
	}
	is_int(wrong, 0, "every type reads back");
	ok(qtype_from_name("TYPE28", 6, &qtype) && qtype == 28, "TYPE28 is AAAA");
	ok(!qtype_from_name("TYPE65536", 9, &qtype), "TYPE65536 does not exist");
	ok(!qtype_from_name("", 0, &qtype), "empty is no type");
}

static void others(void)
{
	char text[NAME_TEXT_MAX];
	enum outcome outcome;
	unsigned flags = 0;
	int wrong = 0;

	for (unsigned i = 0; i < OUTCOME_COUNT; i++) {
		const char *name = outcome_name((enum outcome)i);

		wrong += !outcome_from_name(name, strlen(name), &outcome) || outcome != i;
	}
	is_int(wrong, 0, "every outcome reads back");
	is_str(outcome_name(OUTCOME_TRUNCATED_TCP_FAILED), "truncated-tcp-failed", "the long one");
	ok(!outcome_from_name("answer", 6, &outcome), "half an outcome is none");

	is_str(flags_name(FLAG_AA | FLAG_RD | FLAG_RA, text), "aa+rd+ra", "flags");
	for (unsigned i = 0; i < 64; i++) {
		const char *name = flags_name(i, text);

		wrong += !flags_from_name(name, strlen(name), &flags) || flags != i;
	}
	is_int(wrong, 0, "every set of flags reads back");
	ok(!flags_from_name("aa+", 3, &flags), "a trailing plus is wrong");
	ok(!flags_from_name("aa,rd", 5, &flags), "another separator is wrong");
	ok(!flags_from_name("a", 1, &flags), "half a flag is wrong");

	is_str(ede_name(6), "DNSSEC Bogus", "EDE 6");
	is_str(ede_name(33), "Negative Trust Anchor", "EDE 33");
	ok(ede_name(49152) == NULL, "private EDE codes have no name");
}

int main(void)
{
	rcodes();
	qtypes();
	others();
	return done_testing();
}
