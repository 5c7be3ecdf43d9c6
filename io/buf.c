/* SPDX-License-Identifier: BSD-2-Clause */

#include "io/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SMALLEST 256

bool buf_grow(struct buf *buf, size_t more)
{
	size_t need, cap;
	char *data;

	if (buf->failed)
		return false;
	/* No object is larger than PTRDIFF_MAX; below it neither the sum nor the doubling
	 * overflows. */
	if (more > (size_t)PTRDIFF_MAX - buf->len) {
		buf->failed = true;
		return false;
	}
	need = buf->len + more;
	cap = buf->cap < SMALLEST ? SMALLEST : buf->cap * 2;
	if (cap < need)
		cap = need;
	data = realloc(buf->data, cap);
	if (!data) {
		buf->failed = true;
		return false;
	}
	buf->data = data;
	buf->cap = cap;
	return true;
}

void buf_add(struct buf *buf, const void *data, size_t len)
{
	if (len == 0 || !buf_reserve(buf, len))
		return;
	memcpy(buf->data + buf->len, data, len);
	buf->len += len;
}

void buf_add_str(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void buf_addf(struct buf *buf, const char *format, ...)
{
	va_list args;
	size_t room;
	int len;

	if (!buf_reserve(buf, 1))
		return;
	room = buf->cap - buf->len;
	va_start(args, format);
	len = vsnprintf(buf->data + buf->len, room, format, args);
	va_end(args);
	if (len >= 0 && (size_t)len >= room) {
		if (!buf_reserve(buf, (size_t)len + 1))
			return;
		va_start(args, format);
		len = vsnprintf(buf->data + buf->len, (size_t)len + 1, format, args);
		va_end(args);
	}
	if (len < 0) /* an encoding error, or more than INT_MAX octets */
		buf->failed = true;
	else
		buf->len += (size_t)len;
}

const char *buf_text(struct buf *buf)
{
	if (!buf_reserve(buf, 1))
		return NULL;
	buf->data[buf->len] = '\0';
	return buf->data;
}

void buf_clear(struct buf *buf)
{
	buf->len = 0;
}

void buf_free(struct buf *buf)
{
	free(buf->data);
	*buf = BUF_EMPTY;
}
