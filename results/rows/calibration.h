/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * calibration -- what a resolver is able to know, as found out with control names: resolvers.csv.
 *
 * One row a resolver and phase. A tri-state is "yes", "no" or empty (not found out).
 */
#pragma once

#include "results/rows/csv.h"

enum tri { TRI_UNKNOWN, TRI_YES, TRI_NO };

enum phase { PHASE_BEFORE, PHASE_DURING, PHASE_AFTER };

/* What a resolver is, in a word each. */
enum calibration_mark {
	CALIBRATION_REFUSES = 1,     /* every query */
	CALIBRATION_FAILS = 2,	     /* every control name that should work */
	CALIBRATION_LOSSY = 4,	     /* 5 % of queries or more are lost, whatever the rate */
	CALIBRATION_OVERLOAD = 8,    /* its control names failed at times, under load */
	CALIBRATION_SLOWED = 16,     /* ... or came late, and it was asked more slowly */
	CALIBRATION_UNSTEADY = 64,   /* answers the same control name now so, now otherwise */
	CALIBRATION_DROPPED = 32,    /* it was not asked (any more) */
	CALIBRATION_DISGUISES = 128, /* has an answer of its own where a name fails */
	CALIBRATION_LABELS =
		256, /* calls every answer blocked or forged, and means nothing by it */
	CALIBRATION_AD_ALWAYS = 512, /* sets AD on what is not even signed */
	CALIBRATION_MIXED =
		1024, /* validates some names and not others: several under one address */
	CALIBRATION_SPLIT =
		2048, /* finds bogus in some names what it validates in others: the same, and one of
			 them has another trust anchor or clock */
};

struct calibration {
	struct view resolver; /* as in the list and in the pairs */
	enum phase phase;
	int64_t time_ms;
	enum tri reachable;
	enum tri validates;	    /* SERVFAIL for a bogus name, AD for a good one */
	enum tri honours_cd;	    /* answers the bogus name when CD=1 */
	enum tri sends_ede;	    /* some EDE on the bogus name */
	enum tri forwards_ad;	    /* AD=1 on the good name when asked with AD=1 */
	enum tri rewrites_nxdomain; /* an answer for a name that does not exist */
	enum tri filters;	    /* refuses or forges names that others resolve */
	enum tri keeps_case;	    /* copies the letters of QNAME as they came */
	enum tri same_address;	    /* answers come from the address that was asked */
	enum tri tcp;		    /* answers over TCP */
	int64_t median_rtt_us;	    /* -1: not known */
	int64_t most_rtt_us; /* nine answers in ten took no longer; -1: not known. Not in the file */
	int64_t controls_asked, controls_failed; /* -1: not known */
	unsigned marks;				 /* of enum calibration_mark: the note */
	enum tri tls;				 /* answers over TLS */
	const char *tls_problem; /* why it does not; NULL: not known. Not read back */
	int64_t loss_percent;	 /* queries without an answer to the first try; -1: not known */
	int64_t rate_qps;	 /* what it was asked at the end of the phase; -1: not known */
	int64_t overload_s;	 /* how long it was overloaded in this phase; -1: not known */
};

/* Room for a line written, octets. */
#define CALIBRATION_MAX 2048

extern const struct csv_column calibration_columns[];

void calibration_init(struct calibration *row);
/* Writes one line, returns its length. The header is csv_header(out, calibration_columns). */
size_t calibration_write(char *out, const struct calibration *row);
/* As csv_pair_read(); layout is of calibration_columns. */
bool calibration_read(const struct csv_layout *layout, char *line, size_t len,
		      struct calibration *row, char why[CSV_WHY_MAX]);
const char *tri_name(enum tri value);
