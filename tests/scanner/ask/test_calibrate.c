/* SPDX-License-Identifier: BSD-2-Clause */

/* Calibration of resolvers of every kind, played on loopback. */
#include "scanner/ask/calibrate.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "scanner/ask/subject.h"
#include "tests/scanner/ask/play_server.h"
#include "tests/tap.h"

enum { NOERROR = 0, SERVFAIL = 2, NXDOMAIN = 3, REFUSED = 5 };

/* ---- resolvers ---- */

typedef void say_t(void *owner, const char *qname, bool cd, struct play_said *said);

static void validating(void *owner, const char *qname, bool cd, struct play_said *said)
{
	(void)owner;
	if (strcmp(qname, "good.test") == 0) {
		said->ad = !cd;
	} else if (strcmp(qname, "bogus.test") == 0 && !cd) {
		*said = (struct play_said){.rcode = SERVFAIL, .ede = 9};
	} else if (strcmp(qname, "nothing.test") == 0 || strstr(qname, "-calibration-") != NULL) {
		*said = (struct play_said){.rcode = NXDOMAIN, .ad = !cd, .ede = -1};
	}
}

static void without_ede(void *owner, const char *qname, bool cd, struct play_said *said)
{
	validating(owner, qname, cd, said);
	said->ede = -1;
}

static void not_validating(void *owner, const char *qname, bool cd, struct play_said *said)
{
	(void)owner, (void)cd;
	if (strcmp(qname, "nothing.test") == 0)
		*said = (struct play_said){.rcode = NXDOMAIN, .ede = -1};
}

/* Says AD for everything. */
static void pretending(void *owner, const char *qname, bool cd, struct play_said *said)
{
	not_validating(owner, qname, cd, said);
	said->ad = true;
}

/* Two under one address, and the name decides which of them is asked. */
static void by_name(void *owner, const char *qname, bool cd, struct play_said *said)
{
	static unsigned turn;

	validating(owner, qname, cd, said);
	if (strstr(qname, "-calibration-") != NULL)
		*said = (struct play_said){.rcode = NXDOMAIN, .ad = !cd && turn++ % 4 != 0, .ede = -1};
}

/* The same, and one of the two has another trust anchor. */
static void split(void *owner, const char *qname, bool cd, struct play_said *said)
{
	static unsigned turn;

	validating(owner, qname, cd, said);
	if (strstr(qname, "-calibration-") != NULL && !cd && turn++ % 4 == 0)
		*said = (struct play_said){.rcode = SERVFAIL, .ede = -1};
}

/* The same, and they fail for another reason, whatever CD is. */
static void failing_some(void *owner, const char *qname, bool cd, struct play_said *said)
{
	static unsigned turn;

	validating(owner, qname, cd, said);
	if (strstr(qname, "-calibration-") != NULL && (cd || turn++ % 4 == 0))
		*said = (struct play_said){.rcode = SERVFAIL, .ede = -1};
}

/* AD for everything, of one who validates. */
static void vouching(void *owner, const char *qname, bool cd, struct play_said *said)
{
	validating(owner, qname, cd, said);
	said->ad = true;
}

static void ignoring_cd(void *owner, const char *qname, bool cd, struct play_said *said)
{
	(void)cd;
	validating(owner, qname, false, said);
}

static void rewriting(void *owner, const char *qname, bool cd, struct play_said *said)
{
	validating(owner, qname, cd, said);
	if (strcmp(qname, "nothing.test") == 0)
		*said = (struct play_said){.answers = true, .ede = -1};
}

/* An answer for whatever fails: none at all, or an address of its own. */
static void denying(void *owner, const char *qname, bool cd, struct play_said *said)
{
	validating(owner, qname, cd, said);
	if (said->rcode == SERVFAIL)
		*said = (struct play_said){.rcode = NXDOMAIN, .ede = -1};
}

static void landing(void *owner, const char *qname, bool cd, struct play_said *said)
{
	validating(owner, qname, cd, said);
	if (said->rcode == SERVFAIL)
		*said = (struct play_said){.answers = true, .other = true, .ede = -1};
}

/* Says of everything that it is filtered. */
static void labelling(void *owner, const char *qname, bool cd, struct play_said *said)
{
	validating(owner, qname, cd, said);
	said->ede = 17;
}

/* ... of all that it has data for, and of all that it fails. */
static void labelling_data(void *owner, const char *qname, bool cd, struct play_said *said)
{
	validating(owner, qname, cd, said);
	said->ede = said->answers ? 15 : said->ede;
}

static void labelling_failures(void *owner, const char *qname, bool cd, struct play_said *said)
{
	validating(owner, qname, cd, said);
	said->ede = said->rcode == SERVFAIL ? 18 : said->ede;
}

static bool labels(void (*say)(void *owner, const char *qname, bool cd, struct play_said *said))
{
	return say == labelling || say == labelling_data || say == labelling_failures;
}

static void refusing(void *owner, const char *qname, bool cd, struct play_said *said)
{
	(void)owner, (void)qname, (void)cd;
	*said = (struct play_said){.rcode = REFUSED, .ede = -1};
}

static void failing(void *owner, const char *qname, bool cd, struct play_said *said)
{
	(void)owner, (void)qname, (void)cd;
	*said = (struct play_said){.rcode = SERVFAIL, .ede = -1};
}

static void filtering(void *owner, const char *qname, bool cd, struct play_said *said)
{
	validating(owner, qname, cd, said);
	if (strcmp(qname, "filtered.test") == 0)
		*said = (struct play_said){.rcode = NXDOMAIN, .ede = -1};
}

/* Says so by EDE alone. */
static void censoring(void *owner, const char *qname, bool cd, struct play_said *said)
{
	validating(owner, qname, cd, said);
	if (strcmp(qname, "filtered.test") == 0)
		said->ede = 16;
}

/* One query in five. */
static void losing(void *owner, const char *qname, bool cd, struct play_said *said)
{
	static unsigned count;

	validating(owner, qname, cd, said);
	said->drop = ++count % 5 == 0;
}

static void lowering(void *owner, const char *qname, bool cd, struct play_said *said)
{
	validating(owner, qname, cd, said);
	said->lower = true;
}

static void truncating(void *owner, const char *qname, bool cd, struct play_said *said)
{
	validating(owner, qname, cd, said);
	said->tc = true; /* over TCP it is taken as it is */
}

/* Several under one address, of which one does not validate. */
static void mixed(void *owner, const char *qname, bool cd, struct play_said *said)
{
	static unsigned count;

	if (strcmp(qname, "bogus.test") == 0 && !cd && ++count % 4 == 0)
		not_validating(owner, qname, cd, said);
	else
		validating(owner, qname, cd, said);
}

/* Two, of which now one and now the other answers; the one that does not validate comes first. */
static void in_turn(void *owner, const char *qname, bool cd, struct play_said *said)
{
	static unsigned count;

	if (strcmp(qname, "bogus.test") == 0 && !cd && count++ % 2 == 0)
		not_validating(owner, qname, cd, said);
	else
		validating(owner, qname, cd, said);
}

/* Refuses every second query from some moment on. */
static void unsteady(void *owner, const char *qname, bool cd, struct play_said *said)
{
	static unsigned count;

	validating(owner, qname, cd, said);
	if (strcmp(qname, "bogus.test") != 0 && ++count > 12 && count % 2 == 0)
		*said = (struct play_said){.rcode = REFUSED, .ede = -1};
}

/* Refuses what is more than 20 queries at once, or 20 a second. */
static void limited(void *owner, const char *qname, bool cd, struct play_said *said)
{
	static int64_t due_ns;
	int64_t now_ns = clock_mono_ns();

	due_ns = due_ns > now_ns ? due_ns : now_ns;
	if (due_ns - now_ns > 20 * 50 * NS_PER_MS) {
		*said = (struct play_said){.rcode = REFUSED, .ede = -1};
		return;
	}
	due_ns += 50 * NS_PER_MS;
	validating(owner, qname, cd, said);
}

/* What is to be found out of each; TRI_UNKNOWN where nobody can tell. */
static const struct kind {
	const char *name;
	say_t *say;
	const char *udp; /* a script instead */
	bool tcp;	 /* asked over TCP only */
	enum tri reachable, validates, honours_cd, sends_ede, forwards_ad, rewrites, same_address;
	int failed;
	const char *unfit;
} kinds[] = {
	{"validating", validating, NULL, false, TRI_YES, TRI_YES, TRI_YES, TRI_YES, TRI_YES, TRI_NO, TRI_YES, 0, NULL},
	{"over TCP", validating, NULL, true, TRI_YES, TRI_YES, TRI_YES, TRI_YES, TRI_YES, TRI_NO, TRI_YES, 0, NULL},
	{"truncating", truncating, NULL, false, TRI_YES, TRI_YES, TRI_YES, TRI_YES, TRI_YES, TRI_NO, TRI_YES, 0, NULL},
	{"without EDE", without_ede, NULL, false, TRI_YES, TRI_YES, TRI_YES, TRI_NO, TRI_YES, TRI_NO, TRI_YES, 0, NULL},
	{"not validating", not_validating, NULL, false, TRI_YES, TRI_NO, TRI_UNKNOWN, TRI_UNKNOWN, TRI_NO, TRI_NO, TRI_YES, 0,
	 NULL},
	{"by the name", by_name, NULL, false, TRI_YES, TRI_NO, TRI_YES, TRI_YES, TRI_YES, TRI_NO, TRI_YES, 0, NULL},
	{"split", split, NULL, false, TRI_YES, TRI_YES, TRI_YES, TRI_YES, TRI_YES, TRI_NO, TRI_YES, 0, NULL},
	{"failing some", failing_some, NULL, false, TRI_YES, TRI_YES, TRI_YES, TRI_YES, TRI_YES, TRI_NO, TRI_YES, 0, NULL},
	{"vouching", vouching, NULL, false, TRI_YES, TRI_YES, TRI_YES, TRI_YES, TRI_YES, TRI_NO, TRI_YES, 0, NULL},
	{"pretending", pretending, NULL, false, TRI_YES, TRI_NO, TRI_UNKNOWN, TRI_UNKNOWN, TRI_YES, TRI_NO, TRI_YES, 0, NULL},
	{"ignoring CD", ignoring_cd, NULL, false, TRI_YES, TRI_YES, TRI_NO, TRI_YES, TRI_YES, TRI_NO, TRI_YES, 0, NULL},
	{"rewriting NXDOMAIN", rewriting, NULL, false, TRI_YES, TRI_YES, TRI_YES, TRI_YES, TRI_YES, TRI_YES, TRI_YES, 0, NULL},
	{"failing all", failing, NULL, false, TRI_YES, TRI_UNKNOWN, TRI_NO, TRI_NO, TRI_UNKNOWN, TRI_NO, TRI_YES, 3,
	 "fails every control name (see --controls)"},
	{"filtering", filtering, NULL, false, TRI_YES, TRI_YES, TRI_YES, TRI_YES, TRI_YES, TRI_NO, TRI_YES, 0, NULL},
	{"censoring", censoring, NULL, false, TRI_YES, TRI_YES, TRI_YES, TRI_YES, TRI_YES, TRI_NO, TRI_YES, 0, NULL},
	{"losing", losing, NULL, false, TRI_YES, TRI_YES, TRI_YES, TRI_YES, TRI_YES, TRI_NO, TRI_YES, 0, NULL},
	{"lowering", lowering, NULL, false, TRI_YES, TRI_YES, TRI_YES, TRI_YES, TRI_YES, TRI_NO, TRI_YES, 0, NULL},
	{"mixed", mixed, NULL, false, TRI_YES, TRI_NO, TRI_YES, TRI_YES, TRI_YES, TRI_NO, TRI_YES, 0, NULL},
	{"in turn", in_turn, NULL, false, TRI_YES, TRI_NO, TRI_YES, TRI_YES, TRI_YES, TRI_NO, TRI_YES, 0, NULL},
	{"unsteady", unsteady, NULL, false, TRI_YES, TRI_YES, TRI_YES, TRI_YES, TRI_YES, TRI_NO, TRI_YES, 0,
	 "answers the same control name now so, now otherwise"},
	{"limited", limited, NULL, false, TRI_YES, TRI_YES, TRI_YES, TRI_YES, TRI_YES, TRI_NO, TRI_YES, 0, NULL},
	{"denying", denying, NULL, false, TRI_YES, TRI_UNKNOWN, TRI_UNKNOWN, TRI_UNKNOWN, TRI_YES, TRI_NO, TRI_YES, 0,
	 "has answers of its own where a name fails"},
	{"landing", landing, NULL, false, TRI_YES, TRI_NO, TRI_UNKNOWN, TRI_UNKNOWN, TRI_YES, TRI_NO, TRI_YES, 0,
	 "has answers of its own where a name fails"},
	{"labelling", labelling, NULL, false, TRI_YES, TRI_YES, TRI_YES, TRI_YES, TRI_YES, TRI_NO, TRI_YES, 0, NULL},
	{"labelling data", labelling_data, NULL, false, TRI_YES, TRI_YES, TRI_YES, TRI_YES, TRI_YES, TRI_NO, TRI_YES, 0, NULL},
	{"labelling failures", labelling_failures, NULL, false, TRI_YES, TRI_YES, TRI_YES, TRI_YES, TRI_YES, TRI_NO, TRI_YES, 0,
	 NULL},
	{"refusing", refusing, NULL, false, TRI_YES, TRI_UNKNOWN, TRI_UNKNOWN, TRI_UNKNOWN, TRI_UNKNOWN, TRI_NO, TRI_YES, 3,
	 "refuses every query"},
	{"mute", NULL, "drop", false, TRI_NO, TRI_UNKNOWN, TRI_UNKNOWN, TRI_UNKNOWN, TRI_UNKNOWN, TRI_UNKNOWN, TRI_UNKNOWN, -1,
	 "does not answer"},
	{"not there", NULL, NULL, false, TRI_NO, TRI_UNKNOWN, TRI_UNKNOWN, TRI_UNKNOWN, TRI_UNKNOWN, TRI_UNKNOWN, TRI_UNKNOWN, -1,
	 "does not answer"},
	{"garbage", NULL, "garbage", false, TRI_NO, TRI_UNKNOWN, TRI_UNKNOWN, TRI_UNKNOWN, TRI_UNKNOWN, TRI_UNKNOWN, TRI_UNKNOWN,
	 -1, "does not answer"},
	{"elsewhere", NULL, "elsewhere", false, TRI_NO, TRI_UNKNOWN, TRI_UNKNOWN, TRI_UNKNOWN, TRI_UNKNOWN, TRI_UNKNOWN, TRI_NO,
	 -1, "answers from another address or to another question"},
	{"another question", NULL, "question", false, TRI_NO, TRI_UNKNOWN, TRI_UNKNOWN, TRI_UNKNOWN, TRI_UNKNOWN, TRI_UNKNOWN,
	 TRI_NO, -1, "answers from another address or to another question"},
	{"lossy", NULL, "drop answer", false, TRI_YES, TRI_NO, TRI_UNKNOWN, TRI_UNKNOWN, TRI_NO, TRI_YES, TRI_YES, 0, NULL},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static struct play_server servers[KINDS];
static struct resolver list[KINDS];
static char texts[KINDS][64];
static struct resolvers resolvers = {KINDS, list, NULL};
static struct calibration found[KINDS];
static struct options options = {.rate = 0, .resolver_rate = 0, .timeout_ms = 600, .tries = 3};

static void start_servers(void)
{
	for (size_t i = 0; i < KINDS; i++) {
		char addr[ADDR_TEXT_MAX];

		servers[i].say = kinds[i].say;
		servers[i].udp = kinds[i].udp;
		if (!play_start(&servers[i], "127.0.0.1"))
			abort();
		snprintf(texts[i], sizeof(texts[i]), "%s%s", kinds[i].tcp ? "tcp://" : "", addr_format(&servers[i].addr, 0, addr));
		if (!resolver_parse(&list[i], texts[i], strlen(texts[i])))
			abort();
	}
}

static void stop_servers(void)
{
	for (size_t i = 0; i < KINDS; i++) {
		play_stop(&servers[i]);
		resolver_clear(&list[i]);
	}
}

/* ---- control names ---- */

/* Writes a list and loads it; what is wrong with it is in complaints. */
static char complaints[2048];

static bool load(struct controls *controls, const char *text)
{
	char path[] = "/tmp/test_calibrate.XXXXXX";
	struct buf errors = BUF_EMPTY;
	int fd = mkstemp(path);
	bool good;

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		abort();
	close(fd);
	good = controls_load(controls, path, &errors);
	unlink(path);
	snprintf(complaints, sizeof(complaints), "%s", errors.len > 0 ? strchr(buf_text(&errors), ':') : "");
	buf_free(&errors);
	return good;
}

static void test_lists(void)
{
	struct controls controls;
	struct buf errors = BUF_EMPTY;
	char many[4096] = "";

	ok(load(&controls, "# known\n good.test  good \r\nBogus.Test. bogus # since 2010\n\nplain.test\tunsigned\nnothing.test nxdomain\n"),
	   "a list");
	is_int((long long)controls.count, 4, "four names");
	ok(controls.list[1].kind == CONTROL_BOGUS && memcmp(controls.list[1].qname, "\5bogus\4test", 12) == 0, "in lower case");
	ok(!load(&controls, "good.test good\nbad..test good\nx.test fine\ny.test\n"), "nonsense");
	ok(strncmp(complaints, ":2: 'bad..test good' is no control (NAME good|bogus|unsigned|nxdomain|filtered, 64 at most)\n", 89) == 0 &&
		   strstr(complaints, ":3: 'x.test fine'") && strstr(complaints, ":4: 'y.test'"),
	   "each with its line");
	for (int i = 0; i < 65; i++)
		snprintf(many + strlen(many), sizeof(many) - strlen(many), "n%d.test good\n", i);
	ok(!load(&controls, many), "one too many");
	ok(strstr(complaints, ":65: "), "is named");
	ok(controls_load(&controls, "none", &errors) && controls.count == 0, "none");
	ok(controls_load(&controls, NULL, &errors) && controls.count > 4, "those of the Internet");
	ok(!controls_load(&controls, "/nonexistent/file", &errors), "no file");
	is_str(buf_text(&errors), "/nonexistent/file: No such file or directory\n", "says so");
	buf_free(&errors);
}

/* ---- calibration ---- */

static void test_kinds(void)
{
	static int16_t rcodes[KINDS][5];
	struct controls controls;

	load(&controls, "good.test good\nbogus.test bogus\nplain.test unsigned\nnothing.test nxdomain\nfiltered.test filtered\n");
	ok(calibrate(&(struct calibrate_config){.controls = &controls,
						.resolvers = &resolvers,
						.options = &options,
						.phase = PHASE_BEFORE,
						.rcodes = rcodes[0]},
		     found),
	   "all at once");
	for (size_t i = 0; i < KINDS; i++) {
		const struct kind *want = &kinds[i];
		const struct calibration *got = &found[i];
		bool works;

		printf("# %s\n", want->name);
		is_str(tri_name(got->reachable), tri_name(want->reachable), "reachable");
		is_str(tri_name(got->validates), tri_name(want->validates), "validates");
		is_str(tri_name(got->honours_cd), tri_name(want->honours_cd), "honours CD");
		is_str(tri_name(got->sends_ede), tri_name(want->sends_ede), "sends EDE");
		is_str(tri_name(got->forwards_ad), tri_name(want->forwards_ad), "forwards AD");
		is_str(tri_name(got->rewrites_nxdomain), tri_name(want->rewrites), "rewrites NXDOMAIN");
		is_str(tri_name(got->same_address), tri_name(want->same_address), "keeps its address");
		if (want->failed >= 0)
			is_int(got->controls_failed, want->failed, "controls that were not as they should be");
		works = want->failed >= 0 && want->failed < 3;
		is_str(tri_name(got->filters), !works ? "" : want->say == filtering || want->say == censoring ? "yes" : "no", "filters");
		is_str(tri_name(got->keeps_case), !works ? "" : want->say == lowering ? "no" : "yes", "keeps upper and lower case");
		if (want->say != losing) /* it loses them there too */
			is_str(tri_name(got->tcp), !works ? "" : want->udp != NULL ? "no" : "yes", "answers over TCP");
		ok((got->marks & CALIBRATION_LABELS) == (labels(want->say) ? CALIBRATION_LABELS : 0), "labels");
		ok((got->marks & CALIBRATION_MIXED) == (want->say == by_name ? CALIBRATION_MIXED : 0), "mixed");
		ok((got->marks & CALIBRATION_SPLIT) == (want->say == split ? CALIBRATION_SPLIT : 0), "split");
		ok((got->marks & CALIBRATION_AD_ALWAYS) ==
			   (want->say == pretending || want->say == vouching ? CALIBRATION_AD_ALWAYS : 0),
		   "AD always");
		ok((got->marks & CALIBRATION_LOSSY) == (want->say == losing ? CALIBRATION_LOSSY : 0) &&
			   (got->loss_percent >= 0) == (works && !want->tcp),
		   "loses %lld %%", (long long)got->loss_percent);
		is_int(rcodes[i][0], want->reachable != TRI_YES	    ? RCODE_UNKNOWN
				     : want->say == refusing ? REFUSED
				     : want->say == failing	    ? SERVFAIL
							    : NOERROR,
		       "what it said of the first control");
		ok((got->median_rtt_us >= 0) == (want->reachable == TRI_YES), "the time it takes");
		is_str(calibration_unfit(got), want->unfit, "fit to serve, or why not");
		ok(got->resolver.len == strlen(texts[i]) && memcmp(got->resolver.text, texts[i], got->resolver.len) == 0,
		   "under its own name");
	}
}

/* One that takes 2.5 s for anything: what is known of it without waiting so long. */
static void test_slow(void)
{
	struct subject slow = {0}, lossy = {0};
	struct brief reply = {.outcome = OUTCOME_ANSWERED, .rcode = NOERROR, .tries = 3, .rtt_us = 1300000};
	struct calibration known;

	for (unsigned i = 0; i < 8; i++) {
		struct brief quick = {.outcome = OUTCOME_ANSWERED, .rcode = NOERROR, .tries = i < 3 ? 2 : 1, .rtt_us = 5000};

		subject_reply(&slow, &reply);
		subject_reply(&lossy, &quick);
	}
	ok(subject_takes_long(&slow) && !subject_takes_long(&lossy), "slow, and not merely lossy");
	ok(subject_denials(&slow, 1) == 0 && subject_denials(&lossy, 1) == SUBJECT_DENIALS,
	   "it is not asked for what is in nobody's cache");
	ok(subject_denials(&lossy, SUBJECT_DENIED) == SUBJECT_DENIALS && subject_denials(&lossy, SUBJECT_DENIED + 1) == 0,
	   "nor a long list of resolvers, by whom one zone's servers would be asked");
	subject_denial(&lossy, &(struct pair){.normal = {.outcome = OUTCOME_TIMEOUT}});
	ok(subject_denials(&lossy, 1) == 0, "nor who is silent then, again");
	reply = (struct brief){.outcome = OUTCOME_ANSWERED, .rcode = NOERROR, .tries = 1, .rtt_us = 2500000};
	while (slow.samples < subject_samples(&slow))
		subject_sample(&slow, &reply, NOERROR, false);
	is_int(slow.samples, SUBJECT_LONG_SAMPLES, "it is asked for fewer samples");
	calibration_init(&known);
	subject_judge(&slow, &known);
	ok(known.marks == 0 && known.loss_percent == 0 && known.median_rtt_us == 2500000 && known.most_rtt_us == 2500000,
	   "and is slow, but not lossy");
	is_str(calibration_unfit(&known), NULL, "it serves");
}

static void test_none(void)
{
	struct controls controls = {.count = 0};

	struct calibrate_config config = {
		.controls = &controls, .resolvers = &resolvers, .options = &options, .phase = PHASE_BEFORE};

	ok(calibrate(&config, found), "without control names");
	for (size_t i = 0; i < KINDS; i++) {
		is_str(tri_name(found[i].reachable), tri_name(kinds[i].reachable), kinds[i].name);
		is_str(tri_name(found[i].validates), "", "nobody knows");
		if (kinds[i].say != unsteady && kinds[i].say != denying && kinds[i].say != landing) /* by chance, or not seen */
			is_str(calibration_unfit(&found[i]), kinds[i].say == failing ? NULL : kinds[i].unfit, "fit to serve");
	}
}

static bool stop_soon(void *owner)
{
	int *looks = owner;

	return ++*looks > 20;
}

static void test_stop_and_skip(void)
{
	struct controls controls = {.count = 0};
	bool skip[KINDS] = {[0] = true};
	struct calibrate_config config = {.controls = &controls,
					  .resolvers = &resolvers,
					  .options = &options,
					  .phase = PHASE_AFTER,
					  .stop = stop_soon};
	int64_t start_ns = clock_mono_ns();
	int looks = 0;

	for (size_t i = 0; i < KINDS; i++)
		skip[i] |= kinds[i].reachable == TRI_NO;
	config.owner = &looks;
	ok(calibrate(&config, found), "told to stop");
	ok(clock_mono_ns() - start_ns < NS_PER_S, "it does");
	is_str(tri_name(found[0].reachable), "", "and knows nothing");
	is_str(calibration_unfit(&found[0]), NULL, "so nobody is dropped");
	config.stop = NULL;
	config.skip = skip;
	ok(calibrate(&config, found), "some are not asked");
	is_int(found[0].controls_asked, -1, "and says so");
	is_str(tri_name(found[1].reachable), "yes", "the others are");
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	test_lists();
	start_servers();
	test_kinds();
	test_slow();
	test_none();
	test_stop_and_skip();
	stop_servers();
	return done_testing();
}
