/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * troubles -- when each resolver was overloaded, as far as it is known by now. One thread writes it
 * down, any may ask.
 *
 * That a resolver was overloaded is known some time afterwards, when control names have come back
 * or not; until then a row that fails has to wait. Times are milliseconds since the scan began.
 */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* The latest ones of each resolver; more than a pair lives through. */
#define TROUBLES_KEPT 16
/* Times less far apart than this are one. */
#define TROUBLES_GAP_MS 3000

enum trouble { TROUBLE_NOT_KNOWN, TROUBLE_NONE, TROUBLE_SOME };

struct troubles;

/* NULL when out of memory. */
struct troubles *troubles_create(size_t resolvers);
void troubles_destroy(struct troubles **troubles);

/* The resolver was overloaded in that time. The writer's, as the next. */
void troubles_add(struct troubles *troubles, size_t resolver, uint32_t from_ms, uint32_t until_ms);
/* All that will be known of the time before until_ms has been added. */
void troubles_are_known(struct troubles *troubles, uint32_t until_ms);
/* How long a resolver was in trouble so far. */
uint64_t troubles_total_ms(const struct troubles *troubles, size_t resolver);

/* Was it overloaded at any time between? */
enum trouble troubles_between(const struct troubles *troubles, size_t resolver, uint32_t from_ms,
			      uint32_t until_ms);
