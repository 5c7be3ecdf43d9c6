/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/lists/zonefile_inside.h"

#include <strings.h>

#include "results/rows/names.h"

#define CLASS_IN 1

struct token {
	const char *text;
	size_t len;
};

struct cursor {
	const char *at, *end;
};

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

/* Octets that mean themselves in names, A-Z made small; 0: the others. */
#define LETTER(c) [(c)-32] = (c), [(c)] = (c)
/* clang-format off */
static const char plain_octets[256] = {
	['.'] = '.', ['-'] = '-', ['_'] = '_', ['*'] = '*',
	['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4',
	['5'] = '5', ['6'] = '6', ['7'] = '7', ['8'] = '8', ['9'] = '9',
	LETTER('a'), LETTER('b'), LETTER('c'), LETTER('d'), LETTER('e'), LETTER('f'), LETTER('g'),
	LETTER('h'), LETTER('i'), LETTER('j'), LETTER('k'), LETTER('l'), LETTER('m'), LETTER('n'),
	LETTER('o'), LETTER('p'), LETTER('q'), LETTER('r'), LETTER('s'), LETTER('t'), LETTER('u'),
	LETTER('v'), LETTER('w'), LETTER('x'), LETTER('y'), LETTER('z'),
};
/* clang-format on */

/* What an octet is in a name that needs no escape: itself in lower case; 0: it needs one, or ends
 * the label. */
static char plain(char c)
{
	return c != '.' ? plain_octets[(unsigned char)c] : '\0';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Escapes (RFC 1035 5.1) of what needs none are taken away; others stay, and are nobody's name. */
static void append_name(struct text *name, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		size_t more = 0;
		char c = text[i];

		if (c == '\\' && i + 3 < len && is_digit(text[i + 1]) && is_digit(text[i + 2]) &&
		    is_digit(text[i + 3])) {
			int value = (text[i + 1] - '0') * 100 + (text[i + 2] - '0') * 10 +
				    (text[i + 3] - '0');

			c = value < 128 ? plain((char)value) : '\0';
			more = 3;
		} else if (c == '\\' && i + 1 < len && !is_digit(text[i + 1])) {
			c = plain(text[i + 1]);
			more = 1;
		}
		if (more > 0 && c != '\0')
			text_append(name, &c, 1);
		else
			text_append(name, text + i, 1 + more);
		i += more;
	}
}

/* Makes a name absolute. False: it is relative, and nobody knows to what. */
static bool read_name(struct zonefile *zone, struct text *name, const struct token *token)
{
	bool at = token->len == 1 && token->text[0] == '@';

	if (at && zone->origin.len == 0)
		zone->origin_missed = true;
	name->len = 0;
	if (!at)
		append_name(name, token->text, token->len);
	if (!at && name->len > 0 && name->at[name->len - 1] == '.')
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
	zone->origin = origin;
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

/* 0: no class (0 itself is reserved). */
static unsigned class_of(const struct token *token)
{
	static const char *const words[] = {"", "IN", "CS", "CH", "HS"};
	unsigned class = 0;

	for (unsigned i = 1; i < sizeof(words) / sizeof(words[0]); i++)
		if (token_is(token, words[i]))
			return i;
	if (token->len < 6 || token->len > 10 || strncasecmp(token->text, "CLASS", 5) != 0)
		return 0;
	for (size_t i = 5; i < token->len; i++) {
		if (!is_digit(token->text[i]))
			return 0;
		class = 10 * class + (unsigned)(token->text[i] - '0');
	}
	return class <= UINT16_MAX ? class : 0;
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

static enum type type_of(const struct token *token)
{
	static const struct {
		const char *text;
		enum type type;
	} types[] = {{"SOA", SOA}, {"NS", NS}, {"DS", DS}, {"A", A}, {"AAAA", AAAA}};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (token_is(token, types[i].text))
			return types[i].type;
	return OTHER;
}

/* One word of the RDATA of a record that is kept. */
static void add_rdata(struct zonefile *zone, const struct token *token)
{
	struct text word = {.len = 0};

	if (zone->type != NS)
		text_append(&word, token->text, token->len);
	else if (!read_name(zone, &word, token))
		zone->current->whole = false;
	zonefile_rdata(zone, word.at, word.len);
}

/* One token of a record, in the order the record has them. */
static enum name_reason read_token(struct zonefile *zone, const struct token *token)
{
	unsigned class;

	switch (zone->expect) {
	case EXPECT_OWNER:
		zone->expect = EXPECT_TYPE;
		if (read_name(zone, &zone->owner, token))
			return NAME_BLANK;
		zone->owner.len = 0;
		return NAME_ZONE_SYNTAX;
	case EXPECT_TYPE:
		class = class_of(token);
		if (class != 0)
			return class == CLASS_IN ? NAME_BLANK : NAME_ZONE_CLASS;
		if (is_ttl(token))
			return NAME_BLANK;
		if (!is_type(token) || zone->owner.len == 0)
			return NAME_ZONE_SYNTAX;
		zone->expect = EXPECT_RDATA;
		zone->type = type_of(token);
		if (zone->type == SOA)
			zonefile_soa(zone);
		return NAME_BLANK;
	case EXPECT_RDATA:
		zone->expect = EXPECT_NOTHING;
		if (!zonefile_wants(zone, zone->type))
			return NAME_BLANK;
		zone->in_rdata = true;
		zonefile_record(zone);
		add_rdata(zone, token);
		return NAME_BLANK;
	case EXPECT_NOTHING:
		if (zone->in_rdata && zone->type == DS)
			add_rdata(zone, token);
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
		if (reason != NAME_BLANK)
			zone->expect = EXPECT_NOTHING; /* of what else stands in its parentheses */
	}
	if (any && zone->depth == 0 && reason == NAME_BLANK && zone->expect != EXPECT_NOTHING)
		return NAME_ZONE_SYNTAX; /* it ends before its RDATA */
	return reason;
}

/* ---- the fast path ---- */

/* Octets that mean themselves; A-Z are made small. Anything else is for the careful path. */
static bool copy_plain(char *to, const char *text, size_t len)
{
	bool good = true;

	for (size_t i = 0; i < len; i++) {
		to[i] = plain_octets[(unsigned char)text[i]];
		good &= to[i] != '\0';
	}
	return good;
}

static bool copy_owner(struct text *owner, const char *text, size_t len)
{
	/* Most records have the same owner as the one before. */
	if (owner->len == len && memcmp(owner->at, text, len) == 0)
		return true;
	if (!copy_plain(owner->at, text, len)) {
		owner->len = 0; /* half of it is written */
		return false;
	}
	owner->len = len;
	return true;
}

/* Numbers, digests and addresses. */
static bool copy_digits(char *to, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = zonefile_lower(text[i]);

		if (!is_digit(c) && !(c >= 'a' && c <= 'f') && c != ' ' && c != '.' && c != ':')
			return false;
		to[i] = c;
	}
	return true;
}

/* The types that a TLD's zone consists of. False: another one. */
static bool common_type(const char *text, size_t len, enum type *type)
{
	struct token token = {text, len};

	*type = OTHER;
	if (len == 2)
		*type = zonefile_lower(text[0]) == 'n'	 ? NS
			: zonefile_lower(text[0]) == 'd' ? DS
							 : OTHER;
	if (len == 2)
		return *type != OTHER && zonefile_lower(text[1]) == 's';
	if (len == 1 || (len == 4 && zonefile_lower(text[0]) == 'a')) {
		*type = len == 1 ? A : AAAA;
		return token_is(&token, len == 1 ? "A" : "AAAA");
	}
	return token_is(&token, "RRSIG") || token_is(&token, "NSEC3") || token_is(&token, "NSEC");
}

/* The RDATA of a record that is wanted; owner and type are known. False: nothing was done. */
static bool read_fast_rdata(struct zonefile *zone, const char *text, size_t len)
{
	char rdata[512];

	if (zone->want == ZONEFILE_NAMES) {
		zonefile_record(zone);
		zonefile_record_end(zone);
		return true;
	}
	while (len > 0 && is_blank(text[len - 1]))
		len--;
	if (len == 0 || len > sizeof(rdata))
		return false;
	if (zone->type == NS ? text[len - 1] != '.' || !copy_plain(rdata, text, len)
			     : !copy_digits(rdata, text, len))
		return false;
	zonefile_record(zone);
	zonefile_rdata(zone, rdata, len);
	zonefile_record_end(zone);
	return true;
}

/* "owner.<TAB>ttl<TAB>IN<TAB>type<TAB>rdata" without parentheses. False: not such a line, nothing
 * was done. */
static bool read_fast(struct zonefile *zone, const char *text, size_t len)
{
	const char *end = text + len, *at = memchr(text, '\t', len), *type;
	size_t owner_len = at ? (size_t)(at - text) : 0;

	if (owner_len < 2 || owner_len > NAME_WIRE_MAX || at[-1] != '.')
		return false;
	for (at++; at < end && is_digit(*at); at++)
		continue;
	if (end - at < 8 || at[0] != '\t' || zonefile_lower(at[1]) != 'i' ||
	    zonefile_lower(at[2]) != 'n' || at[3] != '\t')
		return false;
	type = at + 4;
	at = memchr(type, '\t', (size_t)(end - type));
	if (!at || !common_type(type, (size_t)(at - type), &zone->type))
		return false;
	at++;
	if (at == end || is_blank(*at) || *at == ';' || memchr(at, '(', (size_t)(end - at)) ||
	    !copy_owner(&zone->owner, text, owner_len))
		return false;
	return !zonefile_wants(zone, zone->type) || read_fast_rdata(zone, at, (size_t)(end - at));
}

enum name_reason zonefile_line(struct zonefile *zone, const char *text, size_t len, bool cut)
{
	struct cursor cursor = {text, text + len};
	enum name_reason reason = NAME_BLANK;

	zone->out_count = zone->out_next = 0;
	zone->line++;
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
	if (zone->depth == 0 && zone->in_rdata)
		zonefile_record_end(zone);
	if (cut)
		zone->current->whole = false;
	return zone->out_count > 0 ? NAME_OK : reason;
}
