/* SPDX-License-Identifier: BSD-2-Clause */

/* The answer of a zone: data, aliases, wildcards; good ones, and each broken one way. */
#include "tests/scanner/chain/chain_world.h"
#include "tests/tap.h"

#define ANSWER	  LDNS_SECTION_ANSWER
#define AUTHORITY LDNS_SECTION_AUTHORITY

static struct zone zone;
static struct keyset *keys;
static struct chain_result result;
static struct chain_budget budget;

static void judge(struct msg *msg, const char *qname, uint16_t qtype)
{
	budget = chain_budget_default();
	msg_wire(msg);
	chain_answer(keys, name_of(qname), qtype, msg->wire, msg->len, NOW, &budget, &result);
	msg_free(msg);
}

static void want(struct msg *msg, const char *qname, uint16_t qtype, enum chain_state state,
		 const char *cause, const char *words, const char *name)
{
	judge(msg, qname, qtype);
	is_str(chain_state_name(result.state), chain_state_name(state), name);
	if (cause)
		is_str(result.reasons ? chain_fault_id(result.reason[0].fault) : "", cause, name);
	if (words)
		ok(result.reasons && strstr(result.reason[0].text, words), "%s: says \"%s\"", name,
		   words);
	for (unsigned i = 0; i < result.reasons; i++)
		printf("#   %s: %s\n", chain_fault_id(result.reason[i].fault),
		       result.reason[i].text);
}

static struct msg *a_msg(void)
{
	struct msg *msg = msg_make("www.example.", LDNS_RR_TYPE_A, 0);

	msg_add(msg, ANSWER, "www.example. 3600 IN A 192.0.2.2");
	msg_add(msg, ANSWER, "www.example. 3600 IN A 192.0.2.1");
	return msg;
}

static struct msg *good(void)
{
	struct msg *msg = a_msg();

	msg_sign(msg, ANSWER, "www.example.", LDNS_RR_TYPE_A, zone.zsk);
	return msg;
}

static ldns_rr *rrsig_of(struct msg *msg)
{
	ldns_rr_list *answer = ldns_pkt_answer(msg->pkt);

	return ldns_rr_list_rr(answer, ldns_rr_list_rr_count(answer) - 1);
}

static void test_good(void)
{
	/* All types whose RDATA holds names, and others; upper case, so that the canonical form
	 * counts. */
	static const char *const records[] = {
		"example. 3600 IN SOA Ns.Example. Admin.Example. 1 2 3 4 5",
		"example. 3600 IN NS Ns.Example.",
		"example. 3600 IN MX 10 Mail.Example.",
		"example. 3600 IN TXT \"MiXed\" \"case\"",
		"_x._tcp.example. 3600 IN SRV 1 2 3 Host.Example.",
		"example. 3600 IN NAPTR 100 10 \"U\" \"SIP+D2U\" \"!^.*$!sip:A@b!\" Next.Example.",
		"example. 3600 IN RP Box.Example. Txt.Example.",
		"example. 3600 IN AFSDB 1 Afs.Example.",
		"example. 3600 IN KX 1 Kx.Example.",
		"example. 3600 IN PX 1 Map.Example. X4.Example.",
		"example. 3600 IN PTR Www.Example.",
		"example. 3600 IN AAAA 2001:db8::1",
		"example. 3600 IN CAA 0 issue \"CA.example\"",
		"example. 3600 IN TLSA 3 1 1 AABBCCDD",
		"example. 3600 IN TYPE65300 \\# 4 41424344",
		"WWW.Example. 3600 IN A 192.0.2.1",
	};

	for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
		struct msg *msg = msg_make("example.", LDNS_RR_TYPE_A, 0);
		ldns_rr *rr = NULL;
		char *owner;

		msg_signed(msg, ANSWER, records[i], zone.zsk);
		if (ldns_rr_new_frm_str(&rr, records[i], 0, NULL, NULL) != LDNS_STATUS_OK)
			abort();
		owner = ldns_rdf2str(ldns_rr_owner(rr));
		want(msg, owner, (uint16_t)ldns_rr_get_type(rr), CHAIN_SECURE, "", NULL,
		     records[i]);
		free(owner);
		ldns_rr_free(rr);
	}
	want(good(), "www.example.", TYPE_A, CHAIN_SECURE, "", NULL, "two addresses, not in order");
	is_int(result.ttl_s, 3600, "TTL");
	is_int(budget.signatures, chain_budget_default().signatures - 1, "one signature verified");
}

static void test_several(void)
{
	struct msg *msg = a_msg();

	msg->expiration = NOW - DAY;
	msg_sign(msg, ANSWER, "www.example.", LDNS_RR_TYPE_A, zone.zsk);
	rr_flip(rrsig_of(msg), RRSIG_SIGNATURE);
	msg->expiration = NOW + 60;
	msg_sign(msg, ANSWER, "www.example.", LDNS_RR_TYPE_A, zone.zsk);
	want(msg, "www.example.", TYPE_A, CHAIN_SECURE, "rrsig-expired", NULL,
	     "one bad RRSIG, one good");
	is_int(result.ttl_s, 60, "TTL ends with the signature");
	msg = good();
	msg_add(msg, ANSWER, "www.example. 3600 IN A 192.0.2.1");
	want(msg, "www.example.", TYPE_A, CHAIN_SECURE, "", NULL, "the same record twice");
	msg = a_msg();
	msg->expiration = NOW;
	msg_sign(msg, ANSWER, "www.example.", LDNS_RR_TYPE_A, zone.zsk);
	want(msg, "www.example.", TYPE_A, CHAIN_SECURE, "", NULL, "expires this very second");
	msg = a_msg();
	msg->expiration = NOW - 1;
	msg_sign(msg, ANSWER, "www.example.", LDNS_RR_TYPE_A, zone.zsk);
	want(msg, "www.example.", TYPE_A, CHAIN_BOGUS, "rrsig-expired", NULL,
	     "expired a second ago");
	ok(strstr(result.notes, "unbound") != NULL, "expired a second ago: unbound does not mind");
	msg = a_msg();
	msg->expiration = NOW - DAY;
	msg_sign(msg, ANSWER, "www.example.", LDNS_RR_TYPE_A, zone.zsk);
	msg->expiration = NOW + DAY;
	msg_sign(msg, ANSWER, "www.example.", LDNS_RR_TYPE_A, zone.zsk);
	rr_flip(rrsig_of(msg), RRSIG_SIGNATURE);
	want(msg, "www.example.", TYPE_A, CHAIN_BOGUS, "rrsig-invalid", NULL,
	     "an old one expired, the current one is spoilt");
}

static void test_signatures(void)
{
	ldns_key *stranger = key_make(2, 256, "example.");
	ldns_rr *stranger_rr;
	struct msg *msg = good();

	key_tagged(stranger, &stranger_rr);
	rr_flip(rrsig_of(msg), RRSIG_SIGNATURE);
	want(msg, "www.example.", TYPE_A, CHAIN_BOGUS, "rrsig-invalid",
	     "RRSIG over A of www.example", "signature altered");
	msg = good();
	rr_set(ldns_rr_list_rr(ldns_pkt_answer(msg->pkt), 0), 0, "192.0.2.3");
	want(msg, "www.example.", TYPE_A, CHAIN_BOGUS, "rrsig-invalid", NULL, "address altered");
	msg = good();
	msg_add(msg, ANSWER, "www.example. 3600 IN A 192.0.2.9");
	want(msg, "www.example.", TYPE_A, CHAIN_BOGUS, "rrsig-invalid", NULL, "address added");
	msg = good();
	rr_set(rrsig_of(msg), RRSIG_ORIGINAL_TTL, "299");
	want(msg, "www.example.", TYPE_A, CHAIN_BOGUS, "rrsig-invalid", NULL,
	     "original TTL altered");
	msg = good();
	rr_set(rrsig_of(msg), RRSIG_EXPIRATION, "20261125000000");
	want(msg, "www.example.", TYPE_A, CHAIN_BOGUS, "rrsig-expired",
	     "expired 2026-11-25T00:00:00Z", "dates edited");
	ok(result.reasons == 2 && result.reason[1].fault == CHAIN_RRSIG_INVALID,
	   "dates edited: and");
	msg = good();
	rr_set(rrsig_of(msg), RRSIG_TYPE, "AAAA");
	rr_flip(rrsig_of(msg), RRSIG_SIGNATURE);
	want(msg, "www.example.", TYPE_A, CHAIN_BOGUS, "rrsig-missing", "has no RRSIG",
	     "a signature over another type");
	msg = a_msg();
	msg->inception = NOW + 30L * DAY;
	msg->expiration = NOW + 60L * DAY;
	msg_sign(msg, ANSWER, "www.example.", LDNS_RR_TYPE_A, zone.zsk);
	want(msg, "www.example.", TYPE_A, CHAIN_BOGUS, "rrsig-not-yet-valid",
	     "begins only 2026-12-29", "future");
	msg = a_msg();
	msg->inception = NOW + 30L * DAY;
	msg->expiration = NOW - 60L * DAY;
	msg_sign(msg, ANSWER, "www.example.", LDNS_RR_TYPE_A, zone.zsk);
	want(msg, "www.example.", TYPE_A, CHAIN_BOGUS, "rrsig-not-yet-valid", "before it begins",
	     "reversed");
	want(a_msg(), "www.example.", TYPE_A, CHAIN_BOGUS, "rrsig-missing",
	     "A of www.example has no RRSIG", "no RRSIG");
	msg = a_msg();
	ldns_pkt_set_edns_do(msg->pkt, false);
	ldns_pkt_set_edns_udp_size(msg->pkt, 0);
	want(msg, "www.example.", TYPE_A, CHAIN_BOGUS, "server-without-dnssec", "knows no DNSSEC",
	     "no RRSIG, no EDNS");
	msg = a_msg();
	msg_sign(msg, ANSWER, "www.example.", LDNS_RR_TYPE_A, stranger);
	want(msg, "www.example.", TYPE_A, CHAIN_BOGUS, "rrsig-key-missing",
	     "not in the DNSKEY RRset", "signed by a stranger");
	msg = good();
	rr_set(rrsig_of(msg), RRSIG_TAG, "4711");
	want(msg, "www.example.", TYPE_A, CHAIN_BOGUS, "rrsig-invalid",
	     "the key tag in it is wrong", "key tag altered");
	msg = a_msg();
	ldns_key_set_keytag(zone.zsk, 4711);
	msg_sign(msg, ANSWER, "www.example.", LDNS_RR_TYPE_A, zone.zsk);
	ldns_key_set_keytag(zone.zsk, ldns_calc_keytag(zone.zsk_rr));
	want(msg, "www.example.", TYPE_A, CHAIN_BOGUS, "rrsig-invalid",
	     "the key tag in it is wrong", "signed with a wrong key tag");
	msg = a_msg();
	msg->inception = NOW - 10L * 365 * DAY;
	msg->expiration = NOW + 67L * 365 * DAY;
	msg_sign(msg, ANSWER, "www.example.", LDNS_RR_TYPE_A, zone.zsk);
	want(msg, "www.example.", TYPE_A, CHAIN_BOGUS, "rrsig-not-yet-valid",
	     "for more than 68 years, from 2016-12-01T00:00:00Z to 2093-",
	     "longer than serials go");
	msg = good();
	rr_set(rrsig_of(msg), RRSIG_ALGORITHM, "8");
	want(msg, "www.example.", TYPE_A, CHAIN_BOGUS, "rrsig-invalid", "algorithm is 13",
	     "algorithm field");
	msg = good();
	rr_set(rrsig_of(msg), RRSIG_ALGORITHM, "253");
	want(msg, "www.example.", TYPE_A, CHAIN_BOGUS, "rrsig-invalid", "do not support",
	     "algorithm field, unsupported");
	msg = good();
	rr_set(rrsig_of(msg), RRSIG_SIGNER, "other.lab.");
	want(msg, "www.example.", TYPE_A, CHAIN_BOGUS, "rrsig-wrong-fields", "other.lab",
	     "wrong signer");
	msg = good();
	rr_set(rrsig_of(msg), RRSIG_SIGNER, ".");
	want(msg, "www.example.", TYPE_A, CHAIN_BOGUS, "rrsig-wrong-fields", NULL,
	     "signed by the root");
	msg = good();
	rr_set(rrsig_of(msg), RRSIG_LABELS, "5");
	want(msg, "www.example.", TYPE_A, CHAIN_BOGUS, "rrsig-wrong-fields", "counts 5 labels",
	     "labels");
	msg = good();
	rr_set(rrsig_of(msg), RRSIG_SIGNATURE, "AAAAAAAA");
	want(msg, "www.example.", TYPE_A, CHAIN_BOGUS, "rrsig-wrong-fields", "6 octets", "length");
	msg = good();
	rr_set(rrsig_of(msg), RRSIG_TYPE, "AAAA");
	want(msg, "www.example.", TYPE_A, CHAIN_BOGUS, "rrsig-wrong-fields",
	     "says that it covers AAAA", "type covered");
	msg = good();
	rr_set(rrsig_of(msg), RRSIG_SIGNER, "www.example.");
	want(msg, "www.example.", TYPE_A, CHAIN_INDETERMINATE, "rrsig-wrong-fields",
	     "as its signer www.example", "signed by a zone below");
	ok(dname_equal(result.cut, name_of("www.example.")), "signed by a zone below: says which");
	ldns_key_deep_free(stranger);
	ldns_rr_free(stranger_rr);
}

static void test_aliases(void)
{
	struct msg *msg = msg_make("a.example.", LDNS_RR_TYPE_A, 0);

	msg_signed(msg, ANSWER, "a.example. 300 IN CNAME www.example.", zone.zsk);
	msg_signed(msg, ANSWER, "www.example. 300 IN A 192.0.2.1", zone.zsk);
	want(msg, "a.example.", TYPE_A, CHAIN_SECURE, "", NULL, "CNAME and its target");
	ok(result.alias[0] == 0, "CNAME and its target: nothing left to ask");
	msg = msg_make("a.example.", LDNS_RR_TYPE_A, 0);
	msg_signed(msg, ANSWER, "a.example. 300 IN CNAME www.other.", zone.zsk);
	msg_add(msg, ANSWER, "www.other. 300 IN A 192.0.2.1");
	want(msg, "a.example.", TYPE_A, CHAIN_SECURE, "", NULL, "CNAME out of the zone");
	ok(dname_equal(result.alias, name_of("www.other.")), "CNAME out of the zone: where to");
	msg = msg_make("a.example.", LDNS_RR_TYPE_A, 0);
	msg_signed(msg, ANSWER, "a.example. 300 IN CNAME b.kid.example.", zone.zsk);
	msg_add(msg, ANSWER, "b.kid.example. 300 IN A 192.0.2.1");
	want(msg, "a.example.", TYPE_A, CHAIN_SECURE, "", NULL, "CNAME into an unsigned child");
	ok(dname_equal(result.alias, name_of("b.kid.example.")), "... asked there again");
	msg = msg_make("a.example.", LDNS_RR_TYPE_A, 0);
	msg_signed(msg, ANSWER, "a.example. 300 IN CNAME www.example.", zone.zsk);
	rr_flip(rrsig_of(msg), RRSIG_SIGNATURE);
	want(msg, "a.example.", TYPE_A, CHAIN_BOGUS, "rrsig-invalid", "over CNAME of a.example",
	     "CNAME's signature altered");
	msg = msg_make("a.example.", LDNS_RR_TYPE_A, 0);
	msg_signed(msg, ANSWER, "a.example. 300 IN CNAME www.example.", zone.zsk);
	want(msg, "a.example.", TYPE_A, CHAIN_SECURE, "", NULL, "CNAME alone");
	ok(dname_equal(result.alias, name_of("www.example.")), "CNAME alone: still to ask");
	msg = msg_make("a.example.", LDNS_RR_TYPE_A, 0);
	msg_signed(msg, ANSWER, "a.example. 300 IN CNAME b.example.", zone.zsk);
	msg_signed(msg, ANSWER, "b.example. 300 IN CNAME a.example.", zone.zsk);
	want(msg, "a.example.", TYPE_A, CHAIN_SECURE, "", NULL, "CNAME loop: an end");
	ok(result.alias[0] != 0, "CNAME loop: still to ask");
	msg = msg_make("a.example.", LDNS_RR_TYPE_CNAME, 0);
	msg_signed(msg, ANSWER, "a.example. 300 IN CNAME b.example.", zone.zsk);
	want(msg, "a.example.", TYPE_CNAME, CHAIN_SECURE, "", NULL, "CNAME asked for");
	ok(result.alias[0] == 0, "CNAME asked for: nothing left to ask");
	msg = msg_make("a.example.", LDNS_RR_TYPE_A, LDNS_RCODE_NXDOMAIN);
	msg_signed(msg, ANSWER, "a.example. 300 IN CNAME b.example.", zone.zsk);
	msg_signed(msg, AUTHORITY, "example. 300 IN SOA a. b. 1 2 3 4 5", zone.zsk);
	msg_signed(msg, AUTHORITY, "a.example. 300 IN NSEC www.example. CNAME RRSIG NSEC",
		   zone.zsk);
	msg_signed(msg, AUTHORITY, "example. 300 IN NSEC a.example. SOA NS RRSIG NSEC", zone.zsk);
	want(msg, "a.example.", TYPE_A, CHAIN_SECURE, "", NULL,
	     "CNAME to a name that does not exist");
	msg = msg_make("a.example.", LDNS_RR_TYPE_A, LDNS_RCODE_NXDOMAIN);
	msg_signed(msg, ANSWER, "a.example. 300 IN CNAME b.example.", zone.zsk);
	msg_signed(msg, AUTHORITY, "example. 300 IN SOA a. b. 1 2 3 4 5", zone.zsk);
	want(msg, "a.example.", TYPE_A, CHAIN_BOGUS, "denial-missing", "b.example",
	     "... not proved");
}

/* Keys that are in the DNSKEY RRset, properly signed, and yet must sign no data. */
static void test_odd_keys(void)
{
	static const struct {
		uint16_t flags;
		const char *cause, *words;
	} odd[] = {
		{0, "dnskey-unusable", "no zone key"},
		{384, "dnskey-revoked", "revoked"},
	};
	struct zone plain = zone;
	struct keyset *plain_keys = keys;

	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		zone = zone_make("example.", 257);
		ldns_key_set_flags(zone.zsk, odd[i].flags);
		ldns_rr_free(zone.zsk_rr);
		key_tagged(zone.zsk, &zone.zsk_rr);
		keys = zone_keys(&zone);
		want(good(), "www.example.", TYPE_A, CHAIN_BOGUS, odd[i].cause, odd[i].words,
		     "signed by an odd key");
		keyset_destroy(&keys);
		zone_free(&zone);
	}
	zone = plain;
	keys = plain_keys;
}

/* The zone's NS, which many servers give with an answer: PowerDNS wants them signed, too. */
static void test_ns_beside(void)
{
	static const char ns[] = "example. 3600 IN NS ns.example.";
	struct msg *msg = good();

	msg_signed(msg, AUTHORITY, ns, zone.zsk);
	want(msg, "www.example.", TYPE_A, CHAIN_SECURE, "", NULL, "signed NS beside the answer");
	msg = good();
	msg_add(msg, AUTHORITY, ns);
	want(msg, "www.example.", TYPE_A, CHAIN_SECURE, "rrsig-missing", "beside the answer",
	     "NS without RRSIG beside the answer");
	msg = good();
	rr_flip(msg_signed(msg, AUTHORITY, ns, zone.zsk), RRSIG_SIGNATURE);
	want(msg, "www.example.", TYPE_A, CHAIN_SECURE, "rrsig-invalid", "RRSIG over NS of example",
	     "NS with a spoilt RRSIG beside the answer");
}

/* An RRSIG of four octets: made as a record of a private type, its type put right in the wire. */
static void test_malformed_rrsig(void)
{
	struct msg *msg = good();
	uint8_t *type;

	msg_add(msg, ANSWER, "www.example. 3600 IN TYPE65300 \\# 4 00010D02");
	msg_wire(msg);
	type = memmem(msg->wire, msg->len, "\xff\x14", 2);
	type[0] = 0;
	type[1] = TYPE_RRSIG;
	budget = chain_budget_default();
	chain_answer(keys, name_of("www.example."), TYPE_A, msg->wire, msg->len, NOW, &budget,
		     &result);
	is_int(result.state, CHAIN_SECURE, "a malformed RRSIG beside a good one");
	msg_free(msg);
	msg = a_msg();
	msg_add(msg, ANSWER, "www.example. 3600 IN TYPE65300 \\# 4 00010D02");
	msg_wire(msg);
	type = memmem(msg->wire, msg->len, "\xff\x14", 2);
	type[0] = 0;
	type[1] = TYPE_RRSIG;
	chain_answer(keys, name_of("www.example."), TYPE_A, msg->wire, msg->len, NOW, &budget,
		     &result);
	is_str(chain_fault_id(result.reason[0].fault), "rrsig-wrong-fields",
	       "a malformed RRSIG alone");
	msg_free(msg);
}

static struct msg *dname_msg(const char *cname)
{
	struct msg *msg = msg_make("x.old.example.", LDNS_RR_TYPE_A, 0);

	msg_signed(msg, ANSWER, "old.example. 300 IN DNAME New.Other.", zone.zsk);
	if (cname)
		msg_add(msg, ANSWER, cname);
	return msg;
}

static void test_dname(void)
{
	char label[64] = "", text[512];
	struct msg *msg;

	want(dname_msg("x.old.example. 300 IN CNAME x.new.other."), "x.old.example.", TYPE_A,
	     CHAIN_SECURE, "", NULL, "DNAME");
	ok(dname_equal(result.alias, name_of("x.new.other.")), "DNAME: where to");
	want(dname_msg(NULL), "x.old.example.", TYPE_A, CHAIN_SECURE, "", NULL,
	     "DNAME without CNAME");
	ok(dname_equal(result.alias, name_of("x.new.other.")), "DNAME without CNAME: where to");
	want(dname_msg("x.old.example. 300 IN CNAME y.new.other."), "x.old.example.", TYPE_A,
	     CHAIN_BOGUS, "rrsig-missing", "not what the DNAME",
	     "CNAME that the DNAME does not make");
	msg = dname_msg("x.old.example. 300 IN CNAME x.new.other.");
	rr_flip(ldns_rr_list_rr(ldns_pkt_answer(msg->pkt), 1), RRSIG_SIGNATURE);
	want(msg, "x.old.example.", TYPE_A, CHAIN_BOGUS, "rrsig-invalid",
	     "over DNAME of old.example", "DNAME's signature altered");
	/* 3 labels of 63 and one of 58: 252 octets, and a label of three makes them 256. */
	memset(label, 'a', 63);
	snprintf(text, sizeof text, "old.example. 300 IN DNAME %s.%s.%s.%.58s.", label, label,
		 label, label);
	msg = msg_make("xxx.old.example.", LDNS_RR_TYPE_A, LDNS_RCODE_YXDOMAIN);
	msg_signed(msg, ANSWER, text, zone.zsk);
	want(msg, "xxx.old.example.", TYPE_A, CHAIN_SECURE, "", NULL, "DNAME into a name too long");
	ok(result.alias[0] == 0, "DNAME into a name too long: nowhere to go");
	msg = msg_make("x.old.example.", LDNS_RR_TYPE_A, 0);
	msg_signed(msg, ANSWER, text, zone.zsk);
	want(msg, "x.old.example.", TYPE_A, CHAIN_SECURE, "", NULL,
	     "DNAME into a name just short enough");
	is_int((long long)dname_len(result.alias), 254,
	       "DNAME into a name just short enough: all of it");
}

/* www.example. out of *.example. */
static struct msg *wildcard_msg(void)
{
	struct msg *msg = msg_make("x.example.", LDNS_RR_TYPE_A, 0);
	ldns_rr_list *answer;

	msg_signed(msg, ANSWER, "*.example. 300 IN A 192.0.2.7", zone.zsk);
	answer = ldns_pkt_answer(msg->pkt);
	for (size_t i = 0; i < 2; i++) {
		ldns_rdf_deep_free(ldns_rr_owner(ldns_rr_list_rr(answer, i)));
		ldns_rr_set_owner(ldns_rr_list_rr(answer, i), ldns_dname_new_frm_str("x.example."));
	}
	return msg;
}

static void test_wildcards(void)
{
	struct msg *msg = wildcard_msg();

	msg_signed(msg, AUTHORITY, "www.example. 300 IN NSEC example. A RRSIG NSEC", zone.zsk);
	want(msg, "x.example.", TYPE_A, CHAIN_SECURE, "", NULL, "wildcard with NSEC");
	ok(result.wildcard, "wildcard with NSEC: flagged");
	msg = wildcard_msg();
	msg_signed(msg, AUTHORITY, nsec3("example.", "x.example.", true, 0, 0, "A RRSIG"),
		   zone.zsk);
	want(msg, "x.example.", TYPE_A, CHAIN_SECURE, "", NULL, "wildcard with NSEC3");
	msg = wildcard_msg();
	msg_signed(msg, AUTHORITY, nsec3("example.", "x.example.", true, 1, 0, "A RRSIG"),
		   zone.zsk);
	want(msg, "x.example.", TYPE_A, CHAIN_INSECURE, "", NULL, "wildcard with opt-out");
	ok(result.opt_out, "wildcard with opt-out: flagged");
	msg = wildcard_msg();
	msg_signed(msg, AUTHORITY, "www.example. 300 IN NSEC y.x.example. A RRSIG NSEC", zone.zsk);
	want(msg, "x.example.", TYPE_A, CHAIN_BOGUS, "denial-wrong", NULL,
	     "wildcard, yet there are names below the name");
	want(wildcard_msg(), "x.example.", TYPE_A, CHAIN_BOGUS, "denial-missing", "x.example",
	     "wildcard without proof");
	msg = wildcard_msg();
	msg_signed(msg, AUTHORITY, "x.example. 300 IN NSEC example. A RRSIG NSEC", zone.zsk);
	want(msg, "x.example.", TYPE_A, CHAIN_BOGUS, "denial-wrong", NULL,
	     "wildcard, yet the name exists");
	msg = wildcard_msg();
	msg_signed(msg, AUTHORITY, nsec3("example.", "x.example.", false, 0, 0, "A RRSIG"),
		   zone.zsk);
	want(msg, "x.example.", TYPE_A, CHAIN_BOGUS, "denial-wrong", NULL, "... by NSEC3");
	msg = wildcard_msg();
	rr_flip(msg_signed(msg, AUTHORITY, "www.example. 300 IN NSEC example. A RRSIG NSEC",
			   zone.zsk),
		RRSIG_SIGNATURE);
	want(msg, "x.example.", TYPE_A, CHAIN_BOGUS, "rrsig-invalid", "over NSEC",
	     "wildcard, its proof altered");
	msg = msg_make("*.example.", LDNS_RR_TYPE_A, 0);
	msg_signed(msg, ANSWER, "*.example. 300 IN A 192.0.2.7", zone.zsk);
	want(msg, "*.example.", TYPE_A, CHAIN_SECURE, "", NULL, "the asterisk itself");
	ok(!result.wildcard, "the asterisk itself is not made out of one");
}

static void test_useless(void)
{
	struct keyset *insecure = keyset_insecure(zone.wire);
	struct msg *msg = msg_make("www.example.", LDNS_RR_TYPE_A, LDNS_RCODE_SERVFAIL);

	want(msg, "www.example.", TYPE_A, CHAIN_INDETERMINATE, "", "SERVFAIL", "SERVFAIL");
	msg = msg_make("www.example.", LDNS_RR_TYPE_A, 0);
	msg_add(msg, AUTHORITY, "parking. 300 IN SOA a. b. 1 2 3 4 5");
	want(msg, "www.example.", TYPE_A, CHAIN_INDETERMINATE, "", "parking", "another zone's SOA");
	msg = msg_make("www.example.", LDNS_RR_TYPE_A, 0);
	msg_add(msg, AUTHORITY, ". 300 IN NS a.roots.");
	want(msg, "www.example.", TYPE_A, CHAIN_INDETERMINATE, "", "refers to", "upward referral");
	msg = msg_make("www.example.", LDNS_RR_TYPE_A, 0);
	ldns_pkt_set_aa(msg->pkt, false);
	want(msg, "www.example.", TYPE_A, CHAIN_INDETERMINATE, "", "empty", "empty, no AA");
	msg = msg_make("a.kid.example.", LDNS_RR_TYPE_A, 0);
	msg_add(msg, AUTHORITY, "kid.example. 300 IN NS ns.kid.example.");
	want(msg, "a.kid.example.", TYPE_A, CHAIN_INDETERMINATE, "", NULL, "referral");
	ok(dname_equal(result.cut, name_of("kid.example.")), "referral: to whom");
	chain_answer(keys, name_of("www.example."), TYPE_A, (const uint8_t *)"garbage", 7, NOW,
		     &budget, &result);
	is_str(chain_fault_id(result.reason[0].fault), "answer-malformed", "garbage");
	chain_answer(insecure, name_of("www.example."), TYPE_A, (const uint8_t *)"", 0, NOW,
		     &budget, &result);
	is_int(result.state, CHAIN_INSECURE,
	       "an insecure zone's answer is insecure, whatever it is");
	keyset_destroy(&insecure);
}

/* A ZSK altered after signing shows in the DNSKEY RRset as a signature that fails, and in the
 * answer as one by an unknown key: together they name the key. */
static void test_merge(void)
{
	struct chain_result of_keys, of_answer;
	struct chain_ds_set ds = {0};
	struct keyset *bad;
	struct msg *msg = dnskey_msg(&zone);

	ds_add(&ds, &zone, zone.ksk_rr, LDNS_SHA256);
	budget = chain_budget_default();
	msg_sign(msg, ANSWER, zone.name, LDNS_RR_TYPE_DNSKEY, zone.ksk);
	rr_flip(ldns_rr_list_rr(ldns_pkt_answer(msg->pkt), 1), 3);
	msg_wire(msg);
	chain_keys(&ds, zone.wire, msg->wire, msg->len, NOW, &budget, &bad, &of_keys);
	is_int(of_keys.reason[0].fault, CHAIN_RRSIG_INVALID,
	       "ZSK altered: DNSKEY's signature fails");
	msg_free(msg);
	msg = good();
	msg_wire(msg);
	chain_answer(bad, name_of("www.example."), TYPE_A, msg->wire, msg->len, NOW, &budget,
		     &of_answer);
	chain_merge(&of_keys, &of_answer);
	is_str(chain_fault_id(of_keys.reason[0].fault), "rrsig-key-missing",
	       "ZSK altered: the root");
	msg_free(msg);
	keyset_destroy(&bad);

	msg = dnskey_msg(&zone);
	msg_wire(msg);
	chain_keys(&ds, zone.wire, msg->wire, msg->len, NOW, &budget, &bad, &of_keys);
	msg_free(msg);
	msg = a_msg();
	msg_wire(msg);
	chain_answer(bad, name_of("www.example."), TYPE_A, msg->wire, msg->len, NOW, &budget,
		     &of_answer);
	chain_merge(&of_keys, &of_answer);
	is_str(chain_fault_id(of_keys.reason[0].fault), "rrsig-missing", "nothing signed at all");
	msg_free(msg);
	keyset_destroy(&bad);
}

/* The ZSK lost the second half of its material after signing: no key at all any more. */
static void test_spoilt_signer(void)
{
	struct chain_result of_keys, of_answer;
	struct chain_ds_set ds = {0};
	struct keyset *bad;
	struct msg *msg = dnskey_msg(&zone);
	ldns_rr *zsk = ldns_rr_list_rr(ldns_pkt_answer(msg->pkt), 1);
	ldns_rdf *material = ldns_rr_rdf(zsk, 3), *half;

	ds_add(&ds, &zone, zone.ksk_rr, LDNS_SHA256);
	budget = chain_budget_default();
	msg_sign(msg, ANSWER, zone.name, LDNS_RR_TYPE_DNSKEY, zone.ksk);
	half = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_B64, ldns_rdf_size(material) / 2,
				     ldns_rdf_data(material));
	ldns_rdf_deep_free(ldns_rr_set_rdf(zsk, half, 3));
	msg_wire(msg);
	chain_keys(&ds, zone.wire, msg->wire, msg->len, NOW, &budget, &bad, &of_keys);
	msg_free(msg);
	msg = good();
	msg_wire(msg);
	chain_answer(bad, name_of("www.example."), TYPE_A, msg->wire, msg->len, NOW, &budget,
		     &of_answer);
	chain_merge(&of_keys, &of_answer);
	is_str(chain_fault_id(of_keys.reason[0].fault), "dnskey-unusable", "ZSK cut short");
	msg_free(msg);
	keyset_destroy(&bad);
}

/* KeyTrap (CVE-2023-50387): each signature fits many keys. */
static void test_keytrap(void)
{
	struct msg *msg = dnskey_msg(&zone);
	struct chain_ds_set ds = {0};
	struct keyset *many;
	ldns_rr *key = ldns_rr_clone(zone.zsk_rr), *rrsig;
	uint8_t *material = ldns_rdf_data(ldns_rr_rdf(key, DNSKEY_MATERIAL));

	/* What is added to one word and taken from the next leaves the key tag as it was. */
	for (int i = 1; i <= 40; i++) {
		material[40]++;
		material[42]--;
		if (ldns_calc_keytag(key) == ldns_calc_keytag(zone.zsk_rr))
			msg_push(msg, ANSWER, key);
	}
	ldns_rr_free(key);
	ds_add(&ds, &zone, zone.ksk_rr, LDNS_SHA256);
	msg_sign(msg, ANSWER, zone.name, LDNS_RR_TYPE_DNSKEY, zone.ksk);
	msg_wire(msg);
	budget = chain_budget_default();
	chain_keys(&ds, zone.wire, msg->wire, msg->len, NOW, &budget, &many, &result);
	is_int(result.state, CHAIN_SECURE, "many keys of one tag: signed");
	ok(keyset_count(many) > 20, "many keys of one tag: %u", keyset_count(many));
	msg_free(msg);

	msg = a_msg();
	rrsig = ldns_rr_clone(msg_sign(msg, ANSWER, "www.example.", LDNS_RR_TYPE_A, zone.zsk));
	rr_flip(rrsig_of(msg), RRSIG_SIGNATURE);
	rr_flip(rrsig, RRSIG_SIGNATURE);
	for (int i = 0; i < 30; i++) {
		ldns_rdf_data(ldns_rr_rdf(rrsig, RRSIG_SIGNATURE))[5] = (uint8_t)i;
		msg_push(msg, ANSWER, rrsig);
	}
	ldns_rr_free(rrsig);
	msg_wire(msg);
	budget = chain_budget_default();
	chain_answer(many, name_of("www.example."), TYPE_A, msg->wire, msg->len, NOW, &budget,
		     &result);
	is_str(chain_fault_id(result.reason[0].fault), "rrsig-invalid", "many keys: the verdict");
	is_int(chain_budget_default().signatures - budget.signatures, 16, "many keys: the work");
	msg_free(msg);
	msg = good();
	msg_wire(msg);
	budget = chain_budget_default();
	chain_answer(many, name_of("www.example."), TYPE_A, msg->wire, msg->len, NOW, &budget,
		     &result);
	is_int(result.state, CHAIN_SECURE, "many keys: the right one is found");
	msg_free(msg);
	keyset_destroy(&many);
}

/* Ten of its namesakes in front of the key, none of them a key at all: it is found all the same. */
static void test_namesakes(void)
{
	struct msg *msg = msg_make("example.", LDNS_RR_TYPE_DNSKEY, 0);
	struct chain_ds_set ds = {0};
	ldns_rr *key = ldns_rr_clone(zone.zsk_rr);
	uint8_t *material = ldns_rdf_data(ldns_rr_rdf(key, DNSKEY_MATERIAL));
	struct keyset *many;
	EVP_PKEY *real;

	msg_push(msg, ANSWER, zone.ksk_rr);
	for (int left = 10; left > 0;) {
		if (material[40]++ == 0xff || material[42]-- == 0)
			abort();
		real = ldns_ecdsa2pkey_raw(material, 64, 13);
		if (!real && ldns_calc_keytag(key) == ldns_calc_keytag(zone.zsk_rr)) {
			msg_push(msg, ANSWER, key);
			left--;
		}
		EVP_PKEY_free(real);
	}
	ldns_rr_free(key);
	msg_push(msg, ANSWER, zone.zsk_rr);
	ds_add(&ds, &zone, zone.ksk_rr, LDNS_SHA256);
	msg_sign(msg, ANSWER, zone.name, LDNS_RR_TYPE_DNSKEY, zone.ksk);
	msg_wire(msg);
	budget = chain_budget_default();
	chain_keys(&ds, zone.wire, msg->wire, msg->len, NOW, &budget, &many, &result);
	is_int(result.state, CHAIN_SECURE, "namesakes: DNSKEY");
	msg_free(msg);
	msg = good();
	msg_wire(msg);
	chain_answer(many, name_of("www.example."), TYPE_A, msg->wire, msg->len, NOW, &budget,
		     &result);
	is_int(result.state, CHAIN_SECURE, "namesakes: the key is found");
	is_int(chain_budget_default().signatures - budget.signatures, 2, "namesakes: cost nothing");
	msg_free(msg);
	keyset_destroy(&many);
}

/* 3000 addresses in 64 KiB, and 100 signatures; and what an empty budget says. */
static void test_hostile(void)
{
	struct msg *msg = msg_make("www.example.", LDNS_RR_TYPE_A, 0);
	ldns_rr *rrsig;
	char text[64];

	for (int i = 0; i < 3000; i++) {
		snprintf(text, sizeof text, "www.example. 3600 IN A 10.0.%d.%d", i / 250, i % 250);
		msg_add(msg, ANSWER, text);
	}
	rrsig = ldns_rr_clone(msg_sign(msg, ANSWER, "www.example.", LDNS_RR_TYPE_A, zone.zsk));
	rr_flip(rrsig_of(msg), RRSIG_SIGNATURE);
	rr_flip(rrsig, RRSIG_SIGNATURE);
	for (int i = 0; i < 100; i++) {
		ldns_rdf_data(ldns_rr_rdf(rrsig, RRSIG_SIGNATURE))[5] = (uint8_t)i;
		msg_push(msg, ANSWER, rrsig);
	}
	ldns_rr_free(rrsig);
	want(msg, "www.example.", TYPE_A, CHAIN_BOGUS, "rrsig-invalid", NULL, "3000 addresses");
	msg = good();
	msg_wire(msg);
	budget = (struct chain_budget){.signatures = 0, .hashes = 100};
	chain_answer(keys, name_of("www.example."), TYPE_A, msg->wire, msg->len, NOW, &budget,
		     &result);
	is_int(result.state, CHAIN_INDETERMINATE, "no budget: nothing is said");
	is_str(chain_fault_id(result.reason[0].fault), "resolver-limit", "no budget: why");
	is_int(result.reasons, 1, "no budget: nothing else is blamed");
	msg_free(msg);
}

int main(void)
{
	zone = zone_make("example.", 257);
	keys = zone_keys(&zone);
	test_good();
	test_several();
	test_signatures();
	test_odd_keys();
	test_ns_beside();
	test_malformed_rrsig();
	test_aliases();
	test_dname();
	test_wildcards();
	test_useless();
	test_merge();
	test_spoilt_signer();
	test_keytrap();
	test_namesakes();
	test_hostile();
	keyset_destroy(&keys);
	zone_free(&zone);
	return done_testing();
}
