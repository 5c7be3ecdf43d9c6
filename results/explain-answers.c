/* SPDX-License-Identifier: BSD-2-Clause */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "results/explain-inside.h"

/* Where the words about a resolver begin. */
#define INDENT 6
#define LINE   600

/* What a row comes to, when one knows what the resolver is able to. */
static const char *const looks[] = {
	[LOOK_NOTHING] = "That says nothing about the name.",
	[LOOK_CLEAN] = "It resolves the name.",
	[LOOK_EXEMPT] = "It resolves the name out of an old answer, or exempts it from validation; "
			"otherwise it would fail.",
	[LOOK_POLICY] = "A policy of its own blocks or forges the answer.",
	[LOOK_REFUSED] = "It refuses to answer.",
	[LOOK_ERROR] = "It answers with an error.",
	[LOOK_VALIDATION] = "It has an answer and does not accept it: validation fails.",
	[LOOK_RESOLUTION] = "It fails with and without validation: it gets nothing that it can use "
			    "from the name servers.",
	[LOOK_SERVFAIL] = "It fails; whether validation is the reason is not known.",
	[LOOK_MUTE] = "It stays silent: it finds no answer in time, with or without validation.",
	[LOOK_MUTE_CD] = "It has an answer without validation, and none in time with it.",
	[LOOK_RECOVERED] = "It failed at first, and resolved the name when asked again.",
};

__attribute__((format(printf, 2, 3))) static void add(char line[LINE], const char *format, ...)
{
	size_t len = strlen(line);
	va_list args;

	va_start(args, format);
	vsnprintf(line + len, LINE - len, format, args);
	va_end(args);
}

static void add_outcome(char line[LINE], enum outcome outcome, int rcode)
{
	char text[NAME_TEXT_MAX];

	switch (outcome) {
	case OUTCOME_ANSWERED:
		add(line, "%s", rcode_name(rcode, text));
		break;
	case OUTCOME_TIMEOUT:
		add(line, "no answer");
		break;
	case OUTCOME_TRUNCATED_TCP_FAILED:
		add(line, "truncated, and TCP fails");
		break;
	default:
		add(line, "%s", outcome_name(outcome));
		break;
	}
}

static void add_reply(char line[LINE], const struct reply *reply)
{
	char rtt[24];

	add_outcome(line, reply->outcome, reply->rcode);
	if (reply->outcome == OUTCOME_ANSWERED && reply->answers > 0)
		add(line, ", %d record%s", reply->answers, reply->answers == 1 ? "" : "s");
	if (reply->outcome == OUTCOME_ANSWERED && reply->rcode != RCODE_SERVFAIL &&
	    reply->flags & FLAG_AD)
		add(line, ", validated (AD)");
	if (reply->outcome == OUTCOME_ANSWERED && reply->rtt_us >= 0)
		add(line, ", %s", rtt_text(reply->rtt_us, rtt));
	if (reply->tries > 1)
		add(line, ", %u tries", reply->tries);
}

static void say_ede(const struct prose *prose, const struct reply *reply)
{
	char line[LINE] = "";

	if (reply->ede_count == 0)
		return;
	for (unsigned i = 0; i < reply->ede_count; i++) {
		const char *name = ede_name(reply->ede[i]);

		add(line, i ? ", %u" : "%u", reply->ede[i]);
		if (name)
			add(line, " (%s)", name);
	}
	if (reply->ede_text.len > 0)
		add(line, ": \"%.*s\"", PRINT(reply->ede_text));
	prose_say(prose, INDENT, INDENT + 6, "EDE", "%s", line);
}

static bool same_outcome(const struct reply *a, const struct reply *b)
{
	return a->outcome == b->outcome && a->rcode == b->rcode;
}

static bool same_ede(const struct reply *a, const struct reply *b)
{
	return a->ede_count == b->ede_count &&
	       memcmp(a->ede, b->ede, a->ede_count * sizeof(*a->ede)) == 0;
}

static void say_row(const struct prose *prose, const struct row *row)
{
	char line[LINE] = "";

	add_reply(line, &row->normal);
	prose_say(prose, INDENT, INDENT + 6, "CD=0", "%s", line);
	say_ede(prose, &row->normal);
	if (row->cd.outcome) {
		line[0] = '\0';
		add_reply(line, &row->cd);
		prose_say(prose, INDENT, INDENT + 6, "CD=1", "%s", line);
	}
	if (row->again_outcome) {
		line[0] = '\0';
		add_outcome(line, row->again_outcome, row->again_rcode);
		prose_say(prose, INDENT, INDENT + 6, "CD=0", "once more: %s", line);
	}
}

/* The same question, some time later. */
static void say_later(const struct prose *prose, const struct row *first, const struct row *row)
{
	double s = (double)(row->time_ms - first->time_ms) / 1000;

	if (!same_outcome(&first->normal, &row->normal) || !same_outcome(&first->cd, &row->cd) ||
	    first->again_outcome != row->again_outcome || first->again_rcode != row->again_rcode) {
		prose_say(prose, INDENT, INDENT, NULL, "%.0f s later:", s);
		say_row(prose, row);
		return;
	}
	prose_say(prose, INDENT, INDENT, NULL, "%.0f s later: the same%s", s,
		  note_has(row->note, "overload") ? " (it was overloaded)" : "");
	if (!same_ede(&first->normal, &row->normal))
		say_ede(prose, &row->normal);
}

static void add_skill(char line[LINE], enum tri value, const char *yes, const char *no)
{
	const char *word = value == TRI_YES ? yes : value == TRI_NO ? no : NULL;

	if (word)
		add(line, "%s%s", *line ? ", " : "", word);
}

static void say_resolver(const struct prose *prose, const struct calibration *resolver)
{
	char line[LINE] = "";

	if (resolver->marks & CALIBRATION_DROPPED || resolver->reachable == TRI_NO)
		add(line, "does not answer, or fails every control name: it was not asked");
	if (!*line) {
		add_skill(line, resolver->validates, "validates", "does not validate");
		add_skill(line, resolver->honours_cd, "honours CD", "ignores CD");
		add_skill(line, resolver->sends_ede, "sends EDE", "sends no EDE");
		add_skill(line, resolver->rewrites_nxdomain, "forges answers for NXDOMAIN", NULL);
		add_skill(line, resolver->filters, "filters", NULL);
	}
	if (!*line)
		add(line, "what it is able to was not found out");
	prose_say(prose, 2, INDENT, NULL, "%.*s (%s)", PRINT(resolver->resolver), line);
}

static void explain_resolver(const struct explained *all, const struct prose *prose,
			     struct view name, uint16_t qtype, const struct calibration *resolver)
{
	const struct row *first = NULL, *last = NULL;

	say_resolver(prose, resolver);
	for (size_t i = 0; i < all->row_count; i++) {
		const struct row *row = &all->rows[i];

		if (row->qtype != qtype || !view_equal(row->name, name) ||
		    !view_equal(row->resolver, resolver->resolver))
			continue;
		if (!first)
			say_row(prose, row);
		else
			say_later(prose, first, row);
		first = first ? first : row;
		last = row;
	}
	if (!last)
		return;
	prose_say(prose, INDENT, INDENT, NULL, "%s%s", looks[look_kind(last)],
		  resolver->validates == TRI_NO && look_kind(last) == LOOK_CLEAN
			  ? " As it does not validate, that says nothing about DNSSEC."
			  : "");
}

void explain_answers(const struct explained *all, const struct prose *prose, struct view name,
		     uint16_t qtype)
{
	fputc('\n', prose->out);
	prose_heading(prose, "What the resolvers say");
	for (size_t i = 0; i < all->resolver_count; i++)
		explain_resolver(all, prose, name, qtype, &all->resolvers[i]);
}
