/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/tally/survey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/rows/table.h"

struct reading {
	struct survey *survey;
	struct counts
		*number; /* "zone cause-id" -> index in the survey, plus 1; zone may be empty */
};

static void add(struct survey *survey, struct view at, enum cause cause, uint64_t names)
{
	survey->fault[survey->count++] =
		(struct survey_fault){.at = at, .cause = cause, .names = names};
}

static enum cause cause_of(struct view key, struct view *at)
{
	const char *space = memrchr(key.text, ' ', key.len);

	*at = (struct view){key.text, (size_t)(space - key.text)};
	return cause_from_id(space + 1, key.len - at->len - 1);
}

/* How many faults of each cause with one victim there is room for: as many of each. */
static size_t quota(struct counts_item **items, size_t count)
{
	uint64_t single[CAUSE_COUNT] = {0};
	size_t room = SURVEY_FAULTS - CAUSE_COUNT, large = 0, most = 0, taken = 0;
	struct view at;

	for (size_t i = 0; i < count; i++) {
		if (items[i]->number[0] > 1 && large < SURVEY_LARGE)
			large++;
		else
			single[cause_of(items[i]->key, &at)]++;
	}
	do {
		most++;
		taken = large;
		for (size_t i = 0; i < CAUSE_COUNT; i++)
			taken += single[i] < most ? single[i] : most;
	} while (taken <= room && most <= room);
	return most - 1;
}

static void choose(struct survey *survey, const struct tally *tally, struct counts_item **items,
		   size_t count)
{
	uint64_t with_zone[CAUSE_COUNT] = {0};
	size_t single[CAUSE_COUNT] = {0}, most_single = quota(items, count), large = 0;

	survey->faults = tally->distinct[TALLY_AT];
	for (size_t i = 0; i < count; i++) {
		struct view at;
		enum cause cause = cause_of(items[i]->key, &at);
		uint64_t names = items[i]->number[0];

		with_zone[cause] += names;
		if (names > 1 && large < SURVEY_LARGE) {
			add(survey, at, cause, names);
			large++;
		} else if (single[cause] < most_single &&
			   survey->count < SURVEY_FAULTS - CAUSE_COUNT) {
			add(survey, at, cause, names);
			single[cause]++;
		}
	}
	for (unsigned cause = 1; cause < CAUSE_COUNT; cause++) {
		if (tally->cause[cause] <= with_zone[cause])
			continue;
		add(survey, (struct view){"", 0}, (enum cause)cause,
		    tally->cause[cause] - with_zone[cause]);
		survey->faults++;
	}
}

static struct view key_of(char key[512], struct view at, const char *cause, size_t len)
{
	int all = snprintf(key, 512, "%.*s %.*s", (int)at.len, at.len ? at.text : "", (int)len,
			   cause);

	return (struct view){key, all < 512 ? (size_t)all : 511};
}

static bool number_them(struct reading *reading, size_t from)
{
	for (size_t i = from; i < reading->survey->count; i++) {
		const struct survey_fault *fault = &reading->survey->fault[i];
		const char *id = cause_info(fault->cause)->id;
		char key[512];
		struct counts_item *item =
			counts_at(reading->number, key_of(key, fault->at, id, strlen(id)));

		if (!item)
			return false;
		item->number[0] = i + 1;
	}
	return true;
}

/* What broke since an earlier report is shown too, those with most names first. */
static bool choose_newest(struct reading *reading, const struct tally *tally)
{
	struct survey *survey = reading->survey;
	struct counts_item **items;
	size_t count = counts_sorted(tally->table[TALLY_BROKE], 0, &items), from = survey->count;

	for (size_t i = 0; items && i < count; i++) {
		const struct counts_item *known =
			counts_find(tally->table[TALLY_AT], items[i]->key);
		const struct counts_item *chosen = counts_find(reading->number, items[i]->key);
		struct view at;
		enum cause cause = cause_of(items[i]->key, &at);

		if (chosen)
			survey->fault[chosen->number[0] - 1].broke = items[i]->number[0];
		else if (at.len && survey->count - from < SURVEY_NEWEST) {
			add(survey, at, cause, known ? known->number[0] : items[i]->number[0]);
			survey->fault[survey->count - 1].broke = items[i]->number[0];
		}
	}
	free(items);
	return items && number_them(reading, from);
}

/* Keeps the row, if it is the first one of a fault that is wanted. */
static bool look_at(struct reading *reading, const struct view v[VERDICT_COLUMNS])
{
	const struct counts_item *item;
	struct survey_fault *fault;
	size_t size = 1;
	char key[512], *p;

	item = counts_find(reading->number,
			   key_of(key, v[VERDICT_AT], v[VERDICT_CAUSE].text, v[VERDICT_CAUSE].len));
	if (!item || v[VERDICT_CAUSE].len == 0)
		return true;
	fault = &reading->survey->fault[item->number[0] - 1];
	if (fault->text)
		return true;
	for (size_t i = 0; i < VERDICT_COLUMNS; i++)
		size += v[i].len;
	fault->text = p = malloc(size);
	if (!p)
		return false;
	for (size_t i = 0; i < VERDICT_COLUMNS; i++) {
		if (v[i].len)
			memcpy(p, v[i].text, v[i].len);
		fault->column[i] = (struct view){p, v[i].len};
		p += v[i].len;
	}
	return true;
}

/* Most rows are of names that are fine: their third field tells, without a look at the others. */
static bool is_ok(const char *line, size_t len)
{
	const char *end = line + len, *comma = memchr(line, ',', len);

	if (!comma || line[0] == '"')
		return false;
	comma = memchr(comma + 1, ',', (size_t)(end - comma - 1));
	return comma && end - comma > 3 && memcmp(comma, ",ok,", 4) == 0;
}

static bool read_rows(struct reading *reading, struct table *table, char why[CSV_WHY_MAX])
{
	enum table_result result;
	char *line;
	size_t len;

	while ((result = table_next(table, &line, &len, why)) != TABLE_END) {
		struct view v[CSV_FIELDS_MAX];

		if (result == TABLE_ERROR)
			return false;
		if (result == TABLE_BAD_LINE || is_ok(line, len) ||
		    !csv_split(table_layout(table), line, len, v, why))
			continue;
		if (!look_at(reading, v)) {
			snprintf(why, CSV_WHY_MAX, "out of memory");
			return false;
		}
	}
	return true;
}

struct survey *survey_read(const struct tally *tally, const char *path, char why[CSV_WHY_MAX])
{
	struct survey *survey = calloc(1, sizeof(*survey));
	struct reading reading = {survey, counts_create(1)};
	struct counts_item **items = NULL;
	size_t count = counts_sorted(tally->table[TALLY_AT], 0, &items);
	struct table *table = NULL;

	snprintf(why, CSV_WHY_MAX, "out of memory");
	if (survey && items && reading.number &&
	    (survey->fault = calloc(SURVEY_FAULTS + SURVEY_NEWEST, sizeof(*survey->fault)))) {
		choose(survey, tally, items, count);
		if (number_them(&reading, 0) && choose_newest(&reading, tally))
			table = table_open(path, verdict_columns, why);
	}
	if (!table || !read_rows(&reading, table, why))
		survey_destroy(&survey);
	table_close(&table);
	if (reading.number)
		counts_destroy(&reading.number);
	free(items);
	return survey;
}

void survey_destroy(struct survey **survey)
{
	if (!*survey)
		return;
	for (size_t i = 0; i < (*survey)->count; i++)
		free((*survey)->fault[i].text);
	free((*survey)->fault);
	free(*survey);
	*survey = NULL;
}
