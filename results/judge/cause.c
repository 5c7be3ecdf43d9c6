/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/judge/cause.h"

#include <string.h>

/* clang-format off */
static const struct cause_info causes[CAUSE_COUNT] = {
	[CAUSE_NONE] = {CATEGORY_NONE, "", "", ""},
	[CAUSE_RRSIG_EXPIRED] = {CATEGORY_DNSSEC, "rrsig-expired",
		 "a signature that the answer or its chain needs has expired (say which RRset, "
		 "which key, since when)",
		 "re-sign the zone and repair the signer's schedule; emergency: remove the DS at "
		 "the registrar and wait out its TTL"},
	[CAUSE_RRSIG_NOT_YET_VALID] = {CATEGORY_DNSSEC, "rrsig-not-yet-valid",
		 "a needed signature begins in the future, or its expiration lies before its "
		 "inception",
		 "correct the signer's clock and re-sign"},
	[CAUSE_RRSIG_INVALID] = {CATEGORY_DNSSEC, "rrsig-invalid",
		 "a needed signature does not verify (data or signature changed after signing, "
		 "wrong algorithm or key tag field)",
		 "re-sign the zone; look for edits or middle boxes after the signer"},
	[CAUSE_RRSIG_MISSING] = {CATEGORY_DNSSEC, "rrsig-missing",
		 "records that must be signed are not, or servers leave the signatures out of some "
		 "answers",
		 "serve the signed zone file on every server; re-sign"},
	[CAUSE_RRSIG_KEY_MISSING] = {CATEGORY_DNSSEC, "rrsig-key-missing",
		 "signed by a key that is not in the DNSKEY RRset (a ZSK removed too early)",
		 "publish that DNSKEY again, or re-sign with a published key"},
	[CAUSE_RRSIG_WRONG_FIELDS] = {CATEGORY_DNSSEC, "rrsig-wrong-fields",
		 "signer name, labels, type covered or length of a needed RRSIG is wrong",
		 "re-sign with a correct signer"},
	[CAUSE_DS_NO_MATCHING_DNSKEY] = {CATEGORY_DNSSEC, "ds-no-matching-dnskey",
		 "no DS at the parent has the key tag and algorithm of any DNSKEY (a rollover left "
		 "the DS behind)",
		 "give the registrar the DS of the current key-signing key, or publish the old key "
		 "again"},
	[CAUSE_DS_DIGEST_MISMATCH] = {CATEGORY_DNSSEC, "ds-digest-mismatch",
		 "key tag and algorithm of the DS fit a DNSKEY, its digest does not",
		 "give the registrar a DS computed anew from the current DNSKEY"},
	[CAUSE_DS_ALGORITHM_MISMATCH] = {CATEGORY_DNSSEC, "ds-algorithm-mismatch",
		 "the DS names an algorithm that no DNSKEY of the zone has",
		 "give the registrar a DS of a key that the zone has; finish the algorithm "
		 "rollover"},
	[CAUSE_DS_BUT_UNSIGNED] = {CATEGORY_DNSSEC, "ds-but-unsigned",
		 "the parent has a DS, the zone has no DNSKEY at all",
		 "sign the zone, or remove the DS at the registrar"},
	[CAUSE_DNSKEY_NOT_SIGNED] = {CATEGORY_DNSSEC, "dnskey-not-signed",
		 "the DNSKEY RRset is not signed by the key that the DS points to",
		 "sign the DNSKEY RRset with the key-signing key that the DS names"},
	[CAUSE_DNSKEY_REVOKED] = {CATEGORY_DNSSEC, "dnskey-revoked",
		 "the key that the chain depends on carries the REVOKE bit",
		 "replace the DS and the signatures by those of a live key"},
	[CAUSE_DNSKEY_UNUSABLE] = {CATEGORY_DNSSEC, "dnskey-unusable",
		 "the key that the chain depends on is no zone key, has a wrong protocol field, or "
		 "is malformed, too short or of another algorithm than it says",
		 "publish a proper DNSKEY and its DS"},
	[CAUSE_DNSKEY_UNOBTAINABLE] = {CATEGORY_DNSSEC, "dnskey-unobtainable",
		 "the servers answer, but not for DNSKEY (refused, SERVFAIL, dropped, empty)",
		 "let the servers answer DNSKEY; look at filters in front of them"},
	[CAUSE_DENIAL_MISSING] = {CATEGORY_DNSSEC, "denial-missing",
		 "the NSEC or NSEC3 that must prove that a name or type does not exist is missing",
		 "re-sign the zone, with a complete NSEC or NSEC3 chain"},
	[CAUSE_DENIAL_WRONG] = {CATEGORY_DNSSEC, "denial-wrong",
		 "the NSEC or NSEC3 given proves something else, or is hashed wrongly",
		 "re-sign the zone; NSEC3 with 0 iterations and no salt"},
	[CAUSE_PARENT_DS_INVALID] = {CATEGORY_DNSSEC, "parent-ds-invalid",
		 "the parent's DS RRset, or its proof that there is none, does not validate",
		 "the parent's operator must re-sign; nothing to mend in the domain"},
	[CAUSE_SERVER_WITHOUT_DNSSEC] = {CATEGORY_DNSSEC, "server-without-dnssec",
		 "a signed zone is served by servers that know no DNSSEC (no RRSIG with DO)",
		 "move to servers that speak DNSSEC, or remove the DS"},
	[CAUSE_SERVERS_INCONSISTENT] = {CATEGORY_DNSSEC, "servers-inconsistent",
		 "some servers of the zone give valid answers and some do not (stale or unsigned "
		 "copies)",
		 "repair the zone transfers; all servers must serve the same signed version"},
	[CAUSE_NS_TIMEOUT] = {CATEGORY_UNREACHABLE, "ns-timeout",
		 "no address of any name server answers at all",
		 "restore the name servers, or change provider and delegation"},
	[CAUSE_NS_UNREACHABLE] = {CATEGORY_UNREACHABLE, "ns-unreachable",
		 "every address of every name server rejects the packet (port or host unreachable, "
		 "connection refused)",
		 "start the name server, or open its firewall"},
	[CAUSE_NS_MIXED_FAILURES] = {CATEGORY_UNREACHABLE, "ns-mixed-failures",
		 "every name server fails, in different ways (say each)",
		 "mend each server as the evidence says"},
	[CAUSE_NS_REFUSED] = {CATEGORY_DELEGATION, "ns-refused",
		 "the name servers REFUSE the zone: they do not, or no longer, serve it",
		 "add the zone at the provider, or point the delegation to servers that have it"},
	[CAUSE_NS_ERROR] = {CATEGORY_DELEGATION, "ns-error",
		 "the name servers answer NOTAUTH, NOTIMP, FORMERR or another error to plain "
		 "queries",
		 "mend or replace the servers"},
	[CAUSE_NS_NOT_AUTHORITATIVE] = {CATEGORY_DELEGATION, "ns-not-authoritative",
		 "the name servers answer without AA, with nothing, or refer to themselves",
		 "configure the zone on them, or change the delegation"},
	[CAUSE_NS_UPWARD_REFERRAL] = {CATEGORY_DELEGATION, "ns-upward-referral",
		 "the name servers refer upwards (to the root or the parent), or are the parent's "
		 "own",
		 "configure the zone on them, or change the delegation"},
	[CAUSE_NS_OTHER_ZONE] = {CATEGORY_DELEGATION, "ns-other-zone",
		 "the name servers answer out of another zone (its SOA, a root of their own)",
		 "configure the zone on them, or change the delegation"},
	[CAUSE_NS_NAME_NONEXISTENT] = {CATEGORY_DELEGATION, "ns-name-nonexistent",
		 "the name of a name server does not exist (a typo, an expired domain: anyone may "
		 "register it)",
		 "correct the NS records at the registrar, now"},
	[CAUSE_NS_NAME_NO_ADDRESS] = {CATEGORY_DELEGATION, "ns-name-no-address",
		 "a name server's name exists but has no address",
		 "add its A or AAAA record, or correct the NS records"},
	[CAUSE_NS_NAME_UNRESOLVABLE] = {CATEGORY_DELEGATION, "ns-name-unresolvable",
		 "a name server's name cannot be resolved, because its own zone is broken",
		 "mend that zone, or use name servers elsewhere"},
	[CAUSE_NS_NAME_ALIAS] = {CATEGORY_DELEGATION, "ns-name-alias",
		 "a name server's name is a CNAME",
		 "point NS records to names with addresses"},
	[CAUSE_NS_GLUE_MISSING] = {CATEGORY_DELEGATION, "ns-glue-missing",
		 "name servers inside the zone lack glue at the parent",
		 "add glue (host records) at the registrar"},
	[CAUSE_NS_GLUE_WRONG] = {CATEGORY_DELEGATION, "ns-glue-wrong",
		 "the glue at the parent leads elsewhere than the zone's own addresses",
		 "correct the glue at the registrar"},
	[CAUSE_NS_ADDRESS_SPECIAL] = {CATEGORY_DELEGATION, "ns-address-special",
		 "the name servers' addresses are private, loopback or otherwise not for the "
		 "Internet",
		 "give public addresses"},
	[CAUSE_NS_LOOP] = {CATEGORY_DELEGATION, "ns-loop",
		 "name servers that can be found only through each other",
		 "give one of them glue, or another name server"},
	[CAUSE_NS_PARENT_OUTDATED] = {CATEGORY_DELEGATION, "ns-parent-outdated",
		 "the parent delegates to servers that fail, while the zone's own NS set works",
		 "update the NS records at the registrar"},
	[CAUSE_ZONE_NOT_LOADED] = {CATEGORY_ZONE, "zone-not-loaded",
		 "every authoritative server answers SERVFAIL: the zone failed to load, expired on "
		 "a secondary, or never arrived",
		 "mend the syntax and reload; repair the transfer from the primary"},
	[CAUSE_CNAME_LOOP] = {CATEGORY_ZONE, "cname-loop",
		 "CNAME or DNAME records run in a circle",
		 "remove the loop"},
	[CAUSE_CNAME_CHAIN_TOO_LONG] = {CATEGORY_ZONE, "cname-chain-too-long",
		 "more aliases in a row than resolvers follow",
		 "shorten the chain"},
	[CAUSE_RECORDS_MALFORMED] = {CATEGORY_ZONE, "records-malformed",
		 "the zone's records do not parse (wrong length, name too long)",
		 "correct the record"},
	[CAUSE_TCP_BLOCKED] = {CATEGORY_NETWORK, "tcp-blocked",
		 "answers need TCP (truncated over UDP) and TCP fails",
		 "open TCP port 53"},
	[CAUSE_UDP_BLOCKED] = {CATEGORY_NETWORK, "udp-blocked",
		 "the servers answer over TCP but not over UDP",
		 "open UDP port 53"},
	[CAUSE_LARGE_ANSWERS_LOST] = {CATEGORY_NETWORK, "large-answers-lost",
		 "answers above some size never arrive over UDP (fragments dropped), and TCP fails "
		 "too",
		 "lower the servers' UDP size to 1232, open TCP port 53, let fragments pass"},
	[CAUSE_NS_IPV6_UNREACHABLE] = {CATEGORY_NETWORK, "ns-ipv6-unreachable",
		 "name servers have only IPv6 addresses that cannot be reached",
		 "repair IPv6, or add IPv4 addresses"},
	[CAUSE_EDNS_DROPPED] = {CATEGORY_NETWORK, "edns-dropped",
		 "queries with EDNS or DO are dropped",
		 "mend the firewall or server that drops them"},
	[CAUSE_EDNS_REFUSED] = {CATEGORY_NETWORK, "edns-refused",
		 "queries with EDNS or DO are answered FORMERR, NOTIMP or BADVERS",
		 "upgrade the server"},
	[CAUSE_NS_SLOW] = {CATEGORY_NETWORK, "ns-slow",
		 "the servers answer, but too late for resolvers",
		 "find the cause of the delay"},
	[CAUSE_PACKET_LOSS] = {CATEGORY_NETWORK, "packet-loss",
		 "a large share of queries to the servers is lost",
		 "repair the path; look for rate limits and attacks"},
	[CAUSE_ANSWER_MISMATCH] = {CATEGORY_NETWORK, "answer-mismatch",
		 "answers carry another ID, question or class, or come from another address",
		 "mend the server or the middle box"},
	[CAUSE_ANSWER_MALFORMED] = {CATEGORY_NETWORK, "answer-malformed",
		 "the servers' answers do not parse",
		 "replace the server"},
	[CAUSE_RESOLVER_OVERLOAD] = {CATEGORY_RESOLVER, "resolver-overload",
		 "the resolver fails under load, control names included",
		 "slow down, or scale the resolver"},
	[CAUSE_RESOLVER_LIMIT] = {CATEGORY_RESOLVER, "resolver-limit",
		 "a limit or policy of the resolver's own (iterations, alias count, algorithms, "
		 "work limits): others resolve the name",
		 "ask another resolver; tell its operator"},
	[CAUSE_RESOLVER_PATH] = {CATEGORY_RESOLVER, "resolver-path",
		 "only this resolver cannot reach the servers (its network, its IPv6, a filter, a "
		 "dead forwarder)",
		 "repair the resolver's path"},
	[CAUSE_RESOLVER_POLICY] = {CATEGORY_RESOLVER, "resolver-policy",
		 "the resolver blocks, censors or filters the name (EDE 4, 15-18, REFUSED)",
		 "none; ask a resolver without that policy"},
	[CAUSE_RESOLVER_EXEMPTS] = {CATEGORY_RESOLVER, "resolver-exempts",
		 "the resolver lets a broken name pass (negative trust anchor, no validation, "
		 "stale answer) or a cached failure outlives the repair",
		 "none; the name is judged by the others"},
	[CAUSE_RECOVERED] = {CATEGORY_TRANSIENT, "recovered",
		 "failed at first and resolves when asked again later",
		 "none; watch it (new delegations propagate, restarts pass)"},
	[CAUSE_FLAPPING] = {CATEGORY_TRANSIENT, "flapping",
		 "fails and resolves in turn",
		 "look for overload, attack, or servers that take turns at failing"},
	[CAUSE_BROKEN_ON_PURPOSE] = {CATEGORY_EXPECTED, "broken-on-purpose",
		 "on the list of names that are broken for tests",
		 "none"},
	[CAUSE_UNDECIDED] = {CATEGORY_UNKNOWN, "undecided",
		 "fails, and the evidence does not say why (say what was tried)",
		 "ask again with more evidence"},
};
/* clang-format on */

_Static_assert(CAUSE_COUNT <= 64, "a mask of causes has 64 bits");

static const char *const categories[CATEGORY_COUNT] = {
	[CATEGORY_NONE] = "",
	[CATEGORY_DNSSEC] = "dnssec",
	[CATEGORY_UNREACHABLE] = "unreachable",
	[CATEGORY_DELEGATION] = "delegation",
	[CATEGORY_ZONE] = "zone",
	[CATEGORY_NETWORK] = "network",
	[CATEGORY_RESOLVER] = "resolver",
	[CATEGORY_TRANSIENT] = "transient",
	[CATEGORY_EXPECTED] = "expected",
	[CATEGORY_UNKNOWN] = "unknown",
};

const struct cause_info *cause_info(enum cause cause)
{
	return &causes[(unsigned)cause < CAUSE_COUNT ? cause : CAUSE_NONE];
}

const char *category_name(enum category category)
{
	return (unsigned)category < CATEGORY_COUNT ? categories[category] : "";
}

enum cause cause_from_id(const char *id, size_t len)
{
	for (unsigned i = 1; i < CAUSE_COUNT; i++)
		if (strlen(causes[i].id) == len && memcmp(causes[i].id, id, len) == 0)
			return (enum cause)i;
	return CAUSE_NONE;
}

uint64_t cause_mask(enum category category)
{
	uint64_t mask = 0;

	for (unsigned i = 1; i < CAUSE_COUNT; i++)
		if (causes[i].category == category)
			mask |= CAUSE_BIT(i);
	return mask;
}
