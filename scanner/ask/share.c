/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/ask/share.h"

#include <math.h>

/* Of a rate: what the limiter may let out beyond it in a second. */
#define BURST 0.01

double share_of(int64_t rate, int64_t shards)
{
	double part = (double)rate / (double)shards;

	if (shards == 1 || rate == 0)
		return (double)rate;
	return fmax(part - fmax(part * BURST, 1), part / 2);
}

double share_of_server(double rate, int64_t shards)
{
	return fmax(rate / (double)shards, fmin(rate, 1));
}
