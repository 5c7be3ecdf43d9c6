/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/evidence/probe.h"

#include <string.h>

#include "scanner/dns/records.h"

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
	case PROBE_TCP_PATIENT:
		return "tcp";
	case PROBE_RELAY:
		return "resolver";
	default:
		return "udp";
	}
}

bool probe_answered(const struct probe *probe)
{
	return probe->outcome == OUTCOME_ANSWERED && probe->message != NULL && !probe->truncated;
}

/* octets: what the records take; 0: there are none. */
static bool keep(struct probe *probe, struct arena *arena, const struct records *measured,
		 const uint8_t *message, size_t len, size_t octets)
{
	uint8_t *copy = arena_try(arena, len);
	struct records *records = arena_try(arena, sizeof(*records));
	void *room = arena_try(arena, octets);

	if (copy == NULL || records == NULL || room == NULL)
		return false;
	probe->message = memcpy(copy, message, len);
	probe->len = len;
	if (octets == 0)
		return true;
	*records = *measured;
	records->message = copy;
	records_fill(records, room);
	probe->records = records;
	return true;
}

bool probe_keep(struct probe *probe, struct fact *fact, const uint8_t *message, size_t len)
{
	struct job *job = fact_job(fact);
	struct records measured;
	size_t octets = records_measure(&measured, message, len);

	if (len + octets > job->octets_left) {
		probe->why = "the answers are too long to be kept";
	} else if (!keep(probe, fact_arena(fact), &measured, message, len, octets)) {
		job->out_of_memory = true;
		probe->why = "out of memory";
	} else {
		job->octets_left -= (uint32_t)(len + octets);
		return true;
	}
	probe->outcome = OUTCOME_NOT_ASKED;
	fact_unsound(fact);
	return false;
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

const struct probe *need_probe_anew(struct fact *self, const struct addr *addr,
				    const uint8_t *qname, uint16_t qtype, enum probe_way way,
				    uint16_t epoch)
{
	struct fact_key key = {.kind = KIND_PROBE,
			       .variant = (uint16_t)way,
			       .qtype = qtype,
			       .epoch = epoch,
			       .name = qname,
			       .addr = addr};

	return fact_need(self, &key);
}

const struct probe *need_probe(struct fact *self, const struct addr *addr, const uint8_t *qname,
			       uint16_t qtype, enum probe_way way)
{
	return need_probe_anew(self, addr, qname, qtype, way, 0);
}
