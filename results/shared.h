/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * shared -- one fault with many victims: zones below which (nearly) all names fail, and all in the
 * same way.
 *
 * Three passes over all questions: note what fails, count what lies below the suffixes of that,
 * ask. A zone is blamed when it was scanned itself and fails exactly like the name below it, or
 * when at least SHARED_MIN names below it were scanned and SHARED_SHARE per cent of them fail
 * alike; the topmost such zone counts.
 */
#pragma once

#include "results/facts.h"

#define SHARED_MIN   20
#define SHARED_SHARE 90

struct shared;

struct shared *shared_create(void);
void shared_destroy(struct shared **shared);

/* How a question fails: equal for equal opinions and EDE codes of all resolvers; 0 when not all
 * that can know fail it. */
uint64_t shared_way(const struct opinion *opinions, size_t count);

/* First pass, in any order, way not 0. */
bool shared_note(struct shared *shared, struct view name, uint64_t way);
/* Second pass: all questions; way 0 for those that do not fail. resolves: some resolver has an
 * answer. */
void shared_count(struct shared *shared, struct view name, uint64_t way, bool resolves);
/* Third pass: the topmost zone above name that all below fail alike in; empty when there is none. A
 * view into name. */
struct view shared_zone(const struct shared *shared, struct view name, uint64_t way);
/* Third pass: the lowest zone above name below which something resolves, "." if nothing but
 * something elsewhere does; empty when nothing resolves at all. The zone itself and those above it
 * cannot be dead to the resolvers. A view into name or of a constant. */
struct view shared_alive(const struct shared *shared, struct view name);
/* Third pass, for a name that fails: does anything below it resolve, as far as that is counted
 * (where something below it fails as well)? */
bool shared_alive_below(const struct shared *shared, struct view name);
