/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Whether all servers of the parent say the same of a zone: an old copy of the parent leads some
 * resolvers to servers that are gone, or has another DS.
 */
#include "scanner/evidence/zone.h"

#include <string.h>

#include "results/rows/domain.h"
#include "scanner/dns/records.h"

/* Servers of the parent beside the first one. */
#define OTHERS_MAX 2

static bool equal(const struct records *records, const struct record *a,
		  const struct records *others, const struct record *b)
{
	uint8_t name[DNAME_MAX], other[DNAME_MAX];

	if (a->type == TYPE_NS)
		return record_name(records, a, 0, name) != 0 &&
		       record_name(others, b, 0, other) != 0 && dname_equal(name, other);
	return a->rdata_len == b->rdata_len &&
	       memcmp(record_rdata(records, a), record_rdata(others, b), a->rdata_len) == 0;
}

/* Each record of one is among those of the other. */
static bool has_all(const struct records *records, const struct records *others, unsigned section,
		    const uint8_t *owner, uint16_t type)
{
	const struct record *record, *other;
	unsigned at = 0, there;

	while ((record = records_next(records, &at, section, owner, type)) != NULL) {
		there = 0;
		do
			other = records_next(others, &there, section, owner, type);
		while (other != NULL && !equal(records, record, others, other));
		if (other == NULL)
			return false;
	}
	return true;
}

static bool same(const struct records *a, const struct records *b, unsigned section,
		 const uint8_t *owner, uint16_t type)
{
	return has_all(a, b, section, owner, type) && has_all(b, a, section, owner, type);
}

/* Addresses may be left out where there is no room for them. */
static bool same_glue(const struct zone *zone, const struct records *a, const struct records *b)
{
	static const uint16_t types[] = {TYPE_A, 28};

	for (unsigned i = 0; i < zone->ns_count; i++)
		for (unsigned t = 0; t < 2 && zone->ns[i].inside; t++) {
			const uint8_t *name = zone->ns[i].name;

			if (records_find(a, SECTION_ADDITIONAL, name, types[t]) != NULL &&
			    records_find(b, SECTION_ADDITIONAL, name, types[t]) != NULL &&
			    !same(a, b, SECTION_ADDITIONAL, name, types[t]))
				return false;
		}
	return true;
}

/* NULL: nothing. */
static const char *difference(const struct zone *zone, const struct asking *asking)
{
	const struct probe *first = zone->delegation;
	const struct records *a = first->records, *b = asking->probe->records;

	if (asking->reading.kind != READING_REFERRAL ||
	    !dname_equal(asking->reading.owner, zone->name))
		return asking->reading.kind == READING_ANSWER && !asking->reading.has_data
			       ? "does not delegate it"
			       : NULL;
	if (!same(a, b, SECTION_AUTHORITY, zone->name, TYPE_NS))
		return "names other name servers";
	if (!same_glue(zone, a, b))
		return "has other addresses of its name servers";
	if (first->edns_do && asking->probe->edns_do &&
	    !same(a, b, SECTION_AUTHORITY, zone->name, TYPE_DS))
		return "has other DS records";
	return NULL;
}

/* Registries' servers agree, and are asked enough: each of their zones would be asked for. */
static bool is_registry(const struct zone *zone)
{
	char text[DNAME_TEXT_MAX];
	struct view name;

	dname_text(text, zone->name);
	name = view_of(text);
	return dname_labels(zone->name) < 2 || domain_registered(name).len == 0;
}

bool zone_parents_differ(struct fact *self, const struct zone *zone, const char **how)
{
	char parent[DNAME_TEXT_MAX], one[ADDR_TEXT_MAX], other[ADDR_TEXT_MAX];

	*how = NULL;
	if (zone->parent == NULL || zone->delegation == NULL || zone->by_child ||
	    zone->delegation->records == NULL || is_registry(zone->parent))
		return true;
	for (unsigned i = 1; i <= OTHERS_MAX && *how == NULL; i++) {
		struct asking asking;
		const char *what;

		switch (zone_ask(self, zone->parent, zone->name, TYPE_NS, i, &asking)) {
		case ASKING_WAITS:
			return false;
		case ASKING_SILENT:
			return true;
		case ASKING_DONE:
			break;
		}
		what = difference(zone, &asking);
		if (what != NULL)
			*how = arena_text(
				fact_arena(self),
				"the servers of %s do not agree about it: %s %s, unlike %s",
				dname_text(parent, zone->parent->name),
				addr_format(&asking.probe->addr, 53, other), what,
				addr_format(&zone->delegation->addr, 53, one));
	}
	return true;
}
