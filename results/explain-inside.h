/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * explain-inside -- what the parts of explain have in common.
 */
#pragma once

#include "results/rows/calibration.h"
#include "results/rows/evidence.h"
#include "results/explain.h"
#include "results/prose.h"
#include "results/rows/row.h"
#include "results/judge/verdict.h"

#define PRINT(view) (int)(view).len, (view).text ? (view).text : ""

/* Everything of one run; texts are views into kept lines. */
struct explained {
	char **lines;
	size_t line_count;
	struct view (*verdicts)[VERDICT_COLUMNS];
	struct row *rows;
	struct evidence *evidence;
	struct calibration *resolvers; /* phase before */
	size_t verdict_count, row_count, evidence_count, resolver_count;
	FILE *messages;
	bool failed; /* something could not be read; it was said */
};

/* explain-load.c */
void explained_load(struct explained *all, const struct explain_plan *plan);
void explained_free(struct explained *all);

/* explain-answers.c: what the resolvers said of the question. */
void explain_answers(const struct explained *all, const struct prose *prose, struct view name,
		     uint16_t qtype);
/* explain-way.c: what the evidence tells, from the root down. */
void explain_way(const struct explained *all, const struct prose *prose, struct view name,
		 uint16_t qtype);
/* explain-by-hand.c: commands that show the same. at: the zone at fault; may be empty. */
void explain_by_hand(const struct explained *all, const struct prose *prose, struct view name,
		     uint16_t qtype, struct view at);

/* "0.2 ms", "1.5 s"; "" when it is not known. */
const char *rtt_text(int64_t rtt_us, char text[24]);
