/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The odd server: one small authoritative server that misbehaves as told, by address and zone.
 * It is a proper authoritative server underneath (zonedb, answer), with a layer of behaviours
 * (behave) between the question and the wire (serve). One thread, one struct server.
 */
#ifndef LAB_ODD_H
#define LAB_ODD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <ldns/ldns.h>

#define ODD_MAX_MESSAGE	 65535
#define ODD_UDP_SIZE	 1232
#define ODD_MAX_TYPE_ACT 8

/* --- zonedb.c: a zone in memory, read only after loading ------------------------------------ */
struct node {
	ldns_rdf *name;
	ldns_rr_list *rrs; /* signatures included */
};

struct zonedb {
	ldns_rdf *apex;
	struct node *nodes; /* canonical order (RFC 4034 6.1), NSEC3 owners left out */
	size_t n_nodes;
	struct node *hashed; /* NSEC3 owners, in order */
	size_t n_hashed;
	uint8_t salt[255], salt_length;
	uint16_t iterations;
};

struct zonedb *zonedb_load(const char *path, const char *apex);
void zonedb_destroy(struct zonedb **db);
const struct node *zonedb_find(const struct zonedb *db, const ldns_rdf *name);
bool zonedb_exists(const struct zonedb *db, const ldns_rdf *name); /* empty non-terminals too */
/* The last node at or before a name (the one whose NSEC may cover it), or NULL. */
const struct node *zonedb_before(const struct zonedb *db, const ldns_rdf *name);
/* The NSEC3 that matches, or covers, the hash of a name, or NULL. */
const struct node *zonedb_hash_match(const struct zonedb *db, const ldns_rdf *name);
const struct node *zonedb_hash_cover(const struct zonedb *db, const ldns_rdf *name);
bool node_has(const struct node *node, ldns_rr_type type);

/* --- answer.c: what a sound server says ------------------------------------------------------ */
struct query {
	uint16_t id, type, class, udp_size;
	uint8_t opcode, edns_version;
	bool rd, cd, edns, dnssec_ok, cookie, tcp;
	ldns_rdf *name; /* as sent, case kept */
	struct sockaddr_storage from;
};

struct answer {
	ldns_pkt_rcode rcode;
	bool aa;
	ldns_rr_list *section[3]; /* answer, authority, additional; the records belong to it */
};

/* NULL on garbage that deserves no answer. Sets *rcode to FORMERR where that is the answer. */
struct query *query_parse(const uint8_t *wire, size_t size, bool tcp, ldns_pkt_rcode *rcode);
void query_destroy(struct query **q);
void answer_init(struct answer *a);
void answer_clear(struct answer *a);
void answer_find(const struct zonedb *db, const struct query *q, bool one_alias, struct answer *a);
bool answer_push(struct answer *a, int section, const char *text); /* one record */

/* --- behave.c ----------------------------------------------------------------------------------
 */
enum tcp_mode { TCP_WORKS, TCP_CLOSED, TCP_SILENT, TCP_GARBAGE, TCP_FILTERED };
enum type_act { ACT_DROP, ACT_EMPTY, ACT_TRUNCATE, ACT_RCODE };

struct behaviour {
	bool mute, udp_mute, upward, empty, no_aa, other_root, other_soa, self_referral, truncate;
	bool edns_drop, edns_formerr, badvers, do_drop, do_formerr, strip, garbage, cut, wrong_id;
	bool wrong_question, wrong_class, wrong_source, flaky, one_alias, endless, lower_case;
	bool bad_rdata, long_name, resolvers_only, strangers_only, no_question, no_soa;
	bool edns_servfail, edns_refused, truncate_tcp, cookie_drop, cookie_formerr, case_drop,
		upper_case, trailing, header_only, slip;
	int rcode; /* -1: what is right */
	int drop_above, slow_ms, loss_percent, drop_first, rate_10s, fail_s, flap_s;
	enum tcp_mode tcp;
	struct {
		uint16_t type;
		enum type_act act;
		int rcode;
	} by_type[ODD_MAX_TYPE_ACT];
	size_t n_by_type;
	char *sideways; /* a name server to refer to */
};

/* What one line of odd.tsv says, and what it remembers between questions. */
struct line {
	struct line *next; /* all there are */
	ldns_rdf *zone;
	struct zonedb *db; /* NULL: no data */
	struct behaviour how;
	uint64_t questions;
	int64_t first_ms, period_ms;
	int in_period;
	struct {
		uint32_t hash;
		int count;
	} seen[256]; /* drop-first counts by question and client */
};

struct reply {
	uint8_t *wire; /* NULL: no answer */
	size_t size;
	int delay_ms;
	bool other_source;
};

bool behaviour_parse(const char *text, struct behaviour *out);
/* Everything between a parsed question and the octets of its answer. */
void behave(struct line *line, struct query *q, int64_t now_ms, struct reply *out);
/* The whole message; truncated to nothing but TC when it is longer than fits. */
uint8_t *answer_wire(const struct query *q, const struct answer *a, const struct behaviour *how,
		     size_t *size);

#endif
