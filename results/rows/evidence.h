/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * evidence -- one probe of one name: what was asked, of whom, what came back, and what that shows.
 *
 * Rows of evidence-NNN.csv.gz. They state facts; the verdict is made elsewhere, from all of them.
 */
#pragma once

#include "results/rows/csv.h"

/* Begins the detail of a chain row "secure" where signatures, keys or DS were met beside it that
 * are not good. */
#define EVIDENCE_BESIDES "beside what validates: "
/* Within a detail of the chain, before how many. */
#define EVIDENCE_ITERATIONS "NSEC3 iterations "
/* Finding of a chain row: the parent's servers neither give a DS nor prove that there is none. */
#define EVIDENCE_NO_DS "ds-unobtainable"
/* Finding of a delegation row: asked for the DS, the parent's servers say nothing that is of use,
 * and only their referral does. */
#define EVIDENCE_DS_ASKED "ds-query-fails"
/* Finding of a delegation row: it would be ns-loop but for glue. */
#define EVIDENCE_RING "ns-loop-but-glue"
/* ... and: the parent's servers do not say the same of the zone. */
#define EVIDENCE_PARENTS "parents-differ"

/* Finding of an address row: what it comes to may be due to the way from here. */
#define EVIDENCE_LOSSY "lossy-path"

struct evidence {
	int64_t time_ms;
	struct view name; /* the scanned name that it is for */
	uint16_t qtype;	  /* and its QTYPE */
	struct view zone; /* the zone that the fact is about */
	struct view
		probe; /* path, delegation, chain, beside, ns-address, server, address, conclusion,
			  budget */
	struct view
		question; /* QNAME asked; empty: nothing was asked (concluded from other rows) */
	uint16_t question_type; /* 0: nothing was asked */
	struct view server;	/* name of the name server, or the resolver asked */
	struct view address;	/* its address */
	struct view transport;	/* udp, tcp, udp-noedns, ... */
	enum outcome outcome;
	int rcode;
	unsigned flags;
	int answers; /* -1: not known */
	unsigned tries;
	int64_t rtt_us;	     /* -1: not known */
	struct view finding; /* "ok", "insecure", a cause id, or another word for what it shows */
	struct view detail;  /* a sentence that a person can check */
};

/* Room for a line written, octets. */
#define EVIDENCE_MAX 8192

extern const struct csv_column evidence_columns[];

void evidence_init(struct evidence *row);
/* Writes one line, returns its length. The header is csv_header(out, evidence_columns). */
size_t evidence_write(char *out, const struct evidence *row);
/* As csv_pair_read(); layout is of evidence_columns. */
bool evidence_read(const struct csv_layout *layout, char *line, size_t len, struct evidence *row,
		   char why[CSV_WHY_MAX]);
