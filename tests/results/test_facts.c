/* SPDX-License-Identifier: BSD-2-Clause */

/* Looks and opinions, who may vote, and the group that puts them together whatever the order. */
#include "results/group.h"
#include "results/rules.h"
#include "results/shared.h"
#include "tests/tap.h"

#include <stdlib.h>

static struct view view(const char *text)
{
	return (struct view){text, strlen(text)};
}

/* "OK", "SF/OK", "SF/OK/SF", "TO/TO", "RF", "SF/SF": CD=0, CD=1, CD=0 again. */
static struct row row_of(const char *name, const char *answers, int64_t time_ms)
{
	struct row row;

	row_init(&row);
	row.name = view(name);
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
	};
	struct row row;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		row = row_of("a", cases[i].answers, 0);
		is_int(look_kind(&row), cases[i].kind, cases[i].answers);
	}
	row = row_of("a", "SF/OK/SF", 0);
	row.note = view("recheck+overload");
	is_int(look_kind(&row), LOOK_NOTHING, "an overloaded resolver says nothing");
	row = row_of("a", "OK/OK", 0);
	row.normal.ede_count = 1;
	row.normal.ede[0] = 3;
	is_int(look_kind(&row), LOOK_EXEMPT, "a stale answer is no clean one");
	row.normal.ede[0] = 22;
	is_int(look_kind(&row), LOOK_CLEAN, "EDE 22 on an answer means nothing");
	row.normal.ede[0] = 17;
	is_int(look_kind(&row), LOOK_POLICY, "a forged answer is policy");
	row = row_of("a", "SF/SF", 0);
	row.normal.ede_count = 1;
	row.normal.ede[0] = 32;
	is_int(look_kind(&row), LOOK_NOTHING, "over quota says nothing of the name");
	row = row_of("a", "SF/OK/SF", 0);
	row.normal.ede_text =
		view("validation failure <a. A IN>: signature expired for key . while");
	is_int(look_kind(&row), LOOK_NOTHING, "a resolver at odds with the root says nothing");
	row_init(&row);
	row.normal.outcome = OUTCOME_TRUNCATED_TCP_FAILED;
	is_int(look_kind(&row), LOOK_NOTHING, "nor does one whose TCP fails");
}

/* One question at up to four resolvers: letters v validates, n does not, i ignores CD, d dead, u
 * not calibrated, o overloaded at times, l lossy. */
struct trial {
	const char *name, *resolvers,
		*answers;   /* answers: one a resolver, by spaces; "+" joins rows of one */
	const char *wanted; /* "status cause confidence ok failing unknown" */
};

static struct resolver resolver_of(char letter, unsigned number)
{
	static const char *const names[] = {"r1", "r2", "r3", "r4"};
	struct resolver r = {.name = names[number], .rows = 100, .answered = 90};

	r.validates = letter == 'n' ? TRI_NO : letter == 'u' ? TRI_UNKNOWN : TRI_YES;
	r.honours_cd = letter == 'i' ? TRI_NO : letter == 'u' ? TRI_UNKNOWN : TRI_YES;
	r.reachable = letter == 'd' ? TRI_NO : TRI_YES;
	r.overloaded = letter == 'o';
	r.lossy = letter == 'l';
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
	struct facts facts = {.name = view("a.example"), .qtype = 1, .looks = looks_};
	unsigned number = 0;

	strcpy(answers, t->answers);
	for (char *one = strtok_r(answers, " ", &save); one; one = strtok_r(NULL, " ", &save)) {
		resolvers[number] = resolver_of(t->resolvers[number], number);
		resolvers[number].identity = number;
		for (char *look = strtok_r(one, "+", &inner); look;
		     look = strtok_r(NULL, "+", &inner)) {
			size_t i = facts.look_count++;

			rows[i] = row_of("a.example", look, (int64_t)i * 1000);
			looks_[i] = (struct look){.resolver = &resolvers[number],
						  .kind = look_kind(&rows[i]),
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

static void votes(void)
{
	static const struct trial trials[] = {
		{"all fine", "vv", "OK/OK OK/OK", "ok - - 2 0 0"},
		{"a dead resolver has no vote", "vd", "OK/OK TO/TO", "ok - - 1 0 1"},
		{"nor can it make a name fail", "d", "TO/TO", "unknown undecided guess 0 0 1"},
		{"bogus, and one that does not validate", "vvn", "SF/OK/SF SF/OK/SF OK/OK",
		 "failing ds-no-matching-dnskey guess 0 2 1"},
		{"fine for one that does not validate", "n", "OK/OK", "ok - - 1 0 0"},
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
		{"worked at once when that was asked again", "vo", "OK/OK SF/OK/OK", "ok - - 2 0 0"},
		{"worked in the end, after all", "o", "SF/OK/SF+TO/TO+OK/OK", "ok - - 1 0 0"},
		{"fails also when it is not overloaded", "vo", "OK/OK OK/OK+SF/SF",
		 "partial resolver-limit guess 1 1 0"},
		{"never worked, overload or not", "vo", "SF/OK/SF SF/OK/SF",
		 "failing ds-no-matching-dnskey guess 0 2 0"},
		{"silent once, where messages get lost", "vvl", "OK/OK OK/OK TO/TO+OK/OK", "ok - - 3 0 0"},
		{"SERVFAIL is not lost", "vvl", "OK/OK OK/OK SF/SF+OK/OK",
		 "partial recovered likely 3 0 0"},
		{"fails and resolves in turn", "v", "SF/SF+OK/OK+SF/SF+OK/OK",
		 "partial flapping guess 0 1 0"},
		{"limited, not broken", "vv", "SF/RF OK/OK", "ok - - 1 0 1"},
		{"errors passed through", "vv", "FE/FE FE/FE", "failing ns-error guess 0 2 0"},
		{"not calibrated, but the pair shows it", "u", "SF/OK/SF",
		 "failing ds-no-matching-dnskey guess 0 1 0"},
		{"bogus at one of two", "vv", "SF/OK/SF OK/OK",
		 "partial resolver-limit guess 1 1 0"},
	};

	for (size_t i = 0; i < sizeof(trials) / sizeof(*trials); i++)
		trial(&trials[i]);
}

/* Dates that can be read in the answer. */
static enum confidence dates_verdict(const char *rrsig, unsigned ede, unsigned second_ede,
				     enum cause *cause, char *at)
{
	struct resolver resolver = resolver_of('v', 0);
	struct row row = row_of("a.example", "SF/OK/SF", 1793664000000);
	struct look look = {&resolver, LOOK_VALIDATION, false, row.time_ms, 1000, &row};
	struct facts facts = {.name = row.name, .qtype = 1, .looks = &look, .look_count = 1};
	struct opinion opinion;
	struct verdict v;

	row.cd_rrsig = view(rrsig);
	row.normal.ede_count = second_ede ? 2 : ede ? 1 : 0;
	row.normal.ede[0] = (uint16_t)ede;
	row.normal.ede[1] = (uint16_t)second_ede;
	judge(&facts, &opinion, &v);
	*cause = v.cause;
	strcpy(at, v.at);
	return v.confidence;
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
	dates_verdict(expired, 8, 0, &cause, at);
	is_int(cause, CAUSE_RRSIG_NOT_YET_VALID, "expired, but the validator says not yet valid");
	dates_verdict(expired, 12, 0, &cause, at);
	is_int(cause, CAUSE_DENIAL_MISSING, "expired, but the validator complains about NSEC");
	ok(dates_verdict(fine, 7, 0, &cause, at) == CONFIDENCE_LIKELY &&
		   cause == CAUSE_RRSIG_EXPIRED,
	   "EDE 7 on fine dates: another RRset");
	ok(dates_verdict(future, 8, 0, &cause, at) == CONFIDENCE_LIKELY &&
		   cause == CAUSE_RRSIG_NOT_YET_VALID,
	   "not yet valid and EDE 8");
}

struct seen {
	char text[4000];
};

static bool describe(struct facts *facts, struct opinion *opinions, void *arg)
{
	struct seen *seen = arg;
	size_t used = strlen(seen->text);

	used += (size_t)snprintf(seen->text + used, sizeof(seen->text) - used,
				 "%.*s %u:", (int)facts->name.len, facts->name.text, facts->qtype);
	for (size_t i = 0; i < facts->look_count; i++)
		used += (size_t)snprintf(seen->text + used, sizeof(seen->text) - used,
					 " %s@%lld=%d", facts->looks[i].resolver->name,
					 (long long)facts->looks[i].time_ms, facts->looks[i].kind);
	snprintf(seen->text + used, sizeof(seen->text) - used, " (%zu opinions, %zu evidence)\n",
		 facts_opinions(facts, opinions), facts->evidence_count);
	return true;
}

static void grouping(void)
{
	static const struct {
		const char *name, *resolver, *answers;
		int time_s;
	} rows[] = {
		{"b.example", "r2", "OK/OK", 5}, {"a.example", "r1", "SF/OK/SF", 9},
		{"a.example", "r1", "OK/OK", 4}, {"ab", "r1", "OK/OK", 1},
		{"a.example", "r2", "OK/OK", 2}, {"a.example", "r1", "SF/SF", 7},
		{"a.example", "r3", "OK/OK", 2}, {"a.example", "r4", "OK/OK", 2},
	};
	enum { COUNT = sizeof(rows) / sizeof(*rows) };
	struct seen first = {""}, seen;
	unsigned different = 0;

	srand(1);
	for (int round = 0; round < 50; round++) {
		struct group *group = group_create();
		unsigned order[COUNT];
		struct evidence evidence;

		for (unsigned i = 0; i < COUNT; i++) {
			unsigned j = (unsigned)rand() % (i + 1);

			order[i] = order[j];
			order[j] = i;
		}
		for (unsigned i = 0; i < COUNT; i++) {
			struct row row = row_of(rows[order[i]].name, rows[order[i]].answers,
						rows[order[i]].time_s * 1000);
			/* each row as of a run of its own: many resolvers of few names */
			int resolver =
				group_add_resolver(group, view(rows[order[i]].resolver), NULL);

			group_resolver(group, resolver)->answered = 1;
			group_add_row(group, resolver, &row);
		}
		evidence_init(&evidence);
		evidence.name = view("b.example");
		evidence.qtype = 1;
		group_add_evidence(group, &evidence);
		group_finish(group);
		seen.text[0] = '\0';
		group_each(group, false, describe, &seen);
		if (round == 0)
			first = seen;
		different += strcmp(first.text, seen.text) != 0;
		group_destroy(&group);
	}
	is_str(first.text,
	       "a.example 1: r1@4000=1 r1@7000=7 r1@9000=6 r2@2000=1 r3@2000=1 r4@2000=1 (4 "
	       "opinions, "
	       "0 evidence)\n"
	       "ab 1: r1@1000=1 (1 opinions, 0 evidence)\n"
	       "b.example 1: r2@5000=1 (1 opinions, 1 evidence)\n",
	       "sorted by name, resolver and time");
	is_int(different, 0, "whatever the order");
}

static bool first_finding(struct facts *facts, struct opinion *opinions, void *arg)
{
	char *said = arg;

	(void)opinions;
	said[0] = '\0';
	for (size_t i = 0; i < facts->evidence_count; i++)
		strncat(said, facts->evidence[i].finding.text, facts->evidence[i].finding.len);
	return true;
}

/* Of two inquiries about one question the later counts, whichever was read first. */
static void newest_inquiry(void)
{
	char said[16];

	for (int first = 0; first < 2; first++) {
		struct group *group = group_create();

		for (int turn = 0; turn < 2; turn++) {
			bool late = turn ^ first;
			struct evidence evidence;

			evidence_init(&evidence);
			evidence.name = view("a.example");
			evidence.qtype = 1;
			for (int i = 0; i < 3; i++) {
				/* probes may be older than the inquiry that they are shared with */
				evidence.time_ms = i == 1 ? 1000 : late ? 6000 : 5000;
				evidence.finding = view(&"abcdefgh"[late ? i : i + 4]);
				evidence.finding.len = 1;
				group_add_evidence(group, &evidence);
			}
			group_end_evidence(group);
		}
		group_finish(group);
		group_each(group, false, first_finding, said);
		is_str(said, "abc", "the newest inquiry, in its order");
		group_destroy(&group);
	}
}

static void vantage_points(void)
{
	struct group *group = group_create();
	int a = group_add_resolver(group, view("9.9.9.9"), "ams"),
	    b = group_add_resolver(group, view("9.9.9.9"), "tokyo"),
	    c = group_add_resolver(group, view("9.9.9.9"), "ams");

	group_finish(group);
	is_str(group_resolver(group, a)->name, "9.9.9.9@ams", "the vantage point is in the name");
	ok(group_resolver(group, a)->identity == group_resolver(group, c)->identity,
	   "two runs from one place are one");
	ok(group_resolver(group, a)->identity != group_resolver(group, b)->identity,
	   "two places are two");
	group_destroy(&group);
}

/* Forty names below one TLD that fail alike, one that does not, and a TLD of mixed fortunes. */
static void shared_faults(void)
{
	struct shared *shared = shared_create();
	char name[40];

	for (int pass = 0; pass < 2; pass++) {
		for (int i = 0; i < 40; i++) {
			snprintf(name, sizeof(name), "n%d.broken", i);
			pass ? shared_count(shared, view(name), 77, false)
			     : (void)shared_note(shared, view(name), 77);
			snprintf(name, sizeof(name), "n%d.mixed", i);
			pass ? shared_count(shared, view(name), i % 2 ? 77 : 0, i % 2 == 0)
			     : (void)(i % 2 && shared_note(shared, view(name), 77));
		}
		pass ? shared_count(shared, view("other.broken"), 99, false)
		     : (void)shared_note(shared, view("other.broken"), 99);
		pass ? shared_count(shared, view("www.a.example"), 5, false)
		     : (void)shared_note(shared, view("www.a.example"), 5);
		pass ? shared_count(shared, view("a.example"), 5, false)
		     : (void)shared_note(shared, view("a.example"), 5);
	}
	is_int((long long)shared_zone(shared, view("n1.broken"), 77).len, 6, "the TLD is at fault");
	is_int((long long)shared_zone(shared, view("other.broken"), 99).len, 0,
	       "not of what fails otherwise");
	is_int((long long)shared_zone(shared, view("n1.mixed"), 77).len, 0,
	       "nor where half of the names are fine");
	is_int((long long)shared_zone(shared, view("www.a.example"), 5).len, 9,
	       "a name above that fails alike is at fault");
	is_int((long long)shared_zone(shared, view("www.a.example"), 6).len, 0,
	       "one that fails otherwise is not");
	is_int((long long)shared_alive(shared, view("n1.mixed")).len, 5,
	       "a TLD with names that resolve is alive");
	is_int((long long)shared_alive(shared, view("n1.broken")).len, 1,
	       "where none does, the root is");
	shared_destroy(&shared);
}

int main(void)
{
	looks();
	votes();
	dates();
	grouping();
	newest_inquiry();
	vantage_points();
	shared_faults();
	return done_testing();
}
