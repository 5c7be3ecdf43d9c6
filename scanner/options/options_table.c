/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/options/options_inside.h"

#include <string.h>

static const char *const group_titles[GROUP_COUNT] = {
	"What to ask, and whom",
	"What to find out",
	"How fast and how long",
	"The run",
};

#define AT(field) offsetof(struct options, field)

/* The only place that knows the options; --help shows them in this order. */
/* clang-format off */
const struct options_row options_table[] = {
	{"resolvers", 'r', "FILE", KIND_TEXT, GROUP_ASK, AT(resolvers_file), 0, 0, NULL,
	 "[tcp://|tls://]IP[:PORT] a line, or here (8.8.8.8,1.1.1.1,9.9.9.9)"},
	{"resolvers-per-name", 0, "N", KIND_COUNT, GROUP_ASK, AT(resolvers_per_name), 0, 64, "0",
	 "ask so many of them for each name, by its hash (%d: all)"},
	{"tls-ca", 0, "FILE", KIND_TEXT, GROUP_ASK, AT(tls_ca_file), 0, 0, NULL,
	 "authorities that may certify resolvers, PEM (the system's)"},
	{"0x20", 0, "off|auto|on", KIND_CHOICE, GROUP_ASK, AT(casing), 0, 0, "off",
	 "letters in upper and lower case by lot, against forgery (%d)"},
	{"source", 0, "IP[,IP...]", KIND_SOURCE, GROUP_ASK, 0, 0, 0, NULL,
	 "addresses to ask from, in turn (the system's choice)"},
	{"type", 't', "TYPE[,TYPE...]", KIND_TYPE, GROUP_ASK, 0, 0, 0, NULL,
	 "QTYPEs, 8 at most (A)"},
	{"zone", 0, NULL, KIND_FLAG, GROUP_ASK, AT(zone), 0, 0, NULL,
	 "NAMES are zone files: ask every delegated name once"},
	{"exclude", 0, "FILE", KIND_TEXT, GROUP_ASK, AT(exclude_file), 0, 0, NULL,
	 "names, suffixes and networks never to be asked"},
	{"shards", 0, "N", KIND_COUNT, GROUP_ASK, AT(shards), 1, 1e6, "1",
	 "split the names and the rates into N parts ..."},
	{"shard", 0, "I", KIND_COUNT, GROUP_ASK, AT(shard), 0, 1e6 - 1, "0",
	 "... and ask part I only, from 0"},
	{"seed", 0, "N", KIND_COUNT, GROUP_ASK, AT(seed), 0, 9e15, "0",
	 "another seed makes other shards and choices of resolvers (%d)"},
	{"vantage", 0, "LABEL", KIND_TEXT, GROUP_ASK, AT(vantage), 0, 0, NULL,
	 "where this is asked from, kept in run.json"},

	{"pairs", 0, "always|failed", KIND_CHOICE, GROUP_FIND, AT(pairs), 0, 0, "always",
	 "CD=1 for every name, or only after a failure (%d)"},
	{"evidence", 0, "none|failed|all", KIND_CHOICE, GROUP_FIND, AT(evidence), 0, 0, "failed",
	 "look for the reasons (%d)"},
	{"recheck", 0, "SECONDS", KIND_SECONDS, GROUP_FIND, AT(recheck_ms), 0, 86400, "20",
	 "ask what failed again, that long after (%d; 0: not)"},
	{"controls", 0, "FILE|none", KIND_TEXT, GROUP_FIND, AT(controls_file), 0, 0, NULL,
	 "NAME good|bogus|unsigned|nxdomain|filtered a line (known ones)"},
	{"broken-on-purpose", 0, "FILE", KIND_TEXT, GROUP_FIND, AT(broken_on_purpose_file), 0, 0, NULL,
	 "names broken for tests, with all below them (the known ones)"},
	{"root-hints", 0, "FILE", KIND_TEXT, GROUP_FIND, AT(root_hints_file), 0, 0, NULL,
	 "where the evidence starts (the root servers)"},
	{"trust-anchor", 0, "FILE", KIND_TEXT, GROUP_FIND, AT(trust_anchor_file), 0, 0, NULL,
	 "DS or DNSKEY the evidence trusts (the root's)"},

	{"rate", 0, "QPS", KIND_COUNT, GROUP_PACE, AT(rate), 0, 1e9, "2000",
	 "queries a second in all (%d; 0: no limit)"},
	{"resolver-rate", 0, "QPS", KIND_COUNT, GROUP_PACE, AT(resolver_rate), 0, 1e9, "500",
	 "... to each resolver, less where it is overloaded (%d; 0: no limit)"},
	{"window", 0, "N", KIND_COUNT, GROUP_PACE, AT(window), 1, 1e6, "10000",
	 "pairs in flight (%d)"},
	{"timeout", 0, "SECONDS", KIND_SECONDS, GROUP_PACE, AT(timeout_ms), 0.1, 300, "15",
	 "for one query over all its tries (%d)"},
	{"tries", 0, "N", KIND_COUNT, GROUP_PACE, AT(tries), 1, 8, "3",
	 "how often to send a query (%d)"},
	{"max-runtime", 0, "SECONDS", KIND_SECONDS, GROUP_PACE, AT(max_runtime_ms), 0, 1e8, "0",
	 "stop after that long (0: when all is done)"},
	{"max-silence", 0, "SECONDS", KIND_SECONDS, GROUP_PACE, AT(max_silence_ms), 0, 1e8, "1800",
	 "stop when no resolver was heard for that long (%d; 0: wait)"},
	{"threads", 0, "N", KIND_COUNT, GROUP_PACE, AT(threads), 1, OPTIONS_THREADS_MAX, NULL,
	 "worker threads (one a CPU)"},
	{"ports", 0, "N", KIND_COUNT, GROUP_PACE, AT(ports), 1, 256, "8",
	 "UDP sockets a thread (%d)"},
	{"connections", 0, "N", KIND_COUNT, GROUP_PACE, AT(connections), 1, 64, "16",
	 "TCP or TLS connections to a resolver, where one will not do (%d)"},

	{"config", 0, "FILE", KIND_TEXT, GROUP_RUN, AT(config_file), 0, 0, NULL,
	 "options, \"name = value\" a line; the command line wins"},
	{"output", 'o', "DIR", KIND_TEXT, GROUP_RUN, AT(output), 0, 0, NULL,
	 "the run directory; \"-\": pairs as gzipped CSV on standard output"},
	{"resume", 0, NULL, KIND_FLAG, GROUP_RUN, AT(resume), 0, 0, NULL,
	 "go on with the run that was stopped or killed in DIR"},
	{"status-updates-file", 0, "FILE", KIND_TEXT, GROUP_RUN, AT(status_updates_file), 0, 0, NULL,
	 "a JSON line a second about progress"},
	{"metrics", 0, "FILE", KIND_TEXT, GROUP_RUN, AT(metrics_file), 0, 0, NULL,
	 "Prometheus textfile about progress, every 10 s"},
	{"log-file", 0, "FILE", KIND_TEXT, GROUP_RUN, AT(log_file), 0, 0, NULL,
	 "messages are added there, not told on standard error"},
	{"explain", 0, NULL, KIND_FLAG, GROUP_RUN, AT(explain), 0, 0, NULL,
	 "NAMES are names: say of each what is wrong, and how one knows"},
	{"dry-run", 0, NULL, KIND_FLAG, GROUP_RUN, AT(dry_run), 0, 0, NULL,
	 "check options and lists, count names and queries, ask nothing"},
	{"quiet", 'q', NULL, KIND_FLAG, GROUP_RUN, AT(quiet), 0, 0, NULL,
	 "no progress lines"},
	{"version", 0, NULL, KIND_VERSION, GROUP_RUN, 0, 0, 0, NULL,
	 "the version"},
	{"help", 'h', NULL, KIND_HELP, GROUP_RUN, 0, 0, 0, NULL,
	 "this text"},
};
/* clang-format on */

_Static_assert(sizeof(options_table) / sizeof(options_table[0]) <= OPTIONS_ROWS_MAX,
	       "a list of all options has to hold them");
const size_t options_rows = sizeof(options_table) / sizeof(options_table[0]);

void options_help(FILE *out)
{
	fprintf(out, "Usage: " OPTIONS_PROGRAM " [OPTION]... [NAMES]...\n"
		     "Asks every resolver for every name twice, CD=0 then CD=1, and writes what "
		     "came back.\n"
		     "NAMES: files of names, one a line, plain or .gz; \"-\" or none: standard "
		     "input.\n");
	for (enum group group = 0; group < GROUP_COUNT; group++) {
		fprintf(out, "%s:\n", group_titles[group]);
		for (const struct options_row *row = options_table;
		     row < options_table + options_rows; row++) {
			char head[64], letter[5] = "    ";
			const char *gap = strstr(row->help, "%d");

			if (row->group != group)
				continue;
			if (row->letter)
				snprintf(letter, sizeof(letter), "-%c, ", row->letter);
			snprintf(head, sizeof(head), "%s--%s%s%s", letter, row->name,
				 row->arg ? " " : "", row->arg ? row->arg : "");
			fprintf(out, "  %-30s ", head);
			if (gap)
				fprintf(out, "%.*s%s%s\n", (int)(gap - row->help), row->help,
					row->initial, gap + 2);
			else
				fprintf(out, "%s\n", row->help);
		}
	}
	fprintf(out,
		"N and QPS may end in k or M. The default stands in brackets. See " OPTIONS_PROGRAM
		"(1).\n");
}
