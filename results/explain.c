/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/explain.h"

#include <stdio.h>
#include <string.h>

#include "results/explain-inside.h"
#include "results/pipeline.h"

#define MEMORY ((size_t)64 << 20)
/* Where the text of the first section begins. */
#define INDENT 12

/* The words of the resolvers stand below, each with all it said: here they are left out. */
static size_t without_answers(const struct explained *all, struct view evidence)
{
	size_t len = evidence.len;

	for (size_t i = 0; i < all->resolver_count; i++) {
		char word[CSV_RESOLVER_MAX + 8];
		size_t word_len = (size_t)snprintf(word, sizeof(word),
						   "; %.*s: ", PRINT(all->resolvers[i].resolver));
		const char *found = memmem(evidence.text, evidence.len, word, word_len);

		if (found && (size_t)(found - evidence.text) < len)
			len = (size_t)(found - evidence.text);
		if (view_begins(evidence, word + 2))
			return 0;
	}
	return len;
}

static const char *status_text(struct view status)
{
	static const struct {
		const char *status, *text;
	} texts[] = {
		{"ok", "OK. No resolver that can know fails it."},
		{"failing", "FAILING. All resolvers that can know fail it."},
		{"partial", "PARTIAL. Some resolvers fail it, or did at some time."},
		{"unknown", "UNKNOWN. No resolver could tell."},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (view_is(status, texts[i].status))
			return texts[i].text;
	return "";
}

static const char *confidence_text(struct view confidence, struct view cause)
{
	if (view_is(cause, "broken-on-purpose") && view_is(confidence, "certain"))
		return "certain: it is on the list of names broken for tests";
	if (view_is(confidence, "certain"))
		return "certain: proved from the authoritative side";
	if (view_is(confidence, "likely"))
		return "likely: what was seen and what the resolvers say fit together, but a part "
		       "of the proof is missing";
	return "a guess: from RCODEs alone, or from hints that contradict each other";
}

/* Without what the table of causes asks of the evidence: "(say which RRset, ...)". */
static int meaning_len(const char *meaning)
{
	const char *aside = strstr(meaning, " (say ");

	return aside ? (int)(aside - meaning) : (int)strlen(meaning);
}

static void say_cause(const struct explained *all, const struct prose *prose,
		      const struct view *verdict)
{
	struct view cause = verdict[VERDICT_CAUSE], evidence = verdict[VERDICT_EVIDENCE],
		    operators = verdict[VERDICT_OPERATOR];
	bool foreign = operators.len > 0 && !view_is(operators, "own");
	const struct cause_info *info = cause_info(cause_from_id(cause.text, cause.len));
	size_t len = without_answers(all, evidence);

	if (cause.len > 0) {
		prose_say(prose, 2, INDENT, "Cause", "%.*s (%.*s): %.*s", PRINT(cause),
			  PRINT(verdict[VERDICT_CATEGORY]), meaning_len(info->meaning),
			  info->meaning);
		if (verdict[VERDICT_AT].len > 0)
			prose_say(prose, 2, INDENT, "Zone", "%.*s%s%.*s",
				  PRINT(verdict[VERDICT_AT]), foreign ? ", served by " : "",
				  foreign ? (int)operators.len : 0,
				  operators.text ? operators.text : "");
	}
	if (len > 0)
		prose_say(prose, 2, INDENT, cause.len > 0 ? "Proof" : "Beside", "%.*s", (int)len,
			  evidence.text);
	if (cause.len > 0) {
		prose_say(prose, 2, INDENT, "How sure", "%s",
			  confidence_text(verdict[VERDICT_CONFIDENCE], cause));
		prose_say(prose, 2, INDENT, "Mend it", "%.*s", PRINT(verdict[VERDICT_FIX]));
	}
}

static void explain_one(const struct explained *all, const struct prose *prose,
			const struct view *verdict)
{
	struct view name = verdict[VERDICT_NAME], type = verdict[VERDICT_QTYPE];
	uint16_t qtype = 0;

	(void)qtype_from_name(type.text, type.len, &qtype);
	prose_heading(prose, "%.*s %.*s: %s", PRINT(name), PRINT(type),
		      status_text(verdict[VERDICT_STATUS]));
	say_cause(all, prose, verdict);
	explain_answers(all, prose, name, qtype);
	explain_way(all, prose, name, qtype);
	explain_by_hand(all, prose, name, qtype, verdict[VERDICT_AT]);
}

/* All types of a name. */
static bool explain_name(const struct explained *all, const struct prose *prose, const char *name,
			 bool first)
{
	bool found = false;

	for (size_t i = 0; i < all->verdict_count; i++) {
		if (!view_is(all->verdicts[i][VERDICT_NAME], name))
			continue;
		if (!first)
			fputc('\n', prose->out);
		first = false;
		found = true;
		explain_one(all, prose, all->verdicts[i]);
	}
	if (!found)
		fprintf(all->messages, "%s: nobody was asked\n", name);
	return found;
}

bool explain(const struct explain_plan *plan, const struct prose *prose)
{
	char *paths[] = {(char *)(uintptr_t)plan->run};
	const struct pipeline_plan pipeline = {.folder = plan->report,
					       .paths = paths,
					       .count = 1,
					       .memory = MEMORY,
					       .threads = 1,
					       .verify = true,
					       .quiet = true,
					       .messages = plan->messages};
	enum pipeline_result result = pipeline_run(&pipeline);
	struct explained all;
	bool good;

	if (result == PIPELINE_NOTHING)
		return false;
	explained_load(&all, plan);
	good = !all.failed && result == PIPELINE_DONE;
	for (size_t i = 0; i < plan->count; i++)
		good = explain_name(&all, prose, plan->names[i], i == 0) && good;
	explained_free(&all);
	return good;
}
