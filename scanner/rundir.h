/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * rundir -- the run directory: made before anything is asked, and never one that holds a run already, finished or not.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "io/buf.h"

/* Makes dir where there is none. False: one line without the program's name is in errors. */
bool rundir_make(const char *dir, struct buf *errors);
/* Writes dir/name whole. False likewise. */
bool rundir_put(const char *dir, const char *name, const void *data, size_t len, struct buf *errors);
