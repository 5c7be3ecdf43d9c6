/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What comes of pairs: rows in blocks for the writer, and names for those who ask again or look for
 * the reasons.
 */
#include "scanner/scan/worker_inner.h"

#include <stdlib.h>
#include <string.h>

/* ---- rows ---- */

void worker_hand_over(struct worker *worker)
{
	if (worker->block == NULL)
		return;
	if (worker->block->len + worker->block->mark_count > 0) {
		writer_put(worker->shared.writer, worker->block);
		worker->block = NULL;
	}
}

/* Room for one more row; NULL when out of memory. */
static struct block *block_room(struct worker *worker)
{
	if (worker->block != NULL && !block_has_room(worker->block, CSV_PAIR_MAX))
		worker_hand_over(worker);
	if (worker->block == NULL) {
		worker->block = writer_block(worker->shared.writer);
		worker->block_ns = engine_now_ns(worker->engine);
	}
	return worker->block;
}

unsigned worker_flags(const struct pair *pair, bool overloaded)
{
	const struct brief *normal = &pair->normal;
	bool works = reply_works(normal);
	unsigned flags = overloaded ? MARK_OVERLOAD : 0;

	flags |= pair_clean(pair) ? 0 : MARK_UNCLEAN;
	flags |= works ? 0 : MARK_FAILED;
	flags |= works || reply_works(&pair->cd) ? MARK_FETCHED : 0;
	flags |= normal->outcome == OUTCOME_ANSWERED && normal->rcode == RCODE_SERVFAIL
			 ? MARK_SERVFAIL
			 : 0;
	flags |= normal->outcome == OUTCOME_TIMEOUT ? MARK_TIMEOUT : 0;
	return flags;
}

static void mark_pair(struct worker *worker, struct block *block, const struct pair *pair,
		      unsigned flags)
{
	const struct batch *batch = pair->batch;

	if (batch->leg == NULL)
		return;
	block_mark(block, (struct mark){.of = batch->leg,
					.column = agenda_column(worker->agenda, pair->resolver,
								pair->qtype_index),
					.order = batch->names[pair->name_index].order,
					.what = MARK_PAIR,
					.flags = (uint8_t)flags});
}

void worker_write_row(struct worker *worker, const struct pair *pair, unsigned flags)
{
	const struct batch *batch = pair->batch;
	struct block *block = block_room(worker);
	char name[NAME_WIRE_MAX + 1];
	struct row row;

	if (block == NULL) {
		atomic_fetch_add(&worker->rows_lost, 1);
		return;
	}
	row_init(&row);
	row.time_ms = worker->wall_ms;
	row.name.len = batch_name_text(batch, &batch->names[pair->name_index], name);
	row.name.text = name;
	row.qtype = worker->shared.options->qtypes[pair->qtype_index];
	row.resolver.text = worker->shared.resolvers->list[pair->resolver].text;
	row.resolver.len = strlen(row.resolver.text);
	if (flags & MARK_OVERLOAD)
		row.note = (struct view){"overload", 8};
	pair_row(pair, &row);
	block->len += csv_pair_write(&worker->csv, block->data + block->len, &row);
	block->rows++;
	mark_pair(worker, block, pair, flags);
}

/* ---- what follows ---- */

/* What is owed for this name from now on; NULL: no journal is kept, or out of memory. */
static struct debt *owe(struct worker *worker, const struct batch *batch,
			const struct batch_name *name, enum debt_kind kind, int qtype,
			unsigned what)
{
	uint64_t ordinal = batch->first + name->order;
	struct debt *debt = batch->early;

	if (batch->leg == NULL || worker->block == NULL)
		return NULL;
	while (debt != NULL &&
	       (debt->ordinal != ordinal || debt->kind != kind || debt->qtype != qtype))
		debt = debt->next_early;
	if (debt == NULL)
		debt = debt_create(worker->shared.journal, kind, ordinal, batch_qname(batch, name),
				   name->wire_len, qtype, what);
	return debt;
}

static void mark_owed(struct worker *worker, struct debt *debt)
{
	if (debt != NULL)
		block_mark(worker->block, (struct mark){.of = debt, .what = MARK_OWED});
}

/* Those that have their row, where only those are to be asked again that were overloaded. NULL: out
 * of memory. */
static struct cells *find_spared(struct worker *worker, const struct batch *batch,
				 const struct batch_name *name, int qtype)
{
	struct cells *spared = cells_create((uint32_t)worker->shared.resolvers->count, 1);
	size_t count = agenda_pick(worker->agenda, batch, name, worker->picked);

	for (size_t i = 0; spared != NULL && i < count; i++) {
		uint32_t column = agenda_column(worker->agenda, worker->picked[i], qtype);

		if (!cells_has(batch->late, (uint32_t)(name - batch->names), column) &&
		    !cells_set(spared, (uint32_t)worker->picked[i], 0))
			cells_destroy(&spared);
	}
	return spared;
}

static void ask_again(struct worker *worker, const struct batch *batch,
		      const struct batch_name *name, int qtype)
{
	bool all = name->failed & 1u << qtype && worker->shared.options->recheck_ms > 0;
	struct debt *debt = owe(worker, batch, name, DEBT_RECHECK, qtype, 0);
	struct recheck_name again = {
		.qname = batch_qname(batch, name),
		.qname_len = name->wire_len,
		.qtype = worker->shared.options->qtypes[qtype],
		.debt = debt,
		.seen = name->unclean & 1u << qtype ||
			worker->shared.options->evidence == EVIDENCE_ALL,
		.spared = all ? NULL : find_spared(worker, batch, name, qtype),
	};

	if (!all && again.spared == NULL)
		recheck_skip(worker->shared.recheck);
	else if (recheck_name(worker->shared.recheck, &again)) {
		mark_owed(worker, debt);
		return;
	}
	debt_forget(worker->shared.journal, debt);
}

static void look_into(struct worker *worker, const struct batch *batch,
		      const struct batch_name *name, int qtype)
{
	unsigned what = (name->unclean & 1u << qtype ? SUSPECT_FAILING : 0) |
			(name->fetched & 1u << qtype ? SUSPECT_FETCHABLE : 0);
	struct debt *debt = owe(worker, batch, name, DEBT_EVIDENCE, qtype, what);

	mark_owed(worker, debt);
	if (debt == NULL || !debt->paid)
		prober_suspect(worker->shared.prober, batch_qname(batch, name), name->wire_len,
			       worker->shared.options->qtypes[qtype], what,
			       batch_records(batch, name), debt);
}

/* All pairs of a name are done: on to those who look for the reasons, where it wants that. */
void worker_end_name(struct worker *worker, struct batch *batch, const struct batch_name *name)
{
	struct block *block = batch->leg != NULL ? block_room(worker) : worker->block;
	const struct options *options = worker->shared.options;
	bool all = options->evidence == EVIDENCE_ALL;
	unsigned again;

	ADD(worker, names, 1);
	ADD(worker, unclean, name->unclean != 0);
	if (block != NULL)
		block->names++;
	if (block != NULL && batch->leg != NULL)
		block_mark(
			block,
			(struct mark){.of = batch->leg, .order = name->order, .what = MARK_NAME});
	batch->open--;
	again = (options->recheck_ms > 0 ? name->failed : 0) | name->late;
	for (int t = 0; again != 0 && worker->shared.recheck != NULL && t < options->qtype_count;
	     t++)
		if (again & 1u << t)
			ask_again(worker, batch, name, t);
	if (worker->shared.prober == NULL || (name->unclean == 0 && !all))
		return;
	for (int t = 0; t < options->qtype_count; t++)
		if (all || name->unclean & 1u << t)
			look_into(worker, batch, name, t);
}
