/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/dns/message.h"

#include <string.h>

#include "results/rows/names.h"

enum {
	HEADER_LEN = MESSAGE_HEADER,
	QUESTION_FIXED = 4,
	OPT_LEN = 11,
	NSID_LEN = 4,
	COOKIE_LEN = 12,
	TYPE_A = 1,
	TYPE_OPT = 41,
	OPTION_NSID = 3,
	OPTION_COOKIE = 10,
	OPTION_EDE = 15,
	CLASS_IN = 1,
	RECORD_FIXED = 10,
	HEADER_QR = 0x80,
	HEADER_OPCODE = 0x78,
	/* A record owner's compression pointers followed: none, they are only skipped (RFC 1035
	 * 4.1.4). */
	POINTER = 0xc0,
};

static void put_u16(uint8_t *out, unsigned value)
{
	out[0] = (uint8_t)(value >> 8);
	out[1] = (uint8_t)value;
}

static unsigned get_u16(const uint8_t *in)
{
	return (unsigned)in[0] << 8 | in[1];
}

static size_t options_len(unsigned ask)
{
	return (ask & ASK_NSID ? NSID_LEN : 0u) + (ask & ASK_COOKIE ? COOKIE_LEN : 0u);
}

size_t message_query_len(const struct question *question, unsigned ask)
{
	size_t len = HEADER_LEN + question->qname_len + QUESTION_FIXED;

	return ask & ASK_EDNS ? len + OPT_LEN + options_len(ask) : len;
}

size_t message_query(uint8_t out[MESSAGE_QUERY_MAX], uint16_t id, const struct question *question,
		     unsigned ask)
{
	uint8_t *at = out;

	put_u16(at, id);
	at[2] = ask & ASK_RD ? 0x01 : 0;
	at[3] = (uint8_t)((ask & ASK_AD ? 0x20 : 0) | (ask & ASK_CD ? 0x10 : 0));
	memcpy(at + 4, "\0\1\0\0\0\0\0", 7);
	at[11] = ask & ASK_EDNS ? 1 : 0;
	at += HEADER_LEN;
	memcpy(at, question->qname, question->qname_len);
	at += question->qname_len;
	put_u16(at, question->qtype);
	put_u16(at + 2, CLASS_IN);
	at += QUESTION_FIXED;
	if (!(ask & ASK_EDNS))
		return (size_t)(at - out);
	*at++ = 0;
	put_u16(at, TYPE_OPT);
	put_u16(at + 2, ask & ASK_SMALL ? MESSAGE_EDNS_SMALL : MESSAGE_EDNS_SIZE);
	put_u16(at + 4, 0);
	put_u16(at + 6, ask & ASK_DO ? 0x8000 : 0);
	put_u16(at + 8, (unsigned)options_len(ask));
	at += OPT_LEN - 1;
	if (ask & ASK_NSID) {
		put_u16(at, OPTION_NSID);
		put_u16(at + 2, 0);
		at += NSID_LEN;
	}
	if (ask & ASK_COOKIE) {
		put_u16(at, OPTION_COOKIE);
		put_u16(at + 2, COOKIE_LEN - 4);
		for (unsigned i = 0; i < (COOKIE_LEN - 4) / 2; i++)
			put_u16(at + 4 + 2 * i, (id * 40503u + i * 12289u) & 0xffff);
		at += COOKIE_LEN;
	}
	return (size_t)(at - out);
}

static uint8_t lower(uint8_t octet)
{
	return octet >= 'A' && octet <= 'Z' ? (uint8_t)(octet | 0x20) : octet;
}

/* The octets of two uncompressed names of the same length; label lengths are below 'A' (RFC 4343
 * 3.1). */
static bool same_name(const uint8_t *a, const uint8_t *b, size_t len)
{
	if (memcmp(a, b, len) == 0)
		return true;
	for (size_t i = 0; i < len; i++)
		if (lower(a[i]) != lower(b[i]))
			return false;
	return true;
}

/* The octet after the name at `at`, 0 when it runs over the end. Pointers end a name; where they
 * lead does not matter here. */
static size_t skip_name(const uint8_t *message, size_t len, size_t at)
{
	while (at < len) {
		uint8_t label = message[at];

		if ((label & POINTER) == POINTER)
			return at + 2 <= len ? at + 2 : 0;
		if (label & POINTER)
			return 0;
		at += 1u + label;
		if (label == 0)
			return at <= len ? at : 0;
	}
	return 0;
}

static inline size_t read_record(const struct answer *answer, size_t at, struct record *record)
{
	const uint8_t *message = answer->message;

	record->owner = at;
	at = skip_name(message, answer->len, at);
	if (at == 0 || answer->len - at < RECORD_FIXED)
		return 0;
	record->type = (uint16_t)get_u16(message + at);
	record->class = (uint16_t)get_u16(message + at + 2);
	record->ttl = (uint32_t)get_u16(message + at + 4) << 16 | get_u16(message + at + 6);
	record->rdlength = (uint16_t)get_u16(message + at + 8);
	record->rdata = message + at + RECORD_FIXED;
	if (record->rdlength > answer->len - at - RECORD_FIXED)
		return 0;
	return at + RECORD_FIXED + record->rdlength;
}

size_t message_record(const struct answer *answer, size_t at, struct record *record)
{
	return read_record(answer, at, record);
}

size_t message_records(const struct answer *answer)
{
	size_t at = HEADER_LEN;

	if (answer->message == NULL || answer->len < HEADER_LEN)
		return 0;
	if (get_u16(answer->message + 4) == 0)
		return at;
	at = skip_name(answer->message, answer->len, at);
	return at != 0 && answer->len - at >= QUESTION_FIXED ? at + QUESTION_FIXED : 0;
}

static bool read_options(const uint8_t *at, size_t len, struct answer *answer)
{
	while (len >= 4) {
		unsigned code = get_u16(at);
		unsigned size = get_u16(at + 2);

		if (size > len - 4)
			return false;
		if (code == OPTION_EDE && size >= 2 && answer->ede_count < MESSAGE_EDE_MAX) {
			answer->ede[answer->ede_count++] = (struct ede){
				.info_code = (uint16_t)get_u16(at + 4),
				.text_len = (uint16_t)(size - 2),
				.text = at + 6,
			};
		} else if (code == OPTION_NSID && answer->nsid == NULL) {
			answer->nsid = at + 4;
			answer->nsid_len = (uint16_t)size;
		} else if (code == OPTION_COOKIE && size != 8 && (size < 16 || size > 40)) {
			answer->bad_option = true;
		}
		at += 4 + size;
		len -= 4 + size;
	}
	return len == 0;
}

/* Skips the records; takes what the OPT record says (RFC 6891 6.1.3). A second OPT is malformed
 * (6.1.1). */
static bool read_records(size_t at, struct answer *answer)
{
	unsigned before = (unsigned)answer->answers + answer->authorities;
	struct record record;

	for (unsigned i = 0; i < before + answer->additionals; i++) {
		at = read_record(answer, at, &record);
		if (at == 0)
			return false;
		if (record.type != TYPE_OPT || i < before)
			continue;
		if (answer->edns || answer->message[record.owner] != 0)
			return false;
		answer->edns = true;
		answer->edns_size = record.class;
		answer->rcode |= (int)(record.ttl >> 24) << 4;
		answer->edns_do = record.ttl & 0x8000;
		if (!read_options(record.rdata, record.rdlength, answer))
			return false;
	}
	return true;
}

static unsigned read_flags(const uint8_t *message)
{
	unsigned flags = 0;

	flags |= message[2] & 0x04 ? FLAG_AA : 0;
	flags |= message[2] & 0x02 ? FLAG_TC : 0;
	flags |= message[2] & 0x01 ? FLAG_RD : 0;
	flags |= message[3] & 0x80 ? FLAG_RA : 0;
	flags |= message[3] & 0x20 ? FLAG_AD : 0;
	flags |= message[3] & 0x10 ? FLAG_CD : 0;
	return flags;
}

/* Who says that he cannot or will not may leave the question out, and some send the header alone;
 * an answer may not. */
static bool may_lack_question(int rcode)
{
	return rcode != RCODE_NOERROR && rcode != RCODE_NXDOMAIN;
}

/* Another question: an answer to somebody else, or no DNS message at all? */
static enum message_fit other_question(struct answer *answer)
{
	size_t at = skip_name(answer->message, answer->len, HEADER_LEN);

	if (at == 0 || at + QUESTION_FIXED > answer->len)
		return MESSAGE_MALFORMED;
	return read_records(at + QUESTION_FIXED, answer) || answer->flags & FLAG_TC
		       ? MESSAGE_MISMATCH
		       : MESSAGE_MALFORMED;
}

void answer_init(struct answer *answer)
{
	memset(answer, 0, offsetof(struct answer, ede));
	answer->rcode = RCODE_UNKNOWN;
}

enum message_fit message_read(const uint8_t *message, size_t len, const struct question *question,
			      struct answer *answer)
{
	unsigned questions;
	size_t at = HEADER_LEN;

	answer_init(answer);
	if (len < HEADER_LEN || len > UINT16_MAX)
		return MESSAGE_MALFORMED;
	if (!(message[2] & HEADER_QR) || (message[2] & HEADER_OPCODE))
		return MESSAGE_MISMATCH;
	answer->message = message;
	answer->len = (uint16_t)len;
	answer->id = (uint16_t)get_u16(message);
	answer->flags = read_flags(message);
	answer->rcode = message[3] & 0x0f;
	questions = get_u16(message + 4);
	answer->answers = (uint16_t)get_u16(message + 6);
	answer->authorities = (uint16_t)get_u16(message + 8);
	answer->additionals = (uint16_t)get_u16(message + 10);
	if (questions == 0 && may_lack_question(answer->rcode))
		return read_records(at, answer) ? MESSAGE_FITS : MESSAGE_MALFORMED;
	if (questions != 1)
		return questions == 0 ? MESSAGE_MISMATCH : MESSAGE_MALFORMED;
	if (len - at < (size_t)question->qname_len + QUESTION_FIXED ||
	    !same_name(message + at, question->qname, question->qname_len))
		return other_question(answer);
	at += question->qname_len;
	if (get_u16(message + at) != question->qtype || get_u16(message + at + 2) != CLASS_IN)
		return other_question(answer);
	/* What follows a cut (TC=1) may end anywhere (RFC 2181 9); the header is all that counts
	 * then. */
	if (!read_records(at + QUESTION_FIXED, answer) && !(answer->flags & FLAG_TC))
		return MESSAGE_MALFORMED;
	return MESSAGE_FITS;
}

size_t message_qname(uint8_t wire[MESSAGE_QNAME_MAX], const char *text, size_t len)
{
	size_t label = 0, out = 1;

	if (len > 0 && text[len - 1] == '.')
		len--;
	if (len == 0) {
		wire[0] = 0;
		return 1;
	}
	if (len > MESSAGE_QNAME_MAX - 2)
		return 0;
	for (size_t i = 0; i <= len; i++) {
		if (i == len || text[i] == '.') {
			size_t size = out - label - 1;

			if (size == 0 || size > 63)
				return 0;
			wire[label] = (uint8_t)size;
			label = out++;
		} else {
			wire[out++] = lower((uint8_t)text[i]);
		}
	}
	wire[label] = 0;
	return out;
}

static bool plain(uint8_t octet)
{
	return (octet >= 'a' && octet <= 'z') || (octet >= '0' && octet <= '9') || octet == '-' ||
	       octet == '_' || octet == '*';
}

size_t message_qname_text(char text[4 * MESSAGE_QNAME_MAX + 1], const uint8_t *wire, size_t len)
{
	size_t out = 0;

	if (len > MESSAGE_QNAME_MAX)
		len = MESSAGE_QNAME_MAX;
	for (size_t at = 0; at < len && wire[at] != 0; at += 1u + wire[at]) {
		size_t size = wire[at];

		if (size > 63 || size >= len - at)
			break;
		if (out > 0)
			text[out++] = '.';
		for (size_t i = 1; i <= size; i++) {
			uint8_t octet = lower(wire[at + i]);

			if (plain(octet)) {
				text[out++] = (char)octet;
			} else {
				text[out++] = '\\';
				text[out++] = (char)('0' + octet / 100);
				text[out++] = (char)('0' + octet / 10 % 10);
				text[out++] = (char)('0' + octet % 10);
			}
		}
	}
	if (out == 0)
		text[out++] = '.';
	text[out] = '\0';
	return out;
}

bool message_address(const struct answer *answer, const struct addr *wanted, struct addr *addr)
{
	size_t at = message_records(answer);

	for (unsigned i = 0; at != 0 && i < answer->answers; i++) {
		struct record record;

		at = message_record(answer, at, &record);
		if (at != 0 && record.type == TYPE_A &&
		    addr_from_octets(addr, record.rdata, record.rdlength, 53) &&
		    (wanted == NULL || addr_equal(wanted, addr)))
			return true;
	}
	return false;
}
