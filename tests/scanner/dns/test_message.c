/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/dns/message.h"

#include <stdlib.h>

#include "results/rows/names.h"
#include "scanner/dns/answer_text.h"
#include "scanner/ask/pair.h"
#include "tests/tap.h"

static uint8_t qname[MESSAGE_QNAME_MAX];
static struct question question = {.qname = qname, .qtype = 1};

/* A response to the question, given as hexadecimal after the question section. */
struct response {
	uint8_t octets[2048];
	size_t len;
};

static void put_hex(struct response *r, const char *hex)
{
	for (; *hex != '\0'; hex += 2) {
		char two[3] = {hex[0], hex[1], '\0'};

		if (*hex == ' ') {
			hex--;
			continue;
		}
		r->octets[r->len++] = (uint8_t)strtoul(two, NULL, 16);
	}
}

static struct response respond(const char *header, const char *rest)
{
	struct response r = {.len = 0};

	put_hex(&r, header);
	memcpy(r.octets + r.len, qname, question.qname_len);
	r.len += question.qname_len;
	put_hex(&r, "00010001");
	put_hex(&r, rest);
	return r;
}

/* Copied into memory of exactly its size, so that the address sanitizer sees the first octet
 * beyond. */
static enum message_fit read_exact(const struct response *r, struct answer *answer)
{
	static uint8_t *copy;
	enum message_fit fit;

	free(copy);
	copy = malloc(r->len > 0 ? r->len : 1);
	memcpy(copy, r->octets, r->len);
	fit = message_read(copy, r->len, &question, answer);
	return fit;
}

static void test_queries(void)
{
	uint8_t query[MESSAGE_QUERY_MAX];
	size_t len;

	question.qname_len = (uint8_t)message_qname(qname, "Www.Example.ORG.", 16);
	is_int(question.qname_len, 17, "a name in wire format");
	ok(memcmp(qname, "\3www\7example\3org", 17) == 0, "... lower case");
	len = message_query(query, 0x1234, &question, PAIR_ASK_NORMAL);
	is_int((long long)len, (long long)message_query_len(&question, PAIR_ASK_NORMAL), "the length is as promised");
	ok(memcmp(query, "\x12\x34\x01\x20\0\1\0\0\0\0\0\1", 12) == 0, "CD=0: RD and AD");
	ok(memcmp(query + 33, "\0\0\x29\x04\xd0\0\0\0\0\0\4\0\3\0\0", 15) == 0, "... EDNS 1232, NSID, no DO");
	message_query(query, 0x1234, &question, PAIR_ASK_CD);
	ok(query[2] == 1 && query[3] == 0x10, "CD=1: RD and CD");
	ok(query[40] == 0x80, "... DO");
	is_int((long long)message_query(query, 1, &question, ASK_RD), 33, "without EDNS");
	is_int(query[11], 0, "... and without a count of it");
	is_int((long long)message_qname(qname, "a..b", 4), 0, "an empty label is no name");
	is_int((long long)message_qname(qname, ".", 1), 1, "the root");
	question.qname_len = (uint8_t)message_qname(qname, "www.example.org", 15);
}

static void test_answers(void)
{
	struct answer a;
	struct response r;

	r = respond("1234 8180 0001 0001 0000 0000", "c00c 0001 0001 0000003c 0004 c0000201");
	is_int(read_exact(&r, &a), MESSAGE_FITS, "an answer");
	ok(a.id == 0x1234 && a.rcode == 0 && a.answers == 1 && a.flags == (FLAG_RD | FLAG_RA) && !a.edns, "... its facts");
	for (size_t cut = 1; cut < r.len; cut++) {
		struct response part = r;

		part.len = r.len - cut;
		if (read_exact(&part, &a) == MESSAGE_FITS)
			ok(false, "cut by %zu octets it fits", cut);
	}
	ok(true, "no beginning of it fits");
	r.octets[12 + 1] = 'W';
	is_int(read_exact(&r, &a), MESSAGE_FITS, "QNAME in other letters fits");
	r.octets[12 + 1] = 'x';
	is_int(read_exact(&r, &a), MESSAGE_MISMATCH, "another QNAME does not");
	r = respond("1234 8180 0001 0000 0000 0000", "");
	r.octets[r.len - 3] = 2;
	is_int(read_exact(&r, &a), MESSAGE_MISMATCH, "another QTYPE does not");
	r = respond("1234 8180 0001 0000 0000 0000", "");
	r.octets[r.len - 1] = 3;
	is_int(read_exact(&r, &a), MESSAGE_MISMATCH, "another class does not");
	r = respond("1234 0180 0001 0000 0000 0000", "");
	is_int(read_exact(&r, &a), MESSAGE_MISMATCH, "a query is no response");
	r = respond("1234 a980 0001 0000 0000 0000", "");
	is_int(read_exact(&r, &a), MESSAGE_MISMATCH, "nor one to another opcode");
	r = (struct response){.len = 0};
	put_hex(&r, "1234 8181 0000 0000 0000 0000");
	is_int(read_exact(&r, &a), MESSAGE_FITS, "FORMERR may lack the question");
	r.octets[3] = 0x82;
	is_int(read_exact(&r, &a), MESSAGE_FITS, "SERVFAIL may, too");
	r.octets[3] = 0x83;
	is_int(read_exact(&r, &a), MESSAGE_MISMATCH, "NXDOMAIN may not");
	r = respond("1234 8380 0001 0005 0000 0000", "c00c 0001");
	is_int(read_exact(&r, &a), MESSAGE_FITS, "a truncated one may end anywhere");
	ok(a.flags & FLAG_TC, "... and says so");
}

static void test_edns(void)
{
	struct answer a;
	struct response r;
	char text[256];
	size_t len;

	r = respond("1234 8182 0001 0000 0000 0001", "00 0029 04d0 00 00 8000 0017 000f0002 0016 000f0006 0007 626f6775 0003 0003 616263");
	is_int(read_exact(&r, &a), MESSAGE_FITS, "SERVFAIL with EDNS");
	ok(a.edns && a.edns_do && a.edns_size == 1232, "... DO and size");
	ok(a.ede_count == 2 && a.ede[0].info_code == 22 && a.ede[1].info_code == 7, "... two EDE");
	len = answer_ede_text(&a, text, sizeof(text));
	ok(len == 4 && memcmp(text, "bogu", 4) == 0, "... one EXTRA-TEXT");
	len = answer_nsid_text(&a, text, sizeof(text));
	ok(len == 3 && memcmp(text, "abc", 3) == 0, "... and NSID");
	r = respond("1234 8180 0001 0000 0000 0001", "00 0029 04d0 01 00 0000 0000");
	is_int(read_exact(&r, &a), MESSAGE_FITS, "an extended RCODE");
	is_int(a.rcode, RCODE_BADVERS, "... is BADVERS");
	r = respond("1234 8180 0001 0000 0000 0001", "00 0029 04d0 00 00 0000 0005 000f0006 00");
	is_int(read_exact(&r, &a), MESSAGE_MALFORMED, "an option that runs over the record");
	r = respond("1234 8180 0001 0000 0000 0002", "00 0029 04d0 00 00 0000 0000 00 0029 04d0 00 00 0000 0000");
	is_int(read_exact(&r, &a), MESSAGE_MALFORMED, "two OPT records (RFC 6891 6.1.1)");
	r = respond("1234 8180 0001 0000 0000 0001", "00 0029 04d0 00 00 0000 0004 000f 0000");
	is_int(read_exact(&r, &a), MESSAGE_FITS, "an EDE option without a code is skipped");
	is_int(a.ede_count, 0, "... it tells nothing");
}

static void test_rrsigs(void)
{
	struct answer a;
	struct response r;
	char text[PAIR_TEXT_MAX];
	size_t len;

	r = respond("1234 8180 0001 0001 0000 0000",
		    "c00c 002e 0001 0000003c 0023 0001 0d 03 0000003c 6772ee00 674b6100 3039 076578616d706c65 036f7267 00 abcdabcd");
	is_int(read_exact(&r, &a), MESSAGE_FITS, "an answer with a signature");
	len = answer_rrsig_text(&a, text, sizeof(text));
	text[len] = '\0';
	is_str(text, "A/13/12345/20241130190120/20241230190120/example.org", "... its dates, key and signer");
	len = answer_rrsig_text(&a, text, 20);
	is_int((long long)len, 0, "no room: nothing rather than half of it");
}

static void test_names(void)
{
	char text[4 * MESSAGE_QNAME_MAX + 1];
	uint8_t endless[1024];

	message_qname_text(text, (const uint8_t *)"\3wWw\4a.b\\\0", 10);
	is_str(text, "www.a\\046b\\092", "dots and odd octets within a label are escaped");
	message_qname_text(text, (const uint8_t *)"\77ab", 3);
	is_str(text, ".", "a label that runs over the end is left out");
	message_qname_text(text, (const uint8_t *)"", 1);
	is_str(text, ".", "the root");
	for (size_t i = 0; i < sizeof(endless); i++)
		endless[i] = i % 64 == 0 ? 63 : 0xff;
	is_int((long long)message_qname_text(text, endless, sizeof(endless)), 3 * (63 * 4) + 2,
	       "as many labels as a name can have, however long what is read");
}

int main(void)
{
	test_queries();
	test_answers();
	test_edns();
	test_rrsigs();
	test_names();
	return done_testing();
}
