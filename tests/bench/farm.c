/* farm.c - holds many TCP connections on loopback for others to count.
 *
 * farm CONNECTIONS REMOTES: each connection goes from one of ten addresses 127.0.0.x to one of
 * REMOTES addresses from 127.1.0.0 on, and both its ends stay open: two sockets. Few remotes make
 * few destinations with many ports each; as many remotes as connections make every connection a
 * destination of its own. Workers with a listener each share the work, for a process
 * may hold only so many descriptors.
 *
 * Prints "ready SOCKETS" and ends when its standard input does, at the latest after ten minutes.
 * To be run in a network namespace of its own. */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define FIRST_PORT   8000 /* of the listeners, one a worker; below the ephemeral range */
#define PER_WORKER   5000 /* connections */
#define SOURCES      10
#define BACKLOG      128
#define MAX_SECONDS  600
#define MAX_SOCKETS  1000000 /* 7.5 KiB of kernel memory a pair */
#define SPARE_FILES  32
#define FIRST_SOURCE 0x7f000001U /* 127.0.0.1 */
#define FIRST_REMOTE 0x7f010000U /* 127.1.0.0 */

static uint32_t number(const char *text, const char *what)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (!*text || *end || !value || value > MAX_SOCKETS / 2)
		errx(64, "%s: a number from 1 to %d is meant", what, MAX_SOCKETS / 2);
	return (uint32_t)value;
}

static void allow_files(rlim_t count)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		err(1, "getrlimit");
	limit.rlim_cur = count;
	if (limit.rlim_max < count)
		limit.rlim_max = count; /* CAP_SYS_RESOURCE may */
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		err(1, "%ju descriptors", (uintmax_t)count);
}

static struct sockaddr_in address(uint32_t host, uint16_t port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons(port),
				     .sin_addr.s_addr = htonl(host) };
}

static int tcp_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		err(1, "socket");
	return fd;
}

static int listen_everywhere(uint16_t port)
{
	struct sockaddr_in any = address(INADDR_ANY, port);
	int fd = tcp_socket();

	if (bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0 || listen(fd, BACKLOG) < 0)
		err(1, "port %d", port);
	return fd;
}

/* Leaves both ends open: they are what this program is for. */
static void open_connection(int listener, uint32_t source, uint32_t remote, uint16_t port)
{
	struct sockaddr_in from = address(source, 0);
	struct sockaddr_in to = address(remote, port);
	int fd = tcp_socket();

	/* Without it bind() takes a port for all destinations, and 28,000 is the end. */
	if (setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &(int){ 1 }, sizeof(int)) < 0)
		err(1, "IP_BIND_ADDRESS_NO_PORT");
	if (bind(fd, (struct sockaddr *)&from, sizeof(from)) < 0)
		err(1, "bind");
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		err(1, "connect");
	if (accept(listener, NULL, NULL) < 0)
		err(1, "accept");
}

/* Opens the connections [first, end), says so by a byte and stays. */
static void work(uint32_t first, uint32_t end, uint32_t remotes, int ready)
{
	uint16_t port = (uint16_t)(FIRST_PORT + first / PER_WORKER);
	int listener;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	allow_files(2 * PER_WORKER + SPARE_FILES);
	listener = listen_everywhere(port);
	for (uint32_t i = first; i < end; i++)
		open_connection(listener, FIRST_SOURCE + i % SOURCES, FIRST_REMOTE + i % remotes,
				port);
	if (write(ready, "", 1) != 1)
		err(1, "pipe");
	alarm(MAX_SECONDS);
	for (;;)
		pause();
}

/* Waits for the byte of each worker; a worker that failed has said why. */
static void wait_for(unsigned workers, int ready)
{
	char c;

	while (workers--)
		if (read(ready, &c, 1) != 1)
			errx(1, "a worker failed");
}

int main(int argc, char **argv)
{
	uint32_t connections, remotes;
	unsigned workers = 0;
	int ready[2];
	char c;

	if (argc != 3)
		errx(64, "usage: farm CONNECTIONS REMOTES");
	connections = number(argv[1], "CONNECTIONS");
	remotes = number(argv[2], "REMOTES");
	alarm(MAX_SECONDS);
	signal(SIGCHLD, SIG_IGN); /* nobody waits for the workers */
	if (pipe(ready) < 0)
		err(1, "pipe");
	for (uint32_t first = 0; first < connections; first += PER_WORKER, workers++) {
		uint32_t end = first + PER_WORKER < connections ? first + PER_WORKER : connections;
		pid_t pid = fork();

		if (pid < 0)
			err(1, "fork");
		if (pid == 0) {
			close(ready[0]);
			work(first, end, remotes, ready[1]);
		}
	}
	close(ready[1]); /* so that the last worker's end is the end of the pipe */
	wait_for(workers, ready[0]);
	printf("ready %ju\n", 2 * (uintmax_t)connections + workers);
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	return 0;
}
