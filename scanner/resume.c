/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/resume.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/hash.h"
#include "io/random.h"

/* So much of a file is looked at from its beginning, and from its end. */
#define LOOK (64 * 1024)

/* Options that decide which rows there are. */
static const char *const fixed[] = {"type",  "zone",	 "shards",  "shard",  "seed",
				    "pairs", "evidence", "recheck", "vantage"};

/* ---- files that must not change ---- */

/* False: it cannot be read. */
static bool hash_more(int fd, off_t at, uint64_t *hash)
{
	char *octets = malloc(LOOK);
	ssize_t got = octets != NULL ? pread(fd, octets, LOOK, at) : -1;

	if (got >= 0)
		*hash = hash_octets(octets, (size_t)got, *hash);
	free(octets);
	return got >= 0;
}

/* Of a pipe nothing is known, and it is not opened: its writer would take that for its reader; nor
 * of what cannot be read just now. Of what is not there, only that. */
static struct journal_input look_at(const char *path)
{
	bool standard_input = strcmp(path, "-") == 0;
	struct journal_input input = {0, 0};
	struct stat st;
	bool good;
	int fd;

	if ((standard_input ? fstat(STDIN_FILENO, &st) : stat(path, &st)) != 0)
		return (struct journal_input){0, 1};
	if (!S_ISREG(st.st_mode))
		return input;
	fd = standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	input = (struct journal_input){(uint64_t)st.st_size, 1};
	good = hash_more(fd, 0, &input.hash) &&
	       (st.st_size <= LOOK || hash_more(fd, st.st_size - LOOK, &input.hash));
	input.hash |= 1;
	if (fd >= 0 && !standard_input)
		close(fd);
	return good ? input : (struct journal_input){0, 0};
}

/* The files of names, and at the end the list of what is excluded. */
static const char *input_path(const struct options *options, uint32_t i)
{
	if (options->name_count == 0 && i == 0)
		return "-";
	if (i < (uint32_t)options->name_count)
		return options->names[i];
	return options->exclude_file;
}

static uint32_t inputs(const struct options *options)
{
	return (options->name_count == 0 ? 1 : (uint32_t)options->name_count) +
	       (options->exclude_file != NULL);
}

/* ---- the beginning ---- */

struct journal *resume_begin(const struct options *options, const struct resolvers *resolvers,
			     const bool *dropped, struct manifest *manifest)
{
	struct random random = RANDOM_INIT;
	struct journal_head head = {
		.resolvers = (uint32_t)resolvers->count,
		.qtypes = (uint32_t)options->qtype_count,
		.seen_key = (uint64_t)random_u32(&random) << 32 | random_u32(&random),
		.input_count = inputs(options),
	};

	head.dropped = calloc(head.resolvers, sizeof(*head.dropped));
	head.inputs = calloc(head.input_count, sizeof(*head.inputs));
	if (head.dropped == NULL || head.inputs == NULL || manifest == NULL) {
		free(head.dropped);
		free(head.inputs);
		manifest_destroy(&manifest);
		return NULL;
	}
	memcpy(head.dropped, dropped, head.resolvers * sizeof(*dropped));
	for (uint32_t i = 0; i < head.input_count; i++)
		head.inputs[i] = look_at(input_path(options, i));
	return journal_create(options->output, &head, manifest);
}

/* ---- the comparison ---- */

static const char *option(const struct manifest *manifest, const char *name)
{
	for (size_t i = 0; i < manifest->option_count; i++)
		if (strcmp(manifest->options[i].name, name) == 0)
			return manifest->options[i].value;
	return "";
}

static void check_options(const struct manifest *then, const struct manifest *now,
			  struct buf *errors)
{
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		if (strcmp(option(then, fixed[i]), option(now, fixed[i])) != 0)
			buf_addf(errors, "--resume: the run was begun with --%s %s, not %s\n",
				 fixed[i], option(then, fixed[i]), option(now, fixed[i]));
}

static void check_resolvers(const struct manifest *then, const struct manifest *now,
			    struct buf *errors)
{
	if (then->resolver_count != now->resolver_count) {
		buf_addf(errors, "--resume: the run was begun with %zu resolvers, not %zu\n",
			 then->resolver_count, now->resolver_count);
		return;
	}
	for (size_t r = 0; r < now->resolver_count; r++) {
		if (strcmp(then->resolvers[r], now->resolvers[r]) == 0)
			continue;
		buf_addf(errors,
			 "--resume: the run was begun with other resolvers: %s, where now %s is\n",
			 then->resolvers[r], now->resolvers[r]);
		return;
	}
}

static void check_inputs(const struct journal_head *head, const struct options *options,
			 struct buf *errors)
{
	if (head->input_count != inputs(options)) {
		buf_addf(errors,
			 "--resume: the run was begun with %u files of names and exclusions, not "
			 "%u\n",
			 head->input_count, inputs(options));
		return;
	}
	for (uint32_t i = 0; i < head->input_count; i++) {
		struct journal_input then = head->inputs[i], now = look_at(input_path(options, i));

		if (then.hash != 0 && now.hash != 0 &&
		    (then.hash != now.hash || then.size != now.size))
			buf_addf(errors, "--resume: %s is not what it was when the run was begun\n",
				 input_path(options, i));
	}
}

bool resume_is_same(const struct manifest *then, const struct manifest *now, struct buf *errors)
{
	size_t before = errors->len;

	check_options(then, now, errors);
	check_resolvers(then, now, errors);
	return errors->len == before && !errors->failed;
}

bool resume_check(struct journal *journal, const struct manifest *manifest,
		  const struct options *options, struct buf *errors)
{
	const struct journal_head *head = journal_head(journal);
	const struct manifest *then = journal_manifest(journal);
	size_t before = errors->len;

	if (then->version != NULL && strcmp(then->version, manifest->version) != 0)
		buf_addf(errors, "--resume: the run was begun by version %s, this is %s\n",
			 then->version, manifest->version);
	if (then->version != NULL)
		check_options(then, manifest, errors);
	if (errors->len == before &&
	    (then->version == NULL || head->qtypes != (uint32_t)options->qtype_count ||
	     head->resolvers != then->resolver_count))
		buf_addf(errors, "--resume: " JOURNAL_FILE " is damaged\n");
	check_resolvers(then, manifest, errors);
	check_inputs(head, options, errors);
	return errors->len == before && !errors->failed;
}
