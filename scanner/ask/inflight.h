/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * inflight -- the slots of all queries of one engine: found by channel and message ID, expired in
 * order of their deadlines.
 *
 * A channel is what answers come in by: a UDP socket, or the stream to one destination. IDs are
 * unique within a channel. Deadlines are lists, one for each length of wait: whoever waits equally
 * long expires in the order of sending, so only the heads are looked at.
 *
 * Owner    one engine; no lock.
 * Memory   all allocated by inflight_init().
 * Time     passed in.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "scanner/ask/engine.h"
#include "scanner/ask/query.h"

#define SLOT_NONE UINT32_MAX
/* Given up queries are remembered by so many windows' worth: a resolver that stood still for some
 * seconds answers all of them, late, and nobody is to take that for forgeries. They stand together
 * by so many, the newest first. */
#define INFLIGHT_REMEMBERED 16
#define INFLIGHT_TOGETHER   8

/* Thousands are touched in an order of their own: each is two cache lines, not parts of three. */
struct slot {
	/* the question */
	_Alignas(64) const uint8_t *qname;
	uint16_t qtype;
	uint16_t ask;
	uint16_t id;
	uint8_t qname_len;
	bool entered;	/* can be found by channel and ID */
	uint8_t ready;	/* in this ready list of its destination; 0: in none */
	bool streaming; /* in the list of a connection */
	uint32_t channel;
	int32_t destination;
	struct query query;
	/* list links, indexes of slots */
	uint32_t next, prev; /* of the deadline list, or of the ready list */
	uint32_t stream_next, stream_prev;
	bool waiting; /* in the deadline list of query.patience and wait_list */
	uint8_t wait_list;
	/* times, monotonic ns */
	int64_t sent_ns;
	int64_t deadline_ns;
	/* of a truncated answer, for the facts when TCP fails; of an error without a question */
	int16_t truncated_rcode;
	uint16_t truncated_flags, truncated_answers;
	uint32_t lots;	    /* of casing.h */
	uint32_t strangers; /* that the port had seen when it was sent first */
	/* whose it is */
	asked_done done;
	void *owner;
	uintptr_t tag;
};

/*
 * A cache line of the table, eight places. Whoever belongs here is here: where all are taken, an ID
 * cannot be entered, and another one is drawn. So nobody is ever looked for elsewhere, nor moved.
 */
#define INFLIGHT_PLACES 8
struct bucket {
	/* Hash of channel and ID; of a free place, that of the last one that had it. Its low bits
	 * tell the bucket, the high ones where in it the search begins. The slot has the last
	 * word. */
	_Alignas(64) uint32_t marks[INFLIGHT_PLACES];
	uint32_t slots[INFLIGHT_PLACES]; /* SLOT_NONE: free */
};

struct wait_list {
	uint32_t head, tail;
};

struct inflight {
	struct slot *slots;
	uint32_t window, used;
	uint32_t free_head;
	struct bucket *buckets;
	uint32_t bucket_mask;
	uint64_t key;
	struct wait_list waits[ENGINE_PATIENCE_MAX][QUERY_WAITS];
	uint32_t *remembered; /* marks of queries, in groups by their low bits; touched when used */
	uint32_t group_mask;
};

/* What a message is whose channel and ID nobody waits for. */
enum past {
	PAST_NOTHING,  /* nothing of late was asked under these */
	PAST_ANSWERED, /* the query had its answer already */
	PAST_LATE,     /* ... or was given up, or asked more than once */
};

/* False when out of memory. key: of the hash, secret. */
bool inflight_init(struct inflight *in, uint32_t window, uint64_t key);
void inflight_free(struct inflight *in);
/* SLOT_NONE when the window is full. */
uint32_t inflight_take(struct inflight *in);
/* Also takes it out of the table and the deadline lists. */
void inflight_give(struct inflight *in, uint32_t slot);
/* Makes the slot findable by channel and ID; false when another one has them, or there is no room
 * for them in the table, as it is for one ID in twenty at the most: take another one. */
bool inflight_enter(struct inflight *in, uint32_t slot, uint32_t channel, uint16_t id);
void inflight_leave(struct inflight *in, uint32_t slot);
uint32_t inflight_find(const struct inflight *in, uint32_t channel, uint16_t id);
/* What became of the query that last had them, as far as that is remembered: of what had its
 * answer, about as many as there are places; of what inflight_remember() was told, so many. */
enum past inflight_past(const struct inflight *in, uint32_t channel, uint16_t id);
/* The slot's query ends, and answers to it may still come: they will be known as late. */
void inflight_remember(struct inflight *in, uint32_t slot);

/* What fetches ahead is inline: it has to be cheap to be worth it. */
static inline uint32_t inflight_mark(const struct inflight *in, uint32_t channel, uint16_t id)
{
	uint64_t mixed = (((uint64_t)channel << 16 | id) ^ in->key) * 0x9e3779b97f4a7c15u;

	return (uint32_t)(mixed >> 32);
}

static inline struct bucket *inflight_bucket(const struct inflight *in, uint32_t mark)
{
	return &in->buckets[mark & in->bucket_mask];
}

/* Where in its bucket to look first: most are there. */
static inline unsigned inflight_first(uint32_t mark)
{
	return mark / (UINT32_MAX / INFLIGHT_PLACES + 1);
}

/* A read, since a processor may drop what it is asked to prefetch where the address is not in its
 * TLB, and a window's worth of slots is not. Many in a row wait side by side. */
static inline void inflight_touch(const void *at)
{
	(void)*(const volatile uint8_t *)at;
}

/* Brings the bucket of a look-up to come into the cache. */
static inline void inflight_prefetch(const struct inflight *in, uint32_t channel, uint16_t id)
{
	inflight_touch(inflight_bucket(in, inflight_mark(in, channel, id)));
}

/* The slot that probably is the one, found without touching it; SLOT_NONE: certainly none. */
static inline uint32_t inflight_candidate(const struct inflight *in, uint32_t channel, uint16_t id)
{
	uint32_t mark = inflight_mark(in, channel, id);
	const struct bucket *bucket = inflight_bucket(in, mark);

	for (unsigned i = 0; i < INFLIGHT_PLACES; i++) {
		unsigned at = (inflight_first(mark) + i) % INFLIGHT_PLACES;

		if (bucket->marks[at] == mark && bucket->slots[at] != SLOT_NONE)
			return bucket->slots[at];
	}
	return SLOT_NONE;
}

/* Brings a slot into the cache. */
static inline void inflight_fetch(const struct inflight *in, uint32_t slot)
{
	inflight_touch(&in->slots[slot]);
	inflight_touch((const char *)&in->slots[slot] + 64);
}
/* Starts the wait query.wait of wait_ns, replacing the one before. */
void inflight_wait(struct inflight *in, uint32_t slot, int64_t now_ns, int64_t wait_ns);
void inflight_unwait(struct inflight *in, uint32_t slot);
/* A slot whose deadline is at or before now_ns, taken out of its list; SLOT_NONE: no more. */
uint32_t inflight_expired(struct inflight *in, int64_t now_ns);
/* The nearest deadline; INT64_MAX when nobody waits. */
int64_t inflight_deadline(const struct inflight *in);
