/* SPDX-License-Identifier: BSD-2-Clause */

#include "io/digest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/tap.h"

/* FIPS 180-2, appendix B. */
#define OF_ABC	   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define OF_NOTHING "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void octets(void)
{
	struct digest *digest = digest_create();
	char text[DIGEST_TEXT];

	digest_add(digest, "a", 1);
	digest_add(digest, "bc", 2);
	digest_text(digest, text);
	is_str(text, OF_ABC, "in pieces");
	digest_text(digest, text);
	is_str(text, OF_NOTHING, "it begins anew");
	digest_destroy(&digest);
	ok(!digest, "destroyed");
}

static void files(void)
{
	char path[] = "/tmp/test_digest.XXXXXX", text[DIGEST_TEXT];
	int fd = mkstemp(path);

	if (fd < 0 || write(fd, "abcdef", 6) != 6)
		return;
	is_int(digest_file(path, 3, text), 0, "the first octets of a file");
	is_str(text, OF_ABC, "are what is asked for");
	is_int(digest_file(path, 7, text), -ENODATA, "a file that is shorter");
	is_str(text, "", "has none");
	close(fd);
	unlink(path);
	is_int(digest_file(path, 3, text), -ENOENT, "no file");
}

int main(void)
{
	octets();
	files();
	return done_testing();
}
