/* SPDX-License-Identifier: BSD-2-Clause */

/* Records whose data cannot be what their type says (RFC 1035 3.3 and its successors), and answers
 * by their RCODE. */
#include "scanner/evidence/reading.h"

#include "results/rows/names.h"
#include "scanner/dns/records.h"
#include "tests/tap.h"

#define ZONE  ((const uint8_t *)"\7example")
#define QNAME ((const uint8_t *)"\1x\7example")

/* A response to x.example with one record of it in the answer section. */
static size_t message_of(uint8_t message[600], uint16_t type, unsigned rcode, const void *rdata,
			 size_t len)
{
	static const uint8_t head[] = {0, 1,   0x84, 0,	  0,   1,   0,	 1,   0,   0,	0, 0,
				       1, 'x', 7,    'e', 'x', 'a', 'm', 'p', 'l', 'e', 0};
	size_t at = sizeof(head);
	const uint8_t rest[] = {(uint8_t)(type >> 8),
				(uint8_t)type,
				0,
				1,
				0xc0,
				12,
				(uint8_t)(type >> 8),
				(uint8_t)type,
				0,
				1,
				0,
				0,
				1,
				44,
				(uint8_t)(len >> 8),
				(uint8_t)len};

	memcpy(message, head, sizeof(head));
	message[3] = (uint8_t)rcode;
	memcpy(message + at, rest, sizeof(rest));
	memcpy(message + at + sizeof(rest), rdata, len);
	return at + sizeof(rest) + len;
}

/* As an answer to that QTYPE. */
static struct reading read_as(uint16_t qtype, uint16_t type, unsigned rcode, const void *rdata,
			      size_t len)
{
	uint8_t message[600];
	size_t octets = message_of(message, type, rcode, rdata, len);
	struct reading reading = {.kind = READING_MALFORMED};
	struct records records;

	if (records_read(&records, message, octets) != RECORDS_OK)
		return reading;
	reading_make(&reading, ZONE, QNAME, qtype, &records, false);
	records_free(&records);
	return reading;
}

static struct reading read_one(uint16_t type, unsigned rcode, const void *rdata, size_t len)
{
	return read_as(type, type, rcode, rdata, len);
}

#define DATA(text) text, sizeof(text) - 1
#define NAME	   "\1y\7example\0"

static const struct datum {
	const char *what;
	uint16_t type;
	const char *rdata;
	size_t len;
	bool good;
} data[] = {
	{"A", 1, DATA("\5\1\2\3"), true},
	{"A of five octets", 1, DATA("\5\1\2\3\4"), false},
	{"A of none", 1, DATA(""), false},
	{"AAAA", 28, DATA("\40\1\15\270\0\0\0\0\0\0\0\0\0\0\0\1"), true},
	{"AAAA as long as an A", 28, DATA("\5\1\2\3"), false},
	{"NS", 2, DATA(NAME), true},
	{"NS with something behind it", 2, DATA(NAME "x"), false},
	{"NS that ends in the middle", 2, DATA("\1y\7exa"), false},
	{"NS whose pointer leads to itself", 2, DATA("\300\47"), false},
	{"SOA", 6, DATA(NAME NAME "\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1"), true},
	{"SOA without its last number", 6, DATA(NAME NAME "\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1"),
	 false},
	{"HINFO", 13, DATA("\3cpu\2os"), true},
	{"HINFO of one string", 13, DATA("\3cpu"), false},
	{"MX", 15, DATA("\0\12" NAME), true},
	{"MX of two octets", 15, DATA("\0\12"), false},
	{"TXT", 16, DATA("\3abc\0\1x"), true},
	{"TXT whose string is cut off", 16, DATA("\3abc\5x"), false},
	{"TXT of nothing", 16, DATA(""), false},
	{"SPF", 99, DATA("\3abc"), true},
	{"SRV", 33, DATA("\0\0\0\0\0\65" NAME), true},
	{"SRV without port", 33, DATA("\0\0\0\0"), false},
	{"NAPTR", 35, DATA("\0\1\0\1\1s\3SIP\0" NAME), true},
	{"NAPTR without its last string", 35, DATA("\0\1\0\1\1s\3SIP"), false},
	{"DNAME", 39, DATA(NAME), true},
	{"SSHFP", 44, DATA("\1\1abcd"), true},
	{"SSHFP of two octets", 44, DATA("\1\1"), false},
	{"TLSA", 52, DATA("\3\1\1abcd"), true},
	{"TLSA of two octets", 52, DATA("\3\1"), false},
	{"HTTPS", 65, DATA("\0\1\0\0\1\0\3\2h2\0\3\0\2\1\273"), true},
	{"HTTPS without parameters", 65, DATA("\0\1\0"), true},
	{"HTTPS with keys in the wrong order", 65, DATA("\0\1\0\0\3\0\2\1\273\0\1\0\3\2h2"), false},
	{"SVCB with a key twice", 64, DATA("\0\1\0\0\3\0\2\1\273\0\3\0\2\1\273"), false},
	{"SVCB with a value that is cut off", 64, DATA("\0\1\0\0\3\0\5\1\273"), false},
	{"SVCB with half a key", 64, DATA("\0\1\0\0\3"), false},
	{"CAA", 257, DATA("\0\5issueca.example"), true},
	{"CAA whose tag is cut off", 257, DATA("\0\11issue"), false},
	{"a type that nobody knows", 65280, DATA("\1\2\3"), true},
};

static void all_data(void)
{
	for (size_t i = 0; i < sizeof(data) / sizeof(data[0]); i++) {
		const struct datum *datum = &data[i];
		struct reading reading =
			read_one(datum->type, RCODE_NOERROR, datum->rdata, datum->len);

		ok(datum->good
			   ? reading.kind == READING_ANSWER && reading.has_data
			   : reading.kind == READING_BAD_RDATA && dname_equal(reading.owner, QNAME),
		   "%s", datum->what);
	}
}

static void rcodes(void)
{
	struct reading reading = read_one(1, RCODE_SERVFAIL, DATA("\5\1\2\3"));

	ok(reading.kind == READING_ERROR && !reading_useful(&reading), "SERVFAIL is an error");
	reading = read_one(1, RCODE_REFUSED, DATA("\5\1\2"));
	is_int(reading.kind, READING_ERROR, "the RCODE comes before what is wrong with the data");
	reading = read_as(1, 5, RCODE_SERVFAIL, DATA(NAME));
	ok(reading.kind == READING_ERROR && reading.aliases == 1,
	   "aliases that a server followed before it gave up are told");
	reading = read_one(39, RCODE_YXDOMAIN, DATA(NAME));
	is_int(reading.kind, READING_TOO_LONG, "YXDOMAIN: a DNAME made the name too long");
	reading = read_one(1, RCODE_YXDOMAIN, DATA("\5\1\2\3"));
	is_int(reading.kind, READING_ERROR, "... without one it is an error like others");
	reading = read_one(1, RCODE_NXDOMAIN, DATA("\5\1\2\3"));
	ok(reading.no_name && reading.has_data, "NXDOMAIN with data is both");
	reading_make(&reading, ZONE, QNAME, 1, NULL, false);
	is_int(reading.kind, READING_MALFORMED, "what does not parse");
}

int main(void)
{
	all_data();
	rcodes();
	return done_testing();
}
