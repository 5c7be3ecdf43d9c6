/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads questions. Everything here comes from outside: each octet is looked at before it is used.
 */
#include "tools/lab/odd/odd.h"

#include <stdlib.h>
#include <string.h>

#define HEADER	      12
#define MAX_NAME      255
#define TYPE_OPT      41
#define OPTION_COOKIE 10

struct cursor {
	const uint8_t *at, *end;
	bool bad;
};

static uint16_t get16(struct cursor *c)
{
	uint16_t v;

	if (c->bad || c->end - c->at < 2) {
		c->bad = true;
		return 0;
	}
	v = (uint16_t)(c->at[0] << 8 | c->at[1]);
	c->at += 2;
	return v;
}

/* An uncompressed name (a question has nothing to point back to). */
static ldns_rdf *get_name(struct cursor *c)
{
	const uint8_t *start = c->at;
	size_t size;

	while (!c->bad && c->at < c->end && *c->at) {
		if (*c->at > 63 || c->end - c->at < *c->at + 1)
			c->bad = true;
		else
			c->at += *c->at + 1;
	}
	if (c->bad || c->at >= c->end) {
		c->bad = true;
		return NULL;
	}
	c->at++;
	size = (size_t)(c->at - start);
	if (size > MAX_NAME) {
		c->bad = true;
		return NULL;
	}
	return ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, size, start);
}

static bool has_cookie(const uint8_t *options, size_t length)
{
	while (length >= 4) {
		size_t size = 4u + (size_t)(options[2] << 8 | options[3]);

		if (options[0] == 0 && options[1] == OPTION_COOKIE)
			return true;
		if (size > length)
			return false;
		options += size;
		length -= size;
	}
	return false;
}

/* RFC 6891 6.1.2: class is the sender's UDP size, TTL holds version and DO. */
static void get_opt(struct cursor *c, struct query *q, int records)
{
	while (records-- > 0 && !c->bad) {
		ldns_rdf *owner = get_name(c);
		bool root = owner && ldns_rdf_size(owner) == 1;
		uint16_t type = get16(c), class = get16(c), high = get16(c), low = get16(c);
		uint16_t length = get16(c);

		ldns_rdf_deep_free(owner);
		if (c->bad || c->end - c->at < length) {
			c->bad = true;
			return;
		}
		if (type == TYPE_OPT)
			q->cookie |= has_cookie(c->at, length);
		c->at += length;
		if (type != TYPE_OPT || !root)
			continue;
		q->edns = true;
		q->udp_size = class < 512 ? 512 : class;
		q->edns_version = (uint8_t)(high & 0xff);
		q->dnssec_ok = low & 0x8000;
	}
}

struct query *query_parse(const uint8_t *wire, size_t size, bool tcp, ldns_pkt_rcode *rcode)
{
	struct cursor c = {wire, wire + size, false};
	uint16_t id, flags, questions, answers, authorities, additionals;
	struct query *q;

	*rcode = LDNS_RCODE_NOERROR;
	if (size < HEADER)
		return NULL;
	id = get16(&c);
	flags = get16(&c);
	questions = get16(&c);
	answers = get16(&c);
	authorities = get16(&c);
	additionals = get16(&c);
	if (flags & 0x8000) /* an answer: answering answers makes loops */
		return NULL;
	q = calloc(1, sizeof *q);
	if (!q)
		return NULL;
	q->id = id;
	q->opcode = (uint8_t)(flags >> 11 & 15);
	q->rd = flags & 0x0100;
	q->cd = flags & 0x0010;
	q->tcp = tcp;
	q->udp_size = 512;
	if (questions != 1 || answers || authorities || additionals > 8) {
		*rcode = LDNS_RCODE_FORMERR;
		return q;
	}
	q->name = get_name(&c);
	q->type = get16(&c);
	q->class = get16(&c);
	if (!c.bad)
		get_opt(&c, q, additionals);
	if (c.bad) {
		ldns_rdf_deep_free(q->name);
		q->name = NULL;
		*rcode = LDNS_RCODE_FORMERR;
	} else if (q->opcode != LDNS_PACKET_QUERY) {
		*rcode = LDNS_RCODE_NOTIMPL;
	}
	return q;
}

void query_destroy(struct query **q)
{
	if (*q)
		ldns_rdf_deep_free((*q)->name);
	free(*q);
	*q = NULL;
}
