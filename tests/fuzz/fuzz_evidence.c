/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The whole inquest of a name whose servers all say what the input says: a piece an answer, each an
 * octet for how it comes, two for its length, then the message. Budgets must hold, rows must be
 * whole, everything must come to an end.
 */
#include <stdlib.h>
#include <string.h>

#include "scanner/evidence/inquest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PENDING_MAX 1024

static struct {
	const uint8_t *data;
	size_t size;
	struct {
		struct fact *fact;
		struct addr addr;
		const uint8_t *qname;
		uint16_t qtype;
		enum probe_way way;
	} pending[PENDING_MAX];
	unsigned count, asked;
	bool done;
} input;

static void ask(void *owner, struct fact *fact, const struct addr *addr, const uint8_t *qname,
		uint16_t qtype, enum probe_way way)
{
	(void)owner;
	if (input.count == PENDING_MAX || ++input.asked > 200)
		abort(); /* the budget does not hold */
	input.pending[input.count].fact = fact;
	input.pending[input.count].addr = *addr;
	input.pending[input.count].qname = qname;
	input.pending[input.count].qtype = qtype;
	input.pending[input.count++].way = way;
}

static void take(struct probe *probe, struct fact *fact)
{
	size_t len;
	uint8_t how;

	probe->outcome = OUTCOME_TIMEOUT;
	if (input.size < 3)
		return;
	how = input.data[0];
	len = (size_t)(input.data[1] << 8 | input.data[2]);
	input.data += 3;
	input.size -= 3;
	if (len > input.size)
		len = input.size;
	if (how < 4)
		return;
	if (how < 8) {
		probe->outcome = OUTCOME_UNREACHABLE;
	} else if (len >= 12) {
		probe->outcome = OUTCOME_ANSWERED;
		probe->truncated = how < 16;
		probe->rcode = input.data[3] & 15;
		probe->answers = input.data[6] << 8 | input.data[7];
		probe->rtt_ns = 1000;
		(void)probe_keep(probe, fact, input.data, len);
	}
	input.data += len;
	input.size -= len;
}

static void answer_all(void)
{
	unsigned count = input.count;

	input.count = 0;
	for (unsigned i = 0; i < count; i++) {
		struct fact *fact = input.pending[i].fact;
		struct probe *probe = arena_take(fact_arena(fact), sizeof(*probe));

		probe->addr = input.pending[i].addr;
		probe->qname = input.pending[i].qname;
		probe->qtype = input.pending[i].qtype;
		probe->way = input.pending[i].way;
		probe->rcode = RCODE_UNKNOWN;
		probe->answers = -1;
		probe->rtt_ns = -1;
		probe->tries = 1;
		take(probe, fact);
		fact_found(fact, probe);
	}
}

static void put(void *owner, const struct evidence *row)
{
	char line[EVIDENCE_MAX];

	(void)owner;
	if (evidence_write(line, row) > sizeof(line))
		abort();
}

static void done(struct job *job, const void *value)
{
	struct rows rows = {.put = put, .name = {"x", 1}, .qtype = 1};

	account_rows(value, job, &rows);
	input.done = true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t qname[] = "\3www\1x\7example";
	static struct hints hints;
	static const uint8_t root[1] = {0};
	struct world world = {.ask = ask, .hints = &hints, .port = 53};
	struct facts_config config = {.kinds = fact_kinds, .world = &world, .done = done};
	struct facts *facts = facts_create(&config);
	struct job job = {.number = 1,
			  .deadline_ns = 1000,
			  .probes_left = 200,
			  .facts_left = 3000,
			  .octets_left = 1 << 20,
			  .work = {.signatures = 32, .hashes = 1024}};
	struct fact_key key = account_key(qname, 1);

	if (hints.count == 0) {
		hints.count = 1;
		memcpy(hints.server[0].name, "\1a\4root", 8);
		hints.server[0].addr_count = 1;
		addr_parse(&hints.server[0].addr[0], "5.0.0.1", 53);
		chain_anchor_add(
			&hints.anchor, root,
			". IN DS 20326 8 2 "
			"E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D");
	}
	input.data = data;
	input.size = size;
	input.count = input.asked = 0;
	input.done = false;
	/* the first octet: is the world signed? */
	if (size > 0 && data[0] == 's')
		hints.anchor.count = 1;
	else
		hints.anchor.count = 0;
	if (size > 0) {
		input.data++;
		input.size--;
	}
	facts_start(facts, &job, &key);
	while (!input.done) {
		facts_run(facts, 0, 1795910400);
		if (!input.done && input.count == 0)
			abort(); /* nobody is asked, and it does not end */
		answer_all();
	}
	facts_destroy(&facts);
	return 0;
}
