/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The words for behaviours, joined by "+", as odd.tsv has them. See tools/lab/cases.tsv for what
 * each does. TYPE-words (drop=DNSKEY) may be given several times.
 */
#include "tools/lab/odd/odd.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *word;
	size_t offset;
} flags[] = {
	{"mute", offsetof(struct behaviour, mute)},
	{"udp-mute", offsetof(struct behaviour, udp_mute)},
	{"upward", offsetof(struct behaviour, upward)},
	{"empty", offsetof(struct behaviour, empty)},
	{"noaa", offsetof(struct behaviour, no_aa)},
	{"other-root", offsetof(struct behaviour, other_root)},
	{"other-soa", offsetof(struct behaviour, other_soa)},
	{"self-referral", offsetof(struct behaviour, self_referral)},
	{"truncate", offsetof(struct behaviour, truncate)},
	{"edns-drop", offsetof(struct behaviour, edns_drop)},
	{"edns-formerr", offsetof(struct behaviour, edns_formerr)},
	{"badvers", offsetof(struct behaviour, badvers)},
	{"do-drop", offsetof(struct behaviour, do_drop)},
	{"do-formerr", offsetof(struct behaviour, do_formerr)},
	{"strip", offsetof(struct behaviour, strip)},
	{"garbage", offsetof(struct behaviour, garbage)},
	{"cut", offsetof(struct behaviour, cut)},
	{"wrong-id", offsetof(struct behaviour, wrong_id)},
	{"wrong-question", offsetof(struct behaviour, wrong_question)},
	{"wrong-class", offsetof(struct behaviour, wrong_class)},
	{"wrong-source", offsetof(struct behaviour, wrong_source)},
	{"flaky", offsetof(struct behaviour, flaky)},
	{"one-alias", offsetof(struct behaviour, one_alias)},
	{"endless", offsetof(struct behaviour, endless)},
	{"lower-case", offsetof(struct behaviour, lower_case)},
	{"bad-rdata", offsetof(struct behaviour, bad_rdata)},
	{"long-name", offsetof(struct behaviour, long_name)},
	{"resolvers-only", offsetof(struct behaviour, resolvers_only)},
	{"strangers-only", offsetof(struct behaviour, strangers_only)},
	{"no-question", offsetof(struct behaviour, no_question)},
	{"no-soa", offsetof(struct behaviour, no_soa)},
	{"edns-servfail", offsetof(struct behaviour, edns_servfail)},
	{"edns-refused", offsetof(struct behaviour, edns_refused)},
	{"truncate-tcp", offsetof(struct behaviour, truncate_tcp)},
	{"cookie-drop", offsetof(struct behaviour, cookie_drop)},
	{"cookie-formerr", offsetof(struct behaviour, cookie_formerr)},
	{"case-drop", offsetof(struct behaviour, case_drop)},
	{"upper-case", offsetof(struct behaviour, upper_case)},
	{"trailing", offsetof(struct behaviour, trailing)},
	{"header-only", offsetof(struct behaviour, header_only)},
	{"slip", offsetof(struct behaviour, slip)},
};

static const struct {
	const char *word;
	size_t offset;
	int max;
} numbers[] = {
	{"above", offsetof(struct behaviour, drop_above), 65535},
	{"slow", offsetof(struct behaviour, slow_ms), 60000},
	{"loss", offsetof(struct behaviour, loss_percent), 100},
	{"drop-first", offsetof(struct behaviour, drop_first), 100},
	{"rate", offsetof(struct behaviour, rate_10s), 1000000},
	{"fail-for", offsetof(struct behaviour, fail_s), 86400},
	{"flap", offsetof(struct behaviour, flap_s), 86400},
};

static const struct {
	const char *word;
	int rcode;
} rcodes[] = {
	{"formerr", LDNS_RCODE_FORMERR},   {"servfail", LDNS_RCODE_SERVFAIL},
	{"nxdomain", LDNS_RCODE_NXDOMAIN}, {"notimp", LDNS_RCODE_NOTIMPL},
	{"refused", LDNS_RCODE_REFUSED},   {"yxdomain", LDNS_RCODE_YXDOMAIN},
	{"notauth", LDNS_RCODE_NOTAUTH},   {"reserved", 12},
};

static const struct {
	const char *word;
	enum tcp_mode mode;
} tcp_modes[] = {
	{"tcp-closed", TCP_CLOSED},
	{"tcp-silent", TCP_SILENT},
	{"tcp-garbage", TCP_GARBAGE},
	{"tcp-filtered", TCP_FILTERED},
};

static bool parse_type_act(const char *word, const char *type, struct behaviour *b)
{
	int rcode = -1;
	enum type_act act = ACT_RCODE;

	if (b->n_by_type == ODD_MAX_TYPE_ACT)
		return false;
	if (strcmp(word, "drop") == 0)
		act = ACT_DROP;
	else if (strcmp(word, "empty") == 0)
		act = ACT_EMPTY;
	else if (strcmp(word, "truncate") == 0)
		act = ACT_TRUNCATE;
	for (size_t i = 0; i < sizeof rcodes / sizeof *rcodes; i++) {
		if (strcmp(rcodes[i].word, word) == 0)
			rcode = rcodes[i].rcode;
	}
	if (act == ACT_RCODE && rcode < 0)
		return false;
	b->by_type[b->n_by_type].type = (uint16_t)ldns_get_rr_type_by_name(type);
	b->by_type[b->n_by_type].act = act;
	b->by_type[b->n_by_type++].rcode = rcode;
	return true;
}

static bool parse_valued(const char *word, const char *value, struct behaviour *b)
{
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		int n = atoi(value);

		if (strcmp(numbers[i].word, word) != 0)
			continue;
		if (n < 0 || n > numbers[i].max)
			return false;
		memcpy((char *)b + numbers[i].offset, &n, sizeof n);
		return true;
	}
	if (strcmp(word, "sideways") == 0) {
		b->sideways = strdup(value);
		return b->sideways != NULL;
	}
	return parse_type_act(word, value, b);
}

static bool parse_word(const char *word, struct behaviour *b)
{
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
		if (strcmp(flags[i].word, word) == 0) {
			*(bool *)((char *)b + flags[i].offset) = true;
			return true;
		}
	}
	for (size_t i = 0; i < sizeof rcodes / sizeof *rcodes; i++) {
		if (strcmp(rcodes[i].word, word) == 0) {
			b->rcode = rcodes[i].rcode;
			return true;
		}
	}
	for (size_t i = 0; i < sizeof tcp_modes / sizeof *tcp_modes; i++) {
		if (strcmp(tcp_modes[i].word, word) == 0) {
			b->tcp = tcp_modes[i].mode;
			return true;
		}
	}
	return strcmp(word, "sound") == 0;
}

bool behaviour_parse(const char *text, struct behaviour *out)
{
	char *copy = strdup(text), *rest = copy, *word, *value;
	bool good = true;

	memset(out, 0, sizeof *out);
	out->rcode = -1;
	while (good && (word = strsep(&rest, "+"))) {
		value = strchr(word, '=');
		if (value)
			*value++ = '\0';
		good = value ? parse_valued(word, value, out) : parse_word(word, out);
		if (!good)
			fprintf(stderr, "odd: no behaviour '%s'\n", word);
	}
	free(copy);
	return good;
}
