/* SPDX-License-Identifier: BSD-2-Clause */

/* When nobody is heard: looks with a clock of our own. */
#include "scanner/ask/outage.h"

#include <string.h>

#include "tests/tap.h"

#define MS 1000000LL
#define STEP (100 * MS)

/* What happens at each look: '+' heard, '.' something waits, ' ' nothing does; with a pause of as
 * many seconds for a digit. */
struct play {
	const char *name, *looks;
	enum outage_state state;
	unsigned probes;
	bool lost;
	int from_ms, until_ms, known_ms;
};

static const struct play plays[] = {
	{"all is well", "++++++++++", OUTAGE_HEARD, 0, false, 0, 0, 1000},
	{"nothing to hear", "+                   ", OUTAGE_HEARD, 0, false, 0, 0, 2000},
	{"a short silence", "+.........+", OUTAGE_HEARD, 0, false, 0, 0, 1100},
	{"nothing is known of a silence", "+........", OUTAGE_HEARD, 0, false, 0, 0, 100},
	{"doubts, and a probe that is answered", "+..........+..........+", OUTAGE_HEARD, 2, false, 0, 0, 2300},
	{"doubts", "+....................", OUTAGE_DOUBTED, 3, false, 0, 0, 100},
	{"a silence that outlasted probes cost answers", "+..........................+", OUTAGE_HEARD, 4, true, 100, 2800,
	 2800},
	{"nobody is heard", "+........................................", OUTAGE_SILENT, 6, false, 0, 0, 100},
	{"it is over", "+........................................+", OUTAGE_HEARD, 6, true, 100, 4200, 4200},
	{"silent though nothing waits any more", "+........................................          ", OUTAGE_SILENT, 7,
	 false, 0, 0, 100},
	{"doubts end when nothing waits", "+.................. ", OUTAGE_HEARD, 2, false, 0, 0, 2000},
	{"we stood still", "+++5.", OUTAGE_HEARD, 0, true, 300, 5400, 5400},
	{"we stood still and heard at once", "+++5+", OUTAGE_HEARD, 0, true, 300, 5400, 5400},
	{"a machine that is slow is none that stands still", "+++1+", OUTAGE_HEARD, 0, false, 0, 0, 1400},
	{"stood still in silence", "+........................................5.", OUTAGE_SILENT, 7, true, 100, 9200, 100},
};

/* Where the quickest resolver takes 2.5 s. */
static const struct play slow_plays[] = {
	{"slow, and nothing more", "+.........................+.........................+", OUTAGE_HEARD, 0, false, 0, 0, 5300},
	{"slow, and silent in the end",
	 "+.........................+"
	 "............................................................"
	 ".........................................................................................", OUTAGE_SILENT, 17, false, 0, 0, 2700},
};

static void run(const struct play *play, int64_t rtt_ns)
{
	int64_t start = 1000000 * MS, now = start;
	struct outage outage;
	struct outage_verdict verdict = {0};
	unsigned probes = 0;
	int64_t from = 0, until = 0;
	bool lost = false;

	outage_init(&outage, rtt_ns, now);
	for (const char *c = play->looks; *c != '\0'; c++) {
		if (*c >= '0' && *c <= '9') {
			now += (*c - '0') * 1000 * MS;
			continue;
		}
		now += STEP;
		verdict = outage_look(&outage,
				      &(struct outage_look){.now_ns = now, .heard = *c == '+', .waiting = *c != ' '});
		probes += verdict.probe;
		if (verdict.lost) {
			from = lost ? from : verdict.from_ns - start;
			until = verdict.until_ns - start;
		}
		lost |= verdict.lost;
	}
	is_int(outage.state, play->state, play->name);
	is_int(probes, play->probes, "... probes");
	is_int(lost, play->lost, "... was something lost?");
	is_int(from / MS, play->from_ms, "... from");
	is_int(until / MS, play->until_ms, "... until");
	is_int((verdict.known_ns - start) / MS, play->known_ms, "... known");
}

/* Hours without a network: a probe every few seconds. */
static void wait_long(void)
{
	struct outage outage;
	int64_t now = 0;
	unsigned probes = 0;

	outage_init(&outage, 0, now);
	for (int i = 0; i < 36000; i++)
		probes += outage_look(&outage, &(struct outage_look){.now_ns = now += STEP, .waiting = true}).probe;
	is_int(outage.state, OUTAGE_SILENT, "an hour");
	ok(probes > 700 && probes < 770, "... %u probes", probes);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(plays) / sizeof(plays[0]); i++)
		run(&plays[i], 0);
	for (size_t i = 0; i < sizeof(slow_plays) / sizeof(slow_plays[0]); i++)
		run(&slow_plays[i], 5000 * MS);
	wait_long();
	return done_testing();
}
