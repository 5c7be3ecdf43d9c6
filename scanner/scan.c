/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/scan.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/clock.h"
#include "results/csv.h"
#include "results/evidence.h"
#include "scanner/batch.h"
#include "scanner/glue.h"
#include "scanner/keeper.h"
#include "scanner/meter.h"
#include "scanner/prober.h"
#include "scanner/reader.h"
#include "scanner/recheck.h"
#include "scanner/standing.h"
#include "scanner/troubles.h"
#include "scanner/worker.h"

/* Batches between reader and workers: enough that nobody waits, little enough that a stop leaves few names read in vain. */
#define QUEUE_BATCHES 4
/* A worker opens so many ports at most to give resolvers ports of their own. */
#define CONNECTED_PORTS 256
/* Without --recheck, what an overloaded resolver was asked is asked again after so long. */
#define OVERLOAD_DELAY_NS (2 * NS_PER_S)

struct scan {
	struct scan_config config;
	struct worker_shared shared;
	struct pace pace;
	struct pace *resolver_paces;
	struct meters *meters;	   /* a line for each worker, and one for the rechecks */
	struct troubles *troubles; /* NULL: nobody looks after the resolvers */
	_Atomic bool *gone;	   /* one a resolver: given up meanwhile */
	bool *told_gone;	   /* ... and said so */
	struct keeper *keeper;
	struct queue *names;
	struct reader *reader;
	struct writer *writer, *evidence_writer;
	struct glue *glue; /* NULL: no zone files, or no evidence */
	struct prober *prober;
	struct recheck *recheck;
	struct worker **workers;
	int worker_count;
	_Atomic bool stop, abandon;
	char *rejected_path;
	int64_t start_ns;
	uint64_t octets;	 /* after the end */
	struct scan_totals prior; /* of the runs that this one goes on from */
	struct writer_loss lost; /* after the end: rows not written, and names that miss some of theirs */
};

bool scan_connects(const struct resolvers *resolvers, int64_t ports)
{
	return (int64_t)resolvers->count * ports <= CONNECTED_PORTS;
}

int scan_connections(const struct options *options)
{
	return (int)(options->connections > options->threads ? options->connections / options->threads : 1);
}

static bool to_standard_output(const struct options *options)
{
	return strcmp(options->output, "-") == 0;
}

void scan_reader_config(struct reader_config *config, const struct options *options, const struct suffixes *exclude,
			struct queue *names)
{
	*config = (struct reader_config){
		.files = options->names,
		.file_count = options->name_count,
		.zone = options->zone,
		.records = options->evidence != EVIDENCE_NONE && (options->output == NULL || !to_standard_output(options)),
		.seed = (uint64_t)options->seed,
		.shards = (uint32_t)options->shards,
		.shard = (uint32_t)options->shard,
		.exclude = exclude,
		.queue = names,
	};
}

static const char *output_name(const struct scan *scan)
{
	return to_standard_output(scan->config.options) ? "standard output" : scan->config.options->output;
}

/* What a run before left to be done about a name. */
static void take_owed(void *owner, struct debt *debt, const struct name *name, struct view records)
{
	struct scan *scan = owner;
	uint16_t qtype = scan->config.options->qtypes[debt->qtype];

	if (debt->kind == DEBT_EVIDENCE && scan->prober != NULL)
		prober_suspect(scan->prober, name->wire, name->wire_len, qtype, debt->what, records, debt);
	else if (scan->recheck == NULL ||
		 !recheck_name(scan->recheck, &(struct recheck_name){.qname = name->wire,
								     .qname_len = name->wire_len,
								     .qtype = qtype,
								     .debt = debt,
								     .seen = true}))
		debt_forget(scan->config.journal, debt);
}

static bool start_reader(struct scan *scan, struct buf *errors)
{
	const struct options *options = scan->config.options;
	struct reader_config config;

	scan_reader_config(&config, options, scan->config.exclude, scan->names);
	config.journal = scan->config.journal;
	config.owed = take_owed;
	config.owner = scan;
	if (!to_standard_output(options)) {
		if (asprintf(&scan->rejected_path, "%s/rejected.csv.gz", options->output) < 0)
			scan->rejected_path = NULL;
		config.rejected_path = scan->rejected_path;
	}
	scan->reader = reader_start(&config, errors);
	return scan->reader != NULL;
}

/* The number of the next file of that kind. */
static unsigned next_number(const struct scan *scan, const char *prefix)
{
	const struct manifest *manifest = scan->config.journal != NULL ? journal_manifest(scan->config.journal) : NULL;
	unsigned number = 0;

	for (size_t i = 0; manifest != NULL && i < manifest->part_count; i++)
		number += strncmp(manifest->parts[i].name, prefix, strlen(prefix)) == 0;
	return number;
}

static struct writer *make_writer(struct scan *scan, const char *prefix, const char *header, size_t len, enum journal_stream stream)
{
	return writer_create(&(struct writer_config){
		.dir = scan->config.options->output,
		.prefix = prefix,
		.first = next_number(scan, prefix),
		.header = header,
		.header_len = len,
		.journal = scan->config.journal,
		.stream = stream,
	});
}

/* What has to be there before any file of rows is. */
static bool start_journal(struct scan *scan, struct buf *errors)
{
	int error = scan->config.journal != NULL ? journal_begin(scan->config.journal) : 0;

	if (error != 0)
		buf_addf(errors, "%s/" JOURNAL_FILE ": %s", output_name(scan), strerror(-error));
	return error == 0;
}

static bool start_writer(struct scan *scan, struct buf *errors)
{
	char header[CSV_PAIR_MAX];

	scan->writer = make_writer(scan, "pairs", header, csv_pair_header(header), JOURNAL_PAIRS);
	if (scan->writer == NULL)
		buf_addf(errors, "%s: %s", output_name(scan), strerror(errno));
	return scan->writer != NULL;
}

/* Resolvers that evidence may be asked of where no name server can be reached: those that honour CD, or, where none is known to,
 * those that may. */
static unsigned find_relays(const struct scan *scan, struct asker_relay relays[RELAYS_MAX])
{
	static const enum tri wanted[] = {TRI_YES, TRI_UNKNOWN};
	const struct resolvers *resolvers = scan->config.resolvers;
	unsigned count = 0;

	for (unsigned w = 0; w < 2 && count == 0; w++)
		for (size_t r = 0; r < resolvers->count && count < RELAYS_MAX; r++) {
			const struct resolver *resolver = &resolvers->list[r];

			if (!scan->config.dropped[r] && scan->config.calibrations[r].honours_cd == wanted[w])
				relays[count++] = (struct asker_relay){
					.relay = {.text = resolver->text, .addr = resolver->addr},
					.pace = &scan->resolver_paces[r],
					.stream = resolver_ask(resolver) & ASK_STREAM,
					.tls = resolver->transport == TRANSPORT_TLS ? resolvers->tls : NULL,
					.identity = &resolver->identity,
				};
		}
	return count;
}

/* The thread that gathers evidence, and its files. */
static bool start_prober(struct scan *scan, struct buf *errors)
{
	const char *dir = scan->config.options->output;
	struct asker_relay relays[RELAYS_MAX];
	struct prober_config config = {
		.relays = relays,
		.relay_count = find_relays(scan, relays),
		.hints = scan->config.hints,
		.exclude = scan->config.exclude,
		.pace = &scan->pace,
		.server_qps = STANDING_QPS,
		.port = 53,
		.stop = &scan->stop,
		.abandon = &scan->abandon,
	};
	char header[EVIDENCE_MAX];

	if (scan->config.hints == NULL)
		return true;
	if (scan->config.options->zone) {
		scan->glue = glue_start(scan->config.options->names, scan->config.options->name_count);
		config.glue = scan->glue;
	}
	scan->evidence_writer = make_writer(scan, "evidence", header, csv_header(header, evidence_columns), JOURNAL_EVIDENCE);
	config.writer = scan->evidence_writer;
	if (config.writer != NULL)
		scan->prober = prober_create(&config);
	if (scan->prober == NULL)
		buf_addf(errors, "%s: evidence: %s", dir, strerror(errno));
	return scan->prober != NULL;
}

/* The thread that looks after the resolvers; without names to ask there is none, and rates are fixed. */
static bool start_keeper(struct scan *scan, struct buf *errors)
{
	struct keeper_config config = {
		.controls = scan->config.controls,
		.resolvers = scan->config.resolvers,
		.dropped = scan->config.dropped,
		.calibrations = scan->config.calibrations,
		.rcodes = scan->config.rcodes,
		.most = (double)scan->config.options->resolver_rate,
		.pace = &scan->pace,
		.resolver_paces = scan->resolver_paces,
		.meters = scan->meters,
		.gone = scan->gone,
		.start_ns = scan->start_ns,
		.connections = 1,
	};

	if (scan->config.controls == NULL || scan->config.controls->count == 0)
		return true;
	scan->troubles = config.troubles = troubles_create(scan->config.resolvers->count);
	if (scan->troubles != NULL)
		scan->keeper = keeper_create(&config);
	if (scan->keeper == NULL)
		buf_addf(errors, "resolvers: %s", strerror(errno));
	return scan->keeper != NULL;
}

/* The thread that asks again what failed. */
static bool start_recheck(struct scan *scan, struct buf *errors)
{
	const struct options *options = scan->config.options;
	struct recheck_config config = {
		.resolvers = scan->config.resolvers,
		.dropped = scan->config.dropped,
		.gone = scan->gone,
		.troubles = scan->troubles,
		.meters = meters_of(scan->meters, (size_t)options->threads),
		.start_ns = scan->start_ns,
		.per_name = (unsigned)options->resolvers_per_name,
		.seed = (uint64_t)options->seed,
		.prober = scan->prober,
		.journal = scan->config.journal,
		.patience = patience_make((int)options->tries, options->timeout_ms * NS_PER_MS),
		.pace = &scan->pace,
		.resolver_paces = scan->resolver_paces,
		.connections = scan_connections(options),
		.writer = scan->writer,
		.delay_ns = options->recheck_ms > 0 ? options->recheck_ms * NS_PER_MS : OVERLOAD_DELAY_NS,
		.stop = &scan->stop,
		.abandon = &scan->abandon,
	};

	/* What overload made fail is asked again in any case. */
	if (options->recheck_ms == 0 && scan->troubles == NULL)
		return true;
	scan->recheck = recheck_create(&config);
	if (scan->recheck == NULL)
		buf_addf(errors, "recheck: %s", strerror(errno));
	return scan->recheck != NULL;
}

static bool start_workers(struct scan *scan, struct buf *errors)
{
	const struct options *options = scan->config.options;

	scan->shared = (struct worker_shared){
		.options = options,
		.resolvers = scan->config.resolvers,
		.patience = patience_make((int)options->tries, options->timeout_ms * NS_PER_MS),
		.pace = &scan->pace,
		.resolver_paces = scan->resolver_paces,
		.calibrations = scan->config.calibrations,
		.dropped = scan->config.dropped,
		.gone = scan->gone,
		.troubles = scan->troubles,
		.meters = scan->meters,
		.start_ns = scan->start_ns,
		.connect = scan_connects(scan->config.resolvers, options->ports),
		.names = scan->names,
		.prober = scan->prober,
		.recheck = scan->recheck,
		.writer = scan->writer,
		.journal = scan->config.journal,
		.stop = &scan->stop,
		.abandon = &scan->abandon,
		.connections = scan_connections(options),
		.window = (uint32_t)((options->window + options->threads - 1) / options->threads),
		/* for measurements, and for networks that lose trains without saying so */
		.trains = getenv("SERVFAIL_TRAINS") == NULL || strcmp(getenv("SERVFAIL_TRAINS"), "0") != 0,
	};
	scan->workers = calloc((size_t)options->threads, sizeof(struct worker *));
	for (int i = 0; scan->workers != NULL && i < options->threads; i++) {
		scan->workers[i] = worker_create(&scan->shared, i);
		if (scan->workers[i] == NULL)
			break;
		scan->worker_count++;
	}
	if (scan->worker_count == options->threads)
		return true;
	buf_addf(errors, "cannot start %lld workers with a window of %lld: %s", (long long)options->threads,
		 (long long)options->window, strerror(errno));
	return false;
}

static int sync_files(void *owner)
{
	struct scan *scan = owner;
	int error = writer_sync(scan->writer);

	return error == 0 && scan->evidence_writer != NULL ? writer_sync(scan->evidence_writer) : error;
}

static void tell_totals(void *owner, struct manifest *manifest);

/* From now on the journal is written as the scan goes on. */
static bool run_journal(struct scan *scan, struct buf *errors)
{
	const struct journal_world world = {.sync = sync_files, .totals = tell_totals, .owner = scan};
	int error = scan->config.journal != NULL ? journal_run(scan->config.journal, &world) : 0;

	if (error != 0)
		buf_addf(errors, "the journal: %s", strerror(-error));
	return error == 0;
}

static void take_totals(struct scan_totals *totals, const struct manifest *manifest);

static bool prepare(struct scan *scan)
{
	const struct options *options = scan->config.options;
	size_t count = scan->config.resolvers->count;

	scan->start_ns = clock_mono_ns();
	pace_init(&scan->pace, (double)options->rate, scan->start_ns);
	scan->resolver_paces = aligned_alloc(_Alignof(struct pace), count * sizeof(struct pace));
	scan->names = queue_create(QUEUE_BATCHES);
	scan->meters = meters_create((size_t)options->threads + 1, count);
	scan->gone = calloc(count, sizeof(*scan->gone));
	scan->told_gone = calloc(count, sizeof(*scan->told_gone));
	if (scan->resolver_paces == NULL || scan->names == NULL || scan->meters == NULL || scan->gone == NULL ||
	    scan->told_gone == NULL)
		return false;
	if (scan->config.journal != NULL)
		take_totals(&scan->prior, journal_manifest(scan->config.journal));
	for (size_t r = 0; r < count; r++)
		pace_init(&scan->resolver_paces[r], (double)options->resolver_rate, scan->start_ns);
	return true;
}

static void end_threads(struct scan *scan)
{
	struct batch *batch;

	for (int i = 0; i < scan->worker_count; i++)
		worker_join(scan->workers[i]);
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

	for (int i = 0; i < s->worker_count; i++)
		worker_destroy(&s->workers[i]);
	free(s->workers);
	prober_destroy(&s->prober);
	glue_destroy(&s->glue);
	recheck_destroy(&s->recheck);
	keeper_destroy(&s->keeper);
	troubles_destroy(&s->troubles);
	meters_destroy(&s->meters);
	free(s->gone);
	free(s->told_gone);
	reader_destroy(&s->reader);
	queue_destroy(&s->names);
	free(s->resolver_paces);
	free(s->rejected_path);
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
	} else if (start_journal(scan, errors) && start_writer(scan, errors) && start_keeper(scan, errors) &&
		   start_prober(scan, errors) && start_recheck(scan, errors) && start_reader(scan, errors) &&
		   start_workers(scan, errors) && run_journal(scan, errors)) {
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

#define LOAD(counter) atomic_load_explicit(&(counter), memory_order_relaxed)

static void add_engine(struct scan_totals *totals, const struct engine_counters *e)
{
	totals->sent += LOAD(e->sent);
	totals->sent_again += LOAD(e->sent_again);
	totals->received += LOAD(e->received);
	totals->answered += LOAD(e->answered);
	totals->streams += LOAD(e->streams);
	totals->icmp += LOAD(e->icmp);
	totals->trains += LOAD(e->trains);
	totals->send_errors += LOAD(e->send_errors);
	totals->late += LOAD(e->late);
	totals->wrong_address += LOAD(e->wrong_address);
	totals->wrong_question += LOAD(e->wrong_question);
	totals->malformed += LOAD(e->malformed);
}

static void add_worker(struct scan_totals *totals, const struct worker *worker)
{
	const struct worker_counters *w = worker_counters(worker);

	totals->names += LOAD(w->names);
	totals->pairs += LOAD(w->pairs);
	totals->servfail += LOAD(w->servfail);
	totals->timeouts += LOAD(w->timeouts);
	totals->unclean += LOAD(w->unclean);
	totals->in_flight += LOAD(w->in_flight);
	totals->overloaded += LOAD(w->overloaded);
	totals->moved += LOAD(w->moved);
	totals->pairs_skipped += LOAD(w->skipped);
	add_engine(totals, worker_engine_counters(worker));
}

static void add_recheck(struct scan_totals *totals, const struct recheck *recheck)
{
	const struct recheck_counters *r = recheck_counters(recheck);

	totals->rechecked = LOAD(r->names);
	totals->recheck_skipped = LOAD(r->skipped);
	totals->recheck_pairs = LOAD(r->pairs);
	totals->recheck_recovered = LOAD(r->recovered);
	totals->recheck_overloaded = LOAD(r->overloaded);
	totals->recheck_waiting = LOAD(r->waiting);
	add_engine(totals, recheck_engine_counters(recheck));
}

static void add_prober(struct scan_totals *totals, const struct prober *prober)
{
	const struct prober_counters *p = prober_counters(prober);
	uint64_t suspects = LOAD(p->suspects);

	totals->evidence_names = LOAD(p->names);
	totals->evidence_skipped = LOAD(p->skipped);
	totals->evidence_probes = LOAD(p->probes);
	totals->evidence_rows = LOAD(p->rows);
	totals->evidence_cpu_us = LOAD(p->cpu_us);
	totals->evidence_blind = LOAD(p->blind);
	totals->evidence_waiting = suspects - totals->evidence_names - totals->evidence_skipped;
}

/* Words of run.json, and where their numbers are. The reader's come first: a resumed run counts them anew. */
#define TOTAL(field) offsetof(struct scan_totals, field)
#define READERS 5
static const struct {
	const char *name;
	size_t offset;
} total_names[] = {
	{"read", TOTAL(read)}, {"duplicates", TOTAL(duplicates)}, {"rejected", TOTAL(rejected)}, {"excluded", TOTAL(excluded)},
	{"blank", TOTAL(blank)},
	{"scanned", TOTAL(names)}, {"left", TOTAL(left)}, {"unclean", TOTAL(unclean)},
	{"pairs", TOTAL(pairs)}, {"servfail", TOTAL(servfail)}, {"timeouts", TOTAL(timeouts)},
	{"overloaded", TOTAL(overloaded)}, {"pairs_moved", TOTAL(moved)}, {"pairs_skipped", TOTAL(pairs_skipped)},
	{"controls", TOTAL(controls)},
	{"queries", TOTAL(sent)}, {"queries_again", TOTAL(sent_again)}, {"messages_received", TOTAL(received)},
	{"answers", TOTAL(answered)}, {"streams", TOTAL(streams)}, {"icmp_errors", TOTAL(icmp)}, {"trains", TOTAL(trains)},
	{"send_errors", TOTAL(send_errors)}, {"late", TOTAL(late)}, {"wrong_address", TOTAL(wrong_address)},
	{"wrong_question", TOTAL(wrong_question)}, {"malformed", TOTAL(malformed)},
	{"rechecked", TOTAL(rechecked)}, {"recheck_skipped", TOTAL(recheck_skipped)},
	{"recheck_pairs", TOTAL(recheck_pairs)}, {"recheck_recovered", TOTAL(recheck_recovered)},
	{"recheck_overloaded", TOTAL(recheck_overloaded)},
	{"evidence_names", TOTAL(evidence_names)}, {"evidence_skipped", TOTAL(evidence_skipped)},
	{"evidence_probes", TOTAL(evidence_probes)}, {"evidence_rows", TOTAL(evidence_rows)},
	{"evidence_cpu_us", TOTAL(evidence_cpu_us)},
};
#define TOTALS (sizeof(total_names) / sizeof(total_names[0]))

static uint64_t *total_at(struct scan_totals *totals, size_t i)
{
	return (uint64_t *)(void *)((char *)totals + total_names[i].offset);
}

static void add_totals(struct manifest *manifest, struct scan_totals *totals)
{
	for (size_t i = 0; i < TOTALS; i++)
		(void)manifest_set_total(manifest, total_names[i].name, *total_at(totals, i));
}

static void take_totals(struct scan_totals *totals, const struct manifest *manifest)
{
	for (size_t i = 0; i < TOTALS; i++)
		*total_at(totals, i) = manifest_total(manifest, total_names[i].name);
}

static void tell_totals(void *owner, struct manifest *manifest)
{
	struct scan_totals totals;

	scan_totals(owner, &totals);
	add_totals(manifest, &totals);
}

static void add_reader(struct scan_totals *totals, const struct reader_counters *r)
{
	/* Names of other shards are not this run's; excluded ones are rejects with a reason. */
	totals->read = LOAD(r->read) - LOAD(r->other_shard);
	totals->duplicates = LOAD(r->duplicates);
	totals->excluded = LOAD(r->excluded);
	totals->rejected = LOAD(r->rejected) + totals->excluded;
	totals->blank = LOAD(r->blank);
}

/* Until the reader has come to where the run before was, what that had read is what was read. */
static void add_prior(struct scan_totals *totals, struct scan_totals *prior, bool past)
{
	for (size_t i = 0; i < TOTALS; i++)
		if (i >= READERS)
			*total_at(totals, i) += *total_at(prior, i);
		else if (past)
			*total_at(totals, i) = *total_at(prior, i);
}

void scan_totals(struct scan *scan, struct scan_totals *totals)
{
	const struct reader_counters *r = reader_counters(scan->reader);
	bool past = LOAD(r->past);

	memset(totals, 0, sizeof(*totals));
	for (int i = 0; i < scan->worker_count; i++)
		add_worker(totals, scan->workers[i]);
	if (scan->keeper != NULL) {
		totals->controls = LOAD(keeper_engine_counters(scan->keeper)->sent);
		add_engine(totals, keeper_engine_counters(scan->keeper));
	}
	if (scan->recheck != NULL)
		add_recheck(totals, scan->recheck);
	if (scan->prober != NULL)
		add_prober(totals, scan->prober);
	add_reader(totals, r);
	add_prior(totals, &scan->prior, past);
	totals->position = LOAD(r->position);
	totals->size = LOAD(r->size);
	totals->reading = !LOAD(r->done);
	totals->names -= scan->lost.names;
	totals->rows_lost = scan->lost.rows;
	totals->input_failed = LOAD(r->files_failed) > 0;
	totals->input_changed = LOAD(r->changed);
	totals->left = totals->read - totals->names - totals->duplicates - totals->rejected;
	totals->octets = scan->writer != NULL ? writer_octets(scan->writer) : scan->octets;
	totals->elapsed_ns = clock_mono_ns() - scan->start_ns;
}

bool scan_ended(struct scan *scan)
{
	for (int i = 0; i < scan->worker_count; i++)
		if (!worker_ended(scan->workers[i]))
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

int scan_output_error(struct scan *scan)
{
	int error = writer_error(scan->writer);

	if (error == 0 && scan->evidence_writer != NULL)
		error = writer_error(scan->evidence_writer);
	return error == 0 && scan->config.journal != NULL ? journal_error(scan->config.journal) : error;
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
		(void)manifest_add_part(manifest, parts[i].name, parts[i].rows, parts[i].octets, parts[i].sha256);
	free(parts);
	return error;
}

/* Says on `errors` what went wrong; 0 or -errno. */
static int finish_output(struct scan *scan, struct manifest *manifest, struct buf *errors)
{
	uint64_t lost = scan->prober != NULL ? LOAD(prober_counters(scan->prober)->rows_lost) : 0;
	uint64_t lost_again = scan->recheck != NULL ? LOAD(recheck_counters(scan->recheck)->rows_lost) : 0;
	int error, other;

	if (scan->config.journal != NULL)
		journal_stop(scan->config.journal);
	error = finish_writer(scan, &scan->writer, manifest);
	other = finish_writer(scan, &scan->evidence_writer, manifest);
	error = error != 0 ? error : other;
	lost += lost_again;
	for (int i = 0; i < scan->worker_count; i++)
		lost += worker_rows_lost(scan->workers[i]);
	if (error != 0)
		buf_addf(errors, "%s: %s: %llu rows could not be written\n", output_name(scan), strerror(-error),
			 (unsigned long long)scan->lost.rows);
	if (lost > 0)
		buf_addf(errors, "%llu rows were lost: out of memory\n", (unsigned long long)lost);
	return error == 0 && lost > 0 ? -ENOMEM : error;
}

bool scan_finish(struct scan **scan, struct manifest *manifest, struct scan_totals *totals, struct buf *errors)
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
		buf_addf(errors, "%s/" JOURNAL_FILE ": %s\n", output_name(s), strerror(-journal));
	scan_totals(s, totals);
	totals->recheck_skipped += totals->recheck_waiting;
	totals->output_failed = (error != 0 && error != -ENOMEM) || journal != 0;
	buf_add_str(errors, reader_problems(s->reader));
	good = error == 0 && LOAD(r->files_failed) == 0 && LOAD(r->output_failed) == 0;
	add_totals(manifest, totals);
	destroy(scan);
	return good;
}
