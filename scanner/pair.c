/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/pair.h"

#include <stdlib.h>
#include <string.h>

#include "io/clock.h"
#include "scanner/answer_text.h"

static const struct reply no_reply = {.rcode = RCODE_UNKNOWN, .answers = -1, .rtt_us = -1};

void pair_init(struct pair *pair)
{
	pair->stage = PAIR_NORMAL;
	pair->normal = pair->cd = no_reply;
	pair->again_outcome = OUTCOME_UNKNOWN;
	pair->again_rcode = RCODE_UNKNOWN;
	pair->nsid_len = 0;
	pair->texts = NULL;
	pair->texts_len = 0;
	pair->cd_rrsig = (struct view){0};
}

void pair_free_texts(struct pair *pair)
{
	free(pair->texts);
	pair->texts = NULL;
}

/* Room for another text of at most PAIR_TEXT_MAX octets; the first call allocates for all three. */
static char *text_room(struct pair *pair)
{
	if (pair->texts == NULL)
		pair->texts = malloc(3 * PAIR_TEXT_MAX);
	return pair->texts == NULL ? NULL : pair->texts + pair->texts_len;
}

static void take_ede(struct pair *pair, struct reply *reply, const struct answer *answer)
{
	char *room;

	for (unsigned i = 0; i < answer->ede_count && i < ROW_EDE_MAX; i++)
		reply->ede[reply->ede_count++] = answer->ede[i].info_code;
	if (answer->ede_count == 0 || (room = text_room(pair)) == NULL)
		return;
	reply->ede_text.text = room;
	reply->ede_text.len = answer_ede_text(answer, room, PAIR_TEXT_MAX);
	pair->texts_len = (uint16_t)(pair->texts_len + reply->ede_text.len);
}

static void take_reply(struct pair *pair, struct reply *reply, const struct asked *asked)
{
	const struct answer *answer = &asked->answer;

	reply->outcome = asked->outcome;
	reply->rcode = answer->rcode;
	reply->tries = asked->tries;
	reply->rtt_us = asked->rtt_ns < 0 ? -1 : asked->rtt_ns / NS_PER_US;
	if (answer->rcode == RCODE_UNKNOWN)
		return;
	reply->flags = answer->flags;
	reply->answers = answer->answers;
	if (answer->nsid_len > 0 && pair->nsid_len == 0)
		pair->nsid_len = (uint8_t)answer_nsid_text(answer, pair->nsid, sizeof(pair->nsid));
	take_ede(pair, reply, answer);
}

bool reply_works(const struct reply *reply)
{
	return reply->outcome == OUTCOME_ANSWERED &&
	       (reply->rcode == RCODE_NOERROR || reply->rcode == RCODE_NXDOMAIN || reply->rcode == RCODE_YXDOMAIN);
}

/* The signatures that came with CD=1 are worth their octets only where CD=0 failed. */
static void take_signatures(struct pair *pair, const struct answer *answer)
{
	char *room = text_room(pair);

	if (room == NULL)
		return;
	pair->cd_rrsig.text = room;
	pair->cd_rrsig.len = answer_rrsig_text(answer, room, PAIR_TEXT_MAX);
	pair->texts_len = (uint16_t)(pair->texts_len + pair->cd_rrsig.len);
}

void pair_take(struct pair *pair, const struct asked *asked, bool cd_always)
{
	switch ((enum pair_stage)pair->stage) {
	case PAIR_NORMAL:
		take_reply(pair, &pair->normal, asked);
		if (!cd_always && reply_works(&pair->normal)) {
			pair->cd.outcome = OUTCOME_NOT_ASKED;
			pair->stage = PAIR_DONE;
		} else {
			pair->stage = PAIR_CD;
		}
		return;
	case PAIR_CD:
		take_reply(pair, &pair->cd, asked);
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

void pair_row(const struct pair *pair, struct row *row)
{
	row->normal = pair->normal;
	row->cd = pair->cd;
	row->again_outcome = (enum outcome)pair->again_outcome;
	row->again_rcode = pair->again_rcode;
	row->nsid = (struct view){pair->nsid, pair->nsid_len};
	row->cd_rrsig = pair->cd_rrsig;
}
