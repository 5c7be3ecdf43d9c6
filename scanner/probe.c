/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/probe.h"

const struct probe probe_unknown = {
	.qname = (const uint8_t *)"",
	.outcome = OUTCOME_NOT_ASKED,
	.rcode = RCODE_UNKNOWN,
	.answers = -1,
	.rtt_ns = -1,
	.why = "nothing more was asked: the time or the number of probes for this name was used up",
};

const char *probe_way_text(enum probe_way way)
{
	switch (way) {
	case PROBE_PLAIN:
		return "udp-noedns";
	case PROBE_TCP:
		return "tcp";
	default:
		return "udp";
	}
}

bool probe_answered(const struct probe *probe)
{
	return probe->outcome == OUTCOME_ANSWERED && probe->message != NULL && !probe->truncated;
}

bool probe_find(struct fact *self)
{
	const struct fact_key *key = fact_key(self);
	const struct world *world = facts_world(fact_facts(self));
	struct job *job = fact_job(self);

	if (job->probes_left == 0 || fact_now_ns(self) > job->deadline_ns) {
		if (job->probes_left == 0)
			job->out_of_probes = true;
		else
			job->out_of_time = true;
		fact_unsound(self);
		return fact_is(self, &probe_unknown);
	}
	job->probes_left--;
	job->probes++;
	world->ask(world->owner, self, key->addr, key->name, key->qtype,
		   (enum probe_way)key->variant);
	return false;
}

const struct probe *need_probe(struct fact *self, const struct addr *addr, const uint8_t *qname,
			       uint16_t qtype, enum probe_way way)
{
	struct fact_key key = {.kind = KIND_PROBE,
			       .variant = (uint16_t)way,
			       .qtype = qtype,
			       .name = qname,
			       .addr = addr};

	return fact_need(self, &key);
}
