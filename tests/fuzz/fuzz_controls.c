/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any octets as the list of control names, and as the list of names that are broken on purpose:
 * either what was read is of use, or a line is said about it.
 */
#include <string.h>

#include "results/sort/expected.h"
#include "scanner/dns/dname.h"
#include "scanner/lists/controls.h"
#include "scanner/lists/onpurpose.h"
#include "tests/fuzz/memory_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int good)
{
	if (!good)
		abort();
}

/* Lines that a terminal can bear, or none. */
static void check_errors(const struct buf *errors, bool good)
{
	check(!errors->failed && good == (errors->len == 0));
	check(good || errors->data[errors->len - 1] == '\n');
	for (size_t i = 0; i < errors->len; i++)
		check((errors->data[i] >= ' ' && errors->data[i] <= '~') ||
		      errors->data[i] == '\n');
}

static void read_controls(const char *path)
{
	struct buf errors = BUF_EMPTY;
	struct controls controls;

	check_errors(&errors, controls_load(&controls, path, &errors));
	check(controls.count <= CONTROLS_MAX);
	for (size_t i = 0; i < controls.count; i++)
		check(controls.list[i].kind < CONTROL_KINDS &&
		      dname_valid(controls.list[i].qname, controls.list[i].qname_len));
	buf_free(&errors);
}

/* A name of the list is on the list, for whoever reads what the scanner wrote. */
static void check_listed(const char *text, size_t len)
{
	struct expected *expected = expected_create();

	check(expected != NULL);
	for (const char *line = text, *lf; len > 0 && line < text + len; line = lf + 1) {
		lf = memchr(line, '\n', (size_t)(text + len - line));
		check(lf != NULL && lf > line);
		check(expected_add(expected, (struct view){line, (size_t)(lf - line)}));
		if (memchr(line, '*', (size_t)(lf - line)) == NULL)
			check(expected_has(expected, (struct view){line, (size_t)(lf - line)}));
	}
	(void)expected_has(expected, (struct view){"sigfail.www.example", 19});
	expected_destroy(&expected);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text = BUF_EMPTY, errors = BUF_EMPTY;
	char path[64];
	int fd = memory_file(path, data, size);

	read_controls(path);
	check_errors(&errors, onpurpose_load(&text, path, &errors));
	check_listed(text.data, text.len);
	buf_free(&text);
	buf_free(&errors);
	close(fd);
	return 0;
}
