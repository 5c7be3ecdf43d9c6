/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RCODES	    24
#define OTHER_RCODE 24
#define OUTCOMES    25 /* the first of them */

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

struct tally *tally_create(void)
{
	struct tally *tally = calloc(1, sizeof(*tally));

	if (!tally)
		return NULL;
	tally->totals = counts_create(1);
	tally->tlds = counts_create(TLD_WIDTH);
	tally->at = counts_create(1);
	if (!tally->totals || !tally->tlds || !tally->at)
		tally_destroy(&tally);
	return tally;
}

void tally_destroy(struct tally **tally)
{
	struct tally *t = *tally;

	if (!t)
		return;
	if (t->totals)
		counts_destroy(&t->totals);
	if (t->tlds)
		counts_destroy(&t->tlds);
	if (t->at)
		counts_destroy(&t->at);
	free(t->resolvers);
	free(t);
	*tally = NULL;
}

static struct tally_resolver *resolver_at(struct tally *tally, unsigned number)
{
	size_t count = number + 1;
	struct tally_resolver *more;

	if (number < tally->resolver_count)
		return &tally->resolvers[number];
	more = reallocarray(tally->resolvers, count, sizeof(*more));
	if (!more)
		return NULL;
	memset(more + tally->resolver_count, 0, (count - tally->resolver_count) * sizeof(*more));
	tally->resolvers = more;
	tally->resolver_count = count;
	return &more[number];
}

static void count_ede(struct tally *tally, const struct reply *reply)
{
	bool answered = reply->rcode == RCODE_NOERROR || reply->rcode == RCODE_NXDOMAIN;
	uint64_t *codes = answered ? tally->ede_answered : tally->ede_failing;

	for (unsigned i = 0; i < reply->ede_count; i++)
		codes[reply->ede[i] < TALLY_EDES - 1 ? reply->ede[i] : TALLY_EDES - 1]++;
}

bool tally_row(struct tally *tally, unsigned number, const struct row *row)
{
	struct tally_resolver *resolver = resolver_at(tally, number);
	unsigned word = tally_word(&row->normal);

	if (!resolver)
		return false;
	tally->rows++;
	if (row->time_ms && (!tally->first_ms || row->time_ms < tally->first_ms))
		tally->first_ms = row->time_ms;
	if (row->time_ms > tally->last_ms)
		tally->last_ms = row->time_ms;
	tally->pairs[word][tally_word(&row->cd)]++;
	count_ede(tally, &row->normal);
	resolver->rows++;
	resolver->words[word]++;
	resolver->tries += row->normal.tries + row->cd.tries;
	resolver->overloaded += note_has(row->note, "overload");
	if (row->normal.rtt_us > 0) {
		unsigned log2 = 63U - (unsigned)__builtin_clzll((uint64_t)row->normal.rtt_us);

		resolver->rtts[log2 < TALLY_RTTS ? log2 : TALLY_RTTS - 1]++;
	}
	return true;
}

bool tally_verdict(struct tally *tally, struct view name, const struct verdict *v)
{
	const struct cause_info *info = cause_info(v->cause);
	const char *dot = name.len ? memrchr(name.text, '.', name.len) : NULL;
	struct view tld = dot && name.len > 1
				  ? (struct view){dot + 1, (size_t)(name.text + name.len - dot - 1)}
				  : name;
	bool broken = v->status == STATUS_FAILING || v->status == STATUS_PARTIAL;
	struct counts_item *item = counts_at(tally->tlds, tld);
	char key[400];
	int len;

	if (!item)
		return false;
	item->number[TLD_NAMES]++;
	item->number[TLD_BROKEN] += broken;
	item->number[TLD_DNSSEC] += broken && info->category == CATEGORY_DNSSEC;
	tally->questions++;
	tally->status[v->status]++;
	if (v->status == STATUS_OK)
		return true;
	tally->category[info->category]++;
	tally->cause[v->cause]++;
	tally->confidence[v->confidence]++;
	tally->cause_confidence[v->cause][v->confidence]++;
	if (!v->at[0])
		return true;
	len = snprintf(key, sizeof(key), "%s %s", v->at, info->id);
	item = counts_at(tally->at, (struct view){key, (size_t)len});
	if (item)
		item->number[0]++;
	return item != NULL;
}

bool tally_manifest(struct tally *tally, const struct manifest *manifest)
{
	tally->runs_incomplete += !manifest->complete;
	for (size_t i = 0; i < manifest->total_count; i++) {
		const struct manifest_total *total = &manifest->totals[i];
		struct counts_item *item =
			counts_at(tally->totals, (struct view){total->name, strlen(total->name)});

		if (!item)
			return false;
		item->number[0] += total->value;
	}
	return true;
}

int64_t tally_median_us(const struct tally_resolver *resolver)
{
	uint64_t all = 0, below = 0;

	for (unsigned i = 0; i < TALLY_RTTS; i++)
		all += resolver->rtts[i];
	for (unsigned i = 0; i < TALLY_RTTS; i++) {
		below += resolver->rtts[i];
		if (all && below * 2 >= all)
			return (int64_t)1 << i;
	}
	return -1;
}

void tally_resolver_join(struct tally_resolver *a, const struct tally_resolver *b)
{
	a->rows += b->rows;
	a->overloaded += b->overloaded;
	a->tries += b->tries;
	for (unsigned i = 0; i < TALLY_WORDS; i++)
		a->words[i] += b->words[i];
	for (unsigned i = 0; i < TALLY_RTTS; i++)
		a->rtts[i] += b->rtts[i];
}
