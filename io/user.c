/* SPDX-License-Identifier: BSD-2-Clause */

#include "io/user.h"

#include <assert.h>
#include <grp.h>
#include <stdlib.h>
#include <unistd.h>

struct user {
	uid_t uid, to;
	gid_t gid;
	int count;
	gid_t groups[];
};

static struct user *who_we_are(void)
{
	int count = getgroups(0, NULL);
	struct user *user;

	if (count < 0)
		return NULL;
	user = malloc(sizeof(*user) + (size_t)count * sizeof(gid_t));
	if (user == NULL)
		return NULL;
	user->uid = geteuid();
	user->gid = getegid();
	user->count = getgroups(count, user->groups);
	if (user->count >= 0)
		return user;
	free(user);
	return NULL;
}

struct user *user_try(uid_t uid, gid_t gid)
{
	struct user *user = who_we_are();

	if (user == NULL)
		return NULL;
	user->to = uid;
	if (setgroups(1, &gid) == 0 && setresgid(gid, gid, gid) == 0 &&
	    setresuid(uid, uid, user->uid) == 0)
		return user;
	user_return(user);
	return NULL;
}

bool user_stay(struct user *user)
{
	if (setresuid(user->to, user->to, user->to) != 0) {
		user_return(user);
		return false;
	}
	free(user);
	return true;
}

void user_return(struct user *user)
{
	/* The saved user lets it back, and is root. */
	if (setresuid(user->uid, user->uid, user->uid) != 0 ||
	    setresgid(user->gid, user->gid, user->gid) != 0)
		abort();
	(void)setgroups((size_t)user->count, user->groups);
	free(user);
}
