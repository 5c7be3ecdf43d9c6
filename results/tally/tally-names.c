/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Tables that can be as large as the list of names: sorted outside of memory, and cut to what
 * reports show.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "results/tally/tally-inside.h"

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
		for (size_t j = 0; j < tally_tables[number].width; j++)
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
		octets += tally_tables[i].of_names ? counts_octets(tally->table[i]) : 0;
	for (size_t i = 0; i < TALLY_TABLES && octets > most && !error; i++)
		if (tally_tables[i].of_names)
			error = spill_table(tally, i, sorter, writer);
	return error;
}

/* Records come in the order of keys. */
static bool is_another(struct record_key *before, const struct record *record)
{
	if (before->len == record->key_len &&
	    memcmp(before->octets, record->key, record->key_len) == 0)
		return false;
	memcpy(before->octets, record->key, record->key_len);
	before->len = record->key_len;
	return true;
}

int tally_gather(struct tally *tally, struct sorter *sorter)
{
	struct record_key before = {.len = 0};
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
		tally->distinct[number] += is_another(&before, &record);
		for (size_t i = 0; i < tally_tables[number].width && p; i++) {
			p = varint_get(p, end, &value);
			item->number[i] += p ? value : 0;
		}
		/* the one that was just added may not be whole yet: room for one more */
		if (counts_size(table) > 2 * TALLY_MOST &&
		    !counts_cut(table, tally_tables[number].by, TALLY_MOST, item))
			return -ENOMEM;
	}
	for (size_t i = 0; i < TALLY_TABLES && got == 0; i++)
		if (tally_tables[i].of_names &&
		    !counts_cut(tally->table[i], tally_tables[i].by, TALLY_MOST, NULL))
			return -ENOMEM;
	return got;
}

/* So many that others find bogus, and one in so many of these, pass by chance. */
#define PASSED_MIN 10
#define PASSED_OF  10

static bool is_divided(const struct tally_resolver *r)
{
	return r->bogus_passed >= PASSED_MIN &&
	       r->bogus_passed * PASSED_OF >= r->bogus_passed + r->bogus_found;
}

const char *tally_standing(const struct tally_resolver *r)
{
	if (r->useless)
		return r->calibration.reachable == TRI_NO ? "dead: not counted"
							  : "useless: not counted";
	if (r->unrooted)
		return "the root does not validate there, at times: no say on DNSSEC";
	if (r->no_cd)
		return "nothing works there with CD=1: it cannot tell what fails";
	if (r->fell_silent)
		return "fell silent before the end: what it answered counts, its silence does not";
	if (r->astray)
		return "fails far more than the others: alone it does not count";
	if (r->calibration.validates == TRI_NO)
		return "does not validate";
	if (r->calibration.honours_cd == TRI_NO)
		return "ignores CD";
	if (r->calibration.validates == TRI_YES && is_divided(r))
		return "validates, but passes much that others find bogus: several resolvers?";
	if (r->calibration.validates == TRI_YES && r->ad_always)
		return "validates, but sets AD on everything: its AD does not count";
	return r->calibration.validates == TRI_YES ? "validates" : "not calibrated";
}
