/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/evidence/asker_inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/clock.h"
#include "scanner/ask/lookout.h"

/* ---- servers ---- */

static void stray(void *owner, const struct addr *from, const uint8_t *data, size_t len)
{
	const struct asker *asker = owner;
	struct standing *standing;

	standing = standings_find(asker->standings, from);
	if (standing == NULL)
		return;
	if (len < MESSAGE_HEADER || !(data[2] & 0x80)) /* QR */
		standing->garbage++;
	else
		standing->strays++;
}

static struct reputation reputation(void *owner, const struct addr *addr, const uint8_t *zone)
{
	const struct asker *asker = owner;

	return standings_reputation(asker->standings, addr, zone);
}

static void report(void *owner, const struct addr *addr, const uint8_t *zone, const char *finding)
{
	const struct asker *asker = owner;

	standings_report(asker->standings, addr, zone, finding);
}

static enum heard heard(void *owner, const struct addr *addr, const uint8_t *zone)
{
	const struct asker *asker = owner;

	return standings_heard(asker->standings, addr, zone);
}

static uint16_t epoch(void *owner, int64_t max_age_ns)
{
	struct asker *asker = owner;

	return outlook_epoch(&asker->outlook, max_age_ns, engine_now_ns(asker->engine));
}

static void reached(void *owner, const struct reach *reach)
{
	struct asker *asker = owner;

	if (outlook_found(&asker->outlook, reach, engine_now_ns(asker->engine)))
		standings_forget_mute(asker->standings);
}

/* So long it is taken to be as it was. */
#define LOSING_NS NS_PER_S

static bool lossy(void *owner)
{
	struct asker *asker = owner;
	int64_t now_ns = engine_now_ns(asker->engine);

	if (now_ns - asker->losing_ns > LOSING_NS) {
		asker->losing = standings_all_lose(asker->standings);
		asker->losing_ns = now_ns;
	}
	return asker->losing || outlook_is_lossy(&asker->outlook);
}

static bool streams(void *owner)
{
	const struct asker *asker = owner;

	return asker->streams;
}

bool asker_sees(const struct asker *asker)
{
	return asker->outlook.reach.ipv4 || asker->outlook.reach.ipv6;
}

/* Whoever answered so lately is heard. */
#define HEARD_NS NS_PER_S

bool asker_is_idle(const struct asker *asker)
{
	return !engine_is_paced(asker->engine) &&
	       engine_room(asker->engine) > asker->config.window / 2;
}

bool asker_is_cut_off(const struct asker *asker)
{
	const int64_t *heard_ns = asker->outlook.heard_ns;
	int64_t last_ns = heard_ns[0] > heard_ns[1] ? heard_ns[0] : heard_ns[1];

	return asker->config.lookout != NULL && lookout_doubts(asker->config.lookout) &&
	       engine_now_ns(asker->engine) - last_ns > HEARD_NS;
}

/* ---- the asker ---- */

/* Does the kernel know a way to the root's servers of that family? Nothing is sent. */
static bool no_way(const struct hints *hints, sa_family_t family)
{
	for (unsigned i = 0; i < hints->count; i++)
		for (unsigned a = 0; a < hints->server[i].addr_count; a++) {
			const struct addr *addr = &hints->server[i].addr[a];
			int fd, error;

			if (addr->sa.sa_family != family)
				continue;
			fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
			error = fd < 0 ? -1 : connect(fd, &addr->sa, addr->len);
			if (fd >= 0)
				close(fd);
			return error != 0;
		}
	return false; /* the hints do not tell */
}

static bool add_relays(struct asker *asker)
{
	const struct asker_config *config = &asker->config;

	assert(config->relay_count <= RELAYS_MAX);
	asker->relay = aligned_alloc(64, RELAYS_MAX * sizeof(struct standing));
	if (asker->relay == NULL)
		return false;
	memset(asker->relay, 0, RELAYS_MAX * sizeof(struct standing));
	for (unsigned i = 0; i < config->relay_count; i++) {
		const struct asker_relay *relay = &config->relays[i];

		asker->relays[i] = relay->relay;
		asker->relay_stream[i] = relay->stream;
		asker->relay[i].addr = relay->relay.addr;
		asker->relay[i].destination =
			engine_destination(asker->engine, &relay->relay.addr, relay->pace, false);
		if (asker->relay[i].destination < 0 ||
		    (relay->tls != NULL &&
		     !engine_secure(asker->engine, asker->relay[i].destination, relay->tls,
				    relay->identity)))
			return false;
	}
	return true;
}

struct asker *asker_create(const struct asker_config *config)
{
	struct asker *asker = calloc(1, sizeof(*asker));
	struct engine_config engine = {
		.base = config->base,
		.window = config->window,
		.pace = config->pace,
		.patience = asker_patiences,
		.patience_count = ASKER_PATIENCES,
		.ports = 8,
		.sources = config->sources,
		.source_count = config->source_count,
		.connections = 1,
		.pause_ns = 5 * NS_PER_MS,
		.stray = stray,
		.stray_owner = asker,
	};

	if (asker == NULL)
		return NULL;
	asker->config = *config;
	outlook_init(&asker->outlook);
	errands_init(&asker->waiting);
	for (int i = 0; i < ASKER_DELAYS; i++)
		errands_init(&asker->later[i]);
	asker->engine = engine_create(&engine);
	if (asker->engine != NULL)
		asker->standings = standings_create(asker->engine, config->server_qps);
	if (asker->standings == NULL || !add_relays(asker)) {
		asker_destroy(&asker);
		return NULL;
	}
	asker->no_ipv4 = no_way(config->hints, AF_INET);
	asker->no_ipv6 = no_way(config->hints, AF_INET6);
	asker->world = (struct world){.owner = asker,
				      .ask = asker_ask,
				      .reputation = reputation,
				      .report = report,
				      .heard = heard,
				      .epoch = epoch,
				      .reached = reached,
				      .lossy = lossy,
				      .streams = streams,
				      .hints = config->hints,
				      .glue = config->glue,
				      .relays = asker->relays,
				      .relay_count = config->relay_count,
				      .port = config->port};
	return asker;
}

void asker_destroy(struct asker **asker)
{
	struct asker *a = *asker;

	if (a == NULL)
		return;
	engine_destroy(&a->engine);
	while (a->spare != NULL) {
		struct errand *errand = a->spare;

		a->spare = errand->next;
		free(errand);
	}
	standings_destroy(&a->standings);
	free(a->relay);
	free(a);
	*asker = NULL;
}

const struct world *asker_world(const struct asker *asker)
{
	return &asker->world;
}

int64_t asker_now_ns(const struct asker *asker)
{
	return engine_now_ns(asker->engine);
}

uint64_t asker_sent(const struct asker *asker)
{
	const struct engine_counters *counters = engine_counters(asker->engine);

	return atomic_load_explicit(&counters->sent, memory_order_relaxed) +
	       atomic_load_explicit(&counters->sent_again, memory_order_relaxed);
}
