/* SPDX-License-Identifier: BSD-2-Clause */

/* What a pair asks, in which order, and what it keeps. A scene is the answers in the order they
 * come. */
#include "scanner/ask/pair.h"

#include "tests/tap.h"

#define NOERROR	 RCODE_NOERROR
#define SERVFAIL RCODE_SERVFAIL
#define TIMEOUT	 (-2)

static const struct scene {
	const char *name;
	bool cd_always;
	int answers[3];
	unsigned asked; /* queries */
	bool clean;
	const char *again;
} scenes[] = {
	{"both fine", true, {NOERROR, NOERROR}, 2, true, ""},
	{"name does not exist", true, {RCODE_NXDOMAIN, RCODE_NXDOMAIN}, 2, true, ""},
	{"CD=1 only after failures: not asked", false, {NOERROR}, 1, true, ""},
	{"CD=1 only after failures: asked", false, {SERVFAIL, SERVFAIL}, 2, false, ""},
	{"bogus, and still so", true, {SERVFAIL, NOERROR, SERVFAIL}, 3, false, "answered"},
	{"cold cache: works when asked again", true, {SERVFAIL, NOERROR, NOERROR}, 3, false, "answered"},
	{"times out, CD=1 works, times out again", true, {TIMEOUT, NOERROR, TIMEOUT}, 3, false, "timeout"},
	{"fails with and without CD", true, {SERVFAIL, SERVFAIL}, 2, false, ""},
	{"never an answer", true, {TIMEOUT, TIMEOUT}, 2, false, ""},
	{"CD=1 fails alone", true, {NOERROR, SERVFAIL}, 2, false, ""},
	{"they differ", true, {NOERROR, RCODE_NXDOMAIN}, 2, false, ""},
	{"refused", true, {RCODE_REFUSED, RCODE_REFUSED}, 2, false, ""},
};

static void take(struct pair *pair, int answer, bool cd_always)
{
	struct asked asked = {.outcome = OUTCOME_ANSWERED, .tries = 1, .rtt_ns = 2500000};

	asked.answer.rcode = answer;
	asked.answer.flags = FLAG_RD | FLAG_RA;
	if (answer == TIMEOUT) {
		asked.outcome = OUTCOME_TIMEOUT;
		asked.answer.rcode = RCODE_UNKNOWN;
		asked.rtt_ns = -1;
		asked.tries = 3;
	}
	pair_take(pair, &asked, cd_always);
}

static void play(const struct scene *scene)
{
	static const unsigned order[] = {PAIR_ASK_NORMAL, PAIR_ASK_CD, PAIR_ASK_NORMAL};
	struct pair pair;
	struct row row;
	unsigned asked = 0;

	pair_init(&pair);
	while (pair.stage != PAIR_DONE && asked < 3) {
		if (pair_ask(&pair) != order[asked])
			ok(false, "%s: CD in the wrong order", scene->name);
		take(&pair, scene->answers[asked++], scene->cd_always);
	}
	is_int(asked, scene->asked, scene->name);
	is_int(pair_clean(&pair), scene->clean, "... clean or not");
	row_init(&row);
	pair_row(&pair, &row);
	is_str(outcome_name(row.again_outcome), scene->again, "... asked again or not");
	is_int(row.normal.rtt_us, scene->answers[0] == TIMEOUT ? -1 : 2500, "... RTT");
	if (scene->asked == 1)
		is_str(outcome_name(row.cd.outcome), "not-asked", "... CD=1 says that it was not asked");
	pair_free_extras(&pair);
}

static void test_texts(void)
{
	static const uint8_t long_text[2000] = {'x'};
	struct asked asked = {.outcome = OUTCOME_ANSWERED, .tries = 1};
	struct pair pair;
	struct row row;

	pair_init(&pair);
	asked.answer.rcode = SERVFAIL;
	asked.answer.ede_count = 2;
	asked.answer.ede[0] = (struct ede){.info_code = 9, .text_len = 2000, .text = long_text};
	asked.answer.ede[1] = (struct ede){.info_code = 22, .text_len = 2000, .text = long_text};
	pair_take(&pair, &asked, true);
	pair_take(&pair, &asked, true);
	row_init(&row);
	pair_row(&pair, &row);
	is_int((long long)row.normal.ede_text.len, PAIR_TEXT_MAX, "a long EXTRA-TEXT is cut");
	ok(row.normal.ede_count == 2 && row.normal.ede[1] == 22, "... the codes stay");
	is_int((long long)row.cd.ede_text.len, PAIR_TEXT_MAX, "... for both answers");
	ok(row.cd.ede_text.text != row.normal.ede_text.text, "... each in its place");
	pair_free_extras(&pair);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++)
		play(&scenes[i]);
	test_texts();
	return done_testing();
}
