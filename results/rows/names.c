/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/rows/names.h"

#include <stdio.h>
#include <string.h>

struct word {
	unsigned number;
	const char *name;
};

/* clang-format off */
static const char *const outcome_words[OUTCOME_COUNT] = {
	[OUTCOME_UNKNOWN] = "",
	[OUTCOME_ANSWERED] = "answered",
	[OUTCOME_TIMEOUT] = "timeout",
	[OUTCOME_UNREACHABLE] = "unreachable",
	[OUTCOME_TRUNCATED_TCP_FAILED] = "truncated-tcp-failed",
	[OUTCOME_MALFORMED] = "malformed",
	[OUTCOME_MISMATCH] = "mismatch",
	[OUTCOME_NOT_ASKED] = "not-asked",
};

/* RFC 6895, section 2.3, and RFC 8490 (DSOTYPENI), RFC 7873 (BADCOOKIE). 16 is BADVERS in a message
 * with OPT. */
static const struct word rcode_words[] = {
	{0, "NOERROR"}, {2, "SERVFAIL"}, {3, "NXDOMAIN"}, {5, "REFUSED"}, {1, "FORMERR"}, {4, "NOTIMP"},
	{6, "YXDOMAIN"}, {7, "YXRRSET"}, {8, "NXRRSET"}, {9, "NOTAUTH"}, {10, "NOTZONE"}, {11, "DSOTYPENI"},
	{16, "BADVERS"}, {17, "BADKEY"}, {18, "BADTIME"}, {19, "BADMODE"}, {20, "BADNAME"}, {21, "BADALG"},
	{22, "BADTRUNC"}, {23, "BADCOOKIE"}, {0, NULL},
};

static const struct word qtype_words[] = {
	{1, "A"}, {28, "AAAA"}, {2, "NS"}, {5, "CNAME"}, {6, "SOA"}, {15, "MX"}, {16, "TXT"}, {12, "PTR"},
	{43, "DS"}, {48, "DNSKEY"}, {46, "RRSIG"}, {47, "NSEC"}, {50, "NSEC3"}, {51, "NSEC3PARAM"},
	{39, "DNAME"}, {33, "SRV"}, {35, "NAPTR"}, {52, "TLSA"}, {64, "SVCB"}, {65, "HTTPS"}, {257, "CAA"},
	{59, "CDS"}, {60, "CDNSKEY"}, {62, "CSYNC"}, {63, "ZONEMD"}, {44, "SSHFP"}, {45, "IPSECKEY"},
	{13, "HINFO"}, {17, "RP"}, {18, "AFSDB"}, {24, "SIG"}, {25, "KEY"}, {29, "LOC"}, {36, "KX"},
	{37, "CERT"}, {42, "APL"}, {49, "DHCID"}, {53, "SMIMEA"}, {55, "HIP"}, {61, "OPENPGPKEY"},
	{99, "SPF"}, {108, "EUI48"}, {109, "EUI64"}, {249, "TKEY"}, {250, "TSIG"}, {251, "IXFR"},
	{252, "AXFR"}, {255, "ANY"}, {256, "URI"}, {32768, "TA"}, {32769, "DLV"}, {0, NULL},
};

/* The IANA registry "Extended DNS Error Codes" (RFC 8914, section 5.2, and what came later). */
static const char *const ede_words[] = {
	"Other", "Unsupported DNSKEY Algorithm", "Unsupported DS Digest Type", "Stale Answer",
	"Forged Answer", "DNSSEC Indeterminate", "DNSSEC Bogus", "Signature Expired",
	"Signature Not Yet Valid", "DNSKEY Missing", "RRSIGs Missing", "No Zone Key Bit Set",
	"NSEC Missing", "Cached Error", "Not Ready", "Blocked", "Censored", "Filtered", "Prohibited",
	"Stale NXDOMAIN Answer", "Not Authoritative", "Not Supported", "No Reachable Authority",
	"Network Error", "Invalid Data", "Signature Expired before Valid", "Too Early",
	"Unsupported NSEC3 Iterations Value", "Unable to conform to policy", "Synthesized",
	"Invalid Query Type", "Rate Limited", "Over Quota", "Negative Trust Anchor",
	"New Delegation Only", "Blocked by Upstream DNS Server",
};

/* IANA, "DNS Security Algorithm Numbers". */
static const struct word algorithm_words[] = {
	{1, "RSAMD5"},	    {2, "DH"},
	{3, "DSA"},	    {5, "RSASHA1"},
	{6, "DSA-NSEC3-SHA1"}, {7, "RSASHA1-NSEC3-SHA1"},
	{8, "RSASHA256"},   {10, "RSASHA512"},
	{12, "ECC-GOST"},   {13, "ECDSAP256SHA256"},
	{14, "ECDSAP384SHA384"}, {15, "ED25519"},
	{16, "ED448"},	    {17, "SM2SM3"},
	{23, "ECC-GOST12"}, {253, "PRIVATEDNS"},
	{254, "PRIVATEOID"}, {0, NULL},
};

static const struct word flag_words[] = {
	{FLAG_AA, "aa"}, {FLAG_TC, "tc"}, {FLAG_RD, "rd"}, {FLAG_RA, "ra"}, {FLAG_AD, "ad"}, {FLAG_CD, "cd"},
	{0, NULL},
};
/* clang-format on */

static bool same(const char *text, size_t len, const char *name)
{
	return strlen(name) == len && memcmp(text, name, len) == 0;
}

static const char *word_by_number(const struct word *words, unsigned number)
{
	for (; words->name; words++)
		if (words->number == number)
			return words->name;
	return NULL;
}

static bool word_by_name(const struct word *words, const char *text, size_t len, unsigned *number)
{
	for (; words->name; words++) {
		if (same(text, len, words->name)) {
			*number = words->number;
			return true;
		}
	}
	return false;
}

/* "TYPE1234" as RFC 3597, section 5, wants it: decimal, no sign, not above max. */
static bool generic(const char *text, size_t len, const char *prefix, unsigned max,
		    unsigned *number)
{
	size_t skip = strlen(prefix);
	unsigned value = 0;

	if (len <= skip || len > skip + 5 || memcmp(text, prefix, skip) != 0)
		return false;
	for (size_t i = skip; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		value = value * 10 + (unsigned)(text[i] - '0');
	}
	if (value > max)
		return false;
	*number = value;
	return true;
}

const char *outcome_name(enum outcome outcome)
{
	return (unsigned)outcome < OUTCOME_COUNT ? outcome_words[outcome] : "";
}

bool outcome_from_name(const char *text, size_t len, enum outcome *outcome)
{
	if (len == 0) {
		*outcome = OUTCOME_UNKNOWN;
		return true;
	}
	for (unsigned i = 1; i < OUTCOME_COUNT; i++) {
		if (same(text, len, outcome_words[i])) {
			*outcome = (enum outcome)i;
			return true;
		}
	}
	return false;
}

const char *rcode_name(int rcode, char text[NAME_TEXT_MAX])
{
	const char *name;

	if (rcode < 0)
		return "";
	name = word_by_number(rcode_words, (unsigned)rcode);
	if (name)
		return name;
	snprintf(text, NAME_TEXT_MAX, "RCODE%d", rcode);
	return text;
}

bool rcode_from_name(const char *text, size_t len, int *rcode)
{
	unsigned number;

	if (len == 0) {
		*rcode = RCODE_UNKNOWN;
		return true;
	}
	if (!word_by_name(rcode_words, text, len, &number) &&
	    !generic(text, len, "RCODE", 4095, &number))
		return false;
	*rcode = (int)number;
	return true;
}

const char *qtype_name(uint16_t qtype, char text[NAME_TEXT_MAX])
{
	const char *name = word_by_number(qtype_words, qtype);

	if (name)
		return name;
	snprintf(text, NAME_TEXT_MAX, "TYPE%u", (unsigned)qtype);
	return text;
}

bool qtype_from_name(const char *text, size_t len, uint16_t *qtype)
{
	unsigned number;

	if (len == 0)
		return false;
	if (!word_by_name(qtype_words, text, len, &number) &&
	    !generic(text, len, "TYPE", UINT16_MAX, &number))
		return false;
	*qtype = (uint16_t)number;
	return true;
}

const char *ede_name(uint16_t info_code)
{
	return info_code < sizeof(ede_words) / sizeof(*ede_words) ? ede_words[info_code] : NULL;
}

const char *dnssec_algorithm_name(uint8_t number)
{
	return word_by_number(algorithm_words, number);
}

const char *flags_name(unsigned flags, char text[NAME_TEXT_MAX])
{
	size_t len = 0;

	for (const struct word *word = flag_words; word->name; word++) {
		if (!(flags & word->number))
			continue;
		if (len)
			text[len++] = '+';
		memcpy(text + len, word->name, 2);
		len += 2;
	}
	text[len] = '\0';
	return text;
}

bool flags_from_name(const char *text, size_t len, unsigned *flags)
{
	unsigned sum = 0, bit;

	for (size_t i = 0; i < len; i += 3) {
		if (len - i < 2 || !word_by_name(flag_words, text + i, 2, &bit))
			return false;
		sum |= bit;
		if (len - i > 2 && (text[i + 2] != '+' || len - i == 3))
			return false;
	}
	*flags = sum;
	return true;
}
