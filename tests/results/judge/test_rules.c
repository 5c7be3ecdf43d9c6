/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The rules against golden-rows.csv: what four validating resolvers answered to 158 zones, most of
 * them broken on purpose.
 *
 * A cell is "CD=0 / CD=1 [/ CD=0 again]": OK, OK* (with AD), ND (no data), NX, SF, YX or TO, then
 * EDE codes, then seconds. told   cause: all four together must give the very cause; category: its
 * category; text: its category, but only with EXTRA-TEXT; no: rows cannot tell.
 */
#include "results/judge/rules.h"
#include "results/rows/table.h"
#include "tests/tap.h"

#include <stdlib.h>

#define RESOLVERS 4
#define CASES_MAX 256

static const struct csv_column columns[] = {
	{"case", "", CSV_TEXT},	     {"what", "", CSV_TEXT},	{"truth", "", CSV_TEXT},
	{"told", "", CSV_TEXT},	     {"unbound", "", CSV_TEXT}, {"bind", "", CSV_TEXT},
	{"knot", "", CSV_TEXT},	     {"pdns", "", CSV_TEXT},	{"unbound_text", "", CSV_TEXT},
	{"bind_text", "", CSV_TEXT}, {NULL, NULL, CSV_TEXT}};

struct golden {
	char *text; /* the line; the views below point into it */
	struct view value[10];
	enum cause truth; /* CAUSE_NONE: nothing is broken */
};

static struct golden cases[CASES_MAX];
static size_t case_count;

static const struct resolver resolvers[RESOLVERS] = {
	{.name = "unbound", .identity = 0, .validates = TRI_YES, .honours_cd = TRI_YES},
	{.name = "bind", .identity = 1, .validates = TRI_YES, .honours_cd = TRI_YES},
	{.name = "knot", .identity = 2, .validates = TRI_YES, .honours_cd = TRI_YES},
	{.name = "pdns", .identity = 3, .validates = TRI_YES, .honours_cd = TRI_YES},
};

/* "SF 22 13s": one reply. */
static void read_cell(const char *cell, size_t len, struct reply *reply)
{
	char text[64], *word, *save = NULL;

	*reply = (struct reply){.outcome = OUTCOME_ANSWERED, .rcode = RCODE_NOERROR, .answers = 1};
	reply->tries = 1;
	reply->rtt_us = 20000;
	reply->flags = FLAG_RD | FLAG_RA;
	snprintf(text, sizeof(text), "%.*s", (int)len, cell);
	for (word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		size_t last = strlen(word) - 1;

		if (strcmp(word, "OK*") == 0) {
			reply->flags |= FLAG_AD;
		} else if (strcmp(word, "ND") == 0) {
			reply->answers = 0;
		} else if (strcmp(word, "NX") == 0) {
			reply->rcode = RCODE_NXDOMAIN;
			reply->answers = 0;
		} else if (strcmp(word, "SF") == 0) {
			reply->rcode = RCODE_SERVFAIL;
			reply->answers = 0;
		} else if (strcmp(word, "YX") == 0) {
			reply->rcode = RCODE_YXDOMAIN;
		} else if (strcmp(word, "TO") == 0) {
			reply->outcome = OUTCOME_TIMEOUT;
			reply->rcode = RCODE_UNKNOWN;
			reply->answers = -1;
		} else if (word[last] == 's') {
			reply->rtt_us = atoi(word) * 1000000LL;
		} else if (strcmp(word, "OK") != 0) {
			reply->ede[reply->ede_count++] = (uint16_t)atoi(word);
		}
	}
	if (reply->outcome == OUTCOME_TIMEOUT)
		reply->rtt_us = -1;
}

static void read_row(const struct golden *golden, unsigned resolver, bool texts, struct row *row)
{
	struct view cell = golden->value[4 + resolver];
	const char *end = cell.text + cell.len, *slash = memmem(cell.text, cell.len, " / ", 3);
	const char *cd = slash + 3, *again = memmem(cd, (size_t)(end - cd), " / ", 3);

	row_init(row);
	row->time_ms = 1793664000000;
	row->name = golden->value[0];
	row->qtype = 1;
	read_cell(cell.text, (size_t)(slash - cell.text), &row->normal);
	read_cell(cd, (size_t)((again ? again : end) - cd), &row->cd);
	row->again_outcome = OUTCOME_ANSWERED;
	row->again_rcode = again ? RCODE_NOERROR : row->normal.rcode;
	if (row->normal.outcome == OUTCOME_TIMEOUT && !again)
		row->again_outcome = OUTCOME_TIMEOUT;
	if (texts && resolver < 2)
		row->normal.ede_text = golden->value[8 + resolver];
}

static void judge_case(const struct golden *golden, unsigned mask, bool texts,
		       struct verdict *verdict)
{
	struct row rows[RESOLVERS];
	struct look looks[RESOLVERS];
	struct opinion opinions[RESOLVERS];
	struct facts facts = {.name = golden->value[0], .qtype = 1, .looks = looks};

	for (unsigned i = 0; i < RESOLVERS; i++) {
		struct look *look = &looks[facts.look_count];

		if (!(mask & 1U << i))
			continue;
		read_row(golden, i, texts, &rows[i]);
		*look = (struct look){
			&resolvers[i],	 look_kind(&rows[i]),	rows[i].normal.flags & FLAG_AD,
			rows[i].time_ms, rows[i].normal.rtt_us, &rows[i]};
		facts.look_count++;
	}
	judge(&facts, opinions, verdict);
}

static bool load(const char *path)
{
	char why[CSV_WHY_MAX], *line;
	struct table *table = table_open(path, columns, why);
	size_t len;

	while (table && table_next(table, &line, &len, why) == TABLE_LINE) {
		struct golden *golden = &cases[case_count++];
		struct view value[CSV_FIELDS_MAX];

		golden->text = malloc(len);
		if (!golden->text || case_count == CASES_MAX)
			abort();
		memcpy(golden->text, line, len);
		if (!csv_split(table_layout(table), golden->text, len, value, why))
			printf("# %s\n", why);
		memcpy(golden->value, value, sizeof(golden->value));
		golden->truth = cause_from_id(value[2].text, value[2].len);
		if (golden->truth == CAUSE_NONE && !view_is(value[2], "ok"))
			printf("# %.*s is no cause\n", (int)value[2].len, value[2].text);
	}
	table_close(&table);
	return case_count > 0;
}

static const char *said(const struct verdict *v)
{
	static char text[200];

	snprintf(text, sizeof(text), "%s %s/%s (%s) by %s", status_name(v->status),
		 category_name(cause_info(v->cause)->category), cause_info(v->cause)->id,
		 confidence_name(v->confidence), v->rule);
	return text;
}

static enum category category(enum cause cause)
{
	return cause_info(cause)->category;
}

/* All four resolvers together: what golden-rows.csv says can be told is told. */
static void check_together(const struct golden *golden, bool texts)
{
	struct verdict v;
	bool good = true;

	judge_case(golden, 15, texts, &v);
	if (golden->truth == CAUSE_NONE)
		good = v.status == STATUS_OK && v.cause == CAUSE_NONE;
	else if (view_is(golden->value[3], "cause") && texts)
		good = v.cause == golden->truth;
	else if (view_is(golden->value[3], "text") && !texts)
		good = v.confidence == CONFIDENCE_GUESS;
	else if (!view_is(golden->value[3], "no"))
		good = category(v.cause) == category(golden->truth);
	else
		good = v.confidence == CONFIDENCE_GUESS || v.confidence == CONFIDENCE_LIKELY;
	ok(good, "%.*s%s: %s", (int)golden->value[0].len, golden->value[0].text,
	   texts ? "" : " without texts", said(&v));
}

/* Every choice of resolvers: never wrong and certain, and likely only where the category is right.
 */
static void check_choices(const struct golden *golden, unsigned *certain, unsigned *likely)
{
	struct verdict v;

	for (unsigned mask = 1; mask < 1U << RESOLVERS; mask++) {
		for (int texts = 0; texts < 2; texts++) {
			bool told = !view_is(golden->value[3], "no");

			judge_case(golden, mask, texts, &v);
			if (v.confidence == CONFIDENCE_CERTAIN && v.cause != golden->truth)
				++*certain;
			if (v.confidence < CONFIDENCE_LIKELY || !told ||
			    category(v.cause) == category(golden->truth))
				continue;
			++*likely;
			printf("# %.*s, resolvers %x: %s\n", (int)golden->value[0].len,
			       golden->value[0].text, mask, said(&v));
		}
	}
}

int main(void)
{
	unsigned certain = 0, likely = 0;

	if (!ok(load("tests/data/golden-rows.csv"), "the golden rows are there"))
		return done_testing();
	for (size_t i = 0; i < case_count; i++) {
		check_together(&cases[i], true);
		check_together(&cases[i], false);
		check_choices(&cases[i], &certain, &likely);
	}
	is_int(certain, 0, "no choice of resolvers leads to a wrong certain");
	is_int(likely, 0, "nor to a likely of a wrong category where rows can tell");
	for (size_t i = 0; i < case_count; i++)
		free(cases[i].text);
	return done_testing();
}
