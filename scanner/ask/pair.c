/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/ask/pair.h"

#include <stdlib.h>
#include <string.h>

#include "io/clock.h"
#include "scanner/dns/answer_text.h"

static const struct brief no_reply = {.rcode = RCODE_UNKNOWN, .rtt_us = -1};

void pair_init(struct pair *pair)
{
	pair->stage = PAIR_NORMAL;
	pair->normal = pair->cd = no_reply;
	pair->again_outcome = OUTCOME_UNKNOWN;
	pair->again_rcode = RCODE_UNKNOWN;
	pair->nsid_len = 0;
	pair->extras = NULL;
}

void pair_free_extras(struct pair *pair)
{
	free(pair->extras);
	pair->extras = NULL;
}

/* NULL when out of memory. */
static struct pair_extras *extras_of(struct pair *pair)
{
	if (pair->extras == NULL) {
		pair->extras = malloc(sizeof(*pair->extras));
		if (pair->extras != NULL)
			pair->extras->text_len[0] = pair->extras->text_len[1] =
				pair->extras->rrsig_len = 0;
	}
	return pair->extras;
}

static void take_ede(struct pair *pair, bool cd, const struct answer *answer)
{
	struct pair_extras *extras = extras_of(pair);
	struct brief *reply = cd ? &pair->cd : &pair->normal;

	for (unsigned i = 0; extras != NULL && i < answer->ede_count && i < ROW_EDE_MAX; i++)
		extras->ede[cd][reply->ede_count++] = answer->ede[i].info_code;
	if (extras != NULL)
		extras->text_len[cd] =
			(uint16_t)answer_ede_text(answer, extras->text[cd], PAIR_TEXT_MAX);
}

static void take_reply(struct pair *pair, bool cd, const struct asked *asked)
{
	const struct answer *answer = &asked->answer;
	struct brief *reply = cd ? &pair->cd : &pair->normal;

	reply->outcome = (uint8_t)asked->outcome;
	reply->rcode = (int16_t)answer->rcode;
	reply->tries = (uint8_t)asked->tries;
	reply->rtt_us = asked->rtt_ns < 0 ? -1 : (int32_t)(asked->rtt_ns / NS_PER_US);
	if (answer->rcode == RCODE_UNKNOWN)
		return;
	reply->flags = (uint8_t)answer->flags;
	reply->answers = answer->answers;
	if (answer->nsid_len > 0 && pair->nsid_len == 0)
		pair->nsid_len = (uint8_t)answer_nsid_text(answer, pair->nsid, sizeof(pair->nsid));
	if (answer->ede_count > 0)
		take_ede(pair, cd, answer);
}

/* The signatures that came with CD=1 are worth their octets only where CD=0 failed. */
static void take_signatures(struct pair *pair, const struct answer *answer)
{
	struct pair_extras *extras = extras_of(pair);

	if (extras != NULL)
		extras->rrsig_len =
			(uint16_t)answer_rrsig_text(answer, extras->rrsig, PAIR_TEXT_MAX);
}

void pair_take(struct pair *pair, const struct asked *asked, bool cd_always)
{
	switch ((enum pair_stage)pair->stage) {
	case PAIR_NORMAL:
		take_reply(pair, false, asked);
		if (!cd_always && reply_works(&pair->normal)) {
			pair->cd.outcome = OUTCOME_NOT_ASKED;
			pair->stage = PAIR_DONE;
		} else {
			pair->stage = PAIR_CD;
		}
		return;
	case PAIR_CD:
		take_reply(pair, true, asked);
		pair->stage = PAIR_DONE;
		if (reply_works(&pair->cd) && !reply_works(&pair->normal)) {
			take_signatures(pair, &asked->answer);
			pair->stage = PAIR_AGAIN;
		}
		return;
	case PAIR_AGAIN:
		pair->again_outcome = (uint8_t)asked->outcome;
		pair->again_rcode = (int16_t)asked->answer.rcode;
		pair->stage = PAIR_DONE;
		return;
	case PAIR_DONE:
		return;
	}
}

unsigned pair_ask(const struct pair *pair)
{
	return pair->stage == PAIR_CD ? PAIR_ASK_CD : PAIR_ASK_NORMAL;
}

bool pair_clean(const struct pair *pair)
{
	bool cd_fine = pair->cd.outcome == OUTCOME_NOT_ASKED ||
		       (reply_works(&pair->cd) && pair->cd.rcode == pair->normal.rcode);

	return reply_works(&pair->normal) && cd_fine && pair->normal.ede_count == 0;
}

bool pair_doubtful(const struct pair *pair)
{
	return !reply_works(&pair->normal) ||
	       (pair->cd.outcome != OUTCOME_NOT_ASKED && !reply_works(&pair->cd));
}

static bool is_lost(uint8_t outcome)
{
	return outcome == OUTCOME_TIMEOUT || outcome == OUTCOME_UNREACHABLE ||
	       outcome == OUTCOME_TRUNCATED_TCP_FAILED;
}

bool pair_lost(const struct pair *pair)
{
	return is_lost(pair->normal.outcome) || is_lost(pair->cd.outcome) ||
	       is_lost(pair->again_outcome);
}

static void fill_reply(const struct pair *pair, bool cd, struct reply *reply)
{
	const struct brief *brief = cd ? &pair->cd : &pair->normal;
	const struct pair_extras *extras = pair->extras;

	reply->outcome = (enum outcome)brief->outcome;
	reply->rcode = brief->rcode;
	reply->flags = brief->flags;
	reply->answers = brief->rcode == RCODE_UNKNOWN ? -1 : brief->answers;
	reply->tries = brief->tries;
	reply->rtt_us = brief->rtt_us;
	reply->ede_count = brief->ede_count;
	if (brief->ede_count > 0) {
		memcpy(reply->ede, extras->ede[cd], sizeof(reply->ede));
		reply->ede_text = (struct view){extras->text[cd], extras->text_len[cd]};
	}
}

void pair_row(const struct pair *pair, struct row *row)
{
	fill_reply(pair, false, &row->normal);
	fill_reply(pair, true, &row->cd);
	row->again_outcome = (enum outcome)pair->again_outcome;
	row->again_rcode = pair->again_rcode;
	row->nsid = (struct view){pair->nsid, pair->nsid_len};
	if (pair->extras != NULL)
		row->cd_rrsig = (struct view){pair->extras->rrsig, pair->extras->rrsig_len};
}
