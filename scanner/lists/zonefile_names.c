/* SPDX-License-Identifier: BSD-2-Clause */

/* Names, their records, and which of them is the apex. */
#include "scanner/lists/zonefile_inside.h"

#include <stdlib.h>

struct zonefile *zonefile_create(enum zonefile_want want)
{
	struct zonefile *zone = calloc(1, sizeof(struct zonefile));

	if (zone == NULL)
		return NULL;
	zone->want = want;
	zone->held = &zone->entries[0];
	zone->current = &zone->entries[1];
	for (int i = 0; i < OUT_MAX; i++)
		zone->out[i] = &zone->entries[2 + i];
	return zone;
}

void zonefile_destroy(struct zonefile **zone)
{
	free(*zone);
	*zone = NULL;
}

void zonefile_begin(struct zonefile *zone)
{
	zone->line = 0;
	zone->origin.len = zone->owner.len = zone->apex.len = 0;
	zone->held->owner.len = zone->current->owner.len = 0;
	zone->origin_missed = false;
	zone->apex_state = APEX_UNKNOWN;
	zone->by_text = zone->by_labels = true;
	zone->depth = 0;
	zone->expect = EXPECT_OWNER;
	zone->in_rdata = false;
	zone->out_count = zone->out_next = 0;
}

bool zonefile_next(struct zonefile *zone, struct zonefile_name *name)
{
	const struct entry *entry;

	if (zone->out_next == zone->out_count)
		return false;
	entry = zone->out[zone->out_next++];
	*name = (struct zonefile_name){
		.text = entry->owner.at, .len = entry->owner.len, .line = entry->line};
	if (entry->whole && entry->len > 0) {
		name->records = entry->records;
		name->records_len = entry->len;
	}
	return true;
}

/* ---- texts ---- */

static bool text_equal(const struct text *a, const struct text *b)
{
	return a->len == b->len && memcmp(a->at, b->at, a->len) == 0;
}

static bool text_below(const struct text *name, const struct text *top)
{
	size_t apart = name->len - top->len;

	if (top->len == 1)
		return name->len > 1;
	return name->len > top->len && name->at[apart - 1] == '.' &&
	       memcmp(name->at + apart, top->at, top->len) == 0;
}

void text_append(struct text *text, const char *more, size_t len)
{
	if (len > TEXT_MAX - text->len)
		len = TEXT_MAX - text->len;
	for (size_t i = 0; i < len; i++)
		text->at[text->len++] = zonefile_lower(more[i]);
}

static int compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t len = a_len < b_len ? a_len : b_len;
	int order = memcmp(a, b, len);

	return order != 0 ? order : (a_len > b_len) - (a_len < b_len);
}

/* Where the label before `end` begins. */
static size_t label_before(const struct text *name, size_t end)
{
	while (end > 0 && name->at[end - 1] != '.')
		end--;
	return end;
}

/* As of RFC 4034 6.1: label by label from the right. */
static int compare_labels(const struct text *a, const struct text *b)
{
	size_t i = a->len - 1, j = b->len - 1; /* without the last dot */

	while (i > 0 && j > 0) {
		size_t from_a = label_before(a, i), from_b = label_before(b, j);
		int order = compare(a->at + from_a, i - from_a, b->at + from_b, j - from_b);

		if (order != 0)
			return order;
		i = from_a > 0 ? from_a - 1 : 0;
		j = from_b > 0 ? from_b - 1 : 0;
	}
	return (i > 0) - (j > 0);
}

/* ---- what records say ---- */

static void swap(struct entry **a, struct entry **b)
{
	struct entry *c = *a;

	*a = *b;
	*b = c;
}

static void emit(struct zonefile *zone, struct entry **entry)
{
	swap(&zone->out[zone->out_count++], entry);
	(*entry)->owner.len = 0;
}

/* All of the current owner's records have come. */
void zonefile_flush(struct zonefile *zone)
{
	struct entry **current = &zone->current;
	const struct text *owner = &(*current)->owner;

	if (!(*current)->has_ns || owner->len <= 1) { /* nobody delegates the root */
		(*current)->owner.len = 0;
	} else if (zone->apex_state == APEX_KNOWN && text_equal(owner, &zone->apex)) {
		(*current)->owner.len = 0;
	} else if (zone->apex_state != APEX_UNKNOWN) {
		emit(zone, current);
	} else if (zone->held->owner.len == 0) {
		swap(&zone->held, current);
		(*current)->owner.len = 0;
	} else if (text_below(owner, &zone->held->owner)) {
		zone->apex = zone->held->owner;
		zone->apex_state = APEX_KNOWN;
		zone->held->owner.len = 0;
		emit(zone, current);
	} else {
		zone->apex_state = APEX_NONE;
		emit(zone, &zone->held);
		emit(zone, current);
	}
}

void zonefile_soa(struct zonefile *zone)
{
	if (zone->want == ZONEFILE_ADDRESSES)
		return;
	zonefile_flush(zone);
	zone->apex = zone->owner;
	zone->apex_state = APEX_KNOWN;
	if (zone->held->owner.len > 0 && !text_equal(&zone->held->owner, &zone->apex))
		emit(zone, &zone->held);
	zone->held->owner.len = 0;
	zone->by_text = zone->by_labels = true; /* another zone may begin here */
}

/* Is the next owner of records behind the one before? Where the apex stands says nothing. */
static void watch_order(struct zonefile *zone)
{
	const struct text *before = &zone->current->owner, *owner = &zone->owner;

	if (before->len <= 1 || text_equal(before, &zone->apex) || text_equal(owner, &zone->apex))
		return;
	if (zone->by_text && compare(before->at, before->len, owner->at, owner->len) > 0)
		zone->by_text = false;
	if (zone->by_labels && compare_labels(before, owner) > 0)
		zone->by_labels = false;
}

/* The owner's entry, to which a record is added. */
static struct entry *entry_for(struct zonefile *zone)
{
	struct entry *entry = zone->current;

	if (text_equal(&entry->owner, &zone->owner))
		return entry;
	if (zone->want == ZONEFILE_DELEGATIONS)
		watch_order(zone);
	zonefile_flush(zone);
	entry = zone->current;
	entry->owner.len = zone->owner.len;
	memcpy(entry->owner.at, zone->owner.at, zone->owner.len);
	entry->line = zone->line;
	entry->has_ns = false;
	entry->whole = zone->want == ZONEFILE_DELEGATIONS && (zone->by_text || zone->by_labels);
	entry->len = 0;
	return entry;
}

static void add(struct entry *entry, const char *text, size_t len)
{
	if (len > sizeof(entry->records) - entry->len)
		entry->whole = false;
	if (!entry->whole)
		return;
	memcpy(entry->records + entry->len, text, len);
	entry->len += len;
}

bool zonefile_wants(const struct zonefile *zone, enum type type)
{
	if (zone->want == ZONEFILE_ADDRESSES)
		return type == A || type == AAAA;
	return type == NS || type == DS;
}

/* The first word of a record that is wanted. */
void zonefile_record(struct zonefile *zone)
{
	static const char *const words[] = {"", "", "NS", "DS", "A", "AAAA"};
	struct entry *entry = zone->current;

	if (zone->want == ZONEFILE_ADDRESSES) {
		entry->owner.len = zone->owner.len;
		memcpy(entry->owner.at, zone->owner.at, zone->owner.len);
		entry->line = zone->line;
		entry->whole = true;
		entry->len = 0;
	} else {
		entry = entry_for(zone);
	}
	entry->has_ns |= zone->type == NS;
	add(entry, words[zone->type], strlen(words[zone->type]));
}

void zonefile_rdata(struct zonefile *zone, const char *text, size_t len)
{
	add(zone->current, " ", 1);
	add(zone->current, text, len);
}

void zonefile_record_end(struct zonefile *zone)
{
	zone->in_rdata = false;
	add(zone->current, "\n", 1);
	if (zone->want == ZONEFILE_ADDRESSES && zone->out_count < OUT_MAX)
		emit(zone, &zone->current);
}

enum name_reason zonefile_end(struct zonefile *zone)
{
	zone->out_count = zone->out_next = 0;
	if (zone->in_rdata)
		zonefile_record_end(zone);
	if (zone->want != ZONEFILE_ADDRESSES)
		zonefile_flush(zone);
	if (zone->held->owner.len > 0 && !text_equal(&zone->held->owner, &zone->origin))
		emit(zone, &zone->held);
	zone->held->owner.len = 0;
	return zone->depth > 0 ? NAME_ZONE_SYNTAX : NAME_OK;
}
