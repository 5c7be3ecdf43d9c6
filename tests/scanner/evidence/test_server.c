/* SPDX-License-Identifier: BSD-2-Clause */

/* One server, asked step by step: what each behaviour is called, and signatures that are held back. */
#include "scanner/dns/records.h"
#include "tests/scanner/evidence/evidence_world.h"

#include "tests/tap.h"

static struct test_world w;
static struct server server; /* what was found out last; its texts are gone */
static char detail[400];

static void server_done(struct job *job, const void *value)
{
	(void)job;
	server = *(const struct server *)value;
	snprintf(detail, sizeof(detail), "%s", server.detail);
	w.done++;
}

/* The server of x.example, asked for its A. */
static void look_at(unsigned how)
{
	static const struct line lines[] = {DOWN, ONE_SERVER, {NULL, NULL, NULL, NULL, NULL}};
	struct facts_config config = {.kinds = fact_kinds, .world = &w.world, .done = server_done};
	struct addr addr;
	struct fact_key key = {.kind = KIND_SERVER,
			       .variant = (uint16_t)how,
			       .qtype = TYPE_A,
			       .zone = (const uint8_t *)"\1x\7example",
			       .name = (const uint8_t *)"\1x\7example",
			       .addr = &addr};
	struct job job;

	world_start(&w, lines);
	facts_destroy(&w.facts);
	w.facts = facts_create(&config);
	addr_parse(&addr, "5.0.2.1", 53);
	job = world_job(&w);
	job.failing = how & SERVER_MEASURE;
	find_out(&w, &job, &key);
	facts_destroy(&w.facts);
}

/* ---- behaviours ---- */

#define GOOD	"aa | x.example. A 5.9.9.9"
#define NO_DATA "aa | | " SOA("x.example")

/* What it says to the question and to SOA over UDP with EDNS, the same without EDNS, and over TCP. */
static const struct behaviour {
	const char *udp, *soa, *plain, *tcp, *finding;
	bool usable;
} behaviours[] = {
	{GOOD, NO_DATA, GOOD, GOOD, "ok", true},
	{"mute", "mute", "mute", "mute", "ns-timeout", false},
	{"mute", "mute", GOOD, "mute", "edns-dropped", false},
	{"mute", "mute", "mute", GOOD, "udp-blocked", false},
	{"mute", NO_DATA, "mute", "mute", "type-fails", false},
	{"closed", "closed", "closed", "closed", "ns-unreachable", false},
	{"closed", "closed", "closed", GOOD, "udp-blocked", false},
	{"tc", NO_DATA, "tc", GOOD, "ok", true},
	{"tc", NO_DATA, "tc", "mute", "tcp-blocked", false},
	{"tc", NO_DATA, "tc", "closed", "tcp-blocked", false},
	{"tc", NO_DATA, "tc", "garbage", "tcp-blocked", false},
	{"FORMERR", "FORMERR", GOOD, GOOD, "edns-refused", true},
	{"FORMERR", "FORMERR", "FORMERR", "FORMERR", "ns-error", false},
	{"NOTIMPL", "NOTIMPL", GOOD, GOOD, "edns-refused", false},
	{"SERVFAIL", "SERVFAIL", "SERVFAIL", "SERVFAIL", "zone-not-loaded", false},
	{"SERVFAIL", NO_DATA, "SERVFAIL", "SERVFAIL", "type-fails", false},
	{"SERVFAIL", "SERVFAIL", GOOD, "SERVFAIL", "edns-refused", false},
	{"REFUSED", "REFUSED", "REFUSED", "REFUSED", "ns-refused", false},
	{"REFUSED", NO_DATA, "REFUSED", "REFUSED", "answers-differ", false},
	{"NOTAUTH", "NOTAUTH", "NOTAUTH", "NOTAUTH", "ns-error", false},
	{"garbage", "garbage", "garbage", "garbage", "answer-malformed", false},
	{"garbage", NO_DATA, GOOD, "garbage", "answer-malformed", false},
	{"mismatch", "mismatch", "mismatch", "mismatch", "answer-mismatch", false},
	{"| | . NS a.root.", "| | . NS a.root.", "| | . NS a.root.", "| | . NS a.root.",
	 "ns-upward-referral", false},
	{"| | x.example. NS ns1.x.example.", "", "", "", "ns-not-authoritative", false},
	{"|", "|", "|", "|", "ns-not-authoritative", false},
	{"| x.example. A 5.9.9.9", "| x.example. SOA ns. h. 1 1 1 1 1", "", "", "ok-without-aa",
	 true},
	{"aa | | example. SOA ns. h. 1 1 1 1 1", "aa | | example. SOA ns. h. 1 1 1 1 1", "", "",
	 "ns-other-zone", false},
	{"aa | | y.example. SOA ns. h. 1 1 1 1 1", "aa | | y.example. SOA ns. h. 1 1 1 1 1", "", "",
	 "ns-other-zone", false},
	{"aa NXDOMAIN | x.example. A 5.9.9.9", NO_DATA, GOOD, GOOD, "ns-error", true},
	{"aa | y.example. A 5.9.9.9", NO_DATA, GOOD, GOOD, "answer-mismatch", true},
	/* referrals to where the question does not lead */
	{"| | example. NS ns.example.", NO_DATA, "", "", "ns-upward-referral", false},
	{"| | z.x.example. NS ns1.x.example.", "| | z.x.example. NS ns1.x.example.", "", "",
	 "ns-not-authoritative", false},
	{"| | elsewhere. NS ns.elsewhere.", "| | elsewhere. NS ns.elsewhere.", "", "",
	 "ns-not-authoritative", false},
};

static const struct behaviour *now;

static const char *behave(const struct pending *p, char text[2048])
{
	(void)text;
	if (probe_way_streams(p->way))
		return now->tcp;
	if (p->way == PROBE_PLAIN)
		return now->plain;
	return p->qtype == TYPE_SOA ? now->soa : now->udp;
}

static void all_behaviours(void)
{
	w.invent = behave;
	for (size_t i = 0; i < sizeof(behaviours) / sizeof(behaviours[0]); i++) {
		now = &behaviours[i];
		look_at(SERVER_MEASURE);
		if (!ok(strcmp(server.finding, now->finding) == 0 && server.usable == now->usable,
			"%s, without EDNS %s, over TCP %s, SOA %s: %s", now->udp, now->plain,
			now->tcp, now->soa, now->finding))
			printf("# %s, usable %d: %s\n", server.finding, server.usable, detail);
	}
}

/* ---- a path that carries 512 octets ---- */

/* Nothing comes with EDNS, be it SOA: but this, where it need be no longer than without. */
static const struct short_path {
	const char *small, *tcp, *finding;
	bool usable;
} short_paths[] = {
	{"tc", "mute", "large-answers-lost", false},
	{"tc", GOOD, "large-answers-lost", true},
	{GOOD, "closed", "large-answers-lost", false},
	{"mute", GOOD, "edns-dropped", false},
};

static const struct short_path *path;

static const char *lose(const struct pending *p, char text[2048])
{
	(void)text;
	if (p->way == PROBE_PLAIN)
		return GOOD;
	if (probe_way_streams(p->way))
		return path->tcp;
	return p->way == PROBE_SMALL ? path->small : "mute";
}

static void all_short_paths(void)
{
	w.invent = lose;
	for (size_t i = 0; i < sizeof(short_paths) / sizeof(short_paths[0]); i++) {
		path = &short_paths[i];
		look_at(SERVER_MEASURE);
		if (!ok(strcmp(server.finding, path->finding) == 0 && server.usable == path->usable,
			"nothing with EDNS, if it need be no longer than without %s, over TCP %s: "
			"%s",
			path->small, path->tcp, path->finding))
			printf("# %s, usable %d: %s\n", server.finding, server.usable, detail);
	}
}

/* ---- what only some resolvers stumble over ---- */

/* In one way of asking it does this, and well in all others. */
static const struct odd_way {
	enum probe_way way;
	const char *what, *finding;
} odd_ways[] = {
	{PROBE_COOKIE, "mute", "edns-dropped"},
	{PROBE_COOKIE, "FORMERR", "edns-refused"},
	{PROBE_COOKIE, "garbage", "answer-malformed"},
	{PROBE_CD, "mute", "edns-dropped"},
	{PROBE_CD, "NOTIMPL", "edns-refused"},
	{PROBE_CD, "garbage", "answer-malformed"},
	{PROBE_MIXED, "mute", "ns-error"},
	{PROBE_MIXED, "REFUSED", "ns-error"},
	{PROBE_PACED, "REFUSED", "answers-differ"},
	{PROBE_PACED + 3, "NOTAUTH", "answers-differ"},
};

static const struct odd_way *odd;

static const char *be_odd(const struct pending *p, char text[2048])
{
	(void)text;
	if (p->way == odd->way)
		return odd->what;
	return p->qtype == TYPE_SOA ? NO_DATA : GOOD;
}

/* So many of the single queries are lost, too. */
static unsigned odd_and_lost;

static const char *be_odd_and_lossy(const struct pending *p, char text[2048])
{
	if (p->way >= PROBE_PACED && p->way < PROBE_PACED + odd_and_lost)
		return "mute";
	return be_odd(p, text);
}

static void odd_amid_loss(void)
{
	static const struct odd_way no_cd = {PROBE_CD, "mute", "edns-dropped"};

	w.invent = be_odd_and_lossy;
	odd = &no_cd;
	for (odd_and_lost = 0; odd_and_lost <= 2; odd_and_lost++) {
		look_at(SERVER_MEASURE);
		if (!ok((strcmp(server.finding, "edns-dropped") == 0) == (odd_and_lost < 2),
			"no answer with CD=1, and %u of 6 others lost", odd_and_lost))
			printf("# %s: %s\n", server.finding, detail);
	}
}

static void all_odd_ways(void)
{
	w.invent = be_odd;
	for (size_t i = 0; i < sizeof(odd_ways) / sizeof(odd_ways[0]); i++) {
		odd = &odd_ways[i];
		look_at(SERVER_MEASURE);
		if (!ok(strcmp(server.finding, odd->finding) == 0 && server.usable,
			"%s where asked in way %d: %s, and still of use", odd->what, odd->way,
			odd->finding))
			printf("# %s, usable %d: %s\n", server.finding, server.usable, detail);
	}
}

/* ---- signatures ---- */

#define KEY "aa do | x.example. DNSKEY 257 3 13 " KEY_64
#define KEY_64                                                                                     \
	"mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ=="
#define SIG(type)                                                                                  \
	"x.example. RRSIG " type " 13 2 300 20261201000000 20261101000000 1 x.example. " KEY_64
#define NSEC3PARAM "aa do | x.example. NSEC3PARAM 1 0 0 -"
#define NSEC	   "aa do | x.example. NSEC ns1.x.example. A NS SOA NSEC DNSKEY"

/* What it says to RRSIG, NSEC3PARAM and NSEC; its other answers carry no signature, but for the
 * question for A. */
static const struct withheld {
	const char *rrsig, *nsec3param;
	enum { NEVER, AGAIN, ALWAYS } data; /* when its answer to A is signed */
	enum chain_fault fault;
	const char *nsec;
} withholding[] = {
	{"aa do | " SIG("DNSKEY") "; " SIG("SOA"), NSEC3PARAM, NEVER, CHAIN_SERVER_WITHOUT_DNSSEC,
	 NO_DATA},
	{"aa do | " SIG("DNSKEY") "; " SIG("SOA"), NO_DATA, NEVER, CHAIN_DENIAL_MISSING, NO_DATA},
	{"aa do | " SIG("DNSKEY"), NSEC3PARAM, NEVER, CHAIN_RRSIG_MISSING, NO_DATA},
	{"aa do | " SIG("DNSKEY"), NO_DATA, ALWAYS, CHAIN_DENIAL_MISSING, NO_DATA},
	{"aa do | " SIG("DNSKEY"), NSEC3PARAM, ALWAYS, CHAIN_RRSIG_MISSING, NO_DATA},
	{"aa do | " SIG("SOA"), NSEC3PARAM, ALWAYS, CHAIN_FAULT_NONE, NO_DATA},
	{"aa do | " SIG("SOA"), NSEC3PARAM, NEVER, CHAIN_DNSKEY_NOT_SIGNED, NO_DATA},
	{"aa do | | " SOA("x.example"), NO_DATA, NEVER, CHAIN_FAULT_NONE, NO_DATA},
	{"REFUSED", NO_DATA, NEVER, CHAIN_FAULT_NONE, NO_DATA},
	{"aa do | | " SOA("x.example"), NO_DATA, AGAIN, CHAIN_ANSWER_USELESS, NO_DATA},
	{"aa do | " SIG("DNSKEY") "; " SIG("SOA"), NO_DATA, NEVER, CHAIN_RRSIG_MISSING, NSEC},
	{"aa do | " SIG("DNSKEY") "; " SIG("SOA") "; " SIG("NSEC"), NO_DATA, NEVER,
	 CHAIN_SERVER_WITHOUT_DNSSEC, NSEC},
};

static const struct withheld *held;

static const char *withhold(const struct pending *p, char text[2048])
{
	(void)text;
	switch (p->qtype) {
	case TYPE_DNSKEY:
		return KEY;
	case TYPE_RRSIG:
		return held->rrsig;
	case TYPE_NSEC3PARAM:
		return held->nsec3param;
	case TYPE_NSEC:
		return held->nsec;
	case TYPE_A:
		return held->data == ALWAYS || (held->data == AGAIN && p->way == PROBE_COOKIE)
			       ? "aa do | x.example. A 5.9.9.9; " SIG("A")
			       : "aa do | x.example. A 5.9.9.9";
	default:
		return "aa do | | " SOA("x.example");
	}
}

static void all_withholding(void)
{
	w.invent = withhold;
	for (size_t i = 0; i < sizeof(withholding) / sizeof(withholding[0]); i++) {
		held = &withholding[i];
		look_at(SERVER_SIGNED);
		if (!ok(server.withheld == held->fault, "RRSIG: %.40s; NSEC3PARAM: %.20s%s",
			held->rrsig, held->nsec3param,
			(const char *[]){"", "; signed when asked again",
					 "; all else is signed"}[held->data]))
			printf("# fault %d, %s: %s\n", server.withheld, server.finding, detail);
	}
}

/* ---- streams that take their time ---- */

/* What UDP truncates, of the question and of DNSKEY: over TCP at first, and once more. */
static const struct slow_stream {
	const char *tcp, *again, *finding;
	unsigned keys; /* SERVER_SIGNED: it is DNSKEY that is truncated */
	bool asked_again;
} slow_streams[] = {
	{"mute", "aa slow | x.example. A 5.9.9.9", "ns-slow", 0, true},
	{"mute", GOOD, "ok", 0, true},
	{"mute", "mute", "tcp-blocked", 0, true},
	{"filtered", "aa slow | x.example. A 5.9.9.9", "tcp-blocked", 0, false},
	{"closed", GOOD, "tcp-blocked", 0, false},
	{"mute", "aa slow | x.example. DNSKEY 257 3 13 " KEY_64, "ns-slow", SERVER_SIGNED, true},
	{"mute", "mute", "tcp-blocked", SERVER_SIGNED, true},
	{"filtered", "aa slow | x.example. DNSKEY 257 3 13 " KEY_64, "tcp-blocked", SERVER_SIGNED,
	 false},
};

static const struct slow_stream *stream;
static bool patient;

static const char *trickle(const struct pending *p, char text[2048])
{
	(void)text;
	if (p->qtype == TYPE_SOA)
		return NO_DATA;
	if (stream->keys && p->qtype != TYPE_DNSKEY)
		return GOOD;
	patient |= p->way == PROBE_TCP_PATIENT;
	if (p->way == PROBE_TCP_PATIENT)
		return stream->again;
	return p->way == PROBE_TCP ? stream->tcp : "tc";
}

static void all_slow_streams(void)
{
	w.invent = trickle;
	for (size_t i = 0; i < sizeof(slow_streams) / sizeof(slow_streams[0]); i++) {
		stream = &slow_streams[i];
		patient = false;
		look_at(stream->keys);
		if (!ok(strcmp(server.finding, stream->finding) == 0 &&
				patient == stream->asked_again,
			"%s truncated, over TCP %s, then %s: %s",
			stream->keys ? "DNSKEY" : "the answer", stream->tcp, stream->again,
			stream->finding))
			printf("# %s, patient %d: %s\n", server.finding, patient, detail);
	}
}

/* ---- keys that come late ---- */

/* Not within the time of the first two tries, but a while later, and over TCP no sooner. */
static const char *late_keys(const struct pending *p, char text[2048])
{
	(void)text;
	if (p->qtype != TYPE_DNSKEY)
		return p->qtype == TYPE_SOA ? NO_DATA : GOOD;
	return p->way == PROBE_PATIENT || probe_way_streams(p->way)
		       ? "aa slow | x.example. DNSKEY 257 3 13 " KEY_64
		       : "mute";
}

static void keys_come_late(void)
{
	w.invent = late_keys;
	look_at(SERVER_SIGNED);
	ok(strcmp(server.finding, "ns-slow") == 0 && !server.usable, "DNSKEY comes late: ns-slow");
}

/* ---- keys that are too large for UDP ---- */

static const char *large_keys(const struct pending *p, char text[2048])
{
	(void)text;
	if (p->qtype != TYPE_DNSKEY)
		return p->qtype == TYPE_SOA ? NO_DATA : GOOD;
	return probe_way_streams(p->way) ? KEY : p->way == PROBE_PLAIN ? "tc" : "mute";
}

static const char *keys_by_tcp_alone(const struct pending *p, char text[2048])
{
	if (p->qtype == TYPE_DNSKEY && !probe_way_streams(p->way))
		return "mute";
	return large_keys(p, text);
}

static const char *keys_unsigned_over_udp(const struct pending *p, char text[2048])
{
	if (p->qtype == TYPE_DNSKEY && p->way == PROBE_PLAIN)
		return "aa | x.example. DNSKEY 257 3 13 " KEY_64;
	return keys_by_tcp_alone(p, text);
}

static void keys_over_tcp(void)
{
	w.invent = large_keys;
	look_at(SERVER_SIGNED);
	ok(strcmp(server.finding, "large-answers-lost") == 0 && server.usable,
	   "DNSKEY over TCP only: told, and of use for those who ask like that");
	w.invent = keys_by_tcp_alone;
	look_at(SERVER_SIGNED);
	ok(strcmp(server.finding, "dnskey-unobtainable") == 0 && server.usable,
	   "... nor does UDP without EDNS bring any of it");
	w.invent = keys_unsigned_over_udp;
	look_at(SERVER_SIGNED);
	ok(strcmp(server.finding, "dnskey-unobtainable") == 0 && server.usable,
	   "... but for what needs no EDNS, and has no signatures");
}

int main(void)
{
	all_behaviours();
	all_short_paths();
	all_slow_streams();
	keys_come_late();
	keys_over_tcp();
	all_odd_ways();
	odd_amid_loss();
	all_withholding();
	return done_testing();
}
