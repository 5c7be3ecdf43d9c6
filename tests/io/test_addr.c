/* SPDX-License-Identifier: BSD-2-Clause */

#include "io/addr.h"

#include <arpa/inet.h>

#include "tests/tap.h"

static const struct {
	const char *text;
	const char *canonical; /* default port 53; NULL: no address */
} texts[] = {
	{"192.0.2.1", "192.0.2.1"},
	{"192.0.2.1:53", "192.0.2.1"},
	{"192.0.2.1:5353", "192.0.2.1:5353"},
	{"192.0.2.1:65535", "192.0.2.1:65535"},
	{"192.0.2.1:1", "192.0.2.1:1"},
	{"2001:DB8::1", "2001:db8::1"},
	{"2001:0db8:0:0:0:0:0:1", "2001:db8::1"},
	{"[2001:db8::1]", "2001:db8::1"},
	{"[2001:db8::1]:53", "2001:db8::1"},
	{"[2001:db8::1]:853", "[2001:db8::1]:853"},
	{"::", "::"},
	{"::1", "::1"},
	{"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
	{"[::ffff:192.0.2.1]:54", "[::ffff:192.0.2.1]:54"},
	{"fe80::1", "fe80::1"},
	{"fe80::1%lo", "fe80::1%lo"},
	{"[fe80::1%lo]:5353", "[fe80::1%lo]:5353"},
	{"fe80::1%4000000000", "fe80::1%4000000000"},

	{"", NULL},
	{" ", NULL},
	{"192.0.2.1 ", NULL},
	{" 192.0.2.1", NULL},
	{"192.0.2", NULL},
	{"192.0.2.256", NULL},
	{"192.0.2.01", NULL}, /* octal to some, decimal to others */
	{"192.0.2.1.", NULL},
	{"192.0.2.1.1", NULL},
	{"0xc0.0.2.1", NULL},
	{"3221225985", NULL},
	{"192.0.2.1:", NULL},
	{"192.0.2.1:0", NULL},
	{"192.0.2.1:00", NULL},
	{"192.0.2.1:053", NULL},
	{"192.0.2.1:+53", NULL},
	{"192.0.2.1:-53", NULL},
	{"192.0.2.1: 53", NULL},
	{"192.0.2.1:53 ", NULL},
	{"192.0.2.1:53x", NULL},
	{"192.0.2.1:65536", NULL},
	{"192.0.2.1:4294967349", NULL},
	{"192.0.2.1:18446744073709551669", NULL},
	{"192.0.2.1:domain", NULL},
	{"192.0.2.1%lo", NULL},
	{"[192.0.2.1]", NULL},
	{"[192.0.2.1]:53", NULL},
	{"[2001:db8::1", NULL},
	{"2001:db8::1]", NULL},
	{"[2001:db8::1]53", NULL},
	{"[2001:db8::1]:", NULL},
	{"[2001:db8::1]:0", NULL},
	{"[2001:db8::1]:53]", NULL},
	{"[]", NULL},
	{"[]:53", NULL},
	{"[:]:53", NULL},
	{":", NULL},
	{":53", NULL},
	{":::", NULL},
	{"1::2::3", NULL},
	{"12345::", NULL},
	{"2001:db8::1%lo", NULL}, /* a scope, but not link-local */
	{"::1%lo", NULL},
	{"fe80::1%", NULL},
	{"fe80::1%0", NULL},
	{"fe80::1%01", NULL},
	{"fe80::1%4294967296", NULL},
	{"fe80::1%no-such-link", NULL},
	{"fe80::1%lo%lo", NULL},
	{"example.org", NULL},
	{"example.org:53", NULL},
	{"1111:2222:3333:4444:5555:6666:7777:8888:9999", NULL},
	{"[1111:2222:3333:4444:5555:6666:7777:8888%aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]:"
	 "5353",
	 NULL},
};

static void test_texts(void)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		static const struct addr zero;
		char text[ADDR_TEXT_MAX];
		char name[160];
		struct addr addr, again;
		bool good = addr_parse(&addr, texts[i].text, 53);

		snprintf(name, sizeof(name), "'%s'", texts[i].text);
		if (!texts[i].canonical) {
			ok(!good && memcmp(&addr, &zero, sizeof(zero)) == 0, "%s is none", name);
			continue;
		}
		if (!ok(good, "%s is one", name))
			continue;
		is_str(addr_format(&addr, 53, text), texts[i].canonical, name);
		ok(addr_parse(&again, text, 53) && addr_equal(&addr, &again), "%s and back", name);
		/* With the port written out: the longest form. */
		addr_format(&addr, 0, text);
		ok(addr_parse(&again, text, 1) && addr_equal(&addr, &again), "%s", text);
	}
}

static void test_parts(void)
{
	static const uint8_t octets[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};
	struct addr a, b;
	char text[ADDR_TEXT_MAX];

	ok(addr_from_octets(&a, octets, 16, 53), "AAAA");
	is_str(addr_format(&a, 53, text), "2001:db8::1", "AAAA as text");
	is_int((long long)a.len, sizeof(struct sockaddr_in6), "its length");
	ok(addr_from_octets(&b, octets, 4, 5353), "A");
	is_str(addr_format(&b, 53, text), "32.1.13.184:5353", "A as text");
	is_int((long long)b.len, sizeof(struct sockaddr_in), "its length");
	ok(!addr_equal(&a, &b) && !addr_equal(&b, &a), "families differ");
	is_int(addr_port(&b), 5353, "port");
	b = a;
	ok(addr_equal(&a, &b) && addr_hash(&a, 1) == addr_hash(&b, 1), "equal");
	addr_set_port(&b, 54);
	ok(!addr_equal(&a, &b) && addr_hash(&a, 1) != addr_hash(&b, 1), "ports differ");
	b = a;
	b.in6.sin6_flowinfo = htonl(7);
	ok(addr_equal(&a, &b) && addr_hash(&a, 1) == addr_hash(&b, 1), "flows do not count");
	addr_parse(&a, "fe80::1%1", 53);
	addr_parse(&b, "fe80::1%2", 53);
	ok(!addr_equal(&a, &b) && addr_hash(&a, 1) != addr_hash(&b, 1), "links do");
	ok(addr_hash(&a, 1) != addr_hash(&a, 2), "the key too");
	addr_parse(&a, "192.0.2.1:77", 53);
	addr_parse(&b, "192.0.2.1:78", 53);
	ok(!addr_equal(&a, &b) && addr_hash(&a, 1) != addr_hash(&b, 1), "IPv4 ports differ");
	ok(!addr_from_octets(&a, octets, 5, 53) && !addr_from_octets(&a, octets, 0, 53),
	   "no address of 5 octets, or none");
}

/* First and last of each block, and its neighbours outside. */
static const struct {
	const char *text;
	const char *kind;
} specials[] = {
	{"0.0.0.0", "this-network"},
	{"0.255.255.255", "this-network"},
	{"1.0.0.0", NULL},
	{"9.255.255.255", NULL},
	{"10.0.0.0", "private"},
	{"10.255.255.255", "private"},
	{"11.0.0.0", NULL},
	{"100.63.255.255", NULL},
	{"100.64.0.0", "shared"},
	{"100.127.255.255", "shared"},
	{"100.128.0.0", NULL},
	{"126.255.255.255", NULL},
	{"127.0.0.1", "loopback"},
	{"127.255.255.255", "loopback"},
	{"128.0.0.0", NULL},
	{"169.253.255.255", NULL},
	{"169.254.0.0", "link-local"},
	{"169.255.0.0", NULL},
	{"172.15.255.255", NULL},
	{"172.16.0.0", "private"},
	{"172.31.255.255", "private"},
	{"172.32.0.0", NULL},
	{"191.255.255.255", NULL},
	{"192.0.0.0", "ietf-protocol"},
	{"192.0.0.255", "ietf-protocol"},
	{"192.0.1.0", NULL},
	{"192.0.2.0", "documentation"},
	{"192.0.3.0", NULL},
	{"192.31.196.1", NULL},
	{"192.88.98.255", NULL},
	{"192.88.99.1", "6to4-relay"},
	{"192.88.100.0", NULL},
	{"192.167.255.255", NULL},
	{"192.168.0.0", "private"},
	{"192.168.255.255", "private"},
	{"192.169.0.0", NULL},
	{"192.175.48.1", NULL},
	{"198.17.255.255", NULL},
	{"198.18.0.0", "benchmarking"},
	{"198.19.255.255", "benchmarking"},
	{"198.20.0.0", NULL},
	{"198.51.100.7", "documentation"},
	{"198.51.101.0", NULL},
	{"203.0.112.255", NULL},
	{"203.0.113.255", "documentation"},
	{"203.0.114.0", NULL},
	{"223.255.255.255", NULL},
	{"224.0.0.0", "multicast"},
	{"239.255.255.255", "multicast"},
	{"240.0.0.0", "reserved"},
	{"255.255.255.254", "reserved"},
	{"255.255.255.255", "broadcast"},

	{"::", "unspecified"},
	{"::1", "loopback"},
	{"::2", "ipv4-compatible"},
	{"::198.41.0.4", "ipv4-compatible"},
	{"::ffff:198.41.0.4", "ipv4-mapped"},
	{"::fffe:198.41.0.4", "reserved"},
	{"64:ff9b::198.41.0.4", "nat64"},
	{"64:ff9b:0:0:0:1::", "reserved"},
	{"64:ff9b:1::1", "nat64"},
	{"64:ff9b:2::1", "reserved"},
	{"100::1", "discard"},
	{"100:0:0:1::1", "dummy"},
	{"100:0:0:2::1", "reserved"},
	{"1fff:ffff::", "reserved"},
	{"2000::", NULL},
	{"2001::1", "teredo"},
	{"2001:1::1", "ietf-protocol"},
	{"2001:2::1", "benchmarking"},
	{"2001:2:1::1", "ietf-protocol"},
	{"2001:3::1", NULL},
	{"2001:4:111::1", "ietf-protocol"},
	{"2001:4:112::1", NULL},
	{"2001:10::1", "orchid"},
	{"2001:1f:ffff::1", "orchid"},
	{"2001:20::1", "orchid"},
	{"2001:30::1", "ietf-protocol"},
	{"2001:1ff:ffff::1", "ietf-protocol"},
	{"2001:200::1", NULL},
	{"2001:503:ba3e::2:30", NULL},
	{"2001:db7:ffff::1", NULL},
	{"2001:db8::1", "documentation"},
	{"2001:db8:ffff::1", "documentation"},
	{"2001:db9::1", NULL},
	{"2002:c629:4::1", NULL},     /* 198.41.0.4 */
	{"2002:a00:1::1", "private"}, /* 10.0.0.1 */
	{"2002:7f00:1::1", "loopback"},
	{"2003::1", NULL},
	{"2620:4f:8000::1", NULL},
	{"3ffe::1", NULL},
	{"3fff::1", "documentation"},
	{"3fff:fff:ffff::1", "documentation"},
	{"3fff:1000::1", NULL},
	{"4000::1", "reserved"},
	{"5f00::1", "segment-routing"},
	{"5f01::1", "reserved"},
	{"fbff::1", "reserved"},
	{"fc00::1", "unique-local"},
	{"fdff::1", "unique-local"},
	{"fe00::1", "reserved"},
	{"fe7f::1", "reserved"},
	{"fe80::1", "link-local"},
	{"febf::1", "link-local"},
	{"fec0::1", "site-local"},
	{"feff::1", "site-local"},
	{"ff00::1", "multicast"},
	{"ffff::1", "multicast"},
};

static void test_special(void)
{
	for (size_t i = 0; i < sizeof(specials) / sizeof(specials[0]); i++) {
		struct addr addr;

		if (ok(addr_parse(&addr, specials[i].text, 53), "%s", specials[i].text))
			is_str(addr_special(&addr), specials[i].kind, specials[i].text);
	}
}

int main(void)
{
	test_texts();
	test_parts();
	test_special();
	return done_testing();
}
