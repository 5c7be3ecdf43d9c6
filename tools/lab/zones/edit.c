/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one edit that breaks a zone. After signing ("edit") or, for denial records, before it
 * ("wrong": the signer signs a lie):
 *	drop SELECTOR
 *	flip SELECTOR			one octet of signature, key, next hash or address
 *	set SELECTOR FIELD VALUE	flags protocol algorithm key | covered labels ottl
 *expiration inception tag signer | iterations salt next types | address dates SELECTOR WINDOW
 *the dates of a signature, without signing again
 *	rename SELECTOR			another owner (an NSEC3's hash)
 *	narrow SELECTOR			an NSEC3's next hash becomes its own plus one: covers
 *nothing cut SELECTOR			the last field loses its second half add LABEL TYPE RDATA
 *a record the signer never saw SELECTOR: TYPE or RRSIG(TYPE), then /ksk or /zsk (keys and their
 *signatures), then @LABEL or
 * @~LABEL (the NSEC3 of that name). The selector "*" is any record.
 */
#include "tools/lab/zones/world.h"

#include <stdlib.h>
#include <string.h>

struct selector {
	ldns_rr_type type, covered;
	const struct zone_key *key;
	ldns_rdf *owner;
	bool any;
};

static ldns_rdf *owner_of(const struct zone *z, const char *label)
{
	bool hashed = *label == '~';
	char text[600];
	ldns_rdf *name, *hash, *apex;

	label += hashed;
	if (strcmp(label, "@") == 0)
		snprintf(text, sizeof text, "%s", z->name);
	else
		snprintf(text, sizeof text, "%s.%s", label, strcmp(z->name, ".") ? z->name : "");
	name = ldns_dname_new_frm_str(text);
	if (!hashed)
		return name;
	hash = ldns_nsec3_hash_name(name, LDNS_SHA1, 0, 0, NULL);
	apex = ldns_dname_new_frm_str(z->name);
	ldns_dname_cat(hash, apex);
	ldns_rdf_deep_free(name);
	ldns_rdf_deep_free(apex);
	return hash;
}

static bool parse_selector(const struct zone *z, const char *text, struct selector *s)
{
	char name[32];
	size_t n = strcspn(text, "(/@");

	memset(s, 0, sizeof *s);
	s->any = *text == '*';
	if (s->any)
		return true;
	snprintf(name, sizeof name, "%.*s", (int)n, text);
	s->type = ldns_get_rr_type_by_name(name);
	text += n;
	if (*text == '(') {
		snprintf(name, sizeof name, "%.*s", (int)strcspn(text + 1, ")"), text + 1);
		s->covered = ldns_get_rr_type_by_name(name);
		text += strcspn(text, ")") + 1;
	}
	if (*text == '/') {
		s->key = text[1] == 'k' ? &z->ksk : &z->zsk;
		text += 4;
	}
	if (*text == '@')
		s->owner = owner_of(z, text + 1);
	return s->type != 0;
}

static bool selected(const struct selector *s, const ldns_rr *rr)
{
	if (s->any)
		return true;
	if (ldns_rr_get_type(rr) != s->type)
		return false;
	if (s->covered && ldns_rdf2rr_type(ldns_rr_rrsig_typecovered(rr)) != s->covered)
		return false;
	if (s->owner && ldns_dname_compare(ldns_rr_owner(rr), s->owner) != 0)
		return false;
	if (!s->key)
		return true;
	if (s->type == LDNS_RR_TYPE_RRSIG)
		return ldns_rdf2native_int16(ldns_rr_rrsig_keytag(rr)) ==
		       ldns_key_keytag(s->key->key);
	return ldns_rr_compare(rr, s->key->dnskey) == 0;
}

static const struct {
	ldns_rr_type type;
	const char *name;
	size_t field;
} fields[] = {
	{LDNS_RR_TYPE_DNSKEY, "flags", 0},
	{LDNS_RR_TYPE_DNSKEY, "protocol", 1},
	{LDNS_RR_TYPE_DNSKEY, "algorithm", 2},
	{LDNS_RR_TYPE_DNSKEY, "key", 3},
	{LDNS_RR_TYPE_RRSIG, "covered", 0},
	{LDNS_RR_TYPE_RRSIG, "algorithm", 1},
	{LDNS_RR_TYPE_RRSIG, "labels", 2},
	{LDNS_RR_TYPE_RRSIG, "ottl", 3},
	{LDNS_RR_TYPE_RRSIG, "expiration", 4},
	{LDNS_RR_TYPE_RRSIG, "inception", 5},
	{LDNS_RR_TYPE_RRSIG, "tag", 6},
	{LDNS_RR_TYPE_RRSIG, "signer", 7},
	{LDNS_RR_TYPE_NSEC3, "algorithm", 0},
	{LDNS_RR_TYPE_NSEC3, "flags", 1},
	{LDNS_RR_TYPE_NSEC3, "iterations", 2},
	{LDNS_RR_TYPE_NSEC3, "salt", 3},
	{LDNS_RR_TYPE_NSEC3, "next", 4},
	{LDNS_RR_TYPE_NSEC3, "types", 5},
	{LDNS_RR_TYPE_NSEC3PARAM, "salt", 3},
	{LDNS_RR_TYPE_NSEC3PARAM, "algorithm", 0},
	{LDNS_RR_TYPE_NSEC3PARAM, "iterations", 2},
	{LDNS_RR_TYPE_NSEC, "next", 0},
	{LDNS_RR_TYPE_NSEC, "types", 1},
	{LDNS_RR_TYPE_A, "address", 0},
	{LDNS_RR_TYPE_DS, "digest", 3},
	{LDNS_RR_TYPE_DS, "tag", 0},
};

static bool set_field(ldns_rr *rr, const char *name, const char *value)
{
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		ldns_rdf *now, *new;

		if (fields[i].type != ldns_rr_get_type(rr) || strcmp(fields[i].name, name) != 0)
			continue;
		now = ldns_rr_rdf(rr, fields[i].field);
		new = ldns_rdf_new_frm_str(ldns_rdf_get_type(now), value);
		if (!new)
			return false;
		ldns_rdf_deep_free(ldns_rr_set_rdf(rr, new, fields[i].field));
		return true;
	}
	return false;
}

/* The field in which a wrong octet hurts most, and which octet. */
static void flip(ldns_rr *rr)
{
	size_t last = ldns_rr_rd_count(rr) - 1;
	ldns_rdf *rdf = ldns_rr_rdf(rr, ldns_rr_get_type(rr) == LDNS_RR_TYPE_NSEC3 ? 4 : last);
	size_t size = ldns_rdf_size(rdf);

	ldns_rdf_data(rdf)[ldns_rr_get_type(rr) == LDNS_RR_TYPE_A ? size - 1 : size / 2] ^= 0x15;
}

static void set_dates(ldns_rr *rr, const struct window *window)
{
	ldns_rdf *from = ldns_native2rdf_int32(LDNS_RDF_TYPE_TIME, window->inception);
	ldns_rdf *to = ldns_native2rdf_int32(LDNS_RDF_TYPE_TIME, window->expiration);

	ldns_rdf_deep_free(ldns_rr_set_rdf(rr, to, 4));
	ldns_rdf_deep_free(ldns_rr_set_rdf(rr, from, 5));
}

/* Another hash: the first letter of the owner's first label becomes another one of base32hex. */
static void rename_owner(ldns_rr *rr)
{
	uint8_t *name = ldns_rdf_data(ldns_rr_owner(rr));

	name[1] = name[1] == '0' ? '1' : name[1] == 'v' ? 'u' : (uint8_t)(name[1] ^ 1);
	if (!((name[1] >= '0' && name[1] <= '9') || (name[1] >= 'a' && name[1] <= 'v')))
		name[1] = 'k';
}

static void narrow(ldns_rr *rr)
{
	ldns_rdf *label = ldns_dname_label(ldns_rr_owner(rr), 0), *next = NULL;
	char *text = ldns_rdf2str(label);

	text[strcspn(text, ".")] = '\0';
	if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_NSEC3 &&
	    ldns_str2rdf_b32_ext(&next, text) == LDNS_STATUS_OK) {
		ldns_rdf_data(next)[ldns_rdf_size(next) - 1]++;
		ldns_rdf_deep_free(ldns_rr_set_rdf(rr, next, 4));
	}
	free(text);
	ldns_rdf_deep_free(label);
}

static bool edit_one(struct world *w, ldns_rr *rr, const char *op, char *args)
{
	struct window window;
	ldns_rdf *last = ldns_rr_rdf(rr, ldns_rr_rd_count(rr) - 1);

	if (strcmp(op, "flip") == 0) {
		flip(rr);
	} else if (strcmp(op, "rename") == 0) {
		rename_owner(rr);
	} else if (strcmp(op, "narrow") == 0) {
		narrow(rr);
	} else if (strcmp(op, "cut") == 0) {
		ldns_rdf_set_size(last, ldns_rdf_size(last) / 2);
	} else if (strcmp(op, "dates") == 0) {
		if (!window_of(w, args, &window))
			return false;
		set_dates(rr, &window);
	} else if (strcmp(op, "set") == 0) {
		char *text = strdup(args), *value = text, *name = strsep(&value, " ");
		bool good = value && set_field(rr, name, value);

		free(text);
		return good;
	} else {
		return false;
	}
	return true;
}

static void drop(ldns_rr_list *list, const struct selector *s, size_t *hits)
{
	size_t kept = 0, n = ldns_rr_list_rr_count(list);

	for (size_t i = 0; i < n; i++) {
		ldns_rr *rr = ldns_rr_list_rr(list, i);

		if (selected(s, rr)) {
			(*hits)++;
			ldns_rr_free(rr);
		} else {
			ldns_rr_list_set_rr(list, rr, kept++);
		}
	}
	ldns_rr_list_set_rr_count(list, kept);
}

static bool apply(struct world *w, const struct zone *z, const char *spec, ldns_rr_list *list)
{
	char *text = strdup(spec), *rest = text, *op = strsep(&rest, " "), *what;
	size_t hits = 0, n = ldns_rr_list_rr_count(list);
	struct selector s;
	bool good = true;

	if (strcmp(op, "add") == 0) {
		good = rest && push_text(list, z->name, 300, rest);
		free(text);
		return good;
	}
	what = strsep(&rest, " ");
	good = what && parse_selector(z, what, &s);
	if (good && strcmp(op, "drop") == 0)
		drop(list, &s, &hits);
	for (size_t i = 0; good && strcmp(op, "drop") != 0 && i < n; i++) {
		if (!selected(&s, ldns_rr_list_rr(list, i)))
			continue;
		hits++;
		good = edit_one(w, ldns_rr_list_rr(list, i), op, rest);
	}
	if (good)
		ldns_rdf_deep_free(s.owner);
	if (!good || hits == 0)
		fprintf(stderr, "%s: edit '%s' %s\n", z->name, spec, good ? "meets nothing" : "?");
	free(text);
	return good && hits > 0;
}

bool zone_edit(struct world *w, const struct zone *z, int copy, const char *word,
	       ldns_rr_list *list)
{
	bool good = true;

	for (size_t i = 0; good && i < z->n_directives; i++) {
		const struct directive *d = &z->directives[i];

		if (strcmp(d->word, word) == 0 && (!d->copy || d->copy == copy))
			good = apply(w, z, d->args, list);
	}
	return good;
}

bool denial_edit(struct world *w, const struct zone *z, int copy, ldns_rr_list *denial)
{
	return zone_edit(w, z, copy, "wrong", denial);
}
