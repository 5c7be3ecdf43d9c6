/* SPDX-License-Identifier: BSD-2-Clause */

#include "io/standard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>

void standard_hold(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/", O_PATH | O_DIRECTORY);
}

void standard_ignore_signals(void)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

bool standard_printed(FILE *out)
{
	if (fflush(out) != 0)
		return false;
	/* An earlier call failed; what errno said then, others may have overwritten. */
	if (ferror(out) && errno == 0)
		errno = EIO;
	return !ferror(out);
}
