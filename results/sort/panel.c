/* SPDX-License-Identifier: BSD-2-Clause */

#include "results/sort/panel.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define NUMBERS_MAX 65534
/* A resolver that refuses everything is closed to us; fewer rows than these prove nothing. */
#define REFUSES_ALL_MIN 10
/* Half of at least so many control queries failed: the resolver was out of order. */
#define CONTROLS_MIN 4
/* CD=1 fails where CD=0 works: so often it is no chance. */
#define NO_CD_MIN 10
/* The root does not validate in one of so many failures to validate, or more: fewer are a moment
 * in which its keys could not be had, or what somebody else wrote into an EDE. */
#define UNROOTED_SHARE 10
/* Its peers are those of the run that were asked as much and validate, too. It has gone astray when
 * it fails so many per cent more of what it was asked than any of them: they fail the same names,
 * but for a few. */
#define ASTRAY_PEERS   2
#define ASTRAY_ROWS    200
#define ASTRAY_PERCENT 10

/* What was added, under the number that its owner knows. */
struct member {
	struct resolver resolver;
	enum tri reachable;
	bool failed_controls;
	bool disguises;
	enum tri rewrote[2]; /* rewrites NXDOMAIN: before the scan, after it */
	const void *run;
	unsigned source, number;
	unsigned index; /* once settled */
};

struct panel {
	pthread_mutex_t lock;
	struct member **members;
	size_t count;
	size_t *first; /* by source: where in members its numbers begin; one more behind the last */
	unsigned sources;
	struct resolver *settled;
	unsigned size;
};

struct panel *panel_create(void)
{
	struct panel *panel = calloc(1, sizeof(*panel));

	if (panel)
		pthread_mutex_init(&panel->lock, NULL);
	return panel;
}

void panel_destroy(struct panel **panel)
{
	struct panel *p = *panel;

	if (!p)
		return;
	for (size_t i = 0; i < p->count; i++) {
		free((char *)(uintptr_t)p->members[i]->resolver.name);
		free(p->members[i]);
	}
	free(p->members);
	free(p->first);
	free(p->settled);
	pthread_mutex_destroy(&p->lock);
	free(p);
	*panel = NULL;
}

/* Under the lock. Takes over the name; NULL when out of memory. */
static struct member *add(struct panel *panel, char *name)
{
	struct member *member = name ? calloc(1, sizeof(*member)) : NULL;

	if (member && panel->count % 64 == 0) {
		struct member **more =
			reallocarray(panel->members, panel->count + 64, sizeof(*more));

		if (more) {
			panel->members = more;
		} else {
			free(member);
			member = NULL;
		}
	}
	if (!member) {
		free(name);
		return NULL;
	}
	member->resolver.name = name;
	panel->members[panel->count++] = member;
	return member;
}

static char *full_name(struct view name, const char *vantage)
{
	size_t extra = vantage && *vantage ? strlen(vantage) + 1 : 0;
	char *copy = malloc(name.len + extra + 1);

	if (!copy)
		return NULL;
	memcpy(copy, name.text, name.len);
	copy[name.len] = '\0';
	if (extra) {
		copy[name.len] = '@';
		memcpy(copy + name.len + 1, vantage, extra);
	}
	return copy;
}

int panel_add(struct panel *panel, const void *run, struct view name, const char *vantage)
{
	struct member *member;
	int number = -1;

	pthread_mutex_lock(&panel->lock);
	member = panel->count < NUMBERS_MAX ? add(panel, full_name(name, vantage)) : NULL;
	if (member) {
		member->run = run;
		member->number = (unsigned)(number = (int)panel->count - 1);
	}
	pthread_mutex_unlock(&panel->lock);
	return number;
}

bool panel_add_settled(struct panel *panel, unsigned source, const struct resolver *resolver)
{
	struct member *member = add(panel, strdup(resolver->name)), *before;

	if (!member)
		return false;
	before = panel->count > 1 ? panel->members[panel->count - 2] : NULL;
	member->resolver.validates = resolver->validates;
	member->resolver.honours_cd = resolver->honours_cd;
	member->resolver.useless = resolver->useless;
	member->resolver.overloaded = resolver->overloaded;
	member->resolver.lossy = resolver->lossy;
	member->resolver.astray = resolver->astray;
	member->resolver.rewrites = resolver->rewrites;
	member->resolver.labels = resolver->labels;
	member->resolver.unrooted = resolver->unrooted;
	member->resolver.signs = resolver->signs;
	member->resolver.no_cd = resolver->no_cd;
	member->resolver.fell_silent = resolver->fell_silent;
	member->resolver.ad_always = resolver->ad_always;
	member->source = source;
	member->number = before && before->source == source ? before->number + 1 : 0;
	return true;
}

int panel_find(const struct panel *panel, unsigned source, struct view name)
{
	for (size_t i = panel->count; i-- > 0 && panel->members[i]->source >= source;) {
		const struct member *member = panel->members[i];

		if (member->source == source && view_is(name, member->resolver.name))
			return (int)i;
	}
	return -1;
}

/* Two phases that differ leave the worse. */
static void worse(enum tri *sum, enum tri value)
{
	if (value == TRI_NO || *sum == TRI_UNKNOWN)
		*sum = value;
}

/* Control names that it answered otherwise than before the scan. What stayed out is another matter: rows
 * of that time say so themselves (overload, timeout), and what it did answer is as true as before. */
static int64_t answered_wrongly(const struct calibration *c)
{
	int64_t lost = c->phase == PHASE_DURING && c->loss_percent > 0
			       ? (c->loss_percent * c->controls_asked + 50) / 100
			       : 0;

	return c->controls_failed - lost;
}

void panel_calibrate(struct panel *panel, int number, const struct calibration *c)
{
	struct member *member = panel->members[number];

	/* reachable once is alive; the rest counts at its worst */
	if (c->reachable == TRI_YES || member->reachable == TRI_UNKNOWN)
		member->reachable = c->reachable;
	worse(&member->resolver.validates, c->validates);
	worse(&member->resolver.honours_cd, c->honours_cd);
	member->resolver.overloaded |=
		(c->marks & (CALIBRATION_OVERLOAD | CALIBRATION_SLOWED)) != 0;
	member->resolver.lossy |= (c->marks & CALIBRATION_LOSSY) != 0;
	member->resolver.rewrites |= c->rewrites_nxdomain == TRI_YES;
	member->resolver.unrooted |= (c->marks & CALIBRATION_SPLIT) != 0;
	member->resolver.labels |= (c->marks & CALIBRATION_LABELS) != 0;
	member->disguises |= (c->marks & CALIBRATION_DISGUISES) != 0;
	if (c->phase != PHASE_DURING)
		member->rewrote[c->phase == PHASE_AFTER] = c->rewrites_nxdomain;
	member->resolver.ad_always |= (c->marks & CALIBRATION_AD_ALWAYS) != 0;
	if (c->phase == PHASE_AFTER && c->reachable == TRI_NO)
		member->resolver.fell_silent = true;
	else if (c->phase != PHASE_BEFORE && c->controls_asked >= CONTROLS_MIN &&
		 answered_wrongly(c) * 2 > c->controls_asked)
		member->failed_controls = true;
}

/* ---- settling ---- */

/* It makes answers up where names fail; or has come to make some up, and nobody knows since when. */
static bool makes_up(const struct member *member)
{
	return member->disguises || (member->rewrote[0] == TRI_NO && member->rewrote[1] == TRI_YES);
}

static bool is_useless(const struct member *member, const struct tally_resolver *said)
{
	uint64_t answered = tally_answered(said), refused = said->words[RCODE_REFUSED];

	return member->reachable == TRI_NO || member->failed_controls || makes_up(member) ||
	       (answered == 0 && member->reachable != TRI_YES) ||
	       (refused == said->rows && said->rows >= REFUSES_ALL_MIN);
}

static const struct tally_resolver *said_by(const struct tally *tally, size_t number)
{
	static const struct tally_resolver silent;

	return number < tally->resolver_count ? &tally->resolvers[number] : &silent;
}

/* Per cent of its rows without a good answer. */
static double share_failed(const struct tally_resolver *said)
{
	uint64_t good = said->words[RCODE_NOERROR] + said->words[RCODE_NXDOMAIN];

	return (double)(said->rows - good) * 100 / (double)said->rows;
}

static bool is_peer(const struct panel *panel, const struct tally *tally, size_t a, size_t b)
{
	const struct member *one = panel->members[a], *two = panel->members[b];

	return a != b && two->source == 0 && one->run == two->run && !two->resolver.useless &&
	       two->resolver.validates == one->resolver.validates &&
	       said_by(tally, b)->rows * 2 > said_by(tally, a)->rows;
}

/* useless is known of all. */
static bool is_astray(const struct panel *panel, const struct tally *tally, size_t i)
{
	double own, most = 0;
	unsigned peers = 0;

	if (said_by(tally, i)->rows < ASTRAY_ROWS)
		return false;
	own = share_failed(said_by(tally, i));
	for (size_t j = 0; j < panel->count && own >= most + ASTRAY_PERCENT; j++) {
		if (!is_peer(panel, tally, i, j))
			continue;
		peers++;
		if (share_failed(said_by(tally, j)) > most)
			most = share_failed(said_by(tally, j));
	}
	return peers >= ASTRAY_PEERS && own >= most + ASTRAY_PERCENT;
}

/* What its own rows show of what it can do. */
static void learn(struct resolver *resolver, const struct tally_resolver *said)
{
	resolver->unrooted |=
		said->root_bogus > 0 && said->root_bogus >= said->bogus / UNROOTED_SHARE;
	resolver->signs = said->signatures > 0;
	resolver->no_cd = said->cd_works == 0 && said->cd_alone_fails >= NO_CD_MIN;
}

static int compare(const struct resolver *a, const struct resolver *b)
{
	int order = strcmp(a->name, b->name);

	if (order)
		return order;
	if (a->validates != b->validates)
		return a->validates < b->validates ? -1 : 1;
	if (a->honours_cd != b->honours_cd)
		return a->honours_cd < b->honours_cd ? -1 : 1;
	if (a->useless != b->useless)
		return a->useless - b->useless;
	if (a->overloaded != b->overloaded)
		return a->overloaded - b->overloaded;
	if (a->lossy != b->lossy)
		return a->lossy - b->lossy;
	if (a->astray != b->astray)
		return a->astray - b->astray;
	if (a->labels != b->labels)
		return a->labels - b->labels;
	if (a->unrooted != b->unrooted)
		return a->unrooted - b->unrooted;
	if (a->signs != b->signs)
		return a->signs - b->signs;
	if (a->no_cd != b->no_cd)
		return a->no_cd - b->no_cd;
	if (a->fell_silent != b->fell_silent)
		return a->fell_silent - b->fell_silent;
	if (a->ad_always != b->ad_always)
		return a->ad_always - b->ad_always;
	return a->rewrites - b->rewrites;
}

static int by_kind(const void *a, const void *b)
{
	return compare(&(*(struct member *const *)a)->resolver,
		       &(*(struct member *const *)b)->resolver);
}

/* Those of one name get one identity, those that differ in nothing one place. */
static void settle(struct panel *panel, struct member **sorted)
{
	assert(panel->settled && panel->size == 0);
	for (size_t i = 0; i < panel->count; i++) {
		struct resolver *r = &sorted[i]->resolver, *last = NULL;

		if (panel->size)
			last = &panel->settled[panel->size - 1];
		if (last)
			r->identity = last->identity + (strcmp(last->name, r->name) != 0);
		if (!last || compare(last, r) != 0)
			panel->settled[panel->size++] = *r;
		sorted[i]->index = panel->size - 1;
	}
}

/* Where each source's members begin. They stand in the order of their sources. */
static bool find_sources(struct panel *panel)
{
	unsigned source = 0;

	if (panel->count)
		panel->sources = panel->members[panel->count - 1]->source + 1;
	panel->first = calloc(panel->sources + 1, sizeof(*panel->first));
	if (!panel->first)
		return false;
	for (size_t i = 0; i < panel->count; i++)
		while (source < panel->members[i]->source)
			panel->first[++source] = i;
	panel->first[panel->sources] = panel->count;
	return true;
}

/* From numbers to identities. */
static bool fold(struct panel *panel, struct tally *tally)
{
	size_t names = panel->size ? panel->settled[panel->size - 1].identity + 1 : 0;
	struct tally_resolver *list = calloc(names + 1, sizeof(*list));

	if (!list)
		return false;
	for (size_t i = 0; i < panel->count; i++) {
		const struct resolver *resolver = &panel->members[i]->resolver;
		struct tally_resolver *sum = &list[resolver->identity];

		sum->name = resolver->name;
		sum->useless |= resolver->useless;
		sum->astray |= resolver->astray;
		sum->unrooted |= resolver->unrooted;
		sum->no_cd |= resolver->no_cd;
		sum->fell_silent |= resolver->fell_silent;
		sum->ad_always |= resolver->ad_always;
		if (i < tally->resolver_count)
			tally_resolver_join(sum, &tally->resolvers[i]);
	}
	free(tally->resolvers);
	tally->resolvers = list;
	tally->resolver_count = names;
	return true;
}

bool panel_settle(struct panel *panel, struct tally *tally)
{
	struct member **sorted = malloc((panel->count + 1) * sizeof(struct member *));

	panel->settled = calloc(panel->count + 1, sizeof(*panel->settled));
	if (!sorted || !panel->settled || !find_sources(panel)) {
		free(sorted);
		return false;
	}
	for (size_t i = 0; i < panel->count; i++) {
		struct member *member = panel->members[i];

		sorted[i] = member;
		if (member->source != 0)
			continue;
		member->resolver.useless = is_useless(member, said_by(tally, i));
		learn(&member->resolver, said_by(tally, i));
	}
	for (size_t i = 0; i < panel->count; i++)
		if (panel->members[i]->source == 0)
			panel->members[i]->resolver.astray = is_astray(panel, tally, i);
	qsort(sorted, panel->count, sizeof(struct member *), by_kind);
	settle(panel, sorted);
	free(sorted);
	return fold(panel, tally);
}

unsigned panel_size(const struct panel *panel)
{
	return panel->size;
}

const struct resolver *panel_resolver(const struct panel *panel, unsigned index)
{
	return &panel->settled[index];
}

int panel_index(const struct panel *panel, unsigned source, uint64_t number)
{
	if (source == PANEL_SETTLED)
		return number < panel->size ? (int)number : -1;
	if (source >= panel->sources || number >= panel->first[source + 1] - panel->first[source])
		return -1;
	return (int)panel->members[panel->first[source] + number]->index;
}
