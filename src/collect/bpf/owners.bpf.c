/* owners.bpf.c - two programs that look at every process and every descriptor inside the kernel.
 *
 * What takes a system call a descriptor from outside (readlink of /proc/PID/fd/N) is a step of an
 * iterator here. Descriptors are counted on the spot; of the sockets only those of TCP are told,
 * with what credits them to a process: no look-up by inode has to follow, but for the few that may
 * have several holders.
 *
 * A write that does not fit fails, and the kernel shows the same object again in the next round:
 * so nothing is counted before all writes for it have gone through. */
#include <stdbool.h>
#include <stddef.h>

#include "kernel.h"

#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "wire.h"

enum {
	AF_INET = 2,
	AF_INET6 = 10,
	IPPROTO_MPTCP = 262,
	PF_KTHREAD = 0x00200000, /* include/linux/sched.h */
	RLIMIT_NPROC = 6,        /* include/uapi/asm-generic/resource.h */
	RLIMIT_NOFILE = 7,
	TCP_CLOSE = 7, /* include/net/tcp_states.h */
	TCP_LISTEN = 10,
};

/* Some helpers are for programs under the GPL only; this one may be had under it, too. */
char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* The number of the task's process where the reader of the stream lives: that of its own PID
 * namespace, as its /proc shows it. */
static __u32 process_number(struct task_struct *task)
{
	struct task_struct *reader = bpf_get_current_task_btf();
	unsigned int level = reader->thread_pid->level;
	struct pid *pid = task->group_leader->thread_pid;
	struct upid upid = { 0 };

	bpf_probe_read_kernel(&upid.nr, sizeof(upid.nr),
			      (char *)pid + bpf_core_field_offset(struct pid, numbers) +
				      level * bpf_core_type_size(struct upid) +
				      bpf_core_field_offset(struct upid, nr));
	return (__u32)upid.nr;
}

/* ---- processes ---- */

static void read_limits(struct task_struct *task, struct ta_wire_process *ret)
{
	struct signal_struct *signal = task->signal;

	ret->threads = (__u32)signal->nr_threads;
	ret->nofile_soft = signal->rlim[RLIMIT_NOFILE].rlim_cur;
	ret->nofile_hard = signal->rlim[RLIMIT_NOFILE].rlim_max;
	ret->nproc_soft = signal->rlim[RLIMIT_NPROC].rlim_cur;
}

SEC("iter/task")
int show_process(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct ta_wire_process row = { .kind = TA_WIRE_PROCESS };
	const struct cred *cred;

	if (!task || task->pid != task->tgid)
		return 0;
	cred = task->real_cred;
	row.pid = process_number(task);
	row.uid = cred->euid.val;
	row.real_uid = cred->uid.val;
	row.capabilities = cred->cap_effective.val;
	if (task->flags & PF_KTHREAD)
		row.state = TA_WIRE_KERNEL;
	else
		row.state = task->exit_state || !task->files ? TA_WIRE_ENDED : TA_WIRE_RUNS;
	row.start_ns = task->start_boottime;
	read_limits(task, &row);
	bpf_probe_read_kernel(row.name, sizeof(row.name), task->comm);
	bpf_seq_write(ctx->meta->seq, &row, sizeof(row));
	return 0;
}

/* ---- descriptors ---- */

/* The table of descriptors that is being looked at. Those of one task follow each other. */
static struct ta_wire_files table;
static int table_task; /* its number in the first PID namespace */

static struct ta_wire_socket record; /* for one at a time */

static void map_v4(__u8 *ret, __be32 address)
{
	__builtin_memset(ret, 0, 10);
	ret[10] = ret[11] = 0xff;
	__builtin_memcpy(ret + 12, &address, 4);
}

static void read_addresses(struct sock *sk)
{
	struct sock_common *common = &sk->__sk_common;

	record.family = (__u8)common->skc_family;
	record.local_port = common->skc_num;
	record.remote_port = __builtin_bswap16(common->skc_dport);
	if (record.family == AF_INET || !bpf_core_field_exists(common->skc_v6_daddr)) {
		map_v4(record.local, common->skc_rcv_saddr);
		map_v4(record.remote, common->skc_daddr);
		return;
	}
	bpf_probe_read_kernel(record.local, sizeof(record.local), &common->skc_v6_rcv_saddr);
	bpf_probe_read_kernel(record.remote, sizeof(record.remote), &common->skc_v6_daddr);
}

/* As tcp_diag_get_info() in net/ipv4/tcp_diag.c. */
static void read_queues(struct sock *sk, struct tcp_sock *tp)
{
	__s32 unread;

	if (record.state == TCP_LISTEN) {
		record.rqueue = sk->sk_ack_backlog;
		record.wqueue = sk->sk_max_ack_backlog;
		return;
	}
	unread = (__s32)(tp->rcv_nxt - tp->copied_seq);
	record.rqueue = unread > 0 ? (__u32)unread : 0;
	record.wqueue = tp->write_seq - tp->snd_una;
}

/* Whether this descriptor is all that keeps the file: besides the reference of the iterator there
 * is one, and no process outside of the task's own shares the table (CLONE_FILES). A thread in a
 * system call on the file has one for itself, too: then we just do not know. */
static bool is_sole(struct task_struct *task, struct file *file)
{
	__s64 references;

	if (task->files->count.counter > task->signal->nr_threads)
		return false;
	if (bpf_core_field_exists(file->f_ref))
		references = file->f_ref.refcnt.counter + 1; /* counts from 0 */
	else
		references = ((struct file___6_12 *)file)->f_count.counter;
	return references == 2;
}

/* Tells a TCP socket that the kernel has in its tables; false when there was no room. An MPTCP
 * socket has the state and addresses of its first subflow, and the subflow its inode
 * (mptcp_copy_inaddrs(), mptcp_subflow_create_socket() in net/mptcp). */
static bool show_socket(struct bpf_iter__task_file *ctx, struct task_struct *task,
			struct file *file, struct sock *sk, __u32 process)
{
	struct tcp_sock *tp = bpf_skc_to_tcp_sock(sk);

	if (!tp && sk->sk_protocol != IPPROTO_MPTCP)
		return true;
	record.state = sk->__sk_common.skc_state;
	if (record.state == TCP_CLOSE)
		return true;
	record.kind = TA_WIRE_SOCKET;
	record.pid = process;
	record.netns = sk->__sk_common.skc_net.net->ns.inum;
	record.inode = (__u32)file->f_inode->i_ino;
	record.flags = (is_sole(task, file) ? TA_WIRE_SOLE : 0) |
		       (task->pid == task->tgid ? 0 : TA_WIRE_OF_THREAD);
	read_addresses(sk);
	record.rqueue = record.wqueue = 0;
	if (tp)
		read_queues(sk, tp);
	return bpf_seq_write(ctx->meta->seq, &record, sizeof(record)) == 0;
}

/* Tells the counts of the table that came to its end; a thread's own table has no limit. */
static bool show_table(struct bpf_iter__task_file *ctx)
{
	return !table.fds || bpf_seq_write(ctx->meta->seq, &table, sizeof(table)) == 0;
}

SEC("iter/task_file")
int show_descriptor(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct socket *socket;
	__u32 process = table.pid;
	bool is_next;

	if (!task || !file) { /* the end */
		show_table(ctx);
		return 0;
	}
	if (task->flags & PF_KTHREAD)
		return 0;
	is_next = task->pid != table_task;
	if (is_next) {
		if (!show_table(ctx))
			return 0;
		process = process_number(task);
	}
	socket = bpf_sock_from_file(file);
	if (socket) {
		struct sock *sk = socket->sk;

		if (sk && !show_socket(ctx, task, file, sk, process))
			return 0;
	}
	if (is_next) {
		table = (struct ta_wire_files){ .kind = TA_WIRE_FILES, .pid = process };
		table_task = task->pid;
	}
	if (task->pid == task->tgid) {
		table.fds++;
		table.socket_fds += socket != NULL;
	}
	return 0;
}
