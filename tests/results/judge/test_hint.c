/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/judge/hint.h"
#include "results/judge/signature.h"
#include "tests/tap.h"

static struct reply reply_of(unsigned code, const char *text)
{
	struct reply reply = {.outcome = OUTCOME_ANSWERED, .rcode = RCODE_SERVFAIL};

	reply.ede_count = 1;
	reply.ede[0] = (uint16_t)code;
	reply.ede_text = (struct view){text, strlen(text)};
	return reply;
}

static const char *zone_text(struct hint hint)
{
	static char text[256];

	snprintf(text, sizeof(text), "%.*s", (int)hint.zone.len,
		 hint.zone.len ? hint.zone.text : "");
	return text;
}

static void dnssec(void)
{
	static const struct {
		unsigned code;
		const char *text;
		enum cause best;
		enum strength strength;
		const char *zone;
	} cases[] = {
		{9,
		 "validation failure <www.a.example. A IN>: DS hash mismatches key from 192.0.2.1 "
		 "for "
		 "key a.example. while building chain of trust",
		 CAUSE_DS_DIGEST_MISMATCH, HINT_TEXT, "a.example"},
		{9,
		 "validation failure <a.example. A IN>: no keys have a DS with algorithm RSASHA256 "
		 "from 192.0.2.1 for key a.example. while building chain of trust",
		 CAUSE_DS_NO_MATCHING_DNSKEY, HINT_TEXT, "a.example"},
		{9,
		 "validation failure <a.example. A IN>: No DNSKEY record from 192.0.2.1 for key "
		 "example. while building chain of trust",
		 CAUSE_DS_BUT_UNSIGNED, HINT_TEXT, "example"},
		{9,
		 "validation failure <a.example. A IN>: No DNSKEY record for key a.example. while "
		 "building chain of trust",
		 CAUSE_DNSKEY_UNOBTAINABLE, HINT_TEXT, "a.example"},
		{6, "validation failure <a.example. A IN>: signature crypto failed from 192.0.2.1",
		 CAUSE_RRSIG_INVALID, HINT_TEXT, ""},
		{6,
		 "validation failure <a.example. A IN>: signature crypto failed from 192.0.2.1 for "
		 "<x.a.example. NSEC3 IN>",
		 CAUSE_DENIAL_WRONG, HINT_TEXT, ""},
		{9,
		 "validation failure <x.a.example. A IN>: signature crypto failed from 192.0.2.1 "
		 "for DS x.a.example. while building chain of trust",
		 CAUSE_PARENT_DS_INVALID, HINT_TEXT, ""},
		{10,
		 "validation failure <x.a.example. A IN>: no signatures from 192.0.2.1 for DS "
		 "x.a.example. while building chain of trust",
		 CAUSE_PARENT_DS_INVALID, HINT_TEXT, ""},
		{12,
		 "validation failure <x.a.example. A IN>: no signatures over NSEC3s from "
		 "192.0.2.1 for DS x.a.example. while building chain of trust",
		 CAUSE_DENIAL_MISSING, HINT_TEXT, ""},
		{7, "validation failure <a.example. A IN>: signature expired from 192.0.2.1",
		 CAUSE_RRSIG_EXPIRED, HINT_TEXT, ""},
		{9, "no SEP matching the DS found for dnssec-failed.org.",
		 CAUSE_DS_NO_MATCHING_DNSKEY, HINT_TEXT, "dnssec-failed.org"},
		{6, "EXRU", CAUSE_DS_NO_MATCHING_DNSKEY, HINT_FAMILY, ""},
		{12, "AHXI", CAUSE_DENIAL_MISSING, HINT_TEXT, ""},
		{7, "", CAUSE_RRSIG_EXPIRED, HINT_CODE, ""},
		{8, "", CAUSE_RRSIG_NOT_YET_VALID, HINT_CODE, ""},
		{25, "", CAUSE_RRSIG_NOT_YET_VALID, HINT_CODE, ""},
		{10, "", CAUSE_RRSIG_MISSING, HINT_FAMILY, ""},
		{6, "", CAUSE_NONE, HINT_NONE, ""},
		{29, "synthesized", CAUSE_NONE, HINT_NONE, ""},
		/* the question is not the reason, whatever the name looks like */
		{6, "validation failure <EXRU.DS-hash-mismatches-key. A IN>: key is bad",
		 CAUSE_NONE, HINT_NONE, ""},
		{6, "for key \x01\xff", CAUSE_NONE, HINT_NONE, ""},
		{9, "validation failure <a. A IN>: DS hash mismatches key for key . while",
		 CAUSE_DS_DIGEST_MISMATCH, HINT_TEXT, "."},
		{9,
		 "validation failure <a.example. A IN>: no keys have a DS with algorithm RSASHA256 "
		 "from 192.0.2.1 for trust anchor . while building chain of trust",
		 CAUSE_DS_NO_MATCHING_DNSKEY, HINT_TEXT, "."},
		{6,
		 "validation failure <a.example. A IN>: key for validation . is marked as invalid "
		 "because of a previous validation failure <b.test. A IN>: signature expired from "
		 "192.0.2.1",
		 CAUSE_RRSIG_EXPIRED, HINT_TEXT, "."},
		{6,
		 "validation failure <a.b.example. A IN>: key for validation example. is marked as "
		 "invalid because of a previous validation failure <b.example. A IN>: DS hash "
		 "mismatches key from 192.0.2.1 for key example. while building chain of trust",
		 CAUSE_DS_DIGEST_MISMATCH, HINT_TEXT, "example"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct reply reply = reply_of(cases[i].code, cases[i].text);
		struct hint hint = hint_dnssec(&reply, false);

		ok(hint.best == cases[i].best && hint.strength == cases[i].strength &&
			   (hint.best == CAUSE_NONE || (hint.possible & CAUSE_BIT(hint.best))) &&
			   strcmp(zone_text(hint), cases[i].zone) == 0,
		   "%u '%s' -> %s, strength %d, zone '%s'", cases[i].code, cases[i].text,
		   cause_info(hint.best)->id, (int)hint.strength, zone_text(hint));
	}
}

static void servers(void)
{
	static const struct {
		unsigned code;
		const char *text;
		enum cause best;
		enum strength strength;
	} cases[] = {
		{23, "[173.201.72.5] rcode=REFUSED for o-ov.com/a", CAUSE_NS_REFUSED, HINT_TEXT},
		{23, "192.0.2.1:53 rcode=SERVFAIL for a.example A", CAUSE_ZONE_NOT_LOADED,
		 HINT_TEXT},
		{23, "192.0.2.1:53 timed out for a.example A", CAUSE_NS_TIMEOUT, HINT_TEXT},
		{22, "Timeout waiting for answer(s)", CAUSE_NS_TIMEOUT, HINT_TEXT},
		{23, "192.0.2.1:53 timed out | 192.0.2.2:53 rcode=REFUSED", CAUSE_NS_MIXED_FAILURES,
		 HINT_TEXT},
		{22, "", CAUSE_NS_TIMEOUT, HINT_FAMILY},
		{24, "", CAUSE_ZONE_NOT_LOADED, HINT_CODE},
		{0, "max. restarts reached", CAUSE_CNAME_CHAIN_TOO_LONG, HINT_FAMILY},
		{0, "", CAUSE_NONE, HINT_NONE},
		{9, "no SEP matching the DS found for a.example.", CAUSE_NONE, HINT_NONE},
	};
	struct reply reply = reply_of(22, "At delegation o-ov.com for o-ov.com/a");

	is_str(zone_text(hint_servers(&reply)), "o-ov.com", "the delegation is named");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct hint hint;

		reply = reply_of(cases[i].code, cases[i].text);
		hint = hint_servers(&reply);
		ok(hint.best == cases[i].best && hint.strength == cases[i].strength,
		   "%u '%s' -> %s, strength %d", cases[i].code, cases[i].text,
		   cause_info(hint.best)->id, (int)hint.strength);
	}
}

static void kinds(void)
{
	static const unsigned policy[] = {4, 15, 16, 17, 18, 35}, exempt[] = {3, 19, 33},
			      busy[] = {14, 31, 32};
	struct reply reply;

	for (size_t i = 0; i < 6; i++) {
		reply = reply_of(policy[i], "");
		ok(hint_policy(&reply) && !hint_exempt(&reply), "EDE %u is policy", policy[i]);
	}
	for (size_t i = 0; i < 3; i++) {
		reply = reply_of(exempt[i], "");
		ok(hint_exempt(&reply) && !hint_policy(&reply), "EDE %u is an exemption",
		   exempt[i]);
		reply = reply_of(busy[i], "");
		ok(hint_busy(&reply) && !hint_policy(&reply), "EDE %u is a busy resolver", busy[i]);
	}
	reply = reply_of(18, "");
	reply.ede_count = 2;
	reply.ede[1] = 22;
	ok(!hint_policy(&reply), "18 with 22 comes from the authoritative server");
}

#define VIEW(text)                                                                                 \
	(struct view)                                                                              \
	{                                                                                          \
		text, sizeof(text) - 1                                                             \
	}

static void signatures(void)
{
	const int64_t now = 1793664000000; /* 2026-11-03 */
	struct view list = VIEW("junk+A/13/1/20261001000000/20261101000000/a.example+"
				"A/13/x/1/2/z+A/8/2/20261001000000/20261201000000/a.example");
	struct signature s;

	ok(signature_next(&list, &s) && s.key_tag == 1 && s.algorithm == 13 &&
		   s.expiration_s == 1793491200 && s.signer.len == 9,
	   "the first that parses");
	ok(signature_next(&list, &s) && s.key_tag == 2, "the next");
	ok(!signature_next(&list, &s), "no more");
	list = VIEW("A/13/1/20261001000000/20261101000000/a.example");
	is_int(signature_dates(list, now, 300, &s), DATES_EXPIRED, "expired");
	is_int(signature_dates(list, now - 2 * 86400000, 300, &s), DATES_FINE, "not two days ago");
	is_int(signature_dates(list, 1793491200000 + 299000, 300, &s), DATES_FINE, "slack");
	list = VIEW("A/13/1/20261001000000/20261101000000/a.example+"
		    "A/8/2/20261001000000/20261201000000/a.example");
	is_int(signature_dates(list, now, 300, &s), DATES_FINE, "one good signature is enough");
	list = VIEW("CNAME/13/1/20261001000000/20261201000000/a.example+"
		    "A/13/2/20261001000000/20261101000000/b.example");
	ok(signature_dates(list, now, 300, &s) == DATES_EXPIRED && s.signer.text[0] == 'b',
	   "the target of a CNAME");
	list = VIEW("A/13/1/20270101000000/20270201000000/a.example");
	is_int(signature_dates(list, now, 300, &s), DATES_NOT_YET, "begins later");
	list = VIEW("A/13/1/20261201000000/20261001000000/a.example");
	is_int(signature_dates(list, now, 300, &s), DATES_NOT_YET, "ends before it begins");
	is_int(signature_dates(VIEW(""), now, 300, &s), DATES_FINE, "none");
	is_int(signature_dates(VIEW("+++///+A/"), now, 300, &s), DATES_FINE, "nonsense");
	ok(signature_uses_algorithm(list, 13) && !signature_uses_algorithm(list, 8), "algorithms");
}

int main(void)
{
	dnssec();
	servers();
	kinds();
	signatures();
	return done_testing();
}
