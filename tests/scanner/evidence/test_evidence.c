/* SPDX-License-Identifier: BSD-2-Clause */

/* Evidence from servers made of text: what each fault comes to, how much is asked for it, and what
 * hostile servers can make of that. */
#include "scanner/dns/records.h"
#include "tests/scanner/evidence/evidence_world.h"

#include "tests/tap.h"

static struct test_world w;

static const char *look(const struct line *lines, const char *qname, const char *zone)
{
	return look_for(&w, lines, qname, zone);
}

#define TWO_SERVERS                                                                                \
	{                                                                                          \
		"5.0.1.1", NULL, "x.example", "NS",                                                \
			"| | x.example. NS ns1.x.example.; x.example. NS ns2.x.example. | "        \
			"ns1.x.example. A 5.0.2.1; ns2.x.example. A 5.0.2.2"                       \
	}

static void one_server(const char *udp, const char *soa, const char *plain, const char *tcp,
		       const char *want)
{
	const struct line lines[] = {
		DOWN,
		ONE_SERVER,
		{"5.0.2.1", "tcp", "*", "*", tcp},
		{"5.0.2.1", "plain", "*", "*", plain},
		{"5.0.2.1", "udp", "x.example", "SOA", soa},
		{"5.0.2.1", "udp", "*", "*", udp},
		{NULL, NULL, NULL, NULL, NULL},
	};

	is_str(look(lines, "x.example", "x.example"), want, want);
}

static void ladder(void)
{
	const char *good = "aa | x.example. A 5.9.9.9", *soa = "aa | " SOA("x.example");

	one_server(good, soa, good, good, "ok");
	is_int(w.asked, 3,
	       "a zone in order costs three questions: two on the way down and its own");
	one_server("REFUSED", "REFUSED", "REFUSED", "REFUSED", "ns-refused");
	one_server("SERVFAIL", "SERVFAIL", "SERVFAIL", "SERVFAIL", "zone-not-loaded");
	one_server("SERVFAIL", soa, "SERVFAIL", "SERVFAIL", "type-fails");
	one_server("NOTAUTH", "NOTAUTH", "NOTAUTH", "NOTAUTH", "ns-error");
	one_server("FORMERR", "FORMERR", good, good, "ok"); /* resolvers ask again without EDNS */
	ok(row_of(&w, "server", "x.example") &&
		   strcmp(row_of(&w, "server", "x.example")->finding, "edns-refused") == 0,
	   "where the server's row says edns-refused");
	one_server("REFUSED", "REFUSED", good, good, "edns-refused");
	one_server("SERVFAIL", "SERVFAIL", good, good, "edns-refused");
	one_server("mute", "mute", "mute", "mute", "ns-timeout");
	one_server("closed", "closed", "closed", "closed", "ns-unreachable");
	one_server("mute", "mute", good, good, "edns-dropped");
	one_server("mute", "mute", "mute", good, "udp-blocked");
	one_server("mute", soa, "mute", "mute", "type-fails");
	one_server("tc", "tc", "tc", good, "ok");
	one_server("tc", "tc", "tc", "closed", "tcp-blocked");
	one_server("tc", "tc", "tc", "mute", "tcp-blocked");
	one_server("tc", "tc", "tc", "tc", "tcp-blocked"); /* there is no more of it to be had */
	one_server("mute", soa, "tc", "closed", "large-answers-lost");
	one_server("garbage", "garbage", "garbage", "garbage", "answer-malformed");
	one_server("mismatch", "mismatch", "mismatch", "mismatch", "answer-mismatch");
	one_server("", "", "", "", "ns-not-authoritative");
	one_server("| | x.example. NS ns1.x.example.", "| | x.example. NS ns1.x.example.", "", "",
		   "ns-not-authoritative");
	one_server("| | . NS a.root.", "| | . NS a.root.", "", "", "ns-upward-referral");
	one_server("aa | | " SOA("parking.net"), "aa | | " SOA("parking.net"), "", "",
		   "ns-other-zone");
	one_server("aa NXDOMAIN | | . SOA a. b. 1 1 1 1 1", "aa | | . SOA a. b. 1 1 1 1 1", "", "",
		   "ns-other-zone");
	one_server("| x.example. A 5.9.9.9", soa, "", "", "ok"); /* without AA: resolvers take it */
}

/* The first question of each kind is refused, or fails. */
static const char *one_bad_node(const struct pending *p, char text[2048])
{
	bool bad = p->way == PROBE_UDP || p->way == PROBE_COOKIE;

	(void)text;
	return bad ? "REFUSED" : "aa | x.example. A 5.9.9.9";
}

/* Half of the queries to a name are lost, and the others get an error. */
static const char *lossy_error(const struct pending *p, char text[2048])
{
	(void)text;
	return p->way == PROBE_PATIENT || p->way % 2 == 1 ? "NOTAUTH" : "mute";
}

/* All is lost but one answer to a query without EDNS. */
static const char *one_lucky_query(const struct pending *p, char text[2048])
{
	(void)text;
	return p->way == PROBE_PLAIN && p->qtype == TYPE_A ? "aa | x.example. A 5.9.9.9" : "mute";
}

/* The first two queries are lost, the third is answered in part, and TCP is silent. */
static const char *late_and_truncated(const struct pending *p, char text[2048])
{
	(void)text;
	return p->way == PROBE_UDP || probe_way_streams(p->way) ? "mute" : "tc";
}

/* The first queries for an address are lost, the later ones are not. */
static const char *late_to_wake(const struct pending *p, char text[2048])
{
	(void)text;
	if (p->qtype == TYPE_SOA)
		return "aa | " SOA("x.example");
	return p->way == PROBE_MIXED ? "aa | x.example. A 5.9.9.9" : "mute";
}

/* What is a rule, and what is chance. */
static void by_chance(void)
{
	static const struct line lines[] = {DOWN, ONE_SERVER, {NULL, NULL, NULL, NULL, NULL}};

	w.invent = one_bad_node;
	is_str(look(lines, "x.example", "x.example"), "answers-differ",
	       "an error with EDNS and none without, and at last none with it: chance");
	w.invent = lossy_error;
	is_str(look(lines, "x.example", "x.example"), "ns-error",
	       "queries are lost, and those that are not get an error: that is it");
	w.invent = one_lucky_query;
	is_str(look(lines, "x.example", "x.example"), "packet-loss",
	       "without EDNS most are lost as well: that is no rule");
	w.invent = late_and_truncated;
	is_str(look(lines, "x.example", "x.example"), "tcp-blocked",
	       "truncated, be it late: that is no matter of EDNS");
	w.invent = late_to_wake;
	is_str(look(lines, "x.example", "x.example"), "packet-loss",
	       "no answer to one type, until there is one");
	w.invent = NULL;
}

/* A zone on the way whose servers hand out the delegation over TCP only. */
static void troubled_path(void)
{
	const struct line lines[] = {
		DOWN,
		ONE_SERVER,
		{"5.0.2.1", "tcp", "*", "SOA", "aa | " SOA("x.example")},
		{"5.0.2.1", "tcp", "*", "*",
		 "| | kid.x.example. NS ns.kid.x.example. | ns.kid.x.example. A 5.0.2.9"},
		{"5.0.2.9", NULL, "*", "*", "aa | kid.x.example. A 5.9.9.9"},
		{NULL, NULL, NULL, NULL, NULL}};
	struct job job;

	is_str(look(lines, "kid.x.example", "kid.x.example"), "ok", "a way down over TCP only");
	ok(!row_of(&w, "conclusion", "x.example"), "... of no interest where nothing fails");
	world_start(&w, lines);
	job = world_job(&w);
	job.failing = true;
	look_into(&w, &job, "kid.x.example");
	facts_destroy(&w.facts);
	is_str(conclusion(&w, "x.example"), "udp-blocked", "where something does, it is said");
	is_str(conclusion(&w, "kid.x.example"), "ok", "... and that the zone itself is in order");
}

static enum heard how_heard;

static enum heard world_heard(void *owner, const struct addr *addr, const uint8_t *zone)
{
	(void)owner;
	(void)addr;
	(void)zone;
	return how_heard;
}

/* Silent, but not dead. */
static void heard_before(void)
{
	const char *good = "aa | x.example. A 5.9.9.9";

	w.world.heard = world_heard;
	how_heard = HEARD_NEVER;
	one_server("mute", "mute", "mute", "mute", "ns-timeout");
	ok(!row_of(&w, "address", "x.example"), "never heard: nothing to say");
	how_heard = HEARD_ELSEWHERE;
	one_server("mute", "mute", "mute", "mute", "ns-timeout");
	ok(row_of(&w, "address", "x.example"), "it has answered elsewhere: a row says so");
	one_server("REFUSED", "REFUSED", "REFUSED", "REFUSED", "ns-refused");
	ok(!row_of(&w, "address", "x.example"), "which is of no interest where it answers");
	how_heard = HEARD_OF_ZONE;
	one_server("mute", "mute", "mute", "mute", "packet-loss");
	one_server("mute", "mute", "mute", good, "packet-loss");
	w.world.heard = NULL;
}

static void two_servers(void)
{
	const struct line mixed[] = {DOWN,
				     TWO_SERVERS,
				     {"5.0.2.1", NULL, "*", "*", "REFUSED"},
				     {"5.0.2.2", NULL, "*", "*", "SERVFAIL"},
				     {NULL, NULL, NULL, NULL, NULL}};
	const struct line one_bad[] = {DOWN,
				       TWO_SERVERS,
				       {"5.0.2.1", NULL, "*", "*", "REFUSED"},
				       {"5.0.2.2", NULL, "*", "*", "aa | x.example. A 5.9.9.9"},
				       {NULL, NULL, NULL, NULL, NULL}};

	is_str(look(mixed, "x.example", "x.example"), "ns-mixed-failures",
	       "each fails in its own way");
	is_str(look(one_bad, "x.example", "x.example"), "some-fail",
	       "one fails, the other makes up for it");
}

/* The root's servers have loopback addresses: whatever is special may have servers there. */
static void special_world(const struct line *private_address)
{
	struct line answers[] = {DOWN,
				 {"5.0.1.1", NULL, "x.example", "NS",
				  "| | x.example. NS ns1.x.example. | ns1.x.example. A 10.0.0.1"},
				 {"10.0.0.1", NULL, "*", "*", "aa | x.example. A 5.9.9.9"},
				 {NULL, NULL, NULL, NULL, NULL}};
	const struct line unspecified[] = {
		DOWN,
		{"5.0.1.1", NULL, "x.example", "NS",
		 "| | x.example. NS ns1.x.example. | ns1.x.example. A 0.0.0.0"},
		{NULL, NULL, NULL, NULL, NULL}};
	struct hints before;

	world_start(&w, answers);
	facts_destroy(&w.facts);
	before = w.hints;
	w.hints.special = true;
	addr_parse(&w.hints.server[0].addr[w.hints.server[0].addr_count++], "127.0.0.53", 53);
	is_str(look(answers, "x.example", "x.example"), "ok", "... which may do in a lab");
	is_str(look(private_address, "x.example", "x.example"), "ns-address-special",
	       "... unless nobody answers there, where the others are loopback addresses");
	is_str(look(unspecified, "x.example", "x.example"), "ns-address-special",
	       "... and nobody is ever there");
	addr_parse(&w.hints.server[0].addr[1], "10.1.1.1", 53);
	is_str(look(private_address, "x.example", "x.example"), "ns-timeout",
	       "... of the kind that all have, it is merely dead");
	w.hints = before;
}

static void names_of_servers(void)
{
	const struct line missing[] = {
		DOWN,
		{"5.0.1.1", NULL, "x.example", "NS", "| | x.example. NS ns1.x.example."},
		{NULL, NULL, NULL, NULL, NULL}};
	const struct line nobody[] = {
		DOWN,
		{"5.0.1.1", NULL, "x.example", "NS", "| | x.example. NS ns.typo.example."},
		{"5.0.1.1", NULL, "*", "*", "aa NXDOMAIN | | " SOA("example")},
		{NULL, NULL, NULL, NULL, NULL}};
	const struct line various[] = {
		DOWN,
		{"5.0.1.1", NULL, "x.example", "NS",
		 "| | x.example. NS ns.typo.example.; x.example. NS "
		 "ns1.x.example."},
		{"5.0.1.1", NULL, "*", "*", "aa NXDOMAIN | | " SOA("example")},
		{NULL, NULL, NULL, NULL, NULL}};
	const struct line special[] = {
		DOWN,
		{"5.0.1.1", NULL, "x.example", "NS",
		 "| | x.example. NS ns1.x.example. | ns1.x.example. A 10.0.0.1"},
		{NULL, NULL, NULL, NULL, NULL}};
	const struct line six[] = {
		DOWN,
		{"5.0.1.1", NULL, "x.example", "NS",
		 "| | x.example. NS ns1.x.example. | ns1.x.example. AAAA 2a00::1"},
		{NULL, NULL, NULL, NULL, NULL}};

	const struct line both[] = {
		DOWN,
		{"5.0.1.1", NULL, "x.example", "NS", "aa | x.example. NS ns1.x.example."},
		{"5.0.1.1", NULL, "ns1.x.example", "A", "aa | ns1.x.example. A 5.0.1.1"},
		{"5.0.1.1", NULL, "ns1.x.example", "AAAA", "aa | | " SOA("x.example")},
		{"5.0.1.1", NULL, "x.example", "A", "aa | x.example. A 5.9.9.9"},
		{NULL, NULL, NULL, NULL, NULL}};

	const struct line kept_back[] = {
		DOWN,
		{"5.0.1.1", NULL, "x.example", "NS",
		 "| | x.example. NS ns1.x.example. | ns1.x.example. A 5.0.2.1; "
		 "ns1.x.example. AAAA 2a00::1"},
		{"5.0.2.1", NULL, "*", "*", "unsent"},
		{NULL, NULL, NULL, NULL, NULL}};

	is_str(look(both, "x.example", "x.example"), "ok",
	       "who serves both zones adds no addresses: asked for, they are there");
	is_str(look(missing, "x.example", "x.example"), "ns-glue-missing",
	       "a name in the zone without glue");
	is_str(look(nobody, "x.example", "x.example"), "ns-name-nonexistent",
	       "a name that does not exist");
	is_str(look(various, "x.example", "x.example"), "ns-mixed-failures",
	       "one that does not exist, and one without glue");
	is_str(look(special, "x.example", "x.example"), "ns-address-special", "a private address");
	special_world(special);
	look(special, "x.example", "x.example");
	for (unsigned i = 0; i < w.row_count; i++)
		if (strcmp(w.rows[i].address, "10.0.0.1") == 0 && w.rows[i].question[0])
			ok(false, "a private address was asked");
	is_str(look(six, "x.example", "x.example"), "ns-ipv6-unreachable",
	       "only IPv6, and nobody there");
	is_str(look(kept_back, "x.example", "x.example"), "no-route",
	       "nobody there over IPv6, and what goes to IPv4 does not leave this machine");
}

/* Two zones whose servers lie in each other; in the second world one of them has glue as well. */
static void loops(void)
{
	const struct line loop[] = {
		DOWN,
		{"5.0.1.1", NULL, "x.example", "NS", "| | x.example. NS ns1.y.example."},
		{"5.0.1.1", NULL, "y.example", "NS", "| | y.example. NS ns1.x.example."},
		{NULL, NULL, NULL, NULL, NULL}};
	const struct line entrance[] = {
		DOWN,
		{"5.0.1.1", NULL, "x.example", "NS",
		 "| | x.example. NS ns1.x.example.; x.example. NS ns1.y.net. | ns1.x.example. A "
		 "5.0.2.1"},
		{"5.0.1.2", NULL, "y.net", "NS", "| | y.net. NS ns2.x.example."},
		{"5.0.2.1", NULL, "ns2.x.example", "A", "aa | ns2.x.example. A 5.0.2.2"},
		{"5.0.2.1", NULL, "ns2.x.example", "*", "aa | | " SOA("x.example")},
		{"5.0.2.1", NULL, "x.example", "A", "aa | x.example. A 5.9.9.9"},
		{"5.0.2.2", NULL, "ns1.y.net", "A", "aa | ns1.y.net. A 5.0.2.3"},
		{"5.0.2.2", NULL, "ns1.y.net", "*", "aa | | " SOA("y.net")},
		{"5.0.2.3", NULL, "x.example", "A", "aa | x.example. A 5.9.9.9"},
		{NULL, NULL, NULL, NULL, NULL}};

	is_str(look(loop, "x.example", "x.example"), "ns-loop",
	       "servers that are found only by way of each other");
	is_str(look(loop, "y.example", "y.example"), "ns-loop", "seen from the other side");
	is_str(look(entrance, "x.example", "x.example"), "ok", "a loop with an entrance is none");
}

/* Name servers in zones whose name servers lie in the next, without glue, and so on for longer than
 * is looked: that nobody knows the address is not said of them. */
static void deep(void)
{
	static char zone[10][16], ns[10][80];
	struct line line[3 + 10] = {DOWN};
	unsigned n = 0;

	while (line[n].addr)
		n++;
	for (unsigned i = 0; i < 9; i++) {
		snprintf(zone[i], sizeof(zone[i]), "x%u.example", i);
		snprintf(ns[i], sizeof(ns[i]), "| | x%u.example. NS ns.x%u.example.", i, i + 1);
		line[n++] = (struct line){"5.0.1.1", NULL, zone[i], "NS", ns[i]};
	}
	line[n] = (struct line){NULL, NULL, NULL, NULL, NULL};
	is_str(look(line, "x0.example", "x0.example"), "not-asked",
	       "name servers further away than is looked");
}

static void aliases(void)
{
	const struct line loop[] = {
		DOWN,
		ONE_SERVER,
		{"5.0.2.1", NULL, "a.x.example", "A", "aa | a.x.example. CNAME b.x.example."},
		{"5.0.2.1", NULL, "b.x.example", "A", "aa | b.x.example. CNAME a.x.example."},
		{"5.0.2.1", NULL, "*", "*", "aa | | " SOA("x.example")},
		{NULL, NULL, NULL, NULL, NULL}};
	const struct line away[] = {
		DOWN,
		ONE_SERVER,
		{"5.0.2.1", NULL, "a.x.example", "A", "aa | a.x.example. CNAME y.example."},
		{"5.0.2.1", NULL, "*", "*", "aa | | " SOA("x.example")},
		{"5.0.1.1", NULL, "y.example", "NS",
		 "| | y.example. NS ns1.y.example. | ns1.y.example. A 5.0.2.2"},
		{"5.0.2.2", NULL, "*", "*", "REFUSED"},
		{NULL, NULL, NULL, NULL, NULL}};

	is_str(look(loop, "a.x.example", "x.example"), "ok", "the zone of an alias loop is sound");
	ok(w.row_count > 0 && strcmp(w.rows[w.row_count - 1].probe, "budget") != 0,
	   "no budget is needed to see the loop");
	{
		bool seen = false;

		for (unsigned i = 0; i < w.row_count; i++)
			seen = seen || strcmp(w.rows[i].finding, "cname-loop") == 0;
		ok(seen, "and the loop is said");
	}
	is_str(look(away, "a.x.example", "y.example"), "ns-refused",
	       "the zone of an alias' target refuses");
}

/* ---- sharing ---- */

static void sharing(void)
{
	const struct line lines[] = {
		DOWN,
		ONE_SERVER,
		{"5.0.1.1", NULL, "y.example", "NS",
		 "| | y.example. NS ns1.x.example. | ns1.x.example. A 5.0.2.1"},
		{"5.0.1.1", NULL, "z.example", "NS",
		 "| | z.example. NS ns1.x.example. | ns1.x.example. A 5.0.2.1"},
		{"5.0.2.1", NULL, "*", "*", "REFUSED"},
		{NULL, NULL, NULL, NULL, NULL}};
	struct job one, two, three;
	unsigned before;

	world_start(&w, lines);
	one = world_job(&w);
	look_into(&w, &one, "x.example");
	two = world_job(&w);
	look_into(&w, &two, "y.example");
	before = w.asked;
	three = world_job(&w);
	look_into(&w, &three, "z.example");
	is_int(w.asked - before, 5,
	       "one more name of the same hoster: one question above, two to its server, and two "
	       "some time later, as long as it is not known for refusing");
	facts_destroy(&w.facts);
}

static struct reputation spoilt(void *owner, const struct addr *addr, const uint8_t *zone)
{
	struct reputation reputation = {.finding = NULL};
	char text[ADDR_TEXT_MAX];

	(void)owner, (void)zone;
	if (strcmp(addr_format(addr, 53, text), "5.0.2.1") == 0)
		reputation = (struct reputation){.finding = "ns-refused", .zones = 400};
	return reputation;
}

static void reputations(void)
{
	const struct line lines[] = {DOWN, ONE_SERVER, {NULL, NULL, NULL, NULL, NULL}};

	w.world.reputation = spoilt;
	is_str(look(lines, "x.example", "x.example"), "ns-refused",
	       "a server known for refusing is not asked");
	is_int(w.asked, 2, "only the way down is");
	w.world.reputation = NULL;
}

/* Who is never to be asked may be in order. */
static void excluded(void)
{
	const struct line all[] = {DOWN,
				   TWO_SERVERS,
				   {"*", NULL, "x.example", "A", "excluded"},
				   {NULL, NULL, NULL, NULL, NULL}};
	const struct line one_good[] = {DOWN,
					TWO_SERVERS,
					{"5.0.2.1", NULL, "*", "*", "excluded"},
					{"5.0.2.2", NULL, "*", "*", "aa | x.example. A 5.9.9.9"},
					{NULL, NULL, NULL, NULL, NULL}};
	const struct line one_bad[] = {DOWN,
				       TWO_SERVERS,
				       {"5.0.2.1", NULL, "*", "*", "excluded"},
				       {"5.0.2.2", NULL, "*", "*", "REFUSED"},
				       {NULL, NULL, NULL, NULL, NULL}};
	const struct line name[] = {
		DOWN,
		{"5.0.1.1", NULL, "x.example", "NS", "| | x.example. NS ns.y.net."},
		{"5.0.1.2", NULL, "y.net", "NS", "| | y.net. NS ns.y.net. | ns.y.net. A 5.0.2.9"},
		{"5.0.2.9", NULL, "*", "*", "excluded"},
		{NULL, NULL, NULL, NULL, NULL}};
	const struct line above[] = {
		DOWN, {"5.0.1.1", NULL, "*", "*", "excluded"}, {NULL, NULL, NULL, NULL, NULL}};

	is_str(look(all, "x.example", "x.example"), "excluded", "all servers are excluded");
	is_str(row_of(&w, "budget", "x.example")->detail, "never to be asked: 5.0.2.1, 5.0.2.2",
	       "a row says which");
	is_str(look(one_good, "x.example", "x.example"), "ok", "one is excluded, the other good");
	is_str(look(one_bad, "x.example", "x.example"), "ns-refused",
	       "one is excluded, the other REFUSES");
	is_str(row_of(&w, "budget", "x.example")->finding, "excluded", "with a row of doubt");
	is_str(look(name, "x.example", "x.example"), "excluded",
	       "whoever knows the server's address is excluded");
	is_str(look(above, "x.example", "example"), "excluded", "the parent's server is");
	is_str(row_of(&w, "chain", "example")->finding, "insecure", "nor is its chain to blame");
}

/* ---- what can be reached, and by which road ---- */

static uint16_t now_epoch;

static uint16_t world_epoch(void *owner, int64_t max_age_ns)
{
	(void)owner, (void)max_age_ns;
	return now_epoch;
}

static void world_reached(void *owner, const struct reach *reach)
{
	(void)owner, (void)reach;
}

static const struct evidence_copy *found(const char *probe, const char *finding)
{
	for (unsigned i = 0; i < w.row_count; i++)
		if (strcmp(w.rows[i].probe, probe) == 0 && strcmp(w.rows[i].finding, finding) == 0)
			return &w.rows[i];
	return NULL;
}

static void cut_off(void)
{
	const struct line dead[] = {DOWN, ONE_SERVER, {NULL, NULL, NULL, NULL, NULL}};
	const struct line nobody[] = {{NULL, NULL, NULL, NULL, NULL}};
	const struct line alive[] = {{"5.0.0.1", NULL, ".", "SOA", "aa | . SOA a. b. 1 1 1 1 1"},
				     DOWN,
				     ONE_SERVER,
				     {NULL, NULL, NULL, NULL, NULL}};
	struct job job;

	w.world.epoch = world_epoch;
	w.world.reached = world_reached;
	now_epoch = 1;
	look(nobody, "x.example", "x.example");
	ok(found("budget", "no-path"), "no root server answers: a row says so");
	is_int(w.asked, 2, "which took two questions, over UDP and TCP");
	is_str(look(alive, "x.example", "x.example"), "ns-timeout",
	       "a mute server among live ones");
	/* the root answers no more: so that server's silence means nothing */
	world_start(&w, alive);
	job = world_job(&w);
	look_into(&w, &job, "example");
	w.lines = dead;
	now_epoch = 2;
	job = world_job(&w);
	w.row_count = 0;
	look_into(&w, &job, "x.example");
	ok(found("budget", "no-path") || found("conclusion", "no-route"),
	   "a mute server while all are mute: no fault of its own");
	facts_destroy(&w.facts);
	w.world.epoch = NULL;
}

#define ROOT_SOA   ". SOA a. b. 1 1 1 1 1"
#define SIGNED_SOA "aa | " ROOT_SOA "; . RRSIG SOA 13 0 300 20300101000000 20200101000000 1 . AAAA"

/* A network that gives us something else than what name servers say: nothing that comes counts. */
static void spoilt_way(void)
{
	static const struct {
		const char *soa, *keys, *why;
		bool anchored;
	} cases[] = {
		{"REFUSED", "mute", "no root server (no AA)", false},
		{"SERVFAIL", "mute", "no root server (no AA)", true},
		{"| " ROOT_SOA, "mute", "no root server (no AA)", false},
		{"NXDOMAIN", "mute", "no root server (no AA)", false},
		{"aa | " ROOT_SOA, "aa | . TXT x", "takes DNSSEC out", true},
		{SIGNED_SOA, "mute", "drops large answers", true},
		/* not so */
		{SIGNED_SOA, "tc", NULL, true},
		{"aa late | " ROOT_SOA "; . RRSIG SOA 13 0 300 20300101000000 20200101000000 1 . AAAA", "mute", NULL, true},
		{"aa | " ROOT_SOA, "mute", NULL, false},
		{"FORMERR", "mute", NULL, false},
	};

	w.world.epoch = world_epoch;
	w.world.reached = world_reached;
	now_epoch = 1;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct evidence_copy *row;
		const struct line lines[] = {{"5.0.0.1", "udp", ".", "SOA", cases[i].soa},
					     {"5.0.0.1", "udp", ".", "DNSKEY", cases[i].keys},
					     {"5.0.0.1", "tcp", ".", "SOA", SIGNED_SOA},
					     DOWN,
					     ONE_SERVER,
					     {NULL, NULL, NULL, NULL, NULL}};

		w.hints.anchor.count = cases[i].anchored;
		look(lines, "x.example", "x.example");
		row = found("budget", "no-path");
		if (cases[i].why == NULL) {
			ok(row == NULL, "%u: a root server", i);
			continue;
		}
		ok(row != NULL && strstr(row->detail, cases[i].why) != NULL, "%u: %s", i,
		   row ? row->detail : "nothing");
		is_int(w.asked, cases[i].anchored ? 2 : 1,
		       "TCP, which may go through, is not asked");
	}
	w.hints.anchor.count = 0;
	w.world.epoch = NULL;
}

#define TO_RESOLVER "9.9.9.9", NULL

/* The servers of x.example are silent to us, and a resolver has its records. */
static void by_resolvers(void)
{
	const struct line lines[] = {
		DOWN,
		ONE_SERVER,
		{TO_RESOLVER, "example", "NS", "| example. NS ns.example."},
		{TO_RESOLVER, "x.example", "NS", "| x.example. NS ns1.x.example."},
		{TO_RESOLVER, "www.x.example", "NS", "| | " SOA("x.example")},
		{TO_RESOLVER, "www.x.example", "A", "| www.x.example. A 5.9.9.9"},
		{NULL, NULL, NULL, NULL, NULL}};
	struct relay relay = {.text = "9.9.9.9"};
	struct job job;

	addr_parse(&relay.addr, "9.9.9.9", 53);
	w.world.relays = &relay;
	w.world.relay_count = 1;
	is_str(look(lines, "www.x.example", "x.example"), "ns-timeout",
	       "nobody has its records: resolvers are not asked for them");
	ok(!found("chain", "told"), "nor is there a row of theirs");
	world_start(&w, lines);
	job = world_job(&w);
	job.fetchable = true;
	look_into(&w, &job, "www.x.example");
	is_str(conclusion(&w, "x.example"), "ns-timeout", "what is seen from here comes first");
	is_str(w.rows[w.row_count - 1].finding, "ok", "and what the resolver told behind it");
	is_str(w.rows[w.row_count - 1].transport, "resolver", "with its own transport");
	is_str(w.rows[w.row_count - 2].finding, "insecure", "judged as ever");
	is_str(w.rows[w.row_count - 2].server, "9.9.9.9", "by its name");
	facts_destroy(&w.facts);
	w.world.relay_count = 0;
}

/*
 * ---- hostile servers ----
 *
 * What single names cost servfail-scan when their servers were as bad as they could be, evidence
 * gathered by itself, over a real network (CPU in all, of which 5-10 ms for any name; the time is
 * bounded by PROBER_DEADLINE_NS):
 *
 *     CPU ms  seconds  probes
 *         21      8.3      14   garbage, 60 KB of it over TCP
 *         13      1.4      25   aliases without end
 *         12      0.5     119   a delegation at each of 100 labels
 *         88     10.6     200   13 servers in 13 zones with 13 servers each, and so on (NXNSAttack)
 *         61     31.3     136   13 mute servers with 39 addresses
 *          7      0.4       8   4,000 addresses over TCP; as much for 1,200 aliases, 3,000 NS
 *         14      0.8       8   5,000 names of 110 pointers each
 *         53     21.8      24   500 signatures that all name the one key
 *         10      0.8      16   300 keys and 250 signatures
 *         13      0.6      14   350 signed NSEC3 with 2,500 iterations
 *         33     16.3       9   an octet a second over TCP
 *         84     31.2      17   200 datagrams of garbage to each query
 */

static const char *many_servers(const struct pending *p, char text[2048])
{
	size_t len;

	if (dname_labels(p->qname) != 2)
		return "mute";
	len = (size_t)sprintf(text, "| | ");
	for (int i = 0; i < 20; i++)
		len += (size_t)sprintf(text + len, "x.example. NS n%d.x.example.;", i);
	len += (size_t)sprintf(text + len, "| ");
	for (int i = 0; i < 40; i++)
		len += (size_t)sprintf(text + len, "n%d.x.example. A 5.0.3.%d;", i % 10, i);
	return text;
}

/* Every name is delegated further down, to servers whose names are further down still. */
static const char *deeper(const struct pending *p, char text[2048])
{
	char name[DNAME_TEXT_MAX];

	dname_text(name, p->qname);
	snprintf(text, 2048, "| | %.250s. NS a.%.60s.other.net.; %.250s. NS b.%.60s.third.net. |",
		 name, name, name, name);
	return text;
}

/* Each zone has 13 servers, each in a zone of its own of which the same is true (NXNSAttack). */
static const char *tree(const struct pending *p, char text[2048])
{
	char name[DNAME_TEXT_MAX];
	uint32_t zone = 7;
	size_t len = (size_t)sprintf(text, "| | ");

	dname_text(name, p->qname);
	for (const char *c = name; *c; c++)
		zone = zone * 31 + (uint8_t)*c;
	for (unsigned i = 0; i < 13; i++)
		len += (size_t)sprintf(text + len, "%.90s. NS ns.z%x.example.;", name, zone + i);
	return text;
}

/* As endless(), but each target is a zone of its own. */
static const char *endless_zones(const struct pending *p, char text[2048])
{
	char name[DNAME_TEXT_MAX], addr[ADDR_TEXT_MAX];

	dname_text(name, p->qname);
	if (strcmp(addr_format(&p->addr, 53, addr), "5.0.1.1") == 0)
		snprintf(text, 2048, "| | %.250s. NS ns.%.250s. | ns.%.250s. A 5.0.2.1", name, name,
			 name);
	else if (p->qtype == 2)
		snprintf(text, 2048, "aa | | %.250s. SOA a. b. 1 1 1 1 1", name);
	else
		snprintf(text, 2048, "aa | %.250s. CNAME a%.40s.", name, name);
	return text;
}

static const char *endless(const struct pending *p, char text[2048])
{
	char name[DNAME_TEXT_MAX];

	dname_text(name, p->qname);
	if (p->qtype == 2)
		return "aa | | " SOA("x.example");
	sprintf(text, "aa | %s. CNAME a%.100s.", name, name);
	return text;
}

static void hostile(const char *what, const struct line *lines,
		    const char *(*invent)(const struct pending *, char[2048]), const char *qname)
{
	struct job job;

	w.invent = invent;
	world_start(&w, lines);
	job = world_job(&w);
	look_into(&w, &job, qname);
	printf("# %s: %u questions, %u facts, %zu octets, %u rows\n", what, w.asked,
	       3000 - job.facts_left, facts_octets(w.facts), w.row_count);
	ok(w.asked <= 200, "%s: at most 200 questions", what);
	ok(job.facts_left > 0 || job.out_of_facts, "%s: facts are counted", what);
	ok(facts_octets(w.facts) < 8 << 20, "%s: at most 8 MB", what);
	is_int(facts_jobs(w.facts), 0, "and an end");
	facts_destroy(&w.facts);
	w.invent = NULL;
}

static void hostile_servers(void)
{
	const struct line down[] = {DOWN, {NULL, NULL, NULL, NULL, NULL}};
	const struct line one[] = {DOWN, ONE_SERVER, {NULL, NULL, NULL, NULL, NULL}};

	hostile("20 servers with 40 mute addresses", down, many_servers, "x.example");
	hostile("delegations without end", down, deeper, "x.example");
	hostile("a long name, delegated at each label", down, deeper,
		"a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y.z.a.b.c.d.e.f.g.h.i.j.k.l.m.n.o."
		"p.q.r.s.t.u.v.w.x.example");
	hostile("aliases without end", one, endless, "x.example");
	hostile("aliases from zone to zone", down, endless_zones, "x.example");
	hostile("13 servers that lead to 13 others each", down, tree, "x.example");
}

int main(void)
{
	ladder();
	by_chance();
	troubled_path();
	heard_before();
	two_servers();
	names_of_servers();
	loops();
	deep();
	aliases();
	sharing();
	reputations();
	excluded();
	cut_off();
	spoilt_way();
	by_resolvers();
	hostile_servers();
	return done_testing();
}
