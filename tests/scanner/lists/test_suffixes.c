/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/lists/suffixes.h"

#include <stdlib.h>
#include <unistd.h>

#include "scanner/dns/name.h"
#include "tests/tap.h"

static char file[] = "/tmp/test_suffixes.XXXXXX";

static void put(const char *text)
{
	FILE *out = fopen(file, "w");

	fputs(text, out);
	fclose(out);
}

static bool has(const struct suffixes *suffixes, const char *text)
{
	struct name name;

	if (name_normalise(&name, text, strlen(text)) != NAME_OK)
		abort();
	return suffixes_match_name(suffixes, name.wire, name.wire_len);
}

static bool has_addr(const struct suffixes *suffixes, const char *text)
{
	struct addr addr;

	if (!addr_parse(&addr, text, 53))
		abort();
	return suffixes_match_addr(suffixes, &addr);
}

static void test_list(void)
{
	struct suffixes *suffixes = suffixes_create();
	struct buf errors = BUF_EMPTY;

	ok(!has(suffixes, "example.org"), "an empty set holds no name");
	ok(!has_addr(suffixes, "192.0.2.1"), "and no address");
	put("# ours\nExample.ORG\n=only.example # this\nb\xc3\xbc"
	    "cher.example.\n192.0.2.0/25\n"
	    "198.51.100.7\n2001:db8::/32\n2001:db9::1\nonly.test\n=only.test\n"
	    "::ffff:203.0.113.8/125\n");
	ok(suffixes_load(suffixes, file, &errors), "loaded");
	is_int((long long)errors.len, 0, "no errors");
	is_int((long long)suffixes_count(suffixes), 9, "entries");
	ok(has(suffixes, "example.org"), "itself");
	ok(has(suffixes, "a.b.c.d.example.org"), "far below");
	ok(!has(suffixes, "anexample.org"), "not by characters");
	ok(!has(suffixes, "org"), "not above");
	ok(!has(suffixes, "."), "not the root");
	ok(!has(suffixes, "example.org.example"), "not in the middle");
	ok(has(suffixes, "only.example"), "=: itself");
	ok(!has(suffixes, "a.only.example"), "=: not below");
	ok(has(suffixes, "a.only.test"), "with and without =: below");
	ok(has(suffixes, "www.xn--bcher-kva.example"), "an IDN");
	ok(has_addr(suffixes, "192.0.2.127"), "in a network");
	ok(!has_addr(suffixes, "192.0.2.128"), "next to it");
	ok(has_addr(suffixes, "198.51.100.7"), "an address");
	ok(!has_addr(suffixes, "198.51.100.8"), "another");
	ok(has_addr(suffixes, "2001:db8:ffff::1"), "in an IPv6 network");
	ok(!has_addr(suffixes, "2001:db7::1"), "next to it");
	ok(has_addr(suffixes, "2001:db9::1"), "an IPv6 address");
	ok(has_addr(suffixes, "::ffff:192.0.2.1"), "mapped");
	ok(has_addr(suffixes, "203.0.113.15") && has_addr(suffixes, "::ffff:203.0.113.8") &&
		   !has_addr(suffixes, "203.0.113.16"),
	   "in a network that is written as mapped");
	suffixes_destroy(&suffixes);
	ok(!suffixes, "destroyed");
	buf_free(&errors);
}

static void test_root(void)
{
	struct suffixes *suffixes = suffixes_create();

	ok(!suffixes_add(suffixes, "=.", 2), "=.");
	ok(has(suffixes, ".") && !has(suffixes, "org"), "the root alone");
	ok(!suffixes_add(suffixes, ".", 1), ".");
	ok(has(suffixes, "org") && has(suffixes, "a.org"), "the root and all below");
	ok(!suffixes_add(suffixes, "0.0.0.0/0", 9), "0.0.0.0/0");
	ok(has_addr(suffixes, "203.0.113.1") && !has_addr(suffixes, "2001:db8::1"), "all of IPv4");
	suffixes_destroy(&suffixes);
}

static const struct {
	const char *line, *why;
} bad[] = {
	{"a..b", "empty label"},
	{"http://example.org/", "URL or mail address"},
	{"*.example.org", "wildcard; a suffix stands for all below it without one"},
	{"=", "empty"},
	{"192.0.2.0/33", "bad prefix length"},
	{"192.0.2.0/", "bad prefix length"},
	{"192.0.2.0/-1", "bad prefix length"},
	{"192.0.2.0/24x", "bad prefix length"},
	{"2001:db8::/129", "bad prefix length"},
	{"192.0.2.1/24", "address bits behind the prefix"},
	{"2001:db8::1/64", "address bits behind the prefix"},
	{"=192.0.2.1", "IP address"},
	{"192.0.2.1:53", "bad address"},
	{"example.org example.net", "blank inside"},
};

static void test_errors(void)
{
	struct suffixes *suffixes = suffixes_create();
	struct buf errors = BUF_EMPTY;
	char want[512], text[256];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "good.example\n%s\nother.example\n", bad[i].line);
		put(text);
		buf_clear(&errors);
		ok(!suffixes_load(suffixes, file, &errors), "refused: %s", bad[i].line);
		snprintf(want, sizeof(want), "%s:2: '%s' is no name, suffix or network: %s\n", file,
			 bad[i].line, bad[i].why);
		is_str(buf_text(&errors), want, "says where and why");
	}
	is_int((long long)suffixes_count(suffixes), 2, "the good ones are there");
	buf_clear(&errors);
	ok(!suffixes_load(suffixes, "/nonexistent/list", &errors), "no such file");
	is_str(buf_text(&errors), "/nonexistent/list: No such file or directory\n", "is told");
	suffixes_destroy(&suffixes);
	buf_free(&errors);
}

static void test_many(void)
{
	struct suffixes *suffixes = suffixes_create();
	int missing = 0, extra = 0;
	char text[64];

	for (int i = 0; i < 100000; i++)
		suffixes_add(suffixes, text, (size_t)sprintf(text, "name%d.example", i));
	for (int i = 0; i < 100000; i++) {
		sprintf(text, "www.name%d.example", i);
		missing += !has(suffixes, text);
		sprintf(text, "www.nome%d.example", i);
		extra += has(suffixes, text);
	}
	is_int(missing, 0, "100,000 suffixes, none missing");
	is_int(extra, 0, "none too many");
	suffixes_destroy(&suffixes);
}

int main(void)
{
	int fd = mkstemp(file);

	if (fd < 0)
		return 1;
	close(fd);
	test_list();
	test_root();
	test_errors();
	test_many();
	unlink(file);
	return done_testing();
}
