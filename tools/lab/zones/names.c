/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A list of host names becomes a part of the world: its TLDs are signed zones on the TLD servers,
 * the last two labels of each name a zone on servers of a hoster's. About half of the zones are
 * signed, about one in fifty is broken; which, and how, a hash of the zone's name decides.
 */
#include "tools/lab/zones/world.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BROKEN_PER_1000 20
#define MOST_VICTIMS	4   /* a zone of more names (co.jp) is never broken */
#define ODD_LIMIT	480 /* addresses for odd servers do not last for ever */
#define HOSTER		"hoster.lab."

struct host {
	char *name;	  /* absolute */
	const char *zone; /* its last two labels */
};

struct hosts {
	struct host *host;
	size_t n, room;
};

static const struct recipe {
	const char *status, *category, *cause, *how, *build;
	bool odd;
} recipes[] = {
	{"failing", "dnssec", "rrsig-expired", "all signatures expired", "alg 13; window expired",
	 false},
	{"failing", "dnssec", "ds-no-matching-dnskey", "stale DS", "alg 13; ds stale", false},
	{"failing", "dnssec", "ds-digest-mismatch", "DS digest altered", "alg 13; ds digest",
	 false},
	{"failing", "dnssec", "ds-but-unsigned", "DS, but not signed", "alg 0; ds good", false},
	{"failing", "dnssec", "rrsig-invalid", "RRSIG(A) spoilt", "alg 13; edit flip RRSIG(A)",
	 false},
	{"failing", "delegation", "ns-refused", "servers do not have the zone",
	 "alg 0; ns nsd-names! nsd-names2!", false},
	{"failing", "unreachable", "ns-timeout", "nobody at its servers' addresses",
	 "alg 0; ns nobody nobody", false},
	{"failing", "unreachable", "ns-unreachable", "port closed", "alg 0; ns closed", false},
	{"failing", "delegation", "ns-name-nonexistent", "its servers' names do not exist",
	 "alg 0; ns ns1.not-there.lab. ns2.not-there.lab.", false},
	{"failing", "zone", "zone-not-loaded", "a syntax error in the zone file",
	 "alg 0; syntax; ns nsd-names nsd-names2", false},
	{"failing", "delegation", "ns-glue-missing", "no glue", "alg 0; noglue; ns nsd-names",
	 false},
	{"failing", "delegation", "ns-address-special", "private glue", "alg 0; ns 192.168.1.53",
	 false},
	{"failing", "delegation", "ns-upward-referral", "refers to the root",
	 "alg 0; ns odd:upward", true},
	{"failing", "network", "tcp-blocked", "truncates, TCP port closed",
	 "alg 0; ns odd:truncate+tcp-closed", true},
	{"failing", "dnssec", "server-without-dnssec", "leaves out RRSIG and NSEC3",
	 "alg 13; ns odd:strip", true},
	{"failing", "delegation", "ns-name-unresolvable", "its server's name is in a silent zone",
	 "alg 0; ns host.ns-timeout.lab.", false},
};

static uint32_t hash_of(const char *s)
{
	uint32_t h = 2166136261u;

	for (; *s; s++)
		h = (h ^ (uint8_t)*s) * 16777619u;
	h ^= h >> 15;
	return h * 2246822519u;
}

static bool is_label_sound(const char *label, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (!isalnum((unsigned char)label[i]) && label[i] != '-' && label[i] != '_')
			return false;
	}
	return size > 0 && size <= 63 && label[0] != '-' && label[size - 1] != '-';
}

/* The zone of an absolute host name: its last two labels. NULL: no name this world can hold. */
static const char *last_two_labels(const char *name)
{
	const char *last = NULL, *before = NULL;

	if (strlen(name) > 250)
		return NULL;
	for (const char *label = name; *label; label += strcspn(label, ".") + 1) {
		if (!is_label_sound(label, strcspn(label, ".")))
			return NULL;
		before = last;
		last = label;
	}
	/* RFC 3696 2: no TLD is all digits, so this is an address. */
	return last && strspn(last, "0123456789") != strcspn(last, ".") ? before : NULL;
}

static void take_name(struct hosts *all, char *line)
{
	struct host h;
	size_t n = strcspn(line, " \t\r\n#");

	line[n] = '\0';
	while (n > 0 && line[n - 1] == '.')
		line[--n] = '\0';
	if (n == 0 || asprintf(&h.name, "%s.", line) < 0)
		return;
	for (char *p = h.name; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	h.zone = last_two_labels(h.name);
	if (!h.zone) {
		free(h.name);
		return;
	}
	if (all->n == all->room) {
		all->room = all->room ? all->room * 2 : 1024;
		all->host = realloc(all->host, all->room * sizeof *all->host);
		if (!all->host)
			abort();
	}
	all->host[all->n++] = h;
}

static int by_zone(const void *a, const void *b)
{
	const struct host *x = a, *y = b;
	const char *tx = strchr(x->zone, '.'), *ty = strchr(y->zone, '.');
	int order = strcmp(tx, ty);

	if (order == 0)
		order = strcmp(x->zone, y->zone);
	return order ? order : strcmp(x->name, y->name);
}

static bool is_zone_already(const struct world *w, const char *name)
{
	for (size_t i = 0; i < w->n_zones; i++) {
		if (strcmp(w->zones[i]->name, name) == 0)
			return true;
	}
	return false;
}

/* A, and for half of the names AAAA. */
static void describe_hosts(FILE *text, const struct host *host, size_t n)
{
	bool apex = false;

	for (size_t i = 0; i < n; i++) {
		uint32_t h = hash_of(host[i].name);

		if (i > 0 && strcmp(host[i].name, host[i - 1].name) == 0)
			continue;
		apex = apex || strcmp(host[i].name, host[i].zone) == 0;
		fprintf(text, "; +%s A 5.53.%u.%u", host[i].name, 10 + h % 6, 1 + (h >> 8) % 250);
		if (h >> 16 & 1)
			fprintf(text, "; +%s AAAA 2a00:53:8::%x", host[i].name, h & 0xffff);
	}
	if (!apex)
		fputs("; +@ A 5.53.8.1", text);
}

static void add_rows(struct world *w, const struct host *host, size_t n, const struct recipe *r)
{
	for (size_t i = 0; i < n; i++) {
		char name[256], zone[256], qtype[] = "A", none[] = "-";
		char *column[LAB_ROW_COLUMNS] = {name, qtype, none, none, none, none, none};
		char *words[4] = {NULL};

		if (i > 0 && strcmp(host[i].name, host[i - 1].name) == 0)
			continue;
		snprintf(name, sizeof name, "%.*s", (int)strlen(host[i].name) - 1, host[i].name);
		snprintf(zone, sizeof zone, "%.*s", (int)strlen(host[i].zone) - 1, host[i].zone);
		words[0] = strdup(r ? r->status : "ok");
		words[1] = strdup(r ? r->category : "-");
		words[2] = strdup(r ? r->cause : "-");
		words[3] = strdup(r ? r->how : "-");
		column[2] = words[0];
		column[3] = words[1];
		column[4] = words[2];
		if (r)
			column[5] = strstr(r->build, "host.ns-timeout")
					    ? strcpy(zone, "ns-timeout.lab")
					    : zone;
		column[6] = words[3];
		world_add_row(&w->names, &w->n_names, &w->room_names, column);
		for (int k = 0; k < 4; k++)
			free(words[k]);
	}
}

static bool add_zone(struct world *w, const struct host *host, size_t n)
{
	uint32_t h = hash_of(host->zone);
	const struct recipe *r = NULL;
	char *build = NULL;
	size_t size;
	FILE *text = open_memstream(&build, &size);
	bool good;

	if (!text)
		return false;
	if (h % 1000 < BROKEN_PER_1000 && n <= MOST_VICTIMS) {
		r = &recipes[(h >> 12) % (sizeof recipes / sizeof *recipes)];
		if (r->odd && w->next_odd >= ODD_LIMIT)
			r = &recipes[0];
	}
	/* The first directive of a word counts: a recipe's own servers come before the hoster's. */
	fprintf(text, "%s; bare; keys csk; ns a." HOSTER " b." HOSTER,
		r		? r->build
		: (h >> 10 & 1) ? "alg 13"
				: "alg 0");
	if (!r || !strstr(r->build, "ns "))
		fputs("; serve nsd-names nsd-names2", text);
	describe_hosts(text, host, n);
	fclose(text);
	good = world_add_zone(w, host->zone, build) != NULL;
	free(build);
	add_rows(w, host, n, r);
	return good;
}

static bool add_all(struct world *w, const struct hosts *all)
{
	const char *tld = NULL;
	bool ours = false, good = true;

	for (size_t i = 0, next; good && i < all->n; i = next) {
		const char *this = strchr(all->host[i].zone, '.') + 1;

		for (next = i; next < all->n && !strcmp(all->host[i].zone, all->host[next].zone);)
			next++;
		if (!tld || strcmp(tld, this) != 0) {
			tld = this;
			ours = is_zone_already(w, tld); /* a TLD of the case table */
			if (!ours)
				good = world_add_zone(w, tld,
						      "bare; ttl 3600; ns knot-tld named-tld") !=
				       NULL;
		}
		if (good && !ours)
			good = add_zone(w, &all->host[i], next - i);
	}
	return good;
}

bool world_read_names(struct world *w, const char *path)
{
	FILE *f = fopen(path, "r");
	struct hosts all = {0};
	char *line = NULL;
	size_t size = 0;
	bool good;

	if (!f) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return false;
	}
	while (getline(&line, &size, f) > 0)
		take_name(&all, line);
	free(line);
	fclose(f);
	if (all.n)
		qsort(all.host, all.n, sizeof *all.host, by_zone);
	w->with_names = true;
	good = world_add_zone(w, HOSTER,
			      "ns nsd knot; bare; +a A {nsd-names.4}; +a AAAA {nsd-names.6}; "
			      "+b A {nsd-names2.4}; +b AAAA {nsd-names2.6}") &&
	       add_all(w, &all);
	for (size_t i = 0; i < all.n; i++)
		free(all.host[i].name);
	free(all.host);
	return good;
}
