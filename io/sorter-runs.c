/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The second half of a sorter: runs, which are arenas or files, and how many of them become one.
 */
#include "io/sorter-inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is written at once. */
#define SPILL_OCTETS (256U * 1024)

static void run_free(struct run *run)
{
	if (run)
		record_reader_close(&run->reader);
	free(run);
}

/* ---- files ---- */

/* Nobody else can open it, and nothing is left of it when the program ends. */
static int open_nameless(const char *dir)
{
	char path[4096];
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT))
		return fd < 0 ? -errno : fd;
	/* a file system that has no such files */
	if (snprintf(path, sizeof(path), "%s/sort-XXXXXX", dir) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	(void)unlink(path);
	return fd;
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t written = write(fd, data, len);

		if (written < 0 && errno != EINTR)
			return -errno;
		if (written > 0) {
			data += written;
			len -= (size_t)written;
		}
	}
	return 0;
}

/* Where records become a run. */
struct spill {
	struct sorter *sorter;
	struct buf *plain;
	struct record_key before;
	int fd;
	struct record_reader *reader; /* when it is finished */
};

static int spill_begin(struct spill *spill)
{
	spill->before.len = 0;
	spill->fd = open_nameless(spill->sorter->plan.dir);
	return spill->fd < 0 ? spill->fd : 0;
}

static int spill_text(struct spill *spill)
{
	int error;

	if (spill->plain->failed)
		return -ENOMEM;
	error = write_all(spill->fd, spill->plain->data, spill->plain->len);
	atomic_fetch_add_explicit(&spill->sorter->spilled, spill->plain->len, memory_order_relaxed);
	buf_clear(spill->plain);
	return error;
}

static int spill_record(struct spill *spill, const struct record *record)
{
	record_put(spill->plain, &spill->before, record);
	return spill->plain->len < SPILL_OCTETS ? 0 : spill_text(spill);
}

/* What was written is ready to be read; after an error there is nothing. */
static int spill_finish(struct spill *spill, int error)
{
	if (!error && spill->plain->len)
		error = spill_text(spill);
	if (!error && lseek(spill->fd, 0, SEEK_SET) < 0)
		error = -errno;
	if (!error && !(spill->reader = record_reader_fd(spill->fd)))
		error = -errno;
	if (error && spill->fd >= 0)
		close(spill->fd);
	buf_clear(spill->plain);
	return error;
}

/* ---- merging ---- */

/* 0: the file counts as far as it was read. What the sorter wrote itself has to be whole. */
static int note_damage(struct sorter *sorter, const struct run *run)
{
	struct sorter_damage *more;

	if (run->source == 0)
		return -EBADMSG;
	more = reallocarray(sorter->damages, sorter->damage_count + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	sorter->damages = more;
	more += sorter->damage_count++;
	more->source = run->source;
	snprintf(more->why, sizeof(more->why), "%s", record_reader_error(run->reader));
	return 0;
}

static struct record next_in(struct arena *arena)
{
	sorter_prefetch(arena, arena->next + SORTER_AHEAD);
	return sorter_record_at(arena, arena->items[arena->next++].at);
}

/* The run's next record into it: 1, 0 at its end, -errno. */
static int advance(struct sorter *sorter, struct run *run)
{
	struct record *record = &run->record;
	uint64_t source;
	int got = 1;

	if (run->reader)
		got = record_reader_next(run->reader, record);
	else if (run->arena->next < run->arena->count)
		*record = next_in(run->arena);
	else
		got = 0;
	if (got < 0)
		return note_damage(sorter, run);
	if (got == 0)
		return 0;
	run->letter = sorter_letter(record->key, record->key_len, 0);
	if (run->mixed) {
		const char *end = record->payload + record->payload_len,
			   *p = varint_get(record->payload, end, &source);

		record->payload_len -= (size_t)(p - record->payload);
		record->payload = p;
		run->source = (unsigned)source;
	}
	return 1;
}

static bool precedes(const struct run *a, const struct run *b)
{
	if (a->letter != b->letter)
		return a->letter < b->letter;
	return record_compare(&a->record, &b->record) < 0;
}

static void sift_down(const struct merge *merge, size_t at)
{
	struct run **heap = merge->heap, *run = heap[at];

	for (size_t child; (child = 2 * at + 1) < merge->count; at = child) {
		if (child + 1 < merge->count && precedes(heap[child + 1], heap[child]))
			child++;
		if (!precedes(heap[child], run))
			break;
		heap[at] = heap[child];
	}
	heap[at] = run;
}

static void swap_runs(struct run **runs, size_t i, size_t j)
{
	struct run *run = runs[i];

	runs[i] = runs[j];
	runs[j] = run;
}

/* heap: count runs before their first records; stays the caller's, and so do they. */
static int merge_begin(struct sorter *sorter, struct merge *merge, struct run **heap, size_t count)
{
	*merge = (struct merge){.heap = heap};
	for (size_t i = 0; i < count; i++) {
		struct run *run = heap[i];
		int got = advance(sorter, run);

		if (got < 0)
			return got;
		if (got > 0) { /* those at their end gather behind the others */
			heap[i] = heap[merge->count];
			heap[merge->count++] = run;
		}
	}
	for (size_t i = merge->count / 2; i-- > 0;)
		sift_down(merge, i);
	return 0;
}

/* 1: the run whose record is the next; 0: no more; -errno. */
static int merge_next(struct sorter *sorter, struct merge *merge, struct run **run)
{
	if (merge->taken) {
		int got = advance(sorter, merge->heap[0]);

		if (got < 0)
			return got;
		if (got == 0)
			swap_runs(merge->heap, 0, --merge->count);
		if (merge->count > 1)
			sift_down(merge, 0);
	}
	merge->taken = merge->count > 0;
	if (merge->taken)
		*run = merge->heap[0];
	return merge->taken;
}

/* All runs so far become one. */
static int merge_runs(struct sorter *sorter)
{
	struct buf plain = BUF_EMPTY, payload = BUF_EMPTY;
	struct spill spill = {sorter, &plain, .fd = -1};
	int error = spill_begin(&spill), got = 0;
	struct merge merge;
	struct run *run;

	if (!error)
		error = merge_begin(sorter, &merge, sorter->runs, sorter->run_count);
	while (!error && (got = merge_next(sorter, &merge, &run)) > 0) {
		struct record record = run->record;

		buf_clear(&payload);
		if (!buf_reserve(&payload, VARINT_MAX + record.payload_len)) {
			error = -ENOMEM;
			break;
		}
		payload.len = (size_t)(varint_put(payload.data, run->source) - payload.data);
		buf_add(&payload, record.payload, record.payload_len);
		record.payload = payload.data;
		record.payload_len = payload.len;
		error = spill_record(&spill, &record);
	}
	error = spill_finish(&spill, error ? error : got);
	if (!error) {
		struct run *all = sorter->runs[0];

		for (size_t i = 1; i < sorter->run_count; i++)
			run_free(sorter->runs[i]);
		record_reader_close(&all->reader);
		*all = (struct run){.mixed = true, .reader = spill.reader};
		sorter->run_count = 1;
	}
	buf_free(&plain);
	buf_free(&payload);
	return error;
}

static int add_locked(struct sorter *sorter, const struct run *run)
{
	struct run *copy;

	/* those in memory come at the end, when there are no more files to be opened */
	if (run->reader && sorter->run_count >= sorter->run_most) {
		int error = merge_runs(sorter);

		if (error)
			return error;
	}
	if (sorter->run_count == sorter->run_room) {
		size_t room = sorter->run_room + sorter->run_most;
		struct run **more = reallocarray(sorter->runs, room, sizeof(struct run *));

		if (!more)
			return -ENOMEM;
		sorter->runs = more;
		sorter->run_room = room;
	}
	copy = malloc(sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	*copy = *run;
	sorter->runs[sorter->run_count++] = copy;
	return 0;
}

static int add_run(struct sorter *sorter, struct run *run)
{
	int error;

	pthread_mutex_lock(&sorter->lock);
	error = add_locked(sorter, run);
	pthread_mutex_unlock(&sorter->lock);
	if (error)
		record_reader_close(&run->reader);
	return error;
}

int sorter_add(struct sorter *sorter, int fd, unsigned number)
{
	struct run run = {.source = number, .reader = record_reader_fd(fd)};

	if (!run.reader) {
		int error = -errno;

		close(fd);
		return error;
	}
	return add_run(sorter, &run);
}

int sorter_spill_arena(struct sorter *sorter, struct arena *arena)
{
	struct spill spill = {sorter, &arena->plain, .fd = -1};
	int error = spill_begin(&spill);

	for (size_t i = 0; i < arena->count && !error; i++) {
		struct record record = sorter_record_at(arena, arena->items[i].at);

		sorter_prefetch(arena, i + SORTER_AHEAD);
		error = spill_record(&spill, &record);
	}
	error = spill_finish(&spill, error);
	return error ? error : add_run(sorter, &(struct run){.reader = spill.reader});
}

int sorter_add_arena(struct sorter *sorter, struct arena *arena)
{
	return add_run(sorter, &(struct run){.arena = arena});
}

void sorter_free_runs(struct sorter *sorter)
{
	for (size_t i = 0; i < sorter->run_count; i++)
		run_free(sorter->runs[i]);
	free(sorter->runs);
	free(sorter->damages);
}

int sorter_finish(struct sorter *sorter)
{
	return merge_begin(sorter, &sorter->merge, sorter->runs, sorter->run_count);
}

int sorter_next(struct sorter *sorter, struct record *record, unsigned *source)
{
	struct run *run;
	int got = merge_next(sorter, &sorter->merge, &run);

	if (got > 0) {
		*record = run->record;
		*source = run->source;
	}
	return got;
}

const struct sorter_damage *sorter_damages(const struct sorter *sorter, size_t *count)
{
	*count = sorter->damage_count;
	return sorter->damages;
}

uint64_t sorter_spilled(const struct sorter *sorter)
{
	return sorter->spilled;
}
