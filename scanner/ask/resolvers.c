/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/ask/resolvers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "results/rows/csv.h"
#include "scanner/lists/listfile.h"
#include "scanner/dns/name.h"

#define PORT_DNS 53
#define PORT_TLS 853
/* Told once, with the first line that has none of them. */
#define FORMS "(IP, IP:PORT, [IP6]:PORT, tcp://..., tls://...)"

static const char *const defaults[] = {"8.8.8.8", "1.1.1.1", "9.9.9.9"};

static const struct {
	const char *scheme;
	enum transport transport;
	uint16_t port;
} schemes[] = {
	{"tcp://", TRANSPORT_TCP, PORT_DNS},
	{"tls://", TRANSPORT_TLS, PORT_TLS},
	{"", TRANSPORT_UDP, PORT_DNS}, /* fits all, so it is the last */
};

const char *transport_scheme(enum transport transport)
{
	size_t i = 0;

	while (schemes[i].transport != transport)
		i++;
	return schemes[i].scheme;
}

/* An address that one host can have and answer from. */
/* fe80::1 is on every link, and on each somebody else (RFC 4007 6). */
static bool needs_interface(const struct addr *addr)
{
	return addr->sa.sa_family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&addr->in6.sin6_addr) &&
	       addr->in6.sin6_scope_id == 0;
}

static bool is_unicast(const struct addr *addr)
{
	static const struct in6_addr any6 = IN6ADDR_ANY_INIT;
	uint32_t ip;

	if (addr_port(addr) == 0)
		return false;
	if (addr->sa.sa_family == AF_INET6)
		return !IN6_IS_ADDR_MULTICAST(&addr->in6.sin6_addr) &&
		       !IN6_IS_ADDR_V4MAPPED(&addr->in6.sin6_addr) &&
		       memcmp(&addr->in6.sin6_addr, &any6, sizeof(any6)) != 0;
	ip = ntohl(addr->in.sin_addr.s_addr);
	return ip >> 24 != 0 && !IN_MULTICAST(ip) && ip != INADDR_BROADCAST;
}

/* A name, which has to be a host name to be verified: canonical text, allocated. */
static char *read_tls_name(const char *text)
{
	char canonical[NAME_WIRE_MAX + 1];
	struct name name;

	if (name_normalise(&name, text, strlen(text)) != NAME_OK || name.wire_len < 2)
		return NULL;
	name_text(canonical, name.wire, name.wire_len);
	return strchr(canonical, '*') ? NULL : strdup(canonical);
}

/* What stands behind "#"; text is taken apart. */
static bool read_identity(struct tls_identity *identity, char *text)
{
	static const char pin[] = "pin-sha256=";
	char *word;

	if (strcmp(text, "*") == 0) {
		identity->anybody = true;
		return true;
	}
	while ((word = strsep(&text, ","))) {
		if (strncmp(word, pin, strlen(pin)) == 0) {
			word += strlen(pin);
			if (identity->pin_count == TLS_PINS_MAX ||
			    !tls_pin_read(identity->pins[identity->pin_count++], word,
					  strlen(word)))
				return false;
		} else if (identity->name || !(identity->name = read_tls_name(word))) {
			return false;
		}
	}
	return true;
}

bool resolver_parse(struct resolver *resolver, const char *text, size_t len)
{
	char copy[CSV_RESOLVER_MAX + 1], *who;
	size_t i = 0;

	memset(resolver, 0, sizeof(*resolver));
	if (len >= sizeof(copy) || memchr(text, '\0', len))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	while (strncmp(copy, schemes[i].scheme, strlen(schemes[i].scheme)) != 0)
		i++;
	resolver->transport = schemes[i].transport;
	who = strchr(copy, '#');
	if (who && resolver->transport != TRANSPORT_TLS)
		return false;
	if (who)
		*who++ = '\0';
	if (!addr_parse(&resolver->addr, copy + strlen(schemes[i].scheme), schemes[i].port) ||
	    !is_unicast(&resolver->addr))
		return false;
	if (needs_interface(&resolver->addr)) {
		errno = ENXIO;
		return false;
	}
	if (who && !read_identity(&resolver->identity, who)) {
		resolver_clear(resolver);
		return false;
	}
	resolver->text = strndup(text, len);
	if (!resolver->text)
		resolver_clear(resolver);
	return resolver->text != NULL;
}

void resolver_clear(struct resolver *resolver)
{
	free((char *)resolver->text);
	free((char *)resolver->identity.name);
	resolver->text = resolver->identity.name = NULL;
}

unsigned resolver_ask(const struct resolver *resolver)
{
	return resolver->transport != TRANSPORT_UDP ? ASK_STREAM : resolver->cased ? ASK_CASED : 0;
}

int32_t resolver_destination(const struct resolvers *resolvers, size_t number,
			     struct engine *engine, struct pace *pace, bool connect)
{
	const struct resolver *resolver = &resolvers->list[number];
	int32_t destination = engine_destination(engine, &resolver->addr, pace, connect);

	if (destination >= 0 && resolver->transport == TRANSPORT_TLS &&
	    !engine_secure(engine, destination, resolvers->tls, &resolver->identity))
		return -1;
	return destination;
}

struct load {
	struct resolvers *resolvers;
	size_t cap;
	const char *path;
	/* Open addressing over transport, address and port: list index + 1; twice as many places as
	 * entries at least. */
	uint32_t *places;
	size_t place_count; /* a power of two */
	unsigned long dropped;
	bool complained; /* of a line that is no resolver */
	struct buf *errors, *warnings;
};

static bool same(const struct resolver *a, const struct resolver *b)
{
	return a->transport == b->transport && addr_equal(&a->addr, &b->addr);
}

/* Where the resolver stands among the places, or the free place for it. */
static uint32_t *find(const struct load *load, const struct resolver *resolver)
{
	size_t at = addr_hash(&resolver->addr, (uint64_t)resolver->transport);

	for (;; at++) {
		uint32_t *place = &load->places[at & (load->place_count - 1)];

		if (*place == 0 || same(&load->resolvers->list[*place - 1], resolver))
			return place;
	}
}

static bool grow(struct load *load)
{
	size_t cap = load->cap ? 2 * load->cap : 16;
	struct resolver *list =
		realloc(load->resolvers->list, cap * sizeof(*load->resolvers->list));
	uint32_t *places = calloc(2 * cap, sizeof(*places));

	if (list)
		load->resolvers->list = list;
	if (!list || !places) {
		free(places);
		return false;
	}
	free(load->places);
	load->places = places;
	load->place_count = 2 * cap;
	load->cap = cap;
	for (size_t i = 0; i < load->resolvers->count; i++)
		*find(load, &load->resolvers->list[i]) = (uint32_t)i + 1;
	return true;
}

/* Takes over resolver's texts. */
static void add(struct load *load, struct resolver *resolver)
{
	struct resolvers *resolvers = load->resolvers;
	uint32_t *place;

	if (resolvers->count == load->cap && !grow(load)) {
		buf_addf(load->errors, "%s: out of memory\n", load->path);
		resolver_clear(resolver);
		return;
	}
	place = find(load, resolver);
	if (*place) {
		if (load->dropped++ < LISTFILE_COMPLAINTS_MAX)
			buf_addf(load->warnings, "%s:%u: '%s' is the same as line %u, dropped\n",
				 load->path, resolver->line, resolver->text,
				 resolvers->list[*place - 1].line);
		resolver_clear(resolver);
		return;
	}
	resolvers->list[resolvers->count++] = *resolver;
	*place = (uint32_t)resolvers->count;
}

static void read_entry(void *owner, const char *text, size_t len, unsigned line)
{
	struct load *load = owner;
	struct resolver resolver;
	char shown[LISTFILE_SHOWN];

	errno = 0;
	if (!resolver_parse(&resolver, text, len)) {
		if (errno == ENOMEM)
			buf_addf(load->errors, "%s: out of memory\n", load->path);
		else if (errno == ENXIO)
			buf_addf(load->errors, "%s:%u: '%s' lacks its interface (fe80::1%%eth0)\n",
				 load->path, line, listfile_show(shown, text, len));
		else
			buf_addf(load->errors, "%s:%u: '%s' is no resolver address%s\n", load->path,
				 line, listfile_show(shown, text, len),
				 load->complained ? "" : " " FORMS);
		load->complained = true;
		resolver_clear(&resolver);
		return;
	}
	resolver.line = line;
	if (load->resolvers->count < RESOLVERS_MAX) {
		add(load, &resolver);
		return;
	}
	if (load->resolvers->count == RESOLVERS_MAX && load->errors->len == 0)
		buf_addf(load->errors, "%s:%u: more than %d resolvers\n", load->path, line,
			 RESOLVERS_MAX);
	resolver_clear(&resolver);
}

static void load_defaults(struct load *load)
{
	load->path = "default list";
	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		read_entry(load, defaults[i], strlen(defaults[i]), 0);
}

/* "9.9.9.9,1.1.1.1" instead of a file: all of these are resolvers, and no file has that name. */
static bool is_resolvers(const char *path)
{
	bool good = access(path, F_OK) != 0;

	for (const char *at = path; good; at++) {
		size_t len = strcspn(at, ",");
		struct resolver resolver;

		errno = 0;
		good = resolver_parse(&resolver, at, len) || errno == ENXIO;
		resolver_clear(&resolver);
		at += len;
		if (*at == '\0')
			break;
	}
	return good;
}

static void load_given(struct load *load)
{
	const char *at = load->path;

	load->path = "--resolvers";
	for (unsigned number = 1;; number++) {
		size_t len = strcspn(at, ",");

		read_entry(load, at, len, number);
		if (at[len] == '\0')
			return;
		at += len + 1;
	}
}

struct resolvers *resolvers_load(const char *path, struct buf *errors, struct buf *warnings)
{
	struct load load = {.path = path, .errors = errors, .warnings = warnings};
	size_t before = errors->len;

	load.resolvers = calloc(1, sizeof(*load.resolvers));
	if (!load.resolvers) {
		buf_add_str(errors, "out of memory\n");
		return NULL;
	}
	if (path && is_resolvers(path))
		load_given(&load);
	else if (path && access(path, F_OK) != 0 && errno == ENOENT)
		buf_addf(errors, "%s: no such file, nor a resolver address " FORMS "\n", path);
	else if (path)
		listfile_read(path, read_entry, &load, errors);
	else
		load_defaults(&load);
	free(load.places);
	if (load.dropped > LISTFILE_COMPLAINTS_MAX)
		buf_addf(warnings, "%s: %lu more lines like these, dropped\n", load.path,
			 load.dropped - LISTFILE_COMPLAINTS_MAX);
	if (errors->len == before && !errors->failed && load.resolvers->count == 0)
		buf_addf(errors, "%s: no resolver in it\n", load.path);
	if (errors->len != before || errors->failed)
		resolvers_destroy(&load.resolvers);
	return load.resolvers;
}

bool resolvers_trust(struct resolvers *resolvers, const char *ca_file, struct buf *errors)
{
	/* a wrong file is told of even where it would not be needed */
	bool wanted = ca_file != NULL;

	for (size_t i = 0; i < resolvers->count; i++)
		wanted |= resolvers->list[i].transport == TRANSPORT_TLS;
	if (wanted)
		resolvers->tls = tls_create(ca_file, errors);
	return !wanted || resolvers->tls;
}

void resolvers_destroy(struct resolvers **resolvers)
{
	if (!*resolvers)
		return;
	for (size_t i = 0; i < (*resolvers)->count; i++)
		resolver_clear(&(*resolvers)->list[i]);
	free((*resolvers)->list);
	tls_destroy(&(*resolvers)->tls);
	free(*resolvers);
	*resolvers = NULL;
}
