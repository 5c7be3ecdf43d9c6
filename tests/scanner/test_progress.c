/* SPDX-License-Identifier: BSD-2-Clause */

/* Estimates, and the line of progress at several widths. */
#include "scanner/progress.h"

#include "io/clock.h"
#include "tests/tap.h"

static const struct options options = {.name_count = 1, .recheck_ms = 20000};

/* A scan of 100,000 names at four resolvers, all read, at 1,000 pairs a second. */
static struct scan_totals at_second(int s)
{
	return (struct scan_totals){.read = 100000,
				    .pairs = (uint64_t)s * 1000,
				    .left = 100000 - (uint64_t)s * 200,
				    .names = (uint64_t)s * 200,
				    .servfail = (uint64_t)s * 10,
				    .timeouts = (uint64_t)s * 5,
				    .in_flight = 321,
				    .octets = (uint64_t)s * 25000,
				    .resolvers = 4,
				    .pairs_per_name = 4,
				    .elapsed_ns = s * NS_PER_S};
}

static void test_estimate(void)
{
	struct estimate e = {.count = 0};
	struct scan_totals t = at_second(0);

	is_int(estimate_left(&e, &t, 1, 0), -1, "nothing is said before a look");
	for (int s = 0; s <= 9; s++) {
		t = at_second(s);
		estimate_look(&e, &t);
	}
	is_int(estimate_left(&e, &t, 1, 0), -1, "nor in the first seconds");
	for (int s = 10; s <= 100; s++) {
		t = at_second(s);
		estimate_look(&e, &t);
		estimate_look(&e, &t);
	}
	is_int(estimate_left(&e, &t, 1, 0) / NS_PER_S, 300, "300,000 pairs at 1,000 a second");
	t.unclean = 1;
	is_int(estimate_left(&e, &t, 1, 20 * NS_PER_S) / NS_PER_S, 320,
	       "and the wait before what failed is asked again");
	t.evidence_waiting = 10;
	is_int(estimate_left(&e, &t, 1, 0), -1, "evidence that gets nowhere: no telling");
	t.evidence_names = 600;
	t.evidence_waiting = 6000;
	is_int(estimate_left(&e, &t, 1, 0) / NS_PER_S, 590, "evidence that takes longer counts");
	t = at_second(100);
	for (int s = 101; s <= 161; s++) { /* nothing moves */
		t.elapsed_ns = s * NS_PER_S;
		estimate_look(&e, &t);
	}
	is_int(estimate_left(&e, &t, 1, 0), -1, "a scan that stands still has no end");
}

static void test_pairs(void)
{
	struct scan_totals t = at_second(10);

	is_int((long long)estimate_pairs(&t, 1), 400000, "all names are read");
	t.duplicates = 50000;
	is_int((long long)estimate_pairs(&t, 1), 200000, "duplicates are not asked");
	t = at_second(10);
	t.reading = true;
	is_int((long long)estimate_pairs(&t, 1), 0, "a file of no known size");
	t.size = 4000;
	t.position = 1000;
	is_int((long long)estimate_pairs(&t, 1), 1600000, "a quarter of the file is read");
	is_int((long long)estimate_pairs(&t, 2), 0, "of several files nobody knows");
	t.position = 10;
	is_int((long long)estimate_pairs(&t, 1), 0, "too little of it to tell");
}

static void test_line(void)
{
	struct progress progress = {.options = &options};
	struct scan_totals t = at_second(0);
	char line[PROGRESS_LINE_MAX];
	bool fits = true, kept = true;
	unsigned wide;

	for (int s = 0; s <= 100; s++) {
		t = at_second(s);
		estimate_look(&progress.estimate, &t);
	}
	progress.last = at_second(90);
	t.resolvers_dropped = 1;
	t.resolvers_slowed = 2;
	t.recheck_waiting = 12;
	t.evidence_waiting = 0;
	wide = progress_line(&progress, &t, 199, line);
	is_int(wide, (long long)strlen(line), "its columns");
	is_str(line,
	       "1:40  100000/400000 pairs 25%  1000/s  321 in flight  answered 98.50%  SERVFAIL "
	       "1.00%  timeout 0.50%  2.5 MB  12 names to ask again, 0 to look into  1 of 4 "
	       "resolvers "
	       "dropped, 2 slowed  5:00 left",
	       "200 columns: all of it");
	progress.stopping = true;
	progress_line(&progress, &t, 199, line);
	ok(strstr(line, " stopping") && !strstr(line, "left") && !strchr(line, '~') &&
		   !strstr(line, "25%"),
	   "when it is told to stop there is no telling what share is done: %s", line);
	progress.stopping = false;
	progress_line(&progress, &t, 79, line);
	is_str(line, "1:40  25%  1000/s  SERVFAIL 1.00%  1 dropped, 2 slowed  5:00 left",
	       "80 columns: what matters");
	for (unsigned width = 4; width < 250; width++) {
		fits = progress_line(&progress, &t, width, line) <= width && fits;
		kept = strncmp(line, "1:40", 4) == 0 && kept;
	}
	ok(fits && kept, "it fits any terminal");
	t.resolvers_dropped = t.resolvers_slowed = 0;
	t.recheck_waiting = 0;
	progress_line(&progress, &t, 79, line);
	is_str(line,
	       "1:40  100000/400000 pairs 25%  1000/s  SERVFAIL 1.00%  timeout 0.50%  5:00 left",
	       "80 columns, nothing wrong");
	progress.colour = true;
	t.resolvers_dropped = 1;
	wide = progress_line(&progress, &t, 199, line);
	is_int(wide + 8, (long long)strlen(line), "escape sequences are no columns");
	t = at_second(400);
	t.left = 0;
	t.names = 100000;
	progress.colour = false;
	progress_line(&progress, &t, 79, line);
	ok(strstr(line, "100000 names, 400000 pairs  ") != NULL, "the end");
}

int main(void)
{
	test_estimate();
	test_pairs();
	test_line();
	return done_testing();
}
