/* wire.h - what the programs in owners.bpf.c write and owners.c reads: a stream of records, each
 * of the length that its kind has. Included by both; every member stands where the C compiler of
 * either target puts it. */
#ifndef COLLECT_BPF_WIRE_H
#define COLLECT_BPF_WIRE_H

#include <linux/types.h>

/* The first word of every record. */
enum ta_wire_kind {
	TA_WIRE_PROCESS = 1, /* of the first program: one a process, kernel threads too */
	TA_WIRE_FILES,       /* of the second: behind the sockets of a process, its descriptors */
	TA_WIRE_SOCKET,      /* a TCP or MPTCP socket behind a descriptor */
};

enum ta_wire_state {
	TA_WIRE_RUNS,
	TA_WIRE_ENDED,  /* a zombie: no descriptors any more, but a task of its user */
	TA_WIRE_KERNEL, /* a thread of the kernel; only kind and pid count */
};

struct ta_wire_process {
	__u32 kind, pid;
	__u32 uid, real_uid; /* effective, real */
	__u32 threads;
	__u32 state;
	__u64 nofile_soft, nofile_hard, nproc_soft; /* ~0: unlimited */
	__u64 capabilities;                         /* effective */
	__u64 start_ns;                             /* since boot */
	char name[16];                              /* TASK_COMM_LEN */
};

struct ta_wire_files {
	__u32 kind, pid;
	__u32 fds, socket_fds;
};

enum {
	TA_WIRE_SOLE = 1 << 0,      /* this descriptor is the only way to it */
	TA_WIRE_OF_THREAD = 1 << 1, /* in a table that a thread has for itself */
};

struct ta_wire_socket {
	__u32 kind, pid;
	__u32 netns, inode;
	__u32 rqueue, wqueue;          /* as sock_diag has them; 0 of MPTCP */
	__u16 local_port, remote_port; /* host order */
	__u8 family, state, flags, zero;
	__u8 local[16], remote[16]; /* IPv4: v4-mapped */
};

#endif
