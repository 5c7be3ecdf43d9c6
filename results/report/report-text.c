/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * summary.txt: 79 columns, plain ASCII, the most important first.
 */
#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/outfile.h"
#include "results/report/report-text.h"
#include "results/tally/served.h"

const char *text_share(uint64_t part, uint64_t all, char text[16])
{
	double percent = 100.0 * (double)part / (double)all;

	if (all == 0)
		return "-";
	if (part > 0 && percent < 0.005)
		return "<0.01 %";
	if (part < all && percent >= 99.995)
		return ">99.99 %";
	snprintf(text, 16, "%.2f %%", percent);
	return text;
}

const char *text_plain(const char *name, char text[TEXT_WIDTH + 1], size_t width)
{
	size_t i = 0;

	assert(width <= TEXT_WIDTH);
	for (; name[i] && i < width; i++)
		text[i] = name[i] >= 0x20 && name[i] < 0x7f ? name[i] : '?';
	text[i] = '\0';
	if (name[i] && width > 2)
		memcpy(text + width - 2, "..", 2);
	return text;
}

void text_name_cell(struct buf *out, const char *name, size_t width)
{
	char text[TEXT_WIDTH + 1];

	text_plain(name, text, TEXT_WIDTH);
	if (strlen(text) > width)
		buf_addf(out, "%s\n%*s", text, (int)width, "");
	else
		buf_addf(out, "%-*s", (int)width, text);
}

void text_say(struct buf *out, const char *label, const char *format, ...)
{
	const size_t room = TEXT_WIDTH - 10;
	char text[1024], *line = text;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	while (strlen(line) > room) {
		char *space = memrchr(line, ' ', room + 1);

		if (!space)
			break;
		*space = '\0';
		buf_addf(out, "%-9s %s\n", label, line);
		line = space + 1;
		label = "";
	}
	buf_addf(out, "%-9s %s\n", label, line);
}

static void head(struct buf *out, const struct tally *t)
{
	char from[25], to[25];

	buf_addf(out, "servfail %s", SERVFAIL_VERSION);
	if (t->first_ms) {
		csv_time(from, t->first_ms);
		csv_time(to, t->last_ms);
		buf_addf(out, ": %.16s to %.16s UTC", from, to);
	}
	buf_addf(out, "\n\n%llu questions, %llu pairs, %llu run%s\n\n",
		 (unsigned long long)t->questions, (unsigned long long)t->rows,
		 (unsigned long long)t->runs, t->runs == 1 ? "" : "s");
}

static void statuses(struct buf *out, const struct tally *t)
{
	static const char *const words[STATUS_COUNT] = {
		"resolve at all resolvers that can tell", "fail at all of these",
		"fail at some, or at some times", "nobody could tell"};
	char text[16];

	for (unsigned i = 0; i < STATUS_COUNT; i++)
		buf_addf(out, "%-8s %12llu %9s  %s\n", status_name((enum status)i),
			 (unsigned long long)t->status[i],
			 text_share(t->status[i], t->questions, text), words[i]);
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
			 text_share(t->category[category], all, text));
		for (size_t i = 0; i < count; i++) {
			const uint64_t *confidence = t->cause_confidence[list[i]];

			if (cause_info(list[i])->category != category)
				continue;
			buf_addf(out, "  %-24s %12llu %9s %9llu %9llu %9llu\n",
				 cause_info(list[i])->id, (unsigned long long)t->cause[list[i]],
				 text_share(t->cause[list[i]], all, text),
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
	char text[TEXT_WIDTH + 1];

	for (size_t i = 0; i < count && i < TEXT_TOP && items[i]->number[0] > 1; i++) {
		char *space = strrchr(items[i]->key.text, ' ');

		if (i == 0)
			buf_add_str(out, "\nONE FAULT, MANY NAMES\n");
		*space = '\0';
		buf_addf(out, "%12llu  %-40s %s\n", (unsigned long long)items[i]->number[0],
			 text_plain(items[i]->key.text, text, 40), space + 1);
		*space = ' ';
	}
	free(items);
}

static void tlds(struct buf *out, const struct tally *t)
{
	struct counts_item **items;
	size_t count = counts_sorted(t->table[TALLY_TLDS], TLD_BROKEN, &items);
	char text[TEXT_WIDTH + 1], percent[16];

	for (size_t i = 0; i < count && i < TEXT_TOP && items[i]->number[TLD_BROKEN]; i++) {
		const uint64_t *n = items[i]->number;

		if (i == 0)
			buf_addf(out, "\nTLDS, MOST BROKEN NAMES FIRST\n%-24s %12s %12s %9s %12s\n",
				 "", "names", "broken", "", "dnssec");
		buf_addf(out, "%-24s %12llu %12llu %9s %12llu\n",
			 text_plain(items[i]->key.text, text, 24), (unsigned long long)n[TLD_NAMES],
			 (unsigned long long)n[TLD_BROKEN],
			 text_share(n[TLD_BROKEN], n[TLD_NAMES], percent),
			 (unsigned long long)n[TLD_DNSSEC]);
	}
	free(items);
}

/* Of zone files, those with most names. */
static void delegations(struct buf *out, const struct tally *t)
{
	char percent[16], broken[16], text[VERDICT_OPERATORS_MAX + 300];
	struct served_list list;

	if (!served_read(&list, t))
		out->failed = true;
	for (size_t i = 0; i < list.count && i < TEXT_TOP; i++) {
		const struct served *row = &list.row[i];

		if (i == 0)
			buf_addf(out,
				 "\nDELEGATIONS, BY OPERATOR, MOST NAMES FIRST\n"
				 "%-26s %10s %10s %9s %10s %9s\n",
				 "", "names", "signed", "", "broken", "of signed");
		snprintf(text, sizeof(text), "%.*s %.*s", (int)row->tld.len, row->tld.text,
			 row->by.len ? (int)row->by.len : 3, row->by.len ? row->by.text : "all");
		text_name_cell(out, text, 26);
		buf_addf(out, " %10llu %10llu %9s", (unsigned long long)row->delegated,
			 (unsigned long long)row->with_ds,
			 text_share(row->with_ds, row->delegated, percent));
		if (row->known)
			buf_addf(out, " %10llu %9s\n", (unsigned long long)row->broken,
				 text_share(row->signed_broken, row->with_ds, broken));
		else
			buf_addf(out, " %10s %9s\n", "?", "");
	}
	served_free(&list);
}

static void vantages(struct buf *out, const struct tally *t)
{
	struct counts_item **items;
	size_t count = counts_sorted(t->table[TALLY_VANTAGES], PLACE_FAILING, &items);
	char text[TEXT_WIDTH + 1];

	for (size_t i = 0; i < count; i++) {
		const uint64_t *n = items[i]->number;

		if (i == 0)
			buf_addf(out,
				 "\nPLACES (%llu fail from one and resolve from another)\n"
				 "%-20s %11s %11s %9s %9s %14s\n",
				 (unsigned long long)t->places_differ, "", "ok", "failing",
				 "partial", "unknown", "fail here only");
		buf_addf(out, "%-20s %11llu %11llu %9llu %9llu %14llu\n",
			 items[i]->key.len ? text_plain(items[i]->key.text, text, 20)
					   : "(no label)",
			 (unsigned long long)n[PLACE_OK], (unsigned long long)n[PLACE_FAILING],
			 (unsigned long long)n[PLACE_PARTIAL], (unsigned long long)n[PLACE_UNKNOWN],
			 (unsigned long long)n[PLACE_ALONE]);
	}
	free(items);
}

int report_text(const struct report *report, const char *path)
{
	const struct tally *t = report->tally;
	struct buf out = BUF_EMPTY;
	int error;

	head(&out, t);
	statuses(&out, t);
	causes(&out, t);
	text_past(&out, report);
	faults(&out, t);
	tlds(&out, t);
	delegations(&out, t);
	vantages(&out, t);
	text_rows(&out, t);
	error = out.failed || !tally_is_whole(t) ? -ENOMEM : outfile_put(path, out.data, out.len);
	buf_free(&out);
	return error;
}
