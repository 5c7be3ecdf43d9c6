/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/sort/expected.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "results/rows/counts.h"

struct expected {
	struct counts *names;
	char **patterns;
	size_t pattern_count;
};

static const char *const defaults[] = {
	"dnssec-failed.org",		/* Comcast */
	"sigfail.verteiltesysteme.net", /* University of Duisburg-Essen */
	"sigfail.ippacket.stream",
	"sigfail.*.ippacket.stream",
	"rhybar.cz", /* CZ.NIC */
	"brokendnssec.net",
	"extended-dns-errors.com", /* Nosyk, Korczynski, Duda: IMC 2023 */
	"bogus.*.rootcanary.net",
	"test.dnssec-tools.org",
	"badsig.go.dnscheck.tools",
	"expiredsig.go.dnscheck.tools",
	"nosig.go.dnscheck.tools",
	"fail01.dnssec.works",
	"fail02.dnssec.works",
	"fail03.dnssec.works",
	"fail04.dnssec.works",
	"dnssec-bogus.sg",
	"bogussig.dnssec.tjeb.nl",
};

struct expected *expected_create(void)
{
	struct expected *expected = calloc(1, sizeof(*expected));

	if (expected && !(expected->names = counts_create(0)))
		expected_destroy(&expected);
	return expected;
}

void expected_destroy(struct expected **expected)
{
	if (!*expected)
		return;
	for (size_t i = 0; i < (*expected)->pattern_count; i++)
		free((*expected)->patterns[i]);
	free((*expected)->patterns);
	if ((*expected)->names)
		counts_destroy(&(*expected)->names);
	free(*expected);
	*expected = NULL;
}

static bool add_pattern(struct expected *expected, const char *pattern)
{
	char **more = reallocarray(expected->patterns, expected->pattern_count + 1, sizeof(*more)),
	     *copy = strdup(pattern);

	if (more)
		expected->patterns = more;
	if (!more || !copy) {
		free(copy);
		return false;
	}
	more[expected->pattern_count++] = copy;
	return true;
}

bool expected_add(struct expected *expected, struct view line)
{
	char name[256];
	size_t len = 0;

	for (size_t i = 0; i < line.len && line.text[i] != '#'; i++) {
		if (isspace((unsigned char)line.text[i])) {
			if (len)
				break;
			continue;
		}
		if (len == sizeof(name) - 1)
			return true; /* longer than any name */
		name[len++] = (char)tolower((unsigned char)line.text[i]);
	}
	if (len && name[len - 1] == '.')
		len--;
	name[len] = '\0';
	if (len == 0)
		return true;
	if (strchr(name, '*'))
		return add_pattern(expected, name);
	return counts_at(expected->names, (struct view){name, len}) != NULL;
}

const char *expected_default(size_t index)
{
	return index < sizeof(defaults) / sizeof(*defaults) ? defaults[index] : NULL;
}

bool expected_add_defaults(struct expected *expected)
{
	for (size_t i = 0; i < sizeof(defaults) / sizeof(*defaults); i++)
		if (!expected_add(expected, view_of(defaults[i])))
			return false;
	return true;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool expected_list(const struct expected *expected, const char ***entries, size_t *count)
{
	struct counts_item **names;
	size_t name_count = counts_list(expected->names, &names), unique = 0, all;

	*entries = malloc((name_count + expected->pattern_count + 1) * sizeof(**entries));
	if (!names || !*entries) {
		free(names);
		free(*entries);
		return false;
	}
	for (all = 0; all < name_count; all++)
		(*entries)[all] = names[all]->key.text;
	for (size_t i = 0; i < expected->pattern_count; i++)
		(*entries)[all++] = expected->patterns[i];
	free(names);
	if (all)
		qsort(*entries, all, sizeof(**entries), by_text);
	for (size_t i = 0; i < all; i++)
		if (unique == 0 || strcmp((*entries)[unique - 1], (*entries)[i]) != 0)
			(*entries)[unique++] = (*entries)[i];
	*count = unique;
	return true;
}

bool expected_has(const struct expected *expected, struct view name)
{
	char text[256];

	for (struct view rest = name; rest.len;) {
		const char *dot = memchr(rest.text, '.', rest.len);

		if (counts_find(expected->names, rest))
			return true;
		if (!dot)
			break;
		rest = (struct view){dot + 1, (size_t)(rest.text + rest.len - dot - 1)};
	}
	if (name.len >= sizeof(text) || name.len == 0)
		return false;
	memcpy(text, name.text, name.len);
	text[name.len] = '\0';
	for (size_t i = 0; i < expected->pattern_count; i++)
		if (fnmatch(expected->patterns[i], text, FNM_NOESCAPE) == 0)
			return true;
	return false;
}
