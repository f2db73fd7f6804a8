/* Unit tests of src/import/member.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "import/member.h"

static void paths_tell_what_they_hold(void **state)
{
	static const struct {
		const char *path, *command, *file, *namespace_;
	} rows[] = {
		/* sos */
		{ "sos_commands/networking/ss_-peaonmi", "ss -peaonmi", "", "" },
		{ "sos_commands/networking/netstat_-W_-neopa", "netstat -W -neopa", "", "" },
		{ "sosreport-x/sos_commands/networking/nstat_-zas", "nstat -zas", "", "" },
		{ "sos_commands/networking/netstat_-s.1", "netstat -s", "", "" },
		{ "sos_commands/general/dmesg", "dmesg", "", "" },
		{ "sos_commands/kernel/sysctl_-a", "sysctl -a", "", "" },
		{ "sos_commands/host/hostname", "hostname", "", "" },
		{ "sos_commands/kernel/ls_-lt_.sys.kernel.slab", "ls -lt /sys/kernel/slab", "",
		  "" },
		{ "sos_commands/conntrack/conntrack_-L_-o_extended", "conntrack -L -o extended", "",
		  "" },
		{ "sos_commands/logs/journalctl_--no-pager_--boot_-1",
		  "journalctl --no-pager --boot -1", "", "" },
		{ "sos_commands/networking/namespaces/blue/ip_netns_exec_blue_netstat_-s",
		  "netstat -s", "", "blue" },
		{ "sos_commands/networking/namespaces/my_ip_ns/ip_netns_exec_my_ip_ns_ss_-s",
		  "ss -s", "", "my_ip_ns" },
		{ "sos_commands/networking/ip_netns_exec_blue_sysctl_-a", "sysctl -a", "", "blue" },
		{ "sos_commands/networking/ip_netns_exec_my_ns_ip_address_show", "ip address show",
		  "", "my_ns" },
		{ "sos_commands/networking/ip_netns", "ip netns", "", "" },
		/* copies */
		{ "proc/net/tcp", "", "/proc/net/tcp", "" },
		{ "proc/769/limits", "", "/proc/769/limits", "" },
		{ "sosreport-x/proc/769/net/tcp6", "", "/proc/769/net/tcp6", "" },
		{ "etc/sysctl.d/10-net.conf", "", "/etc/sysctl.d/10-net.conf", "" },
		{ "node-1/var/log/messages-20260101.gz", "", "/var/log/messages-20260101", "" },
		/* what people write */
		{ "ss-tan.txt", "ss -tan", "", "" },
		{ "out/ss_-tan", "ss -tan", "", "" },
		{ "ss -tan.log.gz", "ss -tan", "", "" },
		{ "ss-s-2026-01-02.txt", "ss -s", "", "" },
		{ "ss-before.txt", "ss", "", "" },
		{ "netstat-s.out", "netstat -s", "", "" },
		{ "netstat.txt", "netstat", "", "" },
		{ "ip-s-link.txt", "ip -s link", "", "" },
		{ "tc_-s_qdisc.txt", "tc -s qdisc", "", "" },
		{ "ps-aux", "ps aux", "", "" },
		{ "ps_ef.txt", "ps -ef", "", "" },
		{ "dmesg.log", "dmesg", "", "" },
		{ "dmesg-T.txt", "dmesg -T", "", "" },
		{ "sysctl-a.txt", "sysctl -a", "", "" },
		{ "proc_net_tcp", "", "/proc/net/tcp", "" },
		{ "proc-net-softnet_stat.txt", "", "/proc/net/softnet_stat", "" },
		{ "softnet_stat.txt", "", "/proc/net/softnet_stat", "" },
		{ "net_tcp6.txt", "", "/proc/net/tcp6", "" },
		{ "file-nr", "", "/proc/sys/fs/file-nr", "" },
		{ "sys_fs_file-nr.txt", "", "/proc/sys/fs/file-nr", "" },
		{ "proc_769_limits.txt", "", "/proc/769/limits", "" },
		/* a folder of these names, not a file */
		{ "ss/etc", NULL, NULL, NULL },
		{ "notes/proc", NULL, NULL, NULL },
		/* nothing */
		{ "", NULL, NULL, NULL },
		{ "/", NULL, NULL, NULL },
		{ ".txt", NULL, NULL, NULL },
		{ "ticket.txt", NULL, NULL, NULL },
		{ "tcp.txt", NULL, NULL, NULL },
		{ "-ss", NULL, NULL, NULL },
		{ "ssh-tan.txt", NULL, NULL, NULL },
		{ "kube-system/coredns-abc/logs.txt", NULL, NULL, NULL },
		{ "proc_net", NULL, NULL, NULL },
		{ "proc_", NULL, NULL, NULL },
		{ "proc__limits", NULL, NULL, NULL },
		{ "sos_commands/networking", NULL, NULL, NULL },
		{ "sos_commands/networking/", NULL, NULL, NULL },
		{ "sos_commands/networking/namespaces/blue/", NULL, NULL, NULL },
		{ "sos_commands/networking/ip_netns_exec_blue", NULL, NULL, NULL },
		{ "sos_commands/networking/ip_netns_exec_blue_unknown", NULL, NULL, NULL },
		{ "sos_commands/networking/a/b", NULL, NULL, NULL },
	};
	struct ta_capture capture;

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++) {
		bool found = ta_member_capture(rows[i].path, &capture);

		if (found != (rows[i].command != NULL))
			fail_msg("%s: \"%s\" \"%s\"", rows[i].path, capture.command, capture.file);
		assert_string_equal(capture.command, found ? rows[i].command : "");
		assert_string_equal(capture.file, found ? rows[i].file : "");
		assert_string_equal(capture.namespace_, found ? rows[i].namespace_ : "");
		assert_false(capture.tail);
	}
}

static void what_sos_cut_is_told(void **state)
{
	struct ta_capture capture;

	(void)state;
	assert_true(ta_member_capture("sos_strings/networking/netstat_-W_-neopa.tailed", &capture));
	assert_string_equal(capture.command, "netstat -W -neopa");
	assert_true(capture.tail);
	assert_true(ta_member_capture("sos_strings/logs/var.log.messages.tailed", &capture));
	assert_string_equal(capture.file, "/var/log/messages");
	assert_string_equal(capture.command, "");
	assert_true(capture.tail);
}

/* Half a name would be another name. */
static void what_does_not_fit_is_not_taken(void **state)
{
	static const struct {
		const char *before, *behind;
	} rows[] = {
		{ "sos_commands/x/", "" },
		{ "proc/", "" },
		{ "sos_commands/networking/ip_netns_exec_", "_ss_-s" },
		{ "sos_commands/networking/namespaces/", "/ip_netns_exec_x_ss_-s" },
	};
	struct ta_capture capture;
	char word[300], path[400];

	(void)state;
	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++) {
		snprintf(path, sizeof(path), "%s%s%s", rows[i].before, word, rows[i].behind);
		assert_false(ta_member_capture(path, &capture));
		assert_string_equal(capture.command, "");
		assert_string_equal(capture.file, "");
		assert_string_equal(capture.namespace_, "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_tell_what_they_hold),
		cmocka_unit_test(what_sos_cut_is_told),
		cmocka_unit_test(what_does_not_fit_is_not_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
