/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signs a zone with ldns. Directives:
 *	denial nsec | nsec3 | optout | none	(default nsec3)
 *	iterations N, salt HEX
 *	window NAME, window(TYPE) NAME		when signatures hold
 *	signer(TYPE) foreign | ksk | none	who signs that type, if not the one who should
 *	dnskey-signers ksk | zsk | both
 *	pad-keys N				N more keys, so that DNSKEY answers are large
 */
#include "tools/lab/zones/world.h"

#include <stdlib.h>
#include <string.h>

#define DAY 86400

static const struct {
	const char *name;
	int32_t from, to;
} windows[] = {
	{"good", -DAY, 30 * DAY},
	{"expired", -60 * DAY, -30 * DAY},
	{"expired-2h", -30 * DAY, -7200},
	{"expired-10min", -30 * DAY, -600},
	{"expired-3d", -30 * DAY, -3 * DAY},
	{"expiring", -30 * DAY, 1800},
	{"future", 30 * DAY, 60 * DAY},
	{"reversed", 30 * DAY, -30 * DAY},
	{"reversed-past", -30 * DAY, -60 * DAY},
};

struct signing {
	struct world *w;
	const struct zone *z;
	int copy;
	ldns_rdf *apex;
	ldns_key *foreign;
	ldns_rr_list *out;
};

bool window_of(const struct world *w, const char *name, struct window *out)
{
	for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
		if (strcmp(windows[i].name, name) == 0) {
			out->inception = (uint32_t)(w->now + windows[i].from);
			out->expiration = (uint32_t)(w->now + windows[i].to);
			return true;
		}
	}
	fprintf(stderr, "no such window: %s\n", name);
	return false;
}

static const char *scoped_arg(const struct signing *s, const char *word, ldns_rr_type type,
			      const char *otherwise)
{
	char *text = ldns_rr_type2str(type);
	const struct directive *d = zone_directive(s->z, word, text, s->copy);

	free(text);
	return d ? d->args : otherwise;
}

static bool sign_with(struct signing *s, ldns_rr_list *rrset, ldns_key *key)
{
	ldns_rr_type type = ldns_rr_get_type(ldns_rr_list_rr(rrset, 0));
	const char *usual = zone_arg(s->z, "window", s->copy, "good");
	const char *claim = zone_arg(s->z, "claim", s->copy, NULL);
	uint16_t flags = ldns_key_flags(key);
	ldns_key_list *keys = ldns_key_list_new();
	ldns_rr_list *signatures;
	struct window window;
	bool good;

	if (!window_of(s->w, scoped_arg(s, "window", type, usual), &window))
		return false;
	ldns_key_set_inception(key, window.inception);
	ldns_key_set_expiration(key, window.expiration);
	ldns_key_set_flags(key, 256); /* ldns signs with zone keys only, and we lie at times */
	ldns_key_list_push_key(keys, key);
	signatures = ldns_sign_public(rrset, keys);
	ldns_key_set_flags(key, flags);
	good = signatures && ldns_rr_list_rr_count(signatures) == 1;
	if (good && claim) {
		ldns_rdf *number = ldns_native2rdf_int8(LDNS_RDF_TYPE_ALG, (uint8_t)atoi(claim));
		ldns_rdf_deep_free(ldns_rr_set_rdf(ldns_rr_list_rr(signatures, 0), number, 1));
	}
	if (good)
		ldns_rr_list_cat(s->out, signatures);
	ldns_rr_list_free(signatures);
	free(keys->_keys);
	free(keys);
	return good;
}

static ldns_key *foreign_key(struct signing *s)
{
	ldns_rr *dnskey;

	if (s->foreign)
		return s->foreign;
	s->foreign = key_of_algorithm(s->w, s->z->algorithm, s->z->name, 256);
	dnskey = s->foreign ? ldns_key2rr(s->foreign) : NULL;
	if (dnskey)
		ldns_key_set_keytag(s->foreign, ldns_calc_keytag(dnskey));
	ldns_rr_free(dnskey);
	return s->foreign;
}

static bool sign_rrset(struct signing *s, ldns_rr_list *rrset)
{
	ldns_rr_type type = ldns_rr_get_type(ldns_rr_list_rr(rrset, 0));
	const char *who = scoped_arg(s, "signer", type, "");
	ldns_key *key = s->z->zsk.key;
	bool both = false;

	if (strcmp(who, "none") == 0)
		return true;
	if (type == LDNS_RR_TYPE_DNSKEY) {
		const char *signers = zone_arg(s->z, "dnskey-signers", s->copy, "ksk");

		both = strcmp(signers, "both") == 0 && s->z->zsk.key != s->z->ksk.key;
		if (strcmp(signers, "zsk") != 0)
			key = s->z->ksk.key;
	}
	if (strcmp(who, "ksk") == 0)
		key = s->z->ksk.key;
	if (strcmp(who, "foreign") == 0)
		key = foreign_key(s);
	return key && sign_with(s, rrset, key) && (!both || sign_with(s, rrset, s->z->zsk.key));
}

static bool is_cut(const struct signing *s, const ldns_dnssec_name *name)
{
	return ldns_dname_compare(name->name, s->apex) != 0 &&
	       ldns_dnssec_name_find_rrset(name, LDNS_RR_TYPE_NS);
}

/* Only NS stands at an insecure delegation; RFC 5155 7.1 lets opt-out leave it out. */
static bool is_insecure_cut(const struct signing *s, const ldns_dnssec_name *name)
{
	return is_cut(s, name) && !ldns_dnssec_name_find_rrset(name, LDNS_RR_TYPE_DS);
}

struct names {
	ldns_dnssec_name **name;
	size_t n;
};

/* The names a zone is authoritative for, cuts included, in canonical order. */
static struct names authoritative_names(const struct signing *s, ldns_dnssec_zone *dz)
{
	struct names list = {calloc(dz->names->count + 1, sizeof *list.name), 0};
	const ldns_dnssec_name *cut = NULL;

	for (ldns_rbnode_t *node = ldns_rbtree_first(dz->names);
	     list.name && node != LDNS_RBTREE_NULL; node = ldns_rbtree_next(node)) {
		ldns_dnssec_name *name = (ldns_dnssec_name *)(uintptr_t)node->data;

		if (cut && ldns_dname_is_subdomain(name->name, cut->name))
			continue;
		cut = is_cut(s, name) ? name : NULL;
		list.name[list.n++] = name;
	}
	return list;
}

static ldns_rr_list *nsec_chain(const struct names *names)
{
	ldns_rr_list *chain = ldns_rr_list_new();
	size_t n = 0;

	for (size_t i = 0; i < names->n; i++) {
		if (names->name[i]->rrsets) /* no NSEC at empty non-terminals */
			names->name[n++] = names->name[i];
	}
	for (size_t i = 0; i < n; i++)
		ldns_rr_list_push_rr(chain, ldns_dnssec_create_nsec(names->name[i],
								    names->name[(i + 1) % n],
								    LDNS_RR_TYPE_NSEC));
	return chain;
}

static size_t salt_of(const struct signing *s, uint8_t *salt)
{
	const char *hex = zone_arg(s->z, "salt", s->copy, "");
	size_t n = strlen(hex) / 2;

	for (size_t i = 0; i < n && i < 16; i++)
		salt[i] = (uint8_t)(ldns_hexdigit_to_int(hex[2 * i]) * 16 +
				    ldns_hexdigit_to_int(hex[2 * i + 1]));
	return n < 16 ? n : 16;
}

static ldns_rr_list *nsec3_chain(const struct signing *s, const struct names *names, bool optout)
{
	ldns_rr_list *chain = ldns_rr_list_new();
	uint16_t iterations = (uint16_t)atoi(zone_arg(s->z, "iterations", s->copy, "0"));
	uint8_t salt[16];
	uint8_t salt_length = (uint8_t)salt_of(s, salt);

	for (size_t i = 0; i < names->n; i++) {
		if (optout && is_insecure_cut(s, names->name[i]))
			continue;
		ldns_rr_list_push_rr(chain, ldns_dnssec_create_nsec3(names->name[i], NULL, s->apex,
								     LDNS_SHA1, optout, iterations,
								     salt_length, salt));
	}
	ldns_rr_list_sort_nsec3(chain);
	if (ldns_dnssec_chain_nsec3_list(chain) != LDNS_STATUS_OK) {
		ldns_rr_list_deep_free(chain);
		return NULL;
	}
	return chain;
}

static bool push_nsec3param(const struct signing *s, ldns_rr_list *list)
{
	char text[128];
	const char *salt = zone_arg(s->z, "salt", s->copy, "-");

	snprintf(text, sizeof text, "@ NSEC3PARAM 1 0 %s %s",
		 zone_arg(s->z, "iterations", s->copy, "0"), salt);
	return push_text(list, s->z->name, 0, text);
}

static bool push_dnskeys(const struct signing *s, ldns_rr_list *list)
{
	int pads = atoi(zone_arg(s->z, "pad-keys", s->copy, "0"));

	ldns_rr_list_push_rr(list, ldns_rr_clone(s->z->ksk.dnskey));
	if (s->z->zsk.key != s->z->ksk.key)
		ldns_rr_list_push_rr(list, ldns_rr_clone(s->z->zsk.dnskey));
	for (int i = 0; i < pads; i++) {
		ldns_key *key = key_of_algorithm(s->w, LDNS_RSASHA256, s->z->name, 256);
		ldns_rr *rr = key ? ldns_key2rr(key) : NULL;

		if (!rr)
			return false;
		/* One RSA pair for all: other bits make it another key. */
		ldns_rdf_data(ldns_rr_rdf(rr, 3))[16] ^= (uint8_t)(i + 1);
		ldns_rr_set_ttl(rr, ldns_rr_ttl(s->z->ksk.dnskey));
		ldns_rr_list_push_rr(list, rr);
		ldns_key_deep_free(key);
	}
	return keytrap_push_keys(s->z, list);
}

static bool sign_names(struct signing *s, const struct names *names)
{
	bool good = true;

	for (size_t i = 0; good && i < names->n; i++) {
		bool cut = is_cut(s, names->name[i]);

		for (ldns_dnssec_rrsets *set = names->name[i]->rrsets; good && set;
		     set = set->next) {
			ldns_rr_list *rrset = ldns_rr_list_new();

			for (ldns_dnssec_rrs *one = set->rrs; one; one = one->next)
				ldns_rr_list_push_rr(rrset, one->rr);
			if (!cut || set->type == LDNS_RR_TYPE_DS)
				good = sign_rrset(s, rrset);
			ldns_rr_list_free(rrset);
		}
	}
	return good;
}

static bool sign_denial(struct signing *s, const ldns_rr_list *chain)
{
	/* RFC 9077 3: not above the SOA's minimum, nor its TTL. */
	uint32_t ttl = (uint32_t)atoi(zone_arg(s->z, "ttl", s->copy, "60"));
	bool good = true;

	for (size_t i = 0; good && i < ldns_rr_list_rr_count(chain); i++) {
		ldns_rr_list *rrset = ldns_rr_list_new();

		ldns_rr_set_ttl(ldns_rr_list_rr(chain, i), ttl < 60 ? ttl : 60);
		ldns_rr_list_push_rr(rrset, ldns_rr_list_rr(chain, i));
		good = sign_rrset(s, rrset);
		ldns_rr_list_free(rrset);
	}
	return good;
}

static bool sign_all(struct signing *s, ldns_dnssec_zone *dz)
{
	const char *denial = zone_arg(s->z, "denial", s->copy, "nsec3");
	struct names names = authoritative_names(s, dz);
	ldns_rr_list *chain = NULL;
	bool good = sign_names(s, &names);

	if (!good || strcmp(denial, "none") == 0)
		chain = ldns_rr_list_new();
	else if (strcmp(denial, "nsec") == 0)
		chain = nsec_chain(&names);
	else
		chain = nsec3_chain(s, &names, strcmp(denial, "optout") == 0);
	good = good && chain && denial_edit(s->w, s->z, s->copy, chain) && sign_denial(s, chain);
	if (chain)
		ldns_rr_list_cat(s->out, chain);
	ldns_rr_list_free(chain);
	free(names.name);
	return good;
}

ldns_rr_list *zone_sign(struct world *w, const struct zone *z, int copy, ldns_rr_list *content)
{
	const char *denial = zone_arg(z, "denial", copy, "nsec3");
	ldns_dnssec_zone *dz = ldns_dnssec_zone_new();
	struct signing s = {w, z, copy, ldns_dname_new_frm_str(z->name), NULL, content};
	bool good = dz && s.apex && push_dnskeys(&s, content);

	if (good && (strcmp(denial, "nsec3") == 0 || strcmp(denial, "optout") == 0))
		good = push_nsec3param(&s, content);
	for (size_t i = 0; good && i < ldns_rr_list_rr_count(content); i++)
		good = ldns_dnssec_zone_add_rr(dz, ldns_rr_list_rr(content, i)) == LDNS_STATUS_OK;
	good = good && ldns_dnssec_zone_add_empty_nonterminals(dz) == LDNS_STATUS_OK &&
	       sign_all(&s, dz);
	ldns_dnssec_zone_free(dz); /* the records stay, in content */
	ldns_rdf_deep_free(s.apex);
	if (s.foreign)
		ldns_key_deep_free(s.foreign);
	if (good)
		return content;
	fprintf(stderr, "%s: cannot sign\n", z->name);
	ldns_rr_list_deep_free(content);
	return NULL;
}
