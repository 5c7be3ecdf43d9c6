/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/sort/part.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "results/rows/verify.h"

struct part *part_create(const char *path, const char *label, enum part_content content)
{
	struct part *part = calloc(1, sizeof(*part));

	if (!part)
		return NULL;
	pthread_mutex_init(&part->lock, NULL);
	part->path = strdup(path);
	part->label = strdup(label);
	part->content = content;
	if (!part->path || !part->label)
		part_destroy(&part);
	return part;
}

void part_destroy(struct part **part)
{
	struct part *p = *part;

	if (!p)
		return;
	blocks_close(&p->blocks);
	pthread_mutex_destroy(&p->lock);
	buf_free(&p->said);
	free(p->header);
	free(p->lines);
	free(p->path);
	free(p->label);
	free(p);
	*part = NULL;
}

/* ---- blocks, under the lock ---- */

static void say(struct part *part, const char *what)
{
	part->damaged = true;
	buf_addf(&part->said, "%s: %s\n", part->label, what);
}

static void give_up(struct part *part, const char *why)
{
	say(part, why);
	part->unreadable = part->ended = true;
	blocks_close(&part->blocks);
}

/* Without these columns, rows say nothing of anything. */
static bool has_needed(const struct part *part, char why[CSV_WHY_MAX])
{
	static const char *const needed[][4] = {{"name", "qtype", "resolver", "rcode"},
						{"name", "qtype", "probe", "finding"}};

	for (unsigned i = 0; i < 4; i++) {
		if (csv_layout_has(&part->layout, needed[part->content][i]))
			continue;
		snprintf(why, CSV_WHY_MAX, "header: there is no column %s",
			 needed[part->content][i]);
		return false;
	}
	return true;
}

/* The first line of the first block is the header. */
static int read_header(struct part *part, struct block *block)
{
	static const struct csv_column *const columns[] = {csv_pair_columns, evidence_columns};
	char why[CSV_WHY_MAX];
	size_t len = (size_t)((char *)memchr(block->text, '\n', block->len) - block->text);
	char *copy = malloc(len + 1);

	part->header = malloc(len + 1);
	if (!copy || !part->header) {
		free(copy);
		return -ENOMEM;
	}
	memcpy(part->header, block->text, len);
	memcpy(copy, block->text, len);
	part->header_len = len;
	if (!csv_layout_read(&part->layout, columns[part->content], copy, len, why) ||
	    !has_needed(part, why))
		give_up(part, why);
	free(copy);
	block->text += len + 1;
	block->len -= len + 1;
	return part->unreadable ? 0 : 1;
}

/* What is there is read all the same. */
static void verify(struct part *part)
{
	char why[VERIFY_WHY_MAX];

	if (!part->verify || !part->listed || verify_part(part->path, part->listed, why))
		return;
	part->differs = true;
	buf_addf(&part->said, "%s: %s\n", part->label, why);
}

static int next(struct part *part, struct block *block)
{
	if (!part->opened) {
		part->opened = true;
		verify(part);
		part->blocks = blocks_open(part->path);
		if (!part->blocks && errno == ENOMEM)
			return -ENOMEM;
		if (!part->blocks)
			give_up(part, strerror(errno));
	}
	while (!part->ended) {
		switch (blocks_next(part->blocks, block)) {
		case BLOCKS_DAMAGE:
			say(part, blocks_error(part->blocks));
			break;
		case BLOCKS_END:
			if (!part->header)
				give_up(part, "no header line");
			part->ended = true;
			blocks_close(&part->blocks);
			break;
		default:
			if (part->header)
				return 1;
			if (block->len == 0)
				give_up(part, "the header line is too long");
			else
				return read_header(part, block);
		}
	}
	return 0;
}

int part_next(struct part *part, struct block *block)
{
	int got;

	pthread_mutex_lock(&part->lock);
	got = next(part, block);
	pthread_mutex_unlock(&part->lock);
	return got;
}

/* ---- what became of them ---- */

void part_report_bad(struct part_report *report, uint64_t block, uint64_t line, const char *why)
{
	struct bad_line *bad;

	if (report->bad++ >= PART_SHOWN)
		return;
	bad = &report->shown[report->shown_count++];
	bad->block = block;
	bad->line = line;
	snprintf(bad->why, sizeof(bad->why), "%s", why);
}

/* Keeps the first ones. */
static void show(struct part *part, const struct bad_line *line)
{
	unsigned at = part->shown_count;

	while (at > 0 && part->shown[at - 1].block > line->block)
		at--;
	if (at == PART_SHOWN)
		return;
	if (part->shown_count < PART_SHOWN)
		part->shown_count++;
	memmove(&part->shown[at + 1], &part->shown[at],
		(part->shown_count - 1 - at) * sizeof(*part->shown));
	part->shown[at] = *line;
}

bool part_done(struct part *part, uint64_t block, const struct part_report *report)
{
	bool good = true;

	pthread_mutex_lock(&part->lock);
	if (block >= part->blocks_known) {
		size_t room = (size_t)block + block / 2 + 64;
		uint32_t *more = reallocarray(part->lines, room, sizeof(*more));

		good = more != NULL;
		if (more) {
			memset(more + part->blocks_known, 0,
			       (room - part->blocks_known) * sizeof(*more));
			part->lines = more;
			part->blocks_known = room;
		}
	}
	if (good)
		part->lines[block] = (uint32_t)report->lines;
	part->good += report->good;
	part->bad += report->bad;
	for (unsigned i = 0; i < report->shown_count; i++)
		show(part, &report->shown[i]);
	pthread_mutex_unlock(&part->lock);
	return good;
}

void part_tell(struct part *part, FILE *out)
{
	uint64_t before = 2, block = 0; /* the header is line 1 */

	blocks_close(&part->blocks);
	for (unsigned i = 0; i < part->shown_count; i++) {
		const struct bad_line *bad = &part->shown[i];

		for (; block < bad->block; block++)
			before += part->lines[block];
		fprintf(out, "%s: line %llu: %s\n", part->label,
			(unsigned long long)(before + bad->line), bad->why);
	}
	if (part->bad > part->shown_count)
		fprintf(out, "%s: %llu more bad lines\n", part->label,
			(unsigned long long)(part->bad - part->shown_count));
	if (part->said.len)
		fwrite(part->said.data, 1, part->said.len, out);
	if (part->damaged && !part->unreadable)
		fprintf(out, "%s: all else in it, %llu rows, counts\n", part->label,
			(unsigned long long)part->good);
}
