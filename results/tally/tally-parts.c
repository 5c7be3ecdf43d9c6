/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The parts of a tally, each listed once: made, put together, and kept in a report.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "results/tally/tally-inside.h"

enum sum { ADD, LEAST, MOST };

#define FIELD(of, member, sum, kept)                                                               \
	{                                                                                          \
		offsetof(struct of, member),                                                       \
			sizeof(((struct of *)NULL)->member) / sizeof(uint64_t), sum, kept          \
	}

struct field {
	size_t offset, count;
	enum sum sum;
	bool kept; /* in the report: of rows. The others are made anew from questions */
};

static const struct field fields[] = {
	FIELD(tally, files, ADD, true),
	FIELD(tally, rows, ADD, true),
	FIELD(tally, evidence_rows, ADD, true),
	FIELD(tally, bad_lines, ADD, true),
	FIELD(tally, damaged_files, ADD, true),
	FIELD(tally, missing_files, ADD, true),
	FIELD(tally, runs, ADD, true),
	FIELD(tally, runs_incomplete, ADD, true),
	FIELD(tally, runs_without_manifest, ADD, true),
	FIELD(tally, first_ms, LEAST, true),
	FIELD(tally, last_ms, MOST, true),
	FIELD(tally, pairs, ADD, true),
	FIELD(tally, ede_failing, ADD, true),
	FIELD(tally, ede_answered, ADD, true),
	FIELD(tally, questions, ADD, false),
	FIELD(tally, status, ADD, false),
	FIELD(tally, category, ADD, false),
	FIELD(tally, cause, ADD, false),
	FIELD(tally, confidence, ADD, false),
	FIELD(tally, cause_confidence, ADD, false),
	FIELD(tally, no_zone, ADD, false),
	FIELD(tally, places_differ, ADD, false),
	FIELD(tally, algorithms, ADD, false),
	FIELD(tally, changes, ADD, false),
	FIELD(tally, new_broken, ADD, false),
	FIELD(tally, gone_broken, ADD, false),
	FIELD(tally, not_compared, ADD, false),
};

#define FIELDS (sizeof(fields) / sizeof(*fields))

static const struct field resolver_fields[] = {
	FIELD(tally_resolver, rows, ADD, true),
	FIELD(tally_resolver, words, ADD, true),
	FIELD(tally_resolver, overloaded, ADD, true),
	FIELD(tally_resolver, tries, ADD, true),
	FIELD(tally_resolver, bogus, ADD, true),
	FIELD(tally_resolver, root_bogus, ADD, true),
	FIELD(tally_resolver, signatures, ADD, true),
	FIELD(tally_resolver, cd_works, ADD, true),
	FIELD(tally_resolver, cd_alone_fails, ADD, true),
	FIELD(tally_resolver, bogus_found, ADD, false),
	FIELD(tally_resolver, bogus_passed, ADD, false),
	FIELD(tally_resolver, rtts, ADD, true),
	FIELD(tally_resolver, edes, ADD, true),
	FIELD(tally_resolver, controls_asked, ADD, true),
	FIELD(tally_resolver, controls_failed, ADD, true),
};

#define RESOLVER_FIELDS (sizeof(resolver_fields) / sizeof(*resolver_fields))

/* What is kept of a calibration, and which value outdoes the other. */
static const struct {
	size_t offset;
	enum tri stronger;
} calibration_fields[] = {
	{offsetof(struct calibration, reachable), TRI_YES},
	{offsetof(struct calibration, validates), TRI_NO},
	{offsetof(struct calibration, honours_cd), TRI_NO},
	{offsetof(struct calibration, sends_ede), TRI_NO},
	{offsetof(struct calibration, forwards_ad), TRI_NO},
	{offsetof(struct calibration, rewrites_nxdomain), TRI_YES},
	{offsetof(struct calibration, filters), TRI_YES},
	{offsetof(struct calibration, keeps_case), TRI_NO},
	{offsetof(struct calibration, same_address), TRI_NO},
	{offsetof(struct calibration, tcp), TRI_NO},
};

#define CALIBRATION_FIELDS (sizeof(calibration_fields) / sizeof(*calibration_fields))

const struct table_kind tally_tables[TALLY_TABLES] = {
	[TALLY_TOTALS] = {1, false, 0},
	[TALLY_TLDS] = {TLD_WIDTH, true, TLD_BROKEN},
	[TALLY_AT] = {1, true, 0},
	[TALLY_OPERATORS] = {PART_WIDTH, true, PART_BROKEN},
	[TALLY_OPERATOR_CAUSES] = {1, true, 0},
	[TALLY_DOMAINS] = {PART_WIDTH, true, PART_BROKEN},
	[TALLY_TRANSITIONS] = {1, true, 0},
	[TALLY_BROKE] = {1, true, 0},
	[TALLY_MENDED] = {1, true, 0},
	[TALLY_VANTAGES] = {PLACE_WIDTH, false, 0},
	[TALLY_DELEGATIONS] = {DELEGATION_WIDTH, false, DELEGATION_NAMES},
	[TALLY_SERVED] = {PART_WIDTH, true, PART_BROKEN},
};

struct tally *tally_create(void)
{
	struct tally *tally = calloc(1, sizeof(*tally));

	for (size_t i = 0; tally && i < TALLY_TABLES; i++)
		if (!(tally->table[i] = counts_create(tally_tables[i].width)))
			tally_destroy(&tally);
	if (tally && !(tally->agreement = calloc(1, sizeof(*tally->agreement))))
		tally_destroy(&tally);
	return tally;
}

void tally_destroy(struct tally **tally)
{
	struct tally *t = *tally;

	if (!t)
		return;
	for (size_t i = 0; i < TALLY_TABLES; i++)
		if (t->table[i])
			counts_destroy(&t->table[i]);
	free(t->agreement);
	free(t->resolvers);
	free(t);
	*tally = NULL;
}

/* There is no more of anything, be it milliseconds since 1970: what a report from elsewhere says
 * must not make sums overflow that charts are drawn by. */
#define NUMBER_MAX (UINT64_C(1) << 48)

static uint64_t plus(uint64_t a, uint64_t b)
{
	return a < NUMBER_MAX && b < NUMBER_MAX - a ? a + b : NUMBER_MAX;
}

/* 0 stands for "none yet" in the least and the most. */
static uint64_t sum(enum sum sum, uint64_t a, uint64_t b)
{
	switch (sum) {
	case ADD:
		return plus(a, b);
	case LEAST:
		return !a || (b && b < a) ? b : a;
	default:
		return a > b ? a : b;
	}
}

static uint64_t *number_at(void *of, const struct field *field, size_t i)
{
	return (uint64_t *)(void *)((char *)of + field->offset) + i;
}

static void join_fields(void *into, const void *from, const struct field *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < list[i].count; j++) {
			uint64_t *a = number_at(into, &list[i], j),
				 *b = number_at((void *)(uintptr_t)from, &list[i], j);

			*a = sum(list[i].sum, *a, *b);
		}
	}
}

static enum tri *tri_at(struct calibration *calibration, size_t i)
{
	return (enum tri *)(void *)((char *)calibration + calibration_fields[i].offset);
}

/* A resolver that answers once is there; what else it can do counts at its worst. */
void tally_join_calibration(struct calibration *a, const struct calibration *b)
{
	for (size_t i = 0; i < CALIBRATION_FIELDS; i++) {
		enum tri *sum_of = tri_at(a, i),
			 value = *tri_at((struct calibration *)(uintptr_t)b, i);

		if (*sum_of == TRI_UNKNOWN || value == calibration_fields[i].stronger)
			*sum_of = value;
	}
}

void tally_resolver_join(struct tally_resolver *a, const struct tally_resolver *b)
{
	a->useless |= b->useless;
	a->astray |= b->astray;
	a->unrooted |= b->unrooted;
	a->no_cd |= b->no_cd;
	a->fell_silent |= b->fell_silent;
	a->ad_always |= b->ad_always;
	join_fields(a, b, resolver_fields, RESOLVER_FIELDS);
	tally_join_calibration(&a->calibration, &b->calibration);
}

struct tally_resolver *tally_resolver_at(struct tally *tally, unsigned number)
{
	size_t count = number + 1;
	struct tally_resolver *more;

	if (number < tally->resolver_count)
		return &tally->resolvers[number];
	more = reallocarray(tally->resolvers, count, sizeof(*more));
	if (!more)
		return NULL;
	memset(more + tally->resolver_count, 0, (count - tally->resolver_count) * sizeof(*more));
	tally->resolvers = more;
	tally->resolver_count = count;
	return &more[number];
}

bool tally_is_whole(const struct tally *tally)
{
	for (size_t i = 0; i < TALLY_TABLES; i++)
		if (counts_unlisted(tally->table[i]))
			return false;
	return true;
}

bool tally_join(struct tally *into, const struct tally *from)
{
	bool good = true;

	join_fields(into, from, fields, FIELDS);
	for (size_t i = 0; i < TALLY_TABLES; i++)
		good &= counts_join(into->table[i], from->table[i]);
	for (size_t i = from->resolver_count; i-- > 0;) {
		struct tally_resolver *resolver = tally_resolver_at(into, (unsigned)i);

		if (!resolver)
			return false;
		tally_resolver_join(resolver, &from->resolvers[i]);
	}
	agreement_join(into->agreement, from->agreement);
	return good;
}

/* ---- kept in a report ---- */

static void put_number(struct buf *out, uint64_t number)
{
	char text[VARINT_MAX];

	buf_add(out, text, (size_t)(varint_put(text, number) - text));
}

static void put_text(struct buf *out, struct view text)
{
	put_number(out, text.len);
	buf_add(out, text.text, text.len);
}

static void put_fields(struct buf *out, const void *of, const struct field *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!list[i].kept)
			continue;
		put_number(out, list[i].count);
		for (size_t j = 0; j < list[i].count; j++)
			put_number(out, *number_at((void *)(uintptr_t)of, &list[i], j));
	}
}

/* Tables of what came in, which are kept. */
static const enum tally_table kept_tables[] = {TALLY_TOTALS, TALLY_DELEGATIONS};

#define KEPT_TABLES (sizeof(kept_tables) / sizeof(*kept_tables))

static bool put_table(struct buf *out, const struct tally *tally, enum tally_table table)
{
	struct counts_item **items;
	size_t count = counts_sorted(tally->table[table], 0, &items);

	if (!items)
		return false;
	put_number(out, count);
	for (size_t i = 0; i < count; i++) {
		put_text(out, items[i]->key);
		for (size_t j = 0; j < tally_tables[table].width; j++)
			put_number(out, items[i]->number[j]);
	}
	free(items);
	return true;
}

bool tally_keep(const struct tally *tally, struct buf *out)
{
	put_fields(out, tally, fields, FIELDS);
	for (size_t i = 0; i < KEPT_TABLES; i++)
		if (!put_table(out, tally, kept_tables[i]))
			return false;
	put_number(out, tally->resolver_count);
	for (size_t i = 0; i < tally->resolver_count; i++) {
		struct tally_resolver *r = &tally->resolvers[i];

		put_text(out, view_of(r->name));
		put_fields(out, r, resolver_fields, RESOLVER_FIELDS);
		for (size_t j = 0; j < CALIBRATION_FIELDS; j++)
			put_number(out, *tri_at(&r->calibration, j));
	}
	return !out->failed;
}

static const char *take_text(const char *p, const char *end, struct view *text)
{
	uint64_t len;

	p = varint_get(p, end, &len);
	if (!p || len > (uint64_t)(end - p))
		return NULL;
	*text = (struct view){p, len};
	return p + len;
}

/* Adds them. */
static const char *take_fields(const char *p, const char *end, void *of, const struct field *list,
			       size_t count)
{
	uint64_t number;

	for (size_t i = 0; i < count && p; i++) {
		if (!list[i].kept)
			continue;
		p = varint_get(p, end, &number);
		if (p && number != list[i].count)
			return NULL;
		for (size_t j = 0; j < list[i].count && p; j++) {
			uint64_t *value = number_at(of, &list[i], j);

			p = varint_get(p, end, &number);
			*value = p ? sum(list[i].sum, *value, plus(number, 0)) : *value;
		}
	}
	return p;
}

static const char *take_resolver(const char *p, const char *end, struct tally *tally,
				 tally_number_fn *number_of, void *arg)
{
	struct tally_resolver taken = {.name = NULL}, *resolver = NULL;
	struct view name;
	uint64_t tri;
	int number;

	p = take_text(p, end, &name);
	p = p ? take_fields(p, end, &taken, resolver_fields, RESOLVER_FIELDS) : NULL;
	for (size_t i = 0; i < CALIBRATION_FIELDS && p; i++) {
		p = varint_get(p, end, &tri);
		if (!p || tri > TRI_NO)
			return NULL;
		*tri_at(&taken.calibration, i) = (enum tri)tri;
	}
	number = p ? number_of(arg, name) : -1;
	if (number >= 0)
		resolver = tally_resolver_at(tally, (unsigned)number);
	if (!resolver)
		return NULL;
	tally_resolver_join(resolver, &taken);
	return p;
}

/* Adds it. */
static const char *take_table(const char *p, const char *end, struct tally *tally,
			      enum tally_table table)
{
	uint64_t count = 0, number = 0;

	p = varint_get(p, end, &count);
	for (; count > 0 && p; count--) {
		struct counts_item *item = NULL;
		struct view key;

		p = take_text(p, end, &key);
		if (p && (table != TALLY_DELEGATIONS || memchr(key.text, ' ', key.len)))
			item = counts_at(tally->table[table], key);
		if (!item)
			return NULL;
		for (size_t j = 0; j < tally_tables[table].width && p; j++) {
			p = varint_get(p, end, &number);
			item->number[j] = plus(item->number[j], p ? number : 0);
		}
	}
	return p;
}

const char *tally_take(struct tally *tally, const char *p, const char *end,
		       tally_number_fn *number_of, void *arg)
{
	uint64_t count = 0;

	p = take_fields(p, end, tally, fields, FIELDS);
	for (size_t i = 0; i < KEPT_TABLES && p; i++)
		p = take_table(p, end, tally, kept_tables[i]);
	p = p ? varint_get(p, end, &count) : NULL;
	for (; count > 0 && p; count--)
		p = take_resolver(p, end, tally, number_of, arg);
	return p;
}
