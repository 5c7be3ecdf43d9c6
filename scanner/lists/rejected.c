/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/lists/rejected.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/buf.h"
#include "io/gzip.h"
#include "io/outfile.h"
#include "results/dictionary.h"

#define MEMBER_MAX (256 * 1024) /* plain octets in one gzip member */
#define LEVEL	   6

struct rejected {
	struct outfile *file;
	struct gzip_deflater *deflater;
	struct buf plain, packed;
	int error;
};

static void destroy(struct rejected *rejected)
{
	gzip_deflater_destroy(&rejected->deflater);
	buf_free(&rejected->plain);
	buf_free(&rejected->packed);
	free(rejected);
}

struct rejected *rejected_create(const char *path)
{
	struct rejected *rejected = calloc(1, sizeof(*rejected));

	if (!rejected)
		return NULL;
	rejected->file = outfile_create(path);
	if (!rejected->file) {
		int error = errno;

		destroy(rejected);
		errno = error;
		return NULL;
	}
	rejected->deflater = gzip_deflater_create(LEVEL);
	if (!rejected->deflater) {
		outfile_abandon(&rejected->file);
		destroy(rejected);
		errno = ENOMEM;
		return NULL;
	}
	if (buf_reserve(&rejected->plain, CSV_PAIR_MAX))
		rejected->plain.len = csv_header(rejected->plain.data, rejected_columns);
	return rejected;
}

static void flush(struct rejected *rejected)
{
	buf_clear(&rejected->packed);
	if (rejected->error == 0 &&
	    (rejected->plain.failed || !gzip_member(rejected->deflater, rejected->plain.data,
						    rejected->plain.len, &rejected->packed)))
		rejected->error = -ENOMEM;
	if (rejected->error == 0)
		rejected->error =
			outfile_write(rejected->file, rejected->packed.data, rejected->packed.len);
	buf_clear(&rejected->plain);
}

/* Octets of the printable UTF-8 character (RFC 3629) at text: 2..4, or 0 when there is none. */
static size_t utf8_char(const unsigned char *text, size_t len)
{
	size_t need = text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : 2;
	uint32_t code = text[0] & (0xffu >> (need + 1));

	if (text[0] < 0xc2 || text[0] > 0xf4 || len < need)
		return 0;
	for (size_t i = 1; i < need; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (text[i] & 0x3f);
	}
	/* C1 controls, over-long forms, surrogates, beyond the last one. */
	if (code < 0xa0 || (need == 3 && code < 0x800) || (need == 4 && code < 0x10000) ||
	    (code >= 0xd800 && code < 0xe000) || code > 0x10ffff)
		return 0;
	return need;
}

/* One quoted CSV field. */
static void add_field(struct buf *buf, const char *text, size_t len)
{
	const unsigned char *at = (const unsigned char *)text;

	buf_add(buf, "\"", 1);
	for (size_t i = 0; i < len; i++) {
		size_t more = at[i] >= 0x80 ? utf8_char(at + i, len - i) : 0;

		if (more > 0) {
			buf_add(buf, at + i, more);
			i += more - 1;
		} else if (at[i] == '"') {
			buf_add(buf, "\"\"", 2);
		} else if (at[i] < 32 || at[i] >= 127 || at[i] == '\\') {
			buf_addf(buf, "\\x%02x", at[i]);
		} else {
			buf_add(buf, at + i, 1);
		}
	}
	buf_add(buf, "\"", 1);
}

void rejected_add(struct rejected *rejected, const char *file, uint64_t line,
		  enum name_reason reason, const char *text, size_t len)
{
	struct buf *plain = &rejected->plain;

	if (rejected->error)
		return;
	add_field(plain, file, strlen(file));
	buf_addf(plain, ",%llu,%s,", (unsigned long long)line, name_reason_text(reason));
	add_field(plain, text, len < REJECTED_TEXT_MAX ? len : REJECTED_TEXT_MAX);
	buf_add_str(plain, "\n");
	if (plain->len >= MEMBER_MAX)
		flush(rejected);
}

int rejected_close(struct rejected **rejected)
{
	struct rejected *it = *rejected;
	int error, commit_error;

	flush(it);
	error = it->error;
	commit_error = outfile_commit(&it->file);
	destroy(it);
	*rejected = NULL;
	return error ? error : commit_error;
}

void rejected_abandon(struct rejected **rejected)
{
	if (!*rejected)
		return;
	outfile_abandon(&(*rejected)->file);
	destroy(*rejected);
	*rejected = NULL;
}
