/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/sort/head.h"

#include <stdlib.h>
#include <string.h>

/* The number goes up with any change of the records. */
#define MAGIC "servfail questions 4\n"
/* Octets of a resolver behind its name: what judging looks at. */
#define RESOLVER_BITS 6
#define NAME_OCTETS   512

static void put_number(struct buf *out, uint64_t number)
{
	char text[VARINT_MAX];

	buf_add(out, text, (size_t)(varint_put(text, number) - text));
}

static void put_text(struct buf *out, const char *text)
{
	put_number(out, strlen(text));
	buf_add_str(out, text);
}

static void put_panel(struct buf *out, const struct panel *panel)
{
	put_number(out, panel_size(panel));
	for (unsigned i = 0; i < panel_size(panel); i++) {
		const struct resolver *r = panel_resolver(panel, i);
		const char bits[RESOLVER_BITS] = {(char)r->validates,
						  (char)r->honours_cd,
						  (char)r->useless,
						  (char)r->overloaded,
						  (char)r->lossy,
						  (char)(r->rewrites | r->labels << 1 |
							 r->astray << 2 | r->unrooted << 3 |
							 r->signs << 4 | r->no_cd << 5 |
							 r->fell_silent << 6 | r->ad_always << 7)};

		put_text(out, r->name);
		buf_add(out, bits, sizeof(bits));
	}
}

static bool put_expected(struct buf *out, const struct head *head)
{
	const char **entries;
	size_t count = 0;

	if (!expected_list(head->expected, &entries, &count))
		return false;
	put_number(out, head->own_expected);
	put_number(out, head->own_expected ? count : 0);
	for (size_t i = 0; i < count && head->own_expected; i++)
		put_text(out, entries[i]);
	free(entries);
	return true;
}

bool head_put(struct buf *out, const struct head *head)
{
	buf_add_str(out, MAGIC);
	put_panel(out, head->panel);
	if (!tally_keep(head->tally, out) || !put_expected(out, head))
		return false;
	buf_add(out, shared_marks(head->shared), SHARED_MARKS);
	return !out->failed;
}

/* ---- reading ---- */

/* A text into `out`, which has room for NAME_OCTETS. */
static const char *take_text(const char *p, const char *end, char *out)
{
	uint64_t len;

	p = varint_get(p, end, &len);
	if (!p || len >= NAME_OCTETS || len > (uint64_t)(end - p) || memchr(p, '\0', len))
		return NULL;
	memcpy(out, p, len);
	out[len] = '\0';
	return p + len;
}

static const char *take_resolver(const char *p, const char *end, struct panel *panel,
				 unsigned source)
{
	struct resolver resolver = {.name = NULL};
	char name[NAME_OCTETS];

	p = take_text(p, end, name);
	if (!p || end - p < RESOLVER_BITS || (unsigned char)p[0] > TRI_NO ||
	    (unsigned char)p[1] > TRI_NO)
		return NULL;
	resolver.name = name;
	resolver.validates = (enum tri)p[0];
	resolver.honours_cd = (enum tri)p[1];
	resolver.useless = p[2] != 0;
	resolver.overloaded = p[3] != 0;
	resolver.lossy = p[4] != 0;
	resolver.rewrites = p[5] & 1;
	resolver.labels = p[5] & 2;
	resolver.astray = p[5] & 4;
	resolver.unrooted = p[5] & 8;
	resolver.signs = p[5] & 16;
	resolver.no_cd = p[5] & 32;
	resolver.fell_silent = p[5] & 64;
	resolver.ad_always = (p[5] & 128) != 0;
	return panel_add_settled(panel, source, &resolver) ? p + RESOLVER_BITS : NULL;
}

struct finder {
	const struct panel *panel;
	unsigned source;
};

static int number_of(void *arg, struct view name)
{
	const struct finder *finder = arg;

	return panel_find(finder->panel, finder->source, name);
}

static const char *take_expected(const char *p, const char *end, struct head *head)
{
	char entry[NAME_OCTETS];
	uint64_t own, count = 0;

	p = varint_get(p, end, &own);
	p = p ? varint_get(p, end, &count) : NULL;
	for (; p && count > 0; count--) {
		p = take_text(p, end, entry);
		if (p && !expected_add(head->expected, view_of(entry)))
			return NULL;
	}
	head->own_expected |= p && own;
	return p;
}

bool head_take(struct head *head, const struct record *record, unsigned source)
{
	const char *p = record->payload, *end = p + record->payload_len;
	struct finder finder = {head->panel, source};
	uint64_t resolvers;

	if (record->key_len || record->payload_len < strlen(MAGIC) ||
	    memcmp(p, MAGIC, strlen(MAGIC)) != 0)
		return false;
	p = varint_get(p + strlen(MAGIC), end, &resolvers);
	for (; p && resolvers > 0; resolvers--)
		p = take_resolver(p, end, head->panel, source);
	p = p ? tally_take(head->tally, p, end, number_of, &finder) : NULL;
	p = p ? take_expected(p, end, head) : NULL;
	if (!p || end - p != SHARED_MARKS)
		return false;
	shared_add_marks(head->shared, (const uint8_t *)p);
	return true;
}
