/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/dns/name.h"

#include <arpa/inet.h>
#include <idn2.h>
#include <string.h>

#define LABEL_MAX 63
#define TEXT_MAX  253
#define UTF8_MAX  1024 /* no 253 octets of A-labels need more UTF-8 than that */

static const char *const reasons[NAME_REASON_COUNT] = {
	[NAME_OK] = "",
	[NAME_BLANK] = "blank",
	[NAME_EMPTY_LABEL] = "empty label",
	[NAME_LABEL_TOO_LONG] = "label too long",
	[NAME_TOO_LONG] = "name too long",
	[NAME_BAD_CHARACTER] = "bad character",
	[NAME_BAD_UTF8] = "bad UTF-8",
	[NAME_BAD_IDN] = "bad IDN",
	[NAME_ADDRESS] = "IP address",
	[NAME_URL] = "URL or mail address",
	[NAME_PORT] = "port behind the name",
	[NAME_BLANK_INSIDE] = "blank inside",
	[NAME_BINARY] = "binary",
	[NAME_LINE_TOO_LONG] = "line too long",
	[NAME_ZONE_SYNTAX] = "zone file syntax",
	[NAME_ZONE_DIRECTIVE] = "zone file directive not supported",
	[NAME_ZONE_CLASS] = "zone file record of another class than IN",
	[NAME_EXCLUDED] = "excluded",
};

/* What an octet may be in a name: itself in lower case, or 0 for anything that ends the fast path.
 */
#define LETTER(c) [(c)-32] = (c), [(c)] = (c)
/* clang-format off */
static const uint8_t plain[256] = {
	['-'] = '-', ['_'] = '_',
	['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4',
	['5'] = '5', ['6'] = '6', ['7'] = '7', ['8'] = '8', ['9'] = '9',
	LETTER('a'), LETTER('b'), LETTER('c'), LETTER('d'), LETTER('e'), LETTER('f'), LETTER('g'),
	LETTER('h'), LETTER('i'), LETTER('j'), LETTER('k'), LETTER('l'), LETTER('m'), LETTER('n'),
	LETTER('o'), LETTER('p'), LETTER('q'), LETTER('r'), LETTER('s'), LETTER('t'), LETTER('u'),
	LETTER('v'), LETTER('w'), LETTER('x'), LETTER('y'), LETTER('z'),
};
/* clang-format on */

const char *name_reason_text(enum name_reason reason)
{
	return reasons[reason];
}

size_t name_bom(const char *text, size_t len)
{
	return len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f';
}

static bool is_address(const char *text, size_t len)
{
	char copy[64], *end;
	uint8_t octets[16];

	if (len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	end = strpbrk(copy, "/%");
	if (end)
		*end = '\0';
	if (inet_pton(AF_INET, copy, octets) == 1 || inet_pton(AF_INET6, copy, octets) == 1)
		return true;
	if (copy[0] == '[') {
		end = strchr(copy, ']');
		if (end)
			*end = '\0';
		return inet_pton(AF_INET6, copy + 1, octets) == 1;
	}
	end = strchr(copy, ':');
	if (end)
		*end = '\0';
	return end && inet_pton(AF_INET, copy, octets) == 1;
}

static bool has_port(const char *text, size_t len)
{
	size_t digits = 0;

	while (digits < len && text[len - 1 - digits] >= '0' && text[len - 1 - digits] <= '9')
		digits++;
	return digits > 0 && digits + 1 < len && text[len - 1 - digits] == ':';
}

/* Why a text that is not made of plain labels is no name: the most telling reason first. */
static enum name_reason explain(const char *text, size_t len)
{
	bool blank = false, url = false, high = false;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		blank = blank || is_blank(text[i]);
		url = url || strchr("/?@", c);
		high = high || c >= 0x80;
		if ((c < 32 && !is_blank(text[i])) || c == 127)
			return NAME_BINARY;
	}
	if (is_address(text, len))
		return NAME_ADDRESS;
	if (blank)
		return NAME_BLANK_INSIDE;
	if (url)
		return NAME_URL;
	if (has_port(text, len))
		return NAME_PORT;
	return high ? NAME_BAD_IDN : NAME_BAD_CHARACTER;
}

/* 192.0.2.1 is made of plain labels, too. */
static bool is_dotted_quad(const struct name *name)
{
	const uint8_t *at = name->wire;

	for (int i = 0; i < 4; i++) {
		if (at[0] < 1 || at[0] > 3)
			return false;
		for (int j = 1; j <= at[0]; j++)
			if (at[j] < '0' || at[j] > '9')
				return false;
		at += 1 + at[0];
	}
	return *at == 0;
}

/*
 * The fast path: text without blanks around it and without the last dot. Octets are written behind
 * a hole that becomes the label's length when the label is over. Returns NAME_BAD_CHARACTER for
 * whatever needs a closer look.
 */
static enum name_reason read_plain(struct name *name, const char *text, size_t len)
{
	uint8_t *wire = name->wire;
	size_t hole = 0, out = 1;

	if (len > TEXT_MAX)
		return NAME_TOO_LONG;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		wire[out] = plain[c];
		if (wire[out++])
			continue;
		if (c == '*' && i == 0 && (len == 1 || text[1] == '.')) {
			wire[out - 1] = c;
			continue;
		}
		if (c != '.')
			return NAME_BAD_CHARACTER;
		out--;
		if (out - hole == 1)
			return NAME_EMPTY_LABEL;
		if (out - hole - 1 > LABEL_MAX)
			return NAME_LABEL_TOO_LONG;
		wire[hole] = (uint8_t)(out - hole - 1);
		hole = out++;
	}
	if (out - hole == 1)
		return NAME_EMPTY_LABEL;
	if (out - hole - 1 > LABEL_MAX)
		return NAME_LABEL_TOO_LONG;
	wire[hole] = (uint8_t)(out - hole - 1);
	wire[out++] = 0;
	name->wire_len = (uint8_t)out;
	if (wire[out - 2] <= '9' && is_dotted_quad(name))
		return NAME_ADDRESS;
	return NAME_OK;
}

static enum name_reason idn_reason(int code)
{
	switch (code) {
	case IDN2_ENCODING_ERROR:
		return NAME_BAD_UTF8;
	case IDN2_TOO_BIG_LABEL:
		return NAME_LABEL_TOO_LONG;
	case IDN2_TOO_BIG_DOMAIN:
		return NAME_TOO_LONG;
	default:
		return NAME_BAD_IDN;
	}
}

static enum name_reason read_utf8(struct name *name, const char *text, size_t len)
{
	char copy[UTF8_MAX + 1], *ascii = NULL;
	enum name_reason reason;
	size_t ascii_len;
	int code;

	if (len > UTF8_MAX)
		return NAME_TOO_LONG;
	memcpy(copy, text, len);
	copy[len] = '\0';
	code = idn2_to_ascii_8z(copy, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	if (code != IDN2_OK)
		return idn_reason(code);
	/* The mapping may have made dots and blanks out of others of their kind: read it like any
	 * other text. */
	ascii_len = strlen(ascii);
	if (ascii_len > 1 && ascii[ascii_len - 1] == '.')
		ascii_len--;
	reason = read_plain(name, ascii, ascii_len);
	if (reason == NAME_BAD_CHARACTER)
		reason = explain(ascii, ascii_len);
	idn2_free(ascii);
	return reason;
}

/* The slow path, for whatever read_plain() did not like the characters of. */
static enum name_reason read_other(struct name *name, const char *text, size_t len)
{
	enum name_reason reason = explain(text, len);

	return reason == NAME_BAD_IDN ? read_utf8(name, text, len) : reason;
}

enum name_reason name_normalise(struct name *name, const char *text, size_t len)
{
	enum name_reason reason;

	while (len > 0 && is_blank(text[len - 1]))
		len--;
	while (len > 0 && is_blank(text[0])) {
		text++;
		len--;
	}
	if (len == 0 || text[0] == '#')
		return NAME_BLANK;
	if (text[len - 1] == '.' && --len == 0) {
		name->wire[0] = 0;
		name->wire_len = 1;
		return NAME_OK;
	}
	reason = read_plain(name, text, len);
	if (reason == NAME_BAD_CHARACTER)
		return read_other(name, text, len);
	/* A long text may be long because it is something else; U-labels may be longer than their
	 * A-labels. */
	if (reason == NAME_TOO_LONG || reason == NAME_LABEL_TOO_LONG) {
		enum name_reason why = read_other(name, text, len);

		return why == NAME_BAD_CHARACTER ? reason : why;
	}
	return reason;
}

size_t name_text(char text[NAME_WIRE_MAX + 1], const uint8_t *wire, size_t wire_len)
{
	if (wire_len <= 1) {
		memcpy(text, ".", 2);
		return 1;
	}
	memcpy(text, wire + 1, wire_len - 1); /* its last octet, the root's, is the NUL */
	for (size_t at = wire[0]; at + 2 < wire_len; at += 1 + wire[at + 1])
		text[at] = '.';
	return wire_len - 2;
}
