/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/evidence/inquest.h"

#include <string.h>

#include "scanner/dns/records.h"
#include "scanner/evidence/server.h"

/* Delegations that show only in an answer to the question itself. */
#define HIDDEN_CUTS_MAX 4

const struct account account_unknown = {.seen = &inquest_unknown};
const struct inquest inquest_unknown = {.qname = (const uint8_t *)""};
const struct inquest inquest_loop = {.qname = (const uint8_t *)""};

struct fact_key account_key(const uint8_t *qname, uint16_t qtype)
{
	return (struct fact_key){.kind = KIND_ACCOUNT, .qtype = qtype, .name = qname};
}

static const struct inquest *need_inquest(struct fact *self, const uint8_t *qname, uint8_t road)
{
	struct fact_key key = {
		.kind = KIND_NAME, .qtype = fact_key(self)->qtype, .road = road, .name = qname};

	return fact_need(self, &key);
}

static bool collect_path(struct fact *self, struct inquest *inquest)
{
	unsigned count = 0;
	bool come = true;

	for (const struct zone *zone = inquest->zone; zone != NULL; zone = zone->parent)
		count++;
	inquest->zones = count < INQUEST_ZONES_MAX ? count : INQUEST_ZONES_MAX;
	for (const struct zone *zone = inquest->zone; zone != NULL; zone = zone->parent) {
		struct inquest_zone *at;

		if (count-- > INQUEST_ZONES_MAX)
			continue;
		at = &inquest->path[count];
		at->zone = zone;
		at->ds = need_ds(self, zone);
		at->keys = need_keys(self, zone);
		come = come && at->ds != NULL && at->keys != NULL;
	}
	return come;
}

/* The delegation came late, not at the first query, or not as usual; or the keys did not come. */
static bool with_trouble(const struct probe *probe, const struct keys *keys)
{
	return (probe != NULL && probe->outcome == OUTCOME_ANSWERED &&
		(probe->rtt_ns > SERVER_SLOW_NS || probe->tries > 1 || probe->way != PROBE_UDP)) ||
	       (keys != NULL && keys->link.fault == CHAIN_DNSKEY_UNOBTAINABLE);
}

/* What resolvers have no patience for on the way down. Whatever else is odd there did not keep the
 * delegation from coming. */
static bool hampers(const struct state *state)
{
	static const char *const findings[] = {"ns-slow", "packet-loss", "udp-blocked",
					       "edns-dropped", "edns-refused"};

	for (size_t i = 0; i < sizeof(findings) / sizeof(findings[0]); i++)
		if (strcmp(state->finding, findings[i]) == 0)
			return true;
	return false;
}

/* Zones above whose servers gave the way down with trouble: what is it? One question for all names
 * below. False: waits. */
static bool look_at_path(struct fact *self, struct inquest *inquest)
{
	bool come = true;

	for (unsigned i = 1; i + 1 < inquest->zones; i++) {
		const struct zone *zone = inquest->path[i].zone;
		const struct state *state;

		if (!with_trouble(inquest->path[i + 1].zone->delegation, inquest->path[i].keys))
			continue;
		state = need_state(self, zone, zone->name, TYPE_SOA, false);
		come = come && state != NULL;
		if (state != NULL && hampers(state))
			inquest->path[i].state = state;
	}
	return come;
}

/* All is well, but for those who ask for what we were told unasked? False: waits. */
static bool look_at_ds(struct fact *self, struct inquest *inquest)
{
	const struct state_server *best = inquest->state->best;
	bool come = true;

	if (best == NULL || best->link.fault != CHAIN_FAULT_NONE)
		return true;
	for (unsigned i = 1; i < inquest->zones; i++)
		come = ds_asked(self, inquest->path[i].zone, &inquest->path[i].ds_asked) && come;
	return come;
}

/* A server refers the question to a zone below that the way down did not show. */
static const uint8_t *hidden_cut(const struct state *state)
{
	for (unsigned i = 0; i < state->count; i++) {
		const struct server *server = state->server[i].server;

		if (server->answer != NULL && server->reading.kind == READING_REFERRAL)
			return server->reading.owner;
	}
	return NULL;
}

/* The zone and its state. False: waits. */
static bool find_state(struct fact *self, struct inquest *inquest)
{
	for (unsigned i = 0; i < HIDDEN_CUTS_MAX; i++) {
		const struct place *below;
		const uint8_t *cut;

		inquest->state =
			need_state(self, inquest->zone, inquest->qname, inquest->qtype, false);
		if (inquest->state == NULL)
			return false;
		cut = hidden_cut(inquest->state);
		if (cut == NULL)
			return true;
		below = need_place(self, cut);
		if (below == NULL)
			return false;
		if (below->kind != PLACE_ZONE ||
		    !dname_below(below->zone->name, inquest->zone->name))
			return true;
		inquest->zone = below->zone;
	}
	return true;
}

/* Who tells where the aliases lead: the best server; or one that has given up amid them. */
static const struct state_server *teller(const struct state *state)
{
	for (unsigned i = 0; state->best == NULL && i < state->count; i++)
		if (state->server[i].server->answer != NULL &&
		    state->server[i].server->reading.aliases > 0)
			return &state->server[i];
	return state->best;
}

/* False: waits. */
static bool follow_alias(struct fact *self, struct inquest *inquest)
{
	const struct state_server *best = teller(inquest->state);
	const struct reading *reading;

	if (best == NULL || best->server->answer == NULL)
		return true;
	reading = &best->server->reading;
	inquest->aliases = reading->aliases;
	if (reading->aliases == 0 && best->link.alias == NULL)
		return true;
	/* a name amid the aliases that bears no signature of this zone may be another one's */
	inquest->target = best->link.alias != NULL ? best->link.alias : reading->target;
	if (reading->alias_loop) {
		inquest->alias = ALIAS_LOOP;
		return true;
	}
	if (reading->ended && best->link.alias == NULL &&
	    dname_under(reading->target, inquest->zone->name)) {
		/* the end of it is here, unless it lies in a zone below that the same server has */
		const struct place *place = need_place(self, reading->target);

		if (place == NULL)
			return false;
		if (place->zone == NULL || !dname_below(place->zone->name, inquest->zone->name))
			return true;
	}
	inquest->next = need_inquest(self, inquest->target, fact_key(self)->road);
	if (inquest->next == NULL)
		return false;
	inquest->alias = ALIAS_FOLLOWED;
	if (inquest->next == &inquest_loop)
		inquest->alias = ALIAS_LOOP;
	else if (inquest->next == &inquest_unknown)
		inquest->alias = ALIAS_UNKNOWN;
	else if (dname_equal(inquest->target, reading->target))
		inquest->aliases += inquest->next->aliases;
	else if (inquest->aliases <= inquest->next->aliases)
		inquest->aliases = inquest->next->aliases + 1;
	if (inquest->alias == ALIAS_UNKNOWN && !fact_job(self)->out_of_time &&
	    !fact_job(self)->out_of_facts)
		inquest->alias = ALIAS_TOO_LONG;
	if (inquest->alias == ALIAS_FOLLOWED) {
		if (inquest->next->alias == ALIAS_LOOP || inquest->next->alias == ALIAS_TOO_LONG)
			inquest->alias = inquest->next->alias;
		else if (inquest->aliases > INQUEST_ALIASES_MAX)
			inquest->alias = ALIAS_TOO_LONG;
	}
	return true;
}

/* Name servers that cannot be found: what about the zones that their names are in? False: waits. */
static bool look_at_hosts(struct fact *self, struct inquest *inquest)
{
	const struct state *state = inquest->state;
	bool come = true;

	if (state->best != NULL)
		return true;
	for (unsigned i = 0; i < state->ns_count && inquest->hosts < INQUEST_HOSTS_MAX; i++) {
		const struct host *host = state->ns[i].host;
		struct inquest_host *to = &inquest->host[inquest->hosts];

		if (host == NULL || host->kind != HOST_UNRESOLVABLE || host->zone == NULL)
			continue;
		to->ns = state->ns[i].name;
		to->state = need_state(self, host->zone, state->ns[i].name, TYPE_A, false);
		come = come && to->state != NULL;
		inquest->hosts++;
	}
	return come;
}

/* It fails at resolvers, and here all is well, or somebody silent: are queries lost now and then? */
static bool may_be_loss(const struct inquest *inquest)
{
	const struct state *state = inquest->state;

	if (inquest->alias != ALIAS_NONE || dname_labels(inquest->zone->name) < 2)
		return false;
	if (state->best == NULL)
		return state_any_silent(state);
	return state->best->link.fault == CHAIN_FAULT_NONE &&
	       (strcmp(state->finding, "ok") == 0 || state_any_silent(state));
}

bool inquest_find(struct fact *self)
{
	const struct fact_key *key = fact_key(self);
	struct inquest inquest = {
		.qname = key->name, .qtype = key->qtype, .place = need_place(self, key->name)};
	bool come;

	if (inquest.place == NULL)
		return false;
	inquest.zone = inquest.place->zone;
	if (inquest.zone == NULL)
		return fact_is(self, &inquest_unknown);
	/* DS is the parent's (RFC 4035 3.1.4.1) */
	if (key->qtype == TYPE_DS && inquest.place->kind == PLACE_ZONE &&
	    inquest.zone->parent != NULL)
		inquest.zone = inquest.zone->parent;
	if (!find_state(self, &inquest))
		return false;
	come = collect_path(self, &inquest);
	come = follow_alias(self, &inquest) && come;
	come = look_at_hosts(self, &inquest) && come;
	if (fact_job(self)->failing && key->road == ROAD_SERVERS)
		come = look_at_path(self, &inquest) && look_at_ds(self, &inquest) && come;
	if (!come)
		return false;
	if (fact_job(self)->failing && key->road == ROAD_SERVERS && may_be_loss(&inquest)) {
		inquest.state = need_state(self, inquest.zone, inquest.qname, inquest.qtype, true);
		if (inquest.state == NULL)
			return false;
	}
	return fact_is(self, arena_copy(fact_arena(self), &inquest, sizeof(inquest)));
}

/* ---- both roads ---- */

/* An answer was seen at the end of the way, whatever it is worth. */
static bool saw_the_end(const struct inquest *inquest)
{
	for (unsigned i = 0; inquest->alias == ALIAS_FOLLOWED && i <= INQUEST_ALIASES_MAX; i++)
		inquest = inquest->next;
	return inquest->alias != ALIAS_NONE ||
	       (inquest->state != NULL && inquest->state->best != NULL);
}

/* A zone file may be older than the fault: what rests on its DS, or on their absence, is looked at
 * once more. */
static bool rests_on_file(const struct inquest *inquest)
{
	const struct zone *zone = inquest->zone;
	const struct keys *keys =
		inquest->zones > 0 ? inquest->path[inquest->zones - 1].keys : NULL;

	return zone != NULL && zone->file_ds != NULL && keys != NULL &&
	       (keys->link.state == CHAIN_BOGUS || keys->link.state == CHAIN_INSECURE);
}

static bool wants_more(const struct job *job, const struct inquest *seen)
{
	return job->fetchable && (!saw_the_end(seen) || (job->failing && rests_on_file(seen)));
}

bool account_find(struct fact *self)
{
	const struct world *world = facts_world(fact_facts(self));
	const uint8_t *qname = fact_key(self)->name;
	struct account account = {.seen = need_inquest(self, qname, ROAD_SERVERS)};

	if (account.seen == NULL)
		return false;
	if (account.seen->zone == NULL) {
		const struct place *place = need_place(self, qname);

		if (place == NULL)
			return false;
		account.blind = place == &place_unknown ? NULL : place->why;
	}
	if (world->relay_count > 0 && wants_more(fact_job(self), account.seen)) {
		account.told = need_inquest(self, qname, ROAD_RESOLVERS);
		if (account.told == NULL)
			return false;
	}
	return fact_is(self, arena_copy(fact_arena(self), &account, sizeof(account)));
}
