/* socket.c - see socket.h. */
#include "sockets/socket.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static const char *const state_names[TA_TCP_STATES] = {
	[TA_TCP_ESTABLISHED] = "established",
	[TA_TCP_SYN_SENT] = "syn_sent",
	[TA_TCP_SYN_RECV] = "syn_recv",
	[TA_TCP_FIN_WAIT1] = "fin_wait1",
	[TA_TCP_FIN_WAIT2] = "fin_wait2",
	[TA_TCP_TIME_WAIT] = "time_wait",
	[TA_TCP_CLOSE] = "close",
	[TA_TCP_CLOSE_WAIT] = "close_wait",
	[TA_TCP_LAST_ACK] = "last_ack",
	[TA_TCP_LISTEN] = "listen",
	[TA_TCP_CLOSING] = "closing",
};

const char *ta_tcp_state_name(unsigned state)
{
	return state < TA_TCP_STATES ? state_names[state] : NULL;
}

bool ta_address_is_v4(const uint8_t address[16])
{
	uint8_t mapped[16];

	ta_address_set_v4(mapped, address + 12);
	return memcmp(mapped, address, sizeof(mapped)) == 0;
}

bool ta_address_is_loopback(const uint8_t address[16])
{
	static const uint8_t one[16] = { [15] = 1 };

	return ta_address_is_v4(address) ? address[12] == 127
					 : memcmp(address, one, sizeof(one)) == 0;
}

bool ta_address_parse(const char *text, size_t len, uint8_t address[16], bool *ret_v4)
{
	char copy[INET6_ADDRSTRLEN];
	uint8_t v4[4], v6[16];

	if (len >= sizeof(copy) || memchr(text, '\0', len))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	*ret_v4 = inet_pton(AF_INET, copy, v4) == 1;
	if (*ret_v4)
		ta_address_set_v4(address, v4);
	else if (inet_pton(AF_INET6, copy, v6) == 1)
		memcpy(address, v6, sizeof(v6));
	else
		return false;
	return true;
}

void ta_address_set_any(uint8_t address[16], bool v4)
{
	static const uint8_t any[16];

	if (v4)
		ta_address_set_v4(address, any);
	else
		memcpy(address, any, sizeof(any));
}

uint8_t ta_socket_family(bool v4)
{
	return v4 ? AF_INET : AF_INET6;
}

void ta_address_format(const uint8_t address[16], char *buf, size_t size)
{
	bool v4 = ta_address_is_v4(address);

	if (!inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? address + 12 : address, buf, (socklen_t)size))
		snprintf(buf, size, "?"); /* size was too small */
}

void ta_endpoint_format(const struct ta_endpoint *endpoint, char *buf, size_t size)
{
	char address[TA_ENDPOINT_TEXT];
	bool v4 = ta_address_is_v4(endpoint->address);

	ta_address_format(endpoint->address, address, sizeof(address));
	snprintf(buf, size, v4 ? "%s:%u" : "[%s]:%u", address, endpoint->port);
}
