/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * bench-measure FILE COMMAND [ARGUMENT]...: runs a command and writes one line about it to FILE:
 *
 *     user_s sys_s wall_s maxrss_kib status
 *
 * as wait4(2) tells: the whole process with all its threads, and the children it waited for. Exits
 * with the command's status (128 + signal when it was killed).
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/clock.h"

static double seconds(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
	struct rusage usage;
	int64_t start_ns = clock_mono_ns();
	int state, status;
	FILE *out;
	pid_t pid;

	if (argc < 3) {
		fputs("usage: bench-measure FILE COMMAND [ARGUMENT]...\n", stderr);
		return 2;
	}
	pid = fork();
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &state, 0, &usage) < 0) {
		perror("bench-measure");
		return 3;
	}
	status = WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
	out = fopen(argv[1], "w");
	if (!out) {
		perror(argv[1]);
		return 3;
	}
	fprintf(out, "%.6f %.6f %.6f %ld %d\n", seconds(usage.ru_utime), seconds(usage.ru_stime),
		(double)(clock_mono_ns() - start_ns) / 1e9, usage.ru_maxrss, status);
	return fclose(out) == 0 ? status : 3;
}
