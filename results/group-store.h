/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * group-store -- how a group keeps what it was given. Known to results/group.c and
 * results/group-each.c only.
 */
#pragma once

#include "results/group.h"

#define NOBODY 65535 /* an unused place for a brief */

struct block;

/* A clean answer, kept short. */
struct brief {
	uint32_t time_s;
	uint16_t resolver;
	uint8_t ad;
	uint8_t rtt_log2; /* 0: not known */
};

struct briefs {
	struct briefs *next;
	struct brief brief[3];
};

struct full {
	struct full *next;
	int resolver;
	struct row row;
};

struct proof {
	struct proof *next;
	uint64_t inquiry; /* those of one run are of one inquiry */
	struct evidence evidence;
};

/* What only questions with something to say about them have. */
struct extra {
	struct full *rows;
	struct proof *proofs;
};

struct entry {
	struct entry *next; /* in the same slot */
	struct briefs *briefs;
	struct extra *extra;
	uint16_t qtype;
	uint8_t len;
	char name[];
};

struct group {
	struct block *blocks;
	struct entry **slot;
	size_t slots, size;
	struct resolver **resolvers;
	size_t resolver_count;
	const struct entry *inquired; /* the question that the last evidence was on */
	uint64_t inquiry;	      /* and the number of that inquiry */
	struct entry **sorted;
	/* scratch for group_each() */
	struct look *looks;
	struct opinion *opinions;
	size_t looks_max;
	struct evidence *evidence;
	size_t evidence_max;
};
