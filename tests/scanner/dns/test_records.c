/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/dns/records.h"

#include <stdlib.h>

#include "tests/tap.h"

#define HEADER(qd, an, ns, ar) "\x12\x34\x84\x00\0" qd "\0" an "\0" ns "\0" ar
#define QUESTION	       "\3www\7example\0\0\1\0\1" /* at 12; "example" at 16 */

static struct records records;

static enum records_status read_all(const char *octets, size_t len)
{
	/* In memory of exactly its size, so that a sanitizer sees the first octet too many. */
	uint8_t *message = malloc(len);
	enum records_status status;
	uint8_t out[RECORD_CANONICAL_MAX];

	memcpy(message, octets, len);
	status = records_read(&records, message, len);
	for (unsigned i = 0; i < records.count; i++)
		record_canonical(&records, &records.record[i], out);
	if (status == RECORDS_OK)
		records_free(&records);
	free(message);
	return status;
}
#define READ(octets) read_all(octets, sizeof(octets) - 1)

static void test_good(void)
{
	static const char message[] = HEADER("\1", "\2", "\0", "\1") QUESTION
		"\300\14\0\17\0\1\0\0\1\54\0\11\0\12\4MAIL\300\20" /* MX 10 MAIL.example */
		"\300\14\0\17\0\1\0\0\1\54\0\6\0\24\1A\300\53"	   /* MX 20 A.MAIL.example */
		"\0\0\51\4\320\1\0\200\0\0\0";			   /* OPT, DO, BADVERS */
	static const uint8_t canonical[] = "\0\24\1a\4mail\7example";
	uint8_t out[RECORD_CANONICAL_MAX];
	unsigned at = 0;

	is_int(records_read(&records, (const uint8_t *)message, sizeof message - 1), RECORDS_OK,
	       "good");
	is_int(records.count, 2, "two records beside OPT");
	ok(records.edns && records.edns_do && records.authoritative && records.response, "flags");
	is_int(records.rcode, 16, "extended RCODE");
	records_next(&records, &at, SECTION_ANSWER, (const uint8_t *)"\3WWW\7EXAMPLE", 15);
	is_int(record_canonical(&records, records_next(&records, &at, SECTION_ANSWER, NULL, 15),
				out),
	       sizeof canonical, "canonical length");
	ok(memcmp(out, canonical, sizeof canonical) == 0, "canonical: decompressed, lower case");
	ok(!records_next(&records, &at, SECTION_ANSWER, NULL, 15), "no more");
	ok(!records_find(&records, SECTION_AUTHORITY, NULL, 15), "not in the other section");
	records_free(&records);
}

static void test_bad(void)
{
	is_int(READ("\x12\x34\x84"), RECORDS_MALFORMED, "cut off in the header");
	is_int(READ(HEADER("\1", "\0", "\0", "\0") "\3www"), RECORDS_MALFORMED,
	       "cut off in the QNAME");
	is_int(READ(HEADER("\0", "\1", "\0", "\0")), RECORDS_MALFORMED, "record missing");
	is_int(READ(HEADER("\0", "\1", "\0", "\0") "\300\14\0\1\0\1\0\0\0\0\0\0"),
	       RECORDS_MALFORMED, "name points to itself");
	is_int(READ(HEADER("\0", "\1", "\0", "\0") "\300\20\0\1\0\1\0\0\0\0\0\0"),
	       RECORDS_MALFORMED, "name points forward");
	is_int(READ(HEADER("\1", "\1", "\0", "\0") QUESTION "\1a\300\35\0\1\0\1\0\0\0\0\0\0"),
	       RECORDS_MALFORMED, "name points to its own front");
	is_int(READ(HEADER("\0", "\1", "\0", "\0") "\100\0\0\1\0\1\0\0\0\0\0\0"), RECORDS_MALFORMED,
	       "label type 01");
	is_int(READ(HEADER("\0", "\1", "\0", "\0") "\0\0\1\0\1\0\0\0\0\0\1"), RECORDS_MALFORMED,
	       "RDATA cut off");
	is_int(READ(HEADER("\0", "\1", "\0", "\0") "\0\0\1\0\1\0\0\0\0\0"), RECORDS_MALFORMED,
	       "record cut off");
	is_int(READ(HEADER("\0", "\1", "\0", "\0") "\0\0\1\0\3\0\0\0\0\0\0"), RECORDS_OK,
	       "class CH is passed over");
	is_int(READ(HEADER("\0", "\1", "\0", "\0") "\0\0\6\0\1\0\0\0\0\0\1\0"), RECORDS_OK,
	       "an SOA that ends early is kept");
	is_int(READ(HEADER("\0", "\1", "\0", "\0") "\0\0\51\4\320\0\0\0\0\0\0"), RECORDS_OK,
	       "OPT among the answers is passed over");
	ok(records.opt_astray, "and noted");
}

/* The answer's worth of pointers to one long name: memory stays small. */
static void test_bomb(void)
{
	static uint8_t message[65535];
	size_t at = 12;
	unsigned count = 0;

	memcpy(message, HEADER("\0", "\0", "\0", "\0"), 12);
	for (unsigned i = 0; i < 127; i++) {
		message[at++] = 1;
		message[at++] = (uint8_t)('a' + i % 26);
	}
	at += 11; /* the root's octet, type and class 0, no RDATA */
	for (count = 1; at + 12 <= sizeof message; count++, at += 12)
		memcpy(message + at,
		       count % 2 ? "\300\14\0\1\0\1\0\0\0\0\0\0" : "\300\16\0\1\0\1\0\0\0\0\0\0",
		       12);
	message[6] = (uint8_t)(count >> 8);
	message[7] = (uint8_t)count;
	is_int(records_read(&records, message, at), RECORDS_OK, "5000 long names");
	is_int(records.count, count - 1, "... all there, but for the one of class 0");
	is_int((long long)dname_len(records.record[1].owner), 253, "... decompressed");
	records_free(&records);
	memcpy(message + 12 + 255, "\0\1\0\1\0\0\0\0\0\0", 10);
	memcpy(message + 12 + 265, "\1a\300\14", 4);
	is_int(records_read(&records, message, at), RECORDS_MALFORMED, "a name of 257 octets");
}

int main(void)
{
	test_good();
	test_bad();
	test_bomb();
	return done_testing();
}
