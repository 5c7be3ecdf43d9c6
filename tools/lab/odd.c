/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lab-odd: the lab's servers that misbehave, all in one process.
 * usage: lab-odd ODD.TSV	columns: ipv4 ipv6 zone file behaviours ("-": none)
 * Files are relative to the folder of ODD.TSV. Answers on port 53 of each address, UDP and TCP.
 */
#include "tools/lab/odd/serve.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 5

static struct line *make_line(const char *folder, char *const column[COLUMNS])
{
	struct line *line = calloc(1, sizeof *line);
	char path[4096], zone[300];

	if (!line || !behaviour_parse(column[4], &line->how)) {
		free(line);
		return NULL;
	}
	snprintf(zone, sizeof zone, "%s.", strcmp(column[2], ".") == 0 ? "" : column[2]);
	line->zone = ldns_dname_new_frm_str(zone);
	if (strcmp(column[3], "-") != 0) {
		snprintf(path, sizeof path, "%s/%s", folder, column[3]);
		line->db = zonedb_load(path, zone);
	}
	return line;
}

static void destroy_lines(struct line **lines)
{
	while (*lines) {
		struct line *line = *lines;

		*lines = line->next;
		zonedb_destroy(&line->db);
		ldns_rdf_deep_free(line->zone);
		free(line->how.sideways);
		free(line);
	}
}

/* Every line that could be made is in *all, used or not. */
static bool read_lines(struct server *s, const char *path, struct line **all)
{
	char *copy = strdup(path), *folder = dirname(copy), *text = NULL;
	size_t size = 0;
	int number = 0;
	ssize_t length;
	FILE *f = fopen(path, "r");
	bool good = f != NULL;

	while (good && (length = getline(&text, &size, f)) > 0) {
		char *rest = text, *column[COLUMNS], *one;
		struct line *line = NULL;
		size_t n = 0;

		number++;
		text[strcspn(text, "\n")] = '\0';
		while (n < COLUMNS && (one = strsep(&rest, "\t")))
			column[n++] = one;
		if (n == COLUMNS)
			line = make_line(folder, column);
		if (line) {
			line->next = *all;
			*all = line;
		}
		good = line && server_add(s, column[0], line) && server_add(s, column[1], line);
		if (!good)
			fprintf(stderr, "%s:%d: cannot use this line\n", path, number);
	}
	if (!f)
		perror(path);
	else
		fclose(f);
	free(text);
	free(copy);
	return good;
}

int main(int argc, char **argv)
{
	struct line *lines = NULL;
	struct server *s;
	int status = 3;

	if (argc != 2) {
		fputs("usage: lab-odd ODD.TSV\n", stderr);
		return 2;
	}
	s = server_create();
	if (s && read_lines(s, argv[1], &lines)) {
		printf("ready %zu\n", server_size(s));
		fflush(stdout);
		status = server_run(s) ? 0 : 3;
	}
	server_destroy(&s);
	destroy_lines(&lines);
	return status;
}
