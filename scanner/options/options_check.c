/* SPDX-License-Identifier: BSD-2-Clause */

/* What options mean for each other: defaults that follow from others, and what does not go together. */
#include "scanner/options/options_inside.h"

#include <sched.h>
#include <string.h>

/* Who waits for an explanation waits less than a scan does. */
#define EXPLAIN_RECHECK_MS 3000

/* Was the option of that name given? An option that is not in the table never was. */
static bool was_given(const struct options_parse *parse, const char *name)
{
	for (size_t i = 0; i < options_rows; i++)
		if (strcmp(options_table[i].name, name) == 0)
			return parse->given[i];
	return false;
}

/* CPUs this process may run on: a container's, not the machine's. */
static int64_t cpus_available(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		return 1;
	return CPU_COUNT(&set) < OPTIONS_THREADS_MAX ? CPU_COUNT(&set) : OPTIONS_THREADS_MAX;
}

/* Defaults that depend on other options. */
void options_settle(const struct options_parse *parse)
{
	struct options *options = parse->options;

	if (options->qtype_count == 0)
		options->qtypes[options->qtype_count++] = 1; /* A */
	if (!was_given(parse, "threads")) {
		options->threads = cpus_available();
		if (options->threads > options->window && options->window > 0)
			options->threads = options->window;
	}
	/* A port has one address. */
	if (options->ports < options->source_count)
		options->ports = options->source_count;
	if (options->explain && !was_given(parse, "recheck"))
		options->recheck_ms = EXPLAIN_RECHECK_MS;
	if (options->explain && !was_given(parse, "evidence"))
		options->evidence = EVIDENCE_ALL;
	/* Evidence needs a file of its own, which standard output has no room for. */
	if (options->output && strcmp(options->output, "-") == 0 && !was_given(parse, "evidence"))
		options->evidence = EVIDENCE_NONE;
}

/* It becomes part of resolvers' names in reports, and of folders' names. */
static bool is_label(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";
	size_t len = strspn(text, letters);

	return text[len] == '\0' && len <= OPTIONS_LABEL_MAX && *text != '.' && *text != '-';
}

/* --explain asks for a few names, here and now. */
static int check_explain(const struct options_parse *parse)
{
	const struct options *options = parse->options;
	static const char *const never[] = {"zone", "shards", "resume", "dry-run"};

	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		if (was_given(parse, never[i]))
			return options_complain(parse, "--explain: not together with --%s",
						never[i]);
	if (options->output && strcmp(options->output, "-") == 0)
		return options_complain(parse, "--explain: --output must be a directory");
	if (options->name_count == 0)
		return options_complain(parse, "--explain: which names?");
	if (options->name_count > OPTIONS_EXPLAIN_MAX)
		return options_complain(parse, "--explain: more than %d names are a scan",
					OPTIONS_EXPLAIN_MAX);
	return OPTIONS_GO;
}

/* Options that make no sense together. */
int options_check(const struct options_parse *parse)
{
	const struct options *options = parse->options;
	int stdin_count = 0;

	if (options->explain && check_explain(parse) != OPTIONS_GO)
		return 2;
	if (!options->output && !options->dry_run && !options->explain)
		return options_complain(
			parse, "--output: say where to (a directory, or \"-\"); see --help");
	if (options->resume &&
	    (options->dry_run || !options->output || strcmp(options->output, "-") == 0))
		return options_complain(
			parse, "--resume: needs a run directory (--output), and no --dry-run");
	if (options->shards > 1 && !was_given(parse, "shard"))
		return options_complain(parse, "--shards: say which one with --shard (0 to %lld)",
					(long long)options->shards - 1);
	if (options->shard > 0 && options->shard >= options->shards)
		return options_complain(parse, "--shard: %lld is out of range (0 to %lld)",
					(long long)options->shard, (long long)options->shards - 1);
	if (options->vantage && !is_label(options->vantage))
		return options_complain(
			parse,
			"--vantage: '%s' is no label (letters, digits, and ._- within; %d at most)",
			options->vantage, OPTIONS_LABEL_MAX);
	if (options->threads > options->window && options->window > 0)
		return options_complain(parse, "--window: %lld is less than --threads %lld",
					(long long)options->window, (long long)options->threads);
	if (options->output && strcmp(options->output, "-") == 0 &&
	    options->evidence != EVIDENCE_NONE)
		return options_complain(parse,
					"--evidence: needs a directory, but --output is \"-\"");
	for (int i = 0; i < options->name_count; i++) {
		if (*options->names[i] == '\0')
			return options_complain(parse, "the name of a file of names is empty");
		stdin_count += strcmp(options->names[i], "-") == 0;
	}
	if (stdin_count > 1)
		return options_complain(parse, "standard input (\"-\") can be read only once");
	return OPTIONS_GO;
}
