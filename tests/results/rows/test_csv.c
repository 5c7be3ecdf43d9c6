/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/rows/csv.h"
#include "tests/tap.h"

#include <stdlib.h>

#define VIEW(text)                                                                                 \
	(struct view)                                                                              \
	{                                                                                          \
		text, sizeof(text) - 1                                                             \
	}

static const char header_wanted[] =
	"time,name,qtype,resolver,outcome,rcode,ede,ede_text,flags,answers,tries,rtt_us,cd_outcome,"
	"cd_rcode,cd_ede,cd_ede_text,cd_flags,cd_answers,cd_tries,cd_rtt_us,again_outcome,"
	"again_rcode,nsid,note,cd_rrsig\n";

static struct csv_writer writer;
static struct csv_layout layout;

static struct row example(void)
{
	struct row row;

	row_init(&row);
	row.time_ms = 1793664000123;
	row.name = VIEW("example.org");
	row.qtype = 1;
	row.resolver = VIEW("192.0.2.1");
	row.normal = (struct reply){.outcome = OUTCOME_ANSWERED,
				    .rcode = RCODE_SERVFAIL,
				    .flags = FLAG_RD | FLAG_RA,
				    .answers = 0,
				    .tries = 1,
				    .rtt_us = 1234,
				    .ede_count = 2,
				    .ede = {6, 22},
				    .ede_text = VIEW("bad, \"very\" bad")};
	row.cd = (struct reply){.outcome = OUTCOME_TIMEOUT,
				.rcode = RCODE_UNKNOWN,
				.answers = -1,
				.tries = 3,
				.rtt_us = -1};
	row.again_outcome = OUTCOME_ANSWERED;
	row.again_rcode = RCODE_SERVFAIL;
	row.nsid = VIEW("res1");
	row.cd_rrsig = VIEW("A/13/12345/20261101000000/20261201000000/example.org");
	return row;
}

static const char *written(const struct row *row)
{
	static char line[CSV_PAIR_MAX + 1];

	line[csv_pair_write(&writer, line, row)] = '\0';
	return line;
}

static void writes(void)
{
	char header[CSV_PAIR_MAX + 1];
	struct row row = example();

	header[csv_pair_header(header)] = '\0';
	is_str(header, header_wanted, "the header line");
	is_str(written(&row),
	       "2026-11-03T00:00:00.123Z,example.org,A,192.0.2.1,answered,SERVFAIL,6+22,"
	       "\"bad, \"\"very\"\" bad\",rd+ra,0,1,1234,timeout,,,,,,3,,answered,SERVFAIL,res1,,"
	       "A/13/12345/20261101000000/20261201000000/example.org\n",
	       "a whole row");
	row_init(&row);
	row.name = VIEW(".");
	row.qtype = 65280;
	row.resolver = VIEW("r");
	is_str(written(&row), "1970-01-01T00:00:00.000Z,.,TYPE65280,r,,,,,,,,,,,,,,,,,,,,,\n",
	       "an empty row");
}

static void hostile(void)
{
	static char long_text[20000];
	struct row row = example();
	const char *line;

	row.normal.ede_text = VIEW("a\nb\r\tc\0d\x7f");
	line = written(&row);
	ok(strstr(line, ",a b  c d ,") != NULL, "control octets become spaces");
	row.normal.ede_text = VIEW("\xc3\xa9t\xc3\xa9 \xff\xc0\x80 \xed\xa0\x80");
	line = written(&row);
	ok(strstr(line, ",\xc3\xa9t\xc3\xa9 ??? ???,") != NULL, "what is no UTF-8 becomes ?");
	memset(long_text, '"', sizeof(long_text));
	row.normal.ede_text = row.cd.ede_text = (struct view){long_text, sizeof(long_text)};
	row.name = row.resolver = row.nsid = row.note = row.cd_rrsig = row.cd.ede_text;
	row.cd = row.normal;
	row.normal.rcode = row.cd.rcode = row.again_rcode = 4095;
	row.qtype = 65535;
	row.normal.answers = row.cd.answers = 2147483647;
	row.normal.tries = row.cd.tries = 4294967295U;
	row.normal.rtt_us = row.cd.rtt_us = INT64_MAX;
	row.normal.flags = row.cd.flags = ~0U;
	row.normal.ede_count = row.cd.ede_count = 200;
	memset(row.normal.ede, 0xff, sizeof(row.normal.ede));
	memset(row.cd.ede, 0xff, sizeof(row.cd.ede));
	row.normal.outcome = row.cd.outcome = row.again_outcome = OUTCOME_TRUNCATED_TCP_FAILED;
	line = written(&row);
	ok(strlen(line) <= CSV_PAIR_MAX - 32, "the worst row has room (%zu octets)", strlen(line));
}

static bool read_line(const char *text, struct row *row, char *why)
{
	static char line[CSV_PAIR_MAX + 1];

	snprintf(line, sizeof(line), "%s", text);
	return csv_pair_read(&layout, line, strcspn(line, "\n"), row, why);
}

static bool same_reply(const struct reply *a, const struct reply *b)
{
	return a->outcome == b->outcome && a->rcode == b->rcode && a->flags == b->flags &&
	       a->answers == b->answers && a->tries == b->tries && a->rtt_us == b->rtt_us &&
	       a->ede_count == b->ede_count &&
	       memcmp(a->ede, b->ede, a->ede_count * sizeof(*a->ede)) == 0 &&
	       view_equal(a->ede_text, b->ede_text);
}

static void round_trip(void)
{
	struct row row = example(), got;
	char why[CSV_WHY_MAX] = "";

	ok(read_line(written(&row), &got, why), "what was written is read (%s)", why);
	is_int(got.time_ms, row.time_ms, "time");
	ok(view_equal(got.name, row.name) && view_equal(got.resolver, row.resolver), "names");
	is_int(got.qtype, 1, "qtype");
	ok(same_reply(&got.normal, &row.normal), "CD=0");
	ok(same_reply(&got.cd, &row.cd), "CD=1");
	ok(got.again_outcome == row.again_outcome && got.again_rcode == 2, "again");
	ok(view_equal(got.nsid, row.nsid) && got.note.len == 0, "nsid, note");
	ok(view_equal(got.cd_rrsig, row.cd_rrsig), "cd_rrsig");
}

/* Random texts through quoting and back: what comes out is what went in, cleaned. */
static void random_texts(void)
{
	static const char alphabet[] = "ab,\"\\' ;+";
	struct row row = example(), got;
	char text[40], why[CSV_WHY_MAX];
	int wrong = 0;

	srand(1);
	for (int i = 0; i < 20000; i++) {
		size_t len = (size_t)(rand() % 40);

		for (size_t j = 0; j < len; j++)
			text[j] = alphabet[rand() % 9];
		row.normal.ede_text = (struct view){text, len};
		if (!read_line(written(&row), &got, why) ||
		    !view_equal(got.normal.ede_text, row.normal.ede_text))
			wrong++;
	}
	is_int(wrong, 0, "20000 random texts survive quoting");
}

static void refuses(void)
{
	static const struct {
		const char *line, *why;
	} bad[] = {
		{"2026-11-03T00:00:00Z,a,A,r,answered,NOERROR", "6 fields, the header has 25"},
		{",a,A,r,,,,,,,,,,,,,,,,,,,,,,", "26 fields, the header has 25"},
		{",a,A,r,,,,\"x,,,,,,,,,,,,,,,,,", "field 8: the closing quote is missing"},
		{",a,A,r,,,,\"x\"y,,,,,,,,,,,,,,,,,", "field 8: text after the closing quote"},
		{",a,A,r,,,,x\"y,,,,,,,,,,,,,,,,,", "field 8: a quote inside an unquoted field"},
		{"yesterday,a,A,r,,,,,,,,,,,,,,,,,,,,,", "time: 'yesterday' is not valid"},
		{",,A,r,,,,,,,,,,,,,,,,,,,,,", "name: '' is not valid"},
		{",a,B,r,,,,,,,,,,,,,,,,,,,,,", "qtype: 'B' is not valid"},
		{",a,A,,,,,,,,,,,,,,,,,,,,,,", "resolver: '' is not valid"},
		{",a,A,r,answerd,,,,,,,,,,,,,,,,,,,,", "outcome: 'answerd' is not valid"},
		{",a,A,r,,,,,,,,,,,,,,,,,,,,,", "outcome: '' is not valid"},
		{",a,A,r,answered,,,,,,,,,,,,,,,,,,,,", "rcode: '' is not valid"},
		{",a,A,r,,,,,,,,,,OOPS,,,,,,,,,,,", "cd_rcode: 'OOPS' is not valid"},
		{",a,A,r,,,6+,,,,,,,,,,,,,,,,,,", "ede: '6+' is not valid"},
		{",a,A,r,,,,,,,,-5,,,,,,,,,,,,,", "rtt_us: '-5' is not valid"},
		{",a,A,r,,,,,,,,,,,,,,,,1x,,,,,", "cd_rtt_us: '1x' is not valid"},
		{"", "1 fields, the header has 25"},
	};
	char why[CSV_WHY_MAX];
	struct row row;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		why[0] = '\0';
		if (read_line(bad[i].line, &row, why))
			snprintf(why, sizeof(why), "it was accepted");
		is_str(why, bad[i].why, bad[i].why);
	}
}

static void other_headers(void)
{
	char header[] = "\xef\xbb\xbf\"resolver\",future,name,rcode,qtype\r", why[CSV_WHY_MAX] = "";
	char nonsense[] = "foo,bar", line[] = "\"9.9.9.9\",x,example.net,NXDOMAIN,AAAA\r";
	struct csv_layout other;
	struct row row;

	ok(csv_layout_read(&other, csv_pair_columns, header, strlen(header), why),
	   "columns in another order, with one unknown, BOM, CR (%s)", why);
	ok(csv_pair_read(&other, line, strlen(line), &row, why), "a line of that file (%s)", why);
	ok(row.qtype == 28 && row.normal.rcode == RCODE_NXDOMAIN && row.resolver.len == 7,
	   "its fields");
	ok(row.normal.outcome == OUTCOME_ANSWERED, "an RCODE is an answer's");
	ok(csv_layout_has(&other, "rcode") && !csv_layout_has(&other, "time") &&
		   !csv_layout_has(&other, "future"),
	   "which columns are there");
	ok(row.cd.outcome == OUTCOME_UNKNOWN && row.cd.rcode == RCODE_UNKNOWN &&
		   row.cd.rtt_us == -1,
	   "missing columns are unknown");
	ok(!csv_layout_read(&other, csv_pair_columns, nonsense, strlen(nonsense), why),
	   "a header without a known column is refused: %s", why);
}

static void times(void)
{
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
		{"1970-01-01T00:00:00.000Z", 0},
		{"2000-02-29T12:34:56.789Z", 951827696789},
		{"2026-12-31T23:59:59.999Z", 1798761599999},
		{"1969-12-31T23:59:59.999Z", -1},
		{"9999-12-31T23:59:59.999Z", 253402300799999},
	};
	char text[25];
	int64_t ms = 0;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		csv_time(text, cases[i].ms);
		is_str(text, cases[i].text, cases[i].text);
		ok(csv_read_time((struct view){text, strlen(text)}, &ms) && ms == cases[i].ms,
		   "and back");
	}
	ok(csv_read_time(VIEW("2026-11-03T00:00:00Z"), &ms) && ms == 1793664000000, "no fraction");
	ok(csv_read_time(VIEW("2026-11-03T00:00:00.5Z"), &ms) && ms == 1793664000500, "tenths");
	ok(!csv_read_time(VIEW("2026-13-03T00:00:00Z"), &ms), "no month 13");
	ok(!csv_read_time(VIEW("2026-11-03T00:00:00"), &ms), "no zone, no time");
	ok(!csv_read_time(VIEW("2026-11-03T00:00:00.123456789012Zx"), &ms), "trailing text");
}

int main(void)
{
	char header[sizeof(header_wanted)], why[CSV_WHY_MAX] = "";

	csv_writer_init(&writer);
	memcpy(header, header_wanted, sizeof(header_wanted));
	ok(csv_layout_read(&layout, csv_pair_columns, header, strlen(header) - 1, why),
	   "our header is read %s", why);
	writes();
	hostile();
	round_trip();
	random_texts();
	refuses();
	other_headers();
	times();
	return done_testing();
}
