/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * panel -- the resolvers of all runs, and what each was able to know.
 *
 * While rows are read, a resolver of one run has a number. Then the panel is settled: resolvers
 * that differ in nothing that judging looks at become one, and these stand in an order that depends
 * only on what they are, so the same runs make the same panel, in whatever order they were read.
 * Threads  panel_add() by any; all else by one, when no other is at work.
 */
#pragma once

#include <stdbool.h>

#include "results/judge/facts.h"
#include "results/tally/tally.h"

struct panel;

/* NULL when out of memory. */
struct panel *panel_create(void);
void panel_destroy(struct panel **panel);

/* A resolver of one run, "name@vantage" where vantage is not empty; those of one run have the same
 * `run`, which is not looked into. Returns its number, -1 when out of memory or out of numbers. */
int panel_add(struct panel *panel, const void *run, struct view name, const char *vantage);
/* What resolvers.csv says of it. */
void panel_calibrate(struct panel *panel, int number, const struct calibration *row);

/*
 * A resolver of a report that was settled before, the first one with number 0 and so on: source is
 * the report's number, from 1. False when out of memory.
 */
bool panel_add_settled(struct panel *panel, unsigned source, const struct resolver *resolver);

/* The place in the tally of a resolver that was added for a report, by its name; -1: there is none.
 */
int panel_find(const struct panel *panel, unsigned source, struct view name);

/*
 * No more adding. tally: what each number has said, and each
 * place of panel_find(); in it, resolvers of one name become one, in the
 * order of their identities. False when out of memory.
 */
bool panel_settle(struct panel *panel, struct tally *tally);

/* ---- once settled ---- */

unsigned panel_size(const struct panel *panel);
/* index: below panel_size(). */
const struct resolver *panel_resolver(const struct panel *panel, unsigned index);
/* As a source: numbers are the settled panel's own indexes. */
#define PANEL_SETTLED UINT32_MAX
/* The index of what had that number: in a run (source 0), or in a report. -1: there is none. */
int panel_index(const struct panel *panel, unsigned source, uint64_t number);
