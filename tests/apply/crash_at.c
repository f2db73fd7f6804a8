/* crash_at.c - for LD_PRELOAD: ends the program by SIGKILL at the N-th call that changes something.
 *
 * CRASH_AT is N, counted from 1; CRASH_WHEN is "before" or "after" that call is made. What goes to
 * standard output and standard error changes nothing, nor does setns() before the first of these
 * calls: those were for looking. There is no cleaning up after SIGKILL, so
 * what is found then is what a crash of the program leaves. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum moment { BEFORE, AFTER };

static long calls;

static void pass(enum moment moment)
{
	const char *at = getenv("CRASH_AT"), *when = getenv("CRASH_WHEN");
	enum moment wanted = when && strcmp(when, "after") == 0 ? AFTER : BEFORE;

	if (moment == BEFORE)
		calls++;
	if (at && moment == wanted && calls == strtol(at, NULL, 10))
		kill(getpid(), SIGKILL);
}

/* The function of the C library that stands behind one of ours. */
static void *behind(const char *name)
{
	void *function = dlsym(RTLD_NEXT, name);

	if (!function)
		abort();
	return function;
}

/* A function that takes this list of parameters and changes something whenever it is called. */
#define STEP(name, parameters, arguments)                                                          \
	int name parameters                                                                        \
	{                                                                                          \
		int(*real) parameters;                                                             \
		int result;                                                                        \
                                                                                                   \
		*(void **)&real = behind(#name);                                                   \
		pass(BEFORE);                                                                      \
		result = real arguments;                                                           \
		pass(AFTER);                                                                       \
		return result;                                                                     \
	}

STEP(rename, (const char *from, const char *to), (from, to))
STEP(unlink, (const char *path), (path))
STEP(unlinkat, (int dir, const char *path, int flags), (dir, path, flags))
STEP(mkdir, (const char *path, mode_t mode), (path, mode))
STEP(rmdir, (const char *path), (path))
STEP(fsync, (int fd), (fd))
STEP(flock, (int fd, int operation), (fd, operation))

#undef STEP

/* ---- those that may only look -------------------------------------------------------- */

static mode_t mode_of(int flags, va_list rest)
{
	return flags & O_CREAT ? va_arg(rest, mode_t) : 0;
}

static int open_counted(int dir, const char *path, int flags, mode_t mode)
{
	int (*real)(int, const char *, int, ...);
	bool changes = (flags & O_ACCMODE) != O_RDONLY;
	int fd;

	*(void **)&real = behind("openat");
	if (changes)
		pass(BEFORE);
	fd = real(dir, path, flags, mode);
	if (changes)
		pass(AFTER);
	return fd;
}

int open(const char *path, int flags, ...)
{
	va_list rest;
	mode_t mode;

	va_start(rest, flags);
	mode = mode_of(flags, rest);
	va_end(rest);
	return open_counted(AT_FDCWD, path, flags, mode);
}

int openat(int dir, const char *path, int flags, ...)
{
	va_list rest;
	mode_t mode;

	va_start(rest, flags);
	mode = mode_of(flags, rest);
	va_end(rest);
	return open_counted(dir, path, flags, mode);
}

ssize_t write(int fd, const void *data, size_t len)
{
	ssize_t (*real)(int, const void *, size_t);
	bool changes = fd != STDOUT_FILENO && fd != STDERR_FILENO;
	ssize_t written;

	*(void **)&real = behind("write");
	if (changes)
		pass(BEFORE);
	written = real(fd, data, len);
	if (changes)
		pass(AFTER);
	return written;
}

int prlimit(pid_t pid, enum __rlimit_resource resource, const struct rlimit *new,
	    struct rlimit *old)
{
	int (*real)(pid_t, enum __rlimit_resource, const struct rlimit *, struct rlimit *);
	int result;

	*(void **)&real = behind("prlimit");
	if (new)
		pass(BEFORE);
	result = real(pid, resource, new, old);
	if (new)
		pass(AFTER);
	return result;
}

int setns(int fd, int type)
{
	int (*real)(int, int);
	bool changes = calls > 0;
	int result;

	*(void **)&real = behind("setns");
	if (changes)
		pass(BEFORE);
	result = real(fd, type);
	if (changes)
		pass(AFTER);
	return result;
}
