/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/verdicts.h"

#include <errno.h>

#include "io/gzip.h"
#include "io/outfile.h"
#include "results/shared.h"

/* Plain octets a gzip member holds. */
#define MEMBER_OCTETS (1U << 20)
#define GZIP_LEVEL    6

struct work {
	const struct expected *expected;
	struct tally *tally;
	struct shared *shared;
	struct gzip_deflater *deflater;
	struct outfile *file;
	struct buf plain, packed;
	int error;
};

static bool fail(struct work *work, int error)
{
	work->error = error;
	return false;
}

/* First pass: how does what fails fail? */
static bool note(struct facts *facts, struct opinion *opinions, void *arg)
{
	struct work *work = arg;
	uint64_t way = shared_way(opinions, facts_opinions(facts, opinions));

	return !way || shared_note(work->shared, facts->name, way) || fail(work, -ENOMEM);
}

/* Second pass: how many of all names below a suffix do? */
static bool count(struct facts *facts, struct opinion *opinions, void *arg)
{
	struct work *work = arg;
	size_t opinion_count = facts_opinions(facts, opinions);
	bool resolves = false;

	for (size_t i = 0; i < opinion_count; i++)
		resolves |= opinions[i].kind == OPINION_OK;
	shared_count(work->shared, facts->name, shared_way(opinions, opinion_count), resolves);
	return true;
}

static bool flush(struct work *work)
{
	int error;

	if (work->plain.len == 0)
		return true;
	buf_clear(&work->packed);
	if (work->plain.failed ||
	    !gzip_member(work->deflater, work->plain.data, work->plain.len, &work->packed))
		return fail(work, -ENOMEM);
	error = outfile_write(work->file, work->packed.data, work->packed.len);
	buf_clear(&work->plain);
	return error == 0 || fail(work, error);
}

/* Third pass: the verdict. */
static bool decide(struct facts *facts, struct opinion *opinions, void *arg)
{
	struct work *work = arg;
	struct verdict verdict;
	size_t opinion_count;
	uint64_t way;

	if (facts->look_count == 0) /* evidence on a name whose rows are not here */
		return true;
	way = shared_way(opinions, facts_opinions(facts, opinions));
	facts->shared_at = shared_zone(work->shared, facts->name, way);
	facts->alive_above = shared_alive(work->shared, facts->name);
	facts->alive_below = shared_alive_below(work->shared, facts->name);
	facts->on_purpose = expected_has(work->expected, facts->name);
	opinion_count = judge(facts, opinions, &verdict);
	if (!tally_name(work->tally, facts->name, &verdict) ||
	    !tally_facts(work->tally, facts, opinions, opinion_count, &verdict, 1) ||
	    !buf_reserve(&work->plain, VERDICT_MAX))
		return fail(work, -ENOMEM);
	work->plain.len += verdict_write(work->plain.data + work->plain.len, facts->name,
					 facts->qtype, &verdict);
	return work->plain.len < MEMBER_OCTETS || flush(work);
}

static bool run_passes(struct work *work, struct group *group)
{
	if (!buf_reserve(&work->plain, VERDICT_MAX))
		return fail(work, -ENOMEM);
	work->plain.len = csv_header(work->plain.data, verdict_columns);
	return group_each(group, true, note, work) && group_each(group, false, count, work) &&
	       group_each(group, false, decide, work) && flush(work);
}

int verdicts_make(struct group *group, const struct expected *expected, struct tally *tally,
		  const char *path)
{
	struct work work = {.expected = expected,
			    .tally = tally,
			    .shared = shared_create(),
			    .deflater = gzip_deflater_create(GZIP_LEVEL),
			    .plain = BUF_EMPTY,
			    .packed = BUF_EMPTY};
	int error = 0;

	work.file = outfile_create(path);
	if (!work.file)
		error = -errno;
	else if (!work.shared || !work.deflater)
		error = -ENOMEM;
	else if (!run_passes(&work, group))
		error = work.error ? work.error : -ENOMEM;
	else
		error = outfile_commit(&work.file);
	outfile_abandon(&work.file);
	if (work.deflater)
		gzip_deflater_destroy(&work.deflater);
	shared_destroy(&work.shared);
	buf_free(&work.plain);
	buf_free(&work.packed);
	return error;
}
