/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/tally/trend.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct night night_of(const struct tally *t, bool compared)
{
	struct night night = {.first_ms = t->first_ms,
			      .last_ms = t->last_ms,
			      .questions = t->questions,
			      .compared = compared,
			      .broke = t->changes[CHANGE_BROKE],
			      .mended = t->changes[CHANGE_MENDED]};

	memcpy(night.status, t->status, sizeof(night.status));
	memcpy(night.category, t->category, sizeof(night.category));
	return night;
}

bool trend_add(struct trend *trend, const struct night *night)
{
	struct night *more = reallocarray(trend->nights, trend->count + 1, sizeof(*more));

	if (!more)
		return false;
	trend->nights = more;
	more[trend->count++] = *night;
	return true;
}

void trend_clear(struct trend *trend)
{
	free(trend->nights);
	*trend = (struct trend){.nights = NULL};
}

static int by_time(const void *a, const void *b)
{
	const struct night *x = a, *y = b;

	if (x->last_ms != y->last_ms)
		return x->last_ms < y->last_ms ? -1 : 1;
	return y->told - x->told; /* what a report says of itself counts: it may be made anew */
}

static bool is_before(const struct night *night, const struct night *now)
{
	return !now->last_ms || night->last_ms < now->last_ms;
}

/* Each night once, in order, and only those before this one. */
static void put_in_order(struct trend *trend, const struct night *now)
{
	size_t kept = 0, most = TREND_NIGHTS - 1;

	if (trend->count)
		qsort(trend->nights, trend->count, sizeof(*trend->nights), by_time);
	for (size_t i = 0; i < trend->count; i++) {
		const struct night *night = &trend->nights[i];

		if (!night->last_ms || !is_before(night, now))
			continue;
		if (kept && trend->nights[kept - 1].last_ms == night->last_ms)
			kept--;
		trend->nights[kept++] = *night;
	}
	if (kept > most) {
		memmove(trend->nights, trend->nights + kept - most, most * sizeof(*trend->nights));
		kept = most;
	}
	trend->count = kept;
}

/* ---- finding reports ---- */

static bool has_file(const char *dir, const char *file)
{
	struct stat info;
	char *path;
	bool there = false;

	if (asprintf(&path, "%s/%s", dir, file) >= 0) {
		there = stat(path, &info) == 0 && !S_ISDIR(info.st_mode);
		free(path);
	}
	return there;
}

static bool is_report(const char *dir)
{
	return has_file(dir, "verdicts.csv.gz") || has_file(dir, "summary.json");
}

static bool is_same(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static const char *read_summary(const char *dir, struct night *night, struct trend *earlier,
				char why[CSV_WHY_MAX])
{
	const char *wrong = "out of memory";
	char *path;

	if (asprintf(&path, "%s/summary.json", dir) >= 0) {
		wrong = trend_read(path, night, earlier, why);
		free(path);
	}
	return wrong;
}

/* The one report that was named. */
static enum trend_result take_one(struct trend *trend, const char *path, FILE *messages)
{
	char why[CSV_WHY_MAX];
	struct night night;
	const char *wrong = read_summary(path, &night, trend, why);

	if (wrong) {
		fprintf(messages, "%s/summary.json: %s\n", path, wrong);
		return TREND_DAMAGED;
	}
	trend->previous = night;
	if (trend_add(trend, &night))
		return TREND_FOUND;
	fprintf(messages, "%s: out of memory\n", path);
	return TREND_DAMAGED;
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

struct search {
	struct trend *trend;
	const struct night *now;
	const char *own;
	FILE *messages;
	char *latest; /* the previous report, as far as is known */
	bool own_seen, damaged;
};

/* Takes over dir. */
static void look_into(struct search *search, char *dir)
{
	struct trend none = {.nights = NULL};
	char why[CSV_WHY_MAX];
	struct night night;
	const char *wrong;

	if (is_same(dir, search->own)) {
		search->own_seen = true;
	} else if (is_report(dir)) {
		wrong = read_summary(dir, &night, &none, why);
		if (wrong) {
			fprintf(search->messages, "%s/summary.json: %s\n", dir, wrong);
			search->damaged = true;
		} else if (night.last_ms && is_before(&night, search->now)) {
			if (!trend_add(search->trend, &night)) {
				fprintf(search->messages, "%s: out of memory\n", dir);
				search->damaged = true;
			}
			if (!search->latest || night.last_ms > search->trend->previous.last_ms) {
				free(search->latest);
				search->latest = dir;
				search->trend->previous = night;
				dir = NULL;
			}
		}
	}
	trend_clear(&none);
	free(dir);
}

static enum trend_result take_all(struct search *search, const char *path, char **dir)
{
	struct dirent **names;
	int count = scandir(path, &names, is_visible, alphasort);
	struct night night;
	char why[CSV_WHY_MAX];

	if (count < 0) {
		fprintf(search->messages, "%s: %s\n", path, strerror(errno));
		return TREND_DAMAGED;
	}
	for (int i = 0; i < count; i++) {
		char *sub;

		if (asprintf(&sub, "%s/%s", path, names[i]->d_name) >= 0)
			look_into(search, sub);
		else
			search->damaged = true;
		free(names[i]);
	}
	free(names);
	*dir = search->latest;
	if (search->latest) /* what it tells of nights whose reports are gone */
		read_summary(search->latest, &night, search->trend, why);
	else if (!search->damaged && !search->own_seen)
		fprintf(search->messages, "%s: neither a report nor a directory of reports\n",
			path);
	if (search->damaged || (!search->latest && !search->own_seen))
		return TREND_DAMAGED;
	return search->latest ? TREND_FOUND : TREND_FIRST;
}

enum trend_result trend_find(struct trend *trend, const char *path, const struct night *now,
			     const char *own, FILE *messages, char **dir)
{
	struct search search = {.trend = trend, .now = now, .own = own, .messages = messages};
	enum trend_result result;

	*dir = NULL;
	if (is_report(path)) {
		*dir = strdup(path);
		result = take_one(trend, path, messages);
		if (!*dir) {
			fprintf(messages, "%s: out of memory\n", path);
			result = TREND_DAMAGED;
		}
	} else {
		result = take_all(&search, path, dir);
	}
	put_in_order(trend, now);
	return result;
}
