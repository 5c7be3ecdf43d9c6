/* SPDX-License-Identifier: BSD-2-Clause */

/* The engine against servers that play a script: real sockets, loopback only. */
#include "scanner/ask/engine.h"

#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>

#include "tests/scanner/ask/play_server.h"
#include "tests/tap.h"

#define NAMES 4000
#define QUICK_NS (60 * NS_PER_MS) /* of the first try; the second waits twice that, the third four times */
#define LATE_NS (15 * NS_PER_MS) /* until the server looks, on a busy machine */

/* How the engine of a test is made; all tests run with each. */
struct way {
	const char *name, *ip;
	bool connect, trains;
	int ports;
};

static const struct way ways[] = {
	{"shared ports", "127.0.0.1", false, false, 4},
	{"shared ports, trains", "127.0.0.1", false, true, 4},
	{"connected ports", "127.0.0.1", true, false, 4},
	{"connected ports, trains", "127.0.0.1", true, true, 2},
	{"IPv6", "::1", false, true, 4},
	{"IPv6, connected", "::1", true, true, 1},
};

static const struct way *way;

/* What came of one query. */
struct result {
	unsigned calls;
	struct asked asked;
	int64_t at_ns;
};

static struct event_base *base;
static struct engine *engine;
static struct play_server server;
static int32_t destination;
static struct result results[NAMES];
static uint8_t qnames[NAMES][64];
static uint8_t qname_lens[NAMES];
static unsigned done_count;
static const struct addr *source; /* to ask from; NULL: any */
static int source_count = 1;
static int connections = 4;
static int tries = 3;
static int64_t patience_ns = 7 * QUICK_NS; /* of all tries */

/* "n123xxx.test", of many lengths. */
static void make_names(void)
{
	for (int i = 0; i < NAMES; i++) {
		char label[64];
		int len = snprintf(label, sizeof(label), "n%d%.*s", i, i % 7, "xxxxxxx");

		qnames[i][0] = (uint8_t)len;
		memcpy(qnames[i] + 1, label, (size_t)len);
		memcpy(qnames[i] + 1 + len, "\4test", 6);
		qname_lens[i] = (uint8_t)(len + 7);
	}
}

static void came_back(void *owner, uintptr_t tag, const struct asked *asked)
{
	struct result *result = owner;

	(void)tag;
	result->calls++;
	result->asked = *asked;
	result->asked.answer.message = NULL; /* valid during the call only */
	result->at_ns = engine_now_ns(engine);
	done_count++;
}

static void ask(int i, unsigned how)
{
	struct question question = {.qname = qnames[i], .qname_len = qname_lens[i], .qtype = 1};

	engine_ask(engine, destination, &question, how, 0, came_back, &results[i], (uintptr_t)i);
}

static void open_engine(const struct way *with, uint32_t window, struct pace *pace, bool keep_streams)
{
	struct event_config *flags = event_config_new();
	struct patience patience = patience_make(tries, patience_ns);
	struct engine_config config = {
		.window = window,
		.pace = pace,
		.patience = &patience,
		.patience_count = 1,
		.ports = with->ports,
		.connections = connections,
		.sources = source,
		.source_count = source != NULL ? source_count : 0,
		.keep_streams = keep_streams,
		.trains = with->trains,
	};

	event_config_set_flag(flags, EVENT_BASE_FLAG_NOLOCK);
	event_config_set_flag(flags, EVENT_BASE_FLAG_PRECISE_TIMER);
	config.base = base = event_base_new_with_config(flags);
	event_config_free(flags);
	engine = engine_create(&config);
	memset(results, 0, sizeof(results));
	done_count = 0;
}

/* What the next server says, instead of a script. */
static void (*say)(void *owner, const char *qname, bool cd, struct play_said *said);

/* A server with these scripts, and an engine that asks it. */
static bool begin(const char *udp, const char *tcp, bool keep_streams)
{
	memset(&server, 0, sizeof(server));
	server.udp = udp;
	server.tcp = tcp;
	server.say = say;
	if (!play_start(&server, way->ip))
		return false;
	open_engine(way, 1000, NULL, keep_streams);
	destination = engine_destination(engine, &server.addr, NULL, way->connect);
	return destination >= 0;
}

static void end(void)
{
	engine_destroy(&engine);
	event_base_free(base);
	play_stop(&server);
}

/* Until so many are done, or too much time has passed. */
static void run(unsigned count)
{
	int64_t start_ns = clock_mono_ns();

	while (done_count < count && clock_mono_ns() - start_ns < 20 * NS_PER_S)
		engine_turn(engine, 5 * NS_PER_MS);
}

static unsigned long long counter(const _Atomic uint64_t *counter)
{
	return (unsigned long long)atomic_load(counter);
}

static const struct asked *first(void)
{
	return &results[0].asked;
}

static void label(const char *what)
{
	printf("# %s: %s\n", way->name, what);
}

/* ---- over UDP ---- */

static void test_many(void)
{
	unsigned wrong = 0, ports = 0, same_id = 0;
	static bool port_seen[65536];
	const struct engine_counters *counters;

	label("many");
	if (!begin("answer", NULL, false))
		return;
	counters = engine_counters(engine);
	for (int round = 0; round < 4; round++) {
		for (int i = round * 1000; i < (round + 1) * 1000; i++)
			ask(i, ASK_RD | ASK_EDNS);
		is_int(engine_room(engine), 0, "the window is full");
		is_int(engine_load(engine, destination), 1000, "the load of the destination");
		run((unsigned)(round + 1) * 1000);
		is_int(engine_room(engine), 1000, "and empty again");
	}
	for (int i = 0; i < NAMES; i++)
		wrong += results[i].calls != 1 || results[i].asked.outcome != OUTCOME_ANSWERED || results[i].asked.rtt_ns < 0 ||
			 results[i].asked.answer.rcode != 0;
	is_int(wrong, 0, "each is answered once");
	is_int((long long)(counter(&counters->answered)), NAMES, "counted");
	ok(counter(&counters->sent) >= NAMES, "sent");
	ok(!way->trains || counter(&counters->trains) > 20, "trains form: %llu", counter(&counters->trains));
	ok(way->trains || counter(&counters->trains) == 0, "or do not");
	/* What is sent together leaves by one port: alone, each draws its own. */
	for (unsigned i = 0; i < 40; i++) {
		ask((int)i, ASK_RD | ASK_EDNS);
		run(NAMES + i + 1);
	}
	end();
	memset(port_seen, 0, sizeof(port_seen));
	for (unsigned i = 0; i < server.seen_count; i++) {
		ports += !port_seen[server.seen[i].port];
		port_seen[server.seen[i].port] = true;
		same_id += i > 0 && server.seen[i].id == (uint16_t)(server.seen[i - 1].id + 1);
	}
	/* which ones is a matter of chance */
	ok(ports <= (unsigned)way->ports && (ports > 1 || way->ports == 1), "several ports are used: %u", ports);
	ok(same_id < 10, "IDs do not count up");
}

static void test_loss(void)
{
	label("loss");
	if (!begin("drop answer", NULL, false))
		return;
	ask(0, ASK_RD);
	run(1);
	is_int(first()->outcome, OUTCOME_ANSWERED, "answered at the second try");
	is_int(first()->tries, 2, "two tries");
	ok(first()->rtt_ns >= 0 && first()->rtt_ns < QUICK_NS, "the time is that of the last one");
	is_int((long long)counter(&engine_counters(engine)->sent_again), 1, "one was sent again");
	end();
	is_int(server.seen_count, 2, "two arrived");
	is_int(server.seen[0].id, server.seen[1].id, "with the same ID");
	is_int(server.seen[0].port, server.seen[1].port, "from the same port");
	ok(server.seen[1].at_ns - server.seen[0].at_ns >= QUICK_NS - LATE_NS, "the first wait");

	begin("drop", NULL, false);
	ask(0, ASK_RD);
	run(1);
	is_int(first()->outcome, OUTCOME_TIMEOUT, "no answer at all");
	is_int(first()->tries, 3, "three tries");
	is_int(first()->rtt_ns, -1, "no time");
	is_int(first()->answer.rcode, RCODE_UNKNOWN, "no RCODE");
	is_int((long long)counter(&engine_counters(engine)->timeouts), 1, "counted");
	end();
	ok(server.seen_count == 3 && server.seen[2].at_ns - server.seen[1].at_ns >= 2 * QUICK_NS - LATE_NS,
	   "the second wait is twice the first");
}

static bool heard[NAMES];

/* The first try of each is lost. */
static void lose_first(void *owner, const char *qname, bool cd, struct play_said *said)
{
	unsigned long number = strtoul(qname + strcspn(qname, "0123456789"), NULL, 10);

	(void)owner, (void)cd;
	said->drop = number < NAMES && !heard[number];
	heard[number % NAMES] = true;
}

static int by_port_and_id(const void *a, const void *b)
{
	const struct play_seen *one = a, *other = b;

	return one->port != other->port ? one->port - other->port : one->id - other->id;
}

/* So many in flight that what is lost waits for the turn of its port. */
static void test_loss_under_load(void)
{
	unsigned wrong = 0, kept = 0;

	label("loss under load");
	memset(heard, 0, sizeof(heard));
	say = lose_first;
	if (!begin("drop", NULL, false))
		return;
	say = NULL;
	for (int i = 0; i < 900; i++)
		ask(i, ASK_RD);
	run(900);
	for (int i = 0; i < 900; i++)
		wrong += results[i].calls != 1 || results[i].asked.outcome != OUTCOME_ANSWERED;
	is_int(wrong, 0, "each is answered once");
	end();
	qsort(server.seen, server.seen_count, sizeof(server.seen[0]), by_port_and_id);
	for (unsigned i = 1; i < server.seen_count; i++)
		kept += by_port_and_id(&server.seen[i - 1], &server.seen[i]) == 0;
	ok(server.seen_count >= 1800 && kept >= server.seen_count - 900,
	   "later tries have the ID and port of the first: %u of %u", kept, server.seen_count);
}

static void test_late(void)
{
	label("late");
	if (!begin("hold hold release+drop", NULL, false))
		return;
	ask(0, ASK_RD);
	run(1);
	is_int(first()->outcome, OUTCOME_ANSWERED, "an answer to an earlier try is an answer");
	is_int(first()->tries, 3, "after three tries");
	end();

	begin("hold hold hold+release", NULL, false);
	ask(0, ASK_RD);
	run(1);
	for (int i = 0; i < 10; i++)
		engine_turn(engine, 2 * NS_PER_MS);
	is_int(first()->tries, 3, "the first answer counts");
	is_int((long long)counter(&engine_counters(engine)->late), 2, "those to other tries are late");
	end();

	begin("drop drop hold release", NULL, false);
	ask(0, ASK_RD);
	run(1);
	is_int(first()->outcome, OUTCOME_TIMEOUT, "given up");
	ask(1, ASK_RD);
	run(2);
	is_int((long long)counter(&engine_counters(engine)->late), 1, "its answer is late");
	is_int((long long)counter(&engine_counters(engine)->unasked), 0, "not forged");
	end();

	begin("answer+answer answer", NULL, false);
	ask(0, ASK_RD);
	run(1);
	ask(1, ASK_RD);
	run(2);
	for (int i = 0; i < 10; i++)
		engine_turn(engine, 2 * NS_PER_MS);
	is_int((long long)counter(&engine_counters(engine)->duplicates), 1, "a second answer comes in vain");
	is_int(results[0].calls, 1, "and nobody's");
	end();
}

static void test_forged(void)
{
	static const struct {
		const char *script;
		enum outcome outcome;
		unsigned mismatches, malformed; /* of one query */
		unsigned unasked, question, address, garbage;
	} cases[] = {
		{"id+answer", OUTCOME_ANSWERED, 0, 0, 1, 0, 0, 0},
		{"question+answer", OUTCOME_ANSWERED, 1, 0, 0, 1, 0, 0},
		{"query+answer", OUTCOME_ANSWERED, 1, 0, 0, 1, 0, 0},
		{"garbage+answer", OUTCOME_ANSWERED, 0, 1, 0, 0, 0, 1},
		{"one+answer", OUTCOME_ANSWERED, 0, 0, 0, 0, 0, 1},
		{"elsewhere+answer", OUTCOME_ANSWERED, 1, 0, 0, 0, 1, 0},
		{"id", OUTCOME_TIMEOUT, 0, 0, 3, 0, 0, 0},
		{"question", OUTCOME_MISMATCH, 3, 0, 0, 3, 0, 0},
		{"garbage", OUTCOME_MALFORMED, 0, 3, 0, 0, 0, 3},
		{"elsewhere", OUTCOME_MISMATCH, 3, 0, 0, 0, 3, 0},
		{"question garbage answer", OUTCOME_ANSWERED, 1, 1, 0, 1, 0, 1},
		{"servfail", OUTCOME_ANSWERED, 0, 0, 0, 0, 0, 0},
		{"bare+answer", OUTCOME_ANSWERED, 0, 0, 0, 0, 0, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct engine_counters *counters;
		bool unheard = way->connect && strstr(cases[i].script, "elsewhere") != NULL;

		label(cases[i].script);
		if (!begin(cases[i].script, NULL, false))
			return;
		counters = engine_counters(engine);
		ask(0, ASK_RD);
		run(1);
		is_int(first()->outcome, unheard && cases[i].outcome == OUTCOME_MISMATCH ? OUTCOME_TIMEOUT : cases[i].outcome, "outcome");
		is_int(first()->mismatches, unheard ? 0 : cases[i].mismatches, "mismatches");
		is_int(first()->malformed, cases[i].malformed, "malformed");
		is_int((long long)counter(&counters->unasked), cases[i].unasked, "nobody's");
		is_int((long long)counter(&counters->wrong_question), cases[i].question, "wrong questions");
		is_int((long long)counter(&counters->wrong_address), unheard ? 0 : cases[i].address, "wrong addresses");
		is_int((long long)counter(&counters->malformed), cases[i].garbage, "garbage");
		end();
	}
}

/* An error without a question may come from anybody, and is believed when nothing better comes. */
static void test_bare(void)
{
	label("an error that is nothing but a header");
	if (!begin("bare+answer bare", NULL, false))
		return;
	ask(0, ASK_RD);
	run(1);
	is_int(first()->answer.rcode, RCODE_NOERROR, "the answer behind it counts");
	ask(1, ASK_RD);
	run(2);
	is_int(results[1].asked.outcome, OUTCOME_ANSWERED, "alone it is the answer");
	is_int(results[1].asked.answer.rcode, RCODE_SERVFAIL, "the error");
	is_int(results[1].asked.answer.len, MESSAGE_HEADER, "a header");
	is_int(results[1].asked.tries, 1, "it was not asked again");
	end();
}

/* Who guesses IDs makes us ask where nobody can guess. */
static void test_guessed(void)
{
	static const struct {
		const char *what, *udp, *tcp;
		enum outcome outcome;
		int rcode;
		bool over_stream;
	} cases[] = {
		{"a few guesses", "id+id+id+answer", "servfail", OUTCOME_ANSWERED, RCODE_NOERROR, false},
		{"many guesses, then what may be one more", "ids+answer", "servfail", OUTCOME_ANSWERED, RCODE_SERVFAIL, true},
		{"many guesses, then an error of anybody", "ids+bare", "answer", OUTCOME_ANSWERED, RCODE_NOERROR, true},
		{"many guesses, and TCP is refused", "ids+answer", NULL, OUTCOME_MISMATCH, RCODE_UNKNOWN, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		label(cases[i].what);
		if (!begin(cases[i].udp, cases[i].tcp, false))
			return;
		ask(0, ASK_RD);
		run(1);
		is_int(first()->outcome, cases[i].outcome, "outcome");
		is_int(first()->answer.rcode, cases[i].rcode, "RCODE");
		is_int(first()->over_stream, cases[i].over_stream, "over TCP?");
		end();
	}
}

/* Letters by lot: what comes back in others is no answer, and what comes back right was not
 * guessed. */
static void test_cased(void)
{
	/* Letters enough: none of them is upper case once in 2^32. */
	static const char longest[] = "\44abcdefghijklmnopqrstuvwxyzabcdefghij\4test";
	struct question question = {.qname = (const uint8_t *)longest, .qname_len = sizeof(longest), .qtype = 1};

	label("letters by lot");
	if (!begin("lower+answer ids+answer ids+bare", "answer", false))
		return;
	for (unsigned i = 0; i < 3; i++) {
		engine_ask(engine, destination, &question, ASK_RD | ASK_CASED, 0, came_back, &results[i], 0);
		run(i + 1);
		is_int(results[i].asked.outcome, OUTCOME_ANSWERED, "answered");
		is_int(results[i].asked.answer.rcode, RCODE_NOERROR, "by the true answer");
		is_int(results[i].asked.over_stream, i == 2, i < 2 ? "over UDP" : "not by an error without letters");
	}
	is_int(results[0].asked.mismatches, 1, "other letters are a mismatch");
	is_int((long long)counter(&engine_counters(engine)->wrong_case), 1, "counted");
	end();
}

/* Queries leave from all addresses given. */
static void test_sources(void)
{
	struct addr list[3];
	unsigned seen[4] = {0};

	if (strchr(way->ip, ':') != NULL)
		return;
	label("several addresses to ask from");
	for (unsigned i = 0; i < 3; i++) {
		addr_parse(&list[i], (const char *[]){"127.9.9.1", "127.9.9.2", "::1"}[i], 1);
		addr_set_port(&list[i], 0);
	}
	source = list;
	source_count = 3;
	if (begin("answer", "answer", true)) {
		for (int i = 0; i < 40; i++) {
			ask(i, i < 36 ? ASK_RD : ASK_RD | ASK_STREAM);
			run((unsigned)i + 1);
		}
		end();
		for (unsigned i = 0; i < server.seen_count; i++)
			seen[server.seen[i].from_last & 3]++;
		is_int(seen[1] + seen[2], 40, "from these");
		ok(seen[1] > 0 && seen[2] > 0, "from each: %u and %u", seen[1], seen[2]);
	}
	source = NULL;
	source_count = 1;
}

static void test_closed(void)
{
	int64_t start_ns = clock_mono_ns();

	label("nobody listens");
	if (!begin(NULL, NULL, false))
		return;
	for (int i = 0; i < 20; i++)
		ask(i, ASK_RD);
	run(20);
	for (int i = 0; i < 20; i++) {
		is_int(results[i].asked.outcome, OUTCOME_UNREACHABLE, "unreachable");
		ok(results[i].asked.closed, "the network said so");
		is_int(results[i].asked.tries, 3, "every try");
	}
	ok(counter(&engine_counters(engine)->icmp) >= 20, "ICMP errors are counted: %llu",
	   counter(&engine_counters(engine)->icmp));
	ok(clock_mono_ns() - start_ns < 3 * NS_PER_S, "in bounded time");
	end();
}

static uint16_t checksum(const uint8_t *data, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i += 2)
		sum += (uint32_t)(data[i] << 8 | data[i + 1]);
	sum = (sum >> 16) + (sum & 0xffff);
	return (uint16_t)~(sum + (sum >> 16));
}

/* As a router says it that quotes the IP and the UDP header of what it rejects, and no more (RFC 792). */
static void reject_shortly(int fd, const struct play_server *at)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	uint16_t from = at->seen[0].port, port = ntohs(((const struct sockaddr_in *)&at->addr.sa)->sin_port), sum;
	uint8_t icmp[8 + 20 + 8] = {3, 13, [8] = 0x45, [11] = 70, [16] = 60, [17] = 17};
	uint8_t *ip = icmp + 8, *udp = ip + 20;

	memcpy(ip + 12, &to.sin_addr, 4);
	memcpy(ip + 16, &to.sin_addr, 4);
	udp[0] = (uint8_t)(from >> 8), udp[1] = (uint8_t)from;
	udp[2] = (uint8_t)(port >> 8), udp[3] = (uint8_t)port;
	udp[5] = 50;
	sum = checksum(icmp, sizeof(icmp));
	icmp[2] = (uint8_t)(sum >> 8), icmp[3] = (uint8_t)sum;
	ok(sendto(fd, icmp, sizeof(icmp), 0, (struct sockaddr *)&to, sizeof(to)) == sizeof(icmp), "a router rejects it");
}

static void test_closed_shortly(void)
{
	int fd;

	if (strchr(way->ip, ':') != NULL)
		return;
	label("rejected, without saying what");
	fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
	if (fd < 0) {
		printf("# left out: only root may speak ICMP\n");
		return;
	}
	if (begin("drop", NULL, false)) {
		ask(0, ASK_RD);
		while (atomic_load(&server.heard) == 0 && done_count == 0)
			engine_turn(engine, NS_PER_MS);
		reject_shortly(fd, &server);
		run(1);
		is_int(first()->outcome, OUTCOME_UNREACHABLE, "unreachable, and not silent");
		ok(first()->closed, "the network said so");
		is_int(first()->tries, 3, "every try");
		end();
	}
	if (begin("drop", NULL, false)) {
		ask(0, ASK_RD);
		run(1);
		is_int(first()->outcome, OUTCOME_TIMEOUT, "silent, where nobody rejects");
		end();
	}
	close(fd);
}

/* No port can be opened: an address that is not ours. */
static void test_no_ports(void)
{
	struct addr not_ours;

	label("no ports");
	addr_parse(&not_ours, strchr(way->ip, ':') ? "2001:db8::1" : "192.0.2.1", 1);
	addr_set_port(&not_ours, 0);
	source = &not_ours;
	if (begin("answer", "answer", false)) {
		for (int i = 0; i < 3; i++)
			ask(i, i < 2 ? ASK_RD : ASK_RD | ASK_STREAM);
		run(3);
		for (int i = 0; i < 3; i++)
			is_int(results[i].asked.outcome, OUTCOME_UNREACHABLE, "unreachable");
		end();
		is_int(server.seen_count, 0, "nothing was sent");
	}
	source = NULL;
}

/* ---- over TCP ---- */

static void test_truncated(void)
{
	static const struct {
		const char *udp, *tcp;
		unsigned how;
		enum outcome outcome, stream_outcome;
		unsigned tries;
		bool truncated, over_stream, closed;
	} cases[] = {
		{"tc", "answer", 0, OUTCOME_ANSWERED, OUTCOME_ANSWERED, 2, true, true, false},
		{"tc", "split", 0, OUTCOME_ANSWERED, OUTCOME_ANSWERED, 2, true, true, false},
		{"tc", "servfail", 0, OUTCOME_ANSWERED, OUTCOME_ANSWERED, 2, true, true, false},
		{"drop tc", "answer", 0, OUTCOME_ANSWERED, OUTCOME_ANSWERED, 3, true, true, false},
		{"tc", "close answer", 0, OUTCOME_ANSWERED, OUTCOME_ANSWERED, 3, true, true, false},
		{"tc", "reset answer", 0, OUTCOME_ANSWERED, OUTCOME_ANSWERED, 3, true, true, false},
		{"tc", "question+answer", 0, OUTCOME_ANSWERED, OUTCOME_ANSWERED, 2, true, true, false},
		{"tc", "close", 0, OUTCOME_TRUNCATED_TCP_FAILED, OUTCOME_UNREACHABLE, 3, true, false, false},
		{"tc", "drop", 0, OUTCOME_TRUNCATED_TCP_FAILED, OUTCOME_TIMEOUT, 2, true, false, false},
		{"tc", "garbage", 0, OUTCOME_TRUNCATED_TCP_FAILED, OUTCOME_MALFORMED, 2, true, false, false},
		{"tc", "cut", 0, OUTCOME_TRUNCATED_TCP_FAILED, OUTCOME_MALFORMED, 3, true, false, false},
		{"tc", "zero", 0, OUTCOME_TRUNCATED_TCP_FAILED, OUTCOME_MALFORMED, 3, true, false, false},
		{"tc", "tc", 0, OUTCOME_ANSWERED, OUTCOME_ANSWERED, 2, true, true, false},
		{"tc", NULL, 0, OUTCOME_TRUNCATED_TCP_FAILED, OUTCOME_UNREACHABLE, 2, true, false, true},
		{"tc", "answer", ASK_NO_STREAM, OUTCOME_ANSWERED, OUTCOME_UNKNOWN, 1, true, false, false},
		{"drop", "answer", ASK_STREAM, OUTCOME_ANSWERED, OUTCOME_ANSWERED, 1, false, true, false},
		{"drop", NULL, ASK_STREAM, OUTCOME_UNREACHABLE, OUTCOME_UNREACHABLE, 1, false, false, true},
		{"drop", "drop", ASK_STREAM, OUTCOME_TIMEOUT, OUTCOME_TIMEOUT, 1, false, false, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char what[64];

		snprintf(what, sizeof(what), "%s, then over TCP %s", cases[i].udp, cases[i].tcp ? cases[i].tcp : "refused");
		label(what);
		if (!begin(cases[i].udp, cases[i].tcp, i % 2))
			return;
		ask(0, ASK_RD | ASK_EDNS | cases[i].how);
		run(1);
		is_int(results[0].calls, 1, "done once");
		is_int(first()->outcome, cases[i].outcome, "outcome");
		is_int(first()->stream_outcome, cases[i].stream_outcome, "outcome of TCP");
		is_int(first()->tries, cases[i].tries, "tries");
		is_int(first()->truncated, cases[i].truncated, "truncated");
		is_int(first()->over_stream, cases[i].over_stream, "over TCP");
		is_int(first()->closed, cases[i].closed, "refused");
		if (first()->outcome == OUTCOME_TRUNCATED_TCP_FAILED)
			is_int(first()->answer.flags & FLAG_TC, FLAG_TC, "the truncated answer is kept");
		end();
	}
}

/* Asks `count` at once over TCP of a server that plays this script; what came of them. */
static unsigned ask_streams(const char *what, const char *tcp, int count)
{
	unsigned answered = 0;

	label(what);
	begin("drop", tcp, true);
	for (int i = 0; i < count; i++)
		ask(i, ASK_RD | ASK_STREAM);
	run((unsigned)count);
	for (int i = 0; i < count; i++)
		answered += results[i].calls == 1 && results[i].asked.outcome == OUTCOME_ANSWERED;
	return answered;
}

static void test_connections(void)
{
	unsigned most = 0;

	is_int(ask_streams("answers in another order", "hold hold hold hold hold hold hold hold hold+backwards", 9), 9, "all answered");
	is_int(server.connections, 1, "over one connection");
	end();

	is_int(ask_streams("closed behind each answer, more queries on the way", "answer+close", 60), 60, "all answered");
	for (int i = 0; i < 60; i++)
		most = results[i].asked.tries > most ? results[i].asked.tries : most;
	ok(most >= 2 && most <= 3, "no query is sent more often than it takes to learn that: %u", most);
	end();
	is_int(server.connections, 60, "a connection for each");

	is_int(ask_streams("reset behind each answer", "answer+reset", 30), 30, "all answered");
	end();

	/* The first connection is filled, the next ones are opened in turn; the last queries are
	 * never sent. */
	is_int(ask_streams("mute", "drop", 100), 0, "none is answered");
	is_int(results[0].asked.outcome, OUTCOME_TIMEOUT, "timeout");
	is_int(results[99].asked.outcome, OUTCOME_TIMEOUT, "all of them");
	is_int(engine_in_flight(engine), 0, "nothing waits any more");
	end();

	is_int(ask_streams("nobody listens", NULL, 100), 0, "none is answered");
	is_int(results[99].asked.outcome, OUTCOME_UNREACHABLE, "unreachable");
	is_int((long long)counter(&engine_counters(engine)->streams), 1, "one connection is tried for all");
	end();
}

/* How many connections are open at a time to one that answers nothing, where so many are allowed at
 * first, and later. */
static unsigned mute_connections(int first, int later)
{
	begin("drop", "drop", true);
	engine_limit_connections(engine, first);
	for (int i = 0; i < 100; i++)
		ask(i, ASK_RD | ASK_STREAM);
	engine_turn(engine, NS_PER_MS);
	engine_limit_connections(engine, later);
	run(100);
	is_int(results[99].asked.outcome, OUTCOME_TIMEOUT, "all come to an end");
	end();
	return server.most_open;
}

static void test_fewer_connections(void)
{
	label("fewer connections are allowed");
	is_int(mute_connections(2, 2), 2, "no more than that are opened");
	is_int(mute_connections(4, 1), 1, "nor than are allowed from then on");
	ok(mute_connections(1, 9) > 2, "and more when more are, up to what there is room for");
}

static void test_streams(void)
{
	unsigned answered = 0;

	label("many over one connection");
	connections = 1; /* or a busy machine would want another one */
	if (!begin("tc", "answer", true))
		return;
	connections = 4;
	for (int i = 0; i < 500; i++)
		ask(i, ASK_RD | (i % 2 ? ASK_STREAM : 0));
	run(500);
	for (int i = 0; i < 500; i++)
		answered += results[i].asked.outcome == OUTCOME_ANSWERED && results[i].asked.over_stream;
	is_int(answered, 500, "all answered");
	for (int i = 500; i < 510; i++) {
		ask(i, ASK_RD);
		run((unsigned)i + 1);
	}
	is_int((long long)counter(&engine_counters(engine)->streams), 1, "over one connection, which stays open");
	end();
	is_int(server.connections, 1, "says the server, too");

	label("the connection is closed behind each answer");
	begin("tc", "answer+close", true);
	for (int i = 0; i < 10; i++) {
		ask(i, ASK_RD);
		run((unsigned)i + 1);
		for (int turn = 0; turn < 3; turn++)
			engine_turn(engine, 5 * NS_PER_MS);
	}
	for (int i = 0, good = 0; i < 10; i++) {
		good += results[i].asked.outcome == OUTCOME_ANSWERED;
		if (i == 9)
			is_int(good, 10, "all answered");
	}
	end();
	is_int(server.connections, 10, "ten connections");

	label("not kept");
	begin("tc", "answer", false);
	for (int i = 0; i < 3; i++) {
		ask(i, ASK_RD);
		run((unsigned)i + 1);
	}
	is_int((long long)counter(&engine_counters(engine)->streams), 3, "a connection for each");
	end();
}

/* ---- ends and limits ---- */

static void test_give_up(void)
{
	unsigned once = 0, timeouts = 0;
	struct pace pace;

	label("give up");
	if (!begin("drop", "drop", true))
		return;
	for (int i = 0; i < 30; i++)
		ask(i, ASK_RD | (i % 3 == 0 ? ASK_STREAM : 0));
	for (int i = 0; i < 3; i++)
		engine_turn(engine, NS_PER_MS);
	for (int i = 30; i < 40; i++) /* not sent yet */
		ask(i, ASK_RD);
	engine_give_up(engine);
	for (int i = 0; i < 40; i++) {
		once += results[i].calls == 1;
		timeouts += results[i].asked.outcome == OUTCOME_TIMEOUT;
	}
	is_int(once, 40, "each is told once");
	is_int(timeouts, 40, "as a timeout");
	is_int(engine_in_flight(engine), 0, "nothing is in flight");
	is_int(engine_load(engine, destination), 0, "no load");
	ask(50, ASK_RD);
	engine_turn(engine, NS_PER_MS);
	end();
	is_int(results[50].calls, 0, "a destroyed engine tells nobody");

	label("a limit");
	begin("answer", NULL, false);
	engine_destroy(&engine);
	event_base_free(base);
	pace_init(&pace, 500, clock_mono_ns());
	open_engine(way, 1000, &pace, false);
	destination = engine_destination(engine, &server.addr, NULL, way->connect);
	for (int i = 0; i < 100; i++)
		ask(i, ASK_RD);
	run(100);
	end();
	ok(server.seen_count == 100 && server.seen[99].at_ns - server.seen[0].at_ns > 180 * NS_PER_MS,
	   "100 queries at 500 a second take 0.2 s");
	ok(server.seen_count == 100 && server.seen[99].at_ns - server.seen[0].at_ns < 1000 * NS_PER_MS, "and not much longer");
}

/* Which of the two counts is a matter of microseconds. */
static void test_truncated_and_not(void)
{
	label("truncated and whole");
	if (!begin("tc+answer", "answer", true))
		return;
	for (int i = 0; i < 100; i++)
		ask(i, ASK_RD);
	run(100);
	for (int i = 0; i < 100; i++)
		if (results[i].calls != 1 || results[i].asked.outcome != OUTCOME_ANSWERED || !results[i].asked.truncated)
			ok(false, "query %d", i);
	is_int(engine_in_flight(engine), 0, "all answered");
	end();
}

/* Asks the next one from within done, as workers do. */
static int next_name;

static void ask_next(void *owner, uintptr_t tag, const struct asked *asked)
{
	struct question question;

	came_back(owner, tag, asked);
	if (next_name == NAMES)
		return;
	question = (struct question){.qname = qnames[next_name], .qname_len = qname_lens[next_name], .qtype = 1};
	engine_ask(engine, destination, &question, ASK_RD, 0, ask_next, &results[next_name], 0);
	next_name++;
}

static void test_window(void)
{
	unsigned wrong = 0;

	label("a full window");
	memset(&server, 0, sizeof(server));
	server.udp = "answer tc servfail drop answer drop answer";
	server.tcp = "answer";
	if (!play_start(&server, way->ip))
		return;
	open_engine(way, 50, NULL, true);
	destination = engine_destination(engine, &server.addr, NULL, way->connect);
	next_name = 0;
	while (next_name < 50) {
		struct question question = {.qname = qnames[next_name], .qname_len = qname_lens[next_name], .qtype = 1};

		engine_ask(engine, destination, &question, ASK_RD, 0, ask_next, &results[next_name], 0);
		next_name++;
	}
	is_int(engine_room(engine), 0, "is full");
	run(NAMES);
	for (int i = 0; i < NAMES; i++)
		wrong += results[i].calls != 1 || results[i].asked.outcome != OUTCOME_ANSWERED;
	is_int(wrong, 0, "and moves on until all are answered");
	end();
}

static void count(void *owner, uintptr_t tag, const struct asked *asked)
{
	unsigned *outcomes = owner;

	(void)tag;
	outcomes[asked->outcome]++;
	done_count++;
}

/* What one port has no IDs for waits, and nobody for ever. */
static void test_more_than_ids(void)
{
	static const struct way one_port = {"one port", "127.0.0.1", false, true, 1};
	struct question question = {.qname = qnames[0], .qname_len = qname_lens[0], .qtype = 1};
	unsigned all = 70000, outcomes[OUTCOME_COUNT] = {0};
	unsigned long long at_once;

	way = &one_port;
	tries = 1;
	patience_ns = NS_PER_S; /* all that can be sent is, before the first comes back */
	label("more in flight than IDs");
	memset(&server, 0, sizeof(server));
	server.udp = "drop";
	if (!play_start(&server, way->ip))
		return;
	open_engine(way, all, NULL, false);
	destination = engine_destination(engine, &server.addr, NULL, way->connect);
	for (unsigned i = 0; i < all; i++)
		engine_ask(engine, destination, &question, ASK_RD, 0, count, outcomes, 0);
	run(1);
	at_once = counter(&engine_counters(engine)->sent);
	ok(at_once > 40000 && at_once <= 65536, "most IDs were in flight: %llu", at_once);
	run(all);
	is_int(outcomes[OUTCOME_TIMEOUT], all, "all come back");
	end();
}

static void test_redirect(void)
{
	struct play_server *other = calloc(1, sizeof(*other));

	label("another address");
	other->udp = "servfail";
	if (way->connect || !begin("answer", "answer", true)) {
		free(other);
		return;
	}
	play_start(other, way->ip);
	ask(0, ASK_RD);
	ask(1, ASK_RD | ASK_STREAM);
	run(2);
	is_int(first()->answer.rcode, 0, "from the first");
	engine_redirect(engine, destination, &other->addr);
	ask(2, ASK_RD);
	ask(3, ASK_RD | ASK_STREAM);
	run(4);
	is_int(results[2].asked.answer.rcode, 2, "from the other");
	is_int(results[3].asked.outcome, OUTCOME_UNREACHABLE, "its TCP, too");
	end();
	play_stop(other);
	free(other);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	make_names();
	for (way = ways; way < ways + sizeof(ways) / sizeof(ways[0]); way++) {
		test_many();
		test_loss();
		test_loss_under_load();
		test_late();
		test_forged();
		test_bare();
		test_guessed();
		test_cased();
		test_sources();
		test_closed();
		test_closed_shortly();
		test_no_ports();
		test_give_up();
		test_window();
		test_redirect();
		if (way - ways != 0 && way - ways != 3 && way - ways != 4) /* TCP is the same for all */
			continue;
		test_truncated();
		test_truncated_and_not();
		test_streams();
		test_connections();
		if (way == ways)
			test_fewer_connections();
	}
	test_more_than_ids();
	return done_testing();
}
