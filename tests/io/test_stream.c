/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Both ends in one thread: the stream in its event loop, and between turns of it the test itself as
 * the server, with plain blocking calls. The kernel completes connections before they are accepted.
 */
#include "io/stream.h"

#include <dirent.h>
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "io/buf.h"
#include "io/clock.h"
#include "io/frame.h"
#include "tests/tap.h"

static struct event_base *base;

/* What a stream told its owner. */
struct heard {
	struct stream *stream;
	int ups, messages, batches, ends;
	enum stream_end why;
	struct buf all;	 /* the messages, one after the other, framed again */
	char destroy_in; /* 'u', 'm', 'e': in that callback */
};

static void heard_event(struct heard *heard, char in)
{
	if (heard->destroy_in == in)
		stream_destroy(&heard->stream);
}

static void on_up(void *owner)
{
	struct heard *heard = owner;

	heard->ups++;
	heard_event(heard, 'u');
}

static void on_messages(void *owner, const struct stream_message *messages, unsigned count)
{
	struct heard *heard = owner;

	heard->messages += (int)count;
	heard->batches++;
	for (unsigned i = 0; i < count; i++) {
		if (!buf_reserve(&heard->all, FRAME_HEADER + messages[i].len))
			abort();
		heard->all.len += frame_write((uint8_t *)heard->all.data + heard->all.len, messages[i].data, messages[i].len);
	}
	heard_event(heard, 'm');
}

static void on_end(void *owner, enum stream_end why)
{
	struct heard *heard = owner;

	heard->ends++;
	heard->why = why;
	heard_event(heard, 'e');
}

static const struct stream_events events = {on_up, on_messages, on_end};
static struct stream_inbox inbox;

static struct stream *start(const struct addr *to, const struct addr *source, int idle_ms, struct heard *heard)
{
	return stream_connect(&(struct stream_config){.base = base,
						      .inbox = &inbox,
						      .to = to,
						      .source = source,
						      .idle_ms = idle_ms,
						      .events = &events,
						      .owner = heard});
}

/* As one query alone is sent. */
static bool send_now(struct stream *stream, const void *message, size_t len)
{
	bool sent = stream_send(stream, message, len);

	stream_flush(stream);
	return sent;
}

static void forget(struct heard *heard)
{
	stream_destroy(&heard->stream);
	buf_free(&heard->all);
}

/* Turns the loop until *count has reached `want`; false when that takes longer than 5 s. */
static bool wait_for(const int *count, int want)
{
	int64_t deadline = clock_mono_ns() + 5 * NS_PER_S;

	while (*count < want) {
		struct timeval tick = {0, 10000};

		if (clock_mono_ns() > deadline)
			return false;
		event_base_loopexit(base, &tick);
		event_base_loop(base, EVLOOP_ONCE);
	}
	return true;
}

static void turn_for_ms(int ms)
{
	int64_t end = clock_mono_ns() + ms * NS_PER_MS;
	int never = 0;

	do {
		struct timeval tick = {0, 1000};

		event_base_loopexit(base, &tick);
		event_base_loop(base, EVLOOP_ONCE);
	} while (never == 0 && clock_mono_ns() < end);
}

static int listen_on(const char *text, struct addr *addr, int backlog)
{
	int fd;

	addr_parse(addr, text, 1);
	addr_set_port(addr, 0);
	fd = socket(addr->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, &addr->sa, addr->len) != 0 || listen(fd, backlog) != 0 ||
	    getsockname(fd, &addr->sa, &addr->len) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int listener;
static struct addr server;

/* A stream that is up; its other end is returned. */
static int connected(struct heard *heard, int idle_ms)
{
	*heard = (struct heard){.all = BUF_EMPTY};
	heard->stream = start(&server, NULL, idle_ms, heard);
	if (!heard->stream || !wait_for(&heard->ups, 1))
		abort();
	return accept(listener, NULL, NULL);
}

static void put(int fd, const void *data, size_t len)
{
	if (write(fd, data, len) != (ssize_t)len)
		abort();
}

static void get(int fd, void *data, size_t len)
{
	if (recv(fd, data, len, MSG_WAITALL) != (ssize_t)len)
		abort();
}

static void close_with_reset(int fd)
{
	struct linger linger = {1, 0};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(fd);
}

static bool same(const struct buf *a, const void *data, size_t len)
{
	return a->len == len && memcmp(a->data, data, len) == 0;
}

/* ---- messages ---- */

static void test_exchange(void)
{
	struct heard heard = {.all = BUF_EMPTY};
	uint8_t data[7];
	int fd;

	heard.stream = start(&server, NULL, 5000, &heard);
	ok(heard.stream && heard.ups == 0, "connecting");
	ok(send_now(heard.stream, "query", 5), "a query before it is up");
	ok(wait_for(&heard.ups, 1), "up");
	fd = accept(listener, NULL, NULL);
	turn_for_ms(5);
	get(fd, data, 7);
	ok(memcmp(data, "\0\5query", 7) == 0, "the query behind its length");
	put(fd, "\0\6answer", 8);
	ok(wait_for(&heard.messages, 1), "an answer");
	ok(same(&heard.all, "\0\6answer", 8), "without its length");
	close(fd);
	ok(wait_for(&heard.ends, 1), "the other side closes");
	is_int(heard.why, STREAM_CLOSED, "in order");
	ok(!send_now(heard.stream, "x", 1), "nothing can be sent any more");
	turn_for_ms(5);
	ok(heard.ups == 1 && heard.messages == 1 && heard.ends == 1, "each once");
	forget(&heard);
	stream_destroy(&heard.stream);
}

static void test_octet_by_octet(void)
{
	static const char frames[] = "\0\1a\0\2bc\0\5defgh";
	struct heard heard;
	int fd = connected(&heard, 5000);
	bool early = false;

	for (size_t i = 0; i < sizeof(frames) - 1; i++) {
		put(fd, frames + i, 1);
		turn_for_ms(2);
		early |= heard.messages > (i >= 2) + (i >= 6) + (i >= 13);
	}
	ok(wait_for(&heard.messages, 3) && !early, "octet by octet");
	ok(same(&heard.all, frames, sizeof(frames) - 1), "three messages");
	close(fd);
	forget(&heard);
}

/* Frames of all sizes, the largest too, as one run of octets that is cut anywhere. */
static void test_many(void)
{
	static const size_t lens[] = {1,   2,	  12,	 512, 65535, 65535, 65535, 1,
				      100, 16383, 16384, 7,   65534, 300,   40000};
	struct buf wire = BUF_EMPTY;
	struct heard heard;
	int fd = connected(&heard, 5000);
	int count = 0;

	for (size_t i = 0; i < 2000; i++) {
		size_t len = i < 15 ? lens[i] : i % 600 + 1;
		static uint8_t message[FRAME_MESSAGE];

		memset(message, (int)i, len);
		if (!buf_reserve(&wire, FRAME_MAX))
			abort();
		wire.len += frame_write((uint8_t *)wire.data + wire.len, message, len);
		count++;
	}
	for (size_t at = 0; at < wire.len;) {
		ssize_t sent = send(fd, wire.data + at, wire.len - at, MSG_DONTWAIT);

		at += sent > 0 ? (size_t)sent : 0;
		turn_for_ms(1);
	}
	ok(wait_for(&heard.messages, count), "%d of %d messages", heard.messages, count);
	ok(same(&heard.all, wire.data, wire.len), "in order, to the octet");
	close(fd);
	forget(&heard);
	buf_free(&wire);
}

/* What is queued leaves in one piece; what comes in one piece is handed out in few. */
static void test_batches(void)
{
	struct heard heard;
	int fd = connected(&heard, 5000);
	uint8_t out[1000], in[1000];

	for (size_t at = 0; at < sizeof(out); at += 10) {
		frame_write(out + at, (const uint8_t *)"abcdefgh", 8);
		stream_send(heard.stream, out + at + FRAME_HEADER, 8);
	}
	is_int(recv(fd, in, sizeof(in), MSG_DONTWAIT), -1, "nothing leaves before the flush");
	stream_flush(heard.stream);
	is_int(recv(fd, in, sizeof(in), 0), sizeof(in), "a hundred messages at once");
	ok(memcmp(in, out, sizeof(in)) == 0, "in order");
	put(fd, out, sizeof(out));
	ok(wait_for(&heard.messages, 100), "a hundred answers");
	is_int(heard.batches, 2, "in two calls");
	close(fd);
	forget(&heard);
}

static void test_backlog(void)
{
	static uint8_t message[FRAME_MESSAGE];
	struct heard heard;
	int fd = connected(&heard, 5000);
	size_t accepted = 0;
	size_t got = 0;
	bool whole = true;
	int64_t deadline = clock_mono_ns() + 20 * NS_PER_S;

	/* Without a flush nothing leaves the backlog. */
	while (stream_send(heard.stream, message, sizeof(message)))
		accepted++;
	is_int((long long)accepted, STREAM_BACKLOG / FRAME_MAX, "the backlog is bounded");
	ok(stream_send(heard.stream, message, 10), "a short message still fits in");
	stream_flush(heard.stream);
	while (clock_mono_ns() < deadline && got < accepted * FRAME_MAX + 12) {
		static char data[100000];
		ssize_t octets = recv(fd, data, sizeof(data), MSG_DONTWAIT);

		got += octets > 0 ? (size_t)octets : 0;
		turn_for_ms(1);
	}
	whole = got == accepted * FRAME_MAX + 12;
	ok(whole, "and all that was taken arrives");
	ok(stream_send(heard.stream, message, sizeof(message)), "then there is room again");
	close(fd);
	forget(&heard);
}

/* ---- ends ---- */

static void test_malformed(void)
{
	static const struct {
		const char *data;
		size_t len;
		int messages;
	} bad[] = {
		{"\0\0", 2, 0},
		{"\0\1a\0\0\0\1b", 8, 1}, /* what follows cannot be trusted */
		{"\0", 1, 0},
		{"\0\5", 2, 0},
		{"\0\5abcd", 6, 0},
		{"\0\1a\xff\xff"
		 "b",
		 6, 1},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct heard heard;
		int fd = connected(&heard, 5000);

		put(fd, bad[i].data, bad[i].len);
		turn_for_ms(2);
		close(fd);
		ok(wait_for(&heard.ends, 1), "bad frames %zu: over", i);
		is_int(heard.why, STREAM_MALFORMED, "malformed");
		is_int(heard.messages, bad[i].messages, "after what was good");
		forget(&heard);
	}
}

static void test_reset(void)
{
	struct heard heard;
	int fd = connected(&heard, 5000);

	close_with_reset(fd);
	ok(wait_for(&heard.ends, 1), "reset while it waits");
	is_int(heard.why, STREAM_RESET, "is a reset");
	forget(&heard);

	fd = connected(&heard, 5000);
	put(fd, "\0\1a\0\2b", 6);
	ok(wait_for(&heard.messages, 1), "a message");
	close_with_reset(fd);
	send_now(heard.stream, "query", 5);
	ok(wait_for(&heard.ends, 1), "reset in a message, and a query on its way");
	is_int(heard.why, STREAM_RESET, "is a reset");
	forget(&heard);
}

static void test_refused(void)
{
	struct heard heard = {.all = BUF_EMPTY};
	struct addr nobody;

	close(listen_on("127.0.0.1", &nobody, 1));
	heard.stream = start(&nobody, NULL, 5000, &heard);
	ok(heard.stream && heard.ends == 0, "no word before the loop turns");
	ok(send_now(heard.stream, "query", 5), "sending is in vain");
	ok(wait_for(&heard.ends, 1) && heard.why == STREAM_REFUSED && heard.ups == 0, "refused");
	forget(&heard);

	heard = (struct heard){.all = BUF_EMPTY};
	addr_parse(&nobody, "224.0.0.1", 53); /* the kernel does not even try */
	heard.stream = start(&nobody, NULL, 5000, &heard);
	ok(heard.stream && heard.ends == 0, "no word before the loop turns");
	ok(send_now(heard.stream, "query", 5), "sending is in vain");
	ok(wait_for(&heard.ends, 1) && heard.why == STREAM_UNREACHABLE, "unreachable");
	forget(&heard);
}

static void test_idle(void)
{
	struct heard heard;
	int fd = connected(&heard, 300);
	int64_t start = clock_mono_ns();

	ok(wait_for(&heard.ends, 1) && heard.why == STREAM_IDLE, "idle");
	ok(clock_mono_ns() - start >= 280 * NS_PER_MS, "not before its time");
	close(fd);
	forget(&heard);

	fd = connected(&heard, 400);
	for (int i = 0; i < 8; i++) {
		put(fd, "\0", i == 0 ? 1 : 0);
		put(fd, i == 0 ? "\7" : "a", 1); /* one message, very slowly */
		turn_for_ms(80);
	}
	ok(heard.messages == 1 && heard.ends == 0, "not while octets come");
	for (int i = 0; i < 8; i++) {
		send_now(heard.stream, "query", 5);
		turn_for_ms(80);
	}
	is_int(heard.ends, 0, "nor while they go");
	ok(wait_for(&heard.ends, 1) && heard.why == STREAM_IDLE, "but then");
	close(fd);
	forget(&heard);
}

/* A listener whose queue is full answers no more connections: they hang. */
static void test_slow_connect(void)
{
	struct heard heard = {.all = BUF_EMPTY};
	struct addr busy;
	int fd = listen_on("127.0.0.1", &busy, 0);
	int fillers[4];

	for (int i = 0; i < 4; i++) {
		fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		if (connect(fillers[i], &busy.sa, busy.len) != 0 && errno != EINPROGRESS)
			abort();
	}
	heard.stream = start(&busy, NULL, 100, &heard);
	ok(wait_for(&heard.ends, 1) && heard.why == STREAM_IDLE && heard.ups == 0,
	   "a connection that takes too long");
	forget(&heard);
	for (int i = 0; i < 4; i++)
		close(fillers[i]);
	close(fd);
}

/* ---- addresses and resources ---- */

static void test_source(void)
{
	struct heard heard = {.all = BUF_EMPTY};
	struct addr source, peer = {.len = sizeof(peer.in)};
	char text[ADDR_TEXT_MAX];
	int fd;

	addr_parse(&source, "127.0.0.77", 0);
	heard.stream = start(&server, &source, 5000, &heard);
	ok(heard.stream && wait_for(&heard.ups, 1), "from an address of choice");
	fd = accept(listener, &peer.sa, &peer.len);
	is_str(addr_format(&peer, addr_port(&peer), text), "127.0.0.77", "it is that one");
	close(fd);
	forget(&heard);
	addr_parse(&source, "192.0.2.1", 0);
	ok(!start(&server, &source, 5000, &heard) && errno == EADDRNOTAVAIL,
	   "not from somebody else's");
}

static void test_ip6(void)
{
	struct heard heard = {.all = BUF_EMPTY};
	struct addr six;
	int fd = listen_on("::1", &six, 1);

	if (fd < 0) {
		ok(true, "IPv6 # SKIP none here");
		return;
	}
	heard.stream = start(&six, NULL, 5000, &heard);
	ok(heard.stream && wait_for(&heard.ups, 1), "IPv6");
	close(fd);
	forget(&heard);
}

static void test_no_descriptors(void)
{
	struct heard heard = {.all = BUF_EMPTY};
	struct rlimit before, none;

	getrlimit(RLIMIT_NOFILE, &before);
	none = before;
	none.rlim_cur = 3;
	setrlimit(RLIMIT_NOFILE, &none);
	heard.stream = start(&server, NULL, 5000, &heard);
	ok(!heard.stream && errno == EMFILE, "out of descriptors");
	setrlimit(RLIMIT_NOFILE, &before);
	turn_for_ms(2);
	is_int(heard.ends, 0, "is no event");
}

static int descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	while (dir && readdir(dir))
		count++;
	if (dir)
		closedir(dir);
	return count;
}

/* Destroyed in any callback, at any other time, with calls still due: no call comes afterwards. */
static void test_destroy(void)
{
	int before = descriptors();
	struct heard heard;
	int fd;

	for (const char *in = "ume"; *in; in++) {
		heard = (struct heard){.all = BUF_EMPTY, .destroy_in = *in};
		heard.stream = start(&server, NULL, 5000, &heard);
		fd = accept(listener, NULL, NULL);
		for (int i = 0; i < 3 * STREAM_BATCH; i++)
			put(fd, "\0\1a", 3);
		close(fd);
		turn_for_ms(10);
		ok(!heard.stream, "destroyed in '%c'", *in);
		ok(heard.ups == 1 && heard.batches == (*in == 'u' ? 0 : *in == 'm' ? 1 : 3) && heard.ends == (*in == 'e'),
		   "and no call after that");
		forget(&heard);
	}
	heard = (struct heard){.all = BUF_EMPTY};
	heard.stream = start(&server, NULL, 5000, &heard);
	send_now(heard.stream, "query", 5);
	stream_destroy(&heard.stream);
	close(accept(listener, NULL, NULL));
	turn_for_ms(5);
	is_int(heard.ups + heard.messages + heard.ends, 0, "destroyed while it connects");

	/* Read by libevent, the callback deferred, destroyed before it comes. */
	for (int turns = 1; turns <= 4; turns++) {
		fd = connected(&heard, 5000);
		put(fd, "\0\1a", 3);
		for (int i = 0; i < turns; i++)
			event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
		put(fd, "\0\1b", 3);
		stream_destroy(&heard.stream);
		heard.messages = 0;
		turn_for_ms(5);
		is_int(heard.messages + heard.ends, 0, "destroyed with data under way");
		close(fd);
		forget(&heard);
	}
	turn_for_ms(5);
	is_int(descriptors(), before, "no descriptor is lost");
}

static void test_frame(void)
{
	uint8_t out[FRAME_HEADER + 300] = {0};
	uint8_t message[300] = {1, 2, 3};

	is_int((long long)frame_octets(out, 0), 2, "nothing yet: the length is wanted");
	is_int((long long)frame_octets((const uint8_t *)"\1", 1), 2, "half of it");
	is_int((long long)frame_octets((const uint8_t *)"\1\2", 2), 2 + 258, "network order");
	is_int((long long)frame_octets((const uint8_t *)"\xff\xff", 2), FRAME_MAX, "the longest");
	is_int((long long)frame_octets((const uint8_t *)"\0\0x", 3), 0, "none");
	is_int((long long)frame_write(out, message, 300), 302, "written");
	ok(out[0] == 1 && out[1] == 44 && memcmp(out + 2, message, 300) == 0, "as it is read");
}

int main(void)
{
	struct event_config *config = event_config_new();

	signal(SIGPIPE, SIG_IGN);
	alarm(120);
	event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
	base = event_base_new_with_config(config);
	event_config_free(config);
	listener = listen_on("127.0.0.1", &server, 16);
	if (!base || listener < 0)
		abort();
	test_frame();
	test_exchange();
	test_octet_by_octet();
	test_many();
	test_batches();
	test_backlog();
	test_malformed();
	test_reset();
	test_refused();
	test_idle();
	test_slow_connect();
	test_source();
	test_ip6();
	test_no_descriptors();
	test_destroy();
	close(listener);
	event_base_free(base);
	return done_testing();
}
