/* SPDX-License-Identifier: BSD-2-Clause */

/* Denial by NSEC and NSEC3, in answers and for DS; good proofs, and each broken one way. */
#include "tests/scanner/chain/chain_world.h"
#include "tests/tap.h"

#define AUTHORITY LDNS_SECTION_AUTHORITY
#define NX	  LDNS_RCODE_NXDOMAIN

static struct zone zone;
static struct keyset *keys;
static struct chain_result result;
static struct chain_budget budget;

static void say(const char *state, const char *cause, const char *words, const char *name)
{
	is_str(chain_state_name(result.state), state, name);
	is_str(result.state == CHAIN_SECURE || !result.reasons
		       ? ""
		       : chain_fault_id(result.reason[0].fault),
	       cause, name);
	if (words)
		ok(result.reasons && strstr(result.reason[0].text, words), "%s: says \"%s\"", name,
		   words);
	for (unsigned i = 0; i < result.reasons; i++)
		printf("#   %s: %s\n", chain_fault_id(result.reason[i].fault),
		       result.reason[i].text);
}

static void want(struct msg *msg, const char *qname, uint16_t qtype, const char *state,
		 const char *cause, const char *words, const char *name)
{
	budget = chain_budget_default();
	msg_wire(msg);
	chain_answer(keys, name_of(qname), qtype, msg->wire, msg->len, NOW, &budget, &result);
	msg_free(msg);
	say(state, cause, words, name);
}

/* A negative answer with its SOA; the records of the proof follow, NULL ends them. */
static struct msg *negative(int rcode, const char *const *proof)
{
	struct msg *msg = msg_make("x.example.", LDNS_RR_TYPE_A, rcode);

	msg_signed(msg, AUTHORITY, "example. 300 IN SOA a. b. 1 2 3 4 5", zone.zsk);
	for (; *proof; proof++)
		msg_signed(msg, AUTHORITY, *proof, zone.zsk);
	return msg;
}

#define PROOF(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NO_PROOF   ((const char *const[]){NULL})

/* The zone: example, a, d.c (c is an empty non-terminal), kid (delegated), www. */
#define APEX "example. 300 IN NSEC a.example. SOA NS RRSIG NSEC DNSKEY"
#define A    "a.example. 300 IN NSEC d.c.example. A RRSIG NSEC"
#define DC   "d.c.example. 300 IN NSEC kid.example. A RRSIG NSEC"
#define KID  "kid.example. 300 IN NSEC www.example. NS RRSIG NSEC"
#define WWW  "www.example. 300 IN NSEC example. A RRSIG NSEC"

static void test_nsec(void)
{
	want(negative(NX, PROOF(WWW, APEX)), "x.example.", TYPE_A, "secure", "", NULL,
	     "NSEC NXDOMAIN");
	want(negative(NX, PROOF(A, APEX)), "b.example.", TYPE_A, "secure", "", NULL,
	     "in the middle");
	want(negative(NX, PROOF(APEX)), "0.example.", TYPE_A, "secure", "", NULL,
	     "one NSEC for both");
	want(negative(NX, PROOF(DC)), "x.d.c.example.", TYPE_A, "secure", "", NULL, "below a name");
	want(negative(NX, PROOF(WWW)), "x.example.", TYPE_A, "bogus", "denial-missing",
	     "wildcard *.example", "wildcard not denied");
	want(negative(NX, PROOF(APEX)), "x.example.", TYPE_A, "bogus", "denial-missing",
	     "no NSEC covers", "name not covered");
	want(negative(NX, NO_PROOF), "x.example.", TYPE_A, "bogus", "denial-missing",
	     "no NSEC or NSEC3", "no NSEC");
	want(negative(NX, PROOF(WWW, APEX)), "www.example.", TYPE_A, "bogus", "denial-wrong",
	     "exists", "NXDOMAIN for a name that exists");
	want(negative(NX, PROOF("kid.example. 300 IN NSEC www.example. NS RRSIG NSEC", APEX)),
	     "x.kid.example.", TYPE_A, "bogus", "denial-wrong", NULL, "below a delegation");
	want(negative(NX, PROOF("m.example. 300 IN NSEC www.example. DNAME RRSIG NSEC", APEX)),
	     "x.m.example.", TYPE_A, "bogus", "denial-wrong", NULL, "below a DNAME");
	want(negative(NX, PROOF(WWW, "*.example. 300 IN NSEC a.example. A RRSIG NSEC")),
	     "x.example.", TYPE_A, "bogus", "denial-wrong", "wildcard *.example exists",
	     "wildcard exists");

	want(negative(0, PROOF(WWW)), "www.example.", 28, "secure", "", NULL, "NSEC NODATA");
	want(negative(0, PROOF(A)), "c.example.", TYPE_A, "secure", "", NULL, "empty non-terminal");
	want(negative(NX, PROOF(A, APEX)), "c.example.", TYPE_A, "secure", "", NULL,
	     "NXDOMAIN for an empty non-terminal");
	ok(strstr(result.notes, "NXDOMAIN") != NULL, "... noted");
	want(negative(0, PROOF(WWW)), "www.example.", TYPE_A, "bogus", "denial-wrong", "A exists",
	     "type exists");
	want(negative(0, PROOF("www.example. 300 IN NSEC example. CNAME RRSIG NSEC")),
	     "www.example.", 28, "bogus", "denial-wrong", "CNAME exists", "CNAME exists");
	want(negative(0, PROOF(WWW, APEX)), "x.example.", TYPE_A, "bogus", "denial-wrong",
	     "does not exist", "NODATA for a name that does not exist");
	want(negative(0, PROOF(KID)), "kid.example.", TYPE_A, "bogus", "denial-wrong", "delegation",
	     "the parent's NSEC for A");
	want(negative(0, PROOF(WWW, "*.example. 300 IN NSEC a.example. TXT RRSIG NSEC")),
	     "x.example.", TYPE_A, "secure", "", NULL, "wildcard NODATA");
	want(negative(0, PROOF(WWW, "*.example. 300 IN NSEC a.example. A RRSIG NSEC")),
	     "x.example.", TYPE_A, "bogus", "denial-wrong", "A exists",
	     "wildcard NODATA, yet it has the type");

	want(negative(0, PROOF("x.example. 300 IN NSEC \\000.x.example. RRSIG NSEC TYPE128")),
	     "x.example.", TYPE_A, "secure", "", NULL, "compact denial");
	want(negative(NX, PROOF("x.example. 300 IN NSEC \\000.x.example. RRSIG NSEC TYPE128")),
	     "x.example.", TYPE_A, "bogus", "denial-wrong", "NXNAME",
	     "compact denial with NXDOMAIN");
	want(negative(NX, PROOF(WWW)), "www.example.", 28, "bogus", "denial-wrong",
	     "the name exists", "NXDOMAIN with the proof of NODATA");
	want(negative(0, PROOF(A)), "www.example.", 28, "bogus", "denial-wrong", "other names'",
	     "NODATA by the NSEC of another name");
	want(negative(0, PROOF(KID)), "www.example.", 28, "bogus", "denial-missing",
	     "no NSEC is at", "NODATA by the NSEC before the one that lacks");
	want(negative(0, PROOF("www.example. 300 IN NSEC www.other. A RRSIG NSEC")), "www.example.",
	     28, "bogus", "denial-wrong", "leads out of the zone",
	     "NODATA by an NSEC whose next name is of another zone");
	want(negative(NX, PROOF("www.example. 300 IN NSEC z.other. A RRSIG NSEC", APEX)),
	     "x.example.", TYPE_A, "bogus", "denial-wrong", "leads out of the zone",
	     "NXDOMAIN by an NSEC whose next name is of another zone");
	want(negative(0, PROOF("x.example. 300 IN NSEC \\000.x.example. A RRSIG NSEC")),
	     "x.example.", 28, "secure", "", NULL, "black lie: NODATA");
}

static const char *keep(const char *text)
{
	static char kept[128][512];
	static unsigned turn;

	return strcpy(kept[turn++ % 128], text);
}

static const char *at(const char *name, int flags, int iterations, const char *types)
{
	return keep(nsec3("example.", name, false, flags, iterations, types));
}

static const char *around(const char *name, int flags, int iterations)
{
	return keep(nsec3("example.", name, true, flags, iterations, "A RRSIG"));
}

static void test_nsec3(void)
{
	const char *apex = at("example.", 0, 0, "SOA NS RRSIG DNSKEY NSEC3PARAM");
	const char *x = around("x.example.", 0, 0), *star = around("*.example.", 0, 0);

	want(negative(NX, PROOF(apex, x, star)), "x.example.", TYPE_A, "secure", "", NULL,
	     "NSEC3 NXDOMAIN");
	ok(result.nsec3, "NSEC3 NXDOMAIN: flagged");
	want(negative(NX, PROOF(apex, x, star)), "a.b.x.example.", TYPE_A, "secure", "", NULL,
	     "far below");
	want(negative(NX, PROOF(x, star)), "x.example.", TYPE_A, "bogus", "denial-missing",
	     "closest encloser", "no closest encloser");
	want(negative(NX, PROOF(apex, star)), "x.example.", TYPE_A, "bogus", "denial-missing",
	     "next closer name x.example", "no next closer");
	want(negative(NX, PROOF(apex, x)), "x.example.", TYPE_A, "bogus", "denial-missing",
	     "wildcard *.example", "wildcard not denied");
	want(negative(NX, PROOF(apex, x, at("*.example.", 0, 0, "A RRSIG"))), "x.example.", TYPE_A,
	     "bogus", "denial-wrong", "exists", "wildcard exists");
	want(negative(NX, PROOF(at("x.example.", 0, 0, "A RRSIG"))), "x.example.", TYPE_A, "bogus",
	     "denial-wrong", "exists", "name exists");
	want(negative(NX, PROOF(apex, around("x.example.", 1, 0), star)), "x.example.", TYPE_A,
	     "insecure", "", NULL, "NXDOMAIN in an opt-out span");
	ok(result.opt_out, "NXDOMAIN in an opt-out span: flagged");
	want(negative(NX, PROOF(at("k.example.", 0, 0, "NS RRSIG"), around("x.k.example.", 0, 0),
				around("*.k.example.", 0, 0))),
	     "x.k.example.", TYPE_A, "bogus", "denial-wrong", "delegation", "below a delegation");

	want(negative(NX, PROOF(at("m.example.", 0, 0, "DNAME RRSIG"), around("x.m.example.", 0, 0),
				around("*.m.example.", 0, 0))),
	     "x.m.example.", TYPE_A, "bogus", "denial-wrong", "DNAME", "below a DNAME");
	want(negative(0, PROOF(at("x.example.", 0, 0, "A RRSIG"))), "x.example.", 28, "secure", "",
	     NULL, "NSEC3 NODATA");
	want(negative(0, PROOF(at("x.example.", 0, 0, "A RRSIG"))), "x.example.", TYPE_A, "bogus",
	     "denial-wrong", "A exists", "type exists");
	want(negative(0, PROOF(at("c.example.", 0, 0, ""))), "c.example.", TYPE_A, "secure", "",
	     NULL, "empty non-terminal");
	want(negative(NX, PROOF(at("x.example.", 0, 0, "A RRSIG"))), "x.example.", 28, "bogus",
	     "denial-wrong", "the name exists", "NXDOMAIN with the proof of NODATA, NSEC3");
	want(negative(0, PROOF("00000000000000000000000000000000.example. 300 IN NSEC3 1 0 0 - "
			       "01000000000000000000000000000000 A RRSIG")),
	     "x.example.", 28, "bogus", "denial-wrong", "other names'",
	     "NODATA by the NSEC3 of another name");
	want(negative(0, PROOF(apex)), "x.example.", 28, "bogus", "denial-missing", NULL,
	     "NODATA by the NSEC3 of the apex alone");
	want(negative(0, PROOF(x)), "x.example.", 28, "bogus", "denial-missing", NULL,
	     "NODATA by the NSEC3 that covers the name, alone");
	want(negative(0, PROOF(apex, x, at("*.example.", 0, 0, "TXT RRSIG"))), "x.example.", TYPE_A,
	     "secure", "", NULL, "wildcard NODATA");
	want(negative(0, PROOF(apex, x, star)), "x.example.", TYPE_A, "bogus", "denial-wrong",
	     "does not exist", "NODATA for a name that does not exist");
	want(negative(0, PROOF(apex, around("x.example.", 1, 0))), "x.example.", TYPE_A, "insecure",
	     "", NULL, "NODATA in an opt-out span");
}

/* Behind the last hash there is, and before the second. */
#define LAST                                                                                       \
	"vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvu.example. 300 IN NSEC3 1 0 0 - "                          \
	"vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvt A RRSIG"

/* The record says that it is hashed more often than it is. */
static const char *as_if(const char *text, int iterations)
{
	char other[512];
	const char *field = strstr(text, " 1 0 0 - ");

	snprintf(other, sizeof other, "%.*s 1 0 %d - %s", (int)(field - text), text, iterations,
		 field + 9);
	return keep(other);
}

/* An NSEC3 whose two ends are the other way round: it covers what is outside of them. */
static const char *all_but(const char *name)
{
	const char *text = around(name, 0, 0);
	char other[512];

	snprintf(other, sizeof other, "%.28svvvv%.*s%.28s0000 A RRSIG", text,
		 (int)(strstr(text, " - ") + 3 - (text + 32)), text + 32, text);
	return keep(other);
}

static void test_nsec3_parameters(void)
{
	struct msg *msg;

	want(negative(NX, PROOF(at("example.", 0, 50, "SOA NS"), around("x.example.", 0, 50),
				around("*.example.", 0, 50))),
	     "x.example.", TYPE_A, "secure", "", NULL, "50 iterations");
	is_int(result.nsec3_iterations, 50, "50 iterations: told");
	is_int(chain_budget_default().hashes - budget.hashes, 3 * 51, "50 iterations: paid for");
	want(negative(NX, PROOF(at("example.", 0, 200, "SOA NS"), around("x.example.", 0, 200),
				around("*.example.", 0, 200))),
	     "x.example.", TYPE_A, "insecure", "", NULL, "200 iterations");
	want(negative(NX, PROOF(at("example.", 0, 2500, "SOA NS"))), "x.example.", TYPE_A,
	     "insecure", "", NULL, "2500 iterations");
	is_int(chain_budget_default().hashes, budget.hashes, "2500 iterations: not one hash");
	ok(strstr(result.notes, "iterations 2500") != NULL, "2500 iterations: noted");
	msg = negative(NX, PROOF(at("example.", 0, 2500, "SOA NS")));
	rr_flip(ldns_rr_list_rr(ldns_pkt_authority(msg->pkt), 3), RRSIG_SIGNATURE);
	want(msg, "x.example.", TYPE_A, "bogus", "rrsig-invalid", "over NSEC3",
	     "2500 iterations, and the signature is bad");
	msg = negative(NX, PROOF(at("example.", 0, 150, "SOA NS"), around("x.example.", 0, 150),
				 around("*.example.", 0, 150)));
	for (size_t i = 3; i < 8; i += 2)
		rr_flip(ldns_rr_list_rr(ldns_pkt_authority(msg->pkt), i), RRSIG_SIGNATURE);
	want(msg,
	     "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y.z.a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p."
	     "x.example.",
	     TYPE_A, "bogus", "rrsig-invalid", "over NSEC3",
	     "more hashes than are paid for would only explain");
	want(negative(NX, PROOF(at("example.", 0, 0, "SOA NS"),
				as_if(around("x.example.", 0, 0), 5), around("*.example.", 0, 0))),
	     "x.example.", TYPE_A, "bogus", "denial-wrong", "next closer",
	     "one with other iterations");
	want(negative(NX, PROOF(at("example.", 0, 0, "SOA NS"), LAST, around("*.example.", 0, 0))),
	     "x.example.", TYPE_A, "secure", "", NULL, "the zone's last NSEC3");
	want(negative(NX, PROOF(at("example.", 0, 0, "SOA NS"), all_but("x.example."),
				around("*.example.", 0, 0))),
	     "x.example.", TYPE_A, "bogus", "denial-missing", "next closer",
	     "all but the name is covered");
	msg = negative(NX, NO_PROOF);
	msg_signed(msg, AUTHORITY,
		   "2t7b4g4vsa5smi47k61mv5bv1a22bojr.example. 300 IN NSEC3 6 0 0 - "
		   "2t7b4g4vsa5smi47k61mv5bv1a22bojs A",
		   zone.zsk);
	want(msg, "x.example.", TYPE_A, "bogus", "denial-wrong", "hash algorithm", "unknown hash");
}

/* The root is the signature's as long as the record would prove it; else the record. */
static void test_signatures(void)
{
	struct msg *msg = negative(NX, PROOF(WWW, APEX));

	rr_flip(ldns_rr_list_rr(ldns_pkt_authority(msg->pkt), 3), RRSIG_SIGNATURE);
	want(msg, "x.example.", TYPE_A, "bogus", "rrsig-invalid", "over NSEC of www.example",
	     "NSEC's signature altered");
	msg = negative(NX, PROOF(WWW, APEX));
	rr_set(ldns_rr_list_rr(ldns_pkt_authority(msg->pkt), 2), 0, "x.example.");
	want(msg, "x.example.", TYPE_A, "bogus", "denial-wrong", "covers x.example",
	     "NSEC's next name altered");
	ok(result.reasons > 1 && result.reason[1].fault == CHAIN_RRSIG_INVALID,
	   "NSEC's next name altered: the signature fails, too");
	msg = negative(NX, NO_PROOF);
	msg_add(msg, AUTHORITY, WWW);
	msg_add(msg, AUTHORITY, APEX);
	want(msg, "x.example.", TYPE_A, "bogus", "rrsig-missing",
	     "NSEC of www.example has no RRSIG", "NSEC without RRSIG");
	msg = negative(NX, PROOF(WWW));
	msg->expiration = NOW - DAY;
	msg_signed(msg, AUTHORITY, APEX, zone.zsk);
	want(msg, "x.example.", TYPE_A, "bogus", "rrsig-expired", "over NSEC of example",
	     "NSEC expired");
	msg = msg_make("x.example.", LDNS_RR_TYPE_A, NX);
	msg_signed(msg, AUTHORITY, WWW, zone.zsk);
	msg_signed(msg, AUTHORITY, APEX, zone.zsk);
	msg->expiration = NOW - DAY;
	msg_signed(msg, AUTHORITY, "example. 300 IN SOA a. b. 1 2 3 4 5", zone.zsk);
	want(msg, "x.example.", TYPE_A, "bogus", "rrsig-expired", "over SOA",
	     "only the SOA expired");
	ok(strstr(result.notes, "BIND") != NULL, "only the SOA expired: BIND does not mind");
	msg = msg_make("x.example.", LDNS_RR_TYPE_A, NX);
	ldns_pkt_set_edns_do(msg->pkt, false);
	ldns_pkt_set_edns_udp_size(msg->pkt, 0);
	msg_add(msg, AUTHORITY, "example. 300 IN SOA a. b. 1 2 3 4 5");
	want(msg, "x.example.", TYPE_A, "bogus", "server-without-dnssec", NULL,
	     "nothing of DNSSEC at all");
	msg = msg_make("x.example.", LDNS_RR_TYPE_A, 0);
	want(msg, "x.example.", TYPE_A, "bogus", "denial-missing", NULL, "nothing at all");
	msg = negative(0, PROOF(WWW));
	rr_set(ldns_rr_list_rr(ldns_pkt_authority(msg->pkt), 3), RRSIG_SIGNER, "www.example.");
	want(msg, "www.example.", 28, "bogus", "rrsig-wrong-fields", "names a zone below",
	     "NSEC signed by a zone below");
	msg = negative(NX, PROOF(WWW, "sub.example. 300 IN NSEC www.example. A RRSIG NSEC"));
	rr_set(ldns_rr_list_rr(ldns_pkt_authority(msg->pkt), 5), RRSIG_LABELS, "1");
	want(msg, "x.example.", TYPE_A, "bogus", "denial-wrong", NULL, "an NSEC out of a wildcard");
}

/* A zone of two names, each with the hash of the other: "H(owner).example. NSEC3 ... H(next)". */
static const char *of_two(const char *owner, const char *next, const char *types)
{
	char first[512], other[512];

	snprintf(first, sizeof first, "%s", nsec3("example.", owner, false, 0, 0, types));
	snprintf(other, sizeof other, "%.32s.example. 300 IN NSEC3 1 0 0 - %.32s %s", first,
		 nsec3("example.", next, false, 0, 0, types), types);
	return keep(other);
}

static ldns_rr *authority(struct msg *msg, size_t at)
{
	return ldns_rr_list_rr(ldns_pkt_authority(msg->pkt), at);
}

static void rename_rr(ldns_rr *rr, const char *name)
{
	ldns_rdf_deep_free(ldns_rr_owner(rr));
	ldns_rr_set_owner(rr, ldns_dname_new_frm_str(name));
}

/* What is not there is missing; what was altered, or belongs to no sound chain, is wrong. */
static void test_missing_or_wrong(void)
{
	const char *apex = of_two("example.", "www.example.", "NS SOA RRSIG");
	const char *www = of_two("www.example.", "example.", "A RRSIG");
	char before_x[64];
	struct msg *msg;

	snprintf(before_x, sizeof before_x, "%.32s.example.", around("x.example.", 0, 0));
	want(negative(NX, PROOF(A, APEX)), "x.example.", TYPE_A, "bogus", "denial-missing",
	     "no NSEC covers", "the NSEC of www is gone");
	want(negative(NX, PROOF("kid.example. 300 IN NSEC b.example. A RRSIG NSEC", APEX)),
	     "x.example.", TYPE_A, "bogus", "denial-wrong", "no NSEC covers",
	     "an NSEC that leads backwards");
	want(negative(0, PROOF(WWW)), "x.example.", TYPE_A, "bogus", "denial-missing",
	     "the answer says it does", "NODATA, perhaps of a wildcard whose NSEC is gone");
	want(negative(NX, PROOF(apex, www)), "x.example.", TYPE_A, "secure", "", NULL,
	     "the whole chain");
	want(negative(NX, PROOF(of_two("other.", "www.example.", "NS SOA RRSIG"))), "x.example.",
	     TYPE_A, "bogus", "denial-wrong", NULL, "the apex is hashed wrongly");
	want(negative(NX, PROOF(apex, around("y.example.", 0, 0))), "a.b.x.example.", TYPE_A,
	     "bogus", "denial-wrong", NULL, "one made to cover another name");
	msg = negative(NX, PROOF(apex, www));
	for (size_t i = 2; i < 6; i += 2)
		rr_set(authority(msg, i), 4, "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv");
	want(msg, "x.example.", TYPE_A, "bogus", "denial-wrong", "next hash in the NSEC3",
	     "next hashes altered after signing");
	msg = negative(NX, PROOF(apex, www, around("*.example.", 0, 0)));
	for (size_t i = 4; i < 6; i++)
		rename_rr(authority(msg, i), before_x);
	want(msg, "x.example.", TYPE_A, "bogus", "denial-wrong", "hash in the name of NSEC3",
	     "an owner's hash altered after signing");
	msg = negative(NX, NO_PROOF);
	msg_add(msg, AUTHORITY, apex);
	want(msg, "x.example.", TYPE_A, "bogus", "rrsig-missing", "has no RRSIG",
	     "an NSEC3 without RRSIG, the others left out because of that");
}

static void want_ds(struct msg *msg, enum chain_cut cut, const char *state, const char *cause,
		    const char *words, const char *name)
{
	struct chain_ds_set ds;

	budget = chain_budget_default();
	msg_wire(msg);
	is_int(chain_ds(keys, name_of("kid.example."), msg->wire, msg->len, NOW, &budget, &ds,
			&result),
	       cut, name);
	is_int(ds.count > 0, cut == CHAIN_CUT_SECURE, name);
	msg_free(msg);
	say(state, cause, words, name);
}

static struct msg *ds_msg(void)
{
	struct msg *msg = msg_make("kid.example.", LDNS_RR_TYPE_DS, 0);

	msg_signed(msg, LDNS_SECTION_ANSWER,
		   "kid.example. 300 IN DS 12345 13 2 "
		   "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
		   zone.zsk);
	return msg;
}

static void test_ds(void)
{
	struct msg *msg = ds_msg();

	want_ds(msg, CHAIN_CUT_SECURE, "secure", "", NULL, "DS");
	msg = msg_make("x.kid.example.", LDNS_RR_TYPE_A, 0);
	msg_add(msg, AUTHORITY, "kid.example. 300 IN NS ns.kid.example.");
	msg_signed(msg, AUTHORITY,
		   "kid.example. 300 IN DS 12345 13 2 "
		   "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
		   zone.zsk);
	want_ds(msg, CHAIN_CUT_SECURE, "secure", "", NULL, "DS in a referral");
	msg = ds_msg();
	rr_flip(ldns_rr_list_rr(ldns_pkt_answer(msg->pkt), 1), RRSIG_SIGNATURE);
	want_ds(msg, CHAIN_CUT_UNKNOWN, "bogus", "parent-ds-invalid",
		"in example: RRSIG over DS of kid", "DS with a bad signature");
	is_int(result.parent_fault, CHAIN_RRSIG_INVALID, "DS with a bad signature: why");
	msg = ds_msg();
	rr_set(ldns_rr_list_rr(ldns_pkt_answer(msg->pkt), 1), RRSIG_SIGNER, "kid.example.");
	want_ds(msg, CHAIN_CUT_UNKNOWN, "bogus", "parent-ds-invalid", "names a zone below",
		"DS signed by the child");
	is_int(result.parent_fault, CHAIN_RRSIG_WRONG_FIELDS, "DS signed by the child: why");
	msg = ds_msg();
	ldns_rr_free(ldns_rr_list_pop_rr(ldns_pkt_answer(msg->pkt)));
	ldns_pkt_set_ancount(msg->pkt, 1);
	want_ds(msg, CHAIN_CUT_UNKNOWN, "bogus", "parent-ds-invalid", "has no RRSIG",
		"DS unsigned");

	want_ds(negative(0, PROOF(KID)), CHAIN_CUT_INSECURE, "insecure", "", NULL,
		"no DS, by NSEC");
	want_ds(negative(0, PROOF("kid.example. 300 IN NSEC www.example. NS DS RRSIG NSEC")),
		CHAIN_CUT_UNKNOWN, "bogus", "parent-ds-invalid", "DS exists", "the NSEC says DS");
	is_int(result.parent_fault, CHAIN_DENIAL_WRONG, "the NSEC says DS: why");
	want_ds(negative(0, PROOF("kid.example. 300 IN NSEC www.example. NS SOA RRSIG NSEC")),
		CHAIN_CUT_UNKNOWN, "bogus", "parent-ds-invalid", "child zone's",
		"the child's NSEC");
	want_ds(negative(0, PROOF("kid.example. 300 IN NSEC www.example. A RRSIG NSEC")),
		CHAIN_CUT_NONE, "secure", "", NULL, "no delegation");
	want_ds(negative(NX, PROOF("a.example. 300 IN NSEC www.example. A RRSIG NSEC", APEX)),
		CHAIN_CUT_NO_NAME, "secure", "", NULL, "no such name");
	want_ds(negative(0, NO_PROOF), CHAIN_CUT_UNKNOWN, "bogus", "parent-ds-invalid", NULL,
		"no proof");
	is_int(result.parent_fault, CHAIN_DENIAL_MISSING, "no proof: why");
	want_ds(negative(0, PROOF(at("kid.example.", 0, 0, "NS"))), CHAIN_CUT_INSECURE, "insecure",
		"", NULL, "no DS, by NSEC3");
	want_ds(negative(0,
			 PROOF(at("example.", 0, 0, "SOA NS RRSIG"), around("kid.example.", 1, 0))),
		CHAIN_CUT_INSECURE, "insecure", "", NULL, "no DS, by opt-out");
	want_ds(negative(0,
			 PROOF(at("example.", 0, 0, "SOA NS RRSIG"), around("kid.example.", 0, 0))),
		CHAIN_CUT_UNKNOWN, "bogus", "parent-ds-invalid", NULL,
		"no opt-out where it must be");
	want_ds(negative(0, PROOF(at("kid.example.", 0, 1000, "NS"))), CHAIN_CUT_INSECURE,
		"insecure", "", NULL, "no DS, 1000 iterations");
	msg = msg_make("kid.example.", LDNS_RR_TYPE_DS, 0);
	msg_add(msg, AUTHORITY, "kid.example. 300 IN SOA a. b. 1 2 3 4 5");
	want_ds(msg, CHAIN_CUT_UNKNOWN, "indeterminate", "", "child zone", "asked the child");
	want_ds(msg_make("kid.example.", LDNS_RR_TYPE_DS, LDNS_RCODE_REFUSED), CHAIN_CUT_UNKNOWN,
		"indeterminate", "parent-ds-invalid", "REFUSED", "REFUSED");
	msg = msg_make("kid.example.", LDNS_RR_TYPE_DS, 0);
	msg_add(msg, AUTHORITY, ". 300 IN NS a.roots.");
	want_ds(msg, CHAIN_CUT_UNKNOWN, "indeterminate", "", "upwards", "upward referral");
	msg = msg_make("kid.example.", LDNS_RR_TYPE_DS, 0);
	ldns_pkt_set_aa(msg->pkt, false);
	want_ds(msg, CHAIN_CUT_UNKNOWN, "indeterminate", "", "empty", "empty, no AA");
	msg = msg_make("kid.example.", LDNS_RR_TYPE_DS, 0);
	msg_add(msg, AUTHORITY, "kid.example. 300 IN NS ns.kid.example.");
	want_ds(msg, CHAIN_CUT_UNKNOWN, "bogus", "parent-ds-invalid", NULL,
		"referral without proof");
	keyset_destroy(&keys);
	keys = keyset_insecure(zone.wire);
	want_ds(msg_make("kid.example.", LDNS_RR_TYPE_DS, 0), CHAIN_CUT_INSECURE, "insecure", "",
		NULL, "below an insecure zone");
	keyset_destroy(&keys);
	keys = zone_keys(&zone);
	msg = msg_make("kid.example.", LDNS_RR_TYPE_DS, 0);
	msg_signed(msg, LDNS_SECTION_ANSWER, "kid.example. 300 IN CNAME www.example.", zone.zsk);
	want_ds(msg, CHAIN_CUT_NONE, "secure", "", NULL, "an alias is no delegation");
	zone_free(&zone);
	keyset_destroy(&keys);
	zone = zone_make(".", 257);
	keys = zone_keys(&zone);
	msg = msg_make("kid.example.", LDNS_RR_TYPE_DS, 0);
	msg_signed(msg, LDNS_SECTION_ANSWER, "example. 300 IN DNAME other.", zone.zsk);
	msg_add(msg, LDNS_SECTION_ANSWER, "kid.example. 300 IN CNAME kid.other.");
	want_ds(msg, CHAIN_CUT_NONE, "secure", "", NULL, "below a DNAME nothing is delegated");
	zone_free(&zone);
	keyset_destroy(&keys);
	zone = zone_make("example.", 257);
	keys = zone_keys(&zone);
	msg = negative(NX, PROOF("a.example. 300 IN NSEC www.example. A RRSIG NSEC", APEX));
	rr_flip(ldns_rr_list_rr(ldns_pkt_authority(msg->pkt), 3), RRSIG_SIGNATURE);
	want_ds(msg, CHAIN_CUT_UNKNOWN, "bogus", "parent-ds-invalid", "over NSEC of a.example",
		"no such name, a signature is bad");
	is_int(result.parent_fault, CHAIN_RRSIG_INVALID, "no such name, a signature is bad: why");
}

/* 120 labels and 150 iterations: what CVE-2023-50868 was about. */
static void test_hostile(void)
{
	struct msg *msg;
	char name[256] = "";

	for (int i = 0; i < 120; i++)
		strcat(name, "a.");
	strcat(name, "example.");
	msg = negative(NX, PROOF(at("x.example.", 0, 150, "A"), around("y.example.", 0, 150)));
	want(msg, name, TYPE_A, "indeterminate", "resolver-limit", NULL,
	     "120 labels, 150 iterations");
	ok(budget.hashes < 151, "... ends with the budget (%u left)", budget.hashes);
}

int main(void)
{
	zone = zone_make("example.", 257);
	keys = zone_keys(&zone);
	test_nsec();
	test_nsec3();
	test_nsec3_parameters();
	test_signatures();
	test_missing_or_wrong();
	test_ds();
	test_hostile();
	keyset_destroy(&keys);
	zone_free(&zone);
	return done_testing();
}
