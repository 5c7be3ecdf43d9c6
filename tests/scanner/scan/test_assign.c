/* SPDX-License-Identifier: BSD-2-Clause */

/* Which names go to which resolvers: always the same, evenly, and little changes when one drops
 * out. */
#include "scanner/scan/assign.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/tap.h"

#define RESOLVERS 1000
#define NAMES	  20000
#define EACH	  3

static bool out[RESOLVERS];
static int32_t picked[NAMES][EACH];

static void pick_all(const struct assign *assign, int32_t to[NAMES][EACH])
{
	for (int i = 0; i < NAMES; i++) {
		char name[16];

		if (assign_pick(assign, (const uint8_t *)name, (size_t)sprintf(name, "name%d", i), EACH, to[i]) != EACH)
			abort();
	}
}

static bool in(const int32_t *list, int32_t resolver)
{
	return list[0] == resolver || list[1] == resolver || list[2] == resolver;
}

int main(void)
{
	static int32_t again[NAMES][EACH];
	struct assign assign = {.seed = 1, .resolvers = RESOLVERS, .out = out};
	int counts[RESOLVERS] = {0}, least = NAMES, most = 0, twice = 0, same = 0, moved = 0, foretold = 0, few[8];
	const uint8_t *name = (const uint8_t *)"x";

	pick_all(&assign, picked);
	for (int i = 0; i < NAMES; i++) {
		for (int j = 0; j < EACH; j++)
			counts[picked[i][j]]++;
		twice += picked[i][0] == picked[i][1] || picked[i][1] == picked[i][2] || picked[i][0] == picked[i][2];
	}
	for (int r = 0; r < RESOLVERS; r++) {
		least = counts[r] < least ? counts[r] : least;
		most = counts[r] > most ? counts[r] : most;
	}
	is_int(twice, 0, "no name goes to the same resolver twice");
	/* 60 each, with a deviation of 7.7 */
	ok(least > 25 && most < 100, "each has its share: %d to %d", least, most);
	pick_all(&assign, again);
	ok(memcmp(picked, again, sizeof(picked)) == 0, "the same again");
	assign.seed = 2;
	pick_all(&assign, again);
	for (int i = 0; i < NAMES; i++)
		same += in(again[i], picked[i][0]);
	ok(same < NAMES / 100, "another seed, other resolvers");
	assign.seed = 1;
	out[7] = true;
	pick_all(&assign, again);
	same = 0;
	for (int i = 0; i < NAMES; i++) {
		char text[16];

		if (!in(picked[i], 7)) {
			same += memcmp(picked[i], again[i], sizeof(again[i])) == 0;
			continue;
		}
		moved++;
		foretold += in(again[i], assign_instead(&assign, (const uint8_t *)text, (size_t)sprintf(text, "name%d", i), EACH, 7)) &&
			    !in(again[i], 7);
	}
	is_int(same, NAMES - moved, "where nobody drops out nothing changes");
	ok(moved == counts[7] && foretold == moved, "and the names of the one that did go elsewhere");

	assign.resolvers = 5;
	out[7] = false;
	is_int(assign_pick(&assign, name, 1, 8, few), 5, "no more than there are");
	out[0] = out[1] = out[3] = out[4] = true;
	is_int(assign_pick(&assign, name, 1, 2, few), 1, "or than are left");
	is_int(few[0], 2, "which is the one");
	is_int(assign_instead(&assign, name, 1, 2, 4), -1, "and nobody instead");
	assign.resolvers = RESOLVERS;
	memset(out, true, sizeof(out));
	out[999] = false;
	ok(assign_pick(&assign, name, 1, 1, few) == 1 && few[0] == 999, "the one among many that is left");
	out[999] = true;
	is_int(assign_pick(&assign, name, 1, 1, few), 0, "nobody is left");
	return done_testing();
}
