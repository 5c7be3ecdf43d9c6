/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lab-zones: builds the lab's world out of the case table.
 * usage: lab-zones OUT [--cases FILE] [--names FILE]
 */
#include "tools/lab/zones/world.h"

#include <getopt.h>
#include <string.h>
#include <time.h>

static const char usage[] = "usage: lab-zones OUT [--cases FILE] [--names FILE]\n"
			    "Builds the lab's zones and lists below the folder OUT.\n"
			    "  --cases FILE  the case table (default: tools/lab/cases.tsv)\n"
			    "  --names FILE  host names to make zones for, one a line\n";

static bool make_all_keys(struct world *w)
{
	bool good = true;

	for (size_t i = 0; good && i < w->n_zones; i++)
		good = zone_make_keys(w, w->zones[i]);
	return good;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"cases", required_argument, NULL, 'c'},
						{"names", required_argument, NULL, 'n'},
						{"help", no_argument, NULL, 'h'},
						{NULL, 0, NULL, 0}};
	const char *cases = "tools/lab/cases.tsv", *names = NULL;
	struct world w = {.now = time(NULL)};
	bool good;

	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		if (c == 'c')
			cases = optarg;
		else if (c == 'n')
			names = optarg;
		else
			return fputs(usage, c == 'h' ? stdout : stderr), c == 'h' ? 0 : 2;
	}
	if (optind + 1 != argc) {
		fputs(usage, stderr);
		return 2;
	}
	good = world_read_table(&w, cases) && (!names || world_read_names(&w, names)) &&
	       world_link(&w) && make_all_keys(&w) && world_write(&w, argv[optind]);
	if (good)
		printf("%zu zones, %zu cases, %zu names below %s\n", w.n_zones, w.n_rows, w.n_names,
		       argv[optind]);
	world_free(&w);
	return good ? 0 : 3;
}
