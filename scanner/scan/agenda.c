/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/scan/agenda.h"

#include <stdlib.h>
#include <string.h>

#include "scanner/scan/assign.h"

/* Where a resolver is in the names; one that was dropped and has done what was here is nowhere. */
#define NOWHERE UINT64_MAX

struct cursor {
	uint64_t batch; /* sequence number; first..next */
	uint32_t name;	/* in the batch, or among the resolver's own names of it */
	uint8_t qtype;
};

/* Which names of a batch go to whom, where not all go to all: those of resolver r are
 * names[start[r]..start[r + 1]]. */
struct share {
	uint32_t *start; /* one more than resolvers */
	uint16_t *names;
};

struct agenda {
	struct agenda_config config;
	struct assign assign;
	bool *dropped;
	uint32_t alive;
	struct batch *batches[AGENDA_MOST]; /* by sequence number modulo */
	struct share shares[AGENDA_MOST];
	int32_t *picked; /* room for those of a whole batch */
	uint64_t first, next;
	unsigned most;		/* batches at a time */
	struct cursor *cursors; /* one a resolver */
	bool names_end;
};

struct agenda *agenda_create(const struct agenda_config *config)
{
	struct agenda *agenda = calloc(1, sizeof(*agenda));

	if (agenda == NULL)
		return NULL;
	agenda->config = *config;
	agenda_divide(agenda, 1);
	agenda->cursors = calloc(config->resolvers, sizeof(*agenda->cursors));
	agenda->dropped = malloc(config->resolvers * sizeof(*agenda->dropped));
	if (config->per_name > 0)
		agenda->picked = malloc(config->per_name * BATCH_NAMES * sizeof(*agenda->picked));
	if (agenda->cursors == NULL || agenda->dropped == NULL ||
	    (config->per_name > 0 && agenda->picked == NULL)) {
		agenda_destroy(&agenda);
		return NULL;
	}
	memcpy(agenda->dropped, config->dropped, config->resolvers * sizeof(*agenda->dropped));
	for (size_t r = 0; r < config->resolvers; r++) {
		agenda->alive += !agenda->dropped[r];
		agenda->cursors[r].batch = agenda->dropped[r] ? NOWHERE : 0;
	}
	agenda->assign = (struct assign){.seed = config->seed,
					 .resolvers = (uint32_t)config->resolvers,
					 .out = agenda->dropped};
	return agenda;
}

static void end_share(struct share *share)
{
	free(share->start);
	free(share->names);
	*share = (struct share){NULL, NULL};
}

void agenda_destroy(struct agenda **agenda)
{
	struct agenda *a = *agenda;

	if (a == NULL)
		return;
	for (; a->first < a->next; a->first++) {
		batch_destroy(&a->batches[a->first % AGENDA_MOST]);
		end_share(&a->shares[a->first % AGENDA_MOST]);
	}
	free(a->cursors);
	free(a->dropped);
	free(a->picked);
	free(a);
	*agenda = NULL;
}

/* ---- batches ---- */

void agenda_divide(struct agenda *agenda, unsigned workers)
{
	unsigned each = AGENDA_BATCHES / workers;

	agenda->most = each > AGENDA_MOST ? AGENDA_MOST : each < AGENDA_LEAST ? AGENDA_LEAST : each;
}

static void end_batches(struct agenda *agenda)
{
	for (; agenda->first < agenda->next &&
	       agenda->batches[agenda->first % AGENDA_MOST]->open == 0;
	     agenda->first++) {
		batch_destroy(&agenda->batches[agenda->first % AGENDA_MOST]);
		end_share(&agenda->shares[agenda->first % AGENDA_MOST]);
	}
}

uint32_t agenda_column(const struct agenda *agenda, int32_t resolver, int qtype)
{
	return (uint32_t)qtype * (uint32_t)agenda->config.resolvers + (uint32_t)resolver;
}

/* Is that row there from a run before? */
static bool has_row(const struct agenda *agenda, const struct batch *batch,
		    const struct batch_name *name, int32_t resolver, int qtype)
{
	return batch->done != NULL &&
	       cells_has(batch->done, name->order, agenda_column(agenda, resolver, qtype));
}

static uint32_t rows_left(const struct agenda *agenda, const struct batch *batch,
			  const struct batch_name *name, int32_t resolver)
{
	uint32_t rows = 0;

	for (int t = 0; t < agenda->config.qtype_count; t++)
		rows += !has_row(agenda, batch, name, resolver, t);
	return rows;
}

/* Draws whom each name goes to, and puts the names in order of that. False: out of memory. */
static bool make_share(struct agenda *agenda, struct share *share, struct batch *batch)
{
	unsigned each = agenda->config.per_name, count[BATCH_NAMES];
	uint32_t resolvers = (uint32_t)agenda->config.resolvers;

	share->start = calloc(resolvers + 2, sizeof(*share->start));
	share->names = malloc(each * batch->count * sizeof(*share->names));
	if (share->start == NULL || share->names == NULL) {
		end_share(share);
		return false;
	}
	for (uint32_t i = 0; i < batch->count; i++) {
		struct batch_name *name = &batch->names[i];
		int32_t *picked = &agenda->picked[i * each];

		count[i] = assign_pick(&agenda->assign, batch_qname(batch, name), name->wire_len,
				       each, picked);
		name->left = 0;
		for (unsigned j = 0; j < count[i]; j++) {
			name->left += rows_left(agenda, batch, name, picked[j]);
			share->start[picked[j] + 2]++;
		}
	}
	for (uint32_t r = 1; r <= resolvers; r++)
		share->start[r + 1] += share->start[r];
	/* start[r + 1] moves on as names of r are put in place, and ends where those of r + 1
	 * begin. */
	for (uint32_t i = 0; i < batch->count; i++)
		for (unsigned j = 0; j < count[i]; j++)
			share->names[share->start[agenda->picked[i * each + j] + 1]++] =
				(uint16_t)i;
	return true;
}

/* All names go to all. */
static void enter_names(struct agenda *agenda, struct batch *batch)
{
	for (uint32_t i = 0; i < batch->count; i++) {
		struct batch_name *name = &batch->names[i];

		name->left = batch->done == NULL
				     ? agenda->alive * (uint32_t)agenda->config.qtype_count
				     : 0;
		for (int32_t r = 0; batch->done != NULL && r < (int32_t)agenda->config.resolvers;
		     r++)
			name->left += agenda->dropped[r] ? 0 : rows_left(agenda, batch, name, r);
	}
}

/* Takes one more batch when there is one and room for it. */
static bool take_batch(struct agenda *agenda)
{
	struct batch *batch;

	end_batches(agenda);
	if (agenda->names_end || agenda->next - agenda->first >= agenda->most || agenda->alive == 0)
		return false;
	batch = queue_try_take(agenda->config.names, &agenda->names_end);
	if (batch == NULL)
		return false;
	/* In lack of memory all go to all, which is more than was asked for, and not less. */
	if (agenda->config.per_name == 0 ||
	    !make_share(agenda, &agenda->shares[agenda->next % AGENDA_MOST], batch))
		enter_names(agenda, batch);
	for (uint32_t i = 0; i < batch->count; i++)
		if (batch->names[i].left == 0)
			agenda->config.nothing_to_do(agenda->config.owner, batch, &batch->names[i]);
	agenda->batches[agenda->next++ % AGENDA_MOST] = batch;
	return true;
}

/* ---- resolvers ---- */

/* How many names of that batch the resolver has to be asked. */
static uint32_t names_of(const struct agenda *agenda, uint64_t number, int32_t resolver)
{
	const struct share *share = &agenda->shares[number % AGENDA_MOST];

	if (share->start == NULL)
		return agenda->batches[number % AGENDA_MOST]->count;
	return share->start[resolver + 1] - share->start[resolver];
}

/* The name that the cursor is at. */
static uint32_t name_at(const struct agenda *agenda, const struct cursor *cursor, int32_t resolver)
{
	const struct share *share = &agenda->shares[cursor->batch % AGENDA_MOST];

	return share->start == NULL ? cursor->name
				    : share->names[share->start[resolver] + cursor->name];
}

static void step(const struct agenda *agenda, struct cursor *cursor)
{
	if (++cursor->qtype == agenda->config.qtype_count) {
		cursor->qtype = 0;
		cursor->name++;
	}
}

/* Goes on to the next row in this batch that is to be made; false when there is none. */
static bool find_row(const struct agenda *agenda, struct cursor *cursor, int32_t resolver)
{
	const struct batch *batch = agenda->batches[cursor->batch % AGENDA_MOST];
	uint32_t count = names_of(agenda, cursor->batch, resolver);

	while (cursor->name < count && batch->done != NULL &&
	       has_row(agenda, batch, &batch->names[name_at(agenda, cursor, resolver)], resolver,
		       cursor->qtype))
		step(agenda, cursor);
	return cursor->name < count;
}

bool agenda_next(struct agenda *agenda, int32_t resolver, struct task *task)
{
	struct cursor *cursor = &agenda->cursors[resolver];

	if (cursor->batch < agenda->first)
		*cursor = (struct cursor){.batch = agenda->first};
	for (;;) {
		if (cursor->batch >= agenda->next) {
			if (agenda->dropped[resolver])
				cursor->batch = NOWHERE;
			if (agenda->dropped[resolver] || !take_batch(agenda))
				return false;
			continue;
		}
		if (find_row(agenda, cursor, resolver))
			break;
		*cursor = (struct cursor){.batch = cursor->batch + 1};
	}
	task->batch = agenda->batches[cursor->batch % AGENDA_MOST];
	task->name_index = (uint16_t)name_at(agenda, cursor, resolver);
	task->qtype_index = cursor->qtype;
	step(agenda, cursor);
	return true;
}

size_t agenda_pick(const struct agenda *agenda, const struct batch *batch,
		   const struct batch_name *name, int32_t *picked)
{
	size_t count = 0;

	if (agenda->config.per_name > 0)
		return assign_pick(&agenda->assign, batch_qname(batch, name), name->wire_len,
				   agenda->config.per_name, picked);
	for (size_t r = 0; r < agenda->config.resolvers; r++)
		if (!agenda->dropped[r])
			picked[count++] = (int32_t)r;
	return count;
}

void agenda_drop(struct agenda *agenda, int32_t resolver)
{
	agenda->alive -= !agenda->dropped[resolver];
	agenda->dropped[resolver] = true;
}

bool agenda_has_dropped(const struct agenda *agenda, int32_t resolver)
{
	return agenda->dropped[resolver];
}

int32_t agenda_instead(const struct agenda *agenda, const struct task *task, int32_t dropped)
{
	const struct batch_name *name = &task->batch->names[task->name_index];

	if (agenda->config.per_name == 0)
		return -1;
	return assign_instead(&agenda->assign, batch_qname(task->batch, name), name->wire_len,
			      agenda->config.per_name, dropped);
}

bool agenda_is_done(struct agenda *agenda)
{
	end_batches(agenda);
	return (agenda->names_end || agenda->alive == 0) && agenda->first == agenda->next;
}
