/* SPDX-License-Identifier: BSD-2-Clause */

/* Pieces of questions in any order become the same facts, before and after they are settled; who is
 * one resolver and who is not; what names share with those around them. */
#include "io/sorter.h"
#include "results/sort/question.h"
#include "results/sort/shared.h"
#include "tests/tap.h"

#include <stdlib.h>

/* "OK": NOERROR; "SF": SERVFAIL, with CD=1 NOERROR, then SERVFAIL. */
static struct row row_of(const char *name, bool fails, int64_t time_ms)
{
	struct row row;

	row_init(&row);
	row.name = view_of(name);
	row.qtype = 1;
	row.time_ms = time_ms;
	row.normal.outcome = row.cd.outcome = OUTCOME_ANSWERED;
	row.normal.rcode = fails ? RCODE_SERVFAIL : RCODE_NOERROR;
	row.cd.rcode = RCODE_NOERROR;
	row.normal.rtt_us = row.cd.rtt_us = 1500;
	row.normal.flags = FLAG_RD | FLAG_RA | (fails ? 0U : FLAG_AD);
	if (fails) {
		row.again_outcome = OUTCOME_ANSWERED;
		row.again_rcode = RCODE_SERVFAIL;
		row.normal.ede[row.normal.ede_count++] = 7;
		row.normal.ede_text = view_of("signature expired");
		row.cd_rrsig = view_of("A/13/1/20261001000000/20261101000000/a.example");
	}
	return row;
}

/* ---- grouping ---- */

struct seen {
	char text[4000];
	struct buf settled;
};

static void describe(struct question *question, struct facts *facts, struct opinion *opinions,
		     struct seen *seen)
{
	size_t used = strlen(seen->text), room = sizeof(seen->text);
	struct piece piece = {.key_len = 0};
	char *text = seen->text;

	used += (size_t)snprintf(text + used, room - used, "%.*s %u:", (int)facts->name.len,
				 facts->name.text, facts->qtype);
	for (size_t i = 0; i < facts->look_count; i++) {
		const struct look *look = &facts->looks[i];

		used += (size_t)snprintf(text + used, room - used, " %s@%lld=%d",
					 look->resolver->name, (long long)look->time_ms,
					 look->kind);
		if (look->row &&
		    (look->row->normal.ede[0] != 7 || look->row->normal.ede_text.len != 17 ||
		     look->row->cd_rrsig.len != 46 || look->row->cd.rtt_us != 1500))
			used += (size_t)snprintf(text + used, room - used, "(lost)");
	}
	snprintf(text + used, room - used, " (%zu opinions, %zu evidence)\n",
		 facts_opinions(facts, opinions), facts->evidence_count);
	question_settle(question, facts, &piece);
	buf_add(&seen->settled, piece.payload.data, piece.payload.len);
	buf_free(&piece.payload);
}

/* Hands out what the sorter has; settled goes through a settled piece besides. */
static int describe_all(struct sorter *sorter, const struct panel *panel, bool settled,
			struct seen *seen)
{
	struct question *question = question_create(panel);
	char key[PIECE_KEY_MAX] = "";
	struct piece piece = {.key_len = 0};
	size_t key_len = 0;
	struct record record;
	struct opinion *opinions;
	struct facts facts;
	unsigned source;
	int bad = 0, got;
	struct buf kept[64];
	size_t kept_count = 0;

	seen->text[0] = '\0';
	buf_clear(&seen->settled);
	do {
		got = sorter_next(sorter, &record, &source);
		if (key_len && (got <= 0 || record.key_len != key_len ||
				memcmp(record.key, key, key_len) != 0)) {
			bad += !question_facts(question, &facts, &opinions);
			if (settled) {
				struct record again;

				question_settle(question, &facts, &piece);
				bad += !piece_record(&piece, &again) ||
				       !question_begin(question, &again) ||
				       question_add(question, &again, PANEL_SETTLED) !=
					       QUESTION_TAKEN ||
				       !question_facts(question, &facts, &opinions);
			}
			describe(question, &facts, opinions, seen);
			key_len = 0;
		}
		if (got <= 0)
			break;
		kept[kept_count] = BUF_EMPTY; /* texts are where the payload is */
		buf_add(&kept[kept_count], record.payload, record.payload_len);
		record.payload = kept[kept_count++].data;
		if (!key_len) {
			memcpy(key, record.key, record.key_len);
			key_len = record.key_len;
			record.key = key;
			bad += !question_begin(question, &record);
		}
		bad += question_add(question, &record, source) != QUESTION_TAKEN;
	} while (true);
	for (size_t i = 0; i < kept_count; i++)
		buf_free(&kept[i]);
	buf_free(&piece.payload);
	question_destroy(&question);
	return bad + (got < 0);
}

static const struct {
	const char *name, *resolver;
	bool fails;
	int time_s;
} rows[] = {
	{"b.example", "r2", false, 5}, {"a.example", "r1", true, 9},  {"a.example", "r1", false, 4},
	{"ab", "r1", false, 1},	       {"a.example", "r2", false, 2}, {"a.example", "r1", true, 7},
	{"a.example", "r3", false, 2}, {"a.example", "r4", false, 2},
};
#define ROWS (sizeof(rows) / sizeof(*rows))

/* Each row as of a run of its own; pieces of one row each, or of all neighbours. */
static void put_rows(struct sorter *sorter, struct panel *panel, struct tally *tally,
		     const unsigned order[ROWS], bool join)
{
	struct piece piece = {.key_len = 0};
	struct record record;

	for (unsigned i = 0; i < ROWS; i++) {
		struct row row = row_of(rows[order[i]].name, rows[order[i]].fails,
					rows[order[i]].time_s * 1000);
		int number = panel_add(panel, NULL, view_of(rows[order[i]].resolver), NULL);
		bool goes_on =
			join && i > 0 && strcmp(rows[order[i]].name, rows[order[i - 1]].name) == 0;

		tally_row(tally, (unsigned)number, &row);
		if (!goes_on) {
			if (i > 0 && piece_record(&piece, &record))
				sorter_put(sorter, 0, &record);
			piece.key_len = piece_key(piece.key, row.name, row.qtype);
			piece_begin(&piece, PIECE_LOOKS);
		}
		piece_add_row(&piece, (unsigned)number, &row, look_kind(&row));
	}
	if (piece_record(&piece, &record))
		sorter_put(sorter, 0, &record);
	buf_free(&piece.payload);
}

static void put_evidence(struct sorter *sorter)
{
	struct piece piece = {.key_len = 0};
	struct place place = {.first = true, .last = true};
	struct evidence evidence;
	struct record record;

	evidence_init(&evidence);
	evidence.finding = view_of("ok");
	piece.key_len = piece_key(piece.key, view_of("b.example"), 1);
	piece_begin(&piece, PIECE_EVIDENCE);
	piece_add_place(&piece, &place);
	piece_add_evidence(&piece, &evidence);
	if (piece_record(&piece, &record))
		sorter_put(sorter, 0, &record);
	buf_free(&piece.payload);
}

static void grouping(void)
{
	struct seen first = {"", BUF_EMPTY}, seen = {"", BUF_EMPTY};
	unsigned different = 0, bad = 0, octets = 0;

	srand(1);
	for (int round = 0; round < 60; round++) {
		struct sorter_plan plan = {"/tmp", 1 << 20, 1};
		struct sorter *sorter = sorter_create(&plan);
		struct panel *panel = panel_create();
		struct tally *tally = tally_create();
		unsigned order[ROWS];

		for (unsigned i = 0; i < ROWS; i++) {
			unsigned j = (unsigned)rand() % (i + 1);

			order[i] = order[j];
			order[j] = i;
		}
		put_rows(sorter, panel, tally, order, round % 2);
		put_evidence(sorter);
		bad += !panel_settle(panel, tally) || sorter_close(sorter, 0) != 0 ||
		       sorter_finish(sorter) != 0;
		bad += describe_all(sorter, panel, round % 3 == 1, round ? &seen : &first) != 0;
		if (round) {
			/* settled, clean ones have no times */
			different += round % 3 != 1 && strcmp(first.text, seen.text) != 0;
			octets += first.settled.len != seen.settled.len ||
				  memcmp(first.settled.data, seen.settled.data, seen.settled.len);
		}
		sorter_destroy(&sorter);
		panel_destroy(&panel);
		tally_destroy(&tally);
	}
	is_int(bad, 0, "no piece is damaged");
	is_str(first.text,
	       "a.example 1: r1@4000=1 r1@7000=6 r1@9000=6 r2@2000=1 r3@2000=1 r4@2000=1 (4 "
	       "opinions, 0 evidence)\n"
	       "ab 1: r1@1000=1 (1 opinions, 0 evidence)\n"
	       "b.example 1: r2@5000=1 (1 opinions, 1 evidence)\n",
	       "sorted by name, resolver and time");
	is_int(different, 0, "whatever the order and the pieces");
	is_int(octets, 0, "and settled, once or twice, the same octets");
	buf_free(&first.settled);
	buf_free(&seen.settled);
}

/* ---- inquiries ---- */

static void add_inquiry(struct question *question, struct buf *memory, const char *findings,
			int64_t time_ms, const struct place *place)
{
	struct piece piece = {.payload = BUF_EMPTY};
	struct record record;

	piece.key_len = piece_key(piece.key, view_of("a.example"), 1);
	piece_begin(&piece, PIECE_EVIDENCE);
	piece_add_place(&piece, place);
	for (size_t i = 0; findings[i]; i++) {
		struct evidence evidence;

		evidence_init(&evidence);
		/* probes may be older than the inquiry that they are shared with */
		evidence.time_ms = i == 1 ? 1000 : time_ms;
		evidence.finding = (struct view){&findings[i], 1};
		piece_add_evidence(&piece, &evidence);
	}
	*memory = piece.payload;
	if (piece_record(&piece, &record))
		question_add(question, &record, 0);
}

static const char *latest(struct question *question, char said[40])
{
	struct opinion *opinions;
	struct facts facts;

	said[0] = '\0';
	if (question_facts(question, &facts, &opinions))
		for (size_t i = 0; i < facts.evidence_count; i++)
			strncat(said, facts.evidence[i].finding.text, 1);
	return said;
}

static void inquiries(void)
{
	static const struct place early = {0, 5, 0, true, true, false},
				  late = {1, 0, 0, true, false, false},
				  cut[3] = {{2, 3, 0, true, true, false},
					    {2, 4, 0, true, false, false},
					    {2, 4, 1, false, true, true}},
				  apart = {2, 6, 0, true, true, false};
	struct panel *panel = panel_create();
	struct question *question = question_create(panel);
	char key[PIECE_KEY_MAX], said[40];
	struct record record = {.key = key, .key_len = piece_key(key, view_of("a.example"), 1)};
	struct buf memory[4];

	for (int first = 0; first < 2; first++) {
		question_begin(question, &record);
		add_inquiry(question, &memory[0], first ? "efg" : "abc", first ? 5000 : 6000,
			    first ? &early : &late);
		add_inquiry(question, &memory[1], first ? "abc" : "efg", first ? 6000 : 5000,
			    first ? &late : &early);
		is_str(latest(question, said), "abc", "the later inquiry, in its order");
		buf_free(&memory[0]);
		buf_free(&memory[1]);
	}
	question_begin(question, &record);
	add_inquiry(question, &memory[0], "gh", 6000, &cut[2]);
	add_inquiry(question, &memory[1], "x", 5500, &apart);
	add_inquiry(question, &memory[2], "abc", 6000, &cut[0]);
	add_inquiry(question, &memory[3], "def", 6000, &cut[1]);
	is_str(latest(question, said), "abcdefgh", "one that was cut by blocks and by its size");
	for (int i = 0; i < 4; i++)
		buf_free(&memory[i]);
	question_destroy(&question);
	panel_destroy(&panel);
}

/* ---- damage ---- */

static void damage(void)
{
	struct panel *panel = panel_create();
	struct tally *tally = tally_create();
	struct question *question = question_create(panel);
	struct row row = row_of("a.example", true, 1793664000123);
	struct piece piece = {.payload = BUF_EMPTY};
	struct record record, cut;
	struct opinion *opinions;
	struct facts facts;
	int taken = 0;

	tally_row(tally, (unsigned)panel_add(panel, NULL, view_of("r1"), NULL), &row);
	panel_settle(panel, tally);
	piece.key_len = piece_key(piece.key, row.name, row.qtype);
	piece_begin(&piece, PIECE_LOOKS);
	piece_add_row(&piece, 0, &row, look_kind(&row));
	piece_record(&piece, &record);
	cut = record;
	for (cut.payload_len = 0; cut.payload_len < record.payload_len; cut.payload_len++) {
		question_begin(question, &record);
		taken += question_add(question, &cut, 0) == QUESTION_TAKEN && cut.payload_len > 1;
		question_facts(question, &facts, &opinions);
		taken += facts.look_count > 0;
	}
	is_int(taken, 0, "no piece that is cut is taken");
	question_begin(question, &record);
	is_int(question_add(question, &record, 0), QUESTION_TAKEN, "the whole one is");
	is_int(question_add(question, &record, 3), QUESTION_DAMAGED, "but of no other source");
	record.key_len = 2;
	ok(!question_begin(question, &record), "a key that is none");
	buf_free(&piece.payload);
	question_destroy(&question);
	tally_destroy(&tally);
	panel_destroy(&panel);
}

/* ---- resolvers ---- */

static void vantage_points(void)
{
	struct panel *panel = panel_create();
	struct tally *tally = tally_create();
	struct row row = row_of("a.example", false, 1000);
	int number[4] = {panel_add(panel, NULL, view_of("9.9.9.9"), "tokyo"),
			 panel_add(panel, NULL, view_of("9.9.9.9"), "ams"),
			 panel_add(panel, NULL, view_of("9.9.9.9"), "ams"),
			 panel_add(panel, NULL, view_of("9.9.9.9"), "ams")};
	struct calibration calibration;
	const struct resolver *resolver[4];

	for (int i = 0; i < 4; i++)
		tally_row(tally, (unsigned)number[i], &row);
	calibration_init(&calibration);
	calibration.reachable = TRI_YES;
	calibration.validates = TRI_NO;
	panel_calibrate(panel, number[3], &calibration);
	ok(panel_settle(panel, tally), "settled");
	for (int i = 0; i < 4; i++)
		resolver[i] =
			panel_resolver(panel, (unsigned)panel_index(panel, 0, (uint64_t)number[i]));
	is_str(resolver[1]->name, "9.9.9.9@ams", "the vantage point is in the name");
	ok(resolver[1] == resolver[2], "two runs from one place are one");
	ok(resolver[1]->identity != resolver[0]->identity, "two places are two");
	ok(resolver[3] != resolver[1] && resolver[3]->identity == resolver[1]->identity,
	   "what is known of it otherwise keeps them apart");
	is_int(panel_size(panel), 3, "three that differ");
	is_int((long long)tally->resolver_count, 2, "of two names");
	is_int((long long)tally->resolvers[0].rows, 3, "whose rows are summed");
	is_str(tally->resolvers[0].name, "9.9.9.9@ams", "sorted by name");
	is_int(panel_index(panel, 0, 4), -1, "a number that is none");
	is_int(panel_index(panel, 1, 0), -1, "a report that is none");
	tally_destroy(&tally);
	panel_destroy(&panel);
}

static void useless(void)
{
	static const struct {
		const char *name;
		unsigned rows;
		int rcode; /* RCODE_UNKNOWN: no answer */
		enum tri reachable;
		int64_t controls_failed;
		bool useless;
	} cases[] = {{"answers", 20, RCODE_NOERROR, TRI_YES, 0, false},
		     {"refuses all", 20, RCODE_REFUSED, TRI_YES, 0, true},
		     {"refuses a few", 5, RCODE_REFUSED, TRI_YES, 0, false},
		     {"silent", 20, RCODE_UNKNOWN, TRI_UNKNOWN, 0, true},
		     {"silent, but there", 20, RCODE_UNKNOWN, TRI_YES, 0, false},
		     {"not reachable", 20, RCODE_NOERROR, TRI_NO, 0, true},
		     {"fails its controls", 20, RCODE_NOERROR, TRI_YES, 6, true}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct panel *panel = panel_create();
		struct tally *tally = tally_create();
		int number = panel_add(panel, NULL, view_of("r"), "");
		struct row row = row_of("a.example", false, 1000);
		struct calibration calibration;

		row.normal.rcode = cases[i].rcode;
		if (cases[i].rcode == RCODE_UNKNOWN)
			row.normal.outcome = OUTCOME_TIMEOUT;
		tally_rows(tally, (unsigned)number, &row, cases[i].rows);
		calibration_init(&calibration);
		calibration.phase = PHASE_DURING;
		calibration.reachable = cases[i].reachable;
		calibration.controls_asked = 10;
		calibration.controls_failed = cases[i].controls_failed;
		panel_calibrate(panel, number, &calibration);
		panel_settle(panel, tally);
		is_int(panel_resolver(panel, 0)->useless, cases[i].useless, cases[i].name);
		tally_destroy(&tally);
		panel_destroy(&panel);
	}
}

/* ---- shared faults ---- */

struct asked {
	char name[40];
	uint64_t way;
	bool resolves, unclean;
	uint16_t qtype; /* 0: A */
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct asked *)a)->name, ((const struct asked *)b)->name);
}

static size_t fill_asked(struct asked *asked)
{
	size_t count = 0;

	/* forty names below one TLD that fail alike, one that does not, and mixed fortunes */
	for (int i = 0; i < 40; i++) {
		asked[count] = (struct asked){.way = 77, .unclean = true};
		snprintf(asked[count++].name, 40, "n%d.broken", i);
		asked[count] = (struct asked){
			.way = i % 2 ? 77 : 0, .resolves = i % 2 == 0, .unclean = i % 2};
		snprintf(asked[count++].name, 40, "n%d.mixed", i);
	}
	asked[count++] = (struct asked){"other.broken", 99, false, true, 0};
	asked[count++] = (struct asked){"www.a.example", 5, false, true, 0};
	asked[count++] = (struct asked){"a.example", 5, false, true, 0};
	asked[count++] = (struct asked){"www.b.example", 6, false, true, 0};
	asked[count++] = (struct asked){"b.example", 5, false, true, 0};
	asked[count++] = (struct asked){"ftp.b.example", 0, true, false, 0};
	asked[count++] = (struct asked){"www.c.example", 8, false, true, 0};
	asked[count++] = (struct asked){"c.example", 9, false, true, 0};
	asked[count++] = (struct asked){"c.example", 0, true, false, 43};
	qsort(asked, count, sizeof(*asked), by_name);
	return count;
}

static const struct {
	const char *name, *at, *alive;
	bool alive_below;
	const char *says;
} answers[] = {
	{"n1.broken", "broken", ".", false, "the TLD is at fault; something resolves elsewhere"},
	{"other.broken", "", ".", false, "not of what fails otherwise"},
	{"n1.mixed", "", "mixed", false, "nor where half of the names are fine"},
	{"www.a.example", "a.example", "example", false, "a name above that fails alike is"},
	{"www.b.example", "", "b.example", false, "one that fails otherwise is not"},
	{"b.example", "", "example", true, "and something below it resolves"},
	{"www.c.example", "", "example", false, "a DS is answered by the zone above"},
};

static void shared_faults(size_t memory, unsigned threads)
{
	struct shared_plan plan = {"/tmp", memory, threads};
	struct shared *shared = shared_create(&plan);
	struct asked asked[100];
	size_t count = fill_asked(asked), found = 0;
	int errors = 0;

	for (size_t i = 0; i < count; i++)
		if (asked[i].unclean)
			shared_mark(shared, view_of(asked[i].name));
	shared_begin(shared);
	for (size_t i = 0; i < count; i++) {
		unsigned thread = (unsigned)i % threads;
		char key[PIECE_KEY_MAX];
		struct record record = {.key = key,
					.key_len = piece_key(key, view_of(asked[i].name), 1)};

		errors += shared_count(shared, thread, view_of(asked[i].name), asked[i].qtype,
				       asked[i].resolves) != 0;
		if (asked[i].unclean)
			errors += shared_ask(shared, thread, &record, view_of(asked[i].name),
					     asked[i].way) != 0;
	}
	errors += shared_settle(shared) != 0;
	for (size_t i = 0; i < count; i++) {
		struct shared_answer answer;
		char key[PIECE_KEY_MAX];
		struct record record = {.key = key,
					.key_len = piece_key(key, view_of(asked[i].name), 1)};
		struct facts facts = {.name = view_of(asked[i].name)};

		if (!asked[i].unclean)
			continue;
		errors += shared_answer(shared, &record, &answer) != 0;
		shared_apply(&answer, &facts);
		for (size_t j = 0; j < sizeof(answers) / sizeof(*answers); j++) {
			if (strcmp(answers[j].name, asked[i].name) != 0)
				continue;
			found++;
			if (!ok(facts.shared_at.len == strlen(answers[j].at) &&
					facts.alive_above.len == strlen(answers[j].alive) &&
					facts.alive_below == answers[j].alive_below,
				"%s: %s", answers[j].name, answers[j].says))
				printf("# at %.*s, alive %.*s, below %d\n",
				       (int)facts.shared_at.len, facts.shared_at.text,
				       (int)facts.alive_above.len, facts.alive_above.text,
				       facts.alive_below);
		}
	}
	is_int(errors, 0, "no error");
	is_int((long long)found, sizeof(answers) / sizeof(*answers), "all were answered");
	shared_destroy(&shared);
}

int main(void)
{
	grouping();
	inquiries();
	damage();
	vantage_points();
	useless();
	shared_faults(8 << 20, 1);
	shared_faults(1, 3); /* every count goes to the sorter at once */
	return done_testing();
}
