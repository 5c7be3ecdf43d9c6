/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/tally/changes.h"

#include <stdio.h>

#include "results/tally/tally.h"

enum column {
	NAME,
	BEFORE,
	AFTER,
	QTYPE,
	CHANGE,
	BEFORE_STATUS,
	AFTER_STATUS,
	BEFORE_AT,
	AFTER_AT,
	BEFORE_CONFIDENCE,
	AFTER_CONFIDENCE,
};

const struct csv_column change_columns[] = {
	[NAME] = {"name", "the name asked for", CSV_TEXT},
	[BEFORE] = {"before",
		    "in the earlier report: ok, the cause, or unknown; empty: it was not there",
		    CSV_TEXT},
	[AFTER] = {"after", "in this one: the same; empty: it is not there", CSV_TEXT},
	[QTYPE] = {"qtype", "the type asked for", CSV_TEXT},
	[CHANGE] = {"change",
		    "broke, mended, cause (broken for another), worse (partial, now failing), "
		    "better, unknown (in one of both), new (and broken), gone (and was broken)",
		    CSV_TEXT},
	[BEFORE_STATUS] = {"before_status", "status in the earlier report", CSV_TEXT},
	[AFTER_STATUS] = {"after_status", "status in this one", CSV_TEXT},
	[BEFORE_AT] = {"before_at", "the zone at fault in the earlier report", CSV_TEXT},
	[AFTER_AT] = {"after_at", "the zone at fault in this one", CSV_TEXT},
	[BEFORE_CONFIDENCE] = {"before_confidence", "how sure the earlier report was", CSV_TEXT},
	[AFTER_CONFIDENCE] = {"after_confidence", "how sure this one is", CSV_TEXT},
	{NULL, NULL, CSV_TEXT},
};

static const char *const names[CHANGE_COUNT] = {"",	  "broke",   "mended", "cause", "worse",
						"better", "unknown", "new",    "gone"};

const char *change_name(enum change change)
{
	return names[change];
}

static bool is_broken(const struct side *side)
{
	return side->there && (side->status == STATUS_FAILING || side->status == STATUS_PARTIAL);
}

enum change change_between(const struct side *before, const struct side *after)
{
	if (!before->there)
		return CHANGE_NEW;
	if (!after->there)
		return CHANGE_GONE;
	if (before->status == after->status && view_equal(before->cause, after->cause))
		return CHANGE_NONE;
	if (before->status == STATUS_UNKNOWN || after->status == STATUS_UNKNOWN)
		return CHANGE_UNKNOWN;
	if (before->status == STATUS_OK)
		return after->status == STATUS_OK ? CHANGE_NONE : CHANGE_BROKE;
	if (after->status == STATUS_OK)
		return CHANGE_MENDED;
	if (!view_equal(before->cause, after->cause))
		return CHANGE_CAUSE;
	return after->status == STATUS_FAILING ? CHANGE_WORSE : CHANGE_BETTER;
}

struct side change_side(const struct verdict *v)
{
	return (struct side){.there = true,
			     .status = v->status,
			     .cause = view_of(cause_info(v->cause)->id),
			     .at = view_of(v->at),
			     .confidence = view_of(confidence_name(v->confidence))};
}

struct view change_word(const struct side *side)
{
	if (!side->there)
		return (struct view){NULL, 0};
	if (side->status == STATUS_OK || side->status == STATUS_UNKNOWN || !side->cause.len)
		return view_of(status_name(side->status));
	return side->cause;
}

/* ---- counting ---- */

static bool count_at(struct tally *tally, enum tally_table table, struct view left,
		     struct view right)
{
	char key[400];
	int len = snprintf(key, sizeof(key), "%.*s %.*s", (int)left.len, left.len ? left.text : "",
			   (int)right.len, right.len ? right.text : "");
	struct counts_item *item = counts_at(tally->table[table], (struct view){key, (size_t)len});

	if (item)
		item->number[0]++;
	return item != NULL;
}

static bool count(struct tally *tally, enum change change, const struct side *before,
		  const struct side *after)
{
	bool good = true;

	tally->changes[change]++;
	if (change == CHANGE_NONE)
		return true;
	if (change == CHANGE_NEW)
		tally->new_broken += is_broken(after);
	else if (change == CHANGE_GONE)
		tally->gone_broken += is_broken(before);
	else
		good = count_at(tally, TALLY_TRANSITIONS, change_word(before), change_word(after));
	if (change == CHANGE_BROKE)
		good &= count_at(tally, TALLY_BROKE, after->at, after->cause);
	if (change == CHANGE_MENDED)
		good &= count_at(tally, TALLY_MENDED, before->at, before->cause);
	return good;
}

/* ---- rows ---- */

static char *put(char *p, struct view text)
{
	*p++ = ',';
	return csv_field(p, text, 255);
}

static struct view status_of(const struct side *side)
{
	return side->there ? view_of(status_name(side->status)) : (struct view){NULL, 0};
}

static size_t write_row(char *out, struct view name, uint16_t qtype, enum change change,
			const struct side *before, const struct side *after)
{
	char text[NAME_TEXT_MAX], *p = csv_field(out, name, 255);

	p = put(p, change_word(before));
	p = put(p, change_word(after));
	p += sprintf(p, ",%s,%s", qtype_name(qtype, text), change_name(change));
	p = put(p, status_of(before));
	p = put(p, status_of(after));
	p = put(p, before->at);
	p = put(p, after->at);
	p = put(p, before->confidence);
	p = put(p, after->confidence);
	*p++ = '\n';
	return (size_t)(p - out);
}

bool change_note(struct tally *tally, struct buf *out, struct view name, uint16_t qtype,
		 const struct side *before, const struct side *after)
{
	enum change change = change_between(before, after);

	if (!count(tally, change, before, after))
		return false;
	if (change == CHANGE_NONE || (change == CHANGE_NEW && !is_broken(after)) ||
	    (change == CHANGE_GONE && !is_broken(before)))
		return true;
	if (!buf_reserve(out, CHANGE_MAX))
		return false;
	out->len += write_row(out->data + out->len, name, qtype, change, before, after);
	return true;
}
