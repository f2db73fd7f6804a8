/* drain.c - the least that a look at every TCP socket can cost.
 *
 * Makes the requests that tcpadvise makes (src/collect/sockets.c): the listeners with their memory
 * figures, then the connections, then, where sockets are few, what is merely bound; each of IPv4
 * and IPv6 in one walk of the kernel's tables. Walks the message headers and does nothing with the
 * sockets but count them. Prints the count. */
#include <err.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* The kernel fills at most 32 KiB of it (net/netlink/af_netlink.c: netlink_dump()). */
#define BUFFER_SIZE 65536

#define LISTENERS   (1U << 10)
#define BOUND       (1U << 13)
#define CONNECTIONS (0xfffU & ~LISTENERS)

/* Above so many sockets tcpadvise does not ask for what is merely bound. */
#define BOUND_WALK_MAX 50000

struct request {
	struct nlmsghdr header;
	struct inet_diag_req body;
};

static const struct {
	uint32_t states;
	uint8_t extensions;
} wanted[] = {
	{ LISTENERS, 1 << (INET_DIAG_SKMEMINFO - 1) },
	{ CONNECTIONS, 0 },
	{ BOUND, 0 },
};

static void ask(int fd, uint32_t states, uint8_t extensions)
{
	struct request request = {
		.header = { .nlmsg_len = sizeof(request),
			    .nlmsg_type = TCPDIAG_GETSOCK,
			    .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.body = { .idiag_family = AF_INET, /* and IPv6: the kernel does not look */
			  .idiag_ext = extensions,
			  .idiag_states = states },
	};

	if (send(fd, &request, sizeof(request), 0) < 0)
		err(1, "send");
}

/* Counts the messages of one datagram; false at the end of the dump. */
static int count_messages(const struct nlmsghdr *header, size_t left, uint64_t *count)
{
	for (; NLMSG_OK(header, left); header = NLMSG_NEXT(header, left)) {
		if (header->nlmsg_type == NLMSG_DONE)
			return 0;
		if (header->nlmsg_type == NLMSG_ERROR)
			errx(1, "the kernel refuses the dump");
		*count += header->nlmsg_type == TCPDIAG_GETSOCK;
	}
	return 1;
}

static void drain(int fd, uint64_t *count)
{
	static _Alignas(NLMSG_ALIGNTO) char buffer[BUFFER_SIZE];
	ssize_t size;

	do {
		size = recv(fd, buffer, sizeof(buffer), 0);
		if (size < 0)
			err(1, "recv");
	} while (count_messages((const struct nlmsghdr *)buffer, (size_t)size, count));
}

int main(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	uint64_t count = 0;

	if (fd < 0)
		err(1, "sock_diag");
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (wanted[i].states == BOUND && count > BOUND_WALK_MAX)
			break;
		ask(fd, wanted[i].states, wanted[i].extensions);
		drain(fd, &count);
	}
	printf("%ju\n", (uintmax_t)count);
	close(fd);
	return 0;
}
