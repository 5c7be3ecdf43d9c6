/* SPDX-License-Identifier: BSD-2-Clause */
/* What a sound authoritative server answers: RFC 1034 4.3.2, RFC 4035 3.1, RFC 5155 7.2. */
#include "tools/lab/odd/odd.h"

#include <stdlib.h>
#include <string.h>

enum { ANSWER, AUTHORITY, ADDITIONAL };

#define MAX_ALIASES 32

void answer_init(struct answer *a)
{
	a->rcode = LDNS_RCODE_NOERROR;
	a->aa = true;
	for (int i = 0; i < 3; i++)
		a->section[i] = ldns_rr_list_new();
}

void answer_clear(struct answer *a)
{
	for (int i = 0; i < 3; i++) {
		ldns_rr_list_deep_free(a->section[i]);
		a->section[i] = NULL;
	}
}

bool answer_push(struct answer *a, int section, const char *text)
{
	ldns_rr *rr = NULL;

	if (ldns_rr_new_frm_str(&rr, text, 60, NULL, NULL) != LDNS_STATUS_OK)
		return false;
	return ldns_rr_list_push_rr(a->section[section], rr);
}

static bool covers(const ldns_rr *rr, ldns_rr_type type)
{
	return ldns_rr_get_type(rr) == LDNS_RR_TYPE_RRSIG &&
	       ldns_rdf2rr_type(ldns_rr_rrsig_typecovered(rr)) == type;
}

/* Adds an RRset, and its signatures when they are wanted; owner: for wildcards, or NULL. */
static size_t push_rrset(struct answer *a, int section, const struct node *node, ldns_rr_type type,
			 bool dnssec_ok, const ldns_rdf *owner)
{
	size_t n = 0;

	for (size_t i = 0; i < ldns_rr_list_rr_count(node->rrs); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(node->rrs, i);
		bool data = ldns_rr_get_type(rr) == type || type == LDNS_RR_TYPE_ANY;
		ldns_rr *copy;

		if (!data && !(dnssec_ok && covers(rr, type)))
			continue;
		copy = ldns_rr_clone(rr);
		if (owner) {
			ldns_rdf_deep_free(ldns_rr_owner(copy));
			ldns_rr_set_owner(copy, ldns_rdf_clone(owner));
		}
		ldns_rr_list_push_rr(a->section[section], copy);
		n += data;
	}
	return n;
}

/* The same proof may be needed twice in one answer, and is sent once. */
static void push_proof(struct answer *a, const struct node *node)
{
	ldns_rr_type type;

	if (!node)
		return;
	type = node_has(node, LDNS_RR_TYPE_NSEC3) ? LDNS_RR_TYPE_NSEC3 : LDNS_RR_TYPE_NSEC;
	for (size_t i = 0; i < ldns_rr_list_rr_count(a->section[AUTHORITY]); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(a->section[AUTHORITY], i);

		if (ldns_rr_get_type(rr) == type &&
		    ldns_dname_compare(ldns_rr_owner(rr), node->name) == 0)
			return;
	}
	push_rrset(a, AUTHORITY, node, type, true, NULL);
}

static ldns_rdf *closest_encloser(const struct zonedb *db, const ldns_rdf *name, ldns_rdf **next)
{
	ldns_rdf *closer = ldns_rdf_clone(name), *up = ldns_dname_left_chop(closer);

	while (up && ldns_dname_label_count(up) > ldns_dname_label_count(db->apex) &&
	       !zonedb_exists(db, up)) {
		ldns_rdf_deep_free(closer);
		closer = up;
		up = ldns_dname_left_chop(closer);
	}
	*next = closer;
	return up;
}

static ldns_rdf *wildcard_at(const ldns_rdf *encloser)
{
	ldns_rdf *star = ldns_dname_new_frm_str("*");

	ldns_dname_cat(star, encloser);
	return star;
}

/* Proves that a name does not exist; with wildcard, that none would do instead. */
static void deny_name(const struct zonedb *db, const ldns_rdf *name, bool wildcard,
		      struct answer *a)
{
	ldns_rdf *next = NULL, *encloser = closest_encloser(db, name, &next);
	ldns_rdf *star = encloser ? wildcard_at(encloser) : NULL;

	if (star && db->n_hashed) {
		if (wildcard)
			push_proof(a, zonedb_hash_match(db, encloser));
		push_proof(a, zonedb_hash_cover(db, next));
		if (wildcard)
			push_proof(a, zonedb_hash_cover(db, star));
	} else if (star) {
		push_proof(a, zonedb_before(db, name));
		if (wildcard)
			push_proof(a, zonedb_before(db, star));
	}
	ldns_rdf_deep_free(star);
	ldns_rdf_deep_free(next);
	ldns_rdf_deep_free(encloser);
}

static void push_soa(const struct zonedb *db, const struct query *q, struct answer *a)
{
	const struct node *apex = zonedb_find(db, db->apex);

	if (apex)
		push_rrset(a, AUTHORITY, apex, LDNS_RR_TYPE_SOA, q->dnssec_ok, NULL);
}

static void say_nodata(const struct zonedb *db, const struct query *q, const ldns_rdf *name,
		       struct answer *a)
{
	const struct node *match;

	push_soa(db, q, a);
	if (!q->dnssec_ok)
		return;
	if (!db->n_hashed) {
		push_proof(a, zonedb_before(db, name));
		return;
	}
	match = zonedb_hash_match(db, name);
	if (match)
		push_proof(a, match);
	else /* opt-out, RFC 5155 7.2.4: a DS that is not there */
		deny_name(db, name, true, a);
}

static void push_glue(const struct zonedb *db, const struct node *cut, struct answer *a)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(cut->rrs); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(cut->rrs, i);
		const struct node *host;

		if (ldns_rr_get_type(rr) != LDNS_RR_TYPE_NS)
			continue;
		host = zonedb_find(db, ldns_rr_rdf(rr, 0));
		if (host) {
			push_rrset(a, ADDITIONAL, host, LDNS_RR_TYPE_A, false, NULL);
			push_rrset(a, ADDITIONAL, host, LDNS_RR_TYPE_AAAA, false, NULL);
		}
	}
}

static void say_referral(const struct zonedb *db, const struct query *q, const struct node *cut,
			 struct answer *a)
{
	a->aa = false;
	push_rrset(a, AUTHORITY, cut, LDNS_RR_TYPE_NS, false, NULL);
	if (q->dnssec_ok && !push_rrset(a, AUTHORITY, cut, LDNS_RR_TYPE_DS, true, NULL)) {
		const struct node *match = db->n_hashed ? zonedb_hash_match(db, cut->name) : cut;

		if (match && (db->n_hashed || node_has(cut, LDNS_RR_TYPE_NSEC)))
			push_proof(a, match);
		else if (db->n_hashed)
			deny_name(db, cut->name, true, a);
	}
	push_glue(db, cut, a);
}

/* The zone cut, or DNAME, at or above a name, seen from the apex; NULL: none. */
static const struct node *barrier(const struct zonedb *db, const ldns_rdf *name, uint16_t type)
{
	uint8_t labels = ldns_dname_label_count(name), apex = ldns_dname_label_count(db->apex);

	for (uint8_t i = (uint8_t)(labels - apex + 1); i-- > 0;) {
		ldns_rdf *up = ldns_dname_clone_from(name, i);
		const struct node *node = zonedb_find(db, up);

		ldns_rdf_deep_free(up);
		if (!node)
			continue;
		if (i > 0 && node_has(node, LDNS_RR_TYPE_DNAME))
			return node;
		if (labels - i > apex && node_has(node, LDNS_RR_TYPE_NS) &&
		    !(i == 0 && type == LDNS_RR_TYPE_DS))
			return node;
	}
	return NULL;
}

static const ldns_rr *first_of(const struct node *node, ldns_rr_type type)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(node->rrs); i++) {
		if (ldns_rr_get_type(ldns_rr_list_rr(node->rrs, i)) == type)
			return ldns_rr_list_rr(node->rrs, i);
	}
	return NULL;
}

/* RFC 6672 3.1: the DNAME, and a CNAME made from it. Returns the target. */
static ldns_rdf *say_dname(const struct query *q, const struct node *node, const ldns_rdf *name,
			   struct answer *a)
{
	const ldns_rr *dname = first_of(node, LDNS_RR_TYPE_DNAME);
	ldns_rdf *prefix = ldns_dname_reverse(name), *target;
	ldns_rr *cname;

	ldns_rdf_deep_free(prefix);
	prefix = ldns_dname_label(name, 0);
	for (uint8_t i = 1; i < ldns_dname_label_count(name) - ldns_dname_label_count(node->name);
	     i++) {
		ldns_rdf *label = ldns_dname_label(name, i);

		ldns_dname_cat(prefix, label);
		ldns_rdf_deep_free(label);
	}
	push_rrset(a, ANSWER, node, LDNS_RR_TYPE_DNAME, q->dnssec_ok, NULL);
	target = ldns_dname_cat_clone(prefix, ldns_rr_rdf(dname, 0));
	ldns_rdf_deep_free(prefix);
	if (!target || ldns_rdf_size(target) > LDNS_MAX_DOMAINLEN) {
		a->rcode = LDNS_RCODE_YXDOMAIN;
		ldns_rdf_deep_free(target);
		return NULL;
	}
	cname = ldns_rr_new_frm_type(LDNS_RR_TYPE_CNAME);
	ldns_rr_set_owner(cname, ldns_rdf_clone(name));
	ldns_rr_set_ttl(cname, ldns_rr_ttl(dname));
	ldns_rdf_deep_free(ldns_rr_set_rdf(cname, ldns_rdf_clone(target), 0));
	ldns_rr_list_push_rr(a->section[ANSWER], cname);
	return target;
}

/* Answers for one name. Returns the alias to go on with, or NULL when all is said. */
static ldns_rdf *step(const struct zonedb *db, const struct query *q, const ldns_rdf *name,
		      struct answer *a)
{
	const struct node *stop = barrier(db, name, q->type), *node = zonedb_find(db, name);
	const ldns_rdf *owner = NULL;
	ldns_rdf *next = NULL, *encloser, *star;

	if (stop && node_has(stop, LDNS_RR_TYPE_DNAME))
		return say_dname(q, stop, name, a);
	if (stop) {
		say_referral(db, q, stop, a);
		return NULL;
	}
	if (!node && !zonedb_exists(db, name)) {
		encloser = closest_encloser(db, name, &next);
		star = wildcard_at(encloser);
		node = zonedb_find(db, star);
		owner = name;
		ldns_rdf_deep_free(star);
		ldns_rdf_deep_free(next);
		ldns_rdf_deep_free(encloser);
		if (!node) {
			a->rcode = LDNS_RCODE_NXDOMAIN;
			push_soa(db, q, a);
			if (q->dnssec_ok)
				deny_name(db, name, true, a);
			return NULL;
		}
		if (q->dnssec_ok)
			deny_name(db, name, false, a);
	}
	if (node && q->type != LDNS_RR_TYPE_CNAME && node_has(node, LDNS_RR_TYPE_CNAME)) {
		push_rrset(a, ANSWER, node, LDNS_RR_TYPE_CNAME, q->dnssec_ok, owner);
		return ldns_rdf_clone(ldns_rr_rdf(first_of(node, LDNS_RR_TYPE_CNAME), 0));
	}
	if (!node || !push_rrset(a, ANSWER, node, q->type, q->dnssec_ok, owner))
		say_nodata(db, q, owner ? node->name : name, a);
	return NULL;
}

void answer_find(const struct zonedb *db, const struct query *q, bool one_alias, struct answer *a)
{
	ldns_rdf *name = ldns_rdf_clone(q->name);

	for (int i = 0; name && i < MAX_ALIASES; i++) {
		ldns_rdf *next = step(db, q, name, a);

		ldns_rdf_deep_free(name);
		name = next;
		if (name && (one_alias || (!ldns_dname_is_subdomain(name, db->apex) &&
					   ldns_dname_compare(name, db->apex) != 0)))
			break;
	}
	ldns_rdf_deep_free(name);
}
