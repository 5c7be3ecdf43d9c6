/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * crew -- a few threads that do the same work, and end together.
 */
#pragma once

/* thread: 0 and up, each at most once: one that cannot be started is missing. 0 or -errno. */
typedef int crew_fn(void *arg, unsigned thread);

/* Runs it in so many threads, the caller's among them. Returns the first error, or 0. */
int crew_run(unsigned threads, crew_fn *work, void *arg);
