/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * view -- a text by reference: where it lies and how long it is. It owns nothing and does not end in
 * a NUL; text may be NULL when len is 0. Octets are compared as they are: names in rows are lower
 * case already.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct view {
	const char *text;
	size_t len;
};

static inline struct view view_of(const char *text)
{
	return (struct view){text, strlen(text)};
}

static inline bool view_equal(struct view a, struct view b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.text, b.text, a.len) == 0);
}

static inline bool view_is(struct view view, const char *text)
{
	return view_equal(view, view_of(text));
}

static inline bool view_begins(struct view view, const char *text)
{
	size_t len = strlen(text);

	return view.len >= len && (len == 0 || memcmp(view.text, text, len) == 0);
}

/* By octets, a prefix first: < 0, 0, > 0. */
static inline int view_order(struct view a, struct view b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len ? memcmp(a.text, b.text, len) : 0;

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

/* Of two names without a trailing dot: is it the zone's, or one below? An empty zone has none; the
 * root, ".", only itself. */
static inline bool view_within(struct view name, struct view zone)
{
	size_t apart = name.len - zone.len;

	return zone.len > 0 && name.len >= zone.len &&
	       memcmp(name.text + apart, zone.text, zone.len) == 0 &&
	       (apart == 0 || name.text[apart - 1] == '.');
}
