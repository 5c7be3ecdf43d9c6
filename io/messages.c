/* SPDX-License-Identifier: BSD-2-Clause */

#include "io/messages.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct messages {
	const char *name;
	bool within; /* a line */
};

static ssize_t write_lines(void *cookie, const char *text, size_t len)
{
	struct messages *messages = cookie;

	for (const char *at = text, *end = text + len; at < end;) {
		const char *line = memchr(at, '\n', (size_t)(end - at));
		size_t octets = (size_t)(line ? line + 1 - at : end - at);

		/* one call, so that lines of programs that share a terminal stay whole */
		fprintf(stderr, "%s%s%.*s", messages->within ? "" : messages->name,
			messages->within ? "" : ": ", (int)octets, at);
		messages->within = !line;
		at += octets;
	}
	return (ssize_t)len;
}

static int end(void *cookie)
{
	free(cookie);
	return 0;
}

FILE *messages_open(const char *name)
{
	static const cookie_io_functions_t functions = {.write = write_lines, .close = end};
	struct messages *messages = calloc(1, sizeof(*messages));
	FILE *stream;

	if (!messages)
		return NULL;
	messages->name = name;
	stream = fopencookie(messages, "w", functions);
	if (stream) {
		setvbuf(stream, NULL, _IOLBF, 0);
	} else {
		free(messages);
		errno = ENOMEM;
	}
	return stream;
}
