/* farm.c - holds many TCP connections on loopback for others to count.
 *
 * farm CONNECTIONS REMOTES [LEAKED]: each connection goes from one of ten addresses 127.0.0.x to
 * one of REMOTES addresses from 127.1.0.0 on, and both its ends stay open: two sockets. Few remotes
 * make few destinations with many ports each; as many remotes as connections make every connection
 * a destination of its own. Workers with a listener each share the work, for a process may hold
 * only so many descriptors. The first worker leaks: of LEAKED connections its client says that it
 * is done, its server reads that and does not close. They stay in FIN_WAIT2 and CLOSE_WAIT.
 *
 * Prints "ready SOCKETS PID", the number of the first worker, and ends when its standard input
 * does, at the latest after ten minutes. To be run in a network namespace of its own. */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/types.h>
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

struct plan {
	uint32_t connections, remotes, leaked;
};

static uint32_t number(const char *text, const char *what, uint32_t least, uint32_t most)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (!*text || *end || value < least || value > most)
		errx(64, "%s: a number from %u to %u is meant", what, least, most);
	return (uint32_t)value;
}

static struct plan parse_plan(int argc, char **argv)
{
	struct plan plan = { 0 };

	if (argc < 3 || argc > 4)
		errx(64, "usage: farm CONNECTIONS REMOTES [LEAKED]");
	plan.connections = number(argv[1], "CONNECTIONS", 1, MAX_SOCKETS / 2);
	plan.remotes = number(argv[2], "REMOTES", 1, MAX_SOCKETS / 2);
	if (argc == 4)
		plan.leaked = number(argv[3], "LEAKED", 0,
				     plan.connections < PER_WORKER ? plan.connections : PER_WORKER);
	return plan;
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

/* A client that is done, and a server that knows and forgets to close. */
static void leak(int client, int server)
{
	char c;

	if (shutdown(client, SHUT_WR) < 0)
		err(1, "shutdown");
	if (recv(server, &c, 1, 0) != 0)
		err(1, "a client's end");
}

/* Leaves both ends open: they are what this program is for. */
static void open_connection(int listener, uint32_t source, uint32_t remote, uint16_t port,
			    bool is_leaked)
{
	struct sockaddr_in from = address(source, 0);
	struct sockaddr_in to = address(remote, port);
	int fd = tcp_socket(), server;

	/* Without it bind() takes a port for all destinations, and 28,000 is the end. */
	if (setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &(int){ 1 }, sizeof(int)) < 0)
		err(1, "IP_BIND_ADDRESS_NO_PORT");
	if (bind(fd, (struct sockaddr *)&from, sizeof(from)) < 0)
		err(1, "bind");
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		err(1, "connect");
	server = accept(listener, NULL, NULL);
	if (server < 0)
		err(1, "accept");
	if (is_leaked)
		leak(fd, server);
}

/* Opens its share of the connections, from the first one on, says so by a byte and stays. */
static void work(const struct plan *plan, uint32_t first, int ready)
{
	uint32_t left = plan->connections - first;
	uint32_t end = first + (left < PER_WORKER ? left : PER_WORKER);
	uint16_t port = (uint16_t)(FIRST_PORT + first / PER_WORKER);
	int listener;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	allow_files(2 * PER_WORKER + SPARE_FILES);
	listener = listen_everywhere(port);
	for (uint32_t i = first; i < end; i++)
		open_connection(listener, FIRST_SOURCE + i % SOURCES,
				FIRST_REMOTE + i % plan->remotes, port, i < plan->leaked);
	if (write(ready, "", 1) != 1)
		err(1, "pipe");
	close(ready);
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

/* Starts the workers and returns their number when all are ready; *ret_first is the first one. */
static unsigned make_workers(const struct plan *plan, pid_t *ret_first)
{
	unsigned workers = 0;
	int ready[2];

	if (pipe(ready) < 0)
		err(1, "pipe");
	for (uint32_t first = 0; first < plan->connections; first += PER_WORKER, workers++) {
		pid_t pid = fork();

		if (pid < 0)
			err(1, "fork");
		if (pid == 0) {
			close(ready[0]);
			work(plan, first, ready[1]);
		}
		if (first == 0)
			*ret_first = pid;
	}
	close(ready[1]); /* so that the pipe ends when the last worker is ready, or has failed */
	wait_for(workers, ready[0]);
	close(ready[0]);
	return workers;
}

int main(int argc, char **argv)
{
	struct plan plan = parse_plan(argc, argv);
	unsigned workers;
	pid_t first = 0;
	char c;

	alarm(MAX_SECONDS);
	signal(SIGCHLD, SIG_IGN); /* nobody waits for the workers */
	workers = make_workers(&plan, &first);
	printf("ready %ju %jd\n", 2 * (uintmax_t)plan.connections + workers, (intmax_t)first);
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	return 0;
}
