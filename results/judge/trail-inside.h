/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * trail-inside -- what trail.c (the way, row by row) and trail-conclusion.c (what the rows of a zone
 * come to) share; nobody else includes it.
 */
#pragma once

#include "results/judge/trail.h"

#define BIT(cause) CAUSE_BIT(CAUSE_##cause)

#define SIGNED_WRONGLY (READ_IN_DATA & ~BIT(DS_BUT_UNSIGNED))

/* What is known of the zone, or the name server's zone, that the rows are at. */
struct zone_seen {
	const struct evidence *path;   /* the row that opened it */
	const struct evidence *link;   /* its chain, where that is at fault */
	const struct evidence *answer; /* the first server's answer that does not validate */
	const struct evidence *read;   /* ... the first that is signed, and wrongly so */
	unsigned good, bogus;	       /* answers that validate or need not, and that do not */
	bool secure;
	bool mixed; /* some do not validate for one reason, others for another: each is enough */
	const struct evidence *ns; /* a name server's name that is at fault */
	unsigned ns_good, ns_alias;
	const struct evidence *no_aa;	/* a server that answers well, but for the AA flag */
	bool aa;			/* another one that does not */
	const struct evidence *quirk;	/* of a server that answers well: some resolvers mind it */
	const struct evidence *parents; /* the parent's servers do not agree about it */
	const struct evidence *ring;	/* only sibling glue leads to its servers */
	const struct evidence *between; /* a name on the way down that got no answer */
	uint64_t failing;		/* what its servers' concluding rows say, as CAUSE_BIT()s */
	bool filed;			/* its delegation is that of a zone file */
	bool heard;			/* a silent server answered elsewhere */
	bool lossy;			/* ... or all are hard to hear from there */
	bool excluded;			/* some of its servers were not, or never, to be asked */
	bool own;			/* the zone of the name; the others lie above */
	bool host;			/* the zone of a name server's name */
};

struct walk {
	struct trail *trail;
	struct zone_seen at;
	const struct evidence *via;	 /* into the part of the way that we are on */
	const struct evidence *ds_asked; /* only referrals bring a zone's DS, or that it has none */
	bool told;			 /* by resolvers, from here on */
	unsigned told_faults;		 /* how many there were before */
	struct fault last;		 /* what is to be met after all else: aliases without end */
	struct fault amid;		 /* an error amid aliases: where they lead may tell why */
	bool ended;			 /* the last zone was looked at */
	bool open;			 /* whether a zone's keys are good is not known */
};

/* The cause that a finding names, in its own word or in one that only evidence knows. */
enum cause trail_cause(const struct evidence *row);
/* NULL: it is no fault, or one that is known already. */
struct fault *trail_add(struct walk *walk, enum cause cause, const struct evidence *row);
/* A row that concludes: what the servers of a zone come to. */
void trail_conclude(struct walk *walk, const struct evidence *row);
