/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/lists/operators.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/buf.h"
#include "io/hash.h"
#include "io/outfile.h"
#include "results/judge/origin.h"
#include "results/rows/counts.h"
#include "results/rows/delegations.h"

#define BUCKETS	   16384 /* of sets of name servers that are remembered: a power of two */
#define WAYS	   2
#define SET_MAX	   4 /* operators of such a set */
#define KEY_OCTETS 600
/* Names and records that are longer are not counted: no zone file has them. */
#define TEXT_OCTETS    1300
#define RECORDS_OCTETS 4096

enum { DELEGATED, SIGNED, WIDTH };

/* Name servers met before, below one TLD, and whose they are. A line of the cache. */
struct set {
	uint64_t hash;		     /* of all of them; 0: none */
	uint32_t count;		     /* operators */
	uint32_t delegated, with_ds; /* since they were counted at the operators */
	struct counts_item *operator[SET_MAX];
};

struct bucket {
	struct set way[WAYS]; /* the one met last first */
};

/* The records of one name. */
struct name {
	struct view text, tld; /* without the last dot */
	size_t servers, own;
	uint64_t hash;
	bool is_signed;
	bool is_deep; /* it has more than one label above the TLD */
	struct view server[ORIGIN_SERVERS_MAX];
};

struct operators {
	struct counts *table; /* "tld operator"; all of the TLD: "tld " */
	struct counts_item *all;
	struct view tld; /* whose `all` is */
	bool failed;
	/* The name that came last: its bucket is being fetched while the next one is read. */
	bool waiting;
	struct name name;
	char text[TEXT_OCTETS], records[RECORDS_OCTETS];
	struct bucket bucket[BUCKETS];
};

struct operators *operators_create(void)
{
	struct operators *operators = calloc(1, sizeof(*operators));

	if (operators != NULL && (operators->table = counts_create(WIDTH)) == NULL)
		operators_destroy(&operators);
	return operators;
}

void operators_destroy(struct operators **operators)
{
	if (*operators != NULL && (*operators)->table != NULL)
		counts_destroy(&(*operators)->table);
	free(*operators);
	*operators = NULL;
}

/* ---- one name ---- */

static void take_server(struct name *name, struct view server)
{
	if (server.len > 0 && server.text[server.len - 1] == '.')
		server.len--;
	if (name->servers == ORIGIN_SERVERS_MAX || server.len == 0)
		return;
	name->own += view_within(server, name->text);
	name->hash = hash_octets(server.text, server.len, name->hash);
	name->server[name->servers++] = server;
}

static void read_name(struct name *name, struct view text, struct view records)
{
	const char *p = records.text, *end = p + records.len, *lf, *dot;

	name->text = name->tld = (struct view){text.text, text.len - 1};
	name->servers = name->own = 0;
	name->is_signed = name->is_deep = false;
	dot = memrchr(text.text, '.', name->text.len);
	if (dot != NULL) {
		name->tld = (struct view){dot + 1, (size_t)(text.text + name->text.len - dot - 1)};
		name->is_deep = memchr(text.text, '.', (size_t)(dot - text.text)) != NULL;
	}
	name->hash = hash_octets(name->tld.text, name->tld.len, 0);
	for (; p < end && (lf = memchr(p, '\n', (size_t)(end - p))) != NULL; p = lf + 1) {
		if (lf - p > 3 && memcmp(p, "NS ", 3) == 0)
			take_server(name, (struct view){p + 3, (size_t)(lf - p - 3)});
		else if (lf - p > 3 && memcmp(p, "DS ", 3) == 0)
			name->is_signed = true;
	}
	name->hash |= 1;
}

/* ---- counting ---- */

/* What is known of a set goes to its operators. */
static void settle(struct set *set)
{
	for (unsigned i = 0; i < set->count; i++) {
		set->operator[i]->number[DELEGATED] += set->delegated;
		set->operator[i]->number[SIGNED] += set->with_ds;
	}
	set->delegated = set->with_ds = 0;
}

static void settle_all(struct operators *operators)
{
	for (size_t i = 0; i < BUCKETS * WAYS; i++)
		settle(&operators->bucket[i / WAYS].way[i % WAYS]);
}

static size_t key_of(char key[KEY_OCTETS], struct view tld, const char *text, size_t len,
		     bool is_stem)
{
	size_t room = KEY_OCTETS - 3 - tld.len;

	memcpy(key, tld.text, tld.len);
	key[tld.len] = ' ';
	len = len < room ? len : room;
	memcpy(key + tld.len + 1, text, len);
	if (is_stem)
		memcpy(key + tld.len + 1 + len, ".*", 2);
	return tld.len + 1 + len + (is_stem ? 2 : 0);
}

static struct counts_item *item_of(struct operators *operators, struct view tld, const char *text,
				   size_t len, bool is_stem)
{
	char key[KEY_OCTETS];
	struct view view = {key, key_of(key, tld, text, len, is_stem)};
	struct counts_item *item = counts_at(operators->table, view);

	operators->failed |= item == NULL;
	return item;
}

static bool is_sum(const struct counts_item *item)
{
	const char *space = memchr(item->key.text, ' ', item->key.len);
	struct view by = {space + 1, (size_t)(item->key.text + item->key.len - space - 1)};

	return by.len == 0 || view_is(by, DELEGATIONS_OTHER);
}

/* Half of the operators, those with the fewest names, become "other". */
static void make_room(struct operators *operators)
{
	struct counts *kept = counts_create(WIDTH), *all = operators->table;
	struct counts_item **items;
	size_t count, most = OPERATORS_MAX / 2;

	settle_all(operators);
	count = counts_sorted(all, DELEGATED, &items);
	operators->table = kept != NULL ? kept : all;
	operators->failed |= kept == NULL || items == NULL;
	for (size_t i = 0; i < count && !operators->failed; i++) {
		struct view key = items[i]->key, tld = key;
		struct counts_item *item;

		tld.len = (size_t)((const char *)memchr(key.text, ' ', key.len) - key.text);
		item = is_sum(items[i]) || i < most ? counts_at(kept, key)
						    : item_of(operators, tld, DELEGATIONS_OTHER,
							      strlen(DELEGATIONS_OTHER), false);
		operators->failed |= item == NULL;
		for (size_t j = 0; j < WIDTH && item != NULL; j++)
			item->number[j] += items[i]->number[j];
	}
	free(items);
	if (kept != NULL)
		counts_destroy(&all);
	memset(operators->bucket, 0, sizeof(operators->bucket));
	operators->all = NULL;
}

static inline void count(struct counts_item *item, const struct name *name)
{
	item->number[DELEGATED]++;
	item->number[SIGNED] += name->is_signed;
}

static void count_all(struct operators *operators, const struct name *name)
{
	struct counts_item *all = operators->all;

	if (all == NULL || operators->tld.len != name->tld.len ||
	    memcmp(operators->tld.text, name->tld.text, name->tld.len) != 0) {
		all = operators->all = item_of(operators, name->tld, "", 0, false);
		if (all != NULL)
			operators->tld = (struct view){all->key.text, name->tld.len};
	}
	if (all != NULL)
		count(all, name);
}

/* The careful way. to: where the operators are remembered; NULL: they are this name's alone. */
static void count_each(struct operators *operators, const struct name *name, struct set *to)
{
	struct dns_operator list[ORIGIN_SERVERS_MAX];
	size_t several = origin_operators(name->text, name->server, name->servers, list);
	struct set set = {.hash = name->hash, .count = (uint32_t)several};
	bool remembered = to != NULL && several <= SET_MAX;

	for (size_t i = 0; i < several; i++) {
		struct view text = list[i].text;
		struct counts_item *item =
			item_of(operators, name->tld, text.text, text.len, list[i].is_stem);

		if (item == NULL)
			return;
		count(item, name);
		if (i < SET_MAX)
			set.operator[i] = item;
		if (memchr(text.text, '.', text.len) == NULL) /* "own": of this name */
			remembered = false;
	}
	if (remembered)
		*to = set;
}

/* Whether the name lies in the domain of its own name servers: then they are nobody else's. */
static bool is_home(const struct set *set, const struct name *name)
{
	bool home = false;

	for (unsigned i = 0; i < set->count; i++) {
		struct view by = set->operator[i]->key;

		by.text += name->tld.len + 1;
		by.len -= name->tld.len + 1;
		home |= view_within(name->text, by);
	}
	return home;
}

/* Name servers of which none lies below the name. */
static void count_set(struct operators *operators, const struct name *name, struct bucket *bucket)
{
	struct set *first = &bucket->way[0];

	for (unsigned i = 1; i < WAYS && first->hash != name->hash; i++) {
		struct set met = bucket->way[i];

		if (met.hash != name->hash && i + 1 < WAYS)
			continue;
		if (met.hash != name->hash) {
			settle(&bucket->way[i]);
			met = (struct set){.hash = 0};
		}
		memmove(first + 1, first, i * sizeof(*first));
		*first = met;
	}
	if (first->hash != name->hash) {
		count_each(operators, name, first);
	} else if (name->is_deep && is_home(first, name)) {
		count_each(operators, name, NULL);
	} else {
		first->delegated++;
		first->with_ds += name->is_signed;
	}
}

static struct bucket *bucket_of(struct operators *operators, const struct name *name)
{
	return &operators->bucket[name->hash / 2 % BUCKETS];
}

static void count_name(struct operators *operators, const struct name *name)
{
	if (counts_size(operators->table) + ORIGIN_SERVERS_MAX > OPERATORS_MAX)
		make_room(operators);
	count_all(operators, name);
	if (name->own < name->servers && name->own > 0) {
		count_each(operators, name, NULL);
	} else if (name->own == 0) {
		count_set(operators, name, bucket_of(operators, name));
	} else {
		struct counts_item *own = item_of(operators, name->tld, "own", 3, false);

		if (own != NULL)
			count(own, name);
	}
}

static void count_waiting(struct operators *operators)
{
	if (operators->waiting && !operators->failed)
		count_name(operators, &operators->name);
	operators->waiting = false;
}

void operators_add(struct operators *operators, struct view text, struct view records)
{
	char *bucket;

	count_waiting(operators);
	if (text.len < 2 || text.len > TEXT_OCTETS || records.len > RECORDS_OCTETS)
		return;
	memcpy(operators->text, text.text, text.len);
	memcpy(operators->records, records.text, records.len);
	read_name(&operators->name, (struct view){operators->text, text.len},
		  (struct view){operators->records, records.len});
	bucket = (char *)bucket_of(operators, &operators->name);
	__builtin_prefetch(bucket, 1);
	__builtin_prefetch(bucket + sizeof(struct set), 1);
	operators->waiting = true;
}

/* ---- the file ---- */

int operators_write(struct operators *operators, const char *path)
{
	char line[CSV_PAIR_MAX];
	struct buf out = BUF_EMPTY;
	struct counts_item **items;
	size_t count;
	int error;

	count_waiting(operators);
	settle_all(operators);
	count = counts_sorted(operators->table, DELEGATED, &items);
	error = operators->failed || items == NULL ? -ENOMEM : 0;
	buf_add(&out, line, csv_header(line, delegations_columns));
	for (size_t i = 0; i < count && error == 0; i++) {
		struct view key = items[i]->key;
		const char *space = memchr(key.text, ' ', key.len);
		struct delegations row = {
			.tld = {key.text, (size_t)(space - key.text)},
			.by = {space + 1, (size_t)(key.text + key.len - space - 1)},
			.delegated = items[i]->number[DELEGATED],
			.with_ds = items[i]->number[SIGNED]};

		buf_add(&out, line, delegations_write(line, &row));
	}
	free(items);
	if (error == 0 && out.failed)
		error = -ENOMEM;
	if (error == 0 && count > 0)
		error = outfile_put(path, out.data, out.len);
	buf_free(&out);
	return error;
}
