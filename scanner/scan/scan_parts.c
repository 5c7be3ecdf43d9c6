/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/scan/scan_inside.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/clock.h"
#include "results/rows/csv.h"
#include "results/rows/delegations.h"
#include "results/rows/evidence.h"
#include "scanner/ask/share.h"
#include "scanner/evidence/standing.h"

/* A worker opens so many ports at most to give resolvers ports of their own. */
#define CONNECTED_PORTS 256
/* Without --recheck, what an overloaded resolver was asked is asked again after so long. */
#define OVERLOAD_DELAY_NS (2 * NS_PER_S)

/* A thread that cannot be had is EAGAIN, which does not say so. */
static const char *why(int error)
{
	return error == EAGAIN ? "no more threads, or memory for them, are to be had here"
			       : strerror(error);
}

bool scan_connects(const struct resolvers *resolvers, int64_t ports)
{
	return (int64_t)resolvers->count * ports <= CONNECTED_PORTS;
}

void scan_reader_config(struct reader_config *config, const struct options *options,
			const struct suffixes *exclude, struct queue *names)
{
	*config = (struct reader_config){
		.files = options->names,
		.file_count = options->name_count,
		.zone = options->zone,
		.records = options->evidence != EVIDENCE_NONE &&
			   (options->output == NULL || !scan_to_standard_output(options)),
		.seed = (uint64_t)options->seed,
		.shards = (uint32_t)options->shards,
		.shard = (uint32_t)options->shard,
		.exclude = exclude,
		.queue = names,
	};
}

/* What a run before left to be done about a name. */
static void take_owed(void *owner, struct debt *debt, const struct name *name, struct view records)
{
	struct scan *scan = owner;
	uint16_t qtype = scan->config.options->qtypes[debt->qtype];

	if (debt->kind == DEBT_EVIDENCE && scan->prober != NULL)
		prober_suspect(scan->prober, name->wire, name->wire_len, qtype, debt->what, records,
			       debt);
	else if (scan->recheck == NULL ||
		 !recheck_name(scan->recheck, &(struct recheck_name){.qname = name->wire,
								     .qname_len = name->wire_len,
								     .qtype = qtype,
								     .debt = debt,
								     .seen = true}))
		debt_forget(scan->config.journal, debt);
}

/* NULL when out of memory. */
static char *path_in(const char *dir, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", dir, name) < 0 ? NULL : path;
}

/* How many workers begin. */
static int first_workers(const struct scan *scan)
{
	const struct options *options = scan->config.options;
	const struct resolvers *resolvers = scan->config.resolvers;
	int64_t sets = scan_connects(resolvers, options->ports) ? (int64_t)resolvers->count : 1;

	return workers_first((uint32_t)options->window, options->ports, sets,
			     (int)options->threads);
}

static bool start_reader(struct scan *scan, struct buf *errors)
{
	const struct options *options = scan->config.options;
	struct reader_config config;

	scan_reader_config(&config, options, scan->config.exclude, scan->names);
	config.workers = first_workers(scan);
	config.journal = scan->config.journal;
	config.owed = take_owed;
	config.owner = scan;
	if (!scan_to_standard_output(options)) {
		scan->rejected_path = path_in(options->output, "rejected.csv.gz");
		scan->operators_path = path_in(options->output, DELEGATIONS_FILE);
		if (scan->rejected_path == NULL || scan->operators_path == NULL) {
			buf_add_str(errors, "the reader: out of memory");
			return false;
		}
		config.rejected_path = scan->rejected_path;
		config.operators_path = options->zone ? scan->operators_path : NULL;
	}
	scan->reader = reader_start(&config, errors);
	return scan->reader != NULL;
}

/* The number of the next file of that kind. */
static unsigned next_number(const struct scan *scan, const char *prefix)
{
	const struct manifest *manifest =
		scan->config.journal != NULL ? journal_manifest(scan->config.journal) : NULL;
	unsigned number = 0;

	for (size_t i = 0; manifest != NULL && i < manifest->part_count; i++)
		number += strncmp(manifest->parts[i].name, prefix, strlen(prefix)) == 0;
	return number;
}

static struct writer *make_writer(struct scan *scan, const char *prefix, const char *header,
				  size_t len, enum journal_stream stream)
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
		buf_addf(errors, "%s/" JOURNAL_FILE ": %s", scan_output_name(scan), why(-error));
	return error == 0;
}

static bool start_writer(struct scan *scan, struct buf *errors)
{
	char header[CSV_PAIR_MAX];

	scan->writer = make_writer(scan, "pairs", header, csv_pair_header(header), JOURNAL_PAIRS);
	if (scan->writer == NULL)
		buf_addf(errors, "%s: %s", scan_output_name(scan), why(errno));
	return scan->writer != NULL;
}

/* Resolvers that evidence may be asked of where no name server can be reached: those that honour
 * CD, or, where none is known to, those that may. */
static unsigned find_relays(const struct scan *scan, struct asker_relay relays[RELAYS_MAX])
{
	static const enum tri wanted[] = {TRI_YES, TRI_UNKNOWN};
	const struct resolvers *resolvers = scan->config.resolvers;
	unsigned count = 0;

	for (unsigned w = 0; w < 2 && count == 0; w++)
		for (size_t r = 0; r < resolvers->count && count < RELAYS_MAX; r++) {
			const struct resolver *resolver = &resolvers->list[r];

			if (!scan->config.dropped[r] &&
			    scan->config.calibrations[r].honours_cd == wanted[w])
				relays[count++] = (struct asker_relay){
					.relay = {.text = resolver->text, .addr = resolver->addr},
					.pace = &scan->resolver_paces[r],
					.stream = resolver_ask(resolver) & ASK_STREAM,
					.tls = resolver->transport == TRANSPORT_TLS ? resolvers->tls
										    : NULL,
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
		.sources = scan->config.options->sources,
		.source_count = scan->config.options->source_count,
		.relays = relays,
		.relay_count = find_relays(scan, relays),
		.hints = scan->config.hints,
		.exclude = scan->config.exclude,
		.pace = &scan->pace,
		.lookout = scan->lookout,
		.server_qps = share_of_server(STANDING_QPS, scan->config.options->shards),
		.port = 53,
		.stop = &scan->stop,
		.abandon = &scan->abandon,
	};
	char header[EVIDENCE_MAX];

	if (scan->config.hints == NULL)
		return true;
	if (scan->config.options->zone) {
		scan->glue =
			glue_start(scan->config.options->names, scan->config.options->name_count);
		config.glue = scan->glue;
	}
	scan->evidence_writer = make_writer(scan, "evidence", header,
					    csv_header(header, evidence_columns), JOURNAL_EVIDENCE);
	config.writer = scan->evidence_writer;
	if (config.writer != NULL)
		scan->prober = prober_create(&config);
	if (scan->prober == NULL)
		buf_addf(errors, "%s: evidence: %s", dir, why(errno));
	return scan->prober != NULL;
}

#define LOAD(counter) atomic_load_explicit(&(counter), memory_order_relaxed)

static void pulse(void *owner, uint64_t *answered, uint64_t *in_flight)
{
	const struct scan *scan = owner;

	workers_pulse(scan->workers, answered, in_flight);
	if (scan->keeper != NULL)
		*answered += LOAD(keeper_engine_counters(scan->keeper)->answered);
	if (scan->recheck != NULL)
		*answered += LOAD(recheck_engine_counters(scan->recheck)->answered);
}

/* Who looks whether anybody is heard at all; it begins when all others are there. */
static bool make_lookout(struct scan *scan, struct buf *errors)
{
	scan->lookout = lookout_create(&(struct lookout_config){
		.resolvers = scan->config.resolvers,
		.dropped = scan->config.dropped,
		.gone = scan->gone,
		.controls = scan->config.controls,
		.rcodes = scan->config.rcodes,
		.calibrations = scan->config.calibrations,
		.pace = &scan->pace,
		.sources = scan->config.options->sources,
		.source_count = scan->config.options->source_count,
		.start_ns = scan->start_ns,
		.pulse = pulse,
		.owner = scan,
	});
	if (scan->lookout == NULL)
		buf_addf(errors, "resolvers: %s", why(errno));
	return scan->lookout != NULL;
}

static bool start_lookout(struct scan *scan, struct buf *errors)
{
	int error = lookout_start(scan->lookout);

	if (error != 0)
		buf_addf(errors, "resolvers: %s", why(-error));
	return error == 0;
}

/* The thread that looks after the resolvers; without names to ask there is none, and rates are
 * fixed. */
static bool start_keeper(struct scan *scan, struct buf *errors)
{
	struct keeper_config config = {
		.sources = scan->config.options->sources,
		.source_count = scan->config.options->source_count,
		.controls = scan->config.controls,
		.resolvers = scan->config.resolvers,
		.dropped = scan->config.dropped,
		.calibrations = scan->config.calibrations,
		.rcodes = scan->config.rcodes,
		.most = share_of(scan->config.options->resolver_rate, scan->config.options->shards),
		.share = 1.0 / (double)scan->config.options->shards,
		.pace = &scan->pace,
		.resolver_paces = scan->resolver_paces,
		.meters = scan->meters,
		.lookout = scan->lookout,
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
		buf_addf(errors, "resolvers: %s", why(errno));
	return scan->keeper != NULL;
}

/* The thread that asks again what failed. */
static bool start_recheck(struct scan *scan, struct buf *errors)
{
	const struct options *options = scan->config.options;
	struct recheck_config config = {
		.sources = scan->config.options->sources,
		.source_count = scan->config.options->source_count,
		.resolvers = scan->config.resolvers,
		.dropped = scan->config.dropped,
		.gone = scan->gone,
		.troubles = scan->troubles,
		.lookout = scan->lookout,
		.meters = meters_of(scan->meters, (size_t)options->threads),
		.start_ns = scan->start_ns,
		.per_name = (unsigned)options->resolvers_per_name,
		.seed = (uint64_t)options->seed,
		.prober = scan->prober,
		.journal = scan->config.journal,
		.patience = patience_make((int)options->tries, options->timeout_ms * NS_PER_MS),
		.pace = &scan->pace,
		.resolver_paces = scan->resolver_paces,
		.connections = worker_connections(options->connections, options->threads),
		.window = (uint32_t)options->window,
		.writer = scan->writer,
		.delay_ns = options->recheck_ms > 0 ? options->recheck_ms * NS_PER_MS
						    : OVERLOAD_DELAY_NS,
		.stop = &scan->stop,
		.abandon = &scan->abandon,
	};

	/* What overload made fail is asked again in any case. */
	if (options->recheck_ms == 0 && scan->troubles == NULL)
		return true;
	scan->recheck = recheck_create(&config);
	if (scan->recheck == NULL)
		buf_addf(errors, "recheck: %s", why(errno));
	return scan->recheck != NULL;
}

static bool start_workers(struct scan *scan, struct buf *errors)
{
	const struct options *options = scan->config.options;
	/* for measurements, and for networks that lose trains without saying so */
	const char *trains = getenv("SERVFAIL_TRAINS"), *busy = getenv("SERVFAIL_BUSY");
	struct workers_config config = {
		.shared =
			{
				.options = options,
				.resolvers = scan->config.resolvers,
				.patience = patience_make((int)options->tries,
							  options->timeout_ms * NS_PER_MS),
				.pace = &scan->pace,
				.resolver_paces = scan->resolver_paces,
				.calibrations = scan->config.calibrations,
				.dropped = scan->config.dropped,
				.gone = scan->gone,
				.troubles = scan->troubles,
				.lookout = scan->lookout,
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
				.window = (uint32_t)options->window,
				.trains = trains == NULL || strcmp(trains, "0") != 0,
			},
		.first = first_workers(scan),
		.most = (int)options->threads,
		.busy = busy == NULL ? WORKERS_BUSY : (int)strtol(busy, NULL, 10),
	};

	scan->workers = workers_create(&config);
	if (scan->workers == NULL)
		buf_addf(errors, "cannot start workers with a window of %lld: %s",
			 (long long)options->window, why(errno));
	return scan->workers != NULL;
}

static int sync_files(void *owner)
{
	struct scan *scan = owner;
	int error = writer_sync(scan->writer);

	return error == 0 && scan->evidence_writer != NULL ? writer_sync(scan->evidence_writer)
							   : error;
}

static void tell_totals(void *owner, struct manifest *manifest)
{
	struct scan_totals totals;

	scan_totals(owner, &totals);
	totals_put(&totals, manifest);
}

/* From now on the journal is written as the scan goes on. */
static bool run_journal(struct scan *scan, struct buf *errors)
{
	const struct journal_world world = {
		.sync = sync_files, .totals = tell_totals, .owner = scan};
	int error = scan->config.journal != NULL ? journal_run(scan->config.journal, &world) : 0;

	if (error != 0)
		buf_addf(errors, "the journal: %s", why(-error));
	return error == 0;
}

bool scan_start_parts(struct scan *scan, struct buf *errors)
{
	return start_journal(scan, errors) && start_writer(scan, errors) &&
	       make_lookout(scan, errors) && start_keeper(scan, errors) &&
	       start_prober(scan, errors) && start_recheck(scan, errors) &&
	       start_reader(scan, errors) && start_workers(scan, errors) &&
	       start_lookout(scan, errors) && run_journal(scan, errors);
}
