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

bool program_wants_evidence(const struct program *program)
{
	return program->options.evidence != EVIDENCE_NONE && program->options.output != NULL &&
	       !program_to_standard_output(program);
}

bool program_told_to_stop(void *owner)
{
	static const struct timespec now;
	struct program *program = owner;
	int64_t runtime_ns = clock_mono_ns() - program->start_ns;

	if (program->stopped == NULL && sigtimedwait(&program->signals, NULL, &now) > 0)
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
}
