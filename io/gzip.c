/* SPDX-License-Identifier: BSD-2-Clause */

#include "io/gzip.h"

#include <assert.h>
#include <stdlib.h>
#include <zlib.h>

#ifdef HAVE_ISAL
#include <isa-l/igzip_lib.h>
#endif

#define WINDOW_BITS_GZIP                                                                           \
	(15 + 16) /* zlib.h: the largest window; 16 more: a gzip wrapper, nothing else */

#ifdef HAVE_ISAL
struct isal {
	struct isal_zstream stream;
	uint8_t workspace[];
};

static struct isal *isal_create(int level)
{
	uint32_t size = level == 1 ? ISAL_DEF_LVL1_DEFAULT : ISAL_DEF_LVL2_DEFAULT;
	struct isal *isal = malloc(sizeof(*isal) + size);

	if (!isal)
		return NULL;
	isal_deflate_init(&isal->stream);
	isal->stream.level = (uint32_t)level;
	isal->stream.level_buf = isal->workspace;
	isal->stream.level_buf_size = size;
	return isal;
}
#endif

struct gzip_deflater {
#ifdef HAVE_ISAL
	struct isal *isal; /* NULL: zlib does it */
#endif
	z_stream zlib;
};

struct gzip_deflater *gzip_deflater_create(int level)
{
	struct gzip_deflater *deflater = calloc(1, sizeof(*deflater));
	int status;

	assert(level >= 1 && level <= 9);
	if (!deflater)
		return NULL;
#ifdef HAVE_ISAL
	if (level <= 2) {
		deflater->isal = isal_create(level);
		if (!deflater->isal) {
			free(deflater);
			return NULL;
		}
		return deflater;
	}
#endif
	status = deflateInit2(&deflater->zlib, level, Z_DEFLATED, WINDOW_BITS_GZIP, 8,
			      Z_DEFAULT_STRATEGY);
	if (status != Z_OK) {
		free(deflater);
		return NULL;
	}
	return deflater;
}

void gzip_deflater_destroy(struct gzip_deflater **deflater)
{
	if (!*deflater)
		return;
#ifdef HAVE_ISAL
	free((*deflater)->isal);
#endif
	deflateEnd(&(*deflater)->zlib); /* harmless where it was never begun */
	free(*deflater);
	*deflater = NULL;
}

const char *gzip_deflater_name(const struct gzip_deflater *deflater)
{
#ifdef HAVE_ISAL
	if (deflater->isal)
		return "isa-l";
#endif
	(void)deflater;
	return "zlib";
}

/* Room for what rows usually shrink to; where they do not, gzip_member() comes again. */
static bool make_room(struct buf *out, size_t len)
{
	return buf_reserve(out, len / 4 + 4096);
}

static uInt room(const struct buf *out)
{
	size_t left = out->cap - out->len;

	return left < UINT32_MAX ? (uInt)left : UINT32_MAX;
}

#ifdef HAVE_ISAL
static bool isal_member(struct isal *isal, const void *data, size_t len, struct buf *out)
{
	struct isal_zstream *stream = &isal->stream;

	isal_deflate_reset(stream);
	stream->gzip_flag = IGZIP_GZIP;
	stream->end_of_stream = 1;
	stream->flush = NO_FLUSH;
	stream->next_in = (uint8_t *)(uintptr_t)data; /* isa-l does not write to it */
	stream->avail_in = (uint32_t)len;
	do {
		uint32_t before;

		if (!make_room(out, len))
			return false;
		stream->next_out = (uint8_t *)out->data + out->len;
		stream->avail_out = before = room(out);
		if (isal_deflate(stream) != COMP_OK)
			abort(); /* only ever for a wrong parameter */
		out->len += before - stream->avail_out;
	} while (stream->internal_state.state != ZSTATE_END);
	return true;
}
#endif

static bool zlib_member(z_stream *stream, const void *data, size_t len, struct buf *out)
{
	int status;

	deflateReset(stream);
	stream->next_in = (Bytef *)(uintptr_t)data; /* zlib does not write to it */
	stream->avail_in = (uInt)len;
	do {
		uInt before;

		if (!make_room(out, len))
			return false;
		stream->next_out = (Bytef *)out->data + out->len;
		stream->avail_out = before = room(out);
		status = deflate(stream, Z_FINISH);
		assert(status == Z_OK || status == Z_STREAM_END);
		out->len += before - stream->avail_out;
	} while (status != Z_STREAM_END);
	return true;
}

bool gzip_member(struct gzip_deflater *deflater, const void *data, size_t len, struct buf *out)
{
	size_t before = out->len;
	bool good;

	assert(len <= GZIP_MEMBER_MAX);
#ifdef HAVE_ISAL
	if (deflater->isal)
		good = isal_member(deflater->isal, data, len, out);
	else
#endif
		good = zlib_member(&deflater->zlib, data, len, out);
	if (!good)
		out->len = before;
	return good;
}
