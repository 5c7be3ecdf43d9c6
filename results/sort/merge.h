/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * merge -- reports of names that differ, as sorted pieces of one report.
 */
#pragma once

#include <stdio.h>

#include "io/sorter.h"
#include "results/sort/head.h"

/*
 * Opens all reports: heads are added to `head`, whose panel is not settled yet, questions to the
 * sorter, each report's with its number in paths, from 1. False: one cannot be read at all, or an
 * error; it was said.
 */
bool merge_open(char *const *paths, size_t count, struct head *head, struct sorter *sorter,
		FILE *messages);
/* When all is read: says which reports were damaged. How many. */
size_t merge_tell(char *const *paths, const struct sorter *sorter, FILE *messages);
