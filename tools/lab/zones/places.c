/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who serves a zone. Each word of an "ns" directive is one name server:
 *	[HOST.@]WHERE[/4|/6][#COPY][!]    or    HOST.    (a name only, its address is elsewhere)
 * WHERE: a server of the lab | odd:BEHAVIOURS | nobody | closed | an address.
 */
#include "tools/lab/zones/world.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define ODD_PER_NET 250

static void odd_address(struct world *w, struct ns *ns)
{
	int i = w->next_odd++, net = i < ODD_PER_NET ? 3 : 6;

	i = i % ODD_PER_NET + 1;
	snprintf(ns->ip4, sizeof ns->ip4, "5.53.%d.%d", net, i);
	snprintf(ns->ip6, sizeof ns->ip6, "2a00:53:%d::%x", net, (unsigned)i);
}

static void nobody_address(struct world *w, struct ns *ns)
{
	int i = w->next_nobody++ % 250 + 1;

	snprintf(ns->ip4, sizeof ns->ip4, "5.53.4.%d", i);
	snprintf(ns->ip6, sizeof ns->ip6, "2a00:53:4::%x", (unsigned)i);
}

static bool literal_address(const char *where, struct ns *ns)
{
	struct in6_addr a;

	if (inet_pton(AF_INET, where, &a) == 1) {
		snprintf(ns->ip4, sizeof ns->ip4, "%s", where);
		return true;
	}
	if (inet_pton(AF_INET6, where, &a) == 1) {
		snprintf(ns->ip6, sizeof ns->ip6, "%s", where);
		return true;
	}
	return false;
}

static bool resolve_where(struct world *w, const char *where, struct ns *ns)
{
	ns->server = server_find(where, strlen(where));
	if (ns->server) {
		snprintf(ns->ip4, sizeof ns->ip4, "%s", ns->server->ip4);
		snprintf(ns->ip6, sizeof ns->ip6, "%s", ns->server->ip6);
	} else if (strncmp(where, "odd:", 4) == 0) {
		ns->odd = strdup(where + 4);
		odd_address(w, ns);
	} else if (strcmp(where, "nobody") == 0) {
		nobody_address(w, ns);
	} else if (strcmp(where, "closed") == 0) {
		snprintf(ns->ip4, sizeof ns->ip4, "5.53.5.1");
		snprintf(ns->ip6, sizeof ns->ip6, "2a00:53:5::1");
	} else {
		return literal_address(where, ns);
	}
	return true;
}

/* Cuts "/4", "#2" and "!" off the end of a word, in any order. */
static void cut_suffixes(char *where, struct ns *ns, int *family)
{
	for (size_t n = strlen(where); n > 1; n = strlen(where)) {
		if (where[n - 1] == '!')
			ns->served = false;
		else if (n > 2 && where[n - 2] == '/' && strchr("46", where[n - 1]))
			*family = where[n - 1] - '0';
		else if (n > 2 && where[n - 2] == '#')
			ns->copy = where[n - 1] - '0';
		else
			return;
		where[where[n - 1] == '!' ? n - 1 : n - 2] = '\0';
	}
}

static bool place_one(struct world *w, struct zone *z, char *word)
{
	struct ns *ns = &z->ns[z->n_ns];
	char *at = strchr(word, '@'), *where = word;
	const char *apex = strcmp(z->name, ".") == 0 ? "" : z->name;
	int family = 0;

	if (z->n_ns == LAB_MAX_NS)
		return false;
	ns->copy = 1;
	ns->served = true;
	z->n_ns++;
	if (at) {
		*at = '\0';
		where = at + 1;
		ns->host = strdup(word);
	} else if (word[strlen(word) - 1] == '.' && strncmp(word, "odd:", 4) != 0) {
		ns->host = strdup(word);
		return true;
	} else if (asprintf(&ns->host, "ns%zu.%s", z->n_ns, apex) < 0) {
		abort();
	}
	cut_suffixes(where, ns, &family);
	if (!resolve_where(w, where, ns)) {
		fprintf(stderr, "%s: what is '%s'?\n", z->name, where);
		return false;
	}
	if (family == 4)
		*ns->ip6 = '\0';
	if (family == 6)
		*ns->ip4 = '\0';
	return ns->copy >= 1 && ns->copy <= LAB_MAX_COPIES;
}

bool zone_place(struct world *w, struct zone *z, const char *args)
{
	char *text = strdup(args), *rest = text, *word;
	bool good = true;

	while (good && (word = strsep(&rest, " "))) {
		if (*word)
			good = place_one(w, z, word);
	}
	free(text);
	return good;
}
