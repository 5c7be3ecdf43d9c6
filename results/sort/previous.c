/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/sort/previous.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/blocks.h"
#include "results/sort/piece.h"

/* So many bad lines are shown, the rest is counted. */
#define SHOWN 5
/* What is handed out at once, about. */
#define WITH_OCTETS  (256U * 1024)
#define CAUSE_OCTETS 64

struct previous {
	FILE *messages;
	char *path;
	struct blocks *blocks;
	struct csv_layout layout;
	char *header;
	size_t header_len;
	bool usual;    /* columns stand as this version writes them */
	char *p, *end; /* what is left of the block */
	uint64_t line, bad, gone_well;
	bool damaged;
	/* the next row, if there is one */
	bool held;
	bool gap; /* before it (or the end), something could not be read */
	char key[PIECE_KEY_MAX];
	size_t key_len;
	struct side side; /* views into the block */
	struct block block;
};

static void say(const struct previous *previous, const char *why)
{
	fprintf(previous->messages, "%s: %s\n", previous->path, why);
}

/* ---- opening ---- */

static bool begin(struct previous *previous, char why[CSV_WHY_MAX])
{
	char *lf;

	switch (blocks_next(previous->blocks, &previous->block)) {
	case BLOCKS_BLOCK:
		break;
	case BLOCKS_DAMAGE:
		snprintf(why, CSV_WHY_MAX, "%s", blocks_error(previous->blocks));
		return false;
	default:
		snprintf(why, CSV_WHY_MAX, "no header line");
		return false;
	}
	previous->p = previous->block.text;
	previous->end = previous->p + previous->block.len;
	lf = memchr(previous->p, '\n', previous->block.len);
	if (!lf) {
		snprintf(why, CSV_WHY_MAX, "the header line is too long");
		return false;
	}
	previous->header_len = (size_t)(lf - previous->p);
	previous->header = malloc(previous->header_len + 1);
	if (!previous->header) {
		snprintf(why, CSV_WHY_MAX, "out of memory");
		return false;
	}
	memcpy(previous->header, previous->p, previous->header_len);
	if (!csv_layout_read(&previous->layout, verdict_columns, previous->p, previous->header_len,
			     why))
		return false;
	previous->p = lf + 1;
	previous->line = 1;
	return true;
}

static bool has_column(const struct csv_layout *layout, enum verdict_column column)
{
	for (unsigned i = 0; i < layout->fields; i++)
		if (layout->column[i] == column)
			return true;
	return false;
}

struct previous *previous_open(const char *dir, FILE *messages)
{
	struct previous *previous = malloc(sizeof(*previous));
	char why[CSV_WHY_MAX] = "out of memory";
	bool good = false;

	if (!previous) {
		fprintf(messages, "%s: %s\n", dir, why);
		return NULL;
	}
	memset(previous, 0, offsetof(struct previous, block));
	previous->messages = messages;
	if (asprintf(&previous->path, "%s/verdicts.csv.gz", dir) < 0)
		previous->path = NULL;
	if (previous->path && !(previous->blocks = blocks_open(previous->path)))
		snprintf(why, sizeof(why), "%s", strerror(errno));
	if (previous->blocks && begin(previous, why)) {
		good = has_column(&previous->layout, VERDICT_NAME) &&
		       has_column(&previous->layout, VERDICT_STATUS);
		snprintf(why, sizeof(why), "no column name, or none status");
	}
	previous->usual = good && previous->layout.fields > VERDICT_STATUS &&
			  previous->layout.column[0] == VERDICT_NAME &&
			  previous->layout.column[1] == VERDICT_QTYPE &&
			  previous->layout.column[2] == VERDICT_STATUS;
	if (!good) {
		fprintf(messages, "%s/verdicts.csv.gz: %s\n", dir, why);
		previous_close(&previous);
	}
	return previous;
}

void previous_close(struct previous **previous)
{
	if (!*previous)
		return;
	blocks_close(&(*previous)->blocks);
	free((*previous)->header);
	free((*previous)->path);
	free(*previous);
	*previous = NULL;
}

/* ---- rows ---- */

static bool is_status(struct view text, enum status *status)
{
	for (unsigned i = 0; i < STATUS_COUNT; i++) {
		if (view_is(text, status_name((enum status)i))) {
			*status = (enum status)i;
			return true;
		}
	}
	return false;
}

/* An id, known or not: another version may have had others. */
static bool is_id(struct view text)
{
	if (text.len > CAUSE_OCTETS)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (text.text[i] != '-' && (text.text[i] < 'a' || text.text[i] > 'z') &&
		    (text.text[i] < '0' || text.text[i] > '9'))
			return false;
	return true;
}

/* Most rows are of names that are fine, and nothing else of these is wanted. False: not one. */
static bool read_well(struct previous *previous, char *key, size_t *key_len, const char *line,
		      const char *lf)
{
	const char *comma = memchr(line, ',', (size_t)(lf - line));
	struct view name;

	if (!previous->usual || !comma || line[0] == '"' || comma == line || comma - line > 255 ||
	    lf - comma < 6 || memcmp(comma, ",A,ok,", 6) != 0)
		return false;
	name = (struct view){line, (size_t)(comma - line)};
	*key_len = piece_key(key, name, 1);
	previous->side = (struct side){.there = true, .status = STATUS_OK};
	return true;
}

static bool read_row(struct previous *previous, char *key, size_t *key_len, char *line, size_t len,
		     char why[CSV_WHY_MAX])
{
	struct view v[CSV_FIELDS_MAX];
	struct side *side = &previous->side;
	uint16_t qtype = 1;

	if (!csv_split(&previous->layout, line, len, v, why))
		return false;
	snprintf(why, CSV_WHY_MAX, "not a verdict");
	*side = (struct side){.there = true,
			      .cause = v[VERDICT_CAUSE],
			      .at = v[VERDICT_AT],
			      .confidence = v[VERDICT_CONFIDENCE]};
	if (v[VERDICT_NAME].len == 0 || v[VERDICT_NAME].len > 255 ||
	    (v[VERDICT_QTYPE].len &&
	     !qtype_from_name(v[VERDICT_QTYPE].text, v[VERDICT_QTYPE].len, &qtype)) ||
	    !is_status(v[VERDICT_STATUS], &side->status) || !is_id(side->cause) ||
	    !is_id(side->confidence) || side->at.len > 255)
		return false;
	if (side->status == STATUS_OK) /* what stands there besides is nobody's failure */
		side->cause = side->at = side->confidence = (struct view){NULL, 0};
	*key_len = piece_key(key, v[VERDICT_NAME], qtype);
	return true;
}

static int compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int order = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return order ? order : (a_len > b_len) - (a_len < b_len);
}

static void bad_line(struct previous *previous, const char *why)
{
	previous->gap = previous->damaged = true;
	if (++previous->bad <= SHOWN)
		fprintf(previous->messages, "%s: line %llu: %s\n", previous->path,
			(unsigned long long)previous->line, why);
}

/* Takes the line at p. False: it was no row. */
static bool take_line(struct previous *previous)
{
	char *line = previous->p, *lf = memchr(line, '\n', (size_t)(previous->end - previous->p));
	size_t len = (size_t)(lf - line), key_len = 0;
	char key[PIECE_KEY_MAX], why[CSV_WHY_MAX];

	previous->p = lf + 1;
	previous->line++;
	if (len == 0 || (len == previous->header_len && memcmp(line, previous->header, len) == 0))
		return false;
	if (!read_well(previous, key, &key_len, line, lf) &&
	    !read_row(previous, key, &key_len, line, len, why)) {
		bad_line(previous, why);
		return false;
	}
	if (previous->key_len && compare(key, key_len, previous->key, previous->key_len) <= 0) {
		bad_line(previous, "not in order: it does not count");
		return false;
	}
	memcpy(previous->key, key, key_len);
	previous->key_len = key_len;
	return true;
}

/* The next row into *previous; false: there is none. */
static bool hold(struct previous *previous)
{
	if (previous->held)
		return true;
	for (;;) {
		while (previous->p < previous->end)
			if ((previous->held = take_line(previous)))
				return true;
		switch (blocks_next(previous->blocks, &previous->block)) {
		case BLOCKS_END:
			return false;
		case BLOCKS_DAMAGE:
			previous->gap = previous->damaged = true;
			say(previous, blocks_error(previous->blocks));
			continue;
		default:
			previous->p = previous->block.text;
			previous->end = previous->p + previous->block.len;
			if (previous->block.too_long)
				bad_line(previous, "a line is too long");
		}
	}
}

static void let_go(struct previous *previous)
{
	previous->held = previous->gap = false;
}

/* ---- handing out ---- */

static void put_text(struct buf *out, struct view text)
{
	unsigned char len = (unsigned char)text.len; /* all are below 256 */

	buf_add(out, &len, 1);
	buf_add(out, text.text, text.len);
}

static void put_side(struct buf *out, const struct side *side)
{
	char status = (char)side->status;

	buf_add(out, &status, 1);
	if (side->status == STATUS_OK)
		return;
	put_text(out, side->cause);
	put_text(out, side->at);
	put_text(out, side->confidence);
}

static void put_kind(struct buf *out, enum was_kind kind)
{
	char octet = (char)kind;

	buf_add(out, &octet, 1);
}

static void put_gone(struct previous *previous, struct buf *out)
{
	if (previous->side.status == STATUS_OK) {
		previous->gone_well++;
		return;
	}
	put_kind(out, WAS_GONE);
	put_text(out, (struct view){previous->key, previous->key_len - 3});
	buf_add(out, previous->key + previous->key_len - 2, 2);
	put_side(out, &previous->side);
}

int previous_upto(struct previous *previous, const struct record *key, struct buf *with)
{
	int order = 1;

	while (hold(previous)) {
		order = key ? compare(previous->key, previous->key_len, key->key, key->key_len)
			    : -1;
		if (order >= 0)
			break;
		if (with->len > WITH_OCTETS)
			return 1;
		put_gone(previous, with);
		let_go(previous);
	}
	if (!key)
		return with->failed ? -ENOMEM : 0;
	if (previous->held && order == 0) {
		put_kind(with, WAS_SEEN);
		put_side(with, &previous->side);
		let_go(previous);
	} else {
		put_kind(with, previous->gap ? WAS_UNREAD : WAS_NEW);
	}
	return with->failed ? -ENOMEM : 0;
}

/* ---- reading what was handed out ---- */

static const char *take_text(const char *p, struct view *text)
{
	*text = (struct view){p + 1, (unsigned char)*p};
	return p + 1 + text->len;
}

static const char *take_side(const char *p, struct side *side)
{
	side->there = true;
	side->status = (enum status) * p++;
	if (side->status == STATUS_OK)
		return p;
	p = take_text(p, &side->cause);
	p = take_text(p, &side->at);
	return take_text(p, &side->confidence);
}

const char *was_read(const char *p, struct was *was)
{
	memset(was, 0, sizeof(*was));
	was->kind = (enum was_kind) * p++;
	if (was->kind == WAS_GONE) {
		p = take_text(p, &was->name);
		was->qtype = (uint16_t)((unsigned char)p[0] << 8 | (unsigned char)p[1]);
		p += 2;
	}
	return was->kind == WAS_GONE || was->kind == WAS_SEEN ? take_side(p, &was->side) : p;
}

uint64_t previous_gone_well(const struct previous *previous)
{
	return previous->gone_well;
}

bool previous_damaged(const struct previous *previous)
{
	return previous->damaged;
}

void previous_tell(const struct previous *previous)
{
	if (previous->bad > SHOWN)
		fprintf(previous->messages, "%s: %llu more lines are bad\n", previous->path,
			(unsigned long long)(previous->bad - SHOWN));
}
