/* SPDX-License-Identifier: BSD-2-Clause */

#include "io/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CHUNK (256 * 1024)

struct digest {
	EVP_MD_CTX *context;
	bool failed;
};

struct digest *digest_create(void)
{
	struct digest *digest = calloc(1, sizeof(*digest));

	if (!digest)
		return NULL;
	digest->context = EVP_MD_CTX_new();
	if (digest->context && EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL) == 1)
		return digest;
	digest_destroy(&digest);
	return NULL;
}

void digest_destroy(struct digest **digest)
{
	if (!*digest)
		return;
	EVP_MD_CTX_free((*digest)->context);
	free(*digest);
	*digest = NULL;
}

void digest_add(struct digest *digest, const void *data, size_t len)
{
	if (EVP_DigestUpdate(digest->context, data, len) != 1)
		digest->failed = true;
}

void digest_text(struct digest *digest, char text[DIGEST_TEXT])
{
	unsigned char octets[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	text[0] = '\0';
	if (EVP_DigestFinal_ex(digest->context, octets, &len) != 1)
		digest->failed = true;
	for (unsigned i = 0; i < len && !digest->failed; i++)
		snprintf(text + 2 * i, 3, "%02x", octets[i]);
	digest->failed = EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL) != 1;
}

static int add_file(struct digest *digest, int fd, uint64_t octets)
{
	char *chunk = malloc(CHUNK);
	int error = chunk ? 0 : -ENOMEM;

	while (octets > 0 && error == 0) {
		ssize_t got = read(fd, chunk, octets < CHUNK ? (size_t)octets : CHUNK);

		if (got > 0) {
			digest_add(digest, chunk, (size_t)got);
			octets -= (uint64_t)got;
		} else if (got == 0) {
			error = -ENODATA;
		} else if (errno != EINTR) {
			error = -errno;
		}
	}
	free(chunk);
	return error;
}

int digest_file(const char *path, uint64_t octets, char text[DIGEST_TEXT])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct digest *digest;
	int error;

	text[0] = '\0';
	if (fd < 0)
		return -errno;
	digest = digest_create();
	error = digest ? add_file(digest, fd, octets) : -ENOMEM;
	if (error == 0)
		digest_text(digest, text);
	digest_destroy(&digest);
	close(fd);
	return error == 0 && text[0] == '\0' ? -ENOMEM : error;
}
