/* sock_diag.c - see sock_diag.h. Structures: linux/inet_diag.h; what their fields mean in which
 * state: tcp_diag_get_info() of net/ipv4/tcp_diag.c, inet_sk_diag_fill() of net/ipv4/inet_diag.c.
 */
#include "collect/attribute.h"
#include "collect/sock_diag.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>

#include <libmnl/libmnl.h>

/* INET_DIAG_CGROUP_ID of linux/inet_diag.h; headers before 5.8 lack it. */
enum { CGROUP_ID = 21 };

/* inet_diag_rcv_msg_compat() in net/ipv4/inet_diag.c takes it for AF_UNSPEC, whatever its
 * idiag_family says (3.3 to 6.18 at least). */
static void put_request_for_both(struct nlmsghdr *header, uint32_t states, uint8_t extensions)
{
	struct inet_diag_req *request = mnl_nlmsg_put_extra_header(header, sizeof(*request));

	header->nlmsg_type = TCPDIAG_GETSOCK;
	request->idiag_family = AF_INET;
	request->idiag_states = states;
	request->idiag_ext = extensions;
}

static void put_request(struct nlmsghdr *header, uint8_t family, uint32_t states,
			uint8_t extensions)
{
	struct inet_diag_req_v2 *request = mnl_nlmsg_put_extra_header(header, sizeof(*request));

	header->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	request->sdiag_family = family;
	request->sdiag_protocol = IPPROTO_TCP;
	request->idiag_states = states;
	request->idiag_ext = extensions;
}

size_t ta_sock_diag_request(void *buf, uint32_t seq, uint8_t family, uint32_t states, bool drops)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(buf);
	uint8_t extensions = drops ? 1 << (INET_DIAG_SKMEMINFO - 1) : 0;

	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	header->nlmsg_seq = seq;
	if (family == AF_UNSPEC)
		put_request_for_both(header, states, extensions);
	else
		put_request(header, family, states, extensions);
	return header->nlmsg_len;
}

static void encode_endpoint(const struct ta_endpoint *endpoint, uint8_t family, __be32 ret[4],
			    __be16 *ret_port)
{
	memset(ret, 0, 4 * sizeof(ret[0]));
	if (family == AF_INET)
		memcpy(ret, endpoint->address + 12, sizeof(ret[0]));
	else
		memcpy(ret, endpoint->address, sizeof(endpoint->address));
	*ret_port = htons(endpoint->port);
}

size_t ta_sock_diag_request_info(void *buf, uint32_t seq, const struct ta_socket *socket)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(buf);
	struct inet_diag_req_v2 *request = mnl_nlmsg_put_extra_header(header, sizeof(*request));
	struct inet_diag_sockid *id = &request->id;

	header->nlmsg_flags = NLM_F_REQUEST;
	header->nlmsg_seq = seq;
	header->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	request->sdiag_family = socket->family;
	request->sdiag_protocol = IPPROTO_TCP;
	request->idiag_states = UINT32_C(1) << socket->state;
	request->idiag_ext = 1 << (INET_DIAG_INFO - 1);
	encode_endpoint(&socket->local, socket->family, id->idiag_src, &id->idiag_sport);
	encode_endpoint(&socket->remote, socket->family, id->idiag_dst, &id->idiag_dport);
	id->idiag_if = socket->interface;
	id->idiag_cookie[0] = id->idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	return header->nlmsg_len;
}

bool ta_sock_diag_is_answer(uint16_t nlmsg_type)
{
	return nlmsg_type == SOCK_DIAG_BY_FAMILY || nlmsg_type == TCPDIAG_GETSOCK;
}

static void decode_endpoint(struct ta_endpoint *ret, uint8_t family, const __be32 address[4],
			    __be16 port)
{
	if (family == AF_INET)
		ta_address_set_v4(ret->address, address);
	else
		memcpy(ret->address, address, sizeof(ret->address));
	ret->port = ntohs(port);
	ret->zero = 0;
}

/* Word 9 of SKMEMINFO, since 4.8: what this very socket dropped. */
static void decode_memory(const void *data, size_t len, struct ta_socket *ret)
{
	size_t at = SK_MEMINFO_DROPS * sizeof(uint32_t);

	if (len < at + sizeof(uint32_t))
		return;
	memcpy(&ret->drops, (const char *)data + at, sizeof(uint32_t));
	ret->present |= TA_SOCKET_DROPS;
}

/* Unasked with every full socket since 5.8, where the kernel has CONFIG_SOCK_CGROUP_DATA; 0 is no
 * group. Of TIME_WAIT and half-open requests the kernel does not know it. */
static void decode_cgroup(const void *data, size_t len, struct ta_socket *ret)
{
	if (len < sizeof(ret->cgroup))
		return;
	memcpy(&ret->cgroup, data, sizeof(ret->cgroup));
	if (ret->cgroup)
		ret->present |= TA_SOCKET_CGROUP;
}

/* The walk ends, too, when all that is wanted is there. */
static void decode_attributes(const char *at, size_t len, uint8_t wanted, struct ta_socket *ret)
{
	struct ta_attribute attribute;

	while ((ret->present & wanted) != wanted && ta_attribute_next(&at, &len, &attribute)) {
		if (attribute.type == CGROUP_ID)
			decode_cgroup(attribute.data, attribute.len, ret);
		else if (attribute.type == INET_DIAG_SKMEMINFO)
			decode_memory(attribute.data, attribute.len, ret);
	}
}

bool ta_sock_diag_decode_silence(const void *payload, size_t len, uint32_t *ret_ms)
{
	const size_t field = offsetof(struct tcp_info, tcpi_last_ack_recv);
	const char *at = payload;
	struct ta_attribute attribute;

	if (len < sizeof(struct inet_diag_msg))
		return false;
	at += sizeof(struct inet_diag_msg);
	len -= sizeof(struct inet_diag_msg);
	while (ta_attribute_next(&at, &len, &attribute)) {
		if (attribute.type != INET_DIAG_INFO || attribute.len < field + sizeof(*ret_ms))
			continue;
		memcpy(ret_ms, attribute.data + field, sizeof(*ret_ms));
		return true;
	}
	return false;
}

bool ta_sock_diag_decode(const void *payload, size_t len, struct ta_socket *ret)
{
	struct inet_diag_msg message;
	uint8_t wanted = TA_SOCKET_CGROUP;

	if (len < sizeof(message))
		return false;
	memcpy(&message, payload, sizeof(message));
	if (message.idiag_family != AF_INET && message.idiag_family != AF_INET6)
		return false;
	if (message.idiag_state < TA_TCP_ESTABLISHED || message.idiag_state > TA_TCP_NEW_SYN_RECV)
		return false;
	ret->family = message.idiag_family;
	ret->state =
		message.idiag_state == TA_TCP_NEW_SYN_RECV ? TA_TCP_SYN_RECV : message.idiag_state;
	decode_endpoint(&ret->local, ret->family, message.id.idiag_src, message.id.idiag_sport);
	decode_endpoint(&ret->remote, ret->family, message.id.idiag_dst, message.id.idiag_dport);
	ret->rqueue = message.idiag_rqueue;
	ret->wqueue = message.idiag_wqueue;
	ret->timer = message.idiag_timer;
	ret->retrans = message.idiag_retrans;
	ret->interface = message.id.idiag_if;
	ret->uid = message.idiag_uid;
	ret->inode = message.idiag_inode;
	ret->drops = 0;
	ret->cgroup = 0;
	ret->silence_ms = 0;
	ret->silence_told = false;
	ret->present = ret->state == TA_TCP_LISTEN ? TA_SOCKET_BACKLOG : 0;
	if (ret->state == TA_TCP_LISTEN)
		wanted |= TA_SOCKET_DROPS;
	decode_attributes((const char *)payload + sizeof(message), len - sizeof(message), wanted,
			  ret);
	return true;
}
