/* SPDX-License-Identifier: BSD-2-Clause */

/* DS to DNSKEY, every way it can break. */
#include "tests/scanner/chain/chain_world.h"
#include "tests/tap.h"

static struct zone zone;
static struct chain_result result;
static struct chain_budget budget;

static enum chain_state check(struct msg *msg, const struct chain_ds_set *ds)
{
	struct keyset *keys;
	enum chain_state state;

	budget = chain_budget_default();
	msg_wire(msg);
	chain_keys(ds, zone.wire, msg->wire, msg->len, NOW, &budget, &keys, &result);
	state = result.state;
	if (keys)
		keyset_destroy(&keys);
	msg_free(msg);
	return state;
}

static void want(struct msg *msg, const struct chain_ds_set *ds, enum chain_state state,
		 const char *cause, const char *words, const char *name)
{
	enum chain_state got = check(msg, ds);
	const char *text = result.reasons ? result.reason[0].text : "";

	is_str(chain_state_name(got), chain_state_name(state), name);
	if (cause)
		is_str(result.reasons ? chain_fault_id(result.reason[0].fault) : "", cause, name);
	if (words && !ok(strstr(text, words) != NULL, "%s: says \"%s\"", name, words))
		printf("# %s\n", text);
	for (unsigned i = 1; i < result.reasons; i++)
		printf("#   also %s: %s\n", chain_fault_id(result.reason[i].fault),
		       result.reason[i].text);
}

static struct chain_ds_set ds_of(const ldns_rr *key)
{
	struct chain_ds_set set = {0};

	ds_add(&set, &zone, key, LDNS_SHA256);
	return set;
}

static struct msg *good(void)
{
	struct msg *msg = dnskey_msg(&zone);

	msg_sign(msg, LDNS_SECTION_ANSWER, zone.name, LDNS_RR_TYPE_DNSKEY, zone.ksk);
	return msg;
}

static ldns_rr *answer_rr(struct msg *msg, size_t at)
{
	return ldns_rr_list_rr(ldns_pkt_answer(msg->pkt), at);
}

static void test_good(void)
{
	struct chain_ds_set ds = ds_of(zone.ksk_rr), both = {0};
	struct msg *msg;

	want(good(), &ds, CHAIN_SECURE, "", NULL, "good");
	ok(strstr(result.notes, "algorithm 13") != NULL, "good: notes name the algorithm");
	is_int(result.ttl_s, 3600, "good: TTL");
	ds.ds[0].key_tag++;
	ds.count = 1;
	both.ds[both.count++] = ds.ds[0];
	ds_add(&both, &zone, zone.ksk_rr, LDNS_SHA256);
	want(good(), &both, CHAIN_SECURE, NULL, NULL, "one DS stale");
	both = (struct chain_ds_set){0};
	ds_add(&both, &zone, zone.ksk_rr, LDNS_SHA1);
	want(good(), &both, CHAIN_SECURE, "", NULL, "SHA-1 DS alone");
	both = (struct chain_ds_set){0};
	ds_add(&both, &zone, zone.ksk_rr, LDNS_SHA384);
	want(good(), &both, CHAIN_SECURE, "", NULL, "SHA-384 DS");

	msg = dnskey_msg(&zone);
	msg->expiration = NOW - DAY;
	msg_sign(msg, LDNS_SECTION_ANSWER, zone.name, LDNS_RR_TYPE_DNSKEY, zone.ksk);
	msg->expiration = NOW + DAY;
	msg_sign(msg, LDNS_SECTION_ANSWER, zone.name, LDNS_RR_TYPE_DNSKEY, zone.ksk);
	ds = ds_of(zone.ksk_rr);
	want(msg, &ds, CHAIN_SECURE, "rrsig-expired", "expired",
	     "an expired RRSIG beside a good one");
}

static void test_ds(void)
{
	struct chain_ds_set ds = ds_of(zone.ksk_rr), two = {0};
	struct zone other = zone_make("example.", 257);

	ds.ds[0].key_tag = 0;
	want(good(), &ds, CHAIN_BOGUS, "ds-no-matching-dnskey", "not its key tag", "DS key tag 0");
	ds = ds_of(zone.ksk_rr);
	ds.ds[0].key_tag = 0;
	ds.ds[0].digest[3] ^= 1;
	want(good(), &ds, CHAIN_BOGUS, "ds-no-matching-dnskey", "fits no DNSKEY",
	     "DS of an old key");
	ds = ds_of(zone.ksk_rr);
	ds.ds[0].algorithm = 8;
	want(good(), &ds, CHAIN_BOGUS, "ds-algorithm-mismatch", "not its algorithm",
	     "DS algorithm 8");
	ds.ds[0].digest[3] ^= 1;
	ds.ds[0].key_tag++;
	want(good(), &ds, CHAIN_BOGUS, "ds-algorithm-mismatch", "no key of that algorithm",
	     "DS of another algorithm");
	ds = ds_of(zone.ksk_rr);
	ds.ds[0].digest[31] ^= 1;
	want(good(), &ds, CHAIN_BOGUS, "ds-digest-mismatch", "not its digest", "DS digest");
	ds.ds[0].digest_len = 20;
	want(good(), &ds, CHAIN_BOGUS, "ds-digest-mismatch", NULL, "DS digest too short");
	ds = ds_of(zone.ksk_rr);
	ds.ds[0].algorithm = 100;
	want(good(), &ds, CHAIN_INSECURE, "", NULL, "DS algorithm 100");
	ok(strstr(result.notes, "not supported") != NULL, "DS algorithm 100: noted");
	ds.ds[0].algorithm = 3;
	want(good(), &ds, CHAIN_INSECURE, "", NULL, "DS algorithm 3 (DSA)");
	ds = ds_of(zone.ksk_rr);
	ds.ds[0].digest_type = 100;
	want(good(), &ds, CHAIN_INSECURE, "", NULL, "DS digest type 100");
	ds_add(&two, &zone, zone.ksk_rr, LDNS_SHA1);
	ds_add(&two, &zone, zone.ksk_rr, LDNS_SHA256);
	two.ds[1].digest[0] ^= 1;
	want(good(), &two, CHAIN_BOGUS, "ds-digest-mismatch", NULL, "SHA-1 fits, SHA-256 does not");
	zone_free(&other);
}

static void test_no_keys(void)
{
	struct chain_ds_set ds = ds_of(zone.ksk_rr);
	struct msg *msg = msg_make("example.", LDNS_RR_TYPE_DNSKEY, 0);

	want(msg, &ds, CHAIN_INDETERMINATE, "dnskey-unobtainable", "empty", "empty answer");
	msg = msg_make("example.", LDNS_RR_TYPE_DNSKEY, 0);
	msg_add(msg, LDNS_SECTION_AUTHORITY, "example. 300 IN SOA a. b. 1 2 3 4 5");
	want(msg, &ds, CHAIN_BOGUS, "ds-but-unsigned", "has no DNSKEY", "unsigned zone");
	msg = msg_make("example.", LDNS_RR_TYPE_DNSKEY, LDNS_RCODE_NXDOMAIN);
	msg_add(msg, LDNS_SECTION_AUTHORITY, "example. 300 IN SOA a. b. 1 2 3 4 5");
	want(msg, &ds, CHAIN_BOGUS, "ds-but-unsigned", "NXDOMAIN by its own SOA", "NXDOMAIN, SOA");
	msg = msg_make("example.", LDNS_RR_TYPE_DNSKEY, 0);
	msg_add(msg, LDNS_SECTION_ANSWER, "example. 300 IN CNAME www.example.net.");
	msg_add(msg, LDNS_SECTION_ANSWER,
		"www.example.net. 300 IN RRSIG A 13 3 300 20300101000000 20200101000000 7 net. AAAA");
	want(msg, &ds, CHAIN_BOGUS, "ds-but-unsigned", "has no DNSKEY", "an alias, unsigned");
	msg = msg_make("example.", LDNS_RR_TYPE_DNSKEY, 0);
	msg_add(msg, LDNS_SECTION_ANSWER, "example. 300 IN CNAME www.example.net.");
	msg_add(msg, LDNS_SECTION_ANSWER,
		"example. 300 IN RRSIG CNAME 13 1 300 20300101000000 20200101000000 7 example. AAAA");
	want(msg, &ds, CHAIN_INDETERMINATE, "dnskey-unobtainable", "CNAME at the zone's apex",
	     "an alias, signed");
	msg = msg_make("example.", LDNS_RR_TYPE_DNSKEY, LDNS_RCODE_NXDOMAIN);
	msg_add(msg, LDNS_SECTION_AUTHORITY, "com. 300 IN SOA a. b. 1 2 3 4 5");
	want(msg, &ds, CHAIN_INDETERMINATE, "dnskey-unobtainable", "NXDOMAIN",
	     "NXDOMAIN by another zone");
	msg = msg_make("example.", LDNS_RR_TYPE_DNSKEY, LDNS_RCODE_REFUSED);
	msg_add(msg, LDNS_SECTION_AUTHORITY, "example. 300 IN SOA a. b. 1 2 3 4 5");
	want(msg, &ds, CHAIN_INDETERMINATE, "dnskey-unobtainable", "REFUSED", "REFUSED");
	msg = msg_make("example.", LDNS_RR_TYPE_DNSKEY, LDNS_RCODE_SERVFAIL);
	want(msg, &ds, CHAIN_INDETERMINATE, "dnskey-unobtainable", "SERVFAIL", "SERVFAIL");
	msg = good();
	ldns_pkt_set_tc(msg->pkt, true);
	want(msg, &ds, CHAIN_INDETERMINATE, "", "truncated", "truncated");
}

static void test_signatures(void)
{
	struct chain_ds_set ds = ds_of(zone.ksk_rr);
	struct msg *msg = dnskey_msg(&zone);

	want(msg, &ds, CHAIN_BOGUS, "dnskey-not-signed", "no RRSIG at all", "no RRSIG");
	msg = dnskey_msg(&zone);
	ldns_pkt_set_edns_do(msg->pkt, false);
	ldns_pkt_set_edns_udp_size(msg->pkt, 0);
	want(msg, &ds, CHAIN_BOGUS, "server-without-dnssec", "knows no DNSSEC",
	     "no RRSIG, no EDNS");
	msg = dnskey_msg(&zone);
	msg_sign(msg, LDNS_SECTION_ANSWER, zone.name, LDNS_RR_TYPE_DNSKEY, zone.zsk);
	want(msg, &ds, CHAIN_BOGUS, "dnskey-not-signed", "only by others",
	     "signed by the ZSK only");
	msg = good();
	rr_set(ldns_rr_list_rr(ldns_pkt_answer(msg->pkt), 2), RRSIG_TAG, "4711");
	want(msg, &ds, CHAIN_BOGUS, "rrsig-invalid", "the key tag in it is wrong",
	     "signed by the KSK, with a tag that no key has");
	msg = dnskey_msg(&zone);
	msg->expiration = NOW - 3 * DAY;
	msg_sign(msg, LDNS_SECTION_ANSWER, zone.name, LDNS_RR_TYPE_DNSKEY, zone.zsk);
	want(msg, &ds, CHAIN_BOGUS, "dnskey-not-signed", "only by others",
	     "expired one by the ZSK only");
	msg = dnskey_msg(&zone);
	msg->expiration = NOW - 3 * DAY;
	msg_sign(msg, LDNS_SECTION_ANSWER, zone.name, LDNS_RR_TYPE_DNSKEY, zone.ksk);
	want(msg, &ds, CHAIN_BOGUS, "rrsig-expired", "expired 2026-11-26T00:00:00Z", "expired");
	ok(strstr(result.reason[0].text, "RRSIG over DNSKEY of example by key") != NULL,
	   "expired: names RRset and key");
	is_int(result.reasons, 1, "expired: nothing else is wrong");
	msg = good();
	rr_set(answer_rr(msg, 2), RRSIG_EXPIRATION, "20261126000000");
	want(msg, &ds, CHAIN_BOGUS, "rrsig-expired", NULL, "expired by an edit");
	is_str(result.reasons > 1 ? chain_fault_id(result.reason[1].fault) : "", "rrsig-invalid",
	       "expired by an edit: it does not verify, either");
	msg = dnskey_msg(&zone);
	msg->inception = NOW + DAY;
	msg->expiration = NOW + 3 * DAY;
	msg_sign(msg, LDNS_SECTION_ANSWER, zone.name, LDNS_RR_TYPE_DNSKEY, zone.ksk);
	want(msg, &ds, CHAIN_BOGUS, "rrsig-not-yet-valid", "begins only 2026-11-30T00:00:00Z",
	     "future");
	msg = dnskey_msg(&zone);
	msg->inception = NOW + DAY;
	msg->expiration = NOW - 3 * DAY;
	msg_sign(msg, LDNS_SECTION_ANSWER, zone.name, LDNS_RR_TYPE_DNSKEY, zone.ksk);
	want(msg, &ds, CHAIN_BOGUS, "rrsig-not-yet-valid", "before it begins", "dates reversed");
	msg = good();
	rr_flip(answer_rr(msg, 2), RRSIG_SIGNATURE);
	want(msg, &ds, CHAIN_BOGUS, "rrsig-invalid", "does not verify", "signature altered");
	is_int(result.reasons, 1, "signature altered: nothing else is wrong");
	msg = good();
	rr_set(answer_rr(msg, 2), RRSIG_SIGNATURE, "AAAA");
	want(msg, &ds, CHAIN_BOGUS, "rrsig-wrong-fields", "3 octets, not of 64",
	     "signature cut off");
	msg = good();
	rr_set(answer_rr(msg, 2), RRSIG_SIGNER, "other.");
	want(msg, &ds, CHAIN_BOGUS, "rrsig-wrong-fields", "another zone", "wrong signer");
	msg = good();
	rr_set(answer_rr(msg, 2), RRSIG_LABELS, "3");
	want(msg, &ds, CHAIN_BOGUS, "rrsig-wrong-fields", "counts 3 labels", "labels");
	msg = good();
	rr_set(answer_rr(msg, 2), RRSIG_LABELS, "0");
	want(msg, &ds, CHAIN_BOGUS, "rrsig-wrong-fields", "wildcard", "DNSKEY out of a wildcard");
}

/* Two KSKs of one tag, of which the DS names one. */
static void test_twins(void)
{
	struct chain_ds_set ds = ds_of(zone.ksk_rr);
	ldns_key *twin = key_make(3, 257, zone.name);
	ldns_rr *twin_rr;
	struct msg *msg = dnskey_msg(&zone);

	key_tagged(twin, &twin_rr);
	is_int(ldns_key_keytag(twin), ldns_key_keytag(zone.ksk), "twins: the same tag");
	msg_push(msg, LDNS_SECTION_ANSWER, twin_rr);
	msg_sign(msg, LDNS_SECTION_ANSWER, zone.name, LDNS_RR_TYPE_DNSKEY, zone.ksk);
	want(msg, &ds, CHAIN_SECURE, NULL, NULL, "twins: the one that the DS names signs");
	msg = dnskey_msg(&zone);
	msg_push(msg, LDNS_SECTION_ANSWER, twin_rr);
	msg_sign(msg, LDNS_SECTION_ANSWER, zone.name, LDNS_RR_TYPE_DNSKEY, twin);
	want(msg, &ds, CHAIN_BOGUS, "dnskey-not-signed", "only by others",
	     "twins: the other one signs");
	msg = dnskey_msg(&zone);
	msg_push(msg, LDNS_SECTION_ANSWER, twin_rr);
	rr_flip(msg_sign(msg, LDNS_SECTION_ANSWER, zone.name, LDNS_RR_TYPE_DNSKEY, twin),
		RRSIG_SIGNATURE);
	want(msg, &ds, CHAIN_BOGUS, "rrsig-invalid", "does not verify",
	     "twins: a signature of neither");
	ldns_rr_free(twin_rr);
	ldns_key_deep_free(twin);
}

static void test_keys(void)
{
	struct chain_ds_set ds = ds_of(zone.ksk_rr);
	struct msg *msg;

	msg = good();
	rr_flip(answer_rr(msg, 0), DNSKEY_MATERIAL);
	want(msg, &ds, CHAIN_BOGUS, "ds-no-matching-dnskey", NULL, "KSK altered");
	msg = good();
	ldns_rr_free(ldns_rr_list_set_rr(ldns_pkt_answer(msg->pkt), ldns_rr_clone(zone.zsk_rr), 0));
	want(msg, &ds, CHAIN_BOGUS, "ds-no-matching-dnskey", NULL, "KSK removed");
	msg = good();
	rr_flip(answer_rr(msg, 1), DNSKEY_MATERIAL);
	want(msg, &ds, CHAIN_BOGUS, "rrsig-invalid", NULL, "ZSK altered");
	msg = good();
	msg_sign(msg, LDNS_SECTION_ANSWER, zone.name, LDNS_RR_TYPE_DNSKEY, zone.zsk);
	rr_flip(answer_rr(msg, 1), DNSKEY_MATERIAL);
	want(msg, &ds, CHAIN_BOGUS, "rrsig-key-missing", "removed or altered",
	     "ZSK altered, it signed");
	ok(result.rrsigs_by_missing_key, "ZSK altered, it signed: flagged");
	msg = good();
	rr_set(answer_rr(msg, 0), DNSKEY_FLAGS, "0");
	want(msg, &ds, CHAIN_BOGUS, "dnskey-unusable", "flags 0", "KSK flags 0");
	msg = good();
	rr_set(answer_rr(msg, 1), DNSKEY_FLAGS, "0");
	want(msg, &ds, CHAIN_BOGUS, "dnskey-unusable", "signed with flags 256", "ZSK flags 0");
	msg = good();
	rr_set(answer_rr(msg, 1), DNSKEY_ALGORITHM, "8");
	want(msg, &ds, CHAIN_BOGUS, "dnskey-unusable", "says algorithm 8", "ZSK algorithm 8");
	msg = good();
	rr_set(answer_rr(msg, 1), DNSKEY_ALGORITHM, "200");
	want(msg, &ds, CHAIN_BOGUS, "dnskey-unusable", "says algorithm 200", "ZSK algorithm 200");
	msg = good();
	rr_set(answer_rr(msg, 1), DNSKEY_PROTO, "2");
	want(msg, &ds, CHAIN_BOGUS, "dnskey-unusable", "has protocol 2", "ZSK protocol 2");
	msg = good();
	rr_set(answer_rr(msg, 0), DNSKEY_ALGORITHM, "8");
	want(msg, &ds, CHAIN_BOGUS, "dnskey-unusable", "algorithm 8", "KSK algorithm 8");
	msg = good();
	rr_set(answer_rr(msg, 0), DNSKEY_PROTO, "2");
	want(msg, &ds, CHAIN_BOGUS, "dnskey-unusable", "protocol 2", "KSK protocol 2");
	msg = good();
	rr_set(answer_rr(msg, 0), DNSKEY_FLAGS, "385");
	want(msg, &ds, CHAIN_BOGUS, "dnskey-revoked", "revoked",
	     "KSK revoked after the DS was made");
}

/* An RSA key of that many octets, in the zone and in the DS. */
static void want_rsa(size_t exponent, size_t modulus, const char *words)
{
	uint8_t material[2048] = {0};
	struct chain_ds_set ds;

	material[1] = (uint8_t)(exponent >> 8);
	material[2] = (uint8_t)exponent;
	memset(material + 3, 0xab, exponent + modulus);
	zone = zone_make("example.", 257);
	rr_set(zone.ksk_rr, DNSKEY_ALGORITHM, "8");
	ldns_rdf_deep_free(ldns_rr_set_rdf(
		zone.ksk_rr,
		ldns_rdf_new_frm_data(LDNS_RDF_TYPE_B64, modulus ? 3 + exponent + modulus : 0,
				      material),
		DNSKEY_MATERIAL));
	ds = ds_of(zone.ksk_rr);
	want(good(), &ds, CHAIN_BOGUS, "dnskey-unusable", words, words);
	zone_free(&zone);
}

/* Zones whose keys are odd from the start: all else fits. */
static void test_odd_keys(void)
{
	struct zone plain = zone;
	struct chain_ds_set ds;
	struct msg *msg;

	zone = zone_make("example.", 385);
	ds = ds_of(zone.ksk_rr);
	want(good(), &ds, CHAIN_BOGUS, "dnskey-revoked", "REVOKE", "DS of a revoked key");
	zone_free(&zone);
	zone = zone_make("example.", 0x301);
	ds = ds_of(zone.ksk_rr);
	want(good(), &ds, CHAIN_SECURE, "dnskey-unusable", "without a meaning", "reserved flags");
	zone_free(&zone);
	zone = zone_make("example.", 1);
	ds = ds_of(zone.ksk_rr);
	want(good(), &ds, CHAIN_BOGUS, "dnskey-unusable", "no zone key", "DS of no zone key");
	zone_free(&zone);
	zone = zone_make("example.", 257);
	rr_set(zone.ksk_rr, DNSKEY_PROTO, "2");
	ds = ds_of(zone.ksk_rr);
	want(good(), &ds, CHAIN_BOGUS, "dnskey-unusable", "protocol", "DS of a key of protocol 2");
	rr_set(zone.ksk_rr, DNSKEY_PROTO, "3");
	rr_set(zone.ksk_rr, DNSKEY_ALGORITHM, "16");
	ds = ds_of(zone.ksk_rr);
	want(good(), &ds, CHAIN_BOGUS, "dnskey-unusable", "length", "P-256 key that says Ed448");
	rr_set(zone.ksk_rr, DNSKEY_ALGORITHM, "8");
	rr_set(zone.ksk_rr, DNSKEY_MATERIAL, "AwEAAQ==");
	ds = ds_of(zone.ksk_rr);
	want(good(), &ds, CHAIN_BOGUS, "dnskey-unusable", "RSA key is malformed",
	     "RSA key, cut off");
	rr_set(zone.ksk_rr, DNSKEY_MATERIAL, "AwEAAcAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB");
	ds = ds_of(zone.ksk_rr);
	want(good(), &ds, CHAIN_BOGUS, "dnskey-unusable", "shorter than 512", "RSA key, too short");
	zone_free(&zone);
	zone = zone_make("example.", 257);
	ds = ds_of(zone.ksk_rr);
	rr_set(zone.ksk_rr, DNSKEY_MATERIAL, "AwEAAcAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB");
	want(good(), &ds, CHAIN_BOGUS, "dnskey-unusable", "the only one it could be for",
	     "the DS is of what the KSK was before it was cut off");
	zone_free(&zone);
	want_rsa(3, 513, "longer than 4096");
	want_rsa(9, 256, "exponent is longer");
	want_rsa(300, 256, "exponent is longer");
	want_rsa(0, 256, "malformed");
	want_rsa(3, 0, "empty");
	zone = zone_make("example.", 257);
	rr_flip(zone.ksk_rr, DNSKEY_MATERIAL);
	ds = ds_of(zone.ksk_rr);
	ldns_key_set_keytag(zone.ksk, ldns_calc_keytag(zone.ksk_rr));
	msg = good();
	want(msg, &ds, CHAIN_BOGUS, "dnskey-unusable", "no point on the curve", "not on the curve");
	zone_free(&zone);
	zone = plain;
}

/* Every algorithm that validators support: a good signature, and a spoilt one. */
static void test_algorithms(void)
{
	static const struct {
		int number;
		ldns_signing_algorithm signer;
		uint16_t bits;
	} algorithms[] = {
		{5, LDNS_SIGN_RSASHA1, 1024},	      {7, LDNS_SIGN_RSASHA1_NSEC3, 1024},
		{8, LDNS_SIGN_RSASHA256, 2048},	      {10, LDNS_SIGN_RSASHA512, 1024},
		{13, LDNS_SIGN_ECDSAP256SHA256, 256}, {14, LDNS_SIGN_ECDSAP384SHA384, 384},
		{15, LDNS_SIGN_ED25519, 256},	      {16, LDNS_SIGN_ED448, 456},
	};
	struct zone plain = zone;

	for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++) {
		struct chain_ds_set ds;
		struct msg *msg;
		char name[64];

		zone.ksk = ldns_key_new_frm_algorithm(algorithms[i].signer, algorithms[i].bits);
		ldns_key_set_flags(zone.ksk, 257);
		ldns_key_set_pubkey_owner(zone.ksk, ldns_dname_new_frm_str("example."));
		key_tagged(zone.ksk, &zone.ksk_rr);
		ds = ds_of(zone.ksk_rr);
		is_int(ds.ds[0].algorithm, algorithms[i].number, "algorithm number");
		snprintf(name, sizeof name, "algorithm %d", algorithms[i].number);
		want(good(), &ds, CHAIN_SECURE, "", NULL, name);
		msg = good();
		rr_flip(answer_rr(msg, 2), RRSIG_SIGNATURE);
		snprintf(name, sizeof name, "algorithm %d, spoilt", algorithms[i].number);
		want(msg, &ds, CHAIN_BOGUS, "rrsig-invalid", NULL, name);
		msg = good();
		rr_set(answer_rr(msg, 2), RRSIG_SIGNATURE, "AAAAAAAAAAAA");
		snprintf(name, sizeof name, "algorithm %d, cut off", algorithms[i].number);
		want(msg, &ds, CHAIN_BOGUS, "rrsig-wrong-fields", NULL, name);
		ldns_key_deep_free(zone.ksk);
		ldns_rr_free(zone.ksk_rr);
	}
	zone = plain;
}

/* An RSA key whose exponent's length takes three octets (RFC 3110 2): sound, and some mind. */
static void test_long_form(void)
{
	struct zone plain = zone;
	struct chain_ds_set ds;
	const ldns_rdf *material;
	uint8_t octets[600] = {0, 0};
	size_t len;

	zone.ksk = ldns_key_new_frm_algorithm(LDNS_SIGN_RSASHA256, 1024);
	ldns_key_set_flags(zone.ksk, 257);
	ldns_key_set_pubkey_owner(zone.ksk, ldns_dname_new_frm_str("example."));
	key_tagged(zone.ksk, &zone.ksk_rr);
	material = ldns_rr_rdf(zone.ksk_rr, DNSKEY_MATERIAL);
	len = ldns_rdf_size(material);
	memcpy(octets + 2, ldns_rdf_data(material), len);
	ldns_rdf_deep_free(ldns_rr_set_rdf(
		zone.ksk_rr, ldns_rdf_new_frm_data(LDNS_RDF_TYPE_B64, len + 2, octets),
		DNSKEY_MATERIAL));
	ldns_key_set_keytag(zone.ksk, ldns_calc_keytag(zone.ksk_rr));
	ds = ds_of(zone.ksk_rr);
	want(good(), &ds, CHAIN_SECURE, "dnskey-unusable", "in three octets", "a long form");
	ldns_key_deep_free(zone.ksk);
	ldns_rr_free(zone.ksk_rr);
	zone = plain;
}

/* Many keys of one tag, many signatures: bounded. */
static void test_keytrap(void)
{
	struct chain_ds_set ds = ds_of(zone.ksk_rr);
	struct msg *msg = dnskey_msg(&zone);
	ldns_rr *rrsig;

	rrsig = ldns_rr_clone(
		msg_sign(msg, LDNS_SECTION_ANSWER, zone.name, LDNS_RR_TYPE_DNSKEY, zone.ksk));
	rr_flip(answer_rr(msg, 2), RRSIG_SIGNATURE);
	rr_flip(rrsig, RRSIG_SIGNATURE);
	for (int i = 0; i < 200; i++) {
		ldns_rdf_data(ldns_rr_rdf(rrsig, RRSIG_SIGNATURE))[5] = (uint8_t)i;
		msg_push(msg, LDNS_SECTION_ANSWER, rrsig);
	}
	ldns_rr_free(rrsig);
	want(msg, &ds, CHAIN_BOGUS, "rrsig-invalid", "does not verify", "200 bad signatures");
	ok(strstr(result.notes, "more signatures") != NULL, "200 bad signatures: noted");
	ok(budget.signatures >= 16, "200 bad signatures: %u of the budget left", budget.signatures);
}

#define SHA256 "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D"

static void test_anchor(void)
{
	/* The root's key of 2017 and its DS, as IANA publishes both. */
	static const char root_key[] =
		". IN DNSKEY 257 3 8 "
		"AwEAAaz/tAm8yTn4Mfeh5eyI96WSVexTBAvkMgJzkKTOiW1vkIbzxeF3+/4RgWOq7HrxRi"
		"xHlFlExOLAJr5emLvN7SWXgnLh4+B5xQlNVz8Og8kvArMtNROxVQuCaSnIDdD5LKyWbRd2"
		"n9WGe2R8PzgCmr3EgVLrjyBxWezF0jLHwVN8efS3rCj/EWgvIWgb9tarpVUDK/b58Da+sq"
		"qls3eNbuv7pr+eoZG+SrDK6nWeL3c6H5Apxz7LjVc1uTIdsIXxuOLYA4/ilBmSVIzuDWfd"
		"RUfhHdY6+cn8HFRm+2hM8AnXGXws9555KrUB5qihylGa8subX2Nn6UwNR1AkUTV74bU=";
	static const char root_ds[] = ". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E88040"
				      "9BBC683457104237C7F8EC8D";
	static const char not_understood[] = "no such record is understood here";
	static const char length[] = "its digest is not as long as those of its type";
	static const struct {
		const char *line, *why;
	} wrong[] = {
		{"example. IN A 192.0.2.1", not_understood},
		{"what is this", not_understood},
		{"example. CH DS 1 13 2 " SHA256, "its class is not IN"},
		{"example. IN DS 1 13 2 " SHA256 "00", length},
		{"example. IN DS 1 13 4 " SHA256, length},
		{"example. IN DS 1 13 1 " SHA256, length},
		{"example. IN DS 1 13 2 00", length},
		{"example. IN DS 1 13 77 " SHA256 SHA256 "00", "no DS has a digest of that length"},
	};
	struct chain_ds_set set = {0}, root = {0}, odd = {0};
	char *line = ldns_rr2str(zone.ksk_rr);

	is_str(chain_anchor_add(&set, name_of("other."), line), "it is another zone's",
	       "anchor of another zone");
	is_str(chain_anchor_add(&set, zone.wire, line), NULL, "anchor as a DNSKEY");
	want(good(), &set, CHAIN_SECURE, "", NULL, "DNSKEY as trust anchor");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		is_str(chain_anchor_add(&set, zone.wire, wrong[i].line), wrong[i].why,
		       wrong[i].line);
	is_str(chain_anchor_add(&root, name_of("."), root_key), NULL, "anchor: the root's key");
	is_str(chain_anchor_add(&root, name_of("."), root_ds), NULL, "anchor: the root's DS");
	ok(chain_anchor_usable(&root), "anchor: usable");
	ok(chain_ds_add(&odd, zone.wire, "example. DS 1 13 2 00FF") && odd.ds[0].digest_len == 2,
	   "the parent's DS may have a digest cut short");
	ok(chain_ds_add(&odd, zone.wire, "example. DS 1 13 77 00FF"),
	   "... or of a type unheard of");
	is_str(chain_anchor_add(&odd, zone.wire, "example. DS 1 16 5 " SHA256), NULL,
	       "anchor: of a type that is not supported");
	odd.ds[0] = odd.ds[2];
	ok(!chain_anchor_usable(&odd), "anchor: none is usable");
	ok(memcmp(&root.ds[0], &root.ds[1], sizeof root.ds[0]) == 0, "anchor: they are the same");
	is_int(set.count, 1, "anchors of the zone");
	free(line);
}

int main(void)
{
	zone = zone_make("example.", 257);
	test_good();
	test_ds();
	test_no_keys();
	test_signatures();
	test_twins();
	test_keys();
	test_odd_keys();
	test_algorithms();
	test_long_form();
	test_keytrap();
	test_anchor();
	zone_free(&zone);
	return done_testing();
}
