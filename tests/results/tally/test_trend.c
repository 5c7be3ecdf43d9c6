/* SPDX-License-Identifier: BSD-2-Clause */

/* Earlier reports, found in a directory: which is the previous one, and which nights they tell of. */
#include "results/tally/trend.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/tap.h"

static char base[] = "/tmp/test_trend-XXXXXX";

#define DAY_MS	 INT64_C(86400000)
#define FIRST_MS INT64_C(1793491200000) /* 2026-11-01T00:00:00Z */

static char *path_of(const char *dir, const char *file)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s%s%s", base, dir, *file ? "/" : "", file);
	return path;
}

/* The summary of night 1, 2, ... of November; more goes into the object. */
static void put(const char *dir, int night, const char *more)
{
	FILE *out;

	mkdir(path_of(dir, ""), 0700);
	out = fopen(path_of(dir, "summary.json"), "w");
	fprintf(out,
		"{\"schema\": 1, \"first\": \"2026-11-%02dT00:00:00.000Z\", \"last\": "
		"\"2026-11-%02dT00:00:01.000Z\", \"questions\": %d, \"status\": {\"failing\": 3}, "
		"\"category\": {\"dnssec\": 2}%s}",
		night, night, 100 + night, more);
	fclose(out);
}

static void take_away(const char *dir)
{
	remove(path_of(dir, "summary.json"));
	rmdir(path_of(dir, ""));
}

static struct trend trend;
static char *dir, *said;

/* Night `now` looks for those before it. */
static enum trend_result find(const char *where, int now, const char *own)
{
	struct night night = {.first_ms = FIRST_MS + (now - 1) * DAY_MS,
			      .last_ms = FIRST_MS + (now - 1) * DAY_MS + 1000};
	char path[256], own_path[256];
	enum trend_result result;
	FILE *messages;
	size_t len;

	trend_clear(&trend);
	free(dir);
	free(said);
	messages = open_memstream(&said, &len);
	snprintf(path, sizeof(path), "%s", path_of(where, ""));
	snprintf(own_path, sizeof(own_path), "%s", path_of(own, ""));
	result = trend_find(&trend, path, &night, own_path, messages, &dir);
	fclose(messages);
	return result;
}

static const char *name_of(const char *path)
{
	return path ? strrchr(path, '/') + 1 : "(none)";
}

static void one_report(void)
{
	put("one", 2,
	    ", \"changes\": {\"broke\": 5, \"mended\": 6}, \"trend\": "
	    "[{\"last\": \"2026-11-01T00:00:01.000Z\", \"questions\": 7}, "
	    "{\"last\": \"2026-11-09T00:00:01.000Z\", \"questions\": 8}, {}, 3]");
	is_int(find("one", 3, "own"), TREND_FOUND, "a report that is named");
	is_str(name_of(dir), "one", "is the one");
	is_str(said, "", "nothing is said");
	is_int((long long)trend.count, 2, "two nights: its own, and the one that it tells of");
	is_int((long long)trend.nights[0].questions, 7, "the older one first");
	ok(trend.nights[0].told && !trend.nights[0].compared, "told by a later report");
	is_int((long long)trend.nights[1].questions, 102, "then its own");
	is_int((long long)trend.nights[1].status[STATUS_FAILING], 3, "how many fail");
	is_int((long long)trend.nights[1].category[CATEGORY_DNSSEC], 2, "and why");
	ok(trend.nights[1].compared && trend.nights[1].broke == 5 && trend.nights[1].mended == 6,
	   "what had changed");
	is_int((long long)trend.previous.questions, 102, "which is what is compared with");
	is_int(find("one", 2, "own"), TREND_FOUND, "of the same night");
	is_int((long long)trend.count, 1, "it is no night before this one");
	take_away("one");
}

static void many_reports(void)
{
	is_int(find("", 5, "own"), TREND_DAMAGED, "a directory without reports");
	ok(strstr(said, "neither a report nor a directory of reports") != NULL, "is said to be so");
	put("own", 5, "");
	is_int(find("", 5, "own"), TREND_FIRST, "none but this one: it is the first");
	put("b", 4,
	    ", \"trend\": [{\"last\": \"2026-11-01T00:00:01.000Z\", \"questions\": 7}, "
	    "{\"last\": \"2026-11-03T00:00:01.000Z\", \"questions\": 8}]");
	put("a", 3, "");
	put("c", 9, "");
	put(".hidden", 2, "");
	is_int(find("", 5, "own"), TREND_FOUND, "several");
	is_str(name_of(dir), "b", "the latest before this one");
	is_int((long long)trend.count, 3, "three nights");
	is_int((long long)trend.nights[0].questions, 7, "one that is only told of");
	is_int((long long)trend.nights[1].questions, 103, "what a report says of itself counts");
	is_int((long long)trend.nights[2].questions, 104, "the last one");
	is_int(find("", 1, "own"), TREND_FIRST, "before all of them");
	is_int((long long)trend.count, 0, "no night");
	put("d", 2, ",");
	is_int(find("", 5, "own"), TREND_DAMAGED, "one that cannot be read");
	ok(strstr(said, "d/summary.json: line 1: ") != NULL, "is said: %s", said);
	is_str(name_of(dir), "b", "and the others count");
	is_int((long long)trend.count, 3, "all of them");
	for (const char *const *name =
		     (const char *const[]){"own", "a", "b", "c", "d", ".hidden", NULL};
	     *name; name++)
		take_away(*name);
}

static void what_is_none(void)
{
	is_int(find("nowhere", 5, "own"), TREND_DAMAGED, "a directory that is not there");
	ok(strstr(said, "nowhere: No such file or directory") != NULL, "said");
	put("other", 2, ", \"schema\": 2");
	is_int(find("other", 5, "own"), TREND_DAMAGED, "another schema");
	ok(strstr(said, "not the summary of a report, or of another schema") != NULL, "said");
	ok(dir != NULL, "but it is the report that was named");
	take_away("other");
}

static void most_nights(void)
{
	char *more = malloc(100 * 1000), *end = more;

	end += sprintf(end, ", \"trend\": [{}");
	for (int i = 0; i < 800; i++)
		end += sprintf(
			end, ", {\"last\": \"20%02d-%02d-%02dT00:00:00.000Z\", \"questions\": %d}",
			10 + i / 336, 1 + i / 28 % 12, 1 + i % 28, i);
	strcpy(end, "]");
	put("long", 2, more);
	is_int(find("long", 5, "own"), TREND_FOUND, "800 nights before it");
	is_int((long long)trend.count, TREND_NIGHTS - 1, "the oldest are forgotten");
	is_int((long long)trend.nights[0].questions, 800 + 1 - (TREND_NIGHTS - 1), "just these");
	ok(trend_add(&trend, &(struct night){.questions = 1}), "this one is added");
	is_int((long long)trend.nights[TREND_NIGHTS - 1].questions, 1, "at the end");
	take_away("long");
	free(more);
}

int main(void)
{
	if (!mkdtemp(base))
		return 3;
	one_report();
	many_reports();
	what_is_none();
	most_nights();
	trend_clear(&trend);
	free(dir);
	free(said);
	ok(rmdir(base) == 0, "nothing is left behind");
	return done_testing();
}
