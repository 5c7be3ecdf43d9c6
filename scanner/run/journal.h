/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * journal -- what of a run is safely in its files, so that --resume can go on from there.
 *
 *     reader: names in order, numbered from 0 -> journal_open() -> a leg: the names of one batch
 *     workers, recheck, prober: rows and marks -> block -> writer: member in its file ->
 * journal_written() the journal's thread, every JOURNAL_NS: state -> files synced -> DIR/resume.gz,
 * written whole and renamed
 *
 * What the state tells: how many octets of each file count; which names were handed out; of the
 * legs that are not done yet, which pairs are; and what is owed for names that are done: evidence,
 * and asking again. All names below `next` that are in no leg are done. A resumed run cuts the
 * files to those octets, reads its input from the start, passes over what is done, and asks the
 * rest. The input must be the same: a running hash of all names (print) is kept at the end of each
 * leg, and compared.
 *
 * Owner    main() creates and destroys it; the functions may be called by any thread, but for
 *          journal_past().
 * Memory   some 20 KiB for 4096 names handed out and not done (three resolvers), which are those of
 *          the agendas; 80 octets for each debt, and who was asked already. Debts are as many as
 *          names wait for recheck.h and prober.h, both bounded, or are on their way to a file.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "io/digest.h"
#include "results/rows/manifest.h"
#include "scanner/run/cells.h"

#define JOURNAL_FILE "resume.gz"
#define JOURNAL_NS   (2 * 1000000000LL)

struct block;
struct journal;

/* The names of a batch. */
struct leg_name {
	uint8_t unclean, failed, fetched; /* as in struct batch_name */
	uint8_t ended;
};

struct leg {
	struct leg *next, **back;
	uint64_t first; /* ordinal of the first name */
	uint32_t count;
	uint32_t open;	/* not ended */
	uint64_t print; /* of all names up to its end */
	struct cells *cells;
	struct leg_name names[];
};

enum debt_kind { DEBT_EVIDENCE, DEBT_RECHECK };

/* What is still to be done for a name and QTYPE. It goes when it is both owed and paid, in whatever
 * order that gets into files. */
struct debt {
	struct debt *next, **back;
	struct debt *next_early;
	uint64_t ordinal;
	uint32_t print; /* of the name */
	uint8_t kind;	/* enum debt_kind */
	uint8_t qtype;	/* index */
	uint8_t what;	/* DEBT_EVIDENCE: SUSPECT_* */
	bool paid;
	_Atomic bool owed;
	struct cells *asked; /* DEBT_RECHECK: resolvers whose row is there; NULL: none */
	struct cells
		*spared; /* ... or need not be; these become `asked` once it is owed. NULL: none */
};

/* What a block of rows tells once it is in its file. */
enum mark_what {
	MARK_PAIR,  /* of a leg: the pair in row `order`, column `column` is done */
	MARK_NAME,  /* of a leg: the name is done */
	MARK_OWED,  /* of a debt */
	MARK_AGAIN, /* of a debt: the row of resolver `column` */
	MARK_PAID,  /* of a debt */
};

enum mark_flags {
	MARK_UNCLEAN = 1,
	MARK_FAILED = 2,
	MARK_SERVFAIL = 4,
	MARK_TIMEOUT = 8,
	MARK_FETCHED = 16,
	MARK_RECOVERED = 32,
	MARK_SKIPPED = 64,   /* paid with a row that says why there is nothing */
	MARK_OVERLOAD = 128, /* the row of an overloaded resolver: the pair is still to be done */
};

struct mark {
	void *of;
	uint32_t column;
	uint16_t order;
	uint8_t what, flags;
};

/* A file of rows. */
struct run_part {
	char name[40]; /* "pairs-000.csv.gz" */
	uint64_t rows, names, octets;
	char sha256[DIGEST_TEXT]; /* "" until the file is whole */
};

enum journal_stream { JOURNAL_PAIRS, JOURNAL_EVIDENCE, JOURNAL_STREAMS };

/* What must not differ when the run is resumed, apart from options: those are in the manifest. */
struct journal_input {
	uint64_t size, hash; /* both 0: not known (a pipe) */
};

struct journal_head {
	uint32_t resolvers, qtypes;
	uint64_t seen_key;
	bool *dropped; /* one a resolver: never to be asked */
	struct journal_input *inputs;
	uint32_t input_count;
};

/* What the thread needs from others. */
struct journal_world {
	/* Brings what was written so far to the disk. 0 or -errno. */
	int (*sync)(void *owner);
	/* Sets the totals so far. */
	void (*totals)(void *owner, struct manifest *manifest);
	void *owner;
};

/* Takes over head's lists and the manifest (options, resolvers, start; no parts). NULL when out of
 * memory: they are freed. */
struct journal *journal_create(const char *dir, struct journal_head *head,
			       struct manifest *manifest);
/* Reads DIR/resume.gz. NULL: why says what is wrong with it; *missing: there is none. */
struct journal *journal_load(const char *dir, bool *missing, char why[MANIFEST_WHY_MAX]);
void journal_destroy(struct journal **journal);
struct journal_head *journal_head(struct journal *journal);
/* As recorded, with the parts of the runs before. */
struct manifest *journal_manifest(struct journal *journal);

/* Writes the file for the first time: before there is any other. 0 or -errno. */
int journal_begin(struct journal *journal);
/* Starts the thread. 0 or -errno. */
int journal_run(struct journal *journal, const struct journal_world *world);
/* Ends the thread: before the writers end. */
void journal_stop(struct journal *journal);
/* Writes the file for the last time, when the writers have ended. 0 or -errno. */
int journal_end(struct journal *journal);
/* 0, or the errno of what the thread could not do. */
int journal_error(struct journal *journal);
/* Nothing is left to do of what was handed out. After journal_end(). */
bool journal_clear(struct journal *journal);

/* ---- writers ---- */

/* A new file. False: out of memory. */
bool journal_part(struct journal *journal, enum journal_stream stream, const char *name);
/* A block is in the file of the stream, which has `octets` octets now. */
void journal_written(struct journal *journal, enum journal_stream stream, const struct block *block,
		     uint64_t octets);
/* The file of the stream is whole, under its final name. */
void journal_part_ended(struct journal *journal, enum journal_stream stream, const char *sha256);

/* ---- those who ask ---- */

/* The journal's. It counts once a mark of it is written. NULL when out of memory. */
struct debt *debt_create(struct journal *journal, enum debt_kind kind, uint64_t ordinal,
			 const uint8_t *qname, uint8_t qname_len, int qtype, unsigned what);
/* One that will get no mark. Accepts NULL. */
void debt_forget(struct journal *journal, struct debt *debt);

/* ---- the reader ---- */

/* The next `count` names are in a batch; print: of all names so far. NULL when out of memory. */
struct leg *journal_open(struct journal *journal, uint64_t first, uint32_t count, uint64_t print);

enum past_says {
	PAST_DONE,
	PAST_OPEN,    /* in past->leg, not ended */
	PAST_NEW,     /* no name was handed out from here on */
	PAST_CHANGED, /* this is another input than it was */
};

/* What is known of the names of the run that is resumed; the reader's own. */
struct past {
	struct journal *journal;
	struct leg **legs;
	struct debt **debts;
	size_t leg_count, debt_count, leg_at, debt_at;
	uint64_t end, print; /* names from here on are new */
	/* of the name last looked up */
	struct leg *leg;
	bool leg_ends; /* it is the last one of the leg */
};

/* False: out of memory. A journal that was not loaded has no past. */
bool past_init(struct past *past, struct journal *journal);
void past_free(struct past *past);
/* For each name in order, from 0. print: of all names up to this one. */
enum past_says past_look(struct past *past, uint64_t ordinal, uint64_t print);
/* The debts of the name last looked up, one after the other; NULL: no more. */
struct debt *past_debt(struct past *past, uint64_t ordinal);
/* Is this the name the debt is for? */
bool debt_is_of(const struct debt *debt, const uint8_t *qname, uint8_t qname_len);
