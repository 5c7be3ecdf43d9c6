/* SPDX-License-Identifier: BSD-2-Clause */

/* Any octets as the head of a report from elsewhere: what is taken comes back the same. */
#include <stdlib.h>
#include <string.h>

#include "results/sort/head.h"
#include "results/tally/served.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct head new_head(void)
{
	static const struct shared_plan plan = {"/nonexistent", 0, 1};
	struct head head = {.panel = panel_create(),
			    .tally = tally_create(),
			    .expected = expected_create(),
			    .shared = shared_create(&plan)};

	if (!head.panel || !head.tally || !head.expected || !head.shared)
		abort();
	return head;
}

static void end(struct head *head)
{
	panel_destroy(&head->panel);
	tally_destroy(&head->tally);
	expected_destroy(&head->expected);
	shared_destroy(&head->shared);
}

/* Settles it and writes it again. */
static struct buf again(struct head *head)
{
	struct buf out = BUF_EMPTY;

	if (!panel_settle(head->panel, head->tally) || !head_put(&out, head))
		abort();
	return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct head head = new_head(), other;
	struct buf payload = BUF_EMPTY, once, twice;
	struct record record = {.key = ""};

	/* the marks are many and may be anything */
	if (!buf_reserve(&payload, size + SHARED_MARKS))
		abort();
	if (size)
		memcpy(payload.data, data, size);
	memset(payload.data + size, 0, SHARED_MARKS);
	record.payload = payload.data;
	record.payload_len = size + SHARED_MARKS;
	if (head_take(&head, &record, 1)) {
		struct served_list served;

		if (!served_read(&served, head.tally))
			abort();
		served_free(&served);
		once = again(&head);
		record.payload = once.data;
		record.payload_len = once.len;
		other = new_head();
		if (!head_take(&other, &record, 1))
			abort();
		twice = again(&other);
		if (once.len != twice.len || memcmp(once.data, twice.data, once.len) != 0)
			abort();
		end(&other);
		buf_free(&once);
		buf_free(&twice);
	}
	end(&head);
	buf_free(&payload);
	return 0;
}
