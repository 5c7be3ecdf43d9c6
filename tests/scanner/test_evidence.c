/* SPDX-License-Identifier: BSD-2-Clause */

/* Evidence from servers made of text: what each fault comes to, how much is asked for it, and what
 * hostile servers can make of that. */
#include "tests/scanner/evidence_world.h"

#include "tests/tap.h"

#define SOA(zone) zone ". SOA ns." zone ". h." zone ". 7 1 1 1 1"

/* The way down to x.example, for every test. */
#define DOWN                                                                                       \
	{"5.0.0.1", NULL, "example", "NS", "| | example. NS ns.example. | ns.example. A 5.0.1.1"}, \
		{"5.0.0.1", NULL, "net", "NS", "| | net. NS ns.net. | ns.net. A 5.0.1.2"},         \
	{                                                                                          \
		"5.0.1.1", NULL, "ns.example", "NS", "aa | | " SOA("example")                      \
	}

static struct test_world w;

static const char *look(const struct line *lines, const char *qname, const char *zone)
{
	struct job job;

	world_start(&w, lines);
	job = world_job(&w);
	look_into(&w, &job, qname);
	facts_destroy(&w.facts);
	return conclusion(&w, zone);
}

#define ONE_SERVER                                                                                 \
	{                                                                                          \
		"5.0.1.1", NULL, "x.example", "NS",                                                \
			"| | x.example. NS ns1.x.example. | ns1.x.example. A 5.0.2.1"              \
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
	w.invent = NULL;
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

	is_str(look(missing, "x.example", "x.example"), "ns-glue-missing",
	       "a name in the zone without glue");
	is_str(look(nobody, "x.example", "x.example"), "ns-name-nonexistent",
	       "a name that does not exist");
	is_str(look(special, "x.example", "x.example"), "ns-address-special", "a private address");
	for (unsigned i = 0; i < w.row_count; i++)
		if (strcmp(w.rows[i].address, "10.0.0.1") == 0 && w.rows[i].question[0])
			ok(false, "a private address was asked");
	is_str(look(six, "x.example", "x.example"), "ns-ipv6-unreachable",
	       "only IPv6, and nobody there");
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
	is_int(w.asked - before, 3,
	       "one more name of the same hoster: one question above, two to its server");
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

/* ---- hostile servers ---- */

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
}

int main(void)
{
	ladder();
	by_chance();
	heard_before();
	two_servers();
	names_of_servers();
	loops();
	aliases();
	sharing();
	reputations();
	excluded();
	cut_off();
	by_resolvers();
	hostile_servers();
	return done_testing();
}
