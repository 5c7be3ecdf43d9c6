/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/evidence/trust.h"

#include <stdio.h>
#include <string.h>

#include "results/rows/evidence.h"
#include "scanner/dns/records.h"

const struct ds ds_unknown = {.link = {.state = CHAIN_INDETERMINATE, .detail = "not asked"}};
const struct keys keys_unknown = {.link = {.state = CHAIN_INDETERMINATE, .detail = "not asked"}};

const struct ds *need_ds(struct fact *self, const struct zone *zone)
{
	struct fact_key key = {.kind = KIND_DS, .road = fact_key(self)->road, .zone = zone->name};

	return fact_need(self, &key);
}

const struct keys *need_keys(struct fact *self, const struct zone *zone)
{
	struct fact_key key = {.kind = KIND_KEYS, .road = fact_key(self)->road, .zone = zone->name};

	return fact_need(self, &key);
}

/* ---- accounts ---- */

struct chain_budget trust_budget(struct fact *self)
{
	struct chain_budget budget = chain_budget_default(), *all = &fact_job(self)->work;

	if (budget.signatures > all->signatures)
		budget.signatures = all->signatures;
	if (budget.hashes > all->hashes)
		budget.hashes = all->hashes;
	all->signatures -= budget.signatures;
	all->hashes -= budget.hashes;
	return budget;
}

void trust_spent(struct fact *self, const struct chain_budget *left)
{
	struct chain_budget *all = &fact_job(self)->work;

	all->signatures += left->signatures;
	all->hashes += left->hashes;
}

struct link link_of(struct fact *self, const struct chain_result *result)
{
	char text[1400];
	size_t len = 0;

	text[0] = '\0';
	if (result->state == CHAIN_SECURE && result->reasons > 0)
		len = (size_t)snprintf(text, sizeof(text), "%s", EVIDENCE_BESIDES);
	for (unsigned i = 0; i < result->reasons && len < sizeof(text) - 1; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
					i == 0	 ? ""
					: i == 1 ? "; also: "
						 : "; ",
					result->reason[i].text);
	if (result->notes[0] != '\0' && len < sizeof(text) - 1)
		snprintf(text + len, sizeof(text) - len, "%s%s", len > 0 ? "; " : "",
			 result->notes);
	if (result->reasons > 0 && result->reason[0].fault == CHAIN_LIMIT)
		fact_unsound(self); /* with another name's budget it may be found */
	return (struct link){
		.state = result->state,
		.fault = result->reasons > 0 && result->state != CHAIN_SECURE &&
					 result->state != CHAIN_INSECURE
				 ? result->reason[0].fault
				 : CHAIN_FAULT_NONE,
		.parent_fault = result->parent_fault,
		.beside = result->beside,
		.detail = arena_text(fact_arena(self), "%s", text),
		.alias = result->alias[0] != 0 ? arena_copy(fact_arena(self), result->alias,
							    dname_len(result->alias))
					       : NULL,
	};
}

/* ---- DS ---- */

struct ds_work {
	bool seen_delegation;
	unsigned answers; /* to DS, judged */
	struct ds best;
	bool any;
	bool undelegated; /* best: a proof that nothing is delegated there */
};

/* Judges one message; true when nothing better can come. */
static bool judge_ds(struct fact *self, struct ds_work *work, const struct keys *parent,
		     const struct zone *zone, const struct probe *probe)
{
	struct chain_budget budget = trust_budget(self);
	struct ds ds = {.probe = probe};
	struct chain_result result;
	enum chain_cut cut = chain_ds(parent->keyset, zone->name, probe->message, probe->len,
				      fact_wall_s(self), &budget, &ds.set, &result);

	trust_spent(self, &budget);
	ds.link = link_of(self, &result);
	if (cut == CHAIN_CUT_SECURE || cut == CHAIN_CUT_INSECURE || !work->any ||
	    work->best.link.state == CHAIN_INDETERMINATE) {
		work->best = ds;
		work->undelegated = ds.link.state == CHAIN_SECURE &&
				    (cut == CHAIN_CUT_NONE || cut == CHAIN_CUT_NO_NAME);
	}
	work->any = true;
	return cut == CHAIN_CUT_SECURE || cut == CHAIN_CUT_INSECURE;
}

static bool ds_is(struct fact *self, const struct ds *ds)
{
	return fact_is(self, arena_copy(fact_arena(self), ds, sizeof(*ds)));
}

/* Somebody answers as the zone, and its signed parent proves that there is none: to validators it
 * is not insecure then, but bogus. */
static struct link undelegated(struct fact *self, const struct zone *zone)
{
	char name[DNAME_TEXT_MAX], parent[DNAME_TEXT_MAX];

	dname_text(name, zone->name);
	dname_text(parent, zone->parent->name);
	return (struct link){
		.state = CHAIN_BOGUS,
		.fault = CHAIN_PARENT_DS_INVALID,
		.parent_fault = CHAIN_DENIAL_WRONG,
		.detail = arena_text(fact_arena(self),
				     "in %s: its NSEC or NSEC3 prove that %s is not delegated, but "
				     "there are servers that answer for it%s: are its NS records "
				     "missing in %s?",
				     parent, name,
				     zone->by_child ? ", those of the parent among them" : "",
				     parent)};
}

/* Nor is it known whether there is one: a signed parent has to say so, and validators need it where
 * no referral brought it. */
static struct link unobtainable(struct fact *self, const struct zone *zone,
				const struct asking *asking)
{
	char parent[DNAME_TEXT_MAX], name[DNAME_TEXT_MAX];

	dname_text(name, zone->name);
	dname_text(parent, zone->parent->name);
	return (struct link){.state = CHAIN_INDETERMINATE,
			     .fault = CHAIN_PARENT_DS_INVALID,
			     .parent_fault = CHAIN_ANSWER_USELESS,
			     .detail = arena_text(fact_arena(self),
						  "the servers of %s do not answer %s DS: %s",
						  parent, name, asking->why)};
}

static bool root_ds(struct fact *self)
{
	const struct world *world = facts_world(fact_facts(self));
	struct ds ds = {.set = world->hints->anchor};

	ds.link.state = ds.set.count > 0 ? CHAIN_SECURE : CHAIN_INSECURE;
	ds.link.detail = ds.set.count > 0 ? "the trust anchor" : "no trust anchor";
	return ds_is(self, &ds);
}

/* The registry's own word. */
static bool ds_by_file(struct fact *self, const struct chain_ds_set *set)
{
	struct ds ds = {.set = *set};

	ds.link.state = set->count > 0 ? CHAIN_SECURE : CHAIN_INSECURE;
	ds.link.detail = set->count > 0 ? "as in the zone file" : "no DS in the zone file";
	return ds_is(self, &ds);
}

bool ds_find(struct fact *self)
{
	struct ds_work *work = fact_scratch(self, sizeof(*work));
	const uint8_t *name = fact_key(self)->zone;
	const struct place *place;
	const struct keys *parent;
	const struct zone *zone;

	if (*name == 0)
		return root_ds(self);
	place = need_place(self, name);
	if (place == NULL)
		return false;
	if (place->kind != PLACE_ZONE)
		return fact_is(self, &ds_unknown);
	zone = place->zone;
	parent = need_keys(self, zone->parent);
	if (parent == NULL)
		return false;
	if (parent->keyset == NULL || keyset_state(parent->keyset) == CHAIN_INSECURE) {
		struct ds ds = {.link = parent->link};

		ds.link.fault = CHAIN_FAULT_NONE;
		ds.link.detail = parent->keyset == NULL ? "the parent's keys are not known"
							: "the parent is insecure";
		return ds_is(self, &ds);
	}
	if (zone->file_ds != NULL)
		return ds_by_file(self, zone->file_ds);
	if (!work->seen_delegation) {
		work->seen_delegation = true;
		if (!zone->by_child && judge_ds(self, work, parent, zone, zone->delegation))
			return ds_is(self, &work->best);
	}
	while (work->answers < TRUST_SERVERS) {
		struct asking asking;
		enum asking_state state =
			zone_ask(self, zone->parent, name, TYPE_DS, work->answers, &asking);

		if (state == ASKING_WAITS)
			return false;
		if (state == ASKING_SILENT) {
			if (!work->any)
				work->best = ds_unknown;
			if (!work->any && zone->by_child && !asking.excluded &&
			    fact_key(self)->road == ROAD_SERVERS)
				work->best.link = unobtainable(self, zone, &asking);
			work->any = true;
			break;
		}
		work->answers++;
		if (judge_ds(self, work, parent, zone, asking.probe))
			break;
	}
	if (zone->by_child && work->best.link.state == CHAIN_INDETERMINATE &&
	    work->best.link.fault == CHAIN_ANSWER_USELESS)
		work->best.link.fault = CHAIN_PARENT_DS_INVALID;
	if (work->undelegated)
		work->best.link = undelegated(self, zone);
	return ds_is(self, &work->best);
}

/* A zone of a signed parent, not of the root, whose servers referred to it. */
static bool by_referral(const struct zone *zone, const struct keys *parent)
{
	return zone->delegation != NULL && !zone->by_child && zone->parent->parent != NULL &&
	       parent->keyset != NULL && keyset_state(parent->keyset) == CHAIN_SECURE;
}

bool ds_asked(struct fact *self, const struct zone *zone, const char **why)
{
	char parent[DNAME_TEXT_MAX], name[DNAME_TEXT_MAX];
	const struct keys *keys = zone->parent != NULL ? need_keys(self, zone->parent) : NULL;
	struct ds_work work = {.any = false};

	*why = NULL;
	if (zone->parent == NULL)
		return true;
	if (keys == NULL)
		return false;
	for (unsigned i = 0; i < TRUST_SERVERS && by_referral(zone, keys); i++) {
		struct asking asking;
		enum asking_state state =
			zone_ask(self, zone->parent, zone->name, TYPE_DS, i, &asking);

		if (state == ASKING_WAITS)
			return false;
		if (state == ASKING_DONE && judge_ds(self, &work, keys, zone, asking.probe))
			return true;
		if (state == ASKING_DONE)
			continue;
		if (!work.any && !asking.excluded)
			*why = arena_text(fact_arena(self),
					  "the servers of %s refer to %s, but do not answer %s DS: "
					  "%s",
					  dname_text(parent, zone->parent->name),
					  dname_text(name, zone->name), name, asking.why);
		break;
	}
	if (work.any)
		*why = arena_text(fact_arena(self),
				  "what the servers of %s refer to %s with validates, what they "
				  "answer to %s DS does not: %s",
				  dname_text(parent, zone->parent->name),
				  dname_text(name, zone->name), name, work.best.link.detail);
	return true;
}

/* ---- DNSKEY ---- */

struct keys_work {
	unsigned answers;
	struct keys best;
};

static void destroy_keyset(void *thing)
{
	struct keyset *keyset = thing;

	keyset_destroy(&keyset);
}

static bool keys_are(struct fact *self, const struct keys *keys)
{
	return fact_is(self, arena_copy(fact_arena(self), keys, sizeof(*keys)));
}

static bool insecure(struct fact *self, const uint8_t *zone, const char *detail)
{
	struct keyset *keyset = keyset_insecure(zone);
	struct keys keys = {.link = {.state = CHAIN_INSECURE, .detail = detail}, .keyset = keyset};

	if (keyset == NULL)
		return fact_is(self, &keys_unknown);
	fact_own(self, keyset, destroy_keyset, keyset_size(keyset));
	return keys_are(self, &keys);
}

struct keys keys_of(struct fact *self, const struct ds *ds, const uint8_t *zone,
		    const struct probe *probe)
{
	struct chain_budget budget = trust_budget(self);
	struct keys keys = {.probe = probe};
	struct keyset *keyset = NULL;
	struct chain_result result;

	chain_keys(&ds->set, zone, probe->message, probe->len, fact_wall_s(self), &budget, &keyset,
		   &result);
	trust_spent(self, &budget);
	keys.link = link_of(self, &result);
	keys.keyset = keyset;
	if (result.state == CHAIN_BOGUS)
		keys.result = arena_copy(fact_arena(self), &result, sizeof(result));
	if (keyset != NULL)
		fact_own(self, keyset, destroy_keyset, keyset_size(keyset));
	return keys;
}

/* True when nothing better can come. */
static bool judge_keys(struct fact *self, struct keys_work *work, const struct ds *ds,
		       const uint8_t *zone, const struct probe *probe)
{
	struct keys keys = keys_of(self, ds, zone, probe);
	bool good = keys.link.state == CHAIN_SECURE || keys.link.state == CHAIN_INSECURE;

	if (good || work->answers == 0 || (work->best.keyset == NULL && keys.keyset != NULL))
		work->best = keys;
	return good;
}

bool keys_find(struct fact *self)
{
	struct keys_work *work = fact_scratch(self, sizeof(*work));
	const uint8_t *name = fact_key(self)->zone;
	const struct place *place = need_place(self, name);
	const struct ds *ds;

	if (place == NULL)
		return false;
	if (place->kind != PLACE_ZONE)
		return fact_is(self, &keys_unknown);
	ds = need_ds(self, place->zone);
	if (ds == NULL)
		return false;
	if (ds->link.state == CHAIN_INSECURE)
		return insecure(self, name, ds->link.detail);
	if (ds->link.state == CHAIN_INDETERMINATE ||
	    (ds->link.state == CHAIN_BOGUS && ds->set.count == 0)) {
		struct keys keys = {
			.link = {.state = CHAIN_INDETERMINATE, .detail = "its DS is not known"}};

		return keys_are(self, &keys);
	}
	while (work->answers < TRUST_SERVERS) {
		struct asking asking;
		enum asking_state state =
			zone_ask(self, place->zone, name, TYPE_DNSKEY, work->answers, &asking);

		if (state == ASKING_WAITS)
			return false;
		if (state == ASKING_SILENT) {
			if (work->answers == 0)
				work->best.link = (struct link){
					.state = CHAIN_INDETERMINATE,
					.fault = asking.excluded ? CHAIN_FAULT_NONE
								 : CHAIN_DNSKEY_UNOBTAINABLE,
					.detail = arena_text(fact_arena(self), "DNSKEY: %s",
							     asking.why),
				};
			break;
		}
		if (judge_keys(self, work, ds, name, asking.probe))
			break;
		work->answers++;
	}
	return keys_are(self, &work->best);
}
