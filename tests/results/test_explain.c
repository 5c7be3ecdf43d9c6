/* SPDX-License-Identifier: BSD-2-Clause */

/* A run of a few rows explained: what is said of each row, where, and what is not. */
#include "results/explain.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "results/rows/manifest.h"
#include "tests/tap.h"

#define PAIRS_HEADER                                                                               \
	"time,name,qtype,resolver,outcome,rcode,ede,ede_text,flags,answers,tries,rtt_us,"          \
	"cd_outcome,cd_rcode,cd_ede,cd_ede_text,cd_flags,cd_answers,cd_tries,cd_rtt_us,"           \
	"again_outcome,again_rcode,nsid,note,cd_rrsig\n"
#define EVIDENCE_HEADER                                                                            \
	"time,name,qtype,zone,probe,question,question_type,server,address,transport,outcome,"      \
	"rcode,flags,answers,tries,rtt_us,finding,detail\n"

static char folder[] = "/tmp/test_explain-XXXXXX", path[256];
static char *said;

static const char *in_folder(const char *file)
{
	snprintf(path, sizeof(path), "%s/%s", folder, file);
	return path;
}

static void put(const char *file, const char *text)
{
	FILE *out = fopen(in_folder(file), "w");

	fputs(text, out);
	fclose(out);
}

/* run.json of a run that came to its end. */
static void put_manifest(void)
{
	struct manifest *manifest = manifest_create();

	manifest_set(&manifest->program, "servfail-scan");
	manifest->complete = true;
	ok(manifest_write(manifest, in_folder("run.json")) == 0, "run.json");
	manifest_destroy(&manifest);
}

/* The names, as they are explained; said has the text. */
static bool explained(const char *const *names, size_t count)
{
	struct explain_plan plan = {.names = names, .count = count, .messages = stderr};
	char run[64], report[64];
	struct prose prose = {.width = 100};
	size_t len;
	bool good;

	snprintf(run, sizeof(run), "%s", folder);
	snprintf(report, sizeof(report), "%s/report", folder);
	plan.run = run;
	plan.report = report;
	free(said);
	prose.out = open_memstream(&said, &len);
	good = explain(&plan, &prose);
	fclose(prose.out);
	return good;
}

static void says(const char *text)
{
	const char *line = text + strspn(text, "\n ");

	ok(strstr(said, text) != NULL, "says \"%.*s\"", (int)strcspn(line, "\n"), line);
}

static void says_not(const char *text)
{
	ok(strstr(said, text) == NULL, "does not say 0x%02x", *text);
}

static void run(void)
{
	put("resolvers.csv",
	    "resolver,phase,reachable,validates,honours_cd,sends_ede,rewrites_nxdomain,filters,"
	    "note\n"
	    "192.0.2.1,before,yes,yes,yes,yes,no,,\n"
	    "tls://192.0.2.2#dns.example,before,yes,yes,yes,no,yes,yes,\n"
	    "192.0.2.3:5353,before,yes,no,yes,no,no,,\n"
	    "192.0.2.4,before,no,,,,,,dropped\n"
	    "192.0.2.1,after,yes,yes,yes,yes,no,,\n");
	put("pairs-000.csv.gz", PAIRS_HEADER
	    "2026-11-03T00:00:00.000Z,a.example,A,192.0.2.1,answered,SERVFAIL,7,expired \x1b[2J,"
	    "rd+ra,0,1,1500,answered,NOERROR,,,rd+ra+cd,1,1,250000,answered,SERVFAIL,,,"
	    "A/13/1/20261001000000/20261020000000/a.example\n"
	    "2026-11-03T00:00:00.000Z,a.example,A,tls://192.0.2.2#dns.example,answered,SERVFAIL,,,"
	    "rd+ra,0,1,2500000,answered,NOERROR,,,rd+ra+cd,2,1,900,answered,SERVFAIL,,,"
	    "A/13/1/20261001000000/20261020000000/a.example\n"
	    "2026-11-03T00:00:00.000Z,a.example,A,192.0.2.3:5353,answered,NOERROR,,,rd+ra,1,1,900,"
	    "answered,NOERROR,,,rd+ra+cd,1,1,900,,,,,\n"
	    "2026-11-03T00:00:20.000Z,a.example,A,192.0.2.1,answered,SERVFAIL,6,,rd+ra,0,1,80,"
	    "answered,NOERROR,,,rd+ra+cd,1,1,300,answered,SERVFAIL,,recheck+overload,"
	    "A/13/1/20261001000000/20261020000000/a.example\n"
	    "2026-11-03T00:00:30.000Z,a.example,A,tls://192.0.2.2#dns.example,timeout,,,,,,3,,"
	    "answered,NOERROR,,,rd+ra+cd,2,1,900,truncated-tcp-failed,,,recheck,\n"
	    "2026-11-03T00:00:01.000Z,b.example,AAAA,192.0.2.1,answered,NOERROR,,,rd+ra+ad,1,1,9,"
	    "answered,NOERROR,,,rd+ra+cd,1,1,900,,,,,\n");
	put("evidence-000.csv.gz", EVIDENCE_HEADER
	    "2026-11-03T00:00:02.000Z,a.example,A,.,path,,,,,,,,,,0,,zone,\n"
	    "2026-11-03T00:00:02.000Z,a.example,A,.,chain,,,,,,,,,,0,,secure,DS 20326 fits\n"
	    "2026-11-03T00:00:02.000Z,a.example,A,example,path,,,,,,,,,,0,,zone,\n"
	    "2026-11-03T00:00:02.000Z,a.example,A,example,delegation,example,NS,,192.0.2.10,udp,"
	    "answered,NOERROR,,0,1,3108,ok,NS: ns1.example\n"
	    "2026-11-03T00:00:02.000Z,a.example,A,a.example,path,,,,,,,,,,0,,own-zone,\n"
	    "2026-11-03T00:00:02.000Z,a.example,A,a.example,delegation,a.example,NS,,192.0.2.11,"
	    "udp,answered,NOERROR,,0,1,134,ok,NS: ns1.a.example\n"
	    "2026-11-03T00:00:02.000Z,a.example,A,a.example,chain,,,,,,,,,,0,,rrsig-expired,"
	    "RRSIG over DNSKEY of a.example expired 2026-10-20T00:00:00Z\n"
	    "2026-11-03T00:00:02.000Z,a.example,A,a.example,ns-address,,,ns1.a.example,,,,,,,0,,"
	    "ok,glue: 192.0.2.12\n"
	    "2026-11-03T00:00:02.000Z,a.example,A,a.example,ns-address,,,ns2.a.example,,,,,,,0,,"
	    "ns-missing-glue,none in the parent\n"
	    "2026-11-03T00:00:02.000Z,a.example,A,a.example,server,a.example,A,ns1.a.example,"
	    "192.0.2.12,udp,answered,NOERROR,aa,2,1,317,ok,\n"
	    "2026-11-03T00:00:02.000Z,a.example,A,a.example,server,a.example,DNSKEY,"
	    "ns1.a.example,192.0.2.12,tcp,timeout,,,,3,,server-timeout,\n"
	    "2026-11-03T00:00:02.000Z,a.example,A,a.example,server,,,ns1.a.example,192.0.2.12,,,,,"
	    ",0,,ok-without-aa,\n"
	    "2026-11-03T00:00:02.000Z,a.example,A,a.example,chain,,,ns1.a.example,192.0.2.12,,,,,,"
	    "0,,bogus,no signature\n"
	    "2026-11-03T00:00:02.000Z,a.example,A,a.example,conclusion,,,,,,,,,,0,,some-fail,\n"
	    "2026-11-03T00:00:02.000Z,a.example,A,a.example,budget,,,,,,,,,,0,,spent,"
	    "no more queries were allowed\n");
	put_manifest();
	mkdir(in_folder("report"), 0700);
}

static void a_failure(void)
{
	static const char *const names[] = {"a.example", "b.example"};

	ok(explained(names, 2), "two names are explained");
	says("a.example A: FAILING. All resolvers that can know fail it.");
	says("rrsig-expired (dnssec): ");
	says("Zone      a.example\n");
	says("How sure  certain: proved from the authoritative side");
	says("192.0.2.1 (validates, honours CD, sends EDE)");
	says("filters)");
	says("192.0.2.3:5353 (does not validate, honours CD, sends no EDE)");
	says("192.0.2.4 (does not answer, or fails every control name: it was not asked)");
	says("CD=0  SERVFAIL, 1.5 ms\n");
	says("CD=1  NOERROR, 1 record, 250 ms\n");
	says("SERVFAIL, 2.5 s\n");
	says("CD=0  once more: SERVFAIL\n");
	says("7 (Signature Expired): \"expired ");
	says_not("\x1b");
	says("20 s later: the same (it was overloaded)\n");
	says("30 s later:\n");
	says("CD=0  no answer, 3 tries\n");
	says("once more: truncated, and TCP fails\n");
	says("As it does not validate, that says nothing about DNSSEC.\n");
	says("b.example AAAA: OK. No resolver that can know fails it.");
	says("NOERROR, 1 record, validated (AD), 0.0 ms\n");
}

static void its_way(void)
{
	says("\nThe way from the root\n  .\n      trust         secure: DS 20326 fits\n");
	says("delegated to  ns1.example (192.0.2.10 says so, 3.1 ms)\n");
	says("trust         rrsig-expired: RRSIG over DNSKEY of a.example expired 2026-10-20");
	says("\nThe name servers of a.example\n  ns1.a.example: glue: 192.0.2.12\n");
	says("  ns2.a.example: ns-missing-glue: none in the parent\n");
	says("    ns1.a.example 192.0.2.12\n"
	     "        a.example A over udp: NOERROR, aa, 2 records, 0.3 ms\n"
	     "        a.example DNSKEY over tcp: timeout\n"
	     "        -> it answers, but does not say that it is authoritative (no AA)\n"
	     "        -> its answer: bogus: no signature\n");
	says("  All in all: some of the servers fail, and others make up for it\n");
	says("  no more queries were allowed\n");
}

static void by_hand(void)
{
	says("\nTo see it yourself\n  dig @192.0.2.1 a.example A\n      # what people get "
	     "(CD=0)\n");
	says("  dig @192.0.2.1 +cd +dnssec a.example A\n");
	says("  dig @192.0.2.11 +norec a.example NS\n");
	says("  dig @192.0.2.11 +norec +dnssec a.example DS\n");
	says("  dig @192.0.2.12 +norec +dnssec a.example DNSKEY\n");
	says("  dig @192.0.2.12 +norec +dnssec a.example A\n");
}

static void what_is_not_there(void)
{
	static const char *const names[] = {"c.example"};

	ok(!explained(names, 1), "a name that was not asked");
	is_str(said, "", "nothing is said of it");
	put("evidence-000.csv.gz", EVIDENCE_HEADER "yesterday,b.example,A,.,path,,,,,,,,,,0,,x,\n");
	ok(!explained((const char *const[]){"b.example"}, 1), "rows that cannot be read");
	says("b.example AAAA: OK.");
}

static void other_ways_to_ask(void)
{
	put("evidence-000.csv.gz", EVIDENCE_HEADER);
	put("resolvers.csv", "resolver,phase,reachable,validates,honours_cd\n"
			     "tls://[2001:db8::1]:8853#x.example,before,yes,yes,yes\n"
			     "tcp://192.0.2.9,before,yes,yes,yes\n");
	put("pairs-000.csv.gz", PAIRS_HEADER
	    "2026-11-03T00:00:00.000Z,d.example,MX,tls://[2001:db8::1]:8853#x.example,answered,"
	    "REFUSED,,,rd+ra,0,1,1500,answered,REFUSED,,,rd+ra+cd,0,1,2500,,,,,\n"
	    "2026-11-03T00:00:00.000Z,e.example,MX,tcp://192.0.2.9,unreachable,"
	    ",,,,,1,,not-asked,,,,,,0,,,,,,\n"
	    "2026-11-03T00:00:01.000Z,e.example,MX,tcp://192.0.2.9,answered,"
	    "SERVFAIL,,,rd+ra,0,1,1500,answered,SERVFAIL,,,rd+ra+cd,0,1,2500,answered,SERVFAIL,,"
	    "recheck,\n");
	explained((const char *const[]){"d.example", "e.example"}, 2);
	says("dig @2001:db8::1 +tls -p 8853 d.example MX\n");
	says("dig @192.0.2.9 +tcp e.example MX\n");
}

/* ---- prose ---- */

static void paragraphs(void)
{
	struct prose prose = {.width = 20, .bold = true};
	size_t len;

	free(said);
	prose.out = open_memstream(&said, &len);
	prose_heading(&prose, "%s", "to\tsee");
	prose_say(&prose, 2, 8, "label", "one two three four");
	prose_say(&prose, 2, 4, "label", "%s",
		  "b\xc3\xbc"
		  "cher \xc2\x9b"
		  "2J und mehr");
	prose_say(&prose, 1, 3, NULL, "aWordThatIsLongerThanTheLineIsWide b");
	prose_init(&prose, prose.out);
	is_int(prose.width, 100, "elsewhere than on a terminal: as wide as that");
	ok(!prose.bold, "and plain");
	fclose(prose.out);
	is_str(said,
	       "\033[1mto?see\033[0m\n"
	       "  label one two\n"
	       "        three four\n"
	       "  label\n"
	       "    b\xc3\xbc"
	       "cher ??2J und\n"
	       "    mehr\n"
	       " aWordThatIsLongerThanTheLineIsWide\n"
	       "   b\n",
	       "wrapped, and nothing in it is a command to a terminal");
}

static void clean_up(void)
{
	static const char *const files[] = {"report/verdicts.csv.gz",
					    "report/summary.json",
					    "report/summary.txt",
					    "report/report.html",
					    "report/questions.gz",
					    "report",
					    "run.json",
					    "resolvers.csv",
					    "pairs-000.csv.gz",
					    "evidence-000.csv.gz"};

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		remove(in_folder(files[i]));
	ok(rmdir(folder) == 0, "nothing else was left behind");
	free(said);
}

int main(void)
{
	if (!mkdtemp(folder))
		return 3;
	run();
	a_failure();
	its_way();
	by_hand();
	what_is_not_there();
	other_ways_to_ask();
	paragraphs();
	clean_up();
	return done_testing();
}
