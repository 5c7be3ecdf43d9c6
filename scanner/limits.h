/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * limits -- what the system lets one process have, and whether a scan fits into it.
 */
#pragma once

#include <stdbool.h>

#include "io/buf.h"
#include "scanner/options/options.h"
#include "scanner/ask/resolvers.h"

/* As many descriptors as we may have: sockets are counted in resolvers, threads and ports. */
void limits_raise(void);
/*
 * Where there are too few descriptors for options->connections and options->ports, takes fewer,
 * which is a line in text. False: not even one port a thread fits, said in text.
 */
bool limits_fit(struct options *options, const struct resolvers *resolvers, struct buf *text);
