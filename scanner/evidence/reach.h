/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * reach -- does this machine reach name servers at all, over IPv4 and over IPv6? The root servers
 * are asked, once for all names, and again from time to time: silence is evidence only where
 * somebody else is heard.
 */
#pragma once

#include "scanner/evidence/probe.h"

/* How old the last answer from anybody may be: for the way down, and before silence is believed. */
#define REACH_AGE_NS	    (60 * 1000000000LL)
#define REACH_AGE_SILENT_NS (15 * 1000000000LL)

extern const struct reach reach_all;
bool reach_find(struct fact *self);
const struct reach *need_reach(struct fact *self, int64_t max_age_ns);
/* The same over TCP, once: does it get out of here at all? What fails over TCP is evidence only where
 * it works for somebody. */
const struct reach *need_streams(struct fact *self);
bool reaches(const struct reach *reach, const struct addr *addr);
