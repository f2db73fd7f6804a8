/* libbpf.h - libbpf, loaded when the first BPF program is: most audits do without. Built against
 * its own headers, so that each call keeps its type. */
#ifndef COLLECT_BPF_LIBBPF_H
#define COLLECT_BPF_LIBBPF_H

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "tcpadvise/error.h"

#define TA_LIBBPF_FUNCTIONS(X)                                                                     \
	X(bpf_iter_create)                                                                         \
	X(bpf_link__destroy)                                                                       \
	X(bpf_link__fd)                                                                            \
	X(bpf_object__close)                                                                       \
	X(bpf_object__find_program_by_name)                                                        \
	X(bpf_object__load)                                                                        \
	X(bpf_object__open_mem)                                                                    \
	X(bpf_program__attach_iter)                                                                \
	X(libbpf_set_print)

struct ta_libbpf {
#define TA_LIBBPF_MEMBER(name) __typeof__(&(name)) name;
	TA_LIBBPF_FUNCTIONS(TA_LIBBPF_MEMBER)
#undef TA_LIBBPF_MEMBER
};

/* The functions of libbpf 1.0 or later, silent; NULL, and why, when it is not there. */
const struct ta_libbpf *ta_libbpf_get(struct ta_error *err);

#endif
