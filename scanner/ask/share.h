/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * share -- what one shard of a scan may take of a rate that was given for the whole of it
 * (--shards). Shards know nothing of each other, so what they take in sum must stay below the rate
 * whatever the others do at that moment.
 */
#pragma once

#include <stdint.h>

/*
 * Queries a second, of `rate` (0: no limit, and so is the share). A shards-th part, less what a
 * limiter lets out at once (pace.h): one query, or a hundredth of the part; but never less than
 * half of it. All of it where there is one shard. From two queries a second and shard on, shards
 * stay below the rate in any second; below that, over any longer time.
 */
double share_of(int64_t rate, int64_t shards);

/*
 * Of what evidence may ask one name server in a second: a shards-th part, but one query at least,
 * or evidence would come to no end.
 */
double share_of_server(double rate, int64_t shards);
