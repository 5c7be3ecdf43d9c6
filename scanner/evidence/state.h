/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * state -- a zone as its servers show it for one question: every name server's name, every address,
 * what each answer is worth, and the one word that fits all.
 */
#pragma once

#include "scanner/evidence/server.h"
#include "scanner/evidence/trust.h"

struct state_ns {
	const uint8_t *name;
	const char *resolver;	 /* as in struct ns */
	const struct ns *ns;	 /* in the delegation */
	const struct host *host; /* NULL: not resolved, the glue was there */
	const char *finding;	 /* constant */
	const char *detail;
};

struct state_server {
	const uint8_t *name;  /* of the name server */
	const char *resolver; /* ... or what is in its place */
	const struct server *server;
	struct link link;	 /* its answer, by the chain */
	const struct keys *keys; /* its own DNSKEY answer judged; NULL: none */
};

struct state {
	const struct zone *zone;
	const uint8_t *qname;
	uint16_t qtype;
	const struct ds *ds;
	const struct keys *keys;
	unsigned ns_count;
	struct state_ns ns[ZONE_NS_MAX];
	unsigned count;
	struct state_server server[ZONE_ADDRESSES_MAX];
	unsigned left_out;   /* addresses beyond the limit */
	bool by_resolvers;   /* they tell, not the name servers */
	bool cut_off;	     /* nobody at all is heard here */
	bool in_ring;	     /* only sibling glue leads to its servers */
	const char *parents; /* what another server of the parent says; NULL: nothing else */
	/* Servers that the delegation does not name, tried because those in it are no good. */
	unsigned beside_count;
	struct state_server beside[4];
	/* The conclusion. */
	const char *finding; /* constant */
	const char *detail;
	const struct state_server
		*best; /* a usable server, the one with the best link; NULL: none */
};

extern const struct state state_unknown;
bool state_find(struct fact *self);
/* A server was asked, and silent to all. */
bool state_any_silent(const struct state *state);
/* measure: count lost queries, be there a reason or not, and ask more of who is silent. */
const struct state *need_state(struct fact *self, const struct zone *zone, const uint8_t *qname,
			       uint16_t qtype, bool measure);

/* state_judge.c */
const char *state_server_name(const struct state_server *server, char text[DNAME_TEXT_MAX]);
/* The links of all servers; once, when all is known. */
void state_links(struct fact *self, struct state *state);
void state_conclude(struct fact *self, struct state *state);
/* Servers found by other ways work: what is wrong with the delegation then. */
void state_conclude_beside(struct fact *self, struct state *state,
			   const struct state_server *beside, unsigned count);
