/* SPDX-License-Identifier: BSD-2-Clause */

/* Any octets as a list of resolvers: either it is read, or something is said about it. */
#include <string.h>

#include "scanner/ask/resolvers.h"
#include "tests/fuzz/memory_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int good)
{
	if (!good)
		abort();
}

static void check_entry(const struct resolver *resolver)
{
	struct resolver again;

	check(resolver_parse(&again, resolver->text, strlen(resolver->text)));
	check(addr_equal(&again.addr, &resolver->addr) && again.transport == resolver->transport);
	check(!again.identity.name == !resolver->identity.name);
	check(again.identity.anybody == resolver->identity.anybody &&
	      again.identity.pin_count == resolver->identity.pin_count);
	check(addr_port(&again.addr) != 0);
	resolver_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf errors = BUF_EMPTY, warnings = BUF_EMPTY;
	struct resolvers *resolvers;
	char path[64];
	int fd = memory_file(path, data, size);

	resolvers = resolvers_load(path, &errors, &warnings);
	check(resolvers ? errors.len == 0 : errors.len > 0);
	for (size_t i = 0; resolvers && i < resolvers->count; i++)
		check_entry(&resolvers->list[i]);
	resolvers_destroy(&resolvers);
	buf_free(&errors);
	buf_free(&warnings);
	close(fd);
	return 0;
}
