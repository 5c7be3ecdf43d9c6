/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/dns/answer_text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "results/rows/names.h"

enum { TYPE_RRSIG = 46, RRSIG_FIXED = 18 };

size_t answer_ede_text(const struct answer *answer, char *out, size_t cap)
{
	size_t len = 0;

	for (unsigned i = 0; i < answer->ede_count; i++) {
		size_t size = answer->ede[i].text_len;

		if (size == 0)
			continue;
		if (len > 0 && cap - len > 3) {
			memcpy(out + len, " | ", 3);
			len += 3;
		}
		if (size > cap - len)
			size = cap - len;
		memcpy(out + len, answer->ede[i].text, size);
		len += size;
	}
	return len;
}

size_t answer_nsid_text(const struct answer *answer, char *out, size_t cap)
{
	static const char hex[] = "0123456789abcdef";
	size_t size = answer->nsid_len, len = 0;
	bool printable = size <= cap;

	for (size_t i = 0; i < size && printable; i++)
		printable = answer->nsid[i] > ' ' && answer->nsid[i] < 0x7f;
	if (printable && size > 0) {
		memcpy(out, answer->nsid, size);
		return size;
	}
	for (size_t i = 0; i < size && cap - len >= 2; i++) {
		out[len++] = hex[answer->nsid[i] >> 4];
		out[len++] = hex[answer->nsid[i] & 15];
	}
	return len;
}

static uint32_t get_u32(const uint8_t *in)
{
	return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 | in[3];
}

/* RRSIG times are serial numbers (RFC 4034 3.1.5); as long as 32 bits last, until 2106, they are
 * seconds since 1970. */
static void put_time(char out[16], uint32_t seconds)
{
	time_t when = seconds;
	struct tm tm;

	gmtime_r(&when, &tm);
	strftime(out, 16, "%Y%m%d%H%M%S", &tm);
}

static size_t put_rrsig(const uint8_t *rdata, size_t rdlength, char *out, size_t cap)
{
	char covered[NAME_TEXT_MAX], inception[16], expiration[16],
		signer[4 * MESSAGE_QNAME_MAX + 1];
	int len;

	if (rdlength <= RRSIG_FIXED)
		return 0;
	put_time(expiration, get_u32(rdata + 8));
	put_time(inception, get_u32(rdata + 12));
	message_qname_text(signer, rdata + RRSIG_FIXED, rdlength - RRSIG_FIXED);
	len = snprintf(out, cap, "%s/%u/%u/%s/%s/%s",
		       qtype_name((uint16_t)(rdata[0] << 8 | rdata[1]), covered), rdata[2],
		       (unsigned)(rdata[16] << 8 | rdata[17]), inception, expiration, signer);
	return len > 0 && (size_t)len < cap ? (size_t)len : 0;
}

size_t answer_rrsig_text(const struct answer *answer, char *out, size_t cap)
{
	struct record record;
	size_t len = 0, at = message_records(answer);
	unsigned count = (unsigned)answer->answers + answer->authorities;

	for (unsigned i = 0; at != 0 && i < count && cap - len > 1; i++) {
		at = message_record(answer, at, &record);
		if (at == 0 || record.type != TYPE_RRSIG)
			continue;
		size_t plus = len > 0;
		size_t size = put_rrsig(record.rdata, record.rdlength, out + len + plus,
					cap - len - plus);
		if (size > 0 && plus)
			out[len] = '+';
		len += size > 0 ? size + plus : 0;
	}
	return len;
}
