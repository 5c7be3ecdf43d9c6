/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/sort/verdicts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "io/crew.h"
#include "io/members.h"
#include "results/sort/question.h"
#include "results/rows/units.h"

#define GZIP_LEVEL 1
/* Clean questions are alike in so few ways; more than these are not kept in mind. */
#define KINDS_MAX 20000

struct judging {
	const struct verdicts_plan *plan;
	struct sorter *questions; /* one file, in order */
	struct sorter *tables;	  /* of the threads' tallies */
	struct units units;
	struct members *verdicts, *changes; /* NULL: is not written */
	_Atomic int error;		    /* nothing comes of it */
	_Atomic int written;		    /* one of both cannot be written */
};

/* Clean questions of which everything but the name is the same. */
struct kind {
	struct verdict verdict;
	uint64_t times; /* counted since the facts were */
	struct facts facts;
	struct look *looks;
	struct opinion *opinions;
	size_t opinion_count;
	char *line; /* what follows name and type */
	size_t line_len;
};

/* What one thread has. */
struct worker {
	struct judging *judging;
	unsigned number;
	struct tally *tally;
	struct unit unit;
	struct question *question;
	struct buf out, changes;
	struct counts *by_payload; /* -> index in kinds; width 1 */
	struct counts_item *last;  /* of by_payload, the last one found; NULL: none */
	struct kind **kinds;
	size_t kind_count;
};

/* ---- clean questions ---- */

static void kind_free(struct kind *kind)
{
	if (!kind)
		return;
	free(kind->looks);
	free(kind->opinions);
	free(kind->line);
	free(kind);
}

/* A copy of what judging left; line: as verdict_write() makes it. */
static struct kind *kind_create(const struct facts *facts, const struct opinion *opinions,
				size_t count, const struct verdict *verdict)
{
	static const struct view name = {"x", 1};
	struct kind *kind = calloc(1, sizeof(*kind));
	char line[VERDICT_MAX];
	size_t len = verdict_write(line, name, 1, verdict), skip = strlen("x,A");

	if (!kind)
		return NULL;
	kind->looks = malloc((facts->look_count + 1) * sizeof(*kind->looks));
	kind->opinions = malloc((count + 1) * sizeof(*kind->opinions));
	kind->line = malloc(len - skip);
	if (!kind->looks || !kind->opinions || !kind->line) {
		kind_free(kind);
		return NULL;
	}
	memcpy(kind->looks, facts->looks, facts->look_count * sizeof(*kind->looks));
	memcpy(kind->opinions, opinions, count * sizeof(*kind->opinions));
	memcpy(kind->line, line + skip, len - skip);
	kind->line_len = len - skip;
	kind->facts = *facts;
	kind->facts.looks = kind->looks;
	kind->opinion_count = count;
	kind->verdict = *verdict;
	return kind;
}

static int count_kinds(struct worker *worker)
{
	int error = 0;

	for (size_t i = 0; i < worker->kind_count; i++) {
		struct kind *kind = worker->kinds[i];

		if (kind->times && !tally_facts(worker->tally, &kind->facts, kind->opinions,
						kind->opinion_count, &kind->verdict, kind->times))
			error = -ENOMEM;
		kind->times = 0;
	}
	return error;
}

static void forget_kinds(struct worker *worker)
{
	for (size_t i = 0; i < worker->kind_count; i++)
		kind_free(worker->kinds[i]);
	worker->kind_count = 0;
	worker->last = NULL;
	if (worker->by_payload)
		counts_clear(worker->by_payload);
}

/* The facts of the record alone. */
static int read_question(struct worker *worker, const struct record *record, unsigned source,
			 struct facts *facts, struct opinion **opinions)
{
	if (!question_begin(worker->question, record))
		return -EBADMSG;
	switch (question_add(worker->question, record, source)) {
	case QUESTION_NO_MEMORY:
		return -ENOMEM;
	case QUESTION_DAMAGED:
		return -EBADMSG;
	default:
		return question_facts(worker->question, facts, opinions) ? 0 : -ENOMEM;
	}
}

static int find_kind(struct worker *worker, const struct record *record, unsigned source,
		     struct kind **kind)
{
	struct view payload = {record->payload, record->payload_len};
	struct counts_item *item = worker->last;
	struct opinion *opinions;
	struct verdict verdict;
	struct facts facts;
	size_t count;
	int error;

	/* what resolvers say of one name, they say of many */
	if (!item || !view_equal(item->key, payload))
		item = worker->last = counts_find(worker->by_payload, payload);
	if (item) {
		*kind = worker->kinds[item->number[0]];
		return 0;
	}
	error = read_question(worker, record, source, &facts, &opinions);
	if (error)
		return error;
	count = judge(&facts, opinions, &verdict);
	item = counts_at(worker->by_payload, payload);
	*kind = item ? kind_create(&facts, opinions, count, &verdict) : NULL;
	if (!*kind)
		return -ENOMEM;
	item->number[0] = worker->kind_count;
	worker->kinds[worker->kind_count++] = *kind;
	return 0;
}

/* ---- since an earlier report ---- */

static const struct side nowhere;

static int note_gone(struct worker *worker, const struct was *was)
{
	return change_note(worker->tally, &worker->changes, was->name, was->qtype, &was->side,
			   &nowhere)
		       ? 0
		       : -ENOMEM;
}

/* What is before the next question in unit->with, and that one's past. */
static int read_past(struct worker *worker, struct was *was)
{
	struct unit *unit = &worker->unit;
	int error = 0;

	do {
		const char *with = unit->with.data;

		unit->with_at = (size_t)(was_read(with + unit->with_at, was) - with);
		if (was->kind == WAS_GONE)
			error = note_gone(worker, was);
	} while (was->kind == WAS_GONE && !error && unit->with_at < unit->with.len);
	return error;
}

static int compare(struct worker *worker, const struct was *was, struct view name, uint16_t qtype,
		   const struct verdict *verdict)
{
	struct side now;

	if (was->kind == WAS_UNREAD) {
		worker->tally->not_compared++;
		return 0;
	}
	now = change_side(verdict);
	return change_note(worker->tally, &worker->changes, name, qtype, &was->side, &now)
		       ? 0
		       : -ENOMEM;
}

/* What is gone behind the last question of the unit. */
static int note_rest(struct worker *worker)
{
	struct was was;

	return worker->unit.with_at < worker->unit.with.len ? read_past(worker, &was) : 0;
}

/* ---- one question ---- */

static int judge_clean(struct worker *worker, const struct record *record, unsigned source,
		       struct view name, uint16_t qtype, const struct was *was)
{
	struct kind *kind;
	int error = find_kind(worker, record, source, &kind);
	char text[NAME_TEXT_MAX], *p;

	if (!error && was)
		error = compare(worker, was, name, qtype, &kind->verdict);
	if (error)
		return error;
	kind->times++;
	if (!tally_name(worker->tally, name, &kind->verdict) ||
	    !buf_reserve(&worker->out, 2 * 255 + 2 + NAME_TEXT_MAX + 1 + kind->line_len))
		return -ENOMEM;
	p = csv_field(worker->out.data + worker->out.len, name, 255);
	*p++ = ',';
	p = stpcpy(p, qtype_name(qtype, text));
	memcpy(p, kind->line, kind->line_len);
	worker->out.len = (size_t)(p - worker->out.data) + kind->line_len;
	return 0;
}

static int judge_other(struct worker *worker, const struct record *record, unsigned source,
		       const struct was *was)
{
	struct shared_answer answer;
	struct opinion *opinions;
	struct verdict verdict;
	struct facts facts;
	size_t count;
	int error = read_question(worker, record, source, &facts, &opinions);

	if (error)
		return error;
	memcpy(&answer, worker->unit.with.data + worker->unit.with_at, sizeof(answer));
	worker->unit.with_at += sizeof(answer);
	shared_apply(&answer, &facts);
	facts.on_purpose = expected_has(worker->judging->plan->expected, facts.name);
	count = judge(&facts, opinions, &verdict);
	if (!tally_name(worker->tally, facts.name, &verdict) ||
	    !tally_facts(worker->tally, &facts, opinions, count, &verdict, 1) ||
	    !buf_reserve(&worker->out, VERDICT_MAX))
		return -ENOMEM;
	worker->out.len += verdict_write(worker->out.data + worker->out.len, facts.name,
					 facts.qtype, &verdict);
	return was ? compare(worker, was, facts.name, facts.qtype, &verdict) : 0;
}

static bool is_clean(const struct record *record)
{
	return record->payload_len > 0 && record->payload[0] == PIECE_SETTLED_CLEAN;
}

/* Under the lock of the units: what was said of a name before, and what surrounds it, for those
 * that asked. */
static int accompany(void *owner, const struct record *record, struct buf *with)
{
	struct judging *judging = owner;
	struct shared_answer answer;
	int error =
		judging->plan->previous ? previous_upto(judging->plan->previous, record, with) : 0;

	if (error || !record || is_clean(record))
		return error;
	error = shared_answer(judging->plan->shared, record, &answer);
	buf_add(with, &answer, sizeof(answer));
	return error;
}

/* ---- threads ---- */

static void note(_Atomic int *first, int error)
{
	int none = 0;

	if (error)
		atomic_compare_exchange_strong(first, &none, error);
}

/* Every turn is taken, whatever went wrong. */
static void put_unit(struct worker *worker)
{
	struct judging *judging = worker->judging;
	uint64_t turn = worker->unit.turn + 1;

	if (judging->verdicts)
		note(&judging->written,
		     members_put(judging->verdicts, turn, worker->out.data, worker->out.len));
	if (judging->changes)
		note(&judging->written, members_put(judging->changes, turn, worker->changes.data,
						    worker->changes.len));
}

static int judge_unit(struct worker *worker)
{
	bool compares = worker->judging->plan->previous != NULL;
	struct was past, *was = compares ? &past : NULL;
	struct record record;
	struct view name;
	uint16_t qtype;
	unsigned source;
	int error = 0;

	while (!error && unit_next(&worker->unit, &record, &source)) {
		if (!piece_question(&record, &name, &qtype))
			return -EBADMSG;
		if (compares)
			error = read_past(worker, was);
		if (!error)
			error = is_clean(&record)
					? judge_clean(worker, &record, source, name, qtype, was)
					: judge_other(worker, &record, source, was);
		if (worker->kind_count == KINDS_MAX) {
			error = error ? error : count_kinds(worker);
			forget_kinds(worker);
		}
	}
	if (!error && compares)
		error = note_rest(worker);
	return error ? error
		     : tally_spill(worker->tally,
				   worker->judging->plan->memory / 2 /
					   worker->judging->plan->threads,
				   worker->judging->tables, worker->number);
}

static int end_worker(struct worker *worker)
{
	struct judging *judging = worker->judging;
	int error = count_kinds(worker);

	if (!error)
		error = tally_spill(worker->tally, 0, judging->tables, worker->number);
	if (!error)
		error = sorter_close(judging->tables, worker->number);
	if (error)
		return error;
	pthread_mutex_lock(&judging->units.lock);
	if (!tally_join(judging->plan->tally, worker->tally))
		error = -ENOMEM;
	pthread_mutex_unlock(&judging->units.lock);
	return error;
}

static int work(void *arg, unsigned thread)
{
	struct judging *judging = arg;
	struct worker worker = {.judging = judging,
				.number = thread,
				.tally = tally_create(),
				.question = question_create(judging->plan->panel),
				.by_payload = counts_create(1),
				.kinds = calloc(KINDS_MAX, sizeof(struct kind *))};
	int got =
		worker.tally && worker.question && worker.by_payload && worker.kinds ? 1 : -ENOMEM;

	while (got > 0 && !judging->error &&
	       (got = units_take(&judging->units, &worker.unit)) > 0) {
		buf_clear(&worker.out);
		buf_clear(&worker.changes);
		note(&judging->error, judge_unit(&worker));
		put_unit(&worker);
	}
	note(&judging->error, got);
	if (!judging->error)
		note(&judging->error, end_worker(&worker));
	forget_kinds(&worker);
	if (worker.by_payload)
		counts_destroy(&worker.by_payload);
	tally_destroy(&worker.tally);
	question_destroy(&worker.question);
	unit_free(&worker.unit);
	buf_free(&worker.out);
	buf_free(&worker.changes);
	free(worker.kinds);
	return judging->error;
}

/* ---- all of it ---- */

static int open_questions(struct judging *judging)
{
	char path[4096];
	int fd, got;

	snprintf(path, sizeof(path), "%s/questions.gz", judging->plan->folder);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	got = sorter_add(judging->questions, fd, PANEL_SETTLED);
	if (!got)
		got = sorter_finish(judging->questions);
	return got < 0 ? got : 0;
}

static int open_rows(const struct judging *judging, const char *file,
		     const struct csv_column *columns, struct members **members)
{
	char path[4096], header[VERDICT_MAX];

	snprintf(path, sizeof(path), "%s/%s", judging->plan->folder, file);
	*members = members_create(path, GZIP_LEVEL);
	if (!*members)
		return -errno;
	return members_put(*members, 0, header, csv_header(header, columns));
}

static void close_rows(struct judging *judging, struct members **members)
{
	if (judging->error || judging->written)
		members_abandon(members);
	else if (*members)
		note(&judging->written, members_commit(members));
}

/* Those gone that had been ok are counted where they are read. */
static void finish_past(struct judging *judging)
{
	if (judging->plan->previous)
		judging->plan->tally->changes[CHANGE_GONE] +=
			previous_gone_well(judging->plan->previous);
}

static int run(struct judging *judging)
{
	int error = open_questions(judging);
	size_t damaged;

	if (error)
		return error;
	note(&judging->written,
	     open_rows(judging, "verdicts.csv.gz", verdict_columns, &judging->verdicts));
	if (judging->plan->previous)
		note(&judging->written,
		     open_rows(judging, "changes.csv.gz", change_columns, &judging->changes));
	units_init(&judging->units, judging->questions);
	judging->units.accompany = accompany;
	judging->units.owner = judging;
	error = crew_run(judging->plan->threads, work, judging);
	error = error ? error : judging->error;
	sorter_damages(judging->questions, &damaged);
	if (!error && damaged)
		error = -EBADMSG;
	units_clear(&judging->units);
	if (!error)
		error = sorter_finish(judging->tables);
	if (!error)
		error = tally_gather(judging->plan->tally, judging->tables);
	finish_past(judging);
	note(&judging->error, error);
	close_rows(judging, &judging->verdicts);
	close_rows(judging, &judging->changes);
	return error;
}

int verdicts_make(const struct verdicts_plan *plan, int *written)
{
	struct sorter_plan one_file = {plan->folder, 0, 0};
	struct sorter_plan tables = {plan->folder, plan->memory / 2, plan->threads};
	struct judging judging = {.plan = plan,
				  .questions = sorter_create(&one_file),
				  .tables = sorter_create(&tables)};
	int error = judging.questions && judging.tables ? run(&judging) : -ENOMEM;

	*written = judging.written;
	sorter_destroy(&judging.questions);
	sorter_destroy(&judging.tables);
	return error;
}
