/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/zonefile.h"

#include "tests/tap.h"

static char names[4096];
static int syntax, directives;

static void take(struct zonefile *zone)
{
	const char *text;
	size_t len;

	while (zonefile_next(zone, &text, &len))
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%.*s ", (int)len,
			 text);
}

/* Plays a file; names, syntax and directives hold what came. */
static enum name_reason play(struct zonefile *zone, const char *text)
{
	enum name_reason reason;

	names[0] = '\0';
	syntax = directives = 0;
	zonefile_begin(zone);
	while (*text) {
		size_t len = strcspn(text, "\n");

		reason = zonefile_line(zone, text, len, false);
		if (reason == NAME_OK)
			take(zone);
		syntax += reason == NAME_ZONE_SYNTAX;
		directives += reason == NAME_ZONE_DIRECTIVE;
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
	 "d.t. 5 NS x.\ne.t. NS x.\nf.t.\tCH\t1w2d\tNS x.\n",
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
	zonefile_begin(zone);
	zonefile_line(zone, "t. SOA a b 1 2 3 4 5", 20, false);
	is_int(zonefile_line(zone, "t. TXT ( \"xxx", 13, true), NAME_BLANK, "a cut line");
	is_int(zonefile_line(zone, "a.t. NS x.", 10, false), NAME_OK, "hides no other");
	names[0] = '\0';
	take(zone);
	is_str(names, "a.t. ", "name after it");
}

static void test_long(struct zonefile *zone)
{
	static char line[5000];
	const char *text;
	size_t len;

	memset(line, 'a', sizeof(line));
	memcpy(line + 4000, " NS x.", 6);
	zonefile_begin(zone);
	is_int(zonefile_line(zone, "t. SOA a b 1 2 3 4 5", 20, false), NAME_BLANK, "SOA");
	is_int(zonefile_line(zone, line, 4006, false), NAME_OK, "an owner of 4000 octets");
	ok(zonefile_next(zone, &text, &len) && len > 253 && len < 4000, "comes back cut");
	ok(!zonefile_next(zone, &text, &len), "once");
}

int main(void)
{
	struct zonefile *zone = zonefile_create();

	test_cases(zone);
	test_ends(zone);
	test_long(zone);
	zonefile_destroy(&zone);
	ok(!zone, "destroyed");
	return done_testing();
}
