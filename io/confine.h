/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * confine -- takes from a thread what it never needs: for those that read what strangers send.
 *
 * Whoever makes such a thread do his will finds that it cannot open, make, rename or remove files,
 * start programs or threads, trace others, or load anything into the kernel (seccomp(2), the call
 * fails with EPERM), and that even where the process is root's it is nobody (65534), in no group,
 * and has no capabilities (credentials(7), capabilities(7)). Sockets that are open, and new ones,
 * memory and clocks are left to it.
 *
 * The other threads of the process keep their user: see io/user.h.
 */
#pragma once

#include <stdbool.h>

/* The calling thread, for ever. False: the kernel refuses, or this is built for a machine that it
 * is not written for, or with a sanitizer, which opens files; the thread goes on as it was. */
bool confine_thread(void);
