/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What journal.c (the state), journal_file.c (the file) and journal_past.c (what a resumed run
 * makes of it) share.
 */
#pragma once

#include <pthread.h>

#include "scanner/run/journal.h"

struct stream {
	struct run_part *parts;
	size_t count;
	bool last_words; /* what is written from now on counts for this run only */
};

/* Of what is in the files; totals of run.json. */
enum journal_count {
	COUNT_NAMES,
	COUNT_PAIRS,
	COUNT_SERVFAIL,
	COUNT_TIMEOUTS,
	COUNT_UNCLEAN,
	COUNT_RECHECKED,
	COUNT_RECHECK_PAIRS,
	COUNT_RECOVERED,
	COUNT_EVIDENCE_NAMES,
	COUNT_EVIDENCE_SKIPPED,
	COUNT_EVIDENCE_ROWS,
	COUNT_OVERLOADED,
	COUNT_RECHECK_OVERLOADED,
	COUNTS
};

extern const char *const journal_count_names[COUNTS];

struct journal {
	char *path;
	struct journal_head head;
	struct manifest *manifest;
	size_t prior_parts;
	struct journal_world world;
	pthread_t thread;
	pthread_cond_t wake;
	bool started;
	_Atomic int error;

	pthread_mutex_t lock; /* of all below */
	bool ending;
	struct leg *legs;
	struct debt *debts;
	uint64_t next, print; /* names from here on were not handed out */
	struct stream streams[JOURNAL_STREAMS];
	uint64_t counts[COUNTS];
};

struct leg *leg_create(const struct journal *journal, uint64_t first, uint32_t count);
/* Under the lock, or alone. */
void leg_link(struct journal *journal, struct leg *leg);
void debt_link(struct journal *journal, struct debt *debt);
/* Writes the file: what was in files when it was called is on the disk before. 0 or -errno. */
int journal_save(struct journal *journal);
/* What journal_load() reads, unpacked. */
struct journal *journal_parse(const char *dir, const void *data, size_t size,
			      char why[MANIFEST_WHY_MAX]);
