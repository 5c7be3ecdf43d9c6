/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What stands in a zone before it is signed. Directives:
 *	+LABEL TYPE RDATA	a record ("@": the apex); {nsd.4} {nsd.6} stand for addresses
 *	chain N			aliases a1 -> a2 ... aN -> www
 *	bare			nothing but SOA and NS (otherwise A, AAAA and www too)
 *	many LABEL TYPE N	N records A or TXT
 *	noglue, noaddr		no glue at the parent; no addresses of its servers in the zone
 *	glue ADDRESS		the parent's glue is this instead
 *	more-glue N		N more addresses in it where nobody is
 *	ttl N, serial N
 */
#include "tools/lab/zones/world.h"

#include <stdlib.h>
#include <string.h>

#define SERIAL "2026010101"

bool push_text(ldns_rr_list *list, const char *origin, uint32_t ttl, const char *text)
{
	ldns_rdf *o = ldns_dname_new_frm_str(origin);
	ldns_rr *rr = NULL;
	ldns_status status = o ? ldns_rr_new_frm_str(&rr, text, ttl, o, NULL) : LDNS_STATUS_ERR;

	ldns_rdf_deep_free(o);
	if (status != LDNS_STATUS_OK) {
		fprintf(stderr, "%s: '%s': %s\n", origin, text, ldns_get_errorstr_by_id(status));
		return false;
	}
	ldns_rr_list_push_rr(list, rr);
	return true;
}

static bool push_addresses(ldns_rr_list *list, const char *host, const char *ip4, const char *ip6,
			   uint32_t ttl)
{
	char text[512];
	bool good = true;

	if (*ip4) {
		snprintf(text, sizeof text, "%s A %s", host, ip4);
		good = push_text(list, ".", ttl, text);
	}
	if (good && *ip6) {
		snprintf(text, sizeof text, "%s AAAA %s", host, ip6);
		good = push_text(list, ".", ttl, text);
	}
	return good;
}

/* Replaces {SERVER.4} and {SERVER.6} by the server's addresses. */
static void fill_in(const char *text, char *out, size_t size)
{
	size_t n = 0;

	while (*text && n + 1 < size) {
		const char *end = *text == '{' ? strchr(text, '}') : NULL;
		const struct server *s = end && end - text > 3
						 ? server_find(text + 1, (size_t)(end - text - 3))
						 : NULL;

		if (s) {
			n += (size_t)snprintf(out + n, size - n, "%s",
					      end[-1] == '4' ? s->ip4 : s->ip6);
			text = end + 1;
		} else {
			out[n++] = *text++;
		}
	}
	out[n < size ? n : size - 1] = '\0';
}

static bool push_many(ldns_rr_list *list, const char *origin, uint32_t ttl, const char *args)
{
	char label[64], type[8], text[256];
	int count;
	bool good = true;

	if (sscanf(args, "%63s %7s %d", label, type, &count) != 3)
		return false;
	for (int i = 0; good && i < count; i++) {
		if (strcmp(type, "A") == 0)
			snprintf(text, sizeof text, "%s A 5.53.%d.%d", label, 16 + i / 250,
				 i % 250 + 1);
		else
			snprintf(text, sizeof text,
				 "%s TXT \"%04d: a line of text long enough to fill an answer, "
				 "so that it does not fit into one datagram\"",
				 label, i);
		good = push_text(list, origin, ttl, text);
	}
	return good;
}

static bool push_chain(ldns_rr_list *list, const char *origin, uint32_t ttl, int n)
{
	char text[64];
	bool good = true;

	for (int i = 1; good && i <= n; i++) {
		if (i < n)
			snprintf(text, sizeof text, "a%d CNAME a%d", i, i + 1);
		else
			snprintf(text, sizeof text, "a%d CNAME www", i);
		good = push_text(list, origin, ttl, text);
	}
	return good;
}

static bool push_base(const struct zone *z, int copy, uint32_t ttl, ldns_rr_list *list)
{
	char text[512];
	const char *host = z->n_ns ? z->ns[0].host : ".";
	bool good;

	snprintf(text, sizeof text, "@ SOA %s hostmaster.%s %s 7200 3600 1209600 60", host,
		 strcmp(z->name, ".") == 0 ? "" : z->name, zone_arg(z, "serial", copy, SERIAL));
	good = push_text(list, z->name, ttl, text);
	if (good && !zone_directive(z, "bare", NULL, copy))
		good = push_text(list, z->name, ttl, "@ A 5.53.8.1") &&
		       push_text(list, z->name, ttl, "@ AAAA 2a00:53:8::1") &&
		       push_text(list, z->name, ttl, "www A 5.53.8.2");
	return good;
}

/* Addresses where nobody is, for the kid's servers in turn. */
static bool push_more_glue(const struct zone *kid, uint32_t ttl, ldns_rr_list *list)
{
	int n = atoi(zone_arg(kid, "more-glue", 0, "0"));
	char address[32];

	for (int i = 0; i < n; i++) {
		snprintf(address, sizeof address, "5.53.4.%d", 254 - i % 250);
		if (!push_addresses(list, kid->ns[(size_t)i % kid->n_ns].host, address, "", ttl))
			return false;
	}
	return true;
}

/* RFC 9471: the parent has glue for servers below the zone cut. */
static bool push_delegation(struct world *w, const struct zone *kid, uint32_t ttl,
			    ldns_rr_list *list)
{
	char text[600];
	const char *glue = zone_arg(kid, "glue", 0, NULL);

	for (size_t i = 0; i < kid->n_ns; i++) {
		const struct ns *ns = &kid->ns[i];

		snprintf(text, sizeof text, "%s NS %s", kid->name, ns->host);
		if (!push_text(list, ".", ttl, text))
			return false;
		if (!name_is_below(ns->host, kid->name) || zone_directive(kid, "noglue", NULL, 0))
			continue;
		if (!push_addresses(list, ns->host, glue ? glue : ns->ip4, glue ? "" : ns->ip6,
				    ttl))
			return false;
	}
	return push_more_glue(kid, ttl, list) && zone_push_ds(w, kid, list);
}

static bool is_below_a_kid(const struct zone *z, const char *host)
{
	for (const struct zone *kid = z->kids; kid; kid = kid->sibling) {
		if (name_is_below(host, kid->name))
			return true;
	}
	return false;
}

static bool push_own_servers(const struct zone *z, int copy, uint32_t ttl, ldns_rr_list *list)
{
	char text[600];

	for (size_t i = 0; i < z->n_ns; i++) {
		const struct ns *ns = &z->ns[i];

		if (zone_directive(z, "own-ns", NULL, copy))
			break;
		snprintf(text, sizeof text, "@ NS %s", ns->host);
		if (!push_text(list, z->name, ttl, text))
			return false;
		if (zone_directive(z, "noaddr", NULL, copy) || !name_is_below(ns->host, z->name) ||
		    is_below_a_kid(z, ns->host))
			continue;
		if (!push_addresses(list, ns->host, ns->ip4, ns->ip6, ttl))
			return false;
	}
	return true;
}

static bool push_directives(const struct zone *z, int copy, uint32_t ttl, ldns_rr_list *list)
{
	char text[2048];
	bool good = true;

	for (size_t i = 0; good && i < z->n_directives; i++) {
		const struct directive *d = &z->directives[i];

		if (d->copy && d->copy != copy)
			continue;
		if (strcmp(d->word, "+") == 0) {
			fill_in(d->args, text, sizeof text);
			good = push_text(list, z->name, ttl, text);
		} else if (strcmp(d->word, "many") == 0) {
			good = push_many(list, z->name, ttl, d->args);
		} else if (strcmp(d->word, "chain") == 0) {
			good = push_chain(list, z->name, ttl, atoi(d->args));
		}
	}
	return good;
}

ldns_rr_list *zone_content(struct world *w, const struct zone *z, int copy)
{
	ldns_rr_list *list = ldns_rr_list_new();
	uint32_t ttl = (uint32_t)atoi(zone_arg(z, "ttl", copy, "300"));
	bool good = list && push_base(z, copy, ttl, list) && push_own_servers(z, copy, ttl, list) &&
		    push_directives(z, copy, ttl, list);

	for (const struct zone *kid = z->kids; good && kid; kid = kid->sibling)
		good = push_delegation(w, kid, ttl, list);
	if (good)
		return list;
	ldns_rr_list_deep_free(list);
	return NULL;
}
