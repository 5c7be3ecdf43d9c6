/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/sort/intake.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "io/crew.h"
#include "results/judge/alike.h"
#include "results/sort/piece.h"
#include "results/judge/trail.h"

_Static_assert(BLOCKS_SLACK >= ALIKE_SLACK, "lines are read beyond their ends");

/* What all threads share. */
struct crowd {
	const struct intake *intake;
	pthread_mutex_t lock;
	size_t opened; /* parts, from the first on */
	_Atomic int error;
	struct worker **workers;
};

/* What one thread has. */
struct worker {
	struct crowd *crowd;
	unsigned number;
	struct tally *tally;
	struct part *part; /* that all below is about */
	struct alikes *alikes;
	struct counts *resolvers; /* name -> number; width 1 */
	struct piece piece;
	bool begun; /* there is something in the piece */
	struct place place;
	size_t place_end; /* in the piece */
	char name[256];	  /* of the row, when it is not as the file has it */
	struct block block;
};

static void fail(struct worker *worker, int error)
{
	int none = 0;

	atomic_compare_exchange_strong(&worker->crowd->error, &none, error);
}

static bool failed(const struct worker *worker)
{
	return atomic_load_explicit(&worker->crowd->error, memory_order_relaxed) != 0;
}

/* ---- pieces ---- */

static void put_piece(struct worker *worker)
{
	struct record record;
	int error = -ENOMEM;

	if (!worker->begun)
		return;
	worker->begun = false;
	if (piece_record(&worker->piece, &record))
		error = sorter_put(worker->crowd->intake->sorter, worker->number, &record);
	if (error)
		fail(worker, error);
}

static inline bool is_about(const struct piece *piece, struct view name, uint16_t qtype)
{
	const unsigned char *type = (const unsigned char *)piece->key + name.len + 1;

	return piece->key_len == name.len + 3 && memcmp(piece->key, name.text, name.len) == 0 &&
	       type[0] == qtype >> 8 && type[1] == (qtype & 255);
}

static void begin_piece(struct worker *worker, struct view name, uint16_t qtype,
			enum piece_kind kind)
{
	put_piece(worker);
	worker->piece.key_len = piece_key(worker->piece.key, name, qtype);
	piece_begin(&worker->piece, kind);
	worker->begun = true;
}

/* A name as the reports write it, so that it stands in them where it sorts, whatever came from
 * outside. */
static inline void make_plain(struct worker *worker, struct view *name)
{
	if (csv_is_plain(*name))
		return;
	name->len = name->len < sizeof(worker->name) ? name->len : sizeof(worker->name) - 1;
	name->len = csv_plain(worker->name, *name);
	name->text = worker->name;
}

/* The piece that a row on this question goes to. */
static inline void turn_to(struct worker *worker, struct view name, uint16_t qtype)
{
	if (worker->begun && is_about(&worker->piece, name, qtype) &&
	    worker->piece.payload.len < PIECE_OCTETS)
		return;
	make_plain(worker, &name);
	if (!worker->begun || !is_about(&worker->piece, name, qtype) ||
	    worker->piece.payload.len >= PIECE_OCTETS)
		begin_piece(worker, name, qtype, PIECE_CLEAN);
}

/* ---- pairs ---- */

/* What was learnt so far goes into the tally. */
static void count_alikes(struct worker *worker)
{
	struct alike *alike;

	for (size_t i = 0; (alike = alikes_each(worker->alikes, i)) != NULL; i++) {
		if (alike->times &&
		    !tally_rows(worker->tally, alike->number, &alike->row, alike->times))
			fail(worker, -ENOMEM);
		alike->times = 0;
	}
}

static int resolver_of(struct worker *worker, struct view name)
{
	struct counts_item *item = counts_find(worker->resolvers, name);
	int number;

	if (item)
		return (int)item->number[0];
	number = worker->crowd->intake->resolver_of(worker->part, name);
	item = number < 0 ? NULL : counts_at(worker->resolvers, name);
	if (item)
		item->number[0] = (uint64_t)number;
	else
		fail(worker, -ENOMEM);
	return item ? number : -1;
}

/* A line that was learnt: its row is clean. */
static inline void take_alike(struct worker *worker, const struct alike_line *line)
{
	const struct alike *alike = line->alike;

	tally_time(worker->tally, line->time_ms);
	tally_rtt(worker->tally, alike->number, line->rtt_us);
	turn_to(worker, line->name, alike->row.qtype);
	piece_add_clean(&worker->piece, alike->number, (alike->row.normal.flags & FLAG_AD) != 0,
			line->time_ms, line->rtt_us);
}

static bool take_pair(struct worker *worker, char *line, size_t len, char why[CSV_WHY_MAX])
{
	bool quoted = memchr(line, '"', len) != NULL, clean;
	enum look_kind kind;
	struct row row;
	int number;

	if (!csv_pair_read(&worker->part->layout, line, len, &row, why))
		return false;
	number = resolver_of(worker, row.resolver);
	if (number < 0)
		return true;
	make_plain(worker, &row.name);
	if (!tally_row(worker->tally, (unsigned)number, &row))
		fail(worker, -ENOMEM);
	kind = look_kind(&row);
	clean = kind == LOOK_CLEAN;
	if (!clean)
		shared_mark(worker->crowd->intake->shared, row.name);
	turn_to(worker, row.name, row.qtype);
	if (!clean && worker->piece.payload.len)
		worker->piece.payload.data[0] = PIECE_LOOKS;
	piece_add_row(&worker->piece, (unsigned)number, &row, kind);
	if (clean && !quoted)
		alikes_learn(worker->alikes, line, len, &row, (unsigned)number);
	return true;
}

/* ---- evidence ---- */

static bool take_evidence(struct worker *worker, char *line, size_t len, char why[CSV_WHY_MAX])
{
	struct piece *piece = &worker->piece;
	struct place *place = &worker->place;
	struct evidence evidence;
	bool goes_on;

	if (!evidence_read(&worker->part->layout, line, len, &evidence, why))
		return false;
	worker->tally->evidence_rows++;
	if (!trail_wants(&evidence))
		return true;
	make_plain(worker, &evidence.name);
	goes_on = worker->begun && is_about(piece, evidence.name, evidence.qtype);
	if (!goes_on || piece->payload.len >= PIECE_OCTETS) {
		place->first = place->index == 0;
		place->continues = goes_on;
		begin_piece(worker, evidence.name, evidence.qtype, PIECE_EVIDENCE);
		shared_mark(worker->crowd->intake->shared, evidence.name);
		piece_add_place(piece, place);
		worker->place_end = piece->payload.len;
		place->index++;
	}
	piece_add_evidence(piece, &evidence);
	return true;
}

/* ---- blocks ---- */

static bool is_header(const struct part *part, const char *line, size_t len)
{
	return len == part->header_len && memcmp(line, part->header, len) == 0;
}

/* The line at p; returns what is behind it. */
static char *take_line(struct worker *worker, char *p, char *end, struct part_report *report)
{
	struct part *part = worker->part;
	char *lf = memchr(p, '\n', (size_t)(end - p)), why[CSV_WHY_MAX];
	size_t len = (size_t)(lf - p);
	bool good;

	if (len == 0 || is_header(part, p, len)) /* files put together with cat */
		return lf + 1;
	good = part->content == PART_PAIRS ? take_pair(worker, p, len, why)
					   : take_evidence(worker, p, len, why);
	if (good)
		report->good++;
	else
		part_report_bad(report, worker->block.number, report->lines, why);
	return lf + 1;
}

static void take_block(struct worker *worker)
{
	struct block *block = &worker->block;
	char *p = block->text, *end = p + block->len;
	struct part_report report = {0};
	struct alike_line line;

	worker->place = (struct place){.file = worker->part->number, .block = block->number};
	for (; p < end; report.lines++) {
		if (worker->part->content == PART_PAIRS && alikes_match(worker->alikes, p, &line)) {
			take_alike(worker, &line);
			report.good++;
			p += line.end - p;
		} else {
			p = take_line(worker, p, end, &report);
		}
	}
	for (unsigned i = 0; i < block->too_long; i++)
		part_report_bad(&report, block->number, report.lines++, "the line is too long");
	if (worker->begun &&
	    worker->part->content == PART_EVIDENCE) /* the next block may go on with it */
		piece_mark_last(&worker->piece, worker->place_end);
	put_piece(worker); /* the block's memory is used again, and another may take the next one */
	if (!part_done(worker->part, block->number, &report))
		fail(worker, -ENOMEM);
}

/* ---- threads ---- */

static bool is_ended(struct part *part)
{
	bool ended;

	pthread_mutex_lock(&part->lock);
	ended = part->ended;
	pthread_mutex_unlock(&part->lock);
	return ended;
}

/* One that nobody has begun with, otherwise one that is not at its end. */
static struct part *find_part(struct worker *worker)
{
	struct crowd *crowd = worker->crowd;
	struct part *part = NULL;
	size_t opened;

	pthread_mutex_lock(&crowd->lock);
	if (crowd->opened < crowd->intake->part_count)
		part = crowd->intake->parts[crowd->opened++];
	opened = crowd->opened;
	pthread_mutex_unlock(&crowd->lock);
	for (size_t i = opened; !part && i-- > 0;)
		if (!is_ended(crowd->intake->parts[i]))
			part = crowd->intake->parts[i];
	return part;
}

static void begin_part(struct worker *worker, struct part *part)
{
	if (worker->part && worker->part->owner == part->owner)
		return;
	counts_clear(worker->resolvers); /* another run, other numbers */
}

static void read_part(struct worker *worker, struct part *part)
{
	bool fresh = true;
	int got = 0;

	begin_part(worker, part);
	worker->part = part;
	while (!failed(worker) && (got = part_next(part, &worker->block)) > 0) {
		if (fresh && part->content == PART_PAIRS)
			alikes_begin(worker->alikes, &part->layout);
		fresh = false;
		take_block(worker);
	}
	count_alikes(worker);
	if (got < 0)
		fail(worker, got);
}

static int work(void *arg, unsigned thread)
{
	struct worker *worker = ((struct crowd *)arg)->workers[thread];
	struct part *part;

	while (!failed(worker) && (part = find_part(worker)) != NULL)
		read_part(worker, part);
	return failed(worker) ? worker->crowd->error
			      : sorter_close(worker->crowd->intake->sorter, worker->number);
}

static void worker_free(struct worker *worker)
{
	if (!worker)
		return;
	alikes_destroy(&worker->alikes);
	tally_destroy(&worker->tally);
	if (worker->resolvers)
		counts_destroy(&worker->resolvers);
	buf_free(&worker->piece.payload);
	free(worker);
}

static struct worker *worker_create(struct crowd *crowd, unsigned number)
{
	struct worker *worker = malloc(sizeof(*worker));

	if (!worker)
		return NULL;
	memset(worker, 0, offsetof(struct worker, block));
	worker->crowd = crowd;
	worker->number = number;
	worker->tally = tally_create();
	worker->alikes = alikes_create();
	worker->resolvers = counts_create(1);
	if (!worker->tally || !worker->alikes || !worker->resolvers) {
		worker_free(worker);
		worker = NULL;
	}
	return worker;
}

int intake_read(const struct intake *intake)
{
	struct crowd crowd = {.intake = intake,
			      .workers = calloc(intake->threads, sizeof(struct worker *))};
	int error = crowd.workers ? 0 : -ENOMEM;

	pthread_mutex_init(&crowd.lock, NULL);
	for (unsigned i = 0; i < intake->threads && !error; i++)
		if (!(crowd.workers[i] = worker_create(&crowd, i)))
			error = -ENOMEM;
	if (!error)
		error = crew_run(intake->threads, work, &crowd);
	for (unsigned i = 0; crowd.workers && i < intake->threads; i++) {
		if (!error && !tally_join(intake->tally, crowd.workers[i]->tally))
			error = -ENOMEM;
		worker_free(crowd.workers[i]);
	}
	free(crowd.workers);
	pthread_mutex_destroy(&crowd.lock);
	return error;
}
