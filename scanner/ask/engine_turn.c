/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A turn of the engine: what is ready is sent as far as the limiters let it, what has come is read,
 * and who has waited too long is told.
 */
#include "scanner/ask/engine_inside.h"

#include <errno.h>
#include <time.h>

#include "io/clock.h"

/* So many datagrams in a turn, or queries in flight, are load: then wait for the tick instead of
 * for each answer. */
#define BUSY_MOVED  16
#define BUSY_FLIGHT 256
#define FULL_FLIGHT 1000
/* So many datagrams are a good batch. Threads that share what the far side can do would each wake
 * up for a part of one. But no more than such a part of what is in flight: who waits for a tick
 * takes up the window. */
#define GOOD_BATCH  512
#define FLIGHT_PART 8
/* The longest wait for the network when something is ready but not yet paid for. */
#define PACED_NS 500000LL

/* ---- sending, as far as the limiters let it ---- */

/* What could not be sent waits at the head of its list; its tokens go back. */
void engine_take_back(struct engine *engine, const uint32_t *slots, unsigned count)
{
	for (unsigned i = count; i > 0; i--) {
		engine_make_ready(engine, slots[i - 1], true);
		pace_return(engine_destination_of(engine, slots[i - 1])->pace, 1);
	}
	pace_return(engine->config.pace, count);
	engine->paced = true;
}

static unsigned take(struct engine *engine, const struct ready_list *list, uint32_t *slots,
		     uint32_t count)
{
	unsigned taken = 0;

	while (taken < count && list->count > 0) {
		slots[taken++] = list->head;
		engine_unready(engine, list->head);
	}
	return taken;
}

/* Sends up to `count` of what is ready for a destination through the ports with that number: later
 * tries, and if it is the turn's, first ones, as long as the port has IDs for them. How many were
 * dealt with: they may be in the outbox, or taken back. */
static uint32_t send_through(struct engine *engine, struct destination *to, uint32_t port,
			     uint32_t count)
{
	uint32_t slots[ENGINE_CHUNK], taken = 0;
	unsigned chunk;
	bool room = true;

	do {
		uint32_t most = count - taken < ENGINE_CHUNK ? count - taken : ENGINE_CHUNK;

		chunk = take(engine, &to->again[port], slots, most);
		if (port == engine->turn_port) {
			unsigned first =
				take(engine, &to->ready[READY_UDP], slots + chunk, most - chunk);
			unsigned entered = engine_udp_enter(engine, to, slots + chunk, first);

			room = entered == first;
			if (!room)
				engine_take_back(engine, slots + chunk + entered, first - entered);
			taken += first - entered;
			chunk += entered;
		}
		engine_udp_order(engine, slots, chunk);
		room = engine_udp_put(engine, to, slots, chunk) && room;
		taken += chunk;
	} while (room && chunk > 0);
	return taken;
}

/*
 * What was lost keeps its port, so that a late answer to the first try still counts; sent for
 * itself it would cost a system call. Under load it waits for the turn that first tries go through
 * its port and shares their trains: config.ports ticks, which is nothing beside the time-out that
 * has passed.
 */
static uint32_t ready_over_udp(const struct engine *engine, const struct destination *to)
{
	return to->ready[READY_UDP].count +
	       (engine->busy ? to->again[engine->turn_port].count : to->again_count);
}

static uint32_t send_ready(struct engine *engine, struct destination *to, uint32_t count)
{
	uint32_t ports = (uint32_t)engine->config.ports, taken = 0;

	for (uint32_t i = engine->busy || to->again_count == 0 ? ports : 1;
	     i <= ports && taken < count; i++)
		taken += send_through(engine, to, (engine->turn_port + i) % ports, count - taken);
	return taken;
}

static void send_all(struct engine *engine)
{
	engine->paced = false;
	for (uint32_t n = engine->active_count; n > 0; n--) {
		struct destination *to = engine_next_active(engine);
		uint32_t streams = engine_stream_room(to);
		uint32_t wanted, paid, got, taken;

		if (streams > to->ready[READY_STREAM].count)
			streams = to->ready[READY_STREAM].count;
		wanted = ready_over_udp(engine, to) + streams;
		paid = pace_take(to->pace, wanted, engine->now_ns);
		got = pace_take(engine->config.pace, paid, engine->now_ns);
		taken = engine_stream_send(engine, to, got < streams ? got : streams);
		taken += send_ready(engine, to, got - taken);
		pace_return(to->pace, paid - taken);
		pace_return(engine->config.pace, got - taken);
		if (taken < wanted)
			engine->paced = true;
		engine_stream_open(engine, to);
		if (engine_ready_count(to) > 0)
			engine_activate(engine, to);
	}
	(void)engine_udp_flush(engine);
}

/* ---- a turn ---- */

/* The next tick; a full one is as long as a good batch takes at the pace of the last. */
static int64_t next_tick(struct engine *engine)
{
	uint32_t batch = engine->inflight.used / FLIGHT_PART;
	int64_t tick_ns;

	if (engine->config.pause_ns > 0)
		return engine->config.pause_ns;
	if (engine->inflight.used < FULL_FLIGHT)
		return ENGINE_TICK_NS;
	if (batch > GOOD_BATCH)
		batch = GOOD_BATCH;
	tick_ns = engine->tick_ns * batch / (engine->moved + 1);
	if (tick_ns < ENGINE_TICK_FULL_NS)
		tick_ns = ENGINE_TICK_FULL_NS;
	if (tick_ns > ENGINE_TICK_MOST_NS)
		tick_ns = ENGINE_TICK_MOST_NS;
	return engine->tick_ns = tick_ns;
}

/* Waits for the next tick under load, otherwise for the network or the next deadline; reads what
 * has come in. */
static void wait_and_read(struct engine *engine, int64_t sleep_ns)
{
	struct timespec until;
	struct timeval timeout;
	int64_t pause_ns = engine->config.pause_ns, paced_ns = pause_ns > 0 ? pause_ns : PACED_NS,
		wait, deadline;

	if (engine->moved >= BUSY_MOVED || engine->inflight.used >= BUSY_FLIGHT) {
		int64_t tick = engine->turn_ns + next_tick(engine);

		until = (struct timespec){.tv_sec = tick / NS_PER_S, .tv_nsec = tick % NS_PER_S};
		if (clock_mono_ns() < tick)
			clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
		engine->turn_ns = clock_mono_ns();
		engine->moved = 0;
		event_base_loop(engine->config.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
		return;
	}
	wait = engine->paced && sleep_ns > paced_ns ? paced_ns : sleep_ns;
	deadline = inflight_deadline(&engine->inflight);
	if (deadline - engine->now_ns < wait)
		wait = deadline > engine->now_ns ? deadline - engine->now_ns : 0;
	timeout = (struct timeval){.tv_sec = wait / NS_PER_S,
				   .tv_usec = wait % NS_PER_S / NS_PER_US + 1};
	engine->moved = 0;
	if (event_add(engine->timer, &timeout) == 0) {
		event_base_loop(engine->config.base, EVLOOP_ONCE);
	} else { /* out of memory: nothing would end the wait */
		until = (struct timespec){.tv_nsec = wait < NS_PER_MS ? wait : NS_PER_MS};
		clock_nanosleep(CLOCK_MONOTONIC, 0, &until, NULL);
		event_base_loop(engine->config.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	}
	engine->turn_ns = clock_mono_ns();
}

/* Under load each port has its turn; otherwise chance decides, which is harder to guess. */
static void begin_turn(struct engine *engine)
{
	uint32_t ports = (uint32_t)engine->config.ports;

	engine->busy = engine->inflight.used >= BUSY_FLIGHT;
	engine->turn_port = engine->busy ? (engine->turn_port + 1) % ports
					 : random_below(&engine->random, ports);
}

void engine_turn(struct engine *engine, int64_t sleep_ns)
{
	uint32_t slot;

	engine->now_ns = clock_mono_ns();
	begin_turn(engine);
	send_all(engine);
	wait_and_read(engine, sleep_ns);
	engine->now_ns = clock_mono_ns();
	while ((slot = inflight_expired(&engine->inflight, engine->now_ns)) != SLOT_NONE) {
		engine_stream_late(engine, slot);
		engine_expire(engine, slot);
	}
}
