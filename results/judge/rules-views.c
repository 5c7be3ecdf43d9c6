/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What resolvers were given, held against what was seen: a server may show strangers something
 * else, and one of many nodes something else than another.
 */
#include "results/judge/rules.h"

#include <string.h>

#include "results/rows/names.h"
#include "results/judge/signature.h"

/* Known by a signature that was seen. */
#define MADE_OF_RRSIG                                                                              \
	(BIT(RRSIG_EXPIRED) | BIT(RRSIG_NOT_YET_VALID) | BIT(RRSIG_INVALID) |                      \
	 BIT(RRSIG_KEY_MISSING))

/* Denials that are nobody's to give: where the zone is signed, resolvers ask for a proof. */
#define PROVES_NOTHING                                                                             \
	(BIT(NS_NOT_AUTHORITATIVE) | BIT(NS_UPWARD_REFERRAL) | BIT(NS_OTHER_ZONE) | BIT(NS_ERROR))
/* Some copies may well validate. */
#define BESIDE_GOOD_ONES                                                                           \
	(BIT(SERVERS_INCONSISTENT) | BIT(SERVER_WITHOUT_DNSSEC) | BIT(DNSKEY_UNOBTAINABLE))
/* Judged by some more leniently than by others, who may all the same answer without AD: an alias into
 * an insecure zone, opt-out (RFC 5155 9.2). */
#define FORGIVEN                                                                                   \
	(BIT(RRSIG_EXPIRED) | BIT(RRSIG_NOT_YET_VALID) | BIT(DENIAL_MISSING) | BIT(DENIAL_WRONG))

/* The type that a detail of the chain is about: "A of www.example.org has no RRSIG", "RRSIG over A
 * of ..."; empty where an answer may hold several RRsets of that type. */
static struct view type_in(struct view detail)
{
	static const char over[] = "RRSIG over ";
	static const char *const several[] = {"CNAME", "DNAME", "NSEC", "NSEC3"};
	struct view type = {0};
	const char *end;

	if (view_begins(detail, over)) {
		detail.text += sizeof(over) - 1;
		detail.len -= sizeof(over) - 1;
	}
	end = detail.len ? memchr(detail.text, ' ', detail.len) : NULL;
	if (end)
		type = (struct view){detail.text, (size_t)(end - detail.text)};
	for (size_t i = 0; i < sizeof(several) / sizeof(*several); i++)
		if (view_is(type, several[i]))
			return (struct view){0};
	return type;
}

/* Keys that we do not get, and resolvers have: they say what is wrong by these. */
static bool keys_known(const struct inquiry *q, const struct fault *fault)
{
	return fault->cause == CAUSE_DNSKEY_UNOBTAINABLE && q->dnssec.strength >= HINT_CODE &&
	       !(q->dnssec.possible & (BIT(DNSKEY_UNOBTAINABLE) | BIT(DS_BUT_UNSIGNED)));
}

/* The fault is of the data asked for. */
static bool is_asked(const struct inquiry *q, struct view type)
{
	char text[NAME_TEXT_MAX];
	const char *asked = qtype_name(q->facts->qtype, text);

	return view_is(type, asked);
}

/* Data came to all who failed, and not one signature. */
static bool none_signed(const struct inquiry *q)
{
	unsigned unsigned_data = 0;

	for (size_t i = 0; i < q->opinion_count; i++) {
		const struct opinion *o = &q->opinions[i];

		if (o->kind != OPINION_VALIDATION && o->kind != OPINION_MUTE_CD)
			continue;
		if (o->row->cd.rcode != RCODE_NOERROR || o->row->cd.answers <= 0 ||
		    o->row->cd_rrsig.len)
			return false;
		unsigned_data++;
	}
	return unsigned_data > 1;
}

/* A zone without keys, whose records carry signatures all the same. */
static bool has_signatures(struct view detail)
{
	static const char words[] = "carry RRSIGs";

	return detail.len && memmem(detail.text, detail.len, words, sizeof(words) - 1);
}

bool fault_other_view(const struct inquiry *q, const struct fault *fault)
{
	bool dates = CAUSE_BIT(fault->cause) & (BIT(RRSIG_EXPIRED) | BIT(RRSIG_NOT_YET_VALID));
	bool any = fault->cause == CAUSE_SERVER_WITHOUT_DNSSEC ||
		   (fault->cause == CAUSE_DS_BUT_UNSIGNED && !has_signatures(fault->row->detail));
	struct view type = type_in(fault->row->detail);

	if (fault->told)
		return false;
	if (keys_known(q, fault))
		return true;
	if (CAUSE_BIT(fault->cause) & MADE_OF_RRSIG && fault->row->address.len &&
	    is_asked(q, type) && none_signed(q))
		return true;
	if ((!dates && !any && fault->cause != CAUSE_RRSIG_MISSING) ||
	    !view_is(fault->row->probe, "chain"))
		return false;
	for (size_t i = 0; i < q->opinion_count; i++) {
		const struct opinion *o = &q->opinions[i];
		struct view list = o->row ? o->row->cd_rrsig : (struct view){0};
		struct signature signature, bad;

		if (o->kind != OPINION_VALIDATION && o->kind != OPINION_MUTE_CD)
			continue;
		if (dates && signature_dates(list, o->row->time_ms, 0, &bad) != DATES_FINE)
			continue;
		while (signature_next(&list, &signature))
			if (view_equal(signature.signer, fault->zone) &&
			    (any || view_equal(signature.type, type)))
				return true;
	}
	return false;
}

bool fault_out_of_date(const struct inquiry *q, const struct fault *fault)
{
	struct signature bad;

	for (size_t i = 0; i < q->opinion_count; i++) {
		const struct opinion *o = &q->opinions[i];

		if ((o->kind == OPINION_VALIDATION || o->kind == OPINION_MUTE_CD) &&
		    signature_dates(o->row->cd_rrsig, o->row->time_ms, 0, &bad) != DATES_FINE &&
		    view_equal(bad.signer, fault->zone))
			return true;
	}
	return false;
}

bool fault_dated_otherwise(const struct inquiry *q, const struct fault *fault)
{
	if (!keys_known(q, fault) &&
	    (!(CAUSE_BIT(fault->cause) &
	       (BIT(RRSIG_MISSING) | BIT(SERVER_WITHOUT_DNSSEC) | BIT(DS_BUT_UNSIGNED))) ||
	     !fault_other_view(q, fault)))
		return false;
	return fault_out_of_date(q, fault);
}

/* ---- answers that nobody can have validated ---- */

static bool is_bogus(enum opinion_kind kind)
{
	return kind == OPINION_VALIDATION || kind == OPINION_MUTE_CD;
}

/* Seen to be broken in a way that no copy at any server makes up for, nor a lenient resolver. */
static bool broken_for_all(const struct trail *trail, bool leniently)
{
	for (unsigned i = 0; i < trail->faults; i++) {
		const struct fault *fault = &trail->fault[i];
		uint64_t bit = CAUSE_BIT(fault->cause);

		if (fault->unsure || fault->quirk || (fault->filed && !trail->file_good) ||
		    (leniently && bit & FORGIVEN))
			continue;
		if (bit & PROVES_NOTHING ||
		    (cause_info(fault->cause)->category == CATEGORY_DNSSEC &&
		     !(bit & BESIDE_GOOD_ONES)))
			return true;
	}
	return false;
}

static void withdraw(struct inquiry *q, struct opinion *o, bool mended)
{
	bool later = o->kind != OPINION_OK;

	if (o->blind) {
		o->kind = OPINION_OK;
		o->row = NULL;
		return;
	}
	if (o->ad || (later && mended) || !broken_for_all(&q->trail, !later))
		return;
	q->unproved++;
	q->unproved_later |= later;
	o->kind = later ? facts_failed(o) : OPINION_EXEMPT;
}

static bool came_later(enum opinion_kind kind)
{
	return kind == OPINION_RECOVERED || kind == OPINION_FLAPS;
}

void withdraw_unproved(struct inquiry *q, struct opinion *opinions)
{
	unsigned bogus = 0, later = 0;

	for (size_t i = 0; i < q->opinion_count; i++) {
		bogus += is_bogus(opinions[i].kind);
		later += came_later(opinions[i].kind) && !opinions[i].ad && !opinions[i].blind;
	}
	/* Where more have it by now than do not, the DS may be gone, and those have it in their
	 * caches. */
	for (size_t i = 0; bogus > 0 && i < q->opinion_count; i++)
		if (opinions[i].kind == OPINION_OK || came_later(opinions[i].kind))
			withdraw(q, &opinions[i], later > bogus);
}

void say_unproved(const struct inquiry *q, struct verdict *v)
{
	if (q->unproved)
		verdict_say(v, "%u answered it, and cannot have validated that (no AD)",
			    q->unproved);
}

/* ---- answers of those who validate nothing ---- */

static bool has_bogus_data(const struct trail *trail)
{
	for (unsigned i = 0; i < trail->faults; i++)
		if (cause_info(trail->fault[i].cause)->category == CATEGORY_DNSSEC)
			return true;
	return false;
}

/* What came with CD=1 is out of date for everybody, whatever trust anchor it has. */
static bool has_bad_dates(const struct opinion *o)
{
	struct signature bad;

	return is_bogus(o->kind) &&
	       signature_dates(o->row->cd_rrsig, o->row->time_ms, 0, &bad) != DATES_FINE;
}

void disbelieve_unrooted(const struct inquiry *q, struct opinion *opinions)
{
	for (size_t i = 0; i < q->opinion_count; i++) {
		struct opinion *o = &opinions[i];
		bool later = o->kind == OPINION_RECOVERED || o->kind == OPINION_FLAPS;
		enum opinion_kind kind = later ? facts_failed(o) : o->kind;

		if (!o->resolver->unrooted || has_bogus_data(&q->trail) || has_bad_dates(o) ||
		    (kind != OPINION_VALIDATION && kind != OPINION_MUTE_CD &&
		     kind != OPINION_SERVFAIL))
			continue;
		o->kind = later ? OPINION_OK : OPINION_NONE;
		o->row = NULL;
	}
}
