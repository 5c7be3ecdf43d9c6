/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any octets as a list of resolvers, and as a list of exclusions: either it is read, or something
 * is said about it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "scanner/ask/resolvers.h"
#include "scanner/lists/suffixes.h"

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
	check(again.identity.anybody == resolver->identity.anybody && again.identity.pin_count == resolver->identity.pin_count);
	check(addr_port(&again.addr) != 0);
	resolver_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf errors = BUF_EMPTY, warnings = BUF_EMPTY;
	int fd = memfd_create("list", MFD_CLOEXEC);
	struct suffixes *suffixes = suffixes_create();
	struct resolvers *resolvers;
	char path[64];

	check(fd >= 0 && write(fd, data, size) == (ssize_t)size && suffixes);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	resolvers = resolvers_load(path, &errors, &warnings);
	check(resolvers ? errors.len == 0 : errors.len > 0);
	for (size_t i = 0; resolvers && i < resolvers->count; i++)
		check_entry(&resolvers->list[i]);
	for (size_t i = 0; resolvers && i < resolvers->count; i++)
		suffixes_match_addr(suffixes, &resolvers->list[i].addr);
	buf_clear(&errors);
	check(suffixes_load(suffixes, path, &errors) == (errors.len == 0));
	suffixes_match_name(suffixes, (const uint8_t *)"\3www\7example", 13);
	for (size_t i = 0; resolvers && i < resolvers->count; i++)
		suffixes_match_addr(suffixes, &resolvers->list[i].addr);
	resolvers_destroy(&resolvers);
	suffixes_destroy(&suffixes);
	buf_free(&errors);
	buf_free(&warnings);
	close(fd);
	return 0;
}
