/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/sort/shared-inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/hash.h"

#define QTYPE_DS 43
#define MARK_KEY UINT64_C(0x73686172656421) /* any, but always the same */

/* Numbers of a marked zone, and of a way to fail below it. */
enum { BELOW, ALIVE_BELOW, ALIVE_ITSELF, UNCLEAN_BELOW, ZONE_WIDTH };
enum { ALIKE_BELOW, ITSELF, WAY_WIDTH };

struct shared *shared_create(const struct shared_plan *plan)
{
	struct shared *shared =
		calloc(1, sizeof(*shared) + plan->threads * sizeof(*shared->thread));
	struct sorter_plan part = {plan->dir, plan->memory / 4, plan->threads};
	struct sorter_plan answers = {plan->dir, plan->memory / 4, 1};
	bool good = shared != NULL;

	if (!shared)
		return NULL;
	shared->plan = *plan;
	shared->counts = sorter_create(&part);
	shared->asking = sorter_create(&part);
	shared->answers = sorter_create(&answers);
	good = shared->counts && shared->asking && shared->answers;
	for (unsigned i = 0; i < plan->threads; i++) {
		shared->thread[i].zones = counts_create(ZONE_WIDTH);
		shared->thread[i].ways = counts_create(WAY_WIDTH);
		good &= shared->thread[i].zones && shared->thread[i].ways;
	}
	if (!good)
		shared_destroy(&shared);
	return shared;
}

void shared_destroy(struct shared **shared)
{
	struct shared *s = *shared;

	if (!s)
		return;
	for (unsigned i = 0; i < s->plan.threads; i++) {
		if (s->thread[i].zones)
			counts_destroy(&s->thread[i].zones);
		if (s->thread[i].ways)
			counts_destroy(&s->thread[i].ways);
	}
	sorter_destroy(&s->counts);
	sorter_destroy(&s->asking);
	sorter_destroy(&s->answers);
	free(s);
	*shared = NULL;
}

uint64_t shared_way(const struct opinion *opinions, size_t count)
{
	uint64_t way = 0;

	for (size_t i = 0; i < count; i++) {
		const struct opinion *o = &opinions[i];
		uint64_t facts[4 + ROW_EDE_MAX] = {way, o->resolver->identity, o->kind};

		if (o->kind == OPINION_NONE || o->kind == OPINION_EXEMPT ||
		    (o->kind == OPINION_OK && o->blind))
			continue;
		if (o->kind < OPINION_POLICY || o->kind >= OPINION_RECOVERED || !o->row)
			return 0;
		for (unsigned j = 0; j < o->row->normal.ede_count; j++)
			facts[4 + j] = o->row->normal.ede[j] + 1U;
		way = hash_octets(facts, sizeof(facts), 0) | 1;
	}
	return way;
}

/* The name without its first label; false at the top. */
static bool up(struct view *name)
{
	const char *dot = name->len ? memchr(name->text, '.', name->len) : NULL;

	if (!dot || (size_t)(dot - name->text) + 1 == name->len)
		return false;
	*name = (struct view){dot + 1, (size_t)(name->text + name->len - dot - 1)};
	return true;
}

/* ---- marks ---- */

static inline uint32_t mark_of(struct view zone)
{
	return (uint32_t)(hash_octets(zone.text, zone.len, MARK_KEY) % (SHARED_MARKS * 8U));
}

void shared_mark(struct shared *shared, struct view name)
{
	for (struct view zone = name; up(&zone);) {
		uint32_t mark = mark_of(zone);
		_Atomic uint8_t *octet = &shared->marks[mark / 8];
		uint8_t bit = (uint8_t)(1U << mark % 8);

		if (!(atomic_load_explicit(octet, memory_order_relaxed) & bit))
			atomic_fetch_or_explicit(octet, bit, memory_order_relaxed);
	}
}

static inline bool is_marked(const struct shared *shared, struct view zone)
{
	uint32_t mark = mark_of(zone), octet = mark / 8;

	return shared->any_marks[octet / 64] >> octet % 64 & 1 &&
	       atomic_load_explicit(&shared->marks[octet], memory_order_relaxed) >> mark % 8 & 1;
}

void shared_begin(struct shared *shared)
{
	for (uint32_t i = 0; i < SHARED_MARKS; i++)
		if (atomic_load_explicit(&shared->marks[i], memory_order_relaxed))
			shared->any_marks[i / 64] |= UINT64_C(1) << i % 64;
}

const uint8_t *shared_marks(const struct shared *shared)
{
	return (const uint8_t *)shared->marks;
}

void shared_add_marks(struct shared *shared, const uint8_t *marks)
{
	for (size_t i = 0; i < SHARED_MARKS; i++)
		if (marks[i])
			atomic_fetch_or_explicit(&shared->marks[i], marks[i], memory_order_relaxed);
}

/* ---- counting and asking ---- */

/* The labels from the right, a zero octet behind each: a zone sorts before all below it. */
static size_t labels_reversed(char *out, struct view name)
{
	const char *end = name.text + name.len;
	size_t len = 0;

	while (end > name.text) {
		const char *dot = memrchr(name.text, '.', (size_t)(end - name.text));
		const char *label = dot ? dot + 1 : name.text;

		memcpy(out + len, label, (size_t)(end - label));
		len += (size_t)(end - label);
		out[len++] = '\0';
		end = dot ? dot : name.text;
	}
	return len;
}

static int put_counts(struct sorter *sorter, unsigned thread, struct counts *counts, size_t width,
		      size_t tail)
{
	struct counts_item **items;
	size_t count = counts_list(counts, &items);
	int error = items ? 0 : -ENOMEM;

	for (size_t i = 0; i < count && !error; i++) {
		char key[RECORD_KEY_MAX], payload[1 + ZONE_WIDTH * VARINT_MAX], *p = payload;
		struct view zone = {items[i]->key.text, items[i]->key.len - tail};
		struct record record = {key, payload, labels_reversed(key, zone), 0};

		if (tail) /* a zero octet and the way */
			memcpy(key + record.key_len, zone.text + zone.len, tail);
		record.key_len += tail;
		*p++ = tail ? SHARED_WAY : SHARED_ZONE;
		for (size_t j = 0; j < width; j++)
			p = varint_put(p, items[i]->number[j]);
		record.payload_len = (size_t)(p - payload);
		error = sorter_put(sorter, thread, &record);
	}
	free(items);
	counts_clear(counts);
	return error;
}

static int put_all(struct shared *shared, unsigned thread)
{
	struct shared_thread *own = &shared->thread[thread];
	int error = put_counts(shared->counts, thread, own->zones, ZONE_WIDTH, 0);

	return error ? error
		     : put_counts(shared->counts, thread, own->ways, WAY_WIDTH, SHARED_WAY_TAIL);
}

/* Their memory is a quarter of all. */
static int put_some(struct shared *shared, unsigned thread)
{
	struct shared_thread *own = &shared->thread[thread];
	size_t most = shared->plan.memory / 4 / shared->plan.threads;

	if (counts_octets(own->zones) + counts_octets(own->ways) < most)
		return 0;
	return put_all(shared, thread);
}

int shared_count(struct shared *shared, unsigned thread, struct view name, uint16_t qtype,
		 bool resolves)
{
	struct counts *zones = shared->thread[thread].zones;
	struct counts_item *item;

	shared->thread[thread].alive |= resolves;
	if (resolves && qtype != QTYPE_DS && is_marked(shared, name)) {
		item = counts_at(zones, name);
		if (!item)
			return -ENOMEM;
		item->number[ALIVE_ITSELF]++;
	}
	for (struct view zone = name; up(&zone);) {
		if (!is_marked(shared, zone))
			continue;
		item = counts_at(zones, zone);
		if (!item)
			return -ENOMEM;
		item->number[BELOW]++;
		item->number[ALIVE_BELOW] += resolves;
	}
	return put_some(shared, thread);
}

static struct counts_item *way_at(struct counts *ways, struct view zone, uint64_t way)
{
	char key[256 + SHARED_WAY_TAIL];

	memcpy(key, zone.text, zone.len);
	key[zone.len] = '\0';
	memcpy(key + zone.len + 1, &way, sizeof(way));
	return counts_at(ways, (struct view){key, zone.len + SHARED_WAY_TAIL});
}

int shared_ask(struct shared *shared, unsigned thread, const struct record *key, struct view name,
	       uint64_t way)
{
	struct shared_thread *own = &shared->thread[thread];
	char reversed[RECORD_KEY_MAX], payload[sizeof(way) + RECORD_KEY_MAX];
	struct record record = {reversed, payload, labels_reversed(reversed, name),
				sizeof(way) + key->key_len};
	struct counts_item *item;

	memcpy(payload, &way, sizeof(way));
	memcpy(payload + sizeof(way), key->key, key->key_len);
	if (way && is_marked(shared, name)) {
		item = way_at(own->ways, name, way);
		if (!item)
			return -ENOMEM;
		item->number[ITSELF]++;
	}
	for (struct view zone = name; up(&zone);) {
		item = counts_at(own->zones, zone);
		if (!item)
			return -ENOMEM;
		item->number[UNCLEAN_BELOW]++;
		item = way ? way_at(own->ways, zone, way) : item;
		if (!item)
			return -ENOMEM;
		if (way)
			item->number[ALIKE_BELOW]++;
	}
	return sorter_put(shared->asking, thread, &record);
}

/* ---- settling ---- */

int shared_settle(struct shared *shared)
{
	int error = 0;

	for (unsigned i = 0; i < shared->plan.threads && !error; i++) {
		error = put_all(shared, i);
		if (!error)
			error = sorter_close(shared->counts, i);
		if (!error)
			error = sorter_close(shared->asking, i);
		shared->alive |= shared->thread[i].alive;
	}
	if (!error)
		error = sorter_finish(shared->counts);
	if (!error)
		error = sorter_finish(shared->asking);
	if (!error)
		error = shared_walk(shared);
	if (!error)
		error = sorter_close(shared->answers, 0);
	return error ? error : sorter_finish(shared->answers);
}

int shared_answer(struct shared *shared, const struct record *key, struct shared_answer *answer)
{
	struct record record;
	unsigned source;
	int got = sorter_next(shared->answers, &record, &source);

	if (got <= 0 || record_compare(&record, key) != 0 || record.payload_len != 3)
		return got < 0 ? got : -EBADMSG; /* nobody asked: a programmer's error */
	*answer = (struct shared_answer){.at_labels = (uint8_t)record.payload[0],
					 .alive_labels = (uint8_t)record.payload[1],
					 .alive_below = record.payload[2] != 0,
					 .alive_anywhere = shared->alive};
	return 0;
}

/* The last labels of a name. */
static struct view last_labels(struct view name, unsigned labels)
{
	const char *from = name.text + name.len;

	for (; labels > 0 && from > name.text; labels--) {
		const char *dot = memrchr(
			name.text, '.', (size_t)(from - name.text) - (from < name.text + name.len));

		from = dot ? dot + 1 : name.text;
		if (!dot)
			break;
	}
	return (struct view){from, (size_t)(name.text + name.len - from)};
}

void shared_apply(const struct shared_answer *answer, struct facts *facts)
{
	facts->shared_at = answer->at_labels ? last_labels(facts->name, answer->at_labels)
					     : (struct view){NULL, 0};
	facts->alive_above = answer->alive_labels ? last_labels(facts->name, answer->alive_labels)
			     : answer->alive_anywhere ? (struct view){".", 1}
						      : (struct view){NULL, 0};
	facts->alive_below = answer->alive_below;
}
