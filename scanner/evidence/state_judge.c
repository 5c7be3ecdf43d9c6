/* SPDX-License-Identifier: BSD-2-Clause */

/* What all servers of a zone come to, together. */
#include "scanner/evidence/state.h"

#include <stdio.h>
#include <string.h>

/* ---- the chain, per server ---- */

/* The same but for the ID: caches of verdicts live by it. */
static bool same_message(const struct probe *a, const struct probe *b)
{
	return a == b || (a != NULL && b != NULL && a->len == b->len && a->len > 2 &&
			  memcmp(a->message + 2, b->message + 2, a->len - 2) == 0);
}

/* The keys by which this server's answers are judged: its own. */
static const struct keys *keys_for(struct fact *self, const struct state *state, unsigned index)
{
	const struct probe *dnskey = state->server[index].server->dnskey;
	struct keys keys;

	if (dnskey == NULL || same_message(dnskey, state->keys->probe))
		return state->keys;
	for (unsigned i = 0; i < index; i++)
		if (state->server[i].keys != NULL &&
		    same_message(dnskey, state->server[i].server->dnskey))
			return state->server[i].keys;
	keys = keys_of(self, state->ds, state->zone->name, dnskey);
	return arena_copy(fact_arena(self), &keys, sizeof(keys));
}

static struct link judge_answer(struct fact *self, const struct state *state,
				const struct keys *keys, const struct probe *answer)
{
	struct chain_budget budget;
	struct chain_result result;

	if (keys->keyset == NULL)
		return keys->link;
	budget = trust_budget(self);
	chain_answer(keys->keyset, state->qname, state->qtype, answer->message, answer->len,
		     fact_wall_s(self), &budget, &result);
	trust_spent(self, &budget);
	if (keys->result != NULL) {
		struct chain_result merged = *keys->result;

		chain_merge(&merged, &result);
		return link_of(self, &merged);
	}
	/* good by keys of which it is not known whether they are */
	if (keys->link.state == CHAIN_INDETERMINATE && result.state == CHAIN_SECURE)
		return keys->link;
	return link_of(self, &result);
}

/* Not signed, as it looks; but the server has signatures that it does not give. */
static void reconsider(struct fact *self, struct link *link, const struct server *server)
{
	bool unsigned_fault = link->fault == CHAIN_RRSIG_MISSING ||
			      link->fault == CHAIN_DNSKEY_NOT_SIGNED ||
			      link->fault == CHAIN_SERVER_WITHOUT_DNSSEC;

	if (server->withheld == CHAIN_FAULT_NONE || link->state != CHAIN_BOGUS || !unsigned_fault)
		return;
	if (server->withheld == CHAIN_ANSWER_USELESS)
		link->state = CHAIN_INDETERMINATE;
	link->fault = server->withheld;
	link->detail =
		arena_text(fact_arena(self), "%s; %s", server->withheld_detail, link->detail);
}

static bool judged_before(const struct state *state, unsigned index, struct link *link)
{
	for (unsigned i = 0; i < index; i++)
		if (state->server[i].keys == state->server[index].keys &&
		    same_message(state->server[i].server->answer,
				 state->server[index].server->answer)) {
			*link = state->server[i].link;
			return true;
		}
	return false;
}

/* How good a link is for those who want the name to resolve. */
static int worth(enum chain_state state)
{
	switch (state) {
	case CHAIN_SECURE:
		return 3;
	case CHAIN_INSECURE:
		return 2;
	case CHAIN_INDETERMINATE:
		return 1;
	case CHAIN_BOGUS:
		return 0;
	}
	return 0;
}

void state_links(struct fact *self, struct state *state)
{
	for (unsigned i = 0; i < state->count; i++) {
		struct state_server *s = &state->server[i];

		s->link =
			(struct link){.state = CHAIN_INDETERMINATE, .detail = "no answer to judge"};
		if (s->server->answer == NULL || !dname_under(state->qname, state->zone->name))
			continue;
		s->keys = keys_for(self, state, i);
		if (!judged_before(state, i, &s->link))
			s->link = judge_answer(self, state, s->keys, s->server->answer);
		reconsider(self, &s->link, s->server);
		if (s->server->usable &&
		    (state->best == NULL || worth(s->link.state) > worth(state->best->link.state)))
			state->best = s;
	}
}

/* ---- the conclusion ---- */

const char *state_server_name(const struct state_server *server, char text[DNAME_TEXT_MAX])
{
	return server->resolver != NULL ? server->resolver : dname_text(text, server->name);
}

/* "ns1.example.org 192.0.2.1: answers REFUSED; ..." of all, or of the bad ones. */
static const char *list(struct fact *self, const struct state *state, bool bad_only)
{
	char text[1200], addr[ADDR_TEXT_MAX], name[DNAME_TEXT_MAX];
	size_t len = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < state->count && len < sizeof(text) - 1; i++) {
		const struct server *server = state->server[i].server;

		if (bad_only && (server->usable || server->excluded))
			continue;
		len += (size_t)snprintf(
			text + len, sizeof(text) - len, "%s%s %s: %s", len > 0 ? "; " : "",
			state_server_name(&state->server[i], name),
			addr_format(&server->addr, 53, addr),
			server->detail[0] != '\0' ? server->detail : server->finding);
	}
	return arena_text(fact_arena(self), "%s", text);
}

static bool is(const char *finding, const char *word)
{
	return strcmp(finding, word) == 0;
}

/* "ns1.example.org: there is no such name; ..." of all, or of those without an address. "": none. */
static const char *list_ns(struct fact *self, const struct state *state, bool bad_only)
{
	char text[1200], name[DNAME_TEXT_MAX];
	size_t len = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < state->ns_count && len < sizeof(text) - 1; i++)
		if (!bad_only || !is(state->ns[i].finding, "ok"))
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s: %s",
						len > 0 ? "; " : "",
						dname_text(name, state->ns[i].name),
						state->ns[i].detail);
	return arena_text(fact_arena(self), "%s", text);
}

static bool silent(const char *finding)
{
	return is(finding, "ns-timeout") || is(finding, "ns-unreachable");
}

/* All that is known of the names is that each fails, and not all in the same way. */
static bool names_fail_differently(const struct state *state)
{
	bool differ = false;

	for (unsigned i = 0; i < state->ns_count; i++) {
		const char *finding = state->ns[i].finding;

		if (is(finding, "ok") || is(finding, "excluded") || is(finding, "not-asked"))
			return false;
		differ = differ || !is(finding, state->ns[0].finding);
	}
	return differ;
}

/* No address could be asked: why not, by the names. */
static void conclude_by_names(struct fact *self, struct state *state)
{
	static const char *const order[] = {"excluded", /* it may be in order */
					    "ns-glue-missing",
					    "ns-loop",
					    "ns-name-nonexistent",
					    "ns-name-no-address",
					    "ns-name-unresolvable",
					    "ns-name-alias",
					    "not-asked"};

	state->detail = list_ns(self, state, false);
	if (names_fail_differently(state)) {
		state->finding = "ns-mixed-failures";
		return;
	}
	for (unsigned o = 0; o < sizeof(order) / sizeof(order[0]); o++)
		for (unsigned i = 0; i < state->ns_count; i++)
			if (is(state->ns[i].finding, order[o])) {
				state->finding = order[o];
				return;
			}
	state->finding = "no-servers";
}

static bool any(const struct state *state, const char *finding)
{
	for (unsigned i = 0; i < state->count; i++)
		if (is(state->server[i].server->finding, finding))
			return true;
	return false;
}

/* What all have in common that were asked, or NULL. IPv6 addresses that are merely silent do not
 * count beside IPv4 ones, nor what silence looks like beside a server that loses most queries. */
static const char *common(const struct state *state, bool ipv4_only)
{
	bool lossy = any(state, "packet-loss");
	const char *finding = NULL;

	for (unsigned i = 0; i < state->count; i++) {
		const struct server *server = state->server[i].server;
		bool v6 = server->addr.sa.sa_family == AF_INET6;

		if (server->no_route || server->excluded ||
		    is(server->finding, "ns-address-special") || is(server->finding, "not-asked"))
			continue;
		if ((v6 && ipv4_only && silent(server->finding)) ||
		    (lossy && is(server->finding, "ns-timeout")))
			continue;
		if (finding != NULL && !is(finding, server->finding))
			return "ns-mixed-failures";
		finding = server->finding;
	}
	return finding;
}

static bool any_ipv4(const struct state *state)
{
	for (unsigned i = 0; i < state->count; i++)
		if (state->server[i].server->addr.sa.sa_family == AF_INET)
			return true;
	return false;
}

/* Of the IPv4 addresses that there are, not one could be looked at. */
static bool unseen_ipv4(const struct state *state)
{
	for (unsigned i = 0; i < state->count; i++) {
		const struct server *server = state->server[i].server;

		if (server->addr.sa.sa_family == AF_INET && !server->no_route &&
		    !server->excluded && !is(server->finding, "not-asked"))
			return false;
	}
	return any_ipv4(state);
}

static void conclude_failure(struct fact *self, struct state *state)
{
	const char *finding = common(state, false), *names;

	if (state->count == 0) {
		conclude_by_names(self, state);
		return;
	}
	if (state->cut_off) {
		state->finding = "no-route";
		state->detail =
			"nobody at all is heard from here: this says nothing about the zone";
		return;
	}
	state->detail = list(self, state, false);
	names = list_ns(self, state, true);
	if (names[0] != '\0')
		state->detail = arena_text(fact_arena(self), "%s; %s", state->detail, names);
	if (finding != NULL && is(finding, "ns-mixed-failures") && any_ipv4(state))
		finding = common(state, true);
	if (finding != NULL && silent(finding) && unseen_ipv4(state))
		finding = NULL; /* silence over IPv6 alone is met often */
	if (finding == NULL)
		finding = any(state, "ns-address-special") ? "ns-address-special"
			  : any(state, "no-route")	   ? "no-route"
			  : any(state, "excluded")	   ? "excluded"
							   : "not-asked";
	if ((silent(finding) || is(finding, "no-route")) && !any_ipv4(state))
		finding = "ns-ipv6-unreachable";
	state->finding = finding;
}

/* Signed by a zone below, which others, whose answers validate, would have referred to: there is
 * none. */
static bool bogus_beside_good(const struct link *link)
{
	return link->state == CHAIN_BOGUS || (link->state == CHAIN_INDETERMINATE &&
					      link->fault == CHAIN_RRSIG_WRONG_FIELDS);
}

/* Some servers' answers validate, others' do not. */
static bool inconsistent(const struct state *state)
{
	bool good = false, bogus = false;

	for (unsigned i = 0; i < state->count; i++) {
		if (!state->server[i].server->usable)
			continue;
		good = good || state->server[i].link.state == CHAIN_SECURE ||
		       state->server[i].link.state == CHAIN_INSECURE;
		bogus = bogus || bogus_beside_good(&state->server[i].link);
	}
	return good && bogus;
}

/*
 * Each server's answer validates by its own DNSKEY RRset: does the other's, too? Resolvers take the
 * keys from one and the answer from another (RFC 8901 2). The first that does not fit.
 */
static const struct state_server *crossed(struct fact *self, const struct state *state,
					  struct link *link)
{
	const struct state_server *first = NULL;

	for (unsigned i = 0; i < state->count; i++) {
		const struct state_server *s = &state->server[i];

		if (!s->server->usable || s->link.state != CHAIN_SECURE || s->keys == NULL ||
		    s->keys->link.state != CHAIN_SECURE)
			continue;
		if (first == NULL)
			first = s;
		if (s->keys == first->keys)
			continue;
		*link = judge_answer(self, state, first->keys, s->server->answer);
		if (link->state != CHAIN_BOGUS)
			*link = judge_answer(self, state, s->keys, first->server->answer);
		if (link->state == CHAIN_BOGUS)
			return s;
	}
	return NULL;
}

/* False: they do not differ that way. */
static bool conclude_crossed(struct fact *self, struct state *state)
{
	char addr[ADDR_TEXT_MAX];
	struct link link;
	const struct state_server *other = crossed(self, state, &link);

	if (other == NULL)
		return false;
	state->finding = "servers-inconsistent";
	state->detail = arena_text(
		fact_arena(self),
		"%s has another DNSKEY RRset than others of its zone, and by the keys of one the "
		"answers of the other do not validate: %s",
		addr_format(&other->server->addr, 53, addr), link.detail);
	return true;
}

static const char *list_links(struct fact *self, const struct state *state)
{
	char text[1200], addr[ADDR_TEXT_MAX];
	size_t len = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < state->count && len < sizeof(text) - 1; i++) {
		const struct state_server *s = &state->server[i];

		if (s->server->usable)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s: %s%s%s",
						len > 0 ? "; " : "",
						addr_format(&s->server->addr, 53, addr),
						chain_state_name(s->link.state),
						bogus_beside_good(&s->link) ? ", " : "",
						bogus_beside_good(&s->link) ? s->link.detail : "");
	}
	return arena_text(fact_arena(self), "%s", text);
}

void state_conclude(struct fact *self, struct state *state)
{
	unsigned usable = 0, counted = 0;

	for (unsigned i = 0; i < state->count; i++) {
		usable += state->server[i].server->usable;
		counted += !state->server[i].server->no_route && !state->server[i].server->excluded;
	}
	if (usable == 0) {
		conclude_failure(self, state);
	} else if (inconsistent(state)) {
		state->finding = "servers-inconsistent";
		state->detail = list_links(self, state);
	} else if (conclude_crossed(self, state)) {
		return;
	} else if (usable < counted) {
		state->finding = "some-fail";
		state->detail = list(self, state, true);
	} else {
		state->finding = "ok";
		state->detail = state->left_out > 0 || state->zone->ns_left_out
					? "not all servers were asked: there are too many"
					: "";
	}
}

void state_conclude_beside(struct fact *self, struct state *state,
			   const struct state_server *beside, unsigned count)
{
	char text[800], name[DNAME_TEXT_MAX], addr[ADDR_TEXT_MAX];

	for (unsigned i = 0; i < count; i++) {
		struct state_server *s = &state->beside[i];
		bool delegated = false;

		*s = beside[i];
		state->beside_count = i + 1;
		if (!s->server->usable || s->server->answer == NULL)
			continue;
		for (unsigned n = 0; n < state->ns_count; n++)
			delegated = delegated || dname_equal(state->ns[n].name, s->name);
		s->keys = s->server->dnskey == NULL ? state->keys : NULL;
		if (s->keys == NULL) {
			struct keys keys =
				keys_of(self, state->ds, state->zone->name, s->server->dnskey);

			s->keys = arena_copy(fact_arena(self), &keys, sizeof(keys));
		}
		s->link = judge_answer(self, state, s->keys, s->server->answer);
		if (s->link.state == CHAIN_BOGUS)
			continue;
		snprintf(text, sizeof(text), "%s at %s, which the parent %s, answers well; %s",
			 dname_text(name, s->name), addr_format(&s->server->addr, 53, addr),
			 delegated ? "gives other addresses for" : "does not name", state->detail);
		state->finding = delegated ? "ns-glue-wrong" : "ns-parent-outdated";
		state->detail = arena_text(fact_arena(self), "%s", text);
		return;
	}
}
