/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * outlook -- whether name servers can be reached from here, as far as is known, and when to find
 * that out anew (reach.h does). Pure: the time is an argument.
 */
#pragma once

#include "scanner/evidence/world.h"

/* When to look again for what was not there. */
#define OUTLOOK_NONE_NS (60 * 1000000000LL)  /* nothing at all */
#define OUTLOOK_ONE_NS	(600 * 1000000000LL) /* one of the two families */

struct outlook {
	struct reach reach;
	uint16_t epoch;	     /* 0: never looked */
	bool finding_out;    /* since the epoch began */
	int64_t found_ns;    /* when `reach` was found out */
	int64_t heard_ns[2]; /* somebody, over IPv4 and IPv6 */
	/* Queries that were answered over UDP: in all, and only when they were put once more; and how
	   long the others took. */
	uint64_t answered, repeated;
	int64_t rtt_ns;
};

void outlook_init(struct outlook *outlook);
/* An answer came. */
void outlook_heard(struct outlook *outlook, bool ipv6, int64_t now_ns);
/* ... to a query that was put so many times over UDP, so long after the last of them. */
void outlook_answered(struct outlook *outlook, unsigned tries, int64_t rtt_ns);
/* Too many are lost, of those too that went to servers that answer: that is the way from here. */
bool outlook_is_lossy(const struct outlook *outlook);
/* The epoch; a new one when nobody was heard for max_age_ns, or when it is time to look again. */
uint16_t outlook_epoch(struct outlook *outlook, int64_t max_age_ns, int64_t now_ns);
/* What was found out in this epoch. True: this machine is or was cut off. */
bool outlook_found(struct outlook *outlook, const struct reach *reach, int64_t now_ns);
