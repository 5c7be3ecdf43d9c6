/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/run/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scanner/run/writer.h"
#include "tests/tap.h"

#define QNAME ((const uint8_t *)"\1a\0")
#define SHA   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static char dir[] = "/tmp/test_journal.XXXXXX";
static struct mark marks[BLOCK_MARKS];
static struct block *block;

/* Three resolvers, two QTYPEs: column = QTYPE * 3 + resolver. */
static struct journal *make(void)
{
	struct journal_head head = {.resolvers = 3, .qtypes = 2, .seen_key = 4711, .input_count = 1};
	struct manifest *manifest = manifest_create();

	head.dropped = calloc(3, sizeof(bool));
	head.dropped[1] = true;
	head.inputs = calloc(1, sizeof(*head.inputs));
	head.inputs[0].size = 99;
	manifest_set(&manifest->version, "1.2");
	return journal_create(dir, &head, manifest);
}

static void mark(enum mark_what what, void *of, uint32_t order, uint32_t column, unsigned flags)
{
	block_mark(block, (struct mark){
				  .of = of, .order = (uint16_t)order, .column = column, .what = (uint8_t)what, .flags = (uint8_t)flags});
}

static void written(struct journal *journal, enum journal_stream stream, uint64_t rows, uint64_t octets)
{
	block->rows = rows;
	journal_written(journal, stream, block, octets);
	block->mark_count = 0;
}

static struct journal *load(void)
{
	char why[MANIFEST_WHY_MAX] = "";
	bool missing;
	struct journal *journal = journal_load(dir, &missing, why);

	ok(journal != NULL, "it is read %s", why);
	return journal;
}

/* Names 0..9 are done, of 10..19 only some pairs, 20 is new. */
static void state(void)
{
	struct journal *journal = make();
	struct leg *done = journal_open(journal, 0, 10, 1000), *open = journal_open(journal, 10, 10, 2000);
	struct debt *evidence = debt_create(journal, DEBT_EVIDENCE, 4, QNAME, 3, 1, 3);
	struct debt *again = debt_create(journal, DEBT_RECHECK, 4, QNAME, 3, 0, 0);
	struct debt *early = debt_create(journal, DEBT_EVIDENCE, 12, QNAME, 3, 0, 1);

	debt_create(journal, DEBT_EVIDENCE, 13, QNAME, 3, 0, 1); /* no mark: it does not count */
	journal_part(journal, JOURNAL_PAIRS, "pairs-000.csv.gz");
	journal_part(journal, JOURNAL_EVIDENCE, "evidence-000.csv.gz");
	for (uint32_t n = 0; n < 10; n++) {
		for (uint32_t c = 0; c < 6; c++)
			mark(MARK_PAIR, done, n, c, n == 4 ? MARK_UNCLEAN | MARK_SERVFAIL : 0);
		mark(MARK_NAME, done, n, 0, 0);
	}
	mark(MARK_OWED, evidence, 0, 0, 0);
	mark(MARK_OWED, again, 0, 0, 0);
	mark(MARK_PAIR, open, 2, 5, MARK_FAILED | MARK_FETCHED);
	mark(MARK_NAME, open, 3, 0, 0);
	written(journal, JOURNAL_PAIRS, 61, 5000);
	journal_part_ended(journal, JOURNAL_PAIRS, SHA);
	journal_part(journal, JOURNAL_PAIRS, "pairs-001.csv.gz");
	mark(MARK_AGAIN, again, 0, 2, MARK_RECOVERED);
	written(journal, JOURNAL_PAIRS, 1, 70);
	mark(MARK_PAID, early, 0, 0, 0);
	written(journal, JOURNAL_EVIDENCE, 7, 800);
	block->last_words = true;
	mark(MARK_PAID, evidence, 0, 0, 0);
	written(journal, JOURNAL_EVIDENCE, 3, 900);
	block->last_words = false;
	is_int(journal_begin(journal), 0, "it is written");
	ok(!journal_clear(journal), "there is work left");
	journal_destroy(&journal);
}

static void head(struct journal *journal)
{
	const struct journal_head *h = journal_head(journal);
	const struct manifest *manifest = journal_manifest(journal);
	const struct manifest_part *parts = manifest->parts;

	ok(h->resolvers == 3 && h->qtypes == 2 && h->seen_key == 4711 && h->input_count == 1 && h->inputs[0].size == 99, "head");
	ok(!h->dropped[0] && h->dropped[1] && !h->dropped[2], "who was dropped");
	is_str(manifest->version, "1.2", "the manifest");
	is_int((long long)manifest->part_count, 3, "files");
	ok(parts[0].rows == 61 && parts[0].octets == 5000 && strcmp(parts[0].sha256, SHA) == 0, "a whole one, with its digest");
	ok(parts[1].rows == 1 && parts[1].octets == 70 && parts[1].sha256[0] == '\0', "one that is written");
	ok(parts[2].rows == 7 && parts[2].octets == 800, "what only tells of the end of the run does not count");
	is_int((long long)manifest_total(manifest, "scanned"), 11, "names");
	is_int((long long)manifest_total(manifest, "pairs"), 61, "pairs");
	is_int((long long)manifest_total(manifest, "servfail"), 6, "of them SERVFAIL");
	is_int((long long)manifest_total(manifest, "unclean"), 1, "names that are not clean");
	is_int((long long)manifest_total(manifest, "recheck_recovered"), 1, "rechecks that work");
	is_int((long long)manifest_total(manifest, "evidence_names"), 1, "evidence, without what does not count");
}

static void past(struct journal *journal)
{
	struct debt *first, *second;
	struct past past;

	ok(past_init(&past, journal), "what was done before");
	is_int((long long)past.end, 20, "so many names were handed out");
	is_int(past_look(&past, 0, 1), PAST_DONE, "a name that is done");
	is_int(past_look(&past, 4, 5), PAST_DONE, "another");
	first = past_debt(&past, 4);
	second = past_debt(&past, 4);
	ok(first != NULL && second != NULL && first->kind != second->kind && past_debt(&past, 4) == NULL, "for which two things are owed");
	if (first->kind == DEBT_RECHECK) {
		struct debt *other = first;

		first = second;
		second = other;
	}
	ok(first->owed && !first->paid && first->qtype == 1 && first->what == 3 && debt_is_of(first, QNAME, 3) &&
		   !debt_is_of(first, QNAME, 2),
	   "evidence, as it was");
	ok(second->owed && !second->paid && cells_has(second->asked, 2, 0) && !cells_has(second->asked, 0, 0),
	   "a recheck: one resolver has its row");
	is_int(past_look(&past, 12, 9), PAST_OPEN, "a name that is not done");
	ok(past.leg->first == 10 && cells_has(past.leg->cells, 2, 5) && !cells_has(past.leg->cells, 2, 4) && !cells_has(past.leg->cells, 1, 5),
	   "which of its pairs are");
	ok(past.leg->names[2].failed == 2 && past.leg->names[2].fetched == 2 && past.leg->names[2].unclean == 0, "how they were");
	first = past_debt(&past, 12);
	ok(first != NULL && first->paid && !first->owed, "evidence that was there first");
	is_int(past_look(&past, 13, 9), PAST_DONE, "a name of an open leg that is done");
	ok(past_debt(&past, 13) == NULL, "a debt without a mark is none");
	is_int(past_look(&past, 19, 2000), PAST_OPEN, "the last name of the leg");
	ok(past.leg_ends, "is that");
	is_int(past_look(&past, 19, 2001), PAST_CHANGED, "other names up to there");
	is_int(past_look(&past, 20, 0), PAST_NEW, "a new name");
	past_free(&past);
}

static void damaged(void)
{
	char path[64], why[MANIFEST_WHY_MAX];
	bool missing;
	FILE *file;

	snprintf(path, sizeof(path), "%s/" JOURNAL_FILE, dir);
	file = fopen(path, "w");
	fputs("SFRESUM9 of another version", file);
	fclose(file);
	ok(journal_load(dir, &missing, why) == NULL && !missing, "another file: %s", why);
	unlink(path);
	ok(journal_load(dir, &missing, why) == NULL && missing, "none: %s", why);
}

int main(void)
{
	struct journal *journal;

	block = calloc(1, sizeof(*block));
	block->marks = marks;
	if (block == NULL || mkdtemp(dir) == NULL)
		return 1;
	state();
	journal = load();
	if (journal != NULL) {
		head(journal);
		past(journal);
		is_int(journal_begin(journal), 0, "it is written again");
	}
	journal_destroy(&journal);
	journal = load();
	is_int(journal != NULL ? (long long)journal_manifest(journal)->part_count : 0, 3, "and says the same");
	journal_destroy(&journal);
	damaged();
	rmdir(dir);
	free(block);
	return done_testing();
}
