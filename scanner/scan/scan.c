/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/scan/scan_inside.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/clock.h"
#include "scanner/run/batch.h"
#include "scanner/ask/share.h"

/* Batches between reader and workers: enough that nobody waits, little enough that a stop leaves
 * few names read in vain. */
#define QUEUE_BATCHES 4

#define LOAD(counter) atomic_load_explicit(&(counter), memory_order_relaxed)

bool scan_to_standard_output(const struct options *options)
{
	return strcmp(options->output, "-") == 0;
}

const char *scan_output_name(const struct scan *scan)
{
	return scan_to_standard_output(scan->config.options) ? "standard output"
							     : scan->config.options->output;
}

static bool prepare(struct scan *scan)
{
	const struct options *options = scan->config.options;
	size_t count = scan->config.resolvers->count;

	scan->start_ns = clock_mono_ns();
	scan->rate = share_of(options->rate, options->shards);
	pace_init(&scan->pace, scan->rate, scan->start_ns);
	scan->resolver_paces = aligned_alloc(_Alignof(struct pace), count * sizeof(struct pace));
	scan->names = queue_create(QUEUE_BATCHES);
	scan->meters = meters_create((size_t)options->threads + 1, count);
	scan->gone = calloc(count, sizeof(*scan->gone));
	scan->told_gone = calloc(count, sizeof(*scan->told_gone));
	if (scan->resolver_paces == NULL || scan->names == NULL || scan->meters == NULL ||
	    scan->gone == NULL || scan->told_gone == NULL)
		return false;
	if (scan->config.journal != NULL)
		totals_take(&scan->prior, journal_manifest(scan->config.journal));
	for (size_t r = 0; r < count; r++)
		pace_init(&scan->resolver_paces[r],
			  share_of(options->resolver_rate, options->shards), scan->start_ns);
	return true;
}

static void end_threads(struct scan *scan)
{
	struct batch *batch;

	if (scan->workers != NULL)
		workers_join(scan->workers);
	if (scan->recheck != NULL) {
		recheck_close(scan->recheck);
		recheck_join(scan->recheck);
	}
	if (scan->prober != NULL) {
		prober_close(scan->prober);
		prober_join(scan->prober);
	}
	if (scan->keeper != NULL) {
		keeper_close(scan->keeper);
		keeper_join(scan->keeper);
	}
	if (scan->lookout != NULL)
		lookout_stop(scan->lookout);
	if (scan->reader != NULL) {
		reader_stop(scan->reader);
		reader_join(scan->reader);
	}
	while (scan->names != NULL && (batch = queue_try_take(scan->names, NULL)) != NULL)
		batch_destroy(&batch);
}

static void destroy(struct scan **scan)
{
	struct scan *s = *scan;

	workers_destroy(&s->workers);
	prober_destroy(&s->prober);
	glue_destroy(&s->glue);
	recheck_destroy(&s->recheck);
	keeper_destroy(&s->keeper);
	lookout_destroy(&s->lookout);
	troubles_destroy(&s->troubles);
	meters_destroy(&s->meters);
	free(s->gone);
	free(s->told_gone);
	reader_destroy(&s->reader);
	queue_destroy(&s->names);
	free(s->resolver_paces);
	free(s->rejected_path);
	free(s->operators_path);
	free(s);
	*scan = NULL;
}

struct scan *scan_start(const struct scan_config *config, struct buf *errors)
{
	struct scan *scan = aligned_alloc(64, (sizeof(*scan) + 63) / 64 * 64);

	if (scan == NULL) {
		buf_add_str(errors, "out of memory");
		return NULL;
	}
	memset(scan, 0, sizeof(*scan));
	scan->config = *config;
	if (!prepare(scan)) {
		buf_add_str(errors, "out of memory");
	} else if (scan_start_parts(scan, errors)) {
		return scan;
	}
	atomic_store(&scan->stop, true);
	atomic_store(&scan->abandon, true);
	end_threads(scan);
	writer_abandon(&scan->writer);
	writer_abandon(&scan->evidence_writer);
	destroy(&scan);
	return NULL;
}

void scan_totals(struct scan *scan, struct scan_totals *totals)
{
	const struct options *options = scan->config.options;
	bool past = LOAD(
		reader_counters(scan->reader)->past); /* before what is counted: never too late */

	memset(totals, 0, sizeof(*totals));
	totals->workers = (uint64_t)workers_count(scan->workers);
	for (int i = 0; i < workers_count(scan->workers); i++)
		totals_add_worker(totals, workers_at(scan->workers, i));
	if (scan->keeper != NULL)
		totals_add_keeper(totals, scan->keeper);
	if (scan->recheck != NULL)
		totals_add_recheck(totals, scan->recheck);
	if (scan->prober != NULL)
		totals_add_prober(totals, scan->prober);
	if (scan->lookout != NULL)
		totals_add_lookout(totals, scan->lookout);
	totals_add_reader(totals, scan->reader);
	totals_add_prior(totals, &scan->prior, past);
	totals->names -= scan->lost.names;
	totals->rows_lost = scan->lost.rows;
	totals->left = totals->read - totals->names - totals->duplicates - totals->rejected;
	totals->octets = scan->writer != NULL ? writer_octets(scan->writer) : scan->octets;
	totals->resolvers = scan->config.resolvers->count;
	totals->resolvers_slowed = scan->keeper != NULL ? keeper_slowed(scan->keeper) : 0;
	for (size_t r = 0; r < totals->resolvers; r++) {
		totals->resolvers_dropped += scan->config.dropped[r] || atomic_load(&scan->gone[r]);
		totals->pairs_per_name += !scan->config.dropped[r];
	}
	if (options->resolvers_per_name > 0 &&
	    totals->pairs_per_name > (uint64_t)options->resolvers_per_name)
		totals->pairs_per_name = (uint64_t)options->resolvers_per_name;
	totals->pairs_per_name *= (uint64_t)options->qtype_count;
	totals->rate = scan->rate;
	totals->elapsed_ns = clock_mono_ns() - scan->start_ns;
}

void scan_set_rates(struct scan *scan, int64_t rate, int64_t resolver_rate)
{
	int64_t shards = scan->config.options->shards;

	scan->rate = share_of(rate, shards);
	pace_set_rate(&scan->pace, scan->rate);
	if (scan->keeper != NULL) {
		keeper_limit(scan->keeper, share_of(resolver_rate, shards));
		return;
	}
	for (size_t r = 0; r < scan->config.resolvers->count; r++)
		pace_set_rate(&scan->resolver_paces[r], share_of(resolver_rate, shards));
}

bool scan_ended(struct scan *scan)
{
	if (!workers_ended(scan->workers))
		return false;
	/* The rechecks may have something left for the evidence. */
	if (scan->recheck != NULL) {
		recheck_close(scan->recheck);
		if (!recheck_ended(scan->recheck))
			return false;
	}
	if (scan->prober != NULL)
		prober_close(scan->prober);
	return scan->prober == NULL || prober_ended(scan->prober);
}

void scan_tend(struct scan *scan)
{
	workers_tend(scan->workers);
}

int32_t scan_next_gone(struct scan *scan)
{
	for (size_t r = 0; r < scan->config.resolvers->count; r++) {
		if (scan->told_gone[r] || !atomic_load(&scan->gone[r]))
			continue;
		scan->told_gone[r] = true;
		return (int32_t)r;
	}
	return -1;
}

int64_t scan_silence_ns(const struct scan *scan)
{
	return lookout_silence_ns(scan->lookout);
}

void scan_stop(struct scan *scan)
{
	atomic_store(&scan->stop, true);
}

void scan_abandon(struct scan *scan)
{
	atomic_store(&scan->stop, true);
	atomic_store(&scan->abandon, true);
}

bool scan_had_no_input(struct scan *scan)
{
	const struct reader_counters *r = reader_counters(scan->reader);

	return LOAD(r->files_failed) > 0 && LOAD(r->files_opened) == 0;
}

bool scan_had_no_names(struct scan *scan)
{
	return reader_found_no_names(scan->reader);
}

int scan_output_error(struct scan *scan)
{
	int error = writer_error(scan->writer);

	if (error == 0 && scan->evidence_writer != NULL)
		error = writer_error(scan->evidence_writer);
	return error == 0 && scan->config.journal != NULL ? journal_error(scan->config.journal)
							  : error;
}

/* Completes the files of one writer. 0 or -errno. */
static int finish_writer(struct scan *scan, struct writer **writer, struct manifest *manifest)
{
	struct run_part *parts;
	struct writer_loss loss;
	size_t count;
	int error;

	if (*writer == NULL)
		return 0;
	error = writer_finish(writer, &parts, &count, &loss);
	scan->lost.rows += loss.rows;
	scan->lost.names += loss.names;
	for (size_t i = 0; i < count; i++)
		(void)manifest_add_part(manifest, parts[i].name, parts[i].rows, parts[i].octets,
					parts[i].sha256);
	free(parts);
	return error;
}

/* Says on `errors` what went wrong; 0 or -errno. */
static int finish_output(struct scan *scan, struct manifest *manifest, struct buf *errors)
{
	uint64_t lost = scan->prober != NULL ? LOAD(prober_counters(scan->prober)->rows_lost) : 0;
	uint64_t lost_again =
		scan->recheck != NULL ? LOAD(recheck_counters(scan->recheck)->rows_lost) : 0;
	uint64_t skipped =
		scan->recheck != NULL ? LOAD(recheck_counters(scan->recheck)->skipped) : 0;
	int error, other;

	if (scan->config.journal != NULL)
		journal_stop(scan->config.journal);
	error = finish_writer(scan, &scan->writer, manifest);
	other = finish_writer(scan, &scan->evidence_writer, manifest);
	error = error != 0 ? error : other;
	lost += lost_again;
	for (int i = 0; i < workers_count(scan->workers); i++)
		lost += worker_rows_lost(workers_at(scan->workers, i));
	if (error != 0)
		buf_addf(errors, "%s: %s: %llu rows could not be written\n", scan_output_name(scan),
			 strerror(-error), (unsigned long long)scan->lost.rows);
	if (lost > 0)
		buf_addf(errors, "%llu rows were lost: out of memory\n", (unsigned long long)lost);
	if (skipped > 0)
		buf_addf(errors,
			 "%llu names that failed were not asked again: out of memory, or too many "
			 "were waiting\n",
			 (unsigned long long)skipped);
	return error == 0 && lost + skipped > 0 ? -ENOMEM : error;
}

bool scan_finish(struct scan **scan, struct manifest *manifest, struct scan_totals *totals,
		 struct buf *errors)
{
	struct scan *s = *scan;
	const struct reader_counters *r = reader_counters(s->reader);
	bool good;
	int error, journal = 0;

	end_threads(s);
	if (s->keeper != NULL)
		keeper_tell(s->keeper, s->config.during);
	s->octets = writer_octets(s->writer);
	error = finish_output(s, manifest, errors);
	if (s->config.journal != NULL && (journal = journal_end(s->config.journal)) == 0)
		journal = -journal_error(s->config.journal); /* why the scan was stopped */
	if (journal != 0)
		buf_addf(errors, "%s/" JOURNAL_FILE ": %s\n", scan_output_name(s),
			 strerror(-journal));
	scan_totals(s, totals);
	totals->recheck_skipped += totals->recheck_waiting;
	totals->output_failed = (error != 0 && error != -ENOMEM) || journal != 0;
	buf_add_str(errors, reader_problems(s->reader));
	if (LOAD(r->rejected) * 2 > LOAD(r->read))
		buf_addf(errors, "%s; the first: %s\n",
			 reader_found_no_names(s->reader) ? "not one line of the lists is a name"
							  : "most lines of the lists are no names",
			 reader_first_reject(s->reader));
	good = error == 0 && LOAD(r->files_failed) == 0 && LOAD(r->output_failed) == 0;
	totals_put(totals, manifest);
	destroy(scan);
	return good;
}
