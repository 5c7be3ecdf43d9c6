/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/ask/query.h"

#include <assert.h>
#include <string.h>

/* A server may close a connection that others used before us (RFC 7766 6.2.3): ask again on a new
 * one. One that answered others over it does its work, only not for long: more often then. */
#define STREAMS_MAX	2
#define STREAMS_CUT_MAX 6

void query_init(struct query *query, unsigned ask, const struct patience *patience, int index)
{
	memset(query, 0, sizeof(*query));
	query->patience = (uint8_t)index;
	query->tries_max = (uint8_t)patience->tries;
	query->stream_only = ask & ASK_STREAM;
	query->no_stream = ask & ASK_NO_STREAM;
	query->state = query->stream_only ? QUERY_READY_STREAM : QUERY_READY;
}

static enum query_action finish(struct query *query, enum outcome outcome)
{
	query->state = QUERY_DONE;
	query->outcome = (uint8_t)outcome;
	return QUERY_FINISH;
}

/* No answer came over UDP, and no try is left: what was seen instead of it. */
static enum outcome udp_failure(const struct query *query)
{
	if (query->mismatches > 0)
		return OUTCOME_MISMATCH;
	if (query->malformed > 0)
		return OUTCOME_MALFORMED;
	return query->closed || query->unsent == query->tries ? OUTCOME_UNREACHABLE
							      : OUTCOME_TIMEOUT;
}

static enum query_action next_try(struct query *query)
{
	if (query->tries >= query->tries_max)
		return finish(query, udp_failure(query));
	query->state = QUERY_READY;
	return QUERY_SEND_UDP;
}

static enum query_action to_stream(struct query *query)
{
	query->state = QUERY_READY_STREAM;
	return QUERY_SEND_STREAM;
}

static enum query_action stream_failed(struct query *query, enum outcome outcome)
{
	query->stream_outcome = (uint8_t)outcome;
	if (query->suspect)
		return finish(query, OUTCOME_MISMATCH);
	return finish(query, query->truncated ? OUTCOME_TRUNCATED_TCP_FAILED : outcome);
}

/* A connection that was waited for did not come up: that is a try as well. */
static enum query_action never_up(struct query *query, enum outcome outcome)
{
	if (query->state == QUERY_READY_STREAM)
		query->streams++;
	return stream_failed(query, outcome);
}

/* The connection ended without the answer: on to another one, while there is hope. */
static enum query_action stream_ended(struct query *query, int streams_max, enum outcome outcome)
{
	return query->streams < streams_max ? to_stream(query) : stream_failed(query, outcome);
}

static enum query_action sent(struct query *query)
{
	if (query->state == QUERY_READY_STREAM) {
		query->state = QUERY_WAIT_STREAM;
		query->streams++;
		query->stream_sent = true;
		query->wait = QUERY_WAIT_STREAM_EXCHANGE;
	} else {
		query->state = QUERY_WAIT_UDP;
		query->wait = query->tries++;
	}
	return QUERY_WAIT_ANEW;
}

static enum query_action answered(struct query *query)
{
	if (query->state == QUERY_WAIT_STREAM)
		query->stream_outcome = OUTCOME_ANSWERED;
	return finish(query, OUTCOME_ANSWERED);
}

static enum query_action closed(struct query *query)
{
	query->closed = true;
	if (query->state != QUERY_WAIT_UDP || query->wait == QUERY_WAIT_CLOSED)
		return QUERY_WAIT;
	query->wait = QUERY_WAIT_CLOSED;
	return QUERY_WAIT_ANEW;
}

static enum query_action bare(struct query *query)
{
	if (query->state == QUERY_WAIT_STREAM)
		return answered(query);
	query->bare = true;
	if (query->state != QUERY_WAIT_UDP || query->wait == QUERY_WAIT_CLOSED)
		return QUERY_WAIT;
	query->wait = QUERY_WAIT_CLOSED;
	return QUERY_WAIT_ANEW;
}

/* Over a stream nobody can guess what would fit. */
static enum query_action suspect(struct query *query)
{
	if (query->no_stream || query->state == QUERY_WAIT_STREAM)
		return answered(query);
	query->suspect = true;
	return to_stream(query);
}

static enum query_action unsendable(struct query *query)
{
	if (query->state == QUERY_READY_STREAM)
		return stream_failed(query, OUTCOME_UNREACHABLE);
	query->tries++;
	query->unsent++;
	query->state = QUERY_WAIT_UDP;
	query->wait = QUERY_WAIT_CLOSED;
	return QUERY_WAIT_ANEW;
}

/* As good as lost; the next try may get out. */
static enum query_action held_back(struct query *query)
{
	query->unsent++;
	return sent(query);
}

static void count(uint8_t *counter)
{
	if (*counter < UINT8_MAX)
		(*counter)++;
}

enum query_action query_step(struct query *query, enum query_event event)
{
	assert(query->state != QUERY_DONE);
	switch (event) {
	case QUERY_SENT:
		return sent(query);
	case QUERY_UNSENDABLE:
		return unsendable(query);
	case QUERY_HELD_BACK:
		return held_back(query);
	case QUERY_ANSWERED:
		return answered(query);
	case QUERY_TRUNCATED:
		/* Over a stream nothing is left to fall back to: the answer is taken as it is. */
		query->truncated = true;
		return query->no_stream || query->state == QUERY_WAIT_STREAM ? answered(query)
									     : to_stream(query);
	case QUERY_BARE:
		return bare(query);
	case QUERY_SUSPECT:
		return suspect(query);
	case QUERY_MISMATCHED:
		count(&query->mismatches);
		return QUERY_WAIT;
	case QUERY_MALFORMED:
		count(&query->malformed);
		return QUERY_WAIT;
	case QUERY_CLOSED:
		return closed(query);
	case QUERY_TIMED_OUT:
		return query->state == QUERY_WAIT_STREAM ? stream_failed(query, OUTCOME_TIMEOUT)
							 : next_try(query);
	case QUERY_STREAM_LOST:
		return stream_ended(query, STREAMS_MAX, OUTCOME_UNREACHABLE);
	case QUERY_STREAM_CUT:
		return stream_ended(query, STREAMS_CUT_MAX, OUTCOME_UNREACHABLE);
	case QUERY_STREAM_BROKEN:
		return stream_ended(query, STREAMS_MAX, OUTCOME_MALFORMED);
	case QUERY_STREAM_REFUSED:
		query->closed = true;
		return never_up(query, OUTCOME_UNREACHABLE);
	case QUERY_STREAM_GARBAGE:
		return never_up(query, OUTCOME_MALFORMED);
	case QUERY_STREAM_SILENT:
		return never_up(query, OUTCOME_TIMEOUT);
	}
	assert(false && "no such event");
	return QUERY_WAIT;
}
