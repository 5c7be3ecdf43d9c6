/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/lists/glue.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "io/hash.h"
#include "io/lines.h"
#include "io/random.h"
#include "scanner/dns/dname.h"
#include "scanner/lists/zonefile.h"

#define SLOTS_FIRST (1u << 12)

struct slot {
	uint64_t hash; /* its lowest bit: IPv6; 0: free */
	uint8_t octets[16];
};

struct glue {
	const char *const *files;
	int file_count;
	pthread_t thread;
	_Atomic bool stop, ready;
	bool complete;
	uint64_t secret;
	struct slot *slots;
	uint32_t mask, count;
};

/* ---- the table ---- */

static uint64_t hash_of(const struct glue *glue, const uint8_t *name, size_t len, bool ipv6)
{
	uint64_t hash = hash_octets(name, len, glue->secret) & ~UINT64_C(1);

	return (hash != 0 ? hash : 2) | ipv6;
}

static void put(struct slot *slots, uint32_t mask, const struct slot *slot)
{
	uint32_t at = (uint32_t)(slot->hash >> 32) & mask;

	while (slots[at].hash != 0)
		at = (at + 1) & mask;
	slots[at] = *slot;
}

static bool grow(struct glue *glue)
{
	uint32_t mask = glue->mask * 2 + 1;
	struct slot *slots = NULL;

	if ((mask + UINT64_C(1)) * sizeof(struct slot) <= GLUE_OCTETS)
		slots = calloc(mask + (size_t)1, sizeof(struct slot));
	if (slots == NULL)
		return false;
	for (uint32_t i = 0; i <= glue->mask; i++)
		if (glue->slots[i].hash != 0)
			put(slots, mask, &glue->slots[i]);
	free(glue->slots);
	glue->slots = slots;
	glue->mask = mask;
	return true;
}

/* False: there is no room. */
static bool add(struct glue *glue, const struct slot *slot)
{
	uint32_t at = (uint32_t)(slot->hash >> 32) & glue->mask;

	for (; glue->slots[at].hash != 0; at = (at + 1) & glue->mask)
		if (memcmp(&glue->slots[at], slot, sizeof(*slot)) == 0)
			return true;
	if ((glue->count + UINT64_C(1)) * 4 > (glue->mask + UINT64_C(1)) * 3 && !grow(glue))
		return false;
	put(glue->slots, glue->mask, slot);
	glue->count++;
	return true;
}

unsigned glue_find(const struct glue *glue, const uint8_t *name, struct addr *addrs, unsigned max,
		   uint16_t port)
{
	unsigned found = 0;

	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		uint64_t hash = hash_of(glue, name, dname_len(name), ipv6);
		uint32_t at = (uint32_t)(hash >> 32) & glue->mask;
		unsigned here = 0;

		for (; glue->slots[at].hash != 0 && here < max; at = (at + 1) & glue->mask)
			if (glue->slots[at].hash == hash) {
				addr_from_octets(&addrs[found++], glue->slots[at].octets,
						 ipv6 ? 16 : 4, port);
				here++;
			}
	}
	return found;
}

/* ---- the files ---- */

static bool take(struct glue *glue, const struct zonefile_name *record)
{
	const char *text = strchr(record->records, ' ') + 1;
	bool ipv6 = record->records[1] == 'A';
	char address[INET6_ADDRSTRLEN];
	size_t len = record->records_len - 1 - (size_t)(text - record->records);
	struct slot slot = {.hash = 0};
	struct name name;

	if (len >= sizeof(address) || name_normalise(&name, record->text, record->len) != NAME_OK)
		return true;
	memcpy(address, text, len);
	address[len] = '\0';
	if (inet_pton(ipv6 ? AF_INET6 : AF_INET, address, slot.octets) != 1)
		return true;
	slot.hash = hash_of(glue, name.wire, name.wire_len, ipv6);
	return add(glue, &slot);
}

static bool stopped(const struct glue *glue)
{
	return atomic_load_explicit(&glue->stop, memory_order_relaxed);
}

/* What can be read once more. */
static struct lines *open_again(const char *path)
{
	struct stat st;

	if (strcmp(path, "-") == 0 || stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return NULL;
	return lines_open(path);
}

static bool read_file(struct glue *glue, struct zonefile *zone, const char *path)
{
	struct lines *lines = open_again(path);
	struct zonefile_name record;
	struct line line;
	bool room = true;
	int got = -1;

	if (lines == NULL)
		return false;
	zonefile_begin(zone);
	while (room && !stopped(glue) && (got = lines_next(lines, &line)) > 0) {
		size_t skip = line.number == 1 ? name_bom(line.text, line.len) : 0;

		zonefile_line(zone, line.text + skip, line.len - skip, line.too_long);
		while (room && zonefile_next(zone, &record))
			room = record.records == NULL || take(glue, &record);
	}
	lines_close(&lines);
	return room && got == 0;
}

static void *run(void *owner)
{
	struct glue *glue = owner;
	struct zonefile *zone = zonefile_create(ZONEFILE_ADDRESSES);

	glue->complete = zone != NULL && glue->file_count > 0;
	for (int i = 0; glue->complete && i < glue->file_count; i++)
		glue->complete = read_file(glue, zone, glue->files[i]);
	zonefile_destroy(&zone);
	atomic_store(&glue->ready, true);
	return NULL;
}

/* ---- life ---- */

static bool start_thread(struct glue *glue)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&glue->thread, NULL, run, glue);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error == 0;
}

struct glue *glue_start(const char *const *files, int count)
{
	struct glue *glue = calloc(1, sizeof(*glue));
	struct random random = RANDOM_INIT;

	if (glue == NULL)
		return NULL;
	glue->files = files;
	glue->file_count = count;
	glue->secret = random_u64(&random);
	glue->mask = SLOTS_FIRST - 1;
	glue->slots = calloc(SLOTS_FIRST, sizeof(struct slot));
	if (glue->slots == NULL || !start_thread(glue)) {
		free(glue->slots);
		free(glue);
		return NULL;
	}
	return glue;
}

bool glue_ready(const struct glue *glue)
{
	return atomic_load(&glue->ready);
}

bool glue_complete(const struct glue *glue)
{
	return glue->complete;
}

void glue_destroy(struct glue **glue)
{
	if (*glue == NULL)
		return;
	atomic_store(&(*glue)->stop, true);
	pthread_join((*glue)->thread, NULL);
	free((*glue)->slots);
	free(*glue);
	*glue = NULL;
}
