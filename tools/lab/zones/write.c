/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes the world below a folder: zone files, who serves them, and what is true of each name. */
#include "tools/lab/zones/world.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static FILE *create(const char *folder, const char *name)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "w");
	if (!f)
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	return f;
}

static bool finish(FILE *f, const char *what)
{
	bool good = !ferror(f);

	good = fclose(f) == 0 && good;
	if (!good)
		fprintf(stderr, "%s: %s\n", what, strerror(errno));
	return good;
}

/* "zones/good.lab.zone"; the second copy is "zones/good.lab.2.zone". */
static void file_of(const struct zone *z, int copy, char *out, size_t size)
{
	int n = (int)strlen(z->name) - 1;

	if (copy > 1)
		snprintf(out, size, "zones/%.*s.%d.zone", n ? n : 4, n ? z->name : "root", copy);
	else
		snprintf(out, size, "zones/%.*s.zone", n ? n : 4, n ? z->name : "root");
}

/* Without the trailing dot, but for the root. */
static void bare_name(const struct zone *z, char *out, size_t size)
{
	size_t n = strlen(z->name);

	snprintf(out, size, "%.*s", (int)(n > 1 ? n - 1 : n), z->name);
}

static bool write_zone(struct world *w, const char *folder, const struct zone *z, int copy,
		       ldns_buffer *text)
{
	char name[512];
	ldns_rr_list *list = zone_content(w, z, copy);
	bool good;
	FILE *f;

	if (list && z->algorithm)
		list = zone_sign(w, z, copy, list);
	if (!list)
		return false;
	keytrap_push_signatures(z, list);
	good = zone_edit(w, z, copy, "edit", list);
	file_of(z, copy, name, sizeof name);
	f = good ? create(folder, name) : NULL;
	ldns_buffer_clear(text);
	for (size_t i = 0; f && i < ldns_rr_list_rr_count(list); i++)
		ldns_rr2buffer_str_fmt(text, ldns_output_format_nocomments,
				       ldns_rr_list_rr(list, i));
	if (f) {
		fwrite(ldns_buffer_begin(text), 1, ldns_buffer_position(text), f);
		if (zone_directive(z, "syntax", NULL, copy))
			fprintf(f, "mail MX ten mx.%s\n)) IN ( A\n", z->name);
		good = finish(f, name);
	}
	ldns_rr_list_deep_free(list);
	return f && good;
}

static void write_serving(const struct zone *z, FILE *serve, FILE *odd)
{
	char name[512], file[512], *extra, *rest, *word;
	bool bare = strcmp(zone_arg(z, "bare-odd", 0, "no"), "no") != 0;

	bare_name(z, name, sizeof name);
	for (size_t i = 0; i < z->n_ns; i++) {
		const struct ns *ns = &z->ns[i];
		bool again = false;

		file_of(z, ns->copy, file, sizeof file);
		for (size_t k = 0; k < i; k++)
			again = again || (ns->server && z->ns[k].server == ns->server);
		if (ns->server && ns->served && !again)
			fprintf(serve, "%s\t%s\t%s\n", ns->server->name, name, file);
		if (ns->odd)
			fprintf(odd, "%s\t%s\t%s\t%s\t%s\n", *ns->ip4 ? ns->ip4 : "-",
				*ns->ip6 ? ns->ip6 : "-", name, bare ? "-" : file, ns->odd);
	}
	extra = strdup(zone_arg(z, "serve", 0, ""));
	rest = extra;
	file_of(z, 1, file, sizeof file);
	while ((word = strsep(&rest, " "))) {
		if (*word)
			fprintf(serve, "%s\t%s\t%s\n", word, name, file);
	}
	free(extra);
}

static bool write_zones(struct world *w, const char *folder)
{
	FILE *serve = create(folder, "serve.tsv"), *odd = create(folder, "odd.tsv");
	ldns_buffer *text = ldns_buffer_new(1 << 20);
	bool good = serve && odd && text;

	for (size_t i = 0; good && i < w->n_zones; i++) {
		const struct zone *z = w->zones[i];

		for (int copy = 1; good && copy <= z->copies; copy++)
			good = write_zone(w, folder, z, copy, text);
		write_serving(z, serve, odd);
	}
	ldns_buffer_free(text);
	good = serve && finish(serve, "serve.tsv") && good;
	return odd && finish(odd, "odd.tsv") && good;
}

static bool write_servers(const struct world *w, const char *folder)
{
	FILE *f = create(folder, "servers.tsv");

	if (!f)
		return false;
	for (size_t i = 0; i < lab_n_servers; i++) {
		const struct server *s = &lab_servers[i];

		if (!s->for_names || w->with_names)
			fprintf(f, "%s\t%s\t%s\t%s\n", s->name, s->daemon, s->ip4, s->ip6);
	}
	fprintf(f, "odd\todd\t-\t-\n");
	return finish(f, "servers.tsv");
}

static bool write_root(const struct world *w, const char *folder)
{
	const struct zone *root = world_find_zone(w, ".");
	FILE *hints = create(folder, "root.hints"), *f;
	ldns_rr *ds;
	bool good = hints != NULL && root != NULL && root->ksk.dnskey;

	if (!good)
		return false;
	for (size_t i = 0; i < root->n_ns; i++)
		fprintf(hints, ". 3600000 NS %s\n%s 3600000 A %s\n%s 3600000 AAAA %s\n",
			root->ns[i].host, root->ns[i].host, root->ns[i].ip4, root->ns[i].host,
			root->ns[i].ip6);
	good = finish(hints, "root.hints");
	if ((f = create(folder, "trust-anchor.dnskey"))) {
		ldns_rr_print_fmt(f, ldns_output_format_nocomments, root->ksk.dnskey);
		good = finish(f, "trust-anchor.dnskey") && good;
	}
	ds = ldns_key_rr2ds(root->ksk.dnskey, LDNS_SHA256);
	if ((f = create(folder, "trust-anchor.ds"))) {
		ldns_rr_print_fmt(f, ldns_output_format_nocomments, ds);
		good = finish(f, "trust-anchor.ds") && good;
	}
	ldns_rr_free(ds);
	return good;
}

static bool write_rows(const struct row *rows, size_t n, const char *folder, const char *name)
{
	FILE *f = create(folder, name);

	if (!f)
		return false;
	fprintf(f, "name\tqtype\tstatus\tcategory\tcause\tat\thow\n");
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < LAB_ROW_COLUMNS; k++)
			fprintf(f, "%s%c", rows[i].column[k],
				k + 1 < LAB_ROW_COLUMNS ? '\t' : '\n');
	}
	return finish(f, name);
}

/* A name may be asked with several QTYPEs, and is listed once. */
static bool is_repeated(const struct row *rows, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (strcmp(rows[k].column[0], rows[i].column[0]) == 0)
			return true;
	}
	return false;
}

static bool write_lists(const struct world *w, const char *folder)
{
	FILE *names = create(folder, "names.txt"), *controls = create(folder, "controls.txt");
	FILE *purpose = create(folder, "broken-on-purpose.txt");
	bool good = names && controls && purpose;

	for (size_t i = 0; good && i < w->n_rows; i++) {
		const struct row *r = &w->rows[i];

		if (!is_repeated(w->rows, i))
			fprintf(names, "%s\n", r->column[0]);
		if (r->control)
			fprintf(controls, "%s %s\n", r->column[0], r->control);
		if (r->on_purpose)
			fprintf(purpose, "%s\n", r->column[0]);
	}
	good = names && finish(names, "names.txt") && good;
	good = controls && finish(controls, "controls.txt") && good;
	return purpose && finish(purpose, "broken-on-purpose.txt") && good;
}

/* Files of an earlier world would be served for ever. */
static bool empty_folder(const char *folder)
{
	char path[4096];
	DIR *dir;

	snprintf(path, sizeof path, "%s/zones", folder);
	if (mkdir(folder, 0755) < 0 && errno != EEXIST)
		return false;
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return false;
	dir = opendir(path);
	if (!dir)
		return false;
	for (struct dirent *e; (e = readdir(dir));) {
		size_t n = strlen(e->d_name);

		if (n > 5 && strcmp(e->d_name + n - 5, ".zone") == 0)
			unlinkat(dirfd(dir), e->d_name, 0);
	}
	closedir(dir);
	return true;
}

bool world_write(struct world *w, const char *folder)
{
	if (!empty_folder(folder)) {
		fprintf(stderr, "%s: %s\n", folder, strerror(errno));
		return false;
	}
	return write_zones(w, folder) && write_servers(w, folder) && write_root(w, folder) &&
	       write_rows(w->rows, w->n_rows, folder, "cases.tsv") && write_lists(w, folder) &&
	       (!w->with_names || write_rows(w->names, w->n_names, folder, "names-cases.tsv"));
}
