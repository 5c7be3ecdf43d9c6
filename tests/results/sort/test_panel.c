/* SPDX-License-Identifier: BSD-2-Clause */

/* Whose answers count: resolvers by what resolvers.csv says of them. */
#include "results/sort/panel.h"

#include <string.h>

#include "tests/tap.h"

static const struct {
	const char *name;
	enum phase phase;
	int64_t asked, failed, lost_percent;
	enum tri rewrites; /* NXDOMAIN, in that phase */
	bool useless;
} trials[] = {
	{"as it should be", PHASE_DURING, 100, 0, 0, TRI_UNKNOWN, false},
	{"overloaded, and silent half of the time: what it answered was true", PHASE_DURING, 100, 66, 66, TRI_UNKNOWN, false},
	{"silent and wrong, more silent", PHASE_DURING, 100, 90, 60, TRI_UNKNOWN, false},
	{"wrong most of the time", PHASE_DURING, 100, 60, 0, TRI_UNKNOWN, true},
	{"wrong most of the time, and sometimes silent", PHASE_DURING, 100, 70, 10, TRI_UNKNOWN, true},
	{"too few to tell", PHASE_DURING, 3, 3, 0, TRI_UNKNOWN, false},
	{"wrong in the end", PHASE_AFTER, 4, 3, 0, TRI_UNKNOWN, true},
	{"makes up answers in the end, as it did not before", PHASE_AFTER, 4, 0, 0, TRI_YES, true},
	{"... whatever gets lost", PHASE_AFTER, 4, 3, 50, TRI_UNKNOWN, true},
};

int main(void)
{
	for (size_t i = 0; i < sizeof(trials) / sizeof(trials[0]); i++) {
		struct panel *panel = panel_create();
		struct tally *tally = tally_create();
		int number = panel_add(panel, (struct view){"192.0.2.53", 10}, "");
		struct calibration row;

		calibration_init(&row);
		row.phase = PHASE_BEFORE;
		row.reachable = TRI_YES;
		row.rewrites_nxdomain = TRI_NO;
		panel_calibrate(panel, number, &row);
		row.phase = trials[i].phase;
		row.controls_asked = trials[i].asked;
		row.controls_failed = trials[i].failed;
		row.rewrites_nxdomain = trials[i].rewrites;
		row.loss_percent = trials[i].lost_percent;
		panel_calibrate(panel, number, &row);
		ok(panel_settle(panel, tally) && panel_resolver(panel, 0)->useless == trials[i].useless, "%s", trials[i].name);
		panel_destroy(&panel);
		tally_destroy(&tally);
	}
	return done_testing();
}
