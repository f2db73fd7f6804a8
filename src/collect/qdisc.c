/* qdisc.c - see qdisc.h.
 *
 * What a queueing discipline drops is in no counter of the interface. The root has counted what
 * those below it dropped, too (qdisc_tree_reduce_backlog() in net/sched/sch_api.c; mq adds its
 * queues up). Anybody may ask, and the question loads no module. */
#include "collect/qdisc.h"

#include <errno.h>
#include <linux/gen_stats.h>
#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "base/array.h"
#include "base/text.h"
#include "collect/attribute.h"
#include "collect/netlink.h"

enum { ROWS = 8192 /* as interfaces are read */, TRIES = 3, REQUEST_BYTES = 64 };

/* ---- one answer ---- */

static void decode_kind(const struct ta_attribute *attribute, struct ta_qdisc *ret)
{
	size_t len = strnlen(attribute->data, attribute->len);

	if (len >= TA_QDISC_KIND)
		return;
	for (size_t i = 0; i < len; i++)
		if (!ta_text_is_word_byte(attribute->data[i]))
			return;
	memcpy(ret->kind, attribute->data, len);
	ret->kind[len] = '\0';
}

static bool decode_queue(const struct ta_attribute *attribute, struct ta_qdisc *ret)
{
	struct gnet_stats_queue queue;

	if (attribute->len < sizeof(queue))
		return false;
	memcpy(&queue, attribute->data, sizeof(queue));
	ret->figures[TA_QDISC_DROPPED] = queue.drops;
	ret->figures[TA_QDISC_BACKLOG_PACKETS] = queue.qlen;
	ret->figures[TA_QDISC_BACKLOG_BYTES] = queue.backlog;
	return true;
}

/* The kernel leaves out what pads the structure. */
static bool decode_basic(const struct ta_attribute *attribute, struct ta_qdisc *ret)
{
	const size_t at = offsetof(struct gnet_stats_basic, packets);
	uint32_t packets;

	if (attribute->len < at + sizeof(packets))
		return false;
	memcpy(&packets, attribute->data + at, sizeof(packets));
	ret->figures[TA_QDISC_PACKETS] = packets;
	return true;
}

/* Behind the basic ones, by 5.5 and later, when 32 bits do not hold them. */
static void decode_packets(const struct ta_attribute *attribute, struct ta_qdisc *ret)
{
	if (attribute->len >= sizeof(uint64_t))
		memcpy(&ret->figures[TA_QDISC_PACKETS], attribute->data, sizeof(uint64_t));
}

static void decode_figures(const char *at, size_t len, struct ta_qdisc *ret)
{
	bool queue = false, basic = false;
	struct ta_attribute attribute;

	while (ta_attribute_next(&at, &len, &attribute)) {
		if (attribute.type == TCA_STATS_QUEUE)
			queue = decode_queue(&attribute, ret);
		else if (attribute.type == TCA_STATS_BASIC)
			basic = decode_basic(&attribute, ret);
		else if (attribute.type == TCA_STATS_PKT64)
			decode_packets(&attribute, ret);
	}
	ret->counted = queue && basic;
}

bool ta_qdisc_decode(const void *payload, size_t len, struct ta_qdisc *ret)
{
	struct ta_attribute attribute;
	struct tcmsg message;
	const char *at = payload;

	*ret = (struct ta_qdisc){ .counted = false };
	if (len < sizeof(message))
		return false;
	memcpy(&message, payload, sizeof(message));
	if (message.tcm_parent != TC_H_ROOT || message.tcm_ifindex <= 0)
		return false;
	ret->ifindex = (uint32_t)message.tcm_ifindex;
	at += sizeof(message);
	len -= sizeof(message);
	while (ta_attribute_next(&at, &len, &attribute)) {
		if (attribute.type == TCA_KIND)
			decode_kind(&attribute, ret);
		else if (attribute.type == TCA_STATS2)
			decode_figures(attribute.data, attribute.len, ret);
	}
	return ret->kind[0];
}

/* ---- all of them ---- */

static bool sink(void *ctx, const void *payload, size_t len)
{
	struct ta_qdiscs *qdiscs = ctx;
	struct ta_qdisc row;

	if (!ta_qdisc_decode(payload, len, &row) || qdiscs->count == ROWS)
		return true;
	if (!ta_array_room(&qdiscs->rows, qdiscs->count, &qdiscs->size, sizeof(row)))
		return false;
	qdiscs->rows[qdiscs->count++] = row;
	return true;
}

static size_t make_request(void *buf, uint32_t seq)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(buf);
	struct tcmsg *message = mnl_nlmsg_put_extra_header(header, sizeof(*message));

	header->nlmsg_type = RTM_GETQDISC;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	header->nlmsg_seq = seq;
	message->tcm_family = AF_UNSPEC;
	return header->nlmsg_len;
}

/* A list that changed on the way is asked for again. */
static bool dump(struct ta_netlink *netlink, struct ta_qdiscs *qdiscs, struct ta_error *err)
{
	_Alignas(8) char buf[REQUEST_BYTES];
	bool interrupted = true;

	for (int i = 0; interrupted && i < TRIES; i++) {
		size_t len = make_request(buf, netlink->seq);

		qdiscs->count = 0;
		if (!ta_netlink_dump(netlink, buf, len, sink, qdiscs, &interrupted, err))
			return false;
	}
	return interrupted ? ta_fail_errno(err, EAGAIN, "the list changes all the time") : true;
}

static int by_ifindex(const void *a, const void *b)
{
	const struct ta_qdisc *x = a, *y = b;

	return (x->ifindex > y->ifindex) - (x->ifindex < y->ifindex);
}

int ta_qdiscs_read(struct ta_qdiscs *ret)
{
	ta_auto(ta_netlink_done) struct ta_netlink netlink = TA_NETLINK_INIT;
	struct ta_error err = TA_ERROR_INIT;

	*ret = (struct ta_qdiscs){ .rows = NULL };
	if (!ta_netlink_open(&netlink, NETLINK_ROUTE, &err) || !dump(&netlink, ret, &err)) {
		ta_qdiscs_done(ret);
		return err.sys ? err.sys : ENOMEM;
	}
	if (ret->count)
		qsort(ret->rows, ret->count, sizeof(*ret->rows), by_ifindex);
	return 0;
}

void ta_qdiscs_done(struct ta_qdiscs *qdiscs)
{
	free(qdiscs->rows);
	*qdiscs = (struct ta_qdiscs){ .rows = NULL };
}

const struct ta_qdisc *ta_qdiscs_find(const struct ta_qdiscs *qdiscs, uint32_t ifindex)
{
	const struct ta_qdisc wanted = { .ifindex = ifindex };

	return qdiscs->count
		       ? bsearch(&wanted, qdiscs->rows, qdiscs->count, sizeof(wanted), by_ifindex)
		       : NULL;
}
