/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * rundir -- the run directory: made before anything is asked, and never one that holds a run
 * already, finished or not, unless that is to be resumed. It is locked (flock) as long as the
 * program runs.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "io/buf.h"
#include "results/rows/manifest.h"

/* Makes dir where there is none. resume: it may hold a run. False: one line without the program's
 * name is in errors. */
bool rundir_make(const char *dir, bool resume, struct buf *errors);
/*
 * Brings the files of rows back to what the manifest's parts say, under their final names: cuts
 * what is behind, fills in their digests, forgets parts without rows, removes files that no part
 * tells of, and run.json. What was interrupted on the way can be done again. False likewise.
 */
bool rundir_take_up(const char *dir, struct manifest *manifest, struct buf *errors);
/* Holds it no run? False likewise. */
bool rundir_is_free(const char *dir, struct buf *errors);
/* Removes dir/name. False likewise. */
bool rundir_remove(const char *dir, const char *name, struct buf *errors);
/* Writes dir/name whole. False likewise. */
bool rundir_put(const char *dir, const char *name, const void *data, size_t len,
		struct buf *errors);
