/* SPDX-License-Identifier: BSD-2-Clause */

#include <stdio.h>
#include <string.h>

#include "io/addr.h"
#include "results/explain-inside.h"

#define COMMAND 1200

/* What each command is there for stands beside it. */
static void say(const struct prose *prose, const char *command, const char *why)
{
	fprintf(prose->out, "  %s\n", command);
	prose_say(prose, 6, 8, "#", "%s", why);
}

/* "@9.9.9.9 -p 853 +tls" of "tls://9.9.9.9#dns.quad9.net". False: it cannot be said so. */
static bool server_arguments(struct view resolver, char text[COMMAND])
{
	char plain[ADDR_TEXT_MAX], address[ADDR_TEXT_MAX];
	struct view rest = resolver;
	const char *ways[][2] = {{"tls://", " +tls"}, {"tcp://", " +tcp"}}, *way = "";
	unsigned port = 53;
	struct addr addr;
	const char *end;

	for (size_t i = 0; i < 2; i++)
		if (rest.len > 6 && memcmp(rest.text, ways[i][0], 6) == 0) {
			way = ways[i][1];
			port = i == 0 ? 853 : 53;
			rest = (struct view){rest.text + 6, rest.len - 6};
		}
	end = memchr(rest.text, '#', rest.len);
	if (end)
		rest.len = (size_t)(end - rest.text);
	if (rest.len >= sizeof(plain))
		return false;
	memcpy(plain, rest.text, rest.len);
	plain[rest.len] = '\0';
	if (!addr_parse(&addr, plain, (uint16_t)port))
		return false;
	port = addr_port(&addr);
	addr_set_port(&addr, 53);
	snprintf(text, COMMAND, "@%s%s", addr_format(&addr, 53, address), way);
	if (port != 53 && !(*way == ' ' && port == 853))
		snprintf(text + strlen(text), COMMAND - strlen(text), " -p %u", port);
	return true;
}

/* The row whose words tell most: in the order of resolvers the first that fails, else the first. */
static const struct row *telling_row(const struct explained *all, struct view name, uint16_t qtype)
{
	const struct row *found = NULL;

	for (size_t r = 0; r < all->resolver_count; r++)
		for (size_t i = 0; i < all->row_count; i++) {
			const struct row *row = &all->rows[i];

			if (row->qtype != qtype || !view_equal(row->name, name) ||
			    !view_equal(row->resolver, all->resolvers[r].resolver))
				continue;
			if (look_kind(row) > LOOK_CLEAN)
				return row;
			found = found ? found : row;
		}
	return found;
}

static void by_resolver(const struct explained *all, const struct prose *prose, struct view name,
			uint16_t qtype)
{
	const struct row *row = telling_row(all, name, qtype);
	char command[2 * COMMAND], server[COMMAND], type[NAME_TEXT_MAX];
	const char *word;

	if (!row || !server_arguments(row->resolver, server))
		return;
	word = qtype_name(qtype, type);
	snprintf(command, sizeof(command), "dig %s %.*s %s", server, PRINT(name), word);
	say(prose, command, "what people get (CD=0)");
	snprintf(command, sizeof(command), "dig %s +cd +dnssec %.*s %s", server, PRINT(name), word);
	say(prose, command, "the same without validation (CD=1), with its signatures");
}

/* Where does the name of a name server lead? */
static void by_server_name(const struct explained *all, const struct prose *prose, struct view name,
			   uint16_t qtype, struct view server)
{
	const struct row *row = telling_row(all, name, qtype);
	char command[2 * COMMAND], arguments[COMMAND];

	if (!row || !server_arguments(row->resolver, arguments))
		return;
	snprintf(command, sizeof(command), "dig %s %.*s A", arguments, PRINT(server));
	say(prose, command, "where a name server's name leads");
}

/* dig at an address of the evidence. */
static void at_server(const struct prose *prose, struct view address, struct view name,
		      const char *type, const char *how, const char *why)
{
	char command[2 * COMMAND], server[COMMAND];

	if (!server_arguments(address, server))
		return;
	snprintf(command, sizeof(command), "dig %s +norec%s %.*s %s", server, how, PRINT(name),
		 type);
	say(prose, command, why);
}

/* The address of a server of the zone that something is wrong with; empty: there is none. */
static struct view bad_address(const struct explained *all, struct view name, uint16_t qtype,
			       struct view zone)
{
	static const char *const good[] = {"ok", "secure", "insecure", "indeterminate"};

	for (size_t i = 0; i < all->evidence_count; i++) {
		const struct evidence *row = &all->evidence[i];
		bool bad = row->qtype == qtype && view_equal(row->name, name) &&
			   view_equal(row->zone, zone) && row->address.len > 0 &&
			   row->question.len == 0 &&
			   (view_is(row->probe, "server") || view_is(row->probe, "chain"));

		for (size_t g = 0; bad && g < sizeof(good) / sizeof(*good); g++)
			bad = !view_is(row->finding, good[g]);
		if (bad)
			return row->address;
	}
	return (struct view){NULL, 0};
}

/* The first query of that type to a server of the zone, at that address if any was put there; NULL:
 * none was put. */
static const struct evidence *probe_of(const struct explained *all, struct view name,
				       uint16_t qtype, struct view zone, uint16_t question_type,
				       struct view address)
{
	const struct evidence *found = NULL;

	for (size_t i = 0; i < all->evidence_count; i++) {
		const struct evidence *row = &all->evidence[i];

		if (row->qtype != qtype || !view_equal(row->name, name) ||
		    !view_is(row->probe, "server") || !view_equal(row->zone, zone) ||
		    row->question_type != question_type || view_is(row->transport, "resolver"))
			continue;
		if (view_equal(row->address, address))
			return row;
		found = found ? found : row;
	}
	return found;
}

/* Was that server asked so, too? Then the difference is worth seeing. */
static bool was_asked(const struct explained *all, const struct evidence *like,
		      const char *transport)
{
	for (size_t i = 0; i < all->evidence_count; i++) {
		const struct evidence *row = &all->evidence[i];

		if (row->qtype == like->qtype && view_equal(row->name, like->name) &&
		    view_equal(row->address, like->address) &&
		    view_equal(row->question, like->question) &&
		    row->question_type == like->question_type && view_is(row->transport, transport))
			return true;
	}
	return false;
}

/* The answer of one of the zone's servers, and the ways in which it was asked besides. */
static void by_server(const struct explained *all, const struct prose *prose,
		      const struct evidence *answer, uint16_t qtype)
{
	static const struct {
		const char *transport, *how, *why;
	} ways[] = {{"udp-noedns", " +noedns", "the same without EDNS"},
		    {"tcp", " +dnssec +tcp", "the same over TCP"}};
	char text[NAME_TEXT_MAX];
	const char *type = qtype_name(qtype, text);

	at_server(prose, answer->address, answer->question, type, " +dnssec",
		  "the answer at one of its servers");
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (was_asked(all, answer, ways[i].transport))
			at_server(prose, answer->address, answer->question, type, ways[i].how,
				  ways[i].why);
}

/* The name of a name server that leads nowhere; empty: all lead somewhere. */
static struct view lost_server(const struct explained *all, struct view name, uint16_t qtype,
			       struct view zone)
{
	for (size_t i = 0; i < all->evidence_count; i++) {
		const struct evidence *row = &all->evidence[i];

		if (row->qtype == qtype && view_equal(row->name, name) &&
		    view_is(row->probe, "ns-address") && view_equal(row->zone, zone) &&
		    !view_is(row->finding, "ok"))
			return row->server;
	}
	return (struct view){NULL, 0};
}

/* The parent's server that told of the zone; NULL: none is known. */
static const struct evidence *delegation_of(const struct explained *all, struct view name,
					    uint16_t qtype, struct view zone)
{
	for (size_t i = 0; i < all->evidence_count; i++) {
		const struct evidence *row = &all->evidence[i];

		if (row->qtype == qtype && view_equal(row->name, name) &&
		    view_is(row->probe, "delegation") && view_equal(row->zone, zone) &&
		    row->address.len > 0 && !view_is(row->transport, "resolver"))
			return row;
	}
	return NULL;
}

static bool is_below(struct view name, struct view zone)
{
	return name.len > zone.len && view_within(name, zone);
}

/* What a server of the zone told of the next zone below it, on the way; NULL: there is none. */
static const struct evidence *child_of(const struct explained *all, struct view name,
				       uint16_t qtype, struct view zone)
{
	for (size_t i = 0; i < all->evidence_count; i++) {
		const struct evidence *row = &all->evidence[i];

		if (row->qtype == qtype && view_equal(row->name, name) &&
		    view_is(row->probe, "delegation") && is_below(row->zone, zone) &&
		    is_below(name, zone) && row->address.len > 0 &&
		    !view_is(row->transport, "resolver"))
			return row;
	}
	return NULL;
}

/* The deepest zone on the way: its servers were asked. */
static struct view own_zone(const struct explained *all, struct view name, uint16_t qtype)
{
	for (size_t i = 0; i < all->evidence_count; i++) {
		const struct evidence *row = &all->evidence[i];

		if (row->qtype == qtype && view_equal(row->name, name) &&
		    view_is(row->finding, "own-zone"))
			return row->zone;
	}
	return (struct view){NULL, 0};
}

void explain_by_hand(const struct explained *all, const struct prose *prose, struct view name,
		     uint16_t qtype, struct view at)
{
	struct view zone = at.len > 0 ? at : own_zone(all, name, qtype);
	const struct evidence *parent = delegation_of(all, name, qtype, zone);
	struct view bad = bad_address(all, name, qtype, zone);
	struct view lost = lost_server(all, name, qtype, zone);
	const struct evidence *keys = probe_of(all, name, qtype, zone, 48, bad);
	const struct evidence *child = child_of(all, name, qtype, zone);
	const struct evidence *answer = probe_of(all, name, qtype, zone, qtype, bad);

	fputc('\n', prose->out);
	prose_heading(prose, "To see it yourself");
	by_resolver(all, prose, name, qtype);
	if (parent) {
		at_server(prose, parent->address, zone, "NS", "",
			  "the delegation, as the parent has it");
		at_server(prose, parent->address, zone, "DS", " +dnssec",
			  "the DS, as the parent has it");
	}
	if (keys)
		at_server(prose, keys->address, keys->question, "DNSKEY", " +dnssec",
			  "the keys of the zone");
	else if (child)
		at_server(prose, child->address, zone, "DNSKEY", " +dnssec",
			  "the keys of the zone");
	if (child)
		at_server(prose, child->address, child->zone, "DS", " +dnssec",
			  "what it says of the zone below");
	if (answer)
		by_server(all, prose, answer, qtype);
	if (lost.len > 0)
		by_server_name(all, prose, name, qtype, lost);
}
