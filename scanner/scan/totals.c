/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/scan/totals.h"

#include <stddef.h>

#define LOAD(counter) atomic_load_explicit(&(counter), memory_order_relaxed)

static void add_engine(struct scan_totals *totals, const struct engine_counters *e)
{
	totals->sent += LOAD(e->sent);
	totals->sent_again += LOAD(e->sent_again);
	totals->received += LOAD(e->received);
	totals->answered += LOAD(e->answered);
	totals->streams += LOAD(e->streams);
	totals->icmp += LOAD(e->icmp);
	totals->trains += LOAD(e->trains);
	totals->send_errors += LOAD(e->send_errors);
	totals->late += LOAD(e->late);
	totals->answered_twice += LOAD(e->duplicates);
	totals->unasked += LOAD(e->unasked);
	totals->wrong_case += LOAD(e->wrong_case);
	totals->distrusted += LOAD(e->distrusted);
	totals->wrong_address += LOAD(e->wrong_address);
	totals->wrong_question += LOAD(e->wrong_question);
	totals->malformed += LOAD(e->malformed);
}

void totals_add_worker(struct scan_totals *totals, const struct worker *worker)
{
	const struct worker_counters *w = worker_counters(worker);

	totals->names += LOAD(w->names);
	totals->pairs += LOAD(w->pairs);
	totals->servfail += LOAD(w->servfail);
	totals->timeouts += LOAD(w->timeouts);
	totals->unclean += LOAD(w->unclean);
	totals->in_flight += LOAD(w->in_flight);
	totals->overloaded += LOAD(w->overloaded);
	totals->moved += LOAD(w->moved);
	totals->anew += LOAD(w->anew);
	totals->pairs_skipped += LOAD(w->skipped);
	add_engine(totals, worker_engine_counters(worker));
}

void totals_add_keeper(struct scan_totals *totals, const struct keeper *keeper)
{
	totals->controls = LOAD(keeper_engine_counters(keeper)->sent);
	add_engine(totals, keeper_engine_counters(keeper));
}

void totals_add_lookout(struct scan_totals *totals, const struct lookout *lookout)
{
	totals->silent_ms = lookout_total_ms(lookout);
	add_engine(totals, lookout_engine_counters(lookout));
}

void totals_add_recheck(struct scan_totals *totals, const struct recheck *recheck)
{
	const struct recheck_counters *r = recheck_counters(recheck);

	totals->rechecked = LOAD(r->names);
	totals->recheck_skipped = LOAD(r->skipped);
	totals->recheck_pairs = LOAD(r->pairs);
	totals->recheck_recovered = LOAD(r->recovered);
	totals->recheck_overloaded = LOAD(r->overloaded);
	totals->recheck_waiting = LOAD(r->waiting);
	add_engine(totals, recheck_engine_counters(recheck));
}

void totals_add_prober(struct scan_totals *totals, const struct prober *prober)
{
	const struct prober_counters *p = prober_counters(prober);
	uint64_t suspects = LOAD(p->suspects);

	totals->evidence_names = LOAD(p->names);
	totals->evidence_skipped = LOAD(p->skipped);
	totals->evidence_probes = LOAD(p->probes);
	totals->evidence_rows = LOAD(p->rows);
	totals->evidence_cpu_us = LOAD(p->cpu_us);
	totals->evidence_blind = LOAD(p->blind);
	totals->evidence_waiting = suspects - totals->evidence_names - totals->evidence_skipped;
}

/* Words of run.json, and where their numbers are. The reader's come first: a resumed run counts
 * them anew. */
#define TOTAL(field) offsetof(struct scan_totals, field)
#define READERS	     5
static const struct {
	const char *name;
	size_t offset;
} total_names[] = {
	{"read", TOTAL(read)},
	{"duplicates", TOTAL(duplicates)},
	{"rejected", TOTAL(rejected)},
	{"excluded", TOTAL(excluded)},
	{"blank", TOTAL(blank)},
	{"scanned", TOTAL(names)},
	{"left", TOTAL(left)},
	{"unclean", TOTAL(unclean)},
	{"pairs", TOTAL(pairs)},
	{"servfail", TOTAL(servfail)},
	{"timeouts", TOTAL(timeouts)},
	{"overloaded", TOTAL(overloaded)},
	{"pairs_moved", TOTAL(moved)},
	{"pairs_skipped", TOTAL(pairs_skipped)},
	{"pairs_anew", TOTAL(anew)},
	{"silent_ms", TOTAL(silent_ms)},
	{"controls", TOTAL(controls)},
	{"queries", TOTAL(sent)},
	{"queries_again", TOTAL(sent_again)},
	{"messages_received", TOTAL(received)},
	{"answers", TOTAL(answered)},
	{"streams", TOTAL(streams)},
	{"icmp_errors", TOTAL(icmp)},
	{"trains", TOTAL(trains)},
	{"send_errors", TOTAL(send_errors)},
	{"late", TOTAL(late)},
	{"answered_twice", TOTAL(answered_twice)},
	{"unasked", TOTAL(unasked)},
	{"wrong_address", TOTAL(wrong_address)},
	{"wrong_question", TOTAL(wrong_question)},
	{"wrong_case", TOTAL(wrong_case)},
	{"malformed", TOTAL(malformed)},
	{"distrusted", TOTAL(distrusted)},
	{"rechecked", TOTAL(rechecked)},
	{"recheck_skipped", TOTAL(recheck_skipped)},
	{"recheck_pairs", TOTAL(recheck_pairs)},
	{"recheck_recovered", TOTAL(recheck_recovered)},
	{"recheck_overloaded", TOTAL(recheck_overloaded)},
	{"evidence_names", TOTAL(evidence_names)},
	{"evidence_skipped", TOTAL(evidence_skipped)},
	{"evidence_probes", TOTAL(evidence_probes)},
	{"evidence_rows", TOTAL(evidence_rows)},
	{"evidence_cpu_us", TOTAL(evidence_cpu_us)},
};
#define TOTALS (sizeof(total_names) / sizeof(total_names[0]))

static uint64_t *total_at(struct scan_totals *totals, size_t i)
{
	return (uint64_t *)(void *)((char *)totals + total_names[i].offset);
}

static uint64_t total_of(const struct scan_totals *totals, size_t i)
{
	return *(const uint64_t *)(const void *)((const char *)totals + total_names[i].offset);
}

uint64_t totals_forged(const struct scan_totals *totals)
{
	return totals->unasked + totals->wrong_address + totals->wrong_question +
	       totals->wrong_case;
}

void totals_put(const struct scan_totals *totals, struct manifest *manifest)
{
	for (size_t i = 0; i < TOTALS; i++)
		(void)manifest_set_total(manifest, total_names[i].name, total_of(totals, i));
}

void totals_take(struct scan_totals *totals, const struct manifest *manifest)
{
	for (size_t i = 0; i < TOTALS; i++)
		*total_at(totals, i) = manifest_total(manifest, total_names[i].name);
}

void totals_add_reader(struct scan_totals *totals, const struct reader *reader)
{
	const struct reader_counters *r = reader_counters(reader);

	/* Names of other shards are not this run's; excluded ones are rejects with a reason. */
	totals->read = LOAD(r->read) - LOAD(r->other_shard);
	totals->duplicates = LOAD(r->duplicates);
	totals->excluded = LOAD(r->excluded);
	totals->rejected = LOAD(r->rejected) + totals->excluded;
	totals->blank = LOAD(r->blank);
	totals->position = LOAD(r->position);
	totals->size = LOAD(r->size);
	totals->reading = !LOAD(r->done);
	totals->input_failed = LOAD(r->files_failed) > 0;
	totals->input_changed = LOAD(r->changed);
}

void totals_add_prior(struct scan_totals *totals, const struct scan_totals *prior, bool past)
{
	for (size_t i = 0; i < TOTALS; i++)
		if (i >= READERS)
			*total_at(totals, i) += total_of(prior, i);
		else if (past)
			*total_at(totals, i) = total_of(prior, i);
}
