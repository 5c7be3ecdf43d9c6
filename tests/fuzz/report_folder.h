/* SPDX-License-Identifier: BSD-2-Clause */

/* The input of a fuzz target as a file of a report: a folder of this process, gone at its end. */
#pragma once

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char report_folder_path[] = "/tmp/fuzz-report-XXXXXX", report_folder_file[64];

static inline void report_folder_remove(void)
{
	unlink(report_folder_file);
	rmdir(report_folder_path);
}

/* The folder's path; the only file in it, always the same one, is called file. */
static inline const char *report_folder(const char *file, const void *data, size_t size)
{
	static int fd = -1;

	if (fd < 0) {
		if (!mkdtemp(report_folder_path))
			abort();
		snprintf(report_folder_file, sizeof(report_folder_file), "%s/%s",
			 report_folder_path, file);
		fd = open(report_folder_file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		atexit(report_folder_remove);
	}
	if (fd < 0 || ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	return report_folder_path;
}
