/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * interpose -- a library for LD_PRELOAD that lets calls of a program fail, at a place of one's
 * choice.
 *
 *     FAULTS_LIST=FILE   adds a line to FILE for each place that is reached: its key, the call, where
 *     FAULTS_AT=KEY      the call fails at the place with that key ...
 *     FAULTS_NTH=N       ... when it is reached for the Nth time (1) ...
 *     FAULTS_ON=1        ... and ever after
 *     FAULTS_DONE=FILE   is made when it has failed
 *
 * A place is a call and the program's own functions that led to it: three of them, so that a helper
 * that many use counts for each of its users. Keys are the same from run to run, whatever the
 * addresses.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include <unwind.h>

#define FRAMES 3	/* of the program */
#define PLACES (1 << 14) /* a power of 2 */

static uintptr_t program_begin, program_end;
static _Atomic uint64_t places[PLACES];
static const char *done_path;
static int list_fd = -1;
static uint64_t wanted;
static long nth = 1;
static bool and_after;
static _Atomic long times;
static _Atomic bool ready;
static _Thread_local bool inside;

/* ---- where we are ---- */

struct trace {
	uint64_t hash;
	uintptr_t at[FRAMES];
	unsigned frames, skipped;
};

static void mix(struct trace *trace, uint64_t value)
{
	trace->hash = (trace->hash ^ value) * 0x9E3779B97F4A7C15u;
	trace->hash ^= trace->hash >> 29;
}

static _Unwind_Reason_Code step(struct _Unwind_Context *context, void *arg)
{
	struct trace *trace = arg;
	uintptr_t ip = _Unwind_GetIP(context);

	if (ip >= program_begin && ip < program_end) {
		mix(trace, ip - program_begin);
		trace->at[trace->frames++] = ip - program_begin;
	}
	return trace->frames == FRAMES || ++trace->skipped > 40 ? _URC_END_OF_STACK : _URC_NO_REASON;
}

static int find_program(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)size, (void)arg;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];

		if (part->p_type != PT_LOAD || !(part->p_flags & PF_X))
			continue;
		program_begin = info->dlpi_addr + part->p_vaddr;
		program_end = program_begin + part->p_memsz;
	}
	return 1; /* the first one is the program */
}

/* ---- to fail or not ---- */

/* With where it is in the segment of the program's code: addr2line -e PROGRAM wants its address (readelf -lW: R E) added. */
static void tell_place(const struct trace *trace, const char *call)
{
	char line[128];
	int len = snprintf(line, sizeof(line), "%016llx %s %zx %zx %zx\n", (unsigned long long)trace->hash, call,
			   (size_t)trace->at[0], (size_t)trace->at[1], (size_t)trace->at[2]);

	(void)!syscall(SYS_write, list_fd, line, (size_t)len);
}

static bool is_new(uint64_t key)
{
	for (uint64_t i = key; i != key + PLACES; i++) {
		uint64_t empty = 0;

		if (atomic_compare_exchange_strong(&places[i % PLACES], &empty, key))
			return true;
		if (empty == key)
			return false;
	}
	return false;
}

static bool it_is_time(void)
{
	long time = atomic_fetch_add(&times, 1) + 1;

	if (time != nth && !(and_after && time > nth))
		return false;
	if (done_path != NULL)
		syscall(SYS_close, syscall(SYS_openat, AT_FDCWD, done_path, O_CREAT | O_WRONLY, 0644));
	return true;
}

static bool fails(const char *call)
{
	struct trace trace = {0};
	bool failing = false;

	if (!atomic_load(&ready) || inside)
		return false;
	inside = true;
	for (const char *c = call; *c != '\0'; c++)
		mix(&trace, (uint64_t)*c);
	_Unwind_Backtrace(step, &trace);
	/* what libraries do before and after the program does anything is theirs */
	if (trace.frames > 0) {
		if (list_fd >= 0 && is_new(trace.hash))
			tell_place(&trace, call);
		failing = wanted != 0 && trace.hash == wanted && it_is_time();
	}
	inside = false;
	return failing;
}

__attribute__((constructor)) static void begin(void)
{
	const char *list = getenv("FAULTS_LIST"), *at = getenv("FAULTS_AT"), *which = getenv("FAULTS_NTH");
	struct trace trace = {0};

	dl_iterate_phdr(find_program, NULL);
	inside = true;
	_Unwind_Backtrace(step, &trace); /* what it loads, it loads now */
	inside = false;
	done_path = getenv("FAULTS_DONE");
	and_after = getenv("FAULTS_ON") != NULL;
	if (list != NULL) {
		int fd = (int)syscall(SYS_openat, AT_FDCWD, list, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0644);

		list_fd = (int)syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 900);
		if (list_fd < 0)
			list_fd = fd;
		else
			syscall(SYS_close, fd);
	}
	if (at != NULL)
		wanted = strtoull(at, NULL, 16);
	if (which != NULL)
		nth = atol(which);
	atomic_store(&ready, true);
}

/* ---- the calls ---- */

#define REAL(name)                                                                                                     \
	static __typeof__(name) *real;                                                                                 \
	if (real == NULL)                                                                                              \
		*(void **)(void *)&real = dlsym(RTLD_NEXT, #name)

#define FAIL(call, error, value)                                                                                       \
	do {                                                                                                           \
		if (fails(call)) {                                                                                     \
			errno = (error);                                                                               \
			return (value);                                                                                \
		}                                                                                                      \
	} while (0)

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size)
{
	FAIL("malloc", ENOMEM, NULL);
	return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	FAIL("calloc", ENOMEM, NULL);
	return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	FAIL("realloc", ENOMEM, NULL);
	return __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	FAIL("aligned_alloc", ENOMEM, NULL);
	return __libc_memalign(alignment, size);
}

int open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode = 0;

	va_start(args, flags);
	if (flags & (O_CREAT | O_TMPFILE))
		mode = va_arg(args, mode_t);
	va_end(args);
	FAIL("open", EMFILE, -1);
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

FILE *fopen(const char *path, const char *mode)
{
	REAL(fopen);
	FAIL("fopen", EMFILE, NULL);
	return real(path, mode);
}

ssize_t read(int fd, void *data, size_t len)
{
	FAIL("read", EIO, -1);
	return syscall(SYS_read, fd, data, len);
}

ssize_t pread(int fd, void *data, size_t len, off_t at)
{
	FAIL("pread", EIO, -1);
	return syscall(SYS_pread64, fd, data, len, at);
}

ssize_t write(int fd, const void *data, size_t len)
{
	FAIL("write", ENOSPC, -1);
	return syscall(SYS_write, fd, data, len);
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
	FAIL("pwrite", ENOSPC, -1);
	return syscall(SYS_pwrite64, fd, data, len, at);
}

size_t fwrite(const void *data, size_t size, size_t count, FILE *file)
{
	REAL(fwrite);
	FAIL("fwrite", ENOSPC, 0);
	return real(data, size, count, file);
}

int fsync(int fd)
{
	FAIL("fsync", EIO, -1);
	return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	FAIL("fdatasync", EIO, -1);
	return (int)syscall(SYS_fdatasync, fd);
}

int ftruncate(int fd, off_t len)
{
	FAIL("ftruncate", EIO, -1);
	return (int)syscall(SYS_ftruncate, fd, len);
}

/* As on a disk over a network: what was written is not there, and the descriptor is gone all the
 * same. */
int close(int fd)
{
	bool failing = fails("close");
	int result = (int)syscall(SYS_close, fd);

	if (!failing)
		return result;
	errno = EIO;
	return -1;
}

int fclose(FILE *file)
{
	REAL(fclose);
	bool failing = fails("fclose");
	int result = real(file);

	if (!failing)
		return result;
	errno = ENOSPC;
	return EOF;
}

int rename(const char *from, const char *to)
{
	FAIL("rename", EIO, -1);
	return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int unlink(const char *path)
{
	FAIL("unlink", EACCES, -1);
	return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

int mkdir(const char *path, mode_t mode)
{
	FAIL("mkdir", ENOSPC, -1);
	return (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

void *mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset)
{
	FAIL("mmap", ENOMEM, MAP_FAILED);
	return (void *)syscall(SYS_mmap, at, len, protection, flags, fd, offset);
}

int socket(int family, int type, int protocol)
{
	FAIL("socket", EMFILE, -1);
	return (int)syscall(SYS_socket, family, type, protocol);
}

int bind(int fd, __CONST_SOCKADDR_ARG addr, socklen_t len)
{
	FAIL("bind", EADDRINUSE, -1);
	return (int)syscall(SYS_bind, fd, addr.__sockaddr__, len);
}

int connect(int fd, __CONST_SOCKADDR_ARG addr, socklen_t len)
{
	FAIL("connect", ENETUNREACH, -1);
	return (int)syscall(SYS_connect, fd, addr.__sockaddr__, len);
}

ssize_t send(int fd, const void *data, size_t len, int flags)
{
	FAIL("send", ENOBUFS, -1);
	return syscall(SYS_sendto, fd, data, len, flags, NULL, 0);
}

int sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
	FAIL("sendmmsg", EPERM, -1);
	return (int)syscall(SYS_sendmmsg, fd, messages, count, flags);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	FAIL("sendmsg", ENOBUFS, -1);
	return syscall(SYS_sendmsg, fd, message, flags);
}

ssize_t recv(int fd, void *data, size_t len, int flags)
{
	FAIL("recv", ECONNRESET, -1);
	return syscall(SYS_recvfrom, fd, data, len, flags, NULL, NULL);
}

int recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags, struct timespec *wait)
{
	FAIL("recvmmsg", ENOMEM, -1);
	return (int)syscall(SYS_recvmmsg, fd, messages, count, flags, wait);
}

ssize_t readv(int fd, const struct iovec *parts, int count)
{
	FAIL("readv", ECONNRESET, -1);
	return syscall(SYS_readv, fd, parts, count);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
	FAIL("writev", EPIPE, -1);
	return syscall(SYS_writev, fd, parts, count);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *arg)
{
	REAL(pthread_create);
	if (fails("pthread_create"))
		return EAGAIN;
	return real(thread, attributes, start, arg);
}
