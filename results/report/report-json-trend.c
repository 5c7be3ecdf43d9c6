/* SPDX-License-Identifier: BSD-2-Clause */

/* Changes and nights in summary.json: written, and read of earlier reports. */
#include "results/report/report-json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/rows/json.h"

/* ---- writing ---- */

static json_t *status_json(const uint64_t *status)
{
	json_t *json = json_object();

	for (unsigned i = 0; i < STATUS_COUNT; i++)
		json_put(json, status_name((enum status)i), status[i]);
	return json;
}

static json_t *category_json(const uint64_t *category)
{
	json_t *json = json_object();

	for (unsigned i = 1; i < CATEGORY_COUNT; i++)
		json_put(json, category_name((enum category)i), category[i]);
	return json;
}

json_t *report_trend_json(const struct trend *trend)
{
	json_t *json = json_array();

	for (size_t i = 0; i < trend->count; i++) {
		const struct night *night = &trend->nights[i];
		json_t *item = json_object();

		json_put_time(item, "first", night->first_ms);
		json_put_time(item, "last", night->last_ms);
		json_put(item, "questions", night->questions);
		json_object_set_new(item, "status", status_json(night->status));
		json_object_set_new(item, "category", category_json(night->category));
		if (night->compared) {
			json_put(item, "broke", night->broke);
			json_put(item, "mended", night->mended);
		}
		json_array_append_new(json, item);
	}
	return json;
}

static json_t *transitions_json(struct counts *table)
{
	json_t *json = json_array();
	struct counts_item **items;
	size_t count = counts_sorted(table, 0, &items);

	for (size_t i = 0; i < count && i < REPORT_FAULTS; i++) {
		const char *key = items[i]->key.text, *space = strchr(key, ' ');
		json_t *item = json_object();
		json_t *before = json_stringn(key, (size_t)(space - key));

		json_object_set_new(item, "before", before ? before : json_string("?"));
		json_put_text(item, "after", space + 1);
		json_put(item, "names", items[i]->number[0]);
		json_array_append_new(json, item);
	}
	free(items);
	return json;
}

json_t *report_changes_json(const struct tally *t, const struct trend *trend)
{
	json_t *json = json_object(), *previous = json_object();
	uint64_t compared = 0;

	for (unsigned i = 0; i <= CHANGE_UNKNOWN; i++)
		compared += t->changes[i];
	json_put_time(previous, "first", trend->previous.first_ms);
	json_put_time(previous, "last", trend->previous.last_ms);
	json_put(previous, "questions", trend->previous.questions);
	json_object_set_new(json, "previous", previous);
	json_put(json, "compared", compared);
	json_put(json, "same", t->changes[CHANGE_NONE]);
	for (unsigned i = CHANGE_BROKE; i < CHANGE_COUNT; i++)
		json_put(json, change_name((enum change)i), t->changes[i]);
	json_put(json, "new_broken", t->new_broken);
	json_put(json, "gone_broken", t->gone_broken);
	json_put(json, "not_compared", t->not_compared);
	json_object_set_new(json, "transitions", transitions_json(t->table[TALLY_TRANSITIONS]));
	json_object_set_new(json, "broke_at",
			    report_faults_json(t->table[TALLY_BROKE], "at", REPORT_FAULTS));
	json_object_set_new(json, "mended_at",
			    report_faults_json(t->table[TALLY_MENDED], "at", REPORT_FAULTS));
	return json;
}

/* ---- reading ---- */

static uint64_t number_in(const json_t *object, const char *key)
{
	json_int_t value = json_integer_value(json_object_get(object, key));

	return value > 0 ? (uint64_t)value : 0;
}

static int64_t time_in(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	int64_t time_ms = 0;

	if (text && !csv_read_time(view_of(text), &time_ms))
		time_ms = 0;
	return time_ms > 0 ? time_ms : 0;
}

static struct night night_in(const json_t *json)
{
	const json_t *status = json_object_get(json, "status");
	const json_t *category = json_object_get(json, "category");
	struct night night = {.first_ms = time_in(json, "first"),
			      .last_ms = time_in(json, "last"),
			      .questions = number_in(json, "questions")};

	for (unsigned i = 0; i < STATUS_COUNT; i++)
		night.status[i] = number_in(status, status_name((enum status)i));
	for (unsigned i = 1; i < CATEGORY_COUNT; i++)
		night.category[i] = number_in(category, category_name((enum category)i));
	return night;
}

static void read_comparison(const json_t *json, struct night *night)
{
	night->compared = json_object_get(json, "broke") != NULL;
	night->broke = number_in(json, "broke");
	night->mended = number_in(json, "mended");
}

const char *trend_read(const char *path, struct night *night, struct trend *earlier,
		       char why[CSV_WHY_MAX])
{
	json_error_t error;
	json_t *json = json_load_file(path, 0, &error), *item;
	const char *wrong = NULL;
	size_t i;

	if (!json) {
		json_why(why, CSV_WHY_MAX, &error);
		return why;
	}
	if (!json_is_object(json) ||
	    json_integer_value(json_object_get(json, "schema")) != REPORT_SCHEMA) {
		snprintf(why, CSV_WHY_MAX, "not the summary of a report, or of another schema");
		wrong = why;
	} else {
		*night = night_in(json);
		read_comparison(json_object_get(json, "changes"), night);
		json_array_foreach(json_object_get(json, "trend"), i, item)
		{
			struct night one = night_in(item);

			read_comparison(item, &one);
			one.told = true;
			if (one.last_ms != night->last_ms && !trend_add(earlier, &one))
				wrong = "out of memory";
		}
	}
	json_decref(json);
	return wrong;
}
