/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Started as root, the program becomes the owner of the directory that its run goes into, unless
 * that is root as well, or could not read or write what there is to be read and written.
 */
#include "scanner/program.h"

#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/user.h"

#define NO_GROUP 65534 /* rather than root's */

/* Where something is put: path itself if it is there, else the directory that it would be in.
 * False: it is too long. */
static bool place_of(const char *path, bool itself, char place[PATH_MAX])
{
	char text[PATH_MAX];
	struct stat st;

	if (strlen(path) >= PATH_MAX)
		return false;
	strcpy(text, path);
	strcpy(place, itself && stat(path, &st) == 0 ? path : dirname(text));
	return true;
}

static bool is_open(const char *path)
{
	return path == NULL || strcmp(path, "-") == 0 || access(path, R_OK) == 0 || errno == ENOENT;
}

/* What a run before left, and is written on. */
static bool owns_files(const char *dir)
{
	char path[PATH_MAX];
	DIR *stream = opendir(dir);
	const struct dirent *entry;
	bool good = stream != NULL || errno == ENOENT;

	while (stream != NULL && good && (entry = readdir(stream)) != NULL)
		good = snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name) <
			       (int)sizeof(path) &&
		       access(path, R_OK | W_OK) == 0;
	if (stream != NULL)
		closedir(stream);
	return good;
}

/* All that is opened from now on; the rest is. */
static bool can_do_all(const struct options *options)
{
	char place[PATH_MAX];
	struct stat st;
	bool good = place_of(options->output, true, place) && access(place, W_OK | X_OK) == 0 &&
		    is_open(options->exclude_file) && is_open(options->config_file);

	for (int i = 0; good && i < options->name_count; i++)
		good = is_open(options->names[i]);
	if (good && options->resume)
		good = owns_files(options->output);
	if (good && options->metrics_file != NULL)
		good = place_of(options->metrics_file,
				stat(options->metrics_file, &st) == 0 && !S_ISREG(st.st_mode),
				place) &&
		       access(place, W_OK) == 0;
	return good;
}

int program_leave_root(struct program *program)
{
	const struct options *options = &program->options;
	char place[PATH_MAX];
	struct stat st;
	struct user *user;

	if (geteuid() != 0 || program_to_standard_output(program) ||
	    !place_of(options->output, true, place) || stat(place, &st) != 0 || st.st_uid == 0)
		return EXIT_DONE;
	user = user_try(st.st_uid, st.st_gid == 0 ? NO_GROUP : st.st_gid);
	if (user != NULL && can_do_all(options))
		(void)user_stay(user);
	else if (user != NULL)
		user_return(user);
	return EXIT_DONE;
}
