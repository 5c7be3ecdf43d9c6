/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * outage -- whether all resolvers have fallen silent at once. Pure: what was heard goes in, what is
 * believed comes out; the time is an argument.
 *
 *     HEARD --something waits, and nothing came for a second: probes--> DOUBTED --3 s more--> SILENT
 *       ^--------------------------------- anything is heard ----------------------------------'
 *
 * A resolver among others that falls silent is its own affair (keeper.h). When nobody is heard, not
 * even about names that they have in their caches, it is the network between us and them, or the
 * only one there is; whichever it is, nothing that came to nothing in that time says anything about
 * a name. The same holds where we ourselves stood still: stopped, or a machine that was put to
 * sleep.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define OUTAGE_DOUBT_NS	 (1 * 1000000000LL)
#define OUTAGE_SILENT_NS (3 * 1000000000LL) /* from the first probe on */
#define OUTAGE_PROBES	 4		    /* in vain, at least */
/* A silence that outlasted a probe by so much cost answers, though it was no long one. */
#define OUTAGE_SHORT_NS (1500 * 1000000LL)
/* Two looks further apart than that: we stood still. */
#define OUTAGE_STALL_NS (2 * 1000000000LL)
/* How often to probe: in doubt, then, and after half a minute. */
#define OUTAGE_PROBE_NS	     (500 * 1000000LL)
#define OUTAGE_PROBE_THEN_NS (1 * 1000000000LL)
#define OUTAGE_PROBE_LATE_NS (5 * 1000000000LL)
#define OUTAGE_LATE_NS	     (30 * 1000000000LL)

enum outage_state { OUTAGE_HEARD, OUTAGE_DOUBTED, OUTAGE_SILENT };

struct outage {
	enum outage_state state;
	int64_t rtt_ns;		/* nobody is expected to answer sooner: added to all of the above */
	int64_t look_ns;	/* the last look */
	int64_t heard_ns;	/* until then all was well, as far as there was anything to hear */
	int64_t first_probe_ns; /* of this silence; 0: none yet */
	int64_t probe_ns;	/* the last one */
	uint32_t probes;
};

struct outage_look {
	int64_t now_ns;
	bool heard;   /* a resolver answered since the last look */
	bool waiting; /* something is not answered, or waits to know why it was not */
};

struct outage_verdict {
	bool probe; /* ask the resolvers something that they have at hand */
	bool lost;  /* what came to nothing between these does not count: */
	int64_t from_ns, until_ns;
	int64_t known_ns; /* all before this is known */
};

void outage_init(struct outage *outage, int64_t rtt_ns, int64_t now_ns);
/* A few times a second. */
struct outage_verdict outage_look(struct outage *outage, const struct outage_look *look);
