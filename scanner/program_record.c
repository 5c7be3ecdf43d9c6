/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/program.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/clock.h"
#include "io/lines.h"
#include "scanner/lists/onpurpose.h"
#include "scanner/resume.h"
#include "scanner/run/rundir.h"

static bool record_option(void *owner, const char *name, const char *value)
{
	return manifest_add_option(owner, name, value);
}

/* What is asked of this run; parts and totals come later. NULL when out of memory. */
static struct manifest *make_manifest(const struct program *program)
{
	struct manifest *manifest = manifest_create();
	char host[256] = "";
	bool good;

	if (manifest == NULL)
		return NULL;
	(void)gethostname(host, sizeof(host) - 1);
	manifest->seed = (uint64_t)program->options.seed;
	manifest->start_ms = clock_wall_ns() / NS_PER_MS;
	good = manifest_set(&manifest->program, "servfail-scan") &&
	       manifest_set(&manifest->version, SERVFAIL_VERSION) &&
	       manifest_set(&manifest->host, host) &&
	       manifest_set(&manifest->vantage, program->options.vantage);
	for (size_t r = 0; good && r < program->resolvers->count; r++)
		good = manifest_add_resolver(manifest, program->resolvers->list[r].text);
	if (!good || !options_each(&program->options, record_option, manifest))
		manifest_destroy(&manifest);
	return manifest;
}

int program_make_directory(struct program *program)
{
	const struct buf *broken = &program->broken;
	struct buf errors = BUF_EMPTY;
	bool good = true;

	if (!program_to_standard_output(program))
		good = rundir_make(program->options.output, program->options.resume, &errors);
	if (good && !program_to_standard_output(program) && !program->options.resume)
		good = rundir_put(program->options.output, ONPURPOSE_FILE, broken->data,
				  broken->len, &errors);
	program_complain(program, &errors);
	return good ? EXIT_DONE : EXIT_NOT_STARTED;
}

/* ---- resuming ---- */

/* Of a run that came to its end nothing is left to resume. */
static int leave_complete(struct program *program, const struct manifest *then)
{
	struct manifest *now = make_manifest(program);
	struct buf errors = BUF_EMPTY;
	bool same;

	if (now == NULL) {
		say(program, "out of memory");
		return EXIT_NOT_STARTED;
	}
	same = resume_is_same(then, now, &errors);
	manifest_destroy(&now);
	program_complain(program, &errors);
	say(program, "%s: the run is complete, there is nothing left to resume",
	    program->options.output);
	program->nothing_to_do = true;
	return same ? EXIT_DONE : EXIT_USAGE;
}

/* Without a record of a run there is none to go on with: it begins, unless it came to its end. */
static int begin_instead(struct program *program)
{
	char path[4096], why[MANIFEST_WHY_MAX];
	struct manifest *manifest;
	struct buf errors = BUF_EMPTY;
	int status;
	bool good;

	snprintf(path, sizeof(path), "%s/run.json", program->options.output);
	manifest = manifest_read(path, why);
	if (manifest != NULL && manifest->complete) {
		status = leave_complete(program, manifest);
		manifest_destroy(&manifest);
		return status;
	}
	manifest_destroy(&manifest);
	good = rundir_is_free(program->options.output, &errors) &&
	       rundir_put(program->options.output, ONPURPOSE_FILE, program->broken.data,
			  program->broken.len, &errors);
	program_complain(program, &errors);
	return good ? EXIT_DONE : EXIT_NOT_STARTED;
}

/* The rows of resolvers.csv are kept: they tell what the resolvers were able to know when what is
 * there was asked. */
static void keep_calibrations(struct program *program)
{
	char path[4096];
	struct lines *lines;
	struct line line;

	snprintf(path, sizeof(path), "%s/resolvers.csv", program->options.output);
	lines = lines_open(path);
	while (lines != NULL && lines_next(lines, &line) > 0)
		if (line.number > 1 && line.len > 0)
			buf_addf(&program->calibrated, "%.*s\n", (int)line.len, line.text);
	lines_close(&lines);
}

int program_resume(struct program *program)
{
	struct buf errors = BUF_EMPTY;
	struct manifest *manifest;
	char why[MANIFEST_WHY_MAX];
	bool missing, good;

	if (!program->options.resume)
		return EXIT_DONE;
	program->journal = journal_load(program->options.output, &missing, why);
	if (program->journal == NULL && missing)
		return begin_instead(program);
	if (program->journal == NULL) {
		say(program, "%s/" JOURNAL_FILE ": %s", program->options.output, why);
		return EXIT_NOT_STARTED;
	}
	manifest = make_manifest(program);
	if (manifest == NULL) {
		say(program, "out of memory");
		return EXIT_NOT_STARTED;
	}
	good = resume_check(program->journal, manifest, &program->options, &errors);
	manifest_destroy(&manifest);
	program_complain(program, &errors);
	program->resumed = good;
	if (good)
		keep_calibrations(program);
	return good ? EXIT_DONE : EXIT_USAGE;
}

bool program_keep_journal(struct program *program)
{
	struct buf errors = BUF_EMPTY;
	bool good = true;

	if (program->resumed) {
		good = rundir_take_up(program->options.output, journal_manifest(program->journal),
				      &errors);
	} else if (!program_to_standard_output(program)) {
		program->journal = resume_begin(&program->options, program->resolvers,
						program->dropped, make_manifest(program));
		good = program->journal != NULL;
		if (!good)
			buf_add_str(&errors, "out of memory\n");
	}
	program_complain(program, &errors);
	return good;
}

bool program_start_manifest(struct program *program)
{
	const struct manifest *before =
		program->resumed ? journal_manifest(program->journal) : NULL;
	bool good = (program->manifest = make_manifest(program)) != NULL;

	if (good && before != NULL)
		program->manifest->start_ms = before->start_ms;
	for (size_t i = 0; good && before != NULL && i < before->part_count; i++)
		good = manifest_add_part(program->manifest, before->parts[i].name,
					 before->parts[i].rows, before->parts[i].octets,
					 before->parts[i].sha256);
	return good;
}

bool program_write_manifest(struct program *program)
{
	char path[4096];
	int error;

	if (program_to_standard_output(program))
		return true;
	snprintf(path, sizeof(path), "%s/run.json", program->options.output);
	error = manifest_write(program->manifest, path);
	if (error != 0)
		say(program, "%s: %s", path, strerror(-error));
	return error == 0;
}
