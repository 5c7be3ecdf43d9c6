/* SPDX-License-Identifier: BSD-2-Clause */

/* Names that are handed over, and the rows that come of them. */
#include "scanner/evidence/prober_inside.h"

#include <stdlib.h>
#include <string.h>

#include "io/clock.h"

void prober_flush(struct prober *prober, struct block **block)
{
	if (*block != NULL && (*block)->len + (*block)->mark_count > 0) {
		writer_put(prober->config.writer, *block);
		*block = NULL;
	}
}

/* All rows of a name go into one block, so that the files hold all of them or none. flags: enum
 * mark_flags. */
static void put_rows(struct prober *prober, struct block **to, const struct buf *rows,
		     uint64_t count, struct debt *debt, unsigned flags)
{
	if (*to != NULL && !block_has_room(*to, rows->len))
		prober_flush(prober, to);
	if (*to == NULL)
		*to = writer_large_block(prober->config.writer, rows->len);
	if (*to == NULL || rows->failed) {
		ADD(prober, rows_lost, count);
		return;
	}
	if (rows->len > 0)
		memcpy((*to)->data + (*to)->len, rows->data, rows->len);
	(*to)->len += rows->len;
	(*to)->rows += count;
	(*to)->last_words = prober->last_words;
	if (debt != NULL)
		block_mark(*to,
			   (struct mark){.of = debt, .what = MARK_PAID, .flags = (uint8_t)flags});
	ADD(prober, rows, count);
}

static void put_row(void *owner, const struct evidence *row)
{
	struct prober *prober = owner;

	prober->row_count++;
	if (buf_reserve(&prober->rows, EVIDENCE_MAX))
		prober->rows.len += evidence_write(prober->rows.data + prober->rows.len, row);
}

/* The rows of a name are there. */
static void end_rows(struct prober *prober, struct debt *debt, unsigned flags)
{
	if (prober->block == NULL)
		prober->block_ns = asker_now_ns(prober->asker);
	put_rows(prober, &prober->block, &prober->rows, prober->row_count, debt, flags);
	buf_clear(&prober->rows);
	prober->rows.failed = false;
	prober->row_count = 0;
}

/* Under the lock: the one row of a name that nobody can look into. */
static void put_refused(void *owner, const struct evidence *row)
{
	struct buf *rows = owner;

	if (buf_reserve(rows, EVIDENCE_MAX))
		rows->len += evidence_write(rows->data + rows->len, row);
}

struct rows_of {
	struct rows rows;
	char name[DNAME_TEXT_MAX];
};

static const struct rows *rows_for(struct rows_of *of, const struct suspect *suspect, void *owner,
				   void (*put)(void *owner, const struct evidence *row))
{
	dname_text(of->name, suspect->qname);
	of->rows = (struct rows){.put = put,
				 .owner = owner,
				 .name = {of->name, strlen(of->name)},
				 .qtype = suspect->qtype,
				 .time_ms = clock_wall_ns() / NS_PER_MS};
	return &of->rows;
}

/* ---- names ---- */

void suspect_forget(struct suspect *suspect)
{
	if (suspect != NULL)
		free(suspect->records);
	free(suspect);
}

/* Without the records the parent is asked: no loss but of politeness. */
static void keep_records(struct suspect *suspect, struct view records)
{
	suspect->records = records.text != NULL ? malloc(records.len) : NULL;
	if (suspect->records == NULL)
		return;
	memcpy(suspect->records, records.text, records.len);
	suspect->records_len = records.len;
}

static void refuse(struct prober *prober, const struct suspect *suspect, const char *why)
{
	struct buf row = BUF_EMPTY;
	struct rows_of of;

	account_skipped(rows_for(&of, suspect, &row, put_refused), why);
	pthread_mutex_lock(&prober->refused_lock);
	put_rows(prober, &prober->refused, &row, 1, suspect->debt, MARK_SKIPPED);
	pthread_mutex_unlock(&prober->refused_lock);
	buf_free(&row);
}

void prober_suspect(struct prober *prober, const uint8_t *qname, uint8_t qname_len, uint16_t qtype,
		    unsigned what, struct view records, struct debt *debt)
{
	struct suspect suspect = {
		.debt = debt, .qtype = qtype, .what = (uint8_t)what, .qname_len = qname_len};
	struct suspect *kept = malloc(sizeof(*kept));

	ADD(prober, suspects, 1);
	memcpy(suspect.qname, qname, qname_len);
	if (kept != NULL) {
		*kept = suspect;
		keep_records(kept, records);
		if (queue_try_put(prober->suspects, kept))
			return;
	}
	ADD(prober, skipped, 1);
	refuse(prober, &suspect,
	       kept != NULL ? "no evidence: too many names were waiting for it" : NO_MEMORY);
	suspect_forget(kept);
}

void prober_skip(struct prober *prober, struct suspect *suspect, const char *why)
{
	struct rows_of of;

	account_skipped(rows_for(&of, suspect, prober, put_row), why);
	end_rows(prober, suspect->debt, MARK_SKIPPED);
	ADD(prober, skipped, 1);
	suspect_forget(suspect);
}

void prober_tell(struct prober *prober, const struct suspect *suspect, const struct job *job,
		 const struct account *account)
{
	struct rows_of of;

	account_rows(account, job, rows_for(&of, suspect, prober, put_row));
	end_rows(prober, suspect->debt, 0);
	ADD(prober, names, 1);
}
