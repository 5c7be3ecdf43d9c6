/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/lists/zonefile.h"

#include "tests/tap.h"

static char names[4096];
static int syntax, directives, classes;

static void take(struct zonefile *zone)
{
	struct zonefile_name name;

	while (zonefile_next(zone, &name)) {
		size_t len = strlen(names);

		snprintf(names + len, sizeof(names) - len, "%.*s ", (int)name.len, name.text);
		len = strlen(names);
		if (name.records)
			snprintf(names + len, sizeof(names) - len, "(%.*s) ", (int)name.records_len,
				 name.records);
	}
}

/* Plays a file; names, syntax, directives and classes hold what came. */
static enum name_reason play(struct zonefile *zone, const char *text)
{
	enum name_reason reason;

	names[0] = '\0';
	syntax = directives = classes = 0;
	zonefile_begin(zone);
	while (*text) {
		size_t len = strcspn(text, "\n");

		reason = zonefile_line(zone, text, len, false);
		if (reason == NAME_OK)
			take(zone);
		syntax += reason == NAME_ZONE_SYNTAX;
		directives += reason == NAME_ZONE_DIRECTIVE;
		classes += reason == NAME_ZONE_CLASS;
		text += len + (text[len] == '\n');
	}
	reason = zonefile_end(zone);
	take(zone);
	return reason;
}

/* As many ways to say the same. */
static const struct {
	const char *what, *text, *want;
	int syntax;
} cases[] = {
	{"a TLD's zone, as ICANN's CZDS hands it out",
	 "org.\t900\tin\tsoa\ta0.org. noc.org. 1 2 3 4 5\n"
	 "org.\t86400\tin\tns\ta0.org.\n"
	 "a.org.\t3600\tin\tns\tns1.a.org.\n"
	 "a.org.\t3600\tin\tns\tns2.a.org.\n"
	 "a.org.\t3600\tin\tds\t1 8 2 00\n"
	 "b.org.\t3600\tin\tds\t1 8 2 00\n"
	 "b.org.\t3600\tin\trrsig\tds 8 2 3600 1 1 1 org. x\n"
	 "b.org.\t3600\tin\tns\tns.b.org.\n"
	 "ns.b.org.\t3600\tin\ta\t192.0.2.1\n"
	 "x.org.\t3600\tin\tnsec3\t1 1 0 - x NS\n"
	 "org.\t900\tin\tsoa\ta0.org. noc.org. 1 2 3 4 5\n",
	 "a.org. b.org. ", 0},
	{"upper case, relative, no class, blank owners, padded",
	 "; the zone\n$ORIGIN COM.\n$TTL 900\n\n@ IN SOA a. b. (\n 1 ; serial\n 2 3 4\n 5 )\n"
	 "           NS  A.GTLD\nEXAMPLE    NS  NS1.EXAMPLE\n           NS  NS2.EXAMPLE\n"
	 "OTHER.COM.      IN   NS   NS\nNS1.EXAMPLE A 192.0.2.1\n",
	 "example.com. other.com. ", 0},
	{"TTL and class in any order",
	 "t. SOA a b 1 2 3 4 5\na.t. 1h IN NS x.\nb.t. IN 1h NS x.\nc.t. CLASS1 NS x.\n"
	 "d.t. 5 NS x.\ne.t. NS x.\nf.t.\tIN\t1w2d\tNS x.\n",
	 "a.t. b.t. c.t. d.t. e.t. f.t. ", 0},
	{"parentheses over lines",
	 "t. SOA a b 1 2 3 4 5\na.t. (\n IN\n NS\n x. )\nb.t. NS ( x. )\nc.t. TXT (\nd.t. NS\n)\n"
	 "e.t. NS x.\n",
	 "a.t. b.t. e.t. ", 0},
	{"quotes and comments hide what they hold",
	 "t. SOA a b 1 2 3 4 5\na.t. TXT \"( ; \\\" NS\"\nb.t. NS x. ; ( \nc.t. TXT \\( \\; x\n"
	 "d.t.\t5\tin\tns\tx. ; (\n",
	 "b.t. d.t. ", 0},
	{"names that look like words of the format",
	 "t. SOA a b 1 2 3 4 5\nns.t. NS x.\nin.t. IN NS x.\n3600.t. 3600 NS x.\n$ORIGIN t.\nns NS "
	 "x.\n"
	 "in NS x.\n3600 NS x.\n",
	 "ns.t. in.t. 3600.t. ns.t. in.t. 3600.t. ", 0},
	{"relative origins", "$ORIGIN t.\n@ SOA a b 1 2 3 4 5\n$ORIGIN sub\na NS x.\n@ NS x.\n",
	 "a.sub.t. sub.t. ", 0},
	{"the root",
	 ".\t518400\tIN\tNS\ta.root.\ncom.\t5\tIN\tNS\ta.\n. 5 IN SOA a b 1 2 3 4 5\n"
	 "org.\t5\tIN\tNS\ta.\n",
	 "com. org. ", 0},
	{"NS before SOA", "t. NS x.\nt. SOA a b 1 2 3 4 5\na.t. NS x.\n", "a.t. ", 0},
	{"no SOA, apex first", "t. NS x.\na.t. NS x.\nb.t. NS x.\n", "a.t. b.t. ", 0},
	{"no SOA and no apex", "a.t. NS x.\nb.t. NS x.\nc.t. NS x.\n", "a.t. b.t. c.t. ", 0},
	{"one name", "a.t. NS x.\n", "a.t. ", 0},
	{"an apex alone", "$ORIGIN t.\n@ NS x.\n", "", 0},
	{"a label that only ends like the apex", "t. SOA a b 1 2 3 4 5\nxt. NS x.\nt. NS x.\n",
	 "xt. ", 0},
	{"two zones, one after the other",
	 "t. SOA a b 1 2 3 4 5\nt. NS x.\na.t. NS x.\nu. SOA a b 1 2 3 4 5\nu. NS x.\nb.u. NS x.\n",
	 "a.t. b.u. ", 0},
	{"dotless names without an origin", "t SOA a b 1 2 3 4 5\nt NS x\na.t NS x\n", "a.t. ", 0},
	{"an @ without an origin", "@ SOA a b 1 2 3 4 5\na NS x\nb.t. NS x\n", "b.t. ", 2},
	{"no zone file", "example.org\nexample.net\n", "", 2},
	{"no records", "foo bar baz\n1.2.3.4 localhost\na.t. NS\n IN\n", "", 4},
	{"nobody's blank owner", " NS x.\na.t. NS x.\n", "a.t. ", 1},
	{"odd types", "t. SOA a b 1 2 3 4 5\na.t. TYPE65534 \\# 0\nb.t. NOTYPE x\nc.t. NS x.\n",
	 "c.t. ", 1},
	{"CRLF", "t. SOA a b 1 2 3 4 5\r\n\r\na.t.\t5\tin\tns\tx.\r\nb.t. NS x.\r\n", "a.t. b.t. ",
	 0},
	{"tabs for nothing", "t. SOA a b 1 2 3 4 5\na.t.\t\t\t5\tIN\tNS\tx.\nb.t.\t5\tin\tns\t\n",
	 "a.t. ", 1},
	{"stray parentheses", ")))\nt. SOA a b 1 2 3 4 5 )\na.t. NS x. )\nb.t. NS x.\n",
	 "a.t. b.t. ", 0},
};

static void test_cases(struct zonefile *zone)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		is_int(play(zone, cases[i].text), NAME_OK, cases[i].what);
		is_str(names, cases[i].want, "its names");
		is_int(syntax, cases[i].syntax, "its bad lines");
	}
}

static void test_ends(struct zonefile *zone)
{
	is_int(play(zone, "t. SOA ( a b\na.t. NS x.\n"), NAME_ZONE_SYNTAX, "ends in parentheses");
	is_int(play(zone, "t. SOA a b 1 2 3 4 5\n$INCLUDE more\n$GENERATE 1-9 a$ NS x\n$TTL 5\n"
			  "$NONSENSE x\n$ORIGIN\n"),
	       NAME_OK, "directives");
	is_int(directives, 2, "that bring names");
	is_int(syntax, 2, "that are none");
	is_int(play(zone, "t. SOA a b 1 2 3 4 5\na.t. CH NS x.\nb.t. 5 HS NS (\n x. )\n NS x.\n"
			  "c.t.\t5\tCH\tNS\tx.\nd.t. CLASS3 5 A 192.0.2.1\ne.t. CLASS1 NS x.\n"
			  "t. CH SOA a b 1 2 3 4 5\nt. NS x.\nf.t. CLASS65536 NS x.\n"),
	       NAME_OK, "other classes");
	is_int(classes, 5, "are no delegations");
	is_str(names, "b.t. e.t. ", "nor part of the zone");
	is_int(syntax, 1, "65536 is no class");
	zonefile_begin(zone);
	zonefile_line(zone, "t. SOA a b 1 2 3 4 5", 20, false);
	is_int(zonefile_line(zone, "t. TXT ( \"xxx", 13, true), NAME_BLANK, "a cut line");
	is_int(zonefile_line(zone, "a.t. NS x.", 10, false), NAME_BLANK, "hides no other");
	is_int(zonefile_end(zone), NAME_OK, "record");
	names[0] = '\0';
	take(zone);
	is_str(names, "a.t. ", "after it");
}

static void test_long(struct zonefile *zone)
{
	static char line[5000];
	struct zonefile_name name = {.len = 0};

	memset(line, 'a', sizeof(line));
	memcpy(line + 4000, " NS x.", 6);
	zonefile_begin(zone);
	is_int(zonefile_line(zone, "t. SOA a b 1 2 3 4 5", 20, false), NAME_BLANK, "SOA");
	is_int(zonefile_line(zone, line, 4006, false), NAME_BLANK, "an owner of 4000 octets");
	is_int(zonefile_line(zone, "b.t. NS x.", 10, false), NAME_OK, "and another one");
	ok(zonefile_next(zone, &name) && name.len > 253 && name.len < 4000, "comes back cut");
	is_int((int)name.line, 2, "with its line");
	ok(!zonefile_next(zone, &name), "once");
}

/* What stands between "(" and ")" are the records kept. */
static const struct {
	const char *what, *text, *want;
} delegations[] = {
	{"as registries have it",
	 "t.\t5\tin\tsoa\ta. b. 1 2 3 4 5\nt.\t5\tin\tns\ta.nic.t.\n"
	 "a.t.\t5\tin\tns\tNS1.x.\na.t.\t5\tin\tns\tns2.x. \r\n"
	 "a.t.\t5\tin\tds\t1 8 2 00AB\na.t.\t5\tin\trrsig\tds 8 1 5 1 1 1 t. x\n"
	 "b.t.\t5\tin\tns\tns.b.t.\nns.b.t.\t5\tin\ta\t192.0.2.1\n",
	 "a.t. (NS ns1.x.\nNS ns2.x.\nDS 1 8 2 00ab\n) b.t. (NS ns.b.t.\n) "},
	{"as people have it",
	 "$ORIGIN t.\n@ SOA a b 1 2 3 4 5\nA 1h IN NS NS1.X. ; first\n  NS ns2\n"
	 "  IN DS ( 1 8 2\n 00 ; half\n AB )\nb NS (\n ns.b )\n",
	 "a.t. (NS ns1.x.\nNS ns2.t.\nDS 1 8 2 00 ab\n) b.t. (NS ns.b.t.\n) "},
	{"DS before NS", "t. SOA a b 1 2 3 4 5\na.t. DS 1 8 2 00\na.t. NS x.\nb.t. DS 1 8 2 00\n",
	 "a.t. (DS 1 8 2 00\nNS x.\n) "},
	{"other records between", "t. SOA a b 1 2 3 4 5\na.t. NS x.\na.t. TXT x\na.t. NS y.\n",
	 "a.t. (NS x.\nNS y.\n) "},
	{"ordered by labels",
	 "t. SOA a b 1 2 3 4 5\na.t. NS x.\nz.a.t. NS x.\na-b.t. NS x.\nb.t. NS x.\n",
	 "a.t. (NS x.\n) z.a.t. (NS x.\n) a-b.t. (NS x.\n) b.t. (NS x.\n) "},
	{"ordered by text",
	 "t. SOA a b 1 2 3 4 5\na-b.t. NS x.\na.t. NS x.\nb.t. NS x.\nz.a.t. NS x.\n",
	 "a-b.t. (NS x.\n) a.t. (NS x.\n) b.t. (NS x.\n) z.a.t. (NS x.\n) "},
	{"out of order: there may be more of them",
	 "t. SOA a b 1 2 3 4 5\nb.t. NS x.\na.t. NS x.\nc.t. NS x.\n", "b.t. (NS x.\n) a.t. c.t. "},
	{"the apex may stand anywhere", "t. SOA a b 1 2 3 4 5\na.t. NS x.\nt. NS x.\nb.t. NS x.\n",
	 "a.t. (NS x.\n) b.t. (NS x.\n) "},
	{"held back until the apex is known", "a.t. NS x.\nb.t. NS y.\n",
	 "a.t. (NS x.\n) b.t. (NS y.\n) "},
	{"a name server that nobody knows",
	 "@ SOA a b 1 2 3 4 5\na.t. NS ns\na.t. NS x.\nb.t. NS x.\n", "a.t. b.t. (NS x.\n) "},
	{"escapes", "t. SOA a b 1 2 3 4 5\nex\\097mple.t. NS \\ns.x.\nz\\.b.t. NS x.\n",
	 "example.t. (NS ns.x.\n) z\\.b.t. (NS x.\n) "},
};

static void test_delegations(void)
{
	struct zonefile *zone = zonefile_create(ZONEFILE_DELEGATIONS);
	static char long_text[20000];
	size_t len = 0;

	for (size_t i = 0; i < sizeof(delegations) / sizeof(delegations[0]); i++) {
		is_int(play(zone, delegations[i].text), NAME_OK, delegations[i].what);
		is_str(names, delegations[i].want, "its records");
	}
	len += (size_t)sprintf(long_text, "t. SOA a b 1 2 3 4 5\n");
	for (int i = 0; i < 500; i++)
		len += (size_t)sprintf(long_text + len, "a.t.\t5\tin\tns\tns%d.x.\n", i);
	sprintf(long_text + len, "b.t. NS x.\n");
	is_int(play(zone, long_text), NAME_OK, "more records than anybody has");
	is_str(names, "a.t. b.t. (NS x.\n) ", "are not kept");
	zonefile_destroy(&zone);
}

static void test_addresses(void)
{
	struct zonefile *zone = zonefile_create(ZONEFILE_ADDRESSES);

	is_int(play(zone, "t.\t5\tin\tsoa\ta. b. 1 2 3 4 5\na.t.\t5\tin\tns\tns.a.t.\n"
			  "ns.a.t.\t5\tin\ta\t192.0.2.1\nns.a.t.\t5\tIN\tAAAA\t2001:DB8::1\n"
			  "NS2.a.t. ( A\n 192.0.2.2 )\n 5 AAAA 2001:db8::2 ; two\n"),
	       NAME_OK, "addresses");
	is_str(names,
	       "ns.a.t. (A 192.0.2.1\n) ns.a.t. (AAAA 2001:db8::1\n) ns2.a.t. (A 192.0.2.2\n) "
	       "ns2.a.t. (AAAA 2001:db8::2\n) ",
	       "each with its owner");
	zonefile_destroy(&zone);
}

int main(void)
{
	struct zonefile *zone = zonefile_create(ZONEFILE_NAMES);

	test_cases(zone);
	test_ends(zone);
	test_long(zone);
	test_delegations();
	test_addresses();
	zonefile_destroy(&zone);
	ok(!zone, "destroyed");
	return done_testing();
}
