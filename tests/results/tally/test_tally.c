/* SPDX-License-Identifier: BSD-2-Clause */

/* What the report says of a resolver, by what it and the others answered. */
#include "results/tally/tally-inside.h"

#include "tests/tap.h"

/* Questions of each kind, and what the third of three resolvers says of them: v fails to validate it,
 * k answers without AD, a with it, e stale. The other two fail to validate it. */
static const struct {
	const char *name;
	unsigned times[2];
	const char *third;
	const char *standing;
} cases[] = {
	{"finds them bogus, too", {50, 50}, "vv", "validates"},
	{"passes one in two",
	 {50, 50},
	 "vk",
	 "validates, but passes much that others find bogus: several resolvers?"},
	{"passes few", {95, 5}, "vk", "validates"},
	{"passes few of many", {980, 20}, "vk", "validates"},
	{"and says that it has validated them", {50, 50}, "va", "validates"},
	{"and says that they are stale", {50, 50}, "ve", "validates"},
};

static void check(unsigned i)
{
	struct resolver resolvers[3] = {
		{.name = "a"}, {.name = "b", .identity = 1}, {.name = "c", .identity = 2}};
	struct tally *tally = tally_create();
	struct verdict verdict = {.status = STATUS_PARTIAL, .rule = "none"};
	struct facts facts = {.name = {"a.example", 9}, .qtype = 1};
	struct row row;

	row_init(&row);
	for (unsigned j = 0; j < 2; j++) {
		struct opinion opinions[3];

		for (unsigned r = 0; r < 3; r++) {
			char said = r < 2 ? 'v' : cases[i].third[j];

			opinions[r] =
				(struct opinion){.resolver = &resolvers[r],
						 .kind = said == 'v'   ? OPINION_VALIDATION
							 : said == 'e' ? OPINION_EXEMPT
								       : OPINION_OK,
						 .ad = said == 'a',
						 .row = said == 'v' || said == 'e' ? &row : NULL};
		}
		tally_facts(tally, &facts, opinions, 3, &verdict, cases[i].times[j]);
	}
	tally->resolvers[1].calibration.validates = TRI_YES;
	is_str(tally_standing(&tally->resolvers[1]), "validates", "of the others");
	if (ok(tally_resolver_at(tally, 2) != NULL, "%s", cases[i].name)) {
		tally->resolvers[2].calibration.validates = TRI_YES;
		is_str(tally_standing(&tally->resolvers[2]), cases[i].standing, "is said of it");
	}
	tally_destroy(&tally);
}

static int first_number(void *arg, struct view name)
{
	(void)arg;
	return name.len > 0 ? 0 : -1;
}

/* What was kept comes back; what no tally says is not believed. */
static void kept(void)
{
	struct tally *tally = tally_create(), *taken = tally_create(), *bad = tally_create();
	struct buf out = BUF_EMPTY;
	struct counts_item *item;
	const char *end;

	tally->rows = 7;
	tally->ede_failing[0] = UINT64_MAX - 1;
	tally->first_ms = INT64_MAX;
	item = counts_at(tally->table[TALLY_DELEGATIONS], view_of("com example.net\t"));
	item->number[DELEGATION_NAMES] = UINT64_MAX;
	ok(tally_keep(tally, &out), "kept");
	end = out.data + out.len;
	ok(tally_take(taken, out.data, end, first_number, NULL) == end &&
		   tally_take(taken, out.data, end, first_number, NULL) == end,
	   "taken twice");
	item = counts_find(taken->table[TALLY_DELEGATIONS], view_of("com example.net\t"));
	is_int((long long)taken->rows, 14, "adds up");
	is_int((long long)taken->ede_failing[0], 1LL << 48, "what nobody can count to has an end");
	is_int((long long)item->number[DELEGATION_NAMES], 1LL << 48, "in tables, too");
	is_int(taken->first_ms, 1LL << 48, "and so have times");
	counts_at(tally->table[TALLY_DELEGATIONS], view_of("com"))->number[0] = 1;
	buf_clear(&out);
	ok(tally_keep(tally, &out) &&
		   !tally_take(bad, out.data, out.data + out.len, first_number, NULL),
	   "a TLD without an operator is none of ours");
	buf_free(&out);
	tally_destroy(&tally);
	tally_destroy(&taken);
	tally_destroy(&bad);
}

int main(void)
{
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check(i);
	kept();
	return done_testing();
}
