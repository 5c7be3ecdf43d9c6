/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * verdict -- what is said about one question, and the rows of verdicts.csv.gz.
 */
#pragma once

#include <stddef.h>

#include "results/judge/cause.h"
#include "results/rows/csv.h"
#include "results/judge/facts.h"

enum status {
	STATUS_OK,	/* no resolver that can know fails it */
	STATUS_FAILING, /* all that can know fail it */
	STATUS_PARTIAL, /* some do, or did at some time */
	STATUS_UNKNOWN, /* nobody could tell */
	STATUS_COUNT
};

enum confidence {
	CONFIDENCE_NONE, /* status ok: there is no cause */
	CONFIDENCE_GUESS,
	CONFIDENCE_LIKELY,
	CONFIDENCE_CERTAIN,
	CONFIDENCE_COUNT
};

#define VERDICT_EVIDENCE_MAX  1200
#define VERDICT_EDE_MAX	      96
#define VERDICT_OPERATORS_MAX 600

struct verdict {
	enum status status;
	enum cause cause;
	enum confidence confidence;
	unsigned ok, failing, unknown; /* resolvers */
	char at[256];
	char ede[VERDICT_EDE_MAX]; /* INFO-CODEs of the failing answers, each once, ascending,
				      joined by + */
	char evidence[VERDICT_EVIDENCE_MAX];
	/* Of the zone at fault, or of the name's own: who serves it, with which DNSSEC algorithms
	 * it is signed; each once, ascending, joined by +. Known only with evidence or signatures.
	 */
	char operators[VERDICT_OPERATORS_MAX];
	char algorithms[32];
	bool is_signed; /* a validator said AD, there were signatures, or DNSSEC is what is broken
			   */
	bool places_differ; /* fails from one vantage point, resolves from another */
	const char *rule;   /* name of the rule that decided */
};

const char *status_name(enum status status);
const char *confidence_name(enum confidence confidence);

/* Judges: a pure function of the facts. opinions: room for facts->look_count; returns how many
 * there are, each as it counted. */
size_t judge(const struct facts *facts, struct opinion *opinions, struct verdict *verdict);

/* Room for a line written, octets. */
#define VERDICT_MAX 8192

enum verdict_column {
	VERDICT_NAME,
	VERDICT_QTYPE,
	VERDICT_STATUS,
	VERDICT_CATEGORY,
	VERDICT_CAUSE,
	VERDICT_AT,
	VERDICT_CONFIDENCE,
	VERDICT_RESOLVERS_OK,
	VERDICT_RESOLVERS_FAILING,
	VERDICT_RESOLVERS_UNKNOWN,
	VERDICT_EDE,
	VERDICT_EVIDENCE,
	VERDICT_FIX,
	VERDICT_OPERATOR,
	VERDICT_ALGORITHM,
	VERDICT_SIGNED,
	VERDICT_COLUMNS
};

extern const struct csv_column verdict_columns[];
/* Writes one line, returns its length. The header is csv_header(out, verdict_columns). */
size_t verdict_write(char *out, struct view name, uint16_t qtype, const struct verdict *verdict);
