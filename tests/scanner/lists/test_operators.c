/* SPDX-License-Identifier: BSD-2-Clause */

/* Who serves the names of zone files, and how many are signed; the file that tells it. */
#include "scanner/lists/operators.h"

#include "results/rows/delegations.h"
#include "tests/tap.h"

#include <stdlib.h>
#include <unistd.h>

static const char *file(const char *name)
{
	static char path[256];
	const char *dir = getenv("TMPDIR");

	snprintf(path, sizeof(path), "%s/test_operators-%d-%s", dir ? dir : "/tmp", (int)getpid(),
		 name);
	return path;
}

/* What was written; it is removed. "": nothing was. */
static char *written(struct operators *operators)
{
	static char text[8 << 20];
	const char *path = file("operators.csv");
	int error = operators_write(operators, path);
	FILE *in = error ? NULL : fopen(path, "r");
	size_t len = in ? fread(text, 1, sizeof(text) - 1, in) : 0;

	if (in)
		fclose(in);
	unlink(path);
	text[len] = '\0';
	return text;
}

static void some_names(void)
{
	static const char *const names[][2] = {
		{"a.org.", "NS ns1.host.net.\nNS ns2.host.net.\nDS 1 8 2 00\n"},
		{"b.org.", "NS ns1.host.net.\nNS ns2.host.net.\n"},
		{"c.org.", "DS 1 8 2 00\nNS ns1.host.net.\nNS ns2.host.net.\n"},
		/* its own, both or one of them */
		{"own.org.", "NS ns1.own.org.\nNS own.org.\n"},
		{"half.org.", "NS ns1.half.org.\nNS ns1.host.net.\nDS 1 8 2 00\n"},
		/* in the domain of its name servers, after others had been there, and before */
		{"x.org.", "NS ns.hoster.org.\n"},
		{"hoster.org.", "NS ns.hoster.org.\n"},
		{"sub.hoster.org.", "NS ns.hoster.org.\nDS 1 8 2 00\n"},
		{"first.two.org.", "NS ns.two.org.\n"},
		{"y.org.", "NS ns.two.org.\n"},
		/* one that spreads over TLDs; another one that serves together with it */
		{"stem.org.", "NS ns-1.exampledns-12.com.\nNS ns-2.exampledns-34.net.\n"},
		{"z.org.",
		 "NS ns-1.exampledns-12.com.\nNS ns-2.exampledns-34.net.\nNS a.host.net.\n"},
		/* another TLD */
		{"a.lab.", "NS ns1.host.net.\nNS ns2.host.net.\nDS 1 8 2 00\nDS 2 8 2 00\n"},
		/* a name server that is a TLD's child of nobody */
		{"odd.lab.", "NS com.\n"},
	};
	struct operators *operators = operators_create();

	is_str(written(operators), "", "nothing was counted: no file");
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		operators_add(operators, view_of(names[i][0]), view_of(names[i][1]));
	is_str(written(operators),
	       "tld,operator,delegated,signed\n"
	       "org,,12,4\n"
	       "org,host.net,5,3\n"
	       "org,own,5,2\n"
	       "lab,,2,1\n"
	       "org,exampledns.*,2,0\n"
	       "lab,com,1,0\n"
	       "lab,host.net,1,1\n"
	       "org,hoster.org,1,0\n"
	       "org,two.org,1,0\n",
	       "by TLD and operator, most names first");
	operators_destroy(&operators);
}

/* Many more than there is room for. */
static void many(void)
{
	struct operators *operators = operators_create();
	unsigned long long large = 0, large_signed = 0, all = 0, others = 0, sum = 0, rows = 0;
	char *line, *save = NULL;

	for (unsigned i = 0; i < 4 * OPERATORS_MAX; i++) {
		char name[64], records[160];

		snprintf(name, sizeof(name), "n%u.org.", i);
		if (i % 4 == 0)
			snprintf(records, sizeof(records), "NS ns.large.net.\n%s",
				 i % 8 ? "" : "DS 1 8 2 00\n");
		else
			snprintf(records, sizeof(records), "NS ns.small%u.net.\n", i);
		operators_add(operators, view_of(name), view_of(records));
	}
	for (line = strtok_r(written(operators), "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		unsigned long long n = 0, with_ds = 0;

		rows++;
		if (sscanf(line, "org,,%llu,%llu", &n, &with_ds) == 2)
			all = n;
		else if (sscanf(line, "org,large.net,%llu,%llu", &n, &with_ds) == 2)
			large = n, large_signed = with_ds, sum += n;
		else if (sscanf(line, "org,other,%llu,%llu", &n, &with_ds) == 2)
			others = n, sum += n;
		else if (sscanf(line, "%*[^,],%*[^,],%llu,%llu", &n, &with_ds) == 2)
			sum += n;
	}
	is_int((long long)all, 4 * OPERATORS_MAX, "all names of the TLD");
	is_int((long long)large, OPERATORS_MAX, "the large operator's are exact");
	is_int((long long)large_signed, OPERATORS_MAX / 2, "and so are those signed");
	ok(rows <= OPERATORS_MAX + 1, "no more operators than there is room for: %llu rows", rows);
	ok(others > 0, "some went to the others");
	is_int((long long)sum, 4 * OPERATORS_MAX, "and none is lost");
	operators_destroy(&operators);
}

static void reading(void)
{
	static const struct {
		const char *line, *why;
	} cases[] = {
		{"org,host.net,5,3", ""},
		{"org,,5,5", ""},
		{"org,\"a,b\",1,0", ""},
		{",host.net,5,3", "tld or operator: no name"},
		{"org,host.net,3,5", "more names are signed than delegated"},
		{"org,host.net,-1,0", "delegated: '-1' is no number"},
		{"org,host.net,1,", "signed: '' is no number"},
		{"org,host.net,1", "3 fields, the header has 4"},
	};
	char header[] = "tld,operator,delegated,signed", why[CSV_WHY_MAX] = "";
	struct csv_layout layout;

	ok(csv_layout_read(&layout, delegations_columns, header, strlen(header), why), "header");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct delegations row;
		char line[100], again[DELEGATIONS_LINE];
		bool good;

		strcpy(line, cases[i].line);
		why[0] = '\0';
		good = delegations_read(&layout, line, strlen(line), &row, why);
		is_str(why, cases[i].why, cases[i].line);
		if (!good)
			continue;
		again[delegations_write(again, &row) - 1] = '\0';
		is_str(again, cases[i].line, "and written as it was read");
	}
}

int main(void)
{
	some_names();
	many();
	reading();
	return done_testing();
}
