/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/chain/chain_inner.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *const fault_ids[CHAIN_FAULT_COUNT] = {
	[CHAIN_FAULT_NONE] = "",
	[CHAIN_RRSIG_EXPIRED] = "rrsig-expired",
	[CHAIN_RRSIG_NOT_YET_VALID] = "rrsig-not-yet-valid",
	[CHAIN_RRSIG_INVALID] = "rrsig-invalid",
	[CHAIN_RRSIG_MISSING] = "rrsig-missing",
	[CHAIN_RRSIG_KEY_MISSING] = "rrsig-key-missing",
	[CHAIN_RRSIG_WRONG_FIELDS] = "rrsig-wrong-fields",
	[CHAIN_DS_NO_MATCHING_DNSKEY] = "ds-no-matching-dnskey",
	[CHAIN_DS_DIGEST_MISMATCH] = "ds-digest-mismatch",
	[CHAIN_DS_ALGORITHM_MISMATCH] = "ds-algorithm-mismatch",
	[CHAIN_DS_BUT_UNSIGNED] = "ds-but-unsigned",
	[CHAIN_DNSKEY_NOT_SIGNED] = "dnskey-not-signed",
	[CHAIN_DNSKEY_REVOKED] = "dnskey-revoked",
	[CHAIN_DNSKEY_UNUSABLE] = "dnskey-unusable",
	[CHAIN_DNSKEY_UNOBTAINABLE] = "dnskey-unobtainable",
	[CHAIN_DENIAL_MISSING] = "denial-missing",
	[CHAIN_DENIAL_WRONG] = "denial-wrong",
	[CHAIN_PARENT_DS_INVALID] = "parent-ds-invalid",
	[CHAIN_SERVER_WITHOUT_DNSSEC] = "server-without-dnssec",
	[CHAIN_ANSWER_MALFORMED] = "answer-malformed",
	[CHAIN_ANSWER_USELESS] = "",
	[CHAIN_LIMIT] = "resolver-limit",
};

const char *chain_fault_id(enum chain_fault fault)
{
	return fault_ids[fault];
}

const char *chain_state_name(enum chain_state state)
{
	static const char *const names[] = {
		[CHAIN_INDETERMINATE] = "indeterminate",
		[CHAIN_SECURE] = "secure",
		[CHAIN_INSECURE] = "insecure",
		[CHAIN_BOGUS] = "bogus",
	};

	return names[state];
}

struct chain_budget chain_budget_default(void)
{
	/* An honest answer needs 5 signatures and, with iterations as RFC 9276 has them, 5 hashes.
	 */
	return (struct chain_budget){.signatures = 32, .hashes = 4096};
}

static bool already_said(const struct chain_result *result, enum chain_fault fault,
			 const char *text)
{
	for (unsigned i = 0; i < result->reasons; i++)
		if (result->reason[i].fault == fault && strcmp(result->reason[i].text, text) == 0)
			return true;
	return false;
}

void reason_add(struct chain_result *result, unsigned rank, enum chain_fault fault,
		const char *format, ...)
{
	struct chain_reason reason = {.fault = fault, .rank = rank};
	unsigned at;
	va_list args;

	va_start(args, format);
	vsnprintf(reason.text, sizeof reason.text, format, args);
	va_end(args);
	if (already_said(result, fault, reason.text))
		return;
	/* Kept in the order of rank; among equals the first stays first. The last falls off. */
	for (at = result->reasons; at > 0 && result->reason[at - 1].rank > rank; at--)
		;
	if (at == CHAIN_REASONS_MAX)
		return;
	if (result->reasons < CHAIN_REASONS_MAX)
		result->reasons++;
	memmove(&result->reason[at + 1], &result->reason[at],
		(result->reasons - 1 - at) * sizeof reason);
	result->reason[at] = reason;
}

void note_add(struct chain_result *result, const char *format, ...)
{
	char text[CHAIN_TEXT_MAX];
	size_t len = strlen(result->notes), room = sizeof result->notes - len;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	/* Half a note is worth nothing. */
	if (!strstr(result->notes, text) && strlen(text) + 3 <= room)
		snprintf(result->notes + len, room, "%s%s", len ? "; " : "", text);
}

bool serial_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0; /* RFC 1982 3.2 */
}

const char *moment_text(char text[MOMENT_TEXT_MAX], uint32_t serial, int64_t now_s)
{
	time_t moment = (time_t)(now_s + (int32_t)(serial - (uint32_t)now_s));
	struct tm tm;

	if (!gmtime_r(&moment, &tm) ||
	    strftime(text, MOMENT_TEXT_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		snprintf(text, MOMENT_TEXT_MAX, "%lld", (long long)moment);
	return text;
}

void chain_fail(struct chain_call *call)
{
	if (call->exhausted) {
		call->result->state = CHAIN_INDETERMINATE;
		reason_add(
			call->result, RANK_LIMIT, CHAIN_LIMIT,
			"checking takes more work than is allowed for: too many signatures, keys "
			"or NSEC3 iterations");
		return;
	}
	call->result->state = CHAIN_BOGUS;
}

bool chain_spare_hashes(struct chain_call *call, uint32_t blocks)
{
	if (call->budget->hashes < blocks)
		return false;
	call->budget->hashes -= blocks;
	return true;
}

bool chain_spend_hashes(struct chain_call *call, uint32_t blocks)
{
	bool enough = chain_spare_hashes(call, blocks);

	call->exhausted = call->exhausted || !enough;
	return enough;
}

void result_init(struct chain_result *result)
{
	memset(result, 0, sizeof *result);
	result->ttl_s = UINT32_MAX;
}

static bool any_rrsig(const struct records *records)
{
	return records_find(records, ~0u, NULL, TYPE_RRSIG) != NULL;
}

static bool read_message(struct chain_call *call, const uint8_t *message, size_t len)
{
	switch (records_read(&call->records, message, len)) {
	case RECORDS_OK:
		break;
	case RECORDS_MALFORMED:
		reason_add(call->result, 0, CHAIN_ANSWER_MALFORMED,
			   "the answer does not parse (%zu octets)", len);
		return false;
	case RECORDS_NO_MEMORY:
		reason_add(call->result, 0, CHAIN_LIMIT, "out of memory");
		return false;
	}
	if (!call->records.response || call->records.truncated) {
		reason_add(call->result, 0, CHAIN_ANSWER_USELESS,
			   call->records.truncated ? "the answer is truncated"
						   : "the message is no response");
		records_free(&call->records);
		return false;
	}
	return true;
}

bool chain_begin(struct chain_call *call, const uint8_t *message, size_t len, int64_t now_s,
		 struct chain_budget *budget, struct chain_result *result)
{
	result_init(result);
	*call = (struct chain_call){.now_s = now_s, .budget = budget, .result = result};
	if (!read_message(call, message, len))
		return false;
	result->no_rrsigs = !any_rrsig(&call->records);
	result->server_knows_dnssec = call->records.edns_do;
	call->canonical = ldns_buffer_new(4096);
	call->data = ldns_buffer_new(4096);
	call->scratch = malloc(RECORD_CANONICAL_MAX);
	if (!call->canonical || !call->data || !call->scratch) {
		reason_add(result, 0, CHAIN_LIMIT, "out of memory");
		chain_end(call);
		return false;
	}
	return true;
}

void chain_end(struct chain_call *call)
{
	records_free(&call->records);
	ldns_buffer_free(call->canonical);
	ldns_buffer_free(call->data);
	free(call->piece);
	free(call->scratch);
}
