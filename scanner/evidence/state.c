/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/evidence/state.h"

#include <stdio.h>
#include <string.h>

#include "scanner/evidence/reach.h"
#include "scanner/dns/records.h"

/* Servers whose loss is measured without a reason of their own. */
#define MEASURED_MAX 4
/* Servers beside the delegation that are tried when those in it fail. */
#define BESIDE_NAMES_MAX     4
#define BESIDE_ADDRESSES_MAX 4

const struct state state_unknown = {
	.finding = "not-asked",
	.detail = "the time or the number of probes for this name was used up",
	.ds = &ds_unknown,
	.keys = &keys_unknown,
	.qname = (const uint8_t *)""};

const struct state *need_state(struct fact *self, const struct zone *zone, const uint8_t *qname,
			       uint16_t qtype, bool measure)
{
	struct fact_key key = {.kind = KIND_STATE,
			       .road = fact_key(self)->road,
			       .variant = measure,
			       .qtype = qtype,
			       .zone = zone->name,
			       .name = qname};

	return fact_need(self, &key);
}

/* ---- name servers ---- */

static const char *addresses_text(struct fact *self, const char *head, const struct addr *addrs,
				  unsigned count)
{
	char text[600], addr[ADDR_TEXT_MAX];
	size_t len = (size_t)snprintf(text, sizeof(text), "%s", head);

	for (unsigned i = 0; i < count && len < sizeof(text) - 1; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, " %s",
					addr_format(&addrs[i], 53, addr));
	return arena_text(fact_arena(self), "%s", text);
}

static void judge_host(struct fact *self, struct state_ns *ns)
{
	const struct host *host = ns->host;
	char zone[DNAME_TEXT_MAX] = "", alias[DNAME_TEXT_MAX];
	struct arena *arena = fact_arena(self);

	if (host->zone != NULL)
		dname_text(zone, host->zone->name);
	switch (host->kind) {
	case HOST_FOUND:
		ns->finding = "ok";
		ns->detail = addresses_text(self, "addresses:", host->addr, host->addr_count);
		return;
	case HOST_ALIAS:
		ns->finding = "ns-name-alias";
		dname_text(alias, host->alias);
		ns->detail =
			host->addr_count > 0
				? addresses_text(self, arena_text(arena, "CNAME %s:", alias),
						 host->addr, host->addr_count)
				: arena_text(arena, "CNAME %s, which leads to no address", alias);
		return;
	case HOST_NO_NAME:
		ns->finding = "ns-name-nonexistent";
		ns->detail =
			arena_text(arena, "the servers of %s say that there is no such name", zone);
		return;
	case HOST_NO_ADDRESS:
		ns->finding = "ns-name-no-address";
		ns->detail = arena_text(arena, "the servers of %s know no A nor AAAA for it", zone);
		return;
	case HOST_UNRESOLVABLE:
		ns->finding = "ns-name-unresolvable";
		ns->detail = arena_text(arena, "the servers of %s do not tell: %s", zone,
					host->why != NULL ? host->why : "");
		return;
	case HOST_LOOP:
		ns->finding = "ns-loop";
		ns->detail = "to find its address, its address must be known";
		return;
	case HOST_UNKNOWN:
		ns->finding = host->excluded ? "excluded" : "not-asked";
		ns->detail = host->excluded
				     ? "servers that could tell its address are never to be asked"
				     : "the time or the number of probes for this name was used up";
		return;
	}
}

/* False: waits. */
static bool find_ns(struct fact *self, struct state *state)
{
	const struct zone *zone = state->zone;
	bool come = true;

	state->ns_count = zone->ns_count < ZONE_NS_MAX ? zone->ns_count : ZONE_NS_MAX;
	for (unsigned i = 0; i < state->ns_count; i++) {
		struct state_ns *ns = &state->ns[i];

		ns->ns = &zone->ns[i];
		ns->name = ns->ns->name;
		ns->resolver = ns->ns->resolver;
		if (ns->ns->glue_count > 0)
			continue;
		if (ns->ns->inside) {
			ns->finding = "ns-glue-missing";
			ns->detail = "its name lies in the zone, and the parent gives no address";
			continue;
		}
		ns->host = need_host(self, ns->name);
		come = come && ns->host != NULL;
	}
	for (unsigned i = 0; come && i < state->ns_count; i++) {
		struct state_ns *ns = &state->ns[i];

		if (ns->host != NULL) {
			judge_host(self, ns);
		} else if (ns->finding == NULL) {
			ns->finding = "ok";
			ns->detail =
				addresses_text(self, "glue:", ns->ns->glue, ns->ns->glue_count);
		}
	}
	return come;
}

/* ---- addresses ---- */

static bool known(const struct addr *const *addrs, unsigned count, const struct addr *addr)
{
	for (unsigned i = 0; i < count; i++)
		if (addr_equal(addrs[i], addr))
			return true;
	return false;
}

struct targets {
	const struct addr *addr[ZONE_ADDRESSES_MAX];
	const struct state_ns *ns[ZONE_ADDRESSES_MAX];
	unsigned count, left_out;
};

/* The n-th address of each name server before the n+1-st of any, so that the limit cuts fairly. */
static void collect(const struct state *state, struct targets *targets)
{
	for (unsigned turn = 0; turn < 2 * ZONE_FAMILY_MAX; turn++)
		for (unsigned i = 0; i < state->ns_count; i++) {
			const struct state_ns *ns = &state->ns[i];
			const struct addr *addrs = ns->host != NULL ? ns->host->addr : ns->ns->glue;
			unsigned count =
				ns->host != NULL ? ns->host->addr_count : ns->ns->glue_count;

			if (turn >= count || known(targets->addr, targets->count, &addrs[turn]))
				continue;
			if (targets->count == ZONE_ADDRESSES_MAX) {
				targets->left_out++;
				continue;
			}
			targets->addr[targets->count] = &addrs[turn];
			targets->ns[targets->count++] = ns;
		}
}

static unsigned how(const struct state *state)
{
	bool is_signed = state->ds->link.state == CHAIN_SECURE ||
			 (state->ds->link.state == CHAIN_BOGUS && state->ds->set.count > 0);

	return is_signed ? SERVER_SIGNED : 0;
}

static bool ask_servers(struct fact *self, struct state *state)
{
	struct targets targets = {.count = 0};
	bool come = true;

	collect(state, &targets);
	state->left_out = targets.left_out;
	state->count = targets.count;
	for (unsigned i = 0; i < targets.count; i++) {
		state->server[i].name = targets.ns[i]->name;
		state->server[i].resolver = targets.ns[i]->resolver;
		state->server[i].server = need_server(self, state->zone, targets.addr[i],
						      state->qname, state->qtype, how(state));
		come = come && state->server[i].server != NULL;
	}
	return come;
}

/* Silent to all that it was asked, and not only known to be. */
static bool is_silent(const struct server *server)
{
	return server->asked && strcmp(server->finding, "ns-timeout") == 0;
}

bool state_any_silent(const struct state *state)
{
	for (unsigned i = 0; i < state->count; i++)
		if (is_silent(state->server[i].server))
			return true;
	return false;
}

/* Where one server loses queries, the others' good answers may be luck, and their silence chance.
 * False: waits. */
static bool measure_others(struct fact *self, struct state *state)
{
	bool lossy = fact_key(self)->variant && !state->by_resolvers, come = true;
	unsigned measured = 0;

	for (unsigned i = 0; i < state->count; i++)
		lossy = lossy || strcmp(state->server[i].server->finding, "packet-loss") == 0;
	for (unsigned i = 0; lossy && i < state->count; i++) {
		const struct server *server = state->server[i].server;

		if (!server->usable && !is_silent(server))
			continue;
		if (measured++ == MEASURED_MAX)
			break;
		server = need_server(self, state->zone, &server->addr, state->qname, state->qtype,
				     how(state) | SERVER_MEASURE);
		come = come && server != NULL;
		if (server != NULL)
			state->server[i].server = server;
	}
	return come;
}

/* Where all are silent, is anybody heard? If not, it is this machine that reaches nobody. False:
 * waits. */
static bool hear_others(struct fact *self, struct state *state)
{
	const struct reach *reach;
	bool silent = state->count > 0 && !state->by_resolvers;

	for (unsigned i = 0; silent && i < state->count; i++)
		silent = state->server[i].server->answer == NULL;
	reach = silent ? need_reach(self, REACH_AGE_SILENT_NS) : &reach_all;
	if (reach == NULL)
		return false;
	state->cut_off = !reach->ipv4 && !reach->ipv6;
	return true;
}

/* ---- beside the delegation ---- */

static bool in_delegation(const struct state *state, const struct addr *addr)
{
	for (unsigned i = 0; i < state->count; i++)
		if (addr_equal(&state->server[i].server->addr, addr))
			return true;
	return false;
}

/* Addresses of a host that the delegation does not lead to. False: waits. */
static bool ask_host_servers(struct fact *self, struct state *state, const uint8_t *name,
			     struct state_server *beside, unsigned *count)
{
	const struct host *host = need_host(self, name);
	bool come = true;

	if (host == NULL)
		return false;
	for (unsigned a = 0; a < host->addr_count && *count < BESIDE_ADDRESSES_MAX; a++) {
		const struct server *server;

		if (in_delegation(state, &host->addr[a]))
			continue;
		server = need_server(self, state->zone, &host->addr[a], state->qname, state->qtype,
				     how(state));
		come = come && server != NULL;
		beside[(*count)++] = (struct state_server){.name = name, .server = server};
	}
	return come;
}

static bool is_ns(const struct state *state, const uint8_t *name)
{
	for (unsigned i = 0; i < state->ns_count; i++)
		if (dname_equal(state->ns[i].name, name))
			return true;
	return false;
}

/* Name servers that a server names for its zone and the parent does not. */
struct names {
	unsigned count;
	const uint8_t *name[BESIDE_NAMES_MAX];
};

static bool is_among(const struct names *names, const uint8_t *name)
{
	for (unsigned i = 0; i < names->count; i++)
		if (dname_equal(names->name[i], name))
			return true;
	return false;
}

static void take_names(struct fact *self, const struct state *state, const struct probe *probe,
		       struct names *names)
{
	const struct record *record;
	unsigned at = 0;

	while (names->count < BESIDE_NAMES_MAX &&
	       (record = records_next(probe->records, &at, SECTION_ANSWER | SECTION_AUTHORITY,
				      state->zone->name, TYPE_NS)) != NULL) {
		uint8_t name[DNAME_MAX];

		if (record_name(probe->records, record, 0, name) != 0 && !is_ns(state, name) &&
		    !is_among(names, name))
			names->name[names->count++] =
				arena_copy(fact_arena(self), name, dname_len(name));
	}
}

static void other_names(struct fact *self, const struct state *state, struct names *names)
{
	for (unsigned i = 0; i < state->count; i++) {
		const struct server *server = state->server[i].server;

		for (unsigned p = 0; p < server->shown; p++)
			if (probe_answered(server->show[p]) && server->show[p]->records != NULL)
				take_names(self, state, server->show[p], names);
	}
}

struct state_work {
	bool links_done;
	struct state state; /* with links */
	struct names others;
};

/* No server is any good: do the names lead elsewhere, or does the zone know others? False: waits.
 */
static bool look_beside(struct fact *self, struct state_work *work)
{
	struct state *state = &work->state;
	struct state_server beside[BESIDE_ADDRESSES_MAX] = {{.name = NULL}};
	unsigned count = 0, tried = 0;
	bool usable = state->best != NULL, come = true;

	for (unsigned i = 0; i < state->ns_count && tried < BESIDE_NAMES_MAX; i++) {
		const struct ns *ns = state->ns[i].ns;

		/* names in a zone whose servers are silent cannot be asked for */
		if (ns->glue_count == 0 || (ns->inside && !usable))
			continue;
		tried++;
		come = ask_host_servers(self, state, ns->name, beside, &count) && come;
	}
	for (unsigned i = 0; i < work->others.count; i++)
		come = ask_host_servers(self, state, work->others.name[i], beside, &count) && come;
	if (!come)
		return false;
	state_conclude_beside(self, state, beside, count);
	return true;
}

/* Worth a look beside: nothing usable, or nothing that validates. */
static bool in_doubt(const struct state *state)
{
	return state->count > 0 && !state->by_resolvers && state->zone->parent != NULL &&
	       dname_labels(state->zone->name) > 1 &&
	       (state->best == NULL || state->best->link.state == CHAIN_BOGUS);
}

bool state_find(struct fact *self)
{
	const struct fact_key *key = fact_key(self);
	const struct place *place = need_place(self, key->zone);
	struct state_work *work = fact_scratch(self, sizeof(*work));
	struct state *state = &work->state;

	if (place == NULL)
		return false;
	if (place->zone == NULL)
		return fact_is(self, &state_unknown);
	if (!work->links_done) {
		memset(state, 0, sizeof(*state));
		state->zone = place->zone;
		state->by_resolvers = key->road == ROAD_RESOLVERS;
		state->qname = key->name;
		state->qtype = key->qtype;
		state->ds = need_ds(self, place->zone);
		if (!find_ns(self, state) || state->ds == NULL)
			return false;
		state->keys = need_keys(self, place->zone);
		if (!ask_servers(self, state) || state->keys == NULL)
			return false;
		if (!measure_others(self, state) || !hear_others(self, state))
			return false;
		state_links(self, state);
		state_conclude(self, state);
		if (in_doubt(state))
			other_names(self, state, &work->others);
		work->links_done = true;
	}
	if (in_doubt(state) && !look_beside(self, work))
		return false;
	/* all is well: what does it hang on? */
	if (state->best != NULL && state->best->link.state != CHAIN_BOGUS && !state->by_resolvers &&
	    !zone_in_ring(self, state->zone, &state->in_ring))
		return false;
	if (!state->by_resolvers && !zone_parents_differ(self, state->zone, &state->parents))
		return false;
	return fact_is(self, arena_copy(fact_arena(self), state, sizeof(*state)));
}
