/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/judge/trail.h"

#include <string.h>

#define BIT(cause) CAUSE_BIT(CAUSE_##cause)

/* What is known of the zone, or the name server's zone, that the rows are at. */
struct zone_seen {
	const struct evidence *path;   /* the row that opened it */
	const struct evidence *link;   /* its chain, where that is at fault */
	const struct evidence *answer; /* the first server's answer that does not validate */
	const struct evidence *read;   /* ... the first that is signed, and wrongly so */
	unsigned good, bogus;	       /* answers that validate or need not, and that do not */
	bool secure;
	bool mixed; /* some do not validate for one reason, others for another: each is enough */
	const struct evidence *ns; /* a name server's name that is at fault */
	unsigned ns_good, ns_alias;
	const struct evidence *no_aa;	/* a server that answers well, but for the AA flag */
	bool aa;			/* another one that does not */
	const struct evidence *quirk;	/* of a server that answers well: some resolvers mind it */
	const struct evidence *parents; /* the parent's servers do not agree about it */
	const struct evidence *ring;	/* only sibling glue leads to its servers */
	const struct evidence *between; /* a name on the way down that got no answer */
	uint64_t failing;		/* what its servers' concluding rows say, as CAUSE_BIT()s */
	bool filed;			/* its delegation is that of a zone file */
	bool heard;			/* a silent server answered elsewhere */
	bool lossy;			/* ... or all are hard to hear from there */
	bool excluded;			/* some of its servers were not, or never, to be asked */
	bool own;			/* the zone of the name; the others lie above */
	bool host;			/* the zone of a name server's name */
};

struct walk {
	struct trail *trail;
	struct zone_seen at;
	const struct evidence *via;	 /* into the part of the way that we are on */
	const struct evidence *ds_asked; /* only referrals bring a zone's DS, or that it has none */
	bool told;			 /* by resolvers, from here on */
	unsigned told_faults;		 /* how many there were before */
	struct fault last;		 /* what is to be met after all else: aliases without end */
	struct fault amid;		 /* an error amid aliases: where they lead may tell why */
	bool ended;			 /* the last zone was looked at */
	bool open;			 /* whether a zone's keys are good is not known */
};

static bool is(struct view view, const char *word)
{
	return view.len == strlen(word) && memcmp(view.text, word, view.len) == 0;
}

static bool same(struct view a, struct view b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.text, b.text, a.len) == 0);
}

/* The cause that a finding names, in its own word or in one that only evidence knows. */
static enum cause cause_of(const struct evidence *row)
{
	enum cause cause = cause_from_id(row->finding.text, row->finding.len);
	enum category category;

	if (is(row->finding, "type-fails"))
		return CAUSE_NS_ERROR;
	if (is(row->finding, EVIDENCE_NO_DS) || is(row->finding, EVIDENCE_DS_ASKED))
		return CAUSE_PARENT_DS_INVALID;
	if (is(row->finding, "answers-differ"))
		return CAUSE_FLAPPING;
	if (is(row->finding, "cname-chain-long"))
		return CAUSE_CNAME_CHAIN_TOO_LONG;
	category = cause_info(cause)->category;
	return category >= CATEGORY_DNSSEC && category <= CATEGORY_NETWORK ? cause : CAUSE_NONE;
}

static bool by_sha1(const struct evidence *row)
{
	struct view detail = row->detail;

	return is(row->finding, "secure") && detail.len &&
	       (memmem(detail.text, detail.len, "algorithm 5 ", 12) ||
		memmem(detail.text, detail.len, "algorithm 7 ", 12));
}

static bool has_besides(const struct evidence *row)
{
	return is(row->finding, "secure") && row->detail.len > sizeof(EVIDENCE_BESIDES) - 1 &&
	       memcmp(row->detail.text, EVIDENCE_BESIDES, sizeof(EVIDENCE_BESIDES) - 1) == 0;
}

static bool has_iterations(const struct evidence *row)
{
	static const char word[] = EVIDENCE_ITERATIONS;

	return row->detail.len && memmem(row->detail.text, row->detail.len, word, sizeof(word) - 1);
}

bool trail_wants(const struct evidence *row)
{
	if (is(row->probe, "server"))
		return row->question.len == 0 || row->answers > TRAIL_RECORDS_MANY;
	if (is(row->probe, "delegation"))
		return !is(row->finding, "ok") || is(row->transport, "zone-file") ||
		       is(row->transport, "resolver");
	if (is(row->probe, "chain") && row->address.len == 0)
		return cause_of(row) != CAUSE_NONE || is(row->finding, "resolver-limit") ||
		       is(row->finding, "insecure") || by_sha1(row) || has_besides(row);
	return true;
}

/* Faults that another DS would not have. */
#define OF_DS                                                                                      \
	(BIT(DS_NO_MATCHING_DNSKEY) | BIT(DS_DIGEST_MISMATCH) | BIT(DS_ALGORITHM_MISMATCH) |       \
	 BIT(DS_BUT_UNSIGNED) | BIT(DNSKEY_NOT_SIGNED))

#define SIGNED_WRONGLY (READ_IN_DATA & ~BIT(DS_BUT_UNSIGNED))

/* NULL: it is no fault, or one that is known already. */
static struct fault *add(struct walk *walk, enum cause cause, const struct evidence *row)
{
	struct trail *trail = walk->trail;

	if (trail->faults == TRAIL_FAULTS_MAX || cause == CAUSE_NONE)
		return NULL;
	for (unsigned i = 0; i < trail->faults; i++) /* met again on the way of an alias */
		if (trail->fault[i].told == walk->told && trail->fault[i].cause == cause &&
		    same(trail->fault[i].zone, row->zone))
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

static void add_defect(struct walk *walk, enum cause cause, const struct evidence *row)
{
	if (!walk->trail->defect.row)
		walk->trail->defect = (struct fault){
			.cause = cause, .zone = row->zone, .row = row, .via = walk->via};
}

/* ---- one kind of row each ---- */

/* An alias follows on an error: the server gave up amid aliases, and their end may tell why. */
static void keep_for_last(struct walk *walk, const struct evidence *alias)
{
	struct trail *trail = walk->trail;
	struct fault *fault = trail->faults ? &trail->fault[trail->faults - 1] : NULL;

	if (!fault || !is(fault->row->finding, "type-fails") || !same(fault->zone, alias->zone))
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
	struct view zone = alias->zone;
	const char *end = alias->detail.text + alias->detail.len, *target = NULL, *tail;

	if (alias->detail.len)
		target = memmem(alias->detail.text, alias->detail.len, word, sizeof(word) - 1);
	if (!target || !zone.len)
		return false;
	target += sizeof(word) - 1;
	tail = end - zone.len;
	return is(zone, ".") || (tail >= target && memcmp(tail, zone.text, zone.len) == 0 &&
				 (tail == target || tail[-1] == '.'));
}

static void see_path(struct walk *walk, const struct evidence *row)
{
	struct trail *trail = walk->trail;

	if (is(row->finding, "alias")) {
		keep_for_last(walk, row);
		walk->via = row;
		walk->ended &= leads_inside(row);
		return;
	}
	walk->at = (struct zone_seen){.path = row,
				      .own = is(row->finding, "own-zone"),
				      .host = is(row->finding, "ns-zone")};
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
	walk->at.filed |= is(row->transport, "zone-file");
	walk->trail->file_good |= walk->told && is(row->finding, "ok");
	walk->trail->file_old |= is(row->finding, "ds-differs");
	if (is(row->finding, "nxdomain"))
		walk->ended = true;
	else if (is(row->finding, "ns-loop"))
		add(walk, CAUSE_NS_LOOP, row);
	else if (is(row->finding, EVIDENCE_PARENTS))
		walk->at.parents = row;
	else if (is(row->finding, EVIDENCE_RING))
		walk->at.ring = row;
	else if (is(row->finding, EVIDENCE_DS_ASKED))
		walk->ds_asked = row;
	else if (is(row->finding, "no-answer"))
		walk->at.between = row;
}

/*
 * The root's keys fail. Not to everybody: resolvers that could not validate the root had failed
 * their control names, and had no say. It is the scan's own trust anchor that is wrong, or old.
 */
static bool of_anchor(const struct evidence *row, enum cause cause)
{
	return is(row->zone, ".") && row->address.len == 0 && cause != CAUSE_NONE &&
	       cause != CAUSE_PARENT_DS_INVALID && cause_info(cause)->category == CATEGORY_DNSSEC;
}

static void see_chain(struct walk *walk, const struct evidence *row)
{
	enum cause cause = cause_of(row);

	if (of_anchor(row, cause)) {
		walk->trail->anchor = row;
		walk->trail->clock |=
			cause == CAUSE_RRSIG_EXPIRED || cause == CAUSE_RRSIG_NOT_YET_VALID;
		return;
	}
	/* nor is what the root says of its TLDs worse than its keys */
	if (walk->trail->anchor && is(row->zone, ".") && cause == CAUSE_PARENT_DS_INVALID)
		return;
	/* what takes too much work to check is not known to be well */
	if (is(row->finding, "resolver-limit") && !walk->told)
		walk->trail->budget = row;
	if (has_besides(row) && !walk->told && !walk->trail->besides)
		walk->trail->besides = row;
	if (row->address.len) { /* of one server's answer */
		if (!walk->told && has_iterations(row))
			walk->trail->iterations = row;
		walk->at.good += is(row->finding, "secure") || is(row->finding, "insecure");
		walk->at.secure |= is(row->finding, "secure");
		walk->at.bogus += cause != CAUSE_NONE;
		if (cause != CAUSE_NONE && !walk->at.answer)
			walk->at.answer = row;
		if (CAUSE_BIT(cause) & SIGNED_WRONGLY && !walk->at.read)
			walk->at.read = row;
		walk->at.mixed |= cause != CAUSE_NONE && cause != cause_of(walk->at.answer);
		return;
	}
	walk->trail->sha1 |= by_sha1(row);
	if (walk->at.own && !walk->told) {
		walk->trail->insecure = is(row->finding, "insecure");
		walk->open |= is(row->finding, "indeterminate");
	}
	/* what stands above the servers of the zone comes before them, what they say after */
	if (walk->at.own && cause != CAUSE_PARENT_DS_INVALID)
		walk->at.link = cause != CAUSE_NONE ? row : NULL;
	else
		add(walk, cause, row);
}

/* Of one server's answer that validates: what comes with it does not. */
static void see_beside(struct walk *walk, const struct evidence *row)
{
	if (!walk->trail->beside.row && cause_of(row) != CAUSE_NONE)
		walk->trail->beside = (struct fault){.cause = cause_of(row),
						     .zone = row->zone,
						     .row = row,
						     .via = walk->via,
						     .told = walk->told};
}

static void see_ns_address(struct walk *walk, const struct evidence *row)
{
	struct zone_seen *at = &walk->at;
	enum cause cause = cause_of(row);

	at->ns_good += cause == CAUSE_NONE;
	at->ns_alias += cause == CAUSE_NS_NAME_ALIAS;
	if (cause != CAUSE_NONE && !at->ns)
		at->ns = row;
}

/* What all probes of one address come to. */
static void see_result(struct zone_seen *at, const struct evidence *row)
{
	at->failing |= CAUSE_BIT(cause_of(row));
	/* what IPv6 shows alone is not all that resolvers meet; the other way round they do well */
	at->excluded |= is(row->finding, "no-route") && row->address.len &&
			!memchr(row->address.text, ':', row->address.len);
	if (cause_of(row) != CAUSE_NONE && !at->quirk)
		at->quirk = row;
	at->aa |= is(row->finding, "ok");
	if (is(row->finding, "ok-without-aa") && !at->no_aa)
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
	walk->at.heard |= is(row->finding, "heard");
	walk->at.lossy |= is(row->finding, EVIDENCE_LOSSY);
}

/* Every server fails, each in its own way; but loss looks like silence at one address and like some
 * of anything at another, and who answers late loses all queries of those who do not wait. */
static enum cause of_mixed(const struct zone_seen *at)
{
	uint64_t silence =
		BIT(PACKET_LOSS) | BIT(NS_TIMEOUT) | BIT(NS_ERROR) | BIT(DNSKEY_UNOBTAINABLE);
	uint64_t failing = at->failing & ~BIT(NONE);

	if (failing == (BIT(PACKET_LOSS) | BIT(NS_SLOW)))
		return CAUSE_NS_SLOW;
	return failing & BIT(PACKET_LOSS) && !(failing & ~silence) ? CAUSE_PACKET_LOSS
								   : CAUSE_NS_MIXED_FAILURES;
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
	    (added = add(walk, CAUSE_SERVERS_INCONSISTENT, row)))
		added->unsure = true;
}

/* The keys of a zone on the way did not come, and this is why. */
static void forget_keys(struct trail *trail, enum cause cause, struct view zone)
{
	const struct fault *last = trail->faults ? &trail->fault[trail->faults - 1] : NULL;

	if (last && last->cause == CAUSE_DNSKEY_UNOBTAINABLE && same(last->zone, zone) &&
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
	return at->mixed && !at->good && at->read && !(CAUSE_BIT(cause_of(broken)) & SIGNED_WRONGLY)
		       ? at->read
		       : broken;
}

static void see_conclusion(struct walk *walk, const struct evidence *row)
{
	struct zone_seen *at = &walk->at;
	enum cause cause = cause_of(row);
	const struct evidence *broken;
	struct fault *added;
	unsigned first;

	if (at->host)
		return; /* said of the name server's name already */
	if (cause == CAUSE_CNAME_LOOP || cause == CAUSE_CNAME_CHAIN_TOO_LONG) {
		walk->last = (struct fault){
			.cause = cause, .zone = row->zone, .row = row, .told = walk->told};
		return;
	}
	walk->ended = is(row->finding, "ok") || is(row->finding, "some-fail");
	if (cause == CAUSE_NS_MIXED_FAILURES)
		cause = of_mixed(at);
	forget_keys(walk->trail, cause, row->zone);
	first = walk->trail->faults;
	added = add(walk, cause, row);
	if (added) {
		added->unsure = at->heard || at->excluded || at->lossy;
		added->lossy = at->lossy;
		added->mixed = cause == CAUSE_NS_MIXED_FAILURES ? at->failing : 0;
	}
	if (added && cause == CAUSE_NS_IPV6_UNREACHABLE)
		added->unsure |= !(at->failing & ~BIT(NONE)); /* no IPv6 here */
	broken = broken_data(at);
	if (broken && (added = add(walk, cause_of(broken), broken)))
		added->unsure = at->mixed;
	if (walk->ended && at->no_aa && !at->aa &&
	    (added = add(walk, CAUSE_NS_NOT_AUTHORITATIVE, at->no_aa)))
		added->unsure = added->quirk = true;
	/* all servers are good enough for most resolvers, and some of them are odd */
	if (is(row->finding, "ok") && at->quirk &&
	    (added = add(walk, cause_of(at->quirk), at->quirk)))
		added->unsure = added->quirk = true;
	if (walk->ended && at->ring && (added = add(walk, CAUSE_NS_LOOP, at->ring)))
		added->unsure = added->quirk = true;
	/* who asks for the DS, rather than take what came with the referral (BIND), has no proof */
	if (walk->ended && walk->ds_asked &&
	    (added = add(walk, CAUSE_PARENT_DS_INVALID, walk->ds_asked)))
		added->unsure = added->quirk = true;
	/* resolvers that ask step by step (RFC 9156) get no further there; where resolvers told, it
	 * is they who gave no answer */
	if (walk->ended && at->between && !walk->told &&
	    (added = add(walk, CAUSE_NS_ERROR, at->between)))
		added->unsure = added->quirk = true;
	/* some resolvers follow an alias there, and some do not */
	if (walk->ended && at->ns_alias && !at->ns_good)
		add(walk, CAUSE_NS_NAME_ALIAS, at->ns);
	/* of what was told, those that fail are resolvers, not servers of the zone */
	if (is(row->finding, "some-fail") && !walk->told)
		add_defect(walk, only_one(at->failing), row);
	else if (walk->ended && at->ns)
		add_defect(walk, cause_of(at->ns), at->ns);
	see_parents(walk, first);
	if (!walk->told)
		walk->trail->secure = at->secure && !at->bogus;
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
		{"address", see_address}, {"conclusion", see_conclusion}};
	struct walk walk = {.trail = trail};

	memset(trail, 0, sizeof(*trail));
	trail->time_ms = count ? rows[0].time_ms : 0;
	for (size_t i = 0; i < count; i++) {
		if (is(rows[i].probe, "budget")) {
			trail->budget = &rows[i];
			walk.at.excluded |= is(rows[i].finding, "excluded");
			continue;
		}
		if (!walk.told && is(rows[i].transport, "resolver"))
			begin_told(&walk);
		trail->gathered |= !walk.told;
		for (size_t j = 0; j < sizeof(kinds) / sizeof(*kinds); j++)
			if (is(rows[i].probe, kinds[j].probe))
				kinds[j].see(&walk, &rows[i]);
	}
	end_way(&walk);
}
