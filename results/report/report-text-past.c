/* SPDX-License-Identifier: BSD-2-Clause */

/* summary.txt: since the report before, and the nights. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/report/report-text.h"

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
	char text[TEXT_WIDTH + 1];

	for (size_t i = 0; i < count && i < TEXT_TOP / 2; i++) {
		struct view key = items[i]->key;
		size_t len = (size_t)((const char *)memrchr(key.text, ' ', key.len) - key.text);
		char at[400] = "no zone known";

		if (len)
			snprintf(at, sizeof(at), "%.*s", (int)len, key.text);
		buf_addf(out, "%-10s %12llu  %-29s %s\n", i ? "" : title,
			 (unsigned long long)items[i]->number[0], text_plain(at, text, 29),
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
	size_t from = trend->count > TEXT_TOP ? trend->count - TEXT_TOP : 0;
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
			 (unsigned long long)broken, text_share(broken, n->questions, percent));
		if (n->compared)
			buf_addf(out, " %12llu %12llu\n", (unsigned long long)n->broke,
				 (unsigned long long)n->mended);
		else
			buf_addf(out, " %12s %12s\n", "-", "-");
	}
}

void text_past(struct buf *out, const struct report *report)
{
	changes(out, report);
	trend(out, report->trend);
}
