/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/rows/manifest.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "io/outfile.h"
#include "results/rows/csv.h"
#include "results/rows/json.h"

struct manifest *manifest_create(void)
{
	return calloc(1, sizeof(struct manifest));
}

void manifest_destroy(struct manifest **manifest)
{
	struct manifest *m = *manifest;

	if (!m)
		return;
	for (size_t i = 0; i < m->option_count; i++) {
		free(m->options[i].name);
		free(m->options[i].value);
	}
	for (size_t i = 0; i < m->total_count; i++)
		free(m->totals[i].name);
	manifest_cut_parts(m, 0);
	for (size_t i = 0; i < m->resolver_count; i++)
		free(m->resolvers[i]);
	free(m->options);
	free(m->totals);
	free(m->parts);
	free(m->resolvers);
	free(m->program);
	free(m->version);
	free(m->host);
	free(m->vantage);
	free(m->stopped);
	free(m);
	*manifest = NULL;
}

bool manifest_set(char **field, const char *text)
{
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		return false;
	free(*field);
	*field = copy;
	return true;
}

/* The list with room for one more element behind count; NULL: out of memory, the list is as before.
 */
static void *grown(void *list, size_t count, size_t size)
{
	return count % 16 ? list : reallocarray(list, count + 16, size);
}

bool manifest_add_option(struct manifest *m, const char *name, const char *value)
{
	struct manifest_option option = {strdup(name), strdup(value)};
	struct manifest_option *list = grown(m->options, m->option_count, sizeof(*list));

	if (list)
		m->options = list;
	if (!list || !option.name || !option.value) {
		free(option.name);
		free(option.value);
		m->lacks = true;
		return false;
	}
	list[m->option_count++] = option;
	return true;
}

bool manifest_add_part(struct manifest *m, const char *name, uint64_t rows, uint64_t octets,
		       const char *sha256)
{
	struct manifest_part part = {strdup(name), strdup(sha256 ? sha256 : ""), rows, octets};
	struct manifest_part *list = grown(m->parts, m->part_count, sizeof(*list));

	if (list)
		m->parts = list;
	if (!list || !part.name || !part.sha256) {
		free(part.name);
		free(part.sha256);
		m->lacks = true;
		return false;
	}
	list[m->part_count++] = part;
	return true;
}

void manifest_cut_parts(struct manifest *m, size_t count)
{
	while (m->part_count > count) {
		struct manifest_part *part = &m->parts[--m->part_count];

		free(part->name);
		free(part->sha256);
	}
}

bool manifest_add_resolver(struct manifest *m, const char *resolver)
{
	char *copy = strdup(resolver);
	char **list = grown(m->resolvers, m->resolver_count, sizeof(*list));

	if (list)
		m->resolvers = list;
	if (!list || !copy) {
		free(copy);
		m->lacks = true;
		return false;
	}
	list[m->resolver_count++] = copy;
	return true;
}

static bool add_total(struct manifest *m, const char *name, uint64_t value)
{
	char *copy = strdup(name);
	struct manifest_total *list = grown(m->totals, m->total_count, sizeof(*list));

	if (list)
		m->totals = list;
	if (!list || !copy) {
		free(copy);
		m->lacks = true;
		return false;
	}
	list[m->total_count].name = copy;
	list[m->total_count++].value = value;
	return true;
}

bool manifest_set_total(struct manifest *m, const char *name, uint64_t value)
{
	for (size_t i = 0; i < m->total_count; i++) {
		if (strcmp(m->totals[i].name, name) == 0) {
			m->totals[i].value = value;
			return true;
		}
	}
	return add_total(m, name, value);
}

uint64_t manifest_total(const struct manifest *m, const char *name)
{
	for (size_t i = 0; i < m->total_count; i++)
		if (strcmp(m->totals[i].name, name) == 0)
			return m->totals[i].value;
	return 0;
}

/* ---- writing ---- */

/* JSON wants UTF-8; what is none (a file name, say) is shown with ? for each octet beyond ASCII. */
static json_t *text_json(const char *text)
{
	json_t *json = json_string(text ? text : "");
	char *copy;

	if (json || !text || !(copy = strdup(text)))
		return json;
	for (char *p = copy; *p; p++)
		if ((unsigned char)*p > 0x7e)
			*p = '?';
	json = json_string(copy);
	free(copy);
	return json;
}

static json_t *time_json(int64_t time_ms)
{
	char text[25];

	csv_time(text, time_ms);
	return json_string(text);
}

static json_t *number_json(uint64_t value)
{
	return json_integer((json_int_t)(value & INT64_MAX));
}

static json_t *lists_json(json_t *root, const struct manifest *m)
{
	json_t *options = json_object(), *totals = json_object(), *parts = json_array(),
	       *resolvers = json_array();

	for (size_t i = 0; i < m->option_count; i++)
		json_object_set_new(options, m->options[i].name, text_json(m->options[i].value));
	for (size_t i = 0; i < m->total_count; i++)
		json_object_set_new(totals, m->totals[i].name, number_json(m->totals[i].value));
	for (size_t i = 0; i < m->part_count; i++) {
		json_t *part = json_object();

		json_object_set_new(part, "name", text_json(m->parts[i].name));
		json_object_set_new(part, "rows", number_json(m->parts[i].rows));
		json_object_set_new(part, "octets", number_json(m->parts[i].octets));
		if (m->parts[i].sha256[0])
			json_object_set_new(part, "sha256", text_json(m->parts[i].sha256));
		json_array_append_new(parts, part);
	}
	for (size_t i = 0; i < m->resolver_count; i++)
		json_array_append_new(resolvers, text_json(m->resolvers[i]));
	json_object_set_new(root, "options", options);
	json_object_set_new(root, "totals", totals);
	json_object_set_new(root, "parts", parts);
	json_object_set_new(root, "resolvers", resolvers);
	return root;
}

static char *dump(const struct manifest *m, size_t flags)
{
	json_t *root;
	char *text;

	json_begin();
	root = json_object();
	json_object_set_new(root, "schema", json_integer(MANIFEST_SCHEMA));
	json_object_set_new(root, "program", text_json(m->program));
	json_object_set_new(root, "version", text_json(m->version));
	json_object_set_new(root, "seed", number_json(m->seed));
	json_object_set_new(root, "host", text_json(m->host));
	json_object_set_new(root, "vantage", text_json(m->vantage));
	json_object_set_new(root, "start", time_json(m->start_ms));
	json_object_set_new(root, "end", time_json(m->end_ms));
	json_object_set_new(root, "complete", json_boolean(m->complete));
	json_object_set_new(root, "stopped", text_json(m->stopped));
	lists_json(root, m);
	text = json_dumps(root, flags);
	json_decref(root);
	if (json_is_whole() && !m->lacks)
		return text;
	free(text);
	return NULL;
}

char *manifest_text(const struct manifest *m)
{
	return dump(m, JSON_COMPACT);
}

int manifest_write(const struct manifest *m, const char *path)
{
	char *text = dump(m, JSON_INDENT(2));
	int error;

	if (!text)
		return -ENOMEM;
	error = outfile_put(path, text, strlen(text));
	free(text);
	return error;
}

/* ---- reading ---- */

static bool read_text(const json_t *root, const char *key, char **field)
{
	const char *text = json_string_value(json_object_get(root, key));

	return !text || manifest_set(field, text);
}

static uint64_t read_number(const json_t *object, const char *key)
{
	json_int_t value = json_integer_value(json_object_get(object, key));

	return value > 0 ? (uint64_t)value : 0;
}

static void read_time(const json_t *root, const char *key, int64_t *time_ms)
{
	const char *text = json_string_value(json_object_get(root, key));

	if (text)
		csv_read_time(view_of(text), time_ms);
}

static bool read_lists(const json_t *root, struct manifest *m)
{
	json_t *value;
	const char *key;
	size_t i;

	json_object_foreach(json_object_get(root, "options"), key, value)
	{
		const char *text = json_string_value(value);

		if (text && !manifest_add_option(m, key, text))
			return false;
	}
	json_object_foreach(json_object_get(root, "totals"), key, value) /* none is there twice */
	{
		if (json_integer_value(value) >= 0 && json_is_integer(value) &&
		    !add_total(m, key, (uint64_t)json_integer_value(value)))
			return false;
	}
	json_array_foreach(json_object_get(root, "parts"), i, value)
	{
		const char *name = json_string_value(json_object_get(value, "name"));

		if (name && !manifest_add_part(m, name, read_number(value, "rows"),
					       read_number(value, "octets"),
					       json_string_value(json_object_get(value, "sha256"))))
			return false;
	}
	json_array_foreach(json_object_get(root, "resolvers"), i, value)
	{
		const char *text = json_string_value(value);

		if (text && !manifest_add_resolver(m, text))
			return false;
	}
	return true;
}

static struct manifest *from_json(const json_t *root, char why[MANIFEST_WHY_MAX])
{
	json_int_t schema = json_integer_value(json_object_get(root, "schema"));
	struct manifest *m;

	if (!json_is_object(root) || schema < 1 || schema > MANIFEST_SCHEMA) {
		snprintf(why, MANIFEST_WHY_MAX,
			 json_is_object(root) ? "schema %lld is not known (known: %d)"
					      : "not a JSON object",
			 (long long)schema, MANIFEST_SCHEMA);
		return NULL;
	}
	m = manifest_create();
	if (!m || !read_text(root, "program", &m->program) ||
	    !read_text(root, "version", &m->version) || !read_text(root, "host", &m->host) ||
	    !read_text(root, "vantage", &m->vantage) || !read_text(root, "stopped", &m->stopped) ||
	    !read_lists(root, m)) {
		snprintf(why, MANIFEST_WHY_MAX, "out of memory");
		manifest_destroy(&m);
		return NULL;
	}
	m->seed = read_number(root, "seed");
	m->complete = json_is_true(json_object_get(root, "complete"));
	read_time(root, "start", &m->start_ms);
	read_time(root, "end", &m->end_ms);
	return m;
}

/* Takes over root, which may be NULL. */
static struct manifest *from_root(json_t *root, const json_error_t *error,
				  char why[MANIFEST_WHY_MAX])
{
	struct manifest *manifest;

	if (!root) {
		json_why(why, MANIFEST_WHY_MAX, error);
		return NULL;
	}
	manifest = from_json(root, why);
	json_decref(root);
	return manifest;
}

struct manifest *manifest_parse(const char *text, size_t len, char why[MANIFEST_WHY_MAX])
{
	json_error_t error;
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);

	return from_root(root, &error, why);
}

struct manifest *manifest_read(const char *path, char why[MANIFEST_WHY_MAX])
{
	json_error_t error;
	FILE *file = fopen(path, "re");
	json_t *root;

	if (!file) {
		snprintf(why, MANIFEST_WHY_MAX, "%s", strerror(errno));
		return NULL;
	}
	root = json_loadf(file, JSON_REJECT_DUPLICATES, &error);
	fclose(file);
	return from_root(root, &error, why);
}
