/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the case table: rows that ask, and zones with their directives. */
#include "tools/lab/zones/world.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 9 /* a row's seven, then zone and build */

const struct server lab_servers[] = {
	{"nsd-root", "nsd", "5.53.0.1", "2a00:53::1", false},
	{"knot-root", "knot", "5.53.0.2", "2a00:53::2", false},
	{"knot-tld", "knot", "5.53.1.1", "2a00:53:1::1", false},
	{"named-tld", "named", "5.53.1.2", "2a00:53:1::2", false},
	{"nsd", "nsd", "5.53.2.1", "2a00:53:2::1", false},
	{"knot", "knot", "5.53.2.2", "2a00:53:2::2", false},
	{"named", "named", "5.53.2.3", "2a00:53:2::3", false},
	{"nsd2", "nsd", "5.53.2.11", "2a00:53:2::11", false},
	{"knot2", "knot", "5.53.2.12", "2a00:53:2::12", false},
	{"named2", "named", "5.53.2.13", "2a00:53:2::13", false},
	{"nsd-names", "nsd", "5.53.2.21", "2a00:53:2::21", true},
	{"nsd-names2", "nsd", "5.53.2.22", "2a00:53:2::22", true},
};
const size_t lab_n_servers = sizeof lab_servers / sizeof *lab_servers;

const struct server *server_find(const char *name, size_t length)
{
	for (size_t i = 0; i < lab_n_servers; i++) {
		if (strlen(lab_servers[i].name) == length &&
		    strncmp(lab_servers[i].name, name, length) == 0)
			return &lab_servers[i];
	}
	return NULL;
}

static void *grown(void *array, size_t n, size_t *room, size_t size)
{
	if (n < *room)
		return array;
	*room = *room ? *room * 2 : 64;
	array = realloc(array, *room * size);
	if (!array)
		abort();
	return array;
}

bool name_is_below(const char *name, const char *zone)
{
	size_t ln = strlen(name), lz = strlen(zone);

	if (strcmp(zone, ".") == 0)
		return true;
	if (ln < lz || strcmp(name + ln - lz, zone) != 0)
		return false;
	return ln == lz || name[ln - lz - 1] == '.';
}

static char *trimmed(char *s)
{
	while (isspace((unsigned char)*s))
		s++;
	for (size_t n = strlen(s); n > 0 && isspace((unsigned char)s[n - 1]); n--)
		s[n - 1] = '\0';
	return s;
}

/* "window(A)#2 expired" -> word, scope, copy, args */
static void add_directive(struct zone *z, char *text)
{
	struct directive d = {0};
	char *head, *p;

	text = trimmed(text);
	if (!*text)
		return;
	if (*text == '+') {
		d.word = strdup("+");
		text++;
		if (*text == '#') {
			d.copy = (int)strtol(text + 1, &text, 10);
		}
		d.args = strdup(trimmed(text));
	} else {
		head = strsep(&text, " ");
		d.args = strdup(text ? trimmed(text) : "");
		if ((p = strchr(head, '#'))) {
			*p = '\0';
			d.copy = atoi(p + 1);
		}
		if ((p = strchr(head, '('))) {
			*p = '\0';
			d.scope = strndup(p + 1, strcspn(p + 1, ")"));
		}
		d.word = strdup(head);
	}
	z->directives = realloc(z->directives, (z->n_directives + 1) * sizeof d);
	if (!z->directives)
		abort();
	z->directives[z->n_directives++] = d;
}

struct zone *world_add_zone(struct world *w, const char *name, const char *build)
{
	struct zone *z = calloc(1, sizeof *z);
	char *text = strdup(build), *rest = text, *one;

	if (!z || !text)
		abort();
	if (asprintf(&z->name, "%s%s", name, name[strlen(name) - 1] == '.' ? "" : ".") < 0)
		abort();
	while ((one = strsep(&rest, ";")))
		add_directive(z, one);
	free(text);
	z->algorithm = atoi(zone_arg(z, "alg", 0, "13"));
	w->zones = grown(w->zones, w->n_zones, &w->room_zones, sizeof *w->zones);
	w->zones[w->n_zones++] = z;
	if (!zone_place(w, z, zone_arg(z, "ns", 0, "nsd")))
		return NULL;
	z->copies = 1;
	for (size_t i = 0; i < z->n_ns; i++) {
		if (z->ns[i].copy > z->copies)
			z->copies = z->ns[i].copy;
	}
	return z;
}

const struct directive *zone_directive(const struct zone *z, const char *word, const char *scope,
				       int copy)
{
	for (size_t i = 0; i < z->n_directives; i++) {
		const struct directive *d = &z->directives[i];

		if (strcmp(d->word, word) != 0 || (d->copy && d->copy != copy))
			continue;
		if ((scope == NULL) == (d->scope == NULL) && (!scope || !strcmp(scope, d->scope)))
			return d;
	}
	return NULL;
}

const char *zone_arg(const struct zone *z, const char *word, int copy, const char *otherwise)
{
	const struct directive *d = zone_directive(z, word, NULL, copy);

	return d ? d->args : otherwise;
}

void world_add_row(struct row **rows, size_t *n, size_t *room, char *const column[])
{
	struct row r = {0};

	for (size_t i = 0; i < LAB_ROW_COLUMNS; i++) {
		r.column[i] = strdup(strcmp(column[i], "-") == 0 ? "" : column[i]);
		if (!r.column[i])
			abort();
	}
	*rows = grown(*rows, *n, room, sizeof **rows);
	(*rows)[(*n)++] = r;
}

static bool read_line(struct world *w, char *line, const char *path, int number)
{
	char *column[COLUMNS];
	struct zone *z = NULL;
	size_t n = 0;

	for (char *one; n < COLUMNS && (one = strsep(&line, "\t"));)
		column[n++] = one;
	if (n != COLUMNS || line) {
		fprintf(stderr, "%s:%d: not %d columns\n", path, number, COLUMNS);
		return false;
	}
	if (strcmp(column[7], "=") == 0)
		column[7] = column[0];
	if (strcmp(column[5], "=") == 0)
		column[5] = column[7];
	if (strcmp(column[7], "-") != 0) {
		z = world_add_zone(w, column[7], column[8]);
		if (!z) {
			fprintf(stderr, "%s:%d: cannot place %s\n", path, number, column[7]);
			return false;
		}
	}
	if (strcmp(column[0], "-") != 0) {
		world_add_row(&w->rows, &w->n_rows, &w->room_rows, column);
		if (z) {
			w->rows[w->n_rows - 1].control = zone_arg(z, "control", 0, NULL);
			w->rows[w->n_rows - 1].on_purpose = zone_arg(z, "purpose", 0, NULL);
		}
	}
	return true;
}

bool world_read_table(struct world *w, const char *path)
{
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t size = 0;
	ssize_t n;
	int number = 0;
	bool good = true;

	if (!f) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return false;
	}
	while (good && (n = getline(&line, &size, f)) > 0) {
		number++;
		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		if (*line && *line != '#')
			good = read_line(w, line, path, number);
	}
	free(line);
	fclose(f);
	return good;
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(struct zone *const *)a)->name, (*(struct zone *const *)b)->name);
}

struct zone *world_find_zone(const struct world *w, const char *name)
{
	struct zone key = {.name = (char *)(uintptr_t)name}, *k = &key, **found;

	found = bsearch(&k, w->zones, w->n_zones, sizeof *w->zones, by_name);
	return found ? *found : NULL;
}

static const char *one_label_up(const char *name)
{
	const char *dot = strchr(name, '.');

	assert(dot);
	return dot[1] ? dot + 1 : ".";
}

bool world_link(struct world *w)
{
	qsort(w->zones, w->n_zones, sizeof *w->zones, by_name);
	for (size_t i = 0; i < w->n_zones; i++) {
		struct zone *z = w->zones[i];

		if (i > 0 && strcmp(w->zones[i - 1]->name, z->name) == 0) {
			fprintf(stderr, "%s: built twice\n", z->name);
			return false;
		}
		for (const char *up = z->name; !z->parent && strcmp(up, ".") != 0;) {
			up = one_label_up(up);
			z->parent = world_find_zone(w, up);
		}
		if (z->parent) {
			z->sibling = z->parent->kids;
			z->parent->kids = z;
		} else if (strcmp(z->name, ".") != 0) {
			fprintf(stderr, "%s: no zone above it\n", z->name);
			return false;
		}
	}
	return true;
}

static void free_rows(struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < LAB_ROW_COLUMNS; k++)
			free(rows[i].column[k]);
	}
	free(rows);
}

void world_free(struct world *w)
{
	for (size_t i = 0; i < w->n_zones; i++) {
		struct zone *z = w->zones[i];

		for (size_t k = 0; k < z->n_directives; k++) {
			free(z->directives[k].word);
			free(z->directives[k].scope);
			free(z->directives[k].args);
		}
		for (size_t k = 0; k < z->n_ns; k++) {
			free(z->ns[k].host);
			free(z->ns[k].odd);
		}
		zone_free_keys(z);
		free(z->directives);
		free(z->name);
		free(z);
	}
	free_rows(w->rows, w->n_rows);
	free_rows(w->names, w->n_names);
	free(w->zones);
	EVP_PKEY_free(w->rsa);
}
