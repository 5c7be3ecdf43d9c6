/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/run/reader.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/gzip.h"
#include "io/lines.h"
#include "scanner/run/batch.h"
#include "scanner/lists/suffixes.h"
#include "tests/tap.h"

static char dir[] = "/tmp/test_reader.XXXXXX";

/* A path in the test's folder; the last few stay valid. */
static const char *path(const char *name)
{
	static char paths[8][128];
	static int next;
	char *text = paths[next++ % 8];

	snprintf(text, sizeof(paths[0]), "%s/%s", dir, name);
	return text;
}

static void put(const char *name, const void *data, size_t len)
{
	FILE *file = fopen(path(name), "w");

	fwrite(data, 1, len, file);
	fclose(file);
}

/* data as two gzip members, the last `cut` octets missing. */
static void put_gzip(const char *name, const char *data, size_t cut)
{
	struct gzip_deflater *deflater = gzip_deflater_create(6);
	struct buf out = BUF_EMPTY;
	size_t half = strlen(data) / 2;

	gzip_member(deflater, data, half, &out);
	gzip_member(deflater, data + half, strlen(data) - half, &out);
	put(name, out.data, out.len - cut);
	buf_free(&out);
	gzip_deflater_destroy(&deflater);
}

/* What came out of a reader. */
struct result {
	char names[65536]; /* "a.org b.org ", in the order they were handed out */
	uint32_t batches, first, largest, count;
	bool sorted;
	char problems[4096], first_reject[512];
	uint64_t read, blank, rejected, other_shard, duplicates, excluded, handed_out, left;
	uint64_t opened, failed, output_failed;
};

static struct result result;

static void take(struct batch *batch)
{
	char text[NAME_WIRE_MAX + 1];
	size_t used = strlen(result.names);

	if (result.batches++ == 0)
		result.first = batch->count;
	result.count += batch->count;
	if (batch->count > result.largest)
		result.largest = batch->count;
	for (uint32_t i = 0; i < batch->count; i++) {
		const struct batch_name *name = &batch->names[i];

		batch_name_text(batch, name, text);
		if (used + 300 < sizeof(result.names))
			used += (size_t)sprintf(result.names + used, "%s ", text);
		if (i > 0 && name->wire_len < name[-1].wire_len)
			result.sorted = false;
	}
	if (batch->open != batch->count)
		result.sorted = false;
	batch_destroy(&batch);
}

static void note(struct reader *reader)
{
	const struct reader_counters *c = reader_counters(reader);

	snprintf(result.problems, sizeof(result.problems), "%s", reader_problems(reader));
	snprintf(result.first_reject, sizeof(result.first_reject), "%s",
		 reader_first_reject(reader));
	result.read = c->read;
	result.blank = c->blank;
	result.rejected = c->rejected;
	result.other_shard = c->other_shard;
	result.duplicates = c->duplicates;
	result.excluded = c->excluded;
	result.handed_out = c->handed_out;
	result.left = c->left;
	result.opened = c->files_opened;
	result.failed = c->files_failed;
	result.output_failed = c->output_failed;
	ok(c->done, "done");
	is_int((long long)result.read,
	       (long long)(result.rejected + result.other_shard + result.duplicates +
			   result.excluded + result.handed_out + result.left),
	       "the counters balance");
}

/* Reads it all; stop_after > 0: stops after so many batches. */
static void scan(struct reader_config config, uint32_t stop_after)
{
	struct queue *queue = queue_create(2);
	struct buf errors = BUF_EMPTY;
	struct reader *reader;
	struct batch *batch;

	memset(&result, 0, sizeof(result));
	result.sorted = true;
	config.queue = queue;
	reader = reader_start(&config, &errors);
	ok(reader, "started");
	while ((batch = queue_take(queue))) {
		take(batch);
		if (stop_after > 0 && result.batches == stop_after) {
			usleep(20000); /* the queue fills, the reader waits */
			reader_stop(reader);
		}
	}
	reader_join(reader);
	note(reader);
	reader_destroy(&reader);
	queue_destroy(&queue);
	buf_free(&errors);
}

static void scan_files(int count, const char *const *files)
{
	scan((struct reader_config){.files = files, .file_count = count}, 0);
}

static void test_plain(void)
{
	const char text[] = "\xef\xbb\xbf"
			    "Example.ORG\r\n# comment\n\nb.org\na b\nexample.org.\nxyz.example";

	put("plain.txt", text, sizeof(text) - 1);
	scan_files(1, (const char *[]){path("plain.txt")});
	is_str(result.names, "b.org example.org xyz.example ", "names by length");
	is_int((long long)result.read, 5, "read");
	is_int((long long)result.blank, 2, "blank");
	is_int((long long)result.rejected, 1, "rejected");
	is_int((long long)result.duplicates, 1, "duplicates");
	is_str(result.problems, "", "no problem");
	ok(strstr(result.first_reject, "plain.txt:5: 'a b' is no name: blank inside"),
	   "the reject");
}

static void test_files(void)
{
	put("one.txt", "a.org\n", 6);
	put_gzip("two.gz", "b.org\nc.org\n", 0);
	put_gzip("broken.gz", "d.org\ne.org\nf.org\ng.org\n", 5);
	put("empty.txt", "", 0);
	scan_files(5, (const char *[]){path("one.txt"), path("none.txt"), path("broken.gz"),
				       path("empty.txt"), path("two.gz")});
	ok(strncmp(result.names, "a.org d.org e.org", 17) == 0, "what was before the break");
	ok(strstr(result.names, "b.org c.org "), "and the file after it");
	is_int((long long)result.opened, 4, "files opened");
	is_int((long long)result.failed, 2, "files failed");
	ok(strstr(result.problems, "none.txt: No such file or directory\n"), "none.txt");
	ok(strstr(result.problems, "broken.gz: after line ") &&
		   strstr(result.problems, "member 2 at octet "),
	   "broken.gz");
	scan_files(1, (const char *[]){path("empty.txt")});
	is_int((long long)result.read, 0, "nothing in an empty file");
	is_str(result.problems, "", "is no problem");
	is_int(result.batches, 0, "and no batch");
	put("list.xz",
	    "\xfd"
	    "7zXZ\0\0\4\nexample.org\n",
	    21);
	scan_files(2, (const char *[]){path("one.txt"), path("list.xz")});
	is_str(result.names, "a.org ", "what is compressed otherwise is no list");
	ok(strstr(result.problems, "list.xz: compressed with xz: xz -dc"), "which is told");
	is_int((long long)result.opened, 1, "and not counted as read");
	is_int((long long)result.failed, 1, "but as failed");
	put("list.csv", "1,a.org\r\n", 9);
	scan_files(1, (const char *[]){path("list.csv")});
	ok(strstr(result.first_reject,
		  "list.csv:1: '1,a.org' is no name: bad character (a table? one name a line"),
	   "a table is no list of names");
	put("list.zone", "lab.\t900\tin\tsoa\ta. b. 1 2 3 4 5\n", 32);
	scan_files(1, (const char *[]){path("list.zone")});
	ok(strstr(result.first_reject, "is no name: blank inside (a zone file? say --zone)"),
	   "nor is a zone file: '%s'", result.first_reject);
	put("list.txt", "a.org\n", 6);
	scan((struct reader_config){.files = (const char *[]){path("list.txt")},
				    .file_count = 1,
				    .zone = true},
	     0);
	ok(strstr(result.first_reject, "(a list of names? --zone is for zone files)"),
	   "nor a list of names a zone file: '%s'", result.first_reject);
	scan_files(1, (const char *[]){dir});
	ok(strstr(result.problems, ": Is a directory\n"), "a directory is one");
}

static void test_many(uint32_t count)
{
	FILE *file = fopen(path("many.txt"), "w");

	for (uint32_t i = 0; i < count; i++)
		fprintf(file, "%.*s%u.example\n", (int)(i % 7), "abcdefg", i);
	fclose(file);
	scan_files(1, (const char *[]){path("many.txt")});
	is_int(result.count, count, "all came");
	is_int(result.largest, 4096, "the largest batch");
	ok(result.batches > 10, "batches: %u", result.batches);
	ok(result.sorted, "each in order of length, all of it open");
}

/* Several want work at once; one alone is better off with long runs of equal length. */
static void test_workers(void)
{
	struct reader_config config = {.files = (const char *[]){path("many.txt")}, .file_count = 1};

	for (config.workers = 1; config.workers <= 2; config.workers++) {
		scan(config, 0);
		is_int(result.first, config.workers == 1 ? BATCH_NAMES : BATCH_FIRST, "the first batch");
		is_int(result.largest, BATCH_NAMES, "the largest");
	}
}

static void test_shards(void)
{
	uint64_t handed_out = 0, others = 0;

	for (uint32_t shard = 0; shard < 3; shard++) {
		scan((struct reader_config){.files = (const char *[]){path("many.txt")},
					    .file_count = 1,
					    .seed = 9,
					    .shards = 3,
					    .shard = shard},
		     0);
		handed_out += result.handed_out;
		others += result.other_shard;
		ok(result.handed_out > result.read / 4 && result.handed_out < result.read / 5 * 2,
		   "about a third: %llu", (unsigned long long)result.handed_out);
	}
	is_int((long long)handed_out, (long long)result.read, "together all names");
	is_int((long long)others, 2 * (long long)result.read, "each in one shard only");
}

static void test_exclude(void)
{
	struct suffixes *exclude = suffixes_create();

	suffixes_add(exclude, "gov.example", 11);
	put("exclude.txt", "a.gov.example\nb.example\ngov.example\n", 36);
	scan((struct reader_config){.files = (const char *[]){path("exclude.txt")},
				    .file_count = 1,
				    .exclude = exclude},
	     0);
	is_str(result.names, "b.example ", "what is left");
	is_int((long long)result.excluded, 2, "excluded");
	suffixes_destroy(&exclude);
}

static void test_rejected(void)
{
	static char text[70000];
	struct lines *lines;
	struct line line;
	const char *want[] = {
		"file,line,reason,text",
		",1,blank inside,\"say \"\"hi\"\", b\"",
		",3,bad UTF-8,\"\\xff\\x5c\xc3\xbc\\xc2\\x85x\"",
		",4,binary,\"a\\x00b\"",
	};

	memcpy(text, "say \"hi\", b\na.org\n\xff\\\xc3\xbc\xc2\x85x\na\0b\n", 30);
	memset(text + 30, 'x', sizeof(text) - 30);
	text[sizeof(text) - 1] = '\n';
	put("bad.txt", text, sizeof(text));
	scan((struct reader_config){.files = (const char *[]){path("bad.txt")},
				    .file_count = 1,
				    .rejected_path = path("rejected.csv.gz")},
	     0);
	is_int((long long)result.rejected, 4, "rejected");
	lines = lines_open(path("rejected.csv.gz"));
	for (int i = 0; i < 4; i++) {
		char got[512];

		lines_next(lines, &line);
		snprintf(got, sizeof(got), "%.*s", (int)line.len, line.text);
		is_str(strlen(got) >= strlen(want[i]) ? got + strlen(got) - strlen(want[i]) : got,
		       want[i], "line of rejected.csv.gz");
	}
	is_int(lines_next(lines, &line), 1, "a long line");
	ok(line.len < 350 && memmem(line.text, line.len, ",5,line too long,\"xxx", 21), "is cut");
	is_int(lines_next(lines, &line), 0, "the end");
	lines_close(&lines);
}

static void test_start_errors(void)
{
	struct queue *queue = queue_create(1);
	struct buf errors = BUF_EMPTY;
	struct reader_config config = {.queue = queue, .rejected_path = path("no/such/folder.gz")};

	ok(!reader_start(&config, &errors), "cannot start");
	ok(strstr(buf_text(&errors), "folder.gz: No such file or directory\n"), "says why");
	buf_free(&errors);
	queue_destroy(&queue);
}

/* A disk that takes no more: the names go on, and it is told once. */
static void test_full_disk(void)
{
	struct rlimit before, small;
	char text[4096];

	getrlimit(RLIMIT_FSIZE, &before);
	small = before;
	small.rlim_cur = 100;
	signal(SIGXFSZ, SIG_IGN);
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i % 10 == 9 ? '\n' : (char)('$' + i * i % 89 % 9);
	put("bad.txt", text, sizeof(text));
	setrlimit(RLIMIT_FSIZE, &small);
	scan((struct reader_config){.files = (const char *[]){path("bad.txt")},
				    .file_count = 1,
				    .rejected_path = path("full.gz")},
	     0);
	setrlimit(RLIMIT_FSIZE, &before);
	is_int((long long)result.rejected, 410, "rejects are counted without a disk");
	is_int((long long)result.output_failed, 1, "the file is not whole");
	ok(strstr(result.problems, "full.gz: File too large\n"), "and why");
	ok(access(path("full.gz"), F_OK) != 0, "it does not have its name");
}

static void test_stop(void)
{
	scan((struct reader_config){.files = (const char *[]){path("many.txt")}, .file_count = 1},
	     3);
	ok(result.batches >= 3 && result.batches <= 6, "few batches: %u", result.batches);
	is_int(result.count, (long long)result.handed_out, "what was put was taken");
	ok(result.left > 0 && result.left <= 4096, "left: %llu", (unsigned long long)result.left);
	is_str(result.problems, "", "no problem");
}

/* Standard input that pauses: names come at once, and stop needs no more input. */
static void test_pipe(void)
{
	struct queue *queue = queue_create(4);
	struct reader_config config = {.queue = queue};
	struct buf errors = BUF_EMPTY;
	struct reader *reader;
	struct batch *batch;
	int ends[2];

	memset(&result, 0, sizeof(result));
	if (pipe(ends) || dup2(ends[0], STDIN_FILENO) < 0 || write(ends[1], "a.org\nb.o", 9) != 9)
		abort();
	reader = reader_start(&config, &errors);
	batch = queue_take(queue);
	is_int(batch->count, 1, "one name, at once");
	take(batch);
	if (write(ends[1], "rg\nc.org\n", 9) != 9)
		abort();
	batch = queue_take(queue);
	is_int(batch->count, 2, "two more");
	take(batch);
	is_str(result.names, "a.org b.org c.org ", "names");
	reader_stop(reader);
	reader_join(reader);
	ok(!queue_take(queue), "stopped while it waited for input");
	note(reader);
	is_str(result.problems, "", "no problem");
	reader_destroy(&reader);
	queue_destroy(&queue);
	close(ends[0]);
	close(ends[1]);
}

/* A FIFO whose writer comes late, or never. */
static void test_fifo(void)
{
	const char *files[] = {path("fifo")};
	struct queue *queue = queue_create(4);
	struct reader_config config = {.files = files, .file_count = 1, .queue = queue};
	struct buf errors = BUF_EMPTY;
	struct reader *reader;
	struct batch *batch;
	FILE *writer;

	if (mkfifo(files[0], 0600))
		abort();
	reader = reader_start(&config, &errors);
	usleep(20000);
	reader_stop(reader);
	reader_join(reader);
	ok(!queue_take(queue), "stopped while nobody wrote");
	reader_destroy(&reader);
	queue_destroy(&queue);

	config.queue = queue = queue_create(4);
	reader = reader_start(&config, &errors);
	usleep(20000);
	writer = fopen(files[0], "w");
	fputs("late.example\n", writer);
	fclose(writer);
	memset(&result, 0, sizeof(result));
	while ((batch = queue_take(queue)))
		take(batch);
	is_str(result.names, "late.example ", "a late writer");
	reader_join(reader);
	note(reader);
	reader_destroy(&reader);
	queue_destroy(&queue);
}

static void test_zone(void)
{
	const char text[] = "$ORIGIN example.\n"
			    "@ 3600 IN SOA ns hostmaster ( 1 2 3\n 4 5 )\n"
			    "\tIN NS ns\n"
			    "a NS ns.a\n"
			    "ns.a A 192.0.2.1\n"
			    "b.example.\t3600\tin\tns\tns.a.example.\n"
			    "b.example.\t3600\tin\tns\tns.b.example.\n"
			    "c NS ns\n"
			    "b NS ns.c\n"
			    "what is this?\n"
			    "\\100 NS x\n"
			    "\\200 NS x\n";

	put("zone", text, sizeof(text) - 1);
	scan((struct reader_config){.files = (const char *[]){path("zone")},
				    .file_count = 1,
				    .zone = true},
	     0);
	is_str(result.names, "a.example b.example c.example d.example ", "delegated names");
	is_int((long long)result.duplicates, 1, "one delegated in two places");
	is_int((long long)result.rejected, 2, "nonsense and an odd name");
}

int main(void)
{
	char command[128];

	if (!mkdtemp(dir))
		return 1;
	test_plain();
	test_files();
	test_many(50000);
	test_workers();
	test_shards();
	test_exclude();
	test_rejected();
	test_start_errors();
	test_full_disk();
	test_stop();
	test_pipe();
	test_fifo();
	test_zone();
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	if (system(command) != 0)
		return 1;
	return done_testing();
}
