/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/program.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "io/clock.h"

void program_complain(struct program *program, struct buf *text)
{
	const char *line = buf_text(text), *end;

	for (; line != NULL && *line != '\0'; line = *end != '\0' ? end + 1 : end) {
		end = strchrnul(line, '\n');
		say(program, "%.*s", (int)(end - line), line);
	}
	buf_free(text);
}

bool program_to_standard_output(const struct program *program)
{
	return program->options.output != NULL && strcmp(program->options.output, "-") == 0;
}

bool program_is_signalled(struct program *program, int64_t wait_ns)
{
	const struct timespec wait = {.tv_nsec = wait_ns};

	switch (sigtimedwait(&program->signals, NULL, &wait)) {
	case SIGUSR1:
		program->asked_status = true;
		return false;
	case SIGUSR2:
		program->asked_rate = true;
		return false;
	case -1: /* none */
		return false;
	default:
		return true;
	}
}

bool program_told_to_stop(void *owner)
{
	struct program *program = owner;
	int64_t runtime_ns = clock_mono_ns() - program->start_ns;

	if (program->stopped == NULL && program_is_signalled(program, 0))
		program->stopped = "signal";
	if (program->stopped == NULL && program->options.max_runtime_ms > 0 &&
	    runtime_ns > program->options.max_runtime_ms * NS_PER_MS)
		program->stopped = "max-runtime";
	return program->stopped != NULL;
}

void program_clean_up(struct program *program)
{
	manifest_destroy(&program->manifest);
	journal_destroy(&program->journal);
	buf_free(&program->calibrated);
	resolvers_destroy(&program->resolvers);
	suffixes_destroy(&program->exclude);
	buf_free(&program->broken);
	free(program->calibrations);
	free(program->rcodes);
	free(program->dropped);
	progress_close(&program->progress);
	options_free(&program->options);
}
