/* SPDX-License-Identifier: BSD-2-Clause */

/* The causes in C against the table that other programs rely on. */
#include "results/judge/cause.h"
#include "tests/tap.h"

#include <stdlib.h>

int main(void)
{
	FILE *file = fopen("tests/data/causes.tsv", "r");
	char line[2048];
	unsigned count = 0;
	uint64_t all = 0;

	if (!ok(file && fgets(line, sizeof(line), file), "tests/data/causes.tsv is there"))
		return done_testing();
	while (fgets(line, sizeof(line), file)) {
		char *save = NULL, *category = strtok_r(line, "\t", &save);
		char *id = strtok_r(NULL, "\t", &save), *meaning = strtok_r(NULL, "\t", &save);
		char *fix = strtok_r(NULL, "\n", &save);
		enum cause cause = cause_from_id(id, strlen(id));
		const struct cause_info *info = cause_info(cause);

		count++;
		ok(cause != CAUSE_NONE && strcmp(category_name(info->category), category) == 0 &&
			   strcmp(info->id, id) == 0 && strcmp(info->meaning, meaning) == 0 &&
			   strcmp(info->fix, fix) == 0,
		   "%s/%s", category, id);
	}
	fclose(file);
	is_int(CAUSE_COUNT - 1, count, "as many causes as lines");
	is_str(cause_info(CAUSE_NONE)->id, "", "no cause has an empty id");
	is_int(cause_from_id("", 0), CAUSE_NONE, "an empty id is no cause");
	is_int(cause_from_id("rrsig-expire", 12), CAUSE_NONE, "nor is half an id");
	for (unsigned i = 1; i < CATEGORY_COUNT; i++) {
		ok((all & cause_mask((enum category)i)) == 0 && cause_mask((enum category)i),
		   "category %s has causes of its own", category_name((enum category)i));
		all |= cause_mask((enum category)i);
	}
	is_int((long long)all, (long long)((CAUSE_BIT(CAUSE_COUNT) - 1) & ~UINT64_C(1)),
	       "every cause has a category");
	return done_testing();
}
