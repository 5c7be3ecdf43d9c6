/* SPDX-License-Identifier: BSD-2-Clause */

/* When it is to be found out anew whether servers can be reached. */
#include "scanner/evidence/outlook.h"

#include "tests/tap.h"

#define S 1000000000LL

static bool loses(unsigned first, unsigned repeated, int64_t rtt_ns)
{
	struct outlook o;

	outlook_init(&o);
	for (unsigned i = 0; i < first; i++)
		outlook_answered(&o, 1, rtt_ns);
	for (unsigned i = 0; i < repeated; i++)
		outlook_answered(&o, 2, rtt_ns);
	return outlook_is_lossy(&o);
}

static void lossy(void)
{
	ok(!loses(0, 0, 0), "nothing is known");
	ok(!loses(400, 20, S / 50), "little is lost");
	ok(!loses(10, 20, S / 50), "not much is known");
	ok(loses(60, 15, S / 50), "a fifth is lost");
	ok(!loses(60, 15, S / 2), "or all are far away");
	ok(loses(0, 50, S / 50), "never at once");
}

int main(void)
{
	const struct reach none = {.ipv4 = false}, four = {.ipv4 = true}, both = {.ipv4 = true, .ipv6 = true};
	struct outlook o;

	outlook_init(&o);
	is_int(outlook_epoch(&o, 60 * S, 1000 * S), 1, "at first it is found out");
	is_int(outlook_epoch(&o, 60 * S, 1001 * S), 1, "meanwhile it is the same");
	is_int(outlook_found(&o, &both, 1002 * S), false, "all is well");
	is_int(outlook_epoch(&o, 60 * S, 1061 * S), 1, "which is believed for a minute");
	outlook_heard(&o, false, 1061 * S);
	outlook_heard(&o, true, 1061 * S);
	is_int(outlook_epoch(&o, 60 * S, 1120 * S), 1, "and longer while somebody is heard");
	is_int(outlook_epoch(&o, 15 * S, 1120 * S), 2, "unless who asks wants to know better");
	is_int(outlook_found(&o, &four, 1121 * S), false, "no IPv6");
	outlook_heard(&o, false, 1200 * S);
	is_int(outlook_epoch(&o, 15 * S, 1210 * S), 2, "is no reason to look again soon");
	is_int(outlook_epoch(&o, 15 * S, 1300 * S), 3, "but silence over IPv4 is");
	is_int(outlook_found(&o, &none, 1305 * S), true, "cut off");
	is_int(outlook_epoch(&o, 15 * S, 1364 * S), 3, "for a minute at least");
	is_int(outlook_epoch(&o, 15 * S, 1366 * S), 4, "then it is tried again");
	is_int(outlook_found(&o, &four, 1367 * S), true, "over, but silence before was none");
	outlook_heard(&o, false, 1990 * S);
	is_int(outlook_epoch(&o, 60 * S, 1968 * S), 5, "IPv6 may be back after ten minutes");
	is_int(outlook_found(&o, &both, 1969 * S), false, "it is");
	o.epoch = UINT16_MAX;
	is_int(outlook_epoch(&o, 60 * S, 9000 * S), 1, "0 is never an epoch again");
	lossy();
	return done_testing();
}
