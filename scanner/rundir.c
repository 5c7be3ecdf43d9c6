/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/rundir.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/outfile.h"

/* What only a run leaves behind; a run that did not start leaves no more than resolvers.csv. */
static bool is_of_run(const char *name)
{
	static const char *const starts[] = {"run.json", "pairs-", "evidence-", "rejected.csv.gz"};

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (strncmp(name, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

static bool is_free(const char *dir, struct buf *errors)
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
		buf_addf(errors, "%s holds a run already (%s)\n", dir, entry->d_name);
	closedir(stream);
	return good;
}

bool rundir_make(const char *dir, struct buf *errors)
{
	if (strlen(dir) > PATH_MAX - 64) {
		buf_addf(errors, "%s: %s\n", dir, strerror(ENAMETOOLONG));
		return false;
	}
	if (mkdir(dir, 0777) == 0)
		return true;
	if (errno != EEXIST) {
		buf_addf(errors, "%s: %s\n", dir, strerror(errno));
		return false;
	}
	if (!is_free(dir, errors))
		return false;
	if (access(dir, W_OK | X_OK) == 0)
		return true;
	buf_addf(errors, "%s: %s\n", dir, strerror(errno));
	return false;
}

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
