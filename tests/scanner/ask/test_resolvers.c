/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/ask/resolvers.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/tap.h"

static struct buf errors, warnings;
static char file[] = "/tmp/test_resolvers.XXXXXX";

static struct resolvers *load(const char *text, size_t len)
{
	FILE *out = fopen(file, "w");

	fwrite(text, 1, len, out);
	fclose(out);
	buf_clear(&errors);
	buf_clear(&warnings);
	return resolvers_load(file, &errors, &warnings);
}

static struct resolvers *load_path(const char *path)
{
	buf_clear(&errors);
	buf_clear(&warnings);
	return resolvers_load(path, &errors, &warnings);
}

/* One entry: want is "transport address port-or-not name", NULL when it is none. */
static const struct {
	const char *text, *want;
} entries[] = {
	{"8.8.8.8", "udp 8.8.8.8 -"},
	{"8.8.8.8:53", "udp 8.8.8.8 -"},
	{"127.0.0.1:5301", "udp 127.0.0.1:5301 -"},
	{"2001:db8::1", "udp 2001:db8::1 -"},
	{"[2001:db8::1]:5353", "udp [2001:db8::1]:5353 -"},
	{"tcp://192.0.2.1", "tcp 192.0.2.1 -"},
	{"tcp://[::1]:54", "tcp [::1]:54 -"},
	{"tls://9.9.9.9", "tls 9.9.9.9:853 -"},
	{"tls://9.9.9.9:443", "tls 9.9.9.9:443 -"},
	{"tls://9.9.9.9#DNS.Quad9.net.", "tls 9.9.9.9:853 dns.quad9.net"},
	{"tls://[2620:fe::fe]:853#dns.quad9.net", "tls [2620:fe::fe]:853 dns.quad9.net"},
	{"tls://192.0.2.1#*", "tls 192.0.2.1:853 *"},
	{"tls://192.0.2.1#pin-sha256=AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=",
	 "tls 192.0.2.1:853 - 01..20"},
	{"tls://[2001:db8::1]#a.example,pin-sha256=////////////////////////////////////////////"
	 "pin-sha256=AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=",
	 NULL},
	{"tls://[2001:db8::1]#a.example,pin-sha256=AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=,"
	 "pin-sha256=//////////////////////////////////////////8=",
	 "tls [2001:db8::1]:853 a.example 01..20 ff..ff"},
	{"tls://192.0.2.1#pin-sha256=AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA", NULL},
	{"tls://192.0.2.1#pin-sha256=AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eH==", NULL},
	{"tls://192.0.2.1#pin-sha256=AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=x", NULL},
	{"tls://192.0.2.1#pin-sha256=AQIDBAUGBwgJCgsMDQ4PEBE=ExQVFhcYGRobHB0eHyA=", NULL},
	{"tls://192.0.2.1#pin-sha256=", NULL},
	{"tls://192.0.2.1#pin-md5=AQID", NULL},
	{"tls://192.0.2.1#*,a.example", NULL},
	{"tls://192.0.2.1#a.example,b.example", NULL},
	{"tls://192.0.2.1#*.example", NULL},
	{"tls://192.0.2.1#a.example,", NULL},
	{"tcp://192.0.2.1#*", NULL},
	{"", NULL},
	{"x", NULL},
	{"resolver.example", NULL},
	{"8.8.8", NULL},
	{"8.8.8.8.8", NULL},
	{"8.8.8.256", NULL},
	{"8.8.8.8:0", NULL},
	{"8.8.8.8:65536", NULL},
	{"8.8.8.8:", NULL},
	{"8.8.8.8 53", NULL},
	{"8.8.8.8#dns.google", NULL},
	{"0.0.0.0", NULL},
	{"::", NULL},
	{"224.0.0.1", NULL},
	{"ff02::1", NULL},
	{"::ffff:192.0.2.1", NULL},
	{"255.255.255.255", NULL},
	{"udp://8.8.8.8", NULL},
	{"https://8.8.8.8/dns-query", NULL},
	{"tls://", NULL},
	{"tls://9.9.9.9#", NULL},
	{"tls://9.9.9.9#a b", NULL},
	{"tls://9.9.9.9#.", NULL},
	{"[::1]", "udp ::1 -"},
	{"[::1", NULL},
	{"::1]:53", NULL},
};

static void test_entries(void)
{
	static const char *const transports[] = {"udp", "tcp", "tls"};

	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		char got[256], address[ADDR_TEXT_MAX];
		struct resolver resolver;
		bool good = resolver_parse(&resolver, entries[i].text, strlen(entries[i].text));

		if (good)
			snprintf(got, sizeof(got), "%s %s %s", transports[resolver.transport],
				 addr_format(&resolver.addr, 53, address),
				 resolver.identity.anybody ? "*"
				 : resolver.identity.name  ? resolver.identity.name
							   : "-");
		for (unsigned p = 0; good && p < resolver.identity.pin_count; p++)
			snprintf(got + strlen(got), sizeof(got) - strlen(got), " %02x..%02x",
				 resolver.identity.pins[p][0], resolver.identity.pins[p][31]);
		is_str(good ? got : NULL, entries[i].want, entries[i].text);
		if (good)
			is_str(resolver.text, entries[i].text, "keeps its text");
		resolver_clear(&resolver);
	}
}

static void test_defaults(void)
{
	struct resolvers *resolvers = resolvers_load(NULL, &errors, &warnings);

	is_int((long long)resolvers->count, 3, "three by default");
	is_str(resolvers->list[0].text, "8.8.8.8", "Google");
	is_str(resolvers->list[2].text, "9.9.9.9", "Quad9");
	resolvers_destroy(&resolvers);
	ok(!resolvers, "destroyed");
}

#define LOAD(text) load(text, sizeof(text) - 1)

static void test_list(void)
{
	struct resolvers *resolvers =
		LOAD("\xef\xbb\xbf# ours\r\n\r\n 192.0.2.1 # one\r\n\ttls://192.0.2.1#a.example\n"
		     "tcp://192.0.2.1\n192.0.2.1:53\n2001:db8::1\n[2001:db8:0::1]:53\n192.0.2.1");
	char want[512];

	is_int(resolvers ? (long long)resolvers->count : -1, 4, "four of seven");
	is_int(resolvers->list[1].line, 4, "knows its line");
	is_str(resolvers->list[1].identity.name, "a.example", "and its name");
	snprintf(want, sizeof(want),
		 "%s:6: '192.0.2.1:53' is the same as line 3, dropped\n"
		 "%s:8: '[2001:db8:0::1]:53' is the same as line 7, dropped\n"
		 "%s:9: '192.0.2.1' is the same as line 3, dropped\n",
		 file, file, file);
	is_str(buf_text(&warnings), want, "warnings name both lines");
	is_int((long long)errors.len, 0, "no errors");
	resolvers_destroy(&resolvers);
}

static void test_given(void)
{
	struct resolvers *resolvers = load_path("192.0.2.1,tcp://[2001:db8::1]:5353,192.0.2.1");

	ok(resolvers && resolvers->count == 2, "resolvers instead of a file of them");
	is_str(resolvers ? resolvers->list[1].text : "", "tcp://[2001:db8::1]:5353",
	       "each as it is");
	is_str(buf_text(&warnings), "--resolvers:3: '192.0.2.1' is the same as line 1, dropped\n",
	       "none twice");
	if (resolvers)
		resolvers_destroy(&resolvers);
	ok(!load_path("192.0.2.1,nonsense"), "where one is none it is a file");
	is_str(buf_text(&errors), "192.0.2.1,nonsense: no such file, nor a resolver address "
	       "(IP, IP:PORT, [IP6]:PORT, tcp://..., tls://...)\n",
	       "that is not there, and one is told what was wanted");
	ok(!load_path("192.0.2.1,"), "nor may one be empty");
}

static void test_errors(void)
{
	static char big[200000];
	struct resolvers *resolvers = LOAD("192.0.2.1\nnonsense\n\xff\xfe\n192.0.2.2\nfoo bar\n[fe80::1]:53\nfe80::1%lo\n");
	char want[512];

	ok(!resolvers, "nonsense is an error");
	snprintf(want, sizeof(want),
		 "%s:2: 'nonsense' is no resolver address (IP, IP:PORT, [IP6]:PORT, tcp://..., "
		 "tls://...)\n"
		 "%s:3: '\\xff\\xfe' is no resolver address\n"
		 "%s:5: 'foo bar' is no resolver address\n"
		 "%s:6: '[fe80::1]:53' lacks its interface (fe80::1%%eth0)\n",
		 file, file, file, file);
	is_str(buf_text(&errors), want, "each line of it is told");
	ok(!LOAD(""), "an empty list is an error");
	snprintf(want, sizeof(want), "%s: no resolver in it\n", file);
	is_str(buf_text(&errors), want, "which is told");
	ok(!LOAD("# nobody\n\n"), "a list of comments, too");
	memset(big, 'x', sizeof(big));
	ok(!load(big, sizeof(big)), "a huge line");
	snprintf(want, sizeof(want), "%s:1: line too long\n", file);
	is_str(buf_text(&errors), want, "is told without it");
	for (size_t i = 1; i < sizeof(big); i += 2)
		big[i] = '\n';
	ok(!load(big, sizeof(big)), "many bad lines");
	ok(strstr(buf_text(&errors), ": 99900 more lines like these\n") && errors.len < 10000,
	   "are counted");
	buf_clear(&errors);
	ok(!resolvers_load("/nonexistent/list", &errors, &warnings), "a missing file");
	is_str(buf_text(&errors), "/nonexistent/list: no such file, nor a resolver address "
	       "(IP, IP:PORT, [IP6]:PORT, tcp://..., tls://...)\n",
	       "is told");
}

static void test_many(void)
{
	static char text[70000 * 20];
	struct resolvers *resolvers;
	size_t len = 0;

	for (unsigned i = 1; i <= 5000; i++)
		len += (size_t)sprintf(text + len, "10.0.%u.%u\n", i >> 8, i & 255);
	resolvers = load(text, len);
	is_int((long long)resolvers->count, 5000, "five thousand");
	is_str(resolvers->list[4999].text, "10.0.19.136", "the last");
	resolvers_destroy(&resolvers);
	for (unsigned i = 5001; i <= 70000; i++)
		len += (size_t)sprintf(text + len, "10.%u.%u.%u\n", i >> 16, i >> 8 & 255, i & 255);
	ok(!load(text, len), "seventy thousand are too many");
	ok(strstr(buf_text(&errors), ":65537: more than 65536 resolvers\n"), "which is told");
}

int main(void)
{
	int fd = mkstemp(file);

	if (fd < 0)
		return 1;
	close(fd);
	test_entries();
	test_defaults();
	test_list();
	test_given();
	test_errors();
	test_many();
	unlink(file);
	buf_free(&errors);
	buf_free(&warnings);
	return done_testing();
}
