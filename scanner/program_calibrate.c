/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/program.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "io/confine.h"
#include "scanner/ask/calibrate.h"
#include "scanner/run/rundir.h"

/* Behind the header the rows from before the run was resumed, then those of this one. */
static bool put_calibrations(struct program *program, const char *text, size_t len,
			     struct buf *errors)
{
	size_t header = (size_t)(strchrnul(text, '\n') - text) + 1;
	struct buf all = BUF_EMPTY;
	bool good;

	buf_add(&all, text, header);
	buf_add(&all, program->calibrated.data, program->calibrated.len);
	buf_add(&all, text + header, len - header);
	if (all.failed)
		buf_add_str(errors, "resolvers.csv: out of memory\n");
	good = !all.failed &&
	       rundir_put(program->options.output, "resolvers.csv", all.data, all.len, errors);
	buf_free(&all);
	return good;
}

static void write_calibrations(struct program *program, size_t phases)
{
	size_t rows = phases * program->resolvers->count, used;
	struct buf errors = BUF_EMPTY;
	char *text;

	if (program_to_standard_output(program))
		return;
	text = malloc((rows + 1) * CALIBRATION_MAX);
	if (text == NULL) {
		buf_add_str(&errors, "resolvers.csv: out of memory\n");
		program->losses = true;
	} else {
		used = csv_header(text, calibration_columns);
		for (size_t i = 0; i < rows; i++)
			if (program->calibrations[i].controls_asked >=
			    0) /* else it was dropped before */
				used += calibration_write(text + used, &program->calibrations[i]);
		if (!put_calibrations(program, text, used, &errors))
			program->losses = true;
	}
	program_complain(program, &errors);
	free(text);
}

struct examination {
	struct calibrate_config config;
	struct calibration *found;
	int error; /* 0: it is done */
};

static void *examine(void *arg)
{
	struct examination *all = arg;

	(void)confine_thread();
	if (!calibrate(&all->config, all->found))
		all->error = errno != 0 ? errno : ENOMEM;
	return NULL;
}

/* In a thread of its own, for that one reads what strangers send. False: errno says why. */
static bool calibrate_all(struct program *program, enum phase phase, struct calibration *found)
{
	struct examination all = {
		.config =
			{
				.controls = &program->controls,
				.resolvers = program->resolvers,
				.options = &program->options,
				.skip = phase == PHASE_BEFORE ? NULL : program->dropped,
				.phase = phase,
				.stop = program_told_to_stop,
				.owner = program,
				.rcodes = phase == PHASE_BEFORE ? program->rcodes : NULL,
			},
		.found = found,
	};
	pthread_t thread;
	int error = pthread_create(&thread, NULL, examine, &all);

	if (error == 0) {
		pthread_join(thread, NULL);
		error = all.error;
	}
	errno = error;
	return error == 0;
}

/* Whom to ask in letters by lot. before: nothing is known of them yet. */
static void choose_casing(struct program *program, bool before)
{
	int casing = program->options.casing;

	for (size_t r = 0; r < program->resolvers->count; r++)
		program->resolvers->list[r].cased =
			casing == CASING_ON || (casing == CASING_AUTO && !before &&
						program->calibrations[r].keeps_case == TRI_YES);
}

/* Where nobody validates, a name that DNSSEC breaks looks like any other. */
static void say_blind(struct program *program)
{
	bool seeing = false, blind = false;

	for (size_t r = 0; r < program->resolvers->count; r++) {
		seeing |= !program->dropped[r] && program->calibrations[r].validates == TRI_YES;
		blind |= !program->dropped[r] && program->calibrations[r].validates == TRI_NO;
	}
	if (blind && !seeing)
		say(program, "no resolver validates: what is broken in DNSSEC will not be seen");
}

int program_calibrate_before(struct program *program)
{
	size_t count = program->resolvers->count, left = count;

	program->calibrations = calloc(3 * count, sizeof(*program->calibrations));
	program->rcodes = calloc(count * (program->controls.count + 1), sizeof(*program->rcodes));
	program->dropped = calloc(count, sizeof(*program->dropped));
	for (size_t i = 0; program->calibrations != NULL && i < 3 * count; i++)
		calibration_init(&program->calibrations[i]);
	choose_casing(program, true);
	if (program->calibrations == NULL || program->rcodes == NULL || program->dropped == NULL ||
	    !calibrate_all(program, PHASE_BEFORE, program->calibrations)) {
		say(program, "cannot ask the resolvers: %s", strerror(errno));
		return EXIT_NOT_STARTED;
	}
	for (size_t r = 0; r < count; r++) {
		const char *unfit = calibration_unfit(&program->calibrations[r]);

		if (unfit == NULL && program->resumed && journal_head(program->journal)->dropped[r])
			unfit = "was dropped when the run was begun";
		if (unfit == NULL)
			continue;
		if (program->calibrations[r].tls_problem != NULL)
			say(program, "resolver %s %s (TLS: %s): dropped",
			    program->resolvers->list[r].text, unfit,
			    program->calibrations[r].tls_problem);
		else
			say(program, "resolver %s %s: dropped", program->resolvers->list[r].text,
			    unfit);
		program->calibrations[r].marks |= CALIBRATION_DROPPED;
		program->dropped[r] = true;
		program->losses = true;
		left--;
	}
	choose_casing(program, false);
	write_calibrations(program, 1);
	if (left > 0) {
		say_blind(program);
		return EXIT_DONE;
	}
	say(program, "no resolver is left to ask");
	return EXIT_NOT_STARTED;
}

void program_calibrate_after(struct program *program)
{
	bool done;

	if (program->controls.count == 0)
		return;
	write_calibrations(program, 2);
	if (program->stopped != NULL || program->options.explain)
		return;
	done = calibrate_all(program, PHASE_AFTER,
			     program->calibrations + 2 * program->resolvers->count);
	if (done && program->stopped == NULL)
		write_calibrations(program, 3);
	else
		say(program, "the resolvers were not looked at again after the scan: %s",
		    done ? program->stopped : strerror(errno));
	program->stopped = NULL;
}
