/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/report/report-json.h"

#include <stdlib.h>

void json_put(json_t *object, const char *key, uint64_t value)
{
	json_object_set_new(object, key, json_integer((json_int_t)value));
}

void json_put_text(json_t *object, const char *key, const char *text)
{
	json_t *json = json_string(text);

	json_object_set_new(object, key, json ? json : json_string("?"));
}

/* Word -> rows, those that came. */
static json_t *outcomes_json(const struct tally_resolver *r)
{
	json_t *json = json_object();

	for (unsigned i = 0; i < TALLY_WORDS; i++) {
		const char *name = tally_word_name(i);
		json_t *known = json_object_get(json, name); /* several are "other RCODE" */

		if (r->words[i])
			json_put(json, name, r->words[i] + (uint64_t)json_integer_value(known));
	}
	return json;
}

static json_t *rtt_json(const struct tally_resolver *r)
{
	json_t *json = json_array();

	for (unsigned i = 0; i < TALLY_RTTS; i++)
		if (r->rtts[i])
			json_array_append_new(json, json_pack("[I,I]", (json_int_t)tally_rtt_us(i),
							      (json_int_t)r->rtts[i]));
	return json;
}

static json_t *edes_json(const struct tally_resolver *r)
{
	json_t *json = json_array();

	for (unsigned i = 0; i < TALLY_EDES; i++) {
		json_t *code = i == TALLY_EDES - 1 ? json_null() : json_integer(i);

		if (r->edes[i])
			json_array_append_new(json,
					      json_pack("[o,I]", code, (json_int_t)r->edes[i]));
		else
			json_decref(code);
	}
	return json;
}

static json_t *controls_json(const struct tally_resolver *r)
{
	static const char *const phases[TALLY_PHASES] = {"before", "during", "after"};
	json_t *json = json_object();

	for (unsigned i = 0; i < TALLY_PHASES; i++)
		if (r->controls_asked[i])
			json_object_set_new(json, phases[i],
					    json_pack("[I,I]", (json_int_t)r->controls_asked[i],
						      (json_int_t)r->controls_failed[i]));
	return json;
}

static void put_calibration(json_t *item, const struct calibration *c)
{
	json_put_text(item, "sends_ede", tri_name(c->sends_ede));
	json_put_text(item, "forwards_ad", tri_name(c->forwards_ad));
	json_put_text(item, "rewrites_nxdomain", tri_name(c->rewrites_nxdomain));
	json_put_text(item, "filters", tri_name(c->filters));
	json_put_text(item, "keeps_case", tri_name(c->keeps_case));
	json_put_text(item, "same_address", tri_name(c->same_address));
	json_put_text(item, "tcp", tri_name(c->tcp));
}

static json_t *resolver_json(const struct tally_resolver *r)
{
	struct reply timeout = {.outcome = OUTCOME_TIMEOUT, .rcode = RCODE_UNKNOWN};
	int64_t median_us = tally_quantile_us(r, 500);
	json_t *item = json_object();

	json_put_text(item, "resolver", r->name);
	json_put(item, "rows", r->rows);
	json_put(item, "answered", tally_answered(r));
	json_put(item, "timeout", r->words[tally_word(&timeout)]);
	json_put(item, "servfail", r->words[RCODE_SERVFAIL]);
	json_put(item, "refused", r->words[RCODE_REFUSED]);
	json_put(item, "overloaded", r->overloaded);
	json_object_set_new(item, "median_rtt_us",
			    median_us < 0 ? json_null() : json_integer(median_us));
	json_put_text(item, "reachable", tri_name(r->calibration.reachable));
	json_put_text(item, "validates", tri_name(r->calibration.validates));
	json_put_text(item, "honours_cd", tri_name(r->calibration.honours_cd));
	put_calibration(item, &r->calibration);
	json_object_set_new(item, "counted", json_boolean(!r->useless));
	json_put(item, "tries", r->tries);
	json_object_set_new(item, "outcomes", outcomes_json(r));
	json_object_set_new(item, "rtt_us", rtt_json(r));
	json_object_set_new(item, "ede", edes_json(r));
	json_object_set_new(item, "controls", controls_json(r));
	return item;
}

json_t *report_resolvers_json(const struct tally *t)
{
	json_t *json = json_array();

	for (size_t i = 0; i < t->resolver_count; i++)
		json_array_append_new(json, resolver_json(&t->resolvers[i]));
	return json;
}

json_t *report_agreement_json(const struct agreement *agreement)
{
	json_t *json = json_array();

	for (size_t i = 0; i < AGREEMENT_MAX; i++) {
		for (size_t j = i + 1; j < AGREEMENT_MAX; j++) {
			const struct agreement_pair *pair = &agreement->pair[i][j];
			json_t *item;

			if (!agreement->name[i] || !agreement->name[j])
				continue;
			item = json_object();
			json_put_text(item, "first", agreement->name[i]);
			json_put_text(item, "second", agreement->name[j]);
			json_put(item, "both_resolve", pair->both_resolve);
			json_put(item, "both_fail", pair->both_fail);
			json_put(item, "first_fails", pair->first_fails);
			json_put(item, "second_fails", pair->second_fails);
			json_array_append_new(json, item);
		}
	}
	return json;
}
