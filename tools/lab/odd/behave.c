/* SPDX-License-Identifier: BSD-2-Clause */
/* Between a question and the octets of its answer: what this line's behaviours make of it. */
#include "tools/lab/odd/odd.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static uint32_t hash_question(const struct query *q)
{
	uint32_t h = 2166136261u;
	const uint8_t *data = ldns_rdf_data(q->name);
	const struct sockaddr_in *in = (const struct sockaddr_in *)&q->from;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&q->from;

	for (size_t i = 0; i < ldns_rdf_size(q->name); i++)
		h = (h ^ (uint8_t)(data[i] | 0x20)) * 16777619u;
	h = (h ^ q->type) * 16777619u;
	if (q->from.ss_family == AF_INET)
		return (h ^ ntohl(in->sin_addr.s_addr)) * 16777619u;
	return (h ^ in6->sin6_addr.s6_addr[15]) * 16777619u;
}

/* RFC 1035 says nothing of servers that answer only the N-th time; the Internet has them. */
static bool is_among_first(struct line *line, const struct query *q)
{
	uint32_t h = hash_question(q);
	size_t slot = h % (sizeof line->seen / sizeof *line->seen);

	if (line->seen[slot].hash != h) {
		line->seen[slot].hash = h;
		line->seen[slot].count = 0;
	}
	return line->seen[slot].count++ < line->how.drop_first;
}

static bool over_rate(struct line *line, int64_t now_ms)
{
	if (now_ms - line->period_ms >= 10000) {
		line->period_ms = now_ms;
		line->in_period = 0;
	}
	return ++line->in_period > line->how.rate_10s;
}

/* The lab's resolvers have addresses of their own: 5.53.9.0/24 and 2a00:53:9::/64. */
static bool is_resolver(const struct query *q)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)&q->from;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&q->from;

	if (q->from.ss_family == AF_INET)
		return ntohl(in->sin_addr.s_addr) >> 8 == 0x053509;
	return in6->sin6_addr.s6_addr[4] == 0 && in6->sin6_addr.s6_addr[5] == 9;
}

/* A multiplicative generator: the same losses in every run. */
static bool is_lost(const struct line *line)
{
	uint64_t x = (line->questions + 1) * 0x9e3779b97f4a7c15ull;

	return (int)((x >> 33) % 100) < line->how.loss_percent;
}

static bool in_mixed_case(const ldns_rdf *name)
{
	for (size_t i = 0; i < ldns_rdf_size(name); i++)
		if (ldns_rdf_data(name)[i] >= 'A' && ldns_rdf_data(name)[i] <= 'Z')
			return true;
	return false;
}

static bool is_dropped(struct line *line, const struct query *q, int64_t now_ms)
{
	const struct behaviour *b = &line->how;

	if (b->mute || (b->udp_mute && !q->tcp))
		return true;
	if ((b->edns_drop && q->edns) || (b->do_drop && q->dnssec_ok))
		return true;
	if ((b->cookie_drop && q->cookie) || (b->case_drop && in_mixed_case(q->name)))
		return true;
	if ((b->resolvers_only && !is_resolver(q)) || (b->strangers_only && is_resolver(q)))
		return true;
	if (b->flaky && line->questions % 2)
		return true;
	if (b->loss_percent && is_lost(line))
		return true;
	if (b->drop_first && is_among_first(line, q))
		return true;
	for (size_t i = 0; i < b->n_by_type; i++) {
		if (b->by_type[i].type == q->type && b->by_type[i].act == ACT_DROP)
			return true;
	}
	return b->rate_10s && !b->slip && over_rate(line, now_ms);
}

static void strip_dnssec(ldns_rr_list *list, uint16_t asked)
{
	size_t kept = 0;

	for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++) {
		ldns_rr *rr = ldns_rr_list_rr(list, i);
		ldns_rr_type type = ldns_rr_get_type(rr);

		if ((type == LDNS_RR_TYPE_RRSIG || type == LDNS_RR_TYPE_NSEC ||
		     type == LDNS_RR_TYPE_NSEC3) &&
		    type != asked)
			ldns_rr_free(rr);
		else
			ldns_rr_list_set_rr(list, rr, kept++);
	}
	ldns_rr_list_set_rr_count(list, kept);
}

/* name/12.name CNAME 13.name, without end */
static void say_endless(const struct query *q, struct answer *a)
{
	char text[1400], *name = ldns_rdf2str(q->name), *rest = name;
	unsigned long n = strtoul(name, &rest, 10);

	snprintf(text, sizeof text, "%s 60 IN CNAME %lu%s%s", name, n + 1,
		 *rest == '.' && rest != name ? "" : ".", rest);
	answer_push(a, 0, text);
	free(name);
}

/* True when the answer is made up rather than looked up. */
static bool made_up(const struct line *line, const struct query *q, int64_t now_ms,
		    struct answer *a)
{
	const struct behaviour *b = &line->how;
	char text[1400], *zone = ldns_rdf2str(line->zone);
	bool made = true;

	if (b->rcode >= 0 || (b->fail_s && now_ms - line->first_ms < b->fail_s * 1000L) ||
	    (b->flap_s && now_ms / 1000 / b->flap_s % 2)) {
		a->rcode = (ldns_pkt_rcode)(b->rcode >= 0 ? b->rcode : LDNS_RCODE_SERVFAIL);
		a->aa = a->rcode == LDNS_RCODE_NXDOMAIN;
	} else if ((b->edns_formerr && q->edns) || (b->do_formerr && q->dnssec_ok) ||
		   (b->cookie_formerr && q->cookie)) {
		a->rcode = LDNS_RCODE_FORMERR;
	} else if (b->edns_servfail && q->edns) {
		a->rcode = LDNS_RCODE_SERVFAIL;
	} else if (b->edns_refused && q->edns) {
		a->rcode = LDNS_RCODE_REFUSED;
	} else if (b->upward) {
		a->aa = false;
		answer_push(a, 1, ". 3600 IN NS a.roots.");
		answer_push(a, 1, ". 3600 IN NS b.roots.");
	} else if (b->empty) {
		a->aa = false;
	} else if (b->self_referral || b->sideways) {
		a->aa = false;
		snprintf(text, sizeof text, "%s 300 IN NS %s%s", zone,
			 b->sideways ? b->sideways : "ns1.", b->sideways ? "" : zone);
		answer_push(a, 1, text);
	} else if (b->other_root || b->other_soa) {
		a->rcode = b->other_root ? LDNS_RCODE_NXDOMAIN : LDNS_RCODE_NOERROR;
		snprintf(text, sizeof text,
			 "%s 60 IN SOA ns.parking.lab. root.parking.lab. 1 2 3 4 60",
			 b->other_root ? "." : "parking.lab.");
		answer_push(a, 1, text);
	} else if (b->endless && q->type != LDNS_RR_TYPE_NS && q->type != LDNS_RR_TYPE_SOA) {
		say_endless(q, a);
	} else {
		made = false;
	}
	free(zone);
	return made;
}

static void by_type(const struct behaviour *b, const struct query *q, struct answer *a,
		    bool *truncate)
{
	for (size_t i = 0; i < b->n_by_type; i++) {
		if (b->by_type[i].type != q->type)
			continue;
		if (b->by_type[i].act == ACT_TRUNCATE) {
			*truncate = true;
			continue;
		}
		answer_clear(a);
		answer_init(a);
		if (b->by_type[i].act == ACT_RCODE)
			a->rcode = (ldns_pkt_rcode)b->by_type[i].rcode;
	}
}

static void drop_soa(struct answer *a)
{
	ldns_rr_list_deep_free(a->section[1]);
	a->section[1] = ldns_rr_list_new();
}

static void find(struct line *line, struct query *q, int64_t now_ms, struct answer *a,
		 bool *truncate)
{
	const struct behaviour *b = &line->how;

	if (made_up(line, q, now_ms, a))
		return;
	if (!line->db) {
		a->rcode = LDNS_RCODE_SERVFAIL;
		a->aa = false;
		return;
	}
	answer_find(line->db, q, b->one_alias, a);
	by_type(b, q, a, truncate);
	for (int i = 0; b->strip && i < 3; i++)
		strip_dnssec(a->section[i], q->type);
	if (b->no_soa && ldns_rr_list_rr_count(a->section[0]) == 0)
		drop_soa(a);
	if (b->no_aa)
		a->aa = false;
}

static void spoil(const struct behaviour *b, struct reply *out)
{
	if (b->garbage) { /* a right header, then noise that parses as nothing */
		for (size_t i = 12; i < out->size; i++)
			out->wire[i] = (uint8_t)(0xc0 | (i * 37 & 0x3f));
	}
	if (b->cut && out->size > 20)
		out->size -= 7;
	if (b->wrong_id)
		out->wire[1] ^= 0x55;
	if (b->wrong_class || b->wrong_question) {
		size_t at = 12;

		if (b->wrong_question && out->size > 14 && out->wire[12])
			out->wire[13] = out->wire[13] == 'q' ? 'z' : 'q';
		while (b->wrong_class && at < out->size && out->wire[at])
			at += out->wire[at] + 1u;
		if (b->wrong_class && at + 4 < out->size)
			out->wire[at + 4] = 3; /* CH */
	}
}

void behave(struct line *line, struct query *q, int64_t now_ms, struct reply *out)
{
	const struct behaviour *b = &line->how;
	bool truncate = b->truncate, dropped;
	size_t limit = q->udp_size < ODD_UDP_SIZE ? q->udp_size : ODD_UDP_SIZE;
	struct answer a;

	memset(out, 0, sizeof *out);
	if (!line->first_ms)
		line->first_ms = now_ms;
	dropped = is_dropped(line, q, now_ms);
	/* response rate limiting: come back over TCP, which is not limited */
	if (b->slip && !q->tcp && over_rate(line, now_ms))
		truncate = true;
	line->questions++;
	if (dropped)
		return;
	answer_init(&a);
	if ((b->badvers && q->edns) || (q->edns && q->edns_version > 0))
		a.rcode = (ldns_pkt_rcode)16;
	else
		find(line, q, now_ms, &a, &truncate);
	out->wire = answer_wire(q, &a, b, &out->size);
	if (out->wire && !q->tcp && b->drop_above && out->size > (size_t)b->drop_above &&
	    out->size <= limit) {
		free(out->wire);
		out->wire = NULL;
	}
	if (out->wire && (q->tcp ? b->truncate_tcp : truncate || out->size > limit)) {
		free(out->wire);
		for (int i = 0; i < 3; i++) {
			ldns_rr_list_deep_free(a.section[i]);
			a.section[i] = ldns_rr_list_new();
		}
		out->wire = answer_wire(q, &a, b, &out->size);
		if (out->wire)
			out->wire[2] |= 2; /* TC */
	}
	if (out->wire)
		spoil(b, out);
	out->delay_ms = b->slow_ms;
	out->other_source = b->wrong_source;
	answer_clear(&a);
}
