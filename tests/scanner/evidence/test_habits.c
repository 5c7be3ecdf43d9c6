/* SPDX-License-Identifier: BSD-2-Clause */

/* What servers do that only some resolvers mind, and delegations that hold only from some sides. */
#include "scanner/dns/records.h"
#include "tests/scanner/evidence/evidence_world.h"

#include "tests/tap.h"

static struct test_world w;

static const char *look(const struct line *lines, const char *qname, const char *zone)
{
	return look_for(&w, lines, qname, zone);
}

/* As unbound and Knot Resolver ask it does not answer. */
static const char *minds_cd(const struct pending *p, char text[2048])
{
	(void)text;
	return p->way == PROBE_CD ? "mute" : "aa | x.example. A 5.9.9.9";
}

/* As long as it is asked quickly it refuses. */
static const char *limited(const struct pending *p, char text[2048])
{
	(void)text;
	return p->way < PROBE_PACED ? "REFUSED" : "aa | | " SOA("x.example");
}

static const char *two_aliases(const struct pending *p, char text[2048])
{
	(void)text;
	return p->qtype == TYPE_A ? "aa | x.example. CNAME a.net.; x.example. CNAME b.net."
				  : "aa | | " SOA("x.example");
}

static const char *misplaced(const struct pending *p, char text[2048])
{
	(void)text;
	return p->qtype == TYPE_A ? "aa | | x.example. A 5.9.9.9" : "aa | | " SOA("x.example");
}

/* Answers the question, and nothing that is asked in other ways or after that. */
static const char *falls_silent(const struct pending *p, char text[2048])
{
	(void)text;
	return p->way == PROBE_UDP || p->way == PROBE_COOKIE ? "aa | x.example. A 5.9.9.9" : "mute";
}

/* Does not answer questions in mixed letters, but all others. */
static const char *minds_letters(const struct pending *p, char text[2048])
{
	(void)text;
	if (p->way == PROBE_MIXED)
		return "mute";
	return p->qtype == TYPE_A ? "aa | x.example. A 5.9.9.9" : "aa | " SOA("x.example");
}

/* All answers take 1.1 s. */
static const char *tardy(const struct pending *p, char text[2048])
{
	(void)text;
	return p->qtype == TYPE_A ? "aa tardy | x.example. A 5.9.9.9" : "aa tardy | " SOA("x.example");
}

/* One of the last single queries gets an answer; all others are lost. */
static const char *one_of_many(const struct pending *p, char text[2048])
{
	(void)text;
	return p->way == PROBE_PACED + 9 ? "aa | " SOA("x.example") : "mute";
}

static const char *never(const struct pending *p, char text[2048])
{
	(void)p;
	(void)text;
	return "mute";
}

/* No answer to addresses, and one to every SOA. */
static const char *only_soa(const struct pending *p, char text[2048])
{
	(void)text;
	return p->qtype == TYPE_SOA ? "aa | " SOA("x.example") : "mute";
}

/* The same, and two of three of those are lost. */
static const char *few_soa(const struct pending *p, char text[2048])
{
	(void)text;
	return p->qtype != TYPE_SOA || (p->way >= PROBE_PACED && p->way % 3 != 0)
		       ? "mute"
		       : "aa | " SOA("x.example");
}

/* It takes 2.5 s for all answers: longer than single queries wait. */
static const char *takes_long(const struct pending *p, char text[2048])
{
	(void)text;
	if (p->way >= PROBE_PACED)
		return "mute";
	return p->qtype == TYPE_A ? "aa late | x.example. A 5.9.9.9" : "aa late | " SOA("x.example");
}

/* A zone with one server of that habit. Returns how many questions were put. */
static unsigned look_at(const char *(*habit)(const struct pending *, char[2048]), bool failing)
{
	static const struct line lines[] = {DOWN, ONE_SERVER, {NULL, NULL, NULL, NULL, NULL}};
	struct job job;

	w.invent = habit;
	world_start(&w, lines);
	job = world_job(&w);
	job.failing = failing;
	look_into(&w, &job, "x.example");
	facts_destroy(&w.facts);
	w.invent = NULL;
	return w.asked;
}

static unsigned silence(const char *(*habit)(const struct pending *, char[2048]), bool failing,
			const char *want, const char *name)
{
	unsigned asked = look_at(habit, failing);

	is_str(conclusion(&w, "x.example"), want, name);
	return asked;
}

/* Who answers one query of twenty is not dead. */
static void silent_or_lossy(void)
{
	unsigned few = silence(never, false, "ns-timeout", "dead, and nobody minds");
	unsigned many = silence(never, true, "ns-timeout", "dead");

	is_int(many - few, PROBE_PACED_COUNT, "... which is asked more where a resolver fails");
	silence(one_of_many, true, "packet-loss", "one answer to twenty queries: not dead");
	silence(only_soa, true, "type-fails", "no answer to one type only: that is no loss");
	silence(falls_silent, true, "packet-loss", "an answer, and then none whatever is asked");
	silence(takes_long, true, "ns-slow", "answers to the first of two messages, after the second");
	silence(few_soa, true, "packet-loss", "... unless others get few answers, too");
}

static void one_habit(const char *(*habit)(const struct pending *, char[2048]), const char *want,
		      const char *name)
{
	look_at(habit, true);
	ok(row_of(&w, "server", "x.example") &&
		   strcmp(row_of(&w, "server", "x.example")->finding, want) == 0 &&
		   strcmp(conclusion(&w, "x.example"), "ok") == 0,
	   "%s: told of the server, and not of the zone", name);
}

/* What only some resolvers mind. */
static void habits(void)
{
	static const struct line one_server[] = {DOWN, ONE_SERVER, {NULL, NULL, NULL, NULL, NULL}};

	one_habit(minds_cd, "edns-dropped", "no answer to CD=1");
	w.invent = limited;
	is_str(look(one_server, "x.example", "x.example"), "answers-differ",
	       "a limit on queries is no lame delegation");
	one_habit(minds_letters, "ns-error", "no answer to mixed letters, and later ones");
	one_habit(tardy, "ns-slow", "answers that all take more than a second");
	one_habit(two_aliases, "records-malformed", "two CNAMEs of one name");
	one_habit(misplaced, "answer-mismatch", "an answer in another section");
}

/* Two servers of a parent that is no registry, and what they say of its child. */
static void parents(void)
{
#define PARENT                                                                                     \
	{                                                                                          \
		"5.0.1.1", NULL, "x.example", "NS",                                                \
			"| | x.example. NS ns1.x.example.; x.example. NS ns2.x.example. | "        \
			"ns1.x.example. A 5.0.2.1; ns2.x.example. A 5.0.2.2"                       \
	}
#define CHILD(ns, a) "| | k.x.example. NS " ns " | " ns " A " a
	const struct line differ[] = {
		DOWN,
		PARENT,
		{"5.0.2.1", NULL, "k.x.example", "NS", CHILD("ns1.k.x.example.", "5.0.3.1")},
		{"5.0.2.2", NULL, "k.x.example", "NS", CHILD("old.k.x.example.", "5.0.3.2")},
		{"5.0.3.1", NULL, "k.x.example", "*", "aa | k.x.example. A 5.9.9.9"},
		{"5.0.3.2", NULL, "k.x.example", "*", "aa | k.x.example. A 5.9.9.9"},
		{NULL, NULL, NULL, NULL, NULL}};
	const struct line agree[] = {
		DOWN,
		PARENT,
		{"5.0.2.1", NULL, "k.x.example", "NS", CHILD("ns1.k.x.example.", "5.0.3.1")},
		{"5.0.2.2", NULL, "k.x.example", "NS", CHILD("ns1.k.x.example.", "5.0.3.1")},
		{"5.0.3.1", NULL, "k.x.example", "*", "aa | k.x.example. A 5.9.9.9"},
		{NULL, NULL, NULL, NULL, NULL}};

	is_str(look(differ, "k.x.example", "k.x.example"), "ok", "the zone itself is in order");
	ok(row_of(&w, "delegation", "x.example") != NULL &&
		   strcmp(row_of(&w, "delegation", "x.example")->finding, EVIDENCE_PARENTS) == 0,
	   "but another server of its parent leads elsewhere");
	is_str(look(agree, "k.x.example", "k.x.example"), "ok", "the same again");
	ok(row_of(&w, "delegation", "x.example") == NULL, "where both say the same");
}

/* Nothing but glue about other zones leads to the servers. */
static void rings(void)
{
	const struct line sibling[] = {
		DOWN,
		{"5.0.1.1", NULL, "x.example", "NS",
		 "| | x.example. NS ns1.y.example. | ns1.y.example. A 5.0.2.1"},
		{"5.0.1.1", NULL, "y.example", "NS",
		 "| | y.example. NS ns1.x.example. | ns1.x.example. A 5.0.2.2"},
		{"5.0.2.1", NULL, "x.example", "*", "aa | x.example. A 5.9.9.9"},
		{NULL, NULL, NULL, NULL, NULL}};
	const struct line hoster[] = {
		DOWN,
		{"5.0.1.1", NULL, "x.example", "NS",
		 "| | x.example. NS ns1.y.example. | ns1.y.example. A 5.0.2.1"},
		{"5.0.1.1", NULL, "y.example", "NS",
		 "| | y.example. NS ns1.x.example.; y.example. NS ns2.y.example. | ns1.x.example. "
		 "A 5.0.2.2; ns2.y.example. A 5.0.2.3"},
		{"5.0.2.1", NULL, "x.example", "*", "aa | x.example. A 5.9.9.9"},
		{NULL, NULL, NULL, NULL, NULL}};

	is_str(look(sibling, "x.example", "x.example"), "ok", "nor one with glue in it,");
	ok(row_of(&w, "delegation", "x.example") != NULL &&
		   strcmp(row_of(&w, "delegation", "x.example")->finding, EVIDENCE_RING) == 0,
	   "but that is told");
	is_str(look(hoster, "x.example", "x.example"), "ok", "and is not where one of the servers");
	ok(row_of(&w, "delegation", "x.example") == NULL, "has glue of its own zone");
}

int main(void)
{
	habits();
	silent_or_lossy();
	parents();
	rings();
	return done_testing();
}
