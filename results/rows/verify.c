/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/rows/verify.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "io/digest.h"

bool verify_part(const char *path, const struct manifest_part *part, char why[VERIFY_WHY_MAX])
{
	char sha256[DIGEST_TEXT];
	struct stat st;
	int error;

	why[0] = '\0';
	if (!part->sha256[0])
		return true;
	error = stat(path, &st) == 0 ? 0 : -errno;
	if (error == 0 && (uint64_t)st.st_size != part->octets)
		snprintf(why, VERIFY_WHY_MAX, "%lld octets, run.json says %llu",
			 (long long)st.st_size, (unsigned long long)part->octets);
	else if (error == 0 && (error = digest_file(path, part->octets, sha256)) == 0 &&
		 strcmp(sha256, part->sha256) != 0)
		snprintf(why, VERIFY_WHY_MAX, "SHA-256 is %s, run.json says %.64s", sha256,
			 part->sha256);
	if (error)
		snprintf(why, VERIFY_WHY_MAX, "%s", strerror(-error));
	return !why[0];
}
