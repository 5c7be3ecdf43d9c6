/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/dns/name.h"

#include "tests/tap.h"

#define S10 "abcdefghij"
#define L63 S10 S10 S10 S10 S10 S10 "abc"

/* NULL for want: rejected (or blank) for the reason given. */
static const struct {
	const char *text;
	const char *want;
	enum name_reason reason;
} cases[] = {
	{"example.org", "example.org", NAME_OK},
	{"Example.ORG.", "example.org", NAME_OK},
	{" \t example.org \t\r", "example.org", NAME_OK},
	{".", ".", NAME_OK},
	{" . \r", ".", NAME_OK},
	{"org", "org", NAME_OK},
	{"_dmarc.a-b.example", "_dmarc.a-b.example", NAME_OK},
	{"-.example", "-.example", NAME_OK},
	{"*.example.org", "*.example.org", NAME_OK},
	{"*", "*", NAME_OK},
	{"xn--mnchen-3ya.de", "xn--mnchen-3ya.de", NAME_OK},
	{"123.example", "123.example", NAME_OK},
	{"1.2.3", "1.2.3", NAME_OK},
	{"1.2.3.4.5", "1.2.3.4.5", NAME_OK},
	{"1.2.3.4.in-addr.arpa", "1.2.3.4.in-addr.arpa", NAME_OK},
	{L63 ".org", L63 ".org", NAME_OK},
	{L63 "." L63 "." L63 "." S10 S10 S10 S10 S10 S10 "a",
	 L63 "." L63 "." L63 "." S10 S10 S10 S10 S10 S10 "a", NAME_OK},
	{"m\xc3\xbcnchen.de", "xn--mnchen-3ya.de", NAME_OK},
	{"M\xc3\x9cNCHEN.DE.", "xn--mnchen-3ya.de", NAME_OK},
	{"mu\xcc\x88nchen.de", "xn--mnchen-3ya.de", NAME_OK},
	{"stra\xc3\x9f"
	 "e.de",
	 "xn--strae-oqa.de", NAME_OK},
	{"_x.m\xc3\xbcnchen.de", "_x.xn--mnchen-3ya.de", NAME_OK},
	{"\xe4\xbe\x8b\xe5\xad\x90\xe3\x80\x82\xe6\xb5\x8b\xe8\xaf\x95", "xn--fsqu00a.xn--0zwm56d",
	 NAME_OK},
	{"\xe4\xbe\x8b\xe5\xad\x90\xe3\x80\x82", "xn--fsqu00a", NAME_OK},
	{"", NULL, NAME_BLANK},
	{" \t\r", NULL, NAME_BLANK},
	{"# a comment", NULL, NAME_BLANK},
	{"  #", NULL, NAME_BLANK},
	{"..", NULL, NAME_EMPTY_LABEL},
	{".org", NULL, NAME_EMPTY_LABEL},
	{"a..org", NULL, NAME_EMPTY_LABEL},
	{"a.org..", NULL, NAME_EMPTY_LABEL},
	{L63 "x.org", NULL, NAME_LABEL_TOO_LONG},
	{"org." L63 "x", NULL, NAME_LABEL_TOO_LONG},
	{L63 "." L63 "." L63 "." S10 S10 S10 S10 S10 S10 "ab", NULL, NAME_TOO_LONG},
	{L63 L63 L63 L63 L63, NULL, NAME_TOO_LONG},
	{"http://" L63 L63 L63 L63 L63, NULL, NAME_URL},
	{"a,b.org", NULL, NAME_BAD_CHARACTER},
	{"a\\.b.org", NULL, NAME_BAD_CHARACTER},
	{"\"a.org\"", NULL, NAME_BAD_CHARACTER},
	{"a.*.org", NULL, NAME_BAD_CHARACTER},
	{"*a.org", NULL, NAME_BAD_CHARACTER},
	{"a*.org", NULL, NAME_BAD_CHARACTER},
	{"example.org:443", NULL, NAME_PORT},
	{"m\xc3\xbcnchen.de:443", NULL, NAME_PORT},
	{"example.org:x443", NULL, NAME_BAD_CHARACTER},
	{":443", NULL, NAME_BAD_CHARACTER},
	{"m\xfcnchen.de", NULL, NAME_BAD_UTF8},
	{"\xff\xff\xff.de", NULL, NAME_BAD_UTF8},
	{"\xed\xa0\x80.de", NULL, NAME_BAD_UTF8},
	{"\xf0\x9f", NULL, NAME_BAD_UTF8},
	{"\xf0\x9f\x92\xa9.la", NULL, NAME_BAD_IDN},
	{"\xd7\x90"
	 "a.com",
	 NULL, NAME_BAD_IDN},
	{"a\xc2\xa0"
	 "b.org",
	 NULL, NAME_BLANK_INSIDE},
	{"192.0.2.1", NULL, NAME_ADDRESS},
	{"192.0.2.1.", NULL, NAME_ADDRESS},
	{"192.0.2.0/24", NULL, NAME_ADDRESS},
	{"192.0.2.1:53", NULL, NAME_ADDRESS},
	{"2001:db8::1", NULL, NAME_ADDRESS},
	{"[2001:db8::1]:53", NULL, NAME_ADDRESS},
	{"2001:db8::/32", NULL, NAME_ADDRESS},
	{"https://example.org/", NULL, NAME_URL},
	{"example.org/", NULL, NAME_URL},
	{"example.org?x", NULL, NAME_URL},
	{"hostmaster@example.org", NULL, NAME_URL},
	{"example.org example.net", NULL, NAME_BLANK_INSIDE},
	{"example.org\tA", NULL, NAME_BLANK_INSIDE},
	{"exa\x01mple.org", NULL, NAME_BINARY},
	{"\x7f"
	 "ELF",
	 NULL, NAME_BINARY},
};

static void test_cases(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[NAME_WIRE_MAX + 1];
		struct name name;
		enum name_reason reason =
			name_normalise(&name, cases[i].text, strlen(cases[i].text));

		if (!ok(reason == cases[i].reason, "case %zu '%.40s': '%s'", i, cases[i].text,
			name_reason_text(cases[i].reason)))
			printf("# got '%s'\n", name_reason_text(reason));
		if (reason != NAME_OK || !cases[i].want)
			continue;
		is_int((long long)name_text(text, name.wire, name.wire_len),
		       (long long)strlen(cases[i].want), "length of the text");
		is_str(text, cases[i].want, "text");
	}
}

static void test_wire(void)
{
	struct name name;

	name_normalise(&name, "a.Bcd", 5);
	is_int(name.wire_len, 7, "wire length");
	ok(memcmp(name.wire, "\1a\3bcd", 7) == 0, "wire octets");
	is_int(name_normalise(&name, "a\0b.org", 7), NAME_BINARY, "a NUL inside");
	is_int(name_normalise(&name, "a.org\0", 6), NAME_BINARY, "a NUL at the end");
	is_int((long long)name_bom("\xef\xbb\xbf"
				   "a",
				   4),
	       3, "byte order mark");
	is_int((long long)name_bom("\xef\xbb", 2), 0, "half a byte order mark");
}

static void test_reasons(void)
{
	bool all = true;

	for (int i = 1; i < NAME_REASON_COUNT; i++)
		all = all && name_reason_text((enum name_reason)i)[0];
	ok(all, "every reason has a text");
}

int main(void)
{
	test_cases();
	test_wire();
	test_reasons();
	return done_testing();
}
