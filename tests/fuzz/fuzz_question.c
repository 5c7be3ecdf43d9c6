/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any octets as the payload of a piece, as a report from elsewhere may hold them: what is taken can
 * be judged, and settled again without a loss.
 */
#include <stdlib.h>
#include <string.h>

#include "results/sort/question.h"
#include "results/judge/verdict.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct panel *new_panel(void)
{
	struct panel *panel = panel_create();
	struct tally *tally = tally_create();

	if (!panel || !tally)
		abort();
	for (unsigned i = 0; i < 3; i++) {
		const struct resolver resolver = {.name = i ? "b" : "a",
						  .validates = i == 2 ? TRI_NO : TRI_YES,
						  .honours_cd = TRI_YES};

		if (!panel_add_settled(panel, 0, &resolver))
			abort();
	}
	if (!panel_settle(panel, tally))
		abort();
	tally_destroy(&tally);
	return panel;
}

static void settled(struct question *question, const struct facts *facts, struct piece *piece)
{
	question_settle(question, facts, piece);
	if (piece->payload.failed || piece->payload.len == 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct panel *panel;
	static char line[VERDICT_MAX];
	struct piece once = {.key_len = 0}, twice = {.key_len = 0};
	struct question *question;
	char key[PIECE_KEY_MAX];
	struct record record = {.key = key,
				.key_len = piece_key(key, (struct view){"a.example", 9}, 1),
				.payload = (const char *)data,
				.payload_len = size};
	struct opinion *opinions;
	struct verdict verdict;
	struct facts facts;

	if (!panel)
		panel = new_panel();
	question = question_create(panel);
	if (!question || !question_begin(question, &record))
		abort();
	if (question_add(question, &record, 0) == QUESTION_TAKEN &&
	    question_facts(question, &facts, &opinions) && facts.look_count > 0) {
		judge(&facts, opinions, &verdict);
		if (verdict_write(line, facts.name, facts.qtype, &verdict) > VERDICT_MAX)
			abort();
		settled(question, &facts, &once);
		if (!piece_record(&once, &record) || !question_begin(question, &record) ||
		    question_add(question, &record, PANEL_SETTLED) != QUESTION_TAKEN ||
		    !question_facts(question, &facts, &opinions))
			abort();
		settled(question, &facts, &twice);
		if (once.payload.len != twice.payload.len ||
		    memcmp(once.payload.data, twice.payload.data, once.payload.len) != 0)
			abort();
	}
	buf_free(&once.payload);
	buf_free(&twice.payload);
	question_destroy(&question);
	return 0;
}
