/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/ask/calibrate_inside.h"

#include <stdio.h>
#include <string.h>

#include "io/clock.h"
#include "scanner/dns/casing.h"

#define TYPE_NS 2
/* Letters that are written in upper case. */
#define EVERY_OTHER 0x55555555u
/* The label of a name that nobody has asked for before: a word that says whose doing it is, and sixteen
 * hexadecimal digits. */
#define DENIED	   "servfail-calibration-"
#define DENIED_LEN (1 + sizeof(DENIED) - 1 + 16)

enum transport calibrate_transport(const struct examinee *examinee)
{
	return examinee->owner->config->resolvers->list[examinee->number].transport;
}

static bool over_stream(const struct examinee *examinee)
{
	return calibrate_transport(examinee) != TRANSPORT_UDP;
}

bool calibrate_wants(const struct examinee *examinee)
{
	const struct controls *controls = examinee->owner->config->controls;

	switch (examinee->step) {
	case STEP_CONTROL:
		return examinee->next < controls->count;
	case STEP_ROOT:
		return examinee->next == 0 && controls->count == 0;
	case STEP_BOGUS:
		return examinee->bogus != NULL && examinee->next < SUBJECT_BOGUS;
	case STEP_DENIAL:
		return examinee->vouched != NULL &&
		       examinee->next <
			       subject_denials(&examinee->subject,
					       examinee->owner->config->resolvers->count) &&
		       examinee->found->phase == PHASE_BEFORE &&
		       examinee->vouched->qname_len + DENIED_LEN <=
			       sizeof(((struct trial *)0)->other);
	case STEP_TCP:
		return examinee->next == 0 && !over_stream(examinee) && examinee->answered != NULL;
	case STEP_CASE:
		return examinee->next == 0 && examinee->answered != NULL;
	case STEP_SAMPLE:
		/* A stream loses nothing. */
		return !over_stream(examinee) && examinee->answered != NULL &&
		       examinee->next < subject_samples(&examinee->subject);
	case STEP_END:
		break;
	}
	return false;
}

const struct control *calibrate_control(const struct trial *trial)
{
	const struct examinee *examinee = trial->examinee;

	switch (trial->step) {
	case STEP_ROOT:
		return NULL;
	case STEP_CONTROL:
		return &examinee->owner->config->controls->list[examinee->next];
	case STEP_BOGUS:
		return examinee->bogus;
	case STEP_DENIAL:
		return examinee->vouched;
	default:
		return examinee->answered;
	}
}

static void write_denied(struct trial *trial)
{
	const struct control *control = trial->control;
	uint64_t lot = (uint64_t)clock_wall_ns() * UINT64_C(0x9e3779b97f4a7c15);
	char label[DENIED_LEN];

	snprintf(label, sizeof(label), DENIED "%016llx", (unsigned long long)lot);
	trial->other[0] = DENIED_LEN - 1;
	memcpy(trial->other + 1, label, DENIED_LEN - 1);
	memcpy(trial->other + DENIED_LEN, control->qname, control->qname_len);
	trial->other_len = (uint8_t)(DENIED_LEN + control->qname_len);
}

void calibrate_disguise(struct trial *trial)
{
	trial->other_len = 0;
	if (trial->step == STEP_DENIAL)
		write_denied(trial);
	if (trial->step != STEP_CASE)
		return;
	trial->other_len = trial->control->qname_len;
	casing_write(trial->other, trial->control->qname, trial->other_len, EVERY_OTHER);
}

struct question calibrate_question(const struct trial *trial)
{
	static const uint8_t root[1] = {0};

	if (trial->control == NULL)
		return (struct question){.qname = root, .qname_len = 1, .qtype = TYPE_NS};
	if (trial->other_len > 0)
		return (struct question){trial->other, trial->other_len, CONTROL_QTYPE};
	return (struct question){trial->control->qname, trial->control->qname_len, CONTROL_QTYPE};
}
