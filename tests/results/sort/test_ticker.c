/* SPDX-License-Identifier: BSD-2-Clause */

/* What is said on a terminal while parts are read, and that it is taken away at the end. */
#include "results/sort/ticker.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/tap.h"

static char said[4096];

/* All that has come to the terminal, with at least `count` of that character in it or a wait of
 * three seconds. */
static const char *read_terminal(int terminal, char wanted, int count)
{
	size_t len = 0;

	while (len < sizeof(said) - 1 && count > 0) {
		struct pollfd polled = {.fd = terminal, .events = POLLIN};
		ssize_t got = poll(&polled, 1, 3000) > 0
				      ? read(terminal, said + len, sizeof(said) - 1 - len)
				      : 0;

		if (got <= 0)
			break;
		for (ssize_t i = 0; i < got; i++)
			count -= said[len + (size_t)i] == wanted;
		len += (size_t)got;
	}
	said[len] = '\0';
	return said;
}

/* Without the time, which is on nobody's clock but its own. */
static const char *behind_time(const char *text)
{
	const char *space = strchr(text, ' ');

	return text[0] == '\r' && space != NULL ? space : text;
}

int main(void)
{
	struct part parts[2] = {{.good = 20, .bad = 1, .ended = true}, {.good = 9}},
		    *list[2] = {&parts[0], &parts[1]};
	int terminal = posix_openpt(O_RDWR | O_NOCTTY), before = dup(STDERR_FILENO), slave;
	struct ticker *ticker, *none = NULL;

	pthread_mutex_init(&parts[0].lock, NULL);
	pthread_mutex_init(&parts[1].lock, NULL);
	if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0 ||
	    (slave = open(ptsname(terminal), O_RDWR | O_NOCTTY)) < 0) {
		printf("1..0 # SKIP no terminals here\n");
		return 0;
	}
	dup2(slave, STDERR_FILENO);
	setenv("TERM", "xterm", 1);
	ticker = ticker_start("reading", list, 2);
	is_str(behind_time(read_terminal(terminal, 'K', 1)), "  reading  1/2 files  30 rows\033[K",
	       "files that are read, and rows so far, good and bad");
	ticker_stop(&ticker);
	is_str(read_terminal(terminal, 'K', 1), "\r\033[K", "the line is taken away");
	ok(ticker == NULL, "and it has ended");
	ticker_stop(&none);

	ticker = ticker_start("judging", NULL, 0);
	is_str(behind_time(read_terminal(terminal, 'K', 1)), "  judging\033[K",
	       "without files: the stage");
	ticker_stop(&ticker);
	(void)read_terminal(terminal, 'K', 1);
	ticker = ticker_start("short", NULL, 0);
	ticker_stop(&ticker);
	setenv("TERM", "dumb", 1);
	ticker = ticker_start("dumb", NULL, 0);
	ticker_stop(&ticker);
	fputc('K', stderr);
	is_str(read_terminal(terminal, 'K', 1), "K", "what takes no time says nothing");
	dup2(before, STDERR_FILENO);
	return done_testing();
}
