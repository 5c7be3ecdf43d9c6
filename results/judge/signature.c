/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/judge/signature.h"

#include <string.h>

#include "results/rows/csv.h"

/* The text up to the separator, which is taken off too. */
static struct view token(struct view *rest, char separator)
{
	const char *end = rest->len ? memchr(rest->text, separator, rest->len) : NULL;
	struct view head = {rest->text, end ? (size_t)(end - rest->text) : rest->len};
	size_t taken = head.len + (end != NULL);

	if (rest->len)
		rest->text += taken;
	rest->len -= taken;
	return head;
}

/* "20261101000000" (RFC 4034, section 3.2), or seconds since 1970 as that section allows too. */
static bool date(struct view text, int64_t *seconds)
{
	char rfc3339[] = "0000-00-00T00:00:00Z";
	static const unsigned char place[14] = {0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18};
	int64_t ms = 0;

	*seconds = -1;
	if (text.len != sizeof(place))
		return csv_read_number(text, 0, UINT32_MAX, seconds) && *seconds >= 0;
	for (size_t i = 0; i < sizeof(place); i++)
		rfc3339[place[i]] = text.text[i];
	if (!csv_read_time((struct view){rfc3339, sizeof(rfc3339) - 1}, &ms))
		return false;
	*seconds = ms / 1000;
	return true;
}

bool signature_next(struct view *list, struct signature *signature)
{
	while (list->len) {
		struct view item = token(list, '+');
		struct signature s = {.algorithm = -1, .key_tag = -1};
		bool fine;

		s.type = token(&item, '/');
		fine = csv_read_number(token(&item, '/'), 0, 255, &s.algorithm) &&
		       csv_read_number(token(&item, '/'), 0, 65535, &s.key_tag) &&
		       date(token(&item, '/'), &s.inception_s) &&
		       date(token(&item, '/'), &s.expiration_s);
		s.signer = item;
		if (fine && s.type.len && s.algorithm >= 0 && s.key_tag >= 0 && s.signer.len) {
			*signature = s;
			return true;
		}
	}
	return false;
}

static enum dates judge(const struct signature *s, int64_t now_s, int64_t slack_s)
{
	if (s->expiration_s < s->inception_s)
		return DATES_NOT_YET;
	if (now_s > s->expiration_s + slack_s)
		return DATES_EXPIRED;
	if (now_s < s->inception_s - slack_s)
		return DATES_NOT_YET;
	return DATES_FINE;
}

enum dates signature_dates(struct view list, int64_t now_ms, int64_t slack_s, struct signature *bad)
{
	struct view outer = list, inner;
	struct signature s, other;

	while (signature_next(&outer, &s)) {
		enum dates dates = judge(&s, now_ms / 1000, slack_s);
		bool all = dates != DATES_FINE;

		inner = list;
		while (all && signature_next(&inner, &other))
			if (view_equal(other.type, s.type) && view_equal(other.signer, s.signer))
				all = judge(&other, now_ms / 1000, slack_s) != DATES_FINE;
		if (all) {
			*bad = s;
			return dates;
		}
	}
	return DATES_FINE;
}

bool signature_uses_algorithm(struct view list, int64_t algorithm)
{
	struct signature s;

	while (signature_next(&list, &s))
		if (s.algorithm == algorithm)
			return true;
	return false;
}
