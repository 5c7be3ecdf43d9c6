/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Control names while the scan runs: asked one after the other, and what each answer says of its
 * resolver, or of the name itself.
 */
#include "scanner/ask/keeper_inside.h"

#include "scanner/ask/subject.h"

/* A control that alone is wrong so often in a row, while others come well so often, is broken
 * itself. */
#define BROKEN_WRONG 4
#define BROKEN_FINE  8

/* A control on its way: its owner is the ward; its tag has which of the ward's it is, and when it
 * was sent, in us. */
#define TAG(sent_us, which) ((uintptr_t)(sent_us) << 3 | (which))
#define TAG_WHICH(tag)	    ((unsigned)(tag)&7u)
#define TAG_SENT_US(tag)    ((int64_t)((tag) >> 3))

static enum control_result result_of(const struct ward *ward, unsigned which,
				     const struct asked *asked)
{
	const struct keeper_config *config = &ward->keeper->config;
	size_t control = (size_t)ward->number * config->controls->count + ward->used[which];

	if (asked->outcome != OUTCOME_ANSWERED)
		return CONTROL_LOST;
	if (asked->answer.rcode != config->rcodes[control])
		return CONTROL_WRONG;
	return asked->rtt_ns > ward->late_ns ? CONTROL_LATE : CONTROL_FINE;
}

/* A control that goes bad by itself must not be held against the resolver. */
static void watch_control(struct ward *ward, unsigned which, enum control_result result)
{
	if (result == CONTROL_WRONG) {
		if (ward->wrong_last != which)
			ward->fine_of_others = 0;
		ward->wrong_last = (uint8_t)which;
		ward->wrong_in_row[which]++;
	} else if (result != CONTROL_LOST) {
		ward->wrong_in_row[which] = 0;
		ward->fine_of_others += ward->wrong_last != which;
	}
	if (ward->wrong_in_row[ward->wrong_last] >= BROKEN_WRONG &&
	    ward->fine_of_others >= BROKEN_FINE)
		ward->broken |= 1u << ward->wrong_last;
}

static void watch_ward(struct ward *ward, enum control_result result, int64_t sent_ns)
{
	bool fine = result == CONTROL_FINE || result == CONTROL_LATE;

	ward->controls++;
	ward->failed += !fine;
	ward->lost += result == CONTROL_LOST;
	if (fine) {
		ward->dark_ns = 0;
		ward->dark_controls = 0;
	} else {
		ward->dark_ns = ward->dark_ns == 0 ? sent_ns : ward->dark_ns;
		ward->dark_controls++;
	}
}

static void control_done(void *owner, uintptr_t tag, const struct asked *asked)
{
	struct ward *ward = owner;
	struct keeper *keeper = ward->keeper;
	unsigned which = TAG_WHICH(tag);
	int64_t sent_ns = keeper->config.start_ns + TAG_SENT_US(tag) * NS_PER_US;
	enum control_result result = result_of(ward, which, asked);

	if (asked->outcome == OUTCOME_ANSWERED)
		ward->rtts_us[ward->rtt_count++ % RTTS] = (int32_t)(asked->rtt_ns / NS_PER_US);
	watch_control(ward, which, result);
	if (ward->broken & 1u << which || (result == CONTROL_LOST && keeper_is_cut_off(keeper)))
		return;
	watch_ward(ward, result, sent_ns);
	governor_control(&ward->governor, result, sent_ns);
	if (result == CONTROL_WRONG)
		troubles_add(keeper->config.troubles, (size_t)ward->number,
			     keeper_ms(keeper, sent_ns - WRONG_BEFORE_MS * NS_PER_MS),
			     keeper_ms(keeper, sent_ns) + WRONG_AFTER_MS);
}

/* Which control comes next; those that are broken are passed over, unless all are. */
static unsigned next_control(struct ward *ward)
{
	for (unsigned i = 0; i < ward->used_count; i++) {
		ward->next = (uint8_t)((ward->next + 1) % ward->used_count);
		if (!(ward->broken & 1u << ward->next))
			break;
	}
	return ward->next;
}

void keeper_ask_control(struct ward *ward)
{
	struct keeper *keeper = ward->keeper;
	unsigned which = next_control(ward);
	unsigned what =
		PAIR_ASK_NORMAL | resolver_ask(&keeper->config.resolvers->list[ward->number]);
	const struct control *control = &keeper->config.controls->list[ward->used[which]];
	struct question question = {control->qname, control->qname_len, CONTROL_QTYPE};
	int64_t sent_us = (engine_now_ns(keeper->engine) - keeper->config.start_ns) / NS_PER_US;

	/* They do not wait for their turn, and the scan's queries wait for them. */
	pace_charge(&keeper->config.resolver_paces[ward->number], 1);
	pace_charge(keeper->config.pace, 1);
	engine_ask(keeper->engine, ward->number, &question, what, ward->wait, control_done, ward,
		   TAG(sent_us < 0 ? 0 : sent_us, which));
}
