/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A line is fixed texts with what varies between them: fixed, varying, fixed, ..., fixed and LF.
 */
#include "results/judge/alike.h"

#include <endian.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define VARYING_MAX 8
#define FIXED_MAX   400 /* octets of all fixed texts of a line */
#define SLOTS	    1024
#define TIME_OCTETS 24 /* "2026-11-03T00:00:00.123Z" */

enum varying { NONE, TIME, NAME, COUNT, RTT, CD_RTT, ANYTHING };

static const struct {
	const char *column;
	enum varying varying;
} columns[] = {{"time", TIME},	      {"name", NAME},	     {"answers", COUNT}, {"rtt_us", RTT},
	       {"cd_answers", COUNT}, {"cd_rtt_us", CD_RTT}, {"nsid", ANYTHING}};

/* How long a fixed text is: octets in all, in whole sixteens, and a bit for each of the rest. */
struct fixed {
	uint16_t len, whole, rest;
};

struct learnt {
	struct alike alike;   /* first: what users see */
	struct learnt *next;  /* in the same slot */
	struct learnt *after; /* of the line that came after it the last time */
	struct fixed fixed[VARYING_MAX + 1];
	char text[FIXED_MAX + 16]; /* the fixed texts, one behind the other */
};

struct alikes {
	enum varying field[CSV_FIELDS_MAX];
	unsigned fields, varying, name_field;
	enum varying order[VARYING_MAX];
	bool usable; /* the layout has one name, and not too much that varies */
	struct learnt *slot[SLOTS];
	size_t count;
	struct learnt *last; /* of the line before; NULL: none, or it was not learnt */
	bool second_known;
	char second[20]; /* of the last time read: "2026-11-03T00:00:00." */
	int64_t second_ms;
	struct learnt learnt[ALIKE_MAX];
};

struct alikes *alikes_create(void)
{
	return calloc(1, sizeof(struct alikes));
}

void alikes_destroy(struct alikes **alikes)
{
	free(*alikes);
	*alikes = NULL;
}

static enum varying varying_of(const struct csv_layout *layout, unsigned field)
{
	unsigned column = layout->column[field];

	for (size_t i = 0; column != CSV_IGNORED && i < sizeof(columns) / sizeof(*columns); i++)
		if (strcmp(columns[i].column, layout->columns[column].name) == 0)
			return columns[i].varying;
	return NONE;
}

void alikes_begin(struct alikes *alikes, const struct csv_layout *layout)
{
	unsigned names = 0;

	memset(alikes, 0, offsetof(struct alikes, learnt));
	alikes->fields = layout->fields;
	for (unsigned i = 0; i < layout->fields; i++) {
		alikes->field[i] = varying_of(layout, i);
		if (alikes->field[i] == NONE)
			continue;
		if (alikes->varying == VARYING_MAX)
			return;
		if (alikes->field[i] == NAME) {
			alikes->name_field = i;
			names++;
		}
		alikes->order[alikes->varying++] = alikes->field[i];
	}
	alikes->usable = names == 1;
}

/* ---- matching ---- */

static inline uint64_t load(const char *p)
{
	uint64_t octets;

	memcpy(&octets, p, sizeof(octets));
	return octets;
}

#ifdef __SSE2__
/* Which of sixteen octets are alike: a bit for each. */
static inline unsigned alike_octets(const char *p, const char *text)
{
	return (unsigned)_mm_movemask_epi8(
		_mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)p),
			       _mm_loadu_si128((const __m128i *)(const void *)text)));
}

/* Which of sixteen octets are the end of a text. */
static inline uint32_t ends(const char *p)
{
	__m128i text = _mm_loadu_si128((const __m128i *)(const void *)p);

	return (uint32_t)_mm_movemask_epi8(
		_mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(text, _mm_set1_epi8(',')),
					  _mm_cmpeq_epi8(text, _mm_set1_epi8('"'))),
			     _mm_or_si128(_mm_cmpeq_epi8(text, _mm_set1_epi8('\n')),
					  _mm_cmpeq_epi8(text, _mm_set1_epi8('\r')))));
}

/* Reads up to fifteen octets beyond it. */
static inline bool same(const char *p, const char *text, const struct fixed *fixed)
{
	for (unsigned i = 0; i < fixed->whole; i += 16)
		if (alike_octets(p + i, text + i) != 0xffff)
			return false;
	return (~alike_octets(p + fixed->whole, text + fixed->whole) & fixed->rest) == 0;
}
#else
/* Stops where they differ, so never behind the LF. */
static inline bool same(const char *p, const char *text, const struct fixed *fixed)
{
	for (unsigned i = 0; i < fixed->len; i++)
		if (p[i] != text[i])
			return false;
	return true;
}
#endif

/* By what stands behind the name: type, resolver, outcome, the beginning of the RCODE. */
static inline unsigned slot_of(const char *behind)
{
	uint64_t mixed = load(behind) * UINT64_C(0x9e3779b97f4a7c15);

	mixed = (mixed ^ load(behind + 8)) * UINT64_C(0x9e3779b97f4a7c15);
	mixed = (mixed ^ load(behind + 16)) * UINT64_C(0x9e3779b97f4a7c15);
	return (unsigned)(mixed >> 48) % SLOTS;
}

/* Up to a comma. A quote or the end of the line is not for us. */
static inline const char *read_text(const char *p)
{
#ifdef __SSE2__ /* 32 octets at once, more than most names; no more than that beyond the LF */
	for (;; p += 32) {
		uint32_t mask = ends(p) | ends(p + 16) << 16;

		if (mask) {
			p += __builtin_ctz(mask);
			return *p == ',' ? p : NULL;
		}
	}
#endif
	while (*p != ',' && *p != '"' && *p != '\n' && *p != '\r')
		p++;
	return *p == ',' ? p : NULL;
}

/* One to seven digits, which is nearly all there are: how many differs from line to line, so
 * nothing branches on it. */
static inline const char *read_digits(const char *p, int64_t *value)
{
	uint64_t digits = le64toh(load(p)) ^ UINT64_C(0x3030303030303030);
	uint64_t others =
		(((digits & UINT64_C(0x7f7f7f7f7f7f7f7f)) + UINT64_C(0x7676767676767676)) |
		 digits) &
		UINT64_C(0x8080808080808080);
	unsigned bits = others ? (unsigned)__builtin_ctzll(others) & ~7U : 0;

	if (!bits)
		return NULL;
	digits <<= 64 - bits; /* the last one is the last octet; zeros before the first */
	digits = (digits * 10 + (digits >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
	digits = (digits * 100 + (digits >> 16)) & UINT64_C(0x0000ffff0000ffff);
	*value = (int64_t)((digits * 10000 + (digits >> 32)) & UINT64_C(0xffffffff));
	return p + bits / 8;
}

static inline const char *read_count(const char *p)
{
	int64_t count;

	if (p[1] == ',' && p[0] >= '0' && p[0] <= '9')
		return p + 1;
	p = read_digits(p, &count);
	return p && count <= UINT16_MAX ? p : NULL;
}

/* "2026-11-03T00:00:00.123Z"; the second is nearly always that of the line before. */
static inline const char *read_time(struct alikes *alikes, const char *p, int64_t *time_ms)
{
	unsigned a, b, c;

	if (!alikes->second_known || memcmp(p, alikes->second, sizeof(alikes->second)) != 0) {
		if (memchr(p, '\n', 24) || p[19] != '.' ||
		    !csv_read_time((struct view){p, 24}, time_ms) || *time_ms < 0)
			return NULL;
		memcpy(alikes->second, p, sizeof(alikes->second));
		alikes->second_ms = *time_ms - *time_ms % 1000;
		alikes->second_known = true;
	}
	a = (unsigned)p[20] - '0';
	b = (unsigned)p[21] - '0';
	c = (unsigned)p[22] - '0';
	*time_ms = alikes->second_ms + a * 100 + b * 10 + c;
	return a <= 9 && b <= 9 && c <= 9 && p[23] == 'Z' ? p + 24 : NULL;
}

static inline const char *read_varying(struct alikes *alikes, enum varying varying, const char *p,
				       struct alike_line *line)
{
	int64_t number;

	switch (varying) {
	case TIME:
		return read_time(alikes, p, &line->time_ms);
	case NAME:
		if (p != line->name.text) /* what stands before it varies otherwise */
			return NULL;
		p += line->name.len;
		return line->name.len > 0 && line->name.len <= 255 ? p : NULL;
	case COUNT:
		return read_count(p);
	case RTT:
		return read_digits(p, &line->rtt_us);
	case CD_RTT:
		return read_digits(p, &number);
	default: /* nearly always empty */
		return *p == ',' ? p : read_text(p);
	}
}

static bool match(struct alikes *alikes, const struct learnt *learnt, const char *p,
		  struct alike_line *line)
{
	const char *text = learnt->text;

	for (unsigned place = 0;; place++) {
		const struct fixed *fixed = &learnt->fixed[place];

		if (!same(p, text, fixed))
			return false;
		p += fixed->len;
		text += fixed->len;
		if (place == alikes->varying)
			break;
		p = read_varying(alikes, alikes->order[place], p, line);
		if (!p)
			return false;
	}
	line->end = p;
	return true;
}

/* What stands behind the name; NULL when it cannot be told. */
static inline const char *find_name(const struct alikes *alikes, const char *p, struct view *name)
{
	const char *behind;

	for (unsigned i = 0; i < alikes->name_field; i++) {
		if (alikes->field[i] == TIME && p[TIME_OCTETS] == ',') {
			p += TIME_OCTETS + 1; /* if it is one is looked at later */
			continue;
		}
		p = read_text(p);
		if (!p)
			return NULL;
		p++;
	}
	behind = read_text(p);
	*name = (struct view){p, behind ? (size_t)(behind - p) : 0};
	return behind;
}

/* By what stands behind the name. */
static struct learnt *search(struct alikes *alikes, const char *p, const char *behind,
			     struct alike_line *line)
{
	struct learnt **slot = &alikes->slot[slot_of(behind)], *learnt;

	for (struct learnt **from = slot; (learnt = *from) != NULL; from = &learnt->next) {
		if (!match(alikes, learnt, p, line))
			continue;
		if (from != slot) { /* the next one is like it, too */
			*from = learnt->next;
			learnt->next = *slot;
			*slot = learnt;
		}
		return learnt;
	}
	return NULL;
}

bool alikes_match(struct alikes *alikes, const char *p, struct alike_line *line)
{
	const char *behind = alikes->usable ? find_name(alikes, p, &line->name) : NULL;
	struct learnt *last = alikes->last, *learnt = last ? last->after : NULL;

	/* what resolvers say of one name, they say of many: nearly always the same one follows */
	if (behind && !(learnt && match(alikes, learnt, p, line)))
		learnt = search(alikes, p, behind, line);
	alikes->last = behind ? learnt : NULL;
	if (!alikes->last)
		return false;
	if (last)
		last->after = learnt;
	learnt->alike.times++;
	line->alike = &learnt->alike;
	return true;
}

/* ---- learning ---- */

/* Cuts the line where it varies. */
static bool cut(const struct alikes *alikes, struct learnt *learnt, const char *line, size_t len)
{
	const char *p = line, *end = line + len;
	unsigned place = 0;
	size_t used = 0;

	for (unsigned field = 0; field < alikes->fields; field++) {
		const char *comma = memchr(p, ',', (size_t)(end - p)), *stop = comma ? comma : end;
		size_t fixed = alikes->field[field] == NONE ? (size_t)(stop - p) : 0;

		place += alikes->field[field] != NONE;
		if (!comma != (field + 1 == alikes->fields) || used + fixed + 1 > FIXED_MAX)
			return false;
		memcpy(learnt->text + used, p, fixed);
		learnt->text[used + fixed] = comma ? ',' : '\n';
		learnt->fixed[place].len = (uint16_t)(learnt->fixed[place].len + fixed + 1);
		used += fixed + 1;
		p = stop + 1;
	}
	for (place = 0; place <= alikes->varying; place++) {
		struct fixed *fixed = &learnt->fixed[place];

		fixed->whole = fixed->len & 0xfff0;
		fixed->rest = (uint16_t)((1U << fixed->len % 16) - 1);
	}
	return true;
}

struct alike *alikes_learn(struct alikes *alikes, const char *line, size_t len,
			   const struct row *row, unsigned number)
{
	struct learnt *learnt = &alikes->learnt[alikes->count];
	struct view name;
	const char *behind = alikes->usable ? find_name(alikes, line, &name) : NULL;
	struct learnt **slot;

	if (!behind || alikes->count == ALIKE_MAX || memchr(line, '"', len))
		return NULL;
	memset(learnt, 0, sizeof(*learnt));
	if (!cut(alikes, learnt, line, len))
		return NULL;
	learnt->alike.row = *row;
	learnt->alike.row.name = learnt->alike.row.resolver = learnt->alike.row.nsid =
		learnt->alike.row.note = learnt->alike.row.cd_rrsig = (struct view){NULL, 0};
	learnt->alike.row.normal.ede_text = learnt->alike.row.cd.ede_text = (struct view){NULL, 0};
	learnt->alike.number = number;
	slot = &alikes->slot[slot_of(behind)];
	learnt->next = *slot;
	*slot = learnt;
	alikes->count++;
	return &learnt->alike;
}

struct alike *alikes_each(struct alikes *alikes, size_t index)
{
	return index < alikes->count ? &alikes->learnt[index].alike : NULL;
}
