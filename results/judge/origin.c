/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/judge/origin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/rows/domain.h"
#include "results/judge/signature.h"

/* A stem shorter than that is a common word (ns, dns), not an operator's name. */
#define STEM_MIN 4

bool origin_next(struct view *list, struct view *item)
{
	const char *end;

	if (list->len == 0)
		return false;
	end = memchr(list->text, '+', list->len);
	*item = (struct view){list->text, end ? (size_t)(end - list->text) : list->len};
	list->text += item->len + (end != NULL);
	list->len -= item->len + (end != NULL);
	return true;
}

/* ---- the operator ---- */

/* The zone that the verdict blames, if the evidence knows its servers; else the name's own. */
static struct view zone_of(const struct facts *facts, const struct verdict *v)
{
	struct view at = view_of(v->at), own = {NULL, 0};

	for (size_t i = 0; i < facts->evidence_count; i++) {
		const struct evidence *row = &facts->evidence[i];

		if (view_is(row->probe, "ns-address") && view_equal(row->zone, at))
			return at;
		if (!own.len && view_is(row->probe, "path") && view_is(row->finding, "own-zone"))
			own = row->zone;
	}
	return own;
}

/* The first label of a domain without the number at its end: "exampledns" of exampledns-12.com. */
static struct view stem_of(struct view domain)
{
	const char *dot = memchr(domain.text, '.', domain.len);
	size_t len = dot ? (size_t)(dot - domain.text) : domain.len;

	while (len > 0 && (domain.text[len - 1] == '-' ||
			   (domain.text[len - 1] >= '0' && domain.text[len - 1] <= '9')))
		len--;
	return (struct view){domain.text, len};
}

static int by_text(const void *a, const void *b)
{
	const struct dns_operator *x = a, *y = b;

	return view_order(x->text, y->text);
}

/* Of domains that differ in number and TLD only, the stem is left. */
static void find_stems(struct dns_operator *list, size_t count)
{
	struct view stem[ORIGIN_SERVERS_MAX];

	for (size_t i = 0; i < count; i++)
		stem[i] = stem_of(list[i].text);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < count && !list[i].is_stem; j++)
			list[i].is_stem = j != i && stem[i].len >= STEM_MIN &&
					  view_equal(stem[i], stem[j]) &&
					  !view_equal(list[i].text, list[j].text);
	for (size_t i = 0; i < count; i++)
		if (list[i].is_stem)
			list[i].text = stem[i];
}

size_t origin_operators(struct view zone, const struct view *servers, size_t count,
			struct dns_operator list[ORIGIN_SERVERS_MAX])
{
	struct view home = domain_registered(zone);
	size_t several = 0;

	for (size_t i = 0; i < count; i++) {
		struct view domain = {"own", 3};

		if (!view_within(servers[i], zone)) {
			domain = domain_registered(servers[i]);
			if (!domain.len)
				domain = servers[i];
			if (view_equal(domain, home))
				domain = (struct view){"own", 3};
		}
		list[i] = (struct dns_operator){.text = domain};
	}
	find_stems(list, count);
	qsort(list, count, sizeof(*list), by_text);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || by_text(&list[several - 1], &list[i]) != 0)
			list[several++] = list[i];
	return several;
}

static size_t operators_of(const struct facts *facts, struct view zone,
			   struct dns_operator list[ORIGIN_SERVERS_MAX])
{
	struct view servers[ORIGIN_SERVERS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < facts->evidence_count && count < ORIGIN_SERVERS_MAX; i++) {
		const struct evidence *row = &facts->evidence[i];

		if (view_is(row->probe, "ns-address") && view_equal(row->zone, zone) &&
		    row->server.len)
			servers[count++] = row->server;
	}
	return origin_operators(zone, servers, count, list);
}

static void put_operators(const struct facts *facts, struct verdict *v)
{
	struct view zone = zone_of(facts, v);
	struct dns_operator list[ORIGIN_SERVERS_MAX];
	size_t count = zone.len ? operators_of(facts, zone, list) : 0, used = 0;

	for (size_t i = 0; i < count; i++) {
		size_t need = list[i].text.len + (used > 0) + (list[i].is_stem ? 2 : 0);

		if (used + need >= sizeof(v->operators))
			break;
		used += (size_t)sprintf(v->operators + used, "%s%.*s%s", used ? "+" : "",
					(int)list[i].text.len, list[i].text.text,
					list[i].is_stem ? ".*" : "");
	}
}

/* ---- the signatures ---- */

#define WORD_BITS 64

static void set_bit(uint64_t bits[4], int64_t number)
{
	bits[number / WORD_BITS] |= UINT64_C(1) << number % WORD_BITS;
}

/* RRSIGs that came with the answers, by the zone itself. True: there were some, of whatever zone.
 */
static bool from_answers(const struct opinion *opinions, size_t count, struct view zone,
			 uint64_t bits[4])
{
	struct signature signature;
	bool any = false;

	for (size_t i = 0; i < count; i++) {
		struct view list = opinions[i].row ? opinions[i].row->cd_rrsig : (struct view){0};

		while (signature_next(&list, &signature)) {
			any = true;
			if (!zone.len || view_equal(signature.signer, zone))
				set_bit(bits, signature.algorithm);
		}
	}
	return any;
}

/* Where the chain is broken before any answer: "DS 1 (algorithm 13, digest type 2) fits no ...". */
static void from_chain(const struct facts *facts, struct view zone, uint64_t bits[4])
{
	static const char word[] = "algorithm ";

	for (size_t i = 0; i < facts->evidence_count; i++) {
		const struct evidence *row = &facts->evidence[i];
		struct view rest = row->detail;
		const char *at;

		if (!view_is(row->probe, "chain") || !view_equal(row->zone, zone) ||
		    view_is(row->finding, "insecure"))
			continue;
		while (rest.len && (at = memmem(rest.text, rest.len, word, sizeof(word) - 1))) {
			const char *p = at + sizeof(word) - 1, *end = rest.text + rest.len;
			int64_t number = -1;

			for (; p < end && *p >= '0' && *p <= '9' && number < 1000; p++)
				number = (number < 0 ? 0 : number * 10) + (*p - '0');
			if (number >= 0 && number <= 255)
				set_bit(bits, number);
			rest = (struct view){p, (size_t)(end - p)};
		}
	}
}

static void put_algorithms(struct verdict *v, const uint64_t bits[4])
{
	size_t used = 0;

	for (int64_t i = 0; i < 256 && used + 5 < sizeof(v->algorithms); i++)
		if (bits[i / WORD_BITS] >> i % WORD_BITS & 1)
			used += (size_t)sprintf(v->algorithms + used, "%s%d", used ? "+" : "",
						(int)i);
}

static bool validated(const struct opinion *opinions, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (opinions[i].kind == OPINION_OK && opinions[i].ad && !opinions[i].blind)
			return true;
	return false;
}

void origin_read(const struct facts *facts, const struct opinion *opinions, size_t count,
		 struct verdict *v)
{
	uint64_t bits[4] = {0};
	struct view zone = view_of(v->at);
	bool signatures = from_answers(opinions, count, zone, bits);

	v->is_signed =
		signatures || validated(opinions, count) ||
		(v->status != STATUS_OK && cause_info(v->cause)->category == CATEGORY_DNSSEC);
	if (facts->evidence_count == 0 && !signatures)
		return;
	put_operators(facts, v);
	if (!(bits[0] | bits[1] | bits[2] | bits[3]) && facts->evidence_count)
		from_chain(facts, zone.len ? zone : zone_of(facts, v), bits);
	put_algorithms(v, bits);
}
