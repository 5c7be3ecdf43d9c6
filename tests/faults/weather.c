/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * weather -- a library for LD_PRELOAD that lets a program have a bad night: networks, clocks and
 * disks as they are, without the rights to make real ones so. Times are seconds since it started.
 *
 *     WEATHER_SEND=ERROR@FROM-TO[/ADDRESS]  datagrams (to that IPv4 address) fail between: EPERM,
 *                                           ENOBUFS, or any number
 *     WEATHER_TRAINS=ERROR                  trains of datagrams (UDP_SEGMENT) do
 *     WEATHER_WALL=SECONDS@FROM             the clock of the day is wrong by so much from then on
 *     WEATHER_DISK=MS@FROM-TO               each write to a file takes so long in between
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct spell {
	double from, to;
	double much;
	struct in_addr addr; /* 0: all */
	bool on;
};

static struct spell sending, trains, wall, disk;
static double begun;

static double now(void)
{
	struct timespec time;

	(void)syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double error_number(const char *text)
{
	static const struct {
		const char *name;
		int number;
	} errors[] = {{"EPERM", EPERM}, {"ENOBUFS", ENOBUFS}, {"EIO", EIO}, {"EINVAL", EINVAL}};

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (strncmp(text, errors[i].name, strlen(errors[i].name)) == 0)
			return errors[i].number;
	return atof(text);
}

static struct spell read_spell(const char *name)
{
	const char *text = getenv(name), *at, *addr;
	struct spell spell = {.to = 1e9};

	if (text == NULL)
		return spell;
	spell.on = true;
	spell.much = error_number(text);
	at = strchr(text, '@');
	if (at != NULL)
		(void)sscanf(at, "@%lf-%lf", &spell.from, &spell.to);
	addr = strchr(text, '/');
	if (addr != NULL && inet_pton(AF_INET, addr + 1, &spell.addr) != 1)
		abort();
	return spell;
}

__attribute__((constructor)) static void begin(void)
{
	begun = now();
	sending = read_spell("WEATHER_SEND");
	trains = read_spell("WEATHER_TRAINS");
	wall = read_spell("WEATHER_WALL");
	disk = read_spell("WEATHER_DISK");
}

static bool is_time_of(const struct spell *spell)
{
	double time = spell->on ? now() - begun : -1;

	return spell->on && time >= spell->from && time < spell->to;
}

/* ---- the network ---- */

static bool goes_to(int fd, const struct msghdr *message, struct in_addr addr)
{
	struct sockaddr_in to = {0};
	socklen_t len = sizeof(to);

	if (addr.s_addr == 0)
		return true;
	if (message->msg_name != NULL && message->msg_namelen <= sizeof(to))
		memcpy(&to, message->msg_name, message->msg_namelen);
	else if (message->msg_name == NULL)
		(void)getpeername(fd, (struct sockaddr *)&to, &len);
	return to.sin_family == AF_INET && to.sin_addr.s_addr == addr.s_addr;
}

/* 0, or the errno that sending this comes to. */
static int refused(int fd, const struct msghdr *message)
{
	if (is_time_of(&trains) && message->msg_controllen > 0)
		return (int)trains.much;
	if (is_time_of(&sending) && goes_to(fd, message, sending.addr))
		return (int)sending.much;
	return 0;
}

int sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
	unsigned good = 0;
	int error = 0;

	while (good < count && (error = refused(fd, &messages[good].msg_hdr)) == 0)
		good++;
	if (good == 0 && count > 0) {
		errno = error;
		return -1;
	}
	return (int)syscall(SYS_sendmmsg, fd, messages, good, flags);
}

/* ---- the clock ---- */

int clock_gettime(clockid_t clock, struct timespec *time)
{
	int result = (int)syscall(SYS_clock_gettime, clock, time);

	if (clock == CLOCK_REALTIME && is_time_of(&wall))
		time->tv_sec += (time_t)wall.much;
	return result;
}

/* ---- the disk ---- */

ssize_t write(int fd, const void *data, size_t len)
{
	struct stat st;

	if (is_time_of(&disk) && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		(void)usleep((useconds_t)(disk.much * 1000));
	return syscall(SYS_write, fd, data, len);
}
