/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/tally/served.h"

#include <stdlib.h>
#include <string.h>

/* By "tld operator": of all vantage points, the one with most. */
static bool fold(struct counts *texts, const struct tally *tally)
{
	struct counts_item **items;
	size_t count = counts_list(tally->table[TALLY_DELEGATIONS], &items);
	bool good = items != NULL;

	for (size_t i = 0; i < count && good; i++) {
		struct view key = items[i]->key;
		const char *tab = memrchr(key.text, '\t', key.len);
		const uint64_t *number = items[i]->number;
		struct counts_item *item;

		key.len = tab ? (size_t)(tab - key.text) : key.len;
		item = counts_at(texts, key);
		good = item != NULL;
		if (good && number[DELEGATION_NAMES] > item->number[DELEGATION_NAMES])
			memcpy(item->number, number, DELEGATION_WIDTH * sizeof(*number));
	}
	free(items);
	return good;
}

static void find_broken(struct served *row, const struct tally *tally, struct view key)
{
	const struct counts_item *item;

	if (row->by.len == 0) {
		item = counts_find(tally->table[TALLY_TLDS], row->tld);
		row->known = item || tally->distinct[TALLY_TLDS] <= TALLY_MOST;
		row->broken = item ? item->number[TLD_BROKEN] : 0;
		row->signed_broken = item ? item->number[TLD_SIGNED_BROKEN] : 0;
	} else if (!view_is(row->by, DELEGATIONS_OTHER)) {
		item = counts_find(tally->table[TALLY_SERVED], key);
		row->known = item || tally->distinct[TALLY_SERVED] <= TALLY_MOST;
		row->broken = item ? item->number[PART_BROKEN] : 0;
		row->signed_broken = item ? item->number[PART_SIGNED] : 0;
	}
}

bool served_read(struct served_list *list, const struct tally *tally)
{
	struct counts_item **items = NULL;
	size_t count = 0;

	*list = (struct served_list){.texts = counts_create(DELEGATION_WIDTH)};
	if (!list->texts || !fold(list->texts, tally))
		return false;
	count = counts_sorted(list->texts, DELEGATION_NAMES, &items);
	list->row = items ? calloc(count + 1, sizeof(*list->row)) : NULL;
	for (size_t i = 0; list->row && i < count; i++) {
		struct view key = items[i]->key;
		const char *space = memchr(key.text, ' ', key.len), *end = key.text + key.len;
		struct served *row = &list->row[list->count++];

		*row = (struct served){.tld = {key.text, (size_t)(space - key.text)},
				       .by = {space + 1, (size_t)(end - space - 1)},
				       .delegated = items[i]->number[DELEGATION_NAMES],
				       .with_ds = items[i]->number[DELEGATION_SIGNED]};
		find_broken(row, tally, key);
	}
	free(items);
	return list->row != NULL;
}

void served_free(struct served_list *list)
{
	if (list->texts)
		counts_destroy(&list->texts);
	free(list->row);
	*list = (struct served_list){.count = 0};
}
