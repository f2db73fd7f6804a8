/* timed.c - runs a command and says what it cost.
 *
 * timed COMMAND...: one line on standard output, "WALL_US CPU_US PEAK_KIB STATUS"; the command's
 * own standard output goes to /dev/null. A small program of its own because a process inherits
 * the peak memory of the one that it was forked from (ru_maxrss survives exec), and a Python
 * interpreter is larger than what is measured here. */
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t microseconds(struct timeval t)
{
	return (int64_t)t.tv_sec * 1000000 + t.tv_usec;
}

static void become(char **command)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (null < 0 || dup2(null, STDOUT_FILENO) < 0)
		err(126, "/dev/null");
	execvp(command[0], command);
	err(127, "%s", command[0]);
}

int main(int argc, char **argv)
{
	struct rusage usage;
	int64_t start_us, wall_us;
	int status;
	pid_t pid;

	if (argc < 2)
		errx(64, "usage: timed COMMAND...");
	start_us = now_us();
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (pid == 0)
		become(argv + 1);
	if (wait4(pid, &status, 0, &usage) < 0)
		err(1, "wait4");
	wall_us = now_us() - start_us;
	printf("%jd %jd %ld %d\n", (intmax_t)wall_us,
	       (intmax_t)(microseconds(usage.ru_utime) + microseconds(usage.ru_stime)),
	       usage.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return 0;
}
