/* readers.c - all formats of captured text, those first that are least to be taken for another. */
#include "import/reader.h"

/* Sockets, and counts of them. */
extern const struct ta_reader ta_read_proc_tcp, ta_read_ss_summary, ta_read_ss, ta_read_netstat,
	ta_read_netstat_bsd, ta_read_zos, ta_read_tally;

/* Counters and devices. */
extern const struct ta_reader ta_read_proc_counters, ta_read_sockstat, ta_read_softnet,
	ta_read_stat_table, ta_read_net_dev, ta_read_netstat_i, ta_read_ip_link, ta_read_tc,
	ta_read_ifconfig, ta_read_conntrack, ta_read_nstat, ta_read_netstat_s;

/* Limits, tunables, facts of the host. */
extern const struct ta_reader ta_read_proc_limits, ta_read_ulimit, ta_read_fds, ta_read_lsof,
	ta_read_proc_status, ta_read_host, ta_read_sysctl, ta_read_systemctl, ta_read_task_limits;

/* Words of the kernel and of programs. */
extern const struct ta_reader ta_read_strace, ta_read_curl, ta_read_backlog, ta_read_kernel_log,
	ta_read_app_error;

const struct ta_reader *const ta_readers[] = {
	&ta_read_proc_tcp,
	&ta_read_ss_summary,
	&ta_read_ss,
	&ta_read_netstat,
	&ta_read_netstat_bsd,
	&ta_read_zos,
	&ta_read_proc_counters,
	&ta_read_sockstat,
	&ta_read_softnet,
	&ta_read_stat_table,
	&ta_read_net_dev,
	&ta_read_netstat_i,
	&ta_read_ip_link,
	&ta_read_tc,
	&ta_read_ifconfig,
	&ta_read_conntrack,
	&ta_read_nstat,
	&ta_read_netstat_s,
	&ta_read_proc_limits,
	&ta_read_ulimit,
	&ta_read_fds,
	&ta_read_lsof,
	&ta_read_proc_status,
	&ta_read_host,
	&ta_read_sysctl,
	&ta_read_systemctl,
	&ta_read_task_limits,
	&ta_read_tally,
	&ta_read_strace,
	&ta_read_curl,
	&ta_read_backlog,
	&ta_read_kernel_log,
	&ta_read_app_error,
	NULL,
};
