/* SPDX-License-Identifier: BSD-2-Clause */

/* What a signature is over: the RRset in canonical form and order (RFC 4034 3.1.8.1, 6). */
#include "scanner/chain/chain_inner.h"

#include <stdlib.h>
#include <string.h>

static int compare_pieces(const void *a, const void *b, void *bytes)
{
	const struct piece *x = a, *y = b;
	size_t shorter = x->len < y->len ? x->len : y->len;
	int order = memcmp((uint8_t *)bytes + x->at, (uint8_t *)bytes + y->at, shorter);

	return order ? order : (x->len > y->len) - (x->len < y->len);
}

bool rrset_canonical(struct chain_call *call, unsigned sections, const uint8_t *owner,
		     uint16_t type)
{
	const struct record *record;
	unsigned at = 0;

	free(call->piece);
	call->piece = calloc(call->records.count, sizeof *call->piece);
	call->pieces = 0;
	ldns_buffer_clear(call->canonical);
	while ((record = records_next(&call->records, &at, sections, owner, type))) {
		int32_t len = record_canonical(&call->records, record, call->scratch);

		if (!call->piece || len < 0 || len > UINT16_MAX ||
		    !ldns_buffer_reserve(call->canonical, (size_t)len))
			return false;
		call->piece[call->pieces++] = (struct piece){
			(uint32_t)ldns_buffer_position(call->canonical), (uint32_t)len};
		ldns_buffer_write(call->canonical, call->scratch, (size_t)len);
	}
	if (call->pieces > 0)
		qsort_r(call->piece, call->pieces, sizeof *call->piece, compare_pieces,
			ldns_buffer_begin(call->canonical));
	return true;
}

unsigned rrsig_labels_of(const uint8_t *owner)
{
	return dname_labels(owner) - dname_is_wildcard(owner);
}

static void write_records(struct chain_call *call, const uint8_t *owner, uint16_t type,
			  uint32_t original_ttl)
{
	uint8_t *bytes = ldns_buffer_begin(call->canonical);
	size_t owner_len = dname_len(owner);

	for (unsigned i = 0; i < call->pieces; i++) {
		const struct piece *piece = &call->piece[i];

		/* RFC 4034 6.3: the same record twice counts once. */
		if (i > 0 && compare_pieces(piece - 1, piece, bytes) == 0)
			continue;
		ldns_buffer_write(call->data, owner, owner_len);
		ldns_buffer_write_u16(call->data, type);
		ldns_buffer_write_u16(call->data, LDNS_RR_CLASS_IN);
		ldns_buffer_write_u32(call->data, original_ttl);
		ldns_buffer_write_u16(call->data, (uint16_t)piece->len);
		ldns_buffer_write(call->data, bytes + piece->at, piece->len);
	}
}

bool rrset_signed_data(struct chain_call *call, const struct rrsig *rrsig, const uint8_t *owner,
		       uint16_t type)
{
	uint8_t name[DNAME_MAX];

	/* RFC 4035 5.3.2: a name made out of a wildcard is signed as the wildcard. */
	if (rrsig->labels >= rrsig_labels_of(owner))
		dname_copy(name, owner);
	else if (!dname_wildcard(name, dname_last(owner, rrsig->labels)))
		return false;
	ldns_buffer_clear(call->data);
	if (!ldns_buffer_reserve(call->data, RRSIG_FIXED + DNAME_MAX +
						     call->pieces * (dname_len(name) + 10) +
						     ldns_buffer_position(call->canonical)))
		return false;
	ldns_buffer_write(call->data, record_rdata(&call->records, rrsig->record), RRSIG_FIXED);
	ldns_buffer_write(call->data, rrsig->signer, dname_len(rrsig->signer));
	write_records(call, name, type, rrsig->original_ttl);
	return true;
}

static uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t get32(const uint8_t *at)
{
	return (uint32_t)get16(at) << 16 | get16(at + 2);
}

bool rrsig_read(const struct records *records, const struct record *record, struct rrsig *rrsig)
{
	const uint8_t *rdata = record_rdata(records, record);
	size_t at;

	if (record->rdata_len < RRSIG_FIXED + 1)
		return false;
	*rrsig = (struct rrsig){
		.record = record,
		.type_covered = get16(rdata),
		.algorithm = rdata[2],
		.labels = rdata[3],
		.original_ttl = get32(rdata + 4),
		.expiration = get32(rdata + 8),
		.inception = get32(rdata + 12),
		.key_tag = get16(rdata + 16),
	};
	at = record_name(records, record, RRSIG_FIXED, rrsig->signer);
	if (at == 0)
		return false;
	rrsig->signature = rdata + at;
	rrsig->signature_len = record->rdata_len - at;
	return true;
}
