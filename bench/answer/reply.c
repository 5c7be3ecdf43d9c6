/* SPDX-License-Identifier: BSD-2-Clause */

#include <string.h>

#include "bench/answer/reply.h"

enum { TYPE_A = 1, TYPE_AAAA = 28, TYPE_OPT = 41, TYPE_RRSIG = 46 };
enum { RCODE_SERVFAIL_BITS = 2 };

#define DAY_S 86400

static uint32_t inception_s, expiration_s;

void reply_set_time(int64_t wall_s)
{
	inception_s = (uint32_t)(wall_s - DAY_S);
	expiration_s = (uint32_t)(wall_s + 13 * DAY_S);
}

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint8_t *put16(uint8_t *p, unsigned value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
	return p + 2;
}

static uint8_t *put32(uint8_t *p, uint32_t value)
{
	return put16(put16(p, value >> 16), value & 0xffff);
}

static uint64_t mix(uint64_t x)
{
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93U;
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93U;
	return x ^ x >> 32;
}

/* The end of the QNAME, or 0; adds it to *hash without regard to case (RFC 4343). */
static size_t read_qname(const uint8_t *query, size_t len, uint64_t *hash)
{
	size_t at = 12;
	uint64_t h = 0xcbf29ce484222325U;

	for (;;) {
		size_t label;

		if (at >= len || query[at] > 63)
			return 0;
		label = query[at];
		if (at + 1 + label > len || at + 1 + label - 12 > 255)
			return 0;
		for (size_t i = 0; i <= label; i++) {
			uint8_t c = query[at + i];

			h = (h ^ (uint8_t)(c >= 'A' && c <= 'Z' ? c | 32 : c)) * 0x100000001b3U;
		}
		at += 1 + label;
		if (label == 0)
			break;
	}
	*hash = h;
	return at;
}

bool reply_read(const uint8_t *query, size_t len, struct asking *asking)
{
	uint64_t hash = 0;
	size_t at;

	/* A response, or not exactly one question. */
	if (len < 17 || query[2] & 0x80 || get16(query + 4) != 1)
		return false;
	at = read_qname(query, len, &hash);
	if (at == 0 || at + 4 > len)
		return false;
	asking->qtype = get16(query + at);
	asking->hash = mix(hash ^ (uint64_t)asking->qtype << 48);
	at += 4;
	asking->question_end = (uint16_t)at;
	asking->cd = query[3] & 0x10;
	asking->ad = query[3] & 0x20;
	/* OPT is the only record of a query, if any (RFC 6891 6.1.1). */
	asking->edns = get16(query + 10) > 0 && at + 11 <= len && query[at] == 0 &&
		       get16(query + at + 1) == TYPE_OPT;
	asking->dnssec_ok = asking->edns && query[at + 7] & 0x80;
	return true;
}

static uint8_t *put_address(uint8_t *p, const struct asking *asking)
{
	/* For documentation: RFC 5737, RFC 3849. */
	static const uint8_t ipv4[4] = {198, 51, 100, 7};
	static const uint8_t ipv6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 7};
	unsigned len = asking->qtype == TYPE_A ? 4 : 16;

	p = put16(p, 0xc00c);
	p = put16(p, asking->qtype);
	p = put16(p, 1);
	p = put32(p, 300);
	p = put16(p, len);
	memcpy(p, asking->qtype == TYPE_A ? ipv4 : ipv6, len);
	return p + len;
}

/* An RRSIG over the address (RFC 4034 3.1): right in form, its signature is noise. */
static uint8_t *put_signature(uint8_t *p, const uint8_t *query, const struct asking *asking,
			      unsigned octets)
{
	unsigned qname_len = asking->question_end - 16U;
	uint64_t noise = asking->hash | 1;
	unsigned labels = 0;

	for (const uint8_t *label = query + 12; *label; label += *label + 1)
		labels++;
	p = put16(p, 0xc00c);
	p = put16(p, TYPE_RRSIG);
	p = put16(p, 1);
	p = put32(p, 300);
	p = put16(p, 18 + qname_len + octets);
	p = put16(p, asking->qtype);
	*p++ = 13;
	*p++ = (uint8_t)labels;
	p = put32(p, 300);
	p = put32(p, expiration_s);
	p = put32(p, inception_s);
	p = put16(p, (unsigned)(asking->hash & 0xffff));
	memcpy(p, query + 12, qname_len);
	p += qname_len;
	for (unsigned i = 0; i < octets; i++) {
		if (i % 8 == 0)
			noise = noise * 6364136223846793005U + 1442695040888963407U;
		*p++ = (uint8_t)(noise >> (i % 8 * 8));
	}
	return p;
}

static uint8_t *put_opt(uint8_t *p, bool dnssec_ok, unsigned info_code, const char *text)
{
	size_t text_len = strlen(text);

	*p++ = 0;
	p = put16(p, TYPE_OPT);
	p = put16(p, 1232);
	p = put32(p, dnssec_ok ? 0x8000 : 0);
	p = put16(p, info_code ? (unsigned)(6 + text_len) : 0);
	if (info_code == 0)
		return p;
	p = put16(p, 15); /* RFC 8914 2 */
	p = put16(p, (unsigned)(2 + text_len));
	p = put16(p, info_code);
	memcpy(p, text, text_len);
	return p + text_len;
}

size_t reply_write(uint8_t out[REPLY_MAX], const uint8_t *query, const struct asking *asking,
		   const struct shares *shares, bool stream, bool overloaded)
{
	unsigned share = (unsigned)(asking->hash % 1000);
	bool dead = share >= shares->bogus && share < shares->bogus + shares->dead;
	bool fails = overloaded || dead || (share < shares->bogus && !asking->cd);
	bool truncated = !stream && (asking->hash >> 32) % 1000 < shares->truncated;
	bool answers =
		!fails && !truncated && (asking->qtype == TYPE_A || asking->qtype == TYPE_AAAA);
	bool signs = answers && shares->signature && asking->dnssec_ok;
	uint8_t *p = out + asking->question_end;

	memcpy(out, query, asking->question_end);
	out[2] = (uint8_t)(0x80 | (query[2] & 0x79) | (truncated ? 2 : 0));
	out[3] = (uint8_t)(0x80 | (query[3] & 0x10) | (fails ? RCODE_SERVFAIL_BITS : 0));
	/* RFC 6840 5.8: AD only for those who said that they understand it. */
	if (answers && shares->signature && !asking->cd && (asking->ad || asking->dnssec_ok))
		out[3] |= 0x20;
	put16(out + 6, (unsigned)answers + signs);
	put16(out + 8, 0);
	put16(out + 10, asking->edns);
	if (answers)
		p = put_address(p, asking);
	if (signs)
		p = put_signature(p, query, asking, shares->signature);
	if (asking->edns) {
		unsigned code = !fails || !shares->ede ? 0 : dead || overloaded ? 22 : 9;

		p = put_opt(p, asking->dnssec_ok, code,
			    code == 9 ? "no SEP matching the DS found" : "");
	}
	return (size_t)(p - out);
}
