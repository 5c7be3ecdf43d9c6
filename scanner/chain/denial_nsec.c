/* SPDX-License-Identifier: BSD-2-Clause */

/* Denial by NSEC: RFC 4035 5.4, RFC 6840 4, RFC 8020, RFC 9824. */
#include "scanner/chain/denial.h"

static bool is_signed(const struct denial *denial, const struct denial_record *record)
{
	return !record->nsec3 && (record->good || denial->pretend);
}

/* RFC 4034 4.1.1: the next name is one of the same zone. BIND and unbound take no other for a
 * proof, of whatever. */
static bool leads_out(const struct denial *denial, const struct denial_record *record)
{
	return !dname_under(record->next, denial->zone);
}

static bool counts(const struct denial *denial, const struct denial_record *record)
{
	return is_signed(denial, record) && !leads_out(denial, record);
}

static const struct denial_record *matching(const struct denial *denial, const uint8_t *name)
{
	for (unsigned i = 0; i < denial->count; i++)
		if (counts(denial, &denial->record[i]) &&
		    dname_equal(denial->record[i].owner, name))
			return &denial->record[i];
	return NULL;
}

/* RFC 6840 4.1: what lies below a delegation or a DNAME is not the NSEC's to deny. */
static bool cut_above(const struct denial_record *record, const uint8_t *name)
{
	return dname_below(name, record->owner) &&
	       ((denial_type(record, TYPE_NS) && !denial_type(record, TYPE_SOA)) ||
		denial_type(record, TYPE_DNAME));
}

static bool covers(const struct denial *denial, const struct denial_record *record,
		   const uint8_t *name)
{
	if (dname_compare(record->owner, name) >= 0 || cut_above(record, name))
		return false;
	/* The zone's last NSEC leads back to its apex. */
	return dname_compare(name, record->next) < 0 || dname_equal(record->next, denial->zone);
}

static const struct denial_record *covering(const struct denial *denial, const uint8_t *name)
{
	for (unsigned i = 0; i < denial->count; i++)
		if (counts(denial, &denial->record[i]) && covers(denial, &denial->record[i], name))
			return &denial->record[i];
	return NULL;
}

enum denial_verdict nsec_lacking(struct denial *denial, const uint8_t *qname)
{
	for (unsigned i = 0; i < denial->count; i++) {
		const struct denial_record *record = &denial->record[i];

		/* RFC 4034 4.1.1: forwards, and back to the apex at the end */
		bool sound = dname_equal(record->next, denial->zone) ||
			     dname_compare(record->next, record->owner) > 0;

		if (is_signed(denial, record) && leads_out(denial, record)) {
			denial_why(denial, "the NSEC of %s leads out of the zone (RFC 4034 4.1.1)",
				   record->owner);
			return DENIAL_WRONG;
		}
		if (counts(denial, record) && (!sound || cut_above(record, qname)))
			return DENIAL_WRONG;
	}
	return DENIAL_MISSING;
}

/* The closest encloser that the covering NSEC shows: the longest name that its two ends share with
 * the one denied. */
static unsigned encloser_labels(const struct denial_record *record, const uint8_t *name)
{
	unsigned by_owner = dname_common(record->owner, name);
	unsigned by_next = dname_common(record->next, name);

	return by_owner > by_next ? by_owner : by_next;
}

enum denial_verdict nsec_nxdomain(struct denial *denial, const uint8_t *qname)
{
	const struct denial_record *match = matching(denial, qname), *cover;
	uint8_t wildcard[DNAME_MAX];

	if (match) {
		/* RFC 9824 3.5, 5: a name that is there only to say that it is not. NOERROR belongs
		 * to it, unless the question has CO set; to most validators the name exists. */
		denial_why(denial,
			   denial_type(match, TYPE_NXNAME)
				   ? "the answer is NXDOMAIN, and the NSEC of %s (NXNAME) a proof "
				     "for NOERROR, which most validators do not take for it"
				   : "the answer is NXDOMAIN, and the NSEC of %s says that the "
				     "name exists",
			   qname);
		return DENIAL_WRONG;
	}
	cover = covering(denial, qname);
	if (!cover) {
		denial_why(denial, "no NSEC covers %s", qname);
		return nsec_lacking(denial, qname);
	}
	if (dname_below(cover->next, qname)) {
		denial_why(denial, "the NSEC that covers %s shows names below it: it exists",
			   qname);
		return DENIAL_WRONG;
	}
	if (!dname_wildcard(wildcard, dname_last(qname, encloser_labels(cover, qname))))
		return DENIAL_PROVED; /* no name could be that long */
	if (matching(denial, wildcard)) {
		denial_why(denial, "an NSEC says that the wildcard %s exists", wildcard);
		return DENIAL_WRONG;
	}
	if (covering(denial, wildcard))
		return DENIAL_PROVED;
	denial_why(denial, "no NSEC covers the wildcard %s", wildcard);
	return nsec_lacking(denial, qname);
}

/* Are they all about other names? Where the zone lacks the NSEC of a name that it has, its server
 * gives the one before, which leads to it; one from elsewhere is a server's mistake. */
static bool stray(const struct denial *denial, const uint8_t *qname)
{
	bool any = false;

	for (unsigned i = 0; i < denial->count; i++) {
		const struct denial_record *record = &denial->record[i];

		if (!counts(denial, record))
			continue;
		if (dname_equal(record->next, qname) || dname_under(qname, record->owner))
			return false;
		any = true;
	}
	return any;
}

enum denial_verdict nsec_nodata(struct denial *denial, const uint8_t *qname, uint16_t qtype)
{
	const struct denial_record *match = matching(denial, qname), *cover;
	uint8_t wildcard[DNAME_MAX];

	denial->by_match = match != NULL;
	if (match)
		return denial_types_deny(denial, match, qname, qtype) ? DENIAL_PROVED
								      : DENIAL_WRONG;
	cover = covering(denial, qname);
	if (!cover) {
		bool others = stray(denial, qname);

		denial_why(denial,
			   others ? "the NSECs given are other names': none is at %s or covers it"
				  : "no NSEC is at %s or covers it",
			   qname);
		return others ? DENIAL_WRONG : nsec_lacking(denial, qname);
	}
	if (dname_below(cover->next, qname))
		return DENIAL_PROVED; /* an empty non-terminal: RFC 4592 2.2.2, RFC 8020 */
	denial_why(denial, "the NSEC says that %s does not exist, the answer says it does", qname);
	if (!dname_wildcard(wildcard, dname_last(qname, encloser_labels(cover, qname))))
		return DENIAL_WRONG;
	match = matching(denial, wildcard);
	if (match)
		return denial_types_deny(denial, match, wildcard, qtype) ? DENIAL_PROVED
									 : DENIAL_WRONG;
	return covering(denial, wildcard) ? DENIAL_WRONG : nsec_lacking(denial, qname);
}

enum denial_verdict nsec_wildcard(struct denial *denial, const uint8_t *qname, unsigned labels)
{
	const uint8_t *next_closer = dname_last(qname, labels + 1);
	const struct denial_record *cover = covering(denial, next_closer);

	/* RFC 4035 5.3.4 */
	if (cover && !dname_under(cover->next, next_closer))
		return DENIAL_PROVED;
	if (cover || matching(denial, next_closer)) {
		denial_why(denial, "an NSEC shows that %s itself exists", next_closer);
		return DENIAL_WRONG;
	}
	denial_why(denial, "no NSEC shows that %s itself does not exist", next_closer);
	return nsec_lacking(denial, qname);
}
