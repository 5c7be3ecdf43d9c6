/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/sort/merge.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME "questions.gz"

static bool refuse(const char *path, const char *why, FILE *messages)
{
	fprintf(messages, "%s/%s: %s\n", path, NAME, why);
	return false;
}

static bool take(struct record_reader *reader, const char *path, struct head *head, unsigned number,
		 FILE *messages)
{
	struct record record;

	switch (record_reader_next(reader, &record)) {
	case 1:
		return head_take(head, &record, number) ||
		       refuse(path, "not the questions of a report, or of another version",
			      messages);
	case 0:
		return refuse(path, "is empty", messages);
	default:
		return refuse(path, record_reader_error(reader), messages);
	}
}

/* Under whatever path. */
static bool is_given_before(int fd, char *const *paths, unsigned before)
{
	struct stat info, other;
	char file[4096];

	for (unsigned i = 0; i < before && fstat(fd, &info) == 0; i++) {
		snprintf(file, sizeof(file), "%s/%s", paths[i], NAME);
		if (stat(file, &other) == 0 && other.st_ino == info.st_ino &&
		    other.st_dev == info.st_dev)
			return true;
	}
	return false;
}

static bool open_report(char *const *paths, unsigned at, struct head *head, struct sorter *sorter,
			FILE *messages)
{
	const char *path = paths[at];
	struct record_reader *reader;
	char file[4096];
	bool good;
	int fd, error;

	if (snprintf(file, sizeof(file), "%s/%s", path, NAME) >= (int)sizeof(file))
		return refuse(path, strerror(ENAMETOOLONG), messages);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return refuse(path, strerror(errno), messages);
	if (is_given_before(fd, paths, at)) {
		fprintf(messages, "%s: is given twice, and read once\n", path);
		close(fd);
		return true;
	}
	reader = record_reader_fd(fd);
	if (!reader) {
		error = errno;
		close(fd);
		return refuse(path, strerror(error), messages);
	}
	good = take(reader, path, head, at + 1, messages);
	record_reader_close(&reader);
	if (!good)
		return false;
	fd = open(file, O_RDONLY | O_CLOEXEC);
	error = fd < 0 ? -errno : sorter_add(sorter, fd, at + 1);
	return error == 0 || refuse(path, strerror(-error), messages);
}

bool merge_open(char *const *paths, size_t count, struct head *head, struct sorter *sorter,
		FILE *messages)
{
	for (size_t i = 0; i < count; i++)
		if (!open_report(paths, (unsigned)i, head, sorter, messages))
			return false;
	return true;
}

size_t merge_tell(char *const *paths, const struct sorter *sorter, FILE *messages)
{
	size_t count;
	const struct sorter_damage *damages = sorter_damages(sorter, &count);

	for (size_t i = 0; i < count; i++)
		fprintf(messages, "%s/%s: %s; the questions before that count\n",
			paths[damages[i].source - 1], NAME, damages[i].why);
	return count;
}
