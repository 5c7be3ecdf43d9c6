/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/zonefile.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "results/names.h"

/* Longer names are cut: they are too long, and whoever normalises them says so. */
#define TEXT_MAX 1200
#define OUT_MAX	 2

/* A name as text: absolute, in lower case, with its last dot; len 0: none. */
struct text {
	size_t len;
	char at[TEXT_MAX];
};

enum expect {
	EXPECT_OWNER,
	EXPECT_TYPE, /* or TTL, or class */
	EXPECT_RDATA,
	EXPECT_NOTHING,
};

enum apex {
	APEX_UNKNOWN,
	APEX_KNOWN,
	APEX_NONE, /* no SOA so far, and no NS owner above all others: an extract */
};

struct zonefile {
	struct text origin; /* len 0: no $ORIGIN yet */
	bool origin_missed; /* there was an "@" without one */
	struct text owner;
	enum apex apex_state;
	struct text apex;
	struct text held; /* the first NS owner, while it may still turn out to be the apex */
	struct text last; /* NS owner */
	int depth;	  /* of parentheses */
	enum expect expect;
	bool is_ns;
	int out_count, out_next;
	struct text out[OUT_MAX];
};

struct token {
	const char *text;
	size_t len;
};

struct cursor {
	const char *at, *end;
};

struct zonefile *zonefile_create(void)
{
	return calloc(1, sizeof(struct zonefile));
}

void zonefile_destroy(struct zonefile **zone)
{
	free(*zone);
	*zone = NULL;
}

void zonefile_begin(struct zonefile *zone)
{
	zone->origin.len = zone->owner.len = zone->apex.len = 0;
	zone->held.len = zone->last.len = 0;
	zone->origin_missed = false;
	zone->apex_state = APEX_UNKNOWN;
	zone->depth = 0;
	zone->expect = EXPECT_OWNER;
	zone->out_count = zone->out_next = 0;
}

bool zonefile_next(struct zonefile *zone, const char **text, size_t *len)
{
	if (zone->out_next == zone->out_count)
		return false;
	*text = zone->out[zone->out_next].at;
	*len = zone->out[zone->out_next++].len;
	return true;
}

/* ---- texts ---- */

static void text_copy(struct text *to, const struct text *from)
{
	to->len = from->len;
	memcpy(to->at, from->at, from->len);
}

static bool text_equal(const struct text *a, const struct text *b)
{
	return a->len == b->len && memcmp(a->at, b->at, a->len) == 0;
}

static bool text_below(const struct text *name, const struct text *top)
{
	size_t apart = name->len - top->len;

	if (top->len == 1)
		return name->len > 1;
	return name->len > top->len && name->at[apart - 1] == '.' &&
	       memcmp(name->at + apart, top->at, top->len) == 0;
}

static void text_append(struct text *text, const char *more, size_t len)
{
	if (len > TEXT_MAX - text->len)
		len = TEXT_MAX - text->len;
	for (size_t i = 0; i < len; i++) {
		char c = more[i];

		text->at[text->len++] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
	}
}

/* ---- what records say ---- */

static void emit(struct zonefile *zone, const struct text *name)
{
	text_copy(&zone->out[zone->out_count++], name);
}

static void take_soa(struct zonefile *zone)
{
	text_copy(&zone->apex, &zone->owner);
	zone->apex_state = APEX_KNOWN;
	if (zone->held.len > 0 && !text_equal(&zone->held, &zone->apex))
		emit(zone, &zone->held);
	zone->held.len = 0;
}

static void take_ns(struct zonefile *zone)
{
	const struct text *owner = &zone->owner;

	if (text_equal(owner, &zone->last) || owner->len == 1) /* nobody delegates the root */
		return;
	text_copy(&zone->last, owner);
	if (zone->apex_state != APEX_UNKNOWN) {
		if (zone->apex_state == APEX_NONE || !text_equal(owner, &zone->apex))
			emit(zone, owner);
		return;
	}
	if (zone->held.len == 0) {
		text_copy(&zone->held, owner);
		return;
	}
	if (text_below(owner, &zone->held)) {
		text_copy(&zone->apex, &zone->held);
		zone->apex_state = APEX_KNOWN;
	} else {
		emit(zone, &zone->held);
		zone->apex_state = APEX_NONE;
	}
	zone->held.len = 0;
	emit(zone, owner);
}

/* ---- the careful path ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

/* The next token of a line; keeps count of parentheses on the way. False at its end, or at a
 * comment. */
static bool next_token(struct zonefile *zone, struct cursor *cursor, struct token *token)
{
	bool quoted = false;

	for (; cursor->at < cursor->end; cursor->at++) {
		char c = *cursor->at;

		if (c == '(')
			zone->depth++;
		else if (c == ')')
			zone->depth -= zone->depth > 0;
		else if (!is_blank(c))
			break;
	}
	if (cursor->at == cursor->end || *cursor->at == ';')
		return false;
	token->text = cursor->at;
	for (; cursor->at < cursor->end; cursor->at++) {
		char c = *cursor->at;

		if (c == '\\' && cursor->at + 1 < cursor->end)
			cursor->at++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (is_blank(c) || c == ';' || c == '(' || c == ')'))
			break;
	}
	token->len = (size_t)(cursor->at - token->text);
	return true;
}

static bool token_is(const struct token *token, const char *text)
{
	return token->len == strlen(text) && strncasecmp(token->text, text, token->len) == 0;
}

/* Makes a name absolute. False: it is relative, and nobody knows to what. */
static bool read_name(struct zonefile *zone, struct text *name, const struct token *token)
{
	bool at = token->len == 1 && token->text[0] == '@';

	if (at && zone->origin.len == 0)
		zone->origin_missed = true;
	name->len = 0;
	if (!at)
		text_append(name, token->text, token->len);
	if (!at && name->at[name->len - 1] == '.')
		return true;
	if (zone->origin.len == 0) {
		text_append(name, ".", 1);
		return !zone->origin_missed;
	}
	if (!at && zone->origin.len > 1)
		text_append(name, ".", 1);
	text_append(name, zone->origin.at, zone->origin.len);
	return true;
}

static enum name_reason read_directive(struct zonefile *zone, struct cursor *cursor)
{
	struct token word, argument;
	struct text origin;

	if (!next_token(zone, cursor, &word) || !next_token(zone, cursor, &argument))
		return NAME_ZONE_SYNTAX;
	if (token_is(&word, "$TTL"))
		return NAME_BLANK;
	if (token_is(&word, "$INCLUDE") || token_is(&word, "$GENERATE"))
		return NAME_ZONE_DIRECTIVE;
	if (!token_is(&word, "$ORIGIN") || !read_name(zone, &origin, &argument))
		return NAME_ZONE_SYNTAX;
	text_copy(&zone->origin, &origin);
	zone->origin_missed = false;
	return NAME_BLANK;
}

/* "3600", and BIND's "1h30m". */
static bool is_ttl(const struct token *token)
{
	for (size_t i = 0; i < token->len; i++)
		if (!token->text[i] || !strchr("0123456789smhdwSMHDW", token->text[i]))
			return false;
	return token->text[0] >= '0' && token->text[0] <= '9';
}

static bool is_class(const struct token *token)
{
	return token_is(token, "IN") || token_is(token, "CH") || token_is(token, "HS") ||
	       token_is(token, "CS") ||
	       (token->len > 5 && strncasecmp(token->text, "CLASS", 5) == 0);
}

static bool is_type(const struct token *token)
{
	char upper[NAME_TEXT_MAX];
	uint16_t qtype;

	if (token->len >= sizeof(upper))
		return false;
	for (size_t i = 0; i < token->len; i++) {
		char c = token->text[i];

		upper[i] = c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
	}
	return qtype_from_name(upper, token->len, &qtype);
}

/* One token of a record, in the order the record has them. */
static enum name_reason read_token(struct zonefile *zone, const struct token *token)
{
	switch (zone->expect) {
	case EXPECT_OWNER:
		zone->expect = EXPECT_TYPE;
		if (read_name(zone, &zone->owner, token))
			return NAME_BLANK;
		zone->owner.len = 0;
		return NAME_ZONE_SYNTAX;
	case EXPECT_TYPE:
		if (is_ttl(token) || is_class(token))
			return NAME_BLANK;
		if (!is_type(token) || zone->owner.len == 0)
			return NAME_ZONE_SYNTAX;
		zone->expect = EXPECT_RDATA;
		zone->is_ns = token_is(token, "NS");
		if (token_is(token, "SOA"))
			take_soa(zone);
		return NAME_BLANK;
	case EXPECT_RDATA:
		zone->expect = EXPECT_NOTHING;
		if (zone->is_ns)
			take_ns(zone);
		return NAME_BLANK;
	case EXPECT_NOTHING:
		break;
	}
	return NAME_BLANK;
}

static enum name_reason read_record(struct zonefile *zone, struct cursor *cursor)
{
	enum name_reason reason = NAME_BLANK;
	struct token token;
	bool any = false;

	while (next_token(zone, cursor, &token)) {
		any = true;
		if (reason == NAME_BLANK)
			reason = read_token(zone, &token);
		if (reason == NAME_ZONE_SYNTAX)
			zone->expect = EXPECT_NOTHING; /* of what else stands in its parentheses */
	}
	if (any && zone->depth == 0 && reason == NAME_BLANK && zone->expect != EXPECT_NOTHING)
		return NAME_ZONE_SYNTAX; /* it ends before its RDATA */
	return reason;
}

/* ---- the fast path ---- */

/* Owner octets that mean themselves; A-Z are made small. Anything else is for the careful path. */
static bool copy_owner(struct text *owner, const char *text, size_t len)
{
	/* Most records have the same owner as the one before. */
	if (owner->len == len && memcmp(owner->at, text, len) == 0)
		return true;
	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c + 32);
		else if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
			   c == '.' || c == '_'))
			return false;
		owner->at[i] = c;
	}
	owner->len = len;
	return true;
}

/* The types a TLD's zone consists of. */
static bool is_common(const struct token *type)
{
	static const char *const common[] = {"NS", "DS", "RRSIG", "NSEC3", "A", "AAAA", "NSEC"};

	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		if (token_is(type, common[i]))
			return true;
	return false;
}

/* "owner.<TAB>ttl<TAB>IN<TAB>type<TAB>rdata" without parentheses. False: not such a line, nothing
 * was done. */
static bool read_fast(struct zonefile *zone, const char *text, size_t len)
{
	const char *end = text + len, *at = memchr(text, '\t', len);
	size_t owner_len = at ? (size_t)(at - text) : 0;
	struct token type;

	if (owner_len < 2 || owner_len > NAME_WIRE_MAX || at[-1] != '.')
		return false;
	for (at++; at < end && *at >= '0' && *at <= '9'; at++)
		continue;
	if (end - at < 8 || at[0] != '\t' || (at[1] | 32) != 'i' || (at[2] | 32) != 'n' ||
	    at[3] != '\t')
		return false;
	type.text = at += 4;
	at = memchr(at, '\t', (size_t)(end - at));
	if (!at)
		return false;
	type.len = (size_t)(at - type.text);
	if (at + 1 == end || is_blank(at[1]) || at[1] == ';' || !is_common(&type) ||
	    memchr(at, '(', (size_t)(end - at)) || !copy_owner(&zone->owner, text, owner_len))
		return false;
	if (token_is(&type, "NS"))
		take_ns(zone);
	return true;
}

enum name_reason zonefile_line(struct zonefile *zone, const char *text, size_t len, bool cut)
{
	struct cursor cursor = {text, text + len};
	enum name_reason reason = NAME_BLANK;

	zone->out_count = zone->out_next = 0;
	if (len == 0)
		return NAME_BLANK;
	if (zone->depth > 0 || !read_fast(zone, text, len)) {
		if (zone->depth == 0 && text[0] == '$') {
			reason = read_directive(zone, &cursor);
			zone->depth = 0;
		} else {
			if (zone->depth == 0)
				zone->expect = is_blank(text[0]) ? EXPECT_TYPE : EXPECT_OWNER;
			reason = read_record(zone, &cursor);
		}
	}
	/* The end of a cut line may have closed them; waiting for it could cost all the rest of the
	 * file. */
	if (cut)
		zone->depth = 0;
	return zone->out_count > 0 ? NAME_OK : reason;
}

enum name_reason zonefile_end(struct zonefile *zone)
{
	zone->out_count = zone->out_next = 0;
	if (zone->held.len > 0 && !text_equal(&zone->held, &zone->origin))
		emit(zone, &zone->held);
	zone->held.len = 0;
	return zone->depth > 0 ? NAME_ZONE_SYNTAX : NAME_OK;
}
