/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any octets as the file of --config: either the options are good, and written as a file they are
 * the same again; or one line says what is wrong, which a terminal can bear.
 */
#include <string.h>

#include "io/buf.h"
#include "scanner/options/options.h"
#include "tests/fuzz/memory_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int good)
{
	if (!good)
		abort();
}

static bool note(void *owner, const char *name, const char *value)
{
	/* These are no options of a file, or the file itself. */
	if (strcmp(name, "config") == 0 || strcmp(name, "explain") == 0)
		return true;
	/* Each type is a line of its own. */
	for (const char *comma; strcmp(name, "type") == 0 && (comma = strchr(value, ',')) != NULL;
	     value = comma + 1)
		buf_addf(owner, "%s = %.*s\n", name, (int)(comma - value), value);
	buf_addf(owner, "%s = %s\n", name, value);
	return true;
}

static int parse(struct options *options, const void *data, size_t size, char said[8192])
{
	char path[64];
	int fd = memory_file(path, data, size), status;
	char *argv[] = {"servfail-scan", "--config", path, NULL};
	FILE *out = fopen("/dev/null", "we"), *err = fmemopen(said, 8192, "w");

	check(out && err);
	said[0] = '\0';
	status = options_parse(options, 3, argv, out, err);
	fclose(err);
	fclose(out);
	close(fd);
	return status;
}

static void check_complaint(const char *said)
{
	size_t len = strlen(said);

	check(len > 1 && strchr(said, '\n') == said + len - 1);
	for (size_t i = 0; i < len - 1; i++)
		check(said[i] >= ' ' && said[i] <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf once = BUF_EMPTY, twice = BUF_EMPTY;
	struct options options;
	char said[8192];
	int status = parse(&options, data, size, said);

	check(status == OPTIONS_GO || status == 2);
	if (status == OPTIONS_GO) {
		struct options again;

		options_each(&options, note, &once);
		check(parse(&again, once.data, once.len, said) == OPTIONS_GO);
		options_each(&again, note, &twice);
		check(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
		options_free(&again);
	} else {
		check_complaint(said);
	}
	options_free(&options);
	buf_free(&once);
	buf_free(&twice);
	return 0;
}
