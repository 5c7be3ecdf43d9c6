/* SPDX-License-Identifier: BSD-2-Clause */

/* The input of a fuzz target as a file, for what reads files: in memory, with a path of its own. */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Leaves its path in path, unless that is NULL. Returns its descriptor, which is to be closed. */
static inline int memory_file(char path[64], const void *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	if (path)
		snprintf(path, 64, "/proc/self/fd/%d", fd);
	return fd;
}
