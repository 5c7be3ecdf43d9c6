/* SPDX-License-Identifier: BSD-2-Clause */

#include <stdio.h>
#include <string.h>

#include "results/explain-inside.h"

/* Where the words about a zone begin, and those about a server's address. */
#define INDENT	  6
#define DEEPER	  8
#define LINE	  600
#define KNOWN_MAX 64

/* Findings that are no causes, in words. Those that their own row says well enough are left out. */
static const struct {
	const char *finding, *text;
} words[] = {
	{"ok", "it answers"},
	{"secure", "secure"},
	{"insecure", "not signed, and the parent says so: nothing to validate"},
	{"indeterminate", "could not be checked"},
	{"bogus", "bogus"},
	{"truncated", "truncated: it wants to be asked over TCP"},
	{"type-fails", "it fails for this type, and has the zone"},
	{"ok-without-aa", "it answers, but does not say that it is authoritative (no AA)"},
	{"answers-differ", "it answers now well, now badly"},
	{"some-fail", "some of the servers fail, and others make up for it"},
	{"no-servers", "there is no address to ask"},
	{"not-asked", "was not asked"},
	{"no-route", "cannot be reached from here: no route"},
	{"no-answer", "no useful answer"},
	{"nxdomain", "does not exist"},
	{"ds-differs", "the zone file is older than what the parent says today"},
	{"cname-chain-long", "many aliases in a row"},
};

struct way {
	const struct prose *prose;
	struct view known[KNOWN_MAX]; /* zones whose rows were said */
	unsigned known_count;
	bool skipping; /* the zone was said before */
	bool servers;  /* the heading of the servers has been said */
	bool told;     /* rows by resolvers have begun */
	bool begun;
	unsigned times; /* that the row stands there in turn, but for the time it took */
	struct view zone, server, address; /* that the rows are at */
};

/* "secure: DS 1 fits" or "dnskey-revoked: the key ...", as much as there is. */
static const char *finding_text(const struct evidence *row, char line[LINE])
{
	const char *text = NULL;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words) && !text; i++)
		if (view_is(row->finding, words[i].finding))
			text = words[i].text;
	if (text && row->detail.len > 0)
		snprintf(line, LINE, "%s: %.*s", text, PRINT(row->detail));
	else if (text)
		snprintf(line, LINE, "%s", text);
	else if (row->detail.len > 0)
		snprintf(line, LINE, "%.*s: %.*s", PRINT(row->finding), PRINT(row->detail));
	else
		snprintf(line, LINE, "%.*s", PRINT(row->finding));
	return line;
}

static bool is_known(const struct way *way, struct view zone)
{
	for (unsigned i = 0; i < way->known_count; i++)
		if (view_equal(way->known[i], zone))
			return true;
	return false;
}

static void heading(struct way *way, const char *format, struct view of)
{
	fputc('\n', way->prose->out);
	prose_heading(way->prose, format, (int)of.len, of.text ? of.text : "");
}

/* ---- zones ---- */

static void see_path(struct way *way, const struct evidence *row)
{
	if (view_is(row->finding, "alias")) {
		prose_say(way->prose, 2, INDENT, NULL, "An alias: %.*s. The way goes on there.",
			  PRINT(row->detail));
		way->servers = false;
		way->begun = false;
		return;
	}
	if (view_is(row->finding, "ns-zone")) {
		way->servers = false;
		way->skipping = false;
		way->zone = row->zone;
		heading(way, "The zone that a name server's name lies in: %.*s", row->zone);
		way->servers = true;
		return;
	}
	if (!way->begun)
		heading(way,
			way->told ? "The same as resolvers tell it, asked with CD=1%.*s"
				  : "The way from the root%.*s",
			(struct view){NULL, 0});
	way->begun = true;
	way->zone = row->zone;
	way->servers = false;
	way->skipping = is_known(way, row->zone) && !view_is(row->finding, "own-zone");
	if (way->skipping)
		return;
	if (way->known_count < KNOWN_MAX)
		way->known[way->known_count++] = row->zone;
	prose_say(way->prose, 2, INDENT, NULL, "%.*s", PRINT(row->zone));
}

static void see_delegation(struct way *way, const struct evidence *row)
{
	char line[LINE], rtt[24];
	const struct prose *prose = way->prose;

	if (view_is(row->finding, "ok") && view_begins(row->detail, "NS: ")) {
		char by[LINE] = "";

		if (row->address.len > 0)
			snprintf(by, sizeof(by), " (%.*s says so, %s)", PRINT(row->address),
				 rtt_text(row->rtt_us, rtt));
		else if (row->transport.len > 0)
			snprintf(by, sizeof(by), " (by the %.*s)", PRINT(row->transport));
		prose_say(prose, INDENT, INDENT + 14, "delegated to", "%.*s%s",
			  (int)row->detail.len - 4, row->detail.text + 4, by);
		return;
	}
	prose_say(prose, INDENT, INDENT + 14, "delegation", "%.*s%s%s", PRINT(row->question),
		  row->question.len == 0	      ? ""
		  : view_is(row->finding, "nxdomain") ? " "
						      : ": ",
		  finding_text(row, line));
}

static void see_chain(struct way *way, const struct evidence *row)
{
	char line[LINE];

	prose_say(way->prose, INDENT, INDENT + 14, "trust", "%s", finding_text(row, line));
}

/* ---- servers ---- */

static void servers_heading(struct way *way, const struct evidence *row)
{
	if (!way->servers)
		heading(way,
			way->told ? "What resolvers bring from %.*s" : "The name servers of %.*s",
			row->zone);
	way->servers = true;
}

static void see_ns_address(struct way *way, const struct evidence *row)
{
	servers_heading(way, row);
	if (view_is(row->finding, "ok"))
		prose_say(way->prose, 2, INDENT, NULL, "%.*s: %.*s", PRINT(row->server),
			  PRINT(row->detail));
	else
		prose_say(way->prose, 2, INDENT, NULL, "%.*s: %.*s%s%.*s", PRINT(row->server),
			  PRINT(row->finding), row->detail.len ? ": " : "", PRINT(row->detail));
}

/* "udp-noedns" and "resolver" are words for machines. */
static const char *transport_text(struct view transport, char text[32])
{
	static const char noedns[] = "-noedns";
	size_t len = sizeof(noedns) - 1;
	bool plain = transport.len > len &&
		     memcmp(transport.text + transport.len - len, noedns, len) == 0;

	if (view_is(transport, "resolver"))
		return "with CD=1";
	snprintf(text, 32, "over %.*s%s", (int)(transport.len - (plain ? len : 0)), transport.text,
		 plain ? " without EDNS" : "");
	return text;
}

/* One question, put again, with the same answer but for its time. */
static bool is_again(const struct evidence *a, const struct evidence *b)
{
	return view_equal(a->probe, b->probe) && a->question.len > 0 &&
	       view_equal(a->server, b->server) && view_equal(a->address, b->address) &&
	       view_equal(a->question, b->question) && a->question_type == b->question_type &&
	       view_equal(a->transport, b->transport) && a->outcome == b->outcome &&
	       a->rcode == b->rcode && a->flags == b->flags && a->answers == b->answers &&
	       view_equal(a->detail, b->detail) && view_equal(a->finding, b->finding);
}

static void say_probe(const struct way *way, const struct evidence *row)
{
	char rcode[NAME_TEXT_MAX], flags[NAME_TEXT_MAX], type[NAME_TEXT_MAX], rtt[24];
	char transport[32], times[24] = "";
	bool answered = row->outcome == OUTCOME_ANSWERED;
	const char *flag = flags_name(row->flags, flags);

	if (way->times > 1)
		snprintf(times, sizeof(times), ", %u times", way->times);
	prose_say(way->prose, DEEPER, DEEPER + 4, NULL, "%.*s %s %s: %s%s%s%s%.0d%s%s%s%s%s%.*s",
		  PRINT(row->question), qtype_name(row->question_type, type),
		  transport_text(row->transport, transport),
		  answered ? rcode_name(row->rcode, rcode) : outcome_name(row->outcome),
		  answered && *flag ? ", " : "", answered ? flag : "",
		  answered && row->answers > 0 ? ", " : "", answered ? row->answers : 0,
		  answered && row->answers > 0 ? row->answers == 1 ? " record" : " records" : "",
		  answered && row->rtt_us >= 0 ? ", " : "",
		  answered ? rtt_text(row->rtt_us, rtt) : "", times, row->detail.len ? "; " : "",
		  PRINT(row->detail));
}

static void see_server(struct way *way, const struct evidence *row)
{
	char line[LINE];

	servers_heading(way, row);
	if (!view_equal(way->server, row->server) || !view_equal(way->address, row->address)) {
		prose_say(way->prose, 4, INDENT, NULL, "%.*s%s%.*s", PRINT(row->server),
			  way->told ? "" : " ", way->told ? 0 : (int)row->address.len,
			  row->address.text ? row->address.text : "");
		way->server = row->server;
		way->address = row->address;
	}
	if (row->question.len > 0)
		say_probe(way, row);
	else
		prose_say(way->prose, DEEPER, DEEPER + 4, NULL, "-> %s", finding_text(row, line));
}

static void see_other(struct way *way, const struct evidence *row)
{
	prose_say(way->prose, DEEPER, DEEPER + 4, NULL, "-> %.*s", PRINT(row->detail));
}

static void see_server_chain(struct way *way, const struct evidence *row)
{
	char line[LINE];

	prose_say(way->prose, DEEPER, DEEPER + 4, NULL, "-> its answer: %s",
		  finding_text(row, line));
}

static void see_conclusion(struct way *way, const struct evidence *row)
{
	char line[LINE];

	if (view_is(row->finding, "ok"))
		prose_say(way->prose, 2, INDENT, NULL,
			  "All in all: the servers have the zone and "
			  "answer.");
	else
		prose_say(way->prose, 2, INDENT, NULL, "All in all: %s", finding_text(row, line));
}

static void see_budget(struct way *way, const struct evidence *row)
{
	prose_say(way->prose, 2, INDENT, NULL, "%.*s",
		  PRINT(row->detail.len ? row->detail : row->finding));
}

/* ---- all of it ---- */

static void see(struct way *way, const struct evidence *row)
{
	static const struct {
		const char *probe;
		void (*see)(struct way *way, const struct evidence *row);
	} kinds[] = {{"delegation", see_delegation}, {"ns-address", see_ns_address},
		     {"server", see_server},	     {"address", see_other},
		     {"conclusion", see_conclusion}, {"budget", see_budget}};

	if (!way->told && view_is(row->transport, "resolver") && !view_is(row->probe, "server")) {
		way->told = true;
		way->begun = way->servers = false;
		way->known_count = 0;
	}
	if (view_is(row->probe, "path"))
		see_path(way, row);
	else if (way->skipping)
		return;
	else if (view_is(row->probe, "chain"))
		(row->address.len ? see_server_chain : see_chain)(way, row);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (view_is(row->probe, kinds[i].probe))
			kinds[i].see(way, row);
}

void explain_way(const struct explained *all, const struct prose *prose, struct view name,
		 uint16_t qtype)
{
	struct way way = {.prose = prose};
	const struct evidence *row = NULL; /* waits for what is the same */

	for (size_t i = 0; i < all->evidence_count; i++) {
		const struct evidence *next = &all->evidence[i];

		if (next->qtype != qtype || !view_equal(next->name, name))
			continue;
		way.times++;
		if (row && is_again(row, next))
			continue;
		if (row)
			see(&way, row);
		way.times = 0;
		row = next;
	}
	way.times++;
	if (row)
		see(&way, row);
}
