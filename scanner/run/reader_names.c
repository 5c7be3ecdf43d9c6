/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What becomes of a name: rejected, of another shard, a duplicate, excluded, done in a run before,
 * or one of a batch.
 */
#include "scanner/run/reader_inside.h"

#include <string.h>
#include <strings.h>

#include "io/hash.h"
#include "scanner/lists/listfile.h"
#include "scanner/lists/suffixes.h"

/* Tells the batch, the next in the journal, where its names stand there. False: out of memory. */
static bool enter(struct reader *reader, struct batch *batch)
{
	struct leg *leg = reader->leg;

	if (reader->config.journal == NULL)
		return true;
	batch->leg = leg;
	if (leg == NULL)
		batch->leg = journal_open(reader->config.journal, reader->ordinal - batch->count,
					  batch->count, reader->print);
	if (batch->leg == NULL)
		return false;
	batch->first = batch->leg->first;
	if (leg == NULL)
		return true;
	for (uint32_t i = 0; i < batch->count; i++) {
		const struct leg_name *known = &leg->names[batch->names[i].order];

		batch->names[i].unclean = known->unclean;
		batch->names[i].failed = known->failed;
		batch->names[i].fetched = known->fetched;
	}
	batch->early = reader->early;
	batch->done = cells_copy(leg->cells);
	reader->early = NULL;
	reader->leg = NULL;
	return batch->done != NULL;
}

/* Waits while the queue is full. */
void reader_hand_out(struct reader *reader)
{
	struct batch *batch;
	uint32_t names = batch_maker_count(reader->maker);

	if (names == 0)
		return;
	batch = reader_stopped(reader) ? NULL : batch_maker_take(reader->maker);
	if (batch && !enter(reader, batch))
		batch_destroy(&batch);
	if (batch && queue_put(reader->config.queue, batch)) {
		reader_count(&reader->counters.handed_out, names);
	} else {
		if (!batch && !reader_stopped(reader)) {
			reader_complain(reader, reader->file, "out of memory");
			/* what is left is not all of it */
			reader_count(&reader->counters.files_failed, 1);
		}
		batch_destroy(&batch);
		batch_maker_clear(reader->maker);
		reader_count(&reader->counters.left, names);
		atomic_store(&reader->stop, true); /* nobody takes any more */
	}
	if (reader->target < BATCH_NAMES)
		reader->target *= 2;
}

void reader_changed(struct reader *reader)
{
	batch_maker_clear(reader->maker);
	atomic_store(&reader->counters.changed, true);
	atomic_store(&reader->stop, true);
}

/* Debts of a name that is done are handed on; what is paid already must not be done again when the
 * name is. */
static void take_debts(struct reader *reader, const struct name *name, uint64_t ordinal, bool done,
		       struct view records)
{
	struct debt *debt;

	while ((debt = past_debt(&reader->past, ordinal)) != NULL) {
		if (!debt_is_of(debt, name->wire, name->wire_len)) {
			reader_changed(reader);
		} else if (!done) {
			debt->next_early = reader->early;
			reader->early = debt;
		} else if (debt->owed && !debt->paid) {
			reader->config.owed(reader->config.owner, debt, name, records);
		}
	}
}

/* A name that a run before has handed out. */
static void take_past_name(struct reader *reader, const struct name *name, uint64_t ordinal,
			   struct view records)
{
	enum past_says says = past_look(&reader->past, ordinal, reader->print);
	struct leg *leg = reader->past.leg;

	if (says == PAST_CHANGED) {
		reader_changed(reader);
		return;
	}
	take_debts(reader, name, ordinal, says == PAST_DONE, records);
	if (says == PAST_OPEN) {
		reader->leg = leg;
		batch_maker_add(reader->maker, name, (uint32_t)(ordinal - leg->first), records);
	} else {
		reader_count(&reader->counters.done_before, 1);
	}
	if (leg != NULL && reader->past.leg_ends)
		reader_hand_out(reader);
	if (reader->ordinal == reader->past.end)
		atomic_store(&reader->counters.past, false);
}

/* A name that is to be asked, if it was not already. */
static void take_good_name(struct reader *reader, const struct name *name, struct view records)
{
	uint64_t ordinal = reader->ordinal++;

	if (reader->config.journal != NULL)
		reader->print = hash_octets(name->wire, name->wire_len, reader->print);
	if (ordinal < reader->past.end)
		take_past_name(reader, name, ordinal, records);
	else if (batch_maker_add(reader->maker, name, batch_maker_count(reader->maker), records) >=
			 reader->target ||
		 batch_maker_full(reader->maker))
		reader_hand_out(reader);
}

static bool other_shard(const struct reader_config *config, const struct name *name)
{
	return config->shards > 1 &&
	       hash_octets(name->wire, name->wire_len, config->seed) % config->shards !=
		       config->shard;
}

/* Lines as zone files begin with: a directive, a comment, a record. */
static bool of_zone_file(const char *text, size_t len)
{
	static const char *const words[] = {"SOA", "NS"};

	if (len > 0 && (*text == '$' || *text == ';'))
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t word = strlen(words[i]);

		for (size_t at = 1; at + word < len; at++)
			if (strncasecmp(text + at, words[i], word) == 0 &&
			    strchr(" \t", text[at - 1]) && strchr(" \t", text[at + word]))
				return true;
	}
	return false;
}

/* What the line may have been, where it is none of what was asked for. */
static const char *another_kind(const struct reader *reader, const char *text, size_t len)
{
	if (reader->zone)
		return memchr(text, ' ', len) == NULL && memchr(text, '\t', len) == NULL
			       ? " (a list of names? --zone is for zone files)"
			       : "";
	if (of_zone_file(text, len))
		return " (a zone file? say --zone)";
	return memchr(text, ',', len) != NULL ? " (a table? one name a line is wanted)" : "";
}

static void keep_reject(struct reader *reader, uint64_t line, enum name_reason reason,
			const char *text, size_t len)
{
	char shown[LISTFILE_SHOWN];

	while (len > 0 && text[len - 1] == '\r')
		len--;
	buf_addf(&reader->first_reject, "%s:%llu: '%s' is no name: %s%s", reader->file,
		 (unsigned long long)line, listfile_show(shown, text, len),
		 name_reason_text(reason), another_kind(reader, text, len));
}

void reader_reject(struct reader *reader, uint64_t line, enum name_reason reason, const char *text,
		   size_t len)
{
	reader_count(&reader->counters.read, 1);
	reader_count(&reader->counters.rejected, 1);
	if (reader->rejected)
		rejected_add(reader->rejected, reader->file, line, reason, text, len);
	if (reader->first_reject.len == 0)
		keep_reject(reader, line, reason, text, len);
}

static struct view records_of(const struct reader_config *config,
			      const struct zonefile_name *source)
{
	return config->records ? (struct view){source->records, source->records_len}
			       : (struct view){NULL, 0};
}

/* source: as it was written, for the list of what is not asked. */
static void take_name(struct reader *reader, const struct name *name,
		      const struct zonefile_name *source)
{
	const struct reader_config *config = &reader->config;
	struct reader_counters *counters = &reader->counters;

	reader_count(&counters->read, 1);
	if (other_shard(config, name))
		reader_count(&counters->other_shard, 1);
	else if (seen_before(reader->seen, name->wire, name->wire_len))
		reader_count(&counters->duplicates, 1);
	else if (config->exclude &&
		 suffixes_match_name(config->exclude, name->wire, name->wire_len)) {
		reader_count(&counters->excluded, 1);
		if (reader->rejected)
			rejected_add(reader->rejected, reader->file, source->line, NAME_EXCLUDED,
				     source->text, source->len);
	} else {
		if (reader->operators && source->records)
			operators_add(reader->operators, (struct view){source->text, source->len},
				      (struct view){source->records, source->records_len});
		take_good_name(reader, name, records_of(config, source));
	}
}

void reader_take(struct reader *reader, const struct zonefile_name *source)
{
	struct name name;
	enum name_reason reason = name_normalise(&name, source->text, source->len);

	if (reason == NAME_OK)
		take_name(reader, &name, source);
	else if (reason == NAME_BLANK)
		reader_count(&reader->counters.blank, 1);
	else
		reader_reject(reader, source->line, reason, source->text, source->len);
}
