/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/lists/suffixes.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "io/hash.h"
#include "io/random.h"
#include "scanner/lists/listfile.h"
#include "scanner/dns/name.h"

/*
 * An entry is a key of octets: the name in wire format, or NET_MARK, family, prefix length and
 * masked address. No name begins with NET_MARK, so both kinds live in one table.
 */
#define NET_MARK    0xff /* no label is that long */
#define NET_KEY	    (3 + 16)
#define BITS_MAX    128
#define ENTRIES_MAX 0x40000000u

struct entry {
	uint32_t offset; /* of the key */
	uint8_t len;
	bool only_itself; /* "=": not what is below */
	bool below;	  /* itself and what is below; both when a list says both */
};

struct suffixes {
	uint64_t key;
	struct buf keys;
	struct entry *entries;
	uint32_t count, cap;
	uint32_t *places;    /* open addressing: entry + 1, 0: free; twice as many as cap */
	unsigned labels_max; /* no name in the set has more */
	/* Which prefix lengths there are: only these are looked up. */
	bool has_bits[2][BITS_MAX + 1]; /* IPv4, IPv6 */
};

struct suffixes *suffixes_create(void)
{
	struct suffixes *suffixes = calloc(1, sizeof(*suffixes));
	struct random random = RANDOM_INIT;

	if (suffixes)
		suffixes->key = (uint64_t)random_u32(&random) << 32 | random_u32(&random);
	return suffixes;
}

void suffixes_destroy(struct suffixes **suffixes)
{
	if (!*suffixes)
		return;
	buf_free(&(*suffixes)->keys);
	free((*suffixes)->entries);
	free((*suffixes)->places);
	free(*suffixes);
	*suffixes = NULL;
}

size_t suffixes_count(const struct suffixes *suffixes)
{
	return suffixes->count;
}

/* ---- the table ---- */

/* The place of a key, or the free one for it. There must be places. */
static uint32_t *find(const struct suffixes *suffixes, const void *key, size_t len)
{
	size_t mask = 2 * (size_t)suffixes->cap - 1;
	size_t at = (size_t)hash_octets(key, len, suffixes->key);

	for (;; at++) {
		uint32_t *place = &suffixes->places[at & mask];
		const struct entry *entry;

		if (*place == 0)
			return place;
		entry = &suffixes->entries[*place - 1];
		if (entry->len == len && memcmp(suffixes->keys.data + entry->offset, key, len) == 0)
			return place;
	}
}

static const struct entry *look_up(const struct suffixes *suffixes, const void *key, size_t len)
{
	uint32_t place = *find(suffixes, key, len);

	return place ? &suffixes->entries[place - 1] : NULL;
}

static bool grow(struct suffixes *suffixes)
{
	uint32_t cap = suffixes->cap ? 2 * suffixes->cap : 64;
	struct entry *entries;
	uint32_t *places;

	if (cap > ENTRIES_MAX)
		return false;
	entries = realloc(suffixes->entries, cap * sizeof(*entries));
	if (!entries)
		return false;
	suffixes->entries = entries;
	places = calloc(2 * (size_t)cap, sizeof(*places));
	if (!places)
		return false;
	free(suffixes->places);
	suffixes->places = places;
	suffixes->cap = cap;
	for (uint32_t i = 0; i < suffixes->count; i++)
		*find(suffixes, suffixes->keys.data + entries[i].offset, entries[i].len) = i + 1;
	return true;
}

/* The entry of a key, made when there is none. NULL when out of memory. */
static struct entry *enter(struct suffixes *suffixes, const void *key, size_t len)
{
	size_t offset = suffixes->keys.len;
	uint32_t *place;

	if (suffixes->count == suffixes->cap && !grow(suffixes))
		return NULL;
	place = find(suffixes, key, len);
	if (*place)
		return &suffixes->entries[*place - 1];
	if (offset + len > UINT32_MAX || !buf_reserve(&suffixes->keys, len))
		return NULL;
	buf_add(&suffixes->keys, key, len);
	suffixes->entries[suffixes->count++] =
		(struct entry){.offset = (uint32_t)offset, .len = (uint8_t)len};
	*place = suffixes->count;
	return &suffixes->entries[*place - 1];
}

/* ---- networks ---- */

/* IPv4 in the form of IPv6, ::ffff:0:0/96 (RFC 4291 2.5.5.2). */
#define MAPPED_BITS 96
static const uint8_t mapped[MAPPED_BITS / 8] = {[10] = 0xff, [11] = 0xff};

/* The key of the network that the first `bits` of an address name; returns its length. */
static size_t net_key(uint8_t key[NET_KEY], bool six, unsigned bits, const uint8_t *octets)
{
	size_t whole = bits / 8, len = six ? 16 : 4;

	memset(key, 0, NET_KEY);
	key[0] = NET_MARK;
	key[1] = six;
	key[2] = (uint8_t)bits;
	memcpy(key + 3, octets, whole);
	if (bits % 8)
		key[3 + whole] = (uint8_t)(octets[whole] & (0xff00 >> (bits % 8)));
	return 3 + len;
}

/* Digits only, at most max. -1: no. */
static int read_bits(const char *text, int max)
{
	int bits = 0;

	if (*text == '\0')
		return -1;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return -1;
		bits = 10 * bits + (*text - '0');
		if (bits > max)
			return -1;
	}
	return bits;
}

static const char *add_network(struct suffixes *suffixes, const char *text, size_t len)
{
	char copy[64], *slash;
	uint8_t address[16], key[NET_KEY], host[NET_KEY], *octets = address;
	int bits;
	bool six;

	if (len >= sizeof(copy))
		return "network too long";
	memcpy(copy, text, len);
	copy[len] = '\0';
	slash = strchr(copy, '/');
	if (slash)
		*slash++ = '\0';
	six = inet_pton(AF_INET6, copy, address) == 1;
	if (!six && inet_pton(AF_INET, copy, address) != 1)
		return "bad address";
	bits = slash ? read_bits(slash, six ? 128 : 32) : six ? 128 : 32;
	if (bits < 0)
		return "bad prefix length";
	if (six && bits >= MAPPED_BITS && memcmp(address, mapped, sizeof(mapped)) == 0) {
		six = false;
		bits -= MAPPED_BITS;
		octets += sizeof(mapped);
	}
	len = net_key(key, six, (unsigned)bits, octets);
	net_key(host, six, six ? 128 : 32, octets);
	if (memcmp(key + 3, host + 3, len - 3) != 0)
		return "address bits behind the prefix";
	if (!enter(suffixes, key, len))
		return "out of memory";
	suffixes->has_bits[six][bits] = true;
	return NULL;
}

bool suffixes_match_addr(const struct suffixes *suffixes, const struct addr *addr)
{
	bool six = addr->sa.sa_family == AF_INET6;
	const uint8_t *octets =
		six ? addr->in6.sin6_addr.s6_addr : (const uint8_t *)&addr->in.sin_addr.s_addr;

	if (suffixes->count == 0)
		return false;
	if (six && IN6_IS_ADDR_V4MAPPED(&addr->in6.sin6_addr)) {
		six = false;
		octets += 12;
	}
	for (unsigned bits = 0; bits <= (six ? 128u : 32u); bits++) {
		uint8_t key[NET_KEY];

		if (suffixes->has_bits[six][bits] &&
		    look_up(suffixes, key, net_key(key, six, bits, octets)))
			return true;
	}
	return false;
}

/* ---- names ---- */

static const char *add_name(struct suffixes *suffixes, const struct name *name, bool only_itself)
{
	struct entry *entry = enter(suffixes, name->wire, name->wire_len);
	unsigned labels = 0;

	if (!entry)
		return "out of memory";
	for (const uint8_t *at = name->wire; *at; at += 1 + *at)
		labels++;
	if (labels > suffixes->labels_max)
		suffixes->labels_max = labels;
	if (only_itself)
		entry->only_itself = true;
	else
		entry->below = true;
	return NULL;
}

const char *suffixes_add(struct suffixes *suffixes, const char *text, size_t len)
{
	bool only_itself = len > 0 && text[0] == '=';
	enum name_reason reason;
	struct name name;

	reason = name_normalise(&name, text + only_itself, len - only_itself);
	if (reason == NAME_OK && name.wire_len > 2 && name.wire[1] == '*')
		return "wildcard; a suffix stands for all below it without one";
	if (reason == NAME_OK)
		return add_name(suffixes, &name, only_itself);
	if (reason == NAME_ADDRESS && !only_itself)
		return add_network(suffixes, text, len);
	return reason == NAME_BLANK ? "empty" : name_reason_text(reason);
}

bool suffixes_match_name(const struct suffixes *suffixes, const uint8_t *wire, size_t wire_len)
{
	uint8_t starts[NAME_WIRE_MAX]; /* of the labels, the root's being the last */
	unsigned labels = 0, first;

	if (suffixes->count == 0)
		return false;
	for (size_t at = 0; at < wire_len; at += 1 + wire[at])
		starts[labels++] = (uint8_t)at;
	first = labels - 1 > suffixes->labels_max ? labels - 1 - suffixes->labels_max : 0;
	for (unsigned i = first; i < labels; i++) {
		const struct entry *entry =
			look_up(suffixes, wire + starts[i], wire_len - starts[i]);

		if (entry && (entry->below || (entry->only_itself && i == 0)))
			return true;
	}
	return false;
}

/* ---- lists ---- */

struct load {
	struct suffixes *suffixes;
	const char *path;
	struct buf *errors;
};

static void read_entry(void *owner, const char *text, size_t len, unsigned line)
{
	const struct load *load = owner;
	const char *why = suffixes_add(load->suffixes, text, len);
	char shown[LISTFILE_SHOWN];

	if (why)
		buf_addf(load->errors, "%s:%u: '%s' is no name, suffix or network: %s\n",
			 load->path, line, listfile_show(shown, text, len), why);
}

bool suffixes_load(struct suffixes *suffixes, const char *path, struct buf *errors)
{
	struct load load = {.suffixes = suffixes, .path = path, .errors = errors};

	return listfile_read(path, read_entry, &load, errors);
}
