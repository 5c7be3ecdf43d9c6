/* SPDX-License-Identifier: BSD-2-Clause */

/* summary.txt: who was asked, what came, and how far to trust it. */
#include <stdio.h>
#include <string.h>

#include "results/report/report-text.h"

#define RESOLVERS 100
#define STANDING  12 /* octets that have room beside the numbers */
/* Fewer forged messages are the noise of the Internet. */
#define FORGED_MANY 100

static void resolvers(struct buf *out, const struct tally *t)
{
	struct reply timeout = {.outcome = OUTCOME_TIMEOUT, .rcode = RCODE_UNKNOWN};
	char one[16], two[16], ms[24];

	buf_addf(out, "\nRESOLVERS\n%-24s %10s %9s %9s %9s\n", "", "rows", "SERVFAIL", "timeout",
		 "median");
	for (size_t i = 0; i < t->resolver_count && i < RESOLVERS; i++) {
		const struct tally_resolver *r = &t->resolvers[i];
		const char *standing = tally_standing(r);
		int64_t median_us = tally_quantile_us(r, 500);

		snprintf(ms, sizeof(ms), median_us < 0 ? "-" : "%.1f ms", (double)median_us / 1000);
		text_name_cell(out, r->name, 24);
		buf_addf(out, " %10llu %9s %9s %9s", (unsigned long long)r->rows,
			 text_share(r->words[RCODE_SERVFAIL], r->rows, one),
			 text_share(r->words[tally_word(&timeout)], r->rows, two), ms);
		if (strlen(standing) <= STANDING) {
			buf_addf(out, "  %s\n", standing);
		} else {
			buf_add_str(out, "\n");
			text_say(out, "", "%s", standing);
		}
	}
	if (t->resolver_count > RESOLVERS)
		buf_addf(out, "... and %zu others: see summary.json\n",
			 t->resolver_count - RESOLVERS);
}

static void pairs(struct buf *out, const struct tally *t)
{
	static struct report_pair list[TALLY_WORDS * TALLY_WORDS];
	size_t count = report_pairs(t, list);
	char text[16];

	for (size_t i = 0; i < count && i < TEXT_TOP; i++) {
		if (i == 0)
			buf_addf(out, "\nPAIRS\n%-22s %-22s %12s\n", "CD=0", "CD=1", "rows");
		buf_addf(out, "%-22s %-22s %12llu %9s\n", tally_word_name(list[i].normal),
			 tally_word_name(list[i].cd), (unsigned long long)list[i].rows,
			 text_share(list[i].rows, t->rows, text));
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
		if (code < TALLY_EDES - 1)
			buf_addf(out, "%4u %-37s", code, name ? name : "not registered");
		else
			buf_addf(out, "%4s %-37s", "", "others");
		buf_addf(out, " %12llu %12llu\n", (unsigned long long)t->ede_failing[code],
			 (unsigned long long)t->ede_answered[code]);
	}
}

static uint64_t number_of(const struct tally *t, const char *name)
{
	const struct counts_item *item = counts_find(t->table[TALLY_TOTALS], view_of(name));

	return item ? item->number[0] : 0;
}

/* What became of what was read. */
static void say_names(struct buf *out, const struct tally *t)
{
	static const char *const totals[] = {"scanned", "duplicates", "rejected", "excluded",
					     "left"};
	char text[256];
	size_t len;

	if (!counts_size(t->table[TALLY_TOTALS]))
		return;
	len = (size_t)snprintf(text, sizeof(text), "%llu read",
			       (unsigned long long)number_of(t, "read"));
	for (size_t i = 0; i < sizeof(totals) / sizeof(*totals); i++) {
		uint64_t number = number_of(t, totals[i]);

		if (number)
			len += (size_t)snprintf(text + len, sizeof(text) - len, ", %llu %s",
						(unsigned long long)number, totals[i]);
	}
	text_say(out, "names", "%s", text);
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
		text_say(out, "forged",
			 "%llu messages may be: none was believed, %llu queries went to TCP",
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
	text_say(out, "input", "%llu files, %llu bad lines, %llu damaged, %llu missing",
		 (unsigned long long)t->files, (unsigned long long)t->bad_lines,
		 (unsigned long long)t->damaged_files, (unsigned long long)t->missing_files);
	text_say(out, "runs", "%llu, %llu stopped half way, %llu without run.json",
		 (unsigned long long)t->runs, (unsigned long long)t->runs_incomplete,
		 (unsigned long long)t->runs_without_manifest);
	say_names(out, t);
	text_say(out, "overload",
		 "%llu pairs (%s) asked while their resolver was overloaded: they do not count",
		 (unsigned long long)overloaded, text_share(overloaded, t->rows, text));
	text_say(out, "evidence", "%llu rows", (unsigned long long)t->evidence_rows);
	say_forged(out, t);
}

void text_rows(struct buf *out, const struct tally *tally)
{
	resolvers(out, tally);
	pairs(out, tally);
	edes(out, tally);
	trust(out, tally);
}
