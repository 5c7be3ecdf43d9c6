/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * resume.gz, unpacked: whatever it says, it is refused or leads to names within its legs.
 */
#include <stdlib.h>

#include "scanner/run/journal_inner.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* So many names are looked up at most. */
#define NAMES 20000

static void look_up(struct journal *journal)
{
	struct past past;

	if (!past_init(&past, journal))
		abort();
	for (uint64_t ordinal = 0; ordinal <= past.end && ordinal < NAMES; ordinal++) {
		enum past_says says = past_look(&past, ordinal, ordinal);
		struct debt *debt;

		if (says == PAST_OPEN && (past.leg == NULL || ordinal < past.leg->first || ordinal - past.leg->first >= past.leg->count))
			abort();
		if (says == PAST_OPEN)
			(void)cells_has(past.leg->cells, (uint32_t)(ordinal - past.leg->first), past.leg->cells->columns - 1);
		while ((debt = past_debt(&past, ordinal)) != NULL)
			if (debt->ordinal != ordinal)
				abort();
	}
	past_free(&past);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char why[MANIFEST_WHY_MAX];
	struct journal *journal = journal_parse("/nonexistent", data, size, why);

	if (journal == NULL)
		return 0;
	look_up(journal);
	journal_destroy(&journal);
	return 0;
}
