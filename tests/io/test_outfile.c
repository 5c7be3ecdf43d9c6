/* SPDX-License-Identifier: BSD-2-Clause */

#include "io/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/tap.h"

static bool exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static const char *content(const char *path)
{
	static char text[100];
	FILE *file = fopen(path, "r");

	if (!file)
		return NULL;
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	return text;
}

static void test_commit(void)
{
	struct outfile *file = outfile_create("a");

	ok(file && exists("a.part") && !exists("a"), "under way");
	is_int(outfile_write(file, "hello ", 6), 0, "write");
	is_int(outfile_write(file, "", 0), 0, "nothing");
	is_int(outfile_write(file, "world", 5), 0, "more");
	is_int((long long)outfile_size(file), 11, "size");
	is_int(outfile_commit(&file), 0, "commit");
	ok(!file && !exists("a.part"), "nothing left over");
	is_str(content("a"), "hello world", "whole");

	file = outfile_create("a");
	outfile_write(file, "new", 3);
	is_str(content("a"), "hello world", "the old one until the new one is whole");
	outfile_abandon(&file);
	ok(!file && !exists("a.part"), "abandoned");
	is_str(content("a"), "hello world", "the old one stays");
	outfile_abandon(&file);
	is_int(outfile_put("a", "new", 3), 0, "replaced");
	is_str(content("a"), "new", "by the new one");
	is_int(outfile_put("empty", NULL, 0), 0, "an empty file");
	is_str(content("empty"), "", "is empty");
}

static void test_leftovers(void)
{
	struct outfile *file;

	outfile_put("b.part", "an older and longer one", 23);
	is_int(outfile_put("b", "new", 3), 0, "over an old .part");
	is_str(content("b"), "new", "nothing of it is left");
	outfile_put("victim", "precious", 8);
	if (symlink("victim", "c.part") != 0 || symlink("victim", "d") != 0)
		abort();
	is_int(outfile_put("c", "new", 3), 0, "over a planted link");
	is_str(content("victim"), "precious", "where it leads nothing changes");
	is_int(outfile_put("d", "meant", 5), 0, "through a link on purpose");
	is_str(content("victim"), "meant", "where it leads it is written");
	ok(readlink("d", (char[1]){0}, 1) == 1, "and the link stays a link");
	file = outfile_create("e");
	outfile_write(file, "x", 1);
	if (mkdir("e", 0777) != 0)
		abort();
	ok(outfile_commit(&file) < 0 && !file, "a directory came in between");
	ok(exists("e.part"), "what was written stays");
}

static void test_refused(void)
{
	ok(!outfile_create("no/such/directory") && errno == ENOENT, "no such directory");
	ok(!outfile_create(".") && errno == EISDIR, "a directory");
	ok(!outfile_create("a/file") && errno == ENOTDIR, "a file as directory");
	ok(!outfile_create("") && errno != 0, "no name");
	is_int(outfile_put("no/such/directory", "x", 1), -ENOENT, "all at once");
}

static void test_full(void)
{
	struct outfile *file = outfile_create("/dev/full");
	struct stat st;

	is_int(outfile_write(file, "x", 1), -ENOSPC, "a full disk");
	is_int(outfile_write(file, "", 0), -ENOSPC, "the error sticks");
	is_int(outfile_commit(&file), -ENOSPC, "to the end");
	ok(stat("/dev/full", &st) == 0 && S_ISCHR(st.st_mode), "a device is not replaced");
	ok(!exists("/dev/full.part"), "and has no .part");
	is_int(outfile_put("/dev/full", "x", 1), -ENOSPC, "all at once");
	is_int(outfile_put("/dev/null", "x", 1), 0, "/dev/null takes all");
}

/* The disk fills up in the middle: the write that crosses the limit is cut, the next one fails. */
static void test_limit(void)
{
	struct rlimit before, limit;
	struct outfile *file;
	static char data[5000];

	getrlimit(RLIMIT_FSIZE, &before);
	limit = before;
	limit.rlim_cur = 8000;
	file = outfile_create("f");
	setrlimit(RLIMIT_FSIZE, &limit);
	is_int(outfile_write(file, data, sizeof(data)), 0, "below the limit");
	is_int(outfile_write(file, data, sizeof(data)), -EFBIG, "across the limit");
	setrlimit(RLIMIT_FSIZE, &before);
	is_int((long long)outfile_size(file), 8000, "what went in");
	is_int(outfile_commit(&file), -EFBIG, "no commit");
	ok(!exists("f") && exists("f.part"), "no file that looks whole");

	file = outfile_create("cut");
	outfile_write(file, "whole\n", 6);
	setrlimit(RLIMIT_FSIZE, &limit);
	is_int(outfile_write(file, data, sizeof(data)), 0, "more");
	is_int(outfile_write(file, data, sizeof(data)), -EFBIG, "across the limit");
	is_int(outfile_cut(file, 6), 0, "cut to what was whole");
	is_int((long long)outfile_size(file), 6, "its size");
	is_int(outfile_write(file, "end\n", 4), 0, "it can be written again");
	setrlimit(RLIMIT_FSIZE, &before);
	is_int(outfile_commit(&file), 0, "and committed");
	is_str(content("cut"), "whole\nend\n", "it holds that and no more");
	file = outfile_create("cut");
	ok(outfile_cut(file, 1) < 0, "there is nothing to cut to");
	outfile_abandon(&file);
	file = outfile_create("-");
	ok(outfile_cut(file, 0) < 0, "standard output cannot be cut");
	outfile_abandon(&file);
}

struct drain {
	int fd;
	size_t got;
};

static void *drain(void *arg)
{
	struct drain *me = arg;
	char data[10000];
	ssize_t got;

	while ((got = read(me->fd, data, sizeof(data))) > 0)
		me->got += (size_t)got;
	return NULL;
}

/* Standard output: as a pipe that somebody made non-blocking, then with nobody behind it. */
static void test_standard_output(void)
{
	static char data[1 << 20];
	struct drain reader = {0, 0};
	struct outfile *file;
	pthread_t thread;
	int fds[2], saved, status, broken;

	if (pipe(fds) != 0 || fcntl(fds[1], F_SETFL, O_NONBLOCK) != 0)
		abort();
	reader.fd = fds[0];
	fflush(stdout);
	saved = dup(STDOUT_FILENO);
	dup2(fds[1], STDOUT_FILENO);
	close(fds[1]);
	if (pthread_create(&thread, NULL, drain, &reader) != 0)
		abort();
	file = outfile_create("-");
	status = outfile_write(file, data, sizeof(data));
	if (status == 0)
		status = outfile_commit(&file);
	broken = fcntl(STDOUT_FILENO, F_GETFD); /* still open? */
	dup2(saved, STDOUT_FILENO);
	pthread_join(thread, NULL);
	close(fds[0]);
	is_int(status, 0, "to a slow non-blocking pipe");
	is_int((long long)reader.got, sizeof(data), "all of it");
	ok(broken >= 0, "standard output stays open");
	ok(!exists("-") && !exists("-.part"), "no file of that name");

	if (pipe(fds) != 0)
		abort();
	close(fds[0]);
	fflush(stdout);
	dup2(fds[1], STDOUT_FILENO);
	close(fds[1]);
	status = outfile_put("-", "x", 1);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	is_int(status, -EPIPE, "a closed pipe is an error");
}

int main(void)
{
	char folder[PATH_MAX];
	const char *tmp = getenv("TMPDIR");

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	alarm(60);
	snprintf(folder, sizeof(folder), "%s/test_outfile.XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(folder) || chdir(folder) != 0)
		abort();
	test_commit();
	test_leftovers();
	test_refused();
	test_full();
	test_limit();
	test_standard_output();
	if (system("rm -r -- \"$PWD\"/*") != 0 || rmdir(folder) != 0)
		printf("# %s is left over\n", folder);
	return done_testing();
}
