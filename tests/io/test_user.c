/* SPDX-License-Identifier: BSD-2-Clause */

/* Another user, tried, and then for good. */
#include "io/user.h"

#include <grp.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/tap.h"

#define UID 4711
#define GID 4712

static bool is(uid_t uid, gid_t gid)
{
	uid_t r, e, s;
	gid_t groups[3];

	return getresuid(&r, &e, &s) == 0 && r == uid && e == uid && getgid() == gid &&
	       getegid() == gid && (uid == 0 || (getgroups(3, groups) == 1 && groups[0] == gid));
}

/* In a process of its own: the other one has tests to go on with. */
static void stay(void)
{
	int status = -1;
	pid_t child;

	fflush(stdout); /* a sanitizer writes what is left at _exit(), too */
	child = fork();
	if (child == 0) {
		struct user *user = user_try(UID, GID);

		if (user == NULL || !user_stay(user) || !is(UID, GID))
			_exit(1);
		_exit(setresuid(0, 0, 0) == 0 ? 2 : 0);
	}
	ok(child > 0 && waitpid(child, &status, 0) == child && status == 0,
	   "who stays is another for good");
}

int main(void)
{
	gid_t group = 4713;
	struct user *user;

	if (geteuid() != 0) {
		ok(user_try(UID, GID) == NULL, "only root becomes somebody else");
		return done_testing();
	}
	user = setgroups(1, &group) == 0 ? user_try(UID, GID) : NULL;
	if (user == NULL) {
		ok(is(0, getegid()), "who cannot become another is who he was");
		return done_testing();
	}
	ok(is(UID, GID), "another user, in one group");
	ok(access("/root/.", X_OK) != 0 || access("/etc/shadow", R_OK) != 0,
	   "who may not do what root may");
	user_return(user);
	ok(is(0, 0), "and back");
	ok(getgroups(1, &group) == 1 && group == 4713, "in the groups there were");
	stay();
	return done_testing();
}
