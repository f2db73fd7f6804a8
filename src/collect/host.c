/* host.c - see host.h. */
#include "collect/host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/file.h"
#include "base/language.h"
#include "base/number.h"
#include "collect/cgroup.h"
#include "snapshot/release.h"

enum { FILE_CAP = 1 << 20 };

/* The first PID namespace has this inode since 3.8: PROC_PID_INIT_INO in linux/proc_ns.h. */
#define FIRST_PID_NAMESPACE UINT64_C(0xEFFFFFFC)

struct host {
	const struct ta_root *root;
	struct ta_builder *builder;
	json_t *object;
	struct ta_buf buf;
};

/* The content of a file below proc without its last newline, or NULL. */
static const char *read_line(struct host *host, const char *path)
{
	if (ta_root_read(host->root, path, &host->buf) != 0 || !host->buf.len)
		return NULL;
	if (host->buf.data[host->buf.len - 1] == '\n')
		host->buf.data[--host->buf.len] = '\0';
	return host->buf.data;
}

static void build_kernel(struct host *host, struct ta_kernel *ret)
{
	const char *release = read_line(host, "sys/kernel/osrelease");
	struct utsname names;

	if (!release && host->root->live && uname(&names) == 0)
		release = names.release;
	ret->known = release && ta_kernel_parse(release, &ret->major, &ret->minor);
	if (!ret->known) {
		ta_build_gap(host->builder, N_("the kernel's version"),
			     release ? N_("it is not in the form 6.1") : N_("it could not be read"),
			     "host.kernel", NULL);
		return;
	}
	strncpy(ret->release, release, sizeof(ret->release) - 1);
	ta_build_value(host->builder, host->object, "kernel", ta_kernel_json(release));
}

static void build_name(struct host *host)
{
	const char *name = read_line(host, "sys/kernel/hostname");
	struct utsname names;

	if (!name && host->root->live && uname(&names) == 0)
		name = names.nodename;
	if (name)
		ta_build_text(host->builder, host->object, "name", name);
}

/* Lines "cpuN ..." of /proc/stat: the processors online of a host that is not this one. */
static long count_cpus(struct host *host)
{
	long count = 0;

	if (host->root->live)
		return sysconf(_SC_NPROCESSORS_ONLN);
	if (ta_root_read(host->root, "stat", &host->buf) != 0)
		return 0;
	for (const char *at = ta_buf_cstr(&host->buf); (at = strstr(at, "\ncpu")); at += 4)
		count += at[4] >= '0' && at[4] <= '9';
	return count;
}

static bool meminfo_bytes(struct host *host, uint64_t *ret)
{
	return ta_root_read(host->root, "meminfo", &host->buf) == 0 &&
	       ta_number_after(ta_buf_cstr(&host->buf), host->buf.len, "MemTotal:", 0, 10, ret) &&
	       !__builtin_mul_overflow(*ret, 1024, ret); /* "kB" means KiB there */
}

static bool uptime(struct host *host, double *ret)
{
	const char *text = read_line(host, "uptime");
	char *end;

	if (!text || *text < '0' || *text > '9')
		return false;
	*ret = strtod(text, &end); /* the program runs in the C locale */
	return end != text;
}

static void build_machine(struct host *host)
{
	long cpus = count_cpus(host);
	const char *boot_id;
	uint64_t bytes;
	double seconds;

	if (cpus > 0)
		ta_build_int(host->builder, host->object, "cpus", cpus);
	if (host->root->live)
		ta_build_int(host->builder, host->object, "page_bytes", sysconf(_SC_PAGESIZE));
	if (meminfo_bytes(host, &bytes))
		ta_build_uint(host->builder, host->object, "memory_bytes", bytes);
	else
		ta_build_gap(host->builder, N_("memory of the host"),
			     N_("can't read /proc/meminfo"), "host.memory_bytes", NULL);
	if (uptime(host, &seconds))
		ta_build_real(host->builder, host->object, "uptime_s", seconds);
	boot_id = read_line(host, "sys/kernel/random/boot_id");
	if (boot_id)
		ta_build_text(host->builder, host->object, "boot_id", boot_id);
}

/* ---- where it runs ---- */

struct place {
	const char *runtime; /* NULL: not known */
	char engine[32];
};

static void set_place(struct place *place, const char *runtime, const char *engine, size_t len)
{
	place->runtime = runtime;
	if (len >= sizeof(place->engine))
		len = sizeof(place->engine) - 1;
	if (len)
		memcpy(place->engine, engine, len);
	place->engine[len] = '\0';
}

static bool cgroup_says(struct host *host, struct place *place)
{
	struct ta_cgroup cgroup;

	if (ta_root_read(host->root, "self/cgroup", &host->buf) != 0)
		return false;
	ta_cgroup_parse(ta_buf_cstr(&host->buf), host->buf.len, &cgroup);
	if (!cgroup.engine)
		return false;
	set_place(place, cgroup.pod_uid[0] ? "pod" : "container", cgroup.engine,
		  strlen(cgroup.engine));
	return true;
}

/* /run/systemd/container holds the value of the variable container that the manager of a container
 * sets (https://systemd.io/CONTAINER_INTERFACE); /run/.containerenv is Podman's, /.dockerenv
 * Docker's. */
static bool files_say(struct host *host, struct place *place)
{
	static const char path[] = "run/systemd/container";
	struct ta_error ignored = TA_ERROR_INIT;

	if (ta_root_exists(host->root, path) &&
	    ta_file_read(host->root->fd, path, &host->buf, &ignored) && host->buf.len)
		set_place(place, "container", host->buf.data, strcspn(host->buf.data, "\n"));
	else if (ta_root_exists(host->root, "run/.containerenv"))
		set_place(place, "container", "podman", 6);
	else if (ta_root_exists(host->root, ".dockerenv"))
		set_place(place, "container", "docker", 6);
	return place->runtime;
}

/* A flag that every hypervisor sets for its x86 guests, or what firmware and hypervisors tell. */
static bool is_virtual_machine(struct host *host)
{
	static const char *const vendors[] = { "QEMU",       "VMware",    "innotek", "Xen",
					       "Amazon EC2", "Parallels", "BHYVE",   "OpenStack" };
	struct ta_error ignored = TA_ERROR_INIT;

	if (ta_root_exists(host->root, "sys/hypervisor/type") ||
	    ta_root_exists(host->root, "proc/device-tree/hypervisor"))
		return true;
	if (ta_root_read(host->root, "cpuinfo", &host->buf) == 0 &&
	    strstr(ta_buf_cstr(&host->buf), " hypervisor"))
		return true;
	if (!ta_root_exists(host->root, "sys/class/dmi/id/sys_vendor") ||
	    !ta_file_read(host->root->fd, "sys/class/dmi/id/sys_vendor", &host->buf, &ignored))
		return false;
	for (size_t i = 0; i < TA_ARRAY_SIZE(vendors); i++)
		if (strstr(ta_buf_cstr(&host->buf), vendors[i]))
			return true;
	return false;
}

/* The control group says it best. Otherwise a process of the first PID namespace is in no
 * container, whatever files an image left behind; one of another namespace is in some. */
static void find_place(struct host *host, struct place *place)
{
	uint64_t pid_namespace = 0;
	bool pid_known = ta_root_link_number(host->root, "self/ns/pid", &pid_namespace);
	bool first = pid_known && pid_namespace == FIRST_PID_NAMESPACE;

	if (!cgroup_says(host, place) && !first && !files_say(host, place) && pid_known)
		set_place(place, "container", NULL, 0);
	if (place->runtime) {
		if (host->root->live && getenv("KUBERNETES_SERVICE_HOST"))
			place->runtime = "pod";
		return;
	}
	if (is_virtual_machine(host))
		place->runtime = "vm";
	else if (first)
		place->runtime = "host";
}

static void build_place(struct host *host)
{
	struct place place = { .runtime = NULL };

	find_place(host, &place);
	if (!place.runtime) {
		ta_build_gap(host->builder, N_("whether this is a host, a guest or a container"),
			     N_("/proc does not tell"), "host.runtime", NULL);
		return;
	}
	ta_build_text(host->builder, host->object, "runtime", place.runtime);
	if (place.engine[0])
		ta_build_text(host->builder, host->object, "container_engine", place.engine);
}

void ta_host_build(const struct ta_root *root, struct ta_builder *builder, json_t *object,
		   struct ta_kernel *ret_kernel)
{
	struct host host = { root, builder, object, TA_BUF_INIT(FILE_CAP) };

	*ret_kernel = (struct ta_kernel){ .known = false };
	build_name(&host);
	build_kernel(&host, ret_kernel);
	build_machine(&host);
	build_place(&host);
	ta_buf_done(&host.buf);
}

/* ---- the network namespace ---- */

/* tcp_mem is shown in the first namespace only: sure since 4.15, when it became the last of its
 * kind to be moved (net/ipv4/sysctl_net_ipv4.c; seen on 6.18). */
bool ta_netns_is_first(const struct ta_root *root, const struct ta_kernel *kernel)
{
	return kernel->known && kernel->major * 100 + kernel->minor >= 415 &&
	       ta_root_exists(root, "proc/sys/net/ipv4/tcp_mem");
}
