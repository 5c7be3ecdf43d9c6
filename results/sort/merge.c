/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/sort/merge.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
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

static bool open_report(const char *path, struct head *head, struct sorter *sorter, unsigned number,
			FILE *messages)
{
	struct record_reader *reader;
	char file[4096];
	bool good;
	int fd, error;

	if (snprintf(file, sizeof(file), "%s/%s", path, NAME) >= (int)sizeof(file))
		return refuse(path, strerror(ENAMETOOLONG), messages);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return refuse(path, strerror(errno), messages);
	reader = record_reader_fd(fd);
	if (!reader) {
		error = errno;
		close(fd);
		return refuse(path, strerror(error), messages);
	}
	good = take(reader, path, head, number, messages);
	record_reader_close(&reader);
	if (!good)
		return false;
	fd = open(file, O_RDONLY | O_CLOEXEC);
	error = fd < 0 ? -errno : sorter_add(sorter, fd, number);
	return error == 0 || refuse(path, strerror(-error), messages);
}

bool merge_open(char *const *paths, size_t count, struct head *head, struct sorter *sorter,
		FILE *messages)
{
	for (size_t i = 0; i < count; i++)
		if (!open_report(paths[i], head, sorter, (unsigned)i + 1, messages))
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
