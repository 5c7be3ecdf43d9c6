/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lab's world: every zone, who serves it, and what is wrong with it, as the case table says.
 *
 * A zone is described by directives ("window(A) expired", "ds stale", "+www A 5.53.8.1"); they
 * are kept as text and looked up where they matter, so that a new fault needs a line in the table
 * and seldom a line of C. A directive with "#2" holds for the second copy of the zone only.
 */
#ifndef LAB_WORLD_H
#define LAB_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <netinet/in.h>
#include <ldns/ldns.h>

#define LAB_MAX_NS	24
#define LAB_MAX_COPIES	4
#define LAB_ROW_COLUMNS 7 /* name qtype status category cause at how */

struct server {
	const char *name, *daemon, *ip4, *ip6;
	bool for_names; /* only started with --names */
};

/* One name server of a zone, as its parent delegates to it. */
struct ns {
	char *host; /* absolute name */
	char ip4[INET_ADDRSTRLEN];
	char ip6[INET6_ADDRSTRLEN];
	const struct server *server; /* NULL: the odd server, nobody, or only a name */
	char *odd;		     /* behaviours for the odd server, or NULL */
	bool served;		     /* false: the address is right, the zone is not there */
	int copy;		     /* which copy of the zone it has, from 1 */
};

struct directive {
	char *word;  /* "window", "ds", "+", ... */
	char *scope; /* what stands in parentheses, or NULL */
	char *args;
	int copy; /* 0: all copies */
};

struct zone_key {
	ldns_key *key;	 /* NULL: unsigned zone */
	ldns_rr *dnskey; /* as published, fields wrong on purpose included */
};

struct zone {
	char *name; /* absolute, lower case */
	struct zone *parent, *kids, *sibling;
	struct directive *directives;
	size_t n_directives;
	struct ns ns[LAB_MAX_NS];
	size_t n_ns;
	struct zone_key ksk, zsk; /* the same when one key does both */
	int algorithm;		  /* 0: unsigned */
	int copies;
};

/* One line of the case table that asks something. Columns point into text. */
struct row {
	char *column[LAB_ROW_COLUMNS];
	const char *control; /* "good", "bogus", ... or NULL */
	bool on_purpose;
};

struct world {
	struct zone **zones; /* sorted by name once linked */
	size_t n_zones, room_zones;
	struct row *rows;
	size_t n_rows, room_rows;
	struct row *names; /* rows made from --names */
	size_t n_names, room_names;
	int next_odd, next_nobody;
	bool with_names;
	int64_t now;
	EVP_PKEY *rsa; /* the one RSA key pair of the world, made when first needed */
};

extern const struct server lab_servers[];
extern const size_t lab_n_servers;

/* table.c */
bool world_read_table(struct world *w, const char *path);
struct zone *world_add_zone(struct world *w, const char *name, const char *build);
bool world_link(struct world *w);
struct zone *world_find_zone(const struct world *w, const char *name);
void world_add_row(struct row **rows, size_t *n, size_t *room, char *const column[]);
void world_free(struct world *w);
/* The first directive of that word (and scope, when given) that holds for the copy, or NULL. */
const struct directive *zone_directive(const struct zone *z, const char *word, const char *scope,
				       int copy);
const char *zone_arg(const struct zone *z, const char *word, int copy, const char *otherwise);
bool name_is_below(const char *name, const char *zone); /* or equal; both absolute */
const struct server *server_find(const char *name, size_t length);

/* places.c: who serves a zone */
bool zone_place(struct world *w, struct zone *z, const char *args);

/* keys.c */
bool zone_make_keys(struct world *w, struct zone *z);
void zone_free_keys(struct zone *z);
/* Adds the DS records of a zone, as its "ds" directive wants them. */
bool zone_push_ds(struct world *w, const struct zone *z, ldns_rr_list *list);
ldns_key *key_of_algorithm(struct world *w, int algorithm, const char *owner, uint16_t flags);

/* content.c */
ldns_rr_list *zone_content(struct world *w, const struct zone *z, int copy);
bool push_text(ldns_rr_list *list, const char *origin, uint32_t ttl, const char *text);

/* sign.c */
struct window {
	uint32_t inception, expiration;
};
bool window_of(const struct world *w, const char *name, struct window *out);
/* Takes the records of content, gives them back with DNSKEY, denial and signatures. */
ldns_rr_list *zone_sign(struct world *w, const struct zone *z, int copy, ldns_rr_list *content);

/* keytrap.c */
bool keytrap_push_keys(const struct zone *z, ldns_rr_list *list);
void keytrap_push_signatures(const struct zone *z, ldns_rr_list *list);

/* edit.c */
bool zone_edit(struct world *w, const struct zone *z, int copy, const char *word,
	       ldns_rr_list *list);
bool denial_edit(struct world *w, const struct zone *z, int copy, ldns_rr_list *denial);

/* write.c */
bool world_write(struct world *w, const char *folder);

/* names.c */
bool world_read_names(struct world *w, const char *path);

#endif
