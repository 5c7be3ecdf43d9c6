/* SPDX-License-Identifier: BSD-2-Clause */

/* Delegations as zone files have them: records that batches carry, and addresses from elsewhere in
 * the file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scanner/run/batch.h"
#include "scanner/evidence/delegation.h"
#include "scanner/lists/glue.h"
#include "tests/tap.h"

static void read_records(const char *records, bool want, unsigned ns, unsigned ds, const char *what)
{
	struct delegation d;

	is_int(delegation_read(&d, records, strlen(records)), want, what);
	if (!want)
		return;
	is_int(d.ns_count, ns, "name servers");
	is_int(d.ds.count, ds, "DS");
}

static void delegations(void)
{
	char many[1000];
	size_t len = 0;

	read_records("NS a.example.\nNS b.example.\nDS 4711 13 2 00 ab\n", true, 2, 1,
		     "two NS, one DS");
	read_records("NS a.example.\nNS a.example.", true, 1, 0,
		     "one NS twice, the last LF missing");
	read_records("DS 4711 13 2 00ab\n", false, 0, 0, "no NS");
	read_records("NS a..example.\n", false, 0, 0, "no name");
	read_records("NS a.example.\nDS nonsense\n", false, 0, 0, "no DS");
	read_records("NS a.example.\nA 192.0.2.1\n", false, 0, 0, "something else");
	read_records("", false, 0, 0, "nothing");
	for (int i = 0; i < 20; i++)
		len += (size_t)sprintf(many + len, "NS n%d.example.\n", i);
	read_records(many, true, DELEGATION_NS_MAX, 0, "more than there is room for");
}

static void batches(void)
{
	struct batch_maker *maker = batch_maker_create();
	struct batch *batch;
	struct name name;
	struct view records;
	char big[4096];

	name_normalise(&name, "long.example", 12);
	batch_maker_add(maker, &name, 0, (struct view){"NS x.\n", 6});
	name_normalise(&name, "b.example", 9);
	batch_maker_add(maker, &name, 1, (struct view){NULL, 0});
	name_normalise(&name, "a.example", 9);
	batch_maker_add(maker, &name, 2, (struct view){"NS yy.\n", 7});
	batch = batch_maker_take(maker);
	records = batch_records(batch, &batch->names[0]);
	ok(records.text == NULL, "the shortest name has no records");
	records = batch_records(batch, &batch->names[1]);
	ok(records.len == 7 && memcmp(records.text, "NS yy.\n", 7) == 0, "the next has its own");
	records = batch_records(batch, &batch->names[2]);
	ok(records.len == 6 && memcmp(records.text, "NS x.\n", 6) == 0, "and so has the last");
	batch_destroy(&batch);
	memset(big, 'x', sizeof(big));
	for (uint32_t i = 0; !batch_maker_full(maker); i++)
		batch_maker_add(maker, &name, i, (struct view){big, sizeof(big)});
	ok(batch_maker_count(maker) < BATCH_NAMES,
	   "a batch is full of records before it is of names");
	batch = batch_maker_take(maker);
	records = batch_records(batch, &batch->names[batch->count - 1]);
	ok(records.len == sizeof(big), "which are all there");
	batch_destroy(&batch);
	batch_maker_destroy(&maker);
}

static void wait_for(const struct glue *glue)
{
	for (int i = 0; i < 10000 && !glue_ready(glue); i++)
		usleep(1000);
}

static void glue(void)
{
	char path[] = "/tmp/test_glue.XXXXXX", text[ADDR_TEXT_MAX];
	const char *files[] = {path, "-"};
	struct addr addrs[8];
	struct name name;
	struct glue *glue;
	FILE *file = fdopen(mkstemp(path), "w");

	fprintf(file, "t.\t5\tin\tsoa\ta. b. 1 2 3 4 5\na.t.\t5\tin\tns\tns1.a.t.\n");
	for (int i = 0; i < 20000; i++)
		fprintf(file, "ns%d.a.t.\t5\tin\ta\t5.1.%d.%d\n", i, i / 256, i % 256);
	fprintf(file,
		"NS1.A.t. 5 AAAA 2001:db8::1\nns1.a.t. 5 in a 5.1.0.1\nns1.a.t. A nonsense\n");
	fprintf(file,
		"$ORIGIN b.t.\nns A 5.2.0.1\n A 5.2.0.2\n A 5.2.0.3\n A 5.2.0.4\n A 5.2.0.5\n");
	fclose(file);
	glue = glue_start(files, 1);
	wait_for(glue);
	ok(glue_ready(glue) && glue_complete(glue), "a file is read");
	name_normalise(&name, "ns1.a.t", 7);
	is_int(glue_find(glue, name.wire, addrs, 4, 53), 2,
	       "two addresses, of which one stands there twice");
	is_str(addr_format(&addrs[0], 53, text), "5.1.0.1", "IPv4 first");
	is_str(addr_format(&addrs[1], 53, text), "2001:db8::1", "then IPv6");
	name_normalise(&name, "ns19999.a.t", 11);
	is_int(glue_find(glue, name.wire, addrs, 4, 53), 1, "the last of 20,000");
	name_normalise(&name, "ns.b.t", 6);
	is_int(glue_find(glue, name.wire, addrs, 4, 53), 4, "no more than there is room for");
	name_normalise(&name, "ns20000.a.t", 11);
	is_int(glue_find(glue, name.wire, addrs, 4, 53), 0, "nobody");
	glue_destroy(&glue);
	glue = glue_start(files, 2);
	wait_for(glue);
	ok(!glue_complete(glue), "standard input cannot be read twice");
	glue_destroy(&glue);
	unlink(path);
	glue = glue_start(files, 1);
	wait_for(glue);
	ok(!glue_complete(glue), "nor can what is not there");
	glue_destroy(&glue);
	ok(glue == NULL, "destroyed");
}

int main(void)
{
	delegations();
	batches();
	glue();
	return done_testing();
}
