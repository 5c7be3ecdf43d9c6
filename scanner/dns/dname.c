/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/dns/dname.h"

#include <string.h>

#include "scanner/dns/message.h"

static uint8_t lower(uint8_t octet)
{
	return octet >= 'A' && octet <= 'Z' ? (uint8_t)(octet + ('a' - 'A')) : octet;
}

bool dname_valid(const uint8_t *wire, size_t len)
{
	size_t at = 0;

	if (len == 0 || len > DNAME_MAX)
		return false;
	while (at < len && wire[at] != 0) {
		if (wire[at] > 63)
			return false;
		at += 1u + wire[at];
	}
	return at + 1 == len;
}

size_t dname_len(const uint8_t *name)
{
	size_t at = 0;

	while (name[at] != 0)
		at += 1u + name[at];
	return at + 1;
}

unsigned dname_labels(const uint8_t *name)
{
	unsigned labels = 0;

	for (; *name != 0; name += 1u + *name)
		labels++;
	return labels;
}

bool dname_is_wildcard(const uint8_t *name)
{
	return name[0] == 1 && name[1] == '*';
}

const uint8_t *dname_strip(const uint8_t *name, unsigned count)
{
	for (; count > 0 && *name != 0; count--)
		name += 1u + *name;
	return name;
}

const uint8_t *dname_last(const uint8_t *name, unsigned labels)
{
	unsigned have = dname_labels(name);

	return labels < have ? dname_strip(name, have - labels) : name;
}

bool dname_equal(const uint8_t *a, const uint8_t *b)
{
	size_t len = dname_len(a);

	if (len != dname_len(b))
		return false;
	/* A length octet is below 'A': lower() leaves it alone. */
	for (size_t i = 0; i < len; i++)
		if (lower(a[i]) != lower(b[i]))
			return false;
	return true;
}

static int compare_labels(const uint8_t *a, const uint8_t *b)
{
	uint8_t shorter = a[0] < b[0] ? a[0] : b[0];

	for (unsigned i = 1; i <= shorter; i++)
		if (lower(a[i]) != lower(b[i]))
			return lower(a[i]) - lower(b[i]);
	return a[0] - b[0];
}

/* Where each label begins; returns their number. */
static unsigned label_starts(const uint8_t *start[DNAME_LABELS_MAX], const uint8_t *name)
{
	unsigned labels = 0;

	for (; *name != 0 && labels < DNAME_LABELS_MAX; name += 1u + *name)
		start[labels++] = name;
	return labels;
}

/* Labels in common from the root; *order is how the names compare. */
static unsigned common(const uint8_t *a, const uint8_t *b, int *order)
{
	const uint8_t *label_a[DNAME_LABELS_MAX], *label_b[DNAME_LABELS_MAX];
	unsigned left_a = label_starts(label_a, a), left_b = label_starts(label_b, b), same = 0;

	while (left_a > 0 && left_b > 0) {
		*order = compare_labels(label_a[--left_a], label_b[--left_b]);
		if (*order != 0)
			return same;
		same++;
	}
	*order = (left_a > 0) - (left_b > 0);
	return same;
}

int dname_compare(const uint8_t *a, const uint8_t *b)
{
	int order;

	common(a, b, &order);
	return order;
}

unsigned dname_common(const uint8_t *a, const uint8_t *b)
{
	int order;

	return common(a, b, &order);
}

bool dname_under(const uint8_t *name, const uint8_t *ancestor)
{
	unsigned labels = dname_labels(ancestor);

	return dname_labels(name) >= labels && dname_equal(dname_last(name, labels), ancestor);
}

bool dname_below(const uint8_t *name, const uint8_t *ancestor)
{
	return dname_labels(name) > dname_labels(ancestor) && dname_under(name, ancestor);
}

size_t dname_copy(uint8_t out[DNAME_MAX], const uint8_t *name)
{
	size_t len = dname_len(name);

	for (size_t i = 0; i < len; i++)
		out[i] = lower(name[i]);
	return len;
}

bool dname_join(uint8_t out[DNAME_MAX], const uint8_t *first, size_t first_len, const uint8_t *rest)
{
	size_t rest_len = dname_len(rest);

	if (first_len + rest_len > DNAME_MAX)
		return false;
	memcpy(out, first, first_len);
	for (size_t i = 0; i < rest_len; i++)
		out[first_len + i] = lower(rest[i]);
	return true;
}

bool dname_wildcard(uint8_t out[DNAME_MAX], const uint8_t *encloser)
{
	return dname_join(out, (const uint8_t *)"\1*", 2, encloser);
}

const char *dname_text(char text[DNAME_TEXT_MAX], const uint8_t *name)
{
	message_qname_text(text, name, dname_len(name));
	return text;
}
