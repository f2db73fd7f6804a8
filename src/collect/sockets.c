/* sockets.c - see sockets.h.
 *
 * A reading is three dumps: listeners first, for they decide the direction of all others, then the
 * connections, then what is merely bound. Each takes both families in one walk of the kernel's
 * tables, a fifth less work than one walk a family; a kernel that refuses that is asked for each.
 * When the kernel says that a dump was interrupted, the whole reading begins again: a socket may
 * have been counted twice or not at all, and nobody knows which. */
#include "collect/sockets.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/language.h"
#include "collect/counters.h"
#include "collect/diag_module.h"
#include "collect/proc_tcp.h"
#include "collect/sock_diag.h"

enum { RESTARTS_MAX = 3, PROGRESS_ROWS = 20000, SOCKSTAT_CAP = 4096 };

/* To find the merely bound sockets the kernel walks the lists of all that hold a port, each list
 * under its lock, with softirqs off: with a million accepted connections on one port that takes 0.1
 * s in which that port accepts nothing (measured on 6.18: 0.25 us a socket, for each family). Above
 * so many sockets we leave it alone. */
enum { BOUND_WALK_MAX = 10000 };

static const uint8_t each_family[] = { AF_INET, AF_INET6 };
static const uint8_t both_families[] = { AF_UNSPEC };

#define STATE_BIT(state) (UINT32_C(1) << (state))

/* Bit 12 is the kernel's own; it adds that to bit 3 itself. */
#define CONNECTION_STATES                                                                          \
	((STATE_BIT(TA_TCP_CLOSING + 1) - 1) & ~UINT32_C(1) & ~STATE_BIT(TA_TCP_LISTEN))

static void choose_proc(struct ta_sockets *sockets, const char *reason)
{
	sockets->use_proc = true;
	snprintf(sockets->reason, sizeof(sockets->reason), "%s", reason);
}

void ta_sockets_open(struct ta_sockets *sockets, const struct ta_root *root,
		     const struct ta_kernel *kernel, const struct ta_collect_options *options,
		     const struct ta_netlink_bytes *bytes)
{
	struct ta_error failed = TA_ERROR_INIT;

	*sockets = (struct ta_sockets){
		.options = options, .root = root, .bytes = bytes, .kernel = *kernel
	};
	if (options->force_proc)
		choose_proc(sockets, "asked for");
	else if (bytes && !ta_netlink_open_bytes(&sockets->netlink, bytes, &failed))
		choose_proc(sockets, failed.text);
	else if (bytes)
		return;
	else if (!root->live)
		choose_proc(sockets, "a recorded host has no netlink");
	else if (!options->allow_module_load && !ta_diag_module_is_settled(root, kernel->release))
		choose_proc(sockets, "asking sock_diag would make the kernel load the module "
				     "tcp_diag");
	else if (!ta_netlink_open(&sockets->netlink, NETLINK_SOCK_DIAG, &failed))
		choose_proc(sockets, failed.text);
}

void ta_sockets_done(struct ta_sockets *sockets)
{
	ta_netlink_done(&sockets->netlink);
}

/* ---- sock_diag ---- */

struct dump {
	struct ta_sockets *sockets;
	struct ta_fold *fold;
	bool bound;
};

static void report_progress(const struct dump *dump)
{
	const struct ta_collect_options *options = dump->sockets->options;
	char text[64];

	if (!options->progress || dump->fold->rows % PROGRESS_ROWS)
		return;
	snprintf(text, sizeof(text), "reading sockets: %llu", (unsigned long long)dump->fold->rows);
	options->progress(options->progress_ctx, text);
}

static bool sink_answer(void *ctx, const void *payload, size_t len)
{
	struct dump *dump = ctx;
	struct ta_socket socket;

	if (!ta_sock_diag_decode(payload, len, &socket)) {
		dump->sockets->malformed++;
		return true;
	}
	if (dump->bound) {
		socket.state = TA_TCP_BOUND_INACTIVE; /* the wire says CLOSE */
		dump->sockets->bound = TA_BOUND_KNOWN;
	}
	if (!ta_fold_socket(dump->fold, &socket))
		return false;
	report_progress(dump);
	return true;
}

/* One kind of socket of both families. */
static bool dump_states(struct dump *dump, uint32_t states, bool drops, bool *ret_interrupted,
			struct ta_error *err)
{
	struct ta_netlink *netlink = &dump->sockets->netlink;
	bool by_family = dump->sockets->by_family;
	const uint8_t *families = by_family ? each_family : both_families;
	size_t count = by_family ? TA_ARRAY_SIZE(each_family) : TA_ARRAY_SIZE(both_families);

	for (size_t i = 0; i < count; i++) {
		_Alignas(8) char request[TA_SOCK_DIAG_REQUEST_MAX];
		size_t len =
			ta_sock_diag_request(request, netlink->seq, families[i], states, drops);
		bool interrupted;

		if (!ta_netlink_dump(netlink, request, len, sink_answer, dump, &interrupted, err))
			return false;
		*ret_interrupted |= interrupted;
	}
	return true;
}

/* Merely bound sockets are shown since 6.8. An older kernel ignores the bit and answers nothing, so
 * an answer proves more than the version, and without one the version decides. */
static bool dump_bound(struct dump *dump, bool *ret_interrupted, struct ta_error *err)
{
	const struct ta_kernel *kernel = &dump->sockets->kernel;

	if (dump->fold->rows > BOUND_WALK_MAX) {
		dump->sockets->bound = TA_BOUND_NOT_ASKED;
		return true;
	}
	if (kernel->known && kernel->major * 100 + kernel->minor >= 608)
		dump->sockets->bound = TA_BOUND_KNOWN;
	dump->bound = true;
	return dump_states(dump, STATE_BIT(TA_TCP_BOUND_INACTIVE), false, ret_interrupted, err);
}

/* The kernel looks for the sockets of a namespace among those of all: it walks the whole of its
 * tables, which takes 2 ms on a host with much memory, and there may be a thousand namespaces. What
 * it has counted costs nothing. Half-open requests are in no count, but need a listener. "used" is
 * that of the namespace since 4.16, and ours is the one there. */
static bool is_empty(const struct ta_sockets *sockets)
{
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(SOCKSTAT_CAP);
	int64_t used, inuse, inuse6 = 0, tw;
	int failed = ta_root_read(sockets->root, "net/sockstat", &buf);

	if (failed || !ta_sockstat_number(&buf, "sockets", "used", &used) ||
	    !ta_sockstat_number(&buf, "TCP", "inuse", &inuse) ||
	    !ta_sockstat_number(&buf, "TCP", "tw", &tw))
		return false;
	failed = ta_root_read(sockets->root, "net/sockstat6", &buf);
	if (failed != ENOENT && (failed || !ta_sockstat_number(&buf, "TCP6", "inuse", &inuse6)))
		return false;
	return used <= 1 && !inuse && !inuse6 && !tw;
}

/* What is merely bound does not count in a first sample. */
static bool dump_all(struct ta_sockets *sockets, struct ta_fold *fold, bool *ret_interrupted,
		     struct ta_error *err)
{
	struct dump dump = { sockets, fold, false };

	*ret_interrupted = false;
	sockets->malformed = 0;
	if (!dump_states(&dump, STATE_BIT(TA_TCP_LISTEN), true, ret_interrupted, err))
		return false;
	if (sockets->netlink.socket && !fold->rows && is_empty(sockets)) {
		sockets->bound = TA_BOUND_KNOWN;
		return true;
	}
	return dump_states(&dump, CONNECTION_STATES, false, ret_interrupted, err) &&
	       (fold->first || dump_bound(&dump, ret_interrupted, err));
}

/* Whether the kernel does not know the request, rather than not let us make it. */
static bool is_unknown_request(const struct ta_error *failed)
{
	return failed->sys == EINVAL || failed->sys == ENOENT || failed->sys == EOPNOTSUPP;
}

static bool read_diag(struct ta_sockets *sockets, struct ta_fold *fold, struct ta_error *err)
{
	for (int attempt = 0;; attempt++) {
		struct ta_error failed = TA_ERROR_INIT;

		if (!dump_all(sockets, fold, &sockets->interrupted, &failed)) {
			if (sockets->by_family || !is_unknown_request(&failed)) {
				*err = failed;
				return false;
			}
			sockets->by_family = true;
			ta_fold_reset(fold);
			continue;
		}
		if (!sockets->interrupted || attempt == RESTARTS_MAX)
			return true;
		sockets->restarts++;
		ta_fold_reset(fold);
	}
}

/* ---- /proc/net/tcp ---- */

struct proc_reading {
	struct ta_fold *fold;
	bool listeners, to_the_end;
	bool failed;
};

static bool sink_line(void *ctx, const struct ta_socket *socket)
{
	struct proc_reading *reading = ctx;
	bool listens = socket->state == TA_TCP_LISTEN;

	if (listens == reading->listeners) {
		reading->failed = !ta_fold_socket(reading->fold, socket);
		return !reading->failed;
	}
	/* The kernel prints listeners first, up to 4.3 with their half-open requests. A recorded
	 * file may be sorted in any way. */
	return !reading->listeners || listens || reading->to_the_end ||
	       socket->state == TA_TCP_SYN_RECV;
}

static bool read_proc_files(struct ta_sockets *sockets, struct ta_fold *fold, bool listeners,
			    struct ta_error *err)
{
	struct proc_reading reading = { fold, listeners, !sockets->root->live, false };
	struct ta_proc_tcp_stats stats = { 0 };

	sockets->failed_v4 =
		ta_proc_tcp_read(sockets->root, "net/tcp", sink_line, &reading, &stats);
	sockets->failed_v6 =
		ta_proc_tcp_read(sockets->root, "net/tcp6", sink_line, &reading, &stats);
	sockets->malformed = stats.malformed;
	return reading.failed ? ta_fail(err, TA_E_NOMEM, "out of memory") : true;
}

/* Listeners first, as a fold wants them. */
static bool read_proc(struct ta_sockets *sockets, struct ta_fold *fold, struct ta_error *err)
{
	return read_proc_files(sockets, fold, true, err) &&
	       read_proc_files(sockets, fold, false, err);
}

/* ---- both ---- */

bool ta_sockets_fold(struct ta_sockets *sockets, struct ta_fold *fold, struct ta_error *err)
{
	struct ta_error failed = TA_ERROR_INIT;

	if (!sockets->use_proc) {
		if (read_diag(sockets, fold, &failed))
			return true;
		if (failed.code == TA_E_NOMEM)
			return ta_fail(err, failed.code, "%s", failed.text);
		choose_proc(sockets, failed.text);
		sockets->malformed = 0;
		sockets->interrupted = false;
		sockets->bound = TA_BOUND_NOT_TOLD;
		ta_fold_reset(fold);
	}
	return read_proc(sockets, fold, err);
}

/* ---- ages ---- */

static bool sink_silence(void *ctx, const void *payload, size_t len)
{
	struct ta_waiting *waiting = ctx;

	waiting->known = ta_sock_diag_decode_silence(payload, len, &waiting->silence_ms);
	return true;
}

/* One that was closed meanwhile is not found (ENOENT). */
void ta_sockets_ask_silence(struct ta_sockets *sockets, struct ta_fold *fold)
{
	struct ta_netlink *netlink = &sockets->netlink;
	const void *key;
	void *value;

	for (size_t i = 0; !sockets->use_proc && ta_map_next(&fold->waiting, &i, &key, &value);) {
		_Alignas(8) char request[TA_SOCK_DIAG_REQUEST_MAX];
		struct ta_error ignored = TA_ERROR_INIT;
		struct ta_waiting *waiting = value;
		size_t len = ta_sock_diag_request_info(request, netlink->seq, &waiting->socket);
		int refused;

		if (!ta_netlink_ask(netlink, request, len, sink_silence, waiting, &refused,
				    &ignored))
			return;
	}
}

/* A kernel without IPv6 has no tcp6; without tcp there is no telling. */
bool ta_sockets_known(const struct ta_sockets *sockets)
{
	return !sockets->use_proc ||
	       (!sockets->failed_v4 && (!sockets->failed_v6 || sockets->failed_v6 == ENOENT));
}

static void build_unknown_gap(const struct ta_sockets *sockets, struct ta_builder *builder)
{
	char why[256];

	snprintf(why, sizeof(why), "/proc/net/tcp: %s; /proc/net/tcp6: %s",
		 sockets->failed_v4 ? strerror(sockets->failed_v4) : "read",
		 sockets->failed_v6 ? strerror(sockets->failed_v6) : "read");
	ta_build_gap(
		builder, N_("TCP sockets"), why, "namespaces[].sockets", "namespaces[].close_wait",
		"namespaces[].listeners", "namespaces[].destinations", "namespaces[].ports.blocked",
		"processes[].tcp_sockets", "processes[].states", "processes[].close_wait", NULL);
}

static void build_bound_gap(const struct ta_sockets *sockets, struct ta_builder *builder)
{
	const char *why = N_("the kernel shows them since 6.8");

	if (sockets->bound == TA_BOUND_KNOWN)
		return;
	if (sockets->use_proc)
		why = N_("/proc/net/tcp does not show them");
	else if (sockets->bound == TA_BOUND_NOT_ASKED)
		why = N_("with so many sockets the kernel would hold a lock too long to find them");
	ta_build_gap(builder, N_("sockets that are bound and nothing else"), why,
		     "namespaces[].sockets.bound_inactive", NULL);
}

void ta_sockets_build_gaps(const struct ta_sockets *sockets, struct ta_builder *builder)
{
	char what[96];

	if (!ta_sockets_known(sockets)) {
		build_unknown_gap(sockets, builder);
		return;
	}
	if (sockets->use_proc)
		ta_build_gap(builder, N_("backlog and drops of listeners, age of CLOSE_WAIT"),
			     N_("/proc/net/tcp does not show them, only sock_diag does"),
			     "namespaces[].listeners[].backlog", "namespaces[].listeners[].drops",
			     "namespaces[].listeners[].drops_per_s",
			     "namespaces[].close_wait.oldest_s", "namespaces[].close_wait.median_s",
			     "processes[].close_wait.oldest_s", NULL);
	build_bound_gap(sockets, builder);
	if (sockets->interrupted) {
		snprintf(what, sizeof(what), "a still picture of the sockets in %u dumps",
			 sockets->restarts + 1);
		ta_build_gap(builder, what,
			     N_("the kernel's tables changed meanwhile: some may be missing or "
				"counted twice"),
			     "namespaces[].sockets", NULL);
	}
	if (sockets->malformed) {
		snprintf(what, sizeof(what), "%zu socket rows", sockets->malformed);
		ta_build_gap(builder, what, N_("they were cut short or make no sense"),
			     "namespaces[].sockets", NULL);
	}
}
