/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * --explain: a scan of a few names into a directory that is removed afterwards (but for the run
 * directory, where --output names one), judged and told by results/explain.
 */
#include "scanner/program.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/messages.h"
#include "io/outfile.h"
#include "io/standard.h"
#include "results/explain.h"
#include "scanner/dns/name.h"

#define PATH_OCTETS 512
#define NAMES_FILE  "names.txt"

struct explaining {
	char dir[PATH_OCTETS - 16]; /* empty: not made */
	char run[PATH_OCTETS], report[PATH_OCTETS], file[PATH_OCTETS];
	char texts[OPTIONS_EXPLAIN_MAX][NAME_WIRE_MAX + 1];
	const char *names[OPTIONS_EXPLAIN_MAX]; /* each once */
	size_t count;
	const char *list; /* what the options point to */
};

static void add_name(struct explaining *explaining, const struct name *name)
{
	char *text = explaining->texts[explaining->count];

	name_text(text, name->wire, name->wire_len);
	for (size_t i = 0; i < explaining->count; i++)
		if (strcmp(explaining->names[i], text) == 0)
			return;
	explaining->names[explaining->count++] = text;
}

static bool read_names(struct explaining *explaining, struct program *program)
{
	const struct options *options = &program->options;
	bool good = true;

	for (int i = 0; i < options->name_count; i++) {
		const char *text = options->names[i];
		enum name_reason reason;
		struct name name;

		reason = name_normalise(&name, text, strlen(text));
		if (reason == NAME_OK)
			add_name(explaining, &name);
		else
			say(program, "--explain: '%s' is no name: %s", text,
			    name_reason_text(reason));
		good = good && reason == NAME_OK;
	}
	return good;
}

/* The directory, its files, and the options that send a scan there. False: errno says why not. */
static bool set_up(struct explaining *explaining, struct program *program)
{
	const char *base = getenv("TMPDIR");
	struct buf lines = BUF_EMPTY;
	int error = 0;

	if (snprintf(explaining->dir, sizeof(explaining->dir), "%s/servfail-XXXXXX",
		     base != NULL && *base != '\0' ? base : "/tmp") >=
	    (int)sizeof(explaining->dir)) {
		explaining->dir[0] = '\0';
		errno = ENAMETOOLONG;
		return false;
	}
	if (mkdtemp(explaining->dir) == NULL) {
		explaining->dir[0] = '\0';
		return false;
	}
	snprintf(explaining->run, PATH_OCTETS, "%s/run", explaining->dir);
	snprintf(explaining->report, PATH_OCTETS, "%s/report", explaining->dir);
	snprintf(explaining->file, PATH_OCTETS, "%s/" NAMES_FILE, explaining->dir);
	for (size_t i = 0; i < explaining->count; i++)
		buf_addf(&lines, "%s\n", explaining->names[i]);
	error = lines.failed ? -ENOMEM : outfile_put(explaining->file, lines.data, lines.len);
	buf_free(&lines);
	if (error == 0 && mkdir(explaining->report, 0700) != 0)
		error = -errno;
	errno = -error;
	explaining->list = explaining->file;
	program->options.names = &explaining->list;
	program->options.name_count = 1;
	if (program->options.output == NULL)
		program->options.output = explaining->run;
	return error == 0;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int tell(struct explaining *explaining, struct program *program, int status)
{
	struct explain_plan plan = {.run = program->options.output,
				    .report = explaining->report,
				    .names = explaining->names,
				    .count = explaining->count,
				    .messages = messages_open("servfail-scan")};
	struct prose prose;

	if (plan.messages == NULL) {
		say(program, "%s", strerror(errno));
		return EXIT_LOSSES;
	}
	prose_init(&prose, stdout);
	if (!explain(&plan, &prose))
		status = EXIT_LOSSES;
	if (!standard_printed(stdout)) {
		fprintf(plan.messages, "standard output: %s\n", strerror(errno));
		status = EXIT_LOSSES;
	}
	fclose(plan.messages);
	return status;
}

int program_explain(struct program *program, int (*scan)(struct program *program))
{
	struct explaining *explaining = calloc(1, sizeof(*explaining));
	int status = EXIT_NOT_STARTED;

	if (explaining == NULL) {
		say(program, "out of memory");
		return EXIT_NOT_STARTED;
	}
	if (!read_names(explaining, program))
		status = EXIT_USAGE;
	else if (!set_up(explaining, program))
		say(program, "%s: %s",
		    explaining->dir[0] != '\0' ? explaining->dir : "a directory for the scan",
		    strerror(errno));
	else
		status = scan(program);
	if (status == EXIT_DONE || status == EXIT_LOSSES)
		status = tell(explaining, program, status);
	if (explaining->dir[0] != '\0' &&
	    nftw(explaining->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS) != 0)
		say(program, "%s: %s", explaining->dir, strerror(errno));
	free(explaining);
	return status;
}
