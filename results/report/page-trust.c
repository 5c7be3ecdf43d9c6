/* SPDX-License-Identifier: BSD-2-Clause */

/* How far to trust the run: input, completeness, loss, overload, calibration. */
#include "results/report/page.h"

#include <stdarg.h>
#include <stdio.h>

enum mark { GOOD, WARN, BAD };

/* Opens an item; what it says follows, then "</p></div></li>". */
static void check(struct page *page, enum mark mark, const char *title)
{
	static const char *const classes[] = {"good", "warn", "bad"};
	static const char *const signs[] = {"\342\234\223", "!", "\303\227"};
	static const char *const words[] = {"fine", "with reservations", "bad"};

	buf_addf(page->out,
		 "<li class=\"%s\"><span class=\"mark\" role=\"img\" aria-label=\"%s\">%s</span>"
		 "<div><b>%s</b><p>",
		 classes[mark], words[mark], signs[mark], title);
}

static void say(struct page *page, uint64_t value, const char *text)
{
	char number[HTML_NUMBER_MAX];

	buf_addf(page->out, "%s %s", html_number(value, number), text);
}

/* Numbers that should be 0 are mentioned when they are not. */
static void say_if(struct page *page, uint64_t value, const char *text)
{
	if (!value)
		return;
	buf_add_str(page->out, ", ");
	say(page, value, text);
}

static void done(struct page *page)
{
	buf_add_str(page->out, "</p></div></li>\n");
}

static void check_input(struct page *page)
{
	const struct tally *t = page->tally;
	uint64_t lost = t->damaged_files + t->missing_files;

	check(page, lost ? BAD : t->bad_lines ? WARN : GOOD, "Input");
	say(page, t->files, t->files == 1 ? "file read" : "files read");
	if (!lost && !t->bad_lines)
		buf_add_str(page->out, ", all of them whole");
	say_if(page, t->damaged_files, "of them damaged");
	say_if(page, t->missing_files, "missing");
	say_if(page, t->bad_lines, "lines that do not parse");
	buf_add_str(page->out, ".");
	done(page);
}

static void check_runs(struct page *page)
{
	const struct tally *t = page->tally;

	check(page, t->runs_incomplete || t->runs_without_manifest ? WARN : GOOD, "Runs");
	say(page, t->runs, t->runs == 1 ? "run" : "runs");
	if (!t->runs_incomplete && !t->runs_without_manifest)
		buf_add_str(page->out, ", to the end");
	say_if(page, t->runs_incomplete, "stopped half way");
	say_if(page, t->runs_without_manifest, "without run.json");
	buf_add_str(page->out, ".");
	done(page);
}

static void check_names(struct page *page)
{
	const struct tally *t = page->tally;
	uint64_t left = page_total(t, "left"), rejected = page_total(t, "rejected"),
		 excluded = page_total(t, "excluded");

	if (!counts_size(t->table[TALLY_TOTALS]))
		return;
	excluded = excluded < rejected ? excluded : rejected; /* they are among the rejected */
	check(page, left || rejected > excluded ? WARN : GOOD, "Names");
	say(page, page_total(t, "read"), "read");
	say_if(page, page_total(t, "scanned"), "scanned");
	say_if(page, page_total(t, "duplicates"), "met again");
	say_if(page, excluded, "excluded");
	say_if(page, rejected - excluded, "rejected: not names");
	say_if(page, left, "left over");
	buf_add_str(page->out, ".");
	done(page);
}

static void check_resolvers(struct page *page)
{
	size_t useless = 0, blind = 0, unknown = 0;

	for (size_t i = 0; i < page->resolver_count; i++) {
		const struct tally_resolver *r = &page->resolvers[i];

		useless += r->useless;
		blind += !r->useless && r->calibration.validates == TRI_NO;
		unknown += !r->useless && r->calibration.validates == TRI_UNKNOWN;
	}
	check(page,
	      useless == page->resolver_count ? BAD
	      : useless + unknown	      ? WARN
					      : GOOD,
	      "Resolvers");
	say(page, page->resolver_count, page->resolver_count == 1 ? "resolver" : "resolvers");
	if (!useless && !blind && !unknown && page->resolver_count)
		buf_add_str(page->out, ", calibrated, and all of them validate");
	say_if(page, useless, "not counted: dead, refusing everything, or failing their controls");
	say_if(page, blind, "that do not validate");
	say_if(page, unknown, "not calibrated");
	buf_add_str(page->out, ".");
	done(page);
}

/* A share in words: "12 of 1,000 rows (1.2 %)". */
static void say_share(struct page *page, uint64_t part, uint64_t all, const char *of)
{
	char share[HTML_NUMBER_MAX], number[HTML_NUMBER_MAX];

	say(page, part, "of ");
	buf_addf(page->out, "%s %s (%s)", html_number(all, number), of,
		 html_share(part, all, share));
}

static enum mark by_share(uint64_t part, uint64_t all, double warn, double bad)
{
	double share = all ? (double)part / (double)all : 0;

	return share > bad ? BAD : share > warn ? WARN : GOOD;
}

static void check_overload(struct page *page)
{
	uint64_t overloaded = 0;

	for (size_t i = 0; i < page->resolver_count; i++)
		overloaded += page->resolvers[i].overloaded;
	check(page, by_share(overloaded, page->tally->rows, 0.001, 0.05), "Overload");
	say_share(page, overloaded, page->tally->rows, "rows");
	buf_add_str(page->out,
		    " were asked while their resolver was overloaded; they do not count.");
	done(page);
}

static void check_loss(struct page *page)
{
	const struct tally *t = page->tally;
	const struct reply timeout = {.outcome = OUTCOME_TIMEOUT, .rcode = RCODE_UNKNOWN};
	uint64_t timeouts = 0, queries = page_total(t, "queries"),
		 again = page_total(t, "queries_again");

	for (size_t i = 0; i < page->resolver_count; i++)
		timeouts += page->resolvers[i].words[tally_word(&timeout)];
	check(page, by_share(timeouts, t->rows, 0.02, 0.1), "Loss");
	say_share(page, timeouts, t->rows, "rows");
	buf_add_str(page->out, " brought no answer to CD=0.");
	if (queries) {
		buf_add_str(page->out, " ");
		say_share(page, again, queries, "queries");
		buf_add_str(page->out, " were sent again.");
	}
	done(page);
}

static void check_recheck(struct page *page)
{
	const struct tally *t = page->tally;
	uint64_t pairs = page_total(t, "recheck_pairs");

	if (!pairs)
		return;
	check(page, GOOD, "Asked once more");
	say(page, page_total(t, "rechecked"),
	    "names that failed were asked again after the scan; ");
	say_share(page, page_total(t, "recheck_recovered"), pairs, "of these pairs");
	buf_add_str(page->out, " were fine then.");
	done(page);
}

static void check_evidence(struct page *page)
{
	const struct tally *t = page->tally;
	uint64_t skipped = page_total(t, "evidence_skipped");
	bool none = t->evidence_rows == 0 && t->questions > t->status[STATUS_OK];

	check(page, skipped || none ? WARN : GOOD, "Evidence");
	say(page, t->evidence_rows, "rows from the authoritative side");
	say_if(page, page_total(t, "evidence_names"), "names looked at");
	say_if(page, skipped, "names went without");
	buf_add_str(page->out, ".");
	done(page);
}

static void check_verdicts(struct page *page)
{
	const struct tally *t = page->tally;
	uint64_t all = t->questions - t->status[STATUS_OK];

	check(page, by_share(t->confidence[CONFIDENCE_GUESS], all, 0.2, 0.6), "Verdicts");
	say(page, t->confidence[CONFIDENCE_CERTAIN], "certain, ");
	say(page, t->confidence[CONFIDENCE_LIKELY], "likely, ");
	say(page, t->confidence[CONFIDENCE_GUESS], "guessed");
	say_if(page, t->status[STATUS_UNKNOWN], "questions that nobody could tell about");
	buf_add_str(page->out, ".");
	done(page);
}

void page_trust(struct page *page)
{
	buf_add_str(page->out, "<ul class=\"checks\">\n");
	check_input(page);
	check_runs(page);
	check_names(page);
	check_resolvers(page);
	check_overload(page);
	check_loss(page);
	check_recheck(page);
	check_evidence(page);
	check_verdicts(page);
	buf_add_str(page->out, "</ul>\n");
}

/* ---- calibration ---- */

/* worse: the class of a value that is not the one wanted. */
static void tri_cell(struct page *page, enum tri value, enum tri wanted, const char *worse)
{
	buf_addf(page->out, "<td class=\"%s\">%s</td>",
		 value != TRI_UNKNOWN && value != wanted ? worse : "",
		 value == TRI_UNKNOWN ? "<span class=\"quiet\">?</span>" : tri_name(value));
}

static void calibration_row(struct page *page, const struct tally_resolver *r)
{
	const struct calibration *c = &r->calibration;
	uint64_t asked = 0, failed = 0;

	for (unsigned i = 0; i < TALLY_PHASES; i++) {
		asked += r->controls_asked[i];
		failed += r->controls_failed[i];
	}
	buf_add_str(page->out, "<tr>");
	page_name_cell(page->out, view_of(r->name));
	tri_cell(page, c->reachable, TRI_YES, "bad");
	tri_cell(page, c->validates, TRI_YES, "bad");
	tri_cell(page, c->honours_cd, TRI_YES, "bad");
	tri_cell(page, c->sends_ede, TRI_YES, "warn");
	tri_cell(page, c->forwards_ad, TRI_YES, "warn");
	tri_cell(page, c->rewrites_nxdomain, TRI_NO, "bad");
	tri_cell(page, c->filters, TRI_NO, "bad");
	tri_cell(page, c->same_address, TRI_YES, "warn");
	tri_cell(page, c->tcp, TRI_YES, "warn");
	page_number_cell(page->out, asked);
	page_number_cell(page->out, failed);
	buf_add_str(page->out, "</tr>\n");
}

void page_calibration(struct page *page)
{
	static const char *const head[] = {
		"Resolver",	   "Reachable",		"Validates", "Honours CD",   "Sends EDE",
		"Forwards AD",	   "Rewrites NXDOMAIN", "Filters",   "Same address", "TCP",
		".Controls asked", ".Failed",		NULL};

	page_table_begin(page->out, "tall", "Calibration of the resolvers", head);
	for (size_t i = 0; i < page->resolver_count && i < PAGE_RESOLVERS; i++)
		calibration_row(page, &page->resolvers[i]);
	page_table_end(page->out);
	if (page->resolver_count > PAGE_RESOLVERS)
		page_more(page->out, "The first", page->resolver_count);
}
