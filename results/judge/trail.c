/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/judge/trail-inside.h"

#include <string.h>

enum cause trail_cause(const struct evidence *row)
{
	enum cause cause = cause_from_id(row->finding.text, row->finding.len);
	enum category category;

	if (view_is(row->finding, "type-fails"))
		return CAUSE_NS_ERROR;
	if (view_is(row->finding, EVIDENCE_NO_DS) || view_is(row->finding, EVIDENCE_DS_ASKED))
		return CAUSE_PARENT_DS_INVALID;
	if (view_is(row->finding, "answers-differ"))
		return CAUSE_FLAPPING;
	if (view_is(row->finding, "cname-chain-long"))
		return CAUSE_CNAME_CHAIN_TOO_LONG;
	category = cause_info(cause)->category;
	return category >= CATEGORY_DNSSEC && category <= CATEGORY_NETWORK ? cause : CAUSE_NONE;
}

static bool by_sha1(const struct evidence *row)
{
	struct view detail = row->detail;

	return view_is(row->finding, "secure") && detail.len &&
	       (memmem(detail.text, detail.len, "algorithm 5 ", 12) ||
		memmem(detail.text, detail.len, "algorithm 7 ", 12));
}

static bool has_besides(const struct evidence *row)
{
	return view_is(row->finding, "secure") && view_begins(row->detail, EVIDENCE_BESIDES);
}

static bool has_iterations(const struct evidence *row)
{
	static const char word[] = EVIDENCE_ITERATIONS;

	return row->detail.len && memmem(row->detail.text, row->detail.len, word, sizeof(word) - 1);
}

bool trail_wants(const struct evidence *row)
{
	if (view_is(row->probe, "server"))
		return row->question.len == 0 || row->answers > TRAIL_RECORDS_MANY;
	if (view_is(row->probe, "delegation"))
		return !view_is(row->finding, "ok") || view_is(row->transport, "zone-file") ||
		       view_is(row->transport, "resolver");
	if (view_is(row->probe, "chain") && row->address.len == 0)
		return trail_cause(row) != CAUSE_NONE || view_is(row->finding, "resolver-limit") ||
		       view_is(row->finding, "insecure") || by_sha1(row) || has_besides(row);
	return true;
}

/* Faults that another DS would not have. */
#define OF_DS                                                                                      \
	(BIT(DS_NO_MATCHING_DNSKEY) | BIT(DS_DIGEST_MISMATCH) | BIT(DS_ALGORITHM_MISMATCH) |       \
	 BIT(DS_BUT_UNSIGNED) | BIT(DNSKEY_NOT_SIGNED))

struct fault *trail_add(struct walk *walk, enum cause cause, const struct evidence *row)
{
	struct trail *trail = walk->trail;

	if (trail->faults == TRAIL_FAULTS_MAX || cause == CAUSE_NONE)
		return NULL;
	for (unsigned i = 0; i < trail->faults; i++) /* met again on the way of an alias */
		if (trail->fault[i].told == walk->told && trail->fault[i].cause == cause &&
		    view_equal(trail->fault[i].zone, row->zone))
			return NULL;
	trail->fault[trail->faults] =
		(struct fault){.cause = cause,
			       .zone = row->zone,
			       .row = row,
			       .via = walk->via,
			       .told = walk->told,
			       .filed = walk->at.filed && CAUSE_BIT(cause) & OF_DS};
	return &trail->fault[trail->faults++];
}

/* ---- one kind of row each ---- */

/* An alias follows on an error: the server gave up amid aliases, and their end may tell why. */
static void keep_for_last(struct walk *walk, const struct evidence *alias)
{
	struct trail *trail = walk->trail;
	struct fault *fault = trail->faults ? &trail->fault[trail->faults - 1] : NULL;

	if (!fault || !view_is(fault->row->finding, "type-fails") ||
	    !view_equal(fault->zone, alias->zone))
		return;
	if (!walk->amid.row)
		walk->amid = *fault;
	trail->faults--;
}

/* An alias to a name of the same zone: its servers' answers go to the end of it, unless more of the
 * way follows. */
static bool leads_inside(const struct evidence *alias)
{
	static const char word[] = " CNAME ";
	const char *end = alias->detail.text + alias->detail.len, *target = NULL;

	if (alias->detail.len)
		target = memmem(alias->detail.text, alias->detail.len, word, sizeof(word) - 1);
	if (!target)
		return false;
	target += sizeof(word) - 1;
	return view_is(alias->zone, ".") ||
	       view_within((struct view){target, (size_t)(end - target)}, alias->zone);
}

static void see_path(struct walk *walk, const struct evidence *row)
{
	struct trail *trail = walk->trail;

	if (view_is(row->finding, "alias")) {
		keep_for_last(walk, row);
		walk->via = row;
		walk->ended &= leads_inside(row);
		return;
	}
	walk->at = (struct zone_seen){.path = row,
				      .own = view_is(row->finding, "own-zone"),
				      .host = view_is(row->finding, "ns-zone")};
	if (!walk->at.host) {
		walk->ended = false;
		if (!walk->told)
			trail->secure = false;
	}
	if (!walk->at.host || trail->faults == 0)
		return;
	if (trail->fault[trail->faults - 1].cause == CAUSE_NS_NAME_UNRESOLVABLE &&
	    !trail->fault[trail->faults - 1].host) {
		trail->fault[trail->faults - 1].host = row;
		trail->fault[trail->faults - 1].zone = row->zone;
	}
}

static void see_delegation(struct walk *walk, const struct evidence *row)
{
	walk->at.filed |= view_is(row->transport, "zone-file");
	walk->trail->file_good |= walk->told && view_is(row->finding, "ok");
	walk->trail->file_old |= view_is(row->finding, "ds-differs");
	if (view_is(row->finding, "nxdomain"))
		walk->ended = true;
	else if (view_is(row->finding, "ns-loop"))
		trail_add(walk, CAUSE_NS_LOOP, row);
	else if (view_is(row->finding, EVIDENCE_PARENTS))
		walk->at.parents = row;
	else if (view_is(row->finding, EVIDENCE_RING))
		walk->at.ring = row;
	else if (view_is(row->finding, EVIDENCE_DS_ASKED))
		walk->ds_asked = row;
	else if (view_is(row->finding, "no-answer"))
		walk->at.between = row;
}

/*
 * The root's keys fail. Not to everybody: resolvers that could not validate the root had failed
 * their control names, and had no say. It is the scan's own trust anchor that is wrong, or old.
 */
static bool of_anchor(const struct evidence *row, enum cause cause)
{
	return view_is(row->zone, ".") && row->address.len == 0 && cause != CAUSE_NONE &&
	       cause != CAUSE_PARENT_DS_INVALID && cause_info(cause)->category == CATEGORY_DNSSEC;
}

static void see_chain(struct walk *walk, const struct evidence *row)
{
	enum cause cause = trail_cause(row);

	if (of_anchor(row, cause)) {
		walk->trail->anchor = row;
		walk->trail->clock |=
			cause == CAUSE_RRSIG_EXPIRED || cause == CAUSE_RRSIG_NOT_YET_VALID;
		return;
	}
	/* nor is what the root says of its TLDs worse than its keys */
	if (walk->trail->anchor && view_is(row->zone, ".") && cause == CAUSE_PARENT_DS_INVALID)
		return;
	/* what takes too much work to check is not known to be well */
	if (view_is(row->finding, "resolver-limit") && !walk->told)
		walk->trail->budget = row;
	if (has_besides(row) && !walk->told && !walk->trail->besides)
		walk->trail->besides = row;
	if (row->address.len) { /* of one server's answer */
		if (!walk->told && has_iterations(row))
			walk->trail->iterations = row;
		walk->at.good +=
			view_is(row->finding, "secure") || view_is(row->finding, "insecure");
		walk->at.secure |= view_is(row->finding, "secure");
		walk->at.bogus += cause != CAUSE_NONE;
		if (cause != CAUSE_NONE && !walk->at.answer)
			walk->at.answer = row;
		if (CAUSE_BIT(cause) & SIGNED_WRONGLY && !walk->at.read)
			walk->at.read = row;
		walk->at.mixed |= cause != CAUSE_NONE && cause != trail_cause(walk->at.answer);
		return;
	}
	walk->trail->sha1 |= by_sha1(row);
	if (walk->at.own && !walk->told) {
		walk->trail->insecure = view_is(row->finding, "insecure");
		walk->open |= view_is(row->finding, "indeterminate");
	}
	/* what stands above the servers of the zone comes before them, what they say after */
	if (walk->at.own && cause != CAUSE_PARENT_DS_INVALID)
		walk->at.link = cause != CAUSE_NONE ? row : NULL;
	else
		trail_add(walk, cause, row);
}

/* Of one server's answer that validates: what comes with it does not. */
static void see_beside(struct walk *walk, const struct evidence *row)
{
	if (!walk->trail->beside.row && trail_cause(row) != CAUSE_NONE)
		walk->trail->beside = (struct fault){.cause = trail_cause(row),
						     .zone = row->zone,
						     .row = row,
						     .via = walk->via,
						     .told = walk->told};
}

static void see_ns_address(struct walk *walk, const struct evidence *row)
{
	struct zone_seen *at = &walk->at;
	enum cause cause = trail_cause(row);

	at->ns_good += cause == CAUSE_NONE;
	at->ns_alias += cause == CAUSE_NS_NAME_ALIAS;
	if (cause != CAUSE_NONE && !at->ns)
		at->ns = row;
}

/* What all probes of one address come to. */
static void see_result(struct zone_seen *at, const struct evidence *row)
{
	at->failing |= CAUSE_BIT(trail_cause(row));
	/* what IPv6 shows alone is not all that resolvers meet; the other way round they do well */
	at->excluded |= view_is(row->finding, "no-route") && row->address.len &&
			!memchr(row->address.text, ':', row->address.len);
	if (trail_cause(row) != CAUSE_NONE && !at->quirk)
		at->quirk = row;
	at->aa |= view_is(row->finding, "ok");
	if (view_is(row->finding, "ok-without-aa") && !at->no_aa)
		at->no_aa = row;
}

static void see_server(struct walk *walk, const struct evidence *row)
{
	if (row->question.len == 0)
		see_result(&walk->at, row);
	else if (row->answers > TRAIL_RECORDS_MANY)
		walk->trail->many = row;
}

/* What is known of an address beside this zone. */
static void see_address(struct walk *walk, const struct evidence *row)
{
	walk->at.heard |= view_is(row->finding, "heard");
	walk->at.lossy |= view_is(row->finding, EVIDENCE_LOSSY);
}

/* An end of the way, of what was seen or of what was told. */
static void end_way(struct walk *walk)
{
	struct trail *trail = walk->trail;

	if (walk->last.row && trail->faults < TRAIL_FAULTS_MAX)
		trail->fault[trail->faults++] = walk->last;
	if (walk->amid.row && trail->faults < TRAIL_FAULTS_MAX)
		trail->fault[trail->faults++] = walk->amid;
	walk->last = walk->amid = (struct fault){.cause = CAUSE_NONE};
	if (walk->told) {
		trail->told = walk->ended || trail->faults > walk->told_faults;
		trail->told_fine =
			walk->ended && walk->at.good > 0 && trail->faults == walk->told_faults;
	} else {
		trail->fine = trail->gathered && walk->ended && !trail->budget && !walk->open &&
			      trail->faults == 0;
	}
}

/* From here on the rows are what resolvers told. */
static void begin_told(struct walk *walk)
{
	end_way(walk);
	*walk = (struct walk){
		.trail = walk->trail, .told = true, .told_faults = walk->trail->faults};
}

void trail_read(const struct evidence *rows, size_t count, struct trail *trail)
{
	static const struct {
		const char *probe;
		void (*see)(struct walk *walk, const struct evidence *row);
	} kinds[] = {
		{"path", see_path},	  {"delegation", see_delegation}, {"chain", see_chain},
		{"beside", see_beside},	  {"ns-address", see_ns_address}, {"server", see_server},
		{"address", see_address}, {"conclusion", trail_conclude}};
	struct walk walk = {.trail = trail};

	memset(trail, 0, sizeof(*trail));
	trail->time_ms = count ? rows[0].time_ms : 0;
	for (size_t i = 0; i < count; i++) {
		if (view_is(rows[i].probe, "budget")) {
			trail->budget = &rows[i];
			walk.at.excluded |= view_is(rows[i].finding, "excluded");
			continue;
		}
		if (!walk.told && view_is(rows[i].transport, "resolver"))
			begin_told(&walk);
		trail->gathered |= !walk.told;
		for (size_t j = 0; j < sizeof(kinds) / sizeof(*kinds); j++)
			if (view_is(rows[i].probe, kinds[j].probe))
				kinds[j].see(&walk, &rows[i]);
	}
	end_way(&walk);
}
