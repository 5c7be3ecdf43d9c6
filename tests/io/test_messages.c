/* SPDX-License-Identifier: BSD-2-Clause */

/* Lines, pieces of lines and several lines at once: each begins with the name, once. */
#include "io/messages.h"

#include <unistd.h>

#include "tests/tap.h"

static char said[4096];
static int file; /* where standard error goes */

/* What has come to standard error since the last look. */
static const char *news(void)
{
	ssize_t octets = pread(file, said, sizeof(said) - 1, 0);

	said[octets < 0 ? 0 : octets] = '\0';
	lseek(file, 0, SEEK_SET);
	return ftruncate(file, 0) == 0 ? said : "cannot be cut";
}

int main(void)
{
	FILE *messages = messages_open("me");
	char line[3001];

	file = fileno(tmpfile());
	dup2(file, STDERR_FILENO);
	ok(messages != NULL, "it opens");
	fprintf(messages, "%s: %s\n", "run/pairs-000.csv.gz", "No such file");
	is_str(news(), "me: run/pairs-000.csv.gz: No such file\n", "a line, there at once");
	fputs("one\n\ntwo\n", messages);
	is_str(news(), "me: one\nme: \nme: two\n", "each of several, an empty one too");
	fputs("half a ", messages);
	fflush(messages);
	is_str(news(), "me: half a ", "the beginning of a line");
	fputs("line\nand ", messages);
	fputs("more", messages);
	fclose(messages);
	is_str(news(), "line\nme: and more", "... and the rest of it; at the end nothing is lost");

	messages = messages_open("me");
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	fprintf(messages, "%s\n", line);
	fclose(messages);
	news();
	ok(strlen(said) == 3005 && said[3004] == '\n' && !strchr(said + 3, ':'),
	   "a long line is one line");
	return done_testing();
}
