/* SPDX-License-Identifier: BSD-2-Clause */

/* Options as text again, for run.json and for those who compare two runs. */
#include "scanner/options/options_inside.h"

#include <string.h>

#include "results/rows/names.h"

/* All types are one value: "A,MX". */
static bool take_types(const struct options *options, options_take take, void *owner)
{
	char text[OPTIONS_TYPES_MAX * (NAME_TEXT_MAX + 1)] = "", one[NAME_TEXT_MAX];
	size_t len = 0;

	for (int i = 0; i < options->qtype_count; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", i > 0 ? "," : "",
					qtype_name(options->qtypes[i], one));
	return take(owner, "type", text);
}

/* All addresses are one value: "192.0.2.1,2001:db8::1". */
static bool take_sources(const struct options *options, options_take take, void *owner)
{
	char text[OPTIONS_SOURCES_MAX * (ADDR_TEXT_MAX + 1)] = "", one[ADDR_TEXT_MAX];
	size_t len = 0;

	for (int i = 0; i < options->source_count; i++) {
		(void)addr_format(&options->sources[i], 0, one);
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", i > 0 ? "," : "",
					one);
	}
	return options->source_count == 0 || take(owner, "source", text);
}

bool options_each(const struct options *options, options_take take, void *owner)
{
	struct options copy = *options; /* options_field() hands out what can be set */

	for (const struct options_row *row = options_table; row < options_table + options_rows;
	     row++) {
		char text[64] = "";
		const char *value = text;

		switch (row->kind) {
		case KIND_FLAG:
			value = *(const bool *)options_field(&copy, row) ? "yes" : "no";
			break;
		case KIND_TEXT:
			value = *(const char *const *)options_field(&copy, row);
			break;
		case KIND_CHOICE: {
			const char *word = row->arg;

			for (int which = *(const int *)options_field(&copy, row); which > 0;
			     which--)
				word += strcspn(word, "|") + 1;
			snprintf(text, sizeof(text), "%.*s", (int)strcspn(word, "|"), word);
			break;
		}
		case KIND_COUNT:
			snprintf(text, sizeof(text), "%lld",
				 (long long)*(const int64_t *)options_field(&copy, row));
			break;
		case KIND_SECONDS:
			snprintf(text, sizeof(text), "%.15g",
				 (double)*(const int64_t *)options_field(&copy, row) / 1000);
			break;
		case KIND_TYPE: /* several: take_types(), take_sources() */
		case KIND_SOURCE:
		case KIND_HELP:
		case KIND_VERSION:
			continue;
		}
		if (value != NULL && !take(owner, row->name, value))
			return false;
	}
	return take_types(options, take, owner) && take_sources(options, take, owner);
}
