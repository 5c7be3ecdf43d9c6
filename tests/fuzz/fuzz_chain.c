/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any octets as the answer to a question of the DNSSEC chain. The question is taken from the
 * message itself; the zone is "example.", with the keys that signed the seeds, so that mutations
 * get past the signatures that they do not touch. Seeds: run tests/scanner/chain/test_chain_* with
 * CHAIN_SEEDS=DIR.
 */
#include "tests/scanner/chain/chain_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct keyset *keys;
static struct chain_ds_set anchor;
static struct zone zone;

static void init(void)
{
	zone = zone_make("example.", 257);
	ds_add(&anchor, &zone, zone.ksk_rr, LDNS_SHA256);
	keys = zone_keys(&zone);
}

/* A name of the zone to ask for, and the type. */
static uint16_t question(uint8_t qname[DNAME_MAX], const uint8_t *data, size_t size)
{
	size_t len = 0;

	dname_copy(qname, zone.wire);
	if (size < 12 + 5)
		return TYPE_A;
	while (12 + len < size && data[12 + len] != 0)
		len += 1u + data[12 + len];
	if (12 + len + 3 > size || !dname_valid(data + 12, len + 1))
		return TYPE_A;
	if (dname_under(data + 12, zone.wire))
		dname_copy(qname, data + 12);
	return (uint16_t)(data[12 + len + 1] << 8 | data[12 + len + 2]);
}

/* What every result keeps to, whatever the message. */
static void look(const struct chain_result *result)
{
	if (result->reasons > CHAIN_REASONS_MAX || strlen(result->notes) >= CHAIN_NOTES_MAX ||
	    (result->state == CHAIN_BOGUS && result->reasons == 0) ||
	    !dname_valid(result->alias, dname_len(result->alias)) ||
	    !dname_valid(result->cut, dname_len(result->cut)))
		abort();
	for (unsigned i = 0; i < result->reasons; i++)
		for (const char *c = result->reason[i].text; *c; c++)
			if (*c < ' ' || *c > '~')
				abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct chain_budget budget = {.signatures = 16, .hashes = 1024};
	struct chain_result result, answer;
	struct keyset *found = NULL;
	struct chain_ds_set ds;
	uint8_t qname[DNAME_MAX];
	uint16_t qtype;

	if (!keys)
		init();
	qtype = question(qname, data, size);
	chain_keys(&anchor, zone.wire, data, size, NOW, &budget, &found, &result);
	look(&result);
	if (result.state == CHAIN_SECURE && keyset_count(found) == 0)
		abort();
	chain_answer(found ? found : keys, qname, qtype, data, size, NOW, &budget, &answer);
	look(&answer);
	chain_merge(&result, &answer);
	look(&result);
	if (found)
		keyset_destroy(&found);
	chain_ds(keys, qname, data, size, NOW, &budget, &ds, &result);
	look(&result);
	return 0;
}
