/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/evidence/standing.h"

#include <stdlib.h>
#include <string.h>

#include "io/clock.h"
#include "io/hash.h"
#include "io/random.h"
#include "scanner/dns/dname.h"

#define NEAR 8 /* places in the table that one address may have */
/* Whoever was asked that lately keeps its place, or its pace would begin anew. */
#define KEEP_NS (2 * NS_PER_S)

struct standings {
	struct engine *engine;
	struct standing *list;
	uint64_t *heard; /* hashes of servers and zones; 0: none */
	uint64_t secret;
	int64_t cut_off_ns; /* silence before that is none */
};

/* ---- the table ---- */

/* The i-th place of an address with that hash. */
static struct standing *place(const struct standings *standings, uint64_t hash, unsigned i)
{
	return &standings->list[(hash + i) & (STANDINGS - 1)];
}

struct standing *standings_find(const struct standings *standings, const struct addr *addr)
{
	uint64_t hash = addr_hash(addr, standings->secret);

	for (unsigned i = 0; i < NEAR; i++) {
		struct standing *standing = place(standings, hash, i);

		if (standing->addr.len != 0 && addr_equal(&standing->addr, addr))
			return standing;
	}
	return NULL;
}

static bool is_free(const struct standing *standing, int64_t now_ns)
{
	return standing->load == 0 &&
	       (standing->addr.len == 0 || now_ns - standing->asked_ns > KEEP_NS);
}

struct standing *standings_make(struct standings *standings, const struct addr *addr)
{
	struct standing *oldest = standings_find(standings, addr);
	uint64_t hash = addr_hash(addr, standings->secret);
	int64_t now_ns = engine_now_ns(standings->engine);

	if (oldest != NULL) {
		oldest->heard_ns = now_ns;
		return oldest;
	}
	for (unsigned i = 0; i < NEAR; i++) {
		struct standing *standing = place(standings, hash, i);

		if (is_free(standing, now_ns) &&
		    (oldest == NULL || standing->heard_ns < oldest->heard_ns))
			oldest = standing;
	}
	if (oldest == NULL)
		return NULL;
	if (oldest->destination >= 0)
		engine_redirect(standings->engine, oldest->destination, addr);
	else
		oldest->destination =
			engine_destination(standings->engine, addr, &oldest->pace, false);
	if (oldest->destination < 0)
		return NULL;
	oldest->addr = *addr;
	oldest->heard_ns = now_ns;
	oldest->asked_ns = 0;
	oldest->mute_zones = oldest->zones = oldest->answers = oldest->names = 0;
	oldest->asked = oldest->lost = 0;
	oldest->finding = NULL;
	return oldest;
}

struct standings *standings_create(struct engine *engine, double server_qps)
{
	struct standings *standings = calloc(1, sizeof(*standings));
	struct random random = RANDOM_INIT;

	if (standings == NULL)
		return NULL;
	standings->engine = engine;
	standings->secret = random_u64(&random);
	standings->list = aligned_alloc(64, STANDINGS * sizeof(struct standing));
	standings->heard = calloc(STANDING_ZONES, sizeof(uint64_t));
	if (standings->list == NULL || standings->heard == NULL) {
		standings_destroy(&standings);
		return NULL;
	}
	memset(standings->list, 0, STANDINGS * sizeof(struct standing));
	for (uint32_t i = 0; i < STANDINGS; i++) {
		standings->list[i].destination = -1;
		pace_init(&standings->list[i].pace, server_qps, engine_now_ns(engine));
	}
	return standings;
}

void standings_destroy(struct standings **standings)
{
	if (*standings == NULL)
		return;
	free((*standings)->list);
	free((*standings)->heard);
	free(*standings);
	*standings = NULL;
}

/* ---- what is lost on the way to them ---- */

/* What is older than that counts for half. */
#define ASKED_OF_LATE 64

void standing_tried(struct standing *to, const uint8_t *qname, bool answered)
{
	to->asked++;
	to->lost += !answered;
	if (answered)
		to->names |= 1u << (hash_octets(qname, dname_len(qname), 0) & 31);
	if (to->asked >= ASKED_OF_LATE) {
		to->asked /= 2;
		to->lost /= 2;
	}
}

bool standings_all_lose(const struct standings *standings)
{
	unsigned losing = 0;

	for (uint32_t i = 0; i < STANDINGS; i++) {
		const struct standing *to = &standings->list[i];

		if (to->addr.len == 0 || to->asked < STANDING_QUESTIONS ||
		    __builtin_popcount(to->names) < STANDING_NAMES)
			continue;
		if (to->lost * 3 < to->asked)
			return false;
		losing++;
	}
	return losing >= STANDING_LOSING;
}

/* ---- what they are known for ---- */

void standings_forget_mute(struct standings *standings)
{
	standings->cut_off_ns = engine_now_ns(standings->engine);
}

bool standing_is_mute(const struct standings *standings, const struct standing *standing)
{
	return standing->mute_zones >= STANDING_MUTE && standing->mute_ns > standings->cut_off_ns &&
	       engine_now_ns(standings->engine) - standing->mute_ns < STANDING_MUTE_NS;
}

static uint64_t zone_hash(const struct standings *standings, const uint8_t *zone)
{
	return hash_octets(zone, dname_len(zone), standings->secret);
}

struct reputation standings_reputation(const struct standings *standings, const struct addr *addr,
				       const uint8_t *zone)
{
	const struct standing *standing = standings_find(standings, addr);
	struct reputation none = {.finding = NULL};

	if (standing == NULL)
		return none;
	if (standing_is_mute(standings, standing))
		return (struct reputation){
			.finding = "ns-timeout", .zones = standing->mute_zones, .mute = true};
	if (standing->zones < STANDING_SAME || zone_hash(standings, zone) % STANDING_SAMPLE == 0)
		return (struct reputation){.steady = standing->zones >= STANDING_STEADY};
	return (struct reputation){.finding = standing->finding, .zones = standing->zones};
}

/* Outcomes that are the server's way with zones, not the zones' own faults. */
static bool of_server(const char *finding)
{
	static const char *const findings[] = {
		"ns-refused", "ns-timeout",	      "ns-unreachable",	    "zone-not-loaded",
		"ns-error",   "ns-not-authoritative", "ns-upward-referral", "ns-other-zone"};

	for (size_t i = 0; i < sizeof(findings) / sizeof(findings[0]); i++)
		if (strcmp(findings[i], finding) == 0)
			return true;
	return false;
}

/* ... that show that it answers over UDP. */
static bool over_udp(const char *finding)
{
	static const char *const silent[] = {"ns-timeout", "ns-unreachable", "udp-blocked",
					     "no-route", "not-asked"};

	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++)
		if (strcmp(silent[i], finding) == 0)
			return false;
	return true;
}

static uint64_t *heard_at(const struct standings *standings, uint64_t hash)
{
	return &standings->heard[hash & (STANDING_ZONES - 1)];
}

static uint64_t server_hash(const struct standings *standings, const struct addr *addr,
			    const uint8_t *zone)
{
	return addr_hash(addr, zone_hash(standings, zone));
}

enum heard standings_heard(const struct standings *standings, const struct addr *addr,
			   const uint8_t *zone)
{
	const struct standing *standing = standings_find(standings, addr);
	uint64_t hash = server_hash(standings, addr, zone);

	if (*heard_at(standings, hash) == hash)
		return HEARD_OF_ZONE;
	return standing != NULL && standing->answers > 0 ? HEARD_ELSEWHERE : HEARD_NEVER;
}

void standings_report(struct standings *standings, const struct addr *addr, const uint8_t *zone,
		      const char *finding)
{
	struct standing *standing = standings_make(standings, addr);
	uint64_t hash = zone_hash(standings, zone);
	bool again;

	if (standing == NULL)
		return;
	if (over_udp(finding))
		*heard_at(standings, server_hash(standings, addr, zone)) =
			server_hash(standings, addr, zone);
	again = hash == standing->last_zone && standing->finding != NULL;
	standing->last_zone = hash;
	if (strcmp(finding, "ns-timeout") == 0) {
		standing->mute_zones += !again;
		standing->mute_ns = engine_now_ns(standings->engine);
	} else {
		standing->mute_zones = 0;
	}
	if (!of_server(finding)) {
		standing->finding = NULL;
		standing->zones = 0;
	} else if (standing->finding != NULL && strcmp(standing->finding, finding) == 0) {
		standing->zones += !again;
	} else {
		standing->finding = finding;
		standing->zones = 1;
	}
}
