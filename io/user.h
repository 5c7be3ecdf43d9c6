/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * user -- the whole process becomes another user, at first with a way back, so that it can be seen
 * whether that user reaches all that is needed: access(2) tells. Only root can; while there is but
 * one thread.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct user; /* who the process was */

/* The process is that user, in that group and no other, and has no effective capabilities. NULL: it
 * cannot be (user namespaces, no capability for it, memory), and is who it was. */
struct user *user_try(uid_t uid, gid_t gid);
/* For good; all capabilities are gone. Frees user. False: the kernel refuses, and the process is
 * who it was. */
bool user_stay(struct user *user);
/* The process is who it was. Frees user. */
void user_return(struct user *user);
