/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any octets as the summary.json of an earlier report: either it is refused with a reason, or the
 * nights that it tells of are in order, and can be shown beside this one.
 */
#include <string.h>

#include "results/report/page.h"
#include "results/tally/trend.h"
#include "tests/fuzz/report_folder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int good)
{
	if (!good)
		abort();
}

static void show(struct trend *trend, const struct night *now)
{
	struct buf out = BUF_EMPTY;
	struct page page = {.out = &out, .trend = trend, .compared = true};

	check(trend_add(trend, now));
	check(trend->count <= TREND_NIGHTS);
	for (size_t i = 1; i < trend->count; i++)
		check(trend->nights[i - 1].last_ms < trend->nights[i].last_ms);
	page_trend_chart(&page);
	page_trend_table(&page);
	check(!out.failed && out.len > 0 && memchr(out.data, '\0', out.len) == NULL);
	buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct night now = {.first_ms = INT64_C(4102444800000),
			    .last_ms = INT64_C(4102444800001),
			    .questions = 3};
	struct trend trend = {.nights = NULL};
	char *said = NULL, *dir = NULL;
	size_t said_len = 0;
	FILE *messages = open_memstream(&said, &said_len);
	enum trend_result result;

	check(messages != NULL);
	result = trend_find(&trend, report_folder("summary.json", data, size), &now, "/nonexistent",
			    messages, &dir);
	fclose(messages);
	check(result == TREND_FOUND || result == TREND_DAMAGED);
	check((result == TREND_DAMAGED) == (said_len > 0));
	for (size_t i = 0; i + 1 < said_len; i++)
		check(said[i] >= ' ' && said[i] <= '~');
	if (result == TREND_FOUND)
		show(&trend, &now);
	trend_clear(&trend);
	free(dir);
	free(said);
	return 0;
}
