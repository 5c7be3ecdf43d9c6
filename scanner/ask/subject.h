/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * subject -- what became of the control names at one resolver: replies go in, a row of
 * resolvers.csv comes out. Pure.
 */
#pragma once

#include "results/rows/calibration.h"
#include "scanner/lists/controls.h"
#include "scanner/ask/pair.h"

/* Loss is measured with so many queries for a name that has been answered before, with twice as
 * many when any is lost. */
#define SUBJECT_SAMPLES	    30
#define SUBJECT_SAMPLES_MAX 60
/* Who takes so long for most controls is slow, and asked for fewer, for each has to be waited for. */
#define SUBJECT_LONG_US	     300000
#define SUBJECT_LONG_SAMPLES 12
/* Less may be chance, and costs nobody anything. */
#define SUBJECT_LOSSY_PERCENT 5

/* A bogus name is asked for so often again: several may answer under one address. */
#define SUBJECT_BOGUS 8
/* Names that do not exist are asked for so often: who stands behind an address may go by the name. So
 * many with AD and so many without are no chance. */
#define SUBJECT_DENIALS	     16
#define SUBJECT_DENIED	     64 /* resolvers of a list, at most */
#define SUBJECT_DENIALS_MANY 2
/* Once a sample is answered unlike the control was, so many are taken slowly, for quick ones may
 * have been too quick; a resolver that answers one in five of them so is of no use. */
#define SUBJECT_SLOW	    15
#define SUBJECT_UNSTEADY_OF 5

#define SUBJECT_RTTS (2 * CONTROLS_MAX + SUBJECT_SAMPLES_MAX)

struct subject {
	unsigned asked; /* control names, and what else shows whether anybody is there */
	unsigned answered, refused, mismatched; /* queries */
	unsigned late; /* of those answered, not to the first try, or after SUBJECT_LONG_US */
	unsigned expected, unexpected; /* names that should be answered alike everywhere */
	unsigned good, good_ad, good_works, bogus, bogus_servfail, bogus_works, bogus_cd,
		bogus_cd_works, bogus_ede;
	unsigned bogus_disguised; /* answered, with something else than CD=1 brings */
	/* Names below one that is signed: with AD, without, and answered with CD=1 alone. */
	unsigned denials_ad, denials_plain, denials_bogus, denials_lost;
	unsigned unsigned_ad; /* names that are not signed, answered with AD */
	unsigned nxdomain, nxdomain_rewritten;
	unsigned filtered_through, filtered_away, policy_edes;
	unsigned labelled;	 /* answered as expected, and with such an EDE */
	unsigned denied;	 /* names that do not exist, without one */
	unsigned bogus_labelled; /* failed as bogus, and with one, or with EDE 18 */
	unsigned samples, samples_lost, samples_other;
	unsigned slow, slow_other; /* of these, those taken slowly */
	enum tri keeps_case, tcp, tls;
	int64_t rtts[SUBJECT_RTTS];
	size_t rtt_count;
};

/* A control's pair is done. special: the address in its CD=0 answer is not of the Internet; foreign: it
 * does not stand in the CD=1 answer; is_signed: signatures came with that. */
void subject_pair(struct subject *subject, const struct control *control, const struct pair *pair,
		  bool special, bool foreign, bool is_signed);
/* The root's NS, in lack of controls. */
void subject_reply(struct subject *subject, const struct brief *reply);
/* A bogus name, once more. */
void subject_bogus(struct subject *subject, const struct brief *reply);
/* A name that does not exist, below one that it has validated. */
void subject_denial(struct subject *subject, const struct pair *pair);
/* How many of these are wanted: none of who takes long, no more once one stays without an answer;
 * and none where so many resolvers are asked that the zone's servers, who have to answer each of
 * them, would feel it. */
unsigned subject_denials(const struct subject *subject, size_t resolvers);
/* One try for a name that the resolver has. reply: without an answer it was lost; rcode: what was
 * said before; slow: it was taken slowly. */
void subject_sample(struct subject *subject, const struct brief *reply, int rcode, bool slow);
/* Is that what it takes for anything? Known when the controls are done. */
bool subject_takes_long(const struct subject *subject);
/* How many of these are wanted. */
unsigned subject_samples(const struct subject *subject);
/* From now on they are taken slowly. */
bool subject_is_slow(const struct subject *subject);
/* Fills all that is to be known; resolver and phase are left alone. */
void subject_judge(struct subject *subject, struct calibration *found);
