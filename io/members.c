/* SPDX-License-Identifier: BSD-2-Clause */

#include "io/members.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "io/gzip.h"
#include "io/outfile.h"

/* What a thread compresses with. */
struct press {
	struct press *next;
	struct gzip_deflater *deflater;
	struct buf packed;
};

struct members {
	int level;
	pthread_mutex_t lock; /* over all below */
	pthread_cond_t moved; /* turn or written did */
	struct outfile *file;
	int error;
	uint64_t turn;	     /* that may put */
	uint64_t count;	     /* members cut so far */
	uint64_t written;    /* of these, are in the file, or lost */
	struct buf tail;     /* text that is no member yet */
	struct press *press; /* not in use */
};

struct members *members_create(const char *path, int level)
{
	struct members *members = calloc(1, sizeof(*members));

	if (!members)
		return NULL;
	members->level = level;
	members->file = outfile_create(path);
	if (!members->file) {
		free(members);
		return NULL;
	}
	pthread_mutex_init(&members->lock, NULL);
	pthread_cond_init(&members->moved, NULL);
	return members;
}

static void press_free(struct press *press)
{
	gzip_deflater_destroy(&press->deflater);
	buf_free(&press->packed);
	free(press);
}

void members_abandon(struct members **members)
{
	struct members *m = *members;

	if (!m)
		return;
	for (struct press *press = m->press, *next; press; press = next) {
		next = press->next;
		press_free(press);
	}
	outfile_abandon(&m->file);
	buf_free(&m->tail);
	pthread_cond_destroy(&m->moved);
	pthread_mutex_destroy(&m->lock);
	free(m);
	*members = NULL;
}

static struct press *take_press(struct members *members)
{
	struct press *press;

	pthread_mutex_lock(&members->lock);
	press = members->press;
	if (press)
		members->press = press->next;
	pthread_mutex_unlock(&members->lock);
	if (press)
		return press;
	press = calloc(1, sizeof(*press));
	if (press)
		press->deflater = gzip_deflater_create(members->level);
	if (press && !press->deflater) {
		free(press);
		press = NULL;
	}
	return press;
}

static void give_press(struct members *members, struct press *press)
{
	pthread_mutex_lock(&members->lock);
	press->next = members->press;
	members->press = press;
	pthread_mutex_unlock(&members->lock);
}

/* Octets of the first member of the text; 0: there is none that is whole. */
static size_t first_member(const char *text, size_t len)
{
	const char *lf = len < MEMBERS_OCTETS ? NULL
					      : memchr(text + MEMBERS_OCTETS - 1, '\n',
						       len - (MEMBERS_OCTETS - 1));

	return lf ? (size_t)(lf - text) + 1 : 0;
}

/* Joins the text to what is left from the turn before. All that is whole goes to *whole, in *count
 * members, the first of them with the number *first. */
static int cut(struct members *members, const void *text, size_t len, struct buf *whole,
	       uint64_t *first, uint64_t *count)
{
	struct buf rest = BUF_EMPTY;
	size_t at = 0, member;

	buf_add(&members->tail, text, len);
	*first = members->count;
	*count = 0;
	for (; (member = first_member(members->tail.data + at, members->tail.len - at)) > 0;
	     at += member)
		++*count;
	if (members->tail.failed)
		return -ENOMEM;
	if (*count == 0)
		return 0;
	buf_add(&rest, members->tail.data + at, members->tail.len - at);
	if (rest.failed)
		return -ENOMEM;
	*whole = members->tail;
	whole->len = at;
	members->tail = rest;
	members->count += *count;
	return 0;
}

/* Writes the member of that number when it is its turn. */
static int write_member(struct members *members, uint64_t number, const struct buf *packed,
			int error)
{
	pthread_mutex_lock(&members->lock);
	while (members->written != number)
		pthread_cond_wait(&members->moved, &members->lock);
	error = members->error ? members->error : error;
	pthread_mutex_unlock(&members->lock);
	if (!error)
		error = outfile_write(members->file, packed->data, packed->len);
	pthread_mutex_lock(&members->lock);
	members->error = members->error ? members->error : error;
	members->written++;
	pthread_cond_broadcast(&members->moved);
	pthread_mutex_unlock(&members->lock);
	return error;
}

static int press_members(struct members *members, const struct buf *whole, uint64_t first,
			 uint64_t count)
{
	struct press *press = take_press(members);
	struct buf none = BUF_EMPTY;
	size_t at = 0, len;
	int error = 0;

	for (uint64_t i = 0; i < count; i++, at += len) {
		len = first_member(whole->data + at, whole->len - at);
		if (press)
			buf_clear(&press->packed);
		if (!press || !gzip_member(press->deflater, whole->data + at, len, &press->packed))
			error = -ENOMEM;
		error = write_member(members, first + i, press ? &press->packed : &none, error);
	}
	if (press)
		give_press(members, press);
	return error;
}

int members_put(struct members *members, uint64_t turn, const void *text, size_t len)
{
	struct buf whole = BUF_EMPTY;
	uint64_t first = 0, count = 0;
	int error;

	pthread_mutex_lock(&members->lock);
	while (members->turn != turn)
		pthread_cond_wait(&members->moved, &members->lock);
	if (!members->error)
		members->error = cut(members, text, len, &whole, &first, &count);
	error = members->error;
	members->turn++;
	pthread_cond_broadcast(&members->moved);
	pthread_mutex_unlock(&members->lock);
	if (count)
		error = press_members(members, &whole, first, count);
	buf_free(&whole);
	return error;
}

int members_commit(struct members **members)
{
	struct members *m = *members;
	struct press *press = m->error ? NULL : take_press(m);
	int error = m->error ? m->error : press ? 0 : -ENOMEM;

	if (!error && m->tail.len) {
		buf_clear(&press->packed);
		error = gzip_member(press->deflater, m->tail.data, m->tail.len, &press->packed)
				? outfile_write(m->file, press->packed.data, press->packed.len)
				: -ENOMEM;
	}
	if (press)
		press_free(press);
	if (!error)
		error = outfile_commit(&m->file);
	members_abandon(members);
	return error;
}
