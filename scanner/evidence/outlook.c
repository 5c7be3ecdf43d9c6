/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/evidence/outlook.h"

/* So many answers tell how much is lost: one in so many that came only when asked for again. */
#define LOSS_ANSWERS 40
#define LOSS_ONE_IN  8
/* A round trip that is well below the time after which a query is put once more. */
#define LOSS_NEAR_NS (300 * 1000000LL)

static bool sees(const struct reach *reach)
{
	return reach->ipv4 || reach->ipv6;
}

void outlook_init(struct outlook *outlook)
{
	*outlook = (struct outlook){.reach = {.ipv4 = true, .ipv6 = true}};
}

void outlook_heard(struct outlook *outlook, bool ipv6, int64_t now_ns)
{
	outlook->heard_ns[ipv6] = now_ns;
}

void outlook_answered(struct outlook *outlook, unsigned tries, int64_t rtt_ns)
{
	outlook->answered++;
	if (tries > 1)
		outlook->repeated++;
	else
		outlook->rtt_ns += rtt_ns;
}

bool outlook_is_lossy(const struct outlook *outlook)
{
	uint64_t first = outlook->answered - outlook->repeated;

	/* where all are far away, a query is put once more before the answer comes */
	return outlook->answered >= LOSS_ANSWERS &&
	       outlook->repeated * LOSS_ONE_IN >= outlook->answered &&
	       outlook->rtt_ns <= (int64_t)first * LOSS_NEAR_NS;
}

static bool is_due(const struct outlook *outlook, bool ipv6, int64_t max_age_ns, int64_t now_ns)
{
	int64_t since_ns = outlook->found_ns;

	if (ipv6 ? !outlook->reach.ipv6 : !outlook->reach.ipv4)
		return now_ns - since_ns >
		       (sees(&outlook->reach) ? OUTLOOK_ONE_NS : OUTLOOK_NONE_NS);
	if (outlook->heard_ns[ipv6] > since_ns)
		since_ns = outlook->heard_ns[ipv6];
	return now_ns - since_ns > max_age_ns;
}

uint16_t outlook_epoch(struct outlook *outlook, int64_t max_age_ns, int64_t now_ns)
{
	if (outlook->finding_out)
		return outlook->epoch;
	if (outlook->epoch == 0 || is_due(outlook, false, max_age_ns, now_ns) ||
	    is_due(outlook, true, max_age_ns, now_ns)) {
		outlook->epoch = outlook->epoch == UINT16_MAX ? 1 : (uint16_t)(outlook->epoch + 1);
		outlook->finding_out = true;
	}
	return outlook->epoch;
}

bool outlook_found(struct outlook *outlook, const struct reach *reach, int64_t now_ns)
{
	bool cut_off = !sees(reach) || !sees(&outlook->reach);

	outlook->finding_out = false;
	outlook->found_ns = now_ns;
	outlook->reach = *reach;
	return cut_off;
}
