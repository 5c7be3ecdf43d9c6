/* SPDX-License-Identifier: BSD-2-Clause */

#include "scanner/evidence/hints.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "io/lines.h"
#include "scanner/dns/name.h"

#define DNS_PORT 53

/* The root servers as of 2024 (b.root-servers.net renumbered in 2023). */
static const struct {
	char letter;
	const char *ipv4, *ipv6;
} root_servers[] = {
	{'a', "198.41.0.4", "2001:503:ba3e::2:30"}, {'b', "170.247.170.2", "2801:1b8:10::b"},
	{'c', "192.33.4.12", "2001:500:2::c"},	    {'d', "199.7.91.13", "2001:500:2d::d"},
	{'e', "192.203.230.10", "2001:500:a8::e"},  {'f', "192.5.5.241", "2001:500:2f::f"},
	{'g', "192.112.36.4", "2001:500:12::d0d"},  {'h', "198.97.190.53", "2001:500:1::53"},
	{'i', "192.36.148.17", "2001:7fe::53"},	    {'j', "192.58.128.30", "2001:503:c27::2:30"},
	{'k', "193.0.14.129", "2001:7fd::1"},	    {'l', "199.7.83.42", "2001:500:9f::42"},
	{'m', "202.12.27.33", "2001:dc3::35"},
};

/* The keys of 2017 and 2024 (IANA root-anchors.xml). */
static const char *const root_anchors[] = {
	". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
	". IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16",
};

/* The server of that name, a new one where needed; NULL when there are too many. */
static struct root_server *server_of(struct hints *hints, const struct name *name)
{
	struct root_server *hint;

	for (unsigned i = 0; i < hints->count; i++)
		if (dname_equal(hints->server[i].name, name->wire))
			return &hints->server[i];
	if (hints->count == HINTS_SERVERS_MAX)
		return NULL;
	hint = &hints->server[hints->count++];
	memcpy(hint->name, name->wire, name->wire_len);
	return hint;
}

static bool add_address(struct hints *hints, const struct name *name, const char *text)
{
	struct root_server *hint = server_of(hints, name);
	struct addr addr;

	if (hint == NULL || !addr_parse(&addr, text, DNS_PORT) || addr_port(&addr) != DNS_PORT)
		return false;
	hints->special |= addr_special(&addr) != NULL;
	if (hint->addr_count < HINTS_ADDRESSES_MAX)
		hint->addr[hint->addr_count++] = addr;
	return true;
}

static void internet_servers(struct hints *hints)
{
	for (size_t i = 0; i < sizeof(root_servers) / sizeof(root_servers[0]); i++) {
		char text[] = "x.root-servers.net";
		struct name name;

		text[0] = root_servers[i].letter;
		(void)name_normalise(&name, text, strlen(text));
		(void)add_address(hints, &name, root_servers[i].ipv4);
		(void)add_address(hints, &name, root_servers[i].ipv6);
	}
}

static const char not_understood[] = "no such record is understood here";

/* "OWNER [TTL] [IN] TYPE RDATA", blanks between; what is of another type is passed over. */
static const char *hint_line(struct hints *hints, char *line)
{
	char *words[8], *rest = line, *word;
	struct name name;
	int count = 0, at = 1;

	line[strcspn(line, ";\r")] = '\0';
	if (*line == '$')
		return NULL;
	while (count < 8 && (word = strsep(&rest, " \t")) != NULL)
		if (*word != '\0')
			words[count++] = word;
	if (count == 0)
		return NULL;
	while (at < count &&
	       (isdigit((unsigned char)*words[at]) || strcasecmp(words[at], "IN") == 0))
		at++;
	if (at + 1 >= count || name_normalise(&name, words[0], strlen(words[0])) != NAME_OK)
		return not_understood;
	if (strcasecmp(words[at], "A") != 0 && strcasecmp(words[at], "AAAA") != 0)
		return NULL;
	return add_address(hints, &name, words[at + 1]) ? NULL : not_understood;
}

/* The anchor's own reader wants one whole record a line. */
static const char *anchor_line(struct hints *hints, char *line)
{
	static const uint8_t root[1] = {0};

	line[strcspn(line, ";\r")] = '\0';
	if (line[strspn(line, " \t")] == '\0' || *line == '$')
		return NULL;
	return chain_anchor_add(&hints->anchor, root, line);
}

static bool read_file(struct hints *hints, const char *path,
		      const char *(*take)(struct hints *hints, char *line), struct buf *errors)
{
	struct lines *lines = lines_open(path);
	const char *why = NULL;
	struct line line;
	int got = 0;

	if (lines == NULL) {
		buf_addf(errors, "%s: %s\n", path, strerror(errno));
		return false;
	}
	while (why == NULL && (got = lines_next(lines, &line)) > 0) {
		size_t skip = line.number == 1 ? name_bom(line.text, line.len) : 0;
		char text[4096];

		why = not_understood;
		if (!line.too_long && line.len < sizeof(text)) {
			memcpy(text, line.text + skip, line.len - skip);
			text[line.len - skip] = '\0';
			why = take(hints, text);
		}
		if (why != NULL)
			buf_addf(errors, "%s:%llu: %s\n", path, (unsigned long long)line.number,
				 why);
	}
	if (got < 0)
		buf_addf(errors, "%s: %s\n", path, lines_error(lines));
	lines_close(&lines);
	return why == NULL && got == 0;
}

bool hints_load(struct hints *hints, const char *root_hints_file, const char *trust_anchor_file,
		struct buf *errors)
{
	static const uint8_t root[1] = {0};

	memset(hints, 0, sizeof(*hints));
	if (root_hints_file == NULL)
		internet_servers(hints);
	else if (!read_file(hints, root_hints_file, hint_line, errors))
		return false;
	if (hints->count == 0) {
		buf_addf(errors, "%s: no address of a root server in it\n", root_hints_file);
		return false;
	}
	if (trust_anchor_file == NULL) {
		for (size_t i = 0; i < sizeof(root_anchors) / sizeof(root_anchors[0]); i++)
			(void)chain_anchor_add(&hints->anchor, root, root_anchors[i]);
		return true;
	}
	if (!read_file(hints, trust_anchor_file, anchor_line, errors))
		return false;
	if (hints->anchor.count == 0)
		buf_addf(errors, "%s: no DS or DNSKEY of the root in it\n", trust_anchor_file);
	else if (!chain_anchor_usable(&hints->anchor))
		buf_addf(errors, "%s: no algorithm and digest type in it is supported\n",
			 trust_anchor_file);
	return chain_anchor_usable(&hints->anchor);
}
