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

#define SETS	   16384 /* of name servers that are remembered: a power of two */
#define SET_MAX	   4	 /* operators of such a set */
#define KEY_OCTETS 600

enum { DELEGATED, SIGNED, WIDTH };

/* Name servers met before, below one TLD, and whose they are. */
struct set {
	uint64_t hash; /* of all of them; 0: none */
	unsigned count;
	struct counts_item *operator[SET_MAX];
};

struct operators {
	struct counts *table; /* "tld operator"; all of the TLD: "tld " */
	struct counts_item *all;
	struct view tld; /* whose `all` is */
	bool failed;
	struct set set[SETS];
};

/* The records of one name. */
struct name {
	struct view text, tld; /* without the last dot */
	struct view server[ORIGIN_SERVERS_MAX];
	size_t servers, own;
	uint64_t hash;
	bool is_signed;
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

static bool is_at_or_below(struct view name, struct view zone)
{
	size_t apart = name.len - zone.len;

	return name.len >= zone.len && memcmp(name.text + apart, zone.text, zone.len) == 0 &&
	       (apart == 0 || name.text[apart - 1] == '.');
}

static void take_server(struct name *name, struct view server)
{
	if (server.len > 0 && server.text[server.len - 1] == '.')
		server.len--;
	if (name->servers == ORIGIN_SERVERS_MAX || server.len == 0)
		return;
	name->own += is_at_or_below(server, name->text);
	name->hash = hash_octets(server.text, server.len, name->hash);
	name->server[name->servers++] = server;
}

static void read_name(struct name *name, struct view text, struct view records)
{
	const char *p = records.text, *end = p + records.len, *lf, *dot;

	*name = (struct name){.text = {text.text, text.len - 1}};
	dot = memrchr(name->text.text, '.', name->text.len);
	name->tld = name->text;
	if (dot != NULL)
		name->tld = (struct view){dot + 1, (size_t)(text.text + name->text.len - dot - 1)};
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

static void forget(struct operators *operators)
{
	memset(operators->set, 0, sizeof(operators->set));
	operators->all = NULL;
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

	return by.len == 0 || (by.len == strlen(DELEGATIONS_OTHER) &&
			       memcmp(by.text, DELEGATIONS_OTHER, by.len) == 0);
}

/* Half of the operators, those with the fewest names, become "other". */
static void make_room(struct operators *operators)
{
	struct counts *kept = counts_create(WIDTH), *all = operators->table;
	struct counts_item **items;
	size_t count = counts_sorted(all, DELEGATED, &items), most = OPERATORS_MAX / 2;

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
	forget(operators);
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
	struct operator list[ORIGIN_SERVERS_MAX];
	size_t several = origin_operators(name->text, name->server, name->servers, list);
	struct set set = {.hash = several <= SET_MAX ? name->hash : 0, .count = (unsigned)several};

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
			set.hash = 0;
	}
	if (to != NULL)
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
		home |= is_at_or_below(name->text, by);
	}
	return home;
}

void operators_add(struct operators *operators, struct view text, struct view records)
{
	struct set *set;
	struct name name;

	if (operators->failed)
		return;
	if (counts_size(operators->table) + ORIGIN_SERVERS_MAX > OPERATORS_MAX)
		make_room(operators);
	read_name(&name, text, records);
	count_all(operators, &name);
	set = &operators->set[name.hash / 2 % SETS];
	if (name.own == name.servers) {
		struct counts_item *own =
			name.own > 0 ? item_of(operators, name.tld, "own", 3, false) : NULL;

		if (own != NULL)
			count(own, &name);
	} else if (name.own > 0) {
		count_each(operators, &name, NULL);
	} else if (set->hash != name.hash) {
		count_each(operators, &name, set);
	} else if (is_home(set, &name)) {
		count_each(operators, &name, NULL);
	} else {
		for (unsigned i = 0; i < set->count; i++)
			count(set->operator[i], &name);
	}
}

/* ---- the file ---- */

int operators_write(const struct operators *operators, const char *path)
{
	char line[CSV_PAIR_MAX];
	struct buf out = BUF_EMPTY;
	struct counts_item **items;
	size_t count = counts_sorted(operators->table, DELEGATED, &items);
	int error = operators->failed || items == NULL ? -ENOMEM : 0;

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
