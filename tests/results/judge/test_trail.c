/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Evidence rows held against resolvers' answers.
 *
 * Each case: what the resolvers answered, one letter each, the rows, and the verdict. Letters:
 *   k NOERROR                      r SERVFAIL, and with CD=1 too      p blocked (EDE 15)
 *   v SERVFAIL, NOERROR with CD=1  n SERVFAIL, NXDOMAIN with CD=1     m no answer to either
 *   y YXDOMAIN                     x SERVFAIL, then NOERROR when asked again
 *   b NOERROR of a resolver that does not validate; z as x, of such a one
 *   a NOERROR with AD              d as n, and NXDOMAIN when asked again
 *   q as r, and again 20 s later   l as r, and again 15 min later
 *   e as r, with EDE: a name server said REFUSED
 *   f REFUSED; c as r, and within a moment; w as r, after 5 s
 *   g as v, of a resolver that rewrites NXDOMAIN
 *   h as r, of one that fails far more than the others
 *   E as v, of one where the root does not validate
 *   F as s, with EDE of unbound: no key has the DS
 *   j as v, EDE 10; u as x, EDE 6
 *   i no answer, NOERROR with CD=1; B, C, D as v and again SERVFAIL, with EDE of unbound and Knot
 *   S as n, with a signature over SOA
 *   s as v, with a signature over A that is in date; o as v, with one that is not; t as o, EDE 7
 * A row: probe, zone, server, address, finding, detail, separated by blanks ("-" is empty; the
 * detail goes on to the end of the line). "@" before a probe: resolvers told it; "%": a zone file.
 */
#include "results/judge/rules.h"
#include "tests/tap.h"

#include <stdlib.h>

#define ROWS_MAX 32

#define OWN(zone)                                                                                  \
	"path . - - zone -\nchain . - - secure -\npath " zone " - - own-zone -\n"                  \
	"delegation " zone " - - ok NS: ns." zone "\n"
#define TOLD(zone) "@path . - - zone -\n@chain . - - secure -\n@path " zone " - - own-zone -\n"
#define FILED(zone)                                                                                \
	"path . - - zone -\nchain . - - secure -\npath " zone " - - own-zone -\n"                  \
	"%delegation " zone " - - ok NS: ns." zone "\n"
#define BLIND	     "budget . - - no-path the root servers cannot be reached from here\n"
#define SECURE(zone) "chain " zone " - - secure DS 1, DNSKEY 1\n"
#define BESIDE                                                                                     \
	"server a.test ns.a.test 192.0.2.1 ok -\n"                                                 \
	"chain a.test ns.a.test 192.0.2.1 secure -\n"                                              \
	"beside a.test ns.a.test 192.0.2.1 rrsig-missing NS of a.test has no RRSIG\n"
#define UNSIGNED(zone) "chain " zone " - - insecure -\n"

static const struct {
	const char *name, *answers, *rows, *verdict;
} cases[] = {
	{"what the chain proves", "vvvv",
	 OWN("a.test") "chain a.test - - rrsig-expired RRSIG over A expired\n"
		       "server a.test ns.a.test 192.0.2.1 ok -\n"
		       "chain a.test ns.a.test 192.0.2.1 rrsig-expired RRSIG over A expired\n"
		       "conclusion a.test - - ok -\n",
	 "failing rrsig-expired at a.test certain: RRSIG over A expired; seen at ns.a.test "
	 "192.0.2.1"},
	{"one server has no keys, the other's signatures are old", "v",
	 OWN("a.test") "chain a.test - - ds-but-unsigned no DNSKEY\n"
		       "chain a.test ns2.a.test 192.0.2.2 ds-but-unsigned no DNSKEY\n"
		       "chain a.test ns.a.test 192.0.2.1 rrsig-expired RRSIG over A expired\n"
		       "conclusion a.test - - ok -\n",
	 "failing rrsig-expired at a.test likely: RRSIG over A expired; seen at ns.a.test "
	 "192.0.2.1"},
	{"what the chain proves to one resolver", "v",
	 OWN("a.test") "chain a.test - - rrsig-expired RRSIG over A expired\n"
		       "conclusion a.test - - ok -\n",
	 "failing rrsig-expired at a.test certain: RRSIG over A expired"},
	{"... one that validates nothing, but this does not validate", "E",
	 OWN("a.test") "chain a.test - - rrsig-expired RRSIG over A expired\n"
		       "conclusion a.test - - ok -\n",
	 "failing rrsig-expired at a.test certain: RRSIG over A expired"},
	{"... and this does", "E",
	 OWN("a.test") SECURE("a.test") "chain a.test ns.a.test 192.0.2.1 secure -\n"
					"conclusion a.test - - ok -\n",
	 "unknown undecided at  guess: no resolver that can tell has answered"},
	{"what servers say once, and a cache may keep", "q",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - ns-refused answers REFUSED\n",
	 "failing ns-refused at a.test likely: answers REFUSED; seen at one time only, and perhaps "
	 "over at another"},
	{"... and for so long none keeps it", "l",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - ns-refused answers REFUSED\n",
	 "failing ns-refused at a.test certain: answers REFUSED; 192.0.2.53"},
	{"... or two resolvers have met it", "qq",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - ns-error answers NOTIMP\n",
	 "failing ns-error at a.test certain: answers NOTIMP; 192.0.2.53"},
	{"the parent does not answer for DS", "vvr",
	 "path . - - zone -\nchain . - - secure -\npath test - - zone -\nchain test - - secure -\n"
	 "path a.test - - own-zone -\nchain test - - ds-unobtainable REFUSED to a.test DS\n"
	 "chain a.test ns.a.test 192.0.2.1 indeterminate its DS is not known\n"
	 "conclusion a.test - - ok -\n",
	 "failing parent-ds-invalid at test certain: test: REFUSED to a.test DS"},
	{"... and that shows with CD=1, too, at some resolvers", "q",
	 "path . - - zone -\nchain . - - secure -\npath test - - zone -\nchain test - - secure -\n"
	 "path a.test - - own-zone -\nchain test - - ds-unobtainable REFUSED to a.test DS\n"
	 "conclusion a.test - - ok -\n",
	 "failing parent-ds-invalid at test likely: test: REFUSED to a.test DS; seen at one time"},
	{"servers that only glue for other zones leads to", "rkkk",
	 OWN("a.test") UNSIGNED("a.test") "server a.test ns.b.test 192.0.2.1 ok -\n"
					  "delegation a.test - - ns-loop-but-glue a circle\n"
					  "conclusion a.test - - ok -\n",
	 "partial ns-loop at a.test likely: a circle"},
	{"... and nobody believes that", "rr",
	 OWN("a.test") UNSIGNED("a.test") "server a.test ns.b.test 192.0.2.1 ok -\n"
					  "delegation a.test - - ns-loop-but-glue a circle\n"
					  "conclusion a.test - - ok -\n",
	 "failing ns-loop at a.test likely: a circle"},
	{"... and all do", "kkk",
	 OWN("a.test") UNSIGNED("a.test") "server a.test ns.b.test 192.0.2.1 ok -\n"
					  "delegation a.test - - ns-loop-but-glue a circle\n"
					  "conclusion a.test - - ok -\n",
	 "ok  at  : nobody's answer suffers from it: ns-loop; a circle"},
	{"the parent's servers do not agree: who comes by the other one fails", "rkk",
	 OWN("a.b.test") UNSIGNED("a.b.test") "server a.b.test ns.a.b.test 192.0.2.1 ok -\n"
					      "delegation b.test - - parents-differ two sets\n"
					      "conclusion a.b.test - - ok -\n",
	 "partial servers-inconsistent at b.test likely: two sets"},
	{"... or this one is the bad one", "mm",
	 OWN("a.b.test") UNSIGNED("a.b.test") "delegation b.test - - parents-differ two sets\n"
					      "conclusion a.b.test - - ns-timeout no answer\n",
	 "failing ns-timeout at a.b.test likely: no answer; two sets"},
	{"what does not validate behind servers that refuse now and then", "vvr",
	 OWN("a.test") "chain a.test - - ds-no-matching-dnskey no such key\n"
		       "conclusion a.test - - answers-differ REFUSED at times\n",
	 "failing ds-no-matching-dnskey at a.test certain: no such key"},
	{"refused, as it was seen, and some resolver has data with CD=1", "vrr",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - ns-refused answers REFUSED\n",
	 "failing ns-refused at a.test likely: answers REFUSED"},
	{"with CD=1 most fail it, too", "vrr",
	 OWN("a.test") "chain a.test - - denial-missing no NSEC\nconclusion a.test - - ok -\n",
	 "failing denial-missing at a.test likely: no NSEC"},
	{"some validators fail what validates, and nothing says why", "vkk",
	 OWN("a.test") SECURE("a.test") "chain a.test ns.a.test 192.0.2.1 secure -\n"
					"conclusion a.test - - ok -\n",
	 "partial resolver-limit at  guess: 1 resolvers fail to validate it"},
	{"one of two waits in vain for what looks well from here", "mk",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - ok -\n",
	 "partial resolver-path at  likely: asked from here"},
	{"half of them do: hardly the path of each", "mmkk",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - ok -\n",
	 "partial resolver-path at  guess: asked from here"},
	{"who does not validate has no vote", "vb",
	 OWN("a.test") "chain a.test - - rrsig-expired RRSIG over A expired\n"
		       "conclusion a.test - - ok -\n",
	 "failing rrsig-expired at a.test certain: RRSIG over A expired"},
	{"some validators forgive it", "vk",
	 OWN("a.test") "chain a.test - - rrsig-expired RRSIG over A expired\n"
		       "conclusion a.test - - ok -\n",
	 "partial rrsig-expired at a.test likely: RRSIG over A expired"},
	{"keys gone, and one has it without AD: out of some cache, or it does not look", "vk",
	 OWN("a.test") "chain a.test - - ds-no-matching-dnskey no key has the DS's tag\n"
		       "conclusion a.test - - ok -\n",
	 "failing ds-no-matching-dnskey at a.test certain: no key has the DS's tag; 192.0.2.53: "
	 "SERVFAIL, with CD=1 NOERROR; 1 answered it, and cannot have validated that (no AD)"},
	{"... one with AD: it has seen something else", "va",
	 OWN("a.test") "chain a.test - - ds-no-matching-dnskey no key has the DS's tag\n"
		       "conclusion a.test - - ok -\n",
	 "partial ds-no-matching-dnskey at a.test likely: no key has the DS's tag"},
	{"... one failed it first, and gave what CD=1 had brought later", "vx",
	 OWN("a.test") "chain a.test - - denial-wrong the NSEC says that it exists\n"
		       "conclusion a.test - - ok -\n",
	 "failing denial-wrong at a.test likely: the NSEC says that it exists"},
	{"... and so did most: the DS may be gone", "vxx",
	 OWN("a.test") "chain a.test - - denial-wrong the NSEC says that it exists\n"
		       "conclusion a.test - - ok -\n",
	 "partial "},
	{"... one that asks now a validator, now another", "vz",
	 OWN("a.test") "chain a.test - - denial-wrong the NSEC says that it exists\n"
		       "conclusion a.test - - ok -\n",
	 "failing denial-wrong at a.test certain: the NSEC says that it exists"},
	{"signatures do not make CD=1 fail", "rrrr",
	 OWN("a.test") "chain a.test - - rrsig-expired RRSIG over A expired\n"
		       "conclusion a.test - - ok -\n",
	 "failing rrsig-expired at a.test guess: RRSIG over A expired; the resolvers' answers do "
	 "not fit this well"},
	{"of two faults the one that explains CD=1", "rrrr",
	 OWN("a.test") "chain a.test - - dnskey-unusable its key is none\n"
		       "conclusion a.test - - ns-refused answers REFUSED\n",
	 "failing ns-refused at a.test certain: answers REFUSED"},
	{"and the other one", "vvvv",
	 OWN("a.test") "chain a.test - - dnskey-unusable its key is none\n"
		       "conclusion a.test - - ns-refused answers REFUSED\n",
	 "failing dnskey-unusable at a.test certain: its key is none"},
	{"an ancestor's fault comes first", "vv",
	 "path . - - zone -\nchain . - - secure -\npath test - - zone -\n"
	 "chain test - - ds-no-matching-dnskey no key has the DS's tag\n"
	 "path a.test - - own-zone -\nchain test - - parent-ds-invalid its DS does not validate\n"
	 "chain a.test ns.a.test 192.0.2.1 indeterminate its DS is not known\n"
	 "conclusion a.test - - ok -\n",
	 "failing ds-no-matching-dnskey at test certain: test: no key has the DS's tag"},
	{"a DS that does not validate lies at the parent", "vv",
	 "path . - - zone -\nchain . - - secure -\npath test - - zone -\nchain test - - secure -\n"
	 "path a.test - - own-zone -\nchain test - - parent-ds-invalid its DS does not validate\n"
	 "conclusion a.test - - ok -\n",
	 "failing parent-ds-invalid at test certain: test: its DS does not validate"},
	{"an alias leads there", "rr",
	 OWN("a.test")
		 SECURE("a.test") "conclusion a.test - - ok -\n"
				  "path a.test - - alias a.test CNAME b.example\n" OWN("b.example")
					  UNSIGNED("b.example") "conclusion b.example - - "
								"ns-timeout no answer\n",
	 "failing ns-timeout at b.example certain: a.test CNAME b.example; no answer"},
	{"an alias to a name of the same zone, which validates, too", "FF",
	 OWN("a.test") SECURE("a.test") "chain a.test ns.a.test 192.0.2.1 secure -\n"
					"conclusion a.test - - ok -\n"
					"path a.test - - alias a.test CNAME www.a.test\n",
	 "failing ds-no-matching-dnskey at a.test guess: asked from here, all servers on the way answer "
	 "well, and the answer validates"},
	{"... to one of another zone, of which nothing is known", "FF",
	 OWN("a.test") SECURE("a.test") "chain a.test ns.a.test 192.0.2.1 secure -\n"
					"conclusion a.test - - ok -\n"
					"path a.test - - alias a.test CNAME www.ba.test\n",
	 "failing ds-no-matching-dnskey at a.test guess: 2 of 2 resolvers fail it with CD=0"},
	{"... to one of a zone below, which does not answer", "qq",
	 OWN("a.test") UNSIGNED("a.test")
		"conclusion a.test - - ok -\npath a.test - - alias a.test CNAME www.b.a.test\n" OWN(
			"b.a.test") UNSIGNED("b.a.test") "conclusion b.a.test - - ns-refused REFUSED\n",
	 "failing ns-refused at b.a.test certain: a.test CNAME www.b.a.test; REFUSED"},
	{"no answer on the way down, of resolvers: that is no server's", "rk",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - ns-timeout silent\n"
		TOLD("test") UNSIGNED("test")
		"@delegation test - - no-answer 192.0.2.53: SERVFAIL\n"
		"@conclusion test - - some-fail 192.0.2.53: SERVFAIL\n",
	 "partial ns-timeout at a.test guess: silent"},
	{"aliases in a circle", "rr",
	 OWN("a.test") SECURE("a.test") "conclusion a.test - - ok -\n"
					"path a.test - - alias a.test CNAME b.test\n"
					"conclusion a.test - - cname-loop round and round\n",
	 "failing cname-loop at a.test certain: round and round"},
	{"a chain that only some follow", "rk",
	 OWN("a.test") SECURE("a.test") "conclusion a.test - - ok -\n"
					"path a.test - - alias a.test CNAME b.test\n"
					"conclusion a.test - - cname-chain-long 12 aliases\n",
	 "partial cname-chain-too-long at a.test likely: 12 aliases"},
	{"the zone of a name server's name", "rr",
	 OWN("a.test")
		 UNSIGNED("a.test") "ns-address a.test ns.b.test - ns-name-unresolvable -\n"
				    "conclusion a.test - - ns-name-unresolvable nobody tells\n"
				    "path b.test ns.b.test - ns-zone -\n"
				    "conclusion b.test - - ns-timeout no answer\n",
	 "failing ns-name-unresolvable at b.test certain: nobody tells"},
	{"names of servers that are aliases", "rkk",
	 OWN("a.test")
		 UNSIGNED("a.test") "ns-address a.test ns.b.test - ns-name-alias CNAME c.test\n"
				    "conclusion a.test - - ok -\n",
	 "partial ns-name-alias at a.test likely: ns.b.test: CNAME c.test"},
	{"some servers give valid answers and some do not", "vk",
	 OWN("a.test") SECURE(
		 "a.test") "chain a.test ns.a.test 192.0.2.1 secure -\n"
			   "chain a.test ns.a.test 192.0.2.2 rrsig-expired RRSIG over A expired\n"
			   "conclusion a.test - - servers-inconsistent one of them is old\n",
	 "partial servers-inconsistent at a.test likely: one of them is old"},
	{"one of two refuses: nobody suffers", "kk",
	 OWN("a.test") UNSIGNED("a.test") "server a.test ns1.a.test 192.0.2.1 ns-refused REFUSED\n"
					  "server a.test ns2.a.test 192.0.2.2 ok -\n"
					  "conclusion a.test - - some-fail ns1: REFUSED\n",
	 "ok  at  : nobody's answer suffers from it: ns-refused; ns1: REFUSED"},
	{"one of two refuses: some suffer", "rk",
	 OWN("a.test") UNSIGNED("a.test") "server a.test ns1.a.test 192.0.2.1 ns-refused REFUSED\n"
					  "server a.test ns2.a.test 192.0.2.2 ok -\n"
					  "conclusion a.test - - some-fail ns1: REFUSED\n",
	 "partial ns-refused at a.test guess: some servers fail, others answer well; ns1: REFUSED"},
	{"one of two is silent, and the only resolver fails: it may have met that one", "r",
	 OWN("a.test")
		 UNSIGNED("a.test") "server a.test ns1.a.test 192.0.2.1 ns-timeout no answer\n"
				    "server a.test ns2.a.test 192.0.2.2 ok -\n"
				    "conclusion a.test - - some-fail ns1: no answer\n",
	 "failing ns-timeout at a.test guess: some servers fail, others answer well; ns1: no "
	 "answer"},
	{"nothing where all resolve, whatever is seen from here", "kk",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - ns-timeout no answer\n",
	 "ok  at  : nobody's answer suffers from it: ns-timeout; no answer"},
	{"silent to us, but not to most resolvers", "rkk",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - ns-timeout no answer\n",
	 "partial ns-timeout at a.test guess: no answer"},
	{"all fail what looks well from here", "mrr",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - ok -\n",
	 "failing undecided at  guess: asked from here, all servers on the way answer well"},
	{"the only resolver refuses what looks well from here", "f",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - ok -\n",
	 "failing resolver-policy at  likely: asked from here, all servers on the way answer well"},
	{"one still fails what has come back for the others", "xxxr",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - ok -\n",
	 "partial recovered at  guess: asked from here, all servers on the way answer well"},
	{"silent to us, and resolvers do not wait for it", "ccc",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - ns-timeout no answer\n",
	 "failing ns-timeout at a.test likely: no answer"},
	{"... which they need not, where they know it from other zones", "ccc",
	 OWN("a.test") UNSIGNED(
		 "a.test") "conclusion a.test - - ns-timeout ns: not asked again: no answer "
			   "to probes for 3 other zones\n",
	 "failing ns-timeout at a.test certain: ns: not asked again"},
	{"... or some do", "ccw",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - ns-timeout no answer\n",
	 "failing ns-timeout at a.test certain: no answer"},
	{"an error to us, and all resolvers wait long for theirs", "ww",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - ns-refused answers REFUSED\n",
	 "failing ns-refused at a.test likely: answers REFUSED"},
	{"broken data behind slow servers", "vvr",
	 OWN("a.test") "chain a.test - - ds-no-matching-dnskey no key has the DS's tag\n"
		       "conclusion a.test - - ns-slow answers after 3000 ms\n",
	 "failing ds-no-matching-dnskey at a.test certain: no key has the DS's tag"},
	{"keys that do not come from servers that lose queries", "vvr",
	 OWN("a.test") "chain a.test - - dnskey-unobtainable no answer to DNSKEY\n"
		       "conclusion a.test - - packet-loss 6 of 9 queries got no answer\n",
	 "failing packet-loss at a.test likely: 6 of 9 queries got no answer"},
	{"one fails to validate what validates for us and others", "vk",
	 OWN("a.test") SECURE("a.test") "chain a.test ns.a.test 192.0.2.1 secure -\n"
					"conclusion a.test - - ok -\n",
	 "partial resolver-limit at  guess: 1 resolvers fail to validate it"},
	{"a policy against SHA-1", "v",
	 OWN("a.test") "chain a.test - - secure DNSKEY 1; algorithm 7 (RSASHA1-NSEC3-SHA1)\n"
		       "chain a.test ns.a.test 192.0.2.1 secure -\n"
		       "conclusion a.test - - ok -\n",
	 "failing resolver-limit at  guess: asked from here, all servers on the way answer well, "
	 "and "
	 "the answer validates; the zone is signed with SHA-1"},
	{"one waits in vain for servers that answer us and others", "mk",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - ok -\n",
	 "partial resolver-path at  likely: asked from here, all servers on the way answer well"},
	{"a resolver that blocks, whatever else is wrong", "pk",
	 OWN("a.test") UNSIGNED("a.test") "server a.test ns1.a.test 192.0.2.1 ns-refused REFUSED\n"
					  "conclusion a.test - - some-fail ns1: REFUSED\n",
	 "partial resolver-policy at  likely: "},
	{"what is over", "xx",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - zone-not-loaded SERVFAIL\n",
	 "partial recovered at  likely: SERVFAIL; that is over for all"},
	{"what is over for some", "xr",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - zone-not-loaded SERVFAIL\n",
	 "partial flapping at  guess: SERVFAIL; that is over for some"},
	{"what comes and goes", "xx",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - packet-loss 4 of 9 were lost\n",
	 "partial packet-loss at a.test likely: 4 of 9 were lost"},
	{"another root, believed without validation", "nn",
	 OWN("a.test") "chain a.test - - indeterminate -\n"
		       "conclusion a.test - - ns-other-zone answers with the SOA of .\n",
	 "failing ns-other-zone at a.test certain: answers with the SOA of ."},
	{"another root, and one that believes it once CD=1 has brought it", "nd",
	 OWN("a.test") "chain a.test - - indeterminate -\n"
		       "conclusion a.test - - ns-other-zone answers with the SOA of .\n",
	 "failing ns-other-zone at a.test likely: answers with the SOA of ."},
	{"another root, and a resolver that makes something of nothing", "nng",
	 OWN("a.test") "chain a.test - - indeterminate -\n"
		       "conclusion a.test - - ns-other-zone answers with the SOA of .\n" TOLD(
			       "test") "@chain test 192.0.2.53 192.0.2.53 denial-missing no NSEC\n",
	 "failing ns-other-zone at a.test certain: answers with the SOA of ."},
	{"one refuses, the other is of another root, and resolvers take that for a denial", "nn",
	 OWN("a.test") SECURE("a.test") "server a.test ns.a.test 192.0.2.1 ns-refused REFUSED\n"
					"server a.test ns.a.test 192.0.2.2 ns-other-zone root\n"
					"conclusion a.test - - ns-mixed-failures each\n" TOLD(
						"test") "@chain test 192.0.2.53 192.0.2.53 "
							"denial-missing no NSEC\n"
							"@conclusion test - - ok -\n",
	 "failing ns-mixed-failures at a.test likely: each"},
	{"one refuses, the other does not know EDNS, and gives CD=1 an answer without signatures",
	 "vv",
	 OWN("a.test") SECURE("a.test") "server a.test ns.a.test 192.0.2.1 ns-refused REFUSED\n"
					"server a.test ns.a.test 192.0.2.2 edns-refused FORMERR\n"
					"conclusion a.test - - ns-mixed-failures each\n" TOLD(
						"a.test") "@chain a.test - - rrsig-missing none\n"
							  "@conclusion a.test - - ok -\n",
	 "failing ns-mixed-failures at a.test likely: each"},
	{"two that fail for all, and a denial that comes from elsewhere", "nn",
	 OWN("a.test") SECURE("a.test") "server a.test ns.a.test 192.0.2.1 ns-refused REFUSED\n"
					"server a.test ns.a.test 192.0.2.2 ns-timeout silent\n"
					"conclusion a.test - - ns-mixed-failures each\n" TOLD(
						"test") "@chain test 192.0.2.53 192.0.2.53 "
							"denial-missing no NSEC\n"
							"@conclusion test - - ok -\n",
	 "failing denial-missing at test"},
	{"loss at one address, silence at the other", "rk",
	 OWN("a.test") UNSIGNED("a.test") "server a.test ns.a.test 192.0.2.1 packet-loss 7 of 9\n"
					  "server a.test ns.a.test 192.0.2.2 ns-timeout silent\n"
					  "conclusion a.test - - ns-mixed-failures each\n",
	 "partial packet-loss at a.test likely: each"},
	{"refused here, silent there", "rr",
	 OWN("a.test") UNSIGNED("a.test") "server a.test ns.a.test 192.0.2.1 ns-refused REFUSED\n"
					  "server a.test ns.a.test 192.0.2.2 ns-timeout silent\n"
					  "conclusion a.test - - ns-mixed-failures each\n",
	 "failing ns-mixed-failures at a.test likely: each"},
	{"IPv6 only, and silent", "rr",
	 OWN("a.test") UNSIGNED("a.test") "server a.test ns.a.test 2001:db8::1 ns-timeout silent\n"
					  "conclusion a.test - - ns-ipv6-unreachable silent\n",
	 "failing ns-ipv6-unreachable at a.test certain: silent"},
	{"IPv6 only, and so are not we", "rr",
	 OWN("a.test") UNSIGNED("a.test") "server a.test ns.a.test 2001:db8::1 no-route no way\n"
					  "conclusion a.test - - ns-ipv6-unreachable no way\n",
	 "failing ns-ipv6-unreachable at a.test likely: no way"},
	{"answers without AA, which most resolvers take", "rk",
	 OWN("a.test") UNSIGNED("a.test") "server a.test ns.a.test 192.0.2.1 ok-without-aa no AA\n"
					  "conclusion a.test - - ok -\n",
	 "partial ns-not-authoritative at a.test likely: ns.a.test: no AA"},
	{"answers without AA from one of two", "rk",
	 OWN("a.test") UNSIGNED("a.test") "server a.test ns1.a.test 192.0.2.1 ok-without-aa no AA\n"
					  "server a.test ns2.a.test 192.0.2.2 ok -\n"
					  "conclusion a.test - - ok -\n",
	 "partial resolver-limit at  guess: asked from here"},
	{"servers of one type only", "rr",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - type-fails REFUSED to AAAA\n",
	 "failing ns-error at a.test certain: REFUSED to AAAA"},
	{"errors handed on", "yr",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - ns-error answers YXDOMAIN\n",
	 "failing ns-error at a.test certain: answers YXDOMAIN"},
	{"silence at one moment, to one resolver", "r",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - ns-timeout no answer\n",
	 "failing ns-timeout at a.test likely: no answer"},
	{"silence to two resolvers", "rr",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - ns-timeout no answer\n",
	 "failing ns-timeout at a.test certain: no answer"},
	{"silence of one that has been heard", "rr",
	 OWN("a.test") UNSIGNED("a.test") "server a.test ns.a.test 192.0.2.1 ns-timeout silent\n"
					  "address a.test ns.a.test 192.0.2.1 heard -\n"
					  "conclusion a.test - - ns-timeout no answer\n",
	 "failing ns-timeout at a.test likely: no answer"},
	{"silence that lasts", "q",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - ns-timeout no answer\n",
	 "failing ns-timeout at a.test certain: no answer"},
	{"silence over IPv6, from where there is no IPv4", "q",
	 OWN("a.test") UNSIGNED("a.test") "server a.test ns.a.test 192.0.2.1 no-route not asked\n"
					  "server a.test ns.a.test 2001:db8::1 ns-timeout -\n"
					  "conclusion a.test - - ns-timeout no answer\n",
	 "failing ns-timeout at a.test likely: no answer"},
	{"... and over IPv4, from where there is no IPv6", "q",
	 OWN("a.test") UNSIGNED("a.test") "server a.test ns.a.test 2001:db8::1 no-route not asked\n"
					  "server a.test ns.a.test 192.0.2.1 ns-timeout -\n"
					  "conclusion a.test - - ns-timeout no answer\n",
	 "failing ns-timeout at a.test certain: no answer"},
	{"silence, where queries to anybody are lost", "q",
	 OWN("a.test") UNSIGNED("a.test") "server a.test ns.a.test 192.0.2.1 ns-timeout -\n"
					  "address a.test ns.a.test 192.0.2.1 lossy-path -\n"
					  "conclusion a.test - - ns-timeout no answer\n",
	 "failing ns-timeout at a.test guess: no answer; queries to servers that do answer are lost"},
	{"... and a refusal there", "ee",
	 OWN("a.test") UNSIGNED("a.test") "server a.test ns.a.test 192.0.2.1 ns-refused -\n"
					  "conclusion a.test - - ns-refused REFUSED\n",
	 "failing ns-refused at a.test certain: REFUSED"},
	{"SERVFAIL may be over soon", "qqqq",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - zone-not-loaded SERVFAIL\n",
	 "failing zone-not-loaded at a.test likely: SERVFAIL"},
	{"SERVFAIL that lasts", "l",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - zone-not-loaded SERVFAIL\n",
	 "failing zone-not-loaded at a.test certain: SERVFAIL"},
	{"silent to us, while the resolvers' servers refuse", "ee",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - ns-timeout no answer\n",
	 "failing ns-timeout at a.test likely: no answer"},
	{"refused to us and to them", "ee",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - ns-refused REFUSED\n",
	 "failing ns-refused at a.test certain: REFUSED"},
	{"servers not looked for, and of the resolvers asked in their place some fail", "rraa",
	 OWN("a.test") SECURE(
		 "a.test") "ns-address a.test ns.b.test - not-asked far\n"
			   "conclusion a.test - - not-asked ns.b.test: far\n" TOLD("a.test")
			   "@chain a.test - - secure -\n"
			   "@server a.test 9.9.9.9 9.9.9.9 no-answer SERVFAIL\n"
			   "@server a.test 192.0.2.53 192.0.2.53 ok -\n"
			   "@conclusion a.test - - some-fail 9.9.9.9: SERVFAIL\n",
	 "partial resolver-limit at  guess: "},
	{"dates, as told by resolvers that both suffer from them", "vv",
	 BLIND TOLD("a.test") "@chain a.test - - secure -\n"
			      "@chain a.test 9.9.9.9 9.9.9.9 rrsig-expired RRSIG over A expired; "
			      "but for its dates the signature verifies\n"
			      "@conclusion a.test - - ok -\n",
	 "failing rrsig-expired at a.test likely: RRSIG over A expired; but for its dates the "
	 "signature verifies; as told by 9.9.9.9; "},
	{"... by the only one", "v",
	 BLIND TOLD("a.test") "@chain a.test 9.9.9.9 9.9.9.9 rrsig-expired RRSIG over A expired; "
			      "but for its dates the signature verifies\n"
			      "@conclusion a.test - - ok -\n",
	 "failing rrsig-expired at a.test likely: "},
	{"dates in a signature that proves nothing", "vv",
	 BLIND TOLD("a.test") "@chain a.test 9.9.9.9 9.9.9.9 rrsig-expired RRSIG over A expired\n"
			      "@conclusion a.test - - ok -\n",
	 "failing rrsig-expired at a.test likely: "},
	{"what resolvers leave out may be their doing", "vv",
	 BLIND TOLD("a.test") "@chain a.test 9.9.9.9 9.9.9.9 rrsig-missing A has no RRSIG\n"
			      "@conclusion a.test - - ok -\n",
	 "failing rrsig-missing at a.test likely: A has no RRSIG; as told by 9.9.9.9; "},
	{"... or in an answer without signatures, where keys come with theirs", "vv",
	 BLIND TOLD(
		 "a.test") "@chain a.test 9.9.9.9 9.9.9.9 rrsig-missing A of a.test has no RRSIG, "
			   "nor has anything else in the answer\n"
			   "@conclusion a.test - - ok -\n",
	 "failing rrsig-missing at a.test likely: A of a.test has no RRSIG"},
	{"... but that there is not one signature is a guess", "vv",
	 BLIND TOLD("a.test") "@chain a.test 9.9.9.9 9.9.9.9 rrsig-missing A of a.test has no RRSIG, "
			      "nor has anything else in the answer; also: the DNSKEY RRset is not "
			      "signed by DNSKEY 7, to which DS 7 leads: it has no RRSIG at all\n"
			      "@conclusion a.test - - ok -\n",
	 "failing rrsig-missing at a.test guess: A of a.test has no RRSIG"},
	{"... and keys that do not come", "vv",
	 BLIND TOLD("a.test") "@chain a.test - - dnskey-unobtainable DNSKEY: 9.9.9.9: SERVFAIL\n"
			      "@conclusion a.test - - ok -\n",
	 "failing dnskey-unobtainable at a.test guess: "},
	{"servers silent to us alone: what resolvers tell counts", "vv",
	 OWN("a.test") "conclusion a.test - - ns-timeout no answer\n" TOLD(
		 "a.test") "@chain a.test - - ds-no-matching-dnskey no key has its tag\n"
			   "@conclusion a.test - - ok -\n",
	 "failing ds-no-matching-dnskey at a.test likely: no key has its tag"},
	{"... and where they tell nothing wrong, nothing is", "vv",
	 OWN("a.test") "conclusion a.test - - ns-timeout no answer\n" TOLD(
		 "a.test") "@chain a.test 9.9.9.9 9.9.9.9 secure -\n@conclusion a.test - - ok -\n",
	 "failing undecided at  guess: what resolvers hand out with CD=1 validates"},
	{"... but where they have nothing, silence it is", "rr",
	 OWN("a.test") "conclusion a.test - - ns-timeout no answer\n" TOLD(
		 "a.test") "@conclusion a.test - - no-answer SERVFAIL\n",
	 "failing ns-timeout at a.test certain: no answer"},
	{"silence to CD=0 alone is no complaint: the zone is not accused", "iaa",
	 OWN("a.test") SECURE("a.test") "server a.test ns.a.test 192.0.2.1 ok -\n"
					"chain a.test ns.a.test 192.0.2.1 secure -\n"
					"conclusion a.test - - ok -\n",
	 "partial resolver-path at  likely: "},
	{"... nor without evidence", "iaa", "", "partial resolver-path at  guess: "},
	{"words that many causes share", "B", "", "failing rrsig-missing at a.test guess: "},
	{"either way in which a denial fails", "C", "", "failing denial-wrong at  guess: "},
	{"a signature over the DS is the parent's", "D", "",
	 "failing parent-ds-invalid at  likely: "},
	{"the DS of a zone file, which are those of today", "vv",
	 FILED("a.test") "chain a.test - - ds-no-matching-dnskey no key has its tag\n"
			 "conclusion a.test - - ok -\n" TOLD(
				 "a.test") "@conclusion a.test - - ok -\n@delegation a.test - - ok "
					   "same\n",
	 "failing ds-no-matching-dnskey at a.test certain: no key has its tag"},
	{"... of which nobody knows whether they are", "vv",
	 FILED("a.test") "chain a.test - - ds-no-matching-dnskey no key has its tag\n"
			 "conclusion a.test - - ok -\n",
	 "failing ds-no-matching-dnskey at a.test likely: no key has its tag"},
	{"... which are not: what resolvers tell counts", "vv",
	 FILED("a.test") "chain a.test - - ds-no-matching-dnskey no key has its tag\n"
			 "conclusion a.test - - ok -\n" TOLD(
				 "a.test") "@chain a.test - - rrsig-missing none\n"
					   "@conclusion a.test - - ok -\n@delegation a.test - - "
					   "ds-differs others\n",
	 "failing rrsig-missing at a.test likely: none"},
	{"faults that no DS has to do with", "vv",
	 FILED("a.test") "chain a.test - - rrsig-expired expired\nconclusion a.test - - ok -\n",
	 "failing rrsig-expired at a.test certain: expired"},
	{"not asked is not fine", "rr", "budget - - - not-asked too many names\n",
	 "failing undecided at  guess: not a matter of signatures"},
	{"one server is never to be asked, the other refuses", "rr",
	 OWN("a.test") UNSIGNED("a.test") "server a.test ns1.a.test 192.0.2.1 excluded not asked\n"
					  "server a.test ns2.a.test 192.0.2.2 ns-refused REFUSED\n"
					  "budget a.test - - excluded never to be asked: ns1\n"
					  "conclusion a.test - - ns-refused ns2: REFUSED\n",
	 "failing ns-refused at a.test likely: ns2: REFUSED"},
	{"signatures that come to resolvers and not to us", "ss",
	 OWN("a.test") SECURE("a.test") "chain a.test ns.a.test 192.0.2.1 rrsig-missing A of "
					"a.test has no RRSIG\n"
					"conclusion a.test - - ok -\n",
	 "failing rrsig-missing at a.test likely: A of a.test has no RRSIG; seen at ns.a.test "
	 "192.0.2.1; but what resolvers got differs from that"},
	{"... and are why it fails", "oo",
	 OWN("a.test") SECURE("a.test") "chain a.test ns.a.test 192.0.2.1 server-without-dnssec no "
					"RRSIG comes with A\n"
					"conclusion a.test - - ok -\n",
	 "failing rrsig-expired at a.test likely: RRSIG over A by key 7 of a.test expired"},
	{"out of date to us, in date to resolvers", "ss",
	 OWN("a.test") SECURE("a.test") "chain a.test ns.a.test 192.0.2.1 rrsig-expired RRSIG over "
					"A of a.test expired\n"
					"conclusion a.test - - ok -\n",
	 "failing rrsig-expired at a.test likely: RRSIG over A of a.test expired; seen at"},
	{"out of date to us, unsigned to resolvers", "vv",
	 OWN("a.test") SECURE("a.test") "chain a.test ns.a.test 192.0.2.1 rrsig-expired RRSIG over "
					"A of a.test expired\n"
					"conclusion a.test - - ok -\n",
	 "failing rrsig-expired at a.test likely: RRSIG over A of a.test expired; seen at"},
	{"keys refused, and what came is out of date besides", "oo",
	 OWN("a.test") "chain a.test - - indeterminate -\n"
		       "conclusion a.test - - dnskey-unobtainable ns: REFUSED to DNSKEY\n",
	 "failing dnskey-unobtainable at a.test likely: ns: REFUSED to DNSKEY; 192.0.2.53"},
	{"... where resolvers complain of a signature", "tt",
	 OWN("a.test") "chain a.test - - indeterminate -\n"
		       "conclusion a.test - - dnskey-unobtainable ns: REFUSED to DNSKEY\n",
	 "failing rrsig-expired at a.test likely: RRSIG over A by key 7 of a.test expired"},
	{"well to us, out of date to resolvers", "oo",
	 OWN("a.test") SECURE("a.test") "chain a.test ns.a.test 192.0.2.1 secure -\n"
					"conclusion a.test - - ok -\n",
	 "failing rrsig-expired at a.test likely: asked from here, all servers on the way answer "
	 "well, and the answer validates; RRSIG over A by key 7 of a.test expired"},
	{"out of date to all", "oo",
	 OWN("a.test") SECURE("a.test") "chain a.test ns.a.test 192.0.2.1 rrsig-expired RRSIG over "
					"A of a.test expired\n"
					"conclusion a.test - - ok -\n",
	 "failing rrsig-expired at a.test certain: RRSIG over A of a.test expired; seen at"},
	{"so is a clock that goes wrong: no date counts", "oo",
	 "path . - - zone -\nchain . - - rrsig-expired RRSIG over DNSKEY of . expired\n"
	 "chain . - - parent-ds-invalid RRSIG over DS of test expired\n"
	 "path a.test - - own-zone -\ndelegation a.test - - ok -\n"
	 "server a.test ns.a.test 192.0.2.1 ok -\nconclusion a.test - - ok -\n",
	 "failing undecided at  guess: asked from here, all servers on the way answer well; a "
	 "filter between the resolvers and the servers would look like this, and so would a fault "
	 "that was mended in between; by the clock of this scan the root's keys are out of date"},
	{"an old trust anchor is the scan's own fault", "vv",
	 "path . - - zone -\nchain . - - ds-no-matching-dnskey DS 1 fits no DNSKEY\n"
	 "path a.test - - own-zone -\nchain a.test - - secure -\n"
	 "chain a.test ns.a.test 192.0.2.1 rrsig-missing A of a.test has no RRSIG\n"
	 "conclusion a.test - - ok -\n",
	 "failing rrsig-missing at a.test likely: A of a.test has no RRSIG; seen at ns.a.test "
	 "192.0.2.1; judged although the root's keys do not fit the trust anchor of this scan; "
	 "DS 1 fits no DNSKEY"},
	{"... and alone says nothing", "vv",
	 "path . - - zone -\nchain . - - ds-no-matching-dnskey DS 1 fits no DNSKEY\n"
	 "path a.test - - own-zone -\nchain a.test - - insecure -\n"
	 "chain a.test ns.a.test 192.0.2.1 insecure -\n"
	 "conclusion a.test - - ok -\n",
	 "failing undecided at  guess: asked from here, all servers on the way answer well"},
	{"what does not validate, told by resolvers, behind servers that lose queries", "vvrr",
	 OWN("a.test") "chain a.test - - indeterminate DNSKEY: no answer\n"
		       "conclusion a.test - - packet-loss most queries\n" TOLD(
			       "a.test") "@chain a.test - - ds-no-matching-dnskey no such key\n"
					 "@chain a.test 192.0.2.53 192.0.2.53 "
					 "ds-no-matching-dnskey no such key\n"
					 "@conclusion a.test - - ok -\n",
	 "failing ds-no-matching-dnskey at a.test likely: no such key; as told by 192.0.2.53"},
	{"... or that are silent by now, where half of the resolvers have data", "vr",
	 OWN("a.test") "conclusion a.test - - ns-timeout no answer\n" TOLD(
		 "a.test") "@chain a.test - - ds-digest-mismatch another digest\n"
			   "@conclusion a.test - - ok -\n",
	 "failing ds-digest-mismatch at a.test likely: another digest"},
	{"... and nobody fails but for want of answers", "rr",
	 OWN("a.test") "conclusion a.test - - packet-loss most queries\n" TOLD(
		 "a.test") "@chain a.test - - ds-no-matching-dnskey no such key\n"
			   "@conclusion a.test - - ok -\n",
	 "failing packet-loss at a.test likely: most queries"},
	{"... signatures missing: lost with EDNS, perhaps", "vvr",
	 OWN("a.test") "conclusion a.test - - packet-loss most queries\n" TOLD(
		 "a.test") "@chain a.test - - rrsig-missing A of a.test has no RRSIG\n"
			   "@conclusion a.test - - ok -\n",
	 "failing packet-loss at a.test likely: most queries"},
	{"... no keys to be had, and resolvers have data that is out of date", "or",
	 OWN("a.test") "chain a.test - - indeterminate DNSKEY: no answer\n"
		       "conclusion a.test - - packet-loss most queries\n",
	 "failing rrsig-expired at a.test likely: RRSIG over A by key 7 of a.test expired"},
	{"... the same where what is beyond a limit is truncated, and TCP closed", "tt",
	 OWN("a.test") "chain a.test - - indeterminate DNSKEY: truncated\n"
		       "conclusion a.test - - tcp-blocked truncated\n",
	 "failing rrsig-expired at a.test likely: RRSIG over A by key 7 of a.test expired"},
	{"... or that they say nothing of", "vv",
	 OWN("a.test") "chain a.test - - indeterminate DNSKEY: no answer\n"
		       "conclusion a.test - - packet-loss most queries\n",
	 "failing packet-loss at a.test guess: most queries"},
	{"keys did not come, for queries to a zone on the way get lost", "vr",
	 "path . - - zone -\nchain . - - secure -\npath b.test - - zone -\n"
	 "chain b.test - - dnskey-unobtainable DNSKEY: no answer\n"
	 "server b.test ns.b.test 192.0.2.1 packet-loss 7 of 10\n"
	 "conclusion b.test - - packet-loss 7 of 10\n" OWN(
		 "a.b.test") "conclusion a.b.test - - ok -\n",
	 "failing packet-loss at b.test likely: 7 of 10"},
	{"refused for good, below a zone that queries to get lost", "rr",
	 "path . - - zone -\nchain . - - secure -\npath b.test - - zone -\n"
	 "chain b.test - - secure -\nconclusion b.test - - packet-loss 7 of 10\n" OWN(
		 "a.b.test") UNSIGNED("a.b.test") "conclusion a.b.test - - ns-refused REFUSED\n",
	 "failing ns-refused at a.b.test certain: REFUSED"},
	{"... and what might be as lost", "rr",
	 "path . - - zone -\nchain . - - secure -\npath b.test - - zone -\n"
	 "chain b.test - - secure -\nconclusion b.test - - packet-loss 7 of 10\n" OWN(
		 "a.b.test") UNSIGNED("a.b.test") "conclusion a.b.test - - ns-timeout silent\n",
	 "failing packet-loss at b.test likely: 7 of 10"},
	{"... and what some get past", "rk",
	 "path . - - zone -\nchain . - - secure -\npath b.test - - zone -\n"
	 "chain b.test - - secure -\nconclusion b.test - - packet-loss 7 of 10\n" OWN(
		 "a.b.test") UNSIGNED("a.b.test") "conclusion a.b.test - - ns-refused REFUSED\n",
	 "partial ns-refused at a.b.test guess: REFUSED"},
	{"some servers fail: who met these may do so again", "xkk",
	 OWN("a.test")
		 UNSIGNED("a.test") "server a.test ns1.a.test 192.0.2.1 ns-timeout no answer\n"
				    "server a.test ns2.a.test 192.0.2.2 ok -\n"
				    "conclusion a.test - - some-fail ns1: no answer\n",
	 "partial ns-timeout at a.test guess: some servers fail, others answer well"},
	{"late at one address, and too late to count at another", "rr",
	 OWN("a.test") UNSIGNED("a.test") "server a.test ns.a.test 192.0.2.1 ns-slow 2500 ms\n"
					  "server a.test ns.a.test 192.0.2.2 packet-loss 17 of 19\n"
					  "conclusion a.test - - ns-mixed-failures each its way\n",
	 "failing ns-slow at a.test certain: each its way"},
	{"what comes with the answer is not signed: who minds has it out of its cache", "xkkk",
	 OWN("a.test") SECURE("a.test") BESIDE "conclusion a.test - - ok -\n",
	 "partial rrsig-missing at a.test guess: NS of a.test has no RRSIG; who checks all"},
	{"... or never", "v", OWN("a.test") SECURE("a.test") BESIDE "conclusion a.test - - ok -\n",
	 "failing rrsig-missing at a.test guess: NS of a.test has no RRSIG; who checks all"},
	{"... and it is not why", "rk",
	 OWN("a.test") SECURE("a.test") BESIDE "conclusion a.test - - ok -\n",
	 "partial resolver-limit at  guess: asked from here"},
	{"... nor does anybody mind", "kk",
	 OWN("a.test") SECURE("a.test") BESIDE "conclusion a.test - - ok -\n", "ok  at  : "},
	{"who fails far more than others fails what is well from here", "hkk",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - ok -\n",
	 "ok  at  : 192.0.2.53 fails it, as it does many that all others resolve"},
	{"... but for a fault", "hkk",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - packet-loss half of them\n",
	 "partial packet-loss at a.test likely: half of them"},
	{"... and nobody looked", "hkk", "", "partial resolver-limit at  guess: "},
	{"... and one more fails it", "hrkk",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - ok -\n",
	 "partial resolver-limit at  guess: asked from here"},
	{"... and one only resolves it", "hk",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - ok -\n",
	 "partial resolver-limit at  guess: asked from here"},
	{"more iterations than a resolver counts, and it says nothing", "n",
	 OWN("a.test")
		 SECURE("a.test") "chain a.test ns.a.test 192.0.2.1 insecure NSEC3 iterations "
				  "500 (RFC 9276: 0)\n"
				  "conclusion a.test - - ok -\n",
	 "failing resolver-limit at  guess: asked from here, all servers on the way answer well; "
	 "resolvers need not count NSEC3 iterations, and may fail them (RFC 9276); NSEC3 "
	 "iterations "
	 "500"},
	{"... and others take it as insecure", "nkk",
	 OWN("a.test")
		 SECURE("a.test") "chain a.test ns.a.test 192.0.2.1 insecure NSEC3 iterations "
				  "500 (RFC 9276: 0)\n"
				  "conclusion a.test - - ok -\n",
	 "partial resolver-limit at  guess: 1 resolvers fail to validate it"},
	{"too much work to check is not fine", "vv",
	 OWN("a.test") "chain a.test - - resolver-limit takes more work\n"
		       "chain a.test ns.a.test 192.0.2.1 resolver-limit takes more work\n"
		       "conclusion a.test - - ok -\n",
	 "failing ds-no-matching-dnskey at  guess: 2 of 2 resolvers fail it with CD=0"},
	{"keys of which it is not known whether they are good are not fine", "v",
	 OWN("a.test") "chain a.test - - indeterminate NOTIMP\n"
		       "chain a.test ns.a.test 192.0.2.1 indeterminate NOTIMP\n"
		       "conclusion a.test - - ok -\n",
	 "failing ds-no-matching-dnskey at  guess: 1 of 1 resolvers fail it with CD=0"},
	{"two servers, each broken in its own way", "vv",
	 OWN("a.test") "chain a.test - - rrsig-missing no RRSIG\n"
		       "chain a.test ns1.a.test 192.0.2.1 rrsig-missing no RRSIG\n"
		       "chain a.test ns2.a.test 192.0.2.2 rrsig-expired expired\n"
		       "conclusion a.test - - ok -\n",
	 "failing rrsig-expired at a.test likely: expired; seen at ns2.a.test 192.0.2.2"},
	{"a habit that some mind is not over for them", "qxa",
	 OWN("a.test")
		 UNSIGNED("a.test") "server a.test ns.a.test 192.0.2.1 ns-error NXDOMAIN and data\n"
				    "conclusion a.test - - ok -\n",
	 "partial ns-error at a.test likely: ns.a.test: NXDOMAIN and data"},
	{"what no validator takes, behind what only some get past", "r",
	 OWN("a.test") "chain a.test - - rrsig-expired expired\n"
		       "server a.test ns.a.test 192.0.2.1 large-answers-lost TCP works\n"
		       "chain a.test ns.a.test 192.0.2.1 rrsig-expired expired\n"
		       "conclusion a.test - - ok -\n",
	 "failing rrsig-expired at a.test likely: expired"},
	{"who asks the parent for the DS gets nothing, who takes the referral's word does", "vkk",
	 "path . - - zone -\nchain . - - secure -\npath test - - zone -\nchain test - - secure -\n"
	 "path a.test - - own-zone -\nchain a.test - - insecure -\n"
	 "delegation test - - ds-query-fails no answer to a.test DS\nconclusion a.test - - ok -\n",
	 "partial parent-ds-invalid at test likely: no answer to a.test DS"},
	{"... and one alone, of a zone above", "v",
	 "path . - - zone -\nchain . - - secure -\npath test - - zone -\nchain test - - insecure "
	 "-\n"
	 "delegation . - - ds-query-fails no answer to test DS\npath a.test - - own-zone -\n"
	 "chain a.test - - insecure -\nconclusion a.test - - ok -\n",
	 "failing parent-ds-invalid at . likely: no answer to test DS"},
	{"... which does not keep resolvers that ask otherwise", "kk",
	 "path . - - zone -\nchain . - - secure -\npath test - - zone -\nchain test - - secure -\n"
	 "path a.test - - own-zone -\nchain a.test - - insecure -\n"
	 "delegation test - - ds-query-fails no answer to a.test DS\nconclusion a.test - - ok -\n",
	 "ok  at  : nobody's answer suffers from it: parent-ds-invalid"},
	{"... and has nothing to do with what fails CD or not", "rr",
	 "path . - - zone -\nchain . - - secure -\npath test - - zone -\nchain test - - secure -\n"
	 "path a.test - - own-zone -\nchain a.test - - insecure -\n"
	 "delegation test - - ds-query-fails no answer to a.test DS\nconclusion a.test - - ok -\n",
	 "failing undecided at  guess: not a matter of signatures"},
	{"the parent's servers have other DS, and those fit", "vaa",
	 OWN("a.b.test") "chain a.b.test - - ds-no-matching-dnskey no such key\n"
			 "delegation b.test - - parents-differ 192.0.2.2 has other DS records, "
			 "unlike "
			 "192.0.2.1\nconclusion a.b.test - - ok -\n",
	 "partial servers-inconsistent at b.test likely: a.b.test: no such key"},
	{"... or fit nothing either", "vvv",
	 OWN("a.b.test") "chain a.b.test - - ds-no-matching-dnskey no such key\n"
			 "delegation b.test - - parents-differ 192.0.2.2 has other DS records, "
			 "unlike "
			 "192.0.2.1\nconclusion a.b.test - - ok -\n",
	 "failing ds-no-matching-dnskey at a.b.test likely: a.b.test: no such key"},
	{"who complains of what validates got something else", "jaaa",
	 OWN("a.test") SECURE("a.test") "chain a.test ns.a.test 192.0.2.1 secure -\n"
					"conclusion a.test - - ok -\n",
	 "partial servers-inconsistent at  guess: 1 resolvers fail to validate it"},
	{"... unless it came with good signatures, and two others validate it", "Faa",
	 OWN("a.test") SECURE("a.test") "chain a.test ns.a.test 192.0.2.1 secure -\n"
					"conclusion a.test - - ok -\n",
	 "partial resolver-limit at  guess: 1 resolvers fail to validate it"},
	{"one alone complains of what validates", "F",
	 OWN("a.test") SECURE("a.test") "chain a.test ns.a.test 192.0.2.1 secure -\n"
					"conclusion a.test - - ok -\n",
	 "failing undecided at  guess: asked from here, all servers on the way answer well"},
	{"... and so does another", "FF",
	 OWN("a.test") SECURE("a.test") "chain a.test ns.a.test 192.0.2.1 secure -\n"
					"conclusion a.test - - ok -\n",
	 "failing ds-no-matching-dnskey at a.test guess: asked from here"},
	{"resolvers tell of expired keys", "os",
	 BLIND TOLD("a.test") "@chain a.test - - secure -\n"
			      "@chain a.test r 192.0.2.53 rrsig-expired RRSIG over DNSKEY\n"
			      "@conclusion a.test - - ok -\n",
	 "failing rrsig-expired at a.test likely: RRSIG over DNSKEY"},
	{"... and others validate", "oa",
	 BLIND TOLD("a.test") "@chain a.test - - secure -\n"
			      "@chain a.test r 192.0.2.53 rrsig-expired RRSIG over DNSKEY\n"
			      "@conclusion a.test - - ok -\n",
	 "partial rrsig-expired at a.test guess: RRSIG over DNSKEY"},
	{"resolvers tell of a denial without a proof, of which nothing is signed", "nn",
	 BLIND TOLD("a.test") "@chain a.test - - secure -\n"
			      "@chain a.test r 192.0.2.53 denial-missing no NSEC comes\n"
			      "@conclusion a.test - - ok -\n",
	 "failing denial-missing at a.test guess: no NSEC comes"},
	{"... or the zone's SOA is", "SS",
	 BLIND TOLD("a.test") "@chain a.test - - secure -\n"
			      "@chain a.test r 192.0.2.53 denial-missing no NSEC comes\n"
			      "@conclusion a.test - - ok -\n",
	 "failing denial-missing at a.test likely: no NSEC comes"},
	{"a resolver that hands out no EDNS tells nothing of the server's", "vv",
	 BLIND TOLD("a.test") "@chain a.test - - secure -\n"
			      "@chain a.test r 192.0.2.53 server-without-dnssec no RRSIG comes, and "
			      "the answer carries no EDNS DO\n"
			      "@conclusion a.test - - ok -\n",
	 "failing server-without-dnssec at a.test guess: no RRSIG comes"},
	{"a server of changing mind, where nothing need be signed", "v",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - answers-differ REFUSED at times\n",
	 "failing flapping at a.test likely: REFUSED at times"},
	{"... and nothing is the matter with it", "v",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - some-fail one refuses\n"
					  "budget - - - not-asked -\n",
	 "failing undecided at  guess: 1 of 1 resolvers fail it with CD=0"},
	{"no keys, as it was seen, and resolvers have signatures", "ss",
	 OWN("a.test") "chain a.test - - ds-but-unsigned the parent has DS 1, but a.test has no "
		       "DNSKEY\nconclusion a.test - - ok -\n",
	 "failing ds-but-unsigned at a.test likely: the parent has DS 1"},
	{"... which are out of date", "oo",
	 OWN("a.test") "chain a.test - - ds-but-unsigned the parent has DS 1, but a.test has no "
		       "DNSKEY\nconclusion a.test - - ok -\n",
	 "failing rrsig-expired at a.test likely: RRSIG over A by key 7 of a.test expired"},
	{"... and so have we", "ss",
	 OWN("a.test") "chain a.test - - ds-but-unsigned the parent has DS 1, but a.test has no "
		       "DNSKEY, though its records carry RRSIGs\nconclusion a.test - - ok -\n",
	 "failing ds-but-unsigned at a.test certain: the parent has DS 1"},
	{"what did not validate at first, and CD=1 may have brought into the cache", "ukkk",
	 OWN("a.test") UNSIGNED("a.test") "conclusion a.test - - ok -\n",
	 "partial recovered at  guess: it was not validated at first"},
	{"nobody may be asked", "rr",
	 OWN("a.test") UNSIGNED("a.test") "server a.test ns1.a.test 192.0.2.1 excluded not asked\n"
					  "budget a.test - - excluded never to be asked: ns1\n"
					  "conclusion a.test - - excluded ns1: not asked\n",
	 "failing undecided at  guess: not a matter of signatures"},
	{"words that nobody knows", "rr",
	 "path\nchain a.test\nnonsense a.test - - ns-refused x\npath a.test - - other -\n",
	 "failing undecided at  guess: not a matter of signatures"},
};

static struct view word(char **rest)
{
	char *start = *rest, *end = strchrnul(start, ' ');

	*rest = *end ? end + 1 : end;
	return strncmp(start, "-", (size_t)(end - start)) == 0
		       ? (struct view){start, 0}
		       : (struct view){start, (size_t)(end - start)};
}

static size_t read_rows(char *text, struct evidence rows[ROWS_MAX])
{
	size_t count = 0;
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		struct evidence *row = &rows[count++];

		if (count > ROWS_MAX)
			abort();
		evidence_init(row);
		if (*line == '@') {
			row->transport = (struct view){"resolver", 8};
			line++;
		}
		if (*line == '%') {
			row->transport = (struct view){"zone-file", 9};
			line++;
		}
		row->probe = word(&line);
		row->zone = word(&line);
		row->server = word(&line);
		row->address = word(&line);
		row->finding = word(&line);
		if (strcmp(line, "-") != 0)
			row->detail = (struct view){line, strlen(line)};
	}
	return count;
}

static struct row answer(char letter)
{
	struct row row;

	row_init(&row);
	row.normal = row.cd =
		(struct reply){.outcome = OUTCOME_ANSWERED, .rcode = RCODE_NOERROR, .answers = 1};
	if (strchr("rvgnxdzqlesotcwhjuBCDEFS", letter))
		row.normal.rcode = RCODE_SERVFAIL;
	if (strchr("rqlecwh", letter))
		row.cd.rcode = RCODE_SERVFAIL;
	row.time_ms = 1700000000000;
	if (letter == 's' || letter == 'F')
		row.cd_rrsig = (struct view){"A/13/7/1699000000/1701000000/a.test", 35};
	if (letter == 't') {
		row.normal.ede[0] = 7;
		row.normal.ede_count = 1;
	}
	if (letter == 'j' || letter == 'u') {
		row.normal.ede[0] = letter == 'j' ? 10 : 6;
		row.normal.ede_count = 1;
	}
	if (letter == 'o' || letter == 't')
		row.cd_rrsig = (struct view){"A/13/7/1698000000/1699000000/a.test", 35};
	if (strchr("cw", letter))
		row.normal.rtt_us = letter == 'c' ? 2000 : 5000000;
	if (letter == 'f')
		row.normal.rcode = row.cd.rcode = RCODE_REFUSED;
	if (letter == 'S')
		row.cd_rrsig = (struct view){"SOA/13/7/1699000000/1701000000/a.test", 37};
	if (letter == 'n' || letter == 'd' || letter == 'S')
		row.cd.rcode = RCODE_NXDOMAIN;
	if (letter == 'm') {
		row.normal.outcome = row.cd.outcome = OUTCOME_TIMEOUT;
		row.normal.rcode = row.cd.rcode = RCODE_UNKNOWN;
	}
	if (letter == 'y')
		row.normal.rcode = row.cd.rcode = RCODE_YXDOMAIN;
	if (letter == 'p') {
		row.normal.ede[0] = 15;
		row.normal.ede_count = 1;
	}
	if (letter == 'e') {
		row.normal.ede[0] = 23;
		row.normal.ede_count = 1;
		row.normal.ede_text = (struct view){"192.0.2.1:53 rcode=REFUSED for a.test A", 39};
	}
	if (letter == 'i') {
		row.normal.outcome = OUTCOME_TIMEOUT;
		row.normal.rcode = RCODE_UNKNOWN;
	}
	if (strchr("BCD", letter)) {
		static const char *const texts[] = {
			"no signatures from 192.0.2.1 for key a.test. while", "3WKM",
			"signature expired from 192.0.2.1 for DS a.test. while building chain"};
		const char *text = texts[letter == 'B' ? 0 : letter == 'C' ? 1 : 2];

		row.normal.ede[0] = letter == 'B' ? 10 : letter == 'C' ? 12 : 7;
		row.normal.ede_count = 1;
		row.normal.ede_text = (struct view){text, strlen(text)};
		row.again_outcome = OUTCOME_ANSWERED;
		row.again_rcode = RCODE_SERVFAIL;
	}
	if (letter == 'F') {
		static const char text[] =
			"no keys have a DS from 192.0.2.1 for key a.test. while building chain";

		row.normal.ede_text = (struct view){text, sizeof(text) - 1};
	}
	if (letter == 'a')
		row.normal.flags |= FLAG_AD;
	if (strchr("xdzu", letter)) {
		row.again_outcome = OUTCOME_ANSWERED;
		row.again_rcode = row.cd.rcode;
	}
	return row;
}

/* As two looks where the answers of one look would not be enough to be sure that it is over. */
static size_t read_answers(const char *letters, struct resolver *resolvers, struct row *rows,
			   struct look *looks)
{
	size_t count = 0;

	for (unsigned i = 0; letters[i]; i++) {
		resolvers[i] = (struct resolver){.name = "192.0.2.53",
						 .identity = i,
						 .validates = TRI_YES,
						 .honours_cd = TRI_YES,
						 .rewrites = letters[i] == 'g',
						 .unrooted = letters[i] == 'E',
						 .astray = letters[i] == 'h'};
		if (letters[i] == 'b' || letters[i] == 'z')
			resolvers[i].validates = TRI_NO;
		rows[i] = answer(letters[i]);
		looks[count++] = (struct look){
			&resolvers[i], look_kind(&rows[i]), letters[i] == 'a', 1000, 1000,
			&rows[i]};
		if (strchr("xdzu", letters[i]))
			looks[count++] =
				(struct look){&resolvers[i], LOOK_CLEAN, false, 9000, 1000, NULL};
		if (strchr("qlj", letters[i])) {
			looks[count] = looks[count - 1];
			looks[count++].time_ms += letters[i] == 'l' ? 15 * 60000 : 20000;
		}
	}
	return count;
}

static void check(unsigned i)
{
	struct resolver resolvers[8];
	struct row rows[8];
	struct look looks[16];
	struct opinion opinions[16];
	struct evidence evidence[ROWS_MAX];
	char *text = strdup(cases[i].rows), said[VERDICT_EVIDENCE_MAX + 400];
	struct facts facts = {
		.name = {"a.test", 6}, .qtype = 1, .looks = looks, .evidence = evidence};
	struct verdict v;

	facts.look_count = read_answers(cases[i].answers, resolvers, rows, looks);
	facts.evidence_count = read_rows(text, evidence);
	judge(&facts, opinions, &v);
	snprintf(said, sizeof(said), "%s %s at %s %s: %s", status_name(v.status),
		 cause_info(v.cause)->id, v.at, confidence_name(v.confidence), v.evidence);
	if (!ok(strncmp(said, cases[i].verdict, strlen(cases[i].verdict)) == 0, "%s",
		cases[i].name))
		printf("# %s\n# %s\n", said, cases[i].verdict);
	free(text);
}

/* A detail as long as a row may have: cut, not lost. */
static void long_detail(void)
{
	char detail[3000];
	struct evidence rows[2];
	struct resolver resolvers[1];
	struct row answers[2];
	struct look looks[2];
	struct opinion opinions[2];
	struct facts facts = {.name = {"a.test", 6},
			      .qtype = 1,
			      .looks = looks,
			      .evidence = rows,
			      .evidence_count = 2};
	struct verdict v;

	for (size_t i = 0; i < sizeof(detail); i++)
		detail[i] = "ns1 192.0.2.1: answers REFUSED; "[i % 32];
	evidence_init(&rows[0]);
	rows[0].probe = (struct view){"path", 4};
	rows[0].zone = (struct view){"a.test", 6};
	rows[0].finding = (struct view){"own-zone", 8};
	rows[1] = rows[0];
	rows[1].probe = (struct view){"conclusion", 10};
	rows[1].finding = (struct view){"ns-refused", 10};
	rows[1].detail = (struct view){detail, sizeof(detail)};
	facts.look_count = read_answers("l", resolvers, answers, looks);
	judge(&facts, opinions, &v);
	ok(v.cause == CAUSE_NS_REFUSED &&
		   strstr(v.evidence, "answers REFUSED ...; 192.0.2.53: SERVFAIL"),
	   "a long detail is cut where a sentence ends: %s", v.evidence);
}

int main(void)
{
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check(i);
	long_detail();
	return done_testing();
}
