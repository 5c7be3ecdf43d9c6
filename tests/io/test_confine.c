/* SPDX-License-Identifier: BSD-2-Clause */

/* A confined thread: what it cannot do any more, what it can, and that others can. */
#include "io/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/tap.h"

static void *other(void *arg)
{
	return arg;
}

static void *confined(void *arg)
{
	char *const none[] = {NULL};
	char name[] = "/tmp/test_confine-XXXXXX";
	pthread_t thread;
	bool *is = arg;
	int fd;

	*is = confine_thread();
	if (!*is) {
		ok(true, "confined # SKIP the kernel refuses, or a sanitizer is at work");
		return NULL;
	}
	ok(open("/dev/null", O_RDONLY) < 0 && errno == EPERM, "opens no file");
	ok(mkstemp(name) < 0 && errno == EPERM, "makes none");
	ok(rename("/nowhere/a", "/nowhere/b") < 0 && errno == EPERM, "renames none");
	ok(unlink("/nowhere/a") < 0 && errno == EPERM, "removes none");
	ok(execve("/bin/true", none, none) < 0 && errno == EPERM, "starts no program");
	ok(pthread_create(&thread, NULL, other, NULL) == EPERM, "starts no thread");
	ok(syscall(SYS_setuid, 0) < 0 && errno == EPERM, "is nobody else");
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	ok(fd >= 0, "opens sockets");
	ok(bind(fd, (struct sockaddr *)&(struct sockaddr_in){.sin_family = AF_INET}, sizeof(struct sockaddr_in)) == 0,
	   "and uses them");
	ok(close(fd) == 0, "and closes them");
	ok(mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED, "has memory");
	ok(confine_thread(), "is confined once more");
	return NULL;
}

int main(void)
{
	pthread_t thread;
	bool is = false;
	int fd, error = pthread_create(&thread, NULL, confined, &is);

	if (error == 0)
		pthread_join(thread, NULL);
	ok(error == 0, "a thread");
	fd = open("/dev/null", O_RDONLY);
	ok(fd >= 0, "other threads open files");
	close(fd);
	ok(pthread_create(&thread, NULL, other, NULL) == 0 && pthread_join(thread, NULL) == 0, "and start threads");
	return done_testing();
}
