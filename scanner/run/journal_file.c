/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * resume.gz: one gzip member, which has its own checksum, of
 *
 *     "SFRESUM1", the manifest (length, JSON), head, next and print, legs (number, each), debts
 * (number, each), "END."
 *
 * Numbers are little-endian. It is read by the program that wrote it, but after a crash, so nothing
 * in it is believed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/buf.h"
#include "io/gzip.h"
#include "io/outfile.h"
#include "scanner/run/batch.h"
#include "scanner/run/journal_inner.h"
#include "scanner/options/options.h"

#define MAGIC	      "SFRESUM1"
#define END	      "END."
#define LEVEL	      1
#define FILE_MAX      (1u << 30)
#define RESOLVERS_MAX 100000
#define INPUTS_MAX    1000000

enum { COLUMN_EMPTY, COLUMN_FULL, COLUMN_BITS };

/* ---- writing ---- */

static void put_u8(struct buf *buf, unsigned value)
{
	uint8_t octet = (uint8_t)value;

	buf_add(buf, &octet, 1);
}

static void put_u32(struct buf *buf, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		put_u8(buf, value >> 8 * i & 0xff);
}

static void put_u64(struct buf *buf, uint64_t value)
{
	put_u32(buf, (uint32_t)value);
	put_u32(buf, (uint32_t)(value >> 32));
}

static void put_column(struct buf *buf, const struct cell_column *column, uint32_t rows)
{
	put_u8(buf, column->bits != NULL ? COLUMN_BITS
		    : column->set > 0	 ? COLUMN_FULL
					 : COLUMN_EMPTY);
	if (column->bits != NULL)
		buf_add(buf, column->bits, (rows + 7) / 8);
}

static void put_leg(struct buf *buf, const struct leg *leg)
{
	put_u64(buf, leg->first);
	put_u32(buf, leg->count);
	put_u64(buf, leg->print);
	buf_add(buf, leg->names, leg->count * sizeof(leg->names[0]));
	for (uint32_t c = 0; c < leg->cells->columns; c++)
		put_column(buf, &leg->cells->column[c], leg->count);
}

static bool counts(const struct debt *debt)
{
	return debt->owed || debt->paid || debt->asked != NULL;
}

static void put_debt(struct buf *buf, const struct debt *debt, uint32_t resolvers)
{
	put_u64(buf, debt->ordinal);
	put_u32(buf, debt->print);
	put_u8(buf, debt->kind);
	put_u8(buf, debt->qtype);
	put_u8(buf, debt->what);
	put_u8(buf, debt->owed);
	put_u8(buf, debt->paid);
	put_u8(buf, debt->asked != NULL);
	if (debt->asked != NULL)
		put_column(buf, &debt->asked->column[0], resolvers);
}

static void put_head(struct buf *buf, const struct journal_head *head)
{
	put_u32(buf, head->resolvers);
	put_u32(buf, head->qtypes);
	put_u64(buf, head->seen_key);
	buf_add(buf, head->dropped, head->resolvers * sizeof(bool));
	put_u32(buf, head->input_count);
	for (uint32_t i = 0; i < head->input_count; i++) {
		put_u64(buf, head->inputs[i].size);
		put_u64(buf, head->inputs[i].hash);
	}
}

/* Under the lock. */
static void put_state(struct buf *buf, const struct journal *journal)
{
	uint32_t legs = 0, debts = 0;

	for (const struct leg *leg = journal->legs; leg != NULL; leg = leg->next)
		legs++;
	for (const struct debt *debt = journal->debts; debt != NULL; debt = debt->next)
		debts += counts(debt);
	put_u64(buf, journal->next);
	put_u64(buf, journal->print);
	put_u32(buf, legs);
	for (const struct leg *leg = journal->legs; leg != NULL; leg = leg->next)
		put_leg(buf, leg);
	put_u32(buf, debts);
	for (const struct debt *debt = journal->debts; debt != NULL; debt = debt->next)
		if (counts(debt))
			put_debt(buf, debt, journal->head.resolvers);
	buf_add_str(buf, END);
}

/* Under the lock. False: out of memory. */
static bool set_parts(struct journal *journal)
{
	bool good = true;

	manifest_cut_parts(journal->manifest, journal->prior_parts);
	for (int s = 0; s < JOURNAL_STREAMS; s++)
		for (size_t i = 0; i < journal->streams[s].count; i++) {
			const struct run_part *part = &journal->streams[s].parts[i];

			good = good && manifest_add_part(journal->manifest, part->name, part->rows,
							 part->octets, part->sha256);
		}
	return good;
}

/* False: out of memory. */
static bool describe(struct journal *journal, struct buf *state)
{
	uint64_t totals[COUNTS];
	bool good = true;

	pthread_mutex_lock(&journal->lock);
	good = set_parts(journal);
	memcpy(totals, journal->counts, sizeof(totals));
	put_state(state, journal);
	pthread_mutex_unlock(&journal->lock);
	/* Read afterwards, the others are not behind what the state tells. */
	if (journal->world.totals != NULL)
		journal->world.totals(journal->world.owner, journal->manifest);
	for (int c = 0; good && c < COUNTS; c++)
		good = manifest_set_total(journal->manifest, journal_count_names[c], totals[c]);
	return good && !state->failed;
}

/* The whole file, in front of the state that was taken. False: out of memory. */
static bool pack(const struct journal *journal, const struct buf *state, struct buf *packed)
{
	struct gzip_deflater *deflater = gzip_deflater_create(LEVEL);
	char *json = manifest_text(journal->manifest);
	struct buf plain = BUF_EMPTY;
	bool good = false;

	if (deflater != NULL && json != NULL) {
		buf_add_str(&plain, MAGIC);
		put_u32(&plain, (uint32_t)strlen(json));
		buf_add_str(&plain, json);
		put_head(&plain, &journal->head);
		buf_add(&plain, state->data, state->len);
		good = !plain.failed && plain.len <= FILE_MAX &&
		       gzip_member(deflater, plain.data, plain.len, packed);
	}
	gzip_deflater_destroy(&deflater);
	buf_free(&plain);
	free(json);
	return good;
}

int journal_save(struct journal *journal)
{
	struct buf state = BUF_EMPTY, packed = BUF_EMPTY;
	int error = 0;

	if (!describe(journal, &state) || !pack(journal, &state, &packed))
		error = -ENOMEM;
	if (error == 0 && journal->world.sync != NULL)
		error = journal->world.sync(journal->world.owner);
	if (error == 0)
		error = outfile_put(journal->path, packed.data, packed.len);
	buf_free(&state);
	buf_free(&packed);
	return error;
}

/* ---- reading ---- */

struct cursor {
	const uint8_t *at, *end;
	bool bad; /* sticks; what is read after that is 0 */
};

static const uint8_t *get(struct cursor *cursor, size_t len)
{
	const uint8_t *at = cursor->at;

	if (cursor->bad || (size_t)(cursor->end - at) < len) {
		cursor->bad = true;
		return NULL;
	}
	cursor->at += len;
	return at;
}

static uint64_t get_number(struct cursor *cursor, size_t len)
{
	const uint8_t *at = get(cursor, len);
	uint64_t value = 0;

	for (size_t i = 0; at != NULL && i < len; i++)
		value |= (uint64_t)at[i] << 8 * i;
	return value;
}

static uint32_t get_u32(struct cursor *cursor, uint32_t max)
{
	uint64_t value = get_number(cursor, 4);

	cursor->bad = cursor->bad || value > max;
	return cursor->bad ? 0 : (uint32_t)value;
}

static unsigned get_u8(struct cursor *cursor, unsigned max)
{
	uint64_t value = get_number(cursor, 1);

	cursor->bad = cursor->bad || value > max;
	return cursor->bad ? 0 : (unsigned)value;
}

static void get_column(struct cursor *cursor, struct cells *cells, uint32_t column)
{
	unsigned what = get_u8(cursor, COLUMN_BITS);
	const uint8_t *bits = what == COLUMN_BITS ? get(cursor, (cells->rows + 7) / 8) : NULL;

	for (uint32_t row = 0; !cursor->bad && what != COLUMN_EMPTY && row < cells->rows; row++)
		if (bits == NULL || bits[row / 8] >> (row % 8) & 1)
			cursor->bad = !cells_set(cells, row, column);
}

static void get_leg(struct cursor *cursor, struct journal *journal)
{
	uint64_t first = get_number(cursor, 8), print;
	uint32_t count = get_u32(cursor, BATCH_NAMES);
	struct leg *leg;
	const uint8_t *names;

	print = get_number(cursor, 8);
	names = get(cursor, count * sizeof(leg->names[0]));
	if (cursor->bad || count == 0 || first > journal->next || count > journal->next - first ||
	    (size_t)(cursor->end - cursor->at) < journal->head.resolvers * journal->head.qtypes) {
		cursor->bad = true;
		return;
	}
	leg = leg_create(journal, first, count);
	cursor->bad = leg == NULL;
	if (leg == NULL)
		return;
	leg_link(journal, leg);
	leg->print = print;
	memcpy(leg->names, names, count * sizeof(leg->names[0]));
	for (uint32_t i = 0; i < count; i++)
		leg->open -= leg->names[i].ended != 0;
	for (uint32_t c = 0; c < leg->cells->columns && !cursor->bad; c++)
		get_column(cursor, leg->cells, c);
	cursor->bad = cursor->bad || leg->open == 0;
}

static void get_debt(struct cursor *cursor, struct journal *journal)
{
	struct debt *debt = calloc(1, sizeof(*debt));

	cursor->bad = cursor->bad || debt == NULL;
	if (debt == NULL)
		return;
	debt_link(journal, debt);
	debt->ordinal = get_number(cursor, 8);
	debt->print = (uint32_t)get_number(cursor, 4);
	debt->kind = (uint8_t)get_u8(cursor, DEBT_RECHECK);
	debt->qtype = (uint8_t)get_u8(cursor, journal->head.qtypes - 1);
	debt->what = (uint8_t)get_u8(cursor, 255);
	atomic_store(&debt->owed, get_u8(cursor, 1) != 0);
	debt->paid = get_u8(cursor, 1) != 0;
	if (get_u8(cursor, 1) != 0)
		debt->asked = cells_create(journal->head.resolvers, 1);
	if (debt->asked != NULL)
		get_column(cursor, debt->asked, 0);
	cursor->bad = cursor->bad || debt->ordinal >= journal->next;
}

static void get_head(struct cursor *cursor, struct journal_head *head)
{
	const uint8_t *dropped;

	head->resolvers = get_u32(cursor, RESOLVERS_MAX);
	head->qtypes = get_u32(cursor, OPTIONS_TYPES_MAX);
	head->seen_key = get_number(cursor, 8);
	dropped = get(cursor, head->resolvers);
	head->input_count = get_u32(cursor, INPUTS_MAX);
	if (cursor->bad || head->resolvers == 0 || head->qtypes == 0 ||
	    (size_t)(cursor->end - cursor->at) / sizeof(head->inputs[0]) < head->input_count) {
		cursor->bad = true;
		return;
	}
	head->dropped = calloc(head->resolvers, sizeof(*head->dropped));
	head->inputs = calloc(head->input_count + 1, sizeof(*head->inputs));
	cursor->bad = head->dropped == NULL || head->inputs == NULL;
	for (uint32_t r = 0; !cursor->bad && r < head->resolvers; r++)
		head->dropped[r] = dropped[r] != 0;
	for (uint32_t i = 0; !cursor->bad && i < head->input_count; i++)
		head->inputs[i] =
			(struct journal_input){get_number(cursor, 8), get_number(cursor, 8)};
}

static void get_state(struct cursor *cursor, struct journal *journal)
{
	const uint8_t *end;

	journal->next = get_number(cursor, 8);
	journal->print = get_number(cursor, 8);
	for (uint32_t n = get_u32(cursor, UINT32_MAX); n > 0 && !cursor->bad; n--)
		get_leg(cursor, journal);
	for (uint32_t n = get_u32(cursor, UINT32_MAX); n > 0 && !cursor->bad; n--)
		get_debt(cursor, journal);
	end = get(cursor, strlen(END));
	cursor->bad =
		cursor->bad || memcmp(end, END, strlen(END)) != 0 || cursor->at != cursor->end;
}

struct journal *journal_parse(const char *dir, const void *data, size_t size,
			      char why[MANIFEST_WHY_MAX])
{
	struct cursor cursor = {.at = data, .end = (const uint8_t *)data + size};
	const uint8_t *magic = get(&cursor, strlen(MAGIC)), *json;
	struct journal_head head = {0};
	struct manifest *manifest;
	struct journal *journal;
	uint32_t len = get_u32(&cursor, FILE_MAX);

	json = get(&cursor, len);
	if (cursor.bad || memcmp(magic, MAGIC, strlen(MAGIC)) != 0) {
		snprintf(why, MANIFEST_WHY_MAX,
			 "is no record of a run that this version can resume");
		return NULL;
	}
	manifest = manifest_parse((const char *)json, len, why);
	if (manifest == NULL)
		return NULL;
	get_head(&cursor, &head);
	journal = journal_create(dir, &head, manifest);
	if (journal != NULL && !cursor.bad)
		get_state(&cursor, journal);
	if (journal != NULL && cursor.bad)
		journal_destroy(&journal);
	if (journal == NULL)
		snprintf(why, MANIFEST_WHY_MAX, "is damaged, or there is too little memory");
	for (int c = 0; journal != NULL && c < COUNTS; c++)
		journal->counts[c] = manifest_total(journal->manifest, journal_count_names[c]);
	return journal;
}

static bool read_whole(struct gzip_reader *reader, struct buf *plain, char why[MANIFEST_WHY_MAX])
{
	ssize_t got = 1;

	while (got > 0 && plain->len <= FILE_MAX && buf_reserve(plain, 1 << 20)) {
		got = gzip_reader_read(reader, plain->data + plain->len, 1 << 20);
		plain->len += got > 0 ? (size_t)got : 0;
	}
	if (got < 0)
		snprintf(why, MANIFEST_WHY_MAX, "%s", gzip_reader_error(reader));
	else if (got > 0)
		snprintf(why, MANIFEST_WHY_MAX, "out of memory");
	return got == 0;
}

struct journal *journal_load(const char *dir, bool *missing, char why[MANIFEST_WHY_MAX])
{
	struct journal *journal = NULL;
	struct gzip_reader *reader;
	struct buf plain = BUF_EMPTY, path = BUF_EMPTY;

	buf_addf(&path, "%s/" JOURNAL_FILE, dir);
	errno = ENOMEM;
	reader = buf_text(&path) != NULL ? gzip_reader_open(path.data) : NULL;
	*missing = reader == NULL && errno == ENOENT;
	if (reader == NULL) {
		snprintf(why, MANIFEST_WHY_MAX, "%s", strerror(errno));
	} else if (read_whole(reader, &plain, why)) {
		journal = journal_parse(dir, plain.data, plain.len, why);
	}
	gzip_reader_close(&reader);
	buf_free(&plain);
	buf_free(&path);
	return journal;
}
