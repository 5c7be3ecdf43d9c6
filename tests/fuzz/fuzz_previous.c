/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any octets as the verdicts of an earlier report, beside a few questions of this one: what is
 * handed out is whole and in order, and what could not be read was said.
 */
#include "results/sort/previous.h"

#include <string.h>

#include "results/sort/piece.h"
#include "tests/fuzz/report_folder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int good)
{
	if (!good)
		abort();
}

/* What was handed out so far: the key of the last question that is no more. */
struct order {
	char key[PIECE_KEY_MAX];
	size_t key_len;
	unsigned gone, answers;
};

static int compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int order = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return order ? order : (a_len > b_len) - (a_len < b_len);
}

static void take(struct order *order, const struct buf *with, const struct record *upto)
{
	const char *p = with->data, *end = with->len > 0 ? p + with->len : p;
	char key[PIECE_KEY_MAX];
	struct was was;
	size_t len;

	while (p < end) {
		p = was_read(p, &was);
		check(p <= end && was.side.status < STATUS_COUNT);
		if (was.kind != WAS_GONE) {
			check(upto && p == end && was.kind <= WAS_UNREAD);
			order->answers++;
			continue;
		}
		check(was.name.len > 0 && was.name.len <= 255);
		len = piece_key(key, was.name, was.qtype);
		check(!order->key_len || compare(key, len, order->key, order->key_len) > 0);
		check(!upto || compare(key, len, upto->key, upto->key_len) < 0);
		memcpy(order->key, key, len);
		order->key_len = len;
		order->gone++;
	}
}

static void ask(struct previous *previous, struct order *order, const char *name)
{
	char key[PIECE_KEY_MAX];
	struct record record = {.key = key};
	struct buf with = BUF_EMPTY;
	int more;

	if (name)
		record.key_len = piece_key(key, (struct view){name, strlen(name)}, 1);
	do {
		buf_clear(&with);
		more = previous_upto(previous, name ? &record : NULL, &with);
		check(more >= 0);
		take(order, &with, name ? &record : NULL);
	} while (more > 0);
	buf_free(&with);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"a.example", "b.example", "example", "www.b.example"};
	char *said = NULL;
	size_t said_len = 0;
	FILE *messages = open_memstream(&said, &said_len);
	struct order order = {.gone = 0};
	struct previous *previous;

	check(messages != NULL);
	previous = previous_open(report_folder("verdicts.csv.gz", data, size), messages);
	fflush(messages);
	check((previous == NULL) == (said_len > 0));
	if (previous) {
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
			ask(previous, &order, names[i]);
		check(order.answers == sizeof(names) / sizeof(*names));
		ask(previous, &order, NULL);
		check(order.answers == sizeof(names) / sizeof(*names));
		previous_tell(previous);
		fflush(messages);
		check(previous_damaged(previous) == (said_len > 0));
		previous_close(&previous);
	}
	fclose(messages);
	for (size_t i = 0; i < said_len; i++)
		check((said[i] >= ' ' && said[i] <= '~') || said[i] == '\n');
	free(said);
	return 0;
}
