/* SPDX-License-Identifier: BSD-2-Clause */

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "io/outfile.h"
#include "results/rows/json.h"
#include "results/report/report-json.h"
#include "results/tally/served.h"

void json_put_time(json_t *object, const char *key, int64_t time_ms)
{
	char text[25] = "";

	if (time_ms)
		csv_time(text, time_ms);
	json_put_text(object, key, text);
}

static json_t *input_json(const struct tally *t)
{
	json_t *json = json_object();

	json_put(json, "runs", t->runs);
	json_put(json, "runs_incomplete", t->runs_incomplete);
	json_put(json, "runs_without_manifest", t->runs_without_manifest);
	json_put(json, "files", t->files);
	json_put(json, "rows", t->rows);
	json_put(json, "evidence_rows", t->evidence_rows);
	json_put(json, "bad_lines", t->bad_lines);
	json_put(json, "damaged_files", t->damaged_files);
	json_put(json, "missing_files", t->missing_files);
	return json;
}

static json_t *totals_json(const struct tally *t)
{
	json_t *json = json_object();
	struct counts_item **items;
	size_t count = counts_sorted(t->table[TALLY_TOTALS], 0, &items);

	for (size_t i = 0; i < count; i++)
		json_put(json, items[i]->key.text, items[i]->number[0]);
	free(items);
	return json;
}

static json_t *causes_json(const struct tally *t)
{
	json_t *json = json_array();
	enum cause causes[CAUSE_COUNT];
	size_t count = report_causes(t, causes);

	for (size_t i = 0; i < count; i++) {
		const struct cause_info *info = cause_info(causes[i]);
		const uint64_t *confidence = t->cause_confidence[causes[i]];
		json_t *item = json_object();

		json_put_text(item, "category", category_name(info->category));
		json_put_text(item, "cause", info->id);
		json_put(item, "names", t->cause[causes[i]]);
		json_put(item, "certain", confidence[CONFIDENCE_CERTAIN]);
		json_put(item, "likely", confidence[CONFIDENCE_LIKELY]);
		json_put(item, "guess", confidence[CONFIDENCE_GUESS]);
		json_array_append_new(json, item);
	}
	return json;
}

json_t *report_faults_json(struct counts *table, const char *key, size_t most)
{
	json_t *json = json_array();
	struct counts_item **items;
	size_t count = counts_sorted(table, 0, &items);

	for (size_t i = 0; i < count && i < most; i++) {
		const char *space = strrchr(items[i]->key.text, ' ');
		json_t *item = json_object();
		json_t *at = json_stringn(items[i]->key.text, (size_t)(space - items[i]->key.text));

		json_object_set_new(item, key, at ? at : json_string("?"));
		json_put_text(item, "cause", space + 1);
		json_put(item, "names", items[i]->number[0]);
		json_array_append_new(json, item);
	}
	free(items);
	return json;
}

static json_t *tlds_json(const struct tally *t)
{
	json_t *json = json_array();
	struct counts_item **items;
	size_t count = counts_sorted(t->table[TALLY_TLDS], TLD_BROKEN, &items);

	for (size_t i = 0; i < count && i < REPORT_TLDS; i++) {
		json_t *item = json_object();

		json_put_text(item, "tld", items[i]->key.text);
		json_put(item, "names", items[i]->number[TLD_NAMES]);
		json_put(item, "broken", items[i]->number[TLD_BROKEN]);
		json_put(item, "dnssec", items[i]->number[TLD_DNSSEC]);
		json_put(item, "signed", items[i]->number[TLD_SIGNED]);
		json_put(item, "signed_broken", items[i]->number[TLD_SIGNED_BROKEN]);
		json_array_append_new(json, item);
	}
	free(items);
	return json;
}

static json_t *part_json(const char *key, const char *text, const uint64_t *part)
{
	json_t *item = json_object();

	json_put_text(item, key, text);
	json_put(item, "names", part[PART_NAMES]);
	json_put(item, "broken", part[PART_BROKEN]);
	json_put(item, "dnssec", part[PART_DNSSEC]);
	json_put(item, "signed_broken", part[PART_SIGNED]);
	return item;
}

static json_t *parts_json(struct counts *table, const char *key, size_t most)
{
	json_t *json = json_array();
	struct counts_item **items;
	size_t count = counts_sorted(table, PART_BROKEN, &items);

	for (size_t i = 0; i < count && i < most; i++)
		json_array_append_new(json, part_json(key, items[i]->key.text, items[i]->number));
	free(items);
	return json;
}

static void put_view(json_t *object, const char *key, struct view text)
{
	json_t *value = json_stringn(text.len ? text.text : "", text.len);

	json_object_set_new(object, key, value ? value : json_string("?"));
}

static json_t *delegations_json(const struct served_list *list)
{
	json_t *json = json_array();

	for (size_t i = 0; i < list->count && i < REPORT_SERVED; i++) {
		const struct served *row = &list->row[i];
		json_t *item = json_object();

		put_view(item, "tld", row->tld);
		put_view(item, "operator", row->by);
		json_put(item, "delegated", row->delegated);
		json_put(item, "signed", row->with_ds);
		json_object_set_new(item, "broken",
				    row->known ? json_integer((json_int_t)row->broken)
					       : json_null());
		json_object_set_new(item, "signed_broken",
				    row->known ? json_integer((json_int_t)row->signed_broken)
					       : json_null());
		json_array_append_new(json, item);
	}
	return json;
}

static json_t *vantages_json(const struct tally *t)
{
	json_t *json = json_array();
	struct counts_item **items;
	size_t count = counts_sorted(t->table[TALLY_VANTAGES], PLACE_FAILING, &items);

	for (size_t i = 0; i < count; i++) {
		json_t *item = json_object();
		const uint64_t *n = items[i]->number;

		json_put_text(item, "vantage", items[i]->key.text);
		json_put(item, "ok", n[PLACE_OK]);
		json_put(item, "failing", n[PLACE_FAILING]);
		json_put(item, "partial", n[PLACE_PARTIAL]);
		json_put(item, "unknown", n[PLACE_UNKNOWN]);
		json_put(item, "failing_here_alone", n[PLACE_ALONE]);
		json_array_append_new(json, item);
	}
	free(items);
	return json;
}

static json_t *algorithms_json(const struct tally *t)
{
	json_t *json = json_array();

	for (unsigned i = 0; i < TALLY_ALGORITHMS; i++) {
		const char *name = dnssec_algorithm_name((uint8_t)i);
		json_t *item;

		if (!t->algorithms[i][PART_NAMES])
			continue;
		item = part_json("name", name ? name : "not registered", t->algorithms[i]);
		json_put(item, "algorithm", i);
		json_array_append_new(json, item);
	}
	return json;
}

static json_t *pairs_json(const struct tally *t)
{
	static struct report_pair list[TALLY_WORDS * TALLY_WORDS];
	size_t count = report_pairs(t, list);
	json_t *json = json_array();

	for (size_t i = 0; i < count; i++) {
		json_t *item = json_object();

		json_put_text(item, "normal", tally_word_name(list[i].normal));
		json_put_text(item, "cd", tally_word_name(list[i].cd));
		json_put(item, "rows", list[i].rows);
		json_array_append_new(json, item);
	}
	return json;
}

static json_t *ede_json(const struct tally *t)
{
	json_t *json = json_array();

	for (unsigned code = 0; code < TALLY_EDES; code++) {
		const char *name = ede_name((uint16_t)code);
		bool last = code == TALLY_EDES - 1;
		json_t *item;

		if (t->ede_failing[code] + t->ede_answered[code] == 0)
			continue;
		item = json_object();
		json_object_set_new(item, "code", last ? json_null() : json_integer(code));
		json_put_text(item, "name", name ? name : last ? "others" : "not registered");
		json_put(item, "failing", t->ede_failing[code]);
		json_put(item, "answered", t->ede_answered[code]);
		json_array_append_new(json, item);
	}
	return json;
}

static json_t *verdicts_json(json_t *root, const struct tally *t)
{
	json_t *status = json_object(), *confidence = json_object(), *category = json_object();

	for (unsigned i = 0; i < STATUS_COUNT; i++)
		json_put(status, status_name((enum status)i), t->status[i]);
	for (unsigned i = CONFIDENCE_GUESS; i < CONFIDENCE_COUNT; i++)
		json_put(confidence, confidence_name((enum confidence)i), t->confidence[i]);
	for (unsigned i = 1; i < CATEGORY_COUNT; i++)
		json_put(category, category_name((enum category)i), t->category[i]);
	json_put(root, "questions", t->questions);
	json_object_set_new(root, "status", status);
	json_object_set_new(root, "confidence", confidence);
	json_object_set_new(root, "category", category);
	return root;
}

int report_json(const struct report *report, const char *path)
{
	const struct tally *t = report->tally;
	struct served_list served;
	bool whole = served_read(&served, t);
	json_t *root;
	char *text;
	int error;

	json_begin();
	root = json_object();
	json_put(root, "schema", REPORT_SCHEMA);
	json_put_text(root, "program", "servfail-aggregate");
	json_put_text(root, "version", SERVFAIL_VERSION);
	json_put_time(root, "first", t->first_ms);
	json_put_time(root, "last", t->last_ms);
	json_object_set_new(root, "input", input_json(t));
	json_object_set_new(root, "totals", totals_json(t));
	verdicts_json(root, t);
	json_object_set_new(root, "causes", causes_json(t));
	json_object_set_new(root, "faults",
			    report_faults_json(t->table[TALLY_AT], "at", REPORT_FAULTS));
	json_object_set_new(
		root, "operator_causes",
		report_faults_json(t->table[TALLY_OPERATOR_CAUSES], "operator", REPORT_OPERATORS));
	json_object_set_new(root, "tlds", tlds_json(t));
	json_object_set_new(root, "operators",
			    parts_json(t->table[TALLY_OPERATORS], "operator", REPORT_OPERATORS));
	json_object_set_new(root, "delegations", delegations_json(&served));
	json_object_set_new(root, "domains",
			    parts_json(t->table[TALLY_DOMAINS], "domain", REPORT_DOMAINS));
	json_object_set_new(root, "algorithms", algorithms_json(t));
	json_object_set_new(root, "vantages", vantages_json(t));
	json_put(root, "places_differ", t->places_differ);
	json_object_set_new(root, "resolvers", report_resolvers_json(t));
	json_object_set_new(root, "agreement", report_agreement_json(t->agreement));
	json_object_set_new(root, "rcode_pairs", pairs_json(t));
	json_object_set_new(root, "ede", ede_json(t));
	json_object_set_new(root, "changes",
			    report->compared ? report_changes_json(t, report->trend) : json_null());
	json_object_set_new(root, "trend", report_trend_json(report->trend));
	text = json_dumps(root, JSON_INDENT(1));
	json_decref(root);
	served_free(&served);
	if (!text || !whole || !json_is_whole() || !tally_is_whole(t)) {
		free(text);
		return -ENOMEM;
	}
	error = outfile_put(path, text, strlen(text));
	free(text);
	return error;
}
