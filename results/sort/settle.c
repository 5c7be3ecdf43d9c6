/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/sort/settle.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "io/crew.h"
#include "io/members.h"
#include "results/rows/counts.h"
#include "results/sort/question.h"
#include "results/rows/units.h"

#define GZIP_LEVEL 1
/* Clean questions are alike in so few ways; more than these are not kept in mind. */
#define KINDS_MAX 50000

struct settling {
	const struct settle_plan *plan;
	struct units units;
	struct members *members;
	_Atomic int error;
	_Atomic uint64_t damaged, overlaps;
};

/* What becomes of clean questions of one kind. */
struct kind {
	char *payload; /* settled */
	size_t len;
	bool resolves;
};

/* What one thread has. */
struct worker {
	struct settling *settling;
	unsigned number;
	struct unit unit;
	struct question *question;
	struct piece piece;
	struct buf out, looks;	  /* looks: of one question, but for times */
	struct counts *by_looks;  /* -> index in kinds; width 1 */
	struct counts_item *last; /* of by_looks, the last one found; NULL: none */
	struct kind *kinds;
	size_t kind_count, kind_room;
};

static int put_record(struct worker *worker, const struct record *question, const char *payload,
		      size_t len)
{
	/* no octets are shared with the key before: which one that is depends on the units */
	struct record_key before = {.len = 0};
	struct record record = {question->key, payload, question->key_len, len};

	record_put(&worker->out, &before, &record);
	return worker->out.failed ? -ENOMEM : 0;
}

static bool is_clean(const struct record *record)
{
	return record->payload_len > 0 &&
	       (record->payload[0] == PIECE_CLEAN || record->payload[0] == PIECE_SETTLED_CLEAN);
}

/* Appends who was asked, and AD, for each look of a clean piece. False: damaged. */
static bool add_looks(struct buf *looks, const struct record *record, unsigned source)
{
	const char *p = record->payload + 1, *end = record->payload + record->payload_len;
	char *out;
	uint64_t time;

	if (!buf_reserve(looks, record->payload_len + VARINT_MAX))
		return false;
	out = looks->data + looks->len;
	out = varint_put(out, source);
	if (record->payload[0] == PIECE_SETTLED_CLEAN) {
		memcpy(out, p, (size_t)(end - p));
		out += end - p;
		p = end;
	}
	while (p && p < end) {
		uint64_t head;

		p = varint_get(p, end, &head);
		out = p ? varint_put(out, head) : out;
		p = p ? varint_get(p, end, &time) : NULL;
		p = p && p < end ? p + 1 : NULL;
	}
	looks->len = (size_t)(out - looks->data);
	return p != NULL;
}

static struct kind *add_kind(struct worker *worker, bool resolves)
{
	struct counts_item *item;
	struct kind *kind;

	if (worker->kind_count == worker->kind_room) {
		size_t room = worker->kind_room * 2 + 64;
		struct kind *more = reallocarray(worker->kinds, room, sizeof(*more));

		if (!more)
			return NULL;
		worker->kinds = more;
		worker->kind_room = room;
	}
	item = counts_at(worker->by_looks, (struct view){worker->looks.data, worker->looks.len});
	kind = &worker->kinds[worker->kind_count];
	kind->payload = malloc(worker->piece.payload.len);
	if (!item || !kind->payload) {
		free(kind->payload);
		return NULL;
	}
	kind->len = worker->piece.payload.len;
	kind->resolves = resolves;
	memcpy(kind->payload, worker->piece.payload.data, kind->len);
	item->number[0] = worker->kind_count++;
	return kind;
}

/* All records of the unit's next question; it is taken. */
static int gather(struct worker *worker, struct record *first)
{
	struct record record;
	unsigned source, one;
	bool overlaps = false;

	if (!unit_next(&worker->unit, first, &source))
		return 0;
	one = source;
	if (!question_begin(worker->question, first)) {
		worker->settling->damaged++;
		return 0;
	}
	record = *first;
	for (;;) {
		switch (question_add(worker->question, &record, source)) {
		case QUESTION_NO_MEMORY:
			return -ENOMEM;
		case QUESTION_DAMAGED:
			worker->settling->damaged++;
			break;
		default:
			break;
		}
		if (!unit_peek(&worker->unit, &record, &source) ||
		    record.key_len != first->key_len ||
		    memcmp(record.key, first->key, record.key_len) != 0)
			break;
		unit_next(&worker->unit, &record, &source);
		overlaps |= source != one;
	}
	worker->settling->overlaps += overlaps;
	return 1;
}

/* The slow way: with all facts. kind: looks are those of a clean question of a kind that is not
 * known yet. */
static int settle_question(struct worker *worker, bool new_kind)
{
	struct shared *shared = worker->settling->plan->head.shared;
	struct record record;
	struct opinion *opinions;
	struct facts facts;
	bool resolves = false, clean;
	size_t count;
	int error = gather(worker, &record);

	if (error <= 0)
		return error;
	if (!question_facts(worker->question, &facts, &opinions))
		return -ENOMEM;
	if (facts.look_count == 0) /* evidence on a name whose rows are not here */
		return 0;
	count = facts_opinions(&facts, opinions);
	for (size_t i = 0; i < count; i++)
		resolves |= opinions[i].kind == OPINION_OK;
	question_settle(worker->question, &facts, &worker->piece);
	if (worker->piece.payload.failed)
		return -ENOMEM;
	clean = worker->piece.payload.data[0] == PIECE_SETTLED_CLEAN;
	/* with two looks of one resolver it depends on the times which one counts */
	if (clean && new_kind && count == facts.look_count && !add_kind(worker, resolves))
		return -ENOMEM;
	error = put_record(worker, &record, worker->piece.payload.data, worker->piece.payload.len);
	if (!error)
		error = shared_count(shared, worker->number, facts.name, facts.qtype, resolves);
	if (!error && !clean)
		error = shared_ask(shared, worker->number, &record, facts.name,
				   shared_way(opinions, count));
	return error;
}

/* A clean question like one before; false: it is none, nothing was taken. */
static bool settle_alike(struct worker *worker, int *error)
{
	struct unit *unit = &worker->unit;
	size_t at = unit->at;
	struct record first, record;
	struct counts_item *item;
	struct view name;
	uint16_t qtype;
	unsigned source, one;

	buf_clear(&worker->looks);
	unit_peek(unit, &first, &one);
	while (unit_peek(unit, &record, &source) && record.key_len == first.key_len &&
	       memcmp(record.key, first.key, first.key_len) == 0) {
		if (source != one || !is_clean(&record) ||
		    !add_looks(&worker->looks, &record, source)) {
			unit->at = at;
			buf_clear(&worker->looks);
			return false;
		}
		unit_next(unit, &record, &source);
	}
	item = worker->last;
	if (!item || item->key.len != worker->looks.len ||
	    memcmp(item->key.text, worker->looks.data, worker->looks.len) != 0)
		item = worker->last = counts_find(
			worker->by_looks, (struct view){worker->looks.data, worker->looks.len});
	if (!item || !piece_question(&first, &name, &qtype)) {
		unit->at = at;
		return false;
	}
	*error = put_record(worker, &first, worker->kinds[item->number[0]].payload,
			    worker->kinds[item->number[0]].len);
	if (!*error)
		*error = shared_count(worker->settling->plan->head.shared, worker->number, name,
				      qtype, worker->kinds[item->number[0]].resolves);
	return true;
}

static void forget_kinds(struct worker *worker)
{
	for (size_t i = 0; i < worker->kind_count; i++)
		free(worker->kinds[i].payload);
	worker->kind_count = 0;
	worker->last = NULL;
	counts_clear(worker->by_looks);
}

static int settle_unit(struct worker *worker)
{
	int error = 0;

	if (worker->kind_count > KINDS_MAX)
		forget_kinds(worker);
	while (!error && worker->unit.at < worker->unit.records.len)
		if (!settle_alike(worker, &error))
			error = settle_question(worker, worker->looks.len > 0);
	return error;
}

static void note_error(struct settling *settling, int error)
{
	int none = 0;

	if (error)
		atomic_compare_exchange_strong(&settling->error, &none, error);
}

static int work(void *arg, unsigned thread)
{
	struct settling *settling = arg;
	struct worker worker = {.settling = settling,
				.number = thread,
				.question = question_create(settling->plan->head.panel),
				.by_looks = counts_create(1)};
	int got = worker.question && worker.by_looks ? 1 : -ENOMEM;

	while (got > 0 && !settling->error &&
	       (got = units_take(&settling->units, &worker.unit)) > 0) {
		buf_clear(&worker.out);
		note_error(settling, settle_unit(&worker));
		/* every turn is taken, whatever went wrong */
		note_error(settling, members_put(settling->members, worker.unit.turn + 1,
						 worker.out.data, worker.out.len));
	}
	note_error(settling, got);
	if (worker.by_looks) {
		forget_kinds(&worker);
		counts_destroy(&worker.by_looks);
	}
	question_destroy(&worker.question);
	unit_free(&worker.unit);
	free(worker.kinds);
	buf_free(&worker.piece.payload);
	buf_free(&worker.out);
	buf_free(&worker.looks);
	return settling->error;
}

/* The first record is the first turn. */
static int put_head(struct settling *settling)
{
	struct buf payload = BUF_EMPTY, out = BUF_EMPTY;
	struct record_key before = {.len = 0};
	int error = -ENOMEM;

	if (head_put(&payload, &settling->plan->head)) {
		struct record record = {"", payload.data, 0, payload.len};

		record_put(&out, &before, &record);
	}
	if (out.len && !out.failed)
		error = members_put(settling->members, 0, out.data, out.len);
	buf_free(&payload);
	buf_free(&out);
	return error;
}

int settle(const struct settle_plan *plan, struct settle_losses *losses)
{
	struct settling settling = {.plan = plan};
	int error;

	settling.members = members_create(plan->path, GZIP_LEVEL);
	if (!settling.members)
		return -errno;
	units_init(&settling.units, plan->sorter);
	error = put_head(&settling);
	if (!error)
		error = crew_run(plan->threads, work, &settling);
	error = error ? error : settling.error;
	if (error)
		members_abandon(&settling.members);
	else
		error = members_commit(&settling.members);
	units_clear(&settling.units);
	*losses = (struct settle_losses){settling.damaged, settling.overlaps};
	return error;
}
