/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes answers: ldns does the sound part, the malformed ones are made by hand. */
#include "tools/lab/odd/odd.h"

#include <stdlib.h>
#include <string.h>

static void in_upper_case(ldns_rdf *name)
{
	for (size_t i = 0; i < ldns_rdf_size(name); i++) {
		uint8_t *octet = ldns_rdf_data(name) + i;

		*octet = *octet >= 'a' && *octet <= 'z' ? (uint8_t)(*octet - 'a' + 'A') : *octet;
	}
}

static ldns_pkt *packet_of(const struct query *q, const struct answer *a,
			   const struct behaviour *how)
{
	static const ldns_pkt_section sections[3] = {LDNS_SECTION_ANSWER, LDNS_SECTION_AUTHORITY,
						     LDNS_SECTION_ADDITIONAL};
	ldns_pkt *p = ldns_pkt_new();

	if (!p)
		return NULL;
	ldns_pkt_set_id(p, q->id);
	ldns_pkt_set_qr(p, true);
	ldns_pkt_set_opcode(p, (ldns_pkt_opcode)q->opcode);
	ldns_pkt_set_aa(p, a->aa);
	ldns_pkt_set_rd(p, q->rd);
	ldns_pkt_set_ra(p, how && how->no_aa);
	ldns_pkt_set_rcode(p, (uint8_t)(a->rcode & 15));
	if (q->name && !(how && how->no_question)) {
		ldns_rr *question = ldns_rr_new();

		ldns_rr_set_owner(question, ldns_rdf_clone(q->name));
		ldns_rr_set_question(question, true);
		ldns_rr_set_type(question, (ldns_rr_type)q->type);
		ldns_rr_set_class(question, (ldns_rr_class)q->class);
		if (how && how->lower_case)
			ldns_dname2canonical(ldns_rr_owner(question));
		if (how && how->upper_case)
			in_upper_case(ldns_rr_owner(question));
		ldns_pkt_push_rr(p, LDNS_SECTION_QUESTION, question);
	}
	for (int s = 0; s < 3; s++) {
		for (size_t i = 0; i < ldns_rr_list_rr_count(a->section[s]); i++)
			ldns_pkt_push_rr(p, sections[s],
					 ldns_rr_clone(ldns_rr_list_rr(a->section[s], i)));
	}
	if (q->edns && !(how && (how->edns_formerr || how->strip))) {
		ldns_pkt_set_edns_udp_size(p, ODD_UDP_SIZE);
		ldns_pkt_set_edns_do(p, q->dnssec_ok);
		ldns_pkt_set_edns_extended_rcode(p, (uint8_t)(a->rcode >> 4));
	}
	return p;
}

static void put16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* Adds one record whose owner is the question, as octets that no library would write. */
static uint8_t *with_bad_record(uint8_t *wire, size_t *size, const struct query *q, bool long_name)
{
	static const uint8_t fixed[] = {0xc0, 12, 0, 0, 0, 1, 0, 0, 0, 60, 0, 0};
	uint8_t *bigger = realloc(wire, *size + sizeof fixed + 400), *at;

	if (!bigger)
		return wire;
	at = bigger + *size;
	memcpy(at, fixed, sizeof fixed);
	put16(at + 2, long_name ? LDNS_RR_TYPE_CNAME : q->type);
	if (!long_name) { /* an address of three octets */
		put16(at + 10, 3);
		memcpy(at + 12, "\x05\x35\x08", 3);
		*size += sizeof fixed + 3;
	} else { /* a name of 5 * 64 octets, longer than RFC 1035 allows */
		put16(at + 10, 5 * 64 + 1);
		for (int i = 0; i < 5; i++) {
			at[12 + i * 64] = 63;
			memset(at + 13 + i * 64, 'a' + i, 63);
		}
		at[12 + 5 * 64] = 0;
		*size += sizeof fixed + 5 * 64 + 1;
	}
	put16(bigger + 6, 1);
	return bigger;
}

uint8_t *answer_wire(const struct query *q, const struct answer *a, const struct behaviour *how,
		     size_t *size)
{
	bool bad = how && (how->bad_rdata || how->long_name) &&
		   (q->type == LDNS_RR_TYPE_A || q->type == LDNS_RR_TYPE_AAAA);
	struct query plain = *q;
	struct answer none;
	ldns_pkt *p;
	uint8_t *wire = NULL;

	answer_init(&none);
	if (bad)
		plain.edns = false; /* the OPT record would have to come after */
	p = packet_of(&plain, bad ? &none : a, how);
	answer_clear(&none);
	if (!p || ldns_pkt2wire(&wire, p, size) != LDNS_STATUS_OK)
		wire = NULL;
	ldns_pkt_free(p);
	if (wire && bad)
		return with_bad_record(wire, size, q, how->long_name);
	if (wire && how && how->trailing) {
		uint8_t *longer = realloc(wire, *size + 7);

		if (longer) {
			memset(longer + *size, 0, 7);
			*size += 7;
			wire = longer;
		}
	}
	if (wire && how && how->header_only) {
		*size = 12;
		memset(wire + 4, 0, 8);
	}
	if (wire) { /* ldns hands out 64 kB whatever the size; late answers are kept */
		uint8_t *small = realloc(wire, *size);

		wire = small ? small : wire;
	}
	return wire;
}
