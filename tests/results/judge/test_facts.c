/* SPDX-License-Identifier: BSD-2-Clause */

/* Looks and opinions, and who may vote. */
#include "results/judge/rules.h"
#include "tests/tap.h"

#include <stdlib.h>

/* "OK", "SF/OK", "SF/OK/SF", "TO/TO", "RF", "SF/SF": CD=0, CD=1, CD=0 again. */
static struct row row_of(const char *name, const char *answers, int64_t time_ms)
{
	struct row row;

	row_init(&row);
	row.name = view_of(name);
	row.qtype = 1;
	row.time_ms = time_ms;
	for (int i = 0; *answers; i++) {
		int rcode = strncmp(answers, "OK", 2) == 0   ? RCODE_NOERROR
			    : strncmp(answers, "NX", 2) == 0 ? RCODE_NXDOMAIN
			    : strncmp(answers, "SF", 2) == 0 ? RCODE_SERVFAIL
			    : strncmp(answers, "RF", 2) == 0 ? RCODE_REFUSED
			    : strncmp(answers, "FE", 2) == 0 ? RCODE_FORMERR
							     : RCODE_UNKNOWN;
		enum outcome outcome = rcode < 0 ? OUTCOME_TIMEOUT : OUTCOME_ANSWERED;

		if (i == 2) {
			row.again_outcome = outcome;
			row.again_rcode = rcode;
		} else {
			struct reply *reply = i ? &row.cd : &row.normal;

			reply->outcome = outcome;
			reply->rcode = rcode;
			reply->answers = 1;
			reply->rtt_us = 1000;
		}
		answers += answers[2] ? 3 : 2;
	}
	return row;
}

static void looks(void)
{
	static const struct {
		const char *answers;
		enum look_kind kind;
	} cases[] = {
		{"OK/OK", LOOK_CLEAN},	       {"NX", LOOK_CLEAN},
		{"OK/SF", LOOK_CLEAN},	       {"SF/OK", LOOK_VALIDATION},
		{"SF/NX/SF", LOOK_VALIDATION}, {"SF/OK/OK", LOOK_RECOVERED},
		{"SF/SF", LOOK_RESOLUTION},    {"SF/TO", LOOK_RESOLUTION},
		{"SF", LOOK_SERVFAIL},	       {"SF/RF", LOOK_NOTHING},
		{"TO/TO", LOOK_MUTE},	       {"TO/OK/TO", LOOK_MUTE_CD},
		{"TO/OK/OK", LOOK_RECOVERED},  {"TO/SF", LOOK_MUTE},
		{"RF/RF", LOOK_REFUSED},       {"FE/FE", LOOK_ERROR},
		{"RF/OK/OK", LOOK_CLEAN},      {"RF/OK/SF", LOOK_VALIDATION},
		{"RF/OK/RF", LOOK_REFUSED},    {"RF/SF", LOOK_NOTHING},
	};
	struct row row;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		row = row_of("a", cases[i].answers, 0);
		is_int(look_kind(&row), cases[i].kind, cases[i].answers);
	}
	row = row_of("a", "SF/OK/SF", 0);
	row.note = view_of("recheck+overload");
	is_int(look_kind(&row), LOOK_NOTHING, "an overloaded resolver says nothing");
	row = row_of("a", "OK/OK", 0);
	row.normal.ede_count = 1;
	row.normal.ede[0] = 3;
	is_int(look_kind(&row), LOOK_EXEMPT, "a stale answer is no clean one");
	row.normal.ede[0] = 22;
	is_int(look_kind(&row), LOOK_CLEAN, "EDE 22 on an answer means nothing");
	row.normal.ede[0] = 17;
	is_int(look_kind(&row), LOOK_POLICY, "a forged answer is policy");
	is_int(look_kind_of(&row, &(struct resolver){.labels = true}), LOOK_CLEAN,
	       "unless it is what that resolver says of everything");
	row = row_of("a", "RF/OK/RF", 0);
	row.normal.ede_count = 1;
	row.normal.ede[0] = 6;
	is_int(look_kind(&row), LOOK_VALIDATION, "refused with CD=0 alone, and said to be bogus");
	row.normal.ede[0] = 22;
	is_int(look_kind(&row), LOOK_REFUSED, "... or said to be something else");
	row = row_of("a", "SF/SF", 0);
	row.normal.ede_count = 1;
	row.normal.ede[0] = 32;
	is_int(look_kind(&row), LOOK_NOTHING, "over quota says nothing of the name");
	row = row_of("a", "SF/OK/SF", 0);
	row.normal.ede_text =
		view_of("validation failure <a. A IN>: signature expired for key . while");
	is_int(look_kind(&row), LOOK_NOTHING, "a resolver at odds with the root says nothing");
	row.normal.ede_text =
		view_of("validation failure <a. A IN>: key for validation . is marked as "
			"invalid because of a previous validation failure <b. A IN>: no "
			"keys have a DS with algorithm ECDSAP256SHA256 from 192.0.2.1 for "
			"trust anchor . while building chain of trust");
	is_int(look_kind(&row), LOOK_NOTHING,
	       "nor does one whose trust anchor is none of the root's");
	row.normal.ede_text =
		view_of("validation failure <a. A IN>: key for validation a. is marked as "
			"invalid because of a previous validation failure <b.a. A IN>: "
			"signature expired from 192.0.2.1 for key a. while building chain "
			"of trust");
	is_int(look_kind(&row), LOOK_VALIDATION, "what it remembers of a zone is the zone's");
	row_init(&row);
	row.normal.outcome = OUTCOME_TRUNCATED_TCP_FAILED;
	is_int(look_kind(&row), LOOK_NOTHING, "nor does one whose TCP fails");
}

/* One question at up to four resolvers: letters v validates, n does not, r relays, i ignores CD, d
 * dead, u not calibrated, o overloaded at times, l lossy, w without a root that validates, s hands
 * out signatures, c nothing works with CD=1, e silent in the end. */
struct trial {
	const char *name, *resolvers,
		*answers;   /* answers: one a resolver, by spaces; "+" joins rows of one */
	const char *wanted; /* "status cause confidence ok failing unknown" */
};

static struct resolver resolver_of(char letter, unsigned number)
{
	static const char *const names[] = {"r1", "r2", "r3", "r4"};
	struct resolver r = {.name = names[number]};

	r.validates = letter == 'n' || letter == 'r' ? TRI_NO
		      : letter == 'u'		     ? TRI_UNKNOWN
						     : TRI_YES;
	r.honours_cd = letter == 'i'			? TRI_NO
		       : letter == 'u' || letter == 'n' ? TRI_UNKNOWN
							: TRI_YES;
	r.useless = letter == 'd';
	r.overloaded = letter == 'o';
	r.lossy = letter == 'l';
	r.unrooted = letter == 'w';
	r.signs = letter == 's';
	r.no_cd = letter == 'c';
	r.fell_silent = letter == 'e';
	return r;
}

static void trial(const struct trial *t)
{
	char answers[200], got[200], *save = NULL, *inner = NULL;
	struct verdict v = {0};
	struct row rows[8];
	struct look looks_[8];
	struct opinion opinions[8];
	struct resolver resolvers[4];
	struct facts facts = {.name = view_of("a.example"), .qtype = 1, .looks = looks_};
	unsigned number = 0;

	strcpy(answers, t->answers);
	for (char *one = strtok_r(answers, " ", &save); one; one = strtok_r(NULL, " ", &save)) {
		resolvers[number] = resolver_of(t->resolvers[number], number);
		resolvers[number].identity = number;
		for (char *look = strtok_r(one, "+", &inner); look;
		     look = strtok_r(NULL, "+", &inner)) {
			size_t i = facts.look_count++;

			rows[i] = row_of("a.example", look, (int64_t)i * 1000);
			looks_[i] =
				(struct look){.resolver = &resolvers[number],
					      .kind = look_kind_of(&rows[i], &resolvers[number]),
					      .time_ms = rows[i].time_ms,
					      .rtt_us = rows[i].normal.rtt_us,
					      .row = &rows[i]};
		}
		number++;
	}
	judge(&facts, opinions, &v);
	snprintf(got, sizeof(got), "%s %s %s %u %u %u", status_name(v.status),
		 v.cause ? cause_info(v.cause)->id : "-",
		 v.confidence ? confidence_name(v.confidence) : "-", v.ok, v.failing, v.unknown);
	is_str(got, t->wanted, t->name);
}

/* AD of who sets it on everything. */
static void vouched(void)
{
	struct resolver resolver = {.name = "r", .validates = TRI_YES};
	struct look look = {.resolver = &resolver, .kind = LOOK_CLEAN, .ad = true};
	struct facts facts = {.looks = &look, .look_count = 1};
	struct opinion opinion;

	facts_opinions(&facts, &opinion);
	ok(opinion.kind == OPINION_OK && opinion.ad, "validated");
	resolver.ad_always = true;
	facts_opinions(&facts, &opinion);
	ok(opinion.kind == OPINION_OK && !opinion.ad, "... says who says it of everything");
}

static void votes(void)
{
	static const struct trial trials[] = {
		{"all fine", "vv", "OK/OK OK/OK", "ok - - 2 0 0"},
		{"a dead resolver has no vote", "vd", "OK/OK TO/TO", "ok - - 1 0 1"},
		{"what one answered before it fell silent counts", "e", "SF/OK/SF",
		 "failing ds-no-matching-dnskey guess 0 1 0"},
		{"... its silence does not", "ve", "OK/OK TO/TO", "ok - - 1 0 1"},
		{"... nor what it did not say any more", "e", "SF/TO",
		 "failing undecided guess 0 1 0"},
		{"... but it was there when CD=1 was answered", "e", "TO/OK",
		 "failing dnskey-unobtainable guess 0 1 0"},
		{"nor can it make a name fail", "d", "TO/TO", "unknown undecided guess 0 0 1"},
		{"bogus, and one that does not validate", "vvn", "SF/OK/SF SF/OK/SF OK/OK",
		 "failing ds-no-matching-dnskey guess 0 2 1"},
		{"fine for one that does not validate", "n", "OK/OK", "ok - - 1 0 0"},
		{"bogus, and a relay that has CD=1 in its cache", "vr",
		 "SF/OK/SF SF/OK/OK+SF/OK/SF", "failing ds-no-matching-dnskey guess 0 2 0"},
		{"a relay that has CD=1 in its cache, alone", "r", "SF/OK/OK",
		 "unknown undecided guess 0 0 1"},
		{"bogus, and two of different minds under one address", "vr",
		 "SF/OK/SF SF/OK/SF+OK/OK", "failing ds-no-matching-dnskey guess 0 1 1"},
		{"CD ignored: not known which", "i", "SF/SF", "failing undecided guess 0 1 0"},
		{"dead servers for all", "vv", "SF/SF SF/SF", "failing undecided guess 0 2 0"},
		{"silence at all", "vv", "TO/TO TO/TO", "failing ns-timeout guess 0 2 0"},
		{"silence at one", "vvv", "TO/TO OK/OK OK/OK", "partial resolver-path guess 2 1 0"},
		{"SERVFAIL at one", "vvv", "SF/SF OK/OK OK/OK",
		 "partial resolver-limit guess 2 1 0"},
		{"REFUSED at one", "vvv", "RF/RF OK/OK OK/OK",
		 "partial resolver-policy likely 2 1 0"},
		{"REFUSED at all", "vv", "RF/RF RF/RF", "failing resolver-policy guess 0 2 0"},
		{"worked when asked again", "v", "SF/OK/OK", "partial recovered guess 1 0 0"},
		{"worked at the recheck", "v", "SF/SF+OK/OK", "partial recovered likely 1 0 0"},
		{"worked at the recheck of one that was overloaded", "vo", "OK/OK SF/SF+OK/OK",
		 "ok - - 2 0 0"},
		{"worked at once when that was asked again", "vo", "OK/OK SF/OK/OK",
		 "ok - - 2 0 0"},
		{"worked in the end, after all", "o", "SF/OK/SF+TO/TO+OK/OK", "ok - - 1 0 0"},
		{"fails also when it is not overloaded", "vo", "OK/OK OK/OK+SF/SF",
		 "partial resolver-limit guess 1 1 0"},
		{"never worked, overload or not", "vo", "SF/OK/SF SF/OK/SF",
		 "failing ds-no-matching-dnskey guess 0 2 0"},
		{"silent once, where messages get lost", "vvl", "OK/OK OK/OK TO/TO+OK/OK",
		 "ok - - 3 0 0"},
		{"SERVFAIL is not lost", "vvl", "OK/OK OK/OK SF/SF+OK/OK",
		 "partial recovered likely 3 0 0"},
		{"fails and resolves in turn", "v", "SF/SF+OK/OK+SF/SF+OK/OK",
		 "partial flapping guess 0 1 0"},
		{"limited, and answers the moment after", "vv", "OK/OK RF/OK/OK", "ok - - 2 0 0"},
		{"refused once, and answered later", "vv", "OK/OK RF/RF+OK/OK", "ok - - 2 0 0"},
		{"refused once, and later fails", "vv", "OK/OK RF/RF+SF/SF",
		 "partial resolver-limit guess 1 1 0"},
		{"limited, not broken", "vv", "SF/RF OK/OK", "ok - - 1 0 1"},
		{"errors passed through", "vv", "FE/FE FE/FE", "failing ns-error guess 0 2 0"},
		{"not calibrated, but the pair shows it", "u", "SF/OK/SF",
		 "failing ds-no-matching-dnskey guess 0 1 0"},
		{"the root does not validate there", "w", "SF/OK/SF",
		 "unknown undecided guess 0 0 1"},
		{"... and others resolve it", "vw", "OK/OK SF/OK/SF", "ok - - 1 0 1"},
		{"... and it does, at another node", "w", "SF/OK/SF+OK/OK", "ok - - 1 0 0"},
		{"... and dead servers are dead all the same", "w", "SF/SF",
		 "failing undecided guess 0 1 0"},
		{"data without signatures, of who hands them out", "ss", "SF/OK/SF SF/OK/SF",
		 "failing ds-but-unsigned guess 0 2 0"},
		{"... but for one that may not", "sv", "SF/OK/SF SF/OK/SF",
		 "failing ds-no-matching-dnskey guess 0 2 0"},
		{"no data, and none without signatures", "s", "SF/NX/SF",
		 "failing denial-missing guess 0 1 0"},
		{"CD=1 is refused, whatever is asked", "c", "SF/RF",
		 "failing undecided guess 0 1 0"},
		{"... or answered otherwise", "cv", "SF/FE OK/OK",
		 "partial resolver-limit guess 1 1 0"},
		{"bogus at one of two", "vv", "SF/OK/SF OK/OK",
		 "partial resolver-limit guess 1 1 0"},
	};

	for (size_t i = 0; i < sizeof(trials) / sizeof(*trials); i++)
		trial(&trials[i]);
}

/* Dates that can be read in the answer. */
static enum confidence dates_verdict_of(char who, const char *rrsig, unsigned ede,
					unsigned second_ede, enum cause *cause, char *at)
{
	struct resolver resolver = resolver_of(who, 0);
	struct row row = row_of("a.example", "SF/OK/SF", 1793664000000);
	struct look look = {&resolver, LOOK_VALIDATION, false, row.time_ms, 1000, &row};
	struct facts facts = {.name = row.name, .qtype = 1, .looks = &look, .look_count = 1};
	struct opinion opinion;
	struct verdict v;

	row.cd_rrsig = view_of(rrsig);
	row.normal.ede_count = second_ede ? 2 : ede ? 1 : 0;
	row.normal.ede[0] = (uint16_t)ede;
	row.normal.ede[1] = (uint16_t)second_ede;
	judge(&facts, &opinion, &v);
	*cause = v.cause;
	strcpy(at, v.at);
	return v.confidence;
}

static enum confidence dates_verdict(const char *rrsig, unsigned ede, unsigned second_ede,
				     enum cause *cause, char *at)
{
	return dates_verdict_of('v', rrsig, ede, second_ede, cause, at);
}

static void dates(void)
{
	static const char expired[] = "A/13/12345/20261001000000/20261101000000/A.Example.",
			  fine[] = "A/13/12345/20261001000000/20261201000000/a.example",
			  future[] = "A/13/12345/20261201000000/20270101000000/a.example";
	enum cause cause;
	char at[256];

	is_int(dates_verdict(expired, 7, 0, &cause, at), CONFIDENCE_LIKELY, "expired and EDE 7");
	is_int(cause, CAUSE_RRSIG_EXPIRED, "is expired");
	is_str(at, "a.example", "in the signer's zone");
	dates_verdict(expired, 0, 0, &cause, at);
	is_int(cause, CAUSE_RRSIG_EXPIRED, "expired, no EDE");
	dates_verdict(expired, 6, 0, &cause, at);
	is_int(cause, CAUSE_RRSIG_EXPIRED, "expired, bare 6");
	ok(dates_verdict(expired, 8, 0, &cause, at) == CONFIDENCE_GUESS &&
		   cause == CAUSE_RRSIG_EXPIRED,
	   "expired, but the validator's code says not yet valid");
	dates_verdict(expired, 12, 0, &cause, at);
	is_int(cause, CAUSE_DENIAL_MISSING, "expired, but the validator complains about NSEC");
	ok(dates_verdict(fine, 7, 0, &cause, at) == CONFIDENCE_GUESS &&
		   cause == CAUSE_RRSIG_EXPIRED,
	   "EDE 7 on fine dates: another RRset, and perhaps another zone's");
	ok(dates_verdict(fine, 8, 0, &cause, at) == CONFIDENCE_GUESS &&
		   cause == CAUSE_RRSIG_NOT_YET_VALID,
	   "EDE 8 on fine dates: that, or no date at all");
	ok(dates_verdict("", 7, 0, &cause, at) == CONFIDENCE_LIKELY && cause == CAUSE_RRSIG_EXPIRED,
	   "EDE 7, and no dates came");
	ok(dates_verdict_of('s', "", 7, 0, &cause, at) == CONFIDENCE_GUESS &&
		   cause == CAUSE_RRSIG_EXPIRED,
	   "... from one who hands them out where there are some");
	ok(dates_verdict_of('w', expired, 0, 0, &cause, at) == CONFIDENCE_LIKELY &&
		   cause == CAUSE_RRSIG_EXPIRED,
	   "expired, whatever trust anchor it has who fails it");
	dates_verdict_of('w', fine, 0, 0, &cause, at);
	is_int(cause, CAUSE_UNDECIDED, "... it has no say on what is not");
	ok(dates_verdict(future, 8, 0, &cause, at) == CONFIDENCE_LIKELY &&
		   cause == CAUSE_RRSIG_NOT_YET_VALID,
	   "not yet valid and EDE 8");
}

/* What one resolver says of a zone, with what its CD=1 answer carries; and another one beside it. */
static void told(struct row *row, bool passed, struct verdict *v)
{
	struct resolver resolvers[] = {resolver_of('v', 0), resolver_of('v', 1)};
	struct row clean = row_of("a.example", "OK/OK", row->time_ms);
	struct look looks[] = {
		{&resolvers[0], look_kind(row), false, row->time_ms, 1000, row},
		{&resolvers[1], LOOK_CLEAN, true, row->time_ms, 1000, &clean},
	};
	struct facts facts = {
		.name = row->name, .qtype = 1, .looks = looks, .look_count = passed ? 2 : 1};
	struct opinion opinions[2];

	resolvers[1].identity = 1;
	judge(&facts, opinions, v);
}

static void texts(void)
{
	static const char no_ds[] = "validation failure <a.example. A IN>: no keys have a DS with "
				    "algorithm RSASHA256 from 192.0.2.1 for key a.example. while "
				    "building chain of trust";
	struct row row = row_of("a.example", "SF/OK/SF", 1793664000000);
	struct verdict v;

	row.normal.ede_count = 1;
	row.normal.ede[0] = 9;
	row.normal.ede_text = view_of(no_ds);
	row.cd_rrsig = view_of("A/8/12345/20261001000000/20261201000000/a.example");
	told(&row, false, &v);
	ok(v.cause == CAUSE_DS_NO_MATCHING_DNSKEY && v.confidence == CONFIDENCE_GUESS,
	   "no key has the DS, of the algorithm that the zone signs with: or it is revoked, or "
	   "spoilt");
	row.cd_rrsig = view_of("A/13/12345/20261001000000/20261201000000/a.example");
	told(&row, false, &v);
	ok(v.cause == CAUSE_DS_ALGORITHM_MISMATCH && v.confidence == CONFIDENCE_GUESS,
	   "... of another one: or it is one of several, on each of which this one insists");
	row.cd_rrsig = view_of("");
	told(&row, false, &v);
	ok(v.cause == CAUSE_DS_NO_MATCHING_DNSKEY && v.confidence == CONFIDENCE_GUESS,
	   "... and which that is was not to be seen");
	row.cd_rrsig = view_of("A/13/12345/20261001000000/20261201000000/a.example");
	row.normal.ede[0] = 7;
	row.normal.ede_text =
		view_of("validation failure <a.example. A IN>: signature expired from "
			"192.0.2.1 for key a.example. while building chain of trust");
	told(&row, false, &v);
	ok(v.cause == CAUSE_RRSIG_EXPIRED && v.confidence == CONFIDENCE_LIKELY,
	   "it is that of the keys that expired");
	row.normal.ede_text =
		view_of("validation failure <a.example. A IN>: signature expired from "
			"192.0.2.1");
	told(&row, false, &v);
	ok(v.cause == CAUSE_RRSIG_EXPIRED && v.confidence == CONFIDENCE_GUESS,
	   "... that of the answer, which is fine: another copy, or a clock of its own");
	row.normal.ede[0] = 6;
	row.normal.ede_text =
		view_of("validation failure <a.example. A IN>: signature crypto failed "
			"from 192.0.2.1");
	told(&row, false, &v);
	ok(v.cause == CAUSE_RRSIG_INVALID && v.confidence == CONFIDENCE_GUESS,
	   "a signature that does not verify: or it is too short, or the key is not what it was");
	row.cd_rrsig = view_of("");
	row.normal.ede[0] = 12;
	row.normal.ede_text = view_of("AHXI");
	told(&row, false, &v);
	ok(v.cause == CAUSE_DS_BUT_UNSIGNED && v.confidence == CONFIDENCE_GUESS,
	   "data without signatures, and something is denied without a proof: the keys, it seems");
	row.cd.answers = 0;
	told(&row, false, &v);
	ok(v.cause == CAUSE_DENIAL_MISSING && v.confidence == CONFIDENCE_GUESS,
	   "no data and no proof, perhaps of who does not serve the zone");
	row = row_of("a.example", "SF/OK/SF", 1793664000000);
	row.cd_rrsig = view_of("A/13/12345/20260801000000/20260901000000/a.example");
	told(&row, true, &v);
	ok(v.cause == CAUSE_SERVERS_INCONSISTENT && v.confidence == CONFIDENCE_GUESS,
	   "long expired, and another validates it: a fresh copy, or a resolver without dates");
}

/* Two resolvers fail it: one says why in words of unbound's, the other by a code; it is *sure. */
static enum cause joined(const char *text, uint16_t ede, const char *rrsig, bool *sure)
{
	struct resolver resolvers[] = {resolver_of('v', 0), resolver_of('v', 1)};
	struct row rows[] = {row_of("a.example", "SF/OK/SF", 1793664000000),
			     row_of("a.example", "SF/OK/SF", 1793664000000)};
	struct look looks[] = {
		{&resolvers[0], LOOK_VALIDATION, false, rows[0].time_ms, 1000, &rows[0]},
		{&resolvers[1], LOOK_VALIDATION, false, rows[1].time_ms, 1000, &rows[1]},
	};
	struct facts facts = {.name = rows[0].name, .qtype = 1, .looks = looks, .look_count = 2};
	struct opinion opinions[2];
	struct verdict v;

	resolvers[1].identity = 1;
	rows[0].normal.ede_text = view_of(text);
	rows[1].normal.ede_count = 1;
	rows[1].normal.ede[0] = ede;
	rows[0].cd_rrsig = rows[1].cd_rrsig = view_of(rrsig);
	judge(&facts, opinions, &v);
	*sure = v.confidence == CONFIDENCE_LIKELY;
	return v.cause;
}

static void hints(void)
{
	bool sure;

	ok(joined("no signatures from 192.0.2.1 for key a.example. while", 9, "", &sure) ==
			   CAUSE_DNSKEY_NOT_SIGNED &&
		   !sure,
	   "what a vague code leaves of a text, if that is not what it means, is a guess");
	ok(joined("DS hash mismatches key from 192.0.2.1 for key a.example. while", 9, "", &sure) ==
			   CAUSE_DS_DIGEST_MISMATCH &&
		   sure,
	   "what it means, and a code that fits");
	ok(joined("no keys have a DS with algorithm RSASHA256 from 192.0.2.1 for key a.example. "
		  "while",
		  9, "A/13/12345/20261001000000/20261201000000/a.example",
		  &sure) == CAUSE_DS_ALGORITHM_MISMATCH &&
		   sure,
	   "the algorithm of the DS is none of the zone's, and another one fails it, too");
	joined("no keys have a DS from 192.0.2.1 for key a.example. while | EXRU", 11, "", &sure);
	ok(!sure, "what is left is what neither means");
	ok(joined("", 12, "", &sure) == CAUSE_DS_BUT_UNSIGNED && !sure,
	   "no proof, and data: the keys, or no zone or no EDNS at all");
}

/* One fails what others validate, with or without good signatures. */
static enum cause outvoted(const char *rrsig, unsigned others)
{
	struct resolver resolvers[] = {resolver_of('v', 0), resolver_of('v', 1),
				       resolver_of('v', 2)};
	struct row row = row_of("a.example", "SF/OK/SF", 1793664000000);
	struct look looks[3] = {{&resolvers[0], LOOK_VALIDATION, false, row.time_ms, 1000, &row}};
	struct facts facts = {
		.name = row.name, .qtype = 1, .looks = looks, .look_count = 1 + others};
	struct opinion opinions[3];
	struct verdict v;

	row.cd_rrsig = view_of(rrsig);
	for (unsigned i = 1; i <= others; i++) {
		resolvers[i].identity = i;
		looks[i] = (struct look){&resolvers[i], LOOK_CLEAN, true, row.time_ms, 1000, NULL};
	}
	judge(&facts, opinions, &v);
	return v.confidence == CONFIDENCE_GUESS ? v.cause : CAUSE_NONE;
}

static void votes_of_others(void)
{
	static const char fine[] = "A/13/12345/20261001000000/20261201000000/a.example";

	is_int(outvoted(fine, 2), CAUSE_RESOLVER_LIMIT,
	       "signed as it should be, and two others validate it");
	is_int(outvoted(fine, 1), CAUSE_SERVERS_INCONSISTENT, "... or one: who is right?");
	is_int(outvoted("", 2), CAUSE_SERVERS_INCONSISTENT, "it got something unsigned");
}

int main(void)
{
	hints();
	votes_of_others();
	looks();
	vouched();
	votes();
	dates();
	texts();
	return done_testing();
}
