/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * summary.txt: 79 columns, plain ASCII, the most important first.
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/buf.h"
#include "io/outfile.h"
#include "results/report/report.h"
#include "results/tally/served.h"

#define TOP 15
/* Fewer forged messages are the noise of the Internet. */
#define FORGED_MANY 100

/* "12.34 %", and "-" of nothing. */
static const char *share(uint64_t part, uint64_t all, char text[16])
{
	if (all == 0)
		return "-";
	snprintf(text, 16, "%.2f %%", 100.0 * (double)part / (double)all);
	return text;
}

/* Names come from outside: what could upset a terminal is shown as "?". */
static const char *plain(const char *name, char text[80], size_t width)
{
	size_t i = 0;

	assert(width < 80);
	for (; name[i] && i < width; i++)
		text[i] = name[i] >= 0x20 && name[i] < 0x7f ? name[i] : '?';
	text[i] = '\0';
	if (name[i] && width > 2)
		memcpy(text + width - 2, "..", 2);
	return text;
}

static void head(struct buf *out, const struct tally *t)
{
	char from[25] = "", to[25] = "";

	if (t->first_ms) {
		csv_time(from, t->first_ms);
		csv_time(to, t->last_ms);
	}
	buf_addf(out,
		 "servfail %s\n\n%llu questions, %llu pairs, %llu run%s, %.16s to %.16s UTC\n\n",
		 SERVFAIL_VERSION, (unsigned long long)t->questions, (unsigned long long)t->rows,
		 (unsigned long long)t->runs, t->runs == 1 ? "" : "s", from, to);
}

static void statuses(struct buf *out, const struct tally *t)
{
	static const char *const words[STATUS_COUNT] = {
		"resolve at all resolvers that can tell", "fail at all of these",
		"fail at some, or at some times", "nobody could tell"};
	char text[16];

	for (unsigned i = 0; i < STATUS_COUNT; i++)
		buf_addf(out, "%-8s %12llu %9s  %s\n", status_name((enum status)i),
			 (unsigned long long)t->status[i], share(t->status[i], t->questions, text),
			 words[i]);
}

static void causes(struct buf *out, const struct tally *t)
{
	enum cause list[CAUSE_COUNT];
	size_t count = report_causes(t, list);
	uint64_t all = t->questions - t->status[STATUS_OK];
	char text[16];

	if (!count)
		return;
	buf_addf(out, "\nWHY (of %llu that are not ok)\n%38s %10s %9s %9s %9s\n",
		 (unsigned long long)all, "", "", "certain", "likely", "guess");
	for (unsigned category = 1; category < CATEGORY_COUNT; category++) {
		if (!t->category[category])
			continue;
		buf_addf(out, "%-26s %12llu %9s\n", category_name((enum category)category),
			 (unsigned long long)t->category[category],
			 share(t->category[category], all, text));
		for (size_t i = 0; i < count; i++) {
			const uint64_t *confidence = t->cause_confidence[list[i]];

			if (cause_info(list[i])->category != category)
				continue;
			buf_addf(out, "  %-24s %12llu %9s %9llu %9llu %9llu\n",
				 cause_info(list[i])->id, (unsigned long long)t->cause[list[i]],
				 share(t->cause[list[i]], all, text),
				 (unsigned long long)confidence[CONFIDENCE_CERTAIN],
				 (unsigned long long)confidence[CONFIDENCE_LIKELY],
				 (unsigned long long)confidence[CONFIDENCE_GUESS]);
		}
	}
}

static void faults(struct buf *out, const struct tally *t)
{
	struct counts_item **items;
	size_t count = counts_sorted(t->table[TALLY_AT], 0, &items);
	char text[80];

	for (size_t i = 0; i < count && i < TOP && items[i]->number[0] > 1; i++) {
		char *space = strrchr(items[i]->key.text, ' ');

		if (i == 0)
			buf_add_str(out, "\nONE FAULT, MANY NAMES\n");
		*space = '\0';
		buf_addf(out, "%12llu  %-40s %s\n", (unsigned long long)items[i]->number[0],
			 plain(items[i]->key.text, text, 40), space + 1);
		*space = ' ';
	}
	free(items);
}

static void tlds(struct buf *out, const struct tally *t)
{
	struct counts_item **items;
	size_t count = counts_sorted(t->table[TALLY_TLDS], TLD_BROKEN, &items);
	char text[80], percent[16];

	for (size_t i = 0; i < count && i < TOP && items[i]->number[TLD_BROKEN]; i++) {
		const uint64_t *n = items[i]->number;

		if (i == 0)
			buf_addf(out, "\nTLDS, MOST BROKEN NAMES FIRST\n%-24s %12s %12s %9s %12s\n",
				 "", "names", "broken", "", "dnssec");
		buf_addf(out, "%-24s %12llu %12llu %9s %12llu\n",
			 plain(items[i]->key.text, text, 24), (unsigned long long)n[TLD_NAMES],
			 (unsigned long long)n[TLD_BROKEN],
			 share(n[TLD_BROKEN], n[TLD_NAMES], percent),
			 (unsigned long long)n[TLD_DNSSEC]);
	}
	free(items);
}

/* Of zone files, those with most names. */
static void delegations(struct buf *out, const struct tally *t)
{
	char name[80], percent[16], broken[16], text[300];
	struct served_list list;

	if (!served_read(&list, t))
		out->failed = true;
	for (size_t i = 0; i < list.count && i < TOP; i++) {
		const struct served *row = &list.row[i];

		if (i == 0)
			buf_addf(out,
				 "\nDELEGATIONS, BY OPERATOR, MOST NAMES FIRST\n"
				 "%-30s %12s %12s %9s %12s %9s\n",
				 "", "names", "signed", "", "broken", "of signed");
		snprintf(text, sizeof(text), "%.*s %.*s", (int)row->tld.len, row->tld.text,
			 row->by.len ? (int)row->by.len : 3, row->by.len ? row->by.text : "all");
		buf_addf(out, "%-30s %12llu %12llu %9s", plain(text, name, 30),
			 (unsigned long long)row->delegated, (unsigned long long)row->with_ds,
			 share(row->with_ds, row->delegated, percent));
		if (row->known)
			buf_addf(out, " %12llu %9s\n", (unsigned long long)row->broken,
				 share(row->signed_broken, row->with_ds, broken));
		else
			buf_addf(out, " %12s %9s\n", "?", "");
	}
	served_free(&list);
}

static void vantages(struct buf *out, const struct tally *t)
{
	struct counts_item **items;
	size_t count = counts_sorted(t->table[TALLY_VANTAGES], PLACE_FAILING, &items);
	char text[80];

	for (size_t i = 0; i < count; i++) {
		const uint64_t *n = items[i]->number;

		if (i == 0)
			buf_addf(out,
				 "\nPLACES (%llu fail from one and resolve from another)\n"
				 "%-20s %11s %11s %9s %9s %14s\n",
				 (unsigned long long)t->places_differ, "", "ok", "failing",
				 "partial", "unknown", "fail here only");
		buf_addf(out, "%-20s %11llu %11llu %9llu %9llu %14llu\n",
			 items[i]->key.len ? plain(items[i]->key.text, text, 20) : "(no label)",
			 (unsigned long long)n[PLACE_OK], (unsigned long long)n[PLACE_FAILING],
			 (unsigned long long)n[PLACE_PARTIAL], (unsigned long long)n[PLACE_UNKNOWN],
			 (unsigned long long)n[PLACE_ALONE]);
	}
	free(items);
}

static void resolvers(struct buf *out, const struct tally *t)
{
	struct reply timeout = {.outcome = OUTCOME_TIMEOUT, .rcode = RCODE_UNKNOWN};
	char text[80], one[16], two[16], ms[24];

	buf_addf(out, "\nRESOLVERS\n%-24s %10s %9s %9s %9s  %s\n", "", "rows", "SERVFAIL",
		 "timeout", "median", "");
	for (size_t i = 0; i < t->resolver_count; i++) {
		const struct tally_resolver *r = &t->resolvers[i];
		int64_t median_us = tally_quantile_us(r, 500);

		snprintf(ms, sizeof(ms), median_us < 0 ? "-" : "%.1f ms", (double)median_us / 1000);
		buf_addf(out, "%-24s %10llu %9s %9s %9s  %s\n", plain(r->name, text, 24),
			 (unsigned long long)r->rows, share(r->words[RCODE_SERVFAIL], r->rows, one),
			 share(r->words[tally_word(&timeout)], r->rows, two), ms,
			 tally_standing(r));
	}
}

static void pairs(struct buf *out, const struct tally *t)
{
	static struct report_pair list[TALLY_WORDS * TALLY_WORDS];
	size_t count = report_pairs(t, list);
	char text[16];

	for (size_t i = 0; i < count && i < TOP; i++) {
		if (i == 0)
			buf_addf(out, "\nPAIRS\n%-22s %-22s %12s\n", "CD=0", "CD=1", "rows");
		buf_addf(out, "%-22s %-22s %12llu %9s\n", tally_word_name(list[i].normal),
			 tally_word_name(list[i].cd), (unsigned long long)list[i].rows,
			 share(list[i].rows, t->rows, text));
	}
}

static void edes(struct buf *out, const struct tally *t)
{
	bool first = true;

	for (unsigned code = 0; code < TALLY_EDES; code++) {
		const char *name = ede_name((uint16_t)code);

		if (t->ede_failing[code] + t->ede_answered[code] == 0)
			continue;
		if (first)
			buf_addf(out, "\nEXTENDED DNS ERRORS (CD=0)\n%-42s %12s %12s\n", "",
				 "failing", "answered");
		first = false;
		buf_addf(out, "%4u %-37s %12llu %12llu\n", code, name ? name : "others",
			 (unsigned long long)t->ede_failing[code],
			 (unsigned long long)t->ede_answered[code]);
	}
}

static uint64_t number_of(const struct tally *t, const char *name)
{
	const struct counts_item *item = counts_find(t->table[TALLY_TOTALS], view_of(name));

	return item ? item->number[0] : 0;
}

static void total(struct buf *out, const struct tally *t, const char *name)
{
	uint64_t number = number_of(t, name);

	if (number)
		buf_addf(out, ", %llu %s", (unsigned long long)number, name);
}

/* As the scan itself tells them, where there are many. */
static void say_forged(struct buf *out, const struct tally *t)
{
	static const char *const names[] = {"unasked", "wrong_address", "wrong_question",
					    "wrong_case"};
	uint64_t forged = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		forged += number_of(t, names[i]);
	if (forged >= FORGED_MANY)
		buf_addf(out,
			 "forged    %llu messages may be: none was believed, %llu queries went to "
			 "TCP\n",
			 (unsigned long long)forged,
			 (unsigned long long)number_of(t, "distrusted"));
}

static void trust(struct buf *out, const struct tally *t)
{
	uint64_t overloaded = 0;
	char text[16];

	for (size_t i = 0; i < t->resolver_count; i++)
		overloaded += t->resolvers[i].overloaded;
	buf_add_str(out, "\nHOW FAR TO TRUST THIS\n");
	buf_addf(out, "input     %llu files, %llu bad lines, %llu damaged, %llu missing\n",
		 (unsigned long long)t->files, (unsigned long long)t->bad_lines,
		 (unsigned long long)t->damaged_files, (unsigned long long)t->missing_files);
	buf_addf(out, "runs      %llu, %llu stopped half way, %llu without run.json\n",
		 (unsigned long long)t->runs, (unsigned long long)t->runs_incomplete,
		 (unsigned long long)t->runs_without_manifest);
	if (counts_size(t->table[TALLY_TOTALS])) {
		const struct counts_item *item =
			counts_find(t->table[TALLY_TOTALS], (struct view){"read", 4});

		buf_addf(out, "names     %llu read",
			 (unsigned long long)(item ? item->number[0] : 0));
		total(out, t, "scanned");
		total(out, t, "duplicates");
		total(out, t, "rejected");
		total(out, t, "excluded");
		total(out, t, "left");
		buf_add_str(out, "\n");
	}
	buf_addf(out,
		 "overload  %llu pairs (%s) asked while their resolver was overloaded: they "
		 "do not count\n",
		 (unsigned long long)overloaded, share(overloaded, t->rows, text));
	buf_addf(out, "evidence  %llu rows\n", (unsigned long long)t->evidence_rows);
	say_forged(out, t);
}

/* ---- since the report before ---- */

static uint64_t compared_of(const struct tally *t)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i <= CHANGE_UNKNOWN; i++)
		sum += t->changes[i];
	return sum;
}

/* Zones where most broke, or were mended. */
static void change_places(struct buf *out, struct counts *table, const char *title)
{
	struct counts_item **items;
	size_t count = counts_sorted(table, 0, &items);
	char text[80];

	for (size_t i = 0; i < count && i < TOP / 2; i++) {
		struct view key = items[i]->key;
		size_t len = (size_t)((const char *)memrchr(key.text, ' ', key.len) - key.text);
		char at[400] = "no zone known";

		if (len)
			snprintf(at, sizeof(at), "%.*s", (int)len, key.text);
		buf_addf(out, "%-10s %12llu  %-30s %s\n", i ? "" : title,
			 (unsigned long long)items[i]->number[0], plain(at, text, 30),
			 key.text + len + 1);
	}
	free(items);
}

static void changes(struct buf *out, const struct report *report)
{
	static const char *const words[CHANGE_COUNT] = {
		[CHANGE_BROKE] = "ok before, broken now",
		[CHANGE_MENDED] = "broken before, ok now",
		[CHANGE_CAUSE] = "broken for another cause",
		[CHANGE_WORSE] = "failed at some resolvers, fails at all now",
		[CHANGE_BETTER] = "failed at all resolvers, fails at some now",
		[CHANGE_UNKNOWN] = "nobody could tell in one of both reports"};
	const struct tally *t = report->tally;
	char time[25] = "";

	if (!report->compared)
		return;
	if (report->trend->previous.last_ms)
		csv_time(time, report->trend->previous.last_ms);
	buf_addf(out, "\nSINCE %.16s%s(of %llu questions in both reports)\n",
		 time[0] ? time : "THE REPORT BEFORE", time[0] ? " UTC " : " ",
		 (unsigned long long)compared_of(t));
	for (unsigned i = CHANGE_BROKE; i <= CHANGE_UNKNOWN; i++)
		buf_addf(out, "%-10s %12llu  %s\n", change_name((enum change)i),
			 (unsigned long long)t->changes[i], words[i]);
	buf_addf(out, "%-10s %12llu  not in the list before; %llu of them broken\n", "new",
		 (unsigned long long)t->changes[CHANGE_NEW], (unsigned long long)t->new_broken);
	buf_addf(out, "%-10s %12llu  not in the list now; %llu of them were broken\n", "gone",
		 (unsigned long long)t->changes[CHANGE_GONE], (unsigned long long)t->gone_broken);
	if (t->not_compared)
		buf_addf(out, "%-10s %12llu  the report before could not be read about them\n",
			 "unread", (unsigned long long)t->not_compared);
	change_places(out, t->table[TALLY_BROKE], "broke at");
	change_places(out, t->table[TALLY_MENDED], "mended at");
}

static void trend(struct buf *out, const struct trend *trend)
{
	size_t from = trend->count > TOP ? trend->count - TOP : 0;
	char time[25], percent[16];

	if (trend->count < 2)
		return;
	buf_addf(out, "\n%-17s %12s %12s %9s %12s %12s\n", "NIGHTS", "questions", "broken", "",
		 "broke", "mended");
	for (size_t i = from; i < trend->count; i++) {
		const struct night *n = &trend->nights[i];
		uint64_t broken = n->status[STATUS_FAILING] + n->status[STATUS_PARTIAL];

		csv_time(time, n->last_ms);
		buf_addf(out, "%.16s  %12llu %12llu %9s", time, (unsigned long long)n->questions,
			 (unsigned long long)broken, share(broken, n->questions, percent));
		if (n->compared)
			buf_addf(out, " %12llu %12llu\n", (unsigned long long)n->broke,
				 (unsigned long long)n->mended);
		else
			buf_addf(out, " %12s %12s\n", "-", "-");
	}
}

int report_text(const struct report *report, const char *path)
{
	const struct tally *t = report->tally;
	struct buf out = BUF_EMPTY;
	int error;

	head(&out, t);
	statuses(&out, t);
	causes(&out, t);
	changes(&out, report);
	trend(&out, report->trend);
	faults(&out, t);
	tlds(&out, t);
	delegations(&out, t);
	vantages(&out, t);
	resolvers(&out, t);
	pairs(&out, t);
	edes(&out, t);
	trust(&out, t);
	error = out.failed || !tally_is_whole(t) ? -ENOMEM : outfile_put(path, out.data, out.len);
	buf_free(&out);
	return error;
}
