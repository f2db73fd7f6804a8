/* Unit tests of src/collect/qdisc.c: what rtnetlink answers of queueing disciplines. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <linux/gen_stats.h>
#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "base/buf.h"
#include "collect/qdisc.h"

static void put(struct ta_buf *buf, unsigned type, const void *data, size_t len)
{
	const struct nlattr header = { .nla_len = (uint16_t)(sizeof(header) + len),
				       .nla_type = (uint16_t)type };
	static const char zeros[NLA_ALIGNTO];

	ta_buf_add(buf, (const char *)&header, sizeof(header));
	ta_buf_add(buf, data, len);
	ta_buf_add(buf, zeros, -len % NLA_ALIGNTO);
}

static const struct gnet_stats_queue queue = {
	.qlen = 9, .backlog = 9378, .drops = 2987, .requeues = 5, .overlimits = 6
};
static const struct gnet_stats_basic basic = { .bytes = 4168, .packets = 4 };

/* What the kernel says of one; wide: of as many packets as do not fit 32 bits. */
static void put_answer(struct ta_buf *buf, uint32_t parent, const char *kind, bool wide)
{
	const struct tcmsg message = { .tcm_ifindex = 7, .tcm_parent = parent };
	const uint64_t packets = UINT64_C(1) << 33;
	ta_auto(ta_buf_done) struct ta_buf nest = TA_BUF_INIT(4096);

	put(&nest, TCA_STATS_BASIC, &basic, 12);
	if (wide)
		put(&nest, TCA_STATS_PKT64, &packets, sizeof(packets));
	put(&nest, TCA_STATS_QUEUE, &queue, sizeof(queue));
	ta_buf_add(buf, (const char *)&message, sizeof(message));
	put(buf, TCA_KIND, kind, strlen(kind) + 1);
	put(buf, TCA_OPTIONS, "x", 1);
	put(buf, TCA_STATS2 | NLA_F_NESTED, nest.data, nest.len);
	assert_true(ta_buf_ok(buf, NULL) && ta_buf_ok(&nest, NULL));
}

static void a_root_is_understood(void **state)
{
	static const uint64_t figures[TA_QDISC_FIGURES] = {
		[TA_QDISC_PACKETS] = 4,
		[TA_QDISC_DROPPED] = 2987,
		[TA_QDISC_BACKLOG_PACKETS] = 9,
		[TA_QDISC_BACKLOG_BYTES] = 9378,
	};
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(4096);
	struct ta_qdisc qdisc;

	(void)state;
	put_answer(&buf, TC_H_ROOT, "fq_codel", false);
	assert_true(ta_qdisc_decode(buf.data, buf.len, &qdisc));
	assert_int_equal(qdisc.ifindex, 7);
	assert_string_equal(qdisc.kind, "fq_codel");
	assert_true(qdisc.counted);
	assert_memory_equal(qdisc.figures, figures, sizeof(figures));
	ta_buf_clear(&buf);
	put_answer(&buf, TC_H_ROOT, "htb", true);
	assert_true(ta_qdisc_decode(buf.data, buf.len, &qdisc));
	assert_true(qdisc.figures[TA_QDISC_PACKETS] == UINT64_C(1) << 33);
}

static void what_is_no_root_is_left_out(void **state)
{
	static const struct {
		uint32_t parent;
		const char *kind;
	} rows[] = {
		{ TC_H_MAKE(1 << 16, 2), "pfifo" }, { TC_H_INGRESS, "ingress" },
		{ TC_H_CLSACT, "clsact" },          { TC_H_ROOT, "" },
		{ TC_H_ROOT, "\x1b[2J" },           { TC_H_ROOT, "sixteen_letters_" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(4096);
		struct ta_qdisc qdisc;

		put_answer(&buf, rows[i].parent, rows[i].kind, false);
		if (ta_qdisc_decode(buf.data, buf.len, &qdisc))
			fail_msg("%08x %s", rows[i].parent, rows[i].kind);
	}
}

/* Wherever it is cut, what is left is understood or not, and nothing beyond it is read. */
static void a_cut_answer_is_no_fault(void **state)
{
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(4096);

	(void)state;
	put_answer(&buf, TC_H_ROOT, "fq_codel", true);
	for (size_t len = 0; len < buf.len; len++) {
		struct ta_qdisc qdisc;
		char *copy = malloc(len ? len : 1);

		assert_non_null(copy);
		memcpy(copy, buf.data, len);
		if (ta_qdisc_decode(copy, len, &qdisc))
			assert_string_equal(qdisc.kind, "fq_codel");
		assert_false(qdisc.counted);
		free(copy);
	}
}

static void they_are_found_by_their_interface(void **state)
{
	struct ta_qdisc rows[] = { { .ifindex = 1 }, { .ifindex = 3 }, { .ifindex = 8 } };
	const struct ta_qdiscs qdiscs = { .rows = rows, .count = 3 }, none = { .count = 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_ptr_equal(ta_qdiscs_find(&qdiscs, rows[i].ifindex), &rows[i]);
	assert_null(ta_qdiscs_find(&qdiscs, 2));
	assert_null(ta_qdiscs_find(&none, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_root_is_understood),
		cmocka_unit_test(what_is_no_root_is_left_out),
		cmocka_unit_test(a_cut_answer_is_no_fault),
		cmocka_unit_test(they_are_found_by_their_interface),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
