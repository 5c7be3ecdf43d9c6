/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * origin -- who serves the zone that a verdict is about, and how it is signed: what the reports
 * count by operator and by algorithm.
 *
 * Operators are told by the names of the name servers, as found in the evidence: by the domain that
 * such a name is registered under ("example.net" of ns1.dc3.example.net). Where one operator
 * spreads over several TLDs (ns-1.exampledns-12.com, ns-2.exampledns-34.net), the common stem
 * stands for all ("exampledns.*"). Name servers below the zone itself, or the domain it belongs to,
 * are "own": their names tell nothing about who runs them.
 */
#pragma once

#include "results/judge/facts.h"
#include "results/judge/verdict.h"

/* Fills verdict->operators, algorithms and is_signed; all else of the verdict is made already.
 * opinions: those that judge() left. */
void origin_read(const struct facts *facts, const struct opinion *opinions, size_t count,
		 struct verdict *verdict);

/* Takes the next one off a list joined by "+"; false: no more. */
bool origin_next(struct view *list, struct view *item);

/* Name servers of one zone that are looked at; resolvers look at no more either. */
#define ORIGIN_SERVERS_MAX 13

struct dns_operator {
	struct view text; /* into what was given, or "own" */
	bool is_stem;	  /* "exampledns": ".*" belongs behind it */
};

/* The operators of a zone with these name servers (names without their last dot, at most
 * ORIGIN_SERVERS_MAX), each once, in the order of their texts. Returns how many. */
size_t origin_operators(struct view zone, const struct view *servers, size_t count,
			struct dns_operator list[ORIGIN_SERVERS_MAX]);
