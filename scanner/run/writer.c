/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/run/writer.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/buf.h"
#include "io/digest.h"
#include "io/gzip.h"
#include "io/outfile.h"

/* Blocks waiting that mean "behind", and empty ones kept for the next use. */
#define BUSY_BLOCKS  32
#define SPARE_BLOCKS 64
/* Fast: rows compress 4:1 already, and the scan is what matters. */
#define LEVEL 1

struct writer {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct block *head, *tail, *spare; /* under the lock */
	unsigned waiting, spares;	   /* under the lock */
	bool closed;			   /* under the lock */
	_Atomic int error;
	_Atomic uint64_t octets;
	_Atomic unsigned behind; /* a copy of `waiting` for a look without the lock */
	/* the thread's own */
	char *dir, *prefix, *header;
	size_t header_len;
	unsigned number;
	struct journal *journal; /* NULL: none */
	enum journal_stream stream;
	struct gzip_deflater *deflater;
	struct digest *digest; /* of the file */
	struct outfile *file;
	pthread_mutex_t file_lock; /* held while there is another file, and while it is synced */
	struct buf member;
	struct run_part *parts;
	size_t part_count;
	struct writer_loss loss;
};

static struct block *take_block(struct writer *writer)
{
	struct block *block;

	pthread_mutex_lock(&writer->lock);
	while (writer->head == NULL && !writer->closed)
		pthread_cond_wait(&writer->wake, &writer->lock);
	block = writer->head;
	if (block != NULL) {
		writer->head = block->next;
		atomic_store_explicit(&writer->behind, --writer->waiting, memory_order_relaxed);
	}
	pthread_mutex_unlock(&writer->lock);
	return block;
}

static void give_back(struct writer *writer, struct block *block)
{
	pthread_mutex_lock(&writer->lock);
	if (writer->spares < SPARE_BLOCKS && block->cap == BLOCK_OCTETS) {
		block->next = writer->spare;
		writer->spare = block;
		writer->spares++;
		block = NULL;
	}
	pthread_mutex_unlock(&writer->lock);
	free(block);
}

static int write_member(struct writer *writer, const char *data, size_t len)
{
	int error;

	buf_clear(&writer->member);
	if (!gzip_member(writer->deflater, data, len, &writer->member))
		return -ENOMEM;
	error = outfile_write(writer->file, writer->member.data, writer->member.len);
	if (error == 0) {
		digest_add(writer->digest, writer->member.data, writer->member.len);
		writer->parts[writer->part_count - 1].octets += writer->member.len;
		atomic_fetch_add_explicit(&writer->octets, writer->member.len,
					  memory_order_relaxed);
	}
	return error;
}

static int open_part(struct writer *writer)
{
	struct run_part *parts = realloc(writer->parts, (writer->part_count + 1) * sizeof(*parts));
	bool standard_output = strcmp(writer->dir, "-") == 0;
	char path[4096];
	int len;

	if (parts == NULL)
		return -ENOMEM;
	writer->parts = parts;
	memset(&parts[writer->part_count], 0, sizeof(*parts));
	snprintf(parts[writer->part_count].name, sizeof(parts->name), "%.20s-%03u.csv.gz",
		 writer->prefix, writer->number++);
	len = snprintf(path, sizeof(path), "%s/%s", writer->dir, parts[writer->part_count].name);
	if (len < 0 || (size_t)len >= sizeof(path))
		return -ENAMETOOLONG;
	if (writer->journal != NULL &&
	    !journal_part(writer->journal, writer->stream, parts[writer->part_count].name))
		return -ENOMEM;
	writer->file = outfile_create(standard_output ? "-" : path);
	if (writer->file == NULL)
		return -errno;
	writer->part_count++;
	return write_member(writer, writer->header, writer->header_len);
}

/* The file gets its final name. */
static int commit_part(struct writer *writer)
{
	struct run_part *part = &writer->parts[writer->part_count - 1];
	int error = outfile_commit(&writer->file);

	digest_text(writer->digest, part->sha256);
	if (error == 0 && writer->journal != NULL)
		journal_part_ended(writer->journal, writer->stream, part->sha256);
	return error;
}

static int next_part(struct writer *writer)
{
	int error;

	pthread_mutex_lock(&writer->file_lock);
	error = commit_part(writer);
	if (error == 0)
		error = open_part(writer);
	pthread_mutex_unlock(&writer->file_lock);
	return error;
}

static int write_block(struct writer *writer, const struct block *block)
{
	struct run_part *part;
	int error = 0;

	if (outfile_size(writer->file) >= WRITER_PART_OCTETS && strcmp(writer->dir, "-") != 0)
		error = next_part(writer);
	if (error == 0)
		error = write_member(writer, block->data, block->len);
	if (error != 0)
		return error;
	part = &writer->parts[writer->part_count - 1];
	part->rows += block->rows;
	part->names += block->names;
	if (writer->journal != NULL)
		journal_written(writer->journal, writer->stream, block, part->octets);
	return 0;
}

static void *writer_main(void *arg)
{
	struct writer *writer = arg;
	struct block *block;

	pthread_setname_np(pthread_self(), "writer");
	while ((block = take_block(writer)) != NULL) {
		if (writer_error(writer) == 0)
			atomic_store(&writer->error, -write_block(writer, block));
		if (writer_error(writer) != 0) {
			writer->loss.rows += block->rows;
			writer->loss.names += block->names;
		}
		give_back(writer, block);
	}
	return NULL;
}

static void destroy(struct writer *writer)
{
	outfile_abandon(&writer->file);
	gzip_deflater_destroy(&writer->deflater);
	digest_destroy(&writer->digest);
	buf_free(&writer->member);
	for (struct block *block = writer->spare, *next; block != NULL; block = next) {
		next = block->next;
		free(block);
	}
	pthread_mutex_destroy(&writer->lock);
	pthread_mutex_destroy(&writer->file_lock);
	pthread_cond_destroy(&writer->wake);
	free(writer->parts);
	free(writer->dir);
	free(writer->prefix);
	free(writer->header);
	free(writer);
}

struct writer *writer_create(const struct writer_config *config)
{
	struct writer *writer = calloc(1, sizeof(*writer));
	int error;

	if (writer == NULL)
		return NULL;
	pthread_mutex_init(&writer->lock, NULL);
	pthread_mutex_init(&writer->file_lock, NULL);
	pthread_cond_init(&writer->wake, NULL);
	writer->dir = strdup(config->dir);
	writer->prefix = strdup(config->prefix);
	writer->header = malloc(config->header_len + 1);
	writer->number = config->first;
	writer->journal = config->journal;
	writer->stream = config->stream;
	writer->deflater = gzip_deflater_create(LEVEL);
	writer->digest = digest_create();
	error = writer->dir && writer->prefix && writer->header && writer->deflater &&
				writer->digest
			? 0
			: -ENOMEM;
	if (error == 0) {
		memcpy(writer->header, config->header, config->header_len);
		writer->header_len = config->header_len;
		error = open_part(writer);
	}
	if (error == 0)
		error = -pthread_create(&writer->thread, NULL, writer_main, writer);
	if (error == 0)
		return writer;
	destroy(writer);
	errno = -error;
	return NULL;
}

/* Rows in front, marks behind them. */
static struct block *make_block(size_t octets)
{
	size_t cap = (octets + 15) / 16 * 16;
	struct block *block = malloc(sizeof(*block) + cap + BLOCK_MARKS * sizeof(struct mark));

	if (block != NULL) {
		block->cap = cap;
		block->marks = (struct mark *)(void *)(block->data + cap);
	}
	return block;
}

struct block *writer_large_block(struct writer *writer, size_t octets)
{
	struct block *block = NULL;

	pthread_mutex_lock(&writer->lock);
	if (octets <= BLOCK_OCTETS && writer->spare != NULL) {
		block = writer->spare;
		writer->spare = block->next;
		writer->spares--;
	}
	pthread_mutex_unlock(&writer->lock);
	if (block == NULL)
		block = make_block(octets < BLOCK_OCTETS ? BLOCK_OCTETS : octets);
	if (block == NULL)
		return NULL;
	block->next = NULL;
	block->rows = block->names = 0;
	block->len = block->mark_count = 0;
	block->last_words = false;
	return block;
}

struct block *writer_block(struct writer *writer)
{
	return writer_large_block(writer, BLOCK_OCTETS);
}

void writer_put(struct writer *writer, struct block *block)
{
	block->next = NULL;
	pthread_mutex_lock(&writer->lock);
	if (writer->head == NULL)
		writer->head = block;
	else
		writer->tail->next = block;
	writer->tail = block;
	atomic_store_explicit(&writer->behind, ++writer->waiting, memory_order_relaxed);
	pthread_cond_signal(&writer->wake);
	pthread_mutex_unlock(&writer->lock);
}

bool writer_busy(struct writer *writer)
{
	return atomic_load_explicit(&writer->behind, memory_order_relaxed) >= BUSY_BLOCKS;
}

int writer_error(struct writer *writer)
{
	return atomic_load_explicit(&writer->error, memory_order_relaxed);
}

int writer_sync(struct writer *writer)
{
	int error;

	pthread_mutex_lock(&writer->file_lock);
	error = writer->file != NULL ? outfile_sync(writer->file) : 0;
	pthread_mutex_unlock(&writer->file_lock);
	return error;
}

uint64_t writer_octets(struct writer *writer)
{
	return atomic_load_explicit(&writer->octets, memory_order_relaxed);
}

static void end_thread(struct writer *writer)
{
	pthread_mutex_lock(&writer->lock);
	writer->closed = true;
	pthread_cond_signal(&writer->wake);
	pthread_mutex_unlock(&writer->lock);
	pthread_join(writer->thread, NULL);
}

/* The last file, as far as it is whole. */
static int close_part(struct writer *writer)
{
	struct run_part *part = &writer->parts[writer->part_count - 1];
	int error = -writer_error(writer), commit_error = 0;

	if (writer->file == NULL) /* the next one could not be opened */
		return error;
	if (error != 0 && strcmp(writer->dir, "-") == 0) { /* what is gone is gone */
		outfile_abandon(&writer->file);
		return error;
	}
	if (error != 0 && (part->octets == 0 || outfile_cut(writer->file, part->octets) != 0)) {
		outfile_abandon(&writer->file);
		commit_error = error;
	} else {
		commit_error = commit_part(writer);
	}
	if (commit_error != 0) {
		writer->loss.rows += part->rows;
		writer->loss.names += part->names;
		writer->part_count--;
	}
	return error != 0 ? error : commit_error;
}

int writer_finish(struct writer **writer, struct run_part **parts, size_t *count,
		  struct writer_loss *loss)
{
	struct writer *w = *writer;
	int error;

	end_thread(w);
	error = close_part(w);
	*parts = w->parts;
	*count = w->part_count;
	if (loss != NULL)
		*loss = w->loss;
	w->parts = NULL;
	destroy(w);
	*writer = NULL;
	return error;
}

void writer_abandon(struct writer **writer)
{
	if (*writer == NULL)
		return;
	end_thread(*writer);
	destroy(*writer);
	*writer = NULL;
}
