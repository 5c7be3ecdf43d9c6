/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/group-store.h"

#include <stdlib.h>
#include <string.h>

#include "io/hash.h"

#define BLOCK_OCTETS  (1U << 20)
#define RESOLVERS_MAX 65534

/* Memory in blocks, freed all at once. */
struct block {
	struct block *next;
	size_t used, size;
	_Alignas(16) char octets[];
};

/* ---- memory ---- */

static void *take(struct group *group, size_t size)
{
	struct block *block = group->blocks;
	void *place;

	size = (size + 7) & ~(size_t)7;
	if (!block || block->size - block->used < size) {
		size_t room = size > BLOCK_OCTETS ? size : BLOCK_OCTETS;

		block = malloc(sizeof(*block) + room);
		if (!block)
			return NULL;
		*block = (struct block){group->blocks, 0, room};
		group->blocks = block;
	}
	place = block->octets + block->used;
	block->used += size;
	return place;
}

static bool keep(struct group *group, struct view *view)
{
	char *copy;

	if (view->len == 0)
		return true;
	copy = take(group, view->len);
	if (copy)
		view->text = memcpy(copy, view->text, view->len);
	return copy != NULL;
}

struct group *group_create(void)
{
	struct group *group = calloc(1, sizeof(*group));

	if (!group)
		return NULL;
	group->slots = 1024;
	group->slot = calloc(group->slots, sizeof(*group->slot));
	if (!group->slot)
		group_destroy(&group);
	return group;
}

void group_destroy(struct group **group)
{
	struct group *g = *group;
	struct block *block, *next;

	if (!g)
		return;
	for (block = g->blocks; block; block = next) {
		next = block->next;
		free(block);
	}
	free(g->slot);
	free(g->resolvers);
	free(g->sorted);
	free(g->looks);
	free(g->opinions);
	free(g->evidence);
	free(g);
	*group = NULL;
}

/* ---- resolvers ---- */

int group_add_resolver(struct group *group, struct view name, const char *vantage)
{
	size_t count = group->resolver_count, extra = vantage && *vantage ? strlen(vantage) + 1 : 0;
	struct resolver *resolver;
	char *copy;

	if (count == RESOLVERS_MAX)
		return -1;
	if (count % 64 == 0) {
		struct resolver **more = reallocarray(group->resolvers, count + 64, sizeof(*more));

		if (!more)
			return -1;
		group->resolvers = more;
	}
	resolver = take(group, sizeof(*resolver));
	copy = take(group, name.len + extra + 1);
	if (!resolver || !copy)
		return -1;
	memcpy(copy, name.text, name.len);
	copy[name.len] = '\0';
	if (extra) {
		copy[name.len] = '@';
		memcpy(copy + name.len + 1, vantage, extra);
	}
	*resolver = (struct resolver){.name = copy};
	group->resolvers[group->resolver_count++] = resolver;
	return (int)count;
}

struct resolver *group_resolver(struct group *group, int number)
{
	return group->resolvers[number];
}

size_t group_resolver_count(const struct group *group)
{
	return group->resolver_count;
}

/* ---- adding ---- */

static bool grow(struct group *group)
{
	size_t slots = group->slots * 2;
	struct entry **slot = calloc(slots, sizeof(struct entry *)), *entry, *next;

	if (!slot)
		return false;
	for (size_t i = 0; i < group->slots; i++) {
		for (entry = group->slot[i]; entry; entry = next) {
			uint64_t hash = hash_octets(entry->name, entry->len, entry->qtype);

			next = entry->next;
			entry->next = slot[hash & (slots - 1)];
			slot[hash & (slots - 1)] = entry;
		}
	}
	free(group->slot);
	group->slot = slot;
	group->slots = slots;
	return true;
}

static struct entry *entry_of(struct group *group, struct view name, uint16_t qtype)
{
	uint64_t hash = hash_octets(name.text, name.len, qtype);
	struct entry *entry = group->slot[hash & (group->slots - 1)];

	for (; entry; entry = entry->next)
		if (entry->qtype == qtype && entry->len == name.len &&
		    memcmp(entry->name, name.text, name.len) == 0)
			return entry;
	if (group->size >= group->slots && !grow(group))
		return NULL;
	entry = take(group, sizeof(*entry) + name.len);
	if (!entry)
		return NULL;
	*entry = (struct entry){.qtype = qtype,
				.len = (uint8_t)name.len,
				.next = group->slot[hash & (group->slots - 1)]};
	memcpy(entry->name, name.text, name.len);
	group->slot[hash & (group->slots - 1)] = entry;
	group->size++;
	return entry;
}

static struct extra *extra_of(struct group *group, struct entry *entry)
{
	if (!entry->extra) {
		entry->extra = take(group, sizeof(*entry->extra));
		if (entry->extra)
			*entry->extra = (struct extra){NULL, NULL};
	}
	return entry->extra;
}

static bool add_brief(struct group *group, struct entry *entry, int resolver, const struct row *row)
{
	struct briefs *briefs = entry->briefs;
	struct brief brief = {(uint32_t)(row->time_ms / 1000), (uint16_t)resolver,
			      (row->normal.flags & FLAG_AD) != 0, 0};

	if (row->normal.rtt_us > 0)
		brief.rtt_log2 = (uint8_t)(64 - __builtin_clzll((uint64_t)row->normal.rtt_us));
	for (unsigned i = 0; briefs && i < 3; i++) {
		if (briefs->brief[i].resolver == NOBODY) {
			briefs->brief[i] = brief;
			return true;
		}
	}
	briefs = take(group, sizeof(*briefs));
	if (!briefs)
		return false;
	briefs->next = entry->briefs;
	entry->briefs = briefs;
	briefs->brief[0] = brief;
	briefs->brief[1].resolver = briefs->brief[2].resolver = NOBODY;
	return true;
}

bool group_add_row(struct group *group, int resolver, const struct row *row)
{
	struct entry *entry = entry_of(group, row->name, row->qtype);
	struct extra *extra;
	struct full *full;

	if (!entry)
		return false;
	if (look_kind(row) == LOOK_CLEAN)
		return add_brief(group, entry, resolver, row);
	extra = extra_of(group, entry);
	full = take(group, sizeof(*full));
	if (!extra || !full)
		return false;
	full->resolver = resolver;
	full->row = *row;
	full->row.name = (struct view){entry->name, entry->len};
	full->row.resolver = (struct view){NULL, 0}; /* known by its number */
	if (!keep(group, &full->row.normal.ede_text) || !keep(group, &full->row.cd.ede_text) ||
	    !keep(group, &full->row.nsid) || !keep(group, &full->row.note) ||
	    !keep(group, &full->row.cd_rrsig))
		return false;
	full->next = extra->rows;
	extra->rows = full;
	return true;
}

bool group_add_evidence(struct group *group, const struct evidence *evidence)
{
	struct entry *entry = entry_of(group, evidence->name, evidence->qtype);
	struct extra *extra = entry ? extra_of(group, entry) : NULL;
	struct proof *proof = take(group, sizeof(*proof));
	struct evidence *e;

	if (!extra || !proof)
		return false;
	if (entry != group->inquired)
		group->inquiry++;
	group->inquired = entry;
	proof->inquiry = group->inquiry;
	e = &proof->evidence;
	*e = *evidence;
	e->name = (struct view){entry->name, entry->len};
	if (!keep(group, &e->zone) || !keep(group, &e->probe) || !keep(group, &e->question) ||
	    !keep(group, &e->server) || !keep(group, &e->address) || !keep(group, &e->transport) ||
	    !keep(group, &e->finding) || !keep(group, &e->detail))
		return false;
	proof->next = extra->proofs;
	extra->proofs = proof;
	return true;
}

void group_end_evidence(struct group *group)
{
	group->inquired = NULL;
}

size_t group_size(const struct group *group)
{
	return group->size;
}
