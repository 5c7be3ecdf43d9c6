/* SPDX-License-Identifier: BSD-2-Clause */

/* Any text, and any octets, as an address: what is taken as one is written and read back as the
 * same. */
#include "io/addr.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check(const struct addr *addr)
{
	char text[ADDR_TEXT_MAX];
	struct addr again;

	for (uint16_t port = 0; port < 54; port = (uint16_t)(port + 53)) {
		if (addr_port(addr) == 0 && port != 0)
			continue; /* out of octets; no text stands for port 0 */
		addr_format(addr, port, text);
		if (!addr_parse(&again, text, port) || !addr_equal(addr, &again) ||
		    addr_hash(addr, 1) != addr_hash(&again, 1) ||
		    addr_special(addr) != addr_special(&again))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = malloc(len + 1);
	struct addr addr;

	if (!text)
		return 0;
	if (len > 0)
		memcpy(text, data, len);
	text[len] = '\0';
	if (addr_parse(&addr, text, 53)) {
		if (addr_port(&addr) == 0)
			abort();
		check(&addr);
	}
	free(text);
	if (addr_from_octets(&addr, data, len, 53))
		check(&addr);
	return 0;
}
