/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/report/html.h"

#include <stdio.h>

#define NOT_UTF8 UINT32_MAX

/* The character at text (len > 0), *used its octets. Overlong forms, surrogates and what lies above
 * U+10FFFF are not UTF-8 (RFC 3629). */
static uint32_t decode(const unsigned char *text, size_t len, size_t *used)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char first = text[0];
	size_t octets = first < 0x80   ? 1
			: first < 0xc2 ? 0
			: first < 0xe0 ? 2
			: first < 0xf0 ? 3
			: first < 0xf5 ? 4
				       : 0;
	uint32_t c = octets == 1 ? first : first & (0x7fU >> octets);

	*used = 1;
	if (octets == 0 || octets > len)
		return NOT_UTF8;
	for (size_t i = 1; i < octets; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return NOT_UTF8;
		c = c << 6 | (text[i] & 0x3f);
	}
	if (octets > 1 && (c < least[octets] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)))
		return NOT_UTF8;
	*used = octets;
	return c;
}

/* Characters that hide, or that turn their neighbours round. */
static bool deceives(uint32_t c)
{
	static const struct {
		uint32_t from, to;
	} ranges[] = {
		{0x0000, 0x001f}, {0x007f, 0x009f}, {0x00ad, 0x00ad},	 {0x034f, 0x034f},
		{0x061c, 0x061c}, {0x115f, 0x1160}, {0x17b4, 0x17b5},	 {0x180b, 0x180f},
		{0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},	 {0x2800, 0x2800},
		{0x3164, 0x3164}, {0xfe00, 0xfe0f}, {0xfeff, 0xfeff},	 {0xffa0, 0xffa0},
		{0xfff0, 0xfffb}, {0xfffe, 0xffff}, {0xe0000, 0x10ffff},
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++)
		if (c >= ranges[i].from && c <= ranges[i].to)
			return true;
	return false;
}

static void put_character(struct buf *out, uint32_t c, const char *octets, size_t used)
{
	switch (c) {
	case '&':
		buf_add_str(out, "&amp;");
		break;
	case '<':
		buf_add_str(out, "&lt;");
		break;
	case '>':
		buf_add_str(out, "&gt;");
		break;
	case '"':
		buf_add_str(out, "&quot;");
		break;
	case '\'':
		buf_add_str(out, "&#39;");
		break;
	case NOT_UTF8:
		buf_add_str(out, "\357\277\275");
		break;
	default:
		if (deceives(c))
			buf_addf(out, "[U+%04X]", (unsigned)c);
		else
			buf_add(out, octets, used);
	}
}

void html_text(struct buf *out, struct view text)
{
	size_t used;

	for (size_t i = 0; i < text.len; i += used) {
		uint32_t c = decode((const unsigned char *)text.text + i, text.len - i, &used);

		put_character(out, c, text.text + i, used);
	}
}

void html_str(struct buf *out, const char *text)
{
	html_text(out, view_of(text));
}

void html_foreign(struct buf *out, struct view text, size_t max)
{
	struct view head = text;

	if (max && text.len > max) {
		head.len = max;
		while (head.len > 0 && ((unsigned char)text.text[head.len] & 0xc0) == 0x80)
			head.len--;
	}
	buf_add_str(out, "<bdi>");
	html_text(out, head);
	buf_add_str(out, head.len < text.len ? "...</bdi>" : "</bdi>");
}

const char *html_number(uint64_t value, char text[HTML_NUMBER_MAX])
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)value);
	char *p = text;

	for (int i = 0; i < len; i++) {
		*p++ = digits[i];
		if (i + 1 < len && (len - i - 1) % 3 == 0)
			*p++ = ',';
	}
	*p = '\0';
	return text;
}

const char *html_short(uint64_t value, char text[HTML_NUMBER_MAX])
{
	static const char units[] = "kMGT";
	double number = (double)value;
	int unit = -1;

	if (value < 10000)
		return html_number(value, text);
	do {
		number /= 1000;
		unit++;
	} while (number >= 999.5 && unit < 3);
	snprintf(text, HTML_NUMBER_MAX, "%.3g%c", number, units[unit]);
	return text;
}

const char *html_share(uint64_t part, uint64_t all, char text[HTML_NUMBER_MAX])
{
	double share = all ? 100.0 * (double)part / (double)all : 0;

	if (all == 0)
		return "-";
	if (part == 0 || part == all)
		snprintf(text, HTML_NUMBER_MAX, "%d %%", part ? 100 : 0);
	else if (share < 0.001)
		snprintf(text, HTML_NUMBER_MAX, "&lt; 0.001 %%");
	else
		snprintf(text, HTML_NUMBER_MAX, "%.*f %%",
			 share < 0.1	? 3
			 : share < 10	? 2
			 : share > 99.9 ? 3
					: 1,
			 share);
	return text;
}

const char *html_time(int64_t us, char text[HTML_NUMBER_MAX])
{
	double ms = (double)us / 1000;

	if (us < 0)
		return "-";
	if (ms < 1000)
		snprintf(text, HTML_NUMBER_MAX, "%.*f ms", ms < 1 ? 2 : ms < 100 ? 1 : 0, ms);
	else
		snprintf(text, HTML_NUMBER_MAX, "%.1f s", ms / 1000);
	return text;
}
