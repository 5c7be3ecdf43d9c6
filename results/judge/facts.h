/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * facts -- all that is known about one question (name and type), from all runs.
 *
 * A look   is one row: one resolver asked at one time.
 * An opinion is what all looks of one resolver come to, given what that resolver is able to know.
 * Nothing here allocates or reads anything but its arguments.
 */
#pragma once

#include "results/rows/calibration.h"
#include "results/rows/evidence.h"
#include "results/judge/hint.h"
#include "results/rows/row.h"

/* A resolver, as far as judging depends on it. Rows of equal `identity` are of the same one, seen
 * from the same place. */
struct resolver {
	const char *name; /* as in the list; "9.9.9.9@ams" when the run has a vantage point */
	unsigned identity;
	enum tri validates, honours_cd;
	bool useless;	 /* dead, refusing everything, or out of order: its rows say nothing */
	bool overloaded; /* at times, in a run: what it fails once and answers later says nothing */
	bool lossy;	 /* ... of what it stays silent about, the same holds */
	bool astray;   /* fails far more than any of its peers: what it alone fails says nothing */
	bool rewrites; /* answers names that do not exist: what it has for one may be forged */
	bool labels;   /* calls every answer blocked or forged (EDE), and means nothing by it */
	bool unrooted; /* the root does not validate there, at times: a wrong trust anchor or clock */
	bool signs;    /* hands out signatures, where there are some */
	bool no_cd;    /* nothing works there with CD=1, although it does without */
	bool fell_silent; /* answered at first, and nothing in the end: its silence says nothing */
	bool ad_always;	  /* sets AD on what is not even signed: its AD says nothing */
};

enum look_kind {
	LOOK_NOTHING,	 /* overloaded, not asked, broken transport: says nothing about the name */
	LOOK_CLEAN,	 /* NOERROR or NXDOMAIN */
	LOOK_EXEMPT,	 /* the same, but stale or under a negative trust anchor (EDE 3, 19, 33) */
	LOOK_POLICY,	 /* blocked, censored, filtered, forged (EDE 4, 15-18) */
	LOOK_REFUSED,	 /* REFUSED */
	LOOK_ERROR,	 /* another RCODE: FORMERR, NOTIMP, YXDOMAIN, ... */
	LOOK_VALIDATION, /* CD=0 SERVFAIL, CD=1 works, and CD=0 fails again */
	LOOK_RESOLUTION, /* CD=0 SERVFAIL, CD=1 fails too */
	LOOK_SERVFAIL,	 /* CD=0 SERVFAIL, CD=1 not known */
	LOOK_MUTE,	 /* no answer to CD=0, nor a useful one to CD=1 */
	LOOK_MUTE_CD,	 /* no answer to CD=0, CD=1 works */
	LOOK_RECOVERED,	 /* CD=0 failed, then worked when asked again */
};

enum look_kind look_kind(const struct row *row);
/* The same of a row of this resolver, whose EDE or CD=1 may mean nothing. */
enum look_kind look_kind_of(const struct row *row, const struct resolver *resolver);
/* Says that the root does not validate at the resolver. */
bool look_unrooted(const struct row *row);

struct look {
	const struct resolver *resolver;
	enum look_kind kind;
	bool ad;	 /* AD in a clean answer */
	int64_t time_ms; /* whole seconds for clean answers */
	int64_t rtt_us; /* of the CD=0 answer; -1: not known. Clean answers: to a power of two, from
			   below */
	const struct row *row; /* NULL for clean answers, which are kept short */
};

enum opinion_kind {
	OPINION_NONE, /* cannot tell */
	OPINION_OK,
	OPINION_EXEMPT,
	OPINION_POLICY,
	OPINION_REFUSED,
	OPINION_ERROR,
	OPINION_VALIDATION, /* resolves, but does not validate */
	OPINION_RESOLUTION, /* does not resolve, whatever CD says */
	OPINION_SERVFAIL,   /* fails, and this resolver cannot tell which of the two */
	OPINION_MUTE,
	OPINION_MUTE_CD,
	OPINION_RECOVERED,
	OPINION_FLAPS,
	OPINION_COUNT
};

struct opinion {
	const struct resolver *resolver;
	enum opinion_kind kind;
	bool blind;	       /* the resolver does not validate: its OK says "resolves", no more */
	bool ad;	       /* the good answer that counts came with AD */
	bool confirmed;	       /* a failure seen more than once */
	bool overloaded;       /* OPINION_NONE because all its rows were of overloaded time */
	int64_t lasted_ms;     /* from the first failure that was seen to the last */
	int64_t rtt_us;	       /* of the answer that counts; -1: not known */
	int64_t again_us;      /* of the CD=1 answer; -1: not known */
	const struct row *row; /* the row that tells most; NULL for OK */
};

struct facts {
	struct view name;
	uint16_t qtype;
	const struct look *looks; /* sorted by resolver identity, then time */
	size_t look_count;
	const struct evidence *evidence; /* of the latest inquiry, in the order of its rows */
	size_t evidence_count;
	bool on_purpose;	 /* on the list of names broken for tests */
	struct view shared_at;	 /* a zone above that all scanned names below fail alike in; empty:
				    none */
	struct view alive_above; /* the lowest zone above below which other names resolve; empty:
				    none is known */
	bool alive_below;	 /* names below it resolve */
};

/* Fills opinions (room for look_count), one a resolver. Returns how many. */
size_t facts_opinions(const struct facts *facts, struct opinion *opinions);
/* Of a resolver that failed it first and had an answer later: what it would be without the latter. */
enum opinion_kind facts_failed(const struct opinion *opinion);
/* One of the words of a row's note. */
bool note_has(struct view note, const char *word);
