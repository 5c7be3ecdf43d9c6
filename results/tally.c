/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/tally.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/domain.h"
#include "results/origin.h"

#define RCODES	    24
#define OTHER_RCODE 24
#define OUTCOMES    25 /* the first of them */
#define STEPS	    8  /* of round trip times in a power of two */
#define STEP_BITS   3

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

bool tally_word_is_rcode(unsigned word)
{
	return word <= OTHER_RCODE;
}

static unsigned rtt_index(int64_t rtt_us)
{
	unsigned power = 63U - (unsigned)__builtin_clzll((uint64_t)rtt_us), index;

	if (rtt_us < STEPS)
		return (unsigned)rtt_us;
	index = (power - STEP_BITS + 1) * STEPS +
		((unsigned)(rtt_us >> (power - STEP_BITS)) & (STEPS - 1));
	return index < TALLY_RTTS ? index : TALLY_RTTS - 1;
}

int64_t tally_rtt_us(unsigned index)
{
	if (index < STEPS)
		return index;
	return (int64_t)(STEPS + index % STEPS) << (index / STEPS - 1);
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
	FIELD(algorithms, ADD),
};

#define FIELDS (sizeof(fields) / sizeof(*fields))

static const struct table_kind {
	size_t width;
	bool of_names; /* of verdicts; it can be as large as the list of names */
	size_t by;     /* the number that comes first in reports */
} tables[TALLY_TABLES] = {
	[TALLY_TOTALS] = {1, false, 0},
	[TALLY_TLDS] = {TLD_WIDTH, true, TLD_BROKEN},
	[TALLY_AT] = {1, true, 0},
	[TALLY_OPERATORS] = {PART_WIDTH, true, PART_BROKEN},
	[TALLY_OPERATOR_CAUSES] = {1, true, 0},
	[TALLY_DOMAINS] = {PART_WIDTH, true, PART_BROKEN},
};

struct tally *tally_create(void)
{
	struct tally *tally = calloc(1, sizeof(*tally));

	for (size_t i = 0; tally && i < TALLY_TABLES; i++)
		if (!(tally->table[i] = counts_create(tables[i].width)))
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
	agreement_join(into->agreement, from->agreement);
	return good;
}

/* ---- tables of names ---- */

#define WIDTH_MAX 8

static int spill_table(struct tally *tally, size_t number, struct sorter *sorter, unsigned writer)
{
	struct counts_item **items;
	size_t count = counts_list(tally->table[number], &items);
	int error = items ? 0 : -ENOMEM;

	for (size_t i = 0; i < count && !error; i++) {
		char key[RECORD_KEY_MAX], payload[WIDTH_MAX * VARINT_MAX], *p = payload;
		size_t len =
			items[i]->key.len < sizeof(key) - 1 ? items[i]->key.len : sizeof(key) - 1;
		struct record record = {key, payload, len + 1, 0};

		key[0] = (char)number;
		memcpy(key + 1, items[i]->key.text, len);
		for (size_t j = 0; j < tables[number].width; j++)
			p = varint_put(p, items[i]->number[j]);
		record.payload_len = (size_t)(p - payload);
		error = sorter_put(sorter, writer, &record);
	}
	free(items);
	counts_clear(tally->table[number]);
	return error;
}

int tally_spill(struct tally *tally, size_t most, struct sorter *sorter, unsigned writer)
{
	size_t octets = 0;
	int error = 0;

	for (size_t i = 0; i < TALLY_TABLES; i++)
		octets += tables[i].of_names ? counts_octets(tally->table[i]) : 0;
	for (size_t i = 0; i < TALLY_TABLES && octets > most && !error; i++)
		if (tables[i].of_names)
			error = spill_table(tally, i, sorter, writer);
	return error;
}

int tally_gather(struct tally *tally, struct sorter *sorter)
{
	struct record record;
	unsigned source;
	int got;

	while ((got = sorter_next(sorter, &record, &source)) > 0) {
		size_t number = (unsigned char)record.key[0];
		struct counts *table = tally->table[number];
		struct counts_item *item =
			counts_at(table, (struct view){record.key + 1, record.key_len - 1});
		const char *p = record.payload, *end = p + record.payload_len;
		uint64_t value;

		if (!item)
			return -ENOMEM;
		for (size_t i = 0; i < tables[number].width && p; i++) {
			p = varint_get(p, end, &value);
			item->number[i] += p ? value : 0;
		}
		/* the one that was just added may not be whole yet: room for one more */
		if (counts_size(table) > 2 * TALLY_MOST &&
		    !counts_cut(table, tables[number].by, TALLY_MOST, item))
			return -ENOMEM;
	}
	for (size_t i = 0; i < TALLY_TABLES && got == 0; i++)
		if (tables[i].of_names &&
		    !counts_cut(tally->table[i], tables[i].by, TALLY_MOST, NULL))
			return -ENOMEM;
	return got;
}

/* ---- counting ---- */

static void count_ede(struct tally *tally, struct tally_resolver *resolver,
		      const struct reply *reply, uint64_t times)
{
	bool answered = reply->rcode == RCODE_NOERROR || reply->rcode == RCODE_NXDOMAIN;
	uint64_t *codes = answered ? tally->ede_answered : tally->ede_failing;

	for (unsigned i = 0; i < reply->ede_count; i++) {
		unsigned code = reply->ede[i] < TALLY_EDES - 1 ? reply->ede[i] : TALLY_EDES - 1;

		codes[code] += times;
		resolver->edes[code] += times;
	}
}

bool tally_rows(struct tally *tally, unsigned number, const struct row *row, uint64_t times)
{
	struct tally_resolver *resolver = resolver_at(tally, number);
	unsigned word = tally_word(&row->normal);

	if (!resolver)
		return false;
	tally->rows += times;
	tally->pairs[word][tally_word(&row->cd)] += times;
	count_ede(tally, resolver, &row->normal, times);
	resolver->rows += times;
	resolver->words[word] += times;
	resolver->tries += times * (row->normal.tries + row->cd.tries);
	resolver->overloaded += note_has(row->note, "overload") ? times : 0;
	return true;
}

void tally_rtt(struct tally *tally, unsigned number, int64_t rtt_us)
{
	if (rtt_us > 0)
		tally->resolvers[number].rtts[rtt_index(rtt_us)]++;
}

bool tally_row(struct tally *tally, unsigned number, const struct row *row)
{
	if (!tally_rows(tally, number, row, 1))
		return false;
	tally_time(tally, row->time_ms);
	tally_rtt(tally, number, row->normal.rtt_us);
	return true;
}

uint64_t tally_answered(const struct tally_resolver *r)
{
	uint64_t sum = r->words[OUTCOMES + OUTCOME_ANSWERED]; /* without an RCODE */

	for (unsigned i = 0; i < OUTCOMES; i++)
		sum += r->words[i];
	return sum;
}

static bool is_broken(const struct verdict *v)
{
	return v->status == STATUS_FAILING || v->status == STATUS_PARTIAL;
}

static void count_part(uint64_t part[PART_WIDTH], const struct verdict *v, uint64_t times)
{
	bool broken = is_broken(v);

	part[PART_NAMES] += times;
	part[PART_BROKEN] += broken ? times : 0;
	part[PART_DNSSEC] +=
		broken && cause_info(v->cause)->category == CATEGORY_DNSSEC ? times : 0;
}

static bool count_domain(struct tally *tally, struct view name, const struct verdict *v)
{
	struct view domain = domain_registered(name);
	struct counts_item *item =
		domain.len ? counts_at(tally->table[TALLY_DOMAINS], domain) : NULL;

	if (item)
		count_part(item->number, v, 1);
	return item || !domain.len;
}

bool tally_name(struct tally *tally, struct view name, const struct verdict *v)
{
	const char *dot = name.len ? memrchr(name.text, '.', name.len) : NULL;
	struct view tld = dot && name.len > 1
				  ? (struct view){dot + 1, (size_t)(name.text + name.len - dot - 1)}
				  : name;
	bool broken = is_broken(v);
	struct counts_item *item = counts_at(tally->table[TALLY_TLDS], tld);

	if (!item)
		return false;
	item->number[TLD_NAMES]++;
	item->number[TLD_BROKEN] += broken;
	item->number[TLD_DNSSEC] += broken && cause_info(v->cause)->category == CATEGORY_DNSSEC;
	item->number[TLD_SIGNED] += v->is_signed;
	item->number[TLD_SIGNED_BROKEN] += v->is_signed && broken;
	return !broken || count_domain(tally, name, v);
}

/* "own" is nobody in particular. */
static bool count_servercause(struct tally *tally, struct view server, const struct verdict *v,
			      uint64_t times)
{
	char key[VERDICT_OPERATORS_MAX + 64];
	struct counts_item *item;
	int len;

	if (v->status == STATUS_OK || (server.len == 3 && memcmp(server.text, "own", 3) == 0))
		return true;
	len = snprintf(key, sizeof(key), "%.*s %s", (int)server.len, server.text,
		       cause_info(v->cause)->id);
	item = counts_at(tally->table[TALLY_OPERATOR_CAUSES], (struct view){key, (size_t)len});
	if (item)
		item->number[0] += times;
	return item != NULL;
}

/* By what origin_read() found. */
static bool count_origin(struct tally *tally, const struct verdict *v, uint64_t times)
{
	struct view operators = {v->operators, strlen(v->operators)};
	struct view algorithms = {v->algorithms, strlen(v->algorithms)}, item;

	while (origin_next(&operators, &item)) {
		struct counts_item *known = counts_at(tally->table[TALLY_OPERATORS], item);

		if (!known || !count_servercause(tally, item, v, times))
			return false;
		count_part(known->number, v, times);
	}
	while (origin_next(&algorithms, &item)) {
		int64_t number = 0;

		csv_read_number(item, 0, TALLY_ALGORITHMS - 1, &number);
		count_part(tally->algorithms[number], v, times);
	}
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
	agreement_add(tally->agreement, opinions, count, times);
	tally->questions += times;
	tally->status[v->status] += times;
	if (!count_origin(tally, v, times))
		return false;
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

/* A resolver that answers once is there; what else it can do counts at its worst. */
static void join_calibration(struct calibration *a, const struct calibration *b)
{
	const struct {
		enum tri *sum, value, stronger;
	} parts[] = {{&a->reachable, b->reachable, TRI_YES},
		     {&a->validates, b->validates, TRI_NO},
		     {&a->honours_cd, b->honours_cd, TRI_NO},
		     {&a->sends_ede, b->sends_ede, TRI_NO},
		     {&a->forwards_ad, b->forwards_ad, TRI_NO},
		     {&a->rewrites_nxdomain, b->rewrites_nxdomain, TRI_YES},
		     {&a->filters, b->filters, TRI_YES},
		     {&a->keeps_case, b->keeps_case, TRI_NO},
		     {&a->same_address, b->same_address, TRI_NO},
		     {&a->tcp, b->tcp, TRI_NO}};

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (*parts[i].sum == TRI_UNKNOWN || parts[i].value == parts[i].stronger)
			*parts[i].sum = parts[i].value;
}

bool tally_calibration(struct tally *tally, unsigned number, const struct calibration *row)
{
	struct tally_resolver *resolver = resolver_at(tally, number);

	if (!resolver)
		return false;
	join_calibration(&resolver->calibration, row);
	if (row->controls_asked > 0)
		resolver->controls_asked[row->phase] += (uint64_t)row->controls_asked;
	if (row->controls_failed > 0)
		resolver->controls_failed[row->phase] += (uint64_t)row->controls_failed;
	return true;
}

int64_t tally_quantile_us(const struct tally_resolver *resolver, unsigned per_mille)
{
	uint64_t all = 0, below = 0;

	for (unsigned i = 0; i < TALLY_RTTS; i++)
		all += resolver->rtts[i];
	for (unsigned i = 0; i < TALLY_RTTS; i++) {
		below += resolver->rtts[i];
		if (all && below * 1000 >= all * per_mille)
			return tally_rtt_us(i);
	}
	return -1;
}

static void add(uint64_t *a, const uint64_t *b, size_t count)
{
	for (size_t i = 0; i < count; i++)
		a[i] += b[i];
}

void tally_resolver_join(struct tally_resolver *a, const struct tally_resolver *b)
{
	a->useless |= b->useless;
	a->rows += b->rows;
	a->overloaded += b->overloaded;
	a->tries += b->tries;
	add(a->words, b->words, TALLY_WORDS);
	add(a->rtts, b->rtts, TALLY_RTTS);
	add(a->edes, b->edes, TALLY_EDES);
	add(a->controls_asked, b->controls_asked, TALLY_PHASES);
	add(a->controls_failed, b->controls_failed, TALLY_PHASES);
	join_calibration(&a->calibration, &b->calibration);
}
