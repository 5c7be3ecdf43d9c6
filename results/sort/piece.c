/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/sort/piece.h"

#include <string.h>

enum form { CLEAN, CLEAN_AD, WHOLE };

/* Bits of a place, one octet. */
enum { FIRST = 1, LAST = 2, CONTINUES = 4 };

/* ---- writing ---- */

size_t piece_key(char key[PIECE_KEY_MAX], struct view name, uint16_t qtype)
{
	size_t len = name.len < 255 ? name.len : 255;

	memcpy(key, name.text, len);
	key[len] = '\0';
	key[len + 1] = (char)(qtype >> 8);
	key[len + 2] = (char)qtype;
	return len + 3;
}

void piece_begin(struct piece *piece, enum piece_kind kind)
{
	char letter = (char)kind;

	buf_clear(&piece->payload);
	buf_add(&piece->payload, &letter, 1);
	piece->time_s = 0;
}

static char *room(struct piece *piece, size_t octets)
{
	return buf_reserve(&piece->payload, octets) ? piece->payload.data + piece->payload.len
						    : NULL;
}

static void grown(struct piece *piece, const char *end)
{
	piece->payload.len = (size_t)(end - piece->payload.data);
}

static uint64_t zigzag(int64_t value)
{
	return (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
}

static int64_t seconds(int64_t time_ms)
{
	return time_ms >= 0 ? time_ms / 1000 : (time_ms - 999) / 1000;
}

static char *put_head(struct piece *piece, char *p, unsigned number, enum form form, int64_t time_s)
{
	p = varint_put(p, (uint64_t)number * 4 + form);
	p = varint_put(p, zigzag(time_s - piece->time_s));
	piece->time_s = time_s;
	return p;
}

void piece_add_clean(struct piece *piece, unsigned number, bool ad, int64_t time_ms, int64_t rtt_us)
{
	char *p = room(piece, 3 * VARINT_MAX);

	if (!p)
		return;
	p = put_head(piece, p, number, ad ? CLEAN_AD : CLEAN, seconds(time_ms));
	*p++ = rtt_us > 0 ? (char)(64 - __builtin_clzll((uint64_t)rtt_us)) : 0;
	grown(piece, p);
}

static char *put_view(char *p, struct view text)
{
	p = varint_put(p, text.len);
	if (text.len)
		memcpy(p, text.text, text.len);
	return p + text.len;
}

static char *put_reply(char *p, const struct reply *reply)
{
	*p++ = (char)reply->outcome;
	p = varint_put(p, (uint64_t)(reply->rcode + 1));
	*p++ = (char)reply->flags;
	p = varint_put(p, (uint64_t)(reply->answers + 1));
	p = varint_put(p, reply->tries);
	p = varint_put(p, (uint64_t)(reply->rtt_us + 1));
	p = varint_put(p, reply->ede_count);
	for (unsigned i = 0; i < reply->ede_count; i++)
		p = varint_put(p, reply->ede[i]);
	return put_view(p, reply->ede_text);
}

/* kind: what the row comes to, for not all that decides it is kept. */
static void put_whole(struct piece *piece, unsigned number, const struct row *row,
		      enum look_kind kind)
{
	int64_t time_s = seconds(row->time_ms);
	char *p = room(piece, 40 * VARINT_MAX + row->normal.ede_text.len + row->cd.ede_text.len +
				      row->cd_rrsig.len);

	if (!p)
		return;
	p = put_head(piece, p, number, WHOLE, time_s);
	p = varint_put(p, (uint64_t)(row->time_ms - time_s * 1000));
	*p++ = (char)kind;
	p = put_reply(p, &row->normal);
	p = put_reply(p, &row->cd);
	*p++ = (char)row->again_outcome;
	p = varint_put(p, (uint64_t)(row->again_rcode + 1));
	grown(piece, put_view(p, row->cd_rrsig));
}

void piece_add_row(struct piece *piece, unsigned number, const struct row *row,
		   enum look_kind kind)
{
	if (kind == LOOK_CLEAN)
		piece_add_clean(piece, number, (row->normal.flags & FLAG_AD) != 0, row->time_ms,
				row->normal.rtt_us);
	else
		put_whole(piece, number, row, kind);
}

void piece_add_look(struct piece *piece, unsigned number, const struct look *look)
{
	if (look->row)
		put_whole(piece, number, look->row, look->kind);
	else
		piece_add_clean(piece, number, look->ad, look->time_ms, look->rtt_us);
}

void piece_add_number(struct piece *piece, uint64_t number)
{
	char *p = room(piece, VARINT_MAX);

	if (p)
		grown(piece, varint_put(p, number));
}

void piece_add_place(struct piece *piece, const struct place *place)
{
	piece_add_number(piece, place->file);
	piece_add_number(piece, place->block);
	piece_add_number(piece, place->index);
	piece_add_number(piece, (place->first ? FIRST : 0U) | (place->last ? LAST : 0U) |
					(place->continues ? CONTINUES : 0U));
}

void piece_mark_last(struct piece *piece, size_t place_end)
{
	if (!piece->payload.failed)
		piece->payload.data[place_end - 1] |= LAST;
}

void piece_add_evidence(struct piece *piece, const struct evidence *e)
{
	char *p = room(piece, 16 * VARINT_MAX + e->zone.len + e->probe.len + e->question.len +
				      e->server.len + e->address.len + e->transport.len +
				      e->finding.len + e->detail.len);

	if (!p)
		return;
	p = varint_put(p, zigzag(e->time_ms));
	p = put_view(p, e->zone);
	p = put_view(p, e->probe);
	p = put_view(p, e->question);
	p = varint_put(p, e->question_type);
	p = put_view(p, e->server);
	p = put_view(p, e->address);
	p = put_view(p, e->transport);
	*p++ = (char)e->outcome;
	p = varint_put(p, (uint64_t)(e->rcode + 1));
	*p++ = (char)e->flags;
	p = varint_put(p, (uint64_t)(e->answers + 1));
	p = varint_put(p, e->tries);
	p = varint_put(p, (uint64_t)(e->rtt_us + 1));
	p = put_view(p, e->finding);
	grown(piece, put_view(p, e->detail));
}

bool piece_record(const struct piece *piece, struct record *record)
{
	*record = (struct record){piece->key, piece->payload.data, piece->key_len,
				  piece->payload.len};
	return !piece->payload.failed;
}

/* ---- reading ---- */

bool piece_question(const struct record *record, struct view *name, uint16_t *qtype)
{
	const unsigned char *end = (const unsigned char *)record->key + record->key_len;

	if (record->key_len < 4 || record->key_len > PIECE_KEY_MAX || end[-3] != 0)
		return false;
	*name = (struct view){record->key, record->key_len - 3};
	*qtype = (uint16_t)(end[-2] << 8 | end[-1]);
	return true;
}

static uint64_t fail(struct reading *in)
{
	in->failed = true;
	in->next = in->end;
	return 0;
}

uint64_t piece_read_number(struct reading *in)
{
	uint64_t value;
	const char *next = varint_get(in->next, in->end, &value);

	if (!next)
		return fail(in);
	in->next = next;
	return value;
}

static uint64_t below(struct reading *in, uint64_t limit)
{
	uint64_t value = piece_read_number(in);

	return value < limit ? value : fail(in);
}

static unsigned octet(struct reading *in, unsigned limit)
{
	unsigned value = in->next < in->end ? (unsigned char)*in->next++ : limit;

	return value < limit ? value : (unsigned)fail(in);
}

static int64_t read_zigzag(struct reading *in)
{
	uint64_t value = piece_read_number(in);

	return (int64_t)(value >> 1 ^ (value & 1 ? UINT64_MAX : 0));
}

static struct view read_view(struct reading *in)
{
	struct view view = {NULL, below(in, (uint64_t)(in->end - in->next) + 1)};

	if (view.len > (size_t)(in->end - in->next)) /* the number itself took some */
		view.len = fail(in);
	view.text = view.len ? in->next : NULL;
	in->next += view.len;
	return view;
}

/* -1 stands for "not known". */
static int64_t known(struct reading *in, uint64_t limit)
{
	return (int64_t)below(in, limit + 1) - 1;
}

static void read_reply(struct reading *in, struct reply *reply)
{
	reply->outcome = (enum outcome)octet(in, OUTCOME_COUNT);
	reply->rcode = (int)known(in, 4096);
	reply->flags = octet(in, 64);
	reply->answers = (int)known(in, 65536);
	reply->tries = (unsigned)below(in, 1000001);
	reply->rtt_us = known(in, INT64_MAX);
	reply->ede_count = (unsigned)below(in, ROW_EDE_MAX + 1);
	for (unsigned i = 0; i < reply->ede_count; i++)
		reply->ede[i] = (uint16_t)below(in, 65536);
	reply->ede_text = read_view(in);
}

/* Times of rows are of four-digit years, in milliseconds. */
#define TIME_S_MAX INT64_C(300000000000)

static int64_t read_time(struct reading *in)
{
	int64_t step = read_zigzag(in);

	if (step < -2 * TIME_S_MAX || step > 2 * TIME_S_MAX)
		step = (int64_t)fail(in);
	in->time_s += step;
	if (in->time_s < -TIME_S_MAX || in->time_s > TIME_S_MAX)
		in->time_s = (int64_t)fail(in);
	return in->time_s;
}

uint64_t piece_read_look(struct reading *in, struct look *look, struct row *row)
{
	uint64_t head = piece_read_number(in), number = head >> 2;
	enum form form = (enum form)(head & 3);
	unsigned power;

	*look = (struct look){.kind = LOOK_CLEAN, .ad = form == CLEAN_AD, .rtt_us = -1};
	look->time_ms = read_time(in) * 1000;
	if (form == CLEAN || form == CLEAN_AD) {
		power = octet(in, 64);
		if (power)
			look->rtt_us = (int64_t)(UINT64_C(1) << (power - 1));
		return number;
	}
	if (form != WHOLE)
		return fail(in);
	row_init(row);
	row->time_ms = look->time_ms + (int64_t)below(in, 1000);
	look->time_ms = row->time_ms;
	look->kind = (enum look_kind)octet(in, LOOK_RECOVERED + 1);
	if (look->kind == LOOK_CLEAN)
		return fail(in);
	read_reply(in, &row->normal);
	read_reply(in, &row->cd);
	row->again_outcome = (enum outcome)octet(in, OUTCOME_COUNT);
	row->again_rcode = (int)known(in, 4096);
	row->cd_rrsig = read_view(in);
	look->ad = (row->normal.flags & FLAG_AD) != 0;
	look->rtt_us = row->normal.rtt_us;
	return number;
}

void piece_read_place(struct reading *in, struct place *place)
{
	uint64_t bits;

	place->file = piece_read_number(in);
	place->block = piece_read_number(in);
	place->index = piece_read_number(in);
	bits = below(in, 8);
	place->first = bits & FIRST;
	place->last = bits & LAST;
	place->continues = bits & CONTINUES;
}

void piece_read_evidence(struct reading *in, struct evidence *e)
{
	evidence_init(e);
	e->time_ms = read_zigzag(in);
	e->zone = read_view(in);
	e->probe = read_view(in);
	e->question = read_view(in);
	e->question_type = (uint16_t)below(in, 65536);
	e->server = read_view(in);
	e->address = read_view(in);
	e->transport = read_view(in);
	e->outcome = (enum outcome)octet(in, OUTCOME_COUNT);
	e->rcode = (int)known(in, 4096);
	e->flags = octet(in, 64);
	e->answers = (int)known(in, 65536);
	e->tries = (unsigned)below(in, 1000001);
	e->rtt_us = known(in, INT64_MAX);
	e->finding = read_view(in);
	e->detail = read_view(in);
}
