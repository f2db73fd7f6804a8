/* proc_tcp.c - see proc_tcp.h. The format is that of get_tcp4_sock() in net/ipv4/tcp_ipv4.c:
 *
 *   sl: LADDR:LPORT RADDR:RPORT ST TXQ:RXQ TR:WHEN RETR UID TIMEOUT INODE REF PTR ...
 *
 * An address is one or four 32-bit words in hexadecimal, each in the byte order of the host that
 * printed it, which is taken to be ours. Other numbers are plain: hexadecimal up to RETR, decimal
 * from UID on. */
#include "collect/proc_tcp.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

#include "base/file.h"

struct cursor {
	const char *at, *end;
};

static void skip_blanks(struct cursor *c)
{
	while (c->at < c->end && *c->at == ' ')
		c->at++;
}

static bool take_char(struct cursor *c, char wanted)
{
	if (c->at == c->end || *c->at != wanted)
		return false;
	c->at++;
	return true;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return 16;
}

/* At least one digit and at most digits of them. Faster than the strict parser for whole words,
 * and a line has a dozen numbers. */
static bool take_number(struct cursor *c, int base, int digits, uint64_t *ret)
{
	uint64_t value = 0;
	int n = 0;

	for (; c->at < c->end && n < digits && digit_value(*c->at) < base; c->at++, n++)
		value = value * (unsigned)base + (unsigned)digit_value(*c->at);
	*ret = value;
	return n > 0;
}

static bool take_hex(struct cursor *c, int digits, uint64_t *ret)
{
	return take_number(c, 16, digits, ret);
}

static bool take_decimal(struct cursor *c, uint64_t *ret)
{
	skip_blanks(c);
	return take_number(c, 10, 19, ret);
}

/* ADDRESS:PORT; the length of the address tells its family. */
static bool take_endpoint(struct cursor *c, struct ta_endpoint *ret, uint8_t *ret_family)
{
	uint32_t words[4];
	uint64_t number;
	int count = 0;

	skip_blanks(c);
	while (count < 4 && c->end - c->at >= 8 && digit_value(*c->at) < 16) {
		const char *start = c->at;

		if (!take_hex(c, 8, &number) || c->at - start != 8)
			return false;
		words[count++] = (uint32_t)number;
	}
	if (count == 1)
		ta_address_set_v4(ret->address, words);
	else if (count == 4)
		memcpy(ret->address, words, sizeof(words));
	else
		return false;
	*ret_family = count == 1 ? AF_INET : AF_INET6;
	if (!take_char(c, ':') || !take_hex(c, 4, &number))
		return false;
	ret->port = (uint16_t)number;
	ret->zero = 0;
	return true;
}

/* ST TXQ:RXQ TR:WHEN RETR */
static bool take_state(struct cursor *c, struct ta_socket *ret)
{
	uint64_t state, wqueue, rqueue, timer, when, retrans;

	skip_blanks(c);
	if (!take_hex(c, 2, &state) || state < TA_TCP_ESTABLISHED || state > TA_TCP_NEW_SYN_RECV)
		return false;
	skip_blanks(c);
	if (!take_hex(c, 8, &wqueue) || !take_char(c, ':') || !take_hex(c, 8, &rqueue))
		return false;
	skip_blanks(c);
	if (!take_hex(c, 2, &timer) || !take_char(c, ':') || !take_hex(c, 16, &when))
		return false;
	skip_blanks(c);
	if (!take_hex(c, 8, &retrans))
		return false;
	ret->state = state == TA_TCP_NEW_SYN_RECV ? TA_TCP_SYN_RECV : (uint8_t)state;
	ret->wqueue = (uint32_t)wqueue;
	ret->rqueue = (uint32_t)rqueue;
	ret->timer = (uint8_t)timer;
	ret->retrans = retrans > UINT8_MAX ? UINT8_MAX : (uint8_t)retrans;
	return true;
}

bool ta_proc_tcp_decode(const char *line, size_t len, struct ta_socket *ret)
{
	struct cursor c = { line, line + len };
	struct ta_socket socket = { .present = 0 };
	uint64_t row, uid, timeout, inode;
	uint8_t family;

	if (!take_decimal(&c, &row) || !take_char(&c, ':'))
		return false;
	if (!take_endpoint(&c, &socket.local, &socket.family) ||
	    !take_endpoint(&c, &socket.remote, &family) || family != socket.family)
		return false;
	if (!take_state(&c, &socket))
		return false;
	if (!take_decimal(&c, &uid) || !take_decimal(&c, &timeout) || !take_decimal(&c, &inode))
		return false;
	if (c.at == c.end) /* REF and PTR follow in every kernel: this one was cut in the inode */
		return false;
	socket.uid = (uint32_t)uid;
	socket.inode = (uint32_t)inode; /* sock_diag shows no more of it */
	*ret = socket;
	return true;
}

/* Decodes whole lines of data; *ret_used is where the first incomplete one begins. */
static bool sink_lines(const char *data, size_t len, bool *first, size_t *ret_used,
		       ta_socket_sink sink, void *ctx, struct ta_proc_tcp_stats *stats)
{
	const char *at = data, *end = data + len, *newline;

	while ((newline = memchr(at, '\n', (size_t)(end - at)))) {
		struct ta_socket socket;

		if (ta_proc_tcp_decode(at, (size_t)(newline - at), &socket)) {
			if (!sink(ctx, &socket))
				return false;
		} else if (!*first) {
			stats->malformed++;
		}
		*first = false;
		at = newline + 1;
	}
	*ret_used = (size_t)(at - data);
	return true;
}

int ta_proc_tcp_read(const struct ta_root *root, const char *path, ta_socket_sink sink, void *ctx,
		     struct ta_proc_tcp_stats *stats)
{
	ta_auto_close int fd = openat(root->proc_fd, path, O_RDONLY | O_CLOEXEC);
	char data[32768];
	size_t held = 0;
	bool first = true;

	if (fd < 0)
		return errno;
	for (;;) {
		ssize_t n = read(fd, data + held, sizeof(data) - held);
		size_t used = 0;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		if (n == 0)
			break;
		held += (size_t)n;
		if (!sink_lines(data, held, &first, &used, sink, ctx, stats))
			return 0;
		held -= used;
		memmove(data, data + used, held);
		if (held == sizeof(data)) { /* no line of the kernel's is that long */
			stats->malformed++;
			held = 0;
		}
	}
	stats->malformed += held > 0;
	return 0;
}
