/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/dryrun.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <time.h>

#include "io/clock.h"
#include "scanner/run/batch.h"
#include "scanner/run/reader.h"
#include "scanner/scan/scan.h"
#include "scanner/evidence/standing.h"
#include "scanner/ask/share.h"

#define QUEUE_BATCHES  4
#define TOLD_RESOLVERS 10
#define LOOK_NS	       (2 * NS_PER_MS)

static void drain(struct queue *names, bool (*stop)(void *owner), void *owner,
		  struct reader *reader)
{
	const struct timespec look = {.tv_nsec = LOOK_NS};
	bool done = false, stopped = false;

	while (!done) {
		struct batch *batch = queue_try_take(names, &done);

		if (!stopped && stop(owner)) {
			stopped = true;
			reader_stop(reader);
		}
		if (batch != NULL)
			batch_destroy(&batch);
		else if (!done)
			nanosleep(&look, NULL);
	}
}

bool dryrun(struct dryrun *result, const struct options *options, const struct suffixes *exclude,
	    bool (*stop)(void *owner), void *owner, struct buf *errors)
{
	struct queue *names = queue_create(QUEUE_BATCHES);
	struct reader_config config;
	const struct reader_counters *counters;
	struct reader *reader;

	if (names == NULL) {
		buf_add_str(errors, "out of memory\n");
		return false;
	}
	scan_reader_config(&config, options, exclude, names);
	reader = reader_start(&config, errors);
	if (reader == NULL) {
		queue_destroy(&names);
		return false;
	}
	drain(names, stop, owner, reader);
	reader_join(reader);
	counters = reader_counters(reader);
	*result = (struct dryrun){
		.read = counters->read - counters->other_shard,
		.names = counters->handed_out,
		.duplicates = counters->duplicates,
		.excluded = counters->excluded,
		.rejected = counters->rejected + counters->excluded,
		.left = counters->left,
		.no_input = counters->files_failed > 0 && counters->files_opened == 0,
		.no_names = reader_found_no_names(reader),
		.input_failed = counters->files_failed > 0,
	};
	buf_addf(&result->first_reject, "%s", reader_first_reject(reader));
	buf_add_str(errors, reader_problems(reader));
	reader_destroy(&reader);
	queue_destroy(&names);
	return true;
}

/* The slower of both limits decides; 0: neither is set. */
static double seconds(const struct options *options, double queries, double each)
{
	double rate = share_of(options->rate, options->shards);
	double resolver_rate = share_of(options->resolver_rate, options->shards);
	double all_s = rate > 0 ? queries / rate : 0;
	double each_s = resolver_rate > 0 ? each / resolver_rate : 0;

	return fmax(all_s, each_s);
}

/* What one of several shards may take of the rates. */
static void tell_share(const struct options *options, struct buf *text)
{
	const struct {
		const char *name;
		int64_t rate;
	} limits[] = {{"--rate", options->rate}, {"--resolver-rate", options->resolver_rate}};

	buf_addf(text, "shard %" PRId64 " of %" PRId64, options->shard, options->shards);
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (limits[i].rate > 0)
			buf_addf(text, ", %.6g of %s %" PRId64,
				 share_of(limits[i].rate, options->shards), limits[i].name,
				 limits[i].rate);
	buf_add_str(text, "\n");
}

/* Whom, by name as long as there are few; and what else is asked, whom nobody knows before. */
static void tell_whom(const struct options *options, const struct resolvers *resolvers,
		      const char *about, uint64_t each, struct buf *text)
{
	for (size_t r = 0; r < resolvers->count && r < TOLD_RESOLVERS; r++)
		buf_addf(text, "  %s%" PRIu64 " to %s\n", about, each, resolvers->list[r].text);
	if (resolvers->count > TOLD_RESOLVERS)
		buf_addf(text, "  ... and as many to each of %zu more\n",
			 resolvers->count - TOLD_RESOLVERS);
	buf_add_str(text, "besides, each gets some control names, one for some hundred queries\n");
	if (options->evidence != EVIDENCE_NONE &&
	    (options->output == NULL || strcmp(options->output, "-") != 0))
		buf_addf(text,
			 "name servers are asked about %s, %d queries a second to each address at "
			 "most\n",
			 options->evidence == EVIDENCE_ALL ? "every name" : "what fails",
			 STANDING_QPS);
	if (options->recheck_ms > 0)
		buf_addf(text, "what fails is asked again after %.15g seconds\n",
			 (double)options->recheck_ms / 1000);
}

void dryrun_tell(const struct dryrun *result, const struct options *options,
		 const struct resolvers *resolvers, struct buf *text)
{
	/* CD=1 follows each CD=0, or only those that fail, which nobody knows before. */
	uint64_t pair = options->pairs == PAIRS_ALWAYS ? 2 : 1, asked = resolvers->count, all, each;
	double s;

	if (options->resolvers_per_name > 0 && asked > (uint64_t)options->resolvers_per_name)
		asked = (uint64_t)options->resolvers_per_name;
	all = result->names * (uint64_t)options->qtype_count * pair * asked;
	each = (all + resolvers->count - 1) / resolvers->count;
	s = ceil(seconds(options, (double)all, (double)each));
	buf_addf(text,
		 "%" PRIu64 " names read: %" PRIu64 " to ask, %" PRIu64 " duplicates, %" PRIu64
		 " rejected (%" PRIu64 " excluded)\n",
		 result->read, result->names, result->duplicates, result->rejected,
		 result->excluded);
	if (result->first_reject.len > 0)
		buf_addf(text, "the first of the rejected: %s\n", result->first_reject.data);
	buf_addf(text, "%" PRIu64 " queries%s to %zu resolver%s:\n", all,
		 options->pairs == PAIRS_ALWAYS ? "" : " or more", resolvers->count,
		 resolvers->count == 1 ? "" : "s");
	tell_whom(options, resolvers, asked < resolvers->count ? "about " : "", each, text);
	if (options->shards > 1)
		tell_share(options, text);
	if (s > 0)
		buf_addf(text,
			 "at --rate %" PRId64 " and --resolver-rate %" PRId64
			 " that takes %.0f:%02.0f:%02.0f at least\n",
			 options->rate, options->resolver_rate, floor(s / 3600),
			 floor(fmod(s, 3600) / 60), fmod(s, 60));
}
