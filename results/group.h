/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * group -- rows and evidence of any number of runs, in any order, put together by name and type.
 *
 * add everything; finish; then each() hands out the facts of one question after the other, sorted
 * by name, then type, whatever the order in which they came. Memory   all questions stay in memory:
 * about 48 octets and the name, 11 octets for each clean answer, 400 and its texts for each other
 * row. (To partition by hash and spill is possible behind this interface: nothing is handed out
 *          before finish.)
 * Errors   out of memory: the adding functions return false.
 */
#pragma once

#include "results/facts.h"

struct group;

struct group *group_create(void);
void group_destroy(struct group **group);

/* A resolver of one run, to be filled by the caller before group_finish(); owned by the group. name
 * is copied, with "@vantage" behind it where vantage is not empty. Returns its number, or -1 (out
 * of memory, more than 65534). */
int group_add_resolver(struct group *group, struct view name, const char *vantage);
struct resolver *group_resolver(struct group *group, int number);
size_t group_resolver_count(const struct group *group);

bool group_add_row(struct group *group, int resolver, const struct row *row);
/* Rows on one question that follow each other are of one inquiry; their order is kept. */
bool group_add_evidence(struct group *group, const struct evidence *evidence);
/* The next row is of another inquiry, even on the same question: another file begins. */
void group_end_evidence(struct group *group);

/* No more adding. Gives resolvers their identities and sorts. */
bool group_finish(struct group *group);
size_t group_size(const struct group *group);

/*
 * Calls back for each question in order, until it returns false. facts are valid during the call
 * only; opinions has room for facts->look_count. dirty_only: only questions with a look that is not
 * clean, or evidence. False: out of memory or stopped.
 */
typedef bool group_each_fn(struct facts *facts, struct opinion *opinions, void *arg);
bool group_each(struct group *group, bool dirty_only, group_each_fn *callback, void *arg);
