/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/tally/survey.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/blocks.h"
#include "io/crew.h"

/* More threads than these would wait for the one that inflates. */
#define THREADS_MAX 4

struct reading {
	struct survey *survey;
	struct counts
		*number; /* "zone cause-id" -> index in the survey, plus 1; zone may be empty */
	struct blocks *file;
	pthread_mutex_t lock;	  /* over the file and what follows */
	struct csv_layout layout; /* constant once the first block was handed out */
	bool begun;
	char *why;	 /* CSV_WHY_MAX octets */
	uint64_t *block; /* of each example */
	size_t missing;	 /* examples; when none is, the rest is not read */
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
	size_t single[CAUSE_COUNT] = {0}, most_single = quota(items, count), large = 0;

	survey->faults = tally->distinct[TALLY_AT];
	for (size_t i = 0; i < count; i++) {
		struct view at;
		enum cause cause = cause_of(items[i]->key, &at);
		uint64_t names = items[i]->number[0];

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
		if (!tally->no_zone[cause])
			continue;
		add(survey, (struct view){"", 0}, (enum cause)cause, tally->no_zone[cause]);
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

/* ---- the examples ---- */

/* A row as an example of a fault; false when out of memory. */
static bool keep(struct survey_fault *fault, const struct view v[VERDICT_COLUMNS])
{
	size_t size = 1;
	char *p;

	for (size_t i = 0; i < VERDICT_COLUMNS; i++)
		size += v[i].len;
	p = malloc(size);
	if (!p)
		return false;
	free(fault->text);
	fault->text = p;
	for (size_t i = 0; i < VERDICT_COLUMNS; i++) {
		if (v[i].len)
			memcpy(p, v[i].text, v[i].len);
		fault->column[i] = (struct view){p, v[i].len};
		p += v[i].len;
	}
	return true;
}

/* What one thread found in one block. */
struct found {
	struct reading *reading;
	uint64_t block;
	bool seen[SURVEY_FAULTS + SURVEY_NEWEST]; /* in this block, or in one before it */
};

/* The fault whose example the row may be; NULL: none, or a row before it is one. */
static struct survey_fault *fault_of(struct found *found, struct view at, struct view cause)
{
	const struct counts_item *item;
	char key[512];
	size_t i;

	if (!cause.len)
		return NULL;
	item = counts_find(found->reading->number, key_of(key, at, cause.text, cause.len));
	i = item ? item->number[0] - 1 : 0;
	if (!item || found->seen[i])
		return NULL;
	found->seen[i] = true;
	return &found->reading->survey->fault[i];
}

/* The cause and the zone at fault, which stand before all that is long; false: quotes are in the
 * way. */
static bool peek(const char *p, const char *end, struct view *cause, struct view *at)
{
	for (unsigned field = 0; field <= VERDICT_AT; field++) {
		const char *from = p;

		while (p < end && *p != ',' && *p != '"')
			p++;
		if (p == end || *p == '"')
			return false;
		if (field == VERDICT_CAUSE)
			*cause = (struct view){from, (size_t)(p - from)};
		*at = (struct view){from, (size_t)(p++ - from)};
	}
	return true;
}

static int take_row(struct found *found, char *line, size_t len)
{
	struct reading *reading = found->reading;
	struct survey_fault *fault = NULL;
	struct view v[CSV_FIELDS_MAX], cause, at;
	bool peeked = peek(line, line + len, &cause, &at);
	char why[CSV_WHY_MAX];
	int error = 0;
	size_t i;

	if (peeked && !(fault = fault_of(found, at, cause)))
		return 0;
	if (!csv_split(&reading->layout, line, len, v, why))
		return 0;
	if (!fault && !(fault = fault_of(found, v[VERDICT_AT], v[VERDICT_CAUSE])))
		return 0;
	i = (size_t)(fault - reading->survey->fault);
	pthread_mutex_lock(&reading->lock);
	if (!fault->text || found->block < reading->block[i]) {
		reading->missing -= !fault->text;
		error = keep(fault, v) ? 0 : -ENOMEM;
		reading->block[i] = found->block;
	}
	pthread_mutex_unlock(&reading->lock);
	return error;
}

/* Most rows are of names that are fine: their third field tells, without a look at the others. */
static bool is_ok(const char *line, const char *end)
{
	const char *comma = memchr(line, ',', (size_t)(end - line));

	if (!comma || line[0] == '"')
		return false;
	comma = memchr(comma + 1, ',', (size_t)(end - comma - 1));
	return comma && end - comma > 3 && memcmp(comma, ",ok,", 4) == 0;
}

static int take_block(struct found *found, struct block *block)
{
	char *p = block->text, *end = p + block->len, *lf;
	int error = 0;

	found->block = block->number;
	for (; p < end && !error; p = lf + 1) {
		lf = memchr(p, '\n', (size_t)(end - p));
		if (!is_ok(p, lf))
			error = take_row(found, p, (size_t)(lf - p));
	}
	return error;
}

/* The first line is the header. */
static bool read_header(struct reading *reading, struct block *block)
{
	char *lf = memchr(block->text, '\n', block->len);
	size_t len = lf ? (size_t)(lf - block->text) : 0;

	if (!lf) {
		snprintf(reading->why, CSV_WHY_MAX, "no header line");
		return false;
	}
	block->text += len + 1;
	block->len -= len + 1;
	reading->begun = true;
	return csv_layout_read(&reading->layout, verdict_columns, lf - len, len, reading->why);
}

/* 1: a block; 0: no more. */
static int next_block(struct reading *reading, struct block *block)
{
	enum blocks_result result = BLOCKS_END;
	int got = 0;

	pthread_mutex_lock(&reading->lock);
	if (reading->missing > 0)
		result = blocks_next(reading->file, block);
	switch (result) {
	case BLOCKS_BLOCK:
		got = reading->begun || read_header(reading, block) ? 1 : -EIO;
		break;
	case BLOCKS_DAMAGE:
		snprintf(reading->why, CSV_WHY_MAX, "%s", blocks_error(reading->file));
		got = -EIO;
		break;
	default:
		break;
	}
	pthread_mutex_unlock(&reading->lock);
	return got;
}

static int work(void *arg, unsigned thread)
{
	struct reading *reading = arg;
	struct block *block = malloc(sizeof(*block));
	struct found found = {.reading = reading};
	int got = block ? 1 : -ENOMEM;

	(void)thread;
	while (got > 0 && (got = next_block(reading, block)) > 0) {
		int error = take_block(&found, block);

		got = error ? error : got;
	}
	free(block);
	return got;
}

static bool read_rows(struct reading *reading, const char *path, unsigned threads)
{
	int error;

	reading->file = blocks_open(path);
	if (!reading->file) {
		snprintf(reading->why, CSV_WHY_MAX, "%s", strerror(errno));
		return false;
	}
	reading->block = calloc(SURVEY_FAULTS + SURVEY_NEWEST, sizeof(*reading->block));
	reading->missing = reading->survey->count;
	pthread_mutex_init(&reading->lock, NULL);
	error = reading->block
			? crew_run(threads < THREADS_MAX ? threads : THREADS_MAX, work, reading)
			: -ENOMEM;
	pthread_mutex_destroy(&reading->lock);
	free(reading->block);
	blocks_close(&reading->file);
	return error == 0;
}

struct survey *survey_read(const struct tally *tally, const char *path, unsigned threads,
			   char why[CSV_WHY_MAX])
{
	struct survey *survey = calloc(1, sizeof(*survey));
	struct reading reading = {.survey = survey, .number = counts_create(1), .why = why};
	struct counts_item **items = NULL;
	size_t count = counts_sorted(tally->table[TALLY_AT], 0, &items);
	bool good = survey && items && reading.number;

	snprintf(why, CSV_WHY_MAX, "out of memory");
	if (good) {
		survey->fault = calloc(SURVEY_FAULTS + SURVEY_NEWEST, sizeof(*survey->fault));
		good = survey->fault != NULL;
	}
	if (good) {
		choose(survey, tally, items, count);
		good = number_them(&reading, 0) && choose_newest(&reading, tally) &&
		       read_rows(&reading, path, threads);
	}
	if (!good && survey)
		survey_destroy(&survey);
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
