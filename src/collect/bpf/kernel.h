/* kernel.h - of the kernel's types what owners.bpf.c reads, and nothing else. The names are the
 * kernel's, the places are not: libbpf looks each member up in the BTF of the kernel that runs
 * (CO-RE). A name with ___ is another kernel version's form of the type before it. */
#ifndef COLLECT_BPF_KERNEL_H
#define COLLECT_BPF_KERNEL_H

#include <linux/types.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct seq_file;

/* ---- what an iterator hands to its program: include/linux/bpf.h, kernel/bpf/task_iter.c ---- */

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	__u32 fd;
	struct file *file;
};

/* ---- tasks: include/linux/{sched,pid,cred}.h, include/linux/sched/signal.h ---- */

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	__s64 counter;
} atomic64_t;

struct upid {
	int nr;
};

struct pid {
	unsigned int level;
	struct upid numbers[1];
};

typedef struct {
	__u32 val;
} kuid_t;

struct cred {
	kuid_t uid, euid;
	struct {
		__u64 val; /* two words of 32 bits up to 6.2 */
	} cap_effective;
};

struct rlimit {
	unsigned long rlim_cur, rlim_max;
};

struct signal_struct {
	int nr_threads;
	struct rlimit rlim[16];
};

struct files_struct {
	atomic_t count;
};

struct task_struct {
	unsigned int flags;
	int exit_state;
	int pid, tgid;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	__u64 start_boottime;
	const struct cred *real_cred;
	char comm[16];
	struct files_struct *files;
	struct signal_struct *signal;
};

/* ---- files: include/linux/fs.h, include/linux/file_ref.h ---- */

struct inode {
	unsigned long i_ino;
};

typedef struct {
	atomic64_t refcnt;
} file_ref_t;

struct file {
	file_ref_t f_ref; /* 6.13 */
	struct inode *f_inode;
};

struct file___6_12 {
	atomic64_t f_count;
};

/* ---- sockets: include/net/{sock,inet_sock}.h, include/linux/{net,tcp}.h ---- */

struct in6_addr {
	union {
		__u8 u6_addr8[16];
	} in6_u;
};

struct ns_common {
	unsigned int inum;
};

struct net {
	struct ns_common ns;
};

typedef struct {
	struct net *net;
} possible_net_t;

struct sock_common {
	__be32 skc_daddr, skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr, skc_v6_rcv_saddr;
};

struct sock {
	struct sock_common __sk_common;
	__u16 sk_protocol;
	__u32 sk_ack_backlog, sk_max_ack_backlog;
};

struct tcp_sock {
	__u32 rcv_nxt, copied_seq, write_seq, snd_una;
};

struct socket {
	struct sock *sk;
};

#pragma clang attribute pop

#endif
