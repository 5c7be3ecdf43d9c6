/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * More names than may wait, while the root's server is mute; then the scan is stopped: each name has
 * rows, and those that nobody looked into one that says why.
 */
#include "scanner/evidence/prober.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "results/rows/evidence.h"
#include "results/rows/table.h"
#include "tests/tap.h"

/* In the queue, being looked into, and one for which there is no room. */
#define NAMES (PROBER_QUEUE + PROBER_JOBS_MOST + 500)
/* That come when more are looked into, for nothing waits for a pace. */
#define LATE 40

static char dir[] = "/tmp/test_prober.XXXXXX";
static char path[64];

static struct writer *open_writer(void)
{
	char header[EVIDENCE_MAX];
	struct writer_config config = {.dir = dir, .prefix = "evidence", .header = header};

	config.header_len = csv_header(header, evidence_columns);
	return writer_create(&config);
}

/* A root server that never says a word. */
static int mute_root(struct hints *hints)
{
	struct addr *addr = &hints->server[0].addr[0];
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	*hints = (struct hints){.count = 1, .special = true};
	memcpy(hints->server[0].name, "\1a\4root", 8);
	hints->server[0].addr_count = 1;
	addr_parse(addr, "127.0.0.1", 0);
	if (bind(fd, &addr->sa, addr->len) != 0 || getsockname(fd, &addr->sa, &addr->len) != 0)
		exit(1);
	return fd;
}

static void suspect(struct prober *prober, unsigned number)
{
	uint8_t qname[32] = "\10";

	snprintf((char *)qname + 1, 16, "n%07u", number);
	memcpy(qname + 9, "\7example", 9);
	prober_suspect(prober, qname, 18, 1, SUSPECT_FAILING,
		       (struct view){"NS ns1.example.net.\n", number % 2 ? 0 : 20}, NULL);
}

/* Rows of the file, and how many have that detail; false: it cannot be read. */
static bool count_rows(const char *detail, uint64_t *rows, uint64_t *with)
{
	char why[CSV_WHY_MAX], *line;
	struct table *table = table_open(path, evidence_columns, why);
	size_t len;

	*rows = *with = 0;
	if (table == NULL)
		return false;
	while (table_next(table, &line, &len, why) == TABLE_LINE) {
		struct evidence row;

		if (!evidence_read(table_layout(table), line, len, &row, why))
			break;
		++*rows;
		*with += row.detail.len == strlen(detail) &&
			 memcmp(row.detail.text, detail, row.detail.len) == 0;
	}
	table_close(&table);
	return true;
}

int main(void)
{
	const struct timespec tick = {.tv_nsec = 10000000};
	_Atomic bool stop = false, abandon = false;
	struct hints hints;
	int fd = mute_root(&hints);
	struct prober_config config = {
		.hints = &hints, .server_qps = 0, .port = 9, .stop = &stop, .abandon = &abandon};
	const struct prober_counters *counters;
	uint64_t rows, with, refused;
	struct run_part *parts;
	struct prober *prober;
	size_t count;

	ok(mkdtemp(dir) != NULL, "a directory");
	config.writer = open_writer();
	prober = prober_create(&config);
	ok(config.writer != NULL && prober != NULL, "the thread is there");
	counters = prober_counters(prober);
	for (unsigned i = 0; i < NAMES; i++)
		suspect(prober, i);
	refused = counters->skipped;
	ok(refused >= 500 && refused <= 500 + PROBER_JOBS_MOST, "the queue holds so many, and no more");
	for (int i = 0; i < 100; i++)
		nanosleep(&tick, NULL);
	for (unsigned i = 0; i < LATE; i++)
		suspect(prober, NAMES + i);
	is_int((long long)counters->skipped, (long long)refused,
	       "silence has nobody wait: more are looked into at a time");
	ok(!prober_ended(prober), "it waits for the root's server");
	stop = true;
	for (int i = 0; i < 3000 && !prober_ended(prober); i++)
		nanosleep(&tick, NULL);
	ok(prober_ended(prober), "and ends when told to");
	suspect(prober, NAMES + LATE); /* a worker may be late */
	prober_close(prober);
	prober_join(prober);
	is_int((long long)counters->suspects, NAMES + LATE + 1, "all were taken over");
	is_int((long long)(counters->names + counters->skipped), NAMES + LATE + 1,
	       "looked into, or passed over");
	ok(counters->rows >= NAMES + LATE + 1 && counters->rows_lost == 0, "with a row at least");
	rows = counters->rows;
	prober_destroy(&prober);
	is_int(writer_finish(&config.writer, &parts, &count, NULL), 0, "the file is whole");
	snprintf(path, sizeof(path), "%s/%s", dir, parts[0].name);
	ok(count_rows("no evidence: too many names were waiting for it", &refused, &with) &&
		   refused == rows,
	   "all rows are in it");
	ok(with >= 500 && with <= 500 + PROBER_JOBS_MOST, "those of the names without room say so");
	ok(count_rows("no evidence: the scan came to its end before", &rows, &with) &&
		   with > PROBER_QUEUE / 2,
	   "and those that were still waiting");
	unlink(path);
	rmdir(dir);
	free(parts);
	close(fd);
	return done_testing();
}
