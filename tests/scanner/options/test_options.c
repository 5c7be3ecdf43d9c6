/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/options/options.h"

#include <stdlib.h>

#include "tests/tap.h"

#define ARGS_MAX 64

static struct options options;
static char printed[16384], complaint[1024];

/* Parses a command line written as one text; words are parted by single blanks, "''" is an empty
 * one. */
static int parse(const char *line)
{
	static char copy[1024];
	char *argv[ARGS_MAX + 1] = {"servfail-scan"}, *save = NULL;
	static char *kept[ARGS_MAX + 1];
	int argc = 1, status;
	FILE *out = fmemopen(printed, sizeof(printed), "w");
	FILE *err = fmemopen(complaint, sizeof(complaint), "w");

	memset(printed, 0, sizeof(printed));
	memset(complaint, 0, sizeof(complaint));
	snprintf(copy, sizeof(copy), "%s", line);
	for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
		argv[argc++] = strcmp(word, "''") == 0 ? "" : word;
	memcpy(kept, argv, sizeof(argv)); /* options point into argv */
	status = options_parse(&options, argc, kept, out, err);
	fclose(out);
	fclose(err);
	return status;
}

static void test_defaults(void)
{
	is_int(parse("-o run"), OPTIONS_GO, "only an output");
	is_str(options.output, "run", "output");
	ok(!options.resolvers_file, "no resolver file");
	is_int(options.qtype_count, 1, "one type");
	is_int(options.qtypes[0], 1, "A");
	is_int(options.rate, 2000, "rate");
	is_int(options.resolver_rate, 500, "resolver rate");
	is_int(options.window, 10000, "window");
	is_int(options.timeout_ms, 15000, "timeout");
	is_int(options.tries, 3, "tries");
	is_int(options.ports, 8, "ports");
	is_int(options.connections, 16, "connections");
	is_int(options.pairs, PAIRS_ALWAYS, "pairs");
	is_int(options.evidence, EVIDENCE_FAILED, "evidence");
	is_int(options.recheck_ms, 20000, "recheck");
	is_int(options.shards, 1, "one shard");
	is_int(options.shard, 0, "the first");
	is_int(options.max_runtime_ms, 0, "no limit of time");
	is_int(options.max_silence_ms, 1800000, "half an hour without a network");
	ok(options.threads >= 1 && options.threads <= 64, "some threads");
	is_int(options.name_count, 0, "standard input");
	ok(!options.quiet && !options.zone && !options.dry_run, "flags are off");
}

static void test_values(void)
{
	is_int(parse("a.txt --output=run -r list -t AAAA --type MX -tTYPE65 --rate 10k b.gz "
		     "--resolver-rate 0 --window 1M --timeout 0.25 --tries 8 --threads 3 "
		     "--pairs failed --evidence all --zone -q --recheck 1.5 -- -c"),
	       OPTIONS_GO, "many");
	is_str(options.resolvers_file, "list", "resolvers");
	is_int(options.qtype_count, 3, "three types");
	is_int(options.qtypes[0], 28, "AAAA");
	is_int(options.qtypes[1], 15, "MX");
	is_int(options.qtypes[2], 65, "TYPE65");
	is_int(options.rate, 10000, "10k");
	is_int(options.resolver_rate, 0, "no limit");
	is_int(options.window, 1000000, "1M");
	is_int(options.timeout_ms, 250, "a quarter of a second");
	is_int(options.tries, 8, "tries");
	is_int(options.threads, 3, "threads");
	is_int(options.pairs, PAIRS_FAILED, "pairs");
	is_int(options.evidence, EVIDENCE_ALL, "evidence");
	is_int(options.recheck_ms, 1500, "recheck");
	ok(options.quiet && options.zone, "flags");
	is_int(options.name_count, 3, "three files");
	is_str(options.names[0], "a.txt", "the first");
	is_str(options.names[1], "b.gz", "the second");
	is_str(options.names[2], "-c", "the third, behind --");
	is_int(parse("-o r -t A -t a -t A"), OPTIONS_GO, "a type again");
	is_int(options.qtype_count, 1, "counts once");
	is_int(parse("-o r -t mx,A -t TYPE65,A"), OPTIONS_GO, "types joined by commas");
	is_int(options.qtype_count, 3, "are so many");
	is_int(options.qtypes[0], 15, "in their order");
	is_int(parse("-o r --rate 10K --resolver-rate 5k"), OPTIONS_GO, "K is k");
	is_int(options.rate, 10000, "a thousand");
	is_int(parse("-o - --window 1"), OPTIONS_GO, "standard output, a tiny window");
	is_int(options.evidence, EVIDENCE_NONE, "leaves no room for evidence");
	is_int(options.threads, 1, "nor for threads");
	is_int(parse("-o r --shards 4 --shard 3"), OPTIONS_GO, "the last shard");
	is_int(parse("--dry-run"), OPTIONS_GO, "a dry run needs no output");
}

/* What is refused, and with which words. */
static const struct {
	const char *line, *want;
} refused[] = {
	{"", "servfail-scan: --output: say where to (a directory, or \"-\"); see --help\n"},
	{"-o r --rate 12x", "servfail-scan: --rate: '12x' is not a number\n"},
	{"-o r --rate -1", "servfail-scan: --rate: '-1' is not a number\n"},
	{"-o r --rate ''", "servfail-scan: --rate: '' is not a number\n"},
	{"-o r --rate 0x10", "servfail-scan: --rate: '0x10' is not a number\n"},
	{"-o r --rate 1e3", "servfail-scan: --rate: '1e3' is not a number\n"},
	{"-o r --rate nan", "servfail-scan: --rate: 'nan' is not a number\n"},
	{"-o r --rate 1kk", "servfail-scan: --rate: '1kk' is not a number\n"},
	{"-o r --rate k", "servfail-scan: --rate: 'k' is not a number\n"},
	{"-o r --timeout .", "servfail-scan: --timeout: '.' is not a number\n"},
	{"-o r --timeout 1.2.3", "servfail-scan: --timeout: '1.2.3' is not a number\n"},
	{"-o r --timeout 0.05", "servfail-scan: --timeout: 0.05 is out of range (0.1 to 300)\n"},
	{"-o r --timeout 301", "servfail-scan: --timeout: 301 is out of range (0.1 to 300)\n"},
	{"-o r --window 0", "servfail-scan: --window: 0 is out of range (1 to 1000000)\n"},
	{"-o r --window 2M", "servfail-scan: --window: 2M is out of range (1 to 1000000)\n"},
	{"-o r --window 99999999999999999999999",
	 "servfail-scan: --window: 99999999999999999999999 is out of range (1 to 1000000)\n"},
	{"-o r --tries 9", "servfail-scan: --tries: 9 is out of range (1 to 8)\n"},
	{"-o r --threads 65", "servfail-scan: --threads: 65 is out of range (1 to 64)\n"},
	{"-o r --pairs sometimes",
	 "servfail-scan: --pairs: 'sometimes' is not one of always|failed\n"},
	{"-o r --pairs alway", "servfail-scan: --pairs: 'alway' is not one of always|failed\n"},
	{"-o r --source 192.0.2", "servfail-scan: --source: '192.0.2' is no IP address\n"},
	{"-o r --source 192.0.2.1,", "servfail-scan: --source: '' is no IP address\n"},
	{"-o r --source 192.0.2.1:53",
	 "servfail-scan: --source: '192.0.2.1:53' is no IP address\n"},
	{"-o r --source [2001:db8::1]",
	 "servfail-scan: --source: '[2001:db8::1]' is no IP address\n"},
	{"-o r --0x20 yes", "servfail-scan: --0x20: 'yes' is not one of off|auto|on\n"},
	{"-o r -t NOSUCH", "servfail-scan: --type: 'NOSUCH' is no type\n"},
	{"-o r -t AXFR", "servfail-scan: --type: AXFR is not a type to ask for\n"},
	{"-o r -tA -tNS -tMX -tTXT -tAAAA -tSOA -tDS -tCAA -tPTR",
	 "servfail-scan: --type: more than 8 types\n"},
	{"-o r --nonsense", "servfail-scan: --nonsense: no such option (see --help)\n"},
	{"-o r --nonsense=3", "servfail-scan: --nonsense: no such option (see --help)\n"},
	{"-o r --resolvrs x",
	 "servfail-scan: --resolvrs: no such option; did you mean --resolvers?\n"},
	{"-o r --resolver x",
	 "servfail-scan: --resolver: no such option; did you mean --resolvers?\n"},
	{"-o r --max-run-time=5",
	 "servfail-scan: --max-run-time: no such option; did you mean --max-runtime?\n"},
	{"-o r --x", "servfail-scan: --x: no such option (see --help)\n"},
	{"-o r -t A,", "servfail-scan: --type: '' is no type\n"},
	{"-o r -x", "servfail-scan: -x: no such option (see --help)\n"},
	{"-o r --quiet=3", "servfail-scan: --quiet: takes no argument\n"},
	{"-o r --rate", "servfail-scan: --rate: QPS is missing\n"},
	{"-o", "servfail-scan: --output: DIR is missing\n"},
	{"-o ''", "servfail-scan: --output: DIR must not be empty\n"},
	{"-o r ''", "servfail-scan: the name of a file of names is empty\n"},
	{"-o r - -", "servfail-scan: standard input (\"-\") can be read only once\n"},
	{"-o r --shards 4", "servfail-scan: --shards: say which one with --shard (0 to 3)\n"},
	{"-o r --shards 4 --shard 4", "servfail-scan: --shard: 4 is out of range (0 to 3)\n"},
	{"-o r --vantage a@b", "servfail-scan: --vantage: 'a@b' is no label (letters, digits, and "
			       "._- within; 32 at most)\n"},
	{"-o r --vantage .hidden", "servfail-scan: --vantage: '.hidden' is no label (letters, "
				   "digits, and ._- within; 32 at most)\n"},
	{"-o r --shard 1", "servfail-scan: --shard: 1 is out of range (0 to 0)\n"},
	{"-o r --window 2 --threads 3", "servfail-scan: --window: 2 is less than --threads 3\n"},
	{"-o - --evidence all",
	 "servfail-scan: --evidence: needs a directory, but --output is \"-\"\n"},
};

static void test_refused(void)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		is_int(parse(refused[i].line), 2, refused[i].line);
		is_str(complaint, refused[i].want, "in these words");
		is_str(printed, "", "and no others");
	}
}

static void test_help(void)
{
	int lines = 0, longest = 0;

	is_int(parse("--help"), 0, "--help");
	is_str(complaint, "", "is no complaint");
	ok(strlen(printed) < sizeof(printed) - 1, "it was printed whole");
	for (const char *at = printed; *at; lines++) {
		int len = (int)strcspn(at, "\n");

		longest = len > longest ? len : longest;
		at += len + (at[len] == '\n');
	}
	ok(lines >= 24 && lines <= 50, "it fits a screen: %d lines", lines);
	ok(longest <= 110, "the longest line: %d columns", longest);
	ok(strstr(printed, "--resolver-rate QPS") && strstr(printed, "(500; 0: no limit)"),
	   "options come with their defaults");
	is_int(parse("--version"), 0, "--version");
	is_str(printed, "servfail-scan " SERVFAIL_VERSION "\n", "prints the version");
}

/* --config with that text, then the rest of the command line. */
static int parse_config(const char *text, const char *rest)
{
	char path[] = "/tmp/test_options-XXXXXX", line[512];
	int fd = mkstemp(path), status;
	FILE *file = fdopen(fd, "w");

	fputs(text, file);
	fclose(file);
	snprintf(line, sizeof(line), "--config %s %s", path, rest);
	status = parse(line);
	remove(path);
	return status;
}

static void refuse_config(const char *text, const char *why)
{
	is_int(parse_config(text, "-o run"), 2, why);
	ok(strstr(complaint, why) != NULL, "says so: %s", complaint);
	options_free(&options);
}

static void test_config(void)
{
	int64_t rate = 0, resolver_rate = 0;

	is_int(parse_config("# all\n rate = 5k\n\ntype=MX\ntype = TXT\nzone\nquiet = no\r\n"
			    "exclude = /etc/no thing\n[nightly]\nnames = x\n[scan]\ntries=2\n",
			    "-o run"),
	       OPTIONS_GO, "options from a file");
	is_int(options.rate, 5000, "a number");
	is_int(options.qtype_count, 2, "a list");
	ok(options.zone && !options.quiet, "flags");
	is_str(options.exclude_file, "/etc/no thing", "a text with blanks");
	is_int(options.tries, 2, "behind what is not ours");
	is_str(options.output, "run", "and of the command line");
	ok(!options_reread(&options, &rate, &resolver_rate, stderr), "the file is gone");
	is_int(rate, 5000, "the rate stays");
	options_free(&options);
	is_int(parse_config("rate = 7\ntype = MX\n", "-o run --rate 9 -t A"), OPTIONS_GO, "both");
	is_int(options.rate, 9, "the command line wins");
	is_int(options.qtype_count, 1, "lists are not put together");
	is_int(options.qtypes[0], 1, "A");
	options_free(&options);
	refuse_config("rate = 1\npace = 2\n", ":2: 'pace' is no option");
	refuse_config("rate\n", ":1: rate = QPS: the value is missing");
	refuse_config("zone = maybe\n", "zone is yes or no");
	refuse_config("rate = x\n", ":1: --rate: 'x' is not a number");
	refuse_config("explain\n", "explain is for the command line");
	refuse_config("ra\33[2Jte = 1\n", "'ra\\x1b[2Jte' is no option");
	refuse_config("rate = 5\n[scan\nzone\n", ":2: '[scan' lacks its ]");
	is_int(parse_config("\xef\xbb\xbfrate = 7\n", "-o run"), OPTIONS_GO, "a byte order mark");
	is_int(options.rate, 7, "is none of the name");
	options_free(&options);
	refuse_config("exclude =\n", "FILE must not be empty");
	is_int(parse("--config /nowhere/x -o run"), 2, "a file that is not there");
	ok(strstr(complaint, "/nowhere/x: No such file or directory") != NULL, "says so");
}

int main(void)
{
	test_defaults();
	test_config();
	test_values();
	test_refused();
	test_help();
	return done_testing();
}
