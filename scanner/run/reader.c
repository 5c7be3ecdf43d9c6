/* SPDX-License-Identifier: BSD-2-Clause */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/lines.h"
#include "io/random.h"
#include "scanner/run/reader_inside.h"

#define PROBLEMS_MAX 50 /* messages kept; more are only counted */

static void set(_Atomic uint64_t *counter, uint64_t value)
{
	atomic_store_explicit(counter, value, memory_order_relaxed);
}

void reader_complain(struct reader *reader, const char *file, const char *what)
{
	if (reader->problem_count++ < PROBLEMS_MAX)
		buf_addf(&reader->problems, "%s: %s\n", file, what);
}

/* ---- files to names ---- */

static void take_zone_names(struct reader *reader)
{
	struct zonefile_name name;

	while (zonefile_next(reader->zone, &name))
		reader_take(reader, &name);
}

static void take_line(struct reader *reader, const struct line *line)
{
	size_t skip = line->number == 1 ? name_bom(line->text, line->len) : 0;
	const char *text = line->text + skip;
	size_t len = line->len - skip;
	enum name_reason reason = NAME_LINE_TOO_LONG;

	reader_count(&reader->counters.lines, 1);
	if (!reader->zone && !line->too_long) {
		struct zonefile_name source = {.text = text, .len = len, .line = line->number};

		reader_take(reader, &source);
		return;
	}
	/* In a zone file long lines are long records, which have their owner and type in front. */
	if (reader->zone)
		reason = zonefile_line(reader->zone, text, len, line->too_long);
	if (reason == NAME_OK)
		take_zone_names(reader);
	else if (reason == NAME_BLANK)
		reader_count(&reader->counters.blank, 1);
	else
		reader_reject(reader, line->number, reason, text, len);
}

/*
 * Called before each read of a file: while that would wait, what is there is handed out, and
 * reader_stop() can end the waiting. False: stop.
 */
static bool may_read(void *owner, int fd)
{
	struct reader *reader = owner;
	struct pollfd polled[2] = {{.fd = fd, .events = POLLIN},
				   {.fd = reader->wake, .events = POLLIN}};

	if (!reader_stopped(reader) && poll(polled, 2, 0) == 0) {
		if (reader->ordinal >= reader->past.end)
			reader_hand_out(reader);
		while (!reader_stopped(reader) && poll(polled, 2, -1) < 0 && errno == EINTR)
			continue;
	}
	return !reader_stopped(reader);
}

static void update_position(struct reader *reader, const struct lines *lines)
{
	uint64_t size, position = lines_position(lines, &size);

	set(&reader->counters.position, position);
	set(&reader->counters.size, size);
}

static void broken(struct reader *reader, const struct lines *lines, uint64_t line)
{
	char what[256];

	snprintf(what, sizeof(what), "after line %llu: %s", (unsigned long long)line,
		 lines_error(lines));
	reader_complain(reader, reader->file, what);
	reader_count(&reader->counters.files_failed, 1);
}

/* Opening a FIFO must not wait for its writer either; the first read will (may_read()). */
static struct lines *open_file(const char *path)
{
	int fd;

	if (strcmp(path, "-") == 0)
		return lines_open(path);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return fd < 0 ? NULL : lines_fd(fd);
}

static void read_file(struct reader *reader, const char *path)
{
	struct lines *lines = open_file(path);
	struct line line = {.number = 0};
	const char *foreign = NULL;
	int got = 0;

	reader->file = path;
	if (!lines) {
		reader_complain(reader, path, strerror(errno));
		reader_count(&reader->counters.files_failed, 1);
		return;
	}
	lines_on_wait(lines, may_read, reader);
	if (reader->zone)
		zonefile_begin(reader->zone);
	while (!reader_stopped(reader) && (got = lines_next(lines, &line)) > 0) {
		if (line.number == 1 && (foreign = lines_foreign(line.text, line.len)))
			break;
		if (line.number == 1)
			reader_count(&reader->counters.files_opened, 1);
		take_line(reader, &line);
		if (line.number % 1024 == 0)
			update_position(reader, lines);
	}
	if (foreign) {
		reader_complain(reader, path, foreign);
		reader_count(&reader->counters.files_failed, 1);
	} else if (line.number == 0) {
		reader_count(&reader->counters.files_opened, 1);
	}
	if (reader->zone && !foreign && !reader_stopped(reader)) {
		if (zonefile_end(reader->zone) != NAME_OK) {
			reader_complain(reader, path, "ends inside parentheses");
			reader_count(&reader->counters.files_failed, 1);
		}
		take_zone_names(reader);
	}
	update_position(reader, lines);
	if (got < 0 && !reader_stopped(reader))
		broken(reader, lines, line.number);
	lines_close(&lines);
}

static void *run(void *owner)
{
	static const char *const standard_input[] = {"-"};
	struct reader *reader = owner;
	const struct reader_config *config = &reader->config;
	const char *const *files = config->file_count > 0 ? config->files : standard_input;
	int file_count = config->file_count > 0 ? config->file_count : 1;

	for (int i = 0; i < file_count && !reader_stopped(reader); i++)
		read_file(reader, files[i]);
	if (reader->ordinal < reader->past.end && !reader_stopped(reader))
		reader_changed(reader); /* there were more */
	reader_hand_out(reader);
	queue_close(config->queue);
	atomic_store(&reader->counters.done, true);
	return NULL;
}

/* ---- life ---- */

/* Octets of a plain file; UINT64_MAX where names may be many more than octets (gzip), or nobody
 * knows (a pipe). */
static uint64_t plain_octets(const char *path)
{
	int fd = strcmp(path, "-") == 0 ? -1
					: open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	uint64_t octets = UINT64_MAX;
	unsigned char magic[2] = {0};
	struct stat status;

	if (fd < 0)
		return octets;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
	    (pread(fd, magic, sizeof(magic), 0) < 2 || magic[0] != 0x1f || magic[1] != 0x8b))
		octets = (uint64_t)status.st_size;
	close(fd);
	return octets;
}

/*
 * How large a table of names seen: 12 names fit into 64 octets, and a name takes three octets of
 * its file and more, so twice the files is enough. A short list's table stays in the caches.
 */
static size_t seen_octets(const struct reader_config *config)
{
	size_t octets = SEEN_OCTETS_MIN;
	uint64_t want = config->file_count > 0 ? 0 : SEEN_OCTETS;

	for (int i = 0; i < config->file_count && want < SEEN_OCTETS; i++) {
		uint64_t file = plain_octets(config->files[i]);

		want += file < SEEN_OCTETS / 2 ? 2 * file : SEEN_OCTETS;
	}
	while (octets < want && octets < SEEN_OCTETS)
		octets *= 2;
	return octets;
}

static bool create_parts(struct reader *reader, struct buf *errors)
{
	const struct reader_config *config = &reader->config;
	struct random random = RANDOM_INIT;
	uint64_t key = (uint64_t)random_u32(&random) << 32 | random_u32(&random);

	if (config->journal) {
		key = journal_head(config->journal)->seen_key;
		if (!past_init(&reader->past, config->journal)) {
			buf_add_str(errors, "the reader: out of memory\n");
			return false;
		}
		atomic_store(&reader->counters.past, reader->past.end > 0);
	}

	if (config->rejected_path) {
		reader->rejected = rejected_create(config->rejected_path);
		if (!reader->rejected) {
			buf_addf(errors, "%s: %s\n", config->rejected_path, strerror(errno));
			return false;
		}
	}
	if (config->operators_path && !(reader->operators = operators_create())) {
		buf_add_str(errors, "the reader: out of memory\n");
		return false;
	}
	reader->maker = batch_maker_create();
	reader->seen = seen_create(seen_octets(config), key);
	if (config->zone)
		reader->zone =
			zonefile_create(config->records || config->operators_path
						? ZONEFILE_DELEGATIONS
						: ZONEFILE_NAMES);
	reader->wake = eventfd(0, EFD_CLOEXEC);
	if (reader->maker && reader->seen && (reader->zone || !config->zone) && reader->wake >= 0)
		return true;
	buf_addf(errors, "the reader: %s\n", strerror(errno));
	return false;
}

static bool start_thread(struct reader *reader, struct buf *errors)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&reader->thread, NULL, run, reader);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error)
		buf_addf(errors, "the reader's thread: %s\n", strerror(error));
	return error == 0;
}

struct reader *reader_start(const struct reader_config *config, struct buf *errors)
{
	struct reader *reader = calloc(1, sizeof(*reader));

	if (!reader) {
		buf_addf(errors, "the reader: %s\n", strerror(errno));
		return NULL;
	}
	reader->config = *config;
	reader->target = config->workers > 1 ? BATCH_FIRST : BATCH_NAMES;
	reader->wake = -1;
	reader->file = "-";
	if (!create_parts(reader, errors) || !start_thread(reader, errors))
		reader_destroy(&reader);
	return reader;
}

const struct reader_counters *reader_counters(const struct reader *reader)
{
	return &reader->counters;
}

bool reader_found_no_names(const struct reader *reader)
{
	uint64_t read = atomic_load(&reader->counters.read);

	return read > 0 && atomic_load(&reader->counters.rejected) == read;
}

void reader_stop(struct reader *reader)
{
	uint64_t one = 1;

	atomic_store(&reader->stop, true);
	if (write(reader->wake, &one, sizeof(one)) < 0) {
		/* Only when the counter is full: then it is readable as well. */
	}
	queue_close(reader->config.queue);
}

static void note_output(struct reader *reader, const char *path, int error)
{
	if (error == 0)
		return;
	reader_complain(reader, path, strerror(-error));
	reader_count(&reader->counters.output_failed, 1);
}

/* Not where the run before has read further. */
static void write_lists(struct reader *reader)
{
	const struct reader_config *config = &reader->config;

	if (reader->rejected)
		note_output(reader, config->rejected_path, rejected_close(&reader->rejected));
	if (reader->operators)
		note_output(reader, config->operators_path,
			    operators_write(reader->operators, config->operators_path));
}

void reader_join(struct reader *reader)
{
	pthread_join(reader->thread, NULL);
	if (!atomic_load(&reader->counters.past))
		write_lists(reader);
	if (reader->problem_count > PROBLEMS_MAX)
		buf_addf(&reader->problems, "%lu more problems like these\n",
			 reader->problem_count - PROBLEMS_MAX);
}

const char *reader_problems(const struct reader *reader)
{
	return reader->problems.len > 0 ? reader->problems.data : "";
}

const char *reader_first_reject(const struct reader *reader)
{
	return reader->first_reject.len > 0 ? reader->first_reject.data : "";
}

void reader_destroy(struct reader **reader)
{
	struct reader *it = *reader;

	if (!it)
		return;
	batch_maker_destroy(&it->maker);
	seen_destroy(&it->seen);
	zonefile_destroy(&it->zone);
	rejected_abandon(&it->rejected);
	operators_destroy(&it->operators);
	past_free(&it->past);
	if (it->wake >= 0)
		close(it->wake);
	buf_free(&it->problems);
	buf_free(&it->first_reject);
	free(it);
	*reader = NULL;
}
