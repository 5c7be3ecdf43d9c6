/* SPDX-License-Identifier: BSD-2-Clause */

/* The rows of one name's evidence, in the order in which a person would read them. */
#include "scanner/evidence/inquest.h"

#include <stdio.h>
#include <string.h>

#include "io/clock.h"

/* Rows of one road. */
struct section {
	const struct rows *rows;
	bool by_resolvers;
	bool cut_unknown; /* nobody tells whether the name, or one above, begins a zone of its own */
};

/* Texts that a row points to. */
struct line {
	struct evidence row;
	char zone[DNAME_TEXT_MAX], question[DNAME_TEXT_MAX], server[DNAME_TEXT_MAX],
		address[ADDR_TEXT_MAX];
	char detail[1600];
};

static void begin(struct line *line, const struct section *section, const char *probe,
		  const uint8_t *zone)
{
	evidence_init(&line->row);
	line->row.time_ms = section->rows->time_ms;
	line->row.name = section->rows->name;
	line->row.qtype = section->rows->qtype;
	line->row.probe = view_of(probe);
	if (section->by_resolvers)
		line->row.transport = view_of(probe_way_text(PROBE_RELAY));
	if (zone != NULL)
		line->row.zone = view_of(dname_text(line->zone, zone));
}

static void end(struct line *line, const struct section *section, const char *finding,
		const char *detail)
{
	line->row.finding = view_of(finding);
	line->row.detail = view_of(detail != NULL ? detail : "");
	section->rows->put(section->rows->owner, &line->row);
}

/* What was asked, of whom, and what came back. */
static void fill(struct line *line, const struct probe *probe)
{
	struct evidence *row = &line->row;

	row->time_ms = probe->time_ms;
	row->question = view_of(dname_text(line->question, probe->qname));
	row->question_type = probe->qtype;
	row->address = view_of(addr_format(&probe->addr, 53, line->address));
	row->transport = view_of(probe_way_text(probe->way));
	row->outcome = probe->outcome;
	row->rcode = probe->rcode;
	row->flags = probe->flags;
	row->answers = probe->answers;
	row->tries = probe->tries;
	row->rtt_us = probe->rtt_ns >= 0 ? probe->rtt_ns / NS_PER_US : -1;
}

/* ---- zones ---- */

static void put_delegation(const struct section *section, const struct inquest_zone *at)
{
	const struct zone *zone = at->zone;
	struct line line;
	size_t len = (size_t)snprintf(line.detail, sizeof(line.detail), "NS:");
	bool missing = zone->ns_count > 0;

	begin(&line, section, "delegation", zone->name);
	if (zone->delegation != NULL)
		fill(&line, zone->delegation);
	if (zone->file_ds != NULL)
		line.row.transport = view_of("zone-file");
	for (unsigned i = 0; i < zone->ns_count; i++) {
		char name[DNAME_TEXT_MAX];

		missing = missing && zone->ns[i].inside && zone->ns[i].glue_count == 0;
		if (len < sizeof(line.detail) - 1)
			len += (size_t)snprintf(line.detail + len, sizeof(line.detail) - len, " %s",
						dname_text(name, zone->ns[i].name));
	}
	if (zone->by_child && len < sizeof(line.detail) - 1)
		snprintf(line.detail + len, sizeof(line.detail) - len,
			 "; the parent's server has the zone too, and answered for it");
	end(&line, section, missing ? "ns-glue-missing" : "ok", line.detail);
}

/* What stands in the way below the deepest zone. */
static void put_place(const struct section *section, const struct inquest *inquest)
{
	struct line line;
	const char *finding;

	switch (inquest->place->kind) {
	case PLACE_NO_NAME:
		finding = "nxdomain";
		break;
	case PLACE_SILENT:
		finding = "no-answer";
		break;
	case PLACE_LOOP:
		finding = "ns-loop";
		break;
	default:
		return;
	}
	begin(&line, section, "delegation", inquest->zone->name);
	line.row.question = view_of(dname_text(line.question, inquest->qname));
	end(&line, section, finding,
	    inquest->place->kind == PLACE_NO_NAME ? "its servers say that there is no such name"
						  : inquest->place->why);
}

/* A signature by a zone below, or none at all, is a fault only where there is no such zone; the
 * name servers of this one would have referred to it, resolvers do not. */
static bool is_beyond(const struct section *section, const struct link *link)
{
	if (!section->cut_unknown)
		return false;
	if (link->state == CHAIN_INDETERMINATE)
		return link->fault == CHAIN_RRSIG_WRONG_FIELDS;
	return section->by_resolvers &&
	       (link->fault == CHAIN_RRSIG_MISSING || link->fault == CHAIN_DENIAL_MISSING ||
		link->fault == CHAIN_DENIAL_WRONG || link->fault == CHAIN_SERVER_WITHOUT_DNSSEC);
}

/* of_own: of the zone in question. A dead one gives no keys either: its servers' rows say what is
 * wrong. */
static const char *link_finding(const struct section *section, const struct link *link, bool of_own)
{
	const char *id = chain_fault_id(link->fault);

	if (is_beyond(section, link) ||
	    (of_own && !section->by_resolvers && link->state == CHAIN_INDETERMINATE &&
	     link->fault == CHAIN_DNSKEY_UNOBTAINABLE))
		return chain_state_name(CHAIN_INDETERMINATE);
	if (link->state == CHAIN_INDETERMINATE && link->fault == CHAIN_PARENT_DS_INVALID)
		return EVIDENCE_NO_DS;
	return *id != '\0' ? id : chain_state_name(link->state);
}

/* The link from the parent to the zone. own: judged with the answer beside it. */
static void put_link(const struct section *section, const struct inquest_zone *at,
		     const struct state *own)
{
	const struct link *link = &at->keys->link;
	const struct zone *where = at->zone;
	bool by_parent = at->ds->link.state == CHAIN_BOGUS ||
			 (at->ds->link.state == CHAIN_INDETERMINATE && at->keys->keyset == NULL);
	struct line line;

	if (by_parent) {
		link = &at->ds->link;
		if ((link->state == CHAIN_BOGUS || link->fault == CHAIN_PARENT_DS_INVALID) &&
		    where->parent != NULL)
			where = where->parent;
	} else if (own != NULL) {
		for (unsigned i = 0; i < own->count && at->keys->result != NULL; i++)
			if (own->server[i].keys == own->keys) {
				link = &own->server[i].link;
				break;
			}
	}
	begin(&line, section, "chain", where->name);
	end(&line, section, link_finding(section, link, own != NULL), link->detail);
}

/* ---- servers ---- */

static void put_probe(const struct section *section, const struct zone *zone,
		      const struct state_server *server, const struct probe *probe)
{
	struct line line;
	size_t len = 0;

	begin(&line, section, "server", zone->name);
	fill(&line, probe);
	line.row.server = view_of(state_server_name(server, line.server));
	line.detail[0] = '\0';
	if (probe->mismatches > 0)
		len = (size_t)snprintf(line.detail, sizeof(line.detail),
				       "%u answers that do not fit", probe->mismatches);
	if (probe->malformed > 0)
		snprintf(line.detail + len, sizeof(line.detail) - len,
			 "%s%u answers that do not parse", len > 0 ? ", " : "", probe->malformed);
	end(&line, section, probe_finding(probe, zone), line.detail);
}

static void put_server(const struct section *section, const struct state *state,
		       const struct state_server *at)
{
	const struct server *server = at->server;
	struct line line;

	for (unsigned i = 0; i < server->shown; i++)
		put_probe(section, state->zone, at, server->show[i]);
	begin(&line, section, "server", state->zone->name);
	line.row.server = view_of(state_server_name(at, line.server));
	line.row.address = view_of(addr_format(&server->addr, 53, line.address));
	end(&line, section, server->finding, server->detail);
	if (server->heard) {
		line.row.probe = view_of("address");
		end(&line, section, "heard",
		    "it is not dead: it answered other queries of this run over UDP");
	}
	if (server->lossy) {
		line.row.probe = view_of("address");
		end(&line, section, EVIDENCE_LOSSY,
		    "from here, many queries to servers that do answer are lost, too");
	}
	if (at->keys == NULL || server->answer == NULL)
		return;
	begin(&line, section, "chain", state->zone->name);
	line.row.server = view_of(state_server_name(at, line.server));
	line.row.address = view_of(line.address);
	end(&line, section, link_finding(section, &at->link, true), at->link.detail);
	if (at->link.beside == CHAIN_FAULT_NONE)
		return;
	line.row.probe = view_of("beside");
	end(&line, section, chain_fault_id(at->link.beside), at->link.detail);
}

static void list_excluded(struct line *line, const char *what)
{
	size_t len = strlen(line->detail);

	snprintf(line->detail + len, sizeof(line->detail) - len, "%s%s",
		 len > 0 ? ", " : "never to be asked: ", what);
}

/* Servers that are spared: what the others come to may not be all. */
static void put_excluded(const struct section *section, const struct state *state)
{
	char addr[ADDR_TEXT_MAX], name[DNAME_TEXT_MAX];
	struct line line;

	line.detail[0] = '\0';
	for (unsigned i = 0; i < state->count; i++)
		if (state->server[i].server->excluded)
			list_excluded(&line, addr_format(&state->server[i].server->addr, 53, addr));
	for (unsigned i = 0; i < state->ns_count; i++)
		if (state->ns[i].host != NULL && state->ns[i].host->excluded)
			list_excluded(&line, dname_text(name, state->ns[i].name));
	if (line.detail[0] == '\0')
		return;
	begin(&line, section, "budget", state->zone->name);
	end(&line, section, "excluded", line.detail);
}

static void put_state(const struct section *section, const struct state *state)
{
	struct line line;

	if (state->zone == NULL)
		return;
	for (unsigned i = 0; i < state->ns_count && !section->by_resolvers; i++) {
		begin(&line, section, "ns-address", state->zone->name);
		line.row.server = view_of(dname_text(line.server, state->ns[i].name));
		end(&line, section, state->ns[i].finding, state->ns[i].detail);
	}
	for (unsigned i = 0; i < state->count; i++)
		put_server(section, state, &state->server[i]);
	for (unsigned i = 0; i < state->beside_count; i++)
		put_server(section, state, &state->beside[i]);
	put_excluded(section, state);
	if (state->in_ring) {
		begin(&line, section, "delegation", state->zone->name);
		end(&line, section, EVIDENCE_RING,
		    "its name servers can be found only through each other, were it not for glue "
		    "about other zones, which some resolvers do not believe");
	}
	if (state->parents != NULL) {
		begin(&line, section, "delegation", state->zone->parent->name);
		end(&line, section, EVIDENCE_PARENTS, state->parents);
	}
	begin(&line, section, "conclusion", state->zone->name);
	end(&line, section, state->finding, state->detail);
}

/* ---- the name ---- */

static void put_path(const struct section *section, const struct inquest *inquest)
{
	struct line line;

	for (unsigned i = 0; i < inquest->zones; i++) {
		const struct inquest_zone *at = &inquest->path[i];
		bool own = i + 1 == inquest->zones;

		begin(&line, section, "path", at->zone->name);
		end(&line, section, own ? "own-zone" : "zone", "");
		if (at->zone->parent != NULL && !section->by_resolvers)
			put_delegation(section, at);
		put_link(section, at, own ? inquest->state : NULL);
		if (at->zone->parent != NULL && at->ds_asked != NULL) {
			begin(&line, section, "delegation", at->zone->parent->name);
			end(&line, section, EVIDENCE_DS_ASKED, at->ds_asked);
		}
		if (at->state != NULL)
			put_state(section, at->state);
	}
	put_place(section, inquest);
}

static void put_alias(const struct section *section, const struct inquest *inquest)
{
	char qname[DNAME_TEXT_MAX], target[DNAME_TEXT_MAX];
	const char *finding = "alias";
	struct line line;

	if (inquest->target == NULL)
		return;
	begin(&line, section, "path", inquest->zone->name);
	snprintf(line.detail, sizeof(line.detail), "%s CNAME %s", dname_text(qname, inquest->qname),
		 dname_text(target, inquest->target));
	end(&line, section, finding, line.detail);
}

/* Loops, and chains that some or all resolvers find too long, said once, of the zone where they
 * begin. */
static void put_alias_end(const struct section *section, const struct inquest *inquest)
{
	const char *finding = "cname-chain-long";
	char qname[DNAME_TEXT_MAX];
	struct line line;

	if (inquest->alias == ALIAS_LOOP)
		finding = "cname-loop";
	else if (inquest->alias == ALIAS_TOO_LONG)
		finding = "cname-chain-too-long";
	else if (inquest->aliases < INQUEST_ALIASES_LONG)
		return;
	begin(&line, section, "conclusion", inquest->zone->name);
	dname_text(qname, inquest->qname);
	if (inquest->alias == ALIAS_LOOP)
		snprintf(line.detail, sizeof(line.detail),
			 "the aliases of %s lead back to one before", qname);
	else
		snprintf(line.detail, sizeof(line.detail), "%u aliases in a row from %s on%s",
			 inquest->aliases, qname,
			 inquest->alias == ALIAS_TOO_LONG ? ", or more" : "");
	end(&line, section, finding, line.detail);
}

static void put_hosts(const struct section *section, const struct inquest *inquest)
{
	for (unsigned i = 0; i < inquest->hosts; i++) {
		const struct state *state = inquest->host[i].state;
		struct line line;

		if (state->zone == NULL)
			continue;
		begin(&line, section, "path", state->zone->name);
		line.row.server = view_of(dname_text(line.server, inquest->host[i].ns));
		end(&line, section, "ns-zone", "the zone that the name of a name server is in");
		put_state(section, state);
	}
}

static void put_budget(const struct section *section, const struct job *job,
		       const struct inquest *inquest)
{
	struct line line;

	if (!job->out_of_time && !job->out_of_probes && !job->out_of_facts)
		return;
	begin(&line, section, "budget", inquest->zone != NULL ? inquest->zone->name : NULL);
	snprintf(line.detail, sizeof(line.detail), "not everything was asked:%s%s%s",
		 job->out_of_time ? " the time for one name was used up" : "",
		 job->out_of_probes ? " the probes for one name were used up" : "",
		 job->out_of_facts ? " there was too much to find out" : "");
	end(&line, section, "not-asked", line.detail);
}

static void put_inquest(struct section section, const struct inquest *inquest)
{
	unsigned depth = 0;

	for (const struct inquest *at = inquest;
	     at != NULL && at->zone != NULL && depth <= INQUEST_ALIASES_MAX + 1; depth++) {
		section.cut_unknown = at->place->kind == PLACE_SILENT ||
				      at->place->kind == PLACE_LOOP ||
				      at->place->kind == PLACE_UNKNOWN;
		put_path(&section, at);
		put_state(&section, at->state);
		put_hosts(&section, at);
		put_alias(&section, at);
		if (at == inquest)
			put_alias_end(&section, at);
		at = at->next;
	}
}

/* Nothing could be seen. */
static void put_blind(const struct section *section, const char *why)
{
	static const uint8_t root[1] = {0};
	struct line line;

	begin(&line, section, "budget", root);
	end(&line, section, "no-path", why);
}

static bool same_ds(const struct chain_ds *a, const struct chain_ds *b)
{
	return a->key_tag == b->key_tag && a->algorithm == b->algorithm &&
	       a->digest_type == b->digest_type && a->digest_len == b->digest_len &&
	       memcmp(a->digest, b->digest, a->digest_len) == 0;
}

static bool all_in(const struct chain_ds_set *these, const struct chain_ds_set *those)
{
	for (unsigned i = 0; i < these->count; i++) {
		bool found = false;

		for (unsigned j = 0; j < those->count && !found; j++)
			found = same_ds(&these->ds[i], &those->ds[j]);
		if (!found)
			return false;
	}
	return true;
}

/* A zone file may be of yesterday: are its DS those that resolvers get? */
static void put_file_check(const struct section *told, const struct account *account)
{
	const struct zone *zone = account->seen->zone;
	const struct ds *ds = NULL;
	struct line line;
	bool same;

	if (zone == NULL || zone->file_ds == NULL)
		return;
	for (unsigned i = 0; i < account->told->zones; i++)
		if (dname_equal(account->told->path[i].zone->name, zone->name))
			ds = account->told->path[i].ds;
	if (ds == NULL || (ds->link.state != CHAIN_SECURE && ds->link.state != CHAIN_INSECURE))
		return;
	same = all_in(&ds->set, zone->file_ds) && all_in(zone->file_ds, &ds->set);
	begin(&line, told, "delegation", zone->name);
	end(&line, told, same ? "ok" : "ds-differs",
	    same ? "the DS of the zone file are those of today"
		 : "the parent's DS of today are others than those of the zone file");
}

void account_rows(const struct account *account, const struct job *job, const struct rows *rows)
{
	struct section seen = {.rows = rows}, told = {.rows = rows, .by_resolvers = true};

	put_inquest(seen, account->seen);
	put_budget(&seen, job, account->seen);
	if (account->blind != NULL)
		put_blind(&seen, account->blind);
	if (account->told == NULL)
		return;
	put_inquest(told, account->told);
	put_file_check(&told, account);
}

void account_skipped(const struct rows *rows, const char *detail)
{
	struct section section = {.rows = rows};
	struct line line;

	begin(&line, &section, "budget", NULL);
	end(&line, &section, "not-asked", detail);
}
