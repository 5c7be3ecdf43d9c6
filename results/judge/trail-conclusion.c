/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the rows of a zone come to when its servers have been looked at: faults of all, faults that
 * some resolvers mind, and defects that others make up for.
 */
#include "results/judge/trail-inside.h"

static void add_defect(struct walk *walk, enum cause cause, const struct evidence *row)
{
	if (!walk->trail->defect.row)
		walk->trail->defect = (struct fault){
			.cause = cause, .zone = row->zone, .row = row, .via = walk->via};
}

/* Where every server fails in its own way: loss looks like silence at one address and like some of
 * anything at another, and who answers late loses all queries of those who do not wait. */
static enum cause of_servers(const struct zone_seen *at, enum cause cause)
{
	uint64_t silence =
		BIT(PACKET_LOSS) | BIT(NS_TIMEOUT) | BIT(NS_ERROR) | BIT(DNSKEY_UNOBTAINABLE);
	uint64_t failing = at->failing & ~BIT(NONE);

	if (cause != CAUSE_NS_MIXED_FAILURES)
		return cause;
	if (failing == (BIT(PACKET_LOSS) | BIT(NS_SLOW)))
		return CAUSE_NS_SLOW;
	return failing & BIT(PACKET_LOSS) && !(failing & ~silence) ? CAUSE_PACKET_LOSS : cause;
}

static enum cause only_one(uint64_t causes)
{
	causes &= ~BIT(NONE);
	return causes && (causes & (causes - 1)) == 0 ? (enum cause)__builtin_ctzll(causes)
						      : CAUSE_NS_MIXED_FAILURES;
}

/* What was seen by way of one server of the parent may be otherwise by way of another: good, and bad
 * for those who come there; or bad, and perhaps only there. */
static void see_parents(struct walk *walk, unsigned first)
{
	struct trail *trail = walk->trail;
	const struct evidence *row = walk->at.parents;
	struct fault *added;

	if (row == NULL || walk->told)
		return;
	trail->parents = row;
	for (unsigned i = first; i < trail->faults; i++)
		trail->fault[i].unsure = true;
	if (trail->faults == first && walk->ended &&
	    (added = trail_add(walk, CAUSE_SERVERS_INCONSISTENT, row)))
		added->unsure = true;
}

/* The keys of a zone on the way did not come, and this is why. */
static void forget_keys(struct trail *trail, enum cause cause, struct view zone)
{
	const struct fault *last = trail->faults ? &trail->fault[trail->faults - 1] : NULL;

	if (last && last->cause == CAUSE_DNSKEY_UNOBTAINABLE && view_equal(last->zone, zone) &&
	    cause_info(cause)->category == CATEGORY_NETWORK)
		trail->faults--;
}

/*
 * Whose answers do not validate, by the keys or by all servers. Where these fail in different ways,
 * signatures that are wrong come before those that are missing: a server that leaves them out, once
 * mended, would give those that the others have.
 */
static const struct evidence *broken_data(const struct zone_seen *at)
{
	const struct evidence *broken = at->link ? at->link : at->answer;

	if (!at->link && (!at->bogus || at->good))
		return NULL;
	return at->mixed && !at->good && at->read &&
			       !(CAUSE_BIT(trail_cause(broken)) & SIGNED_WRONGLY)
		       ? at->read
		       : broken;
}

/* row NULL: there is none. */
static void add_quirk(struct walk *walk, enum cause cause, const struct evidence *row)
{
	struct fault *added = row ? trail_add(walk, cause, row) : NULL;

	if (added)
		added->unsure = added->quirk = true;
}

/* Of a zone that some server answers for well, or all: what some resolvers mind. */
static void add_quirks(struct walk *walk, bool all_well)
{
	const struct zone_seen *at = &walk->at;

	add_quirk(walk, CAUSE_NS_NOT_AUTHORITATIVE, at->aa ? NULL : at->no_aa);
	/* all servers are good enough for most resolvers, and some of them are odd */
	if (all_well && at->quirk)
		add_quirk(walk, trail_cause(at->quirk), at->quirk);
	add_quirk(walk, CAUSE_NS_LOOP, at->ring);
	/* who asks for the DS, rather than take what came with the referral (BIND), has no proof */
	add_quirk(walk, CAUSE_PARENT_DS_INVALID, walk->ds_asked);
	/* resolvers that ask step by step (RFC 9156) get no further there; where resolvers told, it
	 * is they who gave no answer */
	add_quirk(walk, CAUSE_NS_ERROR, walk->told ? NULL : at->between);
	/* some resolvers follow an alias there, and some do not */
	if (at->ns_alias && !at->ns_good)
		trail_add(walk, CAUSE_NS_NAME_ALIAS, at->ns);
}

/* All servers fail, as the row says. */
static void add_servers(struct walk *walk, enum cause cause, const struct evidence *row)
{
	const struct zone_seen *at = &walk->at;
	uint64_t failing = at->failing & ~BIT(NONE);
	struct fault *added = trail_add(walk, cause, row);

	if (!added)
		return;
	added->unsure = at->heard || at->excluded || at->lossy;
	added->lossy = at->lossy;
	if (cause == CAUSE_NS_MIXED_FAILURES)
		added->mixed = at->failing;
	if (cause == CAUSE_NS_IPV6_UNREACHABLE && !failing)
		added->unsure = true; /* no IPv6 here */
}

static void add_broken_data(struct walk *walk)
{
	const struct evidence *broken = broken_data(&walk->at);
	struct fault *added = broken ? trail_add(walk, trail_cause(broken), broken) : NULL;

	if (added)
		added->unsure = walk->at.mixed;
}

/* Of what was told, those that fail are resolvers, not servers of the zone. */
static void see_defects(struct walk *walk, const struct evidence *row)
{
	const struct zone_seen *at = &walk->at;

	if (view_is(row->finding, "some-fail") && !walk->told)
		add_defect(walk, only_one(at->failing), row);
	else if (walk->ended && at->ns)
		add_defect(walk, trail_cause(at->ns), at->ns);
}

void trail_conclude(struct walk *walk, const struct evidence *row)
{
	const struct zone_seen *at = &walk->at;
	enum cause cause = of_servers(at, trail_cause(row));
	bool all_well = view_is(row->finding, "ok");
	unsigned first;

	if (at->host)
		return; /* said of the name server's name already */
	if (cause == CAUSE_CNAME_LOOP || cause == CAUSE_CNAME_CHAIN_TOO_LONG) {
		walk->last = (struct fault){
			.cause = cause, .zone = row->zone, .row = row, .told = walk->told};
		return;
	}
	walk->ended = all_well || view_is(row->finding, "some-fail");
	forget_keys(walk->trail, cause, row->zone);
	first = walk->trail->faults;
	add_servers(walk, cause, row);
	add_broken_data(walk);
	if (walk->ended)
		add_quirks(walk, all_well);
	see_defects(walk, row);
	see_parents(walk, first);
	if (!walk->told)
		walk->trail->secure = at->secure && !at->bogus;
}
