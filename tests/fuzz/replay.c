/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Gives every file of the folders named on the command line to a fuzz target, without a fuzzer.
 * Without arguments replay_NAME takes tests/fuzz/NAME.in, seen from the top folder. Speaks TAP;
 * what breaks the target ends the program.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tests/tap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* In memory of exactly its size, so that a sanitizer sees the first octet too many. */
static bool replay(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct stat st;
	uint8_t *data = NULL;
	size_t len;
	bool read = false;

	if (file && fstat(fileno(file), &st) == 0 && S_ISREG(st.st_mode)) {
		len = (size_t)st.st_size;
		data = malloc(len > 0 ? len : 1);
		read = data && fread(data, 1, len, file) == len;
	}
	if (read)
		LLVMFuzzerTestOneInput(data, len);
	free(data);
	if (file)
		fclose(file);
	return read;
}

static int not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void replay_folder(const char *folder)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, not_hidden, alphasort);

	if (count <= 0)
		ok(false, "%s holds no inputs", folder);
	if (count < 0)
		return;
	for (int i = 0; i < count; i++) {
		char path[4096];
		int len = snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);

		fflush(stdout);
		ok(len > 0 && (size_t)len < sizeof(path) && replay(path), "%s", path);
		free(entries[i]);
	}
	free(entries);
}

int main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/');
	char folder[256];

	for (int i = 1; i < argc; i++)
		replay_folder(argv[i]);
	if (argc <= 1) {
		name = name ? name + 1 : argv[0];
		if (strncmp(name, "replay_", 7) == 0)
			name += 7;
		snprintf(folder, sizeof(folder), "tests/fuzz/%s.in", name);
		replay_folder(folder);
	}
	return done_testing();
}
