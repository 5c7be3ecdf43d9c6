/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * governor -- how fast one resolver is asked: what was seen of it goes in, a rate comes out. Pure:
 * no clock, no lock.
 *
 *     rate grows (x 1.5, later in small steps)
 *         --control names fail, stay out or come late--> what it did serve, and less
 *          ^------------ after a while, a little beyond what was too much -----------------------'
 *
 * Whether a resolver is overloaded is told by control names alone: names that it has answered
 * before the scan, and has in its cache. The names of the scan may all be broken, or their servers
 * slow, and that is no reason to ask more slowly; what they show is when to look (controls are
 * asked at once when fewer names than before resolve), and, once the controls have told, how much
 * the resolver does serve. A share of loss that does not shrink when it is asked more slowly is the
 * path's, not ours.
 *
 * The change is told from chance by cumulative sums (Page 1954): each control that goes wrong adds
 * one, each takes away what is usual. Growth is like TCP's: fast until the first trouble (RFC
 * 5681 3.1), then slowly towards what was too much, where it rests, and beyond it after a time that
 * doubles (as CUBIC keeps to W_max, RFC 9438 4.1). Only a rate that is made use of grows (RFC
 * 7661). The rate after trouble is what was delivered, as in BBR, and not less than half.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define GOVERNOR_START_QPS 500 /* the first rate, where more is allowed */
#define GOVERNOR_LEAST_QPS 20  /* however bad it looks */
#define GOVERNOR_BURST	   10  /* controls at a time, at most */

enum control_result {
	CONTROL_FINE,  /* as before the scan, and soon */
	CONTROL_LATE,  /* as before the scan */
	CONTROL_LOST,  /* no answer */
	CONTROL_WRONG, /* another answer */
};

/* A look at what went on since the last one, some 200 ms ago. */
struct governor_look {
	int64_t now_ns;
	uint32_t sent;	   /* messages to it */
	uint32_t answered; /* queries that came to an answer */
	uint32_t worked;   /* of these, NOERROR or NXDOMAIN */
	uint32_t waiting;  /* rows that are not believed before a control tells */
};

struct governor {
	double rate, most; /* queries a second */
	double first;	   /* the rate to begin with, whatever the limit */
	double least;	   /* however bad it looks */
	double too_much;   /* a rate that was; 0: none is known */
	double held;	   /* the highest rate that went well for some seconds */
	double step;	   /* what is added when it goes well, as a share */
	double drain_to;   /* the rate to take once a queue is drained; 0: none is */
	int64_t look_ns;   /* of the last look */
	int64_t since_ns;  /* of this rate */
	int64_t slowed_ns; /* the last time that it became slower */
	int64_t dare_ns;   /* when to go beyond too_much */
	int64_t rest_ns;   /* how long it rests there */
	/* at this rate */
	uint64_t sent, answered, worked;
	uint32_t asked, asked_before; /* controls; those asked before the last look */
	uint32_t controls;	      /* those that came to an end */
	/* cumulative sums, and since when they are not 0 */
	double wrong_sum, lost_sum;
	int64_t lost_since_ns;
	/* what is usual */
	double loss;	  /* share of controls that stay out or come late, whatever the rate */
	double loss_now;  /* ... of late */
	double works;	  /* share of names that resolve; -1: not known yet */
	double loss_rate; /* at which loss was first taken for ours; 0: it was not */
	double loss_share, loss_answered; /* how much it was, and how many messages were answered */
	double credit;			  /* controls that may be asked */
	bool suspicious, wanted;	  /* names fail that did not; rows wait */
	bool overloaded;		  /* from trouble until controls come well again */
	bool slowed;			  /* ever */
};

/*
 * most: queries a second, 0: no limit. share: 1, or what part of all those this is that ask the
 * resolver at the same time; of the first and the least rate it takes that part. loss: the share of
 * queries lost before the scan.
 */
void governor_init(struct governor *governor, double most, double share, double loss,
		   int64_t now_ns);
/* Another limit from now on. */
void governor_limit(struct governor *governor, double most);
/* Is it asked more slowly than it would be, for its own sake? */
bool governor_is_slowed(const struct governor *governor);
/* What came of a control sent at that time. */
void governor_control(struct governor *governor, enum control_result result, int64_t sent_ns);
/* Sets the rate. True: the resolver is in trouble from the time *since_ns (may be long ago) until
 * now. */
bool governor_look(struct governor *governor, const struct governor_look *look, int64_t *since_ns);
/* How many controls to ask now; they are taken to be asked. */
unsigned governor_controls(struct governor *governor);
