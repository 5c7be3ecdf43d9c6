/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/rows/csv.h"

#include <endian.h>
#include <stdio.h>
#include <string.h>

#include "io/lines.h"

/* ---- writing ---- */

#define EACH(octet) (0x0101010101010101ULL * (octet))

/* Not zero if one of eight octets is a control, a comma, a quote or not ASCII. A false alarm costs
 * time only. */
static inline uint64_t eight_unsafe(uint64_t x)
{
	uint64_t comma = x ^ EACH(','), quote = x ^ EACH('"'), del = x ^ EACH(0x7f);

	return (x | (x - EACH(0x20)) | (comma - EACH(1)) | (quote - EACH(1)) | (del - EACH(1))) &
	       EACH(0x80);
}

static inline bool octet_unsafe(unsigned char c)
{
	return c < 0x20 || c >= 0x7f || c == ',' || c == '"';
}

/* Length of the UTF-8 sequence at p (RFC 3629, section 4), 0 when it is none. */
static size_t utf8_sequence(const unsigned char *p, size_t left)
{
	unsigned low = 0x80, high = 0xbf;
	size_t len = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

	if (p[0] < 0xc2 || p[0] > 0xf4 || len > left)
		return 0;
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;
	if (p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
		if (p[i] < 0x80 || p[i] > 0xbf)
			return 0;
	return len;
}

/* Eight octets that go as they are into a field with quotes. */
static inline bool eight_easy(const unsigned char *p)
{
	uint64_t x, quote, del;

	memcpy(&x, p, sizeof(x));
	quote = x ^ EACH('"');
	del = x ^ EACH(0x7f);
	return !((x | (x - EACH(0x20)) | (quote - EACH(1)) | (del - EACH(1))) & EACH(0x80));
}

/* Control octets and what is no UTF-8, the careful way; with quotes, these doubled. */
static char *put_carefully(char *out, const char *text, size_t len, bool quoted)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t i = 0;

	if (quoted)
		*out++ = '"';
	while (i < len) {
		unsigned char c = p[i];
		size_t run = 1;

		if (len - i >= 8 && eight_easy(p + i)) {
			memcpy(out, p + i, 8);
			out += 8;
			i += 8;
			continue;
		}
		if (c == '"' && quoted) {
			*out++ = '"';
			*out++ = '"';
		} else if (c < 0x20 || c == 0x7f) {
			*out++ = ' ';
		} else if (c < 0x7f) {
			*out++ = (char)c;
		} else if ((run = utf8_sequence(p + i, len - i)) > 0) {
			memcpy(out, p + i, run);
			out += run;
		} else {
			*out++ = '?';
			run = 1;
		}
		i += run;
	}
	if (quoted)
		*out++ = '"';
	return out;
}

static char *field_slowly(char *out, const char *text, size_t len)
{
	return put_carefully(out, text, len, memchr(text, ',', len) || memchr(text, '"', len));
}

bool csv_is_plain(struct view text)
{
	uint64_t unsafe = 0, x;
	size_t i = 0;

	for (; i + 8 <= text.len; i += 8) {
		memcpy(&x, text.text + i, 8);
		unsafe |= eight_unsafe(x);
	}
	for (; i < text.len; i++)
		unsafe |= octet_unsafe((unsigned char)text.text[i]);
	return !unsafe;
}

size_t csv_plain(char *out, struct view text)
{
	return (size_t)(put_carefully(out, text.text, text.len, false) - out);
}

char *csv_field(char *out, struct view field, size_t max)
{
	size_t len = field.len < max ? field.len : max;
	uint64_t unsafe = 0, x;

	if (len == 0)
		return out;
	if (len >= 8) {
		for (size_t i = 0; i + 8 <= len; i += 8) {
			memcpy(&x, field.text + i, 8);
			memcpy(out + i, &x, 8);
			unsafe |= eight_unsafe(x);
		}
		memcpy(&x, field.text + len - 8, 8); /* overlaps what is done already */
		memcpy(out + len - 8, &x, 8);
		unsafe |= eight_unsafe(x);
	} else {
		for (size_t i = 0; i < len; i++) {
			out[i] = field.text[i];
			unsafe |= octet_unsafe((unsigned char)field.text[i]);
		}
	}
	return unsafe ? field_slowly(out, field.text, len) : out + len;
}

size_t csv_header(char *out, const struct csv_column *columns)
{
	char *p = out;

	for (; columns->name; columns++) {
		if (p != out)
			*p++ = ',';
		p = stpcpy(p, columns->name);
	}
	*p++ = '\n';
	return (size_t)(p - out);
}

/* ---- reading ---- */

/* One field at p, unescaped in place. Returns where it ends: at a comma or at end. NULL: why says
 * what is wrong. */
static char *field_read(char *p, char *end, struct view *value, const char **wrong)
{
	char *from = p, *to;

	if (p == end || *p != '"') {
		p = memchr(p, ',', (size_t)(end - p));
		p = p ? p : end;
		*value = (struct view){from, (size_t)(p - from)};
		if (memchr(from, '"', value->len)) {
			*wrong = "a quote inside an unquoted field";
			return NULL;
		}
		return p;
	}
	for (from = to = ++p; p < end; p++) {
		if (*p == '"' && (++p == end || *p != '"')) {
			*value = (struct view){from, (size_t)(to - from)};
			if (p < end && *p != ',') {
				*wrong = "text after the closing quote";
				return NULL;
			}
			return p;
		}
		*to++ = *p;
	}
	*wrong = "the closing quote is missing";
	return NULL;
}

bool csv_layout_read(struct csv_layout *layout, const struct csv_column *columns, char *line,
		     size_t len, char why[CSV_WHY_MAX])
{
	char *p = line, *end = line + len;
	const char *wrong = NULL, *foreign = lines_foreign(line, len);
	struct view name;
	bool known = false;

	if (foreign != NULL) {
		snprintf(why, CSV_WHY_MAX, "%s", foreign);
		return false;
	}
	layout->columns = columns;
	for (layout->known = 0; columns[layout->known].name;)
		layout->known++;
	layout->fields = 0;
	if (len && end[-1] == '\r')
		end--;
	if (end - p >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		p += 3; /* a spreadsheet's byte order mark */
	for (;; p++) {
		unsigned i = 0;

		if (layout->fields == CSV_FIELDS_MAX) {
			snprintf(why, CSV_WHY_MAX, "header: more than %d columns", CSV_FIELDS_MAX);
			return false;
		}
		if (!(p = field_read(p, end, &name, &wrong))) {
			snprintf(why, CSV_WHY_MAX, "header: field %u: %s", layout->fields + 1,
				 wrong);
			return false;
		}
		while (columns[i].name && !view_is(name, columns[i].name))
			i++;
		known |= columns[i].name != NULL;
		layout->column[layout->fields++] = (uint8_t)(columns[i].name ? i : CSV_IGNORED);
		if (p == end)
			break;
	}
	if (!known)
		snprintf(why, CSV_WHY_MAX, "header: no column is known");
	return known;
}

bool csv_layout_has(const struct csv_layout *layout, const char *column)
{
	for (unsigned i = 0; i < layout->fields; i++)
		if (layout->column[i] != CSV_IGNORED &&
		    strcmp(layout->columns[layout->column[i]].name, column) == 0)
			return true;
	return false;
}

static inline void assign(const struct csv_layout *layout, unsigned field, struct view *values,
			  struct view value)
{
	if (field < layout->fields && layout->column[field] != CSV_IGNORED)
		values[layout->column[field]] = value;
}

/* A bit for each of eight octets that is a comma: the highest one of it, the first octet's lowest. */
static inline uint64_t commas_in(const char *p)
{
	uint64_t x, low = EACH(0x7f);

	memcpy(&x, p, sizeof(x));
	x = le64toh(x) ^ EACH(',');
	return ~(((x & low) + low) | x | low);
}

/* A line without quotes: nearly all of them. Returns the number of fields. */
static unsigned split_plain(const struct csv_layout *layout, const char *p, const char *end,
			    struct view *values)
{
	const char *from = p;
	unsigned field = 0;

	for (; end - p >= 8; p += 8) {
		for (uint64_t commas = commas_in(p); commas; commas &= commas - 1) {
			const char *comma = p + __builtin_ctzll(commas) / 8;

			assign(layout, field++, values,
			       (struct view){from, (size_t)(comma - from)});
			from = comma + 1;
		}
	}
	for (; p < end; p++) {
		if (*p != ',')
			continue;
		assign(layout, field++, values, (struct view){from, (size_t)(p - from)});
		from = p + 1;
	}
	assign(layout, field++, values, (struct view){from, (size_t)(end - from)});
	return field;
}

/* Any line. 0: why says what is wrong. */
static unsigned split_quoted(const struct csv_layout *layout, char *p, char *end,
			     struct view *values, char why[CSV_WHY_MAX])
{
	const char *wrong = NULL;
	unsigned field = 0;
	struct view value;

	for (;; p++) {
		p = field_read(p, end, &value, &wrong);
		if (!p) {
			snprintf(why, CSV_WHY_MAX, "field %u: %s", field + 1, wrong);
			return 0;
		}
		assign(layout, field++, values, value);
		if (p == end)
			return field;
	}
}

bool csv_split(const struct csv_layout *layout, char *line, size_t len,
	       struct view values[CSV_FIELDS_MAX], char why[CSV_WHY_MAX])
{
	char *end = line + len;
	unsigned fields;

	memset(values, 0, layout->known * sizeof(*values));
	if (len && end[-1] == '\r')
		end--;
	fields = memchr(line, '"', (size_t)(end - line))
			 ? split_quoted(layout, line, end, values, why)
			 : split_plain(layout, line, end, values);
	if (fields && fields != layout->fields)
		snprintf(why, CSV_WHY_MAX, "%u fields, the header has %u", fields, layout->fields);
	return fields == layout->fields;
}
