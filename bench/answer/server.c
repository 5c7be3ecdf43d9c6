/* SPDX-License-Identifier: BSD-2-Clause */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/answer/post.h"
#include "bench/answer/server.h"
#include "bench/answer/wheel.h"
#include "io/clock.h"

#define LIMIT_BURST_NS (20 * NS_PER_MS)
#define PLACES	       8192 /* of the table of addresses; a power of two, twice SERVER_ADDRESSES_MAX */

struct port {
	int fd;
	uint32_t address; /* its index; when wild the datagram tells */
	struct outbox *outbox;
	int elsewhere; /* a socket at another address and port, for forgeries; -1: none */
	bool used;     /* its outbox since the last flush */
};

struct server_thread {
	const struct settings *settings;
	int epoll;
	unsigned port_count;
	struct port ports[SERVER_SOCKETS_MAX];
	struct inbox *inbox;
	struct wheel *wheel; /* NULL without delay */
	int64_t *limit_due;  /* by address: when what was let in so far is paid for */
	int64_t limit_cost_ns;
	uint16_t *places; /* when wild: IPv4 address -> index + 1 */
	uint64_t random;
	struct tally tally;
};

static uint32_t place_of(uint32_t ipv4)
{
	return (ipv4 * 2654435761U) >> 19 & (PLACES - 1);
}

static bool learn_places(struct server_thread *thread)
{
	const struct settings *settings = thread->settings;

	thread->places = calloc(PLACES, sizeof *thread->places);
	if (!thread->places)
		return false;
	for (uint32_t i = 0; i < settings->address_count; i++) {
		uint32_t place = place_of(settings->addresses[i].in.sin_addr.s_addr);

		while (thread->places[place])
			place = (place + 1) & (PLACES - 1);
		thread->places[place] = (uint16_t)(i + 1);
	}
	return true;
}

/* The index of the address a datagram was sent to; UINT32_MAX: none of ours. */
static uint32_t find_address(const struct server_thread *thread, struct in_addr to)
{
	uint32_t place = place_of(to.s_addr);

	for (; thread->places[place]; place = (place + 1) & (PLACES - 1)) {
		uint32_t index = thread->places[place] - 1U;

		if (thread->settings->addresses[index].in.sin_addr.s_addr == to.s_addr)
			return index;
	}
	return UINT32_MAX;
}

static bool open_port(struct server_thread *thread, uint32_t address, bool shared)
{
	struct port *port = &thread->ports[thread->port_count];
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = thread->port_count};

	port->elsewhere = -1;
	port->fd = server_socket(thread->settings, address, SOCK_DGRAM, shared);
	if (port->fd < 0)
		return false;
	thread->port_count++;
	if (forge_wanted(&thread->settings->forging)) {
		port->elsewhere = forge_socket(&thread->settings->addresses[address]);
		if (port->elsewhere < 0)
			return false;
	}
	port->address = address;
	port->outbox = outbox_create(port->fd, thread->settings->trains);
	return port->outbox && epoll_ctl(thread->epoll, EPOLL_CTL_ADD, port->fd, &event) == 0;
}

/* Each address belongs to one thread where there are enough of them; otherwise the kernel shares
 * out by client port. */
static bool open_ports(struct server_thread *thread, unsigned index)
{
	const struct settings *settings = thread->settings;
	bool wild = server_is_wild(settings);
	bool shared =
		settings->threads > 1 && (wild || settings->address_count < settings->threads);

	if (wild)
		return learn_places(thread) && open_port(thread, 0, shared);
	if (settings->address_count > SERVER_SOCKETS_MAX * (shared ? 1 : settings->threads)) {
		errno = E2BIG;
		return false;
	}
	for (uint32_t i = 0; i < settings->address_count; i++)
		if ((shared || i % settings->threads == index) && !open_port(thread, i, shared))
			return false;
	if (settings->limit && shared)
		thread->limit_cost_ns *= settings->threads;
	return true;
}

struct server_thread *server_thread_create(const struct settings *settings, unsigned index)
{
	struct server_thread *thread = calloc(1, sizeof *thread);
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = UINT32_MAX};

	if (!thread)
		return NULL;
	thread->settings = settings;
	thread->random = index + 1;
	thread->limit_cost_ns = settings->limit ? NS_PER_S / settings->limit : 0;
	thread->epoll = epoll_create1(EPOLL_CLOEXEC);
	thread->inbox = inbox_create(settings->trains);
	thread->limit_due = calloc(settings->address_count, sizeof *thread->limit_due);
	if (settings->delay_ms + settings->jitter_ms)
		thread->wheel = wheel_create(clock_mono_ns());
	if (thread->epoll < 0 || !thread->inbox || !thread->limit_due ||
	    (!thread->wheel && settings->delay_ms + settings->jitter_ms) ||
	    (settings->rate_log &&
	     !tally_want_rate(&thread->tally, settings->address_count, settings->start_ms)) ||
	    epoll_ctl(thread->epoll, EPOLL_CTL_ADD, settings->stop, &event) != 0 ||
	    !open_ports(thread, index))
		server_thread_destroy(&thread);
	return thread;
}

void server_thread_destroy(struct server_thread **thread)
{
	if (!*thread)
		return;
	for (unsigned i = 0; i < (*thread)->port_count; i++) {
		close((*thread)->ports[i].fd);
		if ((*thread)->ports[i].elsewhere >= 0)
			close((*thread)->ports[i].elsewhere);
		outbox_destroy(&(*thread)->ports[i].outbox);
	}
	if ((*thread)->epoll >= 0)
		close((*thread)->epoll);
	inbox_destroy(&(*thread)->inbox);
	wheel_destroy(&(*thread)->wheel);
	free((*thread)->limit_due);
	free((*thread)->places);
	free(*thread);
	*thread = NULL;
}

struct tally *server_thread_tally(struct server_thread *thread)
{
	return &thread->tally;
}

static uint32_t below(struct server_thread *thread, uint32_t limit)
{
	thread->random = thread->random * 6364136223846793005U + 1442695040888963407U;
	return (uint32_t)((thread->random >> 32) * limit >> 32);
}

static void send_elsewhere(struct server_thread *thread, const struct port *port,
			   const struct sockaddr_in6 *to, const uint8_t *data, size_t len)
{
	size_t to_len = to->sin6_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof *to;

	if (sendto(port->elsewhere, data, len, 0, (const struct sockaddr *)to, (socklen_t)to_len) <
	    0)
		thread->tally.send_errors++;
}

/* Answers that must not count, each like the true one but for its ID, its question, or where it
 * comes from. */
static void send_forgeries(struct server_thread *thread, struct port *port,
			   const struct sockaddr_in6 *to, const uint8_t *true_answer, size_t len)
{
	uint8_t forged[REPLY_MAX];

	for (unsigned i = 0; i < thread->settings->forging.before; i++) {
		memcpy(forged, true_answer, len);
		thread->tally.forged++;
		if (i % 3 == 0)
			forge_id(forged, below(thread, 65536));
		else if (i % 3 == 1)
			forge_question(forged);
		if (i % 3 == 2)
			send_elsewhere(thread, port, to, forged, len);
		else
			outbox_add(port->outbox, to, NULL, forged, len);
	}
}

static void answer(struct server_thread *thread, struct port *port, const struct sockaddr_in6 *to,
		   uint32_t address, const uint8_t *query, const struct asking *asking,
		   bool overloaded)
{
	const struct in_addr *source =
		thread->places ? &thread->settings->addresses[address].in.sin_addr : NULL;
	uint8_t out[REPLY_MAX];
	size_t len = reply_write(out, query, asking, &thread->settings->shares, false, overloaded);

	thread->tally.answers++;
	thread->tally.servfail += (out[3] & 15) == 2;
	thread->tally.truncated += (out[2] & 2) != 0;
	port->used = true;
	if (port->elsewhere < 0) {
		outbox_add(port->outbox, to, source, out, len);
		return;
	}
	send_forgeries(thread, port, to, out, len);
	switch (forge_fate(&thread->settings->forging, asking)) {
	case FORGE_NOT:
		break;
	case FORGE_GARBLED:
		len = forge_cut(out, asking);
		break;
	case FORGE_MISMATCHED:
		forge_question(out);
		break;
	case FORGE_ELSEWHERE:
		send_elsewhere(thread, port, to, out, len);
		return;
	}
	outbox_add(port->outbox, to, source, out, len);
}

/* Above its limit an address is overloaded (GCRA, as in the limiter of the scanner). */
static bool over_limit(struct server_thread *thread, uint32_t address, int64_t now_ns)
{
	int64_t *due = &thread->limit_due[address];

	if (*due < now_ns)
		*due = now_ns;
	if (*due - now_ns > LIMIT_BURST_NS)
		return true;
	*due += thread->limit_cost_ns;
	return false;
}

static void count_query(struct server_thread *thread, const struct asking *asking, uint32_t address)
{
	struct tally *tally = &thread->tally;

	tally->queries++;
	tally->cd0 += !asking->cd;
	tally->cd1 += asking->cd;
	tally->edns += asking->edns;
	tally->dnssec_ok += asking->dnssec_ok;
	if (thread->settings->order_check) {
		uint64_t pair = (asking->hash + address) * 0x9e3779b97f4a7c15U;

		if (!asking->cd)
			order_saw(pair);
		else if (!order_seen(pair))
			tally->cd1_before_cd0++;
	}
}

static void take_query(struct server_thread *thread, unsigned port, uint32_t address,
		       const struct arrival *arrival, const uint8_t *query, size_t len,
		       int64_t now_ns)
{
	const struct settings *settings = thread->settings;
	struct asking asking;
	bool overloaded = false;
	int64_t wait_ns;
	struct held *held;

	if (arrival->time_ns)
		tally_arrival(&thread->tally, address, arrival->time_ns / NS_PER_MS);
	if (!reply_read(query, len, &asking)) {
		thread->tally.malformed++;
		return;
	}
	count_query(thread, &asking, address);
	if (settings->flood)
		flood_saw(settings->flood, thread->ports[port].fd, arrival->from, query,
			  asking.question_end);
	if (settings->loss && below(thread, 100) < settings->loss) {
		thread->tally.lost++;
		return;
	}
	if (settings->limit && over_limit(thread, address, now_ns)) {
		thread->tally.overloaded++;
		if (settings->limit_drops)
			return;
		overloaded = true;
	}
	if (!thread->wheel) {
		answer(thread, &thread->ports[port], arrival->from, address, query, &asking,
		       overloaded);
		return;
	}
	wait_ns = settings->delay_ms * NS_PER_MS;
	if (settings->jitter_ms)
		wait_ns += below(thread, settings->jitter_ms * 1000) * NS_PER_US;
	held = wheel_put(thread->wheel, now_ns + wait_ns);
	if (!held)
		return;
	held->port = (uint16_t)port;
	held->local = (uint16_t)address;
	held->overloaded = overloaded;
	held->from = *arrival->from;
	held->asking = asking;
	memcpy(held->query, query, asking.question_end);
}

static void receive(struct server_thread *thread, unsigned port, int64_t now_ns)
{
	unsigned count = inbox_receive(thread->inbox, thread->ports[port].fd);

	thread->tally.receives++;
	for (unsigned i = 0; i < count; i++) {
		uint32_t address = thread->ports[port].address;
		struct arrival arrival;

		inbox_arrival(thread->inbox, i, &arrival);
		if (thread->places)
			address = find_address(thread, arrival.to);
		if (address == UINT32_MAX || arrival.segment == 0)
			continue;
		thread->tally.trains_in += arrival.len > arrival.segment;
		for (size_t at = 0; at < arrival.len; at += arrival.segment) {
			size_t left = arrival.len - at;

			take_query(thread, port, address, &arrival, arrival.data + at,
				   left < arrival.segment ? left : arrival.segment, now_ns);
		}
	}
}

static void send_answers(struct server_thread *thread, int64_t now_ns)
{
	struct held *held;

	while (thread->wheel && (held = wheel_take(thread->wheel, now_ns)))
		answer(thread, &thread->ports[held->port], &held->from, held->local, held->query,
		       &held->asking, held->overloaded);
	for (unsigned i = 0; i < thread->port_count; i++) {
		uint64_t trains, errors;

		if (!thread->ports[i].used)
			continue;
		thread->ports[i].used = false;
		outbox_flush(thread->ports[i].outbox);
		outbox_counts(thread->ports[i].outbox, &trains, &errors);
		thread->tally.trains_out += trains;
		thread->tally.send_errors += errors;
	}
}

/* Sleeps until there is a query, an answer is due, or it is told to stop (then -1). */
static int wait_for_work(struct server_thread *thread, struct epoll_event *events, int max,
			 int64_t now_ns)
{
	int64_t next_ns = thread->wheel ? wheel_next_ns(thread->wheel) : INT64_MAX;
	int64_t sleep_ns = next_ns > now_ns ? next_ns - now_ns : 0;
	struct timespec sleep = {.tv_sec = sleep_ns / NS_PER_S, .tv_nsec = sleep_ns % NS_PER_S};
	int count = epoll_pwait2(thread->epoll, events, max, next_ns == INT64_MAX ? NULL : &sleep,
				 NULL);

	for (int i = 0; i < count; i++)
		if (events[i].data.u32 == UINT32_MAX)
			return -1;
	return count < 0 && errno == EINTR ? 0 : count; /* stopped, and continued */
}

void *server_thread_run(void *argument)
{
	struct server_thread *thread = argument;
	bool wants_time = thread->wheel || thread->settings->limit;
	int64_t now_ns = clock_mono_ns();

	for (;;) {
		struct epoll_event events[SERVER_SOCKETS_MAX + 1];
		int count = wait_for_work(thread, events, SERVER_SOCKETS_MAX + 1, now_ns);

		if (count < 0)
			return NULL;
		if (wants_time)
			now_ns = clock_mono_ns();
		for (int i = 0; i < count; i++) {
			receive(thread, events[i].data.u32, now_ns);
			if (!thread->wheel)
				send_answers(thread, now_ns);
		}
		if (thread->wheel)
			send_answers(thread, now_ns);
	}
}
