/* process_gaps.c - what could not be looked at of the processes, and why. */
#include <stdio.h>
#include <unistd.h>

#include "base/language.h"
#include "collect/proc_scan.h"

static const char *why_unreadable(const struct ta_processes *processes)
{
	if (processes->beyond)
		return N_("above the first 65536 processes they are only counted");
	if (processes->stopped)
		return processes->stopped;
	return geteuid() == 0 ? "refused even to root, by a container's limits or a security module"
			      : "needs root or CAP_SYS_PTRACE";
}

void ta_processes_build_gaps(const struct ta_processes *processes, struct ta_builder *builder)
{
	char what[96];

	if (!processes->seen) /* not even ourselves */
		ta_build_gap(builder, N_("processes"), N_("/proc shows none"), "processes", NULL);
	if (processes->unreadable) {
		snprintf(what, sizeof(what), "descriptors of %zu of %zu processes",
			 processes->unreadable, processes->seen);
		ta_build_gap(builder, what, why_unreadable(processes), "processes", NULL);
	}
	if (processes->holders.beyond) {
		snprintf(what, sizeof(what), "holders of %zu descriptors of sockets",
			 processes->holders.beyond);
		ta_build_gap(builder, what,
			     N_("above the first million and a half they are only counted"),
			     "processes[].tcp_sockets", "namespaces[].listeners[].process",
			     "namespaces[].destinations[].process", NULL);
	}
	if (processes->limits_unread) {
		snprintf(what, sizeof(what), "limits of %zu processes", processes->limits_unread);
		ta_build_gap(builder, what, N_("can't read their limits"),
			     "processes[].nofile_soft", "processes[].nofile_hard",
			     "processes[].nproc_soft", NULL);
	}
	if (processes->unattributed) {
		snprintf(what, sizeof(what), "users of %zu processes", processes->unattributed);
		ta_build_gap(builder, what, N_("can't read their status"),
			     "processes[].user_threads", NULL);
	}
}
