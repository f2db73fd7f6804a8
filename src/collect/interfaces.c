/* interfaces.c - see interfaces.h. */
#include "collect/interfaces.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/array.h"
#include "base/file.h"
#include "base/language.h"
#include "base/number.h"

enum {
	FILE_CAP = 4 << 20,
	ROWS_READ = 8192, /* a bound; hosts with more are not known */
	ROWS_SHOWN = 256,
};

/* ---- /proc/net/dev ---- */

static bool is_header(const char *line, size_t len)
{
	return memchr(line, '|', len) != NULL && !memchr(line, ':', len);
}

int ta_interfaces_parse(const char *text, size_t len, struct ta_interfaces *ret)
{
	size_t size = 0, line_len;
	const char *line;

	*ret = (struct ta_interfaces){ .rows = NULL };
	while (ta_next_line(&text, &len, &line, &line_len)) {
		if (is_header(line, line_len))
			continue;
		if (ret->count == ROWS_READ) {
			ret->left_out++;
			continue;
		}
		if (!ta_array_room(&ret->rows, ret->count, &size, sizeof(*ret->rows)))
			return ENOMEM;
		if (ta_interface_parse(line, line_len, &ret->rows[ret->count]))
			ret->count++;
		else
			ret->odd++;
	}
	return 0;
}

int ta_interfaces_read(const struct ta_root *root, struct ta_interfaces *ret)
{
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(FILE_CAP);
	int failed = ta_root_read(root, "net/dev", &buf);

	*ret = (struct ta_interfaces){ .rows = NULL };
	if (!failed)
		failed = ta_interfaces_parse(ta_buf_cstr(&buf), buf.len, ret);
	ret->qdiscs_failed = root->live ? ta_qdiscs_read(&ret->qdiscs) : ENOTSUP;
	return failed;
}

void ta_interfaces_done(struct ta_interfaces *interfaces)
{
	free(interfaces->rows);
	ta_qdiscs_done(&interfaces->qdiscs);
	*interfaces = (struct ta_interfaces){ .rows = NULL };
}

/* ---- what the live kernel tells ---- */

struct link {
	int fd;
	bool lowered;
	struct __user_cap_data_struct rights[_LINUX_CAPABILITY_U32S_3]; /* to be had again */
};

static bool set_rights(const struct __user_cap_data_struct *rights)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };

	return syscall(SYS_capset, &header, rights) == 0;
}

/* Of a name that is no interface any more the kernel would load a module for one who may do so
 * (dev_load() in net/core/dev_ioctl.c). So the rights to that are put down while it is asked; they
 * are those of this thread alone. Returns 0 or an errno. */
static int link_open(struct link *link)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct less[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, link->rights) != 0)
		return errno;
	memcpy(less, link->rights, sizeof(less));
	less[0].effective &= ~((1U << CAP_NET_ADMIN) | (1U << CAP_SYS_MODULE));
	link->lowered = set_rights(less);
	if (!link->lowered)
		return errno;
	link->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (link->fd < 0 && errno == EAFNOSUPPORT)
		link->fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return link->fd < 0 ? errno : 0;
}

static void link_close(struct link *link)
{
	ta_close_p(&link->fd);
	if (link->lowered)
		set_rights(link->rights); /* they are permitted, so it can't be refused */
}

/* One that vanished meanwhile has neither. Its number, or 0. */
static uint32_t build_link(const struct link *link, const struct ta_interface *row,
			   struct ta_builder *builder, json_t *object)
{
	struct ifreq request = { .ifr_mtu = 0 };

	static_assert(sizeof(row->name) == IFNAMSIZ, "a name of the kernel's size");

	memcpy(request.ifr_name, row->name, sizeof(request.ifr_name));
	if (ioctl(link->fd, SIOCGIFMTU, &request) == 0)
		ta_build_int(builder, object, "mtu", request.ifr_mtu);
	if (ioctl(link->fd, SIOCGIFFLAGS, &request) == 0)
		ta_build_bool(builder, object, "up", request.ifr_flags & IFF_UP);
	return ioctl(link->fd, SIOCGIFINDEX, &request) == 0 ? (uint32_t)request.ifr_ifindex : 0;
}

/* ---- counters ---- */

/* With how fast it grows; before is NULL when that is not known. */
static void build_counter(const char *name, uint64_t now, const uint64_t *before, double window_s,
			  struct ta_builder *builder, json_t *object)
{
	const char *rate = ta_interface_rate(name);

	ta_build_uint(builder, object, name, now);
	if (before && rate && now >= *before)
		ta_build_real(builder, object, rate, (double)(now - *before) / window_s);
}

/* ---- queueing disciplines ---- */

static void build_figures(const struct ta_qdisc *qdisc, const struct ta_qdisc *before,
			  double window_s, struct ta_builder *builder, json_t *object)
{
	bool same = before && before->counted && strcmp(before->kind, qdisc->kind) == 0;

	for (size_t i = 0; i < TA_QDISC_FIGURES; i++)
		build_counter(ta_qdisc_figures[i], qdisc->figures[i],
			      same ? &before->figures[i] : NULL, window_s, builder, object);
}

/* One that the kernel does not list is none: the interface is down, or sends at once. */
static void build_qdisc(const struct ta_interfaces *now, const struct ta_interfaces *before,
			uint32_t ifindex, double window_s, struct ta_builder *builder,
			json_t *object)
{
	const struct ta_qdisc *qdisc = ta_qdiscs_find(&now->qdiscs, ifindex);

	if (now->qdiscs_failed || !ifindex)
		return;
	ta_build_text(builder, object, "qdisc", qdisc ? qdisc->kind : "none");
	if (qdisc && qdisc->counted)
		build_figures(qdisc, window_s > 0 ? ta_qdiscs_find(&before->qdiscs, ifindex) : NULL,
			      window_s, builder, object);
}

/* ---- rows ---- */

/* Both samples have nearly the same order, so that the row is mostly found at once. */
static const struct ta_interface *find(const struct ta_interfaces *before, const char *name,
				       size_t *hint)
{
	for (size_t i = 0; i < before->count; i++) {
		size_t at = (*hint + i) % before->count;

		if (memcmp(before->rows[at].name, name, TA_INTERFACE_NAME) != 0)
			continue;
		*hint = at + 1;
		return &before->rows[at];
	}
	return NULL;
}

static void build_counters(const struct ta_interface *row, const struct ta_interface *before,
			   double window_s, struct ta_builder *builder, json_t *object)
{
	ta_build_text(builder, object, "name", row->name);
	for (size_t i = 0; i < TA_INTERFACE_COUNTERS; i++)
		build_counter(ta_interface_counters[i], row->counters[i],
			      before ? &before->counters[i] : NULL, window_s, builder, object);
}

static double troubles(const struct ta_interface *row)
{
	return (double)row->counters[TA_RX_ERRORS] + (double)row->counters[TA_RX_DROPPED] +
	       (double)row->counters[TA_TX_ERRORS] + (double)row->counters[TA_TX_DROPPED];
}

/* Those with most errors and drops first; among equals the busier one. */
static int by_worth(const void *a, const void *b)
{
	const struct ta_interface *x = a, *y = b;
	double worth_x = troubles(x), worth_y = troubles(y);

	if (worth_x == worth_y) {
		worth_x = (double)x->counters[TA_RX_PACKETS];
		worth_y = (double)y->counters[TA_RX_PACKETS];
	}
	if (worth_x != worth_y)
		return worth_x < worth_y ? 1 : -1;
	return memcmp(x->name, y->name, sizeof(x->name));
}

static void build_gaps(const struct ta_interfaces *interfaces, struct ta_builder *builder)
{
	size_t all = interfaces->count + interfaces->left_out;
	char what[96];

	if (interfaces->odd || !interfaces->count) /* each namespace has its loopback */
		ta_build_gap(builder, N_("interfaces of /proc/net/dev"),
			     N_("some lines are not in the form that the kernel prints"),
			     "namespaces[].interfaces", NULL);
	if (all <= ROWS_SHOWN)
		return;
	snprintf(what, sizeof(what), "%zu of %zu interfaces", all - ROWS_SHOWN, all);
	ta_build_gap(builder, what, N_("those with most errors and drops are listed, no more"),
		     "namespaces[].interfaces", NULL);
}

static void build_qdisc_gap(int failed, bool live, struct ta_builder *builder)
{
	if (failed)
		ta_build_gap(builder, N_("queueing disciplines of interfaces"),
			     live ? strerror(failed) : N_("only the live host tells them"),
			     "namespaces[].interfaces[].qdisc",
			     "namespaces[].interfaces[].qdisc_packets",
			     "namespaces[].interfaces[].qdisc_dropped",
			     "namespaces[].interfaces[].qdisc_dropped_per_s",
			     "namespaces[].interfaces[].qdisc_backlog_packets",
			     "namespaces[].interfaces[].qdisc_backlog_bytes", NULL);
}

static void build_rows(const struct ta_root *root, struct ta_interfaces *now,
		       const struct ta_interfaces *before, double window_s,
		       struct ta_builder *builder, json_t *array)
{
	struct link link = { .fd = -1 };
	int failed = root->live ? link_open(&link) : 0;
	size_t shown = now->count < ROWS_SHOWN ? now->count : ROWS_SHOWN, hint = 0;

	if (shown < now->count)
		qsort(now->rows, now->count, sizeof(*now->rows), by_worth);
	for (size_t i = 0; i < shown; i++) {
		json_t *object = ta_build_row(builder, array);
		const struct ta_interface *old = NULL;

		if (window_s > 0)
			old = find(before, now->rows[i].name, &hint);
		build_counters(&now->rows[i], old, window_s, builder, object);
		if (link.fd >= 0)
			build_qdisc(now, before, build_link(&link, &now->rows[i], builder, object),
				    window_s, builder, object);
	}
	link_close(&link);
	if (!root->live || failed)
		ta_build_gap(builder, N_("MTU and state of interfaces"),
			     failed ? strerror(failed) : N_("only the live host tells them"),
			     "namespaces[].interfaces[].mtu", "namespaces[].interfaces[].up", NULL);
	build_qdisc_gap(failed ? failed : now->qdiscs_failed, root->live, builder);
}

void ta_interfaces_build(const struct ta_root *root, const struct ta_interfaces *before,
			 double window_s, struct ta_builder *builder, json_t *namespace_)
{
	struct ta_interfaces now;
	int failed = ta_interfaces_read(root, &now);

	if (failed) {
		ta_build_gap(builder, N_("interfaces of /proc/net/dev"), strerror(failed),
			     "namespaces[].interfaces", NULL);
	} else {
		build_gaps(&now, builder);
	}
	if (now.count)
		build_rows(root, &now, before, window_s, builder,
			   ta_build_array(builder, namespace_, "interfaces"));
	ta_interfaces_done(&now);
}
