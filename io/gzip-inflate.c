/* SPDX-License-Identifier: BSD-2-Clause */

#include "io/gzip-inflate.h"

#include <stdlib.h>
#include <string.h>

static uint32_t at_most(size_t len)
{
	return len < INT32_MAX ? (uint32_t)len : INT32_MAX;
}

#ifdef HAVE_ISAL
#include <isa-l/igzip_lib.h>

/* isal_inflate() would read the header too, but forgets at the end of each input which fields are
 * still to come: one that comes in pieces would be taken for another. */
struct inflater {
	const char *error;
	struct isal_gzip_header header;
	struct inflate_state state;
};

struct inflater *inflater_create(void)
{
	struct inflater *inflater = calloc(1, sizeof(*inflater));

	if (inflater)
		isal_inflate_init(&inflater->state);
	return inflater;
}

void inflater_destroy(struct inflater **inflater)
{
	free(*inflater);
	*inflater = NULL;
}

void inflater_begin(struct inflater *inflater)
{
	isal_inflate_reset(&inflater->state);
	inflater->state.crc_flag = ISAL_GZIP;
	memset(&inflater->header, 0, sizeof(inflater->header));
}

static const char *reason(int status)
{
	switch (status) {
	case ISAL_INVALID_BLOCK:
		return "invalid block";
	case ISAL_INVALID_SYMBOL:
		return "invalid symbol";
	case ISAL_INVALID_LOOKBACK:
		return "invalid distance";
	case ISAL_UNSUPPORTED_METHOD:
		return "unknown compression method";
	case ISAL_INCORRECT_CHECKSUM:
		return "incorrect sum or length";
	default:
		return "invalid header";
	}
}

enum inflated inflater_run(struct inflater *inflater, struct octets *in, struct room *out)
{
	struct inflate_state *state = &inflater->state;
	uint32_t given = at_most(in->left), room = at_most(out->left);
	int status = ISAL_DECOMP_OK;

	state->next_in = (uint8_t *)(uintptr_t)in->next; /* isa-l does not write to it */
	state->avail_in = given;
	state->next_out = out->next;
	state->avail_out = room;
	if (!state->wrapper_flag)
		status = isal_read_gzip_header(state, &inflater->header);
	if (state->wrapper_flag)
		status = isal_inflate(state);
	in->next += given - state->avail_in;
	in->left -= given - state->avail_in;
	out->next += room - state->avail_out;
	out->left -= room - state->avail_out;
	if (status < 0) {
		inflater->error = reason(status);
		return INFLATED_BAD;
	}
	return state->block_state == ISAL_BLOCK_FINISH ? INFLATED_END : INFLATED_SOME;
}

#else
#include <zlib.h>

#define WINDOW_BITS_GZIP (15 + 16) /* the largest window; 16 more: a gzip wrapper, nothing else */

struct inflater {
	const char *error;
	z_stream stream;
};

struct inflater *inflater_create(void)
{
	struct inflater *inflater = calloc(1, sizeof(*inflater));

	if (inflater && inflateInit2(&inflater->stream, WINDOW_BITS_GZIP) != Z_OK) {
		free(inflater);
		inflater = NULL;
	}
	return inflater;
}

void inflater_destroy(struct inflater **inflater)
{
	if (*inflater)
		inflateEnd(&(*inflater)->stream);
	free(*inflater);
	*inflater = NULL;
}

void inflater_begin(struct inflater *inflater)
{
	inflateReset(&inflater->stream);
}

enum inflated inflater_run(struct inflater *inflater, struct octets *in, struct room *out)
{
	z_stream *z = &inflater->stream;
	uint32_t given = at_most(in->left), room = at_most(out->left);
	int status;

	z->next_in = (Bytef *)(uintptr_t)in->next; /* zlib does not write to it */
	z->avail_in = given;
	z->next_out = out->next;
	z->avail_out = room;
	status = inflate(z, Z_NO_FLUSH);
	in->next += given - z->avail_in;
	in->left -= given - z->avail_in;
	out->next += room - z->avail_out;
	out->left -= room - z->avail_out;
	if (status == Z_STREAM_END)
		return INFLATED_END;
	if (status == Z_OK ||
	    status == Z_BUF_ERROR) /* the latter: nothing to take, nothing to give */
		return INFLATED_SOME;
	inflater->error = z->msg		  ? z->msg
			  : status == Z_MEM_ERROR ? "out of memory"
						  : "invalid data";
	return INFLATED_BAD;
}
#endif

const char *inflater_error(const struct inflater *inflater)
{
	return inflater->error;
}
