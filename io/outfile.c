/* SPDX-License-Identifier: BSD-2-Clause */

#include "io/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".part"

struct outfile {
	int fd;
	int error;     /* the first one, negative */
	bool in_place; /* no .part, no rename */
	uint64_t size;
	char *part; /* PATH.part, in one piece of memory with the struct */
	char path[];
};

/* What rename() would put a file in the place of, though it is none. */
static bool is_special(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

static int open_for_writing(const char *path, int how)
{
	return open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | how, 0666);
}

static int open_part(const struct outfile *file)
{
	struct stat st;

	/* Found out now rather than by rename() after a night's work. */
	if (stat(file->path, &st) == 0 && S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return -1;
	}
	if (file->path[0] == '\0') {
		errno = ENOENT;
		return -1;
	}
	/* Removed, not emptied: it may be a link that somebody else put there, or puts there now. */
	if (unlink(file->part) != 0 && errno != ENOENT)
		return -1;
	return open_for_writing(file->part, O_EXCL);
}

struct outfile *outfile_create(const char *path)
{
	size_t len = strlen(path);
	struct outfile *file = calloc(1, sizeof(*file) + 2 * (len + 1) + sizeof(SUFFIX));
	int error;

	if (!file)
		return NULL;
	memcpy(file->path, path, len + 1);
	file->part = file->path + len + 1;
	memcpy(file->part, path, len);
	memcpy(file->part + len, SUFFIX, sizeof(SUFFIX));
	if (strcmp(path, "-") == 0) {
		file->in_place = true;
		file->fd = STDOUT_FILENO;
	} else if (is_special(path)) {
		file->in_place = true;
		file->fd = open_for_writing(path, O_TRUNC);
	} else {
		file->fd = open_part(file);
	}
	if (file->fd < 0) {
		error = errno;
		free(file);
		errno = error;
		return NULL;
	}
	return file;
}

int outfile_write(struct outfile *file, const void *data, size_t len)
{
	const char *next = data;

	while (len > 0 && file->error == 0) {
		struct pollfd writable = {.fd = file->fd, .events = POLLOUT};
		ssize_t written = write(file->fd, next, len);

		if (written > 0) {
			next += written;
			len -= (size_t)written;
			file->size += (uint64_t)written;
		} else if (written == 0) {
			file->error = -EIO;
		} else if (errno == EAGAIN) {
			/* a standard output that somebody made non-blocking */
			(void)poll(&writable, 1, -1);
		} else if (errno != EINTR) {
			file->error = -errno;
		}
	}
	return file->error;
}

int outfile_cut(struct outfile *file, uint64_t size)
{
	if (file->in_place)
		return file->error != 0 ? file->error : -ESPIPE;
	if (size > file->size || ftruncate(file->fd, (off_t)size) != 0 ||
	    lseek(file->fd, (off_t)size, SEEK_SET) < 0)
		return file->error = size > file->size ? -EINVAL : -errno;
	file->size = size;
	file->error = 0;
	return 0;
}

uint64_t outfile_size(const struct outfile *file)
{
	return file->size;
}

/* Pipes and terminals have nothing to sync, and say so. */
static int sync_fd(int fd)
{
	if (fsync(fd) == 0 || errno == EINVAL || errno == ENOTSUP || errno == EROFS)
		return 0;
	return -errno;
}

int outfile_sync(const struct outfile *file)
{
	return sync_fd(file->fd);
}

/* A rename is on the disk when its directory is. */
static int sync_directory(char *path)
{
	int fd = open(dirname(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error;

	if (fd < 0) /* writable but not readable: then the kernel does it in its own time */
		return errno == EACCES ? 0 : -errno;
	error = sync_fd(fd);
	close(fd);
	return error;
}

/* Standard output stays open for others. */
static int close_file(const struct outfile *file)
{
	if (file->fd == STDOUT_FILENO)
		return 0;
	return close(file->fd) == 0 || errno == EINTR ? 0 : -errno;
}

int outfile_commit(struct outfile **file)
{
	struct outfile *out = *file;
	int error = out->error;
	int close_error;

	if (error == 0)
		error = sync_fd(out->fd);
	close_error = close_file(out);
	if (error == 0)
		error = close_error;
	if (error == 0 && !out->in_place) {
		if (rename(out->part, out->path) != 0)
			error = -errno;
		else
			error = sync_directory(out->path);
	}
	free(out);
	*file = NULL;
	return error;
}

void outfile_abandon(struct outfile **file)
{
	if (!*file)
		return;
	(void)close_file(*file);
	if (!(*file)->in_place)
		(void)unlink((*file)->part);
	free(*file);
	*file = NULL;
}

bool outfile_lock_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
		return true;
	close(fd);
	return false;
}

int outfile_put(const char *path, const void *data, size_t len)
{
	struct outfile *file = outfile_create(path);
	char *part;
	int error;

	if (!file)
		return -errno;
	error = outfile_write(file, data, len);
	if (error != 0) {
		outfile_abandon(&file);
		return error;
	}
	error = outfile_commit(&file);
	if (error != 0 && asprintf(&part, "%s" SUFFIX, path) >= 0) {
		(void)unlink(part); /* it can be put once more, and nobody takes it for something */
		free(part);
	}
	return error;
}
