/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any octets as the list of exclusions: each entry that is taken matches what it says, whatever
 * else stands in the list.
 */
#include <arpa/inet.h>
#include <string.h>

#include "scanner/dns/name.h"
#include "scanner/lists/listfile.h"
#include "scanner/lists/suffixes.h"
#include "tests/fuzz/memory_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int good)
{
	if (!good)
		abort();
}

struct lists {
	struct suffixes *all; /* NULL: the file is read for the first time, into one */
	unsigned good, bad;
};

static void check_name(const struct suffixes *all, const char *text, size_t len)
{
	bool only_itself = text[0] == '=';
	uint8_t below[NAME_WIRE_MAX + 2] = {1, 'x'};
	struct name name;

	check(name_normalise(&name, text + only_itself, len - only_itself) == NAME_OK);
	check(suffixes_match_name(all, name.wire, name.wire_len));
	memcpy(below + 2, name.wire, name.wire_len);
	if (!only_itself && name.wire_len + 2 <= NAME_WIRE_MAX)
		check(suffixes_match_name(all, below, name.wire_len + 2u));
}

static void check_network(const struct suffixes *all, const char *text, size_t len)
{
	char copy[64];
	struct addr addr;

	check(len < sizeof(copy));
	memcpy(copy, text, len);
	copy[len] = '\0';
	copy[strcspn(copy, "/")] = '\0';
	check(addr_parse(&addr, copy, 53));
	check(suffixes_match_addr(all, &addr));
}

static void entry(void *owner, const char *text, size_t len, unsigned line)
{
	struct lists *lists = owner;
	struct suffixes *one = suffixes_create();
	struct name name;

	(void)line;
	check(one != NULL);
	if (suffixes_add(one, text, len) != NULL) {
		lists->bad++;
	} else {
		lists->good++;
		check(suffixes_count(one) == 1);
		if (text[0] == '=' || name_normalise(&name, text, len) == NAME_OK)
			check_name(lists->all, text, len);
		else
			check_network(lists->all, text, len);
	}
	suffixes_destroy(&one);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lists lists = {.all = suffixes_create()};
	struct buf errors = BUF_EMPTY;
	char path[64];
	int fd = memory_file(path, data, size);

	check(lists.all != NULL);
	check(suffixes_load(lists.all, path, &errors) == (errors.len == 0));
	buf_clear(&errors);
	listfile_read(path, entry, &lists, &errors);
	check(suffixes_count(lists.all) <= lists.good);
	check((lists.good > 0) == (suffixes_count(lists.all) > 0));
	suffixes_destroy(&lists.all);
	buf_free(&errors);
	close(fd);
	return 0;
}
