/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Records lie in an arena from its bottom up, what is sorted (the first octets of each key, and
 * where the record lies) from its top down; when they meet, it is full. The sort looks at eight
 * octets of the keys at a time: many are dealt out by one octet after the other (McIlroy, Bostic
 * and McIlroy's American flag sort), few by a quicksort in three parts (Bentley and Sedgewick).
 */
#include "io/sorter-inside.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define FEW	  24
#define MANY	  1024
#define ARENA_MIN (256U * 1024)
/* How many runs are merged at once: files that are open. */
#define RUNS_LEAST 8
#define RUNS_MOST  400

/* Before the octets of a record in the arena. */
struct head {
	uint32_t payload_len;
	uint16_t key_len;
} __attribute__((packed));

/* ---- the arenas ---- */

uint64_t sorter_letter(const char *key, size_t len, size_t depth)
{
	uint64_t octets = 0;

	if (depth < len)
		memcpy(&octets, key + depth, len - depth < 8 ? len - depth : 8);
	return be64toh(octets);
}

static bool arena_map(struct arena *arena)
{
	void *base = mmap(NULL, arena->size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	arena->base = base == MAP_FAILED ? NULL : base;
	if (!arena->base)
		return false;
	(void)madvise(base, arena->size,
		      MADV_HUGEPAGE); /* it is read in the order of keys: all over it */
	arena->items = (struct item *)(void *)(arena->base + arena->size);
	return true;
}

static void arena_free(struct arena *arena)
{
	if (arena->base)
		munmap(arena->base, arena->size);
	arena->base = NULL;
	arena->count = 0;
	buf_free(&arena->plain);
}

void sorter_prefetch(const struct arena *arena, size_t index)
{
	if (index < arena->count) {
		const char *p = arena->base + arena->items[index].at;

		__builtin_prefetch(p);
		__builtin_prefetch(p + 63);
	}
}

struct record sorter_record_at(const struct arena *arena, size_t at)
{
	const char *p = arena->base + at;
	struct head head;

	memcpy(&head, p, sizeof(head));
	p += sizeof(head);
	return (struct record){p, p + head.key_len, head.key_len, head.payload_len};
}

struct sorter *sorter_create(const struct sorter_plan *plan)
{
	struct sorter *sorter = calloc(1, sizeof(*sorter) + plan->writers * sizeof(struct arena));
	size_t size = plan->writers ? plan->memory / plan->writers : 0;

	if (!sorter)
		return NULL;
	sorter->plan = *plan;
	pthread_mutex_init(&sorter->lock, NULL);
	sorter->run_most = plan->memory / 2 / SORTER_RUN_OCTETS;
	sorter->run_most = sorter->run_most < RUNS_LEAST  ? RUNS_LEAST
			   : sorter->run_most > RUNS_MOST ? RUNS_MOST
							  : sorter->run_most;
	for (unsigned i = 0; i < plan->writers; i++)
		sorter->arena[i].size = (size < ARENA_MIN ? ARENA_MIN : size) & ~(size_t)4095;
	return sorter;
}

void sorter_destroy(struct sorter **sorter)
{
	if (!*sorter)
		return;
	sorter_free_runs(*sorter);
	for (unsigned i = 0; i < (*sorter)->plan.writers; i++)
		arena_free(&(*sorter)->arena[i]);
	pthread_mutex_destroy(&(*sorter)->lock);
	free(*sorter);
	*sorter = NULL;
}

/* ---- sorting ---- */

/* From the depth on, where both have the same octets before it. */
static int compare_at(const struct arena *arena, const struct item *a, const struct item *b)
{
	struct record x, y;

	if (a->letter != b->letter)
		return a->letter < b->letter ? -1 : 1;
	x = sorter_record_at(arena, a->at);
	y = sorter_record_at(arena, b->at);
	return record_compare(&x, &y);
}

static void insertion_sort(const struct arena *arena, struct item *items, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct item item = items[i];
		size_t j = i;

		for (; j > 0 && compare_at(arena, &item, &items[j - 1]) < 0; j--)
			items[j] = items[j - 1];
		items[j] = item;
	}
}

static uint64_t middle(uint64_t a, uint64_t b, uint64_t c)
{
	if (a < b)
		return b < c ? b : a < c ? c : a;
	return a < c ? a : b < c ? c : b;
}

/* Of nine, so that neither sorted nor repeated keys make it slow. */
static uint64_t pivot(const struct item *items, size_t count)
{
	size_t step = count / 9;
	uint64_t best[3];

	for (size_t i = 0; i < 3; i++)
		best[i] = middle(items[3 * i * step].letter, items[(3 * i + 1) * step].letter,
				 items[(3 * i + 2) * step].letter);
	return middle(best[0], best[1], best[2]);
}

static void swap(struct item *a, struct item *b)
{
	struct item c = *a;

	*a = *b;
	*b = c;
}

/* Those whose keys end within the letter go before the others; returns how many there are. */
static size_t next_letter(const struct arena *arena, struct item *items, size_t count, size_t depth)
{
	size_t ended = 0;

	for (size_t i = 0; i < count; i++) {
		struct record record = sorter_record_at(arena, items[i].at);

		if (i + 8 < count)
			__builtin_prefetch(arena->base + items[i + 8].at);
		if (record.key_len > depth + 8)
			items[i].letter = sorter_letter(record.key, record.key_len, depth + 8);
		else
			swap(&items[i], &items[ended++]);
	}
	return ended;
}

static void sort(const struct arena *arena, struct item *items, size_t count, size_t depth)
{
	while (count > FEW) {
		uint64_t middle_letter = pivot(items, count);
		size_t less = 0, more = count, i = 0, ended;

		while (i < more) {
			if (items[i].letter < middle_letter)
				swap(&items[i++], &items[less++]);
			else if (items[i].letter > middle_letter)
				swap(&items[i], &items[--more]);
			else
				i++;
		}
		ended = next_letter(arena, items + less, more - less, depth);
		insertion_sort(arena, items + less, ended); /* few lengths, nearly always one */
		sort(arena, items + less + ended, more - less - ended, depth + 8);
		if (less < count - more) { /* the smaller part by a call, the larger one here */
			sort(arena, items, less, depth);
			items += more;
			count -= more;
		} else {
			sort(arena, items + more, count - more, depth);
			count = less;
		}
	}
	insertion_sort(arena, items, count);
}

/* By the octets of the first letter, from the one at `shift` on; those before it are equal. */
static void deal(const struct arena *arena, struct item *items, size_t count, unsigned shift)
{
	size_t begin[256], next[256], size[256] = {0}, sum = 0;

	for (size_t i = 0; i < count; i++)
		size[items[i].letter >> shift & 255]++;
	for (unsigned i = 0; i < 256; i++) {
		begin[i] = next[i] = sum;
		sum += size[i];
	}
	for (unsigned i = 0; i < 256; i++)
		while (next[i] < begin[i] + size[i]) {
			unsigned to = items[next[i]].letter >> shift & 255;

			if (to == i)
				next[i]++;
			else
				swap(&items[next[i]], &items[next[to]++]);
		}
	for (unsigned i = 0; i < 256; i++) {
		if (size[i] > MANY && shift > 0)
			deal(arena, items + begin[i], size[i], shift - 8);
		else
			sort(arena, items + begin[i], size[i], 0);
	}
}

static void sort_arena(struct arena *arena)
{
	deal(arena, arena->items, arena->count, 56);
}

/* ---- putting ---- */

static int flush(struct sorter *sorter, struct arena *arena)
{
	int error;

	sort_arena(arena);
	error = sorter_spill_arena(sorter, arena);
	arena->spilled = true;
	arena->used = arena->count = 0;
	arena->items = (struct item *)(void *)(arena->base + arena->size);
	return error;
}

int sorter_put(struct sorter *sorter, unsigned writer, const struct record *record)
{
	struct arena *arena = &sorter->arena[writer];
	struct head head = {(uint32_t)record->payload_len, (uint16_t)record->key_len};
	size_t size = sizeof(head) + record->key_len + record->payload_len;
	char *p;

	assert(writer < sorter->plan.writers && record->key_len <= RECORD_KEY_MAX);
	if (!arena->base && !arena_map(arena))
		return -ENOMEM;
	if (size + sizeof(*arena->items) > arena->size)
		return -E2BIG;
	if (arena->used + size + (arena->count + 1) * sizeof(*arena->items) > arena->size) {
		int error = flush(sorter, arena);

		if (error)
			return error;
	}
	p = arena->base + arena->used;
	memcpy(p, &head, sizeof(head));
	p += sizeof(head);
	memcpy(p, record->key, record->key_len);
	if (record->payload_len)
		memcpy(p + record->key_len, record->payload, record->payload_len);
	*--arena->items =
		(struct item){sorter_letter(record->key, record->key_len, 0), arena->used};
	arena->count++;
	arena->used += size;
	return 0;
}

int sorter_close(struct sorter *sorter, unsigned writer)
{
	struct arena *arena = &sorter->arena[writer];
	int error = 0;

	if (arena->spilled && arena->count > 0) {
		error = flush(sorter, arena);
	} else if (arena->count > 0) {
		sort_arena(arena);
		error = sorter_add_arena(sorter, arena);
	}
	if (arena->spilled) /* for who reads */
		arena_free(arena);
	return error;
}
