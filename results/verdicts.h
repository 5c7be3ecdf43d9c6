/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * verdicts -- judges every question of a group, writes verdicts.csv.gz and counts.
 */
#pragma once

#include "results/expected.h"
#include "results/group.h"
#include "results/tally.h"

/* group must be finished. Writes path whole, or leaves nothing under that name. 0 or -errno. */
int verdicts_make(struct group *group, const struct expected *expected, struct tally *tally,
		  const char *path);
