/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/judge/hint.h"

#include <string.h>

#define BIT(cause) CAUSE_BIT(CAUSE_##cause)

/* What a validator may complain about without saying which: the DS and the keys, then the
 * signatures over data. */
#define DS_FAMILY                                                                                  \
	(BIT(DS_NO_MATCHING_DNSKEY) | BIT(DS_DIGEST_MISMATCH) | BIT(DS_ALGORITHM_MISMATCH))
#define KEY_FAMILY                                                                                 \
	(DS_FAMILY | BIT(DNSKEY_NOT_SIGNED) | BIT(DNSKEY_REVOKED) | BIT(DNSKEY_UNUSABLE) |         \
	 BIT(DS_BUT_UNSIGNED))
#define CRYPTO_FAMILY                                                                              \
	(BIT(RRSIG_INVALID) | BIT(RRSIG_KEY_MISSING) | BIT(RRSIG_WRONG_FIELDS) |                   \
	 BIT(RRSIG_EXPIRED) | BIT(RRSIG_NOT_YET_VALID) | BIT(DNSKEY_UNUSABLE))
#define DENIAL_FAMILY	(BIT(DENIAL_MISSING) | BIT(DENIAL_WRONG))
#define UNSIGNED_FAMILY (BIT(RRSIG_MISSING) | BIT(SERVER_WITHOUT_DNSSEC))
#define UNOBTAINABLE                                                                               \
	(BIT(DNSKEY_UNOBTAINABLE) | BIT(TCP_BLOCKED) | BIT(LARGE_ANSWERS_LOST) | BIT(EDNS_DROPPED))
#define LAME                                                                                       \
	(BIT(NS_REFUSED) | BIT(NS_ERROR) | BIT(NS_NOT_AUTHORITATIVE) | BIT(NS_UPWARD_REFERRAL) |   \
	 BIT(ZONE_NOT_LOADED))
#define SILENT (BIT(NS_TIMEOUT) | BIT(NS_UNREACHABLE) | BIT(NS_MIXED_FAILURES))

struct text_rule {
	const char *needle, *also; /* both must occur; also may be NULL */
	uint64_t possible;
	enum cause best;
};

/* First match wins. Longer phrases stand before the shorter ones that they contain. */
static const struct text_rule texts[] = {
	/* unbound: "validation failure <q>: REASON from ADDRESS for key ZONE while building chain
	   of trust" */
	{"DS hash mismatches key", NULL, BIT(DS_DIGEST_MISMATCH), CAUSE_DS_DIGEST_MISMATCH},
	{"no keys have a DS", NULL,
	 BIT(DS_NO_MATCHING_DNSKEY) | BIT(DS_ALGORITHM_MISMATCH) | BIT(DNSKEY_UNUSABLE) |
		 BIT(DNSKEY_REVOKED), /* which has another key tag than before */
	 CAUSE_DS_NO_MATCHING_DNSKEY},
	{"No DNSKEY record", " from ", BIT(DS_BUT_UNSIGNED), CAUSE_DS_BUT_UNSIGNED},
	{"No DNSKEY record", NULL, UNOBTAINABLE, CAUSE_DNSKEY_UNOBTAINABLE},
	{"signatures from unknown keys", NULL, BIT(RRSIG_KEY_MISSING), CAUSE_RRSIG_KEY_MISSING},
	{"use of key for crypto failed", NULL, BIT(DNSKEY_UNUSABLE), CAUSE_DNSKEY_UNUSABLE},
	{"signature crypto failed", "NSEC", DENIAL_FAMILY, CAUSE_DENIAL_WRONG},
	/* the DS RRset is signed by the parent; what denies it is of whoever says that there is none
	 */
	{"signature crypto failed", " for DS ", BIT(PARENT_DS_INVALID), CAUSE_PARENT_DS_INVALID},
	{"signature expired", " for DS ", BIT(PARENT_DS_INVALID), CAUSE_PARENT_DS_INVALID},
	{"signature before inception", " for DS ", BIT(PARENT_DS_INVALID), CAUSE_PARENT_DS_INVALID},
	{"signature crypto failed", NULL, CRYPTO_FAMILY, CAUSE_RRSIG_INVALID},
	{"signature missing", NULL, BIT(DNSKEY_NOT_SIGNED), CAUSE_DNSKEY_NOT_SIGNED},
	{"signature expired", NULL, BIT(RRSIG_EXPIRED), CAUSE_RRSIG_EXPIRED},
	{"signature before inception", NULL, BIT(RRSIG_NOT_YET_VALID), CAUSE_RRSIG_NOT_YET_VALID},
	{"signature inception after expiration", NULL, BIT(RRSIG_NOT_YET_VALID),
	 CAUSE_RRSIG_NOT_YET_VALID},
	{"no signatures over NSEC", NULL, DENIAL_FAMILY, CAUSE_DENIAL_MISSING},
	{"no DNSSEC records", NULL, DENIAL_FAMILY | BIT(PARENT_DS_INVALID), CAUSE_DENIAL_MISSING},
	{"no signatures", " for DS ", BIT(PARENT_DS_INVALID), CAUSE_PARENT_DS_INVALID},
	{"no signatures", " for key ",
	 UNSIGNED_FAMILY | BIT(DNSKEY_NOT_SIGNED) | BIT(DNSKEY_UNUSABLE) | BIT(EDNS_REFUSED) |
		 DENIAL_FAMILY,
	 CAUSE_RRSIG_MISSING},
	{"no signatures", NULL, UNSIGNED_FAMILY | BIT(RRSIG_WRONG_FIELDS) | DENIAL_FAMILY,
	 CAUSE_RRSIG_MISSING},
	/* Cloudflare, Knot Resolver 6: "no SEP matching the DS found for ZONE", "NMJZ: no matching
	   SEP" */
	{"no SEP matching", NULL, DS_FAMILY | BIT(DNSKEY_UNUSABLE) | BIT(DNSKEY_REVOKED),
	 CAUSE_DS_NO_MATCHING_DNSKEY},
	{"no matching SEP", NULL, DS_FAMILY | BIT(DNSKEY_UNUSABLE) | BIT(DNSKEY_REVOKED),
	 CAUSE_DS_NO_MATCHING_DNSKEY},
};

/* Knot Resolver 5.6 says where in its source it stood: four letters at the start of a text. */
static const struct text_rule knot_texts[] = {
	{"JZAJ", NULL, UNSIGNED_FAMILY | DENIAL_FAMILY | BIT(PARENT_DS_INVALID),
	 CAUSE_RRSIG_MISSING},
	{"EZDC", NULL,
	 UNSIGNED_FAMILY | BIT(DNSKEY_NOT_SIGNED) | BIT(DNSKEY_UNUSABLE) | BIT(EDNS_REFUSED) |
		 DENIAL_FAMILY,
	 CAUSE_RRSIG_MISSING},
	{"YFJ2", NULL, BIT(RRSIG_EXPIRED) | BIT(RRSIG_NOT_YET_VALID) | BIT(PARENT_DS_INVALID),
	 CAUSE_RRSIG_EXPIRED},
	{"6GJV", NULL, BIT(RRSIG_EXPIRED) | BIT(RRSIG_NOT_YET_VALID), CAUSE_RRSIG_EXPIRED},
	{"UBBS", NULL, BIT(RRSIG_NOT_YET_VALID), CAUSE_RRSIG_NOT_YET_VALID},
	{"4DJQ", NULL, BIT(RRSIG_NOT_YET_VALID), CAUSE_RRSIG_NOT_YET_VALID},
	{"EXRU", NULL, KEY_FAMILY | CRYPTO_FAMILY, CAUSE_DS_NO_MATCHING_DNSKEY},
	{"3WKM", NULL, DENIAL_FAMILY, CAUSE_DENIAL_WRONG},
	/* no data and no proof, of the name or of its keys; or nothing at all, out of a server that
	   does not serve the zone or minds EDNS */
	{"AHXI", NULL,
	 DENIAL_FAMILY | BIT(DS_BUT_UNSIGNED) | BIT(EDNS_REFUSED) | BIT(NS_NOT_AUTHORITATIVE) |
		 BIT(NS_OTHER_ZONE),
	 CAUSE_DENIAL_MISSING},
	{"Z4I6", NULL, BIT(PARENT_DS_INVALID) | DENIAL_FAMILY, CAUSE_PARENT_DS_INVALID},
	{"XLE4", NULL, BIT(PARENT_DS_INVALID) | DENIAL_FAMILY, CAUSE_PARENT_DS_INVALID},
};

struct code_rule {
	uint16_t code;
	enum strength strength;
	uint64_t possible; /* 0: all of dnssec */
	enum cause best;
};

/* The same code means different things at different validators: these are the unions. The first
 * that an answer has counts. */
static const struct code_rule codes[] = {
	{7, HINT_CODE, BIT(RRSIG_EXPIRED) | BIT(RRSIG_NOT_YET_VALID), CAUSE_RRSIG_EXPIRED},
	{8, HINT_CODE, BIT(RRSIG_NOT_YET_VALID), CAUSE_RRSIG_NOT_YET_VALID},
	{25, HINT_CODE, BIT(RRSIG_NOT_YET_VALID), CAUSE_RRSIG_NOT_YET_VALID},
	{11, HINT_CODE, BIT(DNSKEY_UNUSABLE), CAUSE_DNSKEY_UNUSABLE},
	{9, HINT_FAMILY, KEY_FAMILY | CRYPTO_FAMILY | UNOBTAINABLE, CAUSE_DS_NO_MATCHING_DNSKEY},
	/* no proof where there should be one; or no zone, or no EDNS, where there should be */
	{12, HINT_FAMILY,
	 DENIAL_FAMILY | BIT(DS_BUT_UNSIGNED) | BIT(PARENT_DS_INVALID) | BIT(EDNS_REFUSED) |
		 BIT(NS_NOT_AUTHORITATIVE) | BIT(NS_OTHER_ZONE),
	 CAUSE_DENIAL_MISSING},
	{10, HINT_FAMILY,
	 UNSIGNED_FAMILY | DENIAL_FAMILY | BIT(DNSKEY_NOT_SIGNED) | BIT(DNSKEY_UNUSABLE) |
		 BIT(DS_BUT_UNSIGNED) | BIT(RRSIG_WRONG_FIELDS) | BIT(EDNS_REFUSED),
	 CAUSE_RRSIG_MISSING},
	{22, HINT_FAMILY, UNOBTAINABLE, CAUSE_DNSKEY_UNOBTAINABLE},
	{6, HINT_NONE, 0, CAUSE_NONE}, /* bare: out of unbound's cache, or anything */
};

bool reply_has_ede(const struct reply *reply, uint16_t info_code)
{
	for (unsigned i = 0; i < reply->ede_count; i++)
		if (reply->ede[i] == info_code)
			return true;
	return false;
}

/*
 * A text that many phrases are looked for in: which pairs of octets it has, by a hash, so that most
 * phrases are seen not to be there at a glance.
 */
#define PAIR_BITS 1024

struct searched {
	struct view text;
	uint64_t pairs[PAIR_BITS / 64];
};

static inline unsigned pair_at(const char *p)
{
	return ((unsigned char)p[0] * 37U + (unsigned char)p[1]) % PAIR_BITS;
}

static void search_begin(struct searched *in, struct view text)
{
	*in = (struct searched){.text = text};
	for (size_t i = 0; i + 1 < text.len; i++)
		in->pairs[pair_at(text.text + i) / 64] |= UINT64_C(1)
							  << pair_at(text.text + i) % 64;
}

static inline bool has_pair(const struct searched *in, const char *p)
{
	return in->pairs[pair_at(p) / 64] >> pair_at(p) % 64 & 1;
}

/* needle: three octets or more. */
static const char *find(const struct searched *in, const char *needle)
{
	size_t len;

	if (!has_pair(in, needle) || !has_pair(in, needle + 1))
		return NULL;
	len = strlen(needle);
	if (!has_pair(in, needle + len - 2) || !has_pair(in, needle + len / 2 - 1))
		return NULL;
	return memmem(in->text.text, in->text.len, needle, len);
}

/* The part after "validation failure <QNAME QTYPE QCLASS>: ": the question is not the reason. */
static struct view reason(struct view text)
{
	static const char words[] = "validation failure <";
	const char *start = text.len ? memmem(text.text, text.len, words, sizeof(words) - 1) : NULL,
		   *end;
	struct view rest;

	if (!start)
		return text;
	rest = (struct view){start, (size_t)(text.text + text.len - start)};
	end = memmem(rest.text, rest.len, ">: ", 3);
	return end ? (struct view){end + 3, (size_t)(rest.text + rest.len - end - 3)} : text;
}

static bool name_octet(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_' || c == '.';
}

/* The domain name behind a phrase that introduces the zone blamed; "." for the root. */
static struct view zone_in(const struct searched *in)
{
	struct view text = in->text;
	static const char *const phrases[] = {"for key ",      "for trust anchor ",
					      "DS found for ", "t delegation ",
					      "for DNSKEY ",   "key for validation "};

	for (size_t i = 0; i < sizeof(phrases) / sizeof(*phrases); i++) {
		const char *name = find(in, phrases[i]), *end, *stop;

		if (!name)
			continue;
		end = text.text + text.len;
		name += strlen(phrases[i]);
		for (stop = name; stop < end && name_octet(*stop); stop++)
			;
		if (stop == name || stop - name > 254 || (*name == '.' && stop - name > 1))
			continue;
		if (stop - name > 1 && stop[-1] == '.')
			stop--;
		return (struct view){name, (size_t)(stop - name)};
	}
	return (struct view){NULL, 0};
}

static bool at_start_of_text(struct view text, const char *found)
{
	return found == text.text || (found - text.text >= 2 && memcmp(found - 2, "| ", 2) == 0);
}

static const struct text_rule *text_rule(const struct searched *in)
{
	for (size_t i = 0; in->text.len && i < sizeof(texts) / sizeof(*texts); i++)
		if (find(in, texts[i].needle) && (!texts[i].also || find(in, texts[i].also)))
			return &texts[i];
	for (size_t i = 0; in->text.len && i < sizeof(knot_texts) / sizeof(*knot_texts); i++) {
		const char *found = find(in, knot_texts[i].needle);

		if (found && at_start_of_text(in->text, found))
			return &knot_texts[i];
	}
	return NULL;
}

struct view hint_zone(const struct reply *reply)
{
	struct searched text;

	search_begin(&text, reason(reply->ede_text));
	return zone_in(&text);
}

struct hint hint_dnssec(const struct reply *reply, bool negative)
{
	const struct text_rule *rule;
	struct searched text;
	struct hint hint = {.best = CAUSE_NONE};

	search_begin(&text, reason(reply->ede_text));
	rule = text_rule(&text);
	hint.zone = zone_in(&text);
	/* unbound tells the two apart; others do not */
	hint.of_answer = rule && !hint.zone.len && text.text.len != reply->ede_text.len;
	if (rule) {
		/* a text that fits many causes is no better than a code, and so are bad signatures
		 * over keys */
		bool vague = rule->possible == (KEY_FAMILY | CRYPTO_FAMILY) ||
			     (rule->possible == CRYPTO_FAMILY && hint.zone.len);

		hint.strength = vague ? HINT_FAMILY : HINT_TEXT;
		hint.possible = rule->possible;
		hint.best = rule->best;
	}
	for (size_t i = 0; !rule && i < sizeof(codes) / sizeof(*codes); i++) {
		if (!reply_has_ede(reply, codes[i].code))
			continue;
		hint.strength = codes[i].strength;
		hint.possible = codes[i].possible;
		hint.best = codes[i].best;
		break;
	}
	/* without answer records it is the proof of absence that must be signed */
	if (negative && hint.best == CAUSE_RRSIG_MISSING && (hint.possible & DENIAL_FAMILY))
		hint.best = CAUSE_DENIAL_MISSING;
	return hint;
}

/* Which outcomes a text reports of single servers: "[192.0.2.1] rcode=REFUSED for example.org/a".
 */
static uint64_t servers_in(const struct searched *text)
{
	static const struct {
		const char *needle;
		enum cause cause;
	} words[] = {
		{"rcode=REFUSED", CAUSE_NS_REFUSED},   {"rcode=SERVFAIL", CAUSE_ZONE_NOT_LOADED},
		{"rcode=NOTAUTH", CAUSE_NS_ERROR},     {"rcode=FORMERR", CAUSE_NS_ERROR},
		{"rcode=NOTIMP", CAUSE_NS_ERROR},      {"rcode=NOTIMPL", CAUSE_NS_ERROR},
		{"imed out", CAUSE_NS_TIMEOUT},	       {"imeout", CAUSE_NS_TIMEOUT},
		{"unreachable", CAUSE_NS_UNREACHABLE}, {"onnection refused", CAUSE_NS_UNREACHABLE},
		{"got REFUSED", CAUSE_NS_REFUSED},     {"got SERVFAIL", CAUSE_ZONE_NOT_LOADED},
	};
	uint64_t seen = 0;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (find(text, words[i].needle))
			seen |= CAUSE_BIT(words[i].cause);
	return seen;
}

struct hint hint_servers(const struct reply *reply)
{
	struct hint hint = {.best = CAUSE_NONE};
	struct searched text;
	uint64_t seen;

	search_begin(&text, reply->ede_text);
	hint.zone = zone_in(&text);
	seen = servers_in(&text);
	if (seen && (seen & (seen - 1)) == 0) {
		hint = (struct hint){HINT_TEXT, seen, CAUSE_NONE, hint.zone, false};
		while (!(hint.possible & CAUSE_BIT(hint.best)))
			hint.best++;
	} else if (seen) {
		hint = (struct hint){HINT_TEXT, seen | BIT(NS_MIXED_FAILURES),
				     CAUSE_NS_MIXED_FAILURES, hint.zone, false};
	} else if (reply_has_ede(reply, 24)) {
		hint = (struct hint){HINT_CODE, BIT(ZONE_NOT_LOADED), CAUSE_ZONE_NOT_LOADED,
				     hint.zone, false};
	} else if (find(&text, "max. restarts")) {
		/* BIND hands out what it has: a loop has few records, a chain as many as were
		 * followed */
		bool loop = reply->answers > 0 && reply->answers < ALIASES_MIN;

		hint = (struct hint){HINT_FAMILY, BIT(CNAME_LOOP) | BIT(CNAME_CHAIN_TOO_LONG),
				     loop ? CAUSE_CNAME_LOOP : CAUSE_CNAME_CHAIN_TOO_LONG,
				     hint.zone, false};
	} else if (reply_has_ede(reply, 22) || reply_has_ede(reply, 23)) {
		hint = (struct hint){HINT_FAMILY, SILENT | LAME, CAUSE_NS_TIMEOUT, hint.zone,
				     false};
	}
	return hint;
}

bool hint_policy(const struct reply *reply)
{
	static const uint16_t policy[] = {4, 15, 16, 17, 35};

	for (size_t i = 0; i < sizeof(policy) / sizeof(*policy); i++)
		if (reply_has_ede(reply, policy[i]))
			return true;
	/* Cloudflare passes on the 18 of an authoritative server that refuses, together with 22 */
	return reply_has_ede(reply, 18) && !reply_has_ede(reply, 22) && !reply_has_ede(reply, 23);
}

bool hint_exempt(const struct reply *reply)
{
	return reply_has_ede(reply, 3) || reply_has_ede(reply, 19) || reply_has_ede(reply, 33);
}

bool hint_busy(const struct reply *reply)
{
	return reply_has_ede(reply, 14) || reply_has_ede(reply, 31) || reply_has_ede(reply, 32);
}
