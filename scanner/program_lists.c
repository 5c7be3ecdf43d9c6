/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/program.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/lines.h"
#include "io/udp.h"
#include "scanner/dns/name.h"
#include "scanner/lists/onpurpose.h"

/* Resolvers this program cannot or must not ask. */
static bool check_resolvers(const struct program *program, struct buf *errors)
{
	size_t before = errors->len;

	for (size_t r = 0; program->resolvers != NULL && r < program->resolvers->count; r++) {
		const struct resolver *resolver = &program->resolvers->list[r];
		const char *why = NULL;

		if (program->exclude != NULL &&
		    suffixes_match_addr(program->exclude, &resolver->addr))
			why = "is on the list of what is never asked";
		if (why != NULL && program->options.resolvers_file != NULL)
			buf_addf(errors, "%s:%u: '%s': %s\n", program->options.resolvers_file,
				 resolver->line, resolver->text, why);
		else if (why != NULL)
			buf_addf(errors, "resolver %s: %s\n", resolver->text, why);
	}
	return errors->len == before;
}

int program_load_lists(struct program *program)
{
	struct buf errors = BUF_EMPTY, warnings = BUF_EMPTY;
	const struct options *options = &program->options;
	int status = EXIT_USAGE;
	bool good = true;

	program->resolvers = resolvers_load(options->resolvers_file, &errors, &warnings);
	good = program->resolvers != NULL;
	if (good)
		good = resolvers_trust(program->resolvers, options->tls_ca_file, &errors);
	good = controls_load(&program->controls, options->controls_file, &errors) && good;
	/* as with --tls-ca: what is given has to be right, needed or not */
	if (options->evidence != EVIDENCE_NONE || options->root_hints_file != NULL ||
	    options->trust_anchor_file != NULL)
		good = hints_load(&program->hints, options->root_hints_file,
				  options->trust_anchor_file, &errors) &&
		       good;
	if (options->exclude_file != NULL) {
		program->exclude = suffixes_create();
		good = program->exclude != NULL &&
		       suffixes_load(program->exclude, options->exclude_file, &errors) && good;
	}
	good = onpurpose_load(&program->broken, options->broken_on_purpose_file, &errors) && good;
	good = check_resolvers(program, &errors) && good;
	if (!good && errors.len == 0) {
		say(program, "out of memory");
		status = EXIT_NOT_STARTED;
	}
	program_complain(program, &warnings);
	program_complain(program, &errors);
	return good ? EXIT_DONE : status;
}

/* An address that is not ours would make every query unsendable. */
int program_check_sources(struct program *program)
{
	for (int i = 0; i < program->options.source_count; i++) {
		const struct addr *source = &program->options.sources[i];
		int fd = udp_open(source->sa.sa_family, source, 0);
		char text[ADDR_TEXT_MAX];

		if (fd < 0) {
			say(program, "--source: %s: %s", addr_format(source, 0, text),
			    strerror(errno));
			return EXIT_NOT_STARTED;
		}
		close(fd);
	}
	return EXIT_DONE;
}

/* lines_foreign() of a file, NULL where it cannot be read. */
static const char *foreign_file(const char *path)
{
	char octets[16];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? 0 : read(fd, octets, sizeof(octets));

	if (fd >= 0)
		close(fd);
	return len > 0 ? lines_foreign(octets, (size_t)len) : NULL;
}

/* Could it have been meant as the name to ask for? */
static bool is_domain(const char *text)
{
	struct name name;

	return strchr(text, '.') != NULL && name_normalise(&name, text, strlen(text)) == NAME_OK;
}

/* Nothing is asked of anybody when there is nothing to ask for. A single file that is missing among
 * others is said later. */
int program_check_input(struct program *program)
{
	const struct options *options = &program->options;
	struct buf errors = BUF_EMPTY;
	int bad = 0;

	for (int i = 0; i < options->name_count; i++) {
		struct stat st;
		int error = 0;

		const char *foreign;

		if (strcmp(options->names[i], "-") == 0)
			continue;
		if (stat(options->names[i], &st) != 0 || access(options->names[i], R_OK) != 0)
			error = errno;
		else if (S_ISDIR(st.st_mode))
			error = EISDIR;
		foreign =
			error == 0 && S_ISREG(st.st_mode) ? foreign_file(options->names[i]) : NULL;
		if (foreign != NULL)
			buf_addf(&errors, "%s: %s\n", options->names[i], foreign);
		else if (error != 0)
			buf_addf(&errors, "%s: %s%s\n", options->names[i], strerror(error),
				 error == ENOENT && is_domain(options->names[i])
					 ? " (files of names are wanted; --explain takes names)"
					 : "");
		bad += error != 0 || foreign != NULL;
	}
	if (bad == 0 || bad < options->name_count) {
		buf_free(&errors);
		return EXIT_DONE;
	}
	program_complain(program, &errors);
	return EXIT_NOT_STARTED;
}
