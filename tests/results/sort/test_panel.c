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
	enum tri reachable; /* in that phase */
	bool fell_silent;
} trials[] = {
	{"as it should be", PHASE_DURING, 100, 0, 0, TRI_UNKNOWN, false, TRI_YES, false},
	{"overloaded, and silent half of the time: what it answered was true", PHASE_DURING, 100,
	 66, 66, TRI_UNKNOWN, false, TRI_YES, false},
	{"silent and wrong, more silent", PHASE_DURING, 100, 90, 60, TRI_UNKNOWN, false, TRI_YES,
	 false},
	{"wrong most of the time", PHASE_DURING, 100, 60, 0, TRI_UNKNOWN, true, TRI_YES, false},
	{"wrong most of the time, and sometimes silent", PHASE_DURING, 100, 70, 10, TRI_UNKNOWN,
	 true, TRI_YES, false},
	{"too few to tell", PHASE_DURING, 3, 3, 0, TRI_UNKNOWN, false, TRI_YES, false},
	{"wrong in the end", PHASE_AFTER, 4, 3, 0, TRI_UNKNOWN, true, TRI_YES, false},
	{"makes up answers in the end, as it did not before", PHASE_AFTER, 4, 0, 0, TRI_YES, true,
	 TRI_YES, false},
	{"... whatever gets lost", PHASE_AFTER, 4, 3, 50, TRI_UNKNOWN, true, TRI_YES, false},
	{"silent in the end: what it answered was true", PHASE_AFTER, 4, 3, -1, TRI_UNKNOWN, false,
	 TRI_NO, true},
	{"silent during the scan, and not after it", PHASE_DURING, 100, 90, 90, TRI_UNKNOWN, false,
	 TRI_YES, false},
};

/* Three that validate and one that does not, of 1000 names each: how many of these each fails, and
 * which of them has gone astray. */
static const struct {
	const char *name;
	uint64_t failed[4], rows;
	const char *astray;
} shares[] = {
	{"all alike", {20, 24, 22, 15}, 1000, ""},
	{"one fails a third of what all others resolve", {20, 24, 333, 15}, 1000, "c"},
	{"one fails a little more", {20, 24, 100, 15}, 1000, ""},
	{"two of them do: who is right?", {20, 333, 333, 15}, 1000, ""},
	{"who does not validate has no peers", {600, 610, 620, 90}, 1000, ""},
	{"too few names to tell", {2, 2, 50, 2}, 100, ""},
};

/* What its own rows show: CD=0 and CD=1 of so many, and an EDE text of the CD=0 answers. */
static const struct {
	const char *name;
	int rcode, cd_rcode;
	uint64_t rows;
	const char *ede_text, *signatures;
	bool unrooted, signs, no_cd;
	uint64_t bogus; /* rows more that fail without a word */
} abilities[] = {
	{"all is well", RCODE_NOERROR, RCODE_NOERROR, 20, "", "", false, false, false, 0},
	{"CD=1 is refused", RCODE_NOERROR, RCODE_REFUSED, 10, "", "", false, false, true, 0},
	{"... too seldom to tell", RCODE_NOERROR, RCODE_REFUSED, 9, "", "", false, false, false, 0},
	{"fails with CD=1, as without", RCODE_SERVFAIL, RCODE_SERVFAIL, 20, "", "", false, false,
	 false, 0},
	{"signatures came", RCODE_SERVFAIL, RCODE_NOERROR, 1, "",
	 "A/13/1/20261001000000/20261101000000/a.test", false, true, false, 0},
	{"another trust anchor", RCODE_SERVFAIL, RCODE_NOERROR, 1,
	 "validation failure <a. A IN>: no keys have a DS from 192.0.2.1 for trust anchor . while",
	 "", true, false, false, 0},
	{"... at one node of many", RCODE_SERVFAIL, RCODE_NOERROR, 20,
	 "validation failure <a. A IN>: no keys have a DS from 192.0.2.1 for trust anchor . while",
	 "", true, false, false, 180},
	{"... said in a moment of a run", RCODE_SERVFAIL, RCODE_NOERROR, 3,
	 "validation failure <a. A IN>: No DNSKEY record from 192.0.2.1 for key . while", "", false,
	 false, false, 97},
	{"a zone's keys", RCODE_SERVFAIL, RCODE_NOERROR, 1,
	 "validation failure <a. A IN>: no keys have a DS from 192.0.2.1 for key a. while", "",
	 false, false, false, 0},
};

static void check_abilities(unsigned i)
{
	struct panel *panel = panel_create();
	struct tally *tally = tally_create();
	int number = panel_add(panel, tally, (struct view){"192.0.2.53", 10}, "");
	const struct resolver *found;
	struct row row;

	row_init(&row);
	row.normal.outcome = row.cd.outcome = OUTCOME_ANSWERED;
	row.normal.rcode = abilities[i].rcode;
	row.cd.rcode = abilities[i].cd_rcode;
	row.normal.ede_text = (struct view){abilities[i].ede_text, strlen(abilities[i].ede_text)};
	row.cd_rrsig = (struct view){abilities[i].signatures, strlen(abilities[i].signatures)};
	tally_rows(tally, (unsigned)number, &row, abilities[i].rows);
	row.normal.ede_text = row.cd_rrsig = (struct view){"", 0};
	tally_rows(tally, (unsigned)number, &row, abilities[i].bogus);
	panel_settle(panel, tally);
	found = panel_resolver(panel, 0);
	ok(found->unrooted == abilities[i].unrooted && found->signs == abilities[i].signs &&
		   found->no_cd == abilities[i].no_cd,
	   "%s", abilities[i].name);
	panel_destroy(&panel);
	tally_destroy(&tally);
}

/* What its calibration says, and its rows do not. */
static void check_marks(void)
{
	struct panel *panel = panel_create();
	struct tally *tally = tally_create();
	int number = panel_add(panel, tally, (struct view){"192.0.2.53", 10}, "");
	struct calibration row;

	calibration_init(&row);
	row.phase = PHASE_BEFORE;
	row.reachable = TRI_YES;
	row.marks = CALIBRATION_SPLIT | CALIBRATION_AD_ALWAYS;
	panel_calibrate(panel, number, &row);
	panel_settle(panel, tally);
	ok(panel_resolver(panel, 0)->unrooted && panel_resolver(panel, 0)->ad_always &&
		   !panel_resolver(panel, 0)->useless,
	   "one of several has another trust anchor, and AD means nothing");
	panel_destroy(&panel);
	tally_destroy(&tally);
}

static void check_shares(unsigned i)
{
	static const char *const names[] = {"a", "b", "c", "d"};
	struct panel *panel = panel_create();
	struct tally *tally = tally_create();
	char astray[5] = "";
	struct row row;

	row_init(&row);
	row.normal.outcome = OUTCOME_ANSWERED;
	for (unsigned r = 0; r < 4; r++) {
		int number = panel_add(panel, tally, (struct view){names[r], 1}, "");
		struct calibration calibration;

		calibration_init(&calibration);
		calibration.phase = PHASE_BEFORE;
		calibration.reachable = TRI_YES;
		calibration.validates = r < 3 ? TRI_YES : TRI_NO;
		panel_calibrate(panel, number, &calibration);
		row.normal.rcode = RCODE_SERVFAIL;
		tally_rows(tally, (unsigned)number, &row, shares[i].failed[r]);
		row.normal.rcode = RCODE_NOERROR;
		tally_rows(tally, (unsigned)number, &row, shares[i].rows - shares[i].failed[r]);
	}
	panel_settle(panel, tally);
	for (unsigned r = 0; r < panel_size(panel); r++)
		if (panel_resolver(panel, r)->astray)
			strcat(astray, panel_resolver(panel, r)->name);
	is_str(astray, shares[i].astray, shares[i].name);
	panel_destroy(&panel);
	tally_destroy(&tally);
}

int main(void)
{
	check_marks();
	for (unsigned i = 0; i < sizeof(abilities) / sizeof(abilities[0]); i++)
		check_abilities(i);
	for (unsigned i = 0; i < sizeof(shares) / sizeof(shares[0]); i++)
		check_shares(i);
	for (size_t i = 0; i < sizeof(trials) / sizeof(trials[0]); i++) {
		struct panel *panel = panel_create();
		struct tally *tally = tally_create();
		int number = panel_add(panel, NULL, (struct view){"192.0.2.53", 10}, "");
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
		row.reachable = trials[i].reachable;
		panel_calibrate(panel, number, &row);
		ok(panel_settle(panel, tally) &&
			   panel_resolver(panel, 0)->useless == trials[i].useless &&
			   panel_resolver(panel, 0)->fell_silent == trials[i].fell_silent,
		   "%s", trials[i].name);
		panel_destroy(&panel);
		tally_destroy(&tally);
	}
	return done_testing();
}
