/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * calibrate_inside -- what calibrate.c (queries on their way, and what comes of them) and
 * calibrate_steps.c (what is asked, and in which order) share; nobody else includes it.
 */
#pragma once

#include "scanner/ask/calibrate.h"
#include "scanner/ask/pair.h"
#include "scanner/ask/subject.h"

/* What a resolver is asked, in this order; each control is a step, and so is each sample. */
enum step {
	STEP_CONTROL, /* a control's pair */
	STEP_ROOT,    /* in lack of controls: the root's NS, to see whether anybody is there */
	STEP_BOGUS,   /* a bogus control that it answered, again */
	STEP_DENIAL,  /* names that do not exist, below a good control that it has validated */
	/* With a name that it has answered: */
	STEP_TCP,
	STEP_CASE,   /* in upper and lower case */
	STEP_SAMPLE, /* one try, to see what is lost */
	STEP_END,
};

struct examinee {
	struct calibrator *owner;
	int32_t number;
	struct subject subject;
	struct calibration *found;
	enum step step;
	size_t next;			/* control or sample to ask next */
	unsigned pending;		/* controls under way */
	const struct control *answered; /* a control that it has answered; NULL: none yet */
	int rcode;			/* ... with that */
	const struct control *vouched;	/* a good one, answered with AD; NULL: none */
	const struct control *bogus;	/* one that it has failed, or passed; NULL: none */
	int64_t not_before_ns;		/* the next sample is taken */
};

/* One step at one resolver. */
struct trial {
	struct examinee *examinee;
	enum step step;
	const struct control *control; /* NULL: the root */
	bool special;		       /* the address in the answer is none of the Internet's */
	bool foreign;		       /* ... and does not come with CD=1 */
	bool is_signed;		       /* signatures came with CD=1 */
	struct addr addr;	       /* the first in the answer to CD=0, if has_addr */
	bool has_addr;
	bool idle;   /* until all controls are done */
	bool slow;   /* its sample was taken slowly */
	bool asleep; /* its sample is not taken yet */
	struct pair pair;
	/* The name that is asked for instead: in upper and lower case, or one below it. */
	uint8_t other[sizeof(((struct control *)0)->qname)];
	uint8_t other_len; /* 0: none */
};

struct calibrator {
	const struct calibrate_config *config;
	struct event_base *base;
	struct engine *engine;
	struct pace pace;
	struct pace *paces;
	struct examinee *examinees;
	size_t at_once;
	struct trial *trials; /* at_once a resolver */
	unsigned open;	      /* trials under way */
	unsigned asleep;      /* of these */
};

enum transport calibrate_transport(const struct examinee *examinee);
/* Is there more to ask in this step? */
bool calibrate_wants(const struct examinee *examinee);
/* What the step's next question is about; NULL: the root. */
const struct control *calibrate_control(const struct trial *trial);
/* Writes the name that is asked for instead of the control's, where the step wants one. */
void calibrate_disguise(struct trial *trial);
struct question calibrate_question(const struct trial *trial);
