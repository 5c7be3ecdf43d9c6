/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/run/journal.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/clock.h"
#include "io/hash.h"
#include "scanner/run/journal_inner.h"
#include "scanner/run/writer.h"

/* Where saving takes long (many resolvers, a slow disk), it is done less often: a tenth of the time
 * at most. */
#define SAVING_SHARE 10

const char *const journal_count_names[COUNTS] = {
	"scanned",
	"pairs",
	"servfail",
	"timeouts",
	"unclean",
	"rechecked",
	"recheck_pairs",
	"recheck_recovered",
	"evidence_names",
	"evidence_skipped",
	"evidence_rows",
	"overloaded",
	"recheck_overloaded",
};

/* ---- legs and debts ---- */

struct leg *leg_create(const struct journal *journal, uint64_t first, uint32_t count)
{
	struct leg *leg = calloc(1, sizeof(*leg) + count * sizeof(leg->names[0]));

	if (leg == NULL)
		return NULL;
	leg->cells = cells_create(count, journal->head.resolvers * journal->head.qtypes);
	if (leg->cells == NULL) {
		free(leg);
		return NULL;
	}
	leg->first = first;
	leg->count = leg->open = count;
	return leg;
}

void leg_link(struct journal *journal, struct leg *leg)
{
	leg->next = journal->legs;
	leg->back = &journal->legs;
	if (leg->next != NULL)
		leg->next->back = &leg->next;
	journal->legs = leg;
}

static void leg_end(struct leg *leg)
{
	*leg->back = leg->next;
	if (leg->next != NULL)
		leg->next->back = leg->back;
	cells_destroy(&leg->cells);
	free(leg);
}

static uint32_t name_print(const uint8_t *qname, uint8_t qname_len)
{
	return (uint32_t)hash_octets(qname, qname_len, 0);
}

bool debt_is_of(const struct debt *debt, const uint8_t *qname, uint8_t qname_len)
{
	return debt->print == name_print(qname, qname_len);
}

void debt_link(struct journal *journal, struct debt *debt)
{
	debt->next = journal->debts;
	debt->back = &journal->debts;
	if (debt->next != NULL)
		debt->next->back = &debt->next;
	journal->debts = debt;
}

static void debt_end(struct debt *debt)
{
	*debt->back = debt->next;
	if (debt->next != NULL)
		debt->next->back = debt->back;
	cells_destroy(&debt->asked);
	cells_destroy(&debt->spared);
	free(debt);
}

struct debt *debt_create(struct journal *journal, enum debt_kind kind, uint64_t ordinal,
			 const uint8_t *qname, uint8_t qname_len, int qtype, unsigned what)
{
	struct debt *debt = calloc(1, sizeof(*debt));

	if (debt == NULL)
		return NULL;
	debt->kind = (uint8_t)kind;
	debt->ordinal = ordinal;
	debt->print = name_print(qname, qname_len);
	debt->qtype = (uint8_t)qtype;
	debt->what = (uint8_t)what;
	pthread_mutex_lock(&journal->lock);
	debt_link(journal, debt);
	pthread_mutex_unlock(&journal->lock);
	return debt;
}

void debt_forget(struct journal *journal, struct debt *debt)
{
	if (debt == NULL)
		return;
	pthread_mutex_lock(&journal->lock);
	debt_end(debt);
	pthread_mutex_unlock(&journal->lock);
}

/* ---- marks ---- */

/* False: out of memory. */
static bool take_pair(struct journal *journal, const struct mark *mark)
{
	struct leg *leg = mark->of;
	struct leg_name *name = &leg->names[mark->order];
	uint8_t qtype = (uint8_t)(1u << mark->column / journal->head.resolvers);

	journal->counts[COUNT_PAIRS]++;
	if (mark->flags & MARK_OVERLOAD) {
		journal->counts[COUNT_OVERLOADED]++;
		return true;
	}
	name->unclean |= mark->flags & MARK_UNCLEAN ? qtype : 0;
	name->failed |= mark->flags & MARK_FAILED ? qtype : 0;
	name->fetched |= mark->flags & MARK_FETCHED ? qtype : 0;
	journal->counts[COUNT_SERVFAIL] += (mark->flags & MARK_SERVFAIL) != 0;
	journal->counts[COUNT_TIMEOUTS] += (mark->flags & MARK_TIMEOUT) != 0;
	return cells_set(leg->cells, mark->order, mark->column);
}

static void take_name(struct journal *journal, const struct mark *mark)
{
	struct leg *leg = mark->of;
	struct leg_name *name = &leg->names[mark->order];

	assert(!name->ended);
	name->ended = true;
	journal->counts[COUNT_NAMES]++;
	journal->counts[COUNT_UNCLEAN] += name->unclean != 0;
	if (--leg->open == 0)
		leg_end(leg);
}

/* False: out of memory. */
static bool take_again(struct journal *journal, const struct mark *mark)
{
	struct debt *debt = mark->of;

	journal->counts[COUNT_RECHECK_PAIRS]++;
	journal->counts[COUNT_RECOVERED] += (mark->flags & MARK_RECOVERED) != 0;
	if (mark->flags & MARK_OVERLOAD) {
		journal->counts[COUNT_RECHECK_OVERLOADED]++;
		return true;
	}
	if (debt->asked == NULL)
		debt->asked = cells_create(journal->head.resolvers, 1);
	return debt->asked != NULL && cells_set(debt->asked, mark->column, 0);
}

static void take_debt(struct journal *journal, const struct mark *mark)
{
	struct debt *debt = mark->of;

	if (mark->what == MARK_OWED) {
		if (debt->asked == NULL) {
			debt->asked = debt->spared;
			debt->spared = NULL;
		}
		atomic_store(&debt->owed, true);
	} else {
		debt->paid = true;
		if (debt->kind == DEBT_RECHECK)
			journal->counts[COUNT_RECHECKED]++;
		else
			journal->counts[mark->flags & MARK_SKIPPED ? COUNT_EVIDENCE_SKIPPED
								   : COUNT_EVIDENCE_NAMES]++;
	}
	if (debt->owed && debt->paid)
		debt_end(debt);
}

static void take_marks(struct journal *journal, const struct block *block)
{
	bool good = true;

	for (uint32_t i = 0; i < block->mark_count; i++) {
		const struct mark *mark = &block->marks[i];

		if (mark->what == MARK_PAIR)
			good = take_pair(journal, mark) && good;
		else if (mark->what == MARK_NAME)
			take_name(journal, mark);
		else if (mark->what == MARK_AGAIN)
			good = take_again(journal, mark) && good;
		else
			take_debt(journal, mark);
	}
	if (!good) /* the pair is in the file, but not in the journal, which is of no use from now
		      on */
		atomic_store(&journal->error, ENOMEM);
}

/* ---- writers ---- */

bool journal_part(struct journal *journal, enum journal_stream stream, const char *name)
{
	struct stream *s = &journal->streams[stream];
	struct run_part *parts;

	pthread_mutex_lock(&journal->lock);
	parts = realloc(s->parts, (s->count + 1) * sizeof(*parts));
	if (parts != NULL) {
		s->parts = parts;
		memset(&parts[s->count], 0, sizeof(*parts));
		memcpy(parts[s->count].name, name, strnlen(name, sizeof(parts->name) - 1));
		s->count++;
	}
	pthread_mutex_unlock(&journal->lock);
	return parts != NULL;
}

void journal_written(struct journal *journal, enum journal_stream stream, const struct block *block,
		     uint64_t octets)
{
	struct stream *s = &journal->streams[stream];

	pthread_mutex_lock(&journal->lock);
	s->last_words = s->last_words || block->last_words;
	if (!s->last_words) {
		s->parts[s->count - 1].octets = octets;
		s->parts[s->count - 1].rows += block->rows;
		if (stream == JOURNAL_EVIDENCE)
			journal->counts[COUNT_EVIDENCE_ROWS] += block->rows;
		take_marks(journal, block);
	}
	pthread_mutex_unlock(&journal->lock);
}

void journal_part_ended(struct journal *journal, enum journal_stream stream, const char *sha256)
{
	struct stream *s = &journal->streams[stream];

	pthread_mutex_lock(&journal->lock);
	if (!s->last_words)
		memcpy(s->parts[s->count - 1].sha256, sha256, DIGEST_TEXT);
	pthread_mutex_unlock(&journal->lock);
}

/* ---- the reader ---- */

struct leg *journal_open(struct journal *journal, uint64_t first, uint32_t count, uint64_t print)
{
	struct leg *leg = leg_create(journal, first, count);

	if (leg == NULL)
		return NULL;
	leg->print = print;
	pthread_mutex_lock(&journal->lock);
	assert(first == journal->next);
	leg_link(journal, leg);
	journal->next = first + count;
	journal->print = print;
	pthread_mutex_unlock(&journal->lock);
	return leg;
}

/* ---- the thread ---- */

static void *journal_main(void *arg)
{
	struct journal *journal = arg;
	int64_t wait_ns = JOURNAL_NS;
	bool ending = false;

	while (!ending) {
		struct timespec until;
		int64_t begun_ns;
		int error = 0;

		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_sec += wait_ns / NS_PER_S;
		pthread_mutex_lock(&journal->lock);
		while (!journal->ending &&
		       pthread_cond_timedwait(&journal->wake, &journal->lock, &until) == 0)
			continue;
		ending = journal->ending;
		pthread_mutex_unlock(&journal->lock);
		if (ending)
			break;
		begun_ns = clock_mono_ns();
		if (journal_error(journal) == 0)
			error = journal_save(journal);
		if (error != 0)
			atomic_store(&journal->error, -error);
		wait_ns = SAVING_SHARE * (clock_mono_ns() - begun_ns);
		wait_ns = wait_ns < JOURNAL_NS ? JOURNAL_NS : wait_ns;
	}
	return NULL;
}

int journal_begin(struct journal *journal)
{
	journal->prior_parts = journal->manifest->part_count;
	return journal_save(journal);
}

int journal_run(struct journal *journal, const struct journal_world *world)
{
	sigset_t all, before;
	int error;

	journal->world = *world;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = -pthread_create(&journal->thread, NULL, journal_main, journal);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	journal->started = error == 0;
	return error;
}

void journal_stop(struct journal *journal)
{
	if (!journal->started)
		return;
	pthread_mutex_lock(&journal->lock);
	journal->ending = true;
	pthread_cond_signal(&journal->wake);
	pthread_mutex_unlock(&journal->lock);
	pthread_join(journal->thread, NULL);
	journal->started = false;
}

int journal_end(struct journal *journal)
{
	journal->world.sync = NULL; /* whole files are on the disk */
	return journal_error(journal) == ENOMEM ? -ENOMEM : journal_save(journal);
}

int journal_error(struct journal *journal)
{
	return atomic_load(&journal->error);
}

bool journal_clear(struct journal *journal)
{
	bool owed = false;

	for (const struct debt *debt = journal->debts; debt != NULL; debt = debt->next)
		owed = owed || debt->owed;
	return journal->legs == NULL && !owed;
}

/* ---- life ---- */

struct journal *journal_create(const char *dir, struct journal_head *head,
			       struct manifest *manifest)
{
	struct journal *journal = calloc(1, sizeof(*journal));
	size_t len = strlen(dir) + sizeof("/" JOURNAL_FILE);
	pthread_condattr_t attributes;

	if (journal != NULL)
		journal->path = malloc(len);
	if (journal == NULL || journal->path == NULL) {
		free(journal);
		free(head->dropped);
		free(head->inputs);
		manifest_destroy(&manifest);
		return NULL;
	}
	snprintf(journal->path, len, "%s/" JOURNAL_FILE, dir);
	journal->head = *head;
	journal->manifest = manifest;
	pthread_mutex_init(&journal->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&journal->wake, &attributes);
	pthread_condattr_destroy(&attributes);
	return journal;
}

void journal_destroy(struct journal **journal)
{
	struct journal *j = *journal;

	if (j == NULL)
		return;
	journal_stop(j);
	/* Each takes itself off its list, which clang-tidy does not see. */
	while (j->legs != NULL)
		leg_end(j->legs); /* NOLINT(clang-analyzer-unix.Malloc) */
	while (j->debts != NULL)
		debt_end(j->debts); /* NOLINT(clang-analyzer-unix.Malloc) */
	for (int s = 0; s < JOURNAL_STREAMS; s++)
		free(j->streams[s].parts);
	pthread_mutex_destroy(&j->lock);
	pthread_cond_destroy(&j->wake);
	manifest_destroy(&j->manifest);
	free(j->head.dropped);
	free(j->head.inputs);
	free(j->path);
	free(j);
	*journal = NULL;
}

struct journal_head *journal_head(struct journal *journal)
{
	return &journal->head;
}

struct manifest *journal_manifest(struct journal *journal)
{
	return journal->manifest;
}
