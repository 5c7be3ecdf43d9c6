/* SPDX-License-Identifier: BSD-2-Clause */

/* run.json, resolvers.csv, evidence rows, and the list of names broken on purpose: written and read
 * back, and read broken. */
#include "results/rows/calibration.h"
#include "results/rows/evidence.h"
#include "results/sort/expected.h"
#include "results/rows/manifest.h"
#include "tests/tap.h"

#include <stdlib.h>
#include <unistd.h>

#define VIEW(text)                                                                                 \
	(struct view)                                                                              \
	{                                                                                          \
		text, sizeof(text) - 1                                                             \
	}

static char path[] = "/tmp/servfail-test-XXXXXX";

static void put(const char *text)
{
	FILE *file = fopen(path, "w");

	fputs(text, file);
	fclose(file);
}

static void manifest(void)
{
	char why[MANIFEST_WHY_MAX] = "";
	struct manifest *m = manifest_create(), *got;

	manifest_set(&m->program, "servfail-scan");
	manifest_set(&m->host, "h\xff");
	manifest_set(&m->vantage, "ams");
	m->seed = 4711;
	m->start_ms = 1793664000123;
	m->end_ms = 1793664001000;
	m->complete = true;
	for (int i = 0; i < 40; i++) {
		char text[20];

		snprintf(text, sizeof(text), "t%d", i);
		manifest_set_total(m, text, (uint64_t)i);
		manifest_add_part(m, text, 5, 6, i < 39 ? NULL : "ab");
		manifest_add_resolver(m, text);
		manifest_add_option(m, text, "value");
	}
	manifest_set_total(m, "t7", 700);
	is_int(manifest_write(m, path), 0, "run.json is written");
	got = manifest_read(path, why);
	if (!ok(got != NULL, "and read %s", why))
		return;
	is_str(got->host, "h?", "what is not UTF-8 does not stop it");
	is_str(got->vantage, "ams", "vantage");
	ok(got->seed == 4711 && got->start_ms == m->start_ms && got->end_ms == m->end_ms &&
		   got->complete,
	   "numbers");
	ok(got->part_count == 40 && got->parts[39].rows == 5 && got->parts[39].octets == 6 &&
		   strcmp(got->parts[39].sha256, "ab") == 0 && got->parts[38].sha256[0] == '\0',
	   "parts");
	ok(got->resolver_count == 40 && strcmp(got->resolvers[39], "t39") == 0, "resolvers");
	ok(got->option_count == 40 && got->total_count == 40, "options, totals");
	is_int((long long)manifest_total(got, "t7"), 700, "a total set twice");
	is_int((long long)manifest_total(got, "none"), 0, "a total that is not there");
	manifest_destroy(&got);
	manifest_destroy(&m);
	ok(!m, "destroyed");
}

static void broken_manifests(void)
{
	static const char *const texts[] = {
		"",
		"[]",
		"{",
		"{\"schema\": 2}",
		"{\"schema\": \"1\"}",
		"{\"schema\": 1, \"schema\": 1}",
	};
	char why[MANIFEST_WHY_MAX];
	struct manifest *m;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		why[0] = '\0';
		put(texts[i]);
		ok(manifest_read(path, why) == NULL && why[0], "'%s': %s", texts[i], why);
	}
	put("{\"schema\": 1, \"totals\": [1], \"parts\": {\"a\": 1}, \"resolvers\": [1, null], "
	    "\"options\": 7, \"seed\": -1, \"start\": 5, \"complete\": \"yes\", \"new\": {}}");
	m = manifest_read(path, why);
	ok(m && m->total_count == 0 && m->part_count == 0 && m->resolver_count == 0 &&
		   !m->complete && m->seed == 0,
	   "values of the wrong kind are passed over");
	manifest_destroy(&m);
	ok(manifest_read("/nonexistent/run.json", why) == NULL, "no file: %s", why);
}

static void calibrations(void)
{
	char line[CALIBRATION_MAX], header[CALIBRATION_MAX], why[CSV_WHY_MAX] = "";
	struct calibration row, got;
	struct csv_layout layout;
	size_t len = csv_header(header, calibration_columns);

	ok(csv_layout_read(&layout, calibration_columns, header, len - 1, why), "header %s", why);
	calibration_init(&row);
	row.resolver = VIEW("[2001:db8::1]:53");
	row.phase = PHASE_AFTER;
	row.time_ms = 1793664000123;
	row.reachable = row.tcp = TRI_YES;
	row.validates = TRI_NO;
	row.controls_asked = 9;
	row.marks = CALIBRATION_LOSSY | CALIBRATION_OVERLOAD;
	row.tls = TRI_NO;
	row.tls_problem = "certificate, has expired";
	row.loss_percent = 20;
	row.overload_s = 0;
	len = calibration_write(line, &row);
	ok(line[len - 1] == '\n' && calibration_read(&layout, line, len - 1, &got, why) &&
		   got.resolver.len == row.resolver.len && got.phase == PHASE_AFTER &&
		   got.time_ms == row.time_ms && got.reachable == TRI_YES &&
		   got.validates == TRI_NO && got.honours_cd == TRI_UNKNOWN && got.tcp == TRI_YES &&
		   got.median_rtt_us == -1 && got.controls_asked == 9 &&
		   got.controls_failed == -1 && got.marks == row.marks && got.tls == TRI_NO &&
		   got.loss_percent == 20 && got.rate_qps == -1 && got.overload_s == 0,
	   "a row survives %s", why);
	ok(strstr(line, ",lossy+overload,") != NULL, "its note is words");
	ok(strstr(line, ",\"certificate, has expired\"\n") != NULL, "why TLS fails is told last");
	strcpy(line, "r,before,,yes,,,,,,,,,,,,,fails+tired+over,,,,,");
	ok(calibration_read(&layout, line, strlen(line), &got, why) && got.marks == CALIBRATION_FAILS, "unknown words are passed over");
	strcpy(line, "r,before,,maybe,,,,,,,,,,,,,,,,,,");
	ok(!calibration_read(&layout, line, strlen(line), &got, why), "refused: %s", why);
	strcpy(line, ",before,,yes,,,,,,,,,,,,,,,,,,");
	ok(!calibration_read(&layout, line, strlen(line), &got, why), "refused: %s", why);
	strcpy(line, "r,sometime,,yes,,,,,,,,,,,,,,,,,,");
	ok(!calibration_read(&layout, line, strlen(line), &got, why), "refused: %s", why);
}

static void evidences(void)
{
	char line[EVIDENCE_MAX], header[EVIDENCE_MAX], why[CSV_WHY_MAX] = "";
	static char huge[9000];
	struct evidence row, got;
	struct csv_layout layout;
	size_t len = csv_header(header, evidence_columns);

	ok(csv_layout_read(&layout, evidence_columns, header, len - 1, why), "header %s", why);
	evidence_init(&row);
	row.time_ms = 1793664000123;
	row.name = VIEW("www.example.org");
	row.qtype = 28;
	row.zone = VIEW("example.org");
	row.probe = VIEW("chain");
	row.finding = VIEW("rrsig-expired");
	row.detail = VIEW("RRSIG over A, by key 1, expired");
	row.outcome = OUTCOME_ANSWERED;
	row.rcode = 0;
	row.flags = FLAG_AA;
	row.answers = 2;
	row.tries = 1;
	row.rtt_us = 77;
	len = evidence_write(line, &row);
	ok(evidence_read(&layout, line, len - 1, &got, why) && got.time_ms == row.time_ms &&
		   got.qtype == 28 && got.zone.len == 11 && got.question_type == 0 &&
		   got.question.len == 0 && got.outcome == OUTCOME_ANSWERED && got.rcode == 0 &&
		   got.flags == FLAG_AA && got.answers == 2 && got.tries == 1 && got.rtt_us == 77 &&
		   got.detail.len == row.detail.len,
	   "a row survives %s", why);
	memset(huge, '"', sizeof(huge));
	row.name = row.zone = row.probe = row.question = row.server = row.address = row.transport =
		row.finding = row.detail = (struct view){huge, sizeof(huge)};
	ok(evidence_write(line, &row) < EVIDENCE_MAX, "the worst row has room");
	strcpy(line, ",,A,,,,,,,,,,,,,,,");
	ok(!evidence_read(&layout, line, strlen(line), &got, why), "refused: %s", why);
	strcpy(line, ",a,A,,,,NOTYPE,,,,,,,,,,,");
	ok(!evidence_read(&layout, line, strlen(line), &got, why), "refused: %s", why);
}

static void on_purpose(void)
{
	struct expected *e = expected_create();

	ok(!expected_has(e, VIEW("dnssec-failed.org")), "an empty list");
	expected_add_defaults(e);
	ok(expected_has(e, VIEW("dnssec-failed.org")), "a name");
	ok(expected_has(e, VIEW("www.dnssec-failed.org")), "and below it");
	ok(!expected_has(e, VIEW("notdnssec-failed.org")), "but not beside it");
	ok(!expected_has(e, VIEW("org")), "nor above it");
	ok(expected_has(e, VIEW("bogus.d2a8n3.rootcanary.net")), "a pattern");
	ok(!expected_has(e, VIEW("secure.d2a8n3.rootcanary.net")), "another name of that zone");
	expected_add(e, VIEW("  # comment"));
	expected_add(e, VIEW("\tMine.Example.  # why"));
	ok(expected_has(e, VIEW("a.mine.example")), "a line with comment, upper case and dot");
	ok(!expected_has(e, VIEW(".")) && !expected_has(e, VIEW("")), "the root is not on it");
	expected_destroy(&e);
}

int main(void)
{
	int fd = mkstemp(path);

	if (!ok(fd >= 0, "a file to write to"))
		return done_testing();
	close(fd);
	manifest();
	broken_manifests();
	calibrations();
	evidences();
	on_purpose();
	unlink(path);
	return done_testing();
}
