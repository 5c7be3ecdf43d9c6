/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/run/rundir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/digest.h"
#include "io/outfile.h"
#include "results/rows/delegations.h"
#include "scanner/run/journal.h"

#define PART ".part"

/* What only a run leaves behind; a run that did not start leaves no more than resolvers.csv. */
static bool is_of_run(const char *name)
{
	static const char *const starts[] = {"run.json",	"pairs-",	  "evidence-",
					     "rejected.csv.gz", DELEGATIONS_FILE, JOURNAL_FILE};

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (strncmp(name, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

static bool has(const char *dir, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return access(path, F_OK) == 0;
}

bool rundir_is_free(const char *dir, struct buf *errors)
{
	DIR *stream = opendir(dir);
	const struct dirent *entry;
	bool good = true;

	if (stream == NULL) {
		buf_addf(errors, "%s: %s\n", dir, strerror(errno));
		return false;
	}
	while (good && (entry = readdir(stream)) != NULL)
		good = !is_of_run(entry->d_name);
	if (!good)
		buf_addf(errors, "%s holds a run already (%s%s)\n", dir, entry->d_name,
			 has(dir, JOURNAL_FILE) ? "; --resume goes on with it"
						: "; choose another");
	closedir(stream);
	return good;
}

static bool lock(const char *dir, struct buf *errors)
{
	bool free = outfile_lock_folder(dir);

	if (!free)
		buf_addf(errors, "%s: another scan is writing there\n", dir);
	return free;
}

bool rundir_make(const char *dir, bool resume, struct buf *errors)
{
	if (strlen(dir) > PATH_MAX - 64) {
		buf_addf(errors, "%s: %s\n", dir, strerror(ENAMETOOLONG));
		return false;
	}
	if (mkdir(dir, 0777) == 0)
		return lock(dir, errors);
	if (errno != EEXIST) {
		buf_addf(errors, "%s: %s\n", dir, strerror(errno));
		return false;
	}
	if (!lock(dir, errors) || (!resume && !rundir_is_free(dir, errors)))
		return false;
	if (access(dir, W_OK | X_OK) == 0)
		return true;
	buf_addf(errors, "%s: %s\n", dir, strerror(errno));
	return false;
}

/* ---- resuming ---- */

/* Cuts an open file, and brings that to the disk. 0 or -errno. */
static int cut(int fd, uint64_t octets)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return -errno;
	if ((uint64_t)st.st_size < octets)
		return -ENODATA;
	if ((uint64_t)st.st_size > octets && ftruncate(fd, (off_t)octets) != 0)
		return -errno;
	return fsync(fd) == 0 ? 0 : -errno;
}

/* The file of a part, be it finished or not: cut to what counts, under its final name. 0 or -errno. */
static int take_up_part(const char *dir, struct manifest_part *part)
{
	char path[PATH_MAX], unfinished[PATH_MAX + sizeof(PART)], sha256[DIGEST_TEXT];
	bool finished;
	int fd, error;

	snprintf(path, sizeof(path), "%s/%s", dir, part->name);
	snprintf(unfinished, sizeof(unfinished), "%s" PART, path);
	fd = open(path, O_RDWR | O_CLOEXEC);
	finished = fd >= 0 || errno != ENOENT;
	if (!finished)
		fd = open(unfinished, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	error = cut(fd, part->octets);
	close(fd);
	if (error == 0 && !finished && rename(unfinished, path) != 0)
		error = -errno;
	if (error == 0 && part->sha256[0] == '\0')
		error = digest_file(path, part->octets, sha256);
	else
		return error;
	if (error == 0 && !manifest_set(&part->sha256, sha256))
		error = -ENOMEM;
	return error;
}

static bool is_listed(const struct manifest *manifest, const char *name)
{
	for (size_t i = 0; i < manifest->part_count; i++)
		if (strcmp(manifest->parts[i].name, name) == 0)
			return true;
	return false;
}

/* Files of rows that came after what was recorded, and what is not true any more. */
static bool remove_strays(const char *dir, const struct manifest *manifest, struct buf *errors)
{
	DIR *stream = opendir(dir);
	const struct dirent *entry;
	bool good = stream != NULL;

	if (stream == NULL)
		buf_addf(errors, "%s: %s\n", dir, strerror(errno));
	while (good && (entry = readdir(stream)) != NULL) {
		const char *name = entry->d_name;
		bool rows = strncmp(name, "pairs-", 6) == 0 || strncmp(name, "evidence-", 9) == 0;

		if ((rows && !is_listed(manifest, name)) || strcmp(name, "run.json") == 0)
			good = rundir_remove(dir, name, errors);
	}
	if (stream != NULL)
		closedir(stream);
	return good;
}

bool rundir_take_up(const char *dir, struct manifest *manifest, struct buf *errors)
{
	size_t kept = 0;

	for (size_t i = 0; i < manifest->part_count; i++) {
		struct manifest_part *part = &manifest->parts[i], empty;
		int error = part->rows > 0 ? take_up_part(dir, part) : 0;

		if (error != 0) {
			buf_addf(errors, "%s/%s: %s\n", dir, part->name,
				 error == -ENODATA ? "is shorter than it was" : strerror(-error));
			return false;
		}
		if (part->rows == 0)
			continue;
		empty = manifest->parts[kept];
		manifest->parts[kept++] = *part;
		*part = empty;
	}
	manifest_cut_parts(manifest, kept);
	return remove_strays(dir, manifest, errors);
}

bool rundir_remove(const char *dir, const char *name, struct buf *errors)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (unlink(path) == 0 || errno == ENOENT)
		return true;
	buf_addf(errors, "%s: %s\n", path, strerror(errno));
	return false;
}

/* ---- files ---- */

bool rundir_put(const char *dir, const char *name, const void *data, size_t len, struct buf *errors)
{
	char path[PATH_MAX];
	int error;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	error = outfile_put(path, data, len);
	if (error != 0)
		buf_addf(errors, "%s: %s\n", path, strerror(-error));
	return error == 0;
}
