/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * evidence_world -- name servers made of text, for the tests of the evidence: no network, no clock.
 *
 * A server is an address and what it says: "QNAME TYPE: what", where what is `mute`, `closed`,
 * `unsent`, `tc`, `garbage`, `mismatch`, `excluded`, an RCODE, or records "| answer | authority | additional"
 * with `aa`, and `do` where it knows DNSSEC, before them. "*" stands for any QNAME or TYPE. The first line that fits counts. A line
 * may be for one way only: "tcp:", "plain:" in front.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ldns/ldns.h>

#include "scanner/evidence/inquest.h"

struct line {
	const char *addr, *way, *qname, *type, *what;
};

struct pending {
	struct fact *fact;
	struct addr addr;
	const uint8_t *qname;
	uint16_t qtype;
	enum probe_way way;
};

#define PENDING_MAX 20000

struct test_world {
	const struct line *lines;
	/* Says what a generated server answers; NULL: by the lines only. */
	const char *(*invent)(const struct pending *pending, char text[2048]);
	struct hints hints;
	struct world world;
	struct facts *facts;
	struct pending pending[PENDING_MAX];
	unsigned pending_count;
	unsigned asked; /* questions put */
	int64_t now_ns;
	bool waits; /* do not let time pass by itself */
	/* The rows of all names. */
	struct evidence_copy {
		char zone[256], probe[32], server[256], address[64], finding[64], detail[1500],
			question[256], transport[20];
	} rows[4000];
	unsigned row_count;
	unsigned done;
	uint64_t numbers;
};

static struct test_world *tw;

static void world_ask(void *owner, struct fact *fact, const struct addr *addr, const uint8_t *qname,
		      uint16_t qtype, enum probe_way way)
{
	struct test_world *w = owner;

	if (w->pending_count == PENDING_MAX)
		abort();
	w->asked++;
	w->pending[w->pending_count++] = (struct pending){fact, *addr, qname, qtype, way};
}

static void push(ldns_pkt *pkt, ldns_pkt_section section, char *records)
{
	for (char *one = strtok(records, ";"); one; one = strtok(NULL, ";")) {
		ldns_rr *rr = NULL;

		while (*one == ' ')
			one++;
		if (*one == '\0')
			continue;
		if (ldns_rr_new_frm_str(&rr, one, 300, NULL, NULL) != LDNS_STATUS_OK) {
			fprintf(stderr, "no record: %s\n", one);
			abort();
		}
		ldns_pkt_push_rr(pkt, section, rr);
	}
}

/* "[aa] [RCODE] | answer | authority | additional" */
static void message_of(struct probe *probe, struct fact *fact, const struct pending *p,
		       const char *what)
{
	char text[2048], *sections[4] = {text, NULL, NULL, NULL}, *rest = text;
	char qname[DNAME_TEXT_MAX], name[DNAME_TEXT_MAX + 1];
	ldns_pkt *pkt = ldns_pkt_new();
	uint8_t *wire;
	size_t len;

	snprintf(text, sizeof(text), "%s", what);
	for (int i = 0; i < 4; i++)
		sections[i] = strsep(&rest, "|");
	snprintf(name, sizeof(name), "%s%s", dname_text(qname, p->qname), *p->qname ? "." : "");
	ldns_pkt_push_rr(pkt, LDNS_SECTION_QUESTION, ldns_rr_new());
	ldns_rr_list_deep_free(ldns_pkt_question(pkt));
	ldns_pkt_set_question(pkt, ldns_rr_list_new());
	{
		ldns_rr *question = ldns_rr_new();

		ldns_rr_set_question(question, true);
		ldns_rr_set_owner(question, ldns_dname_new_frm_str(name));
		ldns_rr_set_type(question, (ldns_rr_type)p->qtype);
		ldns_rr_set_class(question, LDNS_RR_CLASS_IN);
		ldns_rr_list_push_rr(ldns_pkt_question(pkt), question);
		ldns_pkt_set_qdcount(pkt, 1);
	}
	ldns_pkt_set_qr(pkt, true);
	ldns_pkt_set_aa(pkt, strstr(sections[0], "aa") != NULL);
	for (int i = 0; i < 16; i++) {
		ldns_lookup_table *rcode = ldns_lookup_by_id(ldns_rcodes, i);

		if (rcode && strstr(sections[0], rcode->name))
			ldns_pkt_set_rcode(pkt, (uint8_t)i);
	}
	if (sections[1])
		push(pkt, LDNS_SECTION_ANSWER, sections[1]);
	if (sections[2])
		push(pkt, LDNS_SECTION_AUTHORITY, sections[2]);
	if (sections[3])
		push(pkt, LDNS_SECTION_ADDITIONAL, sections[3]);
	if (ldns_pkt2wire(&wire, pkt, &len) != LDNS_STATUS_OK)
		abort();
	probe->outcome = OUTCOME_ANSWERED;
	probe->rcode = (int)ldns_pkt_get_rcode(pkt);
	probe->flags = ldns_pkt_aa(pkt) ? FLAG_AA : 0;
	probe->answers = ldns_pkt_ancount(pkt);
	probe->edns = probe->edns_do = strstr(sections[0], " do") != NULL;
	(void)probe_keep(probe, fact, wire, len);
	probe->rtt_ns = 1000000;
	if (strstr(sections[0], " late")) { /* than the second message */
		probe->tries = 2;
		probe->rtt_ns = 1700 * NS_PER_MS;
	}
	if (strstr(sections[0], " tardy"))
		probe->rtt_ns = 1100 * NS_PER_MS;
	if (strstr(sections[0], " slow"))
		probe->rtt_ns = 7 * NS_PER_S;
	free(wire);
	ldns_pkt_free(pkt);
}

static bool fits(const struct line *line, const struct pending *p)
{
	char addr[ADDR_TEXT_MAX], name[DNAME_TEXT_MAX], type[NAME_TEXT_MAX];
	const char *way = probe_way_streams(p->way) ? "tcp" : p->way == PROBE_PLAIN ? "plain" : "udp";

	if (strcmp(line->addr, "*") != 0 &&
	    strcmp(line->addr, addr_format(&p->addr, 53, addr)) != 0)
		return false;
	if (line->way && strcmp(line->way, way) != 0)
		return false;
	if (strcmp(line->qname, "*") != 0 && strcmp(line->qname, dname_text(name, p->qname)) != 0)
		return false;
	return strcmp(line->type, "*") == 0 || strcmp(line->type, qtype_name(p->qtype, type)) == 0;
}

static void world_answer(struct test_world *w, const struct pending *p)
{
	struct probe *probe = arena_take(fact_arena(p->fact), sizeof(*probe));
	const char *what = NULL;
	char text[2048];

	*probe = (struct probe){.addr = p->addr,
				.qname = p->qname,
				.qtype = p->qtype,
				.way = p->way,
				.tries = 1,
				.connected = probe_way_streams(p->way),
				.rcode = RCODE_UNKNOWN,
				.answers = -1,
				.rtt_ns = -1,
				.outcome = OUTCOME_TIMEOUT};
	for (const struct line *line = w->lines; !what && line->addr; line++)
		if (fits(line, p))
			what = line->what;
	if (!what && w->invent)
		what = w->invent(p, text);
	if (what && strcmp(what, "excluded") == 0) {
		probe->outcome = OUTCOME_NOT_ASKED;
		probe->excluded = true;
		probe->why = "not asked: on the list";
	} else if (!what || strcmp(what, "mute") == 0) {
		w->now_ns += w->waits ? 0 : 1000000;
	} else if (strcmp(what, "filtered") == 0) { /* a connection that does not come up */
		probe->connected = false;
	} else if (strcmp(what, "closed") == 0) {
		probe->outcome = OUTCOME_UNREACHABLE;
		probe->closed = true;
	} else if (strcmp(what, "unsent") == 0) {
		probe->outcome = OUTCOME_UNREACHABLE;
		probe->unsent = true;
	} else if (strcmp(what, "mismatch") == 0) {
		probe->outcome = OUTCOME_MISMATCH;
		probe->mismatches = 1;
	} else if (strcmp(what, "garbage") == 0) {
		probe->outcome = OUTCOME_MALFORMED;
		probe->malformed = 1;
	} else {
		message_of(probe, p->fact, p, what);
		probe->truncated = strncmp(what, "tc", 2) == 0;
	}
	fact_found(p->fact, probe);
}

static void put_row(void *owner, const struct evidence *row)
{
	struct test_world *w = owner;
	struct evidence_copy *copy = &w->rows[w->row_count < 3999 ? w->row_count++ : 3999];

#define COPY(field)                                                                                \
	snprintf(copy->field, sizeof(copy->field), "%.*s", (int)row->field.len,                    \
		 row->field.len ? row->field.text : "")
	COPY(zone);
	COPY(probe);
	COPY(server);
	COPY(address);
	COPY(finding);
	COPY(detail);
	COPY(question);
	COPY(transport);
#undef COPY
}

static void world_done(struct job *job, const void *value)
{
	struct rows rows = {.put = put_row, .owner = tw, .name = {"x", 1}, .qtype = 1};

	account_rows(value, job, &rows);
	tw->done++;
}

static void world_start(struct test_world *w, const struct line *lines)
{
	struct facts_config config = {.kinds = fact_kinds, .world = &w->world, .done = world_done};

	tw = w;
	w->lines = lines;
	w->pending_count = w->asked = w->row_count = w->done = 0;
	w->now_ns = 0;
	if (w->hints.count == 0) {
		w->hints.count = 1;
		memcpy(w->hints.server[0].name, "\1a\4root", 8);
		w->hints.server[0].addr_count = 1;
		addr_parse(&w->hints.server[0].addr[0], "5.0.0.1", 53);
	}
	w->world.owner = w;
	w->world.ask = world_ask;
	w->world.hints = &w->hints;
	w->world.port = 53;
	w->facts = facts_create(&config);
}

static struct job world_job(struct test_world *w)
{
	return (struct job){.number = ++w->numbers,
			    .deadline_ns = w->now_ns + 60000000000,
			    .probes_left = 200,
			    .facts_left = 3000,
			    .octets_left = 1 << 20,
			    .work = {.signatures = 128, .hashes = 4096}};
}

/* Finds one thing out. */
static void find_out(struct test_world *w, struct job *job, const struct fact_key *key)
{
	unsigned done = w->done;

	facts_start(w->facts, job, key);
	while (w->done == done) {
		struct pending now[64];
		unsigned count;

		facts_run(w->facts, w->now_ns, 1795910400);
		count = w->pending_count < 64 ? w->pending_count : 64;
		memcpy(now, w->pending, count * sizeof(now[0]));
		memmove(w->pending, w->pending + count,
			(w->pending_count - count) * sizeof(now[0]));
		w->pending_count -= count;
		if (count == 0 && w->done == done)
			abort(); /* nobody is asked and nothing is known: stuck */
		for (unsigned i = 0; i < count; i++)
			world_answer(w, &now[i]);
	}
}

/* Looks into one name until all is known. */
static inline void look_into(struct test_world *w, struct job *job, const char *qname)
{
	ldns_rdf *rdf = ldns_dname_new_frm_str(qname);
	struct fact_key key = account_key(ldns_rdf_data(rdf), 1);

	find_out(w, job, &key);
	ldns_rdf_deep_free(rdf);
}

static inline const struct evidence_copy *row_of(const struct test_world *w, const char *probe,
					  const char *zone)
{
	for (unsigned i = 0; i < w->row_count; i++)
		if (strcmp(w->rows[i].probe, probe) == 0 &&
		    (!zone || strcmp(w->rows[i].zone, zone) == 0) && w->rows[i].question[0] == '\0')
			return &w->rows[i];
	return NULL;
}

static inline const char *conclusion(const struct test_world *w, const char *zone)
{
	const struct evidence_copy *row = row_of(w, "conclusion", zone);

	return row ? row->finding : NULL;
}

#define SOA(zone) zone ". SOA ns." zone ". h." zone ". 7 1 1 1 1"

/* The way down to x.example, for every test. */
#define DOWN                                                                                       \
	{"5.0.0.1", NULL, "example", "NS", "| | example. NS ns.example. | ns.example. A 5.0.1.1"}, \
		{"5.0.0.1", NULL, "net", "NS", "| | net. NS ns.net. | ns.net. A 5.0.1.2"},         \
	{                                                                                          \
		"5.0.1.1", NULL, "ns.example", "NS", "aa | | " SOA("example")                      \
	}

#define ONE_SERVER                                                                                 \
	{                                                                                          \
		"5.0.1.1", NULL, "x.example", "NS",                                                \
			"| | x.example. NS ns1.x.example. | ns1.x.example. A 5.0.2.1"              \
	}

static inline const char *look_for(struct test_world *w, const struct line *lines, const char *qname,
			    const char *zone)
{
	struct job job;

	world_start(w, lines);
	job = world_job(w);
	look_into(w, &job, qname);
	facts_destroy(&w->facts);
	return conclusion(w, zone);
}
