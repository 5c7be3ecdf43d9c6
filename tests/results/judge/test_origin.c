/* SPDX-License-Identifier: BSD-2-Clause */

/* Registered domains; operators by their name servers; algorithms and signatures; who agrees. */
#include "results/judge/agreement.h"
#include "results/rows/domain.h"
#include "results/judge/origin.h"
#include "results/tally/tally.h"
#include "tests/tap.h"

#include <stdlib.h>

static void domains(void)
{
	static const struct {
		const char *name, *domain;
	} cases[] = {
		{"www.example.com", "example.com"},
		{"example.com", "example.com"},
		{"com", ""},
		{"a.b.example.co.uk", "example.co.uk"},
		{"co.uk", ""},
		{"x.a.lab", "a.lab"},
		{"www.xn--mnchen-3ya.de", "xn--mnchen-3ya.de"},
		{".", ""},
		{"", ""},
		{"a..b", "a..b"},
		{"\001\377.example.org", "example.org"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct view got = domain_registered(view_of(cases[i].name));

		if (i == 9) /* no name, but no harm */
			ok(got.len <= 4, "an empty label");
		else
			ok(got.len == strlen(cases[i].domain) &&
				   memcmp(got.len ? got.text : "", cases[i].domain, got.len) == 0,
			   "the domain of %s is '%s' (%.*s)", cases[i].name, cases[i].domain,
			   (int)got.len, got.text);
	}
}

/* zone: that of the rows; servers: names, by blanks; at: what the verdict blames. */
static const char *operators(const char *zone, const char *servers, const char *at,
			     const char *detail, struct verdict *v)
{
	struct evidence rows[20];
	char names[20][300], *copy = strdup(servers), *rest = copy, *name;
	struct facts facts = {.name = view_of("www.a.test"), .qtype = 1, .evidence = rows};

	memset(v, 0, sizeof(*v));
	v->status = STATUS_FAILING;
	snprintf(v->at, sizeof(v->at), "%s", at);
	evidence_init(&rows[0]);
	rows[0].zone = view_of(zone);
	rows[0].probe = view_of("path");
	rows[0].finding = view_of("own-zone");
	evidence_init(&rows[1]);
	rows[1].zone = view_of(zone);
	rows[1].probe = view_of("chain");
	rows[1].detail = view_of(detail);
	facts.evidence_count = 2;
	while ((name = strsep(&rest, " "))) {
		struct evidence *row = &rows[facts.evidence_count];

		evidence_init(row);
		snprintf(names[facts.evidence_count], sizeof(names[0]), "%s", name);
		row->zone = view_of(zone);
		row->probe = view_of("ns-address");
		row->server = view_of(names[facts.evidence_count++]);
	}
	origin_read(&facts, NULL, 0, v);
	free(copy);
	return v->operators;
}

static void who_serves(void)
{
	static const struct {
		const char *zone, *servers, *at, *operators;
	} cases[] = {
		{"a.test", "ns1.dc3.example.net ns2.example.net", "a.test", "example.net"},
		{"a.test", "ns1.a.test ns2.a.test", "a.test", "own"},
		{"a.test", "ns1.a.test ns.example.net", "", "example.net+own"},
		{"sub.a.test", "ns.a.test", "sub.a.test", "own"},
		{"a.test", "ns1.exampledns-12.com ns2.exampledns-3.co.uk ns3.exampledns-77.org",
		 "a.test", "exampledns.*"},
		{"a.test", "ns1.example-dns.com ns1.example-dns.info", "b.test", "example-dns.*"},
		{"a.test", "a.ns1.com b.ns2.com", "a.test", "ns1.com+ns2.com"},
		{"test", "a.nic.test", "test", "own"},
		{"a.test", "co.uk", "a.test", "co.uk"},
	};
	struct verdict v;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		is_str(operators(cases[i].zone, cases[i].servers, cases[i].at, "", &v),
		       cases[i].operators, cases[i].servers);
}

/* Thirteen names of 63-octet labels do not fit: whole ones stay. */
static void too_many(void)
{
	char servers[13 * 80] = "";
	struct verdict v;

	for (int i = 0; i < 13; i++)
		snprintf(servers + strlen(servers), sizeof(servers) - strlen(servers),
			 "%s%c%060d.example", i ? " " : "", 'a' + i, 0);
	operators("a.test", servers, "a.test", "", &v);
	ok(strlen(v.operators) < sizeof(v.operators) &&
		   strcmp(v.operators + strlen(v.operators) - 8, ".example") == 0,
	   "a list that is too long is cut behind a name");
}

static void how_signed(void)
{
	struct row row;
	struct opinion opinion = {.kind = OPINION_VALIDATION, .row = &row};
	struct facts facts = {.name = view_of("a.test"), .qtype = 1};
	struct verdict v = {.status = STATUS_FAILING, .at = "a.test"};

	row_init(&row);
	row.cd_rrsig = view_of("A/13/1/20261001000000/20261101000000/a.test+"
			       "A/8/1/20261001000000/20261101000000/a.test+"
			       "CNAME/5/1/20261001000000/20261101000000/b.test");
	origin_read(&facts, &opinion, 1, &v);
	is_str(v.algorithms, "8+13", "the algorithms of the zone's signatures");
	ok(v.is_signed, "it is signed");

	operators("a.test", "ns1.a.test", "a.test", "DS 1 (algorithm 15, digest type 2) fits none",
		  &v);
	is_str(v.algorithms, "15", "without any, what the chain says");
	operators("a.test", "ns1.a.test", "a.test", "algorithm 99999999999 and algorithm x", &v);
	is_str(v.algorithms, "", "numbers that are none");

	opinion = (struct opinion){.kind = OPINION_OK, .ad = true};
	v = (struct verdict){.status = STATUS_OK};
	origin_read(&facts, &opinion, 1, &v);
	ok(v.is_signed && !v.algorithms[0], "AD says signed, and not how");
	opinion.blind = true;
	v = (struct verdict){.status = STATUS_OK};
	origin_read(&facts, &opinion, 1, &v);
	ok(!v.is_signed, "unless who says so does not validate");
}

static void who_agrees(void)
{
	struct resolver r[3] = {{.name = "a", .identity = 0},
				{.name = "b", .identity = 1},
				{.name = "z", .identity = AGREEMENT_MAX}};
	struct opinion opinions[3] = {{.resolver = &r[0], .kind = OPINION_OK},
				      {.resolver = &r[1], .kind = OPINION_VALIDATION},
				      {.resolver = &r[2], .kind = OPINION_OK}};
	struct agreement *one = calloc(1, sizeof(*one)), *two = calloc(1, sizeof(*two));
	const struct agreement_pair *pair = &one->pair[0][1];

	agreement_add(one, opinions, 3, 1);
	opinions[1].kind = OPINION_OK;
	agreement_add(two, opinions, 3, 5);
	opinions[1].kind = OPINION_FLAPS;
	agreement_add(two, opinions, 3, 7);
	opinions[0].kind = opinions[1].kind = OPINION_MUTE;
	agreement_add(two, opinions, 3, 2);
	agreement_join(one, two);
	ok(pair->second_fails == 1 && pair->first_fails == 0 && pair->both_resolve == 5 &&
		   pair->both_fail == 2,
	   "two resolvers compared, in two parts");
	is_str(one->name[1], "b", "by name");
	free(one);
	free(two);
}

static void round_trips(void)
{
	struct tally *tally = tally_create();
	struct row row;
	bool good = true;

	for (unsigned i = 1; i < TALLY_RTTS; i++)
		good &= tally_rtt_us(i) > tally_rtt_us(i - 1);
	ok(good && tally_rtt_us(TALLY_RTTS - 1) > INT64_C(900000000000), "steps of time ascend");
	for (int64_t us = 1; us <= 1000; us++) {
		row_init(&row);
		row.normal.rtt_us = us * 100;
		tally_row(tally, 0, &row);
	}
	is_int(tally_quantile_us(&tally->resolvers[0], 500), 49152, "the median, to an eighth");
	is_int(tally_quantile_us(&tally->resolvers[0], 990), 98304, "the 99th percentile");
	row.normal.rtt_us = INT64_MAX;
	tally_row(tally, 0, &row);
	is_int((long long)tally->resolvers[0].rtts[TALLY_RTTS - 1], 1, "a time out of all bounds");
	tally_destroy(&tally);
}

int main(void)
{
	domains();
	who_serves();
	too_many();
	how_signed();
	who_agrees();
	round_trips();
	return done_testing();
}
