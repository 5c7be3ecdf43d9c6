/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The UDP half of the engine: ports, trains of queries out, batches of answers in.
 */
#include "scanner/ask/engine_inside.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/clock.h"
#include "scanner/dns/casing.h"

/* Octets of receive buffer asked for each socket; the kernel may give less. */
#define RCVBUF (4 * 1024 * 1024)
/* So often a datagram is sent again at once when the error may be another's. */
#define SEND_AGAIN 3
/* So many IDs are drawn before a port counts as full: where half are free, all of these are taken
 * once in 2^35 times. */
#define DRAWS 35

/* ---- out ---- */

static const struct port_set *ports_of(const struct engine *engine, const struct destination *to)
{
	return to->connected ? &to->own : &engine->shared[to->addr.sa.sa_family == AF_INET6];
}

/* Channels number the ports: those that all share, IPv4 then IPv6, then those of each destination.
 */
static struct port *port_of(struct engine *engine, uint32_t channel)
{
	uint32_t ports = (uint32_t)engine->config.ports, set = channel / ports;

	return &(set < 2 ? &engine->shared[set] : &engine->destinations[set - 2]->own)
			->list[channel % ports];
}

/* What the kernel may say of a datagram though it means an older one, whoever that was for: the
 * ICMP error waiting at the socket (ip(7), IP_RECVERR). Saying it clears it. */
static bool is_of_another(int error)
{
	return error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH ||
	       error == EHOSTDOWN || error == ENONET || error == EACCES || error == EPROTO ||
	       error == ENOPROTOOPT || error == EOPNOTSUPP || error == EMSGSIZE;
}

bool engine_udp_flush(struct engine *engine)
{
	struct udp_outbox *out = &engine->outbox;
	const uint32_t *slots = engine->out_slots;
	unsigned message = 0, at = 0, again = 0;
	bool room = true;

	assert(out->count == 0 || engine->out_port != NULL);
	while (message < out->count) {
		int error;
		unsigned sent = udp_send(engine->out_port->fd, out, message, &error);

		again = sent > 0 ? 0 : again;
		for (; sent > 0; sent--, message++) {
			COUNT(engine, trains, out->datagrams[message] > 1);
			COUNT(engine, sent, out->datagrams[message]);
			engine->moved += out->datagrams[message];
			/* The kernel was busy with other memory meanwhile. */
			for (unsigned i = 0; i < out->datagrams[message]; i++)
				inflight_fetch(&engine->inflight, slots[at + i]);
			for (unsigned i = 0; i < out->datagrams[message]; i++, at++) {
				COUNT(engine, sent_again,
				      engine->inflight.slots[slots[at]].query.tries > 0);
				engine_event(engine, slots[at], QUERY_SENT, NULL);
			}
		}
		if (error == 0 || (is_of_another(error) && again++ < SEND_AGAIN))
			continue;
		again = 0;
		COUNT(engine, send_errors, 1);
		if ((error == EIO || error == EINVAL) && out->datagrams[message] > 1) {
			engine->trains = false; /* no checksum offload on the way, or a kernel
						   without them */
			error = EAGAIN;
		}
		room = error != EAGAIN && error != EWOULDBLOCK && error != ENOBUFS &&
		       error != ENOMEM;
		if (!room)
			break;
		/* netfilter has dropped it, be it that its table of connections is full */
		for (unsigned i = 0; i < out->datagrams[message]; i++)
			engine_event(engine, slots[at++],
				     error == EPERM ? QUERY_HELD_BACK : QUERY_UNSENDABLE, NULL);
		message++;
	}
	if (!room)
		engine_take_back(engine, slots + at, engine->out_count - at);
	udp_outbox_clear(out);
	engine->out_count = 0;
	return room;
}

static bool put_query(struct engine *engine, struct destination *to, uint32_t slot)
{
	struct slot *s = &engine->inflight.slots[slot];
	struct question question = slot_question(s);
	uint8_t *room = udp_outbox_add(&engine->outbox, to->connected ? NULL : &to->addr,
				       message_query_len(&question, s->ask), engine->trains);

	if (room == NULL)
		return false;
	message_query(room, engine->inflight.slots[slot].id, &question, s->ask);
	if (s->ask & ASK_CASED)
		casing_write(room + MESSAGE_HEADER, s->qname, s->qname_len, s->lots);
	if (s->query.tries == 0)
		s->strangers = *to->strangers;
	s->sent_ns = engine->now_ns;
	return true;
}

void engine_udp_order(const struct engine *engine, uint32_t *slots, unsigned count)
{
	uint16_t starts[MESSAGE_QNAME_MAX + 2] = {0};
	uint32_t ordered[ENGINE_CHUNK];
	const struct slot *all = engine->inflight.slots;
	bool in_order = true;

	for (unsigned i = 1; i < count && in_order; i++)
		in_order = all[slots[i]].qname_len == all[slots[i - 1]].qname_len;
	if (in_order)
		return;
	for (unsigned i = 0; i < count; i++)
		starts[all[slots[i]].qname_len + 1]++;
	for (unsigned i = 1; i < MESSAGE_QNAME_MAX + 2; i++)
		starts[i] = (uint16_t)(starts[i] + starts[i - 1]);
	for (unsigned i = 0; i < count; i++)
		ordered[starts[all[slots[i]].qname_len]++] = slots[i];
	memcpy(slots, ordered, count * sizeof(*slots));
}

/* Enters the slot under that ID, or the first of so many others that is free. False: the channel
 * has next to none left. */
static bool draw_id(struct engine *engine, uint32_t slot, uint32_t channel, uint16_t id)
{
	for (int draws = 0; draws < DRAWS; draws++) {
		if (inflight_enter(&engine->inflight, slot, channel, id))
			return true;
		id = random_u16(&engine->random);
	}
	return false;
}

/* Draws IDs for first tries; one drawn for a batch that was taken back stays. A round that only
 * fetches comes first. */
static unsigned enter_all(struct engine *engine, const uint32_t *slots, unsigned count,
			  uint32_t channel)
{
	struct inflight *in = &engine->inflight;
	uint16_t ids[ENGINE_CHUNK];

	for (unsigned i = 0; i < count; i++) {
		ids[i] = random_u16(&engine->random);
		inflight_prefetch(in, channel, ids[i]);
	}
	for (unsigned i = 0; i < count; i++) {
		const struct slot *s = &in->slots[slots[i]];

		if (s->entered && s->channel == channel)
			continue;
		inflight_leave(in, slots[i]);
		if (!draw_id(engine, slots[i], channel, ids[i]))
			return i;
	}
	return count;
}

unsigned engine_udp_enter(struct engine *engine, const struct destination *to,
			  const uint32_t *slots, unsigned count)
{
	const struct port_set *set = ports_of(engine, to);

	if (set->list == NULL || count == 0)
		return count;
	return enter_all(engine, slots, count, set->list[engine->turn_port].channel);
}

bool engine_udp_put(struct engine *engine, struct destination *to, const uint32_t *slots,
		    unsigned count)
{
	/* The ports could not be opened. */
	if (ports_of(engine, to)->list == NULL) {
		for (unsigned i = 0; i < count; i++)
			engine_event(engine, slots[i], QUERY_UNSENDABLE, NULL);
		return true;
	}
	for (unsigned i = 0; i < count; i++) {
		uint32_t channel = engine->inflight.slots[slots[i]].channel;

		if (engine->out_port == NULL || channel != engine->out_port->channel ||
		    !put_query(engine, to, slots[i])) {
			if (!engine_udp_flush(engine)) {
				engine_take_back(engine, slots + i, count - i);
				return false;
			}
			engine->out_port = port_of(engine, channel);
			(void)put_query(engine, to, slots[i]);
		}
		engine->out_slots[engine->out_count++] = slots[i];
	}
	return true;
}

/* ---- in ---- */

/* Of a connected port: what comes in by it comes from its destination. */
static uint32_t *strangers_of(const struct port *port)
{
	uint32_t set = port->channel / (uint32_t)port->engine->config.ports;

	return port->engine->destinations[set - 2]->strangers;
}

static void datagram_in(const struct port *port, const struct addr *from, const uint8_t *data,
			size_t len)
{
	struct engine *engine = port->engine;
	struct slot *s;
	uint32_t slot;

	if (len < 2) {
		COUNT(engine, malformed, 1);
		return;
	}
	slot = inflight_find(&engine->inflight, port->channel, message_id(data, len));
	if (slot == SLOT_NONE) {
		if (!engine_stray(engine, port->channel, message_id(data, len)))
			return;
		++*(from != NULL ? engine_strangers(engine, from) : strangers_of(port));
		if (engine->config.stray != NULL && from != NULL)
			engine->config.stray(engine->config.stray_owner, from, data, len);
		return;
	}
	s = &engine->inflight.slots[slot];
	if (from != NULL && !addr_equal(from, &engine->destinations[s->destination]->addr)) {
		COUNT(engine, wrong_address, 1);
		engine_event(engine, slot, QUERY_MISMATCHED, NULL);
		return;
	}
	engine_message(engine, slot, false, data, len);
}

static void datagrams_in(void *owner, const struct udp_datagram *datagrams, unsigned count)
{
	const struct port *port = owner;
	struct engine *engine = port->engine;
	uint16_t ids[UDP_BATCH];

	COUNT(engine, received, count);
	engine->moved += count;
	for (unsigned i = 0; i < count; i++)
		ids[i] = message_id(datagrams[i].data, datagrams[i].len);
	engine_fetch(engine, port->channel, ids, count);
	for (unsigned i = 0; i < count; i++)
		datagram_in(port, port->connected ? NULL : datagrams[i].from, datagrams[i].data,
			    datagrams[i].len);
}

static void read_errors(struct engine *engine, const struct port *port)
{
	struct udp_error error;

	for (int i = 0; i < UDP_BATCH && udp_next_error(port->fd, &error); i++) {
		uint32_t slot;

		COUNT(engine, icmp, 1);
		if (error.head_len < 2) {
			engine_reject(engine, &error.to);
			continue;
		}
		slot = inflight_find(&engine->inflight, port->channel,
				     (uint16_t)(error.head[0] << 8 | error.head[1]));
		if (slot != SLOT_NONE &&
		    addr_equal(
			    &error.to,
			    &engine->destinations[engine->inflight.slots[slot].destination]->addr))
			engine_event(engine, slot, QUERY_CLOSED, NULL);
	}
}

static void port_readable(evutil_socket_t fd, short what, void *arg)
{
	struct port *port = arg;
	struct engine *engine = port->engine;

	(void)what;
	engine->now_ns = clock_mono_ns();
	for (int i = 0; i < UDP_BATCH; i++) {
		unsigned got =
			udp_receive(fd, &engine->inbox, !port->connected, datagrams_in, port);

		if (engine->inbox.errors || (got == 0 && i == 0))
			read_errors(engine, port);
		if (got < UDP_BATCH)
			break;
	}
}

/* ---- ports ---- */

void engine_ports_close(struct port_set *set, int count)
{
	for (int i = 0; set->list != NULL && i < count; i++) {
		struct port *port = &set->list[i];

		if (port->event != NULL)
			event_free(port->event);
		if (port->fd >= 0)
			close(port->fd);
	}
	free(set->list);
	set->list = NULL;
}

static bool open_port(struct engine *engine, struct port *port, const struct destination *to)
{
	int family = to->addr.sa.sa_family;

	port->fd = udp_open(family, engine_source(engine, family, port->channel), RCVBUF);
	if (port->fd < 0 || (port->connected && connect(port->fd, &to->addr.sa, to->addr.len) != 0))
		return false;
	if (engine->config.trains)
		(void)udp_enable_gro(port->fd);
	port->event =
		event_new(engine->config.base, port->fd, EV_READ | EV_PERSIST, port_readable, port);
	return port->event != NULL && event_add(port->event, NULL) == 0;
}

/* All or nothing; a set that cannot be opened stays closed, and its queries come back as
 * unreachable. */
void engine_ports_open(struct engine *engine, struct destination *to)
{
	int count = engine->config.ports, v6 = to->addr.sa.sa_family == AF_INET6;
	struct port_set *set = to->connected ? &to->own : &engine->shared[v6];
	uint32_t number = to->connected ? 2 + (uint32_t)to->index : (uint32_t)v6;

	if (set->list != NULL || set->failed)
		return;
	set->list = calloc((size_t)count, sizeof(struct port));
	if (set->list == NULL)
		return;
	for (int i = 0; i < count; i++)
		set->list[i] = (struct port){
			.engine = engine,
			.fd = -1,
			.channel = number * (uint32_t)count + (uint32_t)i,
			.connected = to->connected,
		};
	for (int i = 0; i < count && !set->failed; i++)
		set->failed = !open_port(engine, &set->list[i], to);
	if (set->failed)
		engine_ports_close(set, count);
}
