/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any octets as the file of root hints, and as that of trust anchors: either there is where to
 * begin, or a line says why not.
 */
#include <string.h>

#include "scanner/evidence/hints.h"
#include "tests/fuzz/memory_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int good)
{
	if (!good)
		abort();
}

static void check_servers(const struct hints *hints)
{
	check(hints->count > 0 && hints->count <= HINTS_SERVERS_MAX);
	for (unsigned i = 0; i < hints->count; i++) {
		const struct root_server *server = &hints->server[i];

		check(dname_valid(server->name, dname_len(server->name)));
		check(server->addr_count > 0 && server->addr_count <= HINTS_ADDRESSES_MAX);
		for (unsigned k = 0; k < server->addr_count; k++)
			check(addr_port(&server->addr[k]) == 53);
		for (unsigned k = 0; k < i; k++)
			check(!dname_equal(server->name, hints->server[k].name));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct hints hints;
	struct buf errors = BUF_EMPTY;
	char path[64];
	int fd = memory_file(path, data, size);

	if (hints_load(&hints, path, NULL, &errors)) {
		check(errors.len == 0 && hints.anchor.count > 0);
		check_servers(&hints);
	} else {
		check(errors.len > 0 && errors.data[errors.len - 1] == '\n');
	}
	buf_clear(&errors);
	if (hints_load(&hints, NULL, path, &errors)) {
		check(errors.len == 0 && hints.anchor.count > 0);
		check(hints.anchor.count <= sizeof(hints.anchor.ds) / sizeof(hints.anchor.ds[0]));
		check_servers(&hints);
	} else {
		check(errors.len > 0 && errors.data[errors.len - 1] == '\n');
	}
	buf_free(&errors);
	close(fd);
	return 0;
}
