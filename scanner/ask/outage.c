/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/ask/outage.h"

void outage_init(struct outage *outage, int64_t rtt_ns, int64_t now_ns)
{
	*outage = (struct outage){.rtt_ns = rtt_ns, .look_ns = now_ns, .heard_ns = now_ns};
}

static void lost(struct outage_verdict *verdict, int64_t from_ns, int64_t until_ns)
{
	verdict->from_ns = verdict->lost ? verdict->from_ns : from_ns;
	verdict->until_ns = until_ns;
	verdict->lost = true;
}

static void all_is_well(struct outage *outage, int64_t now_ns)
{
	outage->state = OUTAGE_HEARD;
	outage->heard_ns = now_ns;
	outage->first_probe_ns = 0;
	outage->probes = 0;
}

/* While we stood still nobody could be heard; whether anybody can is to be seen now. */
static void stood_still(struct outage *outage, int64_t now_ns, struct outage_verdict *verdict)
{
	lost(verdict, outage->heard_ns < outage->look_ns ? outage->heard_ns : outage->look_ns,
	     now_ns);
	if (outage->state != OUTAGE_SILENT)
		all_is_well(outage, now_ns);
}

static bool probe_is_due(const struct outage *outage, int64_t now_ns)
{
	int64_t every_ns = OUTAGE_PROBE_NS;

	if (outage->state == OUTAGE_SILENT)
		every_ns = now_ns - outage->first_probe_ns > OUTAGE_LATE_NS ? OUTAGE_PROBE_LATE_NS
									    : OUTAGE_PROBE_THEN_NS;
	return outage->first_probe_ns == 0 || now_ns - outage->probe_ns >= every_ns;
}

static void in_silence(struct outage *outage, int64_t now_ns, struct outage_verdict *verdict)
{
	if (outage->state == OUTAGE_HEARD && now_ns - outage->heard_ns < OUTAGE_DOUBT_NS + outage->rtt_ns)
		return;
	if (outage->state == OUTAGE_HEARD)
		outage->state = OUTAGE_DOUBTED;
	if (outage->state == OUTAGE_DOUBTED && outage->probes >= OUTAGE_PROBES &&
	    now_ns - outage->first_probe_ns >= OUTAGE_SILENT_NS + outage->rtt_ns)
		outage->state = OUTAGE_SILENT;
	if (!probe_is_due(outage, now_ns))
		return;
	verdict->probe = true;
	outage->probe_ns = now_ns;
	outage->first_probe_ns = outage->first_probe_ns == 0 ? now_ns : outage->first_probe_ns;
	outage->probes++;
}

struct outage_verdict outage_look(struct outage *outage, const struct outage_look *look)
{
	struct outage_verdict verdict = {0};
	int64_t now_ns = look->now_ns;

	if (now_ns - outage->look_ns > OUTAGE_STALL_NS)
		stood_still(outage, now_ns, &verdict);
	outage->look_ns = now_ns;
	if (look->heard) {
		if (outage->first_probe_ns != 0 &&
		    now_ns - outage->first_probe_ns > OUTAGE_SHORT_NS + outage->rtt_ns)
			lost(&verdict, outage->heard_ns, now_ns);
		all_is_well(outage, now_ns);
	} else if (!look->waiting && outage->state != OUTAGE_SILENT) {
		all_is_well(outage, now_ns);
	} else {
		in_silence(outage, now_ns, &verdict);
	}
	verdict.known_ns = outage->heard_ns;
	return verdict;
}
