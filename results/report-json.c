/* SPDX-License-Identifier: BSD-2-Clause */

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "io/outfile.h"
#include "results/report.h"

static void set(json_t *object, const char *key, uint64_t value)
{
	json_object_set_new(object, key, json_integer((json_int_t)value));
}

static void set_text(json_t *object, const char *key, const char *text)
{
	json_t *json = json_string(text);

	json_object_set_new(object, key, json ? json : json_string("?")); /* not UTF-8 */
}

static void set_time(json_t *object, const char *key, int64_t time_ms)
{
	char text[25] = "";

	if (time_ms)
		csv_time(text, time_ms);
	set_text(object, key, text);
}

static json_t *input_json(const struct tally *t)
{
	json_t *json = json_object();

	set(json, "runs", t->runs);
	set(json, "runs_incomplete", t->runs_incomplete);
	set(json, "runs_without_manifest", t->runs_without_manifest);
	set(json, "files", t->files);
	set(json, "rows", t->rows);
	set(json, "evidence_rows", t->evidence_rows);
	set(json, "bad_lines", t->bad_lines);
	set(json, "damaged_files", t->damaged_files);
	set(json, "missing_files", t->missing_files);
	return json;
}

static json_t *totals_json(const struct tally *t)
{
	json_t *json = json_object();
	struct counts_item **items;
	size_t count = counts_sorted(t->table[TALLY_TOTALS], 0, &items);

	for (size_t i = 0; i < count; i++)
		set(json, items[i]->key.text, items[i]->number[0]);
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

		set_text(item, "category", category_name(info->category));
		set_text(item, "cause", info->id);
		set(item, "names", t->cause[causes[i]]);
		set(item, "certain", confidence[CONFIDENCE_CERTAIN]);
		set(item, "likely", confidence[CONFIDENCE_LIKELY]);
		set(item, "guess", confidence[CONFIDENCE_GUESS]);
		json_array_append_new(json, item);
	}
	return json;
}

static json_t *faults_json(const struct tally *t)
{
	json_t *json = json_array();
	struct counts_item **items;
	size_t count = counts_sorted(t->table[TALLY_AT], 0, &items);

	for (size_t i = 0; i < count && i < REPORT_FAULTS; i++) {
		const char *space = strrchr(items[i]->key.text, ' ');
		json_t *item = json_object();
		json_t *at = json_stringn(items[i]->key.text, (size_t)(space - items[i]->key.text));

		json_object_set_new(item, "at", at ? at : json_string("?"));
		set_text(item, "cause", space + 1);
		set(item, "names", items[i]->number[0]);
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

		set_text(item, "tld", items[i]->key.text);
		set(item, "names", items[i]->number[TLD_NAMES]);
		set(item, "broken", items[i]->number[TLD_BROKEN]);
		set(item, "dnssec", items[i]->number[TLD_DNSSEC]);
		json_array_append_new(json, item);
	}
	free(items);
	return json;
}

static uint64_t answered(const struct tally_resolver *r)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i <= 24; i++)
		sum += r->words[i];
	return sum;
}

static json_t *resolvers_json(const struct tally *t, struct group *group)
{
	json_t *json = json_array();
	struct report_resolver *list;
	size_t count = report_resolvers(t, group, &list);

	for (size_t i = 0; i < count; i++) {
		const struct report_resolver *r = &list[i];
		json_t *item = json_object();
		struct reply timeout = {.outcome = OUTCOME_TIMEOUT, .rcode = RCODE_UNKNOWN};
		int64_t median_us = tally_median_us(&r->sum);

		set_text(item, "resolver", r->resolver->name);
		set(item, "rows", r->sum.rows);
		set(item, "answered", answered(&r->sum));
		set(item, "timeout", r->sum.words[tally_word(&timeout)]);
		set(item, "servfail", r->sum.words[RCODE_SERVFAIL]);
		set(item, "refused", r->sum.words[RCODE_REFUSED]);
		set(item, "overloaded", r->sum.overloaded);
		json_object_set_new(item, "median_rtt_us",
				    median_us < 0 ? json_null() : json_integer(median_us));
		set_text(item, "reachable", tri_name(r->reachable));
		set_text(item, "validates", tri_name(r->validates));
		set_text(item, "honours_cd", tri_name(r->honours_cd));
		json_object_set_new(item, "counted", json_boolean(!r->useless));
		json_array_append_new(json, item);
	}
	free(list);
	return json;
}

static json_t *pairs_json(const struct tally *t)
{
	static struct report_pair list[TALLY_WORDS * TALLY_WORDS];
	size_t count = report_pairs(t, list);
	json_t *json = json_array();

	for (size_t i = 0; i < count; i++) {
		json_t *item = json_object();

		set_text(item, "normal", tally_word_name(list[i].normal));
		set_text(item, "cd", tally_word_name(list[i].cd));
		set(item, "rows", list[i].rows);
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
		set_text(item, "name", name ? name : last ? "others" : "not registered");
		set(item, "failing", t->ede_failing[code]);
		set(item, "answered", t->ede_answered[code]);
		json_array_append_new(json, item);
	}
	return json;
}

static json_t *verdicts_json(json_t *root, const struct tally *t)
{
	json_t *status = json_object(), *confidence = json_object(), *category = json_object();

	for (unsigned i = 0; i < STATUS_COUNT; i++)
		set(status, status_name((enum status)i), t->status[i]);
	for (unsigned i = CONFIDENCE_GUESS; i < CONFIDENCE_COUNT; i++)
		set(confidence, confidence_name((enum confidence)i), t->confidence[i]);
	for (unsigned i = 1; i < CATEGORY_COUNT; i++)
		set(category, category_name((enum category)i), t->category[i]);
	set(root, "questions", t->questions);
	json_object_set_new(root, "status", status);
	json_object_set_new(root, "confidence", confidence);
	json_object_set_new(root, "category", category);
	return root;
}

int report_json(const struct tally *t, struct group *group, const char *path)
{
	json_t *root = json_object();
	char *text;
	int error;

	set(root, "schema", REPORT_SCHEMA);
	set_text(root, "program", "servfail-aggregate");
	set_text(root, "version", SERVFAIL_VERSION);
	set_time(root, "first", t->first_ms);
	set_time(root, "last", t->last_ms);
	json_object_set_new(root, "input", input_json(t));
	json_object_set_new(root, "totals", totals_json(t));
	verdicts_json(root, t);
	json_object_set_new(root, "causes", causes_json(t));
	json_object_set_new(root, "faults", faults_json(t));
	json_object_set_new(root, "tlds", tlds_json(t));
	json_object_set_new(root, "resolvers", resolvers_json(t, group));
	json_object_set_new(root, "rcode_pairs", pairs_json(t));
	json_object_set_new(root, "ede", ede_json(t));
	text = json_dumps(root, JSON_INDENT(1));
	json_decref(root);
	if (!text)
		return -ENOMEM;
	error = outfile_put(path, text, strlen(text));
	free(text);
	return error;
}
