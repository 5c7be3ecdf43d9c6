/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/sort/question.h"

#include <stdlib.h>
#include <string.h>

/* Evidence of one piece: a range of the list. */
struct part {
	struct place place;
	size_t from, count;
};

struct question {
	const struct panel *panel;
	struct view name;
	uint16_t qtype;
	struct look *looks;
	struct row *rows;
	struct evidence *evidence, *ordered;
	struct part *parts;
	struct opinion *opinions;
	size_t look_count, row_count, evidence_count, part_count;
	size_t look_room, row_room, evidence_room, part_room, ordered_room, opinion_room;
};

struct question *question_create(const struct panel *panel)
{
	struct question *question = calloc(1, sizeof(*question));

	if (question)
		question->panel = panel;
	return question;
}

void question_destroy(struct question **question)
{
	struct question *q = *question;

	if (!q)
		return;
	free(q->looks);
	free(q->rows);
	free(q->evidence);
	free(q->ordered);
	free(q->parts);
	free(q->opinions);
	free(q);
	*question = NULL;
}

bool question_begin(struct question *q, const struct record *record)
{
	q->look_count = q->row_count = q->evidence_count = q->part_count = 0;
	return piece_question(record, &q->name, &q->qtype);
}

/* Room for one more element than count. */
static bool grow(void *list, size_t count, size_t *room, size_t size)
{
	void **field = list;
	size_t more_room = *room + *room / 2 + 16;
	void *more;

	if (count < *room)
		return true;
	more = reallocarray(*field, more_room, size);
	if (!more)
		return false;
	*field = more;
	*room = more_room;
	return true;
}

static enum question_result damaged(const struct reading *in)
{
	return in->failed ? QUESTION_DAMAGED : QUESTION_TAKEN;
}

/* What a resolver says of everything it says of nothing. */
static void read_anew(struct look *look, const struct row *row)
{
	if (look->kind == LOOK_CLEAN || !(look->resolver->no_cd || look->resolver->fell_silent ||
					  (look->kind == LOOK_POLICY && look->resolver->labels)))
		return;
	look->kind = look_kind_of(row, look->resolver);
	if (look->kind == LOOK_CLEAN)
		look->time_ms -= look->time_ms % 1000;
}

/* most: of looks. */
static enum question_result read_looks(struct question *q, struct reading *in, unsigned source,
				       uint64_t most)
{
	for (; most > 0 && in->next < in->end && !in->failed; most--) {
		struct look *look;
		uint64_t number;
		int index;

		if (!grow(&q->looks, q->look_count, &q->look_room, sizeof(*q->looks)) ||
		    !grow(&q->rows, q->row_count, &q->row_room, sizeof(*q->rows)))
			return QUESTION_NO_MEMORY;
		look = &q->looks[q->look_count];
		number = piece_read_look(in, look, &q->rows[q->row_count]);
		index = panel_index(q->panel, source, number);
		if (in->failed || index < 0)
			return QUESTION_DAMAGED;
		look->resolver = panel_resolver(q->panel, (unsigned)index);
		read_anew(look, &q->rows[q->row_count]);
		q->row_count += look->kind != LOOK_CLEAN;
		q->look_count++;
	}
	return damaged(in);
}

static enum question_result read_settled_clean(struct question *q, struct reading *in,
					       unsigned source)
{
	while (in->next < in->end && !in->failed) {
		uint64_t number = piece_read_number(in);
		int index = panel_index(q->panel, source, number >> 1);

		if (in->failed || index < 0)
			return QUESTION_DAMAGED;
		if (!grow(&q->looks, q->look_count, &q->look_room, sizeof(*q->looks)))
			return QUESTION_NO_MEMORY;
		q->looks[q->look_count++] =
			(struct look){.resolver = panel_resolver(q->panel, (unsigned)index),
				      .kind = LOOK_CLEAN,
				      .ad = number & 1,
				      .rtt_us = -1};
	}
	return damaged(in);
}

static enum question_result read_evidence(struct question *q, struct reading *in,
					  const struct place *place)
{
	struct part *part;

	if (!grow(&q->parts, q->part_count, &q->part_room, sizeof(*q->parts)))
		return QUESTION_NO_MEMORY;
	part = &q->parts[q->part_count];
	*part = (struct part){*place, q->evidence_count, 0};
	while (in->next < in->end && !in->failed) {
		struct evidence *evidence;

		if (!grow(&q->evidence, q->evidence_count, &q->evidence_room, sizeof(*q->evidence)))
			return QUESTION_NO_MEMORY;
		evidence = &q->evidence[q->evidence_count];
		piece_read_evidence(in, evidence);
		evidence->name = q->name;
		evidence->qtype = q->qtype;
		q->evidence_count++;
		part->count++;
	}
	q->part_count += part->count > 0;
	return damaged(in);
}

/* Those of a report, all of one inquiry, of a file of their own. */
static enum question_result read_settled(struct question *q, struct reading *in, unsigned source)
{
	uint64_t looks = piece_read_number(in);
	struct place place = {.file = UINT64_MAX - source};
	enum question_result result = read_looks(q, in, source, looks);

	return result == QUESTION_TAKEN ? read_evidence(q, in, &place) : result;
}

enum question_result question_add(struct question *q, const struct record *record, unsigned source)
{
	struct reading in = {.next = record->payload, .end = record->payload + record->payload_len};
	size_t looks = q->look_count, rows = q->row_count, evidence = q->evidence_count,
	       parts = q->part_count;
	enum question_result result = QUESTION_DAMAGED;
	struct place place;

	switch (record->payload_len ? *in.next++ : 0) {
	case PIECE_CLEAN:
	case PIECE_LOOKS:
		result = read_looks(q, &in, source, UINT64_MAX);
		break;
	case PIECE_EVIDENCE:
		piece_read_place(&in, &place);
		result = read_evidence(q, &in, &place);
		break;
	case PIECE_SETTLED_CLEAN:
		result = read_settled_clean(q, &in, source);
		break;
	case PIECE_SETTLED:
		result = read_settled(q, &in, source);
		break;
	}
	if (result != QUESTION_TAKEN) {
		q->look_count = looks;
		q->row_count = rows;
		q->evidence_count = evidence;
		q->part_count = parts;
	}
	return result;
}

/* ---- looks in order ---- */

#define COMPARE(a, b)                                                                              \
	do {                                                                                       \
		if ((a) != (b))                                                                    \
			return (a) < (b) ? -1 : 1;                                                 \
	} while (0)

static int compare_replies(const struct reply *a, const struct reply *b)
{
	COMPARE(a->outcome, b->outcome);
	COMPARE(a->rcode, b->rcode);
	COMPARE(a->flags, b->flags);
	COMPARE(a->answers, b->answers);
	COMPARE(a->tries, b->tries);
	COMPARE(a->rtt_us, b->rtt_us);
	COMPARE(a->ede_count, b->ede_count);
	for (unsigned i = 0; i < a->ede_count; i++)
		COMPARE(a->ede[i], b->ede[i]);
	return view_order(a->ede_text, b->ede_text);
}

/* By resolver and time; the rest only makes the order of equal ones the same every time. */
static int by_resolver_and_time(const void *a, const void *b)
{
	const struct look *x = a, *y = b;
	int order;

	COMPARE(x->resolver->identity, y->resolver->identity);
	COMPARE(x->time_ms, y->time_ms);
	COMPARE(x->kind, y->kind);
	COMPARE(x->rtt_us, y->rtt_us);
	COMPARE(x->ad, y->ad);
	COMPARE(x->resolver, y->resolver); /* in the panel's order */
	if (!x->row || !y->row)
		return (x->row != NULL) - (y->row != NULL);
	if ((order = compare_replies(&x->row->normal, &y->row->normal)) ||
	    (order = compare_replies(&x->row->cd, &y->row->cd)))
		return order;
	COMPARE(x->row->again_outcome, y->row->again_outcome);
	COMPARE(x->row->again_rcode, y->row->again_rcode);
	return view_order(x->row->cd_rrsig, y->row->cd_rrsig);
}

static void sort_looks(struct question *q)
{
	size_t row = 0;

	for (size_t i = 0; i < q->look_count; i++) {
		q->looks[i].row = NULL;
		if (q->looks[i].kind == LOOK_CLEAN)
			continue;
		q->rows[row].name = q->name;
		q->rows[row].qtype = q->qtype;
		q->looks[i].row = &q->rows[row++];
	}
	if (q->look_count)
		qsort(q->looks, q->look_count, sizeof(*q->looks), by_resolver_and_time);
}

/* ---- the latest inquiry ---- */

static int compare_evidence(const struct evidence *x, const struct evidence *y)
{
	int order;

	COMPARE(x->time_ms, y->time_ms);
	if ((order = view_order(x->probe, y->probe)) || (order = view_order(x->zone, y->zone)) ||
	    (order = view_order(x->address, y->address)) ||
	    (order = view_order(x->finding, y->finding)))
		return order;
	return view_order(x->detail, y->detail);
}

/* Of two inquiries the one that began later; all their rows decide only where the order of files
 * would. */
static int compare_inquiries(const struct evidence *a, size_t a_count, const struct evidence *b,
			     size_t b_count)
{
	for (size_t i = 0; i < a_count && i < b_count; i++) {
		int order = compare_evidence(&a[i], &b[i]);

		if (order)
			return order;
	}
	COMPARE(a_count, b_count);
	return 0;
}

static int by_place(const void *a, const void *b)
{
	const struct place *x = &((const struct part *)a)->place,
			   *y = &((const struct part *)b)->place;

	COMPARE(x->file, y->file);
	COMPARE(x->block, y->block);
	COMPARE(x->index, y->index);
	return 0;
}

static bool goes_on(const struct place *before, const struct place *place)
{
	if (before->file != place->file)
		return false;
	if (before->block == place->block)
		return place->continues && before->index + 1 == place->index;
	return before->last && place->first && before->block + 1 == place->block;
}

/* What was found out last: earlier evidence may be of what is mended since. */
static bool latest_inquiry(struct question *q, struct facts *facts)
{
	size_t count = 0, from = 0;

	if (q->ordered_room < q->evidence_count) {
		free(q->ordered);
		q->ordered_room = 0;
		q->ordered = calloc(q->evidence_room, sizeof(*q->ordered));
		if (!q->ordered)
			return false;
		q->ordered_room = q->evidence_room;
	}
	if (q->part_count)
		qsort(q->parts, q->part_count, sizeof(*q->parts), by_place);
	for (size_t i = 0; i < q->part_count; i++) {
		const struct part *part = &q->parts[i];

		if (i > 0 && !goes_on(&q->parts[i - 1].place, &part->place))
			from = count;
		memcpy(q->ordered + count, q->evidence + part->from,
		       part->count * sizeof(*q->evidence));
		count += part->count;
		if (i + 1 < q->part_count && goes_on(&part->place, &q->parts[i + 1].place))
			continue;
		if (compare_inquiries(q->ordered + from, count - from, facts->evidence,
				      facts->evidence_count) > 0) {
			facts->evidence = q->ordered + from;
			facts->evidence_count = count - from;
		}
	}
	return true;
}

bool question_facts(struct question *q, struct facts *facts, struct opinion **opinions)
{
	*facts = (struct facts){
		.name = q->name, .qtype = q->qtype, .looks = q->looks, .look_count = q->look_count};
	if (q->opinion_room < q->look_count) {
		free(q->opinions);
		q->opinion_room = 0;
		q->opinions = calloc(q->look_room, sizeof(*q->opinions));
		if (!q->opinions)
			return false;
		q->opinion_room = q->look_room;
	}
	*opinions = q->opinions;
	sort_looks(q);
	facts->looks = q->looks;
	return latest_inquiry(q, facts);
}

/* ---- settled ---- */

static unsigned index_of(const struct question *q, const struct resolver *resolver)
{
	return (unsigned)(resolver - panel_resolver(q->panel, 0));
}

static bool is_clean(const struct facts *facts)
{
	for (size_t i = 0; i < facts->look_count; i++)
		if (facts->looks[i].row)
			return false;
	return facts->evidence_count == 0;
}

void question_settle(const struct question *q, const struct facts *facts, struct piece *piece)
{
	bool clean = is_clean(facts);

	piece->key_len = piece_key(piece->key, q->name, q->qtype);
	piece_begin(piece, clean ? PIECE_SETTLED_CLEAN : PIECE_SETTLED);
	if (!clean)
		piece_add_number(piece, facts->look_count);
	for (size_t i = 0; i < facts->look_count; i++) {
		const struct look *look = &facts->looks[i];

		if (!clean) {
			piece_add_look(piece, index_of(q, look->resolver), look);
			continue;
		}
		/* of each identity, who was asked first and whether the last answer had AD */
		if (i == 0 || look[-1].resolver->identity != look->resolver->identity) {
			const struct look *last = look;

			while (last + 1 < facts->looks + facts->look_count &&
			       last[1].resolver->identity == look->resolver->identity)
				last++;
			piece_add_number(piece,
					 (uint64_t)index_of(q, look->resolver) * 2 + last->ad);
		}
	}
	for (size_t i = 0; i < facts->evidence_count; i++)
		piece_add_evidence(piece, &facts->evidence[i]);
}
