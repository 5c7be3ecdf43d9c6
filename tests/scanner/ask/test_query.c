/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The life of a query played as text. Each line of a scene is "event -> action/state"; the last one
 * ends in the outcome.
 */
#include "scanner/ask/query.h"

#include <stdlib.h>

#include "tests/tap.h"

static const char *const event_words[] = {
	[QUERY_SENT] = "sent",
	[QUERY_UNSENDABLE] = "unsendable",
	[QUERY_HELD_BACK] = "held-back",
	[QUERY_ANSWERED] = "answered",
	[QUERY_TRUNCATED] = "truncated",
	[QUERY_BARE] = "bare",
	[QUERY_SUSPECT] = "suspect",
	[QUERY_MISMATCHED] = "mismatched",
	[QUERY_MALFORMED] = "malformed",
	[QUERY_CLOSED] = "closed",
	[QUERY_TIMED_OUT] = "timed-out",
	[QUERY_STREAM_REFUSED] = "stream-refused",
	[QUERY_STREAM_LOST] = "stream-lost",
	[QUERY_STREAM_CUT] = "stream-cut",
	[QUERY_STREAM_BROKEN] = "stream-broken",
	[QUERY_STREAM_GARBAGE] = "stream-garbage",
	[QUERY_STREAM_SILENT] = "stream-silent",
};

static const char *const action_words[] = {
	[QUERY_SEND_UDP] = "udp", [QUERY_SEND_STREAM] = "stream", [QUERY_WAIT] = "wait",
	[QUERY_WAIT_ANEW] = "wait-anew", [QUERY_FINISH] = "finish",
};

struct scene {
	const char *name;
	unsigned ask;
	int tries;
	const char *script;  /* "event action, event action, ..." */
	const char *outcome;
	unsigned udp, streams;
};

static const struct scene scenes[] = {
	{"an answer at once", ASK_RD, 3, "sent wait-anew, answered finish", "answered", 1, 0},
	{"one try lost", ASK_RD, 3, "sent wait-anew, timed-out udp, sent wait-anew, answered finish", "answered", 2, 0},
	{"all lost", ASK_RD, 2, "sent wait-anew, timed-out udp, sent wait-anew, timed-out finish", "timeout", 2, 0},
	{"the answer to the first try comes while the second waits to be sent", ASK_RD, 2,
	 "sent wait-anew, timed-out udp, answered finish", "answered", 1, 0},
	{"a forged answer does not end the wait", ASK_RD, 1,
	 "sent wait-anew, mismatched wait, mismatched wait, answered finish", "answered", 1, 0},
	{"an error without a question, then the answer", ASK_RD, 3, "sent wait-anew, bare wait-anew, bare wait, answered finish",
	 "answered", 1, 0},
	{"an error without a question after the first try was given up", ASK_RD, 3,
	 "sent wait-anew, timed-out udp, bare wait, sent wait-anew, answered finish", "answered", 2, 0},
	{"an error without a question over TCP", ASK_RD | ASK_STREAM, 3, "sent wait-anew, bare finish", "answered", 0, 1},
	{"too many have tried: over TCP", ASK_RD, 3, "sent wait-anew, suspect stream, sent wait-anew, answered finish", "answered", 1,
	 1},
	{"too many have tried, and TCP is refused", ASK_RD, 3, "sent wait-anew, suspect stream, sent wait-anew, stream-refused finish",
	 "mismatch", 1, 1},
	{"too many have tried, and never TCP", ASK_RD | ASK_NO_STREAM, 3, "sent wait-anew, suspect finish", "answered", 1, 0},
	{"only forged answers", ASK_RD, 1, "sent wait-anew, mismatched wait, timed-out finish", "mismatch", 1, 0},
	{"only garbage", ASK_RD, 2,
	 "sent wait-anew, malformed wait, timed-out udp, sent wait-anew, malformed wait, timed-out finish", "malformed", 2, 0},
	{"port closed, all tries", ASK_RD, 2,
	 "sent wait-anew, closed wait-anew, closed wait, timed-out udp, sent wait-anew, closed wait-anew, timed-out finish",
	 "unreachable", 2, 0},
	{"port closed at first, then a server starts", ASK_RD, 2,
	 "sent wait-anew, closed wait-anew, timed-out udp, sent wait-anew, answered finish", "answered", 2, 0},
	{"no route", ASK_RD, 2, "unsendable wait-anew, timed-out udp, unsendable wait-anew, timed-out finish", "unreachable", 2,
	 0},
	{"kept back by this machine, all tries", ASK_RD, 2,
	 "held-back wait-anew, timed-out udp, held-back wait-anew, timed-out finish", "unreachable", 2, 0},
	{"kept back by this machine at first", ASK_RD, 2,
	 "held-back wait-anew, timed-out udp, sent wait-anew, answered finish", "answered", 2, 0},
	{"kept back at first, then lost", ASK_RD, 2,
	 "sent wait-anew, timed-out udp, held-back wait-anew, timed-out finish", "timeout", 2, 0},
	{"truncated, then whole over TCP", ASK_RD, 3,
	 "sent wait-anew, truncated stream, sent wait-anew, answered finish", "answered", 1, 1},
	{"truncated, TCP refused", ASK_RD, 3, "sent wait-anew, truncated stream, sent wait-anew, stream-refused finish",
	 "truncated-tcp-failed", 1, 1},
	{"truncated, TCP silent", ASK_RD, 3, "sent wait-anew, truncated stream, sent wait-anew, timed-out finish",
	 "truncated-tcp-failed", 1, 1},
	{"truncated, TCP never comes up", ASK_RD, 3,
	 "sent wait-anew, truncated stream, sent wait-anew, stream-silent finish", "truncated-tcp-failed", 1, 1},
	{"truncated, garbage over TCP", ASK_RD, 3,
	 "sent wait-anew, truncated stream, sent wait-anew, stream-garbage finish", "truncated-tcp-failed", 1, 1},
	{"truncated, the connection was about to be closed, once more", ASK_RD, 3,
	 "sent wait-anew, truncated stream, sent wait-anew, stream-lost stream, sent wait-anew, answered finish", "answered", 1,
	 2},
	{"truncated, every connection is closed", ASK_RD, 3,
	 "sent wait-anew, truncated stream, sent wait-anew, stream-lost stream, sent wait-anew, stream-lost finish",
	 "truncated-tcp-failed", 1, 2},
	{"truncated, no descriptor for TCP", ASK_RD, 3, "sent wait-anew, truncated stream, unsendable finish",
	 "truncated-tcp-failed", 1, 0},
	{"truncated even over TCP", ASK_RD, 3, "sent wait-anew, truncated stream, sent wait-anew, truncated finish", "answered",
	 1, 1},
	{"truncated and never TCP", ASK_RD | ASK_NO_STREAM, 3, "sent wait-anew, truncated finish", "answered", 1, 0},
	{"TCP from the start", ASK_RD | ASK_STREAM, 3, "sent wait-anew, answered finish", "answered", 0, 1},
	{"TCP from the start, refused", ASK_RD | ASK_STREAM, 3, "sent wait-anew, stream-refused finish", "unreachable", 0, 1},
	{"TCP from the start, the connection is never up", ASK_RD | ASK_STREAM, 3, "stream-refused finish", "unreachable", 0, 1},
	{"TCP from the start, connecting takes too long", ASK_RD | ASK_STREAM, 3, "stream-silent finish", "timeout", 0, 1},
	{"TCP from the start, a server that closes after a few answers", ASK_RD | ASK_STREAM, 3,
	 "sent wait-anew, stream-cut stream, sent wait-anew, stream-cut stream, sent wait-anew, stream-cut stream, "
	 "sent wait-anew, answered finish",
	 "answered", 0, 4},
	{"TCP from the start, and always before this answer", ASK_RD | ASK_STREAM, 3,
	 "sent wait-anew, stream-cut stream, sent wait-anew, stream-cut stream, sent wait-anew, stream-cut stream, "
	 "sent wait-anew, stream-cut stream, sent wait-anew, stream-cut stream, sent wait-anew, stream-cut finish",
	 "unreachable", 0, 6},
	{"TCP from the start, cut off in a message, twice", ASK_RD | ASK_STREAM, 3,
	 "sent wait-anew, stream-broken stream, sent wait-anew, stream-broken finish", "malformed", 0, 2},
	{"TCP from the start, silent", ASK_RD | ASK_STREAM, 3, "sent wait-anew, timed-out finish", "timeout", 0, 1},
};

static int word_index(const char *const *words, size_t count, const char *text, size_t len)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(words[i]) == len && memcmp(words[i], text, len) == 0)
			return (int)i;
	printf("Bail out! no such word: %.*s\n", (int)len, text);
	exit(1);
}

static void play(const struct scene *scene)
{
	struct patience patience = patience_make(scene->tries, 1000000000);
	struct query query;
	const char *at = scene->script;
	bool good = true;

	query_init(&query, scene->ask, &patience, 0);
	while (*at != '\0') {
		size_t event = strcspn(at, " "), action = strcspn(at + event + 1, ",");
		enum query_event what = (enum query_event)word_index(event_words, sizeof(event_words) / sizeof(event_words[0]), at, event);
		int want = word_index(action_words, 5, at + event + 1, action);
		int got = (int)query_step(&query, what);

		if (got != want)
			printf("# %.*s: got %s\n", (int)(event + 1 + action), at, action_words[got]);
		good = good && got == want;
		at += event + 1 + action;
		at += strspn(at, ", ");
	}
	ok(good, "%s", scene->name);
	is_str(outcome_name((enum outcome)query.outcome), scene->outcome, "... its outcome");
	ok(query.tries == scene->udp && query.streams == scene->streams, "... its tries: %u and %u", query.tries, query.streams);
}

/* A query that waits for an answer differs from one that waits for a connection. */
static void over_a_connection(void)
{
	struct patience patience = patience_make(1, 1000000000);
	struct query query;

	query_init(&query, ASK_RD | ASK_STREAM, &patience, 0);
	(void)query_step(&query, QUERY_STREAM_SILENT);
	ok(!query.stream_sent && query.streams == 1, "no connection came up: nothing was sent");
	query_init(&query, ASK_RD | ASK_STREAM, &patience, 0);
	(void)query_step(&query, QUERY_SENT);
	(void)query_step(&query, QUERY_TIMED_OUT);
	ok(query.stream_sent && query.streams == 1, "one came up, and stayed silent");
	query_init(&query, ASK_RD, &patience, 0);
	(void)query_step(&query, QUERY_SENT);
	ok(!query.stream_sent, "sent over UDP");
}

int main(void)
{
	struct patience patience = patience_make(3, 7000000000);

	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++)
		play(&scenes[i]);
	over_a_connection();
	is_int(patience.wait_ns[0], 1000000000, "waits double each time ...");
	is_int(patience.wait_ns[1], 2000000000, "... second");
	is_int(patience.wait_ns[2], 4000000000, "... third, and sum up to the whole");
	return done_testing();
}
