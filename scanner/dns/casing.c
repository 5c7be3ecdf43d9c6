/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/dns/casing.h"

#define UPPER 0x20

/* The lengths of labels are below 'a'. */
static bool is_letter(uint8_t octet)
{
	return octet >= 'a' && octet <= 'z';
}

static uint32_t turn(uint32_t lots)
{
	return lots >> 1 | lots << 31;
}

void casing_write(uint8_t *out, const uint8_t *qname, size_t len, uint32_t lots)
{
	for (size_t i = 0; i < len; i++) {
		bool letter = is_letter(qname[i]);

		out[i] = letter && lots & 1 ? qname[i] ^ UPPER : qname[i];
		lots = letter ? turn(lots) : lots;
	}
}

bool casing_fits(const uint8_t *in, const uint8_t *qname, size_t len, uint32_t lots)
{
	for (size_t i = 0; i < len; i++) {
		bool letter = is_letter(qname[i]);

		if (in[i] != (letter && lots & 1 ? qname[i] ^ UPPER : qname[i]))
			return false;
		lots = letter ? turn(lots) : lots;
	}
	return true;
}

unsigned casing_letters(const uint8_t *qname, size_t len)
{
	unsigned letters = 0;

	for (size_t i = 0; i < len; i++)
		letters += is_letter(qname[i]);
	return letters;
}
