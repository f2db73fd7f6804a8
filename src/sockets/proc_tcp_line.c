/* proc_tcp_line.c - see proc_tcp_line.h. The format is that of get_tcp4_sock() in
 * net/ipv4/tcp_ipv4.c:
 *
 *   sl: LADDR:LPORT RADDR:RPORT ST TXQ:RXQ TR:WHEN RETR UID TIMEOUT INODE REF PTR ...
 *
 * An address is one or four 32-bit words in hexadecimal, each in the byte order of the host that
 * printed it, which is taken to be ours. Other numbers are plain: hexadecimal up to RETR, decimal
 * from UID on. */
#include "sockets/proc_tcp_line.h"

#include <string.h>
#include <sys/socket.h>

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
