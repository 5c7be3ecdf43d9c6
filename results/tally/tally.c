/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/tally/tally-inside.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/rows/domain.h"
#include "results/judge/origin.h"
#include "results/judge/vantage.h"

#define RCODES	    24
#define OTHER_RCODE 24
#define OUTCOMES    25 /* the first of them */
#define STEPS	    8  /* of round trip times in a power of two */
#define STEP_BITS   3

unsigned tally_word(const struct reply *reply)
{
	if (reply->outcome == OUTCOME_ANSWERED && reply->rcode != RCODE_UNKNOWN)
		return reply->rcode < RCODES ? (unsigned)reply->rcode : OTHER_RCODE;
	return OUTCOMES + ((unsigned)reply->outcome < OUTCOME_COUNT ? reply->outcome : 0U);
}

const char *tally_word_name(unsigned word)
{
	static char text[NAME_TEXT_MAX]; /* never written: all words below have constant names */

	if (word < RCODES && word != 12 && word != 13 && word != 14 && word != 15)
		return rcode_name((int)word, text);
	if (word <= OTHER_RCODE)
		return "other RCODE";
	return word == OUTCOMES ? "-" : outcome_name((enum outcome)(word - OUTCOMES));
}

bool tally_word_is_rcode(unsigned word)
{
	return word <= OTHER_RCODE;
}

static unsigned rtt_index(int64_t rtt_us)
{
	unsigned power = 63U - (unsigned)__builtin_clzll((uint64_t)rtt_us), index;

	if (rtt_us < STEPS)
		return (unsigned)rtt_us;
	index = (power - STEP_BITS + 1) * STEPS +
		((unsigned)(rtt_us >> (power - STEP_BITS)) & (STEPS - 1));
	return index < TALLY_RTTS ? index : TALLY_RTTS - 1;
}

int64_t tally_rtt_us(unsigned index)
{
	if (index < STEPS)
		return index;
	return (int64_t)(STEPS + index % STEPS) << (index / STEPS - 1);
}

/* ---- counting ---- */

static void count_ede(struct tally *tally, struct tally_resolver *resolver,
		      const struct reply *reply, uint64_t times)
{
	bool answered = reply->rcode == RCODE_NOERROR || reply->rcode == RCODE_NXDOMAIN;
	uint64_t *codes = answered ? tally->ede_answered : tally->ede_failing;

	for (unsigned i = 0; i < reply->ede_count; i++) {
		unsigned code = reply->ede[i] < TALLY_EDES - 1 ? reply->ede[i] : TALLY_EDES - 1;

		codes[code] += times;
		resolver->edes[code] += times;
	}
}

static bool works(const struct reply *reply)
{
	return reply->outcome == OUTCOME_ANSWERED &&
	       (reply->rcode == RCODE_NOERROR || reply->rcode == RCODE_NXDOMAIN);
}

/* What it can do, as far as its answers show. */
static void count_abilities(struct tally_resolver *resolver, const struct row *row, uint64_t times)
{
	bool asked = row->cd.outcome != OUTCOME_UNKNOWN && row->cd.outcome != OUTCOME_NOT_ASKED;

	resolver->signatures += row->cd_rrsig.len ? times : 0;
	resolver->bogus += row->normal.rcode == RCODE_SERVFAIL && works(&row->cd) ? times : 0;
	resolver->root_bogus += row->normal.ede_text.len && look_unrooted(row) ? times : 0;
	if (works(&row->cd))
		resolver->cd_works += times;
	else if (asked && works(&row->normal))
		resolver->cd_alone_fails += times;
}

bool tally_rows(struct tally *tally, unsigned number, const struct row *row, uint64_t times)
{
	struct tally_resolver *resolver = tally_resolver_at(tally, number);
	unsigned word = tally_word(&row->normal);

	if (!resolver)
		return false;
	tally->rows += times;
	tally->pairs[word][tally_word(&row->cd)] += times;
	count_ede(tally, resolver, &row->normal, times);
	resolver->rows += times;
	resolver->words[word] += times;
	resolver->tries += times * (row->normal.tries + row->cd.tries);
	resolver->overloaded += note_has(row->note, "overload") ? times : 0;
	count_abilities(resolver, row, times);
	return true;
}

void tally_rtt(struct tally *tally, unsigned number, int64_t rtt_us)
{
	if (rtt_us > 0)
		tally->resolvers[number].rtts[rtt_index(rtt_us)]++;
}

bool tally_row(struct tally *tally, unsigned number, const struct row *row)
{
	if (!tally_rows(tally, number, row, 1))
		return false;
	tally_time(tally, row->time_ms);
	tally_rtt(tally, number, row->normal.rtt_us);
	return true;
}

uint64_t tally_answered(const struct tally_resolver *r)
{
	uint64_t sum = r->words[OUTCOMES + OUTCOME_ANSWERED]; /* without an RCODE */

	for (unsigned i = 0; i < OUTCOMES; i++)
		sum += r->words[i];
	return sum;
}

static bool is_broken(const struct verdict *v)
{
	return v->status == STATUS_FAILING || v->status == STATUS_PARTIAL;
}

static void count_part(uint64_t part[PART_WIDTH], const struct verdict *v, uint64_t times)
{
	bool broken = is_broken(v);

	part[PART_NAMES] += times;
	part[PART_BROKEN] += broken ? times : 0;
	part[PART_DNSSEC] +=
		broken && cause_info(v->cause)->category == CATEGORY_DNSSEC ? times : 0;
	part[PART_SIGNED] += broken && v->is_signed ? times : 0;
}

static bool count_domain(struct tally *tally, struct view name, const struct verdict *v)
{
	struct view domain = domain_registered(name);
	struct counts_item *item =
		domain.len ? counts_at(tally->table[TALLY_DOMAINS], domain) : NULL;

	if (item)
		count_part(item->number, v, 1);
	return item || !domain.len;
}

static struct view tld_of(struct view name)
{
	const char *dot = name.len > 1 ? memrchr(name.text, '.', name.len) : NULL;

	return dot ? (struct view){dot + 1, (size_t)(name.text + name.len - dot - 1)} : name;
}

bool tally_name(struct tally *tally, struct view name, const struct verdict *v)
{
	struct view tld = tld_of(name);
	bool broken = is_broken(v);
	struct counts_item *item = counts_at(tally->table[TALLY_TLDS], tld);

	if (!item)
		return false;
	item->number[TLD_NAMES]++;
	item->number[TLD_BROKEN] += broken;
	item->number[TLD_DNSSEC] += broken && cause_info(v->cause)->category == CATEGORY_DNSSEC;
	item->number[TLD_SIGNED] += v->is_signed;
	item->number[TLD_SIGNED_BROKEN] += v->is_signed && broken;
	return !broken || count_domain(tally, name, v);
}

/* "own" is nobody in particular. */
static bool count_servercause(struct tally *tally, struct view server, const struct verdict *v,
			      uint64_t times)
{
	char key[VERDICT_OPERATORS_MAX + 64];
	struct counts_item *item;
	int len;

	if (v->status == STATUS_OK || view_is(server, "own"))
		return true;
	len = snprintf(key, sizeof(key), "%.*s %s", (int)server.len, server.text,
		       cause_info(v->cause)->id);
	item = counts_at(tally->table[TALLY_OPERATOR_CAUSES], (struct view){key, (size_t)len});
	if (item)
		item->number[0] += times;
	return item != NULL;
}

/* Whether it is the name's own zone that is to blame, as far as is known: not a TLD, nor whereto it
 * is an alias. */
static bool is_own_fault(struct view name, const struct verdict *v)
{
	struct view at = view_of(v->at);

	return at.len == 0 || view_equal(name, at) ||
	       (view_within(name, at) && memchr(at.text, '.', at.len));
}

/* What is seen of an operator's part of a TLD. */
static bool count_served(struct tally *tally, struct view name, struct view by,
			 const struct verdict *v)
{
	char key[VERDICT_OPERATORS_MAX + 300];
	struct view tld = tld_of(name);
	struct counts_item *item;
	int len;

	if (!is_broken(v) || !is_own_fault(name, v))
		return true;
	len = snprintf(key, sizeof(key), "%.*s %.*s", (int)tld.len, tld.text, (int)by.len, by.text);
	item = counts_at(tally->table[TALLY_SERVED], (struct view){key, (size_t)len});
	if (item)
		count_part(item->number, v, 1);
	return item != NULL;
}

/* By what origin_read() found. name: of one of them, the only one when they are broken. */
static bool count_origin(struct tally *tally, struct view name, const struct verdict *v,
			 uint64_t times)
{
	struct view operators = view_of(v->operators);
	struct view algorithms = view_of(v->algorithms), item;

	while (origin_next(&operators, &item)) {
		struct counts_item *known = counts_at(tally->table[TALLY_OPERATORS], item);

		if (!known || !count_servercause(tally, item, v, times) ||
		    !count_served(tally, name, item, v))
			return false;
		count_part(known->number, v, times);
	}
	while (origin_next(&algorithms, &item)) {
		int64_t number = 0;

		csv_read_number(item, 0, TALLY_ALGORITHMS - 1, &number);
		count_part(tally->algorithms[number], v, times);
	}
	return true;
}

static enum tally_place place_status(const struct vantage *v)
{
	if (v->failing + v->unsettled == 0)
		return v->ok ? PLACE_OK : PLACE_UNKNOWN;
	return v->ok + v->unsettled ? PLACE_PARTIAL : PLACE_FAILING;
}

/* By what each vantage point saw. */
static bool count_vantages(struct tally *tally, const struct opinion *opinions, size_t count,
			   uint64_t times)
{
	struct vantages vantages;
	unsigned ok = 0;

	vantages_read(&vantages, opinions, count);
	if (vantages.count == 1 && vantages.list[0].label.len == 0)
		return true;
	for (unsigned i = 0; i < vantages.count; i++)
		ok += place_status(&vantages.list[i]) == PLACE_OK;
	for (unsigned i = 0; i < vantages.count; i++) {
		const struct vantage *v = &vantages.list[i];
		struct counts_item *item = counts_at(tally->table[TALLY_VANTAGES], v->label);
		enum tally_place status = place_status(v);

		if (!item)
			return false;
		item->number[status] += times;
		item->number[PLACE_ALONE] +=
			status == PLACE_FAILING && ok && ok == vantages.count - 1 ? times : 0;
	}
	return true;
}

/* Who passes what others find bogus, and does so without AD, has not validated it. */
static bool count_passed(struct tally *tally, const struct opinion *opinions, size_t count,
			 uint64_t times)
{
	unsigned bogus = 0;

	for (size_t i = 0; i < count; i++)
		bogus += opinions[i].kind == OPINION_VALIDATION;
	for (size_t i = 0; bogus && i < count; i++) {
		const struct opinion *o = &opinions[i];
		bool found = o->kind == OPINION_VALIDATION;
		bool passed =
			(o->kind == OPINION_OK && !o->ad) || (o->kind == OPINION_EXEMPT && !o->row);
		struct tally_resolver *resolver;

		if (!passed && (!found || bogus < 2))
			continue;
		resolver = tally_resolver_at(tally, o->resolver->identity);
		if (!resolver)
			return false;
		*(found ? &resolver->bogus_found : &resolver->bogus_passed) += times;
	}
	return true;
}

bool tally_facts(struct tally *tally, const struct facts *facts, const struct opinion *opinions,
		 size_t count, const struct verdict *v, uint64_t times)
{
	const struct cause_info *info = cause_info(v->cause);
	struct counts_item *item;
	char key[400];
	int len;

	agreement_add(tally->agreement, opinions, count, times);
	tally->questions += times;
	tally->status[v->status] += times;
	tally->places_differ += v->places_differ ? times : 0;
	if (!count_origin(tally, facts->name, v, times) ||
	    !count_passed(tally, opinions, count, times) ||
	    !count_vantages(tally, opinions, count, times))
		return false;
	if (v->status == STATUS_OK)
		return true;
	tally->category[info->category] += times;
	tally->cause[v->cause] += times;
	tally->confidence[v->confidence] += times;
	tally->cause_confidence[v->cause][v->confidence] += times;
	tally->no_zone[v->cause] += v->at[0] ? 0 : times;
	if (!v->at[0])
		return true;
	len = snprintf(key, sizeof(key), "%s %s", v->at, info->id);
	item = counts_at(tally->table[TALLY_AT], (struct view){key, (size_t)len});
	if (item)
		item->number[0] += times;
	return item != NULL;
}

bool tally_manifest(struct tally *tally, const struct manifest *manifest)
{
	tally->runs_incomplete += !manifest->complete;
	for (size_t i = 0; i < manifest->total_count; i++) {
		const struct manifest_total *total = &manifest->totals[i];
		struct counts_item *item =
			counts_at(tally->table[TALLY_TOTALS], view_of(total->name));

		if (!item)
			return false;
		item->number[0] += total->value;
	}
	return true;
}

bool tally_delegations(struct tally *tally, const struct delegations *row, const char *vantage)
{
	char key[2 * 256 + 400];
	int len =
		snprintf(key, sizeof(key), "%.*s %.*s\t%s", (int)row->tld.len, row->tld.text,
			 (int)row->by.len, row->by.len ? row->by.text : "", vantage ? vantage : "");
	size_t most = sizeof(key) - 1;
	struct counts_item *item =
		counts_at(tally->table[TALLY_DELEGATIONS],
			  (struct view){key, (size_t)len < most ? (size_t)len : most});

	if (!item)
		return false;
	item->number[DELEGATION_NAMES] += row->delegated;
	item->number[DELEGATION_SIGNED] += row->with_ds;
	return true;
}

bool tally_calibration(struct tally *tally, unsigned number, const struct calibration *row)
{
	struct tally_resolver *resolver = tally_resolver_at(tally, number);

	if (!resolver)
		return false;
	tally_join_calibration(&resolver->calibration, row);
	if (row->controls_asked > 0)
		resolver->controls_asked[row->phase] += (uint64_t)row->controls_asked;
	if (row->controls_failed > 0)
		resolver->controls_failed[row->phase] += (uint64_t)row->controls_failed;
	return true;
}

int64_t tally_quantile_us(const struct tally_resolver *resolver, unsigned per_mille)
{
	uint64_t all = 0, below = 0;

	for (unsigned i = 0; i < TALLY_RTTS; i++)
		all += resolver->rtts[i];
	for (unsigned i = 0; i < TALLY_RTTS; i++) {
		below += resolver->rtts[i];
		if (all && below * 1000 >= all * per_mille)
			return tally_rtt_us(i);
	}
	return -1;
}
