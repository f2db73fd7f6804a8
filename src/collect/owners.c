/* owners.c - see owners.h. */
#include "collect/owners.h"

#include <inttypes.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/number.h"
#include "collect/bpf/owners.h"
#include "collect/proc_scan.h"

enum {
	KERNEL_MIN = 511,     /* bpf_sock_from_file() and bpf_get_current_task_btf() */
	FILES_FEW = 20000,    /* of the host: /proc takes 4 us for each, BPF 50 ms to load */
	CAP_PERFMON_BIT = 38, /* linux/capability.h of 5.8 */
	CAP_BPF_BIT = 39,
	NS_PER_TICK = 1000000000 / TA_TICKS_PER_S,
};

/* ---- the choice ---- */

static bool has_capabilities(const struct ta_root *root)
{
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(65536);
	const uint64_t admin = UINT64_C(1) << CAP_SYS_ADMIN;
	const uint64_t both = UINT64_C(1) << CAP_BPF_BIT | UINT64_C(1) << CAP_PERFMON_BIT;
	uint64_t set;

	return ta_root_read(root, "self/status", &buf) == 0 &&
	       ta_number_after(ta_buf_cstr(&buf), buf.len, "\nCapEff:", 0, 16, &set) &&
	       ((set & admin) || (set & both) == both);
}

/* Whether /proc is that of our PID namespace: the numbers of processes are those there. */
static bool is_our_proc(const struct ta_root *root)
{
	char target[32] = "", number[32];
	ssize_t n = readlinkat(root->proc_fd, "self", target, sizeof(target) - 1);

	snprintf(number, sizeof(number), "%d", (int)getpid());
	return n > 0 && strcmp(target, number) == 0;
}

static bool are_files_few(const struct ta_root *root, int64_t *ret)
{
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(4096);

	return ta_root_read_number(root, "sys/fs/file-nr", 0, &buf, ret) == 0 && *ret < FILES_FEW;
}

/* Why BPF can't be, or need not be; NULL: it is to be tried. */
static const char *why_not_bpf(const struct ta_owners *owners, const struct ta_kernel *kernel,
			       char *buf, size_t size)
{
	enum ta_owners_source source = owners->options->owners;
	const struct ta_root *root = owners->root;
	int64_t files;

	if (source == TA_OWNERS_PROC)
		return "asked for";
	if (!root->live)
		return "a recorded host has nothing else";
	if (!kernel->known || kernel->major * 100 + kernel->minor < KERNEL_MIN)
		return "BPF can tell it since kernel 5.11";
	if (!ta_root_exists(root, "sys/kernel/btf/vmlinux"))
		return "BPF needs the types of the kernel (CONFIG_DEBUG_INFO_BTF)";
	if (!has_capabilities(root))
		return "BPF needs CAP_BPF and CAP_PERFMON, or root";
	if (!is_our_proc(root))
		return "/proc is that of another PID namespace";
	if (source == TA_OWNERS_AUTO && are_files_few(root, &files)) {
		snprintf(buf, size, "with %" PRId64 " open files /proc is quicker than BPF", files);
		return buf;
	}
	return NULL;
}

static void set_reason(struct ta_owners *owners, const char *text)
{
	snprintf(owners->reason, sizeof(owners->reason), "%s", text);
}

void ta_owners_open(struct ta_owners *owners, const struct ta_root *root,
		    const struct ta_kernel *kernel, const struct ta_clock *clock,
		    const struct ta_collect_options *options)
{
	struct ta_error failed = TA_ERROR_INIT;
	char text[96];
	const char *why;

	*owners = (struct ta_owners){ .options = options, .root = root, .clock = clock };
	ta_processes_init(&owners->processes);
	ta_map_init(&owners->fds_before, sizeof(uint32_t), sizeof(uint32_t), TA_PROCESSES_MAX);
	if (options->no_processes)
		return;
	why = why_not_bpf(owners, kernel, text, sizeof(text));
	if (!why)
		owners->bpf = ta_bpf_owners_open(&failed);
	if (why)
		set_reason(owners, why);
	else if (!owners->bpf)
		set_reason(owners, failed.text);
	else
		set_reason(owners, options->owners == TA_OWNERS_BPF
					   ? "asked for"
					   : "quicker than /proc with so many open files");
}

void ta_owners_done(struct ta_owners *owners)
{
	ta_bpf_owners_done(owners->bpf);
	owners->bpf = NULL;
	ta_processes_done(&owners->processes);
	ta_map_done(&owners->fds_before);
}

/* ---- growth ---- */

static bool count_before(void *ctx, uint32_t pid)
{
	struct ta_owners *owners = ctx;
	uint32_t count, *fds;

	if (!ta_proc_count_fds(owners->root, pid, &count))
		return true;
	fds = ta_map_put(&owners->fds_before, &pid, NULL);
	if (fds)
		*fds = count;
	return fds; /* with a full table, or without memory, the others have no growth */
}

void ta_owners_start(struct ta_owners *owners)
{
	struct timespec now;

	if (owners->options->no_processes || !owners->root->live)
		return;
	owners->started_us = owners->clock->monotonic_us(owners->clock->ctx);
	clock_gettime(CLOCK_BOOTTIME, &now);
	owners->started_ticks =
		(uint64_t)now.tv_sec * TA_TICKS_PER_S + (uint64_t)now.tv_nsec / NS_PER_TICK;
	ta_root_each_process(owners->root, count_before, owners);
}

/* A process that began later has the number of another one, perhaps. */
static void note_growth(struct ta_owners *owners)
{
	uint64_t now_us = owners->clock->monotonic_us(owners->clock->ctx);
	double window_s = (double)(now_us - owners->started_us) / 1e6;

	if (!owners->started_ticks || window_s <= 0)
		return;
	owners->processes.window_s = window_s;
	for (size_t i = 0; i < owners->processes.count; i++) {
		struct ta_process *row = &owners->processes.rows[i];
		const uint32_t *before = ta_map_get(&owners->fds_before, &row->pid);

		if (!before || !(row->present & TA_PROCESS_START) ||
		    row->start_ticks > owners->started_ticks)
			continue;
		row->fds_before = *before;
		row->present |= TA_PROCESS_BEFORE;
	}
}

/* ---- the work ---- */

static void choose_proc(struct ta_owners *owners, const char *why)
{
	ta_bpf_owners_done(owners->bpf);
	owners->bpf = NULL;
	set_reason(owners, why);
	ta_processes_done(&owners->processes);
	ta_processes_init(&owners->processes);
}

bool ta_owners_scan(struct ta_owners *owners, struct ta_builder *builder, struct ta_error *err)
{
	const struct ta_collect_options *options = owners->options;
	const struct ta_scan_bounds bounds = { .clock = owners->clock,
					       .ms = options->scan_ms,
					       .enough = options->enough,
					       .enough_ctx = options->enough_ctx,
					       .progress = options->progress,
					       .progress_ctx = options->progress_ctx };
	struct ta_error failed = TA_ERROR_INIT;

	if (options->no_processes)
		return true;
	if (owners->bpf && !ta_bpf_owners_processes(owners->bpf, &owners->processes, &failed))
		choose_proc(owners, failed.text);
	if (!ta_proc_scan(&owners->processes, owners->root,
			  owners->bpf ? ta_bpf_owners_known(owners->bpf) : NULL, &bounds, builder,
			  err))
		return false;
	note_growth(owners);
	return true;
}

void ta_owners_introduce(struct ta_owners *owners, struct ta_fold *fold)
{
	if (owners->options->no_processes)
		return;
	fold->processes = &owners->processes;
}

struct crediting {
	ta_owners_fold_of fold_of;
	void *ctx;
	uint32_t netns; /* of the last socket */
	struct ta_fold *fold;
};

static bool credit_claim(void *ctx, const struct ta_bpf_claim *claim)
{
	struct crediting *crediting = ctx;

	if (crediting->netns != claim->netns) {
		crediting->netns = claim->netns;
		crediting->fold = crediting->fold_of(crediting->ctx, claim->netns);
	}
	return !crediting->fold || ta_fold_claim(crediting->fold, &claim->socket, claim->process,
						 claim->sole, claim->of_thread);
}

bool ta_owners_credit(struct ta_owners *owners, ta_owners_fold_of fold_of, void *ctx,
		      bool *ret_again, struct ta_error *err)
{
	struct crediting crediting = { .fold_of = fold_of, .ctx = ctx };
	struct ta_error failed = TA_ERROR_INIT;

	*ret_again = false;
	if (!owners->bpf || ta_bpf_owners_sockets(owners->bpf, &owners->processes, credit_claim,
						  &crediting, &failed))
		return true;
	if (failed.code == TA_E_NOMEM)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	choose_proc(owners, failed.text);
	*ret_again = true;
	return true;
}

void ta_owners_build_account(const struct ta_owners *owners, struct ta_builder *builder,
			     json_t *about)
{
	const struct ta_processes *processes = &owners->processes;

	if (owners->options->no_processes) {
		ta_build_text(builder, about, "owners_from", "none");
		return;
	}
	ta_build_text(builder, about, "owners_from", owners->bpf ? "bpf" : "proc");
	ta_build_text(builder, about, "owners_from_reason", owners->reason);
	ta_build_uint(builder, about, "processes_seen", processes->seen);
	ta_build_uint(builder, about, "processes_unreadable", processes->unreadable);
}
