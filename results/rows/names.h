/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * names -- numbers of the DNS and their names, both ways: RCODE, QTYPE, EDE INFO-CODE, outcome,
 * header flags.
 *
 * Unknown numbers are written as RFC 3597 does it (TYPE1234, RCODE1234) and read back.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What happened to one query. The texts are part of the CSV (outcome_name()). */
enum outcome {
	OUTCOME_UNKNOWN,  /* "": an empty field */
	OUTCOME_ANSWERED, /* "answered" */
	OUTCOME_TIMEOUT,
	OUTCOME_UNREACHABLE,
	OUTCOME_TRUNCATED_TCP_FAILED, /* "truncated-tcp-failed" */
	OUTCOME_MALFORMED,
	OUTCOME_MISMATCH,
	OUTCOME_NOT_ASKED, /* "not-asked" */
	OUTCOME_COUNT
};

/* Header bits as kept in rows. */
enum {
	FLAG_AA = 1,
	FLAG_TC = 2,
	FLAG_RD = 4,
	FLAG_RA = 8,
	FLAG_AD = 16,
	FLAG_CD = 32,
};

enum {
	RCODE_UNKNOWN = -1,
	RCODE_NOERROR = 0,
	RCODE_FORMERR = 1,
	RCODE_SERVFAIL = 2,
	RCODE_NXDOMAIN = 3,
	RCODE_NOTIMP = 4,
	RCODE_REFUSED = 5,
	RCODE_YXDOMAIN = 6,
	RCODE_NOTAUTH = 9,
	RCODE_BADVERS = 16,
};

/* Longest text these functions write, with NUL. */
#define NAME_TEXT_MAX 24

const char *outcome_name(enum outcome outcome);
bool outcome_from_name(const char *text, size_t len, enum outcome *outcome);

/* Known names are constants; an unknown number is written into text. Never NULL. */
const char *rcode_name(int rcode, char text[NAME_TEXT_MAX]);
bool rcode_from_name(const char *text, size_t len, int *rcode);
const char *qtype_name(uint16_t qtype, char text[NAME_TEXT_MAX]);
bool qtype_from_name(const char *text, size_t len, uint16_t *qtype);
/* "DNSSEC Bogus" for 6; NULL when not registered. */
const char *ede_name(uint16_t info_code);
/* "ECDSAP256SHA256" for 13; NULL when not registered. */
const char *dnssec_algorithm_name(uint8_t number);
/* "aa+rd+ra" in this order: aa tc rd ra ad cd. */
const char *flags_name(unsigned flags, char text[NAME_TEXT_MAX]);
bool flags_from_name(const char *text, size_t len, unsigned *flags);
