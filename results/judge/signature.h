/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * signature -- the RRSIGs that came with a CD=1 answer (column cd_rrsig), and whether their dates
 * can be the cause.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "results/rows/row.h"

struct signature {
	struct view type; /* type covered */
	int64_t algorithm, key_tag;
	int64_t inception_s, expiration_s; /* since 1970 */
	struct view signer;
};

/* Takes the next one off the list; items that do not parse are passed over. False: no more. */
bool signature_next(struct view *list, struct signature *signature);

enum dates {
	DATES_FINE, /* or nothing known */
	DATES_EXPIRED,
	DATES_NOT_YET, /* begins in the future, or ends before it begins */
};

/*
 * Is there an RRset in the answer whose signatures by one signer are all out of date at now_ms? The
 * first such goes to *bad. Within `slack_s` of its limits a date counts as fine.
 */
enum dates signature_dates(struct view list, int64_t now_ms, int64_t slack_s,
			   struct signature *bad);
/* The algorithm is that of one of the signatures. */
bool signature_uses_algorithm(struct view list, int64_t algorithm);
