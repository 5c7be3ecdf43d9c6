/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/tally.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RCODES	    24
#define OTHER_RCODE 24
#define OUTCOMES    25 /* the first of them */

unsigned tally_word(const struct reply *reply)
{
	if (reply->outcome == OUTCOME_ANSWERED && reply->rcode != RCODE_UNKNOWN)
		return reply->rcode < RCODES ? (unsigned)reply->rcode : OTHER_RCODE;
	return OUTCOMES + ((unsigned)reply->outcome < OUTCOME_COUNT ? reply->outcome : 0U);
}

const char *tally_word_name(unsigned word)
{
	static char text[NAME_TEXT_MAX]; /* never written: all words below have constant names */

	if (word < RCODES && word != 12 && word != 13 && word != 14 && word != 15)
		return rcode_name((int)word, text);
	if (word <= OTHER_RCODE)
		return "other RCODE";
	return word == OUTCOMES ? "-" : outcome_name((enum outcome)(word - OUTCOMES));
}

/* ---- the parts of a tally ---- */

enum sum { ADD, LEAST, MOST };

#define FIELD(member, sum)                                                                         \
	{                                                                                          \
		offsetof(struct tally, member),                                                    \
			sizeof(((struct tally *)NULL)->member) / sizeof(uint64_t), sum             \
	}

static const struct field {
	size_t offset, count;
	enum sum sum;
} fields[] = {
	FIELD(files, ADD),
	FIELD(rows, ADD),
	FIELD(evidence_rows, ADD),
	FIELD(bad_lines, ADD),
	FIELD(damaged_files, ADD),
	FIELD(missing_files, ADD),
	FIELD(runs, ADD),
	FIELD(runs_incomplete, ADD),
	FIELD(runs_without_manifest, ADD),
	FIELD(first_ms, LEAST),
	FIELD(last_ms, MOST),
	FIELD(pairs, ADD),
	FIELD(ede_failing, ADD),
	FIELD(ede_answered, ADD),
	FIELD(questions, ADD),
	FIELD(status, ADD),
	FIELD(category, ADD),
	FIELD(cause, ADD),
	FIELD(confidence, ADD),
	FIELD(cause_confidence, ADD),
};

#define FIELDS (sizeof(fields) / sizeof(*fields))

static const struct table_kind {
	size_t width;
} tables[TALLY_TABLES] = {
	[TALLY_TOTALS] = {1},
	[TALLY_TLDS] = {TLD_WIDTH},
	[TALLY_AT] = {1},
};

struct tally *tally_create(void)
{
	struct tally *tally = calloc(1, sizeof(*tally));

	for (size_t i = 0; tally && i < TALLY_TABLES; i++)
		if (!(tally->table[i] = counts_create(tables[i].width)))
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
	free(t->resolvers);
	free(t);
	*tally = NULL;
}

/* 0 stands for "none yet" in the least and the most. */
static uint64_t sum(enum sum sum, uint64_t a, uint64_t b)
{
	switch (sum) {
	case ADD:
		return a + b;
	case LEAST:
		return !a || (b && b < a) ? b : a;
	default:
		return a > b ? a : b;
	}
}

static void join_field(struct tally *into, const struct tally *from, const struct field *field)
{
	char *a = (char *)into + field->offset;
	const char *b = (const char *)from + field->offset;

	for (size_t i = 0; i < field->count; i++) {
		uint64_t x, y;

		memcpy(&x, a + i * sizeof(x), sizeof(x));
		memcpy(&y, b + i * sizeof(y), sizeof(y));
		x = sum(field->sum, x, y);
		memcpy(a + i * sizeof(x), &x, sizeof(x));
	}
}

static struct tally_resolver *resolver_at(struct tally *tally, unsigned number)
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

bool tally_join(struct tally *into, const struct tally *from)
{
	bool good = true;

	for (size_t i = 0; i < FIELDS; i++)
		join_field(into, from, &fields[i]);
	for (size_t i = 0; i < TALLY_TABLES; i++)
		good &= counts_join(into->table[i], from->table[i]);
	for (size_t i = from->resolver_count; i-- > 0;) {
		struct tally_resolver *resolver = resolver_at(into, (unsigned)i);

		if (!resolver)
			return false;
		tally_resolver_join(resolver, &from->resolvers[i]);
	}
	return good;
}

/* ---- counting ---- */

static void count_ede(struct tally *tally, const struct reply *reply)
{
	bool answered = reply->rcode == RCODE_NOERROR || reply->rcode == RCODE_NXDOMAIN;
	uint64_t *codes = answered ? tally->ede_answered : tally->ede_failing;

	for (unsigned i = 0; i < reply->ede_count; i++)
		codes[reply->ede[i] < TALLY_EDES - 1 ? reply->ede[i] : TALLY_EDES - 1]++;
}

bool tally_row(struct tally *tally, unsigned number, const struct row *row)
{
	struct tally_resolver *resolver = resolver_at(tally, number);
	unsigned word = tally_word(&row->normal);

	if (!resolver)
		return false;
	tally->rows++;
	if (row->time_ms && (!tally->first_ms || row->time_ms < tally->first_ms))
		tally->first_ms = row->time_ms;
	if (row->time_ms > tally->last_ms)
		tally->last_ms = row->time_ms;
	tally->pairs[word][tally_word(&row->cd)]++;
	count_ede(tally, &row->normal);
	resolver->rows++;
	resolver->words[word]++;
	resolver->tries += row->normal.tries + row->cd.tries;
	resolver->overloaded += note_has(row->note, "overload");
	if (row->normal.rtt_us > 0) {
		unsigned log2 = 63U - (unsigned)__builtin_clzll((uint64_t)row->normal.rtt_us);

		resolver->rtts[log2 < TALLY_RTTS ? log2 : TALLY_RTTS - 1]++;
	}
	return true;
}

bool tally_name(struct tally *tally, struct view name, const struct verdict *v)
{
	const char *dot = name.len ? memrchr(name.text, '.', name.len) : NULL;
	struct view tld = dot && name.len > 1
				  ? (struct view){dot + 1, (size_t)(name.text + name.len - dot - 1)}
				  : name;
	bool broken = v->status == STATUS_FAILING || v->status == STATUS_PARTIAL;
	struct counts_item *item = counts_at(tally->table[TALLY_TLDS], tld);

	if (!item)
		return false;
	item->number[TLD_NAMES]++;
	item->number[TLD_BROKEN] += broken;
	item->number[TLD_DNSSEC] += broken && cause_info(v->cause)->category == CATEGORY_DNSSEC;
	return true;
}

bool tally_facts(struct tally *tally, const struct facts *facts, const struct opinion *opinions,
		 size_t count, const struct verdict *v, uint64_t times)
{
	const struct cause_info *info = cause_info(v->cause);
	struct counts_item *item;
	char key[400];
	int len;

	(void)facts;
	(void)opinions;
	(void)count;
	tally->questions += times;
	tally->status[v->status] += times;
	if (v->status == STATUS_OK)
		return true;
	tally->category[info->category] += times;
	tally->cause[v->cause] += times;
	tally->confidence[v->confidence] += times;
	tally->cause_confidence[v->cause][v->confidence] += times;
	if (!v->at[0])
		return true;
	len = snprintf(key, sizeof(key), "%s %s", v->at, info->id);
	item = counts_at(tally->table[TALLY_AT], (struct view){key, (size_t)len});
	if (item)
		item->number[0] += times;
	return item != NULL;
}

bool tally_manifest(struct tally *tally, const struct manifest *manifest)
{
	tally->runs_incomplete += !manifest->complete;
	for (size_t i = 0; i < manifest->total_count; i++) {
		const struct manifest_total *total = &manifest->totals[i];
		struct counts_item *item =
			counts_at(tally->table[TALLY_TOTALS],
				  (struct view){total->name, strlen(total->name)});

		if (!item)
			return false;
		item->number[0] += total->value;
	}
	return true;
}

int64_t tally_median_us(const struct tally_resolver *resolver)
{
	uint64_t all = 0, below = 0;

	for (unsigned i = 0; i < TALLY_RTTS; i++)
		all += resolver->rtts[i];
	for (unsigned i = 0; i < TALLY_RTTS; i++) {
		below += resolver->rtts[i];
		if (all && below * 2 >= all)
			return (int64_t)1 << i;
	}
	return -1;
}

void tally_resolver_join(struct tally_resolver *a, const struct tally_resolver *b)
{
	a->rows += b->rows;
	a->overloaded += b->overloaded;
	a->tries += b->tries;
	for (unsigned i = 0; i < TALLY_WORDS; i++)
		a->words[i] += b->words[i];
	for (unsigned i = 0; i < TALLY_RTTS; i++)
		a->rtts[i] += b->rtts[i];
}
